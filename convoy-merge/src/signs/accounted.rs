//! Is every statement of a report without findings one that such a report makes?
//!
//! A sentence is cut into clauses, and each must say something that is known to be
//! harmless: that nothing was found, praise, what was reviewed and how, a greeting, a
//! label of the report itself. What says none of this is not understood, whatever it
//! says, and the report is not clean. The words are in `data/assurance.tsv`.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::statement;
use crate::locate;
use crate::severity::{self, holds_phrase};
use crate::titles;
use crate::vocabulary::{Class, DENIALS, PHRASES, list_of_phrases, list_of_words};

/// Where a sentence stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Among what is good: it assures unless it tells a fault.
    pub(crate) praise: bool,
    /// Among what was reviewed, or ticked: names of things are enough.
    pub(crate) listed: bool,
    /// In a list of what was looked for: names of faults are none.
    pub(crate) sought: bool,
}

/// Words of one row kind each, as the table's comments tell.
#[derive(Debug)]
struct Assurance {
    good: HashSet<&'static str>,
    good_verbs: HashSet<&'static str>,
    test_verbs: HashSet<&'static str>,
    testers: HashSet<&'static str>,
    past: HashSet<&'static str>,
    parts: HashSet<&'static str>,
    good_phrases: Vec<&'static str>,
    guards: HashSet<&'static str>,
    reviews: HashSet<&'static str>,
    persons: HashSet<&'static str>,
    passives: HashSet<&'static str>,
    objects: HashSet<&'static str>,
    intros: HashSet<&'static str>,
    thats: HashSet<&'static str>,
    signoffs: HashSet<&'static str>,
    signoff_phrases: Vec<&'static str>,
    metas: HashSet<&'static str>,
    subjects: HashSet<&'static str>,
    describes: HashSet<&'static str>,
    units: HashSet<&'static str>,
    aux: HashSet<&'static str>,
    conjunctions: HashSet<&'static str>,
    quantities: HashSet<&'static str>,
    contrasts: HashSet<&'static str>,
    exceptions: HashSet<&'static str>,
    exception_phrases: Vec<&'static str>,
    approvals: Vec<&'static str>,
    cjk_good: Vec<&'static str>,
    cjk_reviews: Vec<&'static str>,
}

static ASSURANCE: LazyLock<Assurance> = LazyLock::new(|| {
    let table = include_str!("../../data/assurance.tsv");
    let words = |kind: &str| list_of_words(table, kind).into_iter().collect();
    let phrases = |kind: &str| list_of_phrases(table, kind);
    Assurance {
        good: words("good"),
        good_verbs: words("good-verb"),
        test_verbs: words("test-verb"),
        testers: words("tester"),
        past: words("past"),
        parts: words("part"),
        good_phrases: phrases("good-phrase"),
        guards: words("guard"),
        reviews: words("review"),
        persons: words("person"),
        passives: words("passive"),
        objects: words("object"),
        intros: words("intro"),
        thats: words("that"),
        signoffs: words("signoff"),
        signoff_phrases: phrases("signoff-phrase"),
        metas: words("meta"),
        subjects: words("subject"),
        describes: words("describe"),
        units: words("unit"),
        aux: words("aux"),
        conjunctions: words("conjunction"),
        quantities: words("quantity"),
        contrasts: words("contrast"),
        exceptions: words("exception"),
        exception_phrases: phrases("exception-phrase"),
        approvals: phrases("approval"),
        cjk_good: list_of_words(table, "cjk-good"),
        cjk_reviews: list_of_words(table, "cjk-review"),
    }
});

/// The longest clause without a verb that another one explains, in words.
const FRAGMENT: usize = 10;
/// The longest label, in words.
const LABEL: usize = 5;
/// How far a word that turns another may stand before it.
const REACH: usize = 3;

/// A stretch of a sentence and how it ends.
pub(super) struct Clause<'a> {
    pub(super) text: &'a str,
    words: Vec<&'a str>,
    label: bool,
}

