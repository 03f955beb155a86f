//! `scripts/require`: what a build needs is told in a line, and only what it needs.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

/// What it says with these programs on the PATH and no other, and whether that was all right.
fn required(cargo: Option<&str>) -> (bool, String) {
    let bin = tempfile::tempdir().expect("a directory");
    for tool in ["sh", "sed", "sort", "head", "dirname"] {
        let real = ["/usr/bin", "/bin"].map(|dir| Path::new(dir).join(tool));
        let real = real.iter().find(|path| path.exists()).expect("a tool of every system");
        symlink(real, bin.path().join(tool)).expect("a link");
    }
    let stand_in = |name: &str, script: &str| {
        let path = bin.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
    };
    for name in ["cc", "git"] {
        stand_in(name, "exit 0");
    }
    stand_in("tmux", "echo 'tmux 3.4'");
    if let Some(script) = cargo {
        stand_in("cargo", script);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/require");
    let out =
        Command::new("/bin/sh").arg(script).env_clear().env("PATH", bin.path()).output().expect("the script");
    (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
}

#[test]
fn cargo_finds_its_compiler_by_itself() {
    assert_eq!(required(Some("echo 'cargo 9.1.0 (of a day)'")), (true, String::new()));
}

#[test]
fn what_is_missing_old_or_broken_is_one_line_each() {
    for (cargo, want) in [
        (None, "or newer (cargo)"),
        (Some("echo 'cargo 1.70.0 (of a day)'"), "this is cargo 1.70.0"),
        (Some("echo 'error: no toolchain' >&2; exit 1"), "does not run: error: no toolchain"),
    ] {
        let (is_whole, told) = required(cargo);
        assert!(!is_whole && told.contains(want), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}
