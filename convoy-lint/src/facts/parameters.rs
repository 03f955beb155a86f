//! Doc comments that list the parameters of their function, and no longer those it has. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::diff::{self, FileDiff, Line};
use super::role::Lang;
use super::{Fact, Limits, Scene, pattern};

/// So many lines a list of parameters may take.
const LONGEST: usize = 40;

/// A function, as its doc comment and its signature have it.
#[derive(Debug)]
struct Function {
    /// Counted from 1.
    line: usize,
    parameters: Vec<String>,
    /// Those that the comment lists.
    told: BTreeSet<String>,
    comment: String,
}

/// Comments that still list a parameter that is gone, or all but one that came.
pub(super) fn untrue(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let facts = |(file, lang): (&FileDiff, Lang)| {
        let mut facts = Vec::new();
        let now = functions(lang, &file.lines);
        if now.values().all(|one| one.told.is_empty()) {
            return facts;
        }
        let before = diff::lines(&file.path, file.before.as_deref().unwrap_or_default());
        let before = functions(lang, &before);
        for (name, one) in &now {
            let then = before.get(name);
            let what = match then {
                Some(then) if then.parameters != one.parameters => {
                    gone(one, then).or_else(|| came(one, then))
                }
                None if file.line(one.line).is_some_and(|line| line.fresh) => never(one),
                _ => None,
            };
            if let Some(what) = what {
                facts.push(Fact::at(file, one.line).with("NAME", name).with("WHAT", &what));
            }
        }
        facts
    };
    scene.code().flat_map(facts).collect()
}

/// It had this parameter, and the comment still lists it.
fn gone(now: &Function, then: &Function) -> Option<String> {
    let stale =
        now.told.iter().find(|name| then.parameters.contains(name) && !now.parameters.contains(name))?;
    Some(format!("still describes `{stale}`, which it no longer takes"))
}

/// It takes one more, and the comment lists all but that.
fn came(now: &Function, then: &Function) -> Option<String> {
    let is_listed = |name: &&String| now.told.contains(*name);
    let is_all = then.parameters.len() > 1 && then.parameters.iter().all(|name| then.told.contains(name));
    let fresh = now.parameters.iter().find(|name| !then.parameters.contains(name) && !is_listed(name))?;
    let is_said = word(fresh).is_match(&now.comment);
    (is_all && !is_said).then(|| format!("describes all parameters but `{fresh}`, which is new"))
}

/// The comment of a new function is of another one.
fn never(now: &Function) -> Option<String> {
    let wrong = now.told.iter().find(|name| !now.parameters.contains(name))?;
    (!now.parameters.is_empty()).then(|| format!("describes `{wrong}`, which it does not take"))
}

fn word(name: &str) -> Regex {
    pattern(&format!(r"\b{}\b", regex::escape(name)))
}

/// The functions of a file by their names; those that have one name are left out.
fn functions(lang: Lang, lines: &[Line]) -> BTreeMap<String, Function> {
    let mut all: BTreeMap<String, Option<Function>> = BTreeMap::new();
    let Some(begin) = begin(lang) else { return BTreeMap::new() };
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.is_code()) {
        let Some(found) = begin.captures(&line.code) else { continue };
        let name = found["name"].to_owned();
        let from = found.get(0).map_or(0, |found| found.end());
        let function = list(lines, at, from).and_then(|(list, end)| {
            let parameters = list.iter().map(|one| parameter(lang, one)).collect::<Option<Vec<_>>>()?;
            let parameters = parameters.into_iter().filter(|name| name != "self" && name != "cls").collect();
            let comment = comment(lang, lines, at, end);
            Some(Function { line: at + 1, parameters, told: told(lang, &comment), comment })
        });
        all.entry(name).and_modify(|one| *one = None).or_insert(function);
    }
    all.into_iter().filter_map(|(name, one)| Some((name, one?))).collect()
}

