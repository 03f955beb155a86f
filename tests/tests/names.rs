//! Every legal name, of reviewed files and of the project itself, on every output: the
//! same bytes where programs read it, one visible line where people do.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use base::encoded_path::EncodedPath;
use base::text;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use serde_json::Value;

/// Names of one component, without an ending.
const NAMES: [&[u8]; 26] = [
    b"a b",
    b" lead",
    b"two  blanks ",
    b"it's \"q\"",
    b"a,b;c",
    b"(shop)",
    b"[id]",
    b"{project}",
    b"#1",
    b"%2F%20",
    b"a:12",
    b"C:",
    b"C:\\x\\y",
    b"-rf",
    b"--help=x",
    b"two\nlines",
    b"tab\there",
    b"\x1b[31mred",
    b"half\xff\xfe",
    b"\xe4 latin",
    "e\u{301} – é ☃ \u{202e}evil".as_bytes(),
    b"`x` *b* <i>|",
    b"&amp;",
    b"$(touch x)",
    b"*?!",
    b"~",
];
/// What the rules find one thing in.
const FAULT: &str = "def f(x):\n    eval(x)\n";

fn name(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

/// Each as a file, and as the directory of one.
fn files() -> BTreeSet<PathBuf> {
    let file = |bytes: &&[u8]| PathBuf::from(std::ffi::OsString::from_vec([bytes, &b".py"[..]].concat()));
    let inside = |bytes: &&[u8]| Path::new("d").join(name(bytes)).join("a.py");
    NAMES.iter().map(file).chain(NAMES.iter().map(inside)).collect()
}

fn sandbox(project: &[u8]) -> Sandbox {
    let sandbox = Sandbox::with_project(Launcher::Process, Path::new(name(project)));
    sandbox.ok("pan", &["--version"]);
    sandbox
}

fn write(sandbox: &Sandbox, file: &Path) {
    let path = sandbox.project().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, FAULT).unwrap();
}

/// Printed for people: no control character but the end of a line.
fn assert_visible(what: &str, screen: &str) {
    let hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!screen.contains(hidden), "{what}: {screen:?}");
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn decoded(value: &Value) -> PathBuf {
    EncodedPath::from(value.as_str().expect("a path").to_owned()).as_path().to_path_buf()
}

/// The files that a list of findings is about.
fn of_findings(merged: &Value) -> BTreeSet<PathBuf> {
    let findings = merged["findings"].as_array().expect("a list").iter();
    findings.map(|one| decoded(&one["locations"][0]["file"])).collect()
}

fn of_sarif(sarif: &Value) -> BTreeSet<PathBuf> {
    let file = |one: &Value| {
        let uri = one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a URI");
        PathBuf::from(std::ffi::OsString::from_vec(unpercented(uri)))
    };
    sarif["runs"][0]["results"].as_array().expect("a list").iter().map(file).collect()
}

fn unpercented(uri: &str) -> Vec<u8> {
    let legal = |b: &u8| b.is_ascii_alphanumeric() || b"-._~/%!$&'()*+,;=@:".contains(b);
    assert!(uri.as_bytes().iter().all(legal), "{uri}");
    // Else a colon in the first component would end a scheme.
    assert!(!uri.split('/').next().unwrap_or_default().contains(':'), "{uri}");
    let mut out = Vec::new();
    let mut rest = uri.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(&behind[..2]).unwrap();
            out.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &behind[2..];
        } else {
            out.push(*first);
            rest = behind;
        }
    }
    out
}

