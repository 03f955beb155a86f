//! What a tool's text comes to as a whole: its remarks, and whether all are here.

use serde_json::Value;

use super::context::summed;
use super::{Entry, Reader};
use crate::formats::entry::{Given, Source, of_object};
use crate::model::{Extraction, Recognised};
use crate::signs::marks::{Mark, Marks};

impl Reader {
    pub(super) fn end(mut self, text: &str) -> Option<Extraction> {
        self.without_message();
        let unplaced = self.unplaced + usize::from(self.framed.is_some());
        let Reader { entries, others, placed_others, log, stated, suppressed, stopped, .. } = self;
        // "WARNING: parsing errors found": said of the run, beside remarks with their places.
        let is_placed = |entry: &Entry| entry.object.contains_key("file");
        let placed = entries.iter().filter(|entry| is_placed(entry)).count();
        let (entries, of_run): (Vec<Entry>, Vec<Entry>) =
            entries.into_iter().partition(|entry| log || is_placed(entry) || placed < 2);
        let of_run = of_run.first().map(|entry| text[entry.start..entry.end].trim().to_string());
        // `name play.yml:1` is a rule and its place only among rules that show it.
        let named = entries.iter().any(|entry| !is_bare_name(entry));
        if !named || !log && (placed < entries.len() || others > entries.len().max(2)) {
            return None;
        }
        let mut out =
            Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
        for Entry { object, start, end, .. } in entries {
            let source = Source { text: text[start..end].trim_end(), start };
            out.members.extend(of_object(source, &object, &Given::default()));
        }
        let count = out.members.len();
        if let Some(stated) =
            stated.map(|all| all.saturating_sub(suppressed)).filter(|stated| *stated > count)
        {
            crate::formats::fault(&mut out, &format!("it states {stated} findings, {count} were recognised"));
        }
        if unplaced > 0 {
            crate::formats::fault(
                &mut out,
                &format!("{unplaced} remarks name no place and could not be read"),
            );
        }
        if placed_others > 0 {
            crate::formats::fault(
                &mut out,
                &format!("{placed_others} lines name places and could not be read"),
            );
        }
        if let Some(said) = stopped.or(of_run) {
            crate::formats::fault(&mut out, &format!("it says \"{said}\""));
        } else if says_part(text, &out) {
            crate::formats::fault(&mut out, "it says that not all was read");
        }
        Some(out)
    }
}

/// Is it nothing but a word and a place, as people write it, too?
fn is_bare_name(entry: &Entry) -> bool {
    let said = |key: &str| entry.object.get(key).and_then(Value::as_str);
    said("rule").is_some_and(|rule| !rule.contains('-') && said("message") == Some(rule))
}

/// Does it say, outside of its remarks, that a part was read or that the run failed?
fn says_part(text: &str, out: &Extraction) -> bool {
    let marks = Marks::of(text);
    let inside = |at: usize| {
        let next = out.members.partition_point(|m| m.byte_range[0] <= at);
        next > 0 && at < out.members[next - 1].byte_range[1]
    };
    // "Error: 3 errors" is the sum of what was found.
    let sums = |at: usize| {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        summed(text[line..].lines().next().unwrap_or_default()).is_some()
    };
    let mut told = marks.all(Mark::Partial).iter().chain(marks.all(Mark::Failure));
    told.any(|hit| !inside(hit.start) && !sums(hit.start))
}
