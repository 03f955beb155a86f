//! The text of comments. Whatever a reviewer wrote is data in them; whatever does not
//! fit into one is left out, and that is said. Pure.

use std::fmt::Write as _;

use base::markdown::{fenced, line};
use base::style::count;
use findings::Severity;
use findings::changed::GateOn;
use findings::verdict::Verdict;

use crate::document::{Document, Input, Judged, Told};
use crate::finding::{CODE, TITLE, WORDS, cut, origin, place, words};
use crate::mark;
use crate::plan::{Plan, Where, Why};
use crate::target::Target;

/// Bytes of a comment kept for the lines that say what was left out.
const REST: usize = 600;

/// `changes requested`
pub(crate) fn verdict(judged: &Judged) -> &'static str {
    match judged.verdict {
        Verdict::Approved => "approved",
        Verdict::Commented => "no verdict",
        Verdict::ChangesRequested => "changes requested",
    }
}

/// Why it is so, in sentences without markup.
pub(crate) fn reason(judged: &Judged) -> String {
    let mut sentences = Vec::new();
    if judged.verdict == Verdict::Commented {
        sentences
            .extend(judged.obstacles.iter().map(|why| format!("No verdict: {}.", why.trim_end_matches('.'))));
    }
    if judged.blocking > 0 || judged.verdict != Verdict::Commented {
        let what = if judged.gate_on == GateOn::New { "new finding" } else { "finding" };
        let are = if judged.blocking == 1 { "is" } else { "are" };
        let many = if judged.blocking == 0 { format!("No {what}") } else { count(judged.blocking, what) };
        sentences.push(format!("{many} {are} open at or above {}.", judged.gate.name()));
    }
    sentences.join(" ")
}

/// `1 critical, 2 high`
pub(crate) fn counts<'a>(open: impl Iterator<Item = &'a Told>) -> String {
    let severities: Vec<Severity> = open.map(|told| told.finding.severity).collect();
    let of = |severity| severities.iter().filter(|one| **one == severity).count();
    let told = Severity::ALL.into_iter().map(|severity| (of(severity), severity));
    let told: Vec<String> =
        told.filter(|(n, _)| *n > 0).map(|(n, severity)| format!("{n} {}", severity.name())).collect();
    if told.is_empty() { "No findings".to_owned() } else { told.join(", ") }
}

/// The one comment with all findings.
pub(crate) fn summary(
    document: &Document,
    plan: &Plan<'_>,
    target: &Target,
    (head, name, commit): (&str, &str, Option<&str>),
) -> String {
    let judged = &document.verdict;
    let mut page = Page::new(target.repository.service.longest_comment());
    page.must(&format!("{}\n## Code review: {}\n", mark::summary(name), verdict(judged)));
    let told = document.notes.clone().unwrap_or_else(|| reason(judged));
    let (reason, whole) = cut(&told, WORDS);
    page.must(&format!("\n{}{}\n", line(&reason), if whole { "" } else { " (The report has the rest.)" }));
    let commit = commit.unwrap_or(head);
    let short: String = commit.chars().take(7).collect();
    let on = if judged.gate_on == GateOn::New { " on what is new" } else { "" };
    page.must(&format!(
        "\n**{}** · commit `{short}` · gate {}{on}\n",
        counts(document.open()),
        judged.gate.name()
    ));
    if let Some(read) = read_by(document) {
        page.must(&format!("\n{read}\n"));
    }
    if plan.stale {
        page.must("\nThe pull request has moved on since this commit: nothing is written on lines until its newest one is reviewed.\n");
    }
    if !plan.resolve.is_empty() {
        let many = count(plan.resolve.len() as u64, "conversation");
        page.must(&format!("\n{many} resolved by this run: what they are about is gone.\n"));
    }
    if plan.left_open > 0 {
        let many = count(plan.left_open as u64, "conversation");
        page.must(&format!("\n{many} left open: not found again, but nothing shows that it was fixed.\n"));
    }
    let link = |told: &Told| link(told, target, commit);
    let rows = |of_old: bool| plan.places.iter().filter(move |(told, _)| told.is_old() == of_old);
    let current: Vec<_> = rows(false).collect();
    let old: Vec<_> = rows(true).collect();
    if !current.is_empty() {
        table(&mut page, &current, &link);
    }
    details(&mut page, &current, &link);
    if !old.is_empty() {
        let many = count(old.len() as u64, "finding");
        page.fold(&format!("{many} from before this change"), |page| table(page, &old, &link));
    }
    page.end(plan.places.len())
}

