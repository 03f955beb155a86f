//! XML of tools: checkstyle and its relatives (PMD, cppcheck, Android lint), `JUnit`.

mod foreign;
mod listed;

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

use super::entry::{Given, Object, Source, line_told, normal_key, of_object};
use crate::model::Extraction;
use crate::model::{Member, Recognised, Status};
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
/// Elements that texts are set with.
const HTML: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "hr",
    "html",
    "i",
    "img",
    "kbd",
    "li",
    "ol",
    "p",
    "picture",
    "pre",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];
/// What a report of tests that passed consists of.
const TESTS: &[&str] =
    &["testsuites", "testsuite", "testcase", "skipped", "properties", "property", "system-out"];

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
        "testsuites" | "testsuite" => junit(start, base, root),
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
        (!name.is_empty() && !HTML.contains(&name.to_ascii_lowercase().as_str())).then_some((start, name))
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

/// Tests that failed are findings; a run that skipped all of them says nothing.
fn junit(text: &str, base: usize, root: Node<'_, '_>) -> Extraction {
    let mut out = Extraction { complete: true, ..Extraction::default() };
    // Tests that failed and were read; one may be a list of a linter's remarks.
    let mut failures = 0u64;
    let (mut ran, mut skipped) = (0u64, 0u64);
    for case in root.descendants().filter(|node| node.has_tag_name("testcase")) {
        let child = |name: &str| case.children().find(|child| child.has_tag_name(name));
        if child("skipped").is_some() {
            skipped += 1;
            continue;
        }
        ran += 1;
        let Some(failed) = child("failure").or_else(|| child("error")) else { continue };
        if let Some(read) = listed::remarks(text, base, failed) {
            failures += u64::from(!read.members.is_empty());
            out.members.extend(read.members);
            // What its text says of itself is so of the whole.
            out.complete &= read.complete;
            out.notes.extend(read.notes);
            continue;
        }
        let read = failed_test(text, base, case, failed);
        failures += u64::from(read.is_some());
        out.members.extend(read);
    }
    check_counts(&mut out, root, failures, ran + skipped);
    if ran == 0 {
        super::fault(&mut out, &format!("no test ran ({skipped} skipped)"));
    } else if skipped > 0 && out.members.is_empty() {
        out.notes.push(format!("{skipped} tests were skipped"));
    }
    out.recognised = if !out.members.is_empty() {
        Recognised::Findings
    } else if ran > 0 && out.complete {
        Recognised::Clean
    } else {
        Recognised::Unreadable
    };
    doubt(&mut out, base, root, |name| TESTS.contains(&name));
    out
}

