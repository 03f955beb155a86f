//! Lists below headings that say what is wrong with each of them, and how many there are:
//! `Unused exports (2)` above `heat  src/oven.js:3:9`.

use serde_json::{Map, Value};

use super::entry::{Given, Source, names_file, of_object};
use crate::model::{Extraction, Recognised};

/// A heading, and how many of its list are still to come.
struct List<'a> {
    name: &'a str,
    left: usize,
}

/// Reads a text of nothing but such lists; `None` = it is none.
pub(super) fn extract(text: &str) -> Option<Extraction> {
    let mut out = Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
    let mut list: Option<List<'_>> = None;
    let (mut lacking, mut others) = (0, 0);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim_end();
        if bare.trim().is_empty() {
            continue;
        }
        if let Some((name, count)) = heading(bare) {
            lacking += list.replace(List { name, left: count }).map_or(0, |list| list.left);
            continue;
        }
        let list = list.as_mut()?;
        let Some(object) = item(list.name, bare).filter(|_| list.left > 0) else {
            others += 1;
            continue;
        };
        list.left -= 1;
        out.members.extend(of_object(Source { text: bare, start }, &object, &Given::default()));
    }
    lacking += list?.left;
    if out.members.is_empty() || others > out.members.len() {
        return None;
    }
    if lacking > 0 {
        super::fault(&mut out, &format!("its headings count {lacking} more"));
    }
    if others > 0 {
        super::fault(&mut out, &format!("{others} lines could not be read"));
    }
    Some(out)
}

/// `Unused exports (2)`: what is wrong, and how often.
fn heading(line: &str) -> Option<(&str, usize)> {
    const WRONG: [&str; 8] =
        ["Unused", "Unlisted", "Unresolved", "Unreachable", "Duplicate", "Missing", "Invalid", "Circular"];
    let (name, count) = line.strip_suffix(')')?.rsplit_once(" (")?;
    let is_wrong = WRONG.contains(&name.split(' ').next()?) && name.split(' ').count() <= 5;
    is_wrong.then(|| count.parse().ok().map(|count| (name, count)))?
}

/// `heat  src/oven.js:3:9`, `src/oven.js`: what it is, and where, behind two blanks or more.
fn item(list: &str, line: &str) -> Option<Map<String, Value>> {
    let columns: Vec<&str> = line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
    let (place, named) = columns.split_last()?;
    let mut parts = place.split(':');
    let file = parts.next().filter(|file| names_file(file))?;
    let numbers = parts.map(|part| part.parse::<u32>().ok()).collect::<Option<Vec<u32>>>()?;
    let what = if named.is_empty() { file.to_string() } else { named.join(" ") };
    let mut object = Map::new();
    object.insert("title".to_string(), Value::from(format!("{list}: {what}")));
    object.insert("file".to_string(), Value::from(file));
    object.extend(numbers.first().map(|line| ("line".to_string(), Value::from(*line))));
    Some(object)
}

#[cfg(test)]
mod tests {
    use super::super::told;

    const LISTS: &str = "Unused files (1)\nsrc/attic.js\nUnused dependencies (2)\noven-kit  package.json\nhob       package.json\n\nUnused exports (1)\nheat  function  src/oven.js:3:9\n";

    #[test]
    fn each_of_a_list_that_is_counted_is_one() {
        let all = [
            "src/attic.js unrated Unused files: src/attic.js",
            "package.json unrated Unused dependencies: oven-kit",
            "package.json unrated Unused dependencies: hob",
            "src/oven.js:3 unrated Unused exports: heat function",
        ]
        .map(str::to_string);
        assert_eq!(told(LISTS, "lists.txt"), (all.to_vec(), true));
        for broken in
            [LISTS.replace("exports (1)", "exports (2)"), LISTS.replace("hob       package", "hob ")]
        {
            assert!(!told(&broken, "lists.txt").1, "one is not there: {broken}");
        }
    }

    #[test]
    fn a_list_of_what_was_read_is_none() {
        let (found, _) = told("Files that were read (2)\nsrc/oven.js\nsrc/hob.js\n", "lists.txt");
        assert!(found.is_empty(), "{found:?}");
    }
}
