//! Causes that reviewers name in many words and languages (`data/concepts.tsv`), and the
//! families of faults that they, what follows from them and their cures belong to
//! (`data/families.tsv`).

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::lexicon::Vector;
use crate::quick::{HashMap, HashSet};
use crate::vocabulary::rows;

/// What is wrong.
#[derive(Debug)]
pub(crate) struct Cause {
    pub(crate) name: &'static str,
    pub(crate) breadth: Breadth,
}

/// How much it says that two findings of one place have a cause, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Breadth {
    /// "Not checked" is said of anything.
    Vague,
    Broad,
    /// Few findings of one place have it.
    Narrow,
}

/// The causes a text names, sorted.
pub(crate) type Named = Vec<u16>;

/// A family of faults.
struct Family {
    /// How much it says that two findings have it.
    weight: f32,
    /// Its causes, sorted.
    causes: Named,
}

/// Of two findings that tell of one family by more phrases than these, none tells more.
const PHRASES: usize = 3;

struct Table {
    causes: Vec<Cause>,
    families: Vec<Family>,
    finder: AhoCorasick,
    /// By number of the word's beginning: the phrases that hold it.
    phrases_of: Vec<Vec<u32>>,
    /// By number of the phrase: its cause, or its family behind all causes, and how many
    /// beginnings it needs.
    phrases: Vec<(u16, u8)>,
    /// By number of the word's beginning: must a word begin there?
    starts: Vec<bool>,
}

impl Table {
    fn number(&self, name: &str) -> Option<u16> {
        self.causes.iter().position(|cause| cause.name == name).map(|number| number as u16)
    }
}

/// Phrases while they are gathered.
#[derive(Default)]
struct Phrases {
    words: Vec<String>,
    numbers: HashMap<String, usize>,
    holders: Vec<Vec<u32>>,
    list: Vec<(u16, u8)>,
}

impl Phrases {
    /// Adds a list of phrases parted by `;`, all of which stand for `means`.
    fn add(&mut self, means: u16, list: &str) {
        for phrase in list.split(';').map(str::trim).filter(|phrase| !phrase.is_empty()) {
            let parts = parts(phrase);
            for part in &parts {
                let number = *self.numbers.entry(part.clone()).or_insert_with(|| {
                    self.words.push(part.clone());
                    self.holders.push(Vec::new());
                    self.words.len() - 1
                });
                // A word that stands twice in a phrase is met once.
                let phrase = self.list.len() as u32;
                if self.holders[number].last() != Some(&phrase) {
                    self.holders[number].push(phrase);
                }
            }
            self.list.push((means, parts.len() as u8));
        }
    }
}

static TABLE: LazyLock<Option<Table>> = LazyLock::new(|| {
    let mut causes: Vec<Cause> = Vec::new();
    let mut gathered = Phrases::default();
    for row in rows(include_str!("../../data/concepts.tsv")) {
        let [name, breadth, list] = row[..] else { continue };
        let breadth = match breadth {
            "narrow" => Breadth::Narrow,
            "vague" => Breadth::Vague,
            _ => Breadth::Broad,
        };
        gathered.add(causes.len() as u16, list);
        causes.push(Cause { name, breadth });
    }
    let mut families = Vec::new();
    for row in rows(include_str!("../../data/families.tsv")) {
        let [_name, weight, names, list] = row[..] else { continue };
        gathered.add((causes.len() + families.len()) as u16, list);
        let numbers = (0u16..).zip(&causes).filter(|(_, cause)| names.split(' ').any(|n| n == cause.name));
        let own = numbers.map(|(number, _)| number).collect();
        families.push(Family { weight: weight.parse().unwrap_or(0.0), causes: own });
    }
    let Phrases { words, holders: phrases_of, list: phrases, .. } = gathered;
    let starts = words.iter().map(|word| word.chars().next().is_some_and(is_of_words)).collect();
    let finder = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&words).ok()?;
    Some(Table { causes, families, finder, phrases_of, phrases, starts })
});

/// What of a phrase stands between `+`; `\+` is the character itself.
fn parts(phrase: &str) -> Vec<String> {
    let masked = phrase.replace("\\+", "\0");
    let parts = masked.split('+').map(|part| part.trim().replace('\0', "+"));
    parts.filter(|part| !part.is_empty()).collect()
}

