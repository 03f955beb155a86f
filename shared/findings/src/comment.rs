//! Code and comment of a line, by the language that its file's name tells. Pure.
//!
//! Only what is a comment beyond doubt is taken for one: to whom a comment is of no
//! interest, code that passes for one would be of none either.

use std::path::Path;

/// How a language writes its comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syntax {
    /// Begin a comment that ends with the line.
    line: &'static [&'static str],
    /// Begin and end one.
    block: Option<(&'static str, &'static str)>,
    /// Blanks at the beginning of a line have a meaning.
    indented: bool,
    quotes: &'static [char],
}

const C: Syntax =
    Syntax { line: &["//"], block: Some(("/*", "*/")), indented: false, quotes: &['"', '\'', '`'] };
/// `'` begins a lifetime as well.
const RUST: Syntax = Syntax { quotes: &['"'], ..C };
const STYLE: Syntax = Syntax { line: &[], ..C };
const HASH: Syntax = Syntax { line: &["#"], block: None, indented: false, quotes: &['"', '\'', '`'] };
const PHP: Syntax = Syntax { line: &["//", "#"], ..C };
const PYTHON: Syntax = Syntax { indented: true, ..HASH };
const SQL: Syntax = Syntax { line: &["--"], ..C };
const DASHES: Syntax = Syntax { line: &["--"], block: None, indented: true, quotes: &['"'] };
const LISP: Syntax = Syntax { line: &[";"], block: None, indented: false, quotes: &['"'] };
const PERCENT: Syntax = Syntax { line: &["%"], block: None, indented: false, quotes: &['"', '\''] };
const MARKUP: Syntax = Syntax { line: &[], block: Some(("<!--", "-->")), indented: false, quotes: &[] };

/// Comments that steer a program, or may hold what must not be told anybody.
const LOUD: &[&str] = &[
    "ignore",
    "disable",
    "enable",
    "nosec",
    "noqa",
    "nolint",
    "lint",
    "noinspection",
    "suppress",
    "pragma",
    "allow",
    "expect",
    "@ts-",
    "type:",
    "go:",
    "+build",
    "coding",
    "cython",
    "mypy",
    "pylint",
    "istanbul",
    "coverage",
    "webpack",
    "vite",
    "language=",
    "!/",
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "api key",
    "api_key",
    "private key",
    "[if",
    "/*!",
    "/*+",
    "--+",
    "frozen_string",
    "-*-",
    "<reference",
    "@jsx",
    "syntax=",
    "escape=",
    "cloud-config",
    "#[",
];
/// A word of so many letters and digits may be a key.
const LONG_WORD: usize = 20;

/// A line, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Without comments and the blanks in front of them.
    pub code: &'a str,
    pub comment: &'a str,
    /// The comment does not end with the line.
    pub open: bool,
}

impl Syntax {
    /// By the extension, or the whole name; `None`: it is not known.
    pub fn of(file: &Path) -> Option<Syntax> {
        let name = file.file_name()?.to_str()?;
        let end = file.extension().and_then(|end| end.to_str()).unwrap_or(name).to_ascii_lowercase();
        Some(match end.as_str() {
            "js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx" | "java" | "c" | "h" | "cc"
            | "cpp" | "cxx" | "hh" | "hpp" | "cs" | "go" | "swift" | "kt" | "kts" | "scala" | "dart"
            | "m" | "mm" | "proto" | "groovy" | "gradle" | "zig" | "scss" | "less" | "sol" | "jsonc" => C,
            "rs" => RUST,
            "css" => STYLE,
            "php" => PHP,
            "py" | "pyw" | "pyi" | "yml" | "yaml" | "coffee" | "nim" => PYTHON,
            "rb" | "sh" | "bash" | "zsh" | "pl" | "pm" | "r" | "toml" | "tf" | "ex" | "exs" | "jl"
            | "ps1" | "cmake" | "dockerfile" | "makefile" | "mk" => HASH,
            "sql" => SQL,
            "lua" | "hs" | "elm" | "adb" | "ads" | "vhd" | "vhdl" => DASHES,
            "lisp" | "cl" | "el" | "clj" | "cljs" | "scm" | "rkt" => LISP,
            "erl" | "hrl" | "tex" => PERCENT,
            "html" | "htm" | "xml" | "svg" => MARKUP,
            _ => return None,
        })
    }

    /// Have blanks at the beginning of a line a meaning?
    pub fn is_indented(self) -> bool {
        self.indented
    }

