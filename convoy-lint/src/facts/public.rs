//! Functions that others call: gone, or with other parameters, while the texts that
//! speak of them stay as they were.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::diff::FileDiff;
use super::role::{Lang, name};
use super::{Fact, Limits, Scene, pattern, tree};

/// So many functions are looked for in the whole project.
const LOOKED_AT: usize = 20;

/// A public function, as the line that begins it has it.
fn signature(lang: Lang) -> Option<&'static Regex> {
    static PYTHON: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(?:    )?(?:async )?def (?P<name>[a-z]\w*)(?P<rest>\(.*)$"));
    static JS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^export (?:default )?(?:async )?(?:function\*? |const )(?P<name>\w+)(?P<rest>\s*(?:\(|= (?:async )?\().*)$",
        )
    });
    static GO: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^func (?:\([^)]*\) )?(?P<name>[A-Z]\w*)(?P<rest>\(.*)$"));
    static RUST: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\s*pub (?:const |async |unsafe )*fn (?P<name>\w+)(?P<rest>[<(].*)$"));
    static JAVA: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^\s*public (?:static |final |abstract |synchronized )*[\w<>\[\], ?]+ (?P<name>\w+)(?P<rest>\(.*)$",
        )
    });
    static RUBY: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\s*def (?:self\.)?(?P<name>[a-z]\w*[?!]?)(?P<rest>.*)$"));
    static PHP: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\s*public (?:static )?function (?P<name>\w+)(?P<rest>\(.*)$"));
    Some(match lang {
        Lang::Python => &PYTHON,
        Lang::JavaScript => &JS,
        Lang::Go => &GO,
        Lang::Rust => &RUST,
        Lang::Java => &JAVA,
        Lang::Ruby => &RUBY,
        Lang::Php => &PHP,
        Lang::C | Lang::CSharp | Lang::Kotlin | Lang::Swift => return None,
    })
}

/// What a change does to a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Gone,
    Changed,
}

/// A public function of before that is not as it was.
#[derive(Debug)]
struct Touched<'a> {
    file: &'a FileDiff,
    name: String,
    fate: Fate,
    /// Calls as they were go on working.
    compatible: bool,
    line: usize,
}

fn touched(scene: &Scene) -> Vec<Touched<'_>> {
    // Whatever is defined in the files of the change is not gone.
    let defined: BTreeMap<String, (String, usize, &Path)> = scene
        .code()
        .flat_map(|(file, lang)| {
            let found = |(number, line): (usize, &super::diff::Line)| {
                let found = signature(lang)?.captures(&line.text)?;
                Some((
                    found["name"].to_owned(),
                    (found["rest"].trim().to_owned(), number, file.path.as_path()),
                ))
            };
            (1..).zip(&file.lines).filter_map(found).collect::<Vec<_>>()
        })
        .collect();
    let of_file = |(file, lang): (&'_ FileDiff, Lang)| {
        let before = |line: &String| {
            let found = signature(lang)?.captures(line)?;
            let (name, rest) = (found["name"].to_owned(), found["rest"].trim().to_owned());
            match defined.get(&name) {
                None => Some((name, Fate::Gone, false, 1)),
                Some((now, line, path)) if *path == file.path => {
                    // Where they go on in the next line, it is not known.
                    let (now, then) = (parameters(now)?, parameters(&rest)?);
                    let more = now.strip_prefix(then.as_slice());
                    let compatible =
                        more.is_some_and(|more| more.iter().all(|one| one.contains(['=', '*', '?'])));
                    (now != then).then_some((name, Fate::Changed, compatible, *line))
                }
                Some(_) => None,
            }
        };
        file.removed.iter().filter_map(before).collect::<Vec<_>>()
    };
    let mut all = Vec::new();
    for (file, lang) in scene.code() {
        for (name, fate, compatible, line) in of_file((file, lang)) {
            all.push(Touched { file, name, fate, compatible, line });
        }
    }
    all
}

