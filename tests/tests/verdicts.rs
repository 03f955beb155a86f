//! What a review says of code, with the built-in rules and real git: the verdict is
//! one for all programs, the gate looks at what is new, what was found and decided is
//! remembered.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use serde_json::Value;

/// Code in which the rules find one thing of severity high, on its second line.
const FAULT: &str = "export function f(a: number) {\n  if (a == NaN) return 1;\n  return 0;\n}\n";
const HARMLESS: &str = "export const b = 2;\n";

struct Desk(Sandbox);

impl Desk {
    /// A project on a branch of its own, with this file in `main`.
    fn new(old: &str) -> Self {
        let desk = Desk(Sandbox::new(Launcher::Process));
        desk.git(&["init", "-q", "-b", "main"]);
        desk.write("src/old.ts", old);
        desk.commit();
        desk.git(&["checkout", "-qb", "work"]);
        desk
    }

    fn git(&self, words: &[&str]) {
        let mut git = Command::new("git");
        self.0.surround(&mut git);
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        let out = git.args(identity).args(words).output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", shown(&out));
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "x"]);
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.project().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.project().join(name)).unwrap()
    }

    fn review(&self, words: &[&str]) -> Output {
        let words: Vec<&str> = ["--runner", "builtin"].iter().chain(words).copied().collect();
        self.0.run("convoy-review", &words)
    }

    /// Its exit code, and the result.
    fn result(&self, words: &[&str]) -> (i32, Value) {
        let words: Vec<&str> = ["--json"].iter().chain(words).copied().collect();
        let out = self.review(&words);
        let json = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", shown(&out)));
        (out.status.code().unwrap(), json)
    }

    fn merged(&self) -> Value {
        serde_json::from_str(&self.0.ok("convoy-ctl", &["findings", "latest", "--format", "json"])).unwrap()
    }

    /// `history` of each finding, of what is carried, and of what is closed.
    fn histories(&self) -> Vec<String> {
        let merged = self.merged();
        let lists =
            ["findings", "carried", "closed"].into_iter().filter_map(|key| merged[key].as_array().cloned());
        lists.flatten().map(|one| one["history"].as_str().unwrap_or("none").to_owned()).collect()
    }

    fn decide(&self, words: &[&str]) -> Output {
        let words: Vec<&str> = ["decisions"].iter().chain(words).copied().collect();
        self.0.run("convoy-ctl", &words)
    }
}

