//! Where else the function of a finding is named: lines for whoever looks again at it.
//!
//! Found by the words alone, within bounds of files, bytes and time: it is told as lines
//! that name it, and where the search was cut short, that is told too.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base::{files, text};

/// So many lines are shown, and so much of each.
const MOST_LINES: usize = 8;
const LONGEST_LINE: usize = 160;
/// The search ends after so many entries of directories, bytes read, and time.
const MOST_ENTRIES: usize = 20_000;
const MOST_BYTES: u64 = 32 << 20;
const LONGEST: Duration = Duration::from_secs(1);
/// A larger file is no source file that a person wrote.
const LARGEST_FILE: u64 = 1 << 20;
/// A function is looked for in so many lines above a place.
const FARTHEST: usize = 400;
/// What tools made, and what others wrote.
const SKIPPED_DIRS: [&str; 7] =
    ["node_modules", "vendor", "third_party", "target", "dist", "build", "__pycache__"];
/// Endings of files whose code can call each other.
const FAMILIES: [&[&str]; 3] = [
    &["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte"],
    &["c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx"],
    &["java", "kt", "kts", "scala", "groovy"],
];

/// Where a finding is, and where to look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// What paths are told relative to, and the directory below which is searched.
    pub(crate) tree: &'a Path,
    pub(crate) below: &'a Path,
    /// Relative to the tree.
    pub(crate) file: &'a Path,
    pub(crate) lines: &'a [String],
    /// The line of the finding, counted from 0.
    pub(crate) at: usize,
    /// The lines around it that are shown anyway, counted from 0.
    pub(crate) shown: (usize, usize),
}

/// What has been found.
#[derive(Debug, Default, PartialEq, Eq)]
struct Named {
    /// File, line from 1, and the line.
    lines: Vec<(PathBuf, usize, String)>,
    more: usize,
    files: usize,
    is_cut: bool,
}

/// The lines that name the function of a place, as Markdown; empty: it is in none that its
/// text tells.
pub(crate) fn told(place: Place<'_>) -> String {
    let Some(name) = function_at(place.lines, place.at) else { return String::new() };
    let found = search(place, &name, Instant::now() + LONGEST);
    let (name, files) = (text::visible(&name), found.files);
    let cut = if found.is_cut { "; the search was cut short there, and there may be more" } else { "" };
    let others = if files == 1 { "file that was".to_owned() } else { "files that were".to_owned() };
    let searched = format!("of {files} {others} searched{cut}");
    if found.lines.is_empty() {
        return format!("No other line {searched} names `{name}`, the function it is in.\n");
    }
    let mut out = format!("Other lines that name `{name}`, the function it is in ({searched}):\n\n");
    for (file, line, words) in &found.lines {
        let words: String = words.trim().chars().take(LONGEST_LINE).collect();
        let _ = writeln!(out, "    {}:{line}: {}", text::path(file), text::visible(&words));
    }
    if found.more > 0 {
        let _ = writeln!(out, "\n{} more lines name it, and are not shown.", found.more);
    }
    out
}

/// The function that a line is in, by the text: the nearest line above that is indented less
/// and declares one.
fn function_at(lines: &[String], at: usize) -> Option<String> {
    let own = lines.get(at)?;
    if let Some(name) = declared(own) {
        return Some(name);
    }
    let mut least = indentation(own)?;
    for line in lines[..at].iter().rev().take(FARTHEST) {
        // Parameters and braces of a declaration may stand on lines of their own.
        let Some(indented) =
            indentation(line).filter(|_| !line.trim_start().starts_with(['{', '}', ')', ']']))
        else {
            continue;
        };
        if indented < least {
            if let Some(name) = declared(line) {
                return Some(name);
            }
            least = indented;
        }
    }
    None
}

/// `None`: the line is empty.
fn indentation(line: &str) -> Option<usize> {
    let rest = line.trim_start();
    (!rest.is_empty()).then(|| line.len() - rest.len())
}

