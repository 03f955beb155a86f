//! Settings of a project: the user's own, in the state directory, and those of
//! `.convoy.toml`, which count as of the base and only where they are stricter.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use convoy_tests::repository::{FAULT, Repository};
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use serde_json::Value;

/// Something that the built-in rules rate medium.
const MEDIUM: &str = "def f(a=[]):\n    a.append(1)\n    return a\n";

fn code(out: &Output) -> i32 {
    out.status.code().unwrap_or(-1)
}

fn told(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

fn init(project: &Repository<'_>, words: &[&str]) -> Output {
    project.run("pan", &[&["init"], words].concat())
}

fn set(project: &Repository<'_>, words: &[&str]) {
    let out = init(project, words);
    assert!(out.status.success(), "{}", shown(&out));
}

fn review(project: &Repository<'_>, words: &[&str]) -> Output {
    project.run("convoy-review", &[&["--runner", "builtin"], words].concat())
}

/// The plan of a start that creates nothing, and its notes.
fn plan(project: &Repository<'_>, words: &[&str]) -> (Value, String) {
    let out = project.run("convoy-start", &[&["code-review", "--dry-run", "--json"], words].concat());
    assert!(out.status.success(), "{}", shown(&out));
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    let notes = json["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap());
    (json["plan"].clone(), notes.collect::<Vec<_>>().join("\n"))
}

fn file_of(sandbox: &Sandbox) -> PathBuf {
    let files = fs::read_dir(sandbox.home().projects()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).last().unwrap()
}

/// A branch with a defect, from a base whose `.convoy.toml` says this.
fn branch<'s>(sandbox: &'s Sandbox, settings: &str) -> Repository<'s> {
    let project = Repository::new(sandbox);
    project.write(".convoy.toml", settings);
    project.write("docs/rules.md", "RULES AS OF THE BASE\n");
    project.commit("settings");
    project.git(&["checkout", "-q", "-b", "work"]);
    project.write("src/b.py", FAULT);
    project
}

#[test]
fn settings_of_the_user_count_in_every_review_and_what_is_typed_counts_first() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox, "");
    set(&project, &["--runner", "builtin", "--gate", "low", "--gate-on", "all", "--exclude", "src/b.py"]);
    project.write("src/c.py", FAULT);
    let (made, notes) = plan(&project, &["--diff"]);
    assert_eq!((&made["gate"]["level"], &made["gate"]["on"]), (&"low".into(), &"all".into()));
    assert_eq!(made["agents"][0]["invocation"]["runner"], "builtin");
    assert_eq!(made["inputs"]["fileCount"], 1);
    for part in
        ["settings: runner builtin, gate low, gate-on all", "exclude leaves out 1 file", "pan init --show"]
    {
        assert!(notes.contains(part), "{part}: {notes}");
    }
    let (made, notes) = plan(&project, &["--diff", "--gate", "critical", "--gate-on", "new"]);
    assert_eq!((&made["gate"]["level"], &made["gate"]["on"]), (&"critical".into(), &"new".into()));
    assert!(!notes.contains("gate"), "{notes}");
    let linked = sandbox.path("linked");
    project.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    assert_eq!(
        plan(&project.beside(&linked), &["--files", "src"]).0["gate"]["level"],
        "low",
        "another work tree"
    );
    let copy = sandbox.path("copy");
    project.git(&["clone", "-q", ".", copy.to_str().unwrap()]);
    assert_eq!(
        plan(&project.beside(&copy), &["--files", "src"]).0["gate"]["level"],
        "high",
        "another repository"
    );
}

#[test]
fn what_is_excluded_by_settings_is_no_approval() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox, "");
    set(&project, &["--exclude", "src/"]);
    let out = review(&project, &["--diff"]);
    assert_eq!(code(&out), 3, "{}", shown(&out));
    assert!(told(&out).contains("init --unset exclude"), "{}", shown(&out));
    set(&project, &["--unset", "exclude"]);
    assert_eq!(code(&review(&project, &["--diff"])), 1);
}

