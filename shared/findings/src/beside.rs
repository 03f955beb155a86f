//! What may stand beside a list without findings: sentences that hand the answer over,
//! and sentences about the review. What speaks of the code, praise as well, may as well
//! be a defect, and belongs into the list or nowhere. Pure.
//!
//! Whether a sentence about the review denies what it names is for `convoy-merge` to say.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Of these alone are sentences that hand an answer over: people, the work, what is handed
/// over, and how. There is nothing among them to name code, a fault or a denial with.
const HANDOVER: &str = "\
    i i'll i'm i've i'd me my we we'll we've let let's you your \
    a an the this that these it its of in to for as with by from at on up and so then \
    am is are be was were have has had will can now here here's below above following \
    already again next first finally last once more all every everything each both whole \
    need needed necessary information enough \
    answer answers result results review report findings json object output schema structured \
    format requested asked required final complete completed corrected full same \
    hand handing handed give giving gave given submit submitting submitted provide providing provided \
    produce producing produced return returning returned write writing present presenting \
    read reading reviewed reviewing finish finished finishing done end ready go going \
    file files remaining look looking";
/// Who speaks, or points at what follows: without one of these it may be of the code.
const SPEAKER: &str =
    "i i'll i'm i've i'd my we we'll we've let here here's submitting handing providing presenting";
/// As many words as a heading may have without a speaker.
const HEADING: usize = 3;

/// What reviews find or do not find, and what they are called: a sentence about the review
/// has one of these, or somebody who speaks.
const OF_REVIEWS: &str = "\
    review reviews reviewed reviewer reviewing audit audited inspected examined findings finding \
    issue issues problem problems defect defects bug bugs error errors mistake mistakes \
    vulnerability vulnerabilities weakness weaknesses concern concerns flaw flaws \
    nothing none clean lgtm approved approve approving good fine";
/// What may be missing without harm.
const WITHOUT: [&str; 14] = [
    "issue", "issues", "finding", "findings", "problem", "problems", "defect", "defects", "error", "errors",
    "bug", "bugs", "concern", "concerns",
];

static HANDOVER_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| HANDOVER.split_whitespace().collect());
static SPEAKERS: LazyLock<HashSet<&str>> = LazyLock::new(|| SPEAKER.split_whitespace().collect());
static REVIEW_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| OF_REVIEWS.split_whitespace().collect());

/// The text without the sentences that only hand the answer over, trimmed.
pub fn without_handover(text: &str) -> String {
    let text = text.replace('\u{2019}', "'");
    let kept: String = sentences(&text).into_iter().filter(|sentence| !is_handover(sentence)).collect();
    kept.trim().to_owned()
}

/// The first sentence that does not speak of the review; `None`: all do.
pub fn of_the_code(text: &str) -> Option<&str> {
    sentences(text).into_iter().map(str::trim).find(|sentence| !is_of_the_review(sentence))
}

/// Each with what ends it.
fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut begin = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        // A colon within a line is a label, and what follows is part of it.
        let ends = match c {
            '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
            ':' => next.is_none_or(|next| next == '\n'),
            '\n' => true,
            _ => next.is_none(),
        };
        if ends {
            let end = at + c.len_utf8();
            out.push(&text[begin..end]);
            begin = end;
        }
    }
    out
}

fn words(sentence: &str) -> Vec<String> {
    let words = sentence.split(|c: char| !c.is_alphanumeric() && c != '\'');
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn is_handover(sentence: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || ",'-.!?:".contains(c);
    let words = words(sentence);
    let speaks = words.iter().any(|word| SPEAKERS.contains(word.as_str()));
    sentence.chars().all(plain)
        && words.iter().all(|word| HANDOVER_WORDS.contains(word.as_str()))
        // A line without a word keeps the shape of the text.
        && !words.is_empty()
        && (speaks || words.len() <= HEADING)
}

fn is_of_the_review(sentence: &str) -> bool {
    let words = words(sentence);
    let is_foreign = sentence.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
    // Headings name what follows; words of other languages are not known here.
    if words.is_empty() || sentence.starts_with('#') || is_foreign {
        return true;
    }
    let lacks = words
        .iter()
        .zip(words.iter().skip(1))
        .any(|(word, next)| word == "without" && next != "any" && !WITHOUT.contains(&next.as_str()));
    let known = |word: &String| SPEAKERS.contains(word.as_str()) || REVIEW_WORDS.contains(word.as_str());
    !lacks && words.iter().any(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_hands_an_answer_over_says_nothing() {
        for text in [
            "Here are my findings:",
            "I've read both files. Here\u{2019}s the corrected answer:\n",
            "I have everything I need. Submitting the answer now.",
            "Final answer\n\n",
            "",
        ] {
            assert_eq!(without_handover(text), "", "{text}");
        }
    }

    #[test]
    fn whatever_else_is_said_stays() {
        for text in [
            "All of the files are read again.",
            "The password is compared without constant time.",
            "I found one.",
            "Not all files were read.",
            "Do not merge this.",
            "src/a.ts is read again",
            "The `file` is given to all",
            "exec(file)",
            "Here is my answer: the token is logged.",
            "Reviewed: 3 files",
            "密码被记录",
        ] {
            assert_eq!(without_handover(text), text);
        }
        assert_eq!(without_handover("Here is my answer. The token is logged."), "The token is logged.");
        let report = "# Review\n\nNo findings.\n\n**Reviewed:** 3 files\n**Total:** 0 findings";
        assert_eq!(without_handover(report), report);
    }

    #[test]
    fn what_speaks_of_the_code_is_told_from_what_speaks_of_the_review() {
        for text in [
            "I reviewed all files and found no issues.",
            "# Security Review\n\nNo findings.\n",
            "Looks good to me. LGTM.",
            "No vulnerabilities.",
            "The review went through without any problem, and without findings.",
            "没有发现问题。",
            "",
        ] {
            assert_eq!(of_the_code(text), None, "{text}");
        }
        for (text, of_the_code) in [
            (
                "No issues. The password is compared without constant time.",
                "The password is compared without constant time.",
            ),
            ("The request is sent without a timeout.", "The request is sent without a timeout."),
            ("I checked f, which compares without a salt", "I checked f, which compares without a salt"),
            ("All inputs are validated.\nNo issues.", "All inputs are validated."),
        ] {
            assert_eq!(super::of_the_code(text), Some(of_the_code));
        }
    }
}
