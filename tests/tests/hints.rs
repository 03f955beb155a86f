//! Whatever a user can get wrong is told in one voice: `program: what and where`,
//! what to do on a `hint:` line in the form that was typed, a documented exit code,
//! nothing of the insides. The mistakes are data: `hints/calls.rs` are command
//! lines, `hints/files.rs` files that people write.

mod hints {
    pub mod calls;
    pub mod files;
}

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Output, Stdio};

use base::called::FORMS;
use base::ids::ConvoyId;
use convoy_tests::repository::Repository;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};

use hints::calls::{CALLS, Call};
use hints::files::{BAD, Kind};

/// A project under git with a review in it, a convoy that has ended and one that runs.
struct Place {
    sandbox: Sandbox,
    ended: ConvoyId,
    running: ConvoyId,
}

impl Place {
    fn new() -> Self {
        let sandbox = Sandbox::new(Launcher::Process);
        let repository = Repository::new(&sandbox);
        for (name, text) in [
            ("src/a.ts", "export const a = 1;\n"),
            ("torn.json", "{\"a\":"),
            ("empty.md", ""),
            ("script.sh", "#!/bin/sh\nexit 0\n"),
            ("list.txt", "no-such.ts\n"),
            ("rules/x.yml", "id: x\nlanguage: Klingon\n"),
        ] {
            repository.write(name, text);
        }
        repository.commit("second");
        fs::create_dir(sandbox.project().join("norules")).unwrap();
        sandbox.agent("ok", &["print:hello\n"]);
        sandbox.agent("waits", &[&format!("until:{}", sandbox.path("go").display())]);
        sandbox.template("one", &["\"role\": \"first\", \"subagent\": \"ok\""], "");
        sandbox.template("long", &["\"role\": \"first\", \"subagent\": \"waits\""], "");
        sandbox.template(
            "asks",
            &["\"role\": \"first\", \"subagent\": \"ok\", \"prompt\": \"{{params.url}}\""],
            "",
        );
        let asks = sandbox.home().user_templates().join("asks.json");
        let text = fs::read_to_string(&asks).unwrap();
        let params =
            "{\"params\": {\"url\": {\"type\": \"string\"}, \"n\": {\"type\": \"number\", \"default\": 1}}, ";
        fs::write(asks, text.replacen('{', params, 1)).unwrap();
        let ended = sandbox.start("one", &[]);
        sandbox.until_ended(&ended);
        let running = sandbox.start("long", &[]);
        sandbox.until_started(2);
        Place { sandbox, ended, running }
    }

    /// The words of a call, with the ids of this place.
    fn fill(&self, word: &str) -> String {
        word.replace("ENDED", self.ended.short()).replace("RUNNING", self.running.short())
    }

    fn run(&self, program: &str, words: &[String]) -> Output {
        self.sandbox.command(program).args(words).stdin(Stdio::null()).output().unwrap()
    }
}

/// The exit codes that the help of each program names.
fn documented(place: &Place) -> BTreeMap<&'static str, BTreeSet<i32>> {
    let programs: BTreeSet<&str> =
        CALLS.iter().map(|call| call.program).filter(|name| *name != "pan").collect();
    let one = |program: &'static str| {
        let out = place.run(program, &["--help".to_owned()]);
        let help = String::from_utf8(out.stdout).unwrap();
        let codes =
            help.split("Exit codes:").nth(1).unwrap_or_else(|| panic!("{program} names no exit codes"));
        let numbers = codes.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok());
        (program, numbers.collect())
    };
    programs.into_iter().map(one).collect()
}

/// How a call is typed: by the program's own name and, if there is a way, by `pan`.
fn forms(program: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let by_pan = FORMS.iter().find(|form| form.program == program && form.own.is_empty());
    let mut out = vec![(program, Vec::new())];
    out.extend(by_pan.map(|form| ("pan", form.typed.to_vec())));
    out
}

fn hints(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.trim_start().strip_prefix("hint: ")).collect()
}

/// Commands of a text in the form that was not typed.
fn other_form(text: &str, by_pan: bool) -> Option<&'static str> {
    let stands_in = |name: &str| {
        text.match_indices(name).any(|(at, _)| {
            let after = text[at + name.len()..].chars().next();
            !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '/' || c == '-')
                && after.is_none_or(|c| c == ' ' || c == ',' || c == ';')
        })
    };
    if by_pan {
        FORMS.iter().map(|form| form.program).find(|program| stands_in(program))
    } else {
        let typed = |form: &base::called::Form| stands_in(&format!("pan {}", form.typed.join(" ")));
        FORMS.iter().find(|form| typed(form)).map(|form| form.program)
    }
}

/// What is wrong with how a mistake was told.
fn faults(told: &str, names: &str, by_pan: bool) -> Vec<String> {
    let mut faults = Vec::new();
    if !told.contains(names) {
        faults.push(format!("does not name {names:?}"));
    }
    if hints(told).is_empty() {
        faults.push("has no hint".to_owned());
    }
    for hint in hints(told) {
        faults.extend(other_form(hint, by_pan).map(|name| format!("speaks of {name} in the other form")));
    }
    let insides = [
        "(os error",
        "panicked",
        "Some(",
        "Err(",
        "Error {",
        "Custom {",
        "\\n",
        "unwrap()",
        "RUST_BACKTRACE",
    ];
    faults.extend(insides.iter().filter(|word| told.contains(*word)).map(|word| format!("shows {word:?}")));
    faults
}

