//! Placeholders in the words of a command: `{output_file}`, `{project}` …
//!
//! A word is filled in once, from left to right; what was put in is never
//! looked at again, so a path or a model that holds braces stays itself.
//! Braces around anything that is not a placeholder stay as they are, because
//! `awk '{print $1}'` is a fine command.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// What an attempt puts into its command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placeholders {
    pub prompt_file: PathBuf,
    pub output_file: PathBuf,
    pub output_dir: PathBuf,
    pub project: PathBuf,
    /// What of the project the agent is given for reading.
    pub read_dir: PathBuf,
    /// Where published reports are: what an agent reads of the others.
    pub reports_dir: PathBuf,
    /// NUL-separated list of the files under review.
    pub files_from: PathBuf,
    /// The commit that the change is counted from; empty: there is none.
    pub base: String,
    /// What is told of other linters; empty: nothing.
    pub joined: PathBuf,
    pub model: String,
    /// As the runner's CLI calls them, joined by commas.
    pub tools: String,
    pub role: String,
    pub convoy: String,
    pub attempt: u32,
    /// The CLI's own configuration directory, one per role.
    pub config_dir: PathBuf,
    /// Where the command starts.
    pub cwd: PathBuf,
    /// The conversation to go on with.
    pub session: String,
    /// The schema of the answer, as JSON and as a file.
    pub schema: String,
    pub schema_file: PathBuf,
    /// The prompt itself, for runners that take it as an argument.
    pub prompt: Vec<u8>,
}

/// Every placeholder, for documentation and error texts.
pub const NAMES: [&str; 22] = [
    "prompt_file",
    "output_file",
    "output_dir",
    "project",
    "read_dir",
    "reports_dir",
    "files_from",
    "base",
    "joined",
    "model",
    "tools",
    "role",
    "convoy",
    "attempt",
    "config_dir",
    "cwd",
    "session",
    "schema",
    "schema_file",
    "output_from_project",
    "output_from_root",
    "prompt",
];

impl Placeholders {
    fn value(&self, name: &str) -> Option<OsString> {
        let path = |path: &Path| Some(path.as_os_str().to_owned());
        match name {
            "prompt_file" => path(&self.prompt_file),
            "output_file" => path(&self.output_file),
            "output_dir" => path(&self.output_dir),
            "project" => path(&self.project),
            "read_dir" => path(&self.read_dir),
            "reports_dir" => path(&self.reports_dir),
            "files_from" => path(&self.files_from),
            "base" => Some(self.base.clone().into()),
            "joined" => path(&self.joined),
            "model" => Some(self.model.clone().into()),
            "tools" => Some(self.tools.clone().into()),
            "role" => Some(self.role.clone().into()),
            "convoy" => Some(self.convoy.clone().into()),
            "attempt" => Some(self.attempt.to_string().into()),
            "config_dir" => path(&self.config_dir),
            "cwd" => path(&self.cwd),
            "session" => Some(self.session.clone().into()),
            "schema" => Some(self.schema.clone().into()),
            "schema_file" => path(&self.schema_file),
            "output_from_project" => Some(relative(&self.project, &self.output_dir).into()),
            "output_from_root" => Some(relative(Path::new("/"), &self.output_dir).into()),
            "prompt" => Some(OsString::from_vec(self.prompt.clone())),
            _ => None,
        }
    }

    /// One word of a command with its placeholders filled in.
    pub fn fill(&self, word: &str) -> OsString {
        fill(word, |name| self.value(name))
    }

    /// All words of a command.
    pub fn fill_all(&self, words: &[String]) -> Vec<OsString> {
        words.iter().map(|word| self.fill(word)).collect()
    }
}

/// A word with what `value` knows filled in.
pub fn fill(word: &str, value: impl Fn(&str) -> Option<OsString>) -> OsString {
    let mut out = OsString::with_capacity(word.len());
    let mut rest = word;
    while let Some(open) = rest.find('{') {
        out.push(&rest[..open]);
        let inside = &rest[open + 1..];
        let name = inside.split('}').next().filter(|n| n.len() < inside.len());
        if let Some((name, value)) = name.and_then(|n| value(n).map(|v| (n, v))) {
            out.push(value);
            rest = &inside[name.len() + 1..];
        } else {
            out.push("{");
            rest = inside;
        }
    }
    out.push(rest);
    out
}

/// The way from one directory to another, by their text alone: some CLIs match
/// patterns against nothing else.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut out: PathBuf = std::iter::repeat_n("..", from.len() - common).collect();
    out.extend(&to[common..]);
    out
}

/// The names between braces in a word, placeholders or not; only what looks
/// like a name counts.
pub fn names_in(word: &str) -> Vec<&str> {
    let looks_like_a_name = |name: &&str| {
        !name.is_empty() && name.bytes().all(|c| c.is_ascii_lowercase() || c == b'_' || c == b'.')
    };
    word.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .filter(looks_like_a_name)
        .collect()
}

/// A word for people: as it is if a shell would take it so, else in quotes.
/// For showing commands only; nothing here ever runs a shell.
pub fn shown(word: &OsStr) -> String {
    let plain = |c: &u8| c.is_ascii_alphanumeric() || b"-_./=:,@%+".contains(c);
    let bytes = word.as_bytes();
    let text = base::text::path(Path::new(word));
    if !bytes.is_empty() && bytes.iter().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Placeholders {
        Placeholders {
            output_file: "/h/{model}/report.md".into(),
            model: "sonnet".to_owned(),
            project: PathBuf::from(OsString::from_vec(b"/p \xff".to_vec())),
            attempt: 3,
            ..Placeholders::default()
        }
    }

    #[test]
    fn words_are_filled_once() {
        for (word, want) in [
            ("plain", "plain"),
            ("Edit(/{output_file})", "Edit(//h/{model}/report.md)"),
            ("{model}-{attempt}", "sonnet-3"),
            ("{print $1}", "{print $1}"),
            ("{{model}}", "{sonnet}"),
            ("{model", "{model"),
            ("{}{nope}{model}", "{}{nope}sonnet"),
        ] {
            assert_eq!(sample().fill(word), OsString::from(want), "{word}");
        }
    }

    #[test]
    fn the_way_from_one_directory_to_another() {
        for (from, to, want) in
            [("/a/b", "/a/c/d", "../c/d"), ("/a", "/a/b", "b"), ("/a/b/c", "/x", "../../../x")]
        {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(want));
        }
    }

    #[test]
    fn the_output_directory_as_seen_from_the_root() {
        let placeholders = Placeholders { output_dir: "/h/c/security.1.out".into(), ..sample() };
        assert_eq!(placeholders.fill("{output_from_root}/*"), OsString::from("h/c/security.1.out/*"));
    }

    #[test]
    fn bytes_survive() {
        assert_eq!(sample().fill("{project}").as_bytes(), b"/p \xff");
    }

    #[test]
    fn every_name_is_known() {
        for name in NAMES {
            assert!(sample().value(name).is_some(), "{name}");
        }
    }

    #[test]
    fn commands_are_shown_so_that_words_can_be_told_apart() {
        for (word, want) in [("-p", "-p"), ("", "''"), ("a b", "'a b'"), ("it's", r"'it'\''s'")] {
            assert_eq!(shown(OsStr::new(word)), want);
        }
    }
}