    /// Takes a line apart. `inside`: it begins within a comment.
    pub fn split(self, line: &str, inside: bool) -> Line<'_> {
        if inside {
            return self.behind(line, 0, line);
        }
        let mut quote = None;
        let mut escaped = false;
        for (at, c) in line.char_indices() {
            let rest = &line[at..];
            match quote {
                _ if escaped => escaped = false,
                Some(_) if c == '\\' => escaped = true,
                Some(open) if c == open => quote = None,
                None if self.begins_word(&line[..at])
                    && self.line.iter().any(|mark| rest.starts_with(mark))
                    // An attribute of PHP.
                    && !(self == PHP && rest.starts_with("#[")) =>
                {
                    return Line { code: line[..at].trim_end(), comment: rest, open: false };
                }
                None if self.begins_word(&line[..at])
                    && self.block.is_some_and(|(begin, _)| rest.starts_with(begin)) =>
                {
                    let (begin, _) = self.block.unwrap_or_default();
                    return self.behind(line, at, &line[at + begin.len()..]);
                }
                None if self.quotes.contains(&c) => quote = Some(c),
                Some(_) | None => {}
            }
        }
        Line { code: line.trim_end(), comment: "", open: false }
    }

    /// A comment that begins at `at`, with this after its beginning. One with code
    /// behind it is taken for code.
    fn behind<'a>(self, line: &'a str, at: usize, rest: &'a str) -> Line<'a> {
        let (_, end) = self.block.unwrap_or_default();
        match rest.split_once(end).filter(|_| !end.is_empty()) {
            None => Line { code: line[..at].trim_end(), comment: &line[at..], open: true },
            Some((_, after)) if after.trim().is_empty() => {
                Line { code: line[..at].trim_end(), comment: &line[at..], open: false }
            }
            Some(_) => Line { code: line.trim_end(), comment: "", open: false },
        }
    }

    /// May a comment begin behind this? `/[/]/` and `${a#b}` have none.
    fn begins_word(self, before: &str) -> bool {
        self == MARKUP
            || before
                .chars()
                .next_back()
                .is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '{' | '}' | ')' | ','))
    }
}

/// Does a comment change nothing, and hold nothing that a review would tell of?
pub fn is_quiet(comment: &str) -> bool {
    let comment = comment.to_lowercase();
    let long = |word: &str| word.len() >= LONG_WORD && word.chars().any(|c| c.is_ascii_digit());
    // Where it ends with a backslash, it may go on in the next line.
    !comment.trim_end().ends_with('\\')
        && !LOUD.iter().any(|word| comment.contains(word))
        && !comment.split(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '/' | '=')).any(long)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(file: &str, line: &str) -> (String, String) {
        let found = Syntax::of(Path::new(file)).unwrap().split(line, false);
        (found.code.to_owned(), found.comment.to_owned())
    }

    #[test]
    fn comments_are_told_from_code_in_each_language() {
        for (file, line, code, comment) in [
            ("a.ts", "  if (a == NaN) return; // why", "  if (a == NaN) return;", "// why"),
            ("a.ts", "f(\"http://x\"); // y", "f(\"http://x\");", "// y"),
            ("a.ts", "f('it\\'s // no', `// no`) /* y */", "f('it\\'s // no', `// no`)", "/* y */"),
            ("a.ts", "const r = /[/]//2;", "const r = /[/]//2;", ""),
            ("a.ts", "x.test(/https?:\\/\\//) && go()", "x.test(/https?:\\/\\//) && go()", ""),
            ("a.ts", "f(/* a */ b)", "f(/* a */ b)", ""),
            ("a.js", "/* a */", "", "/* a */"),
            ("a.php", "f(#[Sensitive] $a) # b", "f(#[Sensitive] $a)", "# b"),
            ("a.go", "x := 1 // n", "x := 1", "// n"),
            ("a.rs", "fn f<'a>(x: &'a str) {} // n", "fn f<'a>(x: &'a str) {}", "// n"),
            ("a.py", "    x = 'a # b'  # n", "    x = 'a # b'", "# n"),
            ("a.py", "x = a#b", "x = a#b", ""),
            ("a.sh", "echo ${a#b} $# # n", "echo ${a#b} $#", "# n"),
            ("a.rb", "x = \"#{y}\" # n", "x = \"#{y}\"", "# n"),
            ("a.sql", "select 'a -- b' -- n", "select 'a -- b'", "-- n"),
            ("a.c", "#define A 1 /* n */", "#define A 1", "/* n */"),
            ("a.c", "*p = 0;", "*p = 0;", ""),
            ("a.css", "a { } /* n */", "a { }", "/* n */"),
            ("a.css", "a { b: url(//x) } // c", "a { b: url(//x) } // c", ""),
            ("a.php", "f(); # n", "f();", "# n"),
            ("a.lua", "x = 1 -- n", "x = 1", "-- n"),
            ("a.c", "x--; y", "x--; y", ""),
            ("a.html", "<p>a</p><!-- n -->", "<p>a</p>", "<!-- n -->"),
            ("Makefile", "all: # n", "all:", "# n"),
            ("a.clj", "(f) ; n", "(f)", "; n"),
        ] {
            assert_eq!(split(file, line), (code.to_owned(), comment.to_owned()), "{file}: {line}");
        }
        assert_eq!(Syntax::of(Path::new("a.unknown")), None);
        assert_eq!(Syntax::of(Path::new("README.md")), None);
    }

    #[test]
    fn a_comment_over_lines_ends_where_it_says() {
        let c = Syntax::of(Path::new("a.c")).unwrap();
        assert!(c.split("x(); /* a", false).open);
        assert!(c.split(" * b", true).open);
        let last = c.split(" */", true);
        assert_eq!((last.code, last.open), ("", false));
        assert_eq!(c.split("*/ go();", true).code, "*/ go();", "there is code behind it");
    }

    #[test]
    fn a_comment_that_steers_or_tells_is_not_quiet() {
        for loud in [
            "// eslint-disable-line",
            "# type: ignore",
            "# nosec",
            "//go:build linux",
            "// @ts-expect-error",
            "// the password is hunter2",
            "# AKIAIOSFODNN7EXAMPLE0",
            "// lint-ignore: x",
            "#!/bin/sh",
        ] {
            assert!(!is_quiet(loud), "{loud}");
        }
        for quiet in ["// a note on this", "# see issue 12", "/* TODO */", "-- counts from one"] {
            assert!(is_quiet(quiet), "{quiet}");
        }
    }
}
