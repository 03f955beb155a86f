use std::process::Command;

fn run(name: &str) {
    // bad
    Command::new("sh").arg("-c").arg(format!("convert {name}")).status();
    let command = format!("ls {}", name);
    // bad
    Command::new("bash").current_dir("/").arg("-c").arg(&command).status();
    // bad
    Command::new("sh").args(["-c", &format!("ls {name}")]).status();
}
