//! Errors that new code drops without a word.

use std::sync::LazyLock;

use regex::Regex;

use super::diff::{FileDiff, Line};
use super::role::Lang;
use super::{Fact, Limits, Scene, pattern};

pub(super) fn dropped(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let facts = |(file, lang): (&FileDiff, Lang)| {
        let fact = |(number, line): (usize, &Line)| {
            if !line.is_code() {
                return None;
            }
            let code = dropped_at(file, lang, number, line)?;
            Some(Fact::at(file, number).with("CODE", &code))
        };
        file.fresh().filter_map(fact).collect::<Vec<_>>()
    };
    scene.code().flat_map(facts).collect()
}

/// Code that drops what fails: in a line of its own, or with the line behind it.
struct Drops {
    langs: &'static [Lang],
    /// In one line.
    whole: Regex,
    /// A line, and what the next one is.
    begins: Option<(Regex, Regex)>,
}

const BRACES: &[Lang] =
    &[Lang::JavaScript, Lang::Java, Lang::Kotlin, Lang::Php, Lang::CSharp, Lang::Swift, Lang::C];

static DROPS: LazyLock<Vec<Drops>> = LazyLock::new(|| {
    let drops = |langs, whole, begins: Option<(&str, &str)>| Drops {
        langs,
        whole: pattern(whole),
        begins: begins.map(|(line, next)| (pattern(line), pattern(next))),
    };
    vec![
        drops(
            BRACES,
            r"\bcatch\s*(\([^)]*\))?\s*\{\s*\}",
            Some((r"\bcatch\s*(\([^)]*\))?\s*\{\s*$", r"^\s*\}")),
        ),
        drops(
            &[Lang::JavaScript],
            r"\.catch\(\s*(\(?\w*\)?\s*=>\s*(\{\s*\}|null|undefined|void 0)|noop)\s*\)",
            None,
        ),
        drops(
            &[Lang::Python],
            r"\bsuppress\((Base)?Exception\)",
            Some((r"^\s*except(\s+(Base)?Exception(\s+as\s+\w+)?)?\s*:\s*$", r"^\s*(pass|\.\.\.)\s*$")),
        ),
        drops(
            &[Lang::Ruby],
            r"\brescue\s+(nil|false)\s*$",
            Some((r"^\s*rescue(\s+(StandardError|Exception))?(\s*=>\s*\w+)?\s*$", r"^\s*end\b")),
        ),
        drops(&[Lang::Go], r"\bif err != nil \{\s*\}", Some((r"\bif err != nil \{\s*$", r"^\s*\}"))),
        drops(
            &[Lang::Go],
            r"(?x) \w+,\x20_\x20:?=\x20(json\.(Marshal|Unmarshal)\w*|os\.(Open|ReadFile|Create|Stat)
            |io\.ReadAll|ioutil\.\w+|url\.Parse\w*|time\.Parse\w*|http\.\w+|base64\.\w+\.Decode\w*|hex\.Decode\w*)\(
            | ^\s*_\x20=\x20[\w.]*(Unmarshal|Decode|Exec|Commit|Save|Write|Remove|RemoveAll|Rename|Mkdir|MkdirAll|Flush|Sync|Delete|Update|Insert|Send)\w*\(",
            None,
        ),
        drops(&[Lang::Rust], r"\bErr\(_\w*\)\s*=>\s*(\{\s*\}|\(\))|^[^=]*\.ok\(\);\s*$", None),
    ]
});

/// What drops an error in this line, and no comment says why.
fn dropped_at(file: &FileDiff, lang: Lang, number: usize, line: &Line) -> Option<String> {
    if !line.comment.trim().is_empty() || said_above(file, number) {
        return None;
    }
    DROPS.iter().filter(|drops| drops.langs.contains(&lang)).find_map(|drops| {
        let begun = || {
            let (begins, next) = drops.begins.as_ref()?;
            begins.find(&line.code).filter(|_| next_is(file, number, next))
        };
        let found = drops.whole.find(&line.code).or_else(begun).filter(|found| !is_meant(found.as_str()))?;
        Some(found.as_str().trim().to_owned())
    })
}

/// The name of the error says that it is to be dropped.
fn is_meant(code: &str) -> bool {
    let code = code.to_lowercase();
    ["ignore", "expected", "unused"].iter().any(|word| code.contains(word))
}

/// Is the next line that is not empty this, with no comment on it?
fn next_is(file: &FileDiff, number: usize, end: &Regex) -> bool {
    let mut behind = file.lines.iter().skip(number).filter(|line| !line.text.trim().is_empty());
    behind.next().is_some_and(|line| line.comment.is_empty() && end.is_match(&line.code))
}

/// A comment above says why.
fn said_above(file: &FileDiff, number: usize) -> bool {
    file.line(number.saturating_sub(1))
        .is_some_and(|above| above.code.trim().is_empty() && !above.comment.trim().is_empty())
}
