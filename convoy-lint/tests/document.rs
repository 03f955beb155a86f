//! The findings as data: all of them, with every file that was given told as read
//! or not read, whatever its name; caps are of the view for people alone.

#![expect(clippy::expect_used, reason = "a test says what it needs")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use assert_cmd::Command;
use findings::sealed::{self, Seal};
use findings::{Basis, Document, read};
use predicates::prelude::*;
use predicates::str::contains;
use tempfile::TempDir;

const EVAL: &str = "def f(text):\n    eval(text)\n";

struct Sandbox(TempDir);

impl Sandbox {
    fn new() -> Self {
        let dir = TempDir::new().expect("a directory");
        fs::create_dir(dir.path().join("project")).expect("a project");
        Sandbox(dir)
    }

    fn file(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> &Self {
        let path = self.0.path().join("project").join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
        self
    }

    fn lint(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("convoy-lint").expect("the program");
        command
            .args(arguments)
            .env_clear()
            .env("PANOPTICON_HOME", self.0.path().join("home"))
            .current_dir(self.0.path().join("project"))
            .timeout(std::time::Duration::from_secs(60));
        command
    }

    fn document(&self, arguments: &[&str]) -> Document {
        let output = self.lint(&[arguments, &["--format", "findings"]].concat()).output().expect("an output");
        read(&output.stdout).expect("a document")
    }
}

fn not_read(document: &Document) -> Vec<(String, &str)> {
    let name = |path: &Path| path.to_string_lossy().into_owned();
    document.scope.not_read.iter().map(|one| (name(one.file.as_path()), one.why.as_str())).collect()
}

#[test]
fn every_file_that_was_given_is_read_or_not_for_a_reason() {
    let sandbox = Sandbox::new();
    sandbox
        .file("src/a.py", EVAL)
        .file("src/notes.md", "# notes")
        .file("src/Makefile", "all:\n")
        .file("src/zero.py", b"x\0y")
        .file("src/gen.py", "# @generated\nx = 1\n")
        .file("src/latin.py", b"x = '\xe9'\n")
        .file("node_modules/b.py", EVAL);
    std::os::unix::fs::symlink("a.py", sandbox.0.path().join("project/src/link.py")).expect("a link");
    let walked = sandbox.document(&["--domain", "security"]);
    assert_eq!(walked.scope.contradiction(), None);
    assert_eq!((walked.scope.given.len(), walked.scope.read.len()), (7, 1));
    assert_eq!(walked.scope.basis, Basis::Opened);
    let want = [
        ("src/Makefile", "no known language"),
        ("src/gen.py", "generated"),
        ("src/latin.py", "not UTF-8"),
        ("src/link.py", "symbolic link"),
        ("src/notes.md", "no known language"),
        ("src/zero.py", "binary"),
    ];
    assert_eq!(not_read(&walked), want.map(|(file, why)| (file.to_owned(), why)));
    assert!(walked.notes.iter().any(|note| note == "not walked: node_modules/"), "{:?}", walked.notes);
    let mut listed = sandbox.lint(&["--format", "findings", "--files-from", "-"]);
    let listed = listed.write_stdin("src/a.py\0../out.py\0gone.py\0src/a.py\0").output().expect("an output");
    let listed = read(&listed.stdout).expect("a document");
    assert_eq!(listed.scope.contradiction(), None);
    assert_eq!((listed.scope.given.len(), listed.scope.read.len()), (3, 1));
    sandbox
        .lint(&["src"])
        .assert()
        .stdout(contains(" over 1 file (1 Python).").and(contains("\n**Not reviewed:** ")));
    sandbox.lint(&["src/notes.md"]).assert().stdout(
        contains(" over no file.").and(contains("\n**Not reviewed:** src/notes.md (no known language)\n")),
    );
    let sarif = sandbox.lint(&["src", "--format", "sarif", "--join", "none"]).output().expect("an output");
    let sarif: serde_json::Value = serde_json::from_slice(&sarif.stdout).expect("JSON");
    assert_eq!(sarif["runs"][0]["properties"], serde_json::json!({ "filesGiven": 7, "filesRead": 1 }));
    let told = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().map(Vec::len);
    assert_eq!(told, Some(6));
}

#[test]
fn that_rules_leave_test_code_alone_is_said() {
    let sandbox = Sandbox::new();
    sandbox.file("examples/a.py", EVAL).file("src/b.py", "b = 1\n");
    let words = "Test code by its place or name: 1 file, left alone by ";
    sandbox.lint(&["--domain", "security"]).assert().stdout(contains(words).and(contains("No findings.")));
    let document = sandbox.document(&["--domain", "security"]);
    assert!(document.notes.iter().any(|note| note.starts_with(words)), "{:?}", document.notes);
    sandbox.lint(&["--domain", "security", "src"]).assert().stdout(contains("left alone").not());
}

#[test]
fn a_finding_is_whole() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", EVAL).file("b.py", "def f(text):\n    eval(text)  # nosec\n");
    let document = sandbox.document(&[]);
    let [finding] = &document.findings[..] else { panic!("{document:?}") };
    assert_eq!(document.reviewer, "convoy-lint");
    assert_eq!(finding.title, "Text is run as code");
    assert_eq!((finding.rule.as_deref(), finding.domain.as_deref()), (Some("py-eval"), Some("security")));
    assert_eq!((&finding.cwe[..], finding.confidence), (&[94][..], Some(70)));
    let place = &finding.locations[0];
    assert_eq!((place.line, place.end_line, place.column), (Some(2), Some(2), Some(5)));
    assert_eq!(place.quote.as_deref(), Some("eval(text)"));
    assert!(finding.problem.is_some() && finding.impact.is_some() && finding.fix.is_some());
    assert!(document.notes.iter().any(|note| note.ends_with("b.py:2 py-eval")), "{:?}", document.notes);
    assert_eq!(sandbox.document(&["--domain", "security"]).reviewer, "security");
}

