//! Is every statement of a report without findings one that such a report makes?
//!
//! A sentence is cut into clauses, and each must claim something that is known to be
//! harmless ([`claims`]), be a label of the report itself, or a fragment that such a
//! clause explains. What is none of this is not understood, whatever it says, and the
//! report is not clean.

use super::assurance::ASSURANCE;
use super::claims::{self, Claim, words};
use super::{statement, wide};
use crate::locate;
use crate::titles;
use crate::vocabulary::{Class, DENIALS, PHRASES};

/// Where a sentence stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "sections may be several of these at once")]
pub(crate) struct Setting {
    /// Below a note whose title says that it is so: any sentence that tells no fault tells why.
    pub(crate) settled: bool,
    /// Among what is good: names and fragments assure unless they tell a fault.
    pub(crate) praise: bool,
    /// Among what was reviewed, or ticked: names of things are enough.
    pub(crate) listed: bool,
    /// In a list of what was looked for: names of faults are none.
    pub(crate) sought: bool,
    /// Where the change is described, not judged.
    pub(crate) described: bool,
}

/// The longest name in a list of what was reviewed, in words.
const FRAGMENT: usize = 10;
/// The longest label, in words.
const LABEL: usize = 5;
/// The longest title of a section whose words nobody knows.
const TITLE: usize = 3;

/// A stretch of a sentence and how it ends.
pub(super) struct Clause<'a> {
    pub(super) text: &'a str,
    pub(super) words: Vec<&'a str>,
    label: bool,
}

/// Signs of what is wrong: a sentence with one of them says nothing harmless.
const ALARMS: [char; 14] = ['❌', '✗', '✘', '✖', '⚠', '🔴', '🟠', '🟡', '🚨', '👎', '🛑', '⛔', '🚫', '💥'];

/// Does every clause of a sentence in lower case, without emphasis, say something harmless?
pub(crate) fn accounts(plain: &str, setting: Setting) -> bool {
    // The whole, where "the rest" alone takes something out.
    let plain = plain.replace("the rest of the ", "the ").replace("the only ", "the ");
    let plain = plain.trim();
    let asks = plain.trim_end_matches(['*', '_', ')', '"', ' ']).ends_with(['?', '？']);
    if statement::none_of_levels(plain) {
        return true;
    }
    if alarms(plain) || plain.starts_with("[ ]") || asks || doubts(plain) {
        return false;
    }
    if counts_no_level(plain) {
        return true;
    }
    // "Reviewed: README only"
    let read = plain.split_once(':').is_some_and(|(label, _)| words(label).count() <= LABEL);
    if excepts(plain) || read && claims::reads_aside(&words(plain).collect::<Vec<_>>()) {
        return false;
    }
    if !plain.contains(char::is_alphabetic) {
        return true;
    }
    let plain = plain.strip_prefix("[x]").unwrap_or(plain).trim();
    if statement::is_wide(plain) {
        return wide::accounts(plain, setting);
    }
    let clauses = clauses(plain);
    let sentence = Sentence {
        claims: clauses.iter().map(|clause| claims::claim(clause.text)).collect(),
        clauses,
        setting,
    };
    if !(0..sentence.clauses.len()).all(|at| sentence.knows(at)) || read_fewer(&sentence.clauses) {
        return false;
    }
    let told = sentence.clauses.iter().zip(&sentence.claims).any(|(clause, claim)| {
        matches!(claim, Some(Claim::Good | Claim::Meta | Claim::Review))
            && statement::tells_fault(clause.text)
    });
    let topics = setting.sought && !sentence.clauses.iter().any(verbal);
    let sought = sentence.claims.contains(&Some(Claim::Sought));
    topics || !told && (sought || !statement::is_fault(plain, true))
}

/// "Blocking 0, major 0": nothing but levels of which there is none.
fn counts_no_level(plain: &str) -> bool {
    let clauses = clauses(plain);
    !clauses.is_empty() && clauses.iter().all(|clause| claims::counts_none_of_a_level(&clause.words))
}

/// Gestures and faces that approve; any other may mean anything.
const PLEASED: [char; 20] = [
    '😀', '😁', '😃', '😄', '😊', '🙂', '😍', '🤩', '🥳', '🙌', '🙏', '😎', '🤝', '🤖', '😇', '😉', '😸',
    '😺', '🤗', '🤘',
];

