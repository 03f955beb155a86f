//! Which files a shell command shows, as far as its words and its output prove it.
//!
//! Careful in one direction: what may not have run, may have failed, or went
//! somewhere else than to the agent counts as not shown.

mod reader;
mod words;

use super::output::{found_nothing, named_in};

/// Shows the files it is given.
const READERS: [&str; 22] = [
    "awk", "bat", "batcat", "cat", "column", "cut", "diff", "expand", "fold", "gawk", "head", "hexdump",
    "jq", "less", "more", "nl", "od", "sed", "strings", "tac", "tail", "xxd",
];
/// Shows the lines that match, with the names of their files.
const SEARCHERS: [&str; 7] = ["ack", "ag", "egrep", "fgrep", "grep", "rg", "ugrep"];
/// Shows what it is fed, beside the readers and searchers.
const PASSING: [&str; 6] = ["sort", "tee", "tr", "uniq", "paste", "rev"];
/// Cannot fail in a way that matters to what comes after `&&`.
const HARMLESS: [&str; 6] = ["cd", "echo", "printf", "pwd", "set", "true"];
/// What only runs if something else was so.
const CONDITIONAL: [&str; 5] = ["if", "while", "until", "case", "select"];

/// The files it shows something of, as they are named; relative to the directory
/// it has changed to.
pub(super) fn shown(command: &str, exit: Option<i64>, output: &str) -> Vec<String> {
    if found_nothing(output) {
        return Vec::new();
    }
    let script = Script::read(command);
    let last_list = script.pipelines.last().map_or(0, |last| last.list);
    let succeeded = exit.unwrap_or(0) == 0;
    let mut out = Vec::new();
    for (n, pipeline) in script.pipelines.iter().enumerate() {
        let is_last = n + 1 == script.pipelines.len();
        let list = script.pipelines[..n].iter().filter(|earlier| earlier.list == pipeline.list);
        let reached = (succeeded && pipeline.list == last_list) || { list }.all(Pipeline::goes_on);
        let ran = reached && !pipeline.is_alternative && !pipeline.is_conditional;
        let worked =
            if is_last || pipeline.hides_errors() { succeeded && pipeline.list == last_list } else { true };
        if ran && worked {
            out.extend(pipeline.shows(output).into_iter().filter(|name| !failed_on(name, output)));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// What it was to read; `None`: it reads nothing.
pub(super) fn targets(command: &str) -> Option<Vec<String>> {
    let script = Script::read(command);
    let readers: Vec<&Simple> =
        script.pipelines.iter().flat_map(|p| &p.stages).filter(|s| s.reads()).collect();
    (!readers.is_empty()).then(|| readers.iter().flat_map(|stage| stage.files()).collect())
}

/// Does a line of the output say that this file could not be read?
fn failed_on(name: &str, output: &str) -> bool {
    const ERRORS: [&str; 7] = [
        "no such file",
        "permission denied",
        "operation not permitted",
        "cannot open",
        "can't read",
        "can't open",
        "is a directory",
    ];
    output.lines().any(|line| {
        let line_ = line.to_ascii_lowercase();
        line.contains(name) && ERRORS.iter().any(|error| line_.contains(error))
    })
}

#[derive(Debug, Default)]
struct Script {
    pipelines: Vec<Pipeline>,
}

/// Commands joined by `|`.
#[derive(Debug, Default)]
struct Pipeline {
    stages: Vec<Simple>,
    /// Those joined by `&&` and `||` have the same number.
    list: usize,
    /// It runs only if what is before it failed, or only if something is so.
    is_alternative: bool,
    is_conditional: bool,
}

#[derive(Debug, Default, Clone)]
struct Simple {
    words: Vec<String>,
    /// Where it was when it ran, as far as it said so itself.
    dir: String,
    input: Option<String>,
    output_elsewhere: bool,
    errors_elsewhere: bool,
}

impl Pipeline {
    /// Whatever it did, the next after `&&` has run.
    fn goes_on(&self) -> bool {
        let harmless = |stage: &Simple| HARMLESS.contains(&stage.name()) || READERS.contains(&stage.name());
        !self.is_alternative && self.stages.iter().all(harmless)
    }

    fn hides_errors(&self) -> bool {
        self.stages.iter().any(|stage| stage.errors_elsewhere)
    }

    fn shows(&self, output: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for (n, stage) in self.stages.iter().enumerate() {
            if stage.output_elsewhere || (n > 0 && !stage.passes()) {
                out.clear();
            }
            let fed = n.checked_sub(1).map(|before| &self.stages[before]);
            match stage.name() {
                _ if stage.output_elsewhere || !stage.reads() => {}
                name if SEARCHERS.contains(&name) => out.extend(stage.lines_of(output)),
                "xargs" => out.extend(fed.and_then(Simple::finds)),
                "find" => out.extend(stage.finds()),
                _ => out.extend(stage.files()),
            }
        }
        out
    }
}

impl Simple {
    fn name(&self) -> &str {
        let word = self.words.first().map_or("", String::as_str);
        word.rsplit('/').next().unwrap_or_default()
    }

    fn has(&self, long: &[&str], short: &str) -> bool {
        self.words.iter().skip(1).any(|word| match word.strip_prefix("--") {
            Some(name) => long.contains(&name.split('=').next().unwrap_or_default()),
            None => word.strip_prefix('-').is_some_and(|letters| {
                letters.chars().take_while(char::is_ascii_alphabetic).any(|letter| short.contains(letter))
            }),
        })
    }

    /// It looks into files, and prints of them.
    fn reads(&self) -> bool {
        match self.name() {
            "sed" => !self.has(&["in-place"], "i"),
            "find" => self.runs_reader(),
            "xargs" => self.words.iter().skip(1).any(|word| READERS.contains(&word.as_str())),
            name if SEARCHERS.contains(&name) => !self.has(
                &[
                    "count",
                    "files",
                    "files-with-matches",
                    "files-without-match",
                    "quiet",
                    "silent",
                    "count-matches",
                    "type-list",
                ],
                "clLq",
            ),
            name => READERS.contains(&name),
        }
    }

    /// What it is fed comes out of it, at least in part.
    fn passes(&self) -> bool {
        PASSING.contains(&self.name()) || self.name() == "xargs" || self.reads()
    }

    /// `find … -exec cat {} +`
    fn runs_reader(&self) -> bool {
        let run = self.words.iter().position(|word| word == "-exec").and_then(|at| self.words.get(at + 1));
        run.is_some_and(|name| READERS.contains(&name.as_str()))
    }

    /// A pattern for the files that `find`, `git ls-files` or `rg --files` names.
    fn finds(&self) -> Option<String> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let (place, name) = match words.as_slice() {
            ["find", rest @ ..] => {
                let named = match rest.iter().position(|word| *word == "-name") {
                    Some(at) => *rest.get(at + 1)?,
                    None => "*",
                };
                let place = rest.first().copied().filter(|place| !place.starts_with('-')).unwrap_or(".");
                (place, named)
            }
            ["git", "ls-files"] | ["rg", "--files"] => (".", "*"),
            ["git", "ls-files", .., pattern] => return Some(self.at(pattern)),
            ["rg", "--files", place] => (*place, "*"),
            _ => return None,
        };
        Some(self.at(&format!("{}/**/{name}", place.trim_end_matches('/'))))
    }

    /// Its arguments that are files.
    fn files(&self) -> Vec<String> {
        let name = self.name();
        let mut is_code = match name {
            "sed" => !self.has(&["expression", "file"], "ef"),
            "awk" | "gawk" | "jq" => !self.has(&["file", "from-file"], "f"),
            _ => SEARCHERS.contains(&name) && !self.has(&["regexp", "file"], "ef"),
        };
        let mut out = Vec::new();
        let mut words = self.words.iter().skip(1);
        let mut only_files = false;
        while let Some(word) = words.next() {
            if !only_files && word == "--" {
                only_files = true;
            } else if !only_files && word.len() > 1 && word.starts_with('-') {
                if takes_a_word(name, word) {
                    words.next();
                }
            } else if is_code {
                is_code = false;
            } else {
                out.push(self.at(word));
            }
        }
        out.extend(self.input.as_ref().map(|file| self.at(file)));
        out
    }

    /// The files whose lines a search has printed.
    fn lines_of(&self, output: &str) -> Vec<String> {
        let files = self.files();
        let mut out: Vec<String> = match files.as_slice() {
            [one] => vec![one.clone()],
            _ => Vec::new(),
        };
        if !self.has(&["no-filename"], "hI") {
            let before_colon =
                output.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name.to_owned());
            out.extend(named_in(output).into_iter().chain(before_colon).map(|name| self.at(&name)));
        }
        out
    }

    fn at(&self, name: &str) -> String {
        if name.starts_with('/') || self.dir.is_empty() {
            return name.to_owned();
        }
        format!("{}/{name}", self.dir.trim_end_matches('/'))
    }
}

/// Is the word after this option its value?
fn takes_a_word(command: &str, option: &str) -> bool {
    let letters = match command {
        "head" | "tail" => "nc",
        "nl" => "bhfvwsid",
        "cut" => "dfcb",
        "sed" => "ef",
        "awk" | "gawk" => "Fvf",
        "fold" => "w",
        "grep" | "egrep" | "fgrep" | "rg" | "ag" | "ack" | "ugrep" => "ABCefgmtTMjr",
        _ => "",
    };
    match option.strip_prefix("--") {
        Some(long) => {
            !long.contains('=')
                && ["glob", "type", "regexp", "context", "max-count", "lines", "bytes"].contains(&long)
        }
        // `-n 20` but not `-n20`; `-rn foo` but not `-rne foo`.
        None => option.chars().last().is_some_and(|letter| letters.contains(letter)),
    }
}

#[cfg(test)]
mod tests;