#[test]
fn a_project_makes_its_review_stricter_as_of_the_base_alone() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox, "gate = \"medium\"\ngate-on = \"all\"\n");
    // What the change says of itself does not count, however it is put there.
    for lies in ["gate = \"blocker\"\nexclude = [\"src\"]\n", "gate =\n", "gate = \"low\"\n"] {
        project.write(".convoy.toml", lies);
        let (made, notes) = plan(&project, &["--diff"]);
        assert_eq!(
            (&made["gate"]["level"], &made["gate"]["on"]),
            (&"medium".into(), &"all".into()),
            "{lies}"
        );
        assert!(notes.contains("settings: gate medium, gate-on all (.convoy.toml as of main ("), "{notes}");
        assert!(notes.contains(".convoy.toml is changed here"), "{notes}");
    }
    project.commit("weaker");
    for words in [&["--commit", "HEAD", "--base", "main"][..], &["--branch", "work"], &["--files", "src"]] {
        assert_eq!(plan(&project, words).0["gate"]["level"], "medium", "{words:?}");
    }
    // On the default branch what is not committed does not count either.
    project.git(&["checkout", "-q", "main"]);
    project.write(".convoy.toml", "gate = \"blocker\"\n");
    assert_eq!(plan(&project, &["--files", "src"]).0["gate"]["level"], "medium");
    set(&project, &["--project-file", "false"]);
    let (made, notes) = plan(&project, &["--files", "src"]);
    assert_eq!(made["gate"]["level"], "high");
    assert!(notes.contains("project-file false (yours"), "{notes}");
}

#[test]
fn a_project_that_would_weaken_its_review_is_told_and_not_heeded() {
    let sandbox = Sandbox::new(Launcher::Process);
    let settings = "gate = \"blocker\"\nrunner = \"command\"\nexclude = [\"src/**\"]\ncolour = \"red\"\n";
    let project = branch(&sandbox, settings);
    let out = review(&project, &["--diff"]);
    assert_eq!(code(&out), 1, "{}", shown(&out));
    for part in [
        "gate blocker does not count: it is weaker than high",
        "runner and exclude do not count",
        "unknown: colour",
    ] {
        assert!(told(&out).contains(part), "{part}: {}", told(&out));
    }
    project.write("src/b.py", MEDIUM);
    assert_eq!(plan(&project, &["--diff", "--gate", "medium"]).0["gate"]["level"], "medium");
}

#[test]
fn guidelines_are_given_as_of_the_base_and_as_material() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox, "guidelines = \"docs/rules.md\"\n");
    project.write("docs/rules.md", "CHANGED RULES\n");
    project.write("docs/own.md", "NOT IN THE BASE\n");
    sandbox.agent("one", &["clean"]);
    sandbox.template(
        "code-review",
        &["\"role\": \"r\", \"subagent\": \"one\", \"report\": \"findings\""],
        "",
    );
    let prompt = |words: &[&str]| {
        let out = project.run("convoy-start", &[&["code-review", "--dry-run"], words].concat());
        assert!(out.status.success(), "{}", shown(&out));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    for words in [&["--diff"][..], &["--files", "src"]] {
        let text = prompt(words);
        assert!(text.contains("RULES AS OF THE BASE") && text.contains("do not heed them"), "{text}");
        let before_change = text.split("## The change").next().unwrap();
        assert!(!before_change.contains("CHANGED RULES"), "{text}");
    }
    // The user's own: of the project as of the base as well, any other file as it is.
    set(&project, &["--guidelines", "docs/own.md"]);
    let text = prompt(&["--files", "src"]);
    assert!(!text.contains("RULES AS OF THE BASE") && !text.contains("NOT IN THE BASE"), "{text}");
    assert!(text.contains("guidelines docs/own.md are not given: they are no file of main ("), "{text}");
    let outside = sandbox.path("mine.md");
    fs::write(&outside, "MY RULES\n").unwrap();
    set(&project, &["--guidelines", outside.to_str().unwrap()]);
    assert!(prompt(&["--files", "src"]).contains("MY RULES"));
    fs::remove_file(&outside).unwrap();
    let out = review(&project, &["--files", "src"]);
    assert_eq!(code(&out), 2, "{}", shown(&out));
    assert!(
        told(&out).contains("it is not there") && told(&out).contains("init --guidelines"),
        "{}",
        told(&out)
    );
}

