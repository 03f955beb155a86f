//! Patterns of `--files` and `--exclude`: `**`, `*`, `?`, `[a-z]` and `{a,b}`, over
//! paths that are bytes. `*` does not cross a `/`; hidden files are files. A name
//! that exists is meant as it is: below a directory `[id]`, `[id]/*.ts` is no set
//! of letters.

use std::path::Path;

use glob::{MatchOptions, Pattern};

use base::encoded_path::EncodedPath;

/// A pattern may not expand to more than this.
const MAX_ALTERNATIVES: usize = 1000;
/// What makes a name a pattern.
const WILDCARDS: [char; 3] = ['*', '?', '['];

const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// A path as text that keeps its bytes apart: how patterns see it.
pub(crate) fn as_text(path: &Path) -> String {
    EncodedPath::from(path).into()
}

/// One pattern with its braces expanded.
#[derive(Debug)]
pub(crate) struct FilePattern {
    /// As given, if it has braces: a file may be called `a{b,c}`.
    whole: Option<Alternative>,
    alternatives: Vec<Alternative>,
}

/// One way through the tree, name by name from the top of the project.
#[derive(Debug)]
struct Alternative {
    names: Vec<Segment>,
    /// A slash at the end asks for a directory.
    directory: bool,
}

#[derive(Debug, Clone)]
struct Segment {
    text: String,
    /// A name and no pattern.
    literal: bool,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPattern {
    #[error("it expands to more than {MAX_ALTERNATIVES} patterns")]
    TooMany,
    #[error("'**' must stand alone between slashes, as in 'src/**/*.ts'")]
    Stars,
    #[error("'..' cannot follow a wildcard")]
    UpFromWildcard,
    #[error("it is outside of the project")]
    Outside,
}

impl FilePattern {
    /// Reads a pattern that is relative to the directory `standing`, which is
    /// relative to the project. `//`, `.` and `..` mean what they do in a path.
    pub(crate) fn new(standing: &str, pattern: &str) -> Result<Self, BadPattern> {
        let read = |text: &String| Alternative::new(standing, text);
        let texts = expand_braces(pattern)?;
        let alternatives = texts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let braces = texts.len() > 1;
        let whole = if braces { Some(Alternative::literal(standing, pattern)?) } else { None };
        Ok(FilePattern { whole, alternatives })
    }

    /// The paths that match, as indices: what has exactly this name; else of each
    /// alternative what has its name, else files that match, else files below
    /// directories that match.
    pub(crate) fn select(&self, paths: &[String]) -> Vec<usize> {
        if let Some(whole) = &self.whole {
            let found = whole.named(paths);
            if !found.is_empty() {
                return found;
            }
        }
        let mut out: Vec<usize> =
            self.alternatives.iter().flat_map(|alternative| alternative.select(paths)).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The directories in front of the first wildcard of each alternative.
    pub(crate) fn literal_directories(&self) -> impl Iterator<Item = String> + '_ {
        self.alternatives.iter().filter_map(|alternative| {
            let names = alternative.names.iter().take_while(|name| !name.is_wild());
            let names: Vec<&str> = names.map(|name| name.text.as_str()).collect();
            // The last name may be that of a file.
            let names = &names[..names.len().min(alternative.names.len().saturating_sub(1))];
            (!names.is_empty()).then(|| names.join("/"))
        })
    }
}

impl Segment {
    fn name(text: &str) -> Self {
        Segment { text: text.to_owned(), literal: true }
    }

    /// A stray bracket is part of a name.
    fn read(text: &str) -> Result<Self, BadPattern> {
        match Pattern::new(text) {
            Ok(_) => Ok(Segment { text: text.to_owned(), literal: !text.contains(WILDCARDS) }),
            Err(error) if error.msg.contains("wildcards") => Err(BadPattern::Stars),
            Err(_) => Ok(Segment::name(text)),
        }
    }

    fn is_wild(&self) -> bool {
        !self.literal
    }

    fn glob(&self) -> String {
        if self.literal { Pattern::escape(&self.text) } else { self.text.clone() }
    }
}

impl Alternative {
    fn new(standing: &str, text: &str) -> Result<Self, BadPattern> {
        Self::read(standing, text, Segment::read)
    }

    fn literal(standing: &str, text: &str) -> Result<Self, BadPattern> {
        Self::read(standing, text, |text| Ok(Segment::name(text)))
    }

    fn read(
        standing: &str,
        text: &str,
        segment: impl Fn(&str) -> Result<Segment, BadPattern>,
    ) -> Result<Self, BadPattern> {
        let mut names: Vec<Segment> =
            standing.split('/').filter(|name| !name.is_empty()).map(Segment::name).collect();
        let mut directory = true;
        for name in text.split('/') {
            directory = matches!(name, "" | "." | "..");
            match name {
                "" | "." => {}
                ".." => match names.pop() {
                    None => return Err(BadPattern::Outside),
                    Some(above) if above.is_wild() => return Err(BadPattern::UpFromWildcard),
                    Some(_) => {}
                },
                name => names.push(segment(name)?),
            }
        }
        Ok(Alternative { names, directory })
    }

