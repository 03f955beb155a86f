//! The word lists of `data/`, read once. They are data so that a new language
//! or reviewer needs a line in a table and no change of code.
//!
//! A table is lines of tab-separated columns; `#` begins a comment line.

mod denials;
mod keys;
mod levels;
mod phrases;

use crate::quick::{HashMap, HashSet};
pub(crate) use denials::DENIALS;
pub(crate) use keys::KEYS;
pub(crate) use levels::SEVERITY;
pub(crate) use phrases::PHRASES;
use std::sync::LazyLock;

use crate::model::Status;

/// Words that count, and what: "two", "zweitens".
pub(crate) static ORDINALS: LazyLock<HashMap<&str, usize>> = LazyLock::new(|| {
    include_str!("../data/ordinals.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split_whitespace().zip(1..))
        .collect()
});

pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("# "))
        .map(|line| line.split('\t').collect())
}

/// What a field of a finding says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Label {
    Severity,
    Location,
    Line,
    Problem,
    Impact,
    Fix,
    Category,
    Confidence,
    Title,
    Also,
    Id,
    Reviewer,
    Status,
    /// A field that is known to belong to findings, and is only kept.
    Other,
}

pub(crate) static LABELS: LazyLock<HashMap<&'static str, Label>> = LazyLock::new(|| {
    rows(include_str!("../data/labels.tsv"))
        .filter_map(|row| {
            let [kind, word] = row[..] else { return None };
            let label = match kind {
                "severity" => Label::Severity,
                "location" => Label::Location,
                "line" => Label::Line,
                "problem" => Label::Problem,
                "impact" => Label::Impact,
                "fix" => Label::Fix,
                "category" => Label::Category,
                "confidence" => Label::Confidence,
                "title" => Label::Title,
                "also" => Label::Also,
                "id" => Label::Id,
                "reviewer" => Label::Reviewer,
                "status" => Label::Status,
                _ => Label::Other,
            };
            Some((word, label))
        })
        .collect()
});

/// What became of a finding, by the words for it.
pub(crate) static STATUSES: LazyLock<HashMap<&'static str, Status>> = LazyLock::new(|| {
    let table = include_str!("../data/status.tsv");
    let words = |kind: &str, status: Status| {
        let phrases: Vec<&str> = list(table, kind).into_iter().flat_map(|row| row.split(';')).collect();
        phrases.into_iter().map(move |phrase| (phrase, status))
    };
    words("open", Status::Open)
        .chain(words("resolved", Status::Resolved))
        .chain(words("wont-fix", Status::WontFix))
        .chain(words("false-positive", Status::FalsePositive))
        .collect()
});

/// What a section of a report is, by its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// Holds findings.
    Finding,
    /// Says what is good.
    Positive,
    /// Says again what stands elsewhere: summaries, action items.
    Repeat,
    /// Scope, method, context.
    Context,
    /// What a reviewer was told, not what a reviewer found.
    Prompt,
    /// A subject (security, performance): holds whatever its parent holds.
    Subject,
}

/// Section titles by the first word of a phrase, so that a title is compared with
/// few of them; phrases of scripts without spaces are tried always.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    by_word: HashMap<&'static str, Vec<SectionPhrase>>,
    /// Those that no word begins, and …
    signs: Vec<SectionPhrase>,
    /// … those that no title of plain letters holds.
    others: Vec<SectionPhrase>,
}

/// How a phrase must stand in a title: `=` whole, `^` at the start, `$` at the end, `~` anywhere.
pub(crate) type SectionPhrase = (Class, char, &'static str);

/// The first word as [`Sections::candidates`] cuts words.
fn first_word(phrase: &str) -> &str {
    phrase.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty()).unwrap_or_default()
}

impl Sections {
    /// The phrases that may stand in a title in lower case.
    pub(crate) fn candidates<'a>(&'a self, title: &'a str) -> impl Iterator<Item = &'a SectionPhrase> {
        let words = title.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        let others: &[SectionPhrase] = if title.is_ascii() { &[] } else { &self.others };
        words.filter_map(|word| self.by_word.get(word)).flatten().chain(&self.signs).chain(others)
    }
}

pub(crate) static SECTIONS: LazyLock<Sections> = LazyLock::new(|| {
    let mut sections = Sections::default();
    for entry in section_rows() {
        let word = first_word(entry.2);
        if !entry.2.is_ascii() && (word.is_empty() || !word.is_ascii()) {
            sections.others.push(entry);
        } else if word.is_empty() {
            sections.signs.push(entry);
        } else {
            sections.by_word.entry(word).or_default().push(entry);
        }
    }
    sections
});

fn section_rows() -> Vec<SectionPhrase> {
    rows(include_str!("../data/sections.tsv"))
        .filter_map(|row| {
            let [kind, how, phrase] = row[..] else {
                return None;
            };
            let class = match kind {
                "finding" => Class::Finding,
                "positive" => Class::Positive,
                "repeat" => Class::Repeat,
                "context" => Class::Context,
                "prompt" => Class::Prompt,
                "subject" => Class::Subject,
                _ => return None,
            };
            Some((class, how.chars().next()?, phrase))
        })
        .collect()
}

