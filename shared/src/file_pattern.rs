//! Patterns of `--files`: `**`, `*`, `?`, `[a-z]` and `{a,b}`, over paths that
//! are bytes. `*` does not cross a `/`; hidden files are files.

use std::path::Path;

use glob::{MatchOptions, Pattern};

use crate::path_text::PathText;

/// A pattern may not expand to more than this.
const MAX_ALTERNATIVES: usize = 1000;

const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// A path as text that keeps its bytes apart: how patterns see it.
pub fn as_text(path: &Path) -> String {
    PathText::from(path).into()
}

/// One pattern with its braces expanded.
#[derive(Debug)]
pub struct FilePattern {
    /// As given: a file may be called `a{b,c}`.
    whole: String,
    alternatives: Vec<Alternative>,
}

#[derive(Debug)]
struct Alternative {
    literal: String,
    /// Missing if it is a name with a stray bracket, which is only a name then.
    glob: Option<Pattern>,
    /// The same as a directory: everything below it.
    below: Option<Pattern>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    #[error("it expands to more than {MAX_ALTERNATIVES} patterns")]
    TooMany,
    #[error("'**' must stand alone between slashes, as in 'src/**/*.ts'")]
    Stars,
}

impl FilePattern {
    /// Reads a pattern that is relative to the project, without `./` in front.
    pub fn new(pattern: &str) -> Result<Self, BadPattern> {
        let mut alternatives = Vec::new();
        for text in expand_braces(pattern)? {
            let name = text.trim_end_matches('/');
            let glob = match Pattern::new(name) {
                Ok(glob) => Some(glob),
                Err(error) if error.msg.contains("wildcards") => return Err(BadPattern::Stars),
                Err(_) => None,
            };
            let below = match name {
                "" | "." => Pattern::new("**/*").ok(),
                name if glob.is_some() => Pattern::new(&format!("{name}/**/*")).ok(),
                name => Pattern::new(&format!("{}/**/*", Pattern::escape(name))).ok(),
            };
            // A slash at the end asks for a directory.
            let glob = glob.filter(|_| name.len() == text.len());
            alternatives.push(Alternative { literal: name.to_owned(), glob, below });
        }
        Ok(FilePattern { whole: pattern.trim_end_matches('/').to_owned(), alternatives })
    }

    /// The paths that match, as indices: what has exactly this name; else of each
    /// alternative what has its name, else files that match, else files below
    /// directories that match.
    pub fn select(&self, paths: &[String]) -> Vec<usize> {
        let by = |test: &dyn Fn(&str) -> bool| -> Vec<usize> {
            (0..paths.len()).filter(|&i| test(&paths[i])).collect()
        };
        let named = |name: &str| {
            let prefix = format!("{name}/");
            by(&|path| path == name || path.starts_with(&prefix))
        };
        let mut out = named(&self.whole);
        if !out.is_empty() {
            return out;
        }
        for alternative in &self.alternatives {
            let mut found = named(&alternative.literal);
            for pattern in [&alternative.glob, &alternative.below].into_iter().flatten() {
                if found.is_empty() {
                    found = by(&|path| pattern.matches_with(path, OPTIONS));
                }
            }
            out.extend(found);
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The directories in front of the first wildcard of each alternative.
    pub fn literal_directories(&self) -> impl Iterator<Item = &str> {
        self.alternatives.iter().filter_map(|alternative| {
            let text = &alternative.literal;
            let end = text.find(['*', '?', '[']).unwrap_or(text.len());
            text[..end].rfind('/').map(|slash| &text[..slash])
        })
    }
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
            let pattern_read = FilePattern::new(pattern).unwrap();
            assert_eq!(pattern_read.select(&paths), want, "{pattern}");
        }
        assert_eq!(FilePattern::new("src/**.ts").unwrap_err(), BadPattern::Stars);
        let stray = FilePattern::new("a[.ts").unwrap();
        assert_eq!(stray.select(&["a[.ts".to_owned()]), [0]);
    }
}
