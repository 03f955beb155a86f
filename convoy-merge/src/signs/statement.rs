//! Does a text say that nothing was found? A sentence does if it denies a noun of
//! findings, without a limit ("no *critical* issues") and without a "but". The
//! words are in `data/clean.tsv`.

use super::accounted::{self, Setting, accounts};
use super::claims;
use crate::phrases::find_phrase;
use crate::severity;
use crate::syntax::fields::Field;
pub(crate) use crate::syntax::prose::sentences;
use crate::vocabulary::{DENIALS, Label, PHRASES};
use findings::Severity;

/// Is this whole text a statement that there is nothing?
pub(crate) fn says_none(text: &str) -> bool {
    // "No `use warnings`" names code; "`none`" is an answer.
    let spoken = accounted::without_code(text);
    let named = text.contains('`') && spoken.contains(char::is_alphabetic);
    let text = if named { spoken.as_str() } else { text };
    let lower = unquoted(text).to_lowercase().replace(['*', '_', '`', '>'], "");
    let lower = lower.trim().trim_start_matches(['-', '•', '✅', '✓', '☑', '(', ' ', '\u{fe0f}']).trim();
    let first =
        lower.split(['.', '\n', ';', '。', '!']).next().unwrap_or(lower).trim_matches(['(', ')', ' ']);
    // "0. Title" is a number, "0" says how many.
    let counts = first.chars().all(|c| c.is_ascii_digit()) && first.len() < lower.len();
    PHRASES.none.contains(&first) && !counts
        || PHRASES.none.contains(&lower.trim_end_matches('.'))
        || first.len() < 120 && !contrasts(first) && denies(first, Limits::Allowed)
}

/// The same for a whole section: "no critical issues" says nothing of the others.
pub(crate) fn says_nothing(text: &str) -> bool {
    let lower = text.to_lowercase();
    let first = lower.split(['.', '\n', '。', '!']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    says_none(text) && !limited(first) && !contrasts(first)
}

fn limited(sentence: &str) -> bool {
    DENIALS.limits.iter().any(|word| find_phrase(sentence, word).is_some())
        || sentence.split_whitespace().filter_map(pieces).any(|(word, _)| limits_to(word))
}

/// Does somebody say what was reviewed: "I read the whole change"?
pub(crate) fn tells_of_review(text: &str) -> bool {
    claims::tells_of_review(&text.to_lowercase())
}

/// Is it a noun of findings: "Issues", "Notes"?
pub(crate) fn names_findings(text: &str) -> bool {
    text.split_whitespace()
        .filter_map(pieces)
        .any(|(word, _)| DENIALS.nouns.contains(word) || DENIALS.weak_nouns.contains(word))
}

/// Is a denial with this word one of some findings only: of the serious ones, of the high ones?
pub(crate) fn limits(word: &str) -> bool {
    limits_to(word)
}

pub(super) fn limits_to(word: &str) -> bool {
    let noun = DENIALS.nouns.contains(word) || DENIALS.weak_nouns.contains(word);
    // Verbs that rate a demand; and "no non-blocking issues either", of what is left.
    let other =
        matches!(word, "must" | "should" | "could" | "would" | "can" | "may") || word.starts_with("non");
    DENIALS.limits.contains(word) || !noun && !other && severity::exact(word).is_some()
}

/// What a sentence of a report without findings says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// That nothing was found, without a limit.
    Nothing,
    /// The same of a part that a label names: "Spelling: no findings".
    NothingInPart,
    /// That something is wrong, or that nothing of one kind was found.
    Fault,
    Neutral,
}

/// The longest name of a level, in words: "✅ Nice to have".
const LEVEL: usize = 5;
/// A longer sentence, in bytes, is not taken apart and counts as not understood.
const LONGEST: usize = 4000;

/// Reads one sentence. Words in quotation marks are quoted, not said.
pub(crate) fn says(sentence: &str) -> Says {
    says_in(sentence, Setting::default())
}

