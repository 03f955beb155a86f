//! The result for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use base::encoded_path::EncodedPath;
use base::style::{Mark, Style, count, elapsed, pad, width};
use base::text;
use findings::Severity;
use findings::changed::GateOn;
use findings::merged::Finding;
use findings::verdict::Verdict;
use protocol::agent;
use protocol::outcome::AgentStatus;
use serde::Serialize;
use terminal::link::Links;

use crate::history::graves;
use crate::result::{Outcome, Report};

/// Findings told one by one.
const TOLD: usize = 10;

/// What is shown.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) outcome: &'a Outcome,
    /// What is open, the gravest first.
    pub(crate) standing: &'a [&'a Finding],
    /// The published final report.
    pub(crate) report: Option<&'a Path>,
    pub(crate) project: &'a Path,
    pub(crate) seconds: u64,
    /// Of a review in rounds: what they have come to.
    pub(crate) rounds: Option<&'a Rounds>,
}

/// What rounds have come to, in lines for people: a word that says what it is, and text.
/// Commands are whole, and never cut.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Rounds {
    #[serde(flatten)]
    pub(crate) data: serde_json::Map<String, serde_json::Value>,
    #[serde(skip)]
    pub(crate) lines: Vec<(String, String)>,
}

pub(crate) fn render(page: &Page<'_>, style: &Style, links: &Links) -> String {
    let mut out = head(page, style);
    reviewers(&mut out, page, style);
    findings(&mut out, page, style, links);
    out.push('\n');
    for sentence in wrapped(&page.outcome.notes, style.width) {
        let _ = writeln!(out, "{sentence}");
    }
    out.push('\n');
    not_read(&mut out, page, style);
    foot(&mut out, page, style);
    rounds(&mut out, page, style);
    out
}

/// `static rules only: CHANGES REQUESTED    3 files    1 critical, 2 high    12s`
fn head(page: &Page<'_>, style: &Style) -> String {
    let outcome = page.outcome;
    let word = match (outcome.timed_out, outcome.review_result) {
        (true, _) => "TIMED OUT",
        (false, Verdict::Approved) => "APPROVED",
        (false, Verdict::Commented) => "NO VERDICT",
        (false, Verdict::ChangesRequested) => "CHANGES REQUESTED",
    };
    let begin = if outcome.static_only { "static rules only: " } else { "" };
    let parts = [
        format!("{begin}{}", style.bold(word)),
        read(outcome),
        match graves(&outcome.counts) {
            none if none == "none" => "no findings".to_owned(),
            some => some,
        },
        elapsed(i64::try_from(page.seconds).unwrap_or(i64::MAX)),
    ];
    let line = parts.join("    ");
    // Bold takes no room.
    let wide = width(&text::without_sequences(&line));
    if wide <= style.width { line + "\n\n" } else { parts.join("\n  ") + "\n\n" }
}

/// `read 3 of 4 files`
fn read(outcome: &Outcome) -> String {
    format!("read {} of {}", outcome.files_reviewed, count(outcome.files_given, "file"))
}

fn reviewers(out: &mut String, page: &Page<'_>, style: &Style) {
    let reports = &page.outcome.reports;
    if reports.is_empty() {
        return;
    }
    let runner = |report: &Report| match &report.model {
        Some(model) => format!("{} {}", report.runner, text::visible(model)),
        None => report.runner.to_string(),
    };
    let role = reports.iter().map(|one| width(one.role.as_str())).fold(8, usize::max).min(24);
    let by = reports.iter().map(|one| width(&runner(one))).fold(6, usize::max).min(24);
    let gap = " ".repeat(style.glyph_width());
    let head = format!("{gap} {}  {}  RESULT", pad("REVIEWER", role), pad("RUNNER", by));
    let _ = writeln!(out, "{}", style.dim(&style.cut(&head, style.width)));
    for report in reports {
        let missing = page.outcome.missing.iter().find(|one| one.role == report.role);
        let mark = if missing.is_some() { Mark::Failed } else { Mark::Completed };
        let what = match missing {
            Some(missing) => format!("missing: {}", text::visible(&missing.why)),
            None => found(report),
        };
        let instead = agent::in_place_of(&report.handovers, |at| style.clock(at));
        let what = instead.map_or_else(|| what.clone(), |instead| format!("{what}, {instead}"));
        let line = format!(
            " {}  {}  {what}",
            pad(&style.cut(report.role.as_str(), role), role),
            pad(&style.cut(&runner(report), by), by)
        );
        let room = style.width.saturating_sub(style.glyph_width());
        let _ = writeln!(out, "{}{}", style.mark(mark), style.cut(&line, room));
    }
}