#[test]
fn forty_hits_are_forty_in_every_output() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", format!("def f(text):\n{}", "    eval(text)\n".repeat(40)));
    let files = ["json=l.json", "sarif=l.sarif", "findings=l.findings.json", "md=l.md"];
    let also: Vec<&str> = files.iter().flat_map(|file| ["--also", file]).collect();
    sandbox
        .lint(&also)
        .assert()
        .success()
        .stdout(contains(" 5 of 40 findings shown: at most 5 of a rule and 30 of a review are written out. Not shown: py-eval 35."))
        .stdout(contains("**Total:** 40 findings\n"))
        .stdout(predicates::str::is_match("(?m)^### ").expect("a pattern").count(5));
    let written = |name: &str| fs::read(sandbox.0.path().join("project").join(name)).expect("a file");
    let json = |name: &str| serde_json::from_slice::<serde_json::Value>(&written(name)).expect("JSON");
    assert_eq!(json("l.json").as_array().map(Vec::len), Some(40));
    assert_eq!(json("l.sarif")["runs"][0]["results"].as_array().map(Vec::len), Some(40));
    let document = read(&written("l.findings.json")).expect("a document");
    assert_eq!((document.findings.len(), document.total), (40, 40));
    sandbox
        .lint(&["--format", "json"])
        .assert()
        .stderr(contains("read 1 of 5 files, 40 findings, 0 suppressed"));
}

#[test]
fn every_legal_name_is_in_the_document_as_it_is() {
    let sandbox = Sandbox::new();
    let names: [&[u8]; 11] = [
        b"a b/x.py",
        b"it's \"x\".py",
        b"a,b.py",
        b"[id]/(x).py",
        b"#1.py",
        b"new\nline.py",
        b"half\xff.py",
        b"C:/x.py",
        b"-n.py",
        b"a.py:3.py",
        b"-->.py",
    ];
    let mut list = Vec::new();
    for name in names {
        sandbox.file(OsStr::from_bytes(name), EVAL);
        list.extend_from_slice(name);
        list.push(0);
    }
    let mut command = sandbox.lint(&["--domain", "security", "--files-from", "-"]);
    let output = command.write_stdin(list).output().expect("an output").stdout;
    // Standard output is a pipe here.
    let text = String::from_utf8(output).expect("text");
    let Seal::Whole(data) = sealed::open(&text) else { panic!("{text}") };
    let document = read(text[data].as_bytes()).expect("a document");
    let mut found: Vec<&[u8]> = document
        .findings
        .iter()
        .map(|finding| finding.locations[0].file.as_path().as_os_str().as_bytes())
        .collect();
    found.sort_unstable();
    let mut want = names.to_vec();
    want.sort_unstable();
    assert_eq!(found, want);
    assert_eq!(document.scope.read.len(), names.len());
}

