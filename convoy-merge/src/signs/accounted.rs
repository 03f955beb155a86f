//! Is every statement of a report without findings one that such a report makes?
//!
//! A sentence is cut into clauses, and each must claim something that is known to be
//! harmless ([`claims`]), be a label of the report itself, or a fragment that such a
//! clause explains. What is none of this is not understood, whatever it says, and the
//! report is not clean.

mod clause;
mod doubt;
mod template;

use findings::Severity;

use super::assurance::ASSURANCE;
use super::claims::{self, Claim, words};
use super::{extent, statement, wide};
use crate::locate;
use crate::severity;
use crate::titles;
use crate::vocabulary::{Class, DENIALS, PHRASES};
pub(super) use clause::{Clause, approves, clauses, counts_none, denies, read_fewer, seeks};
use clause::{counts_unknown, fits, is_meta, verbal};
use doubt::{alarms, doubts, excepts};
use template::is_signature;
pub(super) use template::is_template;

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

/// Does every clause of a sentence in lower case, without emphasis, say something harmless?
pub(crate) fn accounts(plain: &str, setting: Setting) -> bool {
    // The whole, where "the rest" alone takes something out.
    let plain = plain.replace("the rest of the ", "the ").replace("the only ", "the ");
    let plain = statement::without_idle(plain.trim());
    let asks = plain.trim_end_matches(['*', '_', ')', '"', ' ']).ends_with(['?', '？']);
    if statement::none_of_levels(plain) {
        return true;
    }
    if alarms(plain) || plain.contains("[ ]") || asks || doubts(plain) {
        return false;
    }
    if counts_no_level(plain) {
        return true;
    }
    if is_bare(plain) {
        return false;
    }
    if is_template(plain) || is_signature(plain) {
        return true;
    }
    if is_dots(plain) || is_under_way(plain) || statement::passed_in_part(plain) {
        return false;
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
    if !(0..sentence.clauses.len()).all(|at| sentence.knows(at) && !sentence.answers_some(at)) {
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

/// Dots in place of words: more was to come.
fn is_dots(plain: &str) -> bool {
    plain.len() > 1 && plain.chars().all(|c| matches!(c, '.' | '…') || c.is_whitespace())
}

/// "60 % done": the rest is still to be read.
fn is_under_way(plain: &str) -> bool {
    const READ: [&str; 9] =
        ["done", "through", "complete", "completed", "finished", "reviewed", "read", "fertig", "checked"];
    plain.match_indices('%').any(|(at, _)| {
        let number = plain[..at].trim_end().rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let behind = words(&plain[at + 1..]).next();
        number.parse::<u32>().is_ok_and(|share| share < 100)
            && behind.is_some_and(|word| READ.contains(&word))
    })
}

/// A number by itself that is not 0, a level that is no mild one, "found": of what, nobody says.
fn is_bare(plain: &str) -> bool {
    let said = plain.trim_matches(|c: char| !c.is_alphanumeric());
    let number = !said.is_empty() && said.len() <= 4 && said.bytes().all(|byte| byte.is_ascii_digit());
    let level = || severity::exact(said).is_some_and(|(level, _)| level > Severity::Low);
    number && said.bytes().any(|digit| digit != b'0')
        || !said.contains(' ') && (level() || ASSURANCE.present.contains(said))
}

/// "Blocking 0, major 0": nothing but levels of which there is none.
fn counts_no_level(plain: &str) -> bool {
    let clauses = clauses(plain);
    !clauses.is_empty() && clauses.iter().all(|clause| claims::counts_none_of_a_level(&clause.words))
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
        let quoted = (clause.words.len() <= 2 || clause.label)
            && clause.words.iter().any(|word| ASSURANCE.speech.contains(word));
        if quoted
            || self.rates(at)
            || claims::names_no_object(&clause.words)
            || claims::reads_aside(&clause.words)
            || counts_unknown(&self.clauses, at)
            || claims::names_again(&clause.words)
            || self.decides_otherwise(at)
            || self.leaves_some(at)
            || self.fails(at)
            || self.answers_no(at)
            || self.label(at).is_some_and(|label| extent::is_share_of_all(&label.words, &clause.words))
            || !self.names_things() && claims::tells_mishap(&clause.words)
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

    /// The label that a clause stands behind.
    fn label(&self, at: usize) -> Option<&Clause<'_>> {
        at.checked_sub(1).map(|n| &self.clauses[n]).filter(|before| before.label)
    }

    /// "Severity: high": of a finding that is not told.
    fn rates(&self, at: usize) -> bool {
        let label = self.label(at);
        let rating = |label: &Clause<'_>| {
            matches!(crate::syntax::fields::label_of(label.text), Some(crate::vocabulary::Label::Severity))
                || label.words.last().is_some_and(|word| *word == "risk")
        };
        let level = |clause: &Clause<'_>| {
            severity::exact(clause.text.trim_matches(|c: char| !c.is_alphanumeric())).map(|(level, _)| level)
        };
        // The header of a table names them all.
        label.is_some_and(rating)
            && level(&self.clauses[at]).is_some_and(|level| level > Severity::Low)
            && self.clauses.iter().filter_map(level).count() == 1
    }

    /// Where it stands, names of faults are what was looked for or is well.
    fn names_things(&self) -> bool {
        let Setting { sought, listed, settled, .. } = self.setting;
        sought || listed || settled
    }

    /// "All are fixed but two": a number by itself, of what nobody says.
    fn leaves_some(&self, at: usize) -> bool {
        let labelled = at.checked_sub(1).is_some_and(|n| self.clauses[n].label);
        let words = &self.clauses[at].words;
        // "No issues found (1)"
        let denied = at.checked_sub(1).is_some_and(|n| self.claims[n] == Some(Claim::Nothing));
        let counts =
            words.len() == 1 && words[0] != "0" && words[0].bytes().all(|byte| byte.is_ascii_digit());
        !labelled && denied && counts
            || !labelled && at > 0 && words.iter().all(|word| ASSURANCE.quantities.contains(word))
    }

    /// "FAIL" by itself, "status=failed", "exit code: 2".
    fn fails(&self, at: usize) -> bool {
        let Clause { text, words, .. } = &self.clauses[at];
        let label = self.label(at);
        let ends = |label: &Clause<'_>| {
            matches!(label.words[..], [.., "exit", "code" | "status"] | [.., "exitcode" | "rc"])
                && words.first().is_some_and(|word| *word != "0")
        };
        let broke = |_: &Clause<'_>| words.len() == 1 && ASSURANCE.failures.contains(words[0]);
        let alone = || PHRASES.status_fail.contains(&text.trim_matches(|c: char| !c.is_alphanumeric()));
        label.is_some_and(|label| ends(label) || broke(label))
            || words.len() == 1 && !self.setting.sought && alone()
    }

    /// "Races: one in `close`", "leaks (found in the pool)": where it is told what was looked for, an
    /// answer that is no denial.
    fn answers_some(&self, at: usize) -> bool {
        let Clause { text, words, .. } = &self.clauses[at];
        let fault = |word: &&str| claims::finding(word) || DENIALS.fault_words.contains(*word);
        let asked = |label: &Clause<'_>| label.words.iter().any(fault);
        let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
        let denied = words.iter().any(|word| claims::negates(word));
        let well = denied
            || self.claims[at].is_some()
            || PHRASES.none.contains(&bare)
            || DENIALS.clean_values.contains(bare);
        let found = || words.first().is_some_and(|word| ASSURANCE.present.contains(word));
        self.setting.sought && (!well && self.label(at).is_some_and(asked) || !denied && at > 0 && found())
    }

    /// "Complete: no", "Tests passed: no": what a label would say of something good is denied.
    fn answers_no(&self, at: usize) -> bool {
        let label = self.label(at);
        let good = |word: &&str| {
            let lists =
                [&ASSURANCE.good, &ASSURANCE.done, &ASSURANCE.fair, &ASSURANCE.works, &ASSURANCE.reviews];
            lists.iter().any(|list| list.contains(*word))
        };
        let named = |word: &&str| claims::finding(word) || ASSURANCE.absent.contains(*word);
        matches!(self.clauses[at].words[..], [word] if ASSURANCE.noes.contains(word))
            && label.is_some_and(|label| label.words.iter().any(good) && !label.words.iter().any(named))
    }

    /// What stands behind the label of a verdict must itself say that all is well: "Gate: failed"
    /// consists of known words.
    fn decides_otherwise(&self, at: usize) -> bool {
        let label = self.label(at);
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
        let part = extent::limits(&clause.words);
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
        let denied = self.claims[..at].contains(&Some(Claim::Nothing))
            && !self.clauses[at].against
            && claims::enumerates(words);
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
        if extent::limits(&clause.words) {
            return false;
        }
        // "Approved (lukewarm)" is no name.
        let signed = at > 0
            && !approves(&self.clauses[at - 1])
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
            || known && !clause.against && (leads || self.claims[..at].iter().any(Option::is_some))
            || !verbal(clause) && clause.words.len() <= FRAGMENT && (listed || labelled)
            || names_topic(clause.text)
    }
}