    fn select(&self, paths: &[String]) -> Vec<usize> {
        let mut found = self.named(paths);
        let globs = self.globs(paths);
        let file = if self.directory { None } else { Pattern::new(&globs.join("/")).ok() };
        for pattern in [file, below(&globs)].into_iter().flatten() {
            if found.is_empty() {
                found = (0..paths.len()).filter(|&i| pattern.matches_with(&paths[i], OPTIONS)).collect();
            }
        }
        found
    }

    /// What has exactly this name, and what is below a directory of this name.
    fn named(&self, paths: &[String]) -> Vec<usize> {
        let names: Vec<&str> = self.names.iter().map(|name| name.text.as_str()).collect();
        let name = names.join("/");
        if name.is_empty() {
            return Vec::new();
        }
        let directory = format!("{name}/");
        let is = |path: &str| (!self.directory && path == name) || path.starts_with(&directory);
        (0..paths.len()).filter(|&i| is(&paths[i])).collect()
    }

    /// The names as globs: those that exist where they stand are no patterns.
    fn globs(&self, paths: &[String]) -> Vec<String> {
        let mut globs: Vec<String> = Vec::new();
        for name in &self.names {
            let escaped = Pattern::escape(&name.text);
            let exists = name.is_wild() && paths.iter().any(|path| has_part(path, &name.text)) && {
                let with = [globs.as_slice(), std::slice::from_ref(&escaped)].concat();
                let patterns = [Pattern::new(&with.join("/")).ok(), below(&with)];
                patterns
                    .iter()
                    .flatten()
                    .any(|pattern| paths.iter().any(|path| pattern.matches_with(path, OPTIONS)))
            };
            globs.push(if exists { escaped } else { name.glob() });
        }
        globs
    }
}

/// Everything below the directories that these globs match.
fn below(globs: &[String]) -> Option<Pattern> {
    let inside = ["**".to_owned(), "*".to_owned()];
    Pattern::new(&[globs, &inside].concat().join("/")).ok()
}

fn has_part(path: &str, name: &str) -> bool {
    path.contains(name) && path.split('/').any(|part| part == name)
}

/// `a{b,c{d,e}}` → `ab`, `acd`, `ace`. Braces without a comma, or without an
/// end, are part of a name.
fn expand_braces(pattern: &str) -> Result<Vec<String>, BadPattern> {
    let mut done = Vec::new();
    let mut todo = vec![pattern.to_owned()];
    while let Some(text) = todo.pop() {
        match first_group(&text) {
            None => done.push(text),
            Some((open, close, parts)) => {
                for part in parts.iter().rev() {
                    todo.push(format!("{}{part}{}", &text[..open], &text[close + 1..]));
                }
            }
        }
        if done.len() + todo.len() > MAX_ALTERNATIVES {
            return Err(BadPattern::TooMany);
        }
    }
    Ok(done)
}

/// The first brace group that has a comma: where it begins and ends, its parts.
fn first_group(text: &str) -> Option<(usize, usize, Vec<&str>)> {
    for (open, _) in text.match_indices('{') {
        let mut depth = 0;
        let mut from = open + 1;
        let mut parts = Vec::new();
        for (i, c) in text[open..].char_indices().map(|(i, c)| (open + i, c)) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => {
                    parts.push(&text[from..i]);
                    from = i + 1;
                }
                _ => {}
            }
            if depth == 0 {
                if parts.is_empty() {
                    break;
                }
                parts.push(&text[from..i]);
                return Some((open, i, parts));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn braces_are_expanded() {
        for (pattern, want) in [
            ("a", vec!["a"]),
            ("*.{ts,tsx}", vec!["*.ts", "*.tsx"]),
            ("a{b,c{d,e}}f", vec!["abf", "acdf", "acef"]),
            ("{a,}b", vec!["ab", "b"]),
            ("{a}", vec!["{a}"]),
            ("{a,b", vec!["{a,b"]),
            ("{x}{a,b}", vec!["{x}a", "{x}b"]),
        ] {
            assert_eq!(expand_braces(pattern).unwrap(), want, "{pattern}");
        }
        assert_eq!(expand_braces(&"{a,b}".repeat(30)), Err(BadPattern::TooMany));
    }

    #[test]
    fn patterns_select_as_people_expect() {
        let paths: Vec<String> = [
            "a.ts",
            "src/b.ts",
            "src/c.js",
            "src/lib/d.ts",
            "src/lib/.e.ts",
            "app/[id].ts",
            "app/i.ts",
            "x{1,2}.ts",
        ]
        .map(str::to_owned)
        .to_vec();
        for (pattern, want) in [
            ("**/*.ts", vec![0, 1, 3, 4, 5, 6, 7]),
            ("src/*.ts", vec![1]),
            ("src/**/*.ts", vec![1, 3, 4]),
            ("src", vec![1, 2, 3, 4]),
            ("src/", vec![1, 2, 3, 4]),
            ("s*", vec![1, 2, 3, 4]),
            ("src/*", vec![1, 2]),
            ("src/*/", vec![3, 4]),
            ("{src,app}/*.{ts,js}", vec![1, 2, 5, 6]),
            ("app/[id].ts", vec![5]),
            ("app/[ij].ts", vec![6]),
            ("x{1,2}.ts", vec![7]),
            (".", vec![0, 1, 2, 3, 4, 5, 6, 7]),
            ("sr", vec![]),
            ("SRC/*.ts", vec![]),
            ("?.ts", vec![0]),
        ] {
            let pattern_read = FilePattern::new("", pattern).unwrap();
            assert_eq!(pattern_read.select(&paths), want, "{pattern}");
        }
        assert_eq!(FilePattern::new("", "src/**.ts").unwrap_err(), BadPattern::Stars);
        let stray = FilePattern::new("", "a[.ts").unwrap();
        assert_eq!(stray.select(&["a[.ts".to_owned()]), [0]);
    }

    fn chosen(standing: &str, pattern: &str, paths: &[&str]) -> Vec<String> {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let found = FilePattern::new(standing, pattern).unwrap().select(&paths);
        found.into_iter().map(|i| paths[i].clone()).collect()
    }

    #[test]
    fn a_directory_that_has_the_very_name_is_meant() {
        let paths = [
            "app/[id]/page.tsx",
            "app/[id]/deep/x.tsx",
            "app/i/page.tsx",
            "app/(shop)/[[...slug]]/page.tsx",
            "lib/[ab]/x.ts",
            "web/a/x.ts",
        ];
        for (pattern, want) in [
            ("app/[id]/*.tsx", vec![0]),
            ("app/[id]/**/*.tsx", vec![0, 1]),
            ("app/[id]", vec![0, 1]),
            ("app/(shop)/[[...slug]]/*.tsx", vec![3]),
            ("**/[id]/*.tsx", vec![0]),
            ("*/[id]/page.tsx", vec![0]),
            // Another directory's name says nothing about this one.
            ("web/[ab]/*.ts", vec![5]),
            ("lib/[ab]/*", vec![4]),
        ] {
            let want: Vec<&str> = want.into_iter().map(|i: usize| paths[i]).collect();
            assert_eq!(chosen("", pattern, &paths), want, "{pattern}");
        }
    }

    #[test]
    fn slashes_and_dots_mean_what_they_do_in_a_path() {
        let paths = ["src/n.ts", "src/[x]/a.ts", "top.ts"];
        for (standing, pattern, want) in [
            ("", "src//n.ts", vec![0]),
            ("", ".//src/./n.ts", vec![0]),
            ("", "src/.", vec![0, 1]),
            ("", "src//", vec![0, 1]),
            ("", "src/../top.ts", vec![2]),
            ("src", "n.ts", vec![0]),
            ("src", "../top.ts", vec![2]),
            ("src", "..", vec![0, 1, 2]),
            ("src", ".", vec![0, 1]),
            // Where one stands is a name, whatever it looks like.
            ("src/[x]", "*.ts", vec![1]),
            ("src/[x]", "../n.*", vec![0]),
            ("src", "n.ts/", vec![]),
        ] {
            let want: Vec<&str> = want.into_iter().map(|i: usize| paths[i]).collect();
            assert_eq!(chosen(standing, pattern, &paths), want, "{standing}: {pattern}");
        }
        let bad = |standing: &str, pattern: &str| FilePattern::new(standing, pattern).unwrap_err();
        assert_eq!(bad("", "../x"), BadPattern::Outside);
        assert_eq!(bad("src", "../../x"), BadPattern::Outside);
        assert_eq!(bad("", "src/*/../x"), BadPattern::UpFromWildcard);
    }

    proptest! {
        #[test]
        fn a_file_is_selected_by_its_own_name_and_by_its_directory(
            paths in prop::collection::btree_set("[a-c\\[\\]{},*?!]{1,3}(/[a-c\\[*]{1,2}){0,2}", 1..6)
        ) {
            let paths: Vec<String> = paths.into_iter().collect();
            for (i, path) in paths.iter().enumerate() {
                // `**` must stand alone: it is no part of a name.
                if path.contains("**") {
                    continue;
                }
                let selected = FilePattern::new("", path).unwrap().select(&paths);
                prop_assert!(selected.contains(&i), "{path} in {paths:?}");
                if let Some((dir, _)) = path.split_once('/') {
                    prop_assert!(FilePattern::new("", dir).unwrap().select(&paths).contains(&i), "{dir}");
                }
            }
        }

        #[test]
        fn no_text_makes_a_pattern_panic(text in "\\PC{0,60}") {
            let _ = FilePattern::new("", &text).map(|pattern| pattern.select(std::slice::from_ref(&text)));
        }
    }
}
