//! Which refutations count: those that show code which stands near the place of the
//! finding, or elsewhere in the project and is tied to it by a name, and give a reason
//! that speaks of what they show.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Conclusion, Said};

/// So many lines before and behind the place the code that decides may stand by itself.
const NEAR: usize = 40;
/// A quotation has so many letters and digits: a bracket stands everywhere.
const SHORTEST_QUOTE: usize = 6;
/// A name or word says something from this length on.
const SHORTEST_WORD: usize = 2;
/// Words that stand in any reason and in any code: that two texts share them says nothing.
const COMMON: [&str; 109] = [
    "about", "after", "again", "all", "already", "also", "always", "am", "an", "and", "any", "are", "as",
    "async", "at", "await", "be", "because", "been", "before", "but", "by", "call", "can", "case", "class",
    "code", "const", "could", "def", "do", "does", "done", "each", "else", "enum", "error", "every", "fn",
    "for", "from", "func", "function", "get", "has", "have", "here", "if", "impl", "import", "in", "int",
    "into", "is", "it", "its", "let", "line", "match", "may", "must", "mut", "never", "new", "no", "not",
    "of", "on", "one", "only", "or", "out", "place", "pub", "public", "return", "returns", "self", "set",
    "should", "so", "static", "struct", "such", "test", "tests", "than", "that", "the", "then", "there",
    "this", "to", "try", "use", "user", "valid", "value", "values", "var", "void", "was", "what", "when",
    "where", "which", "while", "will", "with",
];

/// What of an answer counts, and why a refutation does not. `lines_of`: the file of the
/// project by its path, or why it cannot be looked at; a path is compared in the form in
/// which the finding has it.
pub fn guard(
    said: &Said,
    finding: &Value,
    lines_of: impl Fn(&str) -> Result<Vec<String>, String>,
) -> (Conclusion, Option<String>) {
    if said.verdict != Conclusion::Refuted {
        return (said.verdict, None);
    }
    match doubt(said, finding, lines_of) {
        Some(why) => (Conclusion::Unsure, Some(why)),
        None => (Conclusion::Refuted, None),
    }
}

/// One place of the finding. Lines count from 1; without one it is all of the file.
struct Place<'a> {
    file: &'a str,
    lines: Option<(usize, usize)>,
}

fn doubt(
    said: &Said,
    finding: &Value,
    lines_of: impl Fn(&str) -> Result<Vec<String>, String>,
) -> Option<String> {
    let Some(quote) = said.quote.as_deref().map(bare) else { return Some("it quotes no code".to_owned()) };
    let solid = without_blanks(quote);
    if solid.chars().filter(|c| c.is_alphanumeric()).count() < SHORTEST_QUOTE {
        return Some("what it quotes is too short to stand for a place".to_owned());
    }
    let places: Vec<Place<'_>> =
        finding["locations"].as_array().into_iter().flatten().filter_map(place).collect();
    let Some(first) = places.first() else { return Some("the finding has no place".to_owned()) };
    let file = said.file.as_deref().unwrap_or(first.file);
    let lines = match lines_of(file) {
        Ok(lines) => lines,
        Err(why) => return Some(format!("its quotation cannot be looked for: {why}")),
    };
    let (quoted, reason) = (words(quote), words(&said.reason));
    if !places.iter().any(|place| place.file == file && solid_lines(&lines, place, NEAR).contains(&solid)) {
        if !without_blanks(&lines.concat()).contains(&solid) {
            return Some("what it quotes does not stand in the file that it names".to_owned());
        }
        let at_place = |place: &Place<'_>| {
            let lines = lines_of(place.file).unwrap_or_default();
            let names = place.lines.map(|_| words(&around(&lines, place, 0).join("\n"))).unwrap_or_default();
            names.intersection(&quoted).chain(names.intersection(&reason)).next().is_some()
        };
        if !places.iter().any(at_place) {
            return Some("what it quotes is elsewhere and names nothing of the place".to_owned());
        }
    }
    quoted.is_disjoint(&reason).then(|| "its reason does not speak of what it quotes".to_owned())
}

fn place(location: &Value) -> Option<Place<'_>> {
    let line = |key: &str| location[key].as_u64().map(|line| usize::try_from(line).unwrap_or(usize::MAX));
    let lines = line("lineStart").map(|first| (first, line("lineEnd").unwrap_or(first).max(first)));
    Some(Place { file: location["file"].as_str()?, lines })
}

/// The lines of a place, and so many before and behind it.
fn around<'a>(lines: &'a [String], place: &Place<'_>, more: usize) -> &'a [String] {
    let Some((first, last)) = place.lines else { return lines };
    let last = last.saturating_add(more).min(lines.len());
    &lines[first.saturating_sub(more + 1).min(last)..last]
}

fn solid_lines(lines: &[String], place: &Place<'_>, more: usize) -> String {
    without_blanks(&around(lines, place, more).concat())
}