/// What a clause is, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Nothing,
    Good,
    Review,
    Meta,
}

/// Signs of what is wrong: a sentence with one of them says nothing harmless.
const ALARMS: [char; 8] = ['❌', '✗', '✘', '⚠', '🔴', '🟠', '🟡', '🚨'];

/// Does every clause of a sentence in lower case, without emphasis, say something harmless?
pub(crate) fn accounts(plain: &str, setting: Setting) -> bool {
    let plain = plain.trim();
    let asks = plain.trim_end_matches(['*', '_', ')', '"', ' ']).ends_with(['?', '？']);
    if plain.contains(ALARMS) || plain.starts_with("[ ]") || excepts(plain) || asks {
        return false;
    }
    if !plain.contains(char::is_alphabetic) {
        return true;
    }
    if statement::is_wide(plain) {
        return accounts_wide(plain, setting);
    }
    let clauses = clauses(plain);
    let sentence = Sentence { anchors: clauses.iter().map(anchor).collect(), clauses, setting };
    if !(0..sentence.clauses.len()).all(|at| sentence.knows(at)) {
        return false;
    }
    let told = sentence.clauses.iter().zip(&sentence.anchors).any(|(clause, anchor)| {
        matches!(anchor, Some(Anchor::Good | Anchor::Meta)) && statement::tells_fault(clause.text)
    });
    let topics = setting.sought && !sentence.clauses.iter().any(verbal);
    topics || !told && !statement::is_fault(plain, true)
}

/// A sentence and what its clauses are by themselves.
struct Sentence<'a> {
    clauses: Vec<Clause<'a>>,
    anchors: Vec<Option<Anchor>>,
    setting: Setting,
}

impl Sentence<'_> {
    /// Is a clause harmless by itself, or by what stands around it?
    fn knows(&self, at: usize) -> bool {
        let clause = &self.clauses[at];
        if counts_unknown(&self.clauses, at) || counts_some(&clause.words) {
            return false;
        }
        self.anchors[at].is_some()
            || clause.words.iter().all(|word| ASSURANCE.conjunctions.contains(word))
            || self.labels(at)
            || self.explains(at)
            || self.completes(at)
            || self.setting.praise
            || is_place(clause.text)
    }

    /// A label in front of what is said of it.
    fn labels(&self, at: usize) -> bool {
        let clause = &self.clauses[at];
        let none = self.clauses.get(at + 1).is_some_and(|next| statement::says_none(next.text));
        clause.label && clause.words.len() <= LABEL && (none || !verbal(clause))
    }

    /// A clause that another one in front of it makes harmless.
    fn explains(&self, at: usize) -> bool {
        let Clause { text, words, .. } = &self.clauses[at];
        let Some(before) = at.checked_sub(1).map(|n| self.anchors[n]) else { return false };
        // "I verified that it ends, that it is closed …"
        let that = ASSURANCE.thats.contains(words[0]) && self.reviewed_before(at);
        // "Lost names: none, all 14 are there"
        let reason = at >= 2 && self.clauses[at - 2].label && before == Some(Anchor::Nothing);
        // "No bugs, leaks or other problems"
        let more = before == Some(Anchor::Nothing) && !verbal(&self.clauses[at]) && enumerates(words);
        let points = words[0] == "see" && before == Some(Anchor::Good) && words.len() <= LABEL;
        let scale = self.clauses[0].words.iter().any(|word| matches!(*word, "scale" | "levels"));
        that || reason && !statement::is_fault(text, false)
            || more
            || points
            || scale && self.clauses[0].label && severity::exact(text).is_some()
    }

    /// A fragment that belongs to a clause beside it, or to the list it stands in.
    fn completes(&self, at: usize) -> bool {
        let clause = &self.clauses[at];
        let before = self.anchors[..at].iter().rev().find_map(|anchor| *anchor);
        let labelled = at > 0 && self.clauses[at - 1].label && before == Some(Anchor::Meta);
        let leads =
            ASSURANCE.intros.contains(clause.words[0]) && self.anchors[at + 1..].iter().any(Option::is_some);
        let listed = self.setting.listed || self.setting.sought;
        !verbal(clause)
            && clause.words.len() <= FRAGMENT
            && (listed || labelled || leads || self.reviewed_before(at) || names_topic(clause.text))
    }

    fn reviewed_before(&self, at: usize) -> bool {
        self.clauses[..at].iter().any(|before| tells_review(&before.words))
    }
}

