//! Reports with a grammar of their own (JSON, SARIF, XML, CSV, YAML, HTML, the markup of wikis …). Each reads the
//! same members from it that prose gives; prose inside is handed to the reading of prose.

mod annotation;
mod behind;
mod comment;
mod counted;
mod crash;
mod delimited;
mod elements;
pub(crate) mod embedded;
mod entry;
mod fenced;
pub(crate) mod grid;
mod health;
mod html;
pub(crate) mod json;
mod markup;
mod own;
mod recast;
mod records;
mod remarks;
mod reply;
mod roles;
mod sarif;
mod scanned;
pub(crate) mod series;
mod stopped;
mod tap;
mod threads;
mod toml;
mod tool;
mod wrapped;
mod xml;
mod yaml;

use crate::model::Extraction;
use crate::model::Recognised;
use crate::reading;
use crate::rules::Rules;

/// Reads a text of a known format; `None` = it is none, so it is read as prose.
pub(crate) fn read(text: &str, name: &str, rules: Rules) -> Option<Extraction> {
    crash::extract(text)
        .or_else(|| tap::extract(text))
        .or_else(|| stopped::extract(text))
        .or_else(|| fenced::extract(text, rules))
        .or_else(|| json::extract(text, name))
        .or_else(|| xml::extract(text, name))
        .or_else(|| delimited::extract(text, name))
        .or_else(|| toml::extract(text, name))
        .or_else(|| yaml::extract(text, name))
        .or_else(|| xml::in_text(text))
        .or_else(|| html::extract(text, name, rules))
        .or_else(|| behind::extract(text, rules))
        .or_else(|| counted::extract(text))
        .or_else(|| scanned::extract(text))
        .or_else(|| tool::extract(text))
        .or_else(|| records::extract(text))
        .or_else(|| threads::extract(text))
        .or_else(|| markup::extract(text, rules))
}

/// The Markdown that a text is read as, if it is written in the markup of others.
pub(crate) fn as_markdown(text: &str) -> Option<String> {
    let as_list = || {
        let rules = Rules::default();
        series::read(text, &reading::read(text, rules), rules).map(|(recast, _)| recast)
    };
    markup::as_markdown(text).or_else(as_list).map(|recast| recast.out)
}

/// A text of a format that could not be read.
fn unreadable(why: &str) -> Extraction {
    Extraction {
        recognised: Recognised::Unreadable,
        complete: false,
        notes: vec![why.to_string()],
        ..Extraction::default()
    }
}

/// A text that ends where its program failed is not whole, whatever was read from it.
pub(crate) fn doubt_of_trace(out: &mut Extraction, text: &str) {
    if let Some(why) = crash::ends_in_trace(text).filter(|_| out.complete) {
        fault(out, &format!("it ends in the trace of a program that failed: {why}"));
    }
}

/// The report is not whole; one without a finding is then not clean either.
fn fault(out: &mut Extraction, why: &str) {
    out.complete = false;
    if out.recognised == Recognised::Clean {
        out.recognised = Recognised::Unreadable;
    }
    out.notes.push(format!("incomplete: {why}"));
}

/// For tests: what was read, a line each (place, severity, title), and whether it is whole.
#[cfg(test)]
fn told(text: &str, name: &str) -> (Vec<String>, bool) {
    let found = crate::extract::extract(text, name);
    let place = |m: &crate::model::Member| {
        m.locations.first().map(crate::model::Location::display).unwrap_or_default()
    };
    let one = |m: &crate::model::Member| {
        assert_eq!(text[m.byte_range[0]..m.byte_range[1]], m.text, "its bytes");
        format!("{} {} {}", place(m), m.severity.name(), m.title)
    };
    (found.members.iter().map(one).collect(), found.complete)
}
