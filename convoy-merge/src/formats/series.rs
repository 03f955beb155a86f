//! Texts that count what they tell: `A. …`, `① …`, `F1 / …`, "Remark two: …". Their own
//! repetition shows that they are a list; they are read as one where that finds more, and every finding is taken back to the bytes that it came from.

use std::ops::Range;

use super::recast::Recast;
use crate::model::Extraction;
use crate::reading;
use crate::rules::Rules;
use crate::severity;
use crate::text::fence_mark;
use crate::vocabulary::{ORDINALS, PHRASES};

/// A longer word in front of a number, in characters, is none of a label.
const WORD: usize = 14;
/// A number of more characters counts nothing.
const NUMBER: usize = 3;

/// What a text that counts what it tells is as a list, and what is read from that; `plain` is
/// what is read from it as it stands. `None` = it counts nothing, or is read as well so.
pub(crate) fn read(text: &str, plain: &Extraction, rules: Rules) -> Option<(Recast, Extraction)> {
    let recast = as_list(text)?;
    let mut list = reading::read(&recast.out, rules);
    recast.back(text, &mut list);
    let within = |at: usize| list.members.iter().any(|m| (m.byte_range[0]..m.byte_range[1]).contains(&at));
    let all = plain.members.iter().all(|member| within(member.byte_range[0]));
    // Where both find as many, the list knows where each begins and what rates it.
    let rated = |of: &Extraction| of.members.iter().filter(|m| m.severity_raw.is_some()).count();
    let more = (list.members.len(), rated(&list)) > (plain.members.len(), rated(plain));
    (all && more && list.members.len() >= 2).then_some((recast, list))
}

/// The text with its series as lists of Markdown; `None` = it has none.
fn as_list(text: &str) -> Option<Recast> {
    let lines = lines(text);
    let members = members(text, &lines);
    if members.is_empty() {
        return None;
    }
    let mut recast = Recast::default();
    let mut members = members.into_iter().peekable();
    // Up to which line the text belongs to the last member.
    let mut inside = 0;
    for (n, line) in lines.iter().enumerate() {
        recast.mark(line.start);
        if let Some(member) = members.next_if(|member| member.line == n) {
            inside = member.end;
            recast.out.push_str(if member.first { "\n" } else { "" });
            recast.mark(line.start);
            recast.out.push_str("1. ");
            recast.out.push_str(member.keep);
            recast.mark(line.start + member.label);
            // `F1 / high / a.php:8 / …`: the mark behind the label parts the rest, too.
            let rest = &text[line.start + member.label..line.end];
            let parted = text[line.start..line.start + member.label].trim_end().ends_with('/');
            recast.out.push_str(&if parted { rest.replace(" / ", " - ") } else { rest.to_string() });
        } else {
            let indent = n < inside && !text[line.clone()].trim().is_empty();
            recast.out.push_str(if indent { "   " } else { "" });
            recast.mark(line.start);
            recast.out.push_str(&text[line.clone()]);
        }
    }
    recast.mark(text.len());
    Some(recast)
}

/// A line that begins what is counted.
#[derive(Debug)]
struct Member<'t> {
    line: usize,
    /// How long its label is.
    label: usize,
    /// The mark of bold text that opens in front of the label and closes behind the title.
    keep: &'t str,
    first: bool,
    /// The line behind its last one.
    end: usize,
}

fn lines(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let start = at;
            at += line.len();
            start..at
        })
        .collect()
}

/// In front of a number it needs nothing behind it.
const HASH: &str = "#";

/// What a line is counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Label {
    kind: Kind,
    /// What stands in front of the number.
    stem: String,
    number: usize,
    len: usize,
    bold: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Letter,
    Roman,
    Circled,
    Spoken,
}

/// The members of all series, in order.
fn members<'t>(text: &'t str, lines: &[Range<usize>]) -> Vec<Member<'t>> {
    let mut found: Vec<Vec<(usize, Label)>> = Vec::new();
    let mut open: Option<usize> = None;
    let mut fence = None;
    let mut out = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let said = text[line.clone()].trim_end();
        if let Some(mark) = fence_mark(said.trim_start()) {
            fence = if fence == Some(mark) { None } else { fence.or(Some(mark)) };
            continue;
        }
        if fence.is_some() {
            continue;
        }
        // A heading; "#1" counts.
        if said.starts_with('#') && !said[1..].starts_with(|c: char| c.is_ascii_digit()) {
            open = None;
            continue;
        }
        let labels = labels(said);
        let next = open.and_then(|at| {
            let (_, last) = found[at].last()?;
            labels.iter().find(|label| follows(last, label)).map(|label| (at, label.clone()))
        });
        if let Some((at, label)) = next {
            found[at].push((n, label));
        } else if let Some(label) = labels.into_iter().find(|label| label.number == 1) {
            open = Some(found.len());
            found.push(vec![(n, label)]);
        }
    }
    for series in found.iter().filter(|series| series.len() >= 2) {
        for (at, (line, label)) in series.iter().enumerate() {
            let paragraph = |from: usize| {
                (from..lines.len()).find(|n| text[lines[*n].clone()].trim().is_empty()).unwrap_or(lines.len())
            };
            let end = series.get(at + 1).map_or_else(|| paragraph(*line), |(next, _)| *next);
            let keep = if label.bold { "**" } else { "" };
            out.push(Member { line: *line, label: label.len, keep, first: at == 0, end });
        }
    }
    out
}

