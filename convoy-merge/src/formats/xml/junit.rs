//! `JUnit`: tests that failed, and remarks of linters that are told as such.

use roxmltree::Node;
use serde_json::Value;

use super::{doubt, listed, object_of};
use crate::formats::entry::{Given, Source, line_told, of_object};
use crate::formats::fault;
use crate::model::{Extraction, Member, Recognised, Status};
use crate::severity;

/// What a report of tests that passed consists of.
const TESTS: &[&str] =
    &["testsuites", "testsuite", "testcase", "skipped", "properties", "property", "system-out"];

/// What a test has that failed.
const FAILED: &[&str] = &["failure", "error"];

/// How many were read. A report counts one of the two.
#[derive(Default)]
struct Failures {
    /// Tests that failed; one may be a list of a linter's remarks.
    tests: u64,
    /// What they failed with.
    each: u64,
}

/// Tests that failed are findings; a run that skipped all of them says nothing.
pub(super) fn extract(text: &str, base: usize, root: Node<'_, '_>) -> Extraction {
    let mut out = Extraction { complete: true, ..Extraction::default() };
    let mut failures = Failures::default();
    let (mut ran, mut skipped) = (0u64, 0u64);
    for case in root.descendants().filter(|node| node.has_tag_name("testcase")) {
        let child = |name: &str| case.children().find(|child| child.has_tag_name(name));
        if child("skipped").is_some() {
            skipped += 1;
            continue;
        }
        ran += 1;
        let mut read = 0;
        // A linter may give a file one test, and that a failure for each remark.
        for failed in case.children().filter(|child| FAILED.iter().any(|name| child.has_tag_name(*name))) {
            let before = out.members.len();
            match listed::remarks(text, base, failed) {
                Some(remarks) => {
                    out.members.extend(remarks.members);
                    // What its text says of itself is so of the whole.
                    out.complete &= remarks.complete;
                    out.notes.extend(remarks.notes);
                }
                None => out.members.extend(failed_test(text, base, case, failed)),
            }
            read += u64::from(out.members.len() > before);
        }
        failures.tests += u64::from(read > 0);
        failures.each += read;
    }
    check_counts(&mut out, root, &failures, ran + skipped);
    if ran == 0 {
        fault(&mut out, &format!("no test ran ({skipped} skipped)"));
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
    let level = object.remove("type").filter(|said| said.as_str().and_then(severity::exact).is_some());
    object.insert("title".to_string(), Value::String(title));
    object.insert("severity".to_string(), level.unwrap_or_else(|| Value::from("high")));
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
fn check_counts(out: &mut Extraction, root: Node<'_, '_>, failures: &Failures, told: u64) {
    // Where they come to more than all tests, the two count the same ones.
    let all = stated(root, &["tests"]).ok().filter(|all| *all > 0).unwrap_or(u64::MAX);
    match stated(root, &["failures", "errors"]).map(|stated| stated.min(all)) {
        Err(why) => fault(out, &why),
        Ok(stated) if stated > failures.tests.max(failures.each) => {
            fault(out, &format!("it says {stated} failures, {} could be read", failures.each));
        }
        Ok(_) => {}
    }
    if out.members.is_empty() {
        match stated(root, &["tests"]) {
            Err(why) => fault(out, &why),
            Ok(tests) if tests > told => {
                fault(out, &format!("it says {tests} tests, {told} are in it"));
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
        let twice = beside.replace("No docstring</failure>", "No &amp;apos;docs</failure>");
        let twice =
            twice.replace("\"No docstring\"", "\"No &apos;docs\"").replace(" line=\"4\" column=\"1\"", "");
        assert_eq!(read(&twice).0, ["/w/a.py:4 high No 'docs"]);
        let behind = "<testsuite name=\"/w/a.css\" tests=\"1\" failures=\"1\"><testcase name=\"Lint\"><failure type=\"no-ids\" message=\"No ids\">No ids at line 2, column 7</failure><failure type=\"warning\" message=\"No tabs\">On line 5, column 1 in /w/a.css</failure></testcase></testsuite>";
        let expected = ["/w/a.css:2 high Lint: No ids", "/w/a.css:5 medium Lint: No tabs"];
        assert_eq!(read(behind), (expected.map(str::to_string).to_vec(), true));
        assert!(read(&behind.replace("failures=\"1\"", "failures=\"2\"")).1, "it may count each");
        assert!(!read(&behind.replace("\"1\"", "\"3\"")).1);
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
