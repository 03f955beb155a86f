//! Everything that reads what somebody else wrote, one function each: given any
//! bytes it must not panic, and what it says of them must hold. Driven by a property
//! test on stable (`tests/any_bytes.rs`) and by libFuzzer (`fuzz/`).

#[path = "anything.rs"]
mod anything;

use std::fs;

use anything::Anything;
use convoy_lint::domain::Domain;
use convoy_lint::joined;
use convoy_lint::language::Language;
use convoy_lint::pack::PackFiles;
use planning::agent_file;
use planning::document::Source;
use planning::template;
use protocol::claim::{self, Tree};
use protocol::layout::Home;
use protocol::plan::Stream;
use protocol::store;

/// A review in words: every byte of it is in exactly one finding or in the appendix.
pub fn extraction(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let found = convoy_merge::extract::extract(text, "any.md");
    let members = found.members.iter().map(|member| member.byte_range);
    let mut ranges: Vec<_> = members.chain(found.appendix.iter().map(|kept| kept.byte_range)).collect();
    ranges.sort_unstable();
    let end = ranges.into_iter().fold(0, |at, [from, to]| {
        assert!(from == at && to > from, "a gap or an overlap at {at}: {from}..{to}");
        to
    });
    assert_eq!(end, text.len());
}

/// The events of a CLI: how the bytes arrive makes no difference.
pub fn stream(format: Stream, bytes: &[u8]) {
    let piece = bytes.first().map_or(1, |first| usize::from(*first) + 1);
    let whole = convoy_agent::read_stream(format, bytes, usize::MAX);
    assert_eq!(convoy_agent::read_stream(format, bytes, piece), whole, "in pieces of {piece}");
}

/// A state file: what is read is read again from what is written.
pub fn state(bytes: &[u8]) {
    if let Ok(state) = store::parse_state(bytes, "any.json") {
        let text = serde_json::to_vec(&state).expect("a state can be written");
        assert_eq!(store::parse_state(&text, "any.json").expect("what was written can be read"), state);
    }
}

pub fn claim(bytes: &[u8]) {
    let root = tempfile::tempdir().expect("a directory");
    let dir = Home::new(root.path()).convoy(&"convoy-t-abcdef".parse().expect("an id"));
    let files = dir.attempt(&"a".parse().expect("a role"), 1);
    fs::create_dir_all(files.dir()).expect("a directory");
    fs::write(files.started(), bytes).expect("a claim");
    if let Err(error) = claim::read_attempt(&files, Tree::Unknown) {
        let error = error.to_string();
        assert!(error.contains("a.1.started"), "it names the file: {error}");
    }
}

fn source(bytes: &[u8]) -> Source {
    Source { name: "any".to_owned(), text: String::from_utf8_lossy(bytes).into_owned() }
}

pub fn template(bytes: &[u8]) {
    if let Err(problems) = template::read(&source(bytes), &Anything) {
        assert!(!problems.is_empty(), "it is refused for a reason");
    }
}

pub fn agent_file(bytes: &[u8]) {
    if let Err(problems) = agent_file::read(&source(bytes)) {
        assert!(!problems.is_empty(), "it is refused for a reason");
    }
}

/// A file of rules of the linter.
/// Results of another linter: what is taken of them is of files and lines that there are.
pub fn results(bytes: &[u8]) {
    const TEXT: &str = "const é = \"ü😀\"; eval(é);\n";
    let project = tempfile::tempdir().expect("a directory");
    for name in ["a.js", "b.js"] {
        fs::write(project.path().join(name), TEXT).expect("a file");
    }
    let text = String::from_utf8_lossy(bytes);
    for tool in TOOLS {
        match joined::findings_of(tool, text.to_string(), project.path()) {
            Ok(found) => found.iter().for_each(|one| {
                assert!(
                    project.path().join(&one.path).is_file() && one.line == 1 && one.end_line == 1,
                    "{one:?}"
                );
                assert!((1..=TEXT.chars().count()).contains(&one.column), "{one:?}");
            }),
            Err(why) => assert!(why.starts_with("results cannot be read as "), "it says what: {why}"),
        }
    }
}

/// None: SARIF.
const TOOLS: [Option<&str>; 10] = [
    None,
    Some("bandit"),
    Some("clippy"),
    Some("eslint"),
    Some("golangci-lint"),
    Some("mypy"),
    Some("ruff"),
    Some("semgrep"),
    Some("shellcheck"),
    Some("tsc"),
];

pub fn rule(bytes: &[u8]) {
    let mut files = PackFiles::default();
    files.add_text("any.yml", &String::from_utf8_lossy(bytes), None, None);
    if let Err(failure) = files.compile(&Domain::ALL, &Language::ALL.iter().copied().collect()) {
        assert!(failure.message.starts_with("any.yml:"), "it says where: {}", failure.message);
    }
}
