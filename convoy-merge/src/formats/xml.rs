//! XML of tools: checkstyle and its relatives (PMD, cppcheck, Android lint), `JUnit`.

mod foreign;
mod junit;
mod listed;

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

use super::elements;
use super::entry::{Given, Object, Source, normal_key, of_object};
use crate::model::Extraction;
use crate::model::Recognised;
use crate::signs::statement::{Says, says};
use crate::vocabulary::KEYS;

/// More elements than this are no report.
const MOST: u32 = 4_000_000;

/// Elements that are findings.
const FINDINGS: &[&str] = &[
    "error",
    "violation",
    "issue",
    "problem",
    "finding",
    "bug",
    "BugInstance",
    "warning",
    "failure",
    "comment",
    "suggestion",
];
/// What a report that found nothing consists of: its outer element, and all that may be
/// in it. What a tool adds to tell that it failed is none of these.
const EMPTY: &[(&str, &[&str])] = &[
    ("checkstyle", &["file"]),
    ("pmd", &["file"]),
    ("pmd-cpd", &["file"]),
    ("results", &["cppcheck", "errors"]),
    ("issues", &[]),
    ("lint", &["file"]),
    ("BugCollection", &["Project", "Jar", "SrcDir", "AuxClasspathEntry", "Plugin"]),
    ("findbugs", &["Project", "Jar", "SrcDir", "AuxClasspathEntry", "Plugin"]),
];
/// Reads an XML report; `None` = it is no XML.
pub(super) fn extract(text: &str, name: &str) -> Option<Extraction> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    let named = name.to_ascii_lowercase().ends_with(".xml");
    let root = start.strip_prefix('<').is_some_and(|rest| {
        rest.starts_with("?xml")
            || ["checkstyle", "testsuite", "pmd"].iter().any(|name| rest.starts_with(name))
    });
    // As people and agents write it by hand: read only if it is XML and holds findings.
    let by_hand = start.strip_prefix('<').is_some_and(|rest| {
        let name: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
        !name.is_empty() && start.trim_end().ends_with(&format!("</{name}>"))
    });
    let sure = root || named && start.starts_with('<');
    if !sure && !by_hand {
        return None;
    }
    // Offsets count from the beginning of what is parsed.
    let base = text.len() - start.len();
    let options = ParsingOptions { nodes_limit: MOST, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(start, options) {
        Ok(document) => document,
        Err(_) if !sure => return None,
        Err(error) => return Some(super::unreadable(&format!("not valid XML: {error}"))),
    };
    let root = document.root_element();
    let read = match root.tag_name().name() {
        "testsuites" | "testsuite" => junit::extract(start, base, root),
        "html" => return None,
        _ => {
            let read = findings(start, base, root);
            let none = read.members.is_empty() && read.recognised != Recognised::Clean;
            if none { foreign::read(start, base, root).unwrap_or(read) } else { read }
        }
    };
    (sure || !read.members.is_empty()).then_some(read)
}

/// A report in tags of its own inside a text, as agents write it who were asked for them;
/// only where it has findings. What stands around it may hold more.
pub(super) fn in_text(text: &str) -> Option<Extraction> {
    const TRIES: usize = 4;
    let mut at = 0;
    let begins = text.split_inclusive('\n').filter_map(|line| {
        let start = at;
        at += line.len();
        let rest = line.strip_prefix('<')?;
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))?;
        let name = rest[..end].to_string();
        (!name.is_empty() && !elements::sets_text(&name.to_ascii_lowercase())).then_some((start, name))
    });
    for (start, name) in begins.take(TRIES) {
        let close = format!("</{name}>");
        let Some(end) = text[start..].rfind(&close).map(|end| start + end + close.len()) else { continue };
        let Some(mut out) = extract(&text[start..end], "").filter(|out| !out.members.is_empty()) else {
            continue;
        };
        for member in &mut out.members {
            member.byte_range = member.byte_range.map(|at| at + start);
        }
        let around = text[..start].lines().chain(text[end..].lines());
        let placed = around.filter(|line| crate::signs::has_line_place(line)).count();
        if placed > 0 {
            super::fault(&mut out, &format!("{placed} lines beside its data name places and were not read"));
        }
        return Some(out);
    }
    None
}

