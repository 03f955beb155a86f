//! Words of denial, limits and faults.

use super::list;
use crate::phrases::PhraseTable;
use crate::quick::HashSet;
use std::sync::LazyLock;

/// How texts say that nothing was found; the table tells what each list is.
#[derive(Debug)]
pub(crate) struct Denials {
    pub(crate) none: HashSet<&'static str>,
    pub(crate) not: HashSet<&'static str>,
    /// "Nothing" …
    pub(crate) nothing: HashSet<&'static str>,
    /// … "needs to" …
    pub(crate) needs: HashSet<&'static str>,
    /// … "be changed".
    pub(crate) undone: HashSet<&'static str>,
    /// What turns a denial that follows.
    pub(crate) turns: HashSet<&'static str>,
    pub(crate) finds: Vec<&'static str>,
    pub(crate) nouns: HashSet<&'static str>,
    pub(crate) weak_nouns: HashSet<&'static str>,
    pub(crate) after: HashSet<&'static str>,
    pub(crate) limits: HashSet<&'static str>,
    pub(crate) contrasts: PhraseTable,
    pub(crate) prepositions: HashSet<&'static str>,
    pub(crate) failures: PhraseTable,
    pub(crate) states: HashSet<&'static str>,
    pub(crate) clean_values: HashSet<&'static str>,
    pub(crate) cjk_none: Vec<&'static str>,
    pub(crate) cjk_nouns: Vec<&'static str>,
    pub(crate) cjk_limits: Vec<&'static str>,
    pub(crate) demands: PhraseTable,
    pub(crate) faults: PhraseTable,
    pub(crate) fault_words: HashSet<&'static str>,
    pub(crate) cjk_faults: Vec<&'static str>,
    /// "XSS: none" names a kind of fault, "Validation: none" is one.
    pub(crate) fault_labels: HashSet<&'static str>,
    /// "checked for bugs": what follows is looked for.
    pub(crate) seeks: HashSet<&'static str>,
    /// "is covered", "correct".
    pub(crate) assured: HashSet<&'static str>,
    pub(crate) cjk_assured: Vec<&'static str>,
    pub(crate) cjk_contrasts: Vec<&'static str>,
    /// "3 of 41", "3 de 41".
    pub(crate) of: HashSet<&'static str>,
    pub(crate) cjk_units: Vec<&'static str>,
    pub(crate) cjk_only: Vec<&'static str>,
    /// "no changes needed".
    pub(crate) fine: HashSet<&'static str>,
    pub(crate) verdicts: PhraseTable,
    pub(crate) refusals: Vec<&'static str>,
    pub(crate) partial: Vec<&'static str>,
    /// How a last line begins that tells that the run broke off …
    pub(crate) ended: Vec<&'static str>,
    /// … and what else it says.
    pub(crate) broke: PhraseTable,
    /// Stems that say of a text that it was cut.
    pub(crate) cut: Vec<&'static str>,
    /// How a reviewer ended who did not finish.
    pub(crate) broken: HashSet<&'static str>,
    pub(crate) read_units: HashSet<&'static str>,
    /// What a change comes in, one by one: "patch 2/5".
    pub(crate) numbered: HashSet<&'static str>,
}

pub(crate) static DENIALS: LazyLock<Denials> = LazyLock::new(|| {
    let table = include_str!("../../data/clean.tsv");
    let words = |kind: &str| list(table, kind).into_iter().flat_map(str::split_whitespace);
    let phrases = |kind: &str| list(table, kind).into_iter().flat_map(|row| row.split(';'));
    Denials {
        none: words("none").collect(),
        not: words("not").collect(),
        nothing: words("nothing").collect(),
        needs: words("need").collect(),
        undone: words("undone").collect(),
        turns: words("turn").collect(),
        finds: words("find").collect(),
        nouns: words("noun").collect(),
        weak_nouns: words("weak-noun").collect(),
        after: words("after").collect(),
        limits: words("limit").collect(),
        contrasts: words("contrast").collect(),
        prepositions: words("preposition").collect(),
        failures: phrases("failure").collect(),
        states: words("state").collect(),
        clean_values: phrases("value").collect(),
        cjk_none: words("cjk-none").collect(),
        cjk_nouns: words("cjk-noun").collect(),
        cjk_limits: words("cjk-limit").collect(),
        demands: phrases("demand").collect(),
        faults: phrases("fault").collect(),
        fault_words: words("fault-word").collect(),
        cjk_faults: words("cjk-fault").collect(),
        fault_labels: phrases("fault-label").collect(),
        seeks: words("seeks").collect(),
        assured: words("assured").collect(),
        cjk_assured: words("cjk-assured").collect(),
        cjk_contrasts: words("cjk-contrast").collect(),
        of: words("of").collect(),
        cjk_units: words("cjk-unit").collect(),
        cjk_only: words("cjk-only").collect(),
        fine: words("fine").collect(),
        verdicts: phrases("verdict").collect(),
        refusals: phrases("refusal").collect(),
        partial: phrases("partial").collect(),
        ended: phrases("ended").collect(),
        broke: phrases("broke").collect(),
        cut: phrases("cut").collect(),
        broken: words("broken").collect(),
        read_units: words("read-unit").collect(),
        numbered: words("numbered").collect(),
    }
});