/// By cause: those that are told for it, sorted (`data/kin.tsv`).
static KIN: LazyLock<Vec<Named>> = LazyLock::new(|| {
    let Some(table) = TABLE.as_ref() else { return Vec::new() };
    let mut kin: Vec<Named> = vec![Named::new(); table.causes.len()];
    for row in rows(include_str!("../../data/kin.tsv")) {
        let group: Vec<u16> =
            row.join(" ").split_whitespace().filter_map(|name| table.number(name)).collect();
        for a in &group {
            kin[usize::from(*a)].extend(group.iter().filter(|b| *b != a));
        }
    }
    for list in &mut kin {
        list.sort_unstable();
        list.dedup();
    }
    kin
});

/// Is a cause of one list told for one of the other?
pub(super) fn akin(a: &[u16], b: &[u16]) -> bool {
    a.iter()
        .any(|x| KIN.get(usize::from(*x)).is_some_and(|kin| b.iter().any(|y| kin.binary_search(y).is_ok())))
}

/// What weakness numbers and rules of tools mean: `data/weaknesses.tsv`.
static KNOWN: LazyLock<HashMap<&'static str, Named>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, Named> = HashMap::default();
    let Some(table) = TABLE.as_ref() else { return map };
    for row in rows(include_str!("../../data/weaknesses.tsv")) {
        let [name, list] = row[..] else { continue };
        let Some(cause) = table.number(name) else { continue };
        for known in list.split_whitespace() {
            map.entry(known).or_default().push(cause);
        }
    }
    map
});

/// The causes that a weakness number (`89`) or a tool's rule stands for; `rule` in lower case.
pub(super) fn known(rule: &str) -> &'static [u16] {
    let last = rule.rsplit([' ', ':']).next().unwrap_or(rule);
    KNOWN.get(rule).or_else(|| KNOWN.get(last)).map_or(&[], Vec::as_slice)
}

/// Letters of scripts that part words by blanks.
fn is_of_words(c: char) -> bool {
    c.is_alphanumeric() && !crate::words::is_cjk(c)
}

/// A cause by its number.
pub(crate) fn cause(number: u16) -> Option<&'static Cause> {
    TABLE.as_ref()?.causes.get(usize::from(number))
}

/// What the sentences of a text tell of.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) causes: Named,
    /// By phrase that tells of a family, each once: the family.
    families: Vec<u16>,
}

/// The causes and families that the sentences of a text name; `text` in lower case.
pub(super) fn told(text: &str) -> Told {
    let Some(table) = TABLE.as_ref() else { return Told::default() };
    let (mut causes, mut of_families) = (Named::new(), Vec::new());
    let count = table.causes.len() as u16;
    for phrase in table.said(text) {
        match table.phrases[phrase as usize].0 {
            family if family >= count => of_families.push(family - count),
            cause => causes.push(cause),
        }
    }
    causes.sort_unstable();
    causes.dedup();
    Told { causes, families: of_families }
}

/// How much a finding tells of each family, as a unit vector: by phrases in the title and
/// in all, and by causes.
pub(super) fn families(title: &Told, all: &Told) -> Vector {
    let Some(table) = TABLE.as_ref() else { return Vector::new() };
    let told = |(number, family): (u16, &Family)| {
        let phrases = |told: &Told| told.families.iter().filter(|n| **n == number).count();
        let causes =
            |told: &Told| told.causes.iter().filter(|n| family.causes.binary_search(n).is_ok()).count();
        let titled = f32::from(u8::from(phrases(title) > 0));
        let much = phrases(all).min(PHRASES) as f32 + titled;
        let much = much + 1.5 * (causes(title) + causes(all)) as f32;
        (much > 0.0).then(|| (u32::from(number), much.sqrt() * family.weight))
    };
    let mut vector: Vector = (0u16..).zip(&table.families).filter_map(told).collect();
    let norm = vector.iter().map(|(_, much)| much * much).sum::<f32>().sqrt();
    for (_, much) in &mut vector {
        *much /= norm;
    }
    vector
}