/// Does a label go on counting?
fn follows(last: &Label, next: &Label) -> bool {
    // "Crash B", then "Oddity C": letters and numbers of one series, whatever they count.
    let words = |label: &Label| label.stem.ends_with(' ');
    last.kind == next.kind
        && next.number == last.number + 1
        && (last.stem == next.stem || words(last) && words(next) && last.kind != Kind::Spoken)
}

/// The labels that a line may begin with.
fn labels(line: &str) -> Vec<Label> {
    let open = line.trim_start_matches(' ');
    if line.len() - open.len() > 3 || open.starts_with(['|', '-', '+', '>', '<']) {
        return Vec::new();
    }
    let bold = open.starts_with("**");
    let bare = open.trim_start_matches(['*', '_', '[', '(']);
    let mut out = Vec::new();
    if let Some((first, rest)) = bare.strip_prefix('#').map(word)
        && let Ok(number) = first.parse()
    {
        out.push((Kind::Number, HASH.to_string(), number, rest));
        return close(line, bold, out);
    }
    // Two words: "Remark two", "Crash A".
    let (first, behind) = word(bare);
    if let Some(number) = circled(first) {
        let rest = bare[first.chars().next().map_or(0, char::len_utf8)..].trim_start_matches('\u{fe0f}');
        out.push((Kind::Circled, String::new(), number, rest));
        return close(line, bold, out);
    }
    let capital = first.chars().next().is_some_and(|c| c.is_uppercase() || c >= '\u{2e80}');
    let letters = !first.is_empty() && first.chars().all(char::is_alphabetic);
    let spaced = behind.strip_prefix(' ').map(|rest| rest.trim_start_matches(['#', '№']));
    if capital && letters && first.chars().count() <= WORD && !is_step(first) {
        let stem = format!("{} ", first.to_lowercase());
        if let Some((second, rest)) = spaced.map(word) {
            out.extend(numbers(second).into_iter().map(|(kind, n)| (kind, stem.clone(), n, rest)));
        }
    }
    // "F1", "R-2"
    let digits = first.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
    let stem = &first[..first.len() - digits.len()];
    if !stem.is_empty() && severity::exact(first).is_none() && !matches!(stem, "L" | "l") {
        let number = digits.parse().ok().filter(|_| digits.len() <= NUMBER);
        out.extend(number.map(|n| (Kind::Number, stem.to_lowercase(), n, behind)));
    }
    // "A.", "II)", "one:"
    let ends = behind.starts_with(['.', ')', ':', ']', '、', '：', '—', '–']) || behind.starts_with(" /");
    // "1." and "1)" are lists of Markdown already, "(1)" is not.
    let listed = !open.starts_with(['(', '[']) && behind.starts_with(['.', ')']);
    let counted = numbers(first).into_iter().filter(|(kind, _)| *kind != Kind::Number || !listed);
    if ends {
        out.extend(counted.map(|(kind, n)| (kind, String::new(), n, behind)));
    }
    close(line, bold, out)
}

/// The labels that end as labels do, with their length.
fn close(line: &str, bold: bool, found: Vec<(Kind, String, usize, &str)>) -> Vec<Label> {
    let label = |(kind, stem, number, rest): (Kind, String, usize, &str)| {
        let ends = ['.', ')', ':', ']', '/', '、', '：', '—', '–', '(', '|', '*'];
        let mut title = rest.trim_start_matches(' ');
        // "[1/7] a.c" says how far it is.
        if kind != Kind::Circled && stem != HASH && !title.starts_with(ends) && !title.starts_with("- ")
            || rest.starts_with('/')
        {
            return None;
        }
        let closed = |title: &str| title.trim_start_matches([')', '.', ':', ']']).starts_with("**");
        let bold = bold && !closed(title);
        while let Some(next) = title
            .strip_prefix(['.', ')', ':', ']', '/', '、', '：', '—', '–', '|', '*', ' '])
            .or_else(|| title.strip_prefix("- "))
        {
            title = next;
        }
        title.contains(char::is_alphabetic).then(|| Label {
            kind,
            stem,
            number,
            len: line.len() - title.len(),
            bold,
        })
    };
    found.into_iter().filter_map(label).collect()
}

