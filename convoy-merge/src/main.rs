//! See `lib.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    convoy_merge::main()
}
