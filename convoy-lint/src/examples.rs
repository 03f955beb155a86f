//! Examples of rules: code that a rule has to hit, and code that it has to leave alone.
//!
//! Of the rule `own` they are `own/bad.py`, `own/good.py` and, where it mends, `own/fixed.py`
//! (what `bad.py` becomes). In `bad` a comment that begins with `bad` stands on the line
//! above each hit: no marked line may be missed, no other line may be hit. There may be
//! more of them: `bad_names.py`.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base::text;

use crate::finding::Finding;
use crate::fix;
use crate::language::Language;
use crate::pack::Pack;
use crate::{scan, source};

/// The directory beside the rules that holds their examples.
pub const DIRECTORY: &str = "tests";

/// What is wrong with a rule by its examples, a line each; `dir`: those of this rule.
pub fn check(pack: &Pack, id: &str, dir: &Path) -> io::Result<Vec<String>> {
    let mut wrong = Vec::new();
    let (mut has_bad, mut has_good) = (false, false);
    for path in files(dir)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("fixed") {
            continue;
        }
        let Some(language) = Language::of_path(&path) else {
            wrong.push(format!("{name}: no known language"));
            continue;
        };
        let (is_bad, is_good) = (name.starts_with("bad"), name.starts_with("good"));
        if !is_bad && !is_good {
            wrong.push(format!("{name}: neither bad nor good nor fixed"));
            continue;
        }
        let text = fs::read_to_string(&path)?;
        // A place where no rule leaves anything alone.
        let found = hits(pack, id, language, &Path::new("src").join(&name), &text);
        let found = match found {
            Ok(found) => found,
            Err(why) => {
                wrong.push(format!("{name}: {why}"));
                continue;
            }
        };
        let lines: BTreeSet<usize> = found.iter().map(|one| one.line).collect();
        let expected = marked(&text);
        has_bad |= is_bad && !expected.is_empty();
        has_good |= is_good;
        wrong.extend(expected.difference(&lines).map(|line| format!("{name}:{line}: missed")));
        wrong.extend(lines.difference(&expected).map(|line| format!("{name}:{line}: hit, and not marked")));
        if is_bad {
            wrong.extend(check_fixed(&path, &text, &found)?);
        }
    }
    if !has_bad || !has_good {
        wrong.push("it needs bad.EXT with a line below a comment 'bad', and good.EXT".to_owned());
    }
    Ok(wrong)
}

/// A rule that mends has to make what stands in `fixed` of what stands in `bad`.
fn check_fixed(bad: &Path, text: &str, found: &[Finding]) -> io::Result<Option<String>> {
    let name = bad.file_name().unwrap_or_default().to_string_lossy().replacen("bad", "fixed", 1);
    let path = bad.with_file_name(&name);
    let edits: Vec<_> = found.iter().filter_map(|one| one.edit.as_ref()).collect();
    let made = fix::apply(text, &edits).text;
    match fs::read_to_string(&path) {
        Ok(fixed) if fixed == made => Ok(None),
        Ok(fixed) => {
            let line = fixed.lines().zip(made.lines()).position(|(one, other)| one != other);
            let line = line.unwrap_or_else(|| fixed.lines().count().min(made.lines().count()));
            let written = made.lines().nth(line).unwrap_or_default();
            Ok(Some(format!("{name}:{}: the fix writes '{}'", line + 1, text::visible(written))))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && edits.is_empty() => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(Some(format!("it has a fix, and there is no {name} beside {}", text::path(bad))))
        }
        Err(error) => Err(error),
    }
}

fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    match fs::read_dir(dir) {
        Ok(entries) => {
            for entry in entries {
                paths.push(entry?.path());
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    paths.sort();
    Ok(paths)
}

/// What the rule finds in a text.
fn hits(pack: &Pack, id: &str, language: Language, path: &Path, text: &str) -> Result<Vec<Finding>, String> {
    source::text(path, text.as_bytes().to_vec())?;
    let table = pack.table(language).ok_or("no rule of this language")?;
    let scanned = scan::scan(table, None, language, path, text)?;
    if let Some(given_up) = scanned.given_up.iter().find(|rule| *rule == id) {
        return Err(format!("{given_up} took too long"));
    }
    Ok(scanned.findings.into_iter().filter(|finding| finding.rule == id).collect())
}

/// The lines below comments that begin with `bad`.
fn marked(text: &str) -> BTreeSet<usize> {
    let is_mark = |line: &str| {
        let line = line.trim_start();
        ["# bad", "// bad", "{/* bad"].iter().any(|mark| line.starts_with(mark))
    };
    text.lines().zip(2..).filter(|(line, _)| is_mark(line)).map(|(_, next)| next).collect()
}