/// An element's attributes under their own names, its text as `message`, `location` in it
/// as the place.
fn object_of(node: Node<'_, '_>) -> Object {
    let mut object = Object::new();
    for attribute in node.attributes() {
        object.insert(attribute.name().to_string(), Value::String(attribute.value().to_string()));
    }
    if let Some(place) =
        node.children().find(|child| child.has_tag_name("location") || child.has_tag_name("SourceLine"))
    {
        for attribute in place.attributes() {
            object
                .entry(attribute.name().to_string())
                .or_insert_with(|| Value::String(attribute.value().to_string()));
        }
    }
    // `<severity>high</severity>`: an element of nothing but text is a value.
    let values: Vec<Node<'_, '_>> = node
        .children()
        .filter(|child| {
            let name = normal_key(child.tag_name().name());
            let known = [&KEYS.title, &KEYS.severity, &KEYS.file, &KEYS.line, &KEYS.place];
            child.is_element()
                && child.attributes().len() == 0
                && known.iter().any(|keys| keys.contains(&name.as_str()))
                && child.children().all(|inner| inner.is_text())
        })
        .collect();
    for child in &values {
        let value = child.text().unwrap_or_default().trim();
        if !value.is_empty() {
            object
                .entry(child.tag_name().name().to_string())
                .or_insert_with(|| Value::String(value.to_string()));
        }
    }
    let text: String = node
        .descendants()
        .filter(|child| !values.iter().any(|value| child.ancestors().any(|outer| outer == *value)))
        .filter_map(|child| child.is_text().then(|| child.text()).flatten())
        .collect();
    if !text.trim().is_empty() && !object.contains_key("message") {
        object.insert("message".to_string(), Value::String(text.trim().to_string()));
    } else if !text.trim().is_empty() {
        object.insert("details".to_string(), Value::String(text.trim().to_string()));
    }
    object
}

fn file_above(node: Node<'_, '_>) -> Option<String> {
    node.ancestors()
        .find(|outer| matches!(outer.tag_name().name(), "file" | "sourcefile"))
        .and_then(|file| ["name", "path", "filename"].iter().find_map(|key| file.attribute(*key)))
        .map(str::to_string)
}

fn findings(text: &str, base: usize, root: Node<'_, '_>) -> Extraction {
    let mut out = Extraction { complete: true, ..Extraction::default() };
    let mut unread = 0;
    for node in root.descendants().filter(|node| FINDINGS.contains(&node.tag_name().name())) {
        let inner = node.ancestors().skip(1).any(|outer| FINDINGS.contains(&outer.tag_name().name()));
        let mut object = object_of(node);
        if inner {
            continue;
        }
        // PMD counts priorities from 1, the gravest.
        if let Some(priority) =
            object.get("priority").and_then(Value::as_str).and_then(|p| p.parse::<u8>().ok())
        {
            let level = ["critical", "high", "medium", "low", "low"][usize::from(priority.clamp(1, 5)) - 1];
            object.insert("severity".to_string(), Value::String(level.to_string()));
        }
        let range = node.range();
        let source = Source { text: &text[range.clone()], start: base + range.start };
        match of_object(source, &object, &Given { file: file_above(node), ..Given::default() }) {
            Some(member) => out.members.push(member),
            None => unread += 1,
        }
    }
    let empty = EMPTY.iter().find(|(name, _)| root.has_tag_name(*name));
    out.recognised = if !out.members.is_empty() {
        Recognised::Findings
    } else if unread == 0 && empty.is_some() {
        Recognised::Clean
    } else {
        Recognised::Unreadable
    };
    if unread > 0 {
        super::fault(&mut out, &format!("{unread} entries could not be read as findings"));
    }
    if let Some((_, parts)) = empty {
        doubt(&mut out, base, root, |name| parts.contains(&name));
    }
    out
}

/// A report without a finding says more than that there is none: an element or text that
/// such a report does not have, or a comment that is not understood.
fn doubt(out: &mut Extraction, base: usize, root: Node<'_, '_>, known: impl Fn(&str) -> bool) {
    if out.recognised != Recognised::Clean {
        return;
    }
    let speaks = |node: &Node<'_, '_>| {
        let text = node.text().unwrap_or_default().trim();
        let free = || node.ancestors().any(|outer| outer.has_tag_name("system-out"));
        if node.is_comment() {
            says(text) == Says::Fault
        } else if node.is_text() {
            !text.is_empty() && !free()
        } else {
            node.is_element() && *node != root && !known(node.tag_name().name())
        }
    };
    let Some(node) = root.document().descendants().find(speaks) else { return };
    let said: String = match node.tag_name().name() {
        "" => node.text().unwrap_or_default().trim().chars().take(80).collect(),
        name => format!("<{name}>"),
    };
    let range = node.range();
    let (from, to) = (base + range.start, base + range.end);
    super::fault(out, &format!("beside no finding it says {said:?} (bytes {from}–{to})"));
}
