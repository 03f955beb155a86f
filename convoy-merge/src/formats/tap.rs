//! TAP, the Test Anything Protocol, as tests and linters print it: `not ok 2 - name`, with
//! what went wrong in YAML below.

use serde_json::Value;

use super::entry::{Given, Object, Source, of_object};
use super::yaml;
use crate::model::Extraction;
use crate::model::Recognised;

/// A failed test: its name, its bytes, and those of the YAML below it.
struct Failed {
    name: String,
    start: usize,
    end: usize,
    block: Option<(usize, usize)>,
}

#[derive(Default)]
struct Log {
    failed: Vec<Failed>,
    planned: Option<usize>,
    ran: usize,
    skipped: usize,
    bailed: Option<String>,
    others: usize,
}

/// Reads a log of tests; `None` = it is none.
pub(super) fn extract(text: &str) -> Option<Extraction> {
    let first = text.lines().find(|line| !line.trim().is_empty())?.trim_end();
    if !first.starts_with("TAP version ") && plan(first).is_none() {
        return None;
    }
    let log = Log::of(text);
    if log.ran == 0 && log.bailed.is_none() && !first.starts_with("TAP version ") || log.others > log.ran {
        return None;
    }
    let mut out = Extraction { complete: true, ..Extraction::default() };
    let mut unread = 0;
    for failed in &log.failed {
        unread += failed.read(text, &mut out);
    }
    out.recognised = match (out.members.is_empty(), log.ran > log.skipped) {
        (false, _) => Recognised::Findings,
        (true, true) => Recognised::Clean,
        (true, false) => Recognised::Unreadable,
    };
    if let Some(why) = &log.bailed {
        super::fault(&mut out, &format!("it was given up: {why}"));
    }
    if let Some(planned) = log.planned.filter(|planned| *planned != log.ran) {
        super::fault(&mut out, &format!("{planned} tests were planned, {} are in it", log.ran));
    }
    if log.planned.is_none() {
        super::fault(&mut out, "it does not say how many tests there are");
    }
    if unread > 0 {
        super::fault(&mut out, &format!("{unread} failures could not be read as findings"));
    }
    if log.ran == log.skipped {
        super::fault(&mut out, &format!("no test ran ({} skipped)", log.skipped));
    }
    if log.others > 0 {
        super::fault(&mut out, &format!("{} lines are none of a log of tests", log.others));
    }
    Some(out)
}

/// `1..3`
fn plan(line: &str) -> Option<usize> {
    let count = line.strip_prefix("1..")?.split([' ', '#']).next()?;
    count.parse().ok()
}

impl Log {
    fn of(text: &str) -> Log {
        let mut log = Log::default();
        let (mut at, mut block) = (0, None);
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let bare = line.trim();
            match block {
                Some(from) if bare == "..." => {
                    if let Some(last) = log.failed.last_mut().filter(|last| last.end == from) {
                        (last.block, last.end) = (Some((from, start)), at);
                    }
                    block = None;
                }
                Some(_) => {}
                None if bare == "---" && line.starts_with(' ') => {
                    // Of a test that passed it is passed over.
                    if let Some(last) = log.failed.last_mut().filter(|last| last.end == start) {
                        last.end = at;
                    }
                    block = Some(at);
                }
                None => log.line(line, bare, start, at),
            }
        }
        log
    }

    fn line(&mut self, line: &str, bare: &str, start: usize, end: usize) {
        let is_of_subtest = line.starts_with([' ', '\t']);
        if bare.is_empty() || bare.starts_with('#') || bare.starts_with("TAP version ") || is_of_subtest {
            return;
        }
        if let Some(count) = plan(bare) {
            self.planned = Some(count);
        } else if let Some(why) = bare.strip_prefix("Bail out!") {
            self.bailed = Some(why.trim().to_string());
        } else if let Some(rest) = bare.strip_prefix("not ok").or_else(|| bare.strip_prefix("ok")) {
            self.ran += 1;
            let (name, directive) = rest.split_once(" # ").unwrap_or((rest, ""));
            let directive = directive.to_lowercase();
            self.skipped += usize::from(directive.starts_with("skip"));
            // One that is to fail yet is no failure.
            if bare.starts_with("not ok") && !directive.starts_with("todo") && !directive.starts_with("skip")
            {
                let name = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ' || c == '-');
                self.failed.push(Failed { name: name.trim().to_string(), start, end, block: None });
            }
        } else if !bare.starts_with("pragma ") {
            self.others += 1;
        }
    }
}

impl Failed {
    /// Returns how much of it could not be read.
    fn read(&self, text: &str, out: &mut Extraction) -> usize {
        let file = Some(self.name.clone()).filter(|name| super::entry::names_file(name));
        let given = Given { file: file.clone(), ..Given::default() };
        let parts = self.block.map(|(from, to)| parts(&text[from..to], from)).unwrap_or_default();
        let mut unread = 0;
        let mut object = |part: &Part| {
            let object = yaml::object(&part.text);
            // An item of a list may be a plain value.
            unread += usize::from(object.is_none() && part.text.contains(": "));
            object
        };
        let mut head = parts.first().filter(|part| !part.is_item).and_then(&mut object);
        // A list that is not of remarks says more of the one above it.
        let remarks: Vec<(&Part, Object)> = parts
            .iter()
            .filter(|part| part.is_item)
            .filter_map(|part| Some((part, object(part)?)))
            .filter(|(_, object)| object.contains_key("message"))
            .collect();
        let told = head.as_ref().is_some_and(|head| head.contains_key("message"));
        let end = remarks.first().map_or(self.end, |(part, _)| part.start);
        let before = out.members.len();
        if told || remarks.is_empty() {
            let mut object = head.take().unwrap_or_default();
            if !told || file.is_none() {
                object.insert("title".to_string(), Value::from(self.name.as_str()));
            }
            let source = Source { text: text[self.start..end].trim_end(), start: self.start };
            out.members.extend(of_object(source, &placed(object), &given));
        }
        for (part, object) in remarks {
            let source = Source { text: text[part.start..part.end].trim_end(), start: part.start };
            let read = of_object(source, &placed(object), &given);
            unread += usize::from(read.is_none());
            out.members.extend(read);
        }
        unread + usize::from(out.members.len() == before)
    }
}

