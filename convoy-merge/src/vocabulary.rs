//! The word lists of `data/`, read once. They are data so that a new language
//! or reviewer needs a line in a table and no change of code.
//!
//! A table is lines of tab-separated columns; `#` begins a comment line.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::model::Status;
use crate::phrases::PhraseTable;
use findings::Severity;

pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("# "))
        .map(|line| line.split('\t').collect())
}

/// Words for severities, by how they may stand.
#[derive(Debug, Default)]
pub(crate) struct SeverityWords {
    pub(crate) words: HashMap<&'static str, Severity>,
    pub(crate) nouns: HashMap<&'static str, Severity>,
    /// Phrases that rate, the longest first, and what each says.
    pub(crate) phrases: PhraseTable,
    pub(crate) phrase_levels: Vec<Severity>,
    pub(crate) marks: Vec<(&'static str, Severity)>,
    /// What may stand beside a severity in a section's title: "issues", "priority".
    pub(crate) beside: HashSet<&'static str>,
    /// What may stand beside a severity in a tag.
    pub(crate) filler: HashSet<&'static str>,
    /// Tokens that rate, but also open remarks in texts of every kind: "Note".
    pub(crate) weak: HashSet<&'static str>,
    /// Words of a legend that tell how bad a mark is: "outage", "polish".
    pub(crate) meanings: HashMap<&'static str, Severity>,
}

pub(crate) static SEVERITY: LazyLock<SeverityWords> = LazyLock::new(|| {
    let mut words = SeverityWords::default();
    let mut phrases: Vec<(&'static str, Severity)> = Vec::new();
    for row in rows(include_str!("../data/severity.tsv")) {
        let [level, kind, token] = row[..] else {
            continue;
        };
        match kind {
            "beside" => {
                words.beside.insert(token);
            }
            "filler" => {
                words.filler.insert(token);
            }
            "weak" => {
                words.weak.insert(token);
            }
            _ => {}
        }
        let Some(level) = Severity::from_name(level) else {
            continue;
        };
        match kind {
            "word" => {
                words.words.insert(token, level);
            }
            "noun" => {
                words.nouns.insert(token, level);
            }
            "meaning" => {
                words.meanings.insert(token, level);
            }
            "mark" => words.marks.push((token, level)),
            _ => phrases.push((token, level)),
        }
    }
    // The longest first, so that `⚠️` is not read as `⚠` and a rest.
    phrases.sort_by_key(|(token, _)| std::cmp::Reverse(token.len()));
    words.phrase_levels = phrases.iter().map(|(_, level)| *level).collect();
    words.phrases = phrases.into_iter().map(|(token, _)| token).collect();
    words.marks.sort_by_key(|(token, _)| std::cmp::Reverse(token.len()));
    words
});

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
    always: Vec<SectionPhrase>,
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
        words.filter_map(|word| self.by_word.get(word)).flatten().chain(&self.always)
    }
}

