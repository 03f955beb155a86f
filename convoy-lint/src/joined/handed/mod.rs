//! Results of linters that the project ran itself: SARIF, or a tool's own JSON.
//!
//! They are read with bounds, and what of them is no finding here is counted with the
//! reason. A file that is cut or is of another kind is refused whole.

mod own_json;
mod own_lines;
mod sarif;
mod stream;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use base::exit::Exit;
use base::program::Failure;
use base::text;
use planning::joined::HandedText;

use super::found::MOST;
use super::place::{Place, Places};
use super::voice::{Remark, Voice};
use crate::domain::Domain;
use stream::{Lists, Stream, Take, Way};

/// No file of results is longer.
const LONGEST: u64 = 4 << 30;
/// So many sentences of a tool about its own run are told.
const NOTES: usize = 5;
/// How sure a tool is that does not say so, in percent.
const CONFIDENCE: u8 = 70;
/// A message is cut here (characters).
const MESSAGE: usize = 1_000;

/// The tools whose own JSON is read.
pub(crate) const TOOLS: [&str; 9] =
    ["bandit", "clippy", "eslint", "golangci-lint", "mypy", "ruff", "semgrep", "shellcheck", "tsc"];

/// A file of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    pub form: Form,
    pub from: From,
    /// What it is called in reports.
    pub name: String,
}

/// Where the results are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    File(PathBuf),
    Text(String),
}

/// What is in a file of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    Sarif,
    /// What this tool writes by itself.
    Json(&'static str),
}

impl Form {
    /// The form of a tool's own JSON.
    pub fn of_tool(name: &str) -> Result<Form, String> {
        let known = TOOLS.into_iter().find(|tool| *tool == name);
        known
            .map(Form::Json)
            .ok_or_else(|| format!("no JSON of '{name}' is read, but that of {}", TOOLS.join(", ")))
    }
}

impl Handed {
    pub(crate) fn file(form: Form, file: &Path) -> Self {
        let name = file.file_name().map_or_else(|| text::path(file), |name| text::path(Path::new(name)));
        Handed { form, from: From::File(file.to_owned()), name }
    }

    /// One that a convoy keeps.
    pub(crate) fn of_text(one: HandedText) -> Result<Self, String> {
        let form = one.tool.map_or(Ok(Form::Sarif), |tool| Form::of_tool(&tool))?;
        Ok(Handed { form, from: From::Text(one.text), name: text::visible(&one.name) })
    }

    /// Reads it; `domains`: those whose results are asked for.
    pub(super) fn read(&self, places: &mut Places<'_>, domains: &[Domain]) -> Result<Voice, Failure> {
        let (shown, source) = match &self.from {
            From::File(file) => (text::path(file), Source::open(file, &self.name)),
            From::Text(words) => (self.name.clone(), Source::of(words.as_bytes(), &self.name)),
        };
        let source = source
            .map_err(|error| Failure::of_io(Exit::Usage, format_args!("cannot read {shown}"), &error))?;
        let (read, what) = match self.form {
            Form::Sarif => (sarif::read(&source, places), "SARIF".to_owned()),
            Form::Json(tool) => (own_json::read(&source, tool, places), format!("the JSON of {tool}")),
        };
        let mut voice = read.map_err(|why| {
            Failure::new(Exit::Usage, format!("{shown} cannot be read as {what}: {why}"))
                .hint("have it written again, whole; nothing of it was taken")
        })?;
        voice.remarks.retain(|remark| domains.contains(&remark.domain));
        Ok(voice)
    }
}

/// A file that can be read more than once.
#[derive(Debug)]
struct Source {
    file: File,
    name: String,
}

impl Source {
    fn of(bytes: impl Read, name: &str) -> io::Result<Self> {
        Ok(Source { file: kept(bytes)?, name: name.to_owned() })
    }

    /// A pipe is what shells make of `<(eslint …)`: it is kept, to be read again.
    fn open(path: &Path, name: &str) -> io::Result<Self> {
        let mut file = if path == Path::new("-") {
            kept(io::stdin().lock())?
        } else {
            let file = File::open(path)?;
            let facts = file.metadata()?;
            if facts.is_dir() {
                return Err(io::Error::from(io::ErrorKind::IsADirectory));
            }
            if facts.is_file() { file } else { kept(file)? }
        };
        if file.seek(SeekFrom::End(0))? > LONGEST {
            return Err(too_long());
        }
        Ok(Source { file, name: name.to_owned() })
    }

    fn reader(&self) -> io::Result<impl BufRead> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        // As Windows writes it.
        if reader.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            reader.consume(3);
        }
        Ok(reader)
    }

    /// Hands on every value that a way leads to, of the one that the file is.
    fn each(&self, ways: &[Way], take: &mut Take<'_>) -> Result<Lists, String> {
        let reader = self.reader().map_err(|error| error.to_string())?;
        let mut stream = Stream::new(reader);
        let lists = stream.read(ways, take).and_then(|lists| stream.end().map(|()| lists));
        lists.map_err(|error| told(&error))
    }
}

fn told(error: &serde_json::Error) -> String {
    let what = if error.is_eof() { "it is cut: " } else { "" };
    format!("{what}{error}")
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "longer than 4 GB: no results of a linter")
}

fn kept(from: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    if io::copy(&mut from.take(LONGEST + 1), &mut file)? > LONGEST {
        return Err(too_long());
    }
    file.flush()?;
    Ok(file)
}

/// Adds a result, if it is of a file that was asked for.
fn take(voice: &mut Voice, place: Place, line: Option<u64>, remark: impl FnOnce(PathBuf, u64) -> Remark) {
    match (place, line) {
        (Place::Asked(path), Some(line)) if voice.remarks.len() < MOST => {
            voice.remarks.push(remark(path, line));
        }
        (Place::Asked(_), Some(_)) => voice.too_many += 1,
        (Place::Asked(_), None) => voice.no_place += 1,
        (Place::NotAsked, _) => voice.not_asked += 1,
        (Place::Gone(name), _) => voice.gone.add(name),
        (Place::Outside(name), _) => voice.outside.add(name),
    }
}

/// `external/cwe/cwe-079`, `CWE-95: …`
fn cwe_of(tag: &str) -> Option<u32> {
    let lower = tag.to_ascii_lowercase();
    let digits = &lower[lower.find("cwe-")? + 4..];
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

fn bounded(words: &str) -> String {
    words.chars().take(MESSAGE).collect()
}
