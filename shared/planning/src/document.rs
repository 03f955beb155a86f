//! JSON and TOML files a person wrote, as trees that remember their places, so
//! that every error can say where. `fields` reads values out of them.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, line_and_column};

/// Deepest nesting that is read: nothing here needs five.
const MAX_DEPTH: usize = 32;

/// What to look for where a file cannot be read at all.
const SYNTAX: &str = "look there and on the line before: a comma, quote or bracket is missing or too many";

/// A file's text and the name people know it by.
#[derive(Debug, Clone)]
pub struct Source {
    pub name: String,
    pub text: String,
}

impl Source {
    /// A problem at a byte offset of this file.
    pub(crate) fn problem(&self, offset: usize, message: impl Into<String>) -> Diagnostic {
        let (line, column) = line_and_column(&self.text, offset);
        Diagnostic::new(message).in_file(&self.name).at(line, column)
    }
}

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub at: usize,
    pub value: Value,
}

/// A value of JSON or TOML.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

impl Node {
    /// Moves all places, for a text that follows another one.
    pub(crate) fn shift(&mut self, by: usize) {
        self.at += by;
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.shift(by)),
            Value::Table(entries) => {
                for entry in entries {
                    entry.key_at += by;
                    entry.node.shift(by);
                }
            }
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_) => {}
        }
    }
}

/// A key of a table, where it begins, and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub key: String,
    pub key_at: usize,
    pub node: Node,
}

impl Value {
    /// What it is, for "expected …, found …".
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// The same value as JSON.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => (*b).into(),
            Value::Integer(n) => (*n).into(),
            Value::Float(n) => (*n).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(|item| item.value.to_json()).collect(),
            Value::Table(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.node.value.to_json())).collect()
            }
        }
    }
}

/// Reads a JSON file.
pub(crate) fn parse_json(source: &Source) -> Result<Node, Diagnostic> {
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let shift = source.text.len() - text.len();
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        // serde_json repeats the place; it is said once, in front.
        let message = message.split(" at line ").next().unwrap_or(&message);
        Diagnostic::new(format!("not JSON: {message}"))
            .in_file(&source.name)
            .at(error.line(), error.column().max(1))
            .hint(SYNTAX)
    })?;
    json_node(raw, text, shift, 0).map_err(|(at, why)| source.problem(at, why).hint(SYNTAX))
}

/// Objects and lists are cut into raw pieces level by level: a piece is a slice
/// of the file, so its address is its place.
fn json_node(raw: &RawValue, text: &str, shift: usize, depth: usize) -> Result<Node, (usize, &'static str)> {
    let piece = raw.get();
    let at = piece.as_ptr() as usize - text.as_ptr() as usize + shift;
    if depth > MAX_DEPTH {
        return Err((at, "nested too deeply"));
    }
    // The text as a whole was read already; what is left are numbers out of range.
    let bad = (at, "not JSON, or a number that is too large");
    let value = match piece.as_bytes().first() {
        Some(b'{') => {
            let pairs: Pairs<'_> = serde_json::from_str(piece).map_err(|_| bad)?;
            let entry = |(key, value): &(&RawValue, &RawValue)| {
                Ok::<Entry, (usize, &'static str)>(Entry {
                    key: serde_json::from_str(key.get()).map_err(|_| bad)?,
                    key_at: key.get().as_ptr() as usize - text.as_ptr() as usize + shift,
                    node: json_node(value, text, shift, depth + 1)?,
                })
            };
            Value::Table(pairs.0.iter().map(entry).collect::<Result<_, _>>()?)
        }
        Some(b'[') => {
            let items: Items<'_> = serde_json::from_str(piece).map_err(|_| bad)?;
            let item = |item: &&RawValue| json_node(item, text, shift, depth + 1);
            Value::List(items.0.iter().map(item).collect::<Result<_, _>>()?)
        }
        _ => match serde_json::from_str(piece).map_err(|_| bad)? {
            serde_json::Value::Bool(b) => Value::Bool(b),
            serde_json::Value::String(text) => Value::Text(text),
            serde_json::Value::Number(n) => {
                n.as_i64().map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Integer)
            }
            _ => Value::Null,
        },
    };
    Ok(Node { at, value })
}

struct Pairs<'a>(Vec<(&'a RawValue, &'a RawValue)>);
struct Items<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(V)
    }
}

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Items<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items<'de>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Items(items))
            }
        }
        deserializer.deserialize_seq(V)
    }
}