/// As far as the bracket that opens the parameters.
fn begin(lang: Lang) -> Option<&'static Regex> {
    static PYTHON: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(async )?def (?P<name>\w+)\("));
    static JS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^\s*((export|default|async|static|public|private|protected)\s+)*(function\*?\s+(?P<name>\w+)\s*(<[^()]*>)?)\(",
        )
    });
    static JAVA: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^\s*((public|protected|private|static|final|abstract|synchronized|override|virtual|async)\s+)+(<[^()]*>\s+)?[\w.<>\[\], ?]+\s(?P<name>\w+)\(",
        )
    });
    static PHP: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^\s*((public|protected|private|static|final|abstract)\s+)*function\s+&?(?P<name>\w+)\(")
    });
    static KOTLIN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^\s*((public|internal|private|protected|override|open|inline|suspend|abstract|operator|actual|expect)\s+)*fun\s+(<[^()]*>\s+)?([\w<>?]+\.)?(?P<name>\w+)\(",
        )
    });
    Some(match lang {
        Lang::Python => &PYTHON,
        Lang::JavaScript => &JS,
        Lang::Java | Lang::CSharp => &JAVA,
        Lang::Php => &PHP,
        Lang::Kotlin => &KOTLIN,
        _ => return None,
    })
}

/// What stands between commas, from behind the opening bracket on, and the line that the
/// closing one is in.
fn list(lines: &[Line], at: usize, from: usize) -> Option<(Vec<String>, usize)> {
    let mut parts = vec![String::new()];
    let mut depth = 1;
    for (number, line) in lines.iter().enumerate().skip(at).take(LONGEST) {
        let code = if number == at { line.code.get(from..)? } else { &line.code };
        let mut last = ' ';
        for c in code.chars() {
            match c {
                '(' | '[' | '{' | '<' => depth += 1,
                '>' if last == '-' || last == '=' => {}
                ')' | ']' | '}' | '>' => depth -= 1,
                _ => {}
            }
            last = c;
            if depth == 0 {
                parts.retain(|part| !part.trim().is_empty());
                return Some((parts, number));
            }
            if c == ',' && depth == 1 {
                parts.push(String::new());
            } else if let Some(part) = parts.last_mut() {
                part.push(c);
            }
        }
        if let Some(part) = parts.last_mut() {
            part.push(' ');
        }
    }
    None
}

/// The name of one; `None`: it has none, or takes itself apart.
fn parameter(lang: Lang, text: &str) -> Option<String> {
    static LAST: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?P<name>\w+)\s*(\[\])?\s*$"));
    static DOLLAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"\$(?P<name>\w+)"));
    let text = text.trim();
    let before = |ends: &[char]| text.split(ends).next().unwrap_or_default().trim().to_owned();
    let name = match lang {
        Lang::Php => DOLLAR.captures(text)?["name"].to_owned(),
        Lang::Java | Lang::CSharp => LAST.captures(&before(&['=']))?["name"].to_owned(),
        Lang::Kotlin => LAST.captures(&before(&[':']))?["name"].to_owned(),
        _ => before(&[':', '=', '?']).trim_start_matches(['*', '.', '/']).to_owned(),
    };
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    is_name.then_some(name)
}

/// What is said of a function: above it, in Python below its signature.
fn comment(lang: Lang, lines: &[Line], at: usize, end: usize) -> String {
    if lang == Lang::Python {
        let mut below = lines.iter().skip(end + 1).peekable();
        let opens = below.peek().is_some_and(|line| {
            line.text.trim_start().starts_with(['"', 'r', '\'']) && line.text.contains("\"\"\"")
        });
        if !opens {
            return String::new();
        }
        let rest = below.enumerate().take_while(|(n, line)| *n == 0 || line.quoted);
        return rest.map(|(_, line)| line.text.as_str()).collect::<Vec<_>>().join("\n");
    }
    let above = lines[..at].iter().rev().skip_while(|line| line.text.trim().starts_with(['@', '[', '#']));
    let text = above.take_while(|line| line.code.trim().is_empty() && !line.comment.trim().is_empty());
    let mut text: Vec<&str> = text.map(|line| line.text.as_str()).collect();
    text.reverse();
    text.join("\n")
}

