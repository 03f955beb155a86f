use std::process::ExitCode;

fn main() -> ExitCode {
    convoy_notify::main()
}