/// The function that a line declares.
fn declared(line: &str) -> Option<String> {
    const KEYWORDS: [&str; 7] = ["fn", "def", "func", "function", "fun", "sub", "proc"];
    /// Words before a parenthesis and a brace that begin a block of another kind.
    const BLOCKS: [&str; 14] = [
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "match",
        "return",
        "else",
        "with",
        "function",
        "do",
        "select",
        "synchronized",
        "using",
    ];
    let line = line.trim();
    if ["//", "#", "*", "/*", "--"].iter().any(|mark| line.starts_with(mark)) {
        return None;
    }
    let words: Vec<&str> = line.split_whitespace().take(8).collect();
    for (n, word) in words.iter().enumerate() {
        // `func (s *Store) Get(id int)`: the name comes behind the receiver.
        if KEYWORDS.contains(&word.trim_end_matches('*')) {
            let mut rest = &line[line.find(word)? + word.len()..];
            if *word == "func" && rest.trim_start().starts_with('(') {
                rest = rest.split_once(')')?.1;
            }
            let name = identifier(rest.trim_start().trim_start_matches('*'));
            if !name.is_empty() {
                return Some(name.to_owned());
            }
        }
        if n > 5 {
            break;
        }
    }
    // `const load = async (id) => {`, `load: function (id) {`
    if let Some((before, after)) = line.split_once(['=', ':'])
        && (after.contains("=>") || after.contains("function"))
    {
        let name = before.split([':', '<']).next()?.split_whitespace().last()?;
        let name = name.rsplit('.').next()?;
        return is_name(name).then(|| name.to_owned());
    }
    // `public int size(String name) {`, `load(id) {`
    let (before, _) = line.split_once('(')?;
    let name = before.trim_end().rsplit(|c: char| !is_word(c)).next()?;
    let opens = line.ends_with('{') || line.ends_with(')');
    let is_call = line.ends_with(')') && before.split_whitespace().count() < 2;
    let is_block = before.split_whitespace().any(|word| BLOCKS.contains(&word) || word == "new");
    let is_plain = !before.contains(['=', '.', '"', '\'', '!', ',']);
    (opens && !is_call && !is_block && is_plain && is_name(name)).then(|| name.to_owned())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn identifier(words: &str) -> &str {
    let end = words.find(|c| !is_word(c)).unwrap_or(words.len());
    &words[..end]
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(is_word) && !word.starts_with(|c: char| c.is_ascii_digit())
}

/// Does a line have this name as a word of its own?
fn names(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let behind = line[at + name.len()..].chars().next();
        !before.is_some_and(is_word) && !behind.is_some_and(is_word)
    })
}

/// Looks through the file itself and then those of its kind, nearer to the root first.
fn search(place: Place<'_>, name: &str, until: Instant) -> Named {
    let mut found = Named { files: 1, ..Named::default() };
    let (from, to) = place.shown;
    let own = place.lines.iter().enumerate().filter(|(n, _)| !(from..to).contains(n));
    own.for_each(|(n, line)| found.take(place.file, n, line, name));
    let Some(endings) = endings(place.file) else { return found };
    let mut open = VecDeque::from([place.below.to_path_buf()]);
    let (mut entries, mut bytes) = (0, 0);
    while let Some(dir) = open.pop_front() {
        // What cannot be listed or read was not searched.
        let Ok(mut there) = files::names(&dir) else {
            found.is_cut = true;
            continue;
        };
        there.sort();
        for entry in there {
            entries += 1;
            if entries > MOST_ENTRIES || bytes > MOST_BYTES || Instant::now() > until {
                found.is_cut = true;
                return found;
            }
            let path = dir.join(&entry);
            let shown = entry.to_string_lossy();
            // Links lead elsewhere, or to what is met anyway.
            let Ok(kind) = path.symlink_metadata() else {
                found.is_cut = true;
                continue;
            };
            if kind.is_dir() && !shown.starts_with('.') && !SKIPPED_DIRS.contains(&shown.as_ref()) {
                open.push_back(path);
                continue;
            }
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            let relative = path.strip_prefix(place.tree).unwrap_or(&path);
            let is_it = kind.is_file() && endings.contains(&ending) && kind.len() <= LARGEST_FILE;
            if !is_it || relative == place.file {
                continue;
            }
            let Ok(read) = files::read(&path) else {
                found.is_cut = true;
                continue;
            };
            bytes += read.len() as u64;
            found.files += 1;
            let lines = String::from_utf8_lossy(&read);
            lines.lines().enumerate().for_each(|(n, line)| found.take(relative, n, line, name));
        }
    }
    found
}

impl Named {
    fn take(&mut self, file: &Path, n: usize, line: &str, name: &str) {
        if !names(line, name) {
            return;
        }
        if self.lines.len() < MOST_LINES {
            self.lines.push((file.to_path_buf(), n + 1, line.to_owned()));
        } else {
            self.more += 1;
        }
    }
}