pub(crate) fn list(table: &'static str, kind: &str) -> Vec<&'static str> {
    rows(table)
        .filter_map(|row| match row[..] {
            [k, phrase] if k == kind => Some(phrase),
            _ => None,
        })
        .collect()
}

/// The words of all rows of a kind, between blanks.
pub(crate) fn list_of_words(table: &'static str, kind: &str) -> Vec<&'static str> {
    list(table, kind).into_iter().flat_map(str::split_whitespace).collect()
}

/// The phrases of all rows of a kind, between semicolons.
pub(crate) fn list_of_phrases(table: &'static str, kind: &str) -> Vec<&'static str> {
    list(table, kind).into_iter().flat_map(|row| row.split(';')).collect()
}

/// File name endings, known names without one, and products that look like files.
#[derive(Debug)]
pub(crate) struct Paths {
    pub(crate) extensions: HashSet<&'static str>,
    /// Endings that are also words of code (`c`, `env`, `map`): need a slash, a line or quotes.
    pub(crate) weak: HashSet<&'static str>,
    pub(crate) names: HashSet<&'static str>,
    pub(crate) products: HashSet<&'static str>,
    /// "lines", "Zeile": before a line number, the longest first.
    pub(crate) line_words: Vec<&'static str>,
    /// The same in lower case.
    pub(crate) lower_line_words: Vec<String>,
    pub(crate) and_words: Vec<&'static str>,
    pub(crate) about_words: Vec<&'static str>,
    pub(crate) same_file: Vec<&'static str>,
    /// Words before a colon and a number that name no file: `line:12`.
    pub(crate) no_names: HashSet<&'static str>,
}

pub(crate) static PATHS: LazyLock<Paths> = LazyLock::new(|| {
    let table = include_str!("../data/paths.tsv");
    let words = |kind: &str| list(table, kind).into_iter().flat_map(str::split_whitespace);
    let set = |kind: &str| words(kind).collect();
    let mut line_words: Vec<&'static str> = words("line-word").collect();
    line_words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    Paths {
        extensions: set("ext"),
        weak: set("weak"),
        names: set("name"),
        products: set("product"),
        no_names: set("no-name"),
        lower_line_words: line_words.iter().map(|word| word.to_lowercase()).collect(),
        line_words,
        and_words: words("and-word").collect(),
        about_words: words("about-word").collect(),
        same_file: list_of_phrases(table, "same-file"),
    }
});

/// Words of prose: those that say nothing, and stems that mean the same.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) stop: HashSet<&'static str>,
    pub(crate) same: HashMap<&'static str, &'static str>,
}

pub(crate) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let table = include_str!("../data/words.tsv");
    Words {
        stop: list(table, "stop").into_iter().flat_map(str::split_whitespace).collect(),
        same: list(table, "same").into_iter().filter_map(|row| row.split_once(' ')).collect(),
    }
});

/// Roots that are compared as another root: the first of their group.
pub(crate) static SYNONYMS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let root = |word: &str| crate::stem::bare_root(crate::stem::stem(word)).to_string();
    let mut map = HashMap::default();
    for group in rows(include_str!("../data/synonyms.tsv")) {
        let mut words = group.join(" ");
        words.make_ascii_lowercase();
        let mut roots = words.split_whitespace().map(root);
        let Some(first) = roots.next() else { continue };
        for other in roots {
            map.entry(other).or_insert_with(|| first.clone());
        }
    }
    map
});

/// Classes of concern, each with the word stems that name it; two findings of
/// different classes at one place are rarely the same.
pub(crate) static CONCERNS: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
    let mut map = HashMap::default();
    let mut bit = 0;
    for row in rows(include_str!("../data/concerns.tsv")) {
        let [_, words] = row[..] else { continue };
        for word in words.split_whitespace() {
            *map.entry(word).or_insert(0) |= 1 << bit;
        }
        bit += 1;
    }
    map
});

/// Classes of impact (`merge.md` §5), worst first: points and word stems.
pub(crate) static IMPACTS: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let mut map = HashMap::default();
    for row in rows(include_str!("../data/impacts.tsv")) {
        let [points, words] = row[..] else { continue };
        let points = points.parse().unwrap_or(0);
        for word in words.split_whitespace() {
            map.entry(word).or_insert(points);
        }
    }
    map
});

/// Kinds of reviewer and the words that tell them.
pub(crate) static KINDS: LazyLock<Vec<(&'static str, Vec<&'static str>)>> = LazyLock::new(|| {
    rows(include_str!("../data/kinds.tsv"))
        .filter_map(|row| match row[..] {
            [kind, words] => Some((kind, words.split_whitespace().collect())),
            _ => None,
        })
        .collect()
});