/// Reads one sentence where it stands. What is not understood is a fault.
pub(crate) fn says_in(sentence: &str, setting: Setting) -> Says {
    // What is struck out was taken back.
    if sentence.len() > LONGEST || sentence.contains("~~") {
        return Says::Fault;
    }
    let lower = unquoted(sentence)
        .to_lowercase()
        .replace('’', "'")
        .replace("ましたが、", "ました、")
        .replace(['*', '_'], " ");
    let bullet =
        |text: &str| ["- ", "+ ", "> ", "• "].iter().find_map(|mark| text.strip_prefix(mark).map(str::len));
    let mut plain = lower.trim().trim_start_matches('#').trim_start();
    while let Some(rest) = bullet(plain) {
        plain = plain[plain.len() - rest..].trim_start();
    }
    let number = plain.find(|c: char| !c.is_ascii_digit()).unwrap_or_default();
    let plain = plain[number..].strip_prefix(['.', ')']).filter(|_| number > 0).unwrap_or(plain).trim();
    let ticked = PHRASES.tick.iter().chain(&["[x]"]).any(|mark| plain.starts_with(mark));
    let setting = Setting {
        listed: setting.listed || ticked,
        praise: setting.praise
            || PHRASES.praise_first.iter().any(|word| word.ends_with(':') && plain.starts_with(word)),
        ..setting
    };
    if denies_all_levels(plain) {
        return Says::Nothing;
    }
    if !accounts(plain, setting) {
        return Says::Fault;
    }
    let clauses = accounted::clauses(plain);
    let mut nothing = clauses.iter().any(accounted::approves) || accounted::counts_none(&clauses);
    let mut part = false;
    for (at, clause) in clauses.iter().enumerate() {
        // Code in a sentence is quoted; a clause that is nothing else is said.
        let said = &if clause.text.trim_matches('`').contains('`') {
            accounted::without_code(clause.text)
        } else if clause.text.starts_with('`') && clause.text.ends_with('`') {
            clause.text.replace('`', " ").trim().to_string()
        } else {
            accounted::without_code(clause.text)
        };
        let phrase = || says_clean_phrase(said) && !limited(said);
        let sought = clauses[..at].iter().any(accounted::seeks);
        if denies(said, Limits::Refused) || phrase() || accounted::denies(clause, sought) {
            let next = clauses.get(at + 1).map_or("", |next| next.text);
            let begins = next
                .split(' ')
                .next()
                .is_some_and(|word| DENIALS.within.contains(word) && !DENIALS.none.contains(word));
            let whole = if begins { format!("{said} {next}") } else { said.clone() };
            if part_only(&whole) || accounted::limits_denial(&whole) {
                return Says::Fault;
            }
            if accounted::of_part(&clauses, at) {
                part = true;
            } else {
                nothing = true;
            }
        }
    }
    if nothing || states_clean(plain) || none_by_label(plain) {
        return if read_a_part(plain) { Says::Fault } else { Says::Nothing };
    }
    if part { Says::NothingInPart } else { Says::Neutral }
}

/// "No critical, high, medium or low findings": the whole scale is no limit.
fn denies_all_levels(plain: &str) -> bool {
    let words: Vec<&str> = plain.split_whitespace().filter_map(pieces).map(|(word, _)| word).collect();
    let Some((first, rest)) = words.split_first() else { return false };
    let level = |word: &str| severity::exact(word).map(|(level, _)| level);
    let noun = |word: &str| DENIALS.nouns.contains(word) || DENIALS.weak_nouns.contains(word);
    let joins = |word: &str| matches!(word, "and" | "or" | "nor" | "severity" | "no" | "were" | "found");
    let levels: Vec<Severity> = rest.iter().filter_map(|word| level(word)).collect();
    DENIALS.none.contains(first)
        && levels.contains(&Severity::Low)
        && levels.contains(&Severity::Medium)
        && levels.contains(&Severity::High)
        && rest.iter().any(|word| noun(word))
        && rest.iter().all(|word| level(word).is_some() || noun(word) || joins(word))
}

/// Does a clause deny findings or faults, of whatever kind?
pub(super) fn denies_findings(clause: &str) -> bool {
    denies(clause, Limits::Allowed) || says_clean_phrase(clause) || says_none(clause)
}

/// Does it hold a phrase like "all clear", and nothing that turns it?
fn says_clean_phrase(clause: &str) -> bool {
    let turns = |(word, _): (&str, bool)| {
        DENIALS.turns.contains(word) || DENIALS.none.contains(word) || word.ends_with("n't")
    };
    PHRASES.clean.find(clause).any(|(_, at)| !clause[..at].split_whitespace().filter_map(pieces).any(turns))
}

/// Is it written in a script without spaces between words?
pub(crate) fn is_wide(text: &str) -> bool {
    text.chars().any(|c| c >= '\u{2e80}' && c.is_alphabetic())
}

