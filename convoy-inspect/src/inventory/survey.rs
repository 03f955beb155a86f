//! Every file of a project, read once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use base::encoded_path::EncodedPath;
use base::files::open_regular;
use serde::Serialize;

use super::history::History;
use super::kinds;
use super::words::words;

/// Larger files are counted by size alone.
const MOST_BYTES: u64 = 1 << 20;

/// A project in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Survey {
    pub(crate) project: EncodedPath,
    pub(crate) files: Vec<File>,
    pub(crate) history: History,
    /// How the tests are run, as far as manifests say.
    pub(crate) test_commands: Vec<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct File {
    pub(crate) path: EncodedPath,
    pub(crate) bytes: u64,
    pub(crate) lines: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<&'static str>,
    pub(crate) test: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entry_point: Option<&'static str>,
    /// Commits of the history that changed it.
    pub(crate) commits: u64,
    /// Why nothing is known of what is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unread: Option<String>,
    #[serde(skip)]
    pub(crate) words: BTreeSet<String>,
}

/// Files of one language together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Language {
    pub(crate) name: &'static str,
    pub(crate) files: u64,
    pub(crate) lines: u64,
    pub(crate) test_lines: u64,
}

impl File {
    pub(crate) fn path(&self) -> &Path {
        self.path.as_path()
    }

    pub(crate) fn is_code(&self) -> bool {
        self.language.is_some_and(kinds::is_code)
    }
}

impl Survey {
    /// Languages, most lines first.
    pub(crate) fn languages(&self) -> Vec<Language> {
        let mut all: BTreeMap<&'static str, Language> = BTreeMap::new();
        for (file, name) in self.files.iter().filter_map(|file| Some((file, file.language?))) {
            let language = all.entry(name).or_insert(Language { name, files: 0, lines: 0, test_lines: 0 });
            language.files += 1;
            language.lines += file.lines;
            language.test_lines += if file.test { file.lines } else { 0 };
        }
        let mut all: Vec<Language> = all.into_values().collect();
        all.sort_by(|a, b| b.lines.cmp(&a.lines).then(a.name.cmp(b.name)));
        all
    }

    /// Code that changes often and is long: where the next defect is likely.
    pub(crate) fn hot_spots(&self) -> Vec<&File> {
        let heat = |file: &File| file.commits * u64::from((file.lines + 1).ilog2().max(1));
        let mut files: Vec<&File> =
            self.files.iter().filter(|file| file.is_code() && !file.test && file.commits > 1).collect();
        files.sort_by(|a, b| heat(b).cmp(&heat(a)).then_with(|| a.path().cmp(b.path())));
        files
    }

    pub(crate) fn largest(&self) -> Vec<&File> {
        let mut files: Vec<&File> = self.files.iter().filter(|file| file.is_code()).collect();
        files.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.path().cmp(b.path())));
        files
    }
}

pub(crate) fn survey(project: &Path, paths: &[PathBuf], history: History) -> Survey {
    let files: Vec<File> = paths.iter().map(|path| read(project, path, &history)).collect();
    let test_commands = test_commands(project, &files);
    Survey { project: project.into(), files, history, test_commands }
}

fn read(project: &Path, path: &Path, history: &History) -> File {
    let contents = || -> std::io::Result<(u64, Vec<u8>)> {
        let file = open_regular(&project.join(path))?;
        let size = file.metadata()?.len();
        let mut bytes = Vec::new();
        if size <= MOST_BYTES {
            file.take(MOST_BYTES).read_to_end(&mut bytes)?;
        }
        Ok((size, bytes))
    };
    let (size, bytes, unread) = match contents() {
        Ok((size, bytes)) => (size, bytes, None),
        Err(error) => (0, Vec::new(), Some(base::error::reason(&error))),
    };
    let binary = bytes.iter().take(8192).any(|&b| b == 0);
    let text = if binary { String::new() } else { String::from_utf8_lossy(&bytes).into_owned() };
    let language = if binary { None } else { kinds::language(path) };
    File {
        path: path.into(),
        bytes: size,
        lines: text.lines().count() as u64,
        language,
        test: kinds::is_test(path),
        entry_point: kinds::entry_point(path),
        commits: history.changes(path).map_or(0, |changes| changes.commits),
        unread,
        words: if language.is_some_and(kinds::is_code) { words(&text) } else { BTreeSet::new() },
    }
}

/// Only from manifests at the top: `package.json`, `Cargo.toml`, `go.mod`, Python's.
fn test_commands(project: &Path, files: &[File]) -> Vec<String> {
    let has = |name: &str| files.iter().any(|file| file.path() == Path::new(name));
    // A manifest that cannot be read names no command; that it cannot is told of the file.
    let text = |name: &str| std::fs::read_to_string(project.join(name)).unwrap_or_default();
    let mut commands = Vec::new();
    if has("package.json") {
        let json: serde_json::Value = serde_json::from_str(&text("package.json")).unwrap_or_default();
        if let Some(script) = json["scripts"]["test"].as_str() {
            commands.push(format!("npm test ({})", base::text::visible(script)));
        }
    }
    if has("Cargo.toml") {
        commands.push("cargo test".to_owned());
    }
    if has("go.mod") {
        commands.push("go test ./...".to_owned());
    }
    let python = has("pytest.ini") || has("tox.ini") || text("pyproject.toml").contains("pytest");
    if python && files.iter().any(|file| file.language == Some("Python")) {
        commands.push("pytest".to_owned());
    }
    if has("Makefile") && text("Makefile").lines().any(|line| line.starts_with("test:")) {
        commands.push("make test".to_owned());
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_is_not_an_empty_one() {
        let project = tempfile::tempdir().unwrap();
        std::fs::write(project.path().join("a.rs"), "fn main() {}\n").unwrap();
        std::fs::create_dir(project.path().join("b.rs")).unwrap();
        let found = survey(project.path(), &["a.rs".into(), "b.rs".into()], History::default());
        let unread: Vec<_> = found.files.iter().map(|file| file.unread.is_some()).collect();
        assert_eq!(unread, [false, true]);
        let report = super::super::render::report(&found, &[]);
        assert!(report.contains("1 file could not be read") && report.contains("- `b.rs`: "), "{report}");
    }
}
