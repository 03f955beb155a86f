use std::process::ExitCode;

fn main() -> ExitCode {
    pan::main()
}