/// Does a sentence assure that something is well?
fn is_assured(lower: &str) -> bool {
    let words = lower.split_whitespace().filter_map(pieces).any(|(word, _)| DENIALS.assured.contains(word));
    words || PHRASES.praise.any(lower) || DENIALS.cjk_assured.iter().any(|part| lower.contains(part))
}

pub(crate) fn unquoted(sentence: &str) -> String {
    let mut out = String::new();
    for (n, piece) in sentence.split(['"', '“', '”', '„', '«', '»', '‘']).enumerate() {
        out.push_str(if n % 2 == 0 { piece } else { " … " });
    }
    // An apostrophe stands in or behind a word, a quotation mark before one.
    while let Some(open) = out.find(" '") {
        let Some(close) = out[open + 2..].find('\'').map(|n| open + 2 + n) else { break };
        out.replace_range(open..=close, " … ");
    }
    out
}

/// `Findings: none`.
fn none_by_label(lower: &str) -> bool {
    lower.lines().filter_map(|line| line.split_once([':', '：'])).any(|(label, value)| {
        let noun =
            label.split_whitespace().rev().find_map(pieces).is_some_and(|(w, _)| DENIALS.nouns.contains(w));
        (noun || DENIALS.cjk_nouns.iter().any(|n| label.ends_with(n))) && says_none(value)
    })
}

/// Does prose say that nothing was found, without a "but"?
pub(crate) fn says_clean(text: &str) -> bool {
    sentences(text).any(|range| says(&text[range]) == Says::Nothing)
}

/// "No issues in the API layer": said of a part, where "in the changed files" is the whole.
fn part_only(lower: &str) -> bool {
    let words: Vec<&str> = lower.split_whitespace().filter_map(pieces).map(|(word, _)| word).collect();
    let Some(noun) = words.iter().position(|w| DENIALS.nouns.contains(w) || DENIALS.weak_nouns.contains(w))
    else {
        return DENIALS.cjk_parts.iter().any(|part| lower.contains(part));
    };
    let after = &words[noun + 1..];
    after.iter().enumerate().filter(|(_, word)| DENIALS.within.contains(*word)).any(|(at, _)| {
        !after[at + 1..].iter().take(8).any(|word| DENIALS.whole.contains(word)) && at + 1 < after.len()
    })
}

/// Does a sentence say that something is wrong? A fault that is denied or looked for is
/// none; a denial of anything else is one ("is never released", "without a lock").
pub(super) fn is_fault(lower: &str, assured: bool) -> bool {
    let table = &*DENIALS;
    if is_wide(lower) {
        return table.cjk_faults.iter().any(|part| lower.contains(part)) && !assured
            || table.cjk_contrasts.iter().any(|part| lower.contains(part));
    }
    let words: Vec<&str> = lower.split_whitespace().filter_map(pieces).map(|(word, _)| word).collect();
    if table.demands.any(lower) {
        return true;
    }
    let sought = words.iter().position(|word| table.seeks.contains(word)).unwrap_or(words.len());
    let denial = |word: &str| table.none.contains(word) || table.not.contains(word) || word.ends_with("n't");
    let noun = |word: &str| table.nouns.contains(word) || table.weak_nouns.contains(word);
    let strong = |word: &str| table.fault_words.contains(word);
    let phrase = tells_fault(lower) && sought == words.len();
    let bare = (0..sought).any(|at| {
        let before = &words[at.saturating_sub(7)..at];
        (strong(words[at]) || noun(words[at]) && !assured) && !before.iter().any(|word| denial(word))
    });
    let denied = (0..sought).any(|at| {
        // Slavic word order: "remarks, none".
        if at > 0 && noun(words[at - 1]) {
            return false;
        }
        let after = &words[at + 1..words.len().min(at + 8)];
        let counts = matches!(words[at], "none" | "zero" | "0" | "nothing");
        let fine = |word: &&str| strong(word) || noun(word) || table.fine.contains(word);
        let verb = table.not.contains(words[at]) || words[at].ends_with("n't");
        denial(words[at]) && !counts && !after.iter().any(fine) && (verb || !assured)
    });
    phrase && !assured || bare || denied
}

/// Does a sentence say that something is wrong, in whatever else it says?
pub(crate) fn blames(sentence: &str) -> bool {
    let lower = accounted::without_code(&unquoted(sentence)).to_lowercase();
    is_fault(&lower, false) && !denies(&lower, Limits::Allowed)
}

/// Is a text nothing but a word of praise: "good", "very nice"?
pub(crate) fn praises(text: &str) -> bool {
    accounted::praises(&text.trim().to_lowercase())
}

