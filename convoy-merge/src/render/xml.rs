//! XML for those who read lint results and tests: checkstyle and `JUnit`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use findings::Severity;

use super::message::{Shown, shown};
use crate::merged::Merged;
use crate::meta::Meta;
use crate::verdict;

/// Checkstyle: the findings of each file.
pub(super) fn checkstyle(merged: &Merged) -> String {
    let mut by_file: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
    for one in shown(merged) {
        by_file.entry(one.path.clone()).or_default().push(one);
    }
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"8.0\">\n".to_string();
    for (file, list) in by_file {
        let _ = writeln!(out, "  <file name=\"{}\">", attribute(&file));
        for one in list {
            let level = match one.severity {
                Severity::Blocker | Severity::Critical | Severity::High => "error",
                Severity::Medium | Severity::Unrated => "warning",
                Severity::Low => "info",
            };
            let column = one.column.map_or_else(String::new, |column| format!(" column=\"{column}\""));
            let _ = writeln!(
                out,
                "    <error line=\"{}\"{column} severity=\"{level}\" message=\"{}\" source=\"{}\"/>",
                one.line.unwrap_or(0),
                attribute(&one.text()),
                attribute(&format!("convoy.{}", one.rule)),
            );
        }
        out.push_str("  </file>\n");
    }
    out + "</checkstyle>\n"
}

/// `JUnit`: each finding is a test that failed; the verdict is one as well, so that what
/// has no verdict passes nowhere.
pub(super) fn junit(merged: &Merged, meta: &Meta) -> String {
    let decision = verdict::of(merged, meta);
    let list: Vec<Shown> = shown(merged).collect();
    let obstacles = usize::from(!decision.obstacles.is_empty());
    let tests = list.len() + 1;
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"convoy\" tests=\"{tests}\" \
         failures=\"{0}\" errors=\"{obstacles}\" time=\"0\">\n  <testsuite name=\"code review\" \
         tests=\"{tests}\" failures=\"{0}\" errors=\"{obstacles}\" skipped=\"0\" time=\"0\">\n",
        list.len()
    );
    let sentence = verdict::sentence(&decision, merged.gate);
    if obstacles > 0 {
        let _ = writeln!(
            out,
            "    <testcase classname=\"convoy\" name=\"verdict\" time=\"0\"><error message=\"{}\" \
             type=\"no-verdict\"/></testcase>",
            attribute(&sentence)
        );
    } else {
        let _ = writeln!(
            out,
            "    <testcase classname=\"convoy\" name=\"verdict\" time=\"0\"><system-out>{}</system-out></testcase>",
            attribute(&sentence)
        );
    }
    for one in list {
        let line = one.line.map_or_else(String::new, |line| format!(" line=\"{line}\""));
        let _ = writeln!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\"{line} time=\"0\"><failure message=\"{}\" \
             type=\"{}\">{}</failure></testcase>",
            attribute(&one.path),
            attribute(&format!("{} {} at {}", one.id, one.rule, one.place)),
            attribute(&one.path),
            attribute(&one.title),
            one.severity.name(),
            attribute(&one.text()),
        );
    }
    out + "  </testsuite>\n</testsuites>\n"
}

/// Text for an attribute or an element. What XML 1.0 has no character for is a sign.
fn attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
