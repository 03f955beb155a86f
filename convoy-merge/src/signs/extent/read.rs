//! What somebody says that was read: the whole, or some parts of it.

use super::words::EXTENT;
use super::{Extent, of_clause, of_denial, of_name};
use crate::signs::accounted::{self, Clause};
use crate::signs::assurance::ASSURANCE;
use crate::signs::claims::{self, words};

/// How many parts a report says that somebody read, where it nowhere names the whole; `None`: it does.
pub(in crate::signs) fn parts_read(plain: &str, heading: bool) -> Option<usize> {
    let clauses = accounted::clauses(plain);
    let line =
        clauses.iter().skip(1).position(|clause| clause.begins_line).map_or(clauses.len(), |at| at + 1);
    let named = heading && line > 0 && heads_part(&clauses[line - 1]);
    let mut parts = usize::from(named);
    for (at, clause) in clauses.iter().enumerate() {
        let label = at.checked_sub(1).map(|n| &clauses[n]).filter(|before| before.label);
        if let Some(label) = label.filter(|label| tells_scope(&label.words)) {
            match of_scope(label, clause) {
                Extent::Whole => return None,
                Extent::Part => parts += 1,
                Extent::Unsaid => {}
            }
            continue;
        }
        if of_denial(clause.text) == Extent::Whole {
            return None;
        }
        match of_clause(clause) {
            Extent::Whole => return None,
            Extent::Part if tells_who_read(&clause.words) => {
                // "The parser, the writer and the tests"
                let listed = clauses[at + 1..].iter().take_while(|next| {
                    of_clause(next) == Extent::Unsaid && of_name(&next.words) == Extent::Part
                });
                // The Polish "and" is an English person.
                let joins = |word: &&&str| ASSURANCE.conjunctions.contains(**word) && **word != "i";
                let joined = |clause: &Clause<'_>| 1 + clause.words.iter().filter(joins).count();
                parts += joined(clause) + listed.map(joined).sum::<usize>();
            }
            _ => {}
        }
    }
    Some(parts)
}

/// "Persistence layer", "Backend"
fn heads_part(title: &Clause<'_>) -> bool {
    let of_parts = |word: &&str| {
        EXTENT.part_nouns.contains(*word) || EXTENT.part_ends.iter().any(|end| word.ends_with(end))
    };
    let list = &title.words;
    of_name(list) == Extent::Part
        && (list.iter().any(of_parts) || list.iter().all(|word| EXTENT.layers.contains(word)))
}

/// Is it a label of what was reviewed: "Scope", "Layer", "Checked"?
fn tells_scope(label: &[&str]) -> bool {
    let verb = |word: &str| ASSURANCE.reviews.contains(word) && !EXTENT.whole_label.contains(word);
    label.iter().any(|word| EXTENT.scope.contains(word)) || matches!(label, [word] if verb(word))
}

/// "Scope: error handling", "Out of scope: b.py"; files in scope may be all that was changed.
fn of_scope(label: &Clause<'_>, clause: &Clause<'_>) -> Extent {
    if label.words.contains(&"out") {
        let none = clause.words.iter().any(|word| claims::negates(word));
        return if none { Extent::Unsaid } else { Extent::Part };
    }
    let file = |word: &&str| {
        *word == claims::NAME
            || word.contains(|c: char| c.is_ascii_digit())
            || EXTENT.whole_label.contains(*word) && !EXTENT.whole.contains(*word)
    };
    let spoken = accounted::without_code(clause.text);
    let named: Vec<&str> = words(&spoken).filter(|word| !file(word)).collect();
    of_name(&named)
}

/// "Reviewed percent: 35": a label of a share, and less than all.
pub(in crate::signs) fn is_share_of_all(label: &[&str], value: &[&str]) -> bool {
    let share = value.first().and_then(|word| word.trim_end_matches('%').parse::<f32>().ok());
    share.is_some_and(|share| share < 100.0)
        && label.iter().any(|word| EXTENT.share.contains(word))
        && label.iter().any(|word| ASSURANCE.reviews.contains(word))
}

/// "I read the parser", "Reviewed the parser": somebody did; "API review" is a name.
pub(super) fn tells_who_read(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let verb = |word: &str| table.reviews.contains(word) && !EXTENT.whole_label.contains(word);
    let opens = list.iter().find(|word| !table.adverbs.contains(**word)).is_some_and(|word| verb(word));
    claims::reviews(list) != Some(true)
        && list.iter().any(|word| verb(word))
        && (opens || list.iter().any(|word| table.persons.contains(word)))
}

/// What somebody read: what stands around the verb, without what it was read for.
pub(super) fn of_object(list: &[&str], verb: usize) -> Extent {
    let table = &*ASSURANCE;
    if list.iter().any(|word| table.thats.contains(word)) {
        return Extent::Unsaid;
    }
    let kind = |word: &&str| {
        table.kinds.contains(*word) || claims::finding(word) || table.conjunctions.contains(*word)
    };
    let end = (verb..list.len())
        .find(|at| list[*at] == "for" && list[at + 1..].iter().all(&kind))
        .unwrap_or(list.len());
    let named: Vec<&str> = list[..end].iter().copied().filter(|word| !table.reviews.contains(word)).collect();
    // "The diff and the tests"
    let mut each = named.split(|word| table.conjunctions.contains(word));
    if each.any(|name| of_name(name) == Extent::Whole) { Extent::Whole } else { of_name(&named) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_read_is_counted_by_parts() {
        for (text, want) in [
            ("i read the parser", Some(1)),
            ("read the router", Some(1)),
            ("i read the parser, the writer and the tests", Some(3)),
            ("scope: error handling", Some(1)),
            ("files out of scope: b.py", Some(1)),
            ("out of scope: none", Some(0)),
            ("layer: api", Some(1)),
            ("checked: the data tier", Some(1)),
            ("reviewed: `a.go`", Some(0)),
            ("i read the whole change", None),
            ("scope: the files of the change", None),
            ("i looked for races in the cache", Some(0)),
            ("what i checked", Some(0)),
            ("no issues in this change", None),
        ] {
            assert_eq!(parts_read(text, false), want, "{text}");
        }
        assert_eq!(parts_read("persistence layer", true), Some(1));
        assert_eq!(parts_read("backend\nno issues found.", true), Some(1));
        assert_eq!(parts_read("api review", true), Some(0));
    }

    #[test]
    fn a_share_is_of_what_was_read() {
        assert!(is_share_of_all(&["reviewed", "percent"], &["35"]));
        assert!(!is_share_of_all(&["reviewed", "percent"], &["100"]));
        assert!(!is_share_of_all(&["covered", "lines"], &["35"]));
    }
}