/// `3 findings`, `nothing found`, or where it stopped.
fn found(report: &Report) -> String {
    match (report.status, report.findings.as_ref().map(|findings| findings.values().sum())) {
        (AgentStatus::Completed, Some(0)) => "nothing found".to_owned(),
        (AgentStatus::Completed, Some(n)) => count(n, "finding"),
        (status, _) => format!("{status:?}").to_lowercase(),
    }
}

/// What the gate looks at; what was there before the change is only counted.
fn findings(out: &mut String, page: &Page<'_>, style: &Style, links: &Links) {
    let is_old = |finding: &&&Finding| page.outcome.gate_on == GateOn::New && finding.new == Some(false);
    let (old, looked_at): (Vec<&Finding>, Vec<&Finding>) =
        page.standing.iter().copied().partition(|finding| is_old(&finding));
    if !looked_at.is_empty() {
        out.push('\n');
    }
    let id = looked_at.iter().map(|one| width(&one.id)).max().unwrap_or(2);
    let level = looked_at.iter().map(|one| one.severity.name().len()).max().unwrap_or(4);
    for finding in looked_at.iter().take(TOLD) {
        let begin = format!("{}  {}  ", pad(&finding.id, id), pad(finding.severity.name(), level));
        let place = finding.place();
        let title = text::visible(&finding.title);
        let fits = width(&format!("{begin}{place}: {title}")) <= style.width;
        let linked = match finding.locations.first() {
            Some(at) => links.place(at.file.as_path(), at.line_start, &place),
            None => place,
        };
        if fits {
            let line = format!("{begin}{linked}: {title}");
            let _ = writeln!(out, "{}", at_gate(&line, finding.severity, page, style));
            continue;
        }
        // A place is never cut: somebody is to go there.
        let _ = writeln!(out, "{}", at_gate(&format!("{begin}{linked}"), finding.severity, page, style));
        let indent = width(&begin);
        for line in wrapped(&title, style.width.saturating_sub(indent)) {
            let _ = writeln!(out, "{:indent$}{line}", "");
        }
    }
    if looked_at.len() > TOLD {
        let _ = writeln!(out, "and {} more", looked_at.len() - TOLD);
    }
    if !old.is_empty() {
        let _ = writeln!(out, "\n{} from before this change", count(old.len() as u64, "finding"));
    }
}

/// What stands in the way is bold.
fn at_gate(line: &str, severity: Severity, page: &Page<'_>, style: &Style) -> String {
    if severity.reaches(page.outcome.gate) { style.bold(line) } else { line.to_owned() }
}

/// Files that a reviewer was given and has not read, each once, with the first reason.
fn not_read(out: &mut String, page: &Page<'_>, style: &Style) {
    let mut files: BTreeMap<&EncodedPath, &str> = BTreeMap::new();
    for one in page.outcome.reports.iter().flat_map(|report| &report.not_read) {
        files.entry(&one.file).or_insert(&one.why);
    }
    for (n, (file, why)) in files.iter().take(TOLD).enumerate() {
        let name = if n == 0 { "not read" } else { "" };
        let _ = writeln!(out, "{name:<10}{}: {}", text::path(file.as_path()), text::visible(why));
    }
    if files.len() > TOLD {
        let rest = format!("{:10}and {} more: the reports name them", "", files.len() - TOLD);
        let _ = writeln!(out, "{}", style.cut(&rest, style.width));
    }
}

fn foot(out: &mut String, page: &Page<'_>, style: &Style) {
    let short = page.outcome.convoy_id.short();
    if let Some(report) = page.report {
        let shown = match report.strip_prefix(page.project) {
            Ok(inside) => text::path(inside),
            Err(_) => style.path(report),
        };
        let _ = writeln!(out, "report    {shown}");
    }
    let _ = writeln!(out, "findings  {}", style.command(&format!("pan convoy findings {short}")));
    if let Some(missing) = page.outcome.missing.first() {
        let _ = writeln!(
            out,
            "why       {}",
            style.command(&format!("pan convoy logs {short} {}", missing.role))
        );
    }
}

/// Lines that are no commands are wrapped.
fn rounds(out: &mut String, page: &Page<'_>, style: &Style) {
    let Some(rounds) = page.rounds else { return };
    out.push('\n');
    for (name, text) in &rounds.lines {
        let is_command = matches!(name.as_str(), "look" | "merge" | "remove" | "work tree");
        if is_command {
            let _ = writeln!(out, "{name:<10}{text}");
            continue;
        }
        for (n, line) in wrapped(text, style.width.saturating_sub(10)).iter().enumerate() {
            let _ = writeln!(out, "{:<10}{line}", if n == 0 { name.as_str() } else { "" });
        }
    }
}

