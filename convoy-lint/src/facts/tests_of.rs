//! Which tests are of a file: by their name, by what they name, by where they stand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::diff::{FileDiff, Line};
use super::role::{Lang, Role, is_test_dir, name};
use super::{Scene, pattern};

/// Names that files of many projects have, and that say nothing of what is in them.
const GENERIC: [&str; 14] = [
    "index",
    "main",
    "mod",
    "lib",
    "__init__",
    "utils",
    "util",
    "base",
    "common",
    "types",
    "helpers",
    "core",
    "config",
    "constants",
];
/// So much of tests is read, in bytes; where there are more, none is found by what it names.
const MOST: usize = 16 << 20;

/// Where tests begin in a file of Rust.
fn tests_inside(file: &FileDiff) -> Option<usize> {
    let Lang::Rust = file.code()? else { return None };
    file.lines.iter().position(|line| line.text.contains("#[cfg(test)]"))
}

pub(super) fn has_test_inside(file: &FileDiff) -> bool {
    tests_inside(file).is_some_and(|begin| file.fresh().any(|(number, _)| number > begin))
}

/// The tests of this very file, by their name.
pub(super) fn own_tests(scene: &Scene, file: &FileDiff, lang: Lang) -> Option<PathBuf> {
    if tests_inside(file).is_some() {
        return Some(file.path.clone());
    }
    let stem = file.path.file_stem()?.to_string_lossy().to_lowercase();
    let parent = |path: &Path| path.parent().and_then(Path::file_name).map(ToOwned::to_owned);
    // Where several files have the name, only a test in a directory of the same name is of this one.
    let is_alone = is_alone(scene, file, lang);
    let is_own = |path: &&PathBuf| {
        let name = name(path).to_lowercase();
        let (stem_of_test, ends) = name.split_once('.').unwrap_or((&name, ""));
        let rest = stem_of_test.replacen(&stem, "", 1);
        let mark = rest.trim_matches(|c: char| !c.is_alphanumeric());
        let is_beside =
            parent(path) == parent(&file.path) || file.path.parent().is_some_and(|dir| path.starts_with(dir));
        let is_named =
            name.starts_with(&stem) && ["test.", "spec.", "cy."].iter().any(|mark| ends.starts_with(mark));
        Role::of(path) == Role::Test(Some(lang))
            // The tests of a package of Go are in its own directory.
            && (lang != Lang::Go || path.parent() == file.path.parent())
            && rest.len() + stem.len() == stem_of_test.len()
            && (is_alone || is_beside)
            && if mark.is_empty() { is_named || (name.starts_with(&stem) && is_beside) } else { ["test", "tests", "spec"].contains(&mark) }
    };
    (!GENERIC[..10].contains(&stem.as_str())).then(|| scene.tree.files.iter().find(is_own).cloned()).flatten()
}

/// Is there no other file of this name?
fn is_alone(scene: &Scene, file: &FileDiff, lang: Lang) -> bool {
    let is_same =
        |path: &&PathBuf| Role::of(path) == Role::Code(lang) && path.file_stem() == file.path.file_stem();
    scene.tree.files.iter().filter(is_same).nth(1).is_none()
}