/// `Read: security 12 of 12 files, performance 11 of 12 files (static rules only)`
fn read_by(document: &Document) -> Option<String> {
    let one = |input: &Input| {
        let (read, given) = (input.files_read?, input.files_given?);
        let by_rules = input.notes.iter().any(|note| note.starts_with("static rules only"));
        let by_rules = if by_rules { " (static rules only)" } else { "" };
        Some(format!("{} {read} of {}{by_rules}", input.reviewer, count(given, "file")))
    };
    let all: Vec<String> = document.inputs.iter().filter_map(one).collect();
    let (told, whole) = cut(&all.join(", "), 2 * TITLE);
    (!all.is_empty()).then(|| format!("Read: {}{}", line(&told), if whole { "." } else { "" }))
}

fn table(page: &mut Page, rows: &[&(&Told, Where)], link: &impl Fn(&Told) -> String) {
    if !page.may("\n| | Severity | Place | What | |\n| --- | --- | --- | --- | --- |\n") {
        page.rows_left += rows.len();
        return;
    }
    for (n, (told, place)) in rows.iter().enumerate() {
        let finding = &told.finding;
        let row = format!(
            "| {} | {} | {} | {} | {} |\n",
            line(&finding.id),
            finding.severity.name(),
            link(told),
            line(&cut(&finding.title, TITLE).0),
            said(*place)
        );
        if !page.may(&row) {
            page.rows_left += rows.len() - n;
            break;
        }
    }
}

/// Where one finds more of it.
fn said(place: Where) -> &'static str {
    match place {
        Where::Inline(_) | Where::There => "on its line",
        Where::Here(Why::Old) => "",
        Where::Here(Why::Outside) => "not in the diff: below",
        Where::Here(Why::Many) => "too many for lines: below",
        Where::Here(Why::Refused) => "not accepted on its line: below",
        Where::Here(Why::Stale | Why::Unnamed) => "below",
    }
}

/// The words of what has no comment on its lines.
fn details(page: &mut Page, rows: &[&(&Told, Where)], link: &impl Fn(&Told) -> String) {
    let here: Vec<&Told> =
        rows.iter().filter(|(_, place)| matches!(place, Where::Here(_))).map(|(told, _)| *told).collect();
    if here.is_empty() {
        return;
    }
    let many = count(here.len() as u64, "finding");
    page.fold(&format!("{many} without a comment on a line"), |page| {
        for (n, told) in here.iter().enumerate() {
            let finding = &told.finding;
            let code = told.suggestion.as_deref().filter(|code| code.len() <= CODE);
            let code = code.map(|code| format!("\nThe code it suggests:\n\n{}", fenced("", code)));
            let text = format!(
                "\n**{} {}: {}** ({})\n\n{}\n{}\n<sub>{}</sub>\n",
                line(&finding.id),
                finding.severity.name(),
                line(&cut(&finding.title, TITLE).0),
                link(told),
                words(told),
                code.unwrap_or_default(),
                origin(told)
            );
            if !page.may(&text) {
                page.words_left += here.len() - n;
                break;
            }
        }
    });
}

/// The place, leading to the code of that commit.
fn link(told: &Told, target: &Target, commit: &str) -> String {
    let shown = line(&cut(&place(told), TITLE).0);
    let path = told.location().and_then(|location| location.file.as_path().to_str());
    match path {
        Some(path) if path.len() <= TITLE => {
            let lines = told.lines().map(|(_, from, to)| (from, to));
            format!("[{shown}]({})", target.repository.file_url(commit, path, lines))
        }
        _ => shown,
    }
}

/// A comment that has so much room.
struct Page {
    text: String,
    room: usize,
    /// Findings that no row is left for, and those of which only the words are not there.
    rows_left: usize,
    words_left: usize,
}

impl Page {
    fn new(room: usize) -> Self {
        Page { text: String::new(), room, rows_left: 0, words_left: 0 }
    }

    /// For what is bounded.
    fn must(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds it, if there is room.
    fn may(&mut self, text: &str) -> bool {
        let fits = self.text.len() + text.len() + REST <= self.room;
        if fits {
            self.text.push_str(text);
        }
        fits
    }

    /// What is shown on request. `title` is no text of others.
    fn fold(&mut self, title: &str, fill: impl FnOnce(&mut Self)) {
        if !self.may(&format!("\n<details><summary>{title}</summary>\n")) {
            // The rows count as left out then, where there are any.
            self.room = 0;
            fill(self);
            return;
        }
        fill(self);
        self.must("\n</details>\n");
    }

    fn end(mut self, all: usize) -> String {
        if self.rows_left > 0 {
            let _ = writeln!(
                self.text,
                "\n**{} of {all} findings are left out**: a comment may be no longer. The report has all of them.",
                self.rows_left
            );
        }
        if self.words_left > 0 {
            let _ = writeln!(
                self.text,
                "\n**The words of {} are left out**: a comment may be no longer. The report has them.",
                count(self.words_left as u64, "finding")
            );
        }
        self.text
    }
}
