//! By what a finding is known again: rule or normalised title, file, the item around
//! it, and its code without its layout and comments. No line and no severity is in it, so that it
//! is the same when lines move. Pure.

use std::path::Path;

use data_encoding::HEXLOWER;
use findings::comment::{Syntax, is_quiet};
use sha2::{Digest, Sha256};

/// So many lines of code are part of it.
const LINES: usize = 20;
/// What begins a line that encloses code and is no item.
const FLOW: [&str; 17] = [
    "if", "else", "for", "while", "loop", "match", "switch", "case", "default", "try", "catch", "except",
    "finally", "with", "do", "elif", "}",
];

/// What stands at a place of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spot {
    /// The first line of the item around it, without its layout; empty at the top.
    pub item: String,
    /// Its own lines, without their layout and the comments beside them.
    pub code: String,
}

/// Reads the lines `first` to `last` (from 1) of a file; `None`: they are not there.
pub fn spot(file: &Path, lines: &[String], first: u32, last: u32) -> Option<Spot> {
    let at = usize::try_from(first).ok()?.checked_sub(1)?;
    let own = lines.get(at..(last.max(first) as usize).min(lines.len()))?;
    let syntax = Syntax::of(file);
    let code = |syntax| -> Vec<String> {
        own.iter().map(|line| plain(line, syntax)).filter(|line| !line.is_empty()).take(LINES).collect()
    };
    // What stands in a comment is found there.
    let code = Some(code(syntax)).filter(|code| !code.is_empty()).unwrap_or_else(|| code(None));
    (!code.is_empty()).then(|| Spot { item: item(lines, at, syntax), code: code.join("\n") })
}

/// Where this code stands in a file: first and last line, from 1. `None`: nowhere.
pub fn find(file: &Path, lines: &[String], code: &str) -> Option<(u32, u32)> {
    let plain_lines = |syntax| find_plain(lines, code, syntax);
    plain_lines(Syntax::of(file)).or_else(|| plain_lines(None))
}

fn find_plain(lines: &[String], code: &str, syntax: Option<Syntax>) -> Option<(u32, u32)> {
    let lines =
        (1u32..).zip(lines).map(|(n, line)| (n, plain(line, syntax))).filter(|(_, line)| !line.is_empty());
    let lines: Vec<(u32, String)> = lines.collect();
    let wanted: Vec<&str> = code.lines().collect();
    if wanted.is_empty() {
        return None;
    }
    let found = lines.windows(wanted.len()).find(|found| found.iter().map(|(_, line)| line).eq(&wanted))?;
    Some((found.first()?.0, found.last()?.0))
}

/// The nearest line above that stands further left and is no `if`, `for`, …
fn item(lines: &[String], at: usize, syntax: Option<Syntax>) -> String {
    let mut depth = indent(&lines[at]);
    for line in lines[..at].iter().rev().filter(|line| !line.trim().is_empty()) {
        if depth == 0 {
            break;
        }
        let text = plain(line, syntax);
        // A comment may stand anywhere.
        if text.is_empty() || indent(line) >= depth {
            continue;
        }
        depth = indent(line);
        let word = text.split(|c: char| !c.is_alphanumeric() && c != '}').next().unwrap_or_default();
        if !FLOW.contains(&word) && text.chars().any(char::is_alphanumeric) {
            return text;
        }
    }
    String::new()
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 8 } else { 1 }).sum()
}

fn plain(line: &str, syntax: Option<Syntax>) -> String {
    let apart = syntax.map(|syntax| syntax.split(line, false));
    let code = apart.filter(|apart| !apart.open && is_quiet(apart.comment)).map_or(line, |apart| apart.code);
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The key. `what`: the rule, or the title. 32 hexadecimal digits.
pub fn of(what: &str, file: &Path, spot: &Spot) -> String {
    let what: String =
        what.to_lowercase().split(|c: char| !c.is_alphanumeric()).collect::<Vec<_>>().join(" ");
    let mut hasher = Sha256::new();
    for part in
        [what.as_bytes(), file.as_os_str().as_encoded_bytes(), spot.item.as_bytes(), spot.code.as_bytes()]
    {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    HEXLOWER.encode(&hasher.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    fn spot(text: &str, first: u32, last: u32) -> Option<Spot> {
        super::spot(Path::new("a.ts"), &lines(text), first, last)
    }

    const FILE: &str = "class A {\n  f(a) {\n    if (a) {\n      return a == NaN;\n    }\n  }\n}\nx = 1\n";

    #[test]
    fn a_spot_is_the_code_and_the_item_around_it() {
        let found = spot(FILE, 4, 4).unwrap();
        assert_eq!((found.item.as_str(), found.code.as_str()), ("f(a) {", "return a == NaN;"));
        assert_eq!(spot(FILE, 8, 8).unwrap().item, "");
        assert_eq!(spot(FILE, 3, 5).unwrap().code, "if (a) {\nreturn a == NaN;\n}");
        for (first, last) in [(0, 0), (99, 99)] {
            assert_eq!(spot(FILE, first, last), None);
        }
        assert!(spot(FILE, 8, u32::MAX).is_some());
    }

    #[test]
    fn the_key_is_the_same_when_lines_move_and_another_when_the_code_is_another() {
        let key = |text: &str, line| of("js-nan", Path::new("a.ts"), &spot(text, line, line).unwrap());
        let moved = format!("// one\n\n{}", FILE.replace("      return", "\treturn"));
        assert_eq!(key(FILE, 4), key(&moved, 6));
        assert_eq!(key(FILE, 4), key(&FILE.replace("NaN;", "NaN; // why"), 4), "a comment beside it");
        assert_eq!(key(FILE, 4), key(&FILE.replace("    if", "// why\n    if"), 5), "one above it");
        assert_ne!(key(FILE, 4), key(&FILE.replace("NaN;", "NaN; // eslint-disable-line"), 4));
        assert_ne!(key(FILE, 4), key(&FILE.replace("== NaN", "=== NaN"), 4));
        assert_ne!(key(FILE, 4), key(&FILE.replace("f(a) {", "g(a) {"), 4));
        let of_file = |file: &str| of("js-nan", Path::new(file), &Spot::default());
        assert_ne!(of_file("a.ts"), of_file("b.ts"));
        let of_title = |title: &str| of(title, Path::new("a.ts"), &Spot::default());
        assert_eq!(of_title("`x` is compared"), of_title("'X' is compared"));
        assert_ne!(of_title("x is compared"), of_title("y is compared"));
    }

    #[test]
    fn code_is_found_wherever_it_stands() {
        let found = |text: &str, code: &str| find(Path::new("a.ts"), &lines(text), code);
        let text = "a\n\n  if (a) {\n\n\treturn   a == NaN;\n}\n";
        assert_eq!(found(text, "if (a) {\nreturn a == NaN;"), Some((3, 5)));
        assert_eq!(found("f() // one\n", "f()"), Some((1, 1)));
        assert_eq!(found("f()\n// the key is x\n", "// the key is x"), Some((2, 2)));
        assert_eq!(found("return a == NaN\n", "return a == NaN;"), None);
        assert_eq!(found("anything", ""), None);
    }
}