/// Is a text nothing but a few words of praise?
pub(super) fn praises(text: &str) -> bool {
    let list: Vec<&str> = words(text).collect();
    (1..=TITLE).contains(&list.len()) && claims::told(&list)
}

/// A text in which each piece of code is one name.
pub(super) fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" … ")
}

/// A section's title or a subject by itself: "Security".
fn names_topic(text: &str) -> bool {
    let list: Vec<&str> = words(text).collect();
    let class = titles::section(text) == Some(Class::Subject) || titles::is_listed(text);
    list.len() <= TITLE && class && !list.iter().any(|word| DENIALS.fault_words.contains(word))
        || list.len() <= LABEL && list.iter().all(|word| claims::closed(word)) && PHRASES.review.any(text)
}

/// Is a title nothing but a verb of a reviewer: "Reviewed"?
pub(crate) fn names_review(title: &str) -> bool {
    let list: Vec<&str> = words(title).collect();
    matches!(list[..], [only] if ASSURANCE.reviews.contains(only))
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

/// Is a title or the name of a column one of what was looked for or at: "Reviewed", "What I
/// checked"? "Code review" names the whole, whatever stands in it.
pub(crate) fn heads_topics(plain: &str) -> bool {
    let noun = |word: &str| extent::EXTENT.whole_label.contains(word);
    let verb = |word: &str| ASSURANCE.reviews.contains(word) && !noun(word);
    leads_list(plain) && words(plain).any(|word| verb(word) || DENIALS.seeks.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_understood() {
        for text in [
            "🤖 generated with [codebot](https://example.org/bot)",
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
            "generated with partial context",
            "generated with errors",
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
            "fail",
            "status=failed",
            "exit code: 2",
            "no issues found (1)",
            "frontend looks good.",
            "the api part is fine.",
            "60 % done, no problems found.",
            "files scanned: 0.",
            "input is passed to the shell.",
            "nenhum problema, mas os testes falham.",
            "no problems found, tests fail.",
            "no problems found, but crashes.",
            "no issues, crash on start.",
            "security pass: all is well, tests fail.",
            "…",
            "high",
            "1",
            "パスワードがログに出力されます。",
            "확인했습니다, 비밀번호가 로그에 남습니다.",
        ] {
            assert!(!accounts(text, Setting::default()), "{text}");
        }
    }
}