#[test]
fn names_of_reviewed_files_survive_on_every_output() {
    let sandbox = sandbox(b"project");
    let files = files();
    for file in &files {
        write(&sandbox, file);
    }
    let review =
        ["--runner", "builtin", "--files", ".", "--gate", "low", "--json", "--sarif", "../out.sarif"];
    let out = sandbox.run("convoy-review", &[&review[..], &["--summary", "../out.md"]].concat());
    assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
    let result = json(&String::from_utf8(out.stdout).unwrap());
    assert_eq!((&result["filesReviewed"], &result["filesGiven"]), (&files.len().into(), &files.len().into()));

    let findings = |format: &str| sandbox.ok("convoy-ctl", &["findings", "latest", "--format", format]);
    assert_eq!(of_findings(&json(&findings("json"))), files);
    let sarif = fs::read_to_string(sandbox.path("out.sarif")).unwrap();
    assert_eq!(of_sarif(&json(&sarif)), files);
    assert_eq!(of_sarif(&json(&findings("sarif"))), files);
    let listed = |text: &str, key: &[&str]| -> BTreeSet<String> {
        let of = |line: Value| key.iter().fold(line, |at, key| at[*key].clone()).as_str().unwrap().to_owned();
        text.lines().map(|line| of(json(line))).collect()
    };
    let rdjson = listed(&findings("rdjsonl"), &["location", "path"]);
    assert_eq!(rdjson.len(), files.len(), "{rdjson:?}");
    let gitlab = json(&findings("gitlab"));
    let gitlab: BTreeSet<&str> =
        gitlab.as_array().unwrap().iter().filter_map(|one| one["location"]["path"].as_str()).collect();
    assert_eq!(gitlab.len(), files.len(), "{gitlab:?}");

    // For people: each on its own line, none of them another one's.
    let report = findings("md");
    assert_visible("report", &report);
    let headings = report.lines().filter(|line| line.starts_with("### ")).count();
    assert_eq!(headings, files.len());
    let status = sandbox.ok("convoy-ctl", &["status", "latest"]);
    assert_visible("status", &status);
    let summary = fs::read_to_string(sandbox.path("out.md")).unwrap();
    assert_visible("summary", &summary);
    let decisions = sandbox.ok("convoy-ctl", &["decisions", "list"]);
    assert_visible("decisions", &decisions);
    for file in &files {
        assert!(decisions.contains(&text::path(file)), "{file:?}: {decisions}");
    }
    let of_book = json(&sandbox.ok("convoy-ctl", &["decisions", "list", "--json"]));
    let of_book: BTreeSet<PathBuf> =
        of_book.as_array().unwrap().iter().map(|one| decoded(&one["locations"][0]["file"])).collect();
    assert_eq!(of_book, files);

    // Our own programs, one after the other.
    for (name, words) in [("d.json", "findings"), ("d.md", "md")] {
        let path = sandbox.path(name);
        sandbox.ok("convoy-lint", &["--format", words, "-o", path.to_str().unwrap()]);
    }
    let merged = sandbox.ok("convoy-merge", &["../d.json", "--format", "json"]);
    assert_eq!(of_findings(&json(&merged)), files);
}

/// What a person hands over as Markdown is read as any foreign review is: what is in it
/// is found there, by its visible form where a byte cannot stand in Markdown.
#[test]
fn every_name_is_one_line_of_a_report_in_markdown() {
    for bytes in NAMES {
        let sandbox = sandbox(b"project");
        let file = Path::new("d").join(name(bytes)).join("a.py");
        write(&sandbox, &file);
        let report = sandbox.ok("convoy-lint", &["--domain", "security"]);
        assert_visible("lint", report.split("<!--").next().unwrap());
        let path = sandbox.path("d.md");
        fs::write(&path, report.split("<!--").next().unwrap()).unwrap();
        let merged = sandbox.ok("convoy-merge", &["../d.md", "--root", ".", "--format", "json"]);
        let merged = json(&merged);
        assert_eq!(merged["findings"].as_array().unwrap().len(), 1, "{file:?}: {merged:#}");
    }
}

#[test]
fn names_of_the_project_survive_on_every_output() {
    for bytes in NAMES {
        let sandbox = sandbox(bytes);
        write(&sandbox, Path::new("src/a.py"));
        let project = sandbox.project().canonicalize().unwrap();
        let out = sandbox.run("convoy-review", &["--runner", "builtin", "--files", ".", "--json"]);
        assert!(matches!(out.status.code(), Some(0 | 1)), "{project:?}: {}", shown(&out));
        for words in [
            &["list"][..],
            &["list", "--all-projects"],
            &["status", "latest"],
            &["decisions", "list"],
            &["logs", "latest", "security"],
        ] {
            let out = sandbox.run("convoy-ctl", words);
            assert!(out.status.success(), "{project:?} {words:?}: {}", shown(&out));
            for said in [&out.stdout, &out.stderr] {
                assert_visible(&format!("{words:?}"), &String::from_utf8(said.clone()).unwrap());
            }
        }
        let list = json(&sandbox.ok("convoy-ctl", &["list", "--json"]));
        let status = json(&sandbox.ok("convoy-ctl", &["status", "latest", "--json"]));
        let all = format!("{list} {status}");
        assert!(
            all.contains(&serde_json::to_string(&EncodedPath::from(project.clone())).unwrap()),
            "{project:?}: {all}"
        );
        let sarif = json(&sandbox.ok("convoy-ctl", &["findings", "latest", "--format", "sarif"]));
        assert_eq!(of_sarif(&sarif), BTreeSet::from([PathBuf::from("src/a.py")]));
        let history = sandbox.ok("convoy-review", &["history"]);
        assert_visible("history", &history);
    }
}
