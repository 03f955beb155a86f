//! A scale of the report's own: what it says that its marks mean, as in
//! "A = must be fixed, B = should be fixed", "🔧 must change · ⛏ nitpick" or a table of
//! marks and meanings. Marks that rate by themselves need no legend.

use super::spoken_severity;
use crate::severity::{self, Rated};
use crate::syntax::fields;
use crate::vocabulary::{Label, SEVERITY};
use findings::Severity;

/// Legends stand at the beginning of a report …
const LOOK: usize = 6000;
/// … or at its end.
const END: usize = 600;
/// Longer marks, in characters, are words: letters and digits, signs.
const LETTERS: usize = 2;
const SIGNS: usize = 4;
/// A mark that is a word: "red = critical".
const WORD: usize = 10;
/// A longer beginning of a line names the legend.
const NAME: usize = 12;
/// Short names of a legend.
const NAMES: [&str; 18] = [
    "legend",
    "key",
    "scale",
    "levels",
    "severity",
    "marks",
    "legende",
    "leyenda",
    "légende",
    "legenda",
    "skala",
    "escala",
    "échelle",
    "scala",
    "легенда",
    "图例",
    "凡例",
    "범례",
];
/// Longer meanings, in words, are prose.
const MEANING: usize = 8;

/// The marks and what they mean.
#[derive(Debug, Clone, Default)]
pub(crate) struct Legend(Vec<(String, Severity)>);