impl Table {
    /// The numbers of the phrases that stand in the sentences of a text, sorted.
    fn said(&self, text: &str) -> Vec<u32> {
        // "Isn't closed" is "is not closed".
        let whole = text.contains("n't").then(|| text.replace("n't", " not"));
        let text = whole.as_deref().unwrap_or(text);
        let mut out = Vec::new();
        let mut end = sentence_end(text, 0);
        // What has been met in this sentence: words, and of phrases of several words how many.
        let (mut words, mut met) = (HashSet::default(), HashMap::<u32, usize>::default());
        for found in self.finder.find_overlapping_iter(text) {
            while found.end() > end {
                words.clear();
                met.clear();
                end = sentence_end(text, end);
            }
            let word = found.pattern().as_usize();
            let inside = text[..found.start()].chars().next_back().is_some_and(is_of_words);
            if self.starts[word] && inside || !words.insert(word) {
                continue;
            }
            for phrase in &self.phrases_of[word] {
                let needed = usize::from(self.phrases[*phrase as usize].1);
                if needed > 1 {
                    let words = met.entry(*phrase).or_default();
                    *words += 1;
                    if *words < needed {
                        continue;
                    }
                }
                out.push(*phrase);
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// Where the sentence that begins at `from` ends.
fn sentence_end(text: &str, from: usize) -> usize {
    let mut chars = text[from..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = match c {
            '\n' | '。' | '！' | '？' => true,
            '.' | '!' | '?' | ';' => chars.peek().is_none_or(|(_, next)| next.is_whitespace()),
            _ => false,
        };
        if ends {
            return from + at + c.len_utf8();
        }
    }
    text.len() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        told(&text.to_lowercase()).causes.into_iter().filter_map(cause).map(|c| c.name).collect()
    }

    #[test]
    fn a_cause_is_known_by_other_words_and_in_other_languages() {
        for text in [
            "SQL injection in `find`",
            "The name is concatenated into the query",
            "Unparameterised statement",
            "用户输入存在SQL注入",
        ] {
            assert!(names(text).contains(&"sql-injection"), "{text}: {:?}", names(text));
        }
    }

    #[test]
    fn who_tells_the_cause_and_who_tells_what_follows_tell_of_one_family() {
        let of = |text: &str| {
            let told = told(text);
            families(&told, &told)
        };
        for (one, other, same) in [
            ("the id goes into the statement unescaped", "anybody may dump the whole table", true),
            ("`unwrap` on an empty list", "one bad line takes the service down", true),
            ("the socket is never closed", "after a night: too many open files", true),
            ("the socket is never closed", "in summer the report is an hour late", false),
        ] {
            let likeness = super::super::lexicon::cosine(&of(one), &of(other));
            assert_eq!(likeness > 0.3, same, "{one} / {other}: {likeness}");
        }
    }

    #[test]
    fn every_family_has_its_weight_causes_of_the_table_and_phrases() {
        let table = TABLE.as_ref().expect("a table");
        assert_eq!(table.families.len(), rows(include_str!("../../data/families.tsv")).count());
        for row in rows(include_str!("../../data/families.tsv")) {
            assert!(row.len() == 4 && row[1].parse::<f32>().is_ok_and(|weight| weight > 0.0), "{row:?}");
            for name in row[2].split(' ') {
                assert!(table.number(name).is_some(), "{}: {name}: no such cause", row[0]);
            }
        }
    }

    #[test]
    fn every_row_of_weaknesses_names_a_cause_of_the_table() {
        let table = TABLE.as_ref().expect("a table");
        for row in rows(include_str!("../../data/weaknesses.tsv")) {
            assert_eq!(row.len(), 2, "{row:?}");
            assert!(table.number(row[0]).is_some(), "{}: no such cause", row[0]);
        }
        for name in rows(include_str!("../../data/kin.tsv")).flat_map(|row| row[0].split(' ')) {
            assert!(table.number(name).is_some(), "{name}: no such cause");
        }
        assert_eq!(
            known("89").iter().filter_map(|n| cause(*n)).map(|c| c.name).collect::<Vec<_>>(),
            ["sql-injection"]
        );
        assert!(!known("gosec g107").is_empty(), "a tool's name before the rule is no part of it");
    }

    #[test]
    fn words_of_a_phrase_stand_in_one_sentence_and_begin_words() {
        assert!(!names("The query is slow. Names are concatenated.").contains(&"sql-injection"));
        assert!(!names("The trace is long").contains(&"race"));
    }
}