/// The names in front of the types, each with a mark where it may be left out; `None`: they go on in the next line.
fn parameters(rest: &str) -> Option<Vec<String>> {
    let open = rest.find('(')?;
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in rest[open..].chars() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let name = |part: String| {
                let part = part.trim_start_matches('(').trim().to_owned();
                let end = part.find([':', '=', ' ', '?']).unwrap_or(part.len());
                let may_be_left_out = part.contains('=') || part.contains('?');
                format!("{}{}", &part[..end], if may_be_left_out { "=" } else { "" })
            };
            return Some(parts.into_iter().map(name).filter(|name| !name.is_empty()).collect());
        }
        if c == ',' && depth == 1 {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    None
}

/// A name that is no word of the language.
pub(super) fn is_distinct(name: &str) -> bool {
    let inner = name.trim_start_matches('_');
    inner.len() >= 6 && (inner.contains('_') || inner.chars().skip(1).any(char::is_uppercase))
}

/// Texts of the project that still speak of a function as it was.
pub(super) fn docs_behind(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let changed: BTreeSet<&Path> = scene.files.iter().map(|file| file.path.as_path()).collect();
    let mut facts: Vec<Fact> = Vec::new();
    for one in touched(scene).iter().filter(|one| is_distinct(&one.name) && !one.compatible) {
        let shown = match one.fate {
            // Of what is gone any mention is wrong, of what is changed a call.
            Fate::Gone => format!(r"(`|\.|::|\b){}(`|\()", regex::escape(&one.name)),
            Fate::Changed => format!(r"\b{}\([^)\s]", regex::escape(&one.name)),
        };
        let shown = pattern(&shown);
        let mut places = Vec::new();
        for doc in scene.tree.docs().iter().filter(|doc| !changed.contains(doc.path.as_path())) {
            if doc.text.contains(&one.name)
                && let Some(found) = shown.find(&doc.text)
            {
                places.push(tree::place(&doc.path, tree::line_of(&doc.text, found.start())));
            }
        }
        let is_told = !places.is_empty() && places.len() <= limits.of("places");
        // Of several that have the name, the text may show any.
        if !is_told || still_defined(scene, one) {
            continue;
        }
        let fate =
            if one.fate == Fate::Gone { "is gone with this change" } else { "has other parameters now" };
        facts.push(
            Fact::at(one.file, one.line)
                .with("NAME", &&one.name)
                .with("FATE", &fate)
                .with("DOC", &&places[0]),
        );
    }
    facts.dedup_by(|next, first| next.path == first.path && next.names[0] == first.names[0]);
    facts
}

/// Is something of this name defined in another file of the language? Of what is gone, in any.
fn still_defined(scene: &Scene, one: &Touched<'_>) -> bool {
    let Some(lang) = one.file.code() else { return false };
    let defines = pattern(&format!(
        r"\b(def|fn|func|function|const|let|var|class)\s+(\([^)]*\)\s*|self\.)?{0}\b|\b{0}\s*(=|:)\s*(async\s*)?(\(|function)",
        regex::escape(&one.name)
    ));
    let is_own = |path: &Path| one.fate == Fate::Changed && path == one.file.path;
    let others = scene.tree.files.iter().filter(|path| Lang::of(path) == Some(lang) && !is_own(path));
    others
        .filter_map(|path| scene.tree.read(path))
        .any(|text| text.contains(&one.name) && defines.is_match(&text))
}

/// Files that tell users what changed.
fn is_changelog(path: &Path) -> bool {
    let name = name(path).to_ascii_lowercase();
    let stem = name.split('.').next().unwrap_or(&name);
    ["changelog", "changes", "history", "news"].contains(&stem) && path.components().count() <= 2
}