/// A test that failed, as a finding.
fn failed_test(text: &str, base: usize, case: Node<'_, '_>, failed: Node<'_, '_>) -> Option<Member> {
    let range = case.range();
    let source = Source { text: &text[range.clone()], start: base + range.start };
    let mut object = object_of(failed);
    let name = [case.attribute("classname"), case.attribute("name")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let said = object.get("message").and_then(Value::as_str).unwrap_or_default().to_string();
    let first = said.lines().next().unwrap_or_default().to_string();
    let title = if first.is_empty() { format!("{name} failed") } else { format!("{name}: {first}") };
    object.remove("type");
    object.insert("title".to_string(), Value::String(title));
    object.insert("severity".to_string(), Value::String("high".to_string()));
    for key in ["file", "line"] {
        if let Some(value) = case.attribute(key) {
            object.insert(key.to_string(), Value::String(value.to_string()));
        }
    }
    listed::place(case, failed, &mut object);
    of_object(source, &object, &Given::default()).map(|mut member| {
        line_told(&mut member.locations, &object);
        // A test's name is its name, whatever words are in it.
        member.status = member.status.filter(|status| *status == Status::Outdated);
        member
    })
}

/// Do the counts that it states agree with what was read: failures, and tests where nothing failed?
fn check_counts(out: &mut Extraction, root: Node<'_, '_>, failures: u64, told: u64) {
    // Where they come to more than all tests, the two count the same ones.
    let all = stated(root, &["tests"]).ok().filter(|all| *all > 0).unwrap_or(u64::MAX);
    match stated(root, &["failures", "errors"]).map(|stated| stated.min(all)) {
        Err(why) => super::fault(out, &why),
        Ok(stated) if stated > failures => {
            super::fault(out, &format!("it says {stated} failures, {failures} could be read"));
        }
        Ok(_) => {}
    }
    if out.members.is_empty() {
        match stated(root, &["tests"]) {
            Err(why) => super::fault(out, &why),
            Ok(tests) if tests > told => {
                super::fault(out, &format!("it says {tests} tests, {told} are in it"));
            }
            Ok(_) => {}
        }
    }
}

/// What these counts come to, as the outermost element that has one says. An error: one
/// is no number.
fn stated(root: Node<'_, '_>, keys: &[&str]) -> Result<u64, String> {
    let of = |node: Node<'_, '_>| -> Result<Option<u64>, String> {
        let mut sum = None;
        for (key, value) in keys.iter().filter_map(|key| Some((key, node.attribute(*key)?))) {
            let count: u64 =
                value.trim().parse().map_err(|_| format!("what {key}=\"{value}\" says is not understood"))?;
            sum = Some(sum.unwrap_or(0) + count);
        }
        Ok(sum)
    };
    if let Some(sum) = of(root)? {
        return Ok(sum);
    }
    let suites = root.children().filter(|node| node.has_tag_name("testsuite"));
    suites.map(of).try_fold(0, |sum, count| Ok(sum + count?.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use crate::formats::told;

    fn read(suite: &str) -> (Vec<String>, bool) {
        let text = format!("<?xml version=\"1.0\"?>\n<testsuites>\n{suite}\n</testsuites>\n");
        told(&text, "report.xml")
    }

    #[test]
    fn the_places_of_linters_in_junit() {
        let spelled = "<testsuite name=\"/w/cart.js\" tests=\"2\" errors=\"2\"><testcase name=\"no-var\" classname=\"/w/cart\"><failure message=\"Unexpected var.\"><![CDATA[line 3, col 8, Warning - Unexpected var. (no-var)]]></failure></testcase><testcase name=\"x\"><failure message=\"Bad a &lt; b.\">line 9, column 1, Bad a &lt; b.</failure></testcase></testsuite>";
        let expected = ["/w/cart.js:3 medium Unexpected var.", "/w/cart.js:9 high Bad a < b."];
        assert_eq!(read(spelled), (expected.map(str::to_string).to_vec(), true));
        let beside = "<testsuite name=\"/w/a.py\" tests=\"1\" failures=\"1\"><testcase name=\"D100\" line=\"4\" column=\"1\"><failure message=\"No docstring\">line 4, col 1, No docstring</failure></testcase></testsuite>";
        assert_eq!(read(beside).0, ["/w/a.py:4 high No docstring"]);
        let coded = "<testsuite name=\"/w/a.css\" tests=\"1\" errors=\"1\"><testcase name=\"ids\"><error message=\"No ids.\"><![CDATA[2:7:#id { }]]></error></testcase></testsuite>";
        assert_eq!(read(coded).0, ["/w/a.css:2 high ids: No ids."]);
        // One test whose failure lists all remarks.
        let listed = "<testsuite name=\"types\" tests=\"1\" failures=\"1\"><testcase name=\"all\"><failure message=\"messages\">src/a.py:6: error: No type a &lt; b  [no-untyped-def]\nsrc/b.py:9: error: Wrong type  [return-value]\n</failure></testcase></testsuite>";
        let expected = ["src/a.py:6 high No type a < b", "src/b.py:9 high Wrong type"];
        assert_eq!(read(listed), (expected.map(str::to_string).to_vec(), true));
        // What the list says of itself, and what is missing beside it.
        assert!(
            !read(&listed.replace("src/b.py:9: error: Wrong type", "src/b.py:9: error: too many errors")).1
        );
        assert!(
            !read(&listed.replace("failures=\"1\"", "failures=\"2\"").replace("tests=\"1\"", "tests=\"2\""))
                .1
        );
        // Counts that overlap, and one that does not fit.
        let counted = beside.replace("tests=\"1\"", "tests=\"1\" errors=\"1\"");
        assert!(read(&counted).1 && !read(&counted.replace("tests=\"1\"", "tests=\"3\"")).1);
        let test = "<testsuite name=\"unit\" tests=\"1\" failures=\"1\"><testcase name=\"adds\" classname=\"Sums\"><failure message=\"3 is not 4\">at line 9</failure></testcase></testsuite>";
        assert_eq!(read(test).0, [" high Sums adds: 3 is not 4"]);
    }
}