/// Without the backticks that people put around code: of a fence its first line as well.
fn bare(quote: &str) -> &str {
    let quote = quote.trim();
    let inner = quote.trim_matches('`');
    let ticks = quote.len() - quote.trim_start_matches('`').len();
    match inner.split_once('\n') {
        Some((_, code)) if ticks >= 3 => code,
        _ => inner,
    }
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Names and words that say something, in lower case.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let long = words.filter(|word| word.chars().count() >= SHORTEST_WORD).map(str::to_lowercase);
    long.filter(|word| COMMON.binary_search(&word.as_str()).is_err()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Origin;
    use super::*;

    fn said(quote: Option<&str>, file: Option<&str>, reason: &str) -> Said {
        Said {
            finding: 1,
            verdict: Conclusion::Refuted,
            origin: Origin::Unknown,
            file: file.map(str::to_owned),
            line: None,
            quote: quote.map(str::to_owned),
            reason: reason.to_owned(),
            severity: None,
        }
    }

    fn doubted(said: &Said, at: Option<u64>) -> Option<String> {
        let finding = json!({ "locations": [{ "file": "a.ts", "lineStart": at, "lineEnd": at }] });
        let mut text = vec!["let x = 1;".to_owned(); 200];
        text[4] = "const ZONES = [\"utc\", \"cet\"];".to_owned();
        text[49] = "    if (order == null)  return;".to_owned();
        text[50] = "    ship(order.id);".to_owned();
        text[149] = "    move(order, ZONES[n]);".to_owned();
        let other = ["export function ship(id) {", "  const safe = Number(id);"].map(str::to_owned);
        let lines_of = |file: &str| match file {
            "a.ts" => Ok(text.clone()),
            "b.ts" => Ok(other.to_vec()),
            _ => Err("no such file".to_owned()),
        };
        let (verdict, doubt) = guard(said, &finding, lines_of);
        assert_eq!(verdict == Conclusion::Refuted, doubt.is_none());
        doubt
    }

    #[test]
    fn a_refutation_shows_the_code_and_speaks_of_it() {
        let quote = "if (order == null) return;";
        let reason = "The order is checked for null before it is shipped.";
        assert_eq!(doubted(&said(Some(quote), Some("a.ts"), reason), Some(51)), None);
        assert_eq!(doubted(&said(Some(quote), None, reason), Some(51)), None, "the file is the finding's");
        assert_eq!(
            doubted(&said(Some("return;\n ship( order.id );"), None, "ship gets an order"), Some(51)),
            None
        );
        assert_eq!(doubted(&said(Some(quote), None, reason), None), None, "a finding of the whole file");
        let because = |said: &Said, at| doubted(said, at).unwrap_or_default();
        assert!(because(&said(None, None, reason), Some(51)).contains("no code"));
        assert!(because(&said(Some("});"), None, reason), Some(51)).contains("too short"));
        assert!(because(&said(Some("`}`"), None, reason), Some(51)).contains("too short"));
        assert!(
            because(&said(Some("if (user == null) return;"), None, reason), Some(51))
                .contains("not stand in")
        );
        assert!(because(&said(Some(quote), Some("c.ts"), reason), Some(51)).contains("no such file"));
        assert!(because(&said(Some(quote), None, "This is a false positive."), Some(51)).contains("reason"));
    }

    #[test]
    fn backticks_around_code_are_none_of_it() {
        let reason = "order is compared with null";
        for quote in ["`if (order == null) return;`", "```ts\nif (order == null) return;\n```"] {
            assert_eq!(doubted(&said(Some(quote), None, reason), Some(51)), None, "{quote}");
        }
    }

    #[test]
    fn code_elsewhere_counts_if_a_name_ties_it_to_the_place() {
        let zones = "const ZONES = [\"utc\", \"cet\"];";
        let reason = "ZONES are constants";
        assert_eq!(doubted(&said(Some(zones), None, reason), Some(150)), None, "the place names it");
        let far = doubted(&said(Some(zones), None, reason), Some(190)).unwrap_or_default();
        assert!(far.contains("names nothing of the place"), "{far}");
        let quote = "const safe = Number(id);";
        assert_eq!(doubted(&said(Some(quote), Some("b.ts"), "ship makes safe of it"), Some(51)), None);
        let other =
            doubted(&said(Some(quote), Some("b.ts"), "safe is a Number"), Some(50)).unwrap_or_default();
        assert!(other.contains("names nothing of the place"), "{other}");
        let whole = doubted(&said(Some(quote), Some("b.ts"), "safe is a Number"), None).unwrap_or_default();
        assert!(whole.contains("names nothing of the place"), "{whole}");
    }

    #[test]
    fn words_that_stand_everywhere_tie_nothing() {
        let quote = "if (order == null) return;";
        let because = |reason: &str| doubted(&said(Some(quote), None, reason), Some(51)).unwrap_or_default();
        assert!(because("The function will return if it is so.").contains("does not speak"));
        assert!(COMMON.is_sorted());
    }

    #[test]
    fn only_refutations_are_guarded() {
        for verdict in [Conclusion::Confirmed, Conclusion::Unsure] {
            let said = Said { verdict, ..said(None, None, "so") };
            let found = guard(&said, &json!({}), |_| Err(String::new()));
            assert_eq!(found, (verdict, None));
        }
    }
}
