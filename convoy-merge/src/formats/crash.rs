//! The trace that a program prints when it fails: whatever was to be a report is none.

use crate::model::Extraction;

const TRACEBACK: &str = "Traceback (most recent call last):";
/// So many lines may be printed before it.
const BEFORE: usize = 8;
/// More lines in front of a trace are no message of a program that fails.
const MESSAGE: usize = 4;

/// Reads a text that is nothing but such a trace; `None` = it is none.
pub(super) fn extract(text: &str) -> Option<Extraction> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let lines = behind_warnings(uncaught(&lines));
    let first = lines.first()?.trim();
    let failed = if first == TRACEBACK {
        lines.last().filter(|line| is_raised(line) && lines.iter().all(|line| is_of_trace(line)))?
    } else if first.starts_with("thread '") && first.contains("panicked at ") && lines.len() <= MESSAGE {
        first
    } else {
        let at = lines.iter().position(|line| is_frame(line)).filter(|at| (1..=MESSAGE).contains(at))?;
        let rest = &lines[at..];
        let told = first.starts_with("Exception in thread") || is_raised(first);
        let only = rest.iter().all(|line| is_frame(line) || line.starts_with(['C', ' ', '\t', '.', '}']));
        (told && only).then_some(&first)?
    };
    let said: String = failed.trim().chars().take(120).collect();
    Some(super::unreadable(&format!("it is the trace of a program that failed: {said}")))
}

/// The trace alone, without what the program printed before it failed: no Markdown, and not much.
fn behind_warnings<'a, 'b>(lines: &'b [&'a str]) -> &'b [&'a str] {
    let at = lines.iter().position(|line| *line == TRACEBACK).filter(|at| (1..=BEFORE).contains(at));
    let is_prose = |line: &&str| line.starts_with(['#', '-', '*', '|', '>', '`']) || line.contains("**");
    at.filter(|at| !lines[..*at].iter().any(is_prose)).map_or(lines, |at| &lines[at..])
}

/// The trace alone, without the code that raised it above (`/app/a.js:3`, the code, `^`) and the
/// version below, as Node prints what nobody caught.
fn uncaught<'a, 'b>(lines: &'b [&'a str]) -> &'b [&'a str] {
    let [place, _, mark, rest @ ..] = lines else { return lines };
    let is_place = place.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok());
    let points = mark.trim_start().starts_with('^') && !mark.contains(char::is_alphanumeric);
    match rest.split_last() {
        Some((last, trace)) if is_place && points && last.starts_with("Node.js v") => trace,
        _ => lines,
    }
}

/// `ImportError: no module`, `Error [ERR_X]: message`, `java.lang.Error: message`
fn is_raised(line: &str) -> bool {
    let name = line.split([':', ' ', '[']).next().unwrap_or_default();
    let ends = ["Error", "Exception", "Exit", "Interrupt"].iter().any(|end| name.ends_with(end));
    ends && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))
}

/// A line of a trace of Python: a frame and its code, what was raised, and what that led to.
fn is_of_trace(line: &str) -> bool {
    const BETWEEN: [&str; 3] = [TRACEBACK, "During handling of ", "The above exception was "];
    line.starts_with([' ', '\t'])
        || is_raised(line)
        || BETWEEN.iter().any(|between| line.starts_with(between))
}

/// `    at run (/app/main.js:3:9)`, `\tat a.B.c(B.java:12)`
fn is_frame(line: &str) -> bool {
    line.starts_with([' ', '\t']) && line.trim_start().starts_with("at ") && line.contains(['(', ':'])
}

#[cfg(test)]
mod tests {
    use crate::extract::extract;
    use crate::model::Recognised;

    #[test]
    fn a_trace_is_no_report() {
        let python = "Traceback (most recent call last):\n  File \"/app/lint.py\", line 23, in run\n    raise ImportError(\"no junit\")\nImportError: no junit\n";
        let node = "Error: You must use a valid formatter\n    at getFormatter (file:///app/lint.mjs:28:11)\n    at async main (/app/cli.mjs:12:3)\n";
        let java = "Exception in thread \"main\" java.lang.IllegalStateException: no input\n\tat shop.Main.run(Main.java:12)\n";
        let uncaught = "file:///app/oven.js:12\n    throw heat;\n    ^\n\nTypeError: no heat\n    at bake (file:///app/oven.js:12:11) {\n  code: 'E_HEAT'\n}\n\nNode.js v31.0.0\n";
        let warned = format!("/opt/a/main.py:5: OldWarning: it is old\n  from a import b\n{python}");
        for text in [python, node, java, uncaught, &warned] {
            let read = extract(text, "r.txt");
            assert_eq!((read.recognised, read.members.len()), (Recognised::Unreadable, 0), "{text}");
            assert!(read.notes[0].contains("failed"), "{:?}", read.notes);
        }
        let both = format!(
            "{python}\n## Findings\n\n- **High** `src/a.rs:3` Lock is never freed\n\nSystemExit: 3\n"
        );
        assert_eq!(extract(&both, "r.md").members.len(), 1, "more than a trace");
        let review = "# Review\n\n## Findings\n\n- **High** `src/a.rs:3` It fails with\n\n```\nError: no input\n    at run (main.js:3:9)\n```\n";
        assert_eq!(extract(review, "r.md").members.len(), 1);
    }
}