impl Legend {
    /// The legend of a report; none if it explains fewer than two marks.
    pub(crate) fn of(text: &str) -> Self {
        let mut found: Vec<(String, Severity)> = Vec::new();
        let mut run: Vec<(String, Severity)> = Vec::new();
        let begin = severity::cut(text, LOOK);
        // A legend may also be the last that a report says.
        let end = severity::cut_back(&text[begin.len()..], END);
        for line in begin.lines().chain(end.lines()) {
            let entries = entries(line);
            if entries.len() >= 2 {
                found.extend(entries);
            } else if let [entry] = &entries[..] {
                run.push(entry.clone());
                continue;
            }
            if !line.trim().is_empty() && !line.trim_start().starts_with(['|', ':']) {
                if run.len() >= 2 {
                    found.append(&mut run);
                }
                run.clear();
            }
        }
        if run.len() >= 2 {
            found.append(&mut run);
        }
        // `!!` is no `!`.
        found.sort_by_key(|(mark, _)| std::cmp::Reverse(mark.len()));
        let levels: std::collections::HashSet<Severity> = found.iter().map(|(_, level)| *level).collect();
        if levels.len() < 2 { Legend::default() } else { Legend(found) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a mark by itself means.
    pub(crate) fn rate(&self, mark: &str) -> Option<Rated> {
        let mark = bare(mark);
        let known = self.0.iter().find(|(known, _)| *known == mark)?;
        Some((known.1, mark))
    }

    /// The mark that a title begins with, and the rest: `**A** Title`, `[B] Title`, `🔧 Title`.
    pub(crate) fn lead<'a>(&self, text: &'a str) -> Option<(Rated, &'a str)> {
        if self.0.is_empty() {
            return None;
        }
        let open = text.trim_start_matches(['*', '_', '[', '(', '`', ' ']);
        let wrapped = open.len() < text.trim_start().len();
        self.0.iter().find_map(|(mark, level)| {
            let start = severity::cut(open, mark.len() + 8);
            let len = start
                .char_indices()
                .map(|(at, c)| at + c.len_utf8())
                .find(|at| start[..*at].to_lowercase() == *mark)?;
            let rest = &open[len..];
            let signed = !mark.contains(char::is_alphanumeric);
            let closes = rest.starts_with(['*', '_', ']', ')', '`', ':', '\u{fe0f}'])
                && (wrapped || rest.starts_with(':'));
            let dash = [" — ", " – ", " - ", " | "].iter().any(|dash| rest.starts_with(dash))
                || rest.starts_with(' ') && severity::exact(mark).is_some();
            (signed || closes || dash).then(|| {
                let title = rest
                    .trim_start_matches(['*', '_', ']', ')', '`', ':', '\u{fe0f}', ' ', '—', '–', '-', '|']);
                (
                    (*level, mark.clone()),
                    if title.len() + 2 < rest.len() || !rest.contains("**") { title } else { rest },
                )
            })
        })
    }
}

/// Is every line of a text the legend of a scale?
pub(crate) fn tells_scale(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    lines.peek().is_some() && lines.all(|line| entries(line).len() > 1)
}

/// `(B)`, `[S]`
fn wrapped(mark: &str) -> bool {
    mark.starts_with('(') && mark.ends_with(')') || mark.starts_with('[') && mark.ends_with(']')
}

fn bare(mark: &str) -> String {
    severity::plain(mark).trim().trim_matches(['[', ']', '(', ')', ':', '_', ' ']).to_lowercase()
}

/// `A = must be fixed, B = should be fixed`: the marks of a line that are told.
fn entries(line: &str) -> Vec<(String, Severity)> {
    let line = line.trim().trim_start_matches(['-', '+', '|', ' ', '>']);
    let plain = line.replace("**", "");
    let line = plain.as_str();
    // "(!! = must be fixed, ! = should be fixed)", "Findings (red = critical, amber = medium):"
    let closed = line.trim_end_matches([':', '.', ' ']).strip_suffix([')', '）']);
    let bracket = closed
        .and_then(|inner| Some(&inner[inner.find(['(', '（'])?..]))
        .map(|inner| inner.trim_start_matches(['(', '（']));
    let told = |inner: &&str| {
        !inner.contains(['(', ')']) && (line.starts_with('(') || inner.matches('=').count() > 1)
    };
    let line = bracket.filter(told).unwrap_or(line);
    if line.len() > 600 {
        return Vec::new();
    }
    let row = line.trim_end().ends_with('|');
    let whole = line;
    // "Legend: A = …"
    let line = [": ", " — ", "："]
        .iter()
        .filter_map(|mark| line.rfind(mark).map(|at| at + mark.len()))
        .filter(|at| {
            let named = NAMES.contains(&bare(&line[..*at]).as_str());
            line[*at..].contains(['·', ',', ';', '•']) && (*at > NAME || named) || line[*at..].contains('=')
        })
        .max()
        .map_or(line, |at| &line[at..]);
    if row {
        let cells: Vec<&str> = line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let [mark, meaning] = cells[..] else { return Vec::new() };
        return entry(mark, meaning, false, false).into_iter().collect();
    }
    let named = whole.len() > line.len();
    let parts = line.split(['·', ',', ';', '•', '|']);
    parts
        .filter_map(|part| {
            let part = part.trim();
            let signed = part.chars().next().is_some_and(|c| !c.is_ascii() && !c.is_alphanumeric());
            let (mark, meaning) = [" = ", "=", ": ", " — ", " – ", " - ", " → "]
                .iter()
                .find_map(|sign| part.split_once(sign))
                .or_else(|| part.split_once(' ').filter(|(mark, _)| signed || named && wrapped(mark)))?;
            entry(mark, meaning, named && part.contains('='), part.contains('='))
        })
        .collect()
}

/// `equated`: a `=` stands between them; `anew`: may it give another meaning to a mark that rates by itself ("S1 = critical")?
fn entry(mark: &str, meaning: &str, anew: bool, equated: bool) -> Option<(String, Severity)> {
    let mark = bare(mark);
    // A word stands for a level if nothing else is said of it.
    let word = equated && severity::exact(meaning).is_some() && !mark.contains(char::is_whitespace);
    let most = match mark.contains(char::is_alphanumeric) {
        true if word => WORD,
        true => LETTERS,
        false => SIGNS,
    };
    let short = (1..=most).contains(&mark.chars().count());
    let known = !anew && !word && severity::exact(&mark).is_some() && mark.contains(char::is_alphanumeric);
    let label = matches!(fields::label_of(&mark), Some(label) if label != Label::Other);
    if !short || known || label || meaning.split_whitespace().count() > MEANING {
        return None;
    }
    Some((mark, of_meaning(meaning)?))
}

/// How bad it is, in the words of a legend.
fn of_meaning(meaning: &str) -> Option<Severity> {
    if let Some((level, _)) = severity::exact(meaning) {
        return Some(level);
    }
    if let Some((level, _)) = spoken_severity::by_consequence(meaning) {
        return Some(level);
    }
    let lower = meaning.to_lowercase();
    lower
        .split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .find_map(|word| SEVERITY.words.get(word).or_else(|| SEVERITY.meanings.get(word)))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_mark_where_it_is_equated_with_a_level() {
        let legend = Legend::of("Findings (red = critical, yellow = medium):\n\n- Yellow – x\n");
        assert_eq!(
            legend.lead("Yellow – a.go:4: x").map(|(rated, rest)| (rated.0, rest)),
            Some((Severity::Medium, "a.go:4: x"))
        );
        assert!(Legend::of("Sets a = 1, b = 2 (open = low, shut = later than before).\n").is_empty());
    }

    #[test]
    fn what_a_report_says_of_its_marks_rates() {
        let legend =
            Legend::of("Scale: A = must be fixed, B = should be fixed, C = nice to have.\n\n- **A** x\n");
        assert_eq!(legend.rate("A").map(|rated| rated.0), Some(Severity::Blocker));
        assert_eq!(legend.rate("**C**").map(|rated| rated.0), Some(Severity::Low));
        assert_eq!(
            legend.lead("**A** Name is lost").map(|(rated, rest)| (rated.0, rest)),
            Some((Severity::Blocker, "Name is lost"))
        );
        assert_eq!(legend.lead("[B] Name").map(|(rated, _)| rated.0), Some(Severity::Medium));
        assert_eq!(legend.lead("A name is lost").map(|(rated, _)| rated.0), None);
        let table = Legend::of("| Mark | Meaning |\n|---|---|\n| ✪ | Critical |\n| ☆ | cosmetic |\n");
        assert_eq!(table.rate("✪").map(|rated| rated.0), Some(Severity::Critical));
        for text in ["x = 3, y = 4", "- key: high\n- salt: low\n", "The lock: must be freed."] {
            assert_eq!(Legend::of(text).rate("x").or(Legend::of(text).rate("key")), None, "{text}");
        }
    }
}
