//! The report as one page of HTML: nothing is fetched, nothing runs, every text of
//! others is text.

use std::fmt::Write as _;

use findings::verdict::Verdict;

use super::cause::{Cause, group};
use super::code::numbered;
use super::facts::found_by;
use super::message::PROJECT;
use crate::contain::{clean, html};
use crate::merged::{Merged, stands};
use crate::meta::Meta;
use crate::model::Finding;
use crate::{scope, verdict};
use findings::Severity;

/// Lines of code that are shown.
const CODE: usize = 7;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color:#1b1f24;background:#fff}h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}details{border:1px solid \
#c8ced6;border-radius:6px;margin:.5rem 0;padding:.25rem .75rem}summary{cursor:pointer}pre{background:#f4f6f8;\
padding:.5rem;overflow-x:auto}table{border-collapse:collapse}td,th{border:1px solid #c8ced6;padding:.2rem .6rem;\
text-align:left}.words{white-space:pre-wrap}@media(prefers-color-scheme:dark){body{color:#e3e7ec;background:#14181d}\
pre{background:#1e242b}}";

pub(super) fn report(merged: &Merged, meta: &Meta) -> String {
    let title = html(meta.title.as_deref().unwrap_or("Code Review - Complete Analysis"));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<h1>{title}</h1>\n"
    );
    if meta.static_only {
        out.push_str("<p>Static rules only: no AI has reviewed this.</p>\n");
    }
    summary(&mut out, merged, meta);
    for (title, list) in sections(merged) {
        if list.is_empty() {
            continue;
        }
        let _ = writeln!(out, "<h2>{title}</h2>");
        for cause in group(list) {
            one(&mut out, &cause, merged.gate);
        }
    }
    reviewers(&mut out, merged, meta);
    out + "</body>\n</html>\n"
}

fn summary(out: &mut String, merged: &Merged, meta: &Meta) {
    let decision = verdict::of(merged, meta);
    let word = match decision.verdict {
        Verdict::Approved => "Approved",
        Verdict::ChangesRequested => "Changes requested",
        Verdict::Commented => "No verdict",
    };
    let _ =
        writeln!(out, "<p><strong>{word}.</strong> {}</p>", html(&verdict::sentence(&decision, merged.gate)));
    let counts = super::summary::graves(merged.counts());
    let counts = if counts.is_empty() { "no findings".to_string() } else { counts };
    let read = scope::all(&merged.inputs, meta).words();
    let read = if read.is_empty() { read } else { format!("; {read}") };
    let _ = writeln!(out, "<p>{}</p>", html(&format!("{counts}{read}")));
}

fn sections(merged: &Merged) -> Vec<(&'static str, Vec<&Finding>)> {
    let mut out = Vec::new();
    for (title, severity) in super::markdown::SEVERITIES {
        let of_it = |finding: &&Finding| finding.severity == severity && merged.gate.looks_at(finding);
        out.push((title, merged.standing().filter(of_it).collect()));
    }
    out.extend(super::markdown::aside(merged));
    out.push(("Fixed or Gone Since", merged.closed.iter().collect()));
    out
}

fn one(out: &mut String, cause: &Cause<'_>, gate: crate::verdict::Gate) {
    let finding = cause.main();
    let open = stands(finding) && finding.severity >= Severity::High && gate.looks_at(finding);
    let places: Vec<String> = cause
        .findings()
        .iter()
        .flat_map(|one| {
            let list = one.locations.iter().map(|place| format!("{} {}", one.id, place.display()));
            let list: Vec<String> = list.collect();
            if list.is_empty() { vec![format!("{} {PROJECT}", one.id)] } else { list }
        })
        .collect();
    let _ = writeln!(
        out,
        "<details{} id=\"{}\"><summary><strong>{} {}</strong>: {}</summary>",
        if open { " open" } else { "" },
        html(&finding.id),
        html(&cause.ids()),
        finding.severity.name(),
        html(&finding.title)
    );
    let _ =
        writeln!(out, "<p>{}</p>", places.iter().map(|place| html(place)).collect::<Vec<_>>().join("<br>"));
    let mut facts = vec![format!("found by {}", found_by(finding))];
    facts.extend(finding.facts.rule.as_ref().map(|rule| format!("rule {rule}")));
    facts.extend(finding.category.as_ref().map(|category| format!("category {category}")));
    facts.extend(
        finding.members.iter().filter_map(|one| one.confidence).max().map(|n| format!("confidence {n}")),
    );
    facts.extend(finding.history.clone());
    facts.extend(finding.second_look.as_ref().map(|look| format!("second look: {}", look.shown())));
    let requirement = finding.facts.requirement.as_ref();
    facts.extend(requirement.map(|one| format!("requirement: {}", one.shown())));
    facts.extend(finding.suppressed.as_ref().map(|why| format!("suppressed: {why}")));
    let links: Vec<String> = finding
        .facts
        .cwe
        .iter()
        .map(|cwe| format!("<a href=\"https://cwe.mitre.org/data/definitions/{cwe}.html\">CWE-{cwe}</a>"))
        .collect();
    let _ = writeln!(out, "<p>{} {}</p>", html(&facts.join("; ")), links.join(" "));
    if let Some(excerpt) = &finding.excerpt {
        let shown: Vec<String> = numbered(excerpt, CODE).iter().map(|line| text(line)).collect();
        let _ = writeln!(out, "<pre>{}</pre>", shown.join("\n"));
    }
    for member in &finding.members {
        if finding.members.len() > 1 {
            let who = format!("{} ({}): {}", member.reviewer, member.severity.name(), member.title);
            let _ = writeln!(out, "<p><em>{}</em></p>", html(&who));
        }
        let body = if finding.excerpt.is_some() {
            super::cause::without_code(&member.body)
        } else {
            member.body.clone()
        };
        let _ = writeln!(out, "<p class=\"words\">{}</p>", text(body.replace("**", "").trim()));
    }
    if let Some(suggestion) = finding.facts.suggestion.as_ref().filter(|_| finding.excerpt.is_some()) {
        let _ = writeln!(out, "<p>Suggestion:</p>\n<pre>{}</pre>", text(suggestion.trim_end()));
    }
    out.push_str("</details>\n");
}

fn reviewers(out: &mut String, merged: &Merged, meta: &Meta) {
    out.push_str(
        "<h2>Review Statistics</h2>\n<table>\n<tr><th>Reviewer</th><th>State</th><th>Runner</th><th>Read</th><th>Reported</th></tr>\n",
    );
    for row in super::statistics::rows(merged, meta) {
        let cells: Vec<String> =
            row.iter().map(|cell| format!("<td>{}</td>", html(&crate::contain::plain(cell)))).collect();
        let _ = writeln!(out, "<tr>{}</tr>", cells.join(""));
    }
    out.push_str("</table>\n");
}

/// Text of several lines.
fn text(words: &str) -> String {
    clean(words).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
