//! What a run prints when it stops or tests fail: the report of a sanitizer, the summary of pytest.

use serde_json::{Map, Value};

use super::entry::{Given, Source, of_object};
use crate::locate::{self, Trust};
use crate::model::{Extraction, Recognised};

/// Reads such a log; `None` = it is none.
pub(super) fn extract(text: &str) -> Option<Extraction> {
    let is_prose = |line: &str| ["```", "# ", "## ", "### "].iter().any(|mark| line.starts_with(mark));
    if text.lines().any(is_prose) {
        return None;
    }
    sanitizer(text).or_else(|| pytest(text))
}

/// What stands beside such a log may be what somebody says of the code.
fn beside(out: &mut Extraction, others: usize) {
    if others > 0 {
        super::fault(out, &format!("{others} lines beside the log were not read"));
    }
}

/// The lines of a text with the byte where each begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.trim_end())
    })
}

/// `==7==ERROR: AddressSanitizer: …` to `SUMMARY: AddressSanitizer: kind src/a.c:3:9 in f`.
fn sanitizer(text: &str) -> Option<Extraction> {
    let mut out = Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
    let (mut open, mut begun, mut others) = (None, 0_usize, 0);
    for (start, line) in lines(text) {
        others += usize::from(open.is_none() && !line.is_empty() && !line.starts_with('='));
        if line.contains("Sanitizer: ") && (line.contains("ERROR: ") || line.contains("WARNING: ")) {
            begun += 1;
            open = Some((start, line.contains("ERROR: ")));
        }
        let Some((tool, said)) = line.strip_prefix("SUMMARY: ").and_then(|rest| rest.split_once(": ")) else {
            continue;
        };
        let Some((from, error)) = open.take().filter(|_| tool.ends_with("Sanitizer")) else { continue };
        let block = &text[from..start + line.len()];
        // A leak has no place of its own: it is that of the first frame with a line.
        let found = place(said)
            .or_else(|| block.lines().filter(|line| line.trim_start().starts_with('#')).find_map(place));
        let kind = said.split(" /").next().unwrap_or(said);
        let kind = found
            .as_ref()
            .and_then(|(file, _)| kind.split_once(file.as_str()))
            .map_or(kind, |(kind, _)| kind);
        let level = if error { "error" } else { "warning" };
        push(&mut out, Source { text: block, start: from }, kind.trim(), found, Some(level));
    }
    if out.members.is_empty() {
        return None;
    }
    beside(&mut out, others);
    if begun > out.members.len() {
        let why = format!("{begun} reports begin, {} are whole", out.members.len());
        super::fault(&mut out, &why);
    }
    Some(out)
}

/// The failed tests below `short test summary info`, with the lines that the text above names.
fn pytest(text: &str) -> Option<Extraction> {
    let (above, _) = text.split_once(" short test summary info ")?;
    let mut raised: Vec<(String, u32)> = above
        .lines()
        .filter(|line| !line.starts_with([' ', '>', 'E', '_', '=']))
        .filter_map(place)
        .filter_map(|(file, line)| Some((file, line?)))
        .collect();
    let mut out = Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
    let mut stated = 0;
    for (start, line) in lines(text).filter(|(start, _)| *start > above.len()) {
        stated = stated.max(failed(line));
        let Some(rest) = line.strip_prefix("FAILED ").or_else(|| line.strip_prefix("ERROR ")) else {
            continue;
        };
        let (case, why) = rest.split_once(" - ").unwrap_or((rest, ""));
        let (file, name) = case.split_once("::").unwrap_or((case, case));
        let at = raised.iter().position(|(other, _)| other == file);
        let number = at.map(|at| raised.remove(at).1);
        let title = name.rsplit("::").next().unwrap_or(name);
        let title = if why.is_empty() { title.to_string() } else { format!("{title}: {why}") };
        push(&mut out, Source { text: line, start }, &title, Some((file.to_string(), number)), None);
    }
    if out.members.is_empty() {
        return None;
    }
    let mut said = text.lines().filter(|line| !line.trim().is_empty());
    let framed = |line: Option<&str>| line.is_some_and(|line| line.starts_with('='));
    beside(&mut out, usize::from(!framed(said.next())) + usize::from(!framed(said.next_back())));
    if stated > out.members.len() {
        let why = format!("it states {stated} failures, {} were recognised", out.members.len());
        super::fault(&mut out, &why);
    }
    Some(out)
}

/// `== 2 failed, 1 error, 46 passed in 1.9s ==`: how many tests did not pass.
fn failed(line: &str) -> usize {
    let words: Vec<&str> = line.split([' ', ',', '=']).filter(|word| !word.is_empty()).collect();
    let counts = |pair: &&[&str]| matches!(pair[1], "failed" | "error" | "errors");
    let sum: usize = words.windows(2).filter(counts).filter_map(|pair| pair[0].parse::<usize>().ok()).sum();
    if line.starts_with('=') { sum } else { 0 }
}

fn place(text: &str) -> Option<(String, Option<u32>)> {
    let found =
        locate::find(text, Trust::Prose).into_iter().find(|found| found.place.line_start.is_some())?;
    Some((found.place.file, found.place.line_start))
}

fn push(
    out: &mut Extraction,
    source: Source<'_>,
    title: &str,
    place: Option<(String, Option<u32>)>,
    level: Option<&str>,
) {
    let mut object = Map::new();
    object.insert("title".to_string(), Value::from(title));
    if let Some((file, line)) = place {
        object.insert("file".to_string(), Value::from(file));
        object.extend(line.map(|line| ("line".to_string(), Value::from(line))));
    }
    object.extend(level.map(|level| ("severity".to_string(), Value::from(level))));
    out.members.extend(of_object(source, &object, &Given::default()));
}

#[cfg(test)]
mod tests {
    use super::super::told;

    const LOG: &str = "==7==ERROR: AddressSanitizer: stack-buffer-overflow on address 0x7f\nREAD of size 4\n    #0 0x1 in bake /src/oven.c:31:9\n    #1 0x2 in main /src/main.c:8\n\nSUMMARY: AddressSanitizer: stack-buffer-overflow /src/oven.c:31:9 in bake\n==7==ABORTING\n";

    #[test]
    fn a_sanitizer_tells_one_defect() {
        assert_eq!(
            told(LOG, "run.log"),
            (vec!["/src/oven.c:31 high stack-buffer-overflow".to_string()], true)
        );
        let (found, whole) =
            told(&format!("{LOG}==8==ERROR: AddressSanitizer: heap-use-after-free on 0x1\n"), "run.log");
        assert_eq!((found.len(), whole), (1, false), "the second breaks off");
    }

    #[test]
    fn tests_of_pytest_that_failed() {
        let log = |stated: usize| {
            format!(
                "=== FAILURES ===\n___ test_heat ___\n\n>   assert heat() == 9\nE   assert 7 == 9\n\ntests/test_oven.py:12: AssertionError\n=== short test summary info ===\nFAILED tests/test_oven.py::test_heat - assert 7 == 9\n=== {stated} failed, 3 passed in 0.1s ===\n"
            )
        };
        let one = vec!["tests/test_oven.py:12 unrated test_heat: assert 7 == 9".to_string()];
        assert_eq!(told(&log(1), "run.log"), (one.clone(), true));
        assert_eq!(told(&log(2), "run.log"), (one, false), "one is not there");
    }
}