/// Does it hold a phrase that tells of a fault or a wish?
pub(super) fn tells_fault(lower: &str) -> bool {
    DENIALS.faults.any(lower)
}

/// `Status: clean`.
fn states_clean(lower: &str) -> bool {
    lower.lines().filter_map(|line| line.split_once(':')).any(|(label, value)| {
        let label = label.trim_matches(|c: char| !c.is_alphanumeric());
        let value = value.trim_matches(|c: char| !c.is_alphanumeric());
        DENIALS.states.contains(label) && DENIALS.clean_values.contains(value)
    })
}

/// Does a verdict ask for changes: `Verdict: request changes`, `REVIEW_RESULT: CHANGES_REQUESTED`,
/// or a line that is nothing but one (`Changes requested.`)?
pub(crate) fn refuses(line: &str) -> bool {
    let bare = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let lower = line.to_lowercase().replace(['*', '`', '#', '|', '_'], " ");
    // "No" alone is an answer, and `critical` a heading.
    let short = |word: &str| word.len() <= 5;
    let Some((label, value)) = lower.split_once([':', '：']) else {
        let line = bare(&lower);
        return line != "critical" && DENIALS.refusals.iter().any(|word| !short(word) && line == *word);
    };
    let (label, value) = (bare(label), bare(value));
    label.len() <= 40
        && DENIALS.verdicts.any(&label)
        && DENIALS.refusals.iter().any(|word| {
            // "No" is one, "no issues" is none.
            value == *word
                || !short(word)
                    && value.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
}

/// Does a text tell that the review itself went wrong? Then "nothing found" proves nothing.
pub(crate) fn failed(text: &str) -> bool {
    let lower = text.to_lowercase();
    DENIALS.failures.any(&lower)
}

/// "Only 3 of the 41 changed files", `3/12 files`: less was read than there was.
pub(crate) fn read_a_part(sentence: &str) -> bool {
    let lower = sentence.to_lowercase().replace(['*', '`'], " ");
    let unit = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric()).any(|w| DENIALS.read_units.contains(w))
            || DENIALS.cjk_units.iter().any(|u| text.contains(u))
    };
    if !unit(&lower) {
        return false;
    }
    // "(first 100 lines)"
    let list: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let few = |w: &[&str]| {
        matches!(
            w[0],
            "first" | "last" | "top" | "erste" | "ersten" | "primeras" | "premières" | "primeiras" | "prime"
        ) && w[1].bytes().all(|byte| byte.is_ascii_digit())
            && DENIALS.read_units.contains(w[2])
    };
    if list.windows(3).any(few) {
        return true;
    }
    let numbers: Vec<(usize, usize, u64)> = {
        let mut list = Vec::new();
        let mut at = 0;
        while let Some(n) = lower[at..].find(|c: char| c.is_ascii_digit()) {
            let start = at + n;
            let end = lower[start..].find(|c: char| !c.is_ascii_digit()).map_or(lower.len(), |n| start + n);
            list.extend(lower[start..end].parse().ok().map(|value| (start, end, value)));
            at = end;
        }
        list
    };
    numbers.windows(2).any(|pair| {
        let between = lower[pair[0].1..pair[1].0].trim();
        let words: Vec<&str> = between.split_whitespace().collect();
        let of = between == "/" || words.len() <= 4 && words.iter().any(|w| DENIALS.of.contains(w));
        // Chinese and Japanese name the whole first.
        let counted = |text: &str| DENIALS.cjk_units.iter().any(|u| text.trim_start().starts_with(u));
        let total = counted(between) && counted(&lower[pair[1].1..]) && between.chars().count() <= 12;
        // `[2/7]` numbers a step.
        let of = of && !lower[..pair[0].0].ends_with('[');
        of && pair[0].2 < pair[1].2 || total && pair[1].2 < pair[0].2
    }) || DENIALS.cjk_only.iter().any(|only| lower.contains(only)) && !numbers.is_empty()
}