/// Those of files like this one; `None`: of any kind.
fn endings(file: &Path) -> Option<Vec<&str>> {
    let own = file.extension()?.to_str()?;
    let family = FAMILIES.iter().find(|family| family.contains(&own));
    Some(family.map_or_else(|| vec![own], |family| family.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn lines(code: &str) -> Vec<String> {
        code.lines().map(str::to_owned).collect()
    }

    fn function(code: &str) -> Option<String> {
        let lines = lines(code);
        function_at(&lines, lines.iter().position(|line| line.contains("HERE")).unwrap())
    }

    #[test]
    fn the_function_that_a_line_is_in_is_read_off_its_text() {
        for (code, want) in [
            ("pub(crate) async fn load(id: u32) -> u32 {\n    HERE\n}", Some("load")),
            (
                "impl A {\n    fn one(&self) {\n        1;\n    }\n\n    fn two(\n        &self,\n    ) -> u8 {\n        HERE\n    }\n}",
                Some("two"),
            ),
            ("class A:\n    def run(self, x):\n        if x:\n            HERE\n", Some("run")),
            ("def a():\n    pass\n\nHERE = 1\n", None),
            ("func (s *Store) Get(id int) error {\n\tif id == 0 {\n\t\tHERE\n\t}\n}", Some("Get")),
            ("export async function save(a) {\n  HERE\n}", Some("save")),
            ("const load = async (id) => {\n  HERE\n};", Some("load")),
            ("exports.load = function (id) {\n  HERE\n};", Some("load")),
            (
                "class A {\n  async load(id: string): Promise<void> {\n    for (const a of b) {\n      HERE\n    }\n  }\n}",
                Some("load"),
            ),
            ("static int\nsize(const char *name)\n{\n\tHERE;\n}", None),
            ("static int size(const char *name)\n{\n    HERE;\n}", Some("size")),
            ("  public int size(String name) {\n    if (name == null) { HERE }\n  }", Some("size")),
            ("while (x) {\n  HERE\n}", None),
            ("// function old() {\n  HERE\n", None),
            ("fn it() { HERE }", Some("it")),
        ] {
            assert_eq!(function(code).as_deref(), want, "{code}");
        }
    }

    #[test]
    fn a_name_is_a_word_of_its_own() {
        assert!(names("x = load(1)", "load") && names("load", "load") && names("a.load;", "load"));
        assert!(!names("reload(1)", "load") && !names("load_all(1)", "load") && !names("$load", "load"));
    }

    fn place<'a>(tree: &'a Path, file: &'a Path, lines: &'a [String]) -> Place<'a> {
        Place { tree, below: tree, file, lines, at: 1, shown: (0, 2) }
    }

    #[test]
    fn lines_elsewhere_that_name_it_are_told_and_how_far_was_searched() {
        let tree = tempfile::tempdir().unwrap();
        let write = |name: &str, words: &str| {
            let path = tree.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, words).unwrap();
        };
        let own = lines("function load(id) {\n  return db[id];\n}\nload(3);");
        write("src/a.ts", &own.join("\n"));
        write("src/b.tsx", "import { load } from './a';\nreload();\nload(req.id);\n");
        write("src/b.py", "load(1)\n");
        write("node_modules/x/c.js", "load(1)\n");
        write(".hidden/c.js", "load(1)\n");
        std::os::unix::fs::symlink("b.tsx", tree.path().join("src/link.ts")).unwrap();
        let file = Path::new("src/a.ts");
        let words = told(place(tree.path(), file, &own));
        let rows: Vec<&str> = words.lines().filter(|line| line.starts_with("    ")).map(str::trim).collect();
        assert_eq!(
            rows,
            [
                "src/a.ts:4: load(3);",
                "src/b.tsx:1: import { load } from './a';",
                "src/b.tsx:3: load(req.id);"
            ]
        );
        assert!(words.contains("Other lines that name `load`") && words.contains("of 2 files"), "{words}");
        write("src/many.ts", &"load();\n".repeat(30));
        let words = told(place(tree.path(), file, &own));
        assert!(words.contains("25 more lines name it") && !words.contains("cut short"), "{words}");
        let lone = lines("function never(id) {\n  return db[id];\n}");
        let words = told(place(tree.path(), file, &lone));
        assert_eq!(
            words,
            "No other line of 3 files that were searched names `never`, the function it is in.\n"
        );
    }

    #[test]
    fn a_search_that_is_cut_short_says_so() {
        let tree = tempfile::tempdir().unwrap();
        fs::write(tree.path().join("b.ts"), "load();\n").unwrap();
        let own = lines("function load(id) {\n  return db[id];\n}");
        let file = Path::new("a.ts");
        let found = search(place(tree.path(), file, &own), "load", Instant::now());
        assert!(found.is_cut && found.lines.is_empty(), "{found:?}");
        // A name that is no directory, as one that may not be listed.
        let gone = Place { below: &tree.path().join("b.ts"), ..place(tree.path(), file, &own) };
        assert!(told(gone).contains("cut short"), "{}", told(gone));
    }
}