/// The clauses of a sentence: between punctuation, before what contrasts, and behind "and"
/// where a verb of its own follows.
pub(super) fn clauses(plain: &str) -> Vec<Clause<'_>> {
    let table = &*ASSURANCE;
    let mut out = Vec::new();
    let mut start = 0;
    let mut push = |from: usize, to: usize, label: bool| {
        let text = plain[from..to].trim();
        let words: Vec<&str> = words(text).collect();
        if !words.is_empty() {
            out.push(Clause { text, words, label });
        }
    };
    let mut at = 0;
    let mut ticks = false;
    while let Some(c) = plain[at..].chars().next() {
        let next = at + c.len_utf8();
        ticks ^= c == '`';
        let before_space = plain[next..].chars().next().is_none_or(char::is_whitespace);
        let ends = match c {
            _ if ticks => false,
            ',' | ':' | '.' => before_space,
            ';' | '(' | ')' | '|' | '—' | '–' | '\n' | '…' | '→' | '=' | '!' | '?' => true,
            '-' => before_space && plain[..at].ends_with(char::is_whitespace),
            _ => false,
        };
        if ends {
            push(start, at, matches!(c, ':' | '|' | '='));
            start = next;
        } else if c == ' ' && !ticks {
            let word = words(&plain[next..]).next().unwrap_or_default();
            let ahead = &plain[next..];
            let stop = ahead.find([',', ';', ':', '(', '—']).unwrap_or(ahead.len());
            let splits = table.contrasts.contains(word)
                || table.conjunctions.contains(word)
                    && ahead.starts_with(word)
                    && words(&ahead[word.len()..stop.max(word.len())])
                        .any(|w| table.aux.contains(w) || w == "that");
            if splits && ahead.starts_with(word) && !word.is_empty() {
                push(start, at, false);
                start = next + word.len();
                at = start;
                continue;
            }
        }
        at = next;
    }
    push(start, plain.len(), false);
    out
}

/// The words of a text; an apostrophe belongs to its word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c == '/').filter_map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        (!bare.is_empty()).then_some(bare)
    })
}

fn anchor(clause: &Clause<'_>) -> Option<Anchor> {
    let table = &*ASSURANCE;
    // Names of code are no words: `merge()` approves nothing.
    let spoken = without_code(clause.text);
    let text = spoken.as_str();
    let words: Vec<&str> = self::words(text).collect();
    if statement::denies_findings(text) {
        return Some(Anchor::Nothing);
    }
    // "The issues are still there"
    let stays = |word: &&str| matches!(*word, "still" | "remain" | "remains" | "remaining");
    if words.iter().any(stays) && words.iter().any(|word| DENIALS.nouns.contains(word)) {
        return None;
    }
    let turned = |at: usize| {
        words[at.saturating_sub(REACH)..at].iter().any(|w| table.guards.contains(w) || w.ends_with("n't"))
    };
    let verb = verbal(clause);
    let good = words.iter().enumerate().any(|(at, word)| {
        let only = words[at + 1..].iter().any(|w| matches!(*w, "only" | "that" | "nur" | "solo" | "só"));
        let tested = table.test_verbs.contains(word)
            && (words[..at].iter().any(|w| table.testers.contains(w)) || words.len() <= REACH);
        let said = table.good_verbs.contains(word)
            || tested
            || table.good.contains(word) && (!verb || said_of(&words, at));
        said && !turned(at) && !only
    });
    let phrase = |list: &[&str]| {
        list.iter().any(|phrase| {
            severity::find_phrase(text, phrase).is_some_and(|at| {
                let before: Vec<&str> = self::words(&text[..at]).collect();
                !before.iter().rev().take(REACH).any(|w| table.guards.contains(w) || w.ends_with("n't"))
            })
        })
    };
    let ends = words.iter().enumerate().any(|(at, word)| {
        let first = at <= 1 || words.len() <= LABEL;
        table.signoffs.contains(word) && first && !turned(at)
    });
    if good || phrase(&table.good_phrases) || ends || phrase(&table.signoff_phrases) || text.contains("+1") {
        return Some(Anchor::Good);
    }
    if tells_review(&words) {
        return Some(Anchor::Review);
    }
    let command = text.starts_with("$ ");
    if describes(&words) || measures(&words) || is_meta(clause) || command {
        return Some(Anchor::Meta);
    }
    None
}

