//! What an agent hands in, and where; what it is told when that cannot be used, or was interrupted.

use super::{Assignment, fenced, line, path_for_agent, verification};
use crate::plan::{AnswerBy, Lens, ReportKind, ReportSource};

/// An answer as data, for those whom no schema is told.
pub const EXAMPLE: &str = r#"{
  "findings": [
    {
      "title": "SQL is built from the request",
      "severity": "critical",
      "confidence": 90,
      "category": "injection",
      "cwe": [89],
      "locations": [
        { "file": "src/auth.ts", "line": 42, "endLine": 44, "symbol": "login", "quote": "db.query(\"… WHERE name = '\" + user + \"'\")" }
      ],
      "problem": "`login()` joins `req.body.user` into the query text.",
      "impact": "Anyone can log in as any user.",
      "fix": "Bind the value.",
      "suggestion": null
    }
  ],
  "read": ["src/auth.ts"],
  "notRead": [{ "file": "src/legacy.bin", "why": "binary" }],
  "notes": [],
  "total": 1
}"#;

/// The same of one who holds a change against what was asked for.
pub const EXAMPLE_OF_REQUIREMENTS: &str = r#"{
  "findings": [
    {
      "title": "A failed upload is not tried again",
      "severity": "high",
      "confidence": 90,
      "category": "missing",
      "cwe": [],
      "locations": [],
      "problem": "`upload()` gives up at the first error; nothing calls it again.",
      "impact": "One lost packet loses the file.",
      "fix": "Try again up to three times before it is an error.",
      "suggestion": null,
      "requirement": "An upload that fails is tried again, three times at most."
    }
  ],
  "read": ["src/upload.ts"],
  "notRead": [],
  "notes": [],
  "total": 1
}"#;

/// More mistakes of an answer are not named at once.
const MAX_MISTAKES: usize = 20;

pub(super) fn report(out: &mut Vec<u8>, assignment: &Assignment<'_>) {
    out.extend_from_slice(b"\n## Your report\n\n");
    if assignment.agent.report == ReportKind::Verification {
        return verification::report(out, assignment);
    }
    if let Some(by) = assignment.agent.invocation.answer {
        return answer(out, assignment, by);
    }
    if assignment.agent.invocation.report_from == ReportSource::Message {
        return message(out, assignment);
    }
    line(
        out,
        "Write your whole report, as Markdown, to exactly this file. It does not exist yet; you may write nowhere else:",
    );
    place(out, assignment);
    line(
        out,
        match assignment.agent.report {
            ReportKind::Findings => {
                "The report is read by a program: keep to the format above to the letter, the last line is `**Total:** N findings`. Write it even if there is nothing to find. Without this file your work counts as failed."
            }
            ReportKind::Any | ReportKind::Synthesis | ReportKind::Verification => {
                "Write it in one go when you are done. Without this file your work counts as failed."
            }
        },
    );
}

/// For a reviewer whose findings are asked for as data: the report is made from it.
fn answer(out: &mut Vec<u8>, assignment: &Assignment<'_>, by: AnswerBy) {
    let can_write = assignment.agent.invocation.report_from != ReportSource::Message;
    line(
        out,
        match by {
            AnswerBy::Tool => {
                "Your report is an object, not Markdown: hand it in with the tool that takes your structured output, in one call, when you are done. That call ends your work. Say nothing beside it and write no file: nothing else is read."
            }
            AnswerBy::Message => {
                "Your report is an object, not Markdown: your last message is this object and nothing else. Say nothing after it: only the last message is read."
            }
            AnswerBy::Fence => {
                "Your report is an object, not Markdown: your last message is one block that begins with ```json and ends with ```, with this object in it, and nothing before or after. Only the last message is read."
            }
        },
    );
    if by == AnswerBy::Fence && can_write {
        line(out, "Or write the object, as JSON without a fence, to this file:");
        out.push(b'\n');
        out.extend_from_slice(&path_for_agent(&assignment.output_file.with_file_name("findings.json")));
        out.extend_from_slice(b"\n\n");
    }
    line(out, "Convoy checks it and writes the report from it, to:");
    place(out, assignment);
    if !by.has_schema() {
        line(out, "An example, from another project:");
        out.push(b'\n');
        match assignment.agent.lens {
            Some(Lens::Requirements) => fenced(out, "json", EXAMPLE_OF_REQUIREMENTS),
            None => fenced(out, "json", EXAMPLE),
        }
        out.push(b'\n');
    }
    line(
        out,
        "One entry of `findings` for each defect, the most severe first; where a format in Markdown is described above, its fields mean the same here. `locations` has the place itself and, behind it, further places of the same defect. `file` is the path as it is listed. `quote` is the code at `line`, copied: by it a line that is off is found. `suggestion` is code that can stand in place of the lines of the first location as it is, or null. `read` has the files you were given and opened, `notRead` each of the others with the reason. `notes` has what must be known of the review itself; as a rule it is empty, and nothing about the code belongs into it. `total` is the number of findings. Without any finding `findings` is an empty list and `total` is 0: hand that in as well, without words beside it, else your work counts as failed.",
    );
    if assignment.agent.lens == Some(Lens::Requirements) {
        line(
            out,
            "`requirement` is the sentence of the issue or of the pull request that is not met, copied letter by letter from the text above: a program looks for it there, and a finding whose sentence does not stand there is not counted as a requirement missed. Where what is missing has no place in the code, `locations` is an empty list.",
        );
    }
}

/// What a reviewer is told whose answer cannot be used, in the same conversation.
pub fn correct(assignment: &Assignment<'_>, mistakes: &[String]) -> Vec<u8> {
    let mut out = Vec::new();
    line(&mut out, "Your answer cannot be used as it is:");
    out.push(b'\n');
    for mistake in mistakes.iter().take(MAX_MISTAKES) {
        line(&mut out, &format!("- {}", base::text::visible(mistake)));
    }
    out.push(b'\n');
    line(
        &mut out,
        "Hand in the whole answer once more, with all of its findings, and with these mistakes corrected. Leave none out, add none but what these mistakes name, and read nothing again for it. It is asked for only this once.",
    );
    report(&mut out, assignment);
    out
}

/// Where the report goes, on lines of its own.
fn place(out: &mut Vec<u8>, assignment: &Assignment<'_>) {
    out.push(b'\n');
    out.extend_from_slice(&path_for_agent(assignment.output_file));
    out.extend_from_slice(b"\n\n");
}

/// For a CLI that cannot write: what it says last is the report, and goes to the file.
fn message(out: &mut Vec<u8>, assignment: &Assignment<'_>) {
    line(
        out,
        "You cannot write files here. Your last message is your report: the whole of it, as Markdown, and nothing before or after it. Convoy stores it in:",
    );
    place(out, assignment);
    line(
        out,
        match assignment.agent.report {
            ReportKind::Findings => {
                "The report is read by a program: keep to the format above to the letter, the last line is `**Total:** N findings`. Say it even if there is nothing to find. A last message that is no such report counts as failed."
            }
            ReportKind::Any | ReportKind::Synthesis | ReportKind::Verification => {
                "A last message that is not the report counts as failed."
            }
        },
    );
}

/// What an agent is told that goes on with its conversation after an interruption.
pub fn go_on(assignment: &Assignment<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    line(
        &mut out,
        &format!(
            "You were interrupted. This is attempt {} of the same task, in the same conversation: go on where you were, and do not begin again. The report of the last attempt does not count.",
            assignment.attempt
        ),
    );
    report(&mut out, assignment);
    out
}