/// Words in lines of at most so many columns.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::Missing;
    use findings::merged::Location;

    fn outcome() -> Outcome {
        let report = |role: &str, found: Option<u64>| Report {
            role: role.parse().unwrap(),
            status: if found.is_some() { AgentStatus::Completed } else { AgentStatus::Failed },
            runner: "claude".parse().unwrap(),
            handovers: Vec::new(),
            model: Some("haiku".to_owned()),
            static_only: false,
            path: None,
            read_from: None,
            findings: found.map(|count| BTreeMap::from([("high".to_owned(), count)])),
            files_reviewed: Some(3),
            files_given: Some(4),
            basis: None,
            not_read: vec![findings::NotRead {
                file: "logo.png".to_owned().into(),
                why: "binary".to_owned(),
            }],
            denied: Vec::new(),
        };
        Outcome {
            schema_version: 1,
            success: false,
            review_result: Verdict::ChangesRequested,
            gate: Severity::High,
            gate_on: GateOn::New,
            static_only: false,
            timed_out: false,
            files_reviewed: 3,
            files_given: 4,
            security_issues: 1,
            performance_issues: 0,
            notes: "2 new findings are open at or above the gate (high).".to_owned(),
            output: String::new(),
            convoy_id: "convoy-code-review-k7q2m9".parse().unwrap(),
            counts: BTreeMap::from([("critical".to_owned(), 1), ("high".to_owned(), 1)]),
            new_findings: Some(2),
            old_findings: Some(1),
            reports: vec![report("correctness", Some(2)), report("security", None)],
            missing: vec![Missing {
                role: "security".parse().unwrap(),
                why: "timed out after 5m".to_owned(),
            }],
            requirements: None,
        }
    }

    fn finding(id: &str, severity: Severity, file: &str, line: u32, new: bool) -> Finding {
        let place = Location {
            file: file.to_owned().into(),
            line_start: Some(line),
            line_end: Some(line),
            symbol: None,
            placed: None,
        };
        Finding {
            id: id.to_owned(),
            title: "SQL is built from what the request says, in three places".to_owned(),
            severity,
            locations: vec![place],
            new: Some(new),
            ..Finding::default()
        }
    }

    fn shown(style: &Style, links: &Links) -> String {
        let found = [
            finding("F1", Severity::Critical, "src/auth/session.ts", 42, true),
            finding("F2", Severity::High, "src/n.ts", 2, true),
            finding("F3", Severity::Medium, "src/old.ts", 7, false),
        ];
        let outcome = outcome();
        let page = Page {
            outcome: &outcome,
            standing: &found.iter().collect::<Vec<_>>(),
            report: Some(Path::new("/home/u/shop/.claude/reviews/r-synthesis.md")),
            project: Path::new("/home/u/shop"),
            seconds: 192,
            rounds: None,
        };
        render(&page, style, links)
    }

    #[test]
    fn rounds_are_told_below_and_commands_are_never_broken() {
        let outcome = outcome();
        let line = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let lines = vec![
            line("rounds", "2 of 3, stopped: no progress: what was open at the gate is open still"),
            line("", "1 k7q2m9 changes requested, 2 findings at the gate; the command changed 1 file"),
            line("merge", "git merge convoy/k7q2m9/fix"),
        ];
        let rounds = Rounds { lines, ..Rounds::default() };
        let page = Page {
            outcome: &outcome,
            standing: &[],
            report: None,
            project: Path::new("/p"),
            seconds: 1,
            rounds: Some(&rounds),
        };
        let shown = render(&page, &Style::plain(40), &Links::none());
        let told = shown.split("\nrounds").nth(1).unwrap();
        assert!(told.contains("\nmerge     git merge convoy/k7q2m9/fix\n"), "{told}");
        assert!(
            told.lines().filter(|line| !line.starts_with("merge")).all(|line| width(line) <= 40),
            "{told}"
        );
        assert!(told.contains("\n          1 k7q2m9 changes requested, 2\n"), "{told}");
    }

    #[test]
    fn a_result_on_each_screen() {
        let plain = Style::plain(80);
        let looks = [
            ("80", plain.clone()),
            ("40", Style { width: 40, ..plain.clone() }),
            ("colour", Style { colour: true, ..plain.clone() }),
            ("ascii", Style { ascii: true, ..plain }),
        ];
        let all: Vec<String> = looks
            .iter()
            .map(|(name, style)| format!("== {name} ==\n{}", shown(style, &Links::none())))
            .collect();
        insta::assert_snapshot!(all.join("\n").replace('\x1b', "^"));
    }

    #[test]
    fn what_is_kept_is_whole() {
        let whole = shown(&Style { whole: true, ..Style::plain(40) }, &Links::none());
        for words in ["src/auth/session.ts:42", "src/n.ts:2", "logo.png: binary", "timed out after 5m"] {
            assert!(whole.contains(words), "{words} in {whole}");
        }
        assert!(!whole.contains('…'), "{whole}");
    }
}
