//! Which refutations count: those that show code which stands near the place of the
//! finding, and give a reason that speaks of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Conclusion, Said};

/// So many lines before and behind the place the code that decides may stand.
const NEAR: usize = 40;
/// A quotation has so many letters and digits: a bracket stands everywhere.
const SHORTEST_QUOTE: usize = 6;
/// A word that two texts share says something from this length on.
const SHORTEST_WORD: usize = 3;

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

fn doubt(
    said: &Said,
    finding: &Value,
    lines_of: impl Fn(&str) -> Result<Vec<String>, String>,
) -> Option<String> {
    let Some(quote) = &said.quote else { return Some("it quotes no code".to_owned()) };
    let solid: String = without_blanks(quote);
    if solid.chars().filter(|c| c.is_alphanumeric()).count() < SHORTEST_QUOTE {
        return Some("what it quotes is too short to stand for a place".to_owned());
    }
    let places: Vec<(&str, Option<u64>, Option<u64>)> = finding["locations"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| Some((one["file"].as_str()?, one["lineStart"].as_u64(), one["lineEnd"].as_u64())))
        .collect();
    let Some((first, ..)) = places.first() else { return Some("the finding has no place".to_owned()) };
    let file = said.file.as_deref().unwrap_or(first);
    let own: Vec<_> = places.iter().filter(|(of, ..)| *of == file).collect();
    if own.is_empty() {
        return Some("it quotes another file than the finding is in".to_owned());
    }
    let lines = match lines_of(file) {
        Ok(lines) => lines,
        Err(why) => return Some(format!("its quotation cannot be looked for: {why}")),
    };
    let stands = |(_, from, to): &&(&str, Option<u64>, Option<u64>)| {
        let place = |line: u64| usize::try_from(line).unwrap_or(usize::MAX);
        let (from, to) = match from.map(place) {
            Some(line) => {
                let last = to.map_or(line, place).max(line);
                (line.saturating_sub(NEAR + 1), last.saturating_add(NEAR))
            }
            None => (0, usize::MAX),
        };
        let (from, to) = (from.min(lines.len()), to.min(lines.len()));
        let near: String = lines[from..to].iter().map(|line| without_blanks(line)).collect();
        near.contains(&solid)
    };
    if !own.iter().any(stands) {
        return Some("what it quotes does not stand near the place".to_owned());
    }
    let shared = words(&said.reason).intersection(&words(quote)).count();
    (shared == 0).then(|| "its reason does not speak of what it quotes".to_owned())
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Names and words, in lower case.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| word.chars().count() >= SHORTEST_WORD).map(str::to_lowercase).collect()
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
        text[49] = "    if (order == null)  return;".to_owned();
        text[50] = "    ship(order.id);".to_owned();
        let lines_of = |file: &str| if file == "a.ts" { Ok(text.clone()) } else { Err("no".to_owned()) };
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
        assert!(
            because(&said(Some("if (user == null) return;"), None, reason), Some(51)).contains("not stand")
        );
        assert!(because(&said(Some(quote), None, reason), Some(150)).contains("not stand near"));
        assert!(because(&said(Some(quote), Some("b.ts"), reason), Some(51)).contains("another file"));
        assert!(because(&said(Some(quote), None, "This is a false positive."), Some(51)).contains("reason"));
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