/// The word that a text begins with, and what is behind it.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '-')).unwrap_or(text.len());
    text.split_at(end)
}

/// Steps of a plan count what is to be done.
fn is_step(word: &str) -> bool {
    let lower = word.to_lowercase();
    PHRASES.step.iter().any(|step| step.trim() == lower) || PHRASES.part.contains(&lower.as_str())
}

const ROMAN: [&str; 10] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"];

/// What a word counts, in every way that it can be read.
fn numbers(word: &str) -> Vec<(Kind, usize)> {
    let mut out = Vec::new();
    let mut chars = word.chars();
    if word.len() <= NUMBER
        && let Ok(number) = word.parse()
    {
        out.push((Kind::Number, number));
    }
    if let (Some(letter), None) = (chars.next(), chars.next())
        && letter.is_ascii_alphabetic()
    {
        out.push((Kind::Letter, usize::from(letter.to_ascii_uppercase() as u8 - b'A') + 1));
    }
    out.extend(ROMAN.iter().position(|roman| *roman == word).map(|n| (Kind::Roman, n + 1)));
    let lower = word.to_lowercase();
    out.extend(ORDINALS.get(lower.as_str()).map(|n| (Kind::Spoken, *n)));
    out
}

/// `①`, `❷`.
fn circled(word: &str) -> Option<usize> {
    let first = word.chars().next()? as u32;
    [0x2460, 0x2776, 0x2780, 0x278a]
        .iter()
        .find(|from| (**from..**from + 10).contains(&first))
        .map(|from| (first - from) as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::told;

    #[test]
    fn what_a_text_counts_is_read_as_a_list() {
        let text = "Notes on `wave` 0.9\n\nCrash A (P1). `read_block` divides by zero, src/wave.rs line 135. An empty block has no samples.\n\nCrash B (P1). `read_block` calls itself and overflows the stack, src/wave.rs line 139.\n\nOddity C (P3). The loop points come out swapped (src/wave.rs).\n";
        let (found, _) = told(text, "notes.txt");
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("src/wave.rs:135 high `read_block` divides"), "{found:?}");
        assert!(found[2].starts_with("src/wave.rs low The loop points"), "{found:?}");
        let (found, _) = told(
            "F1 / high / `stock/Book.php:88` / two tills at once lose a sale\nF2 / medium / `stock/Expiry.php:19` / packs are sold a day too long\nF3 / low / `stock/Book.php:12` / unused import\n",
            "r.md",
        );
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[1].starts_with("stock/Expiry.php:19 medium packs"), "{found:?}");
    }

    #[test]
    fn it_is_prose_that_was_read() {
        let text = "I read all of stock/Book.php and stock/Expiry.php.\n\nF1 / high / `stock/Book.php:88` / two tills at once lose a sale\nF2 / medium / `stock/Expiry.php:19` / packs are sold a day too long\n";
        let found = crate::extract::extract(text, "r.md");
        assert_eq!((found.members.len(), found.read_from), (2, Some(crate::model::ReadFrom::Prose)));
    }

    #[test]
    fn a_verdict_behind_what_was_asked_in_bold_is_no_title() {
        let text = "# Accessibility review\n\n**1.1.1 Images** – passes\n**1.4.3 Contrast** – fails. Grey prices on cream (`styles/price.css` line 14). *Serious.*\n**2.1.1 Keyboard** – fails. The map can only be used with the mouse (`src/Map.vue`). *Critical.*\n";
        let (found, _) = told(text, "r.md");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("styles/price.css:14 high Contrast: Grey prices"), "{found:?}");
        assert!(found[1].starts_with("src/Map.vue critical Keyboard: The map"), "{found:?}");
    }

    #[test]
    fn steps_progress_and_lines_count_no_findings() {
        for text in [
            "[1/2] src/a.c\n[2/2] src/b.c\n",
            "Step 1: read it\nStep 2: write it\n",
            "L1: the name is old\nL2: the lock is held\n",
            "P1: the name is old\nP2: the lock is held\n",
            "A thing is old.\nB is not.\n",
            "F1 / high / one alone\n",
            "```\nF1: a\nF2: b\n```\n",
        ] {
            assert!(as_list(text).is_none(), "{text}");
        }
    }
}