/// Does the reviewer take a finding back? Only a whole statement does: a field, a tag, a
/// last sentence that stands by itself. A phrase in the middle of a text that goes on does not.
pub(crate) fn withdrawn(fields: &[Field], body: &str) -> bool {
    let plain = severity::plain(body).to_lowercase();
    let told = |text: &str| PHRASES.withdrawn.any(text);
    let by_field = fields.iter().any(|f| {
        f.label == Label::Status
            && told(&format!("status: {}", severity::plain(&body[f.value.clone()]).trim().to_lowercase()))
    });
    if by_field || !PHRASES.withdrawn.mentioned(&plain) {
        return by_field;
    }
    let said: Vec<&str> =
        sentences(&plain).map(|range| plain[range].trim()).filter(|s| !s.is_empty()).collect();
    said.iter().enumerate().any(|(at, sentence)| {
        let tagged = sentence.contains(['(', '['])
            && sentence.len() < 200
            && PHRASES.withdrawn.iter().any(|p| p.starts_with(['(', '[']) && sentence.contains(p));
        tagged
            || told(sentence)
                && !contrasts(sentence)
                && !said[at + 1..]
                    .iter()
                    .take(3)
                    .any(|next| contrasts(next) || is_fault(next, is_assured(next)))
    })
}

/// Counts by severity, as tables and lists state them: `| Critical | 0 |`, `- High: 2`.
/// `Some(true)`: there are such counts and all are zero.
pub(crate) fn counts_are_zero(text: &str) -> Option<bool> {
    let mut seen = 0;
    let mut sum = 0u64;
    for line in text.lines().filter(|line| line.len() < 200) {
        let plain = severity::plain(line);
        if none_of_levels(&plain) {
            seen += 1;
            continue;
        }
        for (level, number) in plain.split([',', ';', '.', '·', '|', '/']).filter_map(level_and_number) {
            if severity::exact(level).is_some() {
                seen += 1;
                sum += number;
            }
        }
        let parts: Vec<&str> = plain
            .split(['|', ':'])
            .map(|part| part.trim().trim_start_matches(['-', '+', ' ']))
            .filter(|p| !p.is_empty())
            .collect();
        let [name, number, ..] = parts[..] else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        let rated = severity::exact(name).is_some()
            || severity::of_section(name).is_some_and(|_| name.split_whitespace().count() <= 3);
        if rated && parts.len() <= 3 {
            seen += 1;
            sum += number;
        }
    }
    (seen >= 2).then_some(sum == 0)
}

/// "Must fix: none", "| Critical | none |": levels of which there is none, and nothing else.
pub(super) fn none_of_levels(text: &str) -> bool {
    let none = |line: &str| {
        let line = line.trim().trim_matches('|');
        line.split_once([':', '：', '|']).is_some_and(|(level, value)| {
            level.split_whitespace().count() <= LEVEL
                && severity::of_section(level).is_some()
                && PHRASES.none.contains(&value.to_lowercase().trim_matches(|c: char| !c.is_alphanumeric()))
        })
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    lines.peek().is_some() && lines.all(none)
}

/// `major 0`, `0 minor`
fn level_and_number(piece: &str) -> Option<(&str, u64)> {
    let (first, second) = piece.trim().split_once(' ')?;
    let number = |text: &str| text.parse::<u64>().ok();
    number(second).map(|number| (first, number)).or_else(|| number(first).map(|number| (second, number)))
}

/// Are limits like "no *critical* issues" a denial? They are below the heading
/// they belong to, not for a whole report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Limits {
    Allowed,
    Refused,
}

fn contrasts(sentence: &str) -> bool {
    DENIALS.contrasts.any(sentence)
}

