//! `convoy-lint`: the embedded reviewer. See `lib.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    base::program::end("convoy-lint", convoy_lint::run())
}