fn output_of(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn an_old_finding_does_not_stand_in_the_way_of_a_change() {
    let desk = Desk::new(&format!("{FAULT}{HARMLESS}"));
    let text = desk.read("src/old.ts");
    for (what, change, want) in [
        ("a comment at the end", format!("{text}// note\n"), 0),
        ("a comment in front of it", format!("// note\n{text}"), 0),
        ("a comment just above it", text.replace("  if", "  // note\n  if"), 0),
        ("a line taken away below it", text.replace("  return 0;\n", ""), 0),
        ("a second fault", format!("{text}{}", FAULT.replace("f(a", "g(a")), 1),
        ("the fault written anew", text.replace("return 1", "return 7"), 1),
    ] {
        desk.write("src/old.ts", &change);
        let (code, json) = desk.result(&["--diff"]);
        assert_eq!(code, want, "{what}: {json:#}");
        assert_eq!(json["gateOn"], "new");
    }
    // What was there is told, and counts where all is asked for.
    desk.write("src/old.ts", &format!("{text}// note\n"));
    let (_, json) = desk.result(&["--diff"]);
    assert_eq!((&json["oldFindings"], &json["newFindings"]), (&1.into(), &0.into()), "{json:#}");
    let (code, json) = desk.result(&["--diff", "--gate-on", "all"]);
    assert_eq!((code, &json["reviewResult"]), (1, &"CHANGES_REQUESTED".into()));
    assert_eq!(desk.result(&["--files", "src"]).0, 1, "without a base all of it counts");
}

/// What only stands elsewhere, or in other lines, is not of the change.
#[test]
fn code_that_is_indented_wrapped_or_moved_does_not_stand_in_the_way() {
    let desk = Desk::new(&format!("{FAULT}{HARMLESS}"));
    let text = desk.read("src/old.ts");
    let guarded =
        text.replace("  if (a == NaN) return 1;\n", "  if (a) {\n    if (a == NaN) return 1;\n  }\n");
    let wrapped = text.replace("  if (a == NaN) return 1;\n", "  if (\n    a == NaN\n  )\n    return 1;\n");
    let below = format!("{HARMLESS}{FAULT}");
    let twice = format!("{guarded}{}", FAULT.replace("f(a", "g(a"));
    for (what, change, want) in
        [("guarded", guarded, 0), ("wrapped", wrapped, 0), ("below", below, 0), ("and once more", twice, 1)]
    {
        desk.write("src/old.ts", &change);
        let (code, json) = desk.result(&["--diff"]);
        assert_eq!(code, want, "{what}: {json:#}");
        // Nothing has changed since then, and what is old is old there as well.
        let (code, json) = desk.result(&["--diff", "--since", "last"]);
        assert_eq!(code, if want == 0 { 6 } else { want }, "{what}, again: {json:#}");
    }
    // In another file, and as what was committed.
    desk.write("src/old.ts", HARMLESS);
    desk.write("lib/new one.ts", &format!("export const c = 3;\n{FAULT}"));
    assert_eq!(desk.result(&["--diff"]).0, 0);
    desk.commit();
    assert_eq!(desk.result(&["--branch", "work", "--base", "main"]).0, 0);
    let (code, json) = desk.result(&["--branch", "work", "--base", "main", "--gate-on", "all"]);
    assert_eq!((code, &json["oldFindings"]), (1, &1.into()), "{json:#}");
    desk.write("lib/copy.ts", FAULT);
    assert_eq!(desk.result(&["--diff"]).0, 1, "a copy is one more");
}

/// A look goes on from what was told of a finding, where nobody reads its file again.
#[test]
fn what_was_old_at_the_last_look_is_old_where_it_is_carried() {
    let desk = Desk::new(&format!("{FAULT}{HARMLESS}"));
    desk.write("src/old.ts", &desk.read("src/old.ts").replace("  if", "  if (a)\n    if"));
    desk.write("src/b.ts", HARMLESS);
    let review = || desk.result(&["--diff", "--since", "last"]);
    assert_eq!(review().0, 0);
    desk.write("src/b.ts", "export const b = 3;\n");
    let (code, json) = review();
    assert_eq!((code, &json["filesGiven"]), (0, &1.into()), "{json:#}");
    assert_eq!(desk.histories(), ["carried"]);
}

/// A line that was there, and became a fault by another one.
#[test]
fn a_change_elsewhere_that_makes_an_old_line_a_fault_is_new() {
    let text = |from: &str| {
        format!(
            "import {{ exec }} from 'child_process';\nexport function f(req: any) {{\n  const x = {from};\n  const y = 1;\n  exec('ls ' + x);\n}}\n"
        )
    };
    let desk = Desk::new(&text("'a'"));
    desk.write("src/old.ts", &text("req.query.x"));
    let (code, json) = desk.result(&["--diff"]);
    assert_eq!(code, 1, "{json:#}");
}

#[test]
fn renamed_new_and_untracked_files_are_told_apart() {
    let desk = Desk::new(&format!("{FAULT}{HARMLESS}{HARMLESS}"));
    desk.git(&["mv", "src/old.ts", "src/other name.ts"]);
    desk.write("src/other name.ts", &format!("{FAULT}{HARMLESS}{HARMLESS}// note\n"));
    assert_eq!(desk.result(&["--diff"]).0, 0, "renamed and lengthened");
    desk.write("src/-new \"one\".ts", FAULT);
    assert_eq!(desk.result(&["--diff"]).0, 1, "untracked");
}

/// The table of the documentation is what the programs do.
#[test]
fn exit_codes_are_those_of_the_table() {
    let page = include_str!("../../docs/convoy-review.md");
    let table = page.split("<!-- exit codes -->").nth(1).expect("the table");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 3, "{rows:?}");
    let desk = Desk::new(HARMLESS);
    let cases: [(usize, &dyn Fn()); 4] = [
        (4, &|| {}),
        (1, &|| desk.write("src/b.ts", HARMLESS)),
        (2, &|| desk.write("src/b.ts", FAULT)),
        (3, &|| {
            fs::remove_file(desk.0.project().join("src/b.ts")).unwrap();
            desk.write("NOTES.md", "# n\n");
        }),
    ];
    for (column, prepare) in cases {
        prepare();
        let code = desk.review(&["--diff"]).status.code().unwrap();
        assert_eq!(rows[0][column], code.to_string(), "review, column {column}");
        if column == 4 {
            continue;
        }
        let id = desk.0.ok("convoy-start", &["code-review", "--diff", "--runner", "builtin"]);
        let id = id.trim();
        let waited = desk.0.run("convoy-ctl", &["wait", id]);
        assert_eq!(rows[1][column], waited.status.code().unwrap().to_string(), "wait: {}", shown(&waited));
        assert_eq!(output_of(&waited).lines().count(), 1, "it tells the verdict: {}", shown(&waited));
        let gate = ["--convoy", id, "--gate", "high"];
        let merged = desk.0.run("convoy-merge", &gate);
        assert_eq!(rows[2][column], merged.status.code().unwrap().to_string(), "merge: {}", shown(&merged));
        for (row, program, words) in [
            (0, "convoy-review", &["--diff", "--runner", "builtin"][..]),
            (1, "convoy-ctl", &["wait", id]),
            (2, "convoy-merge", &gate),
        ] {
            let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let out = desk.0.command(program).args(words).stdout(full).output().unwrap();
            assert_eq!(rows[row][5], out.status.code().unwrap().to_string(), "{program}: {}", shown(&out));
        }
    }
}