/// Is an adjective said of something, as in "is clear", and no part of its name, as in "the
/// current user is"?
fn said_of(words: &[&str], at: usize) -> bool {
    let table = &*ASSURANCE;
    let linked = |word: &&str| {
        table.aux.contains(*word)
            || matches!(
                *word,
                "look" | "looks" | "looking" | "seem" | "seems" | "be" | "been" | "very" | "reads" | "works"
            )
            || table.good.contains(*word)
    };
    let joins = |word: &&str| {
        table.intros.contains(*word)
            || table.conjunctions.contains(*word)
            || matches!(*word, "than" | "enough" | "now" | "too" | "here" | "to" | "or" | "again")
    };
    words.get(at + 1).is_none_or(joins) || words[at.saturating_sub(2)..at].iter().any(linked)
}

/// A short clause that approves of the whole: "Ship it".
pub(super) fn approves(clause: &Clause<'_>) -> bool {
    clause.words.len() <= LABEL
        && ASSURANCE.approvals.iter().any(|phrase| {
            clause.text.strip_prefix(phrase).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
}

/// Is it a label with a noun of findings, and what follows says "none": `Findings: none`?
pub(super) fn counts_none(clauses: &[Clause<'_>]) -> bool {
    clauses.windows(2).any(|pair| {
        let nouns = [&DENIALS.nouns, &DENIALS.weak_nouns];
        let noun = pair[0].words.iter().any(|word| nouns.iter().any(|list| list.contains(word)));
        let limited = pair[0].words.iter().any(|word| DENIALS.limits.contains(word));
        pair[0].label && noun && !limited && statement::says_none(pair[1].text)
    })
}

/// "3 suggestions", "two open remarks": so many there are.
fn counts_some(words: &[&str]) -> bool {
    let noun = |word: &&str| DENIALS.nouns.contains(*word) || DENIALS.weak_nouns.contains(*word);
    let some = |word: &&str| {
        word.parse::<u64>().is_ok_and(|number| number > 0) || ASSURANCE.quantities.contains(*word)
    };
    words.iter().enumerate().filter(|(_, word)| noun(word)).any(|(at, _)| {
        let before = &words[at.saturating_sub(REACH)..at];
        before.iter().any(some) && !before.iter().any(|word| ASSURANCE.guards.contains(word))
    })
}

pub(super) fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" … ")
}

/// "I read …", "Reviewed …", "all files were checked": what the reviewer did.
fn tells_review(words: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let Some(at) = words.iter().position(|word| table.reviews.contains(word)) else { return false };
    if words[..at].iter().any(|word| table.guards.contains(word) || word.ends_with("n't")) {
        return false;
    }
    let person = words[..at].iter().any(|word| table.persons.contains(word));
    let passive = words.iter().any(|word| table.passives.contains(word))
        && words.iter().any(|word| table.objects.contains(word));
    let only =
        words.iter().any(|word| matches!(*word, "only" | "just" | "nur" | "solo" | "seulement" | "só"));
    let inner = words[at + 1..].iter().any(|word| matches!(*word, "is" | "are" | "was" | "were" | "gets"))
        && !words.contains(&"that");
    (at == 0 || person || passive || at <= 1 && words.len() <= LABEL) && !only && (!inner || passive)
}

/// "This PR renames …".
fn describes(words: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let subject = words.iter().take(3).position(|word| table.subjects.contains(word));
    subject.is_some_and(|at| {
        words[at + 1..].iter().take(2).any(|word| table.describes.contains(word))
            || words[at + 1..].first().is_some_and(|w| matches!(*w, "is" | "does"))
                && words[at + 1..].iter().any(|w| matches!(*w, "rename" | "refactoring" | "move" | "affect"))
    })
}

/// "security problems or other defects": kinds of findings, and no number of them.
fn enumerates(words: &[&str]) -> bool {
    let noun = |word: &&str| DENIALS.nouns.contains(*word) || DENIALS.weak_nouns.contains(*word);
    let counted = |word: &&str| {
        word.contains(|c: char| c.is_ascii_digit())
            || matches!(
                *word,
                "one" | "two" | "three" | "several" | "some" | "few" | "a" | "an" | "the" | "minor"
            )
    };
    words.len() <= LABEL && words.iter().any(noun) && !words.iter().any(counted)
}

/// "12 files, 340 lines", "41 s".
fn measures(words: &[&str]) -> bool {
    words.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        && words.iter().all(|word| {
            word.contains(|c: char| c.is_ascii_digit())
                || ASSURANCE.units.contains(word)
                || ASSURANCE.reviews.contains(word)
        })
}

/// `Blockers: 1`: a number that is none of what was reviewed.
fn counts_unknown(clauses: &[Clause<'_>], at: usize) -> bool {
    let table = &*ASSURANCE;
    let Some(label) = at.checked_sub(1).map(|n| &clauses[n]).filter(|before| before.label) else {
        return false;
    };
    let harmless = |word: &&str| {
        [&table.metas, &table.units, &table.reviews, &table.objects].iter().any(|s| s.contains(*word))
    };
    // `3/3` is split like words.
    let whole = clauses[at].words.len() == 2 && clauses[at].words[0] == clauses[at].words[1];
    let none = clauses[at].words.first().is_some_and(|word| *word == "0");
    let number = clauses[at].words.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let first = number && clauses[at].words.len() <= 2;
    first && !none && !whole && !label.words.iter().any(harmless)
}

/// Is a denial said of another time than that of the review, or of a part?
pub(super) fn limits_denial(words: &str) -> bool {
    let table = &*ASSURANCE;
    self::words(words).any(|word| table.past.contains(word) || table.parts.contains(word))
}

/// `Reviewer: …`, `Duration: …`.
fn is_meta(clause: &Clause<'_>) -> bool {
    let table = &*ASSURANCE;
    let last = clause.words.last().is_some_and(|word| table.metas.contains(word));
    last && (clause.label || clause.words.len() <= 2)
}

/// Has a clause a verb of its own? A noun in front of a word in -s with an object is taken for one.
fn verbal(clause: &Clause<'_>) -> bool {
    let words = &clause.words;
    let small = |word: &str| {
        ASSURANCE.intros.contains(word)
            || ASSURANCE.conjunctions.contains(word)
            || matches!(
                word,
                "of" | "or" | "the" | "a" | "an" | "its" | "their" | "each" | "every" | "per" | "no"
            )
    };
    words.iter().any(|word| ASSURANCE.aux.contains(word) || word.ends_with("n't"))
        || words.windows(3).any(|w| {
            let verb =
                w[1].len() > 3 && w[1].ends_with('s') && !w[1].ends_with("ss") && !w[1].ends_with("us");
            verb && !small(w[0]) && (!small(w[2]) || matches!(w[2], "the" | "a" | "an" | "its" | "their"))
        })
}

/// A section's title or a subject by itself: "Security".
fn names_topic(text: &str) -> bool {
    titles::section(text).is_some_and(|class| class != Class::Finding) && words(text).count() <= REACH
        || text.split_whitespace().count() <= LABEL
            && PHRASES.review.iter().any(|word| holds_phrase(text, word))
}

/// A path or a piece of code by itself.
fn is_place(text: &str) -> bool {
    let bare = text.trim_matches(['`', ' ', '*', '-']);
    !bare.contains(char::is_whitespace)
        && (text.starts_with('`')
            || locate::find(text, locate::Trust::Field).iter().any(|found| found.place.line_start.is_none()))
}

/// Is it said under a condition, with an exception, as a wish?
fn excepts(plain: &str) -> bool {
    let table = &*ASSURANCE;
    words(plain).any(|word| table.exceptions.contains(word))
        || table.exception_phrases.iter().any(|phrase| holds_phrase(plain, phrase))
}

/// The same for scripts without spaces: each clause between commas has a word of assurance.
fn accounts_wide(plain: &str, setting: Setting) -> bool {
    let table = &*ASSURANCE;
    if statement::is_fault(plain, true) {
        return false;
    }
    let parts = plain.split(['，', '；', '：', ',', ';', ':', '（', '）', '(', ')', '|', '。']);
    let mut known = true;
    for part in parts.map(str::trim).filter(|part| part.contains(char::is_alphabetic)) {
        let said = table.cjk_good.iter().chain(&table.cjk_reviews).any(|word| part.contains(word))
            || statement::denies_findings(part)
            || statement::says_none(part)
            || DENIALS.cjk_nouns.contains(&part)
            || table.metas.contains(part)
            || titles::section(part).is_some()
            || setting.listed
            || setting.praise
            || !statement::is_wide(part) && accounts(part, setting);
        known &= said;
    }
    known
}

/// Does a heading in lower case name something, and say nothing of it? What the title of
/// a whole document names is what was reviewed, whatever it is.
pub(crate) fn names(title: &str, document: bool) -> bool {
    let clauses = clauses(title);
    let short = clauses.iter().map(|clause| clause.words.len()).sum::<usize>() <= LABEL;
    let verbless = !clauses.iter().any(verbal);
    let fault = statement::is_fault(title, true);
    !fault && (document || short && verbless) || names_topic(title) || accounts(title, Setting::default())
}

/// The words that a sentence may begin a list of topics with: what was reviewed or looked for.
pub(crate) fn leads_list(plain: &str) -> bool {
    let list: Vec<&str> = words(plain).collect();
    tells_review(&list) || list.iter().any(|word| DENIALS.seeks.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_understood() {
        for text in [
            "i read all files and ran the tests.",
            "looks good to me, thanks.",
            "the naming is clear, the tests cover the edge cases.",
            "reviewed: `src/a.rs`, `src/b.rs`.",
            "12 files, 340 lines.",
            "i looked for sql injection, path traversal and missing authorization.",
            "i could not find anything wrong with this change.",
            "die fehlerbehandlung ist sauber.",
            "变更逻辑清楚，命名规范，测试覆盖充分",
        ] {
            assert!(accounts(text, Setting::default()), "{text}");
        }
    }

    #[test]
    fn what_is_not() {
        for text in [
            "the worker restarts itself every few minutes.",
            "looks good, the temp folder fills up over time.",
            "i read the code and the file is opened twice.",
            "the naming could be nicer.",
            "das passwort steht im log.",
            "the file is read on every request.",
            "the tests are not good.",
            "密码会写入日志",
            "代码清楚，每次请求都会打开新的连接",
        ] {
            assert!(!accounts(text, Setting::default()), "{text}");
        }
    }
}