/// The parameters that a comment lists.
fn told(lang: Lang, comment: &str) -> BTreeSet<String> {
    static FIELD: LazyLock<Regex> =
        LazyLock::new(|| pattern(r":param\s+([\w\[\], .]+\s+)?\\?\*{0,2}(?P<name>\w+):"));
    static ENTRY: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s+\*{0,2}(?P<name>\w+)\s*(\([^)]*\))?\s*:"));
    static AT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"@param\s+(\{.*\}\s*)?\[?(?P<name>\w+)(?P<part>\.\w)?"));
    static DOLLAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"@param\b[^$\n]*\$(?P<name>\w+)"));
    static XML: LazyLock<Regex> = LazyLock::new(|| pattern(r#"<param name="(?P<name>\w+)""#));
    let all = |regex: &Regex| regex.captures_iter(comment).map(|found| found["name"].to_owned()).collect();
    match lang {
        Lang::Python => {
            let mut told: BTreeSet<String> = all(&FIELD);
            told.extend(
                section(comment).iter().filter_map(|line| Some(ENTRY.captures(line)?["name"].to_owned())),
            );
            told
        }
        Lang::JavaScript | Lang::Java | Lang::Kotlin => comment
            .lines()
            .filter_map(|line| AT.captures(line))
            .filter(|found| found.name("part").is_none())
            .map(|found| found["name"].to_owned())
            .collect(),
        Lang::Php => all(&DOLLAR),
        Lang::CSharp => all(&XML),
        _ => BTreeSet::new(),
    }
}

/// The entries of the section of parameters (`Args:`): the lines that are indented least in it.
fn section(comment: &str) -> Vec<&str> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_head = |line: &&str| ["Args:", "Arguments:", "Parameters:"].contains(&line.trim());
    let mut lines = comment.lines().skip_while(|line| !is_head(line));
    let Some(head) = lines.next() else { return Vec::new() };
    let own: Vec<&str> = lines
        .take_while(|line| line.trim().is_empty() || indent(line) > indent(head))
        .filter(|line| !line.trim().is_empty())
        .collect();
    let least = own.iter().map(|line| indent(line)).min().unwrap_or_default();
    own.into_iter().filter(|line| indent(line) == least).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn one(lang: Lang, path: &str, text: &str) -> (Vec<String>, Vec<String>) {
        let lines = diff::lines(Path::new(path), text);
        let mut all = functions(lang, &lines);
        let function = all.remove("f").expect("a function");
        (function.parameters, function.told.into_iter().collect())
    }

    #[test]
    fn what_a_function_takes_and_what_is_told_of_it() {
        let python = "def f(\n    self, a: Dict[str, int] = {}, *, b=None,\n):\n    \"\"\"Does.\n\n    Args:\n        a (int): one\n            more: of it\n        b: two\n\n    Returns:\n        c: three\n    \"\"\"\n";
        let field = "def f(a, b):\n    \"\"\"\n    :param int a: one\n    :param b:\n    \"\"\"\n";
        let js = "/**\n * @param {string} a one\n * @param [b] two\n * @param b.c three\n */\nexport function f(a: (x: number) => void, b?: string) {\n";
        let java = "/**\n * @param a one\n */\n@Override\npublic static Map<String, X> f(final String a, int... b) {\n";
        let php = "/**\n * @param string|null $a\n */\npublic function f(?string $a, array &$b = []) {\n";
        for (lang, path, text, told) in [
            (Lang::Python, "a.py", python, vec!["a", "b"]),
            (Lang::Python, "a.py", field, vec!["a", "b"]),
            (Lang::JavaScript, "a.ts", js, vec!["a", "b"]),
            (Lang::Java, "a.java", java, vec!["a"]),
            (Lang::Php, "a.php", php, vec!["a"]),
        ] {
            let (takes, says) = one(lang, path, text);
            assert_eq!(takes, ["a", "b"], "{path}: {text}");
            assert_eq!(says, told, "{path}: {text}");
        }
    }
}
