//! Reading an executor file.

use protocol::far::{PLACEHOLDERS, VALUES};
use protocol::placeholder;
use protocol::plan::{PlaceEach, PlaceWhen, Proof};

use super::{Executor, Place, When};
use crate::diagnostic::Diagnostic;
use crate::document::{Source, Value, parse_toml};
use crate::fields::{Fields, Found, Reader, boolean, filled_text, texts, word};

const KEYS: [&str; 16] = [
    "description",
    "program",
    "install",
    "needs",
    "proof",
    "shell",
    "place",
    "pass_env",
    "keep_env",
    "node",
    "list",
    "waiting",
    "over",
    "never",
    "ask",
    "cancel",
];

/// Every key of an executor file; the documentation is checked against them.
#[cfg(test)]
pub(crate) fn documented_keys() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter()
}

/// Reads an executor file; on failure all problems.
pub fn read(source: &Source) -> Result<Executor, Vec<Diagnostic>> {
    let node = parse_toml(source).map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(source).help("pan convoy executors show bwrap prints one that is right");
    let executor = reader.table(&node, "the executor").and_then(|fields| read_fields(&mut reader, &fields));
    match executor {
        Some(executor) if !reader.has_problems() => Ok(executor),
        _ => Err(reader.into_problems()),
    }
}

fn read_fields(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Executor> {
    reader.known(fields, &KEYS);
    let proofs = [("tree", Proof::Tree), ("record", Proof::Record)];
    let description = reader.required(fields, "description", filled_text);
    let program = value(reader.optional(fields, "program", filled_text));
    let list = |reader: &mut Reader<'_>, key| value(reader.optional(fields, key, texts)).unwrap_or_default();
    let command =
        |reader: &mut Reader<'_>, key| value(reader.optional(fields, key, words)).unwrap_or_default();
    // Without a word about it nothing is believed that cannot be seen.
    let proof = value(reader.optional(fields, "proof", word(&proofs))).unwrap_or(Proof::Record);
    let place = read_place(reader, fields);
    match (&program, fields.node("place").is_none()) {
        (None, false) => reader.problem(fields.at, "'place' says how 'program' is called, and there is none"),
        (Some(_), true) => reader.problem(fields.at, "the executor has a 'program' and no 'place'"),
        _ => {}
    }
    Some(Executor {
        description: description?.value,
        program,
        install: value(reader.optional(fields, "install", filled_text)),
        needs: list(reader, "needs"),
        proof,
        shell: value(reader.optional(fields, "shell", boolean)).unwrap_or(false),
        place,
        pass_env: list(reader, "pass_env"),
        keep_env: list(reader, "keep_env"),
        node: value(reader.optional(fields, "node", filled_text)),
        list: command(reader, "list"),
        waiting: list(reader, "waiting"),
        over: list(reader, "over"),
        never: list(reader, "never"),
        ask: command(reader, "ask"),
        cancel: command(reader, "cancel"),
    })
}

fn value<T>(found: Option<Found<T>>) -> Option<T> {
    found.map(|found| found.value)
}

fn read_place(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Place> {
    let Some(node) = fields.node("place") else { return Vec::new() };
    let Value::List(items) = &node.value else {
        reader.problem(node.at, "'place': write [[place]] with words = […]");
        return Vec::new();
    };
    let whens = [
        ("offline", When::Attempt(PlaceWhen::Offline)),
        ("online", When::Attempt(PlaceWhen::Online)),
        ("cpus", When::Value("cpus")),
        ("memory", When::Value("memory")),
        ("time", When::Value("time")),
        ("host", When::Value("host")),
    ];
    let eaches = [
        ("project", PlaceEach::Project),
        ("hide", PlaceEach::Hide),
        ("read", PlaceEach::Read),
        ("write", PlaceEach::Write),
    ];
    let mut out = Vec::new();
    for item in items {
        let Some(inner) = reader.table(item, "'place'") else { continue };
        reader.known(&inner, &["words", "when", "each"]);
        out.push(Place {
            words: value(reader.required(&inner, "words", words)).unwrap_or_default(),
            when: value(reader.optional(&inner, "when", word(&whens))),
            each: value(reader.optional(&inner, "each", word(&eaches))),
        });
    }
    out
}

/// Words whose braces hold placeholders only, so that a misspelt one is seen.
fn words(value: &Value) -> Result<Vec<String>, String> {
    let words = texts(value)?;
    for word in &words {
        for name in placeholder::names_in(word) {
            let known = PLACEHOLDERS.contains(&name) || VALUES.contains(&name);
            if !known && word != "{options...}" {
                let all: Vec<&str> = PLACEHOLDERS.into_iter().chain(VALUES).collect();
                return Err(format!(
                    "there is no placeholder '{{{name}}}'; there are {} and options...",
                    all.join(", ")
                ));
            }
        }
    }
    Ok(words)
}