/// A public function is gone or changed, and a changelog that is kept says nothing.
pub(super) fn changelog(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    static OPEN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(unreleased|not yet released|HEAD|upcoming|main)\b"));
    let is_told = |file: &FileDiff| {
        let path = file.path.to_string_lossy().to_ascii_lowercase();
        is_changelog(&file.path)
            || [".changeset/", "changelog", "changes/", "newsfragments/", "news/", "release"]
                .iter()
                .any(|word| path.contains(word))
    };
    if scene.files.iter().any(is_told) {
        return Vec::new();
    }
    let is_kept = |path: &&std::path::PathBuf| {
        is_changelog(path)
            && scene
                .tree
                .read(path)
                .is_some_and(|text| text.lines().take(limits.of("head")).any(|line| OPEN.is_match(line)))
    };
    let Some(log) = scene.tree.files.iter().find(is_kept) else { return Vec::new() };
    let all = touched(scene);
    // Of very many, some tell enough: each may mean a look at all files.
    let mut some = all.iter().filter(|one| one.name.len() > 3).take(LOOKED_AT);
    let Some(first) = some.find(|one| one.fate == Fate::Changed || !still_defined(scene, one)) else {
        return Vec::new();
    };
    let fate = if first.fate == Fate::Gone { "is gone" } else { "has other parameters" };
    vec![
        Fact::at(first.file, first.line)
            .with("NAME", &&first.name)
            .with("FATE", &fate)
            .with("LOG", &log.to_string_lossy()),
    ]
}

/// New public functions without a doc comment, where nearly all others have one.
pub(super) fn undocumented(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let facts = |(file, lang): (&FileDiff, Lang)| {
        let Some(signature) = signature(lang).filter(|_| lang != Lang::Ruby) else { return Vec::new() };
        let (mut with, mut all, mut bare) = (0, 0, Vec::new());
        for (number, line) in (1..).zip(&file.lines).filter(|(_, line)| !line.quoted) {
            let Some(found) = signature.captures(&line.code) else { continue };
            let is_told = is_documented(file, lang, number);
            if line.fresh {
                let is_told = is_told || (lang == Lang::Python && !in_class(file, number));
                bare.extend((!is_told).then(|| (number, found["name"].to_owned())));
            } else {
                with += usize::from(is_told);
                all += 1;
            }
        }
        if all < limits.of("others") || with * 100 < all * limits.of("percent") {
            return Vec::new();
        }
        let fact = |(number, name)| {
            Fact::at(file, number).with("NAME", &name).with("OTHERS", &with).with("ALL", &all)
        };
        bare.into_iter().map(fact).collect()
    };
    scene.code().flat_map(facts).collect()
}

/// A comment above the function and what decorates it; in Python, a text below.
fn is_documented(file: &FileDiff, lang: Lang, number: usize) -> bool {
    if lang == Lang::Python {
        let mut below = file.lines.iter().skip(number - 1);
        let ends = |line: &&super::diff::Line| line.code.trim_end().ends_with(':');
        below.by_ref().find(ends);
        return below.next().is_some_and(|line| {
            line.text.trim_start().starts_with(['"', '\'', 'r']) && line.text.contains("\"\"\"")
        }) || (1..number)
            .rev()
            .take(3)
            .filter_map(|at| file.line(at))
            .any(|line| line.code.contains("overload") || line.code.contains("override"));
    }
    for at in (1..number).rev() {
        let Some(line) = file.line(at) else { return false };
        let text = line.text.trim();
        if !line.comment.trim().is_empty() && line.code.trim().is_empty() {
            return true;
        }
        if text.contains("Override") || text.contains("overload") {
            return true;
        }
        if !text.starts_with(['@', '#', '*']) && !text.ends_with("*/") {
            return false;
        }
    }
    false
}

/// Of a function that is indented: is it a method, and not within a condition?
fn in_class(file: &FileDiff, number: usize) -> bool {
    let is_top = |line: &super::diff::Line| line.is_code() && !line.text.starts_with([' ', '\t', ')']);
    if file.line(number).is_some_and(is_top) {
        return true;
    }
    let above = (1..number).rev().filter_map(|at| file.line(at)).find(|line| is_top(line));
    above.is_some_and(|line| line.code.starts_with("class "))
}