/// The test that names this code most often: the type or the module that its file is
/// called after, or, in Go, the function that the line is in, from its own directory.
pub(super) fn naming_tests(scene: &Scene, file: &FileDiff, lang: Lang, line: usize) -> Option<PathBuf> {
    let stem = file.path.file_stem()?.to_str()?;
    let is_vague = GENERIC.contains(&stem.to_lowercase().as_str()) || !is_alone(scene, file, lang);
    if lang != Lang::Go && is_vague {
        return None;
    }
    let named = |name: &str| pattern(&format!(r"\b{}\b", regex::escape(name)));
    let wanted = match lang {
        Lang::Java | Lang::Kotlin | Lang::CSharp | Lang::Php | Lang::Swift => {
            vec![named(Some(stem).filter(|stem| is_type(stem))?)]
        }
        Lang::Ruby => vec![named(&Some(camel(stem)).filter(|name| is_type(name))?)],
        Lang::JavaScript => vec![pattern(&format!(r#"['"][^'"]*/{}(\.\w+)?['"]"#, regex::escape(stem)))],
        Lang::Go => vec![pattern(&format!(r"\b{}\(", regex::escape(&around(file, line)?)))],
        // A module is named by all that import any of it.
        Lang::Python => vec![
            pattern(&format!(r"(?m)^\s*(from|import)\b.*\b{}\b", regex::escape(stem))),
            named(&around(file, line)?),
        ],
        Lang::C | Lang::Rust => return None,
    };
    let is_near = |path: &&PathBuf| {
        Role::of(path) == Role::Test(Some(lang)) && (lang != Lang::Go || path.parent() == file.path.parent())
    };
    let mut left = MOST;
    let mut most: Option<(usize, &PathBuf)> = None;
    for path in scene.tree.files.iter().filter(is_near) {
        let Some(text) = scene.tree.read(path) else { continue };
        left = left.checked_sub(text.len())?;
        let hits = wanted.iter().map(|name| name.find_iter(&text).count()).min().unwrap_or_default();
        if hits > most.map_or(0, |(most, _)| most) {
            most = Some((hits, path));
        }
    }
    most.map(|(_, path)| path.clone())
}

/// A name of two words at least.
fn is_type(name: &str) -> bool {
    name.len() >= 8 && name.starts_with(char::is_uppercase) && name.chars().skip(1).any(char::is_uppercase)
}

/// `a_name` as a type.
fn camel(stem: &str) -> String {
    let word =
        |word: &str| word.get(..1).map_or(String::new(), str::to_uppercase) + word.get(1..).unwrap_or("");
    stem.split('_').map(word).collect()
}

/// The name of the function that a line is in, if it is no word that many have.
fn around(file: &FileDiff, number: usize) -> Option<String> {
    static BEGINS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\s*(async\s+)?(def|func)\s+(\([^)]*\)\s*)?(?P<name>\w+)"));
    let indent = |line: &Line| line.text.len() - line.text.trim_start().len();
    let mut most = file.line(number).map(indent)?;
    for at in (1..=number).rev() {
        let line = file.line(at).filter(|line| line.is_code());
        let Some(line) = line.filter(|line| indent(line) < most || at == number) else { continue };
        most = indent(line);
        if let Some(found) = BEGINS.captures(&line.code) {
            let name = found["name"].to_owned();
            return (name.trim_matches('_').len() >= 6).then_some(name);
        }
    }
    None
}

/// The directory of the tests of this language that shares most of its way with the
/// file's, if the project has some for this part of it.
pub(super) fn nearest_tests(scene: &Scene, file: &FileDiff, lang: Lang, least: usize) -> Option<PathBuf> {
    let tests: Vec<&PathBuf> =
        scene.tree.files.iter().filter(|path| Role::of(path) == Role::Test(Some(lang))).collect();
    let shared = |path: &&PathBuf| {
        path.components().zip(file.path.components()).take_while(|(one, other)| one == other).count()
    };
    let at_top =
        |path: &&PathBuf| path.components().next().is_some_and(|first| is_test_dir(first.as_os_str()));
    if tests.len() < least || (lang != Lang::Rust && !neighbours_have_tests(&tests, scene, file, lang)) {
        return None;
    }
    let near = tests.iter().copied().filter(|path| shared(path) > 0 || at_top(path)).max_by_key(shared);
    match near {
        Some(near) => {
            Some(near.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(near).to_path_buf())
        }
        // They are written into the file itself.
        None => (lang == Lang::Rust).then(|| file.path.clone()),
    }
}

/// Does a file beside this one have tests of its own? Where none has, nobody asks for one.
fn neighbours_have_tests(tests: &[&PathBuf], scene: &Scene, file: &FileDiff, lang: Lang) -> bool {
    let marks = ["test", "spec"];
    let words = |path: &Path| -> Vec<String> {
        let name = name(path).to_lowercase();
        name.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
    };
    let bare = |path: &Path| -> String {
        let words = words(path).into_iter().filter(|word| !marks.contains(&word.as_str()) && word != "tests");
        words.collect::<Vec<_>>().join("_")
    };
    let tested: BTreeSet<String> = tests.iter().map(|path| bare(path)).collect();
    let beside = |path: &&PathBuf| path.parent() == file.path.parent() && Role::of(path) == Role::Code(lang);
    scene.tree.files.iter().filter(beside).any(|path| tested.contains(&bare(path)))
}