/// Reads a TOML file.
pub(crate) fn parse_toml(source: &Source) -> Result<Node, Diagnostic> {
    let table = DeTable::parse(&source.text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let message = error.message().trim().replace('\n', "; ");
        source.problem(offset, format!("not TOML: {message}")).hint(SYNTAX)
    })?;
    Ok(Node { at: 0, value: toml_table(table.get_ref()) })
}

fn toml_table(table: &DeTable<'_>) -> Value {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_at: key.span().start,
            node: toml_node(value.span().start, value.get_ref()),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_at);
    Value::Table(entries)
}

fn toml_node(at: usize, value: &DeValue<'_>) -> Node {
    let value = match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(n) => {
            i64::from_str_radix(n.as_str(), n.radix()).map_or(Value::Float(f64::NAN), Value::Integer)
        }
        DeValue::Float(n) => Value::Float(n.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(b) => Value::Bool(*b),
        DeValue::Datetime(time) => Value::Text(time.to_string()),
        DeValue::Array(items) => {
            Value::List(items.iter().map(|item| toml_node(item.span().start, item.get_ref())).collect())
        }
        DeValue::Table(table) => toml_table(table),
    };
    Node { at, value }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source(text: &str) -> Source {
        Source { name: "f".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn json_values_know_their_places() {
        let text = "\u{feff}{ \"a\": [1, \"x\\n\"],\n  \"b\\u0041\" : {\"c\": 1.5, \"c\": null} }";
        let node = parse_json(&source(text)).unwrap();
        let Value::Table(entries) = &node.value else { panic!("{node:?}") };
        assert_eq!(text[entries[0].key_at..].chars().next(), Some('"'));
        assert_eq!(entries[1].key, "bA");
        assert!(text[entries[1].key_at..].starts_with("\"b\\u"));
        let Value::List(items) = &entries[0].node.value else { panic!() };
        assert_eq!(items[1].value, Value::Text("x\n".to_owned()));
        assert!(text[items[1].at..].starts_with("\"x"));
        let Value::Table(inner) = &entries[1].node.value else { panic!() };
        assert_eq!(inner.len(), 2, "duplicate keys are seen");
    }

    #[test]
    fn what_is_not_json_has_a_place() {
        for (text, place) in [("", (1, 1)), ("{\n  \"a\": }", (2, 8)), ("{} x", (1, 4))] {
            let problem = parse_json(&source(text)).unwrap_err();
            assert_eq!(problem.place, Some(place), "{text}: {problem}");
            assert!(!problem.message.contains("line"), "{problem}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let text = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(parse_json(&source(&text)).is_err());
    }

    #[test]
    fn toml_values_know_their_places() {
        let text = "a = 1\n[t]\nb = \"x\"\n[[l]]\nc = [true]\n";
        let node = parse_toml(&source(text)).unwrap();
        let Value::Table(entries) = &node.value else { panic!() };
        let keys: Vec<&str> = entries.iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["a", "t", "l"]);
        let Value::Table(t) = &entries[1].node.value else { panic!() };
        assert_eq!(&text[t[0].key_at..=t[0].key_at], "b");
        let problem = parse_toml(&source("a = 1\nb = = 2")).unwrap_err();
        assert_eq!(problem.place.map(|p| p.0), Some(2), "{problem}");
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "\\PC{0,8}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                prop::collection::btree_map("\\PC{0,6}", inner, 0..5)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    /// Every node is where it says it is.
    fn check_places(text: &str, node: &Node) {
        let first = text[node.at..].chars().next().unwrap();
        match &node.value {
            Value::Null => assert_eq!(first, 'n'),
            Value::Bool(b) => assert_eq!(first, if *b { 't' } else { 'f' }),
            Value::Integer(_) | Value::Float(_) => assert!(first == '-' || first.is_ascii_digit()),
            Value::Text(_) => assert_eq!(first, '"'),
            Value::List(items) => {
                assert_eq!(first, '[');
                for item in items {
                    check_places(text, item);
                }
            }
            Value::Table(entries) => {
                assert_eq!(first, '{');
                for entry in entries {
                    assert!(text[entry.key_at..].starts_with(&serde_json::to_string(&entry.key).unwrap()));
                    check_places(text, &entry.node);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn json_is_read_as_it_is_and_knows_its_places(value in json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let source = Source { name: "f".to_owned(), text: text.unwrap() };
            let node = parse_json(&source).unwrap();
            prop_assert_eq!(node.value.to_json(), value);
            check_places(&source.text, &node);
        }
    }
}
