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
        // What the program says behind it is no part of a report.
        let end = lines.iter().rposition(|line| names_raised(line))?;
        let only = lines.len() - end <= MESSAGE && lines[..=end].iter().all(|line| is_of_trace(line));
        only.then_some(lines[end])?
    } else if first.starts_with("thread '") && first.contains("panicked at ") && lines.len() <= MESSAGE {
        first
    } else {
        let at = lines.iter().position(|line| is_frame(line))?;
        let (told, rest) = lines.split_at(at);
        let begins = |line: &&str| line.starts_with("Exception in thread") || is_raised(line);
        let raised = told.iter().position(begins).filter(|raised| at - raised <= MESSAGE)?;
        let only = rest.iter().all(|line| is_frame(line) || line.starts_with(['C', ' ', '\t', '.', '}']));
        (only && told[..raised].iter().all(|line| is_of_run(line))).then_some(told[raised])?
    };
    let said: String = failed.trim().chars().take(120).collect();
    Some(super::unreadable(&format!("it is the trace of a program that failed: {said}")))
}

/// Does a text end in the trace of a program that failed, outside of code? What it said until
/// then is not all. The line that tells why.
pub(super) fn ends_in_trace(text: &str) -> Option<String> {
    let mut lines = text.lines().rev().filter(|line| !line.trim().is_empty()).peekable();
    lines.next_if(|line| line.starts_with("Node.js v"));
    let closes =
        |line: &&str| is_frame(line) || line.starts_with('}') || line.trim_start().starts_with("code: ");
    let frames = std::iter::from_fn(|| lines.next_if(closes)).filter(|line| is_frame(line)).count();
    let why = lines.take(MESSAGE).find(|line| is_raised(line) || line.starts_with("Exception in thread"))?;
    (frames > 0).then(|| why.trim().chars().take(120).collect())
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
    ends && is_path_of_names(name)
}

fn is_path_of_names(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))
}

/// What a trace of Python ends with: `socket.gaierror: no such name`, whatever it is called.
fn names_raised(line: &str) -> bool {
    is_raised(line) || line.split_once(": ").is_some_and(|(name, _)| is_path_of_names(name))
}

/// A line of a trace of Python: a frame and its code, what was raised, and what that led to.
fn is_of_trace(line: &str) -> bool {
    const BETWEEN: [&str; 3] = [TRACEBACK, "During handling of ", "The above exception was "];
    line.starts_with([' ', '\t'])
        || names_raised(line)
        || BETWEEN.iter().any(|between| line.starts_with(between))
}

/// What a program prints before it looks: no place, no sentence, no mark of a list.
fn is_of_run(line: &str) -> bool {
    const SHORT: usize = 60;
    let plain = line.starts_with(|c: char| c.is_alphanumeric()) && !line.ends_with(['.', '!', '?']);
    plain && line.len() <= SHORT && !crate::signs::has_line_place(line)
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
        let printed = "oven-lint v3.1.0\nLinting: 2 file(s)\nSummary: 7 error(s)\nTypeError: no heat\n    at bake (/app/oven.js:12:11)\n    at async main (/app/cli.js:9:5)\n";
        let caused = "Traceback (most recent call last):\n  File \"/app/net.py\", line 9, in get\nnet.refused: no such name\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"/app/lint.py\", line 3, in <module>\nFileNotFoundError: [Errno 2] No such file: 'rules.json'\n";
        let warned = format!("/opt/a/main.py:5: OldWarning: it is old\n  from a import b\n{python}");
        for text in [python, node, java, uncaught, printed, caused, &warned] {
            let read = extract(text, "r.txt");
            assert_eq!((read.recognised, read.members.len()), (Recognised::Unreadable, 0), "{text}");
            assert!(read.notes[0].contains("failed"), "{:?}", read.notes);
        }
        let both = format!(
            "{python}\n## Findings\n\n- **High** `src/a.rs:3` Lock is never freed\n\nSystemExit: 3\n"
        );
        assert_eq!(extract(&both, "r.md").members.len(), 1, "more than a trace");
        let found = printed.replace("Summary: 7 error(s)", "src/a.js:3: Lock is never freed");
        let read = extract(&found, "r.txt");
        assert!(!read.complete && read.recognised != Recognised::Clean, "{read:?}");
        let review = "# Review\n\n## Findings\n\n- **High** `src/a.rs:3` It fails with\n\n```\nError: no input\n    at run (main.js:3:9)\n```\n";
        assert_eq!(extract(review, "r.md").members.len(), 1);
    }
}
