use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;

use nix::sys::stat::{SFlag, makedev, mknod};
use nix::unistd::mkfifo;
use tempfile::TempDir;

use super::*;

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(Errno::EIO.into())
    }
}

struct Place {
    dir: TempDir,
    out: OutDir,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.1.out");
    let out = OutDir::make(&path, &path.join("report.md")).unwrap();
    Place { dir, out }
}

fn secrets() -> Secrets {
    Secrets::of([(OsStr::new("A_KEY"), OsStr::new("sk-12345678"))])
}

/// What is read of the report after this was done to it, or why it is none.
fn judged(done: impl FnOnce(&Path, &Path)) -> std::result::Result<Option<String>, String> {
    let place = place();
    done(place.dir.path(), &place.out.report);
    let settled = place.out.settled_report(&secrets());
    let mut text = String::new();
    settled
        .map(|file| file.map(|mut file| file.read_to_string(&mut text).map(|_| text).unwrap()))
        .map_err(|no| format!("{:?}: {}", no.reason, no.detail.unwrap_or_default()))
}

#[test]
fn a_report_is_what_its_command_wrote_there() {
    assert_eq!(judged(|_, _| {}), Ok(None));
    assert_eq!(judged(|_, report| fs::write(report, "# Found\n").unwrap()), Ok(Some("# Found\n".into())));
}

#[test]
fn nothing_else_is_a_report() {
    let foreign = |dir: &Path| {
        let path = dir.join("foreign.md");
        fs::write(&path, "somebody else's").unwrap();
        path
    };
    let bad = |done: &dyn Fn(&Path, &Path)| judged(done).unwrap_err();
    assert_eq!(bad(&|_, report| fs::create_dir(report).unwrap()), "BadReport: not a regular file");
    assert_eq!(
        bad(&|dir, report| symlink(foreign(dir), report).unwrap()),
        "BadReport: it is a symbolic link"
    );
    assert_eq!(bad(&|_, report| symlink("nowhere", report).unwrap()), "BadReport: it is a symbolic link");
    assert_eq!(
        bad(&|dir, report| fs::hard_link(foreign(dir), report).unwrap()),
        "BadReport: it is another file's second name"
    );
    assert_eq!(bad(&|_, report| mkfifo(report, Mode::S_IRWXU).unwrap()), "BadReport: not a regular file");
    let large = |_: &Path, report: &Path| File::create(report).unwrap().set_len(MAX_REPORT + 1).unwrap();
    assert_eq!(bad(&large), "BadReport: it is larger than 256 MB");
    if nix::unistd::geteuid().is_root() {
        let device = |_: &Path, report: &Path| {
            mknod(report, SFlag::S_IFCHR, Mode::S_IRWXU, makedev(1, 5)).unwrap();
        };
        assert_eq!(bad(&device), "BadReport: not a regular file");
        let given = |_: &Path, report: &Path| {
            fs::write(report, "x").unwrap();
            std::os::unix::fs::chown(report, Some(65534), None).unwrap();
        };
        assert_eq!(bad(&given), "BadReport: it is another user's");
    }
}

#[test]
fn the_directory_is_the_one_that_was_made() {
    let replaced = "BadReport: its directory was replaced by another one";
    let elsewhere = |dir: &Path, report: &Path| {
        let out = report.parent().unwrap();
        fs::create_dir(dir.join("else")).unwrap();
        fs::write(dir.join("else/report.md"), "somebody else's").unwrap();
        fs::remove_dir_all(out).unwrap();
        (dir.join("else"), out.to_path_buf())
    };
    let by_link = |dir: &Path, report: &Path| {
        let (other, out) = elsewhere(dir, report);
        symlink(other, out).unwrap();
    };
    assert_eq!(judged(by_link).unwrap_err(), replaced);
    let by_rename = |dir: &Path, report: &Path| {
        let (other, out) = elsewhere(dir, report);
        fs::rename(other, out).unwrap();
    };
    assert_eq!(judged(by_rename).unwrap_err(), replaced);
    let by_file = |dir: &Path, report: &Path| fs::write(elsewhere(dir, report).1, "x").unwrap();
    assert_eq!(judged(by_file).unwrap_err(), replaced);
    let removed = |dir: &Path, report: &Path| drop(elsewhere(dir, report));
    assert_eq!(judged(removed).unwrap_err(), "BadReport: its directory was removed");
    // One that is there before the attempt begins is not its own either.
    let dir = tempfile::tempdir().unwrap();
    for (n, make) in [(1, fs::create_dir as fn(PathBuf) -> io::Result<()>), (2, |path| symlink("/", path))] {
        let path = dir.path().join(format!("a.{n}.out"));
        make(path.clone()).unwrap();
        assert!(OutDir::make(&path, &path.join("report.md")).is_err());
    }
}

#[test]
fn secrets_are_taken_out_whatever_the_size_and_the_file_is_private() {
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    let place = place();
    let report = place.out.report.clone();
    // Cut at every place of a piece that is read at once.
    for before in 65_520..65_540 {
        fs::write(&report, format!("{}sk-12345678.", "x".repeat(before))).unwrap();
        fs::set_permissions(&report, Permissions::from_mode(0o666)).unwrap();
        let mut text = String::new();
        place.out.settled_report(&secrets()).unwrap().unwrap().read_to_string(&mut text).unwrap();
        assert!(text.ends_with("xx[A_KEY]."), "after {before}");
        assert_eq!(fs::read_to_string(&report).unwrap(), text, "after {before}");
        assert_eq!(mode(&report), 0o600);
    }
    fs::write(&report, "clean").unwrap();
    fs::set_permissions(&report, Permissions::from_mode(0o666)).unwrap();
    let before = fs::metadata(&report).unwrap().ino();
    place.out.settled_report(&secrets()).unwrap();
    assert_eq!((fs::metadata(&report).unwrap().ino(), mode(&report)), (before, 0o600), "not written anew");
    let names: Vec<_> = fs::read_dir(place.dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["a.1.out"], "no temporaries");
}

#[test]
fn a_secret_that_cannot_be_taken_out_is_no_report() {
    let place = place();
    fs::write(&place.out.report, "sk-12345678").unwrap();
    // Where the clean one would be written there is no directory any more.
    let out = OutDir { path: place.dir.path().join("none/a.1.out"), ..place.out };
    let error = out.replace(&out.report, "x".as_bytes(), &secrets()).unwrap_err();
    assert!(base::error::chain(&error).contains("no such file"), "{error}");
    assert!(out.settled_report(&secrets()).is_err());
}

#[test]
fn what_was_said_becomes_the_report_without_secrets() {
    let place = place();
    place.out.write_report("# Said: sk-12345678\n".as_bytes(), &secrets()).unwrap();
    assert_eq!(fs::read_to_string(&place.out.report).unwrap(), "# Said: [A_KEY]\n");
    let no = place.out.write_report(Broken, &secrets()).unwrap_err();
    assert!(no.detail.is_some_and(|why| why.starts_with("it could not be kept whole: ")));
}
