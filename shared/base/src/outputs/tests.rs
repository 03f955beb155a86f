use std::io::Read;
use std::os::unix::fs::{FileTypeExt, symlink};

use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::unistd::{geteuid, mkfifo};

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_regular_file_is_replaced_and_keeps_its_permissions() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    write(&path, b"one").unwrap();
    for kept in [0o600, 0o640, 0o755] {
        fs::set_permissions(&path, fs::Permissions::from_mode(kept)).unwrap();
        let reader = File::open(&path).unwrap();
        write(&path, b"two").unwrap();
        assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"two".to_vec(), kept));
        let mut old = String::new();
        (&reader).read_to_string(&mut old).unwrap();
        assert!(old == "one" || old == "two", "whole, whoever reads meanwhile");
    }
    assert_eq!(names(dir.path()), ["out"]);
}

#[test]
fn an_owner_is_kept_where_that_may_be() {
    if !geteuid().is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    fs::write(&path, "one").unwrap();
    std::os::unix::fs::chown(&path, Some(65534), Some(65534)).unwrap();
    write(&path, b"two").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().uid(), 65534);
}

#[test]
fn links_are_kept_and_written_through() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("sub/real"), "old").unwrap();
    symlink("sub/middle", at("link")).unwrap();
    symlink("real", at("sub/middle")).unwrap();
    symlink("sub/none", at("dangling")).unwrap();
    symlink("loop", at("loop")).unwrap();
    for (name, real) in [("link", "sub/real"), ("dangling", "sub/none")] {
        write(&at(name), b"new").unwrap();
        assert!(fs::symlink_metadata(at(name)).unwrap().is_symlink());
        assert_eq!(fs::read(at(real)).unwrap(), b"new");
        assert!(fs::symlink_metadata(at(real)).unwrap().is_file());
    }
    assert!(write(&at("loop"), b"new").is_err());
    symlink("/dev/null", at("null")).unwrap();
    write(&at("null"), b"new").unwrap();
    assert!(fs::symlink_metadata(at("null")).unwrap().is_symlink());
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    retract(&at("link")).unwrap();
    assert_eq!(names(&at("sub")), ["middle", "none"]);
}

#[test]
fn devices_stay_devices() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("null");
    if mknod(&path, SFlag::S_IFCHR, Mode::from_bits_truncate(0o666), makedev(1, 3)).is_err() {
        assert!(!geteuid().is_root(), "root makes devices");
        return;
    }
    write(&path, b"gone").unwrap();
    append(&path, b"gone").unwrap();
    retract(&path).unwrap();
    assert!(fs::symlink_metadata(&path).unwrap().file_type().is_char_device());
    let full = dir.path().join("full");
    mknod(&full, SFlag::S_IFCHR, Mode::from_bits_truncate(0o666), makedev(1, 7)).unwrap();
    let error = crate::error::chain(&write(&full, b"x").unwrap_err());
    assert!(error.contains("no space left"), "{error}");
    assert_eq!(names(dir.path()), ["full", "null"]);
}

#[test]
fn a_pipe_is_written_to_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pipe");
    mkfifo(&path, Mode::S_IRWXU).unwrap();
    let reader = std::thread::spawn({
        let path = path.clone();
        move || fs::read(path).unwrap()
    });
    let long = vec![b'x'; 300_000];
    write(&path, &long).unwrap();
    assert_eq!(reader.join().unwrap(), long);
    let leaver = std::thread::spawn({
        let path = path.clone();
        move || drop(File::open(path).unwrap())
    });
    let error = crate::error::chain(&write(&path, &long).unwrap_err());
    leaver.join().unwrap();
    assert!(error.contains("its reader went away"), "{error}");
    assert!(fs::symlink_metadata(&path).unwrap().file_type().is_fifo());
}

#[test]
fn what_cannot_be_written_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert!(write(&dir.path().join("none/out"), b"x").is_err());
    fs::create_dir(dir.path().join("dir")).unwrap();
    assert!(write(&dir.path().join("dir"), b"x").is_err());
    assert!(append(&dir.path().join("dir"), b"x").is_err());
    assert_eq!(names(dir.path()), ["dir"]);
}

#[test]
fn temporaries_of_the_killed_are_removed_and_their_names_no_obstacle() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    let pid = std::process::id();
    // Of this process, which lives, under the names it will come upon next.
    for n in 0..200 {
        fs::write(dir.path().join(format!(".out.{pid}-{n}.tmp")), "").unwrap();
    }
    let gone = {
        let mut child = std::process::Command::new("/bin/true").spawn().unwrap();
        child.wait().unwrap();
        child.id()
    };
    fs::write(dir.path().join(format!(".out.{gone}-7.tmp")), "").unwrap();
    fs::write(dir.path().join(format!(".other.{gone}-7.tmp")), "").unwrap();
    write(&path, b"x").unwrap();
    let left = names(dir.path());
    assert!(!left.contains(&format!(".out.{gone}-7.tmp")), "{left:?}");
    assert!(left.contains(&format!(".other.{gone}-7.tmp")) && left.contains(&"out".to_owned()), "{left:?}");
}

#[test]
fn what_is_appended_comes_after_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("summary");
    append(&path, b"one\n").unwrap();
    append(&path, b"two\n").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one\ntwo\n");
}
