//! The words that a report without findings may consist of: `data/assurance.tsv`.

use crate::quick::HashSet;
use std::sync::LazyLock;

use crate::phrases::PhraseTable;
use crate::vocabulary::{list_of_phrases, list_of_words};

/// Words of one row kind each, as the table's comments tell.
#[derive(Debug)]
pub(super) struct Assurance {
    pub(super) good: HashSet<&'static str>,
    pub(super) done: HashSet<&'static str>,
    pub(super) fair: HashSet<&'static str>,
    pub(super) adverbs: HashSet<&'static str>,
    pub(super) small: HashSet<&'static str>,
    pub(super) quality: HashSet<&'static str>,
    pub(super) kinds: HashSet<&'static str>,
    pub(super) absent: HashSet<&'static str>,
    pub(super) negations: HashSet<&'static str>,
    pub(super) concord: HashSet<&'static str>,
    pub(super) relative: HashSet<&'static str>,
    pub(super) prepositions: HashSet<&'static str>,
    pub(super) ease: HashSet<&'static str>,
    pub(super) artifacts: HashSet<&'static str>,
    pub(super) works: HashSet<&'static str>,
    pub(super) covers: HashSet<&'static str>,
    pub(super) follows: HashSet<&'static str>,
    pub(super) keeps: HashSet<&'static str>,
    pub(super) kept: HashSet<&'static str>,
    pub(super) likes: HashSet<&'static str>,
    pub(super) idioms: Vec<Vec<&'static str>>,
    pub(super) reviews: HashSet<&'static str>,
    pub(super) finders: HashSet<&'static str>,
    pub(super) persons: HashSet<&'static str>,
    pub(super) passives: HashSet<&'static str>,
    pub(super) objects: HashSet<&'static str>,
    pub(super) intros: HashSet<&'static str>,
    pub(super) signoffs: HashSet<&'static str>,
    pub(super) signoff_phrases: Vec<Vec<&'static str>>,
    pub(super) metas: HashSet<&'static str>,
    pub(super) subjects: HashSet<&'static str>,
    pub(super) describes: HashSet<&'static str>,
    pub(super) shifts: HashSet<&'static str>,
    pub(super) renames: HashSet<&'static str>,
    pub(super) units: HashSet<&'static str>,
    pub(super) aux: HashSet<&'static str>,
    pub(super) links: HashSet<&'static str>,
    pub(super) conjunctions: HashSet<&'static str>,
    pub(super) quantities: HashSet<&'static str>,
    pub(super) contrasts: HashSet<&'static str>,
    pub(super) exceptions: HashSet<&'static str>,
    pub(super) exception_phrases: PhraseTable,
    pub(super) approvals: Vec<&'static str>,
    pub(super) noes: HashSet<&'static str>,
    pub(super) thats: HashSet<&'static str>,
    /// What belongs to a change and is no code of it.
    pub(super) aside: HashSet<&'static str>,
    pub(super) only: HashSet<&'static str>,
    /// What may be approved as a whole; weakly: what makes an approval none.
    pub(super) approved: HashSet<&'static str>,
    pub(super) weakly: HashSet<&'static str>,
    pub(super) speech: HashSet<&'static str>,
    pub(super) outcomes: HashSet<&'static str>,
    pub(super) failures: HashSet<&'static str>,
    pub(super) reviewers: HashSet<&'static str>,
    pub(super) greetings: HashSet<&'static str>,
    pub(super) scants: HashSet<&'static str>,
    /// Sentences that bots print around their findings.
    pub(super) templates: HashSet<&'static str>,
    /// Answers that what was looked for is there.
    pub(super) present: HashSet<&'static str>,
    /// What a tool that signs a report did: "generated" with, "powered" by it.
    pub(super) signatures: HashSet<&'static str>,
    pub(super) signers: HashSet<&'static str>,
}

pub(super) static ASSURANCE: LazyLock<Assurance> = LazyLock::new(|| {
    let table = include_str!("../../data/assurance.tsv");
    let words = |kind: &str| list_of_words(table, kind).into_iter().collect();
    let phrases = |kind: &str| list_of_phrases(table, kind);
    let split = |kind: &str| -> Vec<Vec<&'static str>> {
        let mut list: Vec<Vec<&str>> =
            list_of_phrases(table, kind).into_iter().map(|phrase| phrase.split(' ').collect()).collect();
        list.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        list
    };
    Assurance {
        good: words("good"),
        done: words("done"),
        fair: words("fair"),
        adverbs: words("adverb"),
        small: words("small"),
        quality: words("quality"),
        kinds: words("kind"),
        absent: words("absent"),
        negations: words("neg"),
        concord: words("concord"),
        relative: words("relative"),
        prepositions: words("prep"),
        ease: words("to"),
        artifacts: words("artifact"),
        works: words("work"),
        covers: words("cover"),
        follows: words("follow"),
        keeps: words("keep"),
        kept: words("kept"),
        likes: words("like"),
        idioms: split("idiom"),
        reviews: words("review"),
        finders: words("finder"),
        persons: words("person"),
        passives: words("passive"),
        objects: words("object"),
        intros: words("intro"),
        signoffs: words("signoff"),
        signoff_phrases: split("signoff-phrase"),
        metas: words("meta"),
        subjects: words("subject"),
        describes: words("describe"),
        shifts: words("shift"),
        renames: words("rename"),
        units: words("unit"),
        aux: words("aux"),
        links: words("link"),
        conjunctions: words("conjunction"),
        quantities: words("quantity"),
        contrasts: words("contrast"),
        exceptions: words("exception"),
        exception_phrases: phrases("exception-phrase").into_iter().collect(),
        approvals: phrases("approval"),
        noes: words("no"),
        thats: words("that"),
        aside: words("aside"),
        only: words("only"),
        approved: words("approved"),
        weakly: words("weakly"),
        speech: words("speech"),
        outcomes: words("outcome"),
        failures: words("failure"),
        reviewers: words("reviewer"),
        greetings: words("greeting"),
        scants: words("scant"),
        templates: phrases("template").into_iter().collect(),
        present: words("present"),
        signatures: words("signature"),
        signers: words("signer"),
    }
});
