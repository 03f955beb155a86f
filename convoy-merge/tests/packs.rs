//! Many short texts in a few files (`packs/*.txt`): reviews as bots and people
//! write them, texts that say that nothing was found, texts that are no review.

#![expect(clippy::expect_used, reason = "a test stops where something is not as it should be")]

use std::fs;
use std::path::Path;

use convoy_merge::extract::extract;
use convoy_merge::model::{Location, Status};

struct Case {
    name: String,
    text: String,
    expect: Vec<String>,
}

fn cases(pack: &str) -> Vec<Case> {
    let mut list: Vec<Case> = Vec::new();
    let mut expecting = false;
    for line in pack.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("=== ") {
            list.push(Case { name: name.trim().to_string(), text: String::new(), expect: Vec::new() });
            expecting = false;
        } else if line.starts_with("--- expect") {
            expecting = true;
        } else if let Some(case) = list.last_mut() {
            if expecting {
                case.expect.extend(Some(line.trim_end().to_string()).filter(|line| !line.is_empty()));
            } else {
                case.text.push_str(line);
            }
        }
    }
    list
}

/// What is wrong with what was read, if something is.
fn judge(case: &Case, text: &str) -> Option<String> {
    let found = extract(text, &case.name);
    let got: Vec<String> = found
        .members
        .iter()
        .map(|m| {
            let place = m.locations.first().map_or("-".to_string(), Location::display);
            let mark = if m.withdrawn { "|W" } else { "" };
            // Only where it is told: a status, and how many answered.
            let status =
                m.status.filter(|s| *s != Status::Open).map_or(String::new(), |s| format!("|{}", s.name()));
            let thread =
                if m.thread.is_empty() { String::new() } else { format!("|{} answers", m.thread.len()) };
            format!("{}|{place}|{}{mark}{status}{thread}", m.severity.name(), m.title)
        })
        .collect();
    let (states, want): (Vec<&String>, Vec<&String>) =
        case.expect.iter().partition(|line| line.starts_with('@'));
    let fits = |got: &String, want: &String| {
        let (g, w): (Vec<&str>, Vec<&str>) = (got.split('|').collect(), want.split('|').collect());
        // Paths are shown as the report writes them; the merge makes them relative.
        g[0] == w[0]
            && g[1].ends_with(w[1])
            && (g[2].contains(w[2]) || w[2].contains(g[2]))
            && g[3..] == w[3..]
    };
    let same = got.len() == want.len() && got.iter().zip(&want).all(|(g, w)| fits(g, w));
    let state = states.iter().all(|state| match &state[1..] {
        "incomplete" => !found.complete,
        state => state == found.recognised.name(),
    });
    (!same || !state)
        .then(|| format!("{}: {}\n  want {want:?}\n  got  {got:?}", case.name, found.recognised.name()))
}

fn check(pack: &str, least: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs").join(pack);
    let cases = cases(&fs::read_to_string(path).expect("pack"));
    assert!(cases.len() >= least, "only {} cases in {pack}", cases.len());
    let mut failures: Vec<String> = cases.iter().filter_map(|case| judge(case, &case.text)).collect();
    // The same with the line ends of Windows.
    failures.extend(cases.iter().filter_map(|case| {
        judge(case, &case.text.replace('\n', "\r\n")).map(|why| format!("with CRLF: {why}"))
    }));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn bots() {
    check("bots.txt", 20);
}

#[test]
fn clean() {
    check("clean.txt", 25);
}

#[test]
fn near_clean() {
    check("near_clean.txt", 200);
}

#[test]
fn no_review() {
    check("no_review.txt", 25);
}

#[test]
fn languages_and_shapes() {
    check("languages_and_shapes.txt", 20);
}

#[test]
fn json() {
    check("json.txt", 30);
}

#[test]
fn formats() {
    check("formats.txt", 40);
}

#[test]
fn levels() {
    check("levels.txt", 28);
}

#[test]
fn habits() {
    check("habits.txt", 17);
}

#[test]
fn foreign() {
    check("foreign.txt", 14);
}

#[test]
fn wrapped() {
    check("wrapped.txt", 13);
}

#[test]
fn threads() {
    check("threads.txt", 10);
}

#[test]
fn no_review_data() {
    check("no_review_data.txt", 15);
}

#[test]
fn foreign_files() {
    check("foreign_files.txt", 14);
}

#[test]
fn told() {
    check("told.txt", 22);
}