/// The place of a remark stands in its `data`.
fn placed(mut object: Object) -> Object {
    if let Some(Value::Object(data)) = object.remove("data") {
        for (key, value) in data {
            object.entry(key).or_insert(value);
        }
    }
    // `at: t/sums.t line 48`
    if let Some(Value::String(at)) = object.get("at").cloned() {
        object.entry("location".to_string()).or_insert(Value::String(at));
    }
    object
}

/// An item of a list, or what stands in front of all lists, as a document of its own.
struct Part {
    text: String,
    start: usize,
    end: usize,
    is_item: bool,
}

fn parts(block: &str, base: usize) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut at = base;
    let mut indent = None;
    for line in block.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let depth = line.len() - line.trim_start().len();
        let is_item = line.trim_start().starts_with("- ") && indent.is_none_or(|indent| depth <= indent);
        if is_item {
            indent = Some(depth);
            let text = line.replacen("- ", "  ", 1);
            parts.push(Part { text, start, end: at, is_item });
        } else if indent.is_some_and(|indent| depth > indent) || indent.is_none() && !parts.is_empty() {
            if let Some(last) = parts.last_mut() {
                last.text.push_str(line);
                last.end = at;
            }
        } else if indent.is_none() {
            parts.push(Part { text: line.to_string(), start, end: at, is_item });
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use crate::extract::extract;
    use crate::formats::told;
    use crate::model::Recognised;

    fn read(text: &str) -> (Vec<String>, bool) {
        told(text, "tests.txt")
    }

    #[test]
    fn failed_tests_and_the_remarks_of_linters() {
        let tests = "1..4\nok 1 - reads\nnot ok 2 - sums up\n  ---\n  message: it is 4\n  at: t/sums.t line 48\n  found:\n    - 4\n  ...\nnot ok 3 - prints # TODO not yet\nok 4 - leaves # SKIP no tty\n";
        assert_eq!(read(tests), (vec!["t/sums.t:48 unrated sums up".to_string()], true));
        let linter = "TAP version 13\n1..2\nok 1 - src/a.js\nnot ok 2 - src/b.js\n  ---\n  message: Unexpected var\n  severity: warning\n  data:\n    line: 1\n    column: 1\n    ruleId: no-var\n  messages:\n    - message: '''x'' is never used'\n      severity: error\n      data:\n        line: 2\n    - message: It is dangerous\n      severity: warning\n      data:\n        line: 9\n  ...\n";
        let expected = [
            "src/b.js:1 medium Unexpected var",
            "src/b.js:2 high 'x' is never used",
            "src/b.js:9 medium It is dangerous",
        ];
        assert_eq!(read(linter), (expected.map(str::to_string).to_vec(), true));
        let by_rule = "TAP version 14\n1..1\nnot ok 1 - /w/a.css\n  ---\n  block-no-empty:\n    - message: \"Empty block\"\n      severity: error\n      line: 3\n  no-unknown:\n    - message: \"Unknown property\"\n      severity: error\n      line: 4\n  ...\n";
        let expected = ["/w/a.css:3 high Empty block", "/w/a.css:4 high Unknown property"];
        assert_eq!(read(by_rule), (expected.map(str::to_string).to_vec(), true));
    }

    #[test]
    fn a_remark_that_cannot_be_read_is_told() {
        let text = "1..1\nnot ok 1 - src/b.js\n  ---\n  message: Unexpected var\n  data:\n    line: 1\n  messages:\n    - message: it is: bad: really\n      data:\n        line: 2\n  ...\n";
        assert_eq!(read(text), (vec!["src/b.js:1 unrated Unexpected var".to_string()], false));
    }

    #[test]
    fn tests_that_did_not_all_run_are_no_pass() {
        let clean = "TAP version 14\n1..2\nok 1 - reads\nok 2 - sums up\n# all well\n";
        assert_eq!(extract(clean, "t.tap").recognised, Recognised::Clean);
        for text in [
            "TAP version 14\n1..3\nok 1 - reads\nok 2 - sums up\n",
            "TAP version 14\nok 1 - reads\nok 2 - sums up\n",
            "TAP version 14\n1..2\nok 1 - reads\nBail out! no disk\n",
            "TAP version 14\n1..1\nok 1 - reads # SKIP no tty\n",
            "TAP version 14\n1..1\nok 1 - reads\nThe lock of src/a.rs:3 is never freed.\n",
        ] {
            assert_ne!(extract(text, "t.tap").recognised, Recognised::Clean, "{text}");
        }
    }
}
