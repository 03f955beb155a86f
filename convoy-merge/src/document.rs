//! A reviewer's answer as data (`docs/findings.md`), alone or behind a report that
//! came through a pipe: nothing in it is guessed.

use std::fmt::Write as _;
use std::ops::Range;

use findings::beside::{of_the_code, without_handover};
use findings::requirement::Requirement;
use findings::sealed::{self, Seal};
use findings::{Basis, Document, Finding, ReadError, salvage};

use crate::model::Extraction;
use crate::model::{Facts, Location, Member, ReadFrom, Recognised};

/// What a text turned out to be.
pub(crate) enum Taken<'a> {
    Data(Extraction),
    /// No data, or none to be relied on: this part of it is to be read as what it is,
    /// and that is to be said.
    Other(&'a str, Option<String>),
}

/// Takes the data of a text, if it has any.
pub(crate) fn take(text: &str) -> Taken<'_> {
    match sealed::open(text) {
        Seal::Whole(range) => {
            // The hash fits: it is as our own program wrote it.
            let json = &text[range.clone()];
            read(json, range.start).map_or(Taken::Other(text, None), Taken::Data)
        }
        Seal::Broken(range) => {
            let note = "the findings that came with it do not fit the report, which was changed on its way: \
                        read from prose";
            Taken::Other(&text[..range.start], Some(note.to_string()))
        }
        Seal::None => read(text, 0).map_or(Taken::Other(text, None), Taken::Data),
    }
}

/// Reads a document; `offset`: where it begins in the whole text.
fn read(text: &str, offset: usize) -> Option<Extraction> {
    let inner = text.trim_start_matches('\u{feff}');
    let offset = offset + text.len() - inner.len();
    let read = salvage(inner)?;
    let document = &read.document;
    let mut out = Extraction {
        reviewer: Some(document.reviewer.clone()).filter(|name| !name.trim().is_empty()),
        notes: document.notes.clone(),
        read_from: Some(ReadFrom::Data),
        scope: Some(document.scope.clone()),
        ..Extraction::default()
    };
    let faults = faults(&read);
    for (finding, range) in document.findings.iter().zip(&read.ranges) {
        out.members.push(member(finding, &inner[range.clone()], shifted(range, offset)));
    }
    out.complete = faults.is_empty();
    out.recognised = match (out.members.is_empty(), out.complete) {
        (false, _) => Recognised::Findings,
        (true, true) => Recognised::Clean,
        (true, false) => Recognised::Unreadable,
    };
    out.notes.extend(faults.into_iter().map(|fault| format!("incomplete: {fault}")));
    Some(out)
}

fn shifted(range: &Range<usize>, offset: usize) -> [usize; 2] {
    [range.start + offset, range.end + offset]
}

/// Why the document is not to be relied on.
fn faults(read: &findings::Salvage) -> Vec<String> {
    let mut faults = Vec::new();
    match &read.error {
        None => {}
        Some(error @ ReadError::Newer(_)) => faults.push(error.to_string()),
        Some(error) => faults.push(format!(
            "its findings document does not hold ({error}); what could be read of it is kept: have it written again"
        )),
    }
    if read.error.is_none() && !read.document.is_whole() {
        let (said, there) = (read.document.total, read.document.findings.len());
        faults.push(format!("it says {said} findings and holds {there}"));
    }
    faults.extend(telling_notes(&read.document));
    faults.extend(read.document.scope.contradiction().map(|why| format!("its scope does not add up: {why}")));
    faults
}

/// Notes beside an empty list that are no assurance to the last sentence: whoever found
/// nothing has nothing to tell of the code. A program that opens files tells of itself.
fn telling_notes(document: &Document) -> Vec<String> {
    if !document.findings.is_empty() || document.scope.basis == Basis::Opened {
        return Vec::new();
    }
    let told = |note: &String| format!("it holds no findings, and its notes may tell of a defect: {note}");
    let assures = |note: &&String| {
        let rest = without_handover(note);
        let found = crate::extract::extract(&format!("No findings.\n\n{rest}\n"), "");
        rest.is_empty()
            || of_the_code(&rest).is_none() && found.recognised == Recognised::Clean && found.complete
    };
    document.notes.iter().filter(|note| !assures(note)).map(told).collect()
}

fn member(finding: &Finding, text: &str, byte_range: [usize; 2]) -> Member {
    Member {
        title: finding.title.trim().to_string(),
        severity: finding.severity,
        severity_raw: Some(finding.severity.name().to_string()),
        severity_from: Some("json".to_string()),
        locations: finding.locations.iter().map(location).collect(),
        byte_range,
        category: category(finding),
        confidence: finding.confidence,
        label: finding.rule.clone(),
        from_data: true,
        new: finding.new,
        facts: Facts {
            rule: finding.rule.clone(),
            domain: finding.domain.clone(),
            cwe: finding.cwe.clone(),
            fix: finding.fix.clone(),
            suggestion: finding.suggestion.clone(),
            trace: finding.trace.clone(),
            requirement: finding.requirement.clone().map(|one| Requirement::named(Some(one))),
        },
        text: text.to_string(),
        body: body(finding),
        ..Member::default()
    }
}

fn location(place: &findings::Location) -> Location {
    Location {
        file: place.file.clone().into(),
        line_start: place.line,
        line_end: place.line.map(|line| place.end_line.unwrap_or(line).max(line)),
        symbol: place.symbol.clone(),
        column: place.column,
        quote: place.quote.clone(),
        exact: true,
        ..Location::default()
    }
}

/// `injection (CWE-94)`
fn category(finding: &Finding) -> Option<String> {
    let numbers: Vec<String> = finding.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect();
    let numbers = numbers.join(", ");
    match finding.category.as_deref().map(str::trim).filter(|category| !category.is_empty()) {
        Some(category) if numbers.is_empty() => Some(category.to_string()),
        Some(category) => Some(format!("{category} ({numbers})")),
        None => Some(numbers).filter(|numbers| !numbers.is_empty()),
    }
}

/// What it says, in the shape of the documented format.
fn body(finding: &Finding) -> String {
    let mut out = String::new();
    let quote = finding.locations.first().and_then(|place| place.quote.as_deref());
    let fields = [("Problem", &finding.problem), ("Impact", &finding.impact), ("Fix", &finding.fix)];
    for (name, text) in fields {
        if let Some(text) = text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            let _ = writeln!(out, "**{name}:** {text}");
        }
        if name == "Problem"
            && let Some(code) = quote.filter(|code| !code.trim().is_empty())
        {
            out.push_str(&fenced("Code", code));
        }
    }
    if let Some(code) = finding.suggestion.as_deref().filter(|code| !code.trim().is_empty()) {
        out.push_str(&fenced("Suggestion", code));
    }
    out.trim_end().to_string()
}

/// Code below its label, in a fence that it cannot end.
fn fenced(label: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("**{label}:**\n{fence}\n{}\n{fence}\n", code.trim_end())
}
