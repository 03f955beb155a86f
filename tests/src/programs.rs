//! Where the programs under test are.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

/// The directory of the programs: `CONVOY_BIN_DIR`, or the one of this build,
/// where they are built once if they are not there. (cargo builds the programs
/// of other packages for a test only when asked to.)
pub fn dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        if let Some(dir) = variable("CONVOY_BIN_DIR") {
            return PathBuf::from(dir);
        }
        let test = std::env::current_exe().expect("the path of this test");
        let dir = test.parent().and_then(Path::parent).expect("target/<profile>/deps").to_path_buf();
        let mut cargo = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--workspace", "--bins"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        if dir.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo").success(), "the programs do not build");
        dir
    })
}

/// The tests' own switches: `CONVOY_BIN_DIR`, `CONVOY_FULL`.
#[expect(clippy::disallowed_methods, reason = "switches of the tests, not of the programs")]
pub fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// Tells, once, what was left out and why, for who counts. Not through
/// `println!`, which passing tests swallow.
pub fn skipped(what: &str) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().expect("the list of what was told").insert(what.to_owned()) {
        let _ = writeln!(std::io::stderr(), "skipped: {what}");
    }
}

/// Are the long versions of the tests asked for?
pub fn full() -> bool {
    variable("CONVOY_FULL").is_some()
}

/// Does a sandbox work on this machine? What is left out is told.
pub fn sandbox_works() -> bool {
    let mut command = Command::new("bwrap");
    command.args(["--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "/bin/true"]);
    let works = command.output().is_ok_and(|out| out.status.success());
    if !works {
        skipped("bwrap: it is not installed, or this kernel allows no user namespaces");
    }
    works
}