pub(crate) static SECTIONS: LazyLock<Sections> = LazyLock::new(|| {
    let mut sections = Sections::default();
    for entry in section_rows() {
        let word = first_word(entry.2);
        if word.is_empty() || !word.is_ascii() {
            sections.always.push(entry);
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

/// Phrases of prose that decide something.
#[derive(Debug)]
pub(crate) struct Phrases {
    /// "nothing was found", as a whole statement.
    pub(crate) none: Vec<&'static str>,
    /// "no issues found" somewhere in a sentence.
    pub(crate) clean: PhraseTable,
    /// A title that praises.
    pub(crate) praise: PhraseTable,
    /// The reviewer takes it back.
    pub(crate) withdrawn: PhraseTable,
    /// Text of a prompt.
    pub(crate) prompt: PhraseTable,
    /// Words that number a finding: "Issue 3".
    pub(crate) numbered: Vec<&'static str>,
    /// Kinds of comments, that bots put where a title stands.
    pub(crate) kind_title: Vec<&'static str>,
    /// Words around a place that tell nothing themselves.
    pub(crate) frame: Vec<&'static str>,
    /// Words of headings that tell a review.
    pub(crate) review: PhraseTable,
    /// Words of headings that may tell a review, or speak of something else.
    pub(crate) perhaps_review: PhraseTable,
    /// Titles of other documents: plans, changelogs, guides.
    pub(crate) other_title: Vec<&'static str>,
    /// Last words of such titles: "checklist".
    pub(crate) other_end: Vec<&'static str>,
    /// Titles of sections that reviews do not have: "Installation".
    pub(crate) manual: Vec<&'static str>,
    /// What a check that found nothing ends with: "PASS".
    pub(crate) pass: Vec<&'static str>,
    /// Beginnings of praise: "Correct:".
    pub(crate) praise_first: Vec<&'static str>,
    /// Words that turn praise into blame: "not", "missing".
    pub(crate) negation: Vec<&'static str>,
    /// Signs of what is well.
    pub(crate) tick: Vec<&'static str>,
    /// What a status column says of what is well or mended.
    pub(crate) status_pass: Vec<&'static str>,
    /// What it says of a check that failed, in words …
    pub(crate) status_fail: Vec<&'static str>,
    /// … and by a sign.
    pub(crate) fail_mark: Vec<&'static str>,
    /// Titles of status columns.
    pub(crate) status_column: Vec<&'static str>,
    /// Rows that add up the others.
    pub(crate) sum: Vec<&'static str>,
    /// Titles of forms that nobody filled in.
    pub(crate) placeholder: Vec<&'static str>,
    /// Labels that are words of sentences too: no fields without emphasis.
    pub(crate) weak_label: Vec<&'static str>,
    /// Words before the number of a section: "Part 2: Results".
    pub(crate) part: Vec<&'static str>,
    /// Numbered steps of a plan: "Step 2".
    pub(crate) step: Vec<&'static str>,
    /// "the same as".
    pub(crate) same_as: Vec<&'static str>,
}

pub(crate) static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let table = include_str!("../data/phrases.tsv");
    Phrases {
        none: list(table, "none"),
        clean: list(table, "clean").into_iter().collect(),
        praise: list(table, "praise").into_iter().collect(),
        withdrawn: list(table, "withdrawn").into_iter().collect(),
        prompt: list(table, "prompt").into_iter().collect(),
        numbered: list(table, "numbered"),
        kind_title: list(table, "kind-title"),
        frame: list(table, "frame"),
        review: list(table, "review").into_iter().collect(),
        perhaps_review: list(table, "perhaps-review").into_iter().collect(),
        other_title: list(table, "other-title"),
        other_end: list(table, "other-end"),
        manual: list(table, "manual"),
        pass: list(table, "pass"),
        praise_first: list(table, "praise-first"),
        negation: list(table, "negation"),
        tick: list(table, "tick"),
        status_pass: list(table, "status-pass"),
        status_fail: list(table, "status-fail"),
        fail_mark: list(table, "fail-mark"),
        status_column: list(table, "status-column"),
        sum: list(table, "sum"),
        placeholder: list(table, "placeholder"),
        weak_label: list(table, "weak-label"),
        part: list(table, "part"),
        step: list(table, "step"),
        same_as: list(table, "same-as"),
    }
});

/// Keys of JSON findings, by what they say.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) holder: HashSet<&'static str>,
    pub(crate) texts: HashSet<&'static str>,
    pub(crate) title: Vec<&'static str>,
    pub(crate) severity: Vec<&'static str>,
    pub(crate) file: Vec<&'static str>,
    pub(crate) line: Vec<&'static str>,
    pub(crate) line_end: Vec<&'static str>,
    pub(crate) place: Vec<&'static str>,
    pub(crate) nested: Vec<&'static str>,
    /// The rest, by the name of its row; the table tells what each is.
    other: HashMap<&'static str, HashSet<&'static str>>,
}

impl Keys {
    /// All words of a row.
    pub(crate) fn words(&self, row: &str) -> impl Iterator<Item = &'static str> + '_ {
        self.other.get(row).into_iter().flatten().copied()
    }

    /// Does a row of the table hold this key or value, without `_`, `-` and blanks?
    pub(crate) fn is(&self, row: &str, word: &str) -> bool {
        self.other.get(row).is_some_and(|words| words.contains(word))
    }
}

pub(crate) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let table = include_str!("../data/json.tsv");
    let words = |kind: &str| list(table, kind).into_iter().flat_map(str::split_whitespace);
    Keys {
        holder: words("holder").collect(),
        texts: words("texts").collect(),
        title: words("title").collect(),
        severity: words("severity").collect(),
        file: words("file").collect(),
        line: words("line").collect(),
        line_end: words("line-end").collect(),
        place: words("place").collect(),
        nested: words("nested").collect(),
        other: rows(table)
            .filter_map(|row| match row[..] {
                [kind, list] => Some((kind, list.split_whitespace().collect())),
                _ => None,
            })
            .collect(),
    }
});

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
    /// "in the API layer" limits, "in the changed files" does not.
    pub(crate) within: HashSet<&'static str>,
    pub(crate) whole: HashSet<&'static str>,
    pub(crate) cjk_parts: Vec<&'static str>,
    pub(crate) demands: PhraseTable,
    pub(crate) faults: PhraseTable,
    pub(crate) fault_words: HashSet<&'static str>,
    pub(crate) cjk_faults: Vec<&'static str>,
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
    /// Stems that say of a text that it was cut.
    pub(crate) cut: Vec<&'static str>,
    /// How a reviewer ended who did not finish.
    pub(crate) broken: HashSet<&'static str>,
    pub(crate) read_units: HashSet<&'static str>,
}

pub(crate) static DENIALS: LazyLock<Denials> = LazyLock::new(|| {
    let table = include_str!("../data/clean.tsv");
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
        within: words("within").collect(),
        whole: words("whole").collect(),
        cjk_parts: words("cjk-part").collect(),
        demands: phrases("demand").collect(),
        faults: phrases("fault").collect(),
        fault_words: words("fault-word").collect(),
        cjk_faults: words("cjk-fault").collect(),
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
        cut: phrases("cut").collect(),
        broken: words("broken").collect(),
        read_units: words("read-unit").collect(),
    }
});

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
    pub(crate) and_words: Vec<&'static str>,
    pub(crate) about_words: Vec<&'static str>,
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
        line_words,
        and_words: words("and-word").collect(),
        about_words: words("about-word").collect(),
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
    let root = |word: &str| crate::words::bare_root(&crate::words::stem(word));
    let mut map = HashMap::new();
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
    let mut map = HashMap::new();
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
    let mut map = HashMap::new();
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