#[test]
fn only_a_pipe_is_given_the_data_behind_the_report() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", EVAL);
    let file = fs::File::create(sandbox.0.path().join("file.md")).expect("a file");
    let status = std::process::Command::new(assert_cmd::cargo::cargo_bin("convoy-lint"))
        .env_clear()
        .env("PANOPTICON_HOME", sandbox.0.path().join("home"))
        .current_dir(sandbox.0.path().join("project"))
        .stdout(file)
        .status()
        .expect("the program");
    assert!(status.success());
    let text = fs::read_to_string(sandbox.0.path().join("file.md")).expect("a report");
    assert!(text.ends_with("**Total:** 1 finding\n"), "{text}");
    let piped = String::from_utf8(sandbox.lint(&[]).output().expect("an output").stdout).expect("text");
    assert!(piped.starts_with(&text) && matches!(sealed::open(&piped), Seal::Whole(_)), "{piped}");
}

/// Any tree, walked or listed: read and not read together are what was given, each once.
#[test]
fn read_and_not_read_are_what_was_given_whatever_it_is() {
    let names: [&[u8]; 8] = [b"a b", b"it's", b"x#1", b"[id]", b"\xff\xfe", b"new\nline", b"C:y", b"-dash"];
    let kinds: [(&str, &[u8]); 8] = [
        ("py", EVAL.as_bytes()),
        ("ts", b"export const a = 1;\n"),
        ("md", b"# notes\n"),
        ("py", b"x\0y"),
        ("js", b"// @generated\nlet a;\n"),
        ("py", b"x = '\xe9'\n"),
        ("min.js", b"let a;"),
        ("", b""),
    ];
    for round in 0..12_usize {
        let sandbox = Sandbox::new();
        let mut listed = Vec::new();
        let mut readable = 0;
        let given = (round * 5 % 23) + 1;
        for n in 0..given {
            let pick = n * (2 * round + 3) + round;
            let (end, text) = kinds[pick % kinds.len()];
            let name = [b"d/", names[(pick / 3) % names.len()], format!("{n}.{end}").as_bytes()].concat();
            sandbox.file(OsStr::from_bytes(&name), text);
            readable += usize::from(pick % kinds.len() < 2);
            listed.extend([name.as_slice(), b"\0"].concat());
        }
        sandbox.file("../list", &listed);
        for arguments in [&["d"][..], &["--files-from", "../list"]] {
            let document = sandbox.document(arguments);
            let scope = &document.scope;
            assert_eq!(scope.contradiction(), None, "round {round}");
            assert_eq!(scope.given.len(), given, "round {round} {arguments:?}");
            assert_eq!(scope.read.len() + scope.not_read.len(), given, "round {round} {arguments:?}");
            assert_eq!(scope.read.len(), readable, "round {round} {arguments:?}");
        }
    }
}

/// By what services know a result again: not by its line, and by one of its own.
#[test]
fn a_result_is_known_again_where_it_has_moved() {
    let sandbox = Sandbox::new();
    let prints = |text: &str| {
        sandbox.file("src/a.py", text);
        let out = sandbox.lint(&["src", "--format", "sarif", "--join", "none"]).output().expect("an output");
        let sarif: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
        let results = sarif["runs"][0]["results"].as_array().expect("a list").iter();
        let prints = results
            .map(|one| one["partialFingerprints"]["convoyLintCode/v1"].as_str().expect("one").to_owned());
        prints.collect::<std::collections::BTreeSet<_>>()
    };
    let before = prints("import os\nos.system(a + b)\nos.system(a + b)\n");
    assert_eq!(before.len(), 2, "{before:?}");
    assert_eq!(prints("import os\n\n# more\nos.system(\n    a + b,\n)\nos.system(a + b)\n"), before);
    let other = prints("import os\nos.system(a + c)\n");
    assert!(before.is_disjoint(&other), "{before:?} {other:?}");
}