#[test]
fn every_wrong_call_is_told_with_what_to_do() {
    let place = Place::new();
    let documented = documented(&place);
    let mut wrong = Vec::new();
    for Call { program, words, exit, names } in CALLS {
        let words: Vec<String> = words.iter().map(|word| place.fill(word)).collect();
        for (typed, before) in forms(program) {
            let all: Vec<String> =
                before.iter().map(|word| (*word).to_owned()).chain(words.clone()).collect();
            let out = place.run(typed, &all);
            let told = String::from_utf8(out.stderr.clone()).unwrap();
            let mut faults = faults(&told, &place.fill(names), typed == "pan");
            if out.status.code() != Some(*exit) {
                faults.push(format!("ends with {:?}, not {exit}", out.status.code()));
            }
            if documented.get(program).is_some_and(|codes| !codes.contains(exit)) {
                faults.push(format!("{exit} is no documented exit code"));
            }
            let speaks = |name: &&str| told.starts_with(&format!("{name}: "));
            if !FORMS
                .iter()
                .map(|form| form.program)
                .chain(["pan", "convoy-agent", "convoy-inspect"])
                .any(|name| speaks(&name))
            {
                faults.push("does not say which program speaks".to_owned());
            }
            if !faults.is_empty() {
                wrong.push(format!("{typed} {}: {}\n{}", all.join(" "), faults.join("; "), shown(&out)));
            }
        }
    }
    assert!(CALLS.len() > 100, "{}", CALLS.len());
    assert!(wrong.is_empty(), "{} of {}:\n\n{}", wrong.len(), CALLS.len(), wrong.join("\n\n"));
}

#[test]
fn every_mistake_in_a_file_is_told_with_what_to_do() {
    let place = Place::new();
    let home = place.sandbox.home();
    let mut wrong = Vec::new();
    for bad in BAD {
        let (path, words): (_, &[&str]) = match bad.kind {
            Kind::Template => (place.sandbox.project().join("t.json"), &["templates", "check", "./t.json"]),
            Kind::Agent => (place.sandbox.project().join("a.md"), &["agents", "check", "./a.md"]),
            Kind::Runner => (home.user_runner(&"mine".parse().unwrap()), &["runners", "check", "mine"]),
            Kind::Config => (home.config(), &["resume", "--all"]),
            Kind::Prices => (home.prices(), &["templates", "check", "code-review"]),
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = fs::read(&path).ok();
        fs::write(&path, bad.text).unwrap();
        // A problem of the price table is met where a plan is made.
        let (program, words) = match bad.kind {
            Kind::Prices => ("convoy-start", &["one", "--dry-run"][..]),
            _ => ("convoy-ctl", words),
        };
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        for (typed, first) in forms(program) {
            let all: Vec<String> = first.iter().map(|word| (*word).to_owned()).chain(words.clone()).collect();
            let out = place.run(typed, &all);
            // `agents check` is a list, its hints are in it.
            let told =
                format!("{}{}", String::from_utf8_lossy(&out.stderr), String::from_utf8_lossy(&out.stdout));
            let told = told.replace("(hint: ", "\nhint: ");
            let mut faults = faults(&told, bad.names, typed == "pan");
            if out.status.code() != Some(2) {
                faults.push(format!("ends with {:?}", out.status.code()));
            }
            if !faults.is_empty() {
                wrong.push(format!(
                    "{typed} {}\n{}\n{}: {}",
                    all.join(" "),
                    bad.text,
                    faults.join("; "),
                    shown(&out)
                ));
            }
        }
        match before {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
    }
    assert!(BAD.len() > 50, "{}", BAD.len());
    assert!(wrong.is_empty(), "{} of {}:\n\n{}", wrong.len(), BAD.len(), wrong.join("\n\n"));
}

#[test]
fn a_fault_in_how_a_mistake_is_told_is_seen() {
    let good = "convoy-ctl: no convoy 'x'\nhint: convoy-ctl list shows all";
    assert_eq!(faults(good, "'x'", false), Vec::<String>::new());
    for (told, names, by_pan, want) in [
        (good, "'y'", false, "does not name \"'y'\""),
        (good, "'x'", true, "speaks of convoy-ctl in the other form"),
        ("convoy-ctl: 'x'\nhint: pan convoy list", "'x'", false, "speaks of convoy-ctl in the other form"),
        ("convoy-ctl: 'x'", "'x'", false, "has no hint"),
        ("a: 'x': no (os error 2)\nhint: b", "'x'", false, "shows \"(os error\""),
        ("a: 'x': Some(1)\nhint: b", "'x'", false, "shows \"Some(\""),
    ] {
        assert_eq!(faults(told, names, by_pan), [want], "{told}");
    }
}