#[test]
fn the_verdict_is_the_same_wherever_it_is_told() {
    let desk = Desk::new(HARMLESS);
    desk.write("src/b.ts", FAULT);
    let started = desk
        .0
        .run("convoy-start", &["code-review", "--diff", "--runner", "builtin", "--gate", "medium", "--wait"]);
    let id = output_of(&started);
    assert_eq!((started.status.code(), id.lines().count()), (Some(0), 1), "only the id: {}", shown(&started));
    let told = String::from_utf8_lossy(&started.stderr).into_owned();
    let line = "CHANGES_REQUESTED: 1 new finding is open at or above the gate (medium)";
    assert!(told.contains(line), "{told}");
    assert!(desk.0.ok("convoy-ctl", &["status", id.trim()]).contains(line));
    assert!(desk.0.ok("convoy-ctl", &["output", id.trim()]).contains("REVIEW_RESULT: CHANGES_REQUESTED"));
    assert_eq!(desk.merged()["verdict"]["verdict"], "CHANGES_REQUESTED");
}

#[test]
fn files_reviewed_are_files_read_and_the_others_are_named() {
    let desk = Desk::new(HARMLESS);
    for n in 0..3 {
        desk.write(&format!("src/text {n}.md"), "# t\n");
    }
    let (_, json) = desk.result(&["--files", "src"]);
    assert_eq!((&json["filesReviewed"], &json["filesGiven"]), (&1.into(), &4.into()), "{json:#}");
    let one = &json["reports"][0];
    let not_read = one["notRead"].as_array().unwrap();
    assert_eq!(not_read.len() as u64 + one["filesReviewed"].as_u64().unwrap(), 4, "{one:#}");
    let screen = output_of(&desk.review(&["--files", "src/text 0.md"]));
    assert!(screen.contains("NO VERDICT") && screen.contains("not read  src/text 0.md: "), "{screen}");
}

#[test]
fn a_change_of_go_or_java_alone_has_a_verdict() {
    for (file, good, bad) in [
        ("src/a.go", "package a\n", "package a\n\nfunc f(a int) bool {\n\treturn a == a\n}\n"),
        (
            "src/A.java",
            "class A {}\n",
            "class A {\n    boolean f(int a) {\n        return a == a;\n    }\n}\n",
        ),
    ] {
        let desk = Desk::new(HARMLESS);
        for (text, verdict) in [(good, "APPROVED"), (bad, "CHANGES_REQUESTED")] {
            desk.write(file, text);
            let (_, json) = desk.result(&["--files", file]);
            assert_eq!(
                (&json["reviewResult"], &json["filesReviewed"]),
                (&verdict.into(), &1.into()),
                "{file}: {json:#}"
            );
        }
    }
    let desk = Desk::new(HARMLESS);
    desk.write("src/a.go", "package a\n\nfunc f( {\n");
    let screen = output_of(&desk.review(&["--files", "src/a.go"]));
    assert!(
        screen.contains("NO VERDICT") && screen.contains("line 3 is no Go that is known here"),
        "{screen}"
    );
}