/// A face or gesture that is not known to approve, irony, a form that nobody filled in.
fn doubts(plain: &str) -> bool {
    let face = |c: char| {
        matches!(u32::from(c), 0x1f600..=0x1f64f | 0x1f910..=0x1f92f | 0x1f937 | 0x1f970..=0x1f97a)
            && !PLEASED.contains(&c)
    };
    let bare = plain.trim_end_matches(['.', ' ', '_', '*']);
    let form = |open: char, close: char| bare.starts_with(open) && bare.ends_with(close);
    let boxed = bare.starts_with("[x]");
    let glum = [":/", ":(", ":|", ":-/", ":-(", ":-|"].iter().any(|face| bare.ends_with(face));
    // "Review: -1"
    let minus = bare.ends_with(|c: char| c.is_ascii_digit())
        && bare.rsplit([' ', ':']).next().is_some_and(|word| word.starts_with(['-', '−']) && word.len() <= 4);
    plain.contains(face)
        || glum
        || minus
        || bare.ends_with(" /s")
        || form('{', '}')
        || form('[', ']') && !boxed
}

/// A bad mark, and no number zero behind it: `🔴 0` counts none.
fn alarms(plain: &str) -> bool {
    plain.contains(ALARMS)
        && plain.split(ALARMS).skip(1).any(|rest| {
            let rest = rest.trim_start_matches(['\u{fe0f}', ' ', ':']);
            !rest.starts_with('0') || rest[1..].starts_with(|c: char| c.is_alphanumeric() || c == '.')
        })
}

/// A sentence and what its clauses claim by themselves.
struct Sentence<'a> {
    clauses: Vec<Clause<'a>>,
    claims: Vec<Option<Claim>>,
    setting: Setting,
}

impl Sentence<'_> {
    /// Is a clause harmless by itself, or by what stands around it?
    fn knows(&self, at: usize) -> bool {
        let clause = &self.clauses[at];
        let quoted =
            clause.words.len() <= 2 && clause.words.iter().any(|word| ASSURANCE.speech.contains(word));
        if quoted
            || claims::names_no_object(&clause.words)
            || claims::reads_aside(&clause.words)
            || counts_unknown(&self.clauses, at)
            || self.decides_otherwise(at)
            || self.leaves_some(at)
            || claims::counts_some(&clause.words) && !claims::all_mended(&clause.words)
        {
            return false;
        }
        self.claims[at].is_some()
            || clause.words.iter().all(|word| ASSURANCE.conjunctions.contains(word))
            || is_meta(clause)
            || self.labels(at)
            || self.explains(at)
            || self.completes(at)
            || self.setting.settled
            || self.setting.praise && !verbal(clause)
            || self.setting.described && claims::describes(&clause.words, true)
            || is_place(clause.text)
    }

    /// "All are fixed but two": a number by itself, of what nobody says.
    fn leaves_some(&self, at: usize) -> bool {
        let labelled = at.checked_sub(1).is_some_and(|n| self.clauses[n].label);
        let words = &self.clauses[at].words;
        !labelled && at > 0 && words.iter().all(|word| ASSURANCE.quantities.contains(word))
    }

    /// What stands behind the label of a verdict must itself say that all is well: "Gate: failed"
    /// consists of known words.
    fn decides_otherwise(&self, at: usize) -> bool {
        let label = at.checked_sub(1).map(|n| &self.clauses[n]).filter(|before| before.label);
        label.is_some_and(|label| label.words.len() <= LABEL && DENIALS.verdicts.any(label.text))
            && self.claims[at].is_none()
            && !self.clauses[at].label
            && !DENIALS
                .clean_values
                .contains(self.clauses[at].text.trim_matches(|c: char| !c.is_alphanumeric()))
    }

    /// A label in front of what is said of it.
    fn labels(&self, at: usize) -> bool {
        let clause = &self.clauses[at];
        let none = self.clauses.get(at + 1).is_some_and(|next| statement::says_none(next.text));
        let part = claims::limits_denial(clause.text);
        // "The template says: no issues" is said by somebody else.
        let reported = clause.words.iter().any(|word| ASSURANCE.speech.contains(word));
        clause.label && clause.words.len() <= LABEL && !part && !reported && (none || !verbal(clause))
    }

    /// A clause that another one in front of it makes harmless.
    fn explains(&self, at: usize) -> bool {
        let Clause { text, words, .. } = &self.clauses[at];
        let Some(before) = at.checked_sub(1).map(|n| self.claims[n]) else { return false };
        // "I verified that it ends, that it is closed …"
        let that = ASSURANCE.thats.contains(words[0])
            && self.clauses[..at].iter().any(|clause| claims::reviews(&clause.words).is_some())
            && claims::told(&words[1..]);
        // "No bugs, leaks or other problems", "I looked for races, leaks and missing checks"
        let denied = self.claims[..at].contains(&Some(Claim::Nothing)) && claims::enumerates(words);
        let sought = self.claims[..at].contains(&Some(Claim::Sought)) && claims::topics(words);
        let points = words[0] == "see" && before == Some(Claim::Good) && words.len() <= LABEL;
        let scale = self.clauses[0].words.iter().any(|word| matches!(*word, "scale" | "levels"));
        that || denied || sought || points || scale && self.clauses[0].label && claims::is_level(text)
    }

    /// A fragment that belongs to a clause beside it, or to the list it stands in.
    fn completes(&self, at: usize) -> bool {
        let clause = &self.clauses[at];
        let known = clause.words.iter().all(|word| claims::closed(word)) && !verbal(clause);
        // "Reviewer: Ann"
        let labelled = at > 0 && is_meta(&self.clauses[at - 1]) && fits(&self.clauses[at - 1], clause);
        let leads =
            ASSURANCE.intros.contains(clause.words[0]) && self.claims[at + 1..].iter().any(Option::is_some);
        let listed = self.setting.listed || self.setting.sought;
        // "Best, Tom"
        if claims::limits_denial(clause.text) {
            return false;
        }
        let signed = at > 0
            && clause.words.len() <= 2
            && self.claims[at - 1] == Some(Claim::Good)
            && self.clauses[at - 1].words.len() == 1
            && !statement::is_fault(clause.text, true);
        // "I read the parser, the writer and the tests"
        let reviewed =
            self.claims[..at].iter().any(|claim| matches!(claim, Some(Claim::Review | Claim::Sought)))
                && !verbal(clause)
                && clause.words.len() <= LABEL
                && clause.words.iter().filter(|word| !claims::closed(word)).count() <= 1;
        signed
            || reviewed
            || known && (leads || self.claims[..at].iter().any(Option::is_some))
            || !verbal(clause) && clause.words.len() <= FRAGMENT && (listed || labelled)
            || names_topic(clause.text)
    }
}