/// Does a sentence in lower case deny that there are findings?
fn denies(sentence: &str, limits: Limits) -> bool {
    if sentence.is_empty() {
        return false;
    }
    if is_wide(sentence) {
        return denies_without_spaces(sentence, limits);
    }
    let words: Vec<(&str, bool)> = sentence.split_whitespace().filter_map(pieces).collect();
    let table = &*DENIALS;
    (0..words.len()).any(|at| {
        let word = words[at].0;
        // "I cannot say that there are no issues" denies nothing.
        let turned = words[..at].iter().any(|(w, _)| table.turns.contains(w) || w.ends_with("n't"));
        let direct = table.none.contains(word) && !turned;
        let verb = table.not.contains(word) || word.ends_with("n't");
        let ahead = || words[at + 1..].iter().take(5).map(|(word, _)| *word);
        if table.nothing.contains(word)
            && !turned
            && ahead().any(|w| table.needs.contains(w))
            && ahead().any(|w| table.undone.contains(w))
            && (limits == Limits::Allowed || !ahead().any(limits_to))
        {
            return true;
        }
        if !direct && !verb {
            return false;
        }
        let after = words.iter().enumerate().skip(at + 1).take(8);
        let noun = after.map(|(n, word)| (n, *word)).find(|(n, (w, ends))| {
            let next = words.get(n + 1);
            let ends = *ends || next.is_none();
            table.nouns.contains(w) && (ends || next.is_some_and(|(next, _)| table.after.contains(next)))
                || table.weak_nouns.contains(w) && (ends || next.is_some_and(|next| finds(&[*next])))
        });
        // Slavic word order: "problems not found".
        let noun_at = |n: usize| table.nouns.contains(words[n].0) || table.weak_nouns.contains(words[n].0);
        let before = verb && at > 0 && noun_at(at - 1);
        let eased = |(n, _): &(usize, (&str, bool))| {
            words.get(n + 1).is_some_and(|(next, _)| claims::eased(words[*n].0, next))
        };
        let noun = noun.filter(|noun| !eased(noun));
        let Some((noun, _)) = noun else { return before && finds(&words[at + 1..]) };
        let between = &words[at + 1..noun];
        // Romance languages name the kind behind it: "sin problemas graves".
        let behind = words.get(noun + 1).is_some_and(|(word, _)| !words[noun].1 && limits_to(word));
        let limited = behind || words[..noun].iter().any(|(w, _)| limits_to(w));
        (direct || finds(between))
            && (limits == Limits::Allowed || !limited)
            && !between.iter().any(|(w, _)| table.prepositions.contains(w))
    })
}

fn finds(words: &[(&str, bool)]) -> bool {
    words.iter().any(|(word, _)| DENIALS.finds.iter().any(|stem| word.starts_with(stem)))
}

/// A word, and whether a comma or bracket ends it.
fn pieces(word: &str) -> Option<(&str, bool)> {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    (!bare.is_empty()).then(|| (bare, word.ends_with([',', ')', ':', ']'])))
}

/// Scripts without spaces: a denial beside a noun, in either order.
fn denies_without_spaces(sentence: &str, limits: Limits) -> bool {
    let table = &*DENIALS;
    let near = |from: usize, to: usize| sentence.get(from..to).is_some_and(|gap| gap.chars().count() <= 6);
    let beside = table.cjk_nouns.iter().any(|noun| {
        sentence.match_indices(noun).any(|(at, _)| {
            table.cjk_none.iter().any(|none| {
                sentence
                    .match_indices(none)
                    .any(|(n, _)| near(n + none.len(), at) || near(at + noun.len(), n))
            })
        })
    });
    beside
        && !table.cjk_contrasts.iter().any(|part| sentence.contains(part))
        && sentence.chars().count() <= 60
        && !sentence.contains([':', '：'])
        && (limits == Limits::Allowed || !table.cjk_limits.iter().any(|part| sentence.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_that_nothing_was_found() {
        for text in [
            "I did not find any bugs, security problems or other defects.",
            "No performance regressions were introduced by this change.",
            "There are no issues with this change.",
            "I couldn't identify any violations in the templates.",
            "Nothing to fix here.",
            "Status: clean",
            "Es wurden keine Probleme gefunden.",
            "Rien à signaler.",
            "No se encontraron problemas.",
            "Nessun problema trovato.",
            "Geen problemen gevonden.",
            "Nie znaleziono żadnych problemów.",
            "Não encontrei problemas nesta alteração.",
            "В ходе проверки ошибок не найдено.",
            "문제를 찾지 못했습니다.",
            "Проблем не обнаружено.",
            "指摘事項はありません。",
            "没有发现任何安全漏洞。",
            "발견된 문제가 없습니다.",
        ] {
            assert!(says_clean(text), "{text}");
        }
    }

    #[test]
    fn what_does_not() {
        for text in [
            "No critical issues were found.",
            "No other issues.",
            "No issues in the first file, but I stopped there.",
            "No performance problem can be excluded without a profile.",
            "No error handling in the parser.",
            "If no issues are found, write so.",
            "There is no validation of errors.",
            "The issues are not fixed.",
            "There are no comments explaining the issues in the parser.",
            "I found no tests.",
            "No major problems, just a few minor ones.",
            "严重问题没有修复。",
        ] {
            assert!(!says_clean(text), "{text}");
        }
    }

    #[test]
    fn counts() {
        assert_eq!(counts_are_zero("| Critical | 0 |\n| High | 0 |"), Some(true));
        assert_eq!(counts_are_zero("- Critical: 0\n- High: 2"), Some(false));
        assert_eq!(counts_are_zero("Critical: the lock"), None);
    }
}
