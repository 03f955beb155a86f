use std::process::Command;

fn run(name: &str) {
    Command::new("convert").arg(name).status();
    Command::new("sh").arg("-c").arg("ls | wc -l").status();
    Command::new("grep").arg("-c").arg(format!("{name}x")).status();
}