/// The clauses of a sentence: between punctuation, before what contrasts, and behind "and"
/// where a verb or a denial of its own follows.
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
            ';' | '(' | ')' | '|' | '—' | '–' | '\n' | '…' | '→' | '=' | '!' | '?' | '·' => true,
            '-' => before_space && plain[..at].ends_with(char::is_whitespace),
            _ => false,
        };
        if ends {
            push(start, at, matches!(c, ':' | '|' | '='));
            start = next;
        } else if c == ' ' && !ticks {
            let ahead = &plain[next..];
            let word = words(ahead).next().unwrap_or_default();
            let splits = ahead.starts_with(word)
                && !word.is_empty()
                && (table.contrasts.contains(word)
                    // An article in Italian, a person in English.
                    || word != "i" && table.conjunctions.contains(word) && begins_clause(&ahead[word.len()..]));
            if splits {
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

/// Does a clause of its own follow "and"?
fn begins_clause(rest: &str) -> bool {
    let table = &*ASSURANCE;
    let stop = rest.find([',', ';', ':', '(', '—']).unwrap_or(rest.len());
    let mut list = words(&rest[..stop]).take_while(|word| !table.conjunctions.contains(word));
    let first = list.next().unwrap_or_default();
    let denies = |word: &str| DENIALS.none.contains(word) || DENIALS.nothing.contains(word);
    let finds = || DENIALS.finds.iter().any(|stem| first.starts_with(stem));
    denies(first)
        || finds()
        || table.reviews.contains(first)
        || table.aux.contains(first)
        || claims::acts(first)
        || list.any(|word| table.aux.contains(word) || word == "that")
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

/// Does a clause deny that there are findings, in nothing but known words? `sought`: an
/// earlier one told what was looked for.
pub(super) fn denies(clause: &Clause<'_>, sought: bool) -> bool {
    let spoken = without_code(clause.text);
    let list: Vec<&str> = words(&spoken).collect();
    claims::denies_findings(&list) || sought && claims::found_none(&list)
}

/// Does a clause tell what was looked for?
pub(super) fn seeks(clause: &Clause<'_>) -> bool {
    claims::reviews(&clause.words) == Some(true)
}

/// Is a text nothing but a few words of praise?
pub(super) fn praises(text: &str) -> bool {
    let list: Vec<&str> = words(text).collect();
    (1..=TITLE).contains(&list.len()) && claims::told(&list)
}

/// Does a short clause approve of the whole: "Ship it"?
pub(super) fn approves(clause: &Clause<'_>) -> bool {
    claims::approves(clause.text, &clause.words)
}

/// Is what a clause says said of a part only, that a label in front of it names: "API layer: no
/// findings", "Spelling: none"?
pub(super) fn of_part(clauses: &[Clause<'_>], at: usize) -> bool {
    let Some(label) = at.checked_sub(1).map(|n| &clauses[n]).filter(|before| before.label) else {
        return false;
    };
    let table = &*ASSURANCE;
    let whole = |word: &str| {
        let lists = [
            &DENIALS.nouns,
            &DENIALS.weak_nouns,
            &DENIALS.whole,
            &table.whole,
            &table.metas,
            &table.reviews,
            &table.small,
            &table.good,
            &table.fair,
            &table.done,
            &table.approved,
            &table.signoffs,
            &table.intros,
            &table.conjunctions,
            &table.passives,
            &table.adverbs,
        ];
        lists.iter().any(|list| list.contains(word))
            || crate::severity::exact(word).is_some()
            || word.starts_with(|c: char| c.is_ascii_digit())
    };
    let spoken = clauses[..at].iter().any(|clause| names_reviewer(clause.text));
    !spoken && !DENIALS.verdicts.any(label.text) && !label.words.iter().all(|word| whole(word))
}

/// Is a denial said of another time than that of the review, or of a part?
pub(super) fn limits_denial(text: &str) -> bool {
    claims::limits_denial(text)
}

/// A text in which each piece of code is one name.
pub(super) fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" … ")
}

/// `Blockers: 1`: a number that is none of what was reviewed.
fn counts_unknown(clauses: &[Clause<'_>], at: usize) -> bool {
    let table = &*ASSURANCE;
    let Some(label) = at.checked_sub(1).map(|n| &clauses[n]).filter(|before| before.label) else {
        return false;
    };
    let counted = |word: &&str| {
        [&table.metas, &table.units, &table.reviews, &table.objects].iter().any(|s| s.contains(*word))
    };
    // "Confirmed: 3" counts what was found, "files confirmed: 3" what was read.
    let harmless = |word: &&str| counted(word) && !table.outcomes.contains(*word);
    // `3/3` is split like words.
    let whole = clauses[at].words.len() == 2 && clauses[at].words[0] == clauses[at].words[1];
    let none = clauses[at].words.first().is_some_and(|word| *word == "0");
    let number = clauses[at].words.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let first = number && clauses[at].words.len() <= 2;
    first && !none && !whole && !label.words.iter().any(harmless)
}

/// `Files reviewed: 3, files changed: 9`.
fn read_fewer(clauses: &[Clause<'_>]) -> bool {
    let number = |of: &dyn Fn(&str) -> bool| {
        let pair =
            clauses.windows(2).find(|pair| pair[0].label && pair[0].words.iter().any(|word| of(word)))?;
        pair[1].words.first()?.parse::<u64>().ok()
    };
    let read = number(&|word| ASSURANCE.reviews.contains(word));
    let all = number(&|word| matches!(word, "changed" | "total" | "all" | "selected"));
    matches!((read, all), (Some(read), Some(all)) if read < all)
}

/// `Reviewer: …`, `Duration: …`.
fn is_meta(clause: &Clause<'_>) -> bool {
    let last = clause.words.last().is_some_and(|word| ASSURANCE.metas.contains(word));
    last && (clause.label || clause.words.len() <= 2)
}

/// May a value stand behind a label: a measure is a number, and a method is told in known words.
fn fits(label: &Clause<'_>, value: &Clause<'_>) -> bool {
    match label.words.last() {
        Some(&("tokens" | "cost" | "duration" | "elapsed" | "lines")) => {
            value.text.contains(|c: char| c.is_ascii_digit())
        }
        Some(&("method" | "methodology")) => claims::topics(&value.words),
        _ => true,
    }
}

/// Has a clause a verb of its own? A word in -s behind a noun is taken for one if an object follows.
fn verbal(clause: &Clause<'_>) -> bool {
    let small = |word: &str| {
        ASSURANCE.intros.contains(word)
            || ASSURANCE.conjunctions.contains(word)
            || matches!(
                word,
                "of" | "or" | "the" | "a" | "an" | "its" | "their" | "each" | "every" | "per" | "no"
            )
    };
    let words = &clause.words;
    words.iter().any(|word| ASSURANCE.aux.contains(word) || word.ends_with("n't"))
        || words.windows(3).any(|w| {
            let verb =
                w[1].len() > 3 && w[1].ends_with('s') && !w[1].ends_with("ss") && !w[1].ends_with("us");
            verb && !small(w[0]) && (!small(w[2]) || matches!(w[2], "the" | "a" | "an" | "its" | "their"))
        })
}

/// A section's title or a subject by itself: "Security".
fn names_topic(text: &str) -> bool {
    let list: Vec<&str> = words(text).collect();
    let class = titles::section(text) == Some(Class::Subject) || titles::is_listed(text);
    list.len() <= TITLE && class && !list.iter().any(|word| DENIALS.fault_words.contains(word))
        || list.len() <= LABEL && list.iter().all(|word| claims::closed(word)) && PHRASES.review.any(text)
}

/// Does a title name somebody who reviews: "Security reviewer"?
pub(crate) fn names_reviewer(title: &str) -> bool {
    words(title).any(|word| ASSURANCE.reviewers.contains(word))
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
    words(plain).any(|word| table.exceptions.contains(word)) || table.exception_phrases.any(plain)
}

/// Does a heading in lower case name something, and say nothing of it? What the title of
/// a whole document names is what was reviewed, whatever it is; what a section says below
/// its title must be understood by itself.
pub(crate) fn names(title: &str, document: bool) -> bool {
    let clauses = clauses(title);
    let words: usize = clauses.iter().map(|clause| clause.words.len()).sum();
    let verbless = !clauses.iter().any(verbal);
    let fault = statement::is_fault(title, true);
    !fault && (document || words <= TITLE && verbless)
        || names_topic(title)
        || accounts(title, Setting::default())
}

/// The words that a sentence may begin a list of topics with: what was reviewed or looked for.
pub(crate) fn leads_list(plain: &str) -> bool {
    let list: Vec<&str> = words(plain).collect();
    claims::reviews(&list).is_some() || list.iter().any(|word| DENIALS.seeks.contains(word))
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
            "i reviewed all 12 files and found no issues.",
            "i reviewed src/a.ts and lib/deep/b_test.go and found no defects.",
            "reviewed all three files.",
            "blocking 0, major 0, minor 0, nit 0.",
            "linting 31 files… done.",
            "that no rule fired does not mean the code is free of defects.",
            "this is no proof that the code is correct.",
            "no bugs, no style remarks, no questions.",
            "the code is well structured, error handling is consistent.",
            "this pr adds tests and documentation.",
            "everything looks correct.",
            "the diff is small and does what the title says.",
            "j'ai relu tous les fichiers, rien à signaler.",
            "no he encontrado ningún problema en los cambios.",
            "nie znaleziono żadnych problemów.",
            "変更点をすべて確認しました。",
        ] {
            assert!(accounts(text, Setting::default()), "{text}");
        }
    }

    #[test]
    fn what_is_not() {
        for text in [
            "i reviewed src/a.ts and src/b.ts is opened twice.",
            "src/a.ts logs the password.",
            "blocking 0, major 2.",
            "no issue was fixed.",
            "none of the problems is resolved.",
            "🔴 must fix: the lock",
            "that the check passes does not mean the lock is held.",
            "the worker restarts itself every few minutes.",
            "looks good, the temp folder fills up over time.",
            "i read the code and the file is opened twice.",
            "the naming could be nicer.",
            "das passwort steht im log.",
            "the file is read on every request.",
            "the tests are not good.",
            "密码会写入日志",
            "代码清楚，每次请求都会打开新的连接",
            "the password is compared without constant time.",
            "passwords are compared as text.",
            "the token lives for ten years.",
            "the index is built on each start.",
            "sessions are authenticated by the name alone.",
            "the complete archive is unpacked into memory.",
            "i confirmed that the token lives for ten years.",
            "i verified that anybody can call it.",
            "this pr removes the permission check.",
            "this pr moves the check after the write.",
            "i reviewed it, users see old prices.",
            "two files were clean, guests see drafts.",
            "parolan kirjataan lokiin.",
            "パスワードがログに出力されます。",
            "확인했습니다, 비밀번호가 로그에 남습니다.",
        ] {
            assert!(!accounts(text, Setting::default()), "{text}");
        }
    }
}