#[test]
fn a_result_that_cannot_be_written_is_no_verdict() {
    let desk = Desk::new(HARMLESS);
    for fault in [HARMLESS, FAULT] {
        desk.write("src/b.ts", fault);
        for words in [&["--summary", "/dev/full"][..], &["--sarif", "/dev/full"]] {
            let words: Vec<&str> = ["--diff"].iter().chain(words).copied().collect();
            let out = desk.review(&words);
            assert_eq!(out.status.code(), Some(5), "{words:?}: {}", shown(&out));
            assert!(String::from_utf8_lossy(&out.stderr).contains(words[1]), "{}", shown(&out));
        }
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let words = ["--diff", "--runner", "builtin", "--json"];
        let out = desk.0.command("convoy-review").args(words).stdout(writer).output().unwrap();
        assert_eq!(out.status.code(), Some(5), "a program that asked for it has not got it: {}", shown(&out));
    }
}

#[test]
fn what_was_found_is_known_again_and_what_is_mended_is_fixed() {
    let desk = Desk::new(FAULT);
    desk.review(&["--files", "src"]);
    assert_eq!(desk.histories(), ["new"]);
    desk.write("src/old.ts", &format!("// one\n\n{FAULT}{}", FAULT.replace("f(a", "g(a")));
    desk.review(&["--files", "src"]);
    let mut found = desk.histories();
    found.sort();
    assert_eq!(found, ["known", "new"], "lines have moved, and there is another one");
    // Where its file is not looked at, it stays open.
    desk.write("src/b.ts", HARMLESS);
    let (code, json) = desk.result(&["--files", "src/b.ts"]);
    assert_eq!(code, 1, "a finding that nobody told of is not closed: {json:#}");
    assert_eq!(desk.histories(), ["carried", "carried"]);
    assert!(desk.0.ok("convoy-ctl", &["output", "latest"]).contains("Carried Forward From Earlier Reviews"));
    // Nor does it stand in the way of a change of something else.
    desk.commit();
    desk.git(&["checkout", "-qb", "more"]);
    desk.write("src/b.ts", &HARMLESS.repeat(2));
    assert_eq!(desk.result(&["--diff=work"]).0, 0);
    desk.write("src/old.ts", &FAULT.replace("a == NaN", "Number.isNaN(a)"));
    assert_eq!(desk.result(&["--files", "src"]).0, 0);
    assert_eq!(desk.histories(), ["fixed", "fixed"]);
    let sarif = desk.0.ok("convoy-ctl", &["findings", "latest", "--format", "sarif"]);
    assert!(sarif.contains("\"absent\""), "{sarif}");
    fs::remove_file(desk.0.project().join("src/old.ts")).unwrap();
    desk.review(&["--files", "src"]);
    assert_eq!(desk.histories(), [""; 0], "what is closed is told once");
}

#[test]
fn what_a_person_decided_counts_until_it_is_taken_back() {
    let desk = Desk::new(FAULT);
    assert_eq!(desk.review(&["--files", "src"]).status.code(), Some(1));
    let out = desk.decide(&["dismiss", "F1", "--reason", "a test needs it", "--until", "2999-01-01"]);
    assert!(out.status.success() && output_of(&out).contains("F1 of convoy-code-review-"), "{}", shown(&out));
    assert_eq!(desk.review(&["--files", "src"]).status.code(), Some(0));
    let suppressed = desk.merged()["findings"][0]["suppressed"].clone();
    assert_eq!(suppressed, "dismissed: a test needs it (until 2999-01-01)");
    assert_eq!(output_of(&desk.decide(&["list"])), "", "nothing is open");
    let all: Value = serde_json::from_str(&output_of(&desk.decide(&["list", "--all", "--json"]))).unwrap();
    let key = all[0]["key"].as_str().unwrap();
    assert_eq!((&all[0]["open"], &all[0]["decision"]["kind"]), (&false.into(), &"dismissed".into()));
    assert!(desk.decide(&["reopen", &key[..8]]).status.success());
    assert_eq!(desk.review(&["--files", "src"]).status.code(), Some(1));
    assert!(desk.decide(&["baseline"]).status.success());
    assert_eq!(desk.review(&["--files", "src"]).status.code(), Some(0));
    // The same fault in another function is another finding.
    desk.write("src/old.ts", &FAULT.replace("f(a", "g(a"));
    assert_eq!(desk.review(&["--files", "src"]).status.code(), Some(1));
}

