use std::process::ExitCode;

fn main() -> ExitCode {
    convoy_comment::main()
}
