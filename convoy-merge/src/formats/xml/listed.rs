//! Remarks of linters in `JUnit`, which knows no places: they stand in the text of a failure.

use roxmltree::Node;
use serde_json::Value;

use crate::formats::entry::Object;
use crate::formats::entry::names_file;
use crate::formats::tool::{after_place, rule_behind};
use crate::model::Extraction;
use crate::{formats, severity};

/// The failure of a whole file or run, if its text is nothing but a linter's remarks.
pub(super) fn remarks(text: &str, base: usize, failed: Node<'_, '_>) -> Option<Extraction> {
    let inner: Vec<Node<'_, '_>> = failed.children().filter(Node::is_text).collect();
    let [said] = &inner[..] else { return None };
    let mut read = formats::tool::below(said.text()?, file_of(failed).as_deref())?;
    // What is escaped is longer in the source: a remark is found again by its line.
    let whole = said.text().unwrap_or_default();
    let range = said.range();
    let mut starts = vec![0];
    starts.extend(text[range.clone()].match_indices('\n').map(|(at, _)| at + 1));
    let line_of = |at: usize| whole[..at].matches('\n').count();
    let at_line = |line: usize| starts.get(line).copied().unwrap_or(range.len());
    for member in &mut read.members {
        let [from, to] = member.byte_range;
        let (from, to) = (at_line(line_of(from)), at_line(line_of(to.saturating_sub(1).max(from)) + 1));
        let source = text[range.start + from..range.start + to].trim_end();
        member.byte_range = [base + range.start + from, base + range.start + from + source.len()];
        member.text = source.to_string();
    }
    Some(read)
}

/// The place of a failure that is one remark: `line 3, col 9, Error - message (rule)`, or
/// the line beside the test's name, in the file that the suite is called after.
pub(super) fn place(case: Node<'_, '_>, failed: Node<'_, '_>, object: &mut Object) {
    let said = failed.text().unwrap_or_default().trim();
    let told = after_place(said).or_else(|| numbers_first(said)).or_else(|| place_behind(said));
    if told.is_none() && case.attribute("line").is_none() {
        return;
    }
    let Some(file) = file_of(failed) else { return };
    object.entry("file".to_string()).or_insert_with(|| Value::from(file));
    let Some((line, rest)) = told else { return };
    object.entry("line".to_string()).or_insert_with(|| Value::from(line));
    let (level, message) = match rest.split_once(" - ") {
        Some((level, message)) if severity::exact(level).is_some() => (Some(level), message),
        _ => (None, rest),
    };
    if let Some(level) = level {
        object.insert("severity".to_string(), Value::from(level));
    }
    let (title, rule) = rule_behind(message);
    if after_place(said).is_some() {
        // The attribute is what XML made of the same words; the text may be escaped twice.
        let told = failed.attribute("message").map(str::trim).filter(|told| !told.is_empty());
        object.insert("title".to_string(), Value::from(told.unwrap_or(title)));
    }
    if let Some(rule) = rule.or_else(|| case.attribute("name")) {
        object.insert("rule".to_string(), Value::from(rule));
    }
}

/// `On line 3, column 9 in /w/a.css`, `No tabs at line 3, column 9`: the line, and nothing.
fn place_behind(said: &str) -> Option<(u32, &str)> {
    let (_, behind) = said.rsplit_once("line ")?;
    let (line, column) = behind.split_once(", ")?;
    let column = column.strip_prefix("column ").or_else(|| column.strip_prefix("col "))?;
    let column = column.split_once(' ').map_or(column, |(column, _)| column);
    column.parse::<u32>().ok()?;
    Some((line.parse().ok()?, ""))
}

/// `3:9:the code`: the line, and what follows.
fn numbers_first(said: &str) -> Option<(u32, &str)> {
    let (line, rest) = said.split_once(':')?;
    let (column, rest) = rest.split_once(':')?;
    column.parse::<u32>().ok()?;
    Some((line.parse().ok()?, rest))
}

/// The file that the test, or the suite around it, is called after.
fn file_of(node: Node<'_, '_>) -> Option<String> {
    let names = node.ancestors().filter_map(|outer| outer.attribute("file").or(outer.attribute("name")));
    names.map(str::trim).find(|name| names_file(name)).map(str::to_string)
}