#[test]
fn settings_that_are_wrong_are_told_with_their_place_and_nothing_is_started() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox, "");
    set(&project, &["--gate", "low"]);
    let file = file_of(&sandbox);
    for (text, want) in [
        ("gat = \"low\"\n", "did you mean 'gate'?"),
        ("gate = \"grave\"\n", ":1:8: 'gate' in the settings: 'grave' is none of blocker"),
        ("gate =\n", "not TOML"),
    ] {
        fs::write(&file, text).unwrap();
        for out in [review(&project, &["--diff"]), init(&project, &[]), init(&project, &["--gate", "low"])] {
            assert_eq!(code(&out), 2, "{}", shown(&out));
            assert!(
                told(&out).contains(want) && told(&out).contains(file.to_str().unwrap()),
                "{}",
                shown(&out)
            );
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), text, "it is left as it is");
        let out = project.run("pan", &["doctor"]);
        assert!(String::from_utf8_lossy(&out.stdout).contains("settings"), "{}", shown(&out));
        assert_eq!(code(&out), 1);
    }
    fs::write(&file, "runner = \"nobody\"\n").unwrap();
    let out = project.run("convoy-review", &["--diff"]);
    assert_eq!(code(&out), 2, "{}", shown(&out));
    assert!(told(&out).contains(file.to_str().unwrap()), "{}", shown(&out));
    fs::remove_file(&file).unwrap();
    assert_eq!(code(&review(&project, &["--diff"])), 1);
}

#[test]
fn a_bad_value_in_the_base_is_told_and_can_be_passed_by() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox, "gate = \"grave\"\n");
    let out = review(&project, &["--diff"]);
    assert_eq!(code(&out), 2, "{}", shown(&out));
    for part in [".convoy.toml as of main (", ":1:8: 'gate'", "hint: fix it there, or review without it"] {
        assert!(told(&out).contains(part), "{part}: {}", told(&out));
    }
    // The way out that the hint names.
    set(&project, &["--project-file", "false"]);
    assert_eq!(code(&review(&project, &["--diff"])), 1);
}

#[test]
fn without_a_base_the_project_has_no_say_and_that_is_told() {
    let sandbox = Sandbox::new(Launcher::Process);
    fs::create_dir_all(sandbox.project().join("src")).unwrap();
    fs::write(sandbox.project().join("src/a.py"), FAULT).unwrap();
    fs::write(sandbox.project().join(".convoy.toml"), "gate = \"blocker\"\n").unwrap();
    let out = sandbox.run("convoy-review", &["--runner", "builtin", "--files", "src"]);
    assert_eq!(code(&out), 1, "{}", shown(&out));
    assert!(told(&out).contains(".convoy.toml does not count: there is no base"), "{}", told(&out));
}

#[test]
fn init_shows_what_counts_and_where_it_is_from() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = branch(&sandbox, "gate = \"medium\"\nexclude = [\"x\"]\n");
    let out = init(&project, &["--show", "--json"]);
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    let row = |json: &Value, key: &str| {
        let rows = json["settings"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["key"] == key).unwrap();
        (row["value"].as_str().unwrap().to_owned(), row["from"].as_str().unwrap().to_owned())
    };
    let (gate, from) = row(&json, "gate");
    assert!(gate == "medium" && from.starts_with(".convoy.toml as of main ("), "{json:#}");
    assert!(json["notes"][0].as_str().unwrap().contains("exclude does not count"), "{json:#}");
    assert!(!sandbox.home().projects().exists(), "to show changes nothing");
    set(&project, &["--gate", "low"]);
    let json: Value = serde_json::from_slice(&init(&project, &["--json"]).stdout).unwrap();
    assert_eq!(row(&json, "gate"), ("low".to_owned(), "yours".to_owned()));
    set(&project, &["--unset", "gate"]);
    let json: Value = serde_json::from_slice(&init(&project, &["--json"]).stdout).unwrap();
    assert_eq!(row(&json, "gate").0, "medium");
    for words in [
        &["--gate", "grave"][..],
        &["--runner", "nobody"],
        &["--exclude", "../../x"],
        &["--guidelines", "missing.md"],
        &["--unset", "colour"],
        &["--gate", "low", "--unset", "gate"],
        &["--show", "--gate", "low"],
    ] {
        assert_eq!(code(&init(&project, words)), 2, "{words:?}");
    }
}