#[test]
fn a_decision_that_names_nothing_certain_is_refused() {
    let desk = Desk::new(FAULT);
    let code = |words: &[&str]| desk.decide(words).status.code();
    assert_eq!(code(&["accept", "F1", "--reason", "x"]), Some(4), "there was no review yet");
    desk.review(&["--files", "src"]);
    let first = desk.0.ok("convoy-ctl", &["list", "--json"]);
    let first: Value = serde_json::from_str(&first).unwrap();
    let first = first[0]["id"].as_str().unwrap().to_owned();
    desk.review(&["--files", "src"]);
    for (words, want) in [
        (&["accept", "F1", "--reason", "x", "--run", &first][..], 2),
        (&["accept", "F9", "--reason", "x"], 4),
        (&["accept", "F1", "F9", "--reason", "x"], 4),
        (&["accept", "F1", "--reason", " "], 2),
        (&["accept", "F1"], 2),
        (&["accept", "F1", "--reason", "x", "--until", "2020-01-01"], 2),
        (&["accept", "F1", "--reason", "x", "--until", "soon"], 2),
        (&["accept", "zz", "--reason", "x"], 2),
        (&["reopen", "ffffffff"], 4),
    ] {
        let out = desk.decide(words);
        assert_eq!(out.status.code(), Some(want), "{words:?}: {}", shown(&out));
        assert!(!out.stderr.is_empty(), "{words:?}");
    }
    assert_eq!(desk.review(&["--files", "src"]).status.code(), Some(1), "nothing was decided");
}

#[test]
fn decisions_that_cannot_be_read_are_no_pass_and_no_none() {
    let desk = Desk::new(HARMLESS);
    desk.write("src/b.ts", HARMLESS);
    assert_eq!(desk.review(&["--diff"]).status.code(), Some(0));
    let dir = desk.0.home().projects();
    let is_book = |path: &Path| path.extension().is_some_and(|ending| ending == "json");
    let mut books = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let book = books.find(|path| is_book(path)).unwrap();
    let whole = fs::read(&book).unwrap();
    fs::write(&book, &whole[..whole.len() / 2]).unwrap();
    for out in [desk.review(&["--diff"]), desk.decide(&["list"]), desk.decide(&["baseline"])] {
        assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(told.contains("cannot read the decisions") && told.contains("hint:"), "{told}");
    }
    fs::write(&book, &whole).unwrap();
    assert_eq!(desk.review(&["--diff"]).status.code(), Some(0));
}

/// What a person hands on as a file is read as any review is; ours has to pass there
/// with all that it says beside its findings, and must not where nothing was read.
#[test]
fn a_static_report_in_a_file_is_clean_only_if_something_was_read() {
    let sandbox = Sandbox::new(Launcher::Process);
    let write = |name: &str, text: &str| {
        let path = sandbox.project().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("src/a.py", "a = 1\n");
    write("tests/test_a.py", "a = 1\n");
    write("notes/n.md", "# n\n");
    write("node_modules/x/i.js", "let i;\n");
    for (words, gate) in [(&["."][..], 0), (&["src"], 0), (&["tests"], 0), (&["notes"], 3)] {
        let out = sandbox.path("report.md");
        let to = [&["-o", out.to_str().unwrap()], words].concat();
        sandbox.ok("convoy-lint", &to);
        let merged = sandbox.run("convoy-merge", &["--gate", "high", out.to_str().unwrap()]);
        let report = std::fs::read_to_string(&out).unwrap();
        assert_eq!(merged.status.code(), Some(gate), "{words:?}: {report}{}", shown(&merged));
    }
}
