//! What was for the time of writing only: debug output, stops of a debugger, marks of a
//! merge, code in comments, checks switched off, notes to oneself.

use std::sync::LazyLock;

use regex::Regex;

use super::diff::{FileDiff, Line};
use super::role::{Lang, Role, is_in, name};
use super::{Fact, Limits, Scene, pattern};

/// Fresh lines of code that a pattern of their language matches.
fn matching(file: &FileDiff, found: impl Fn(&str) -> bool) -> Vec<usize> {
    file.fresh().filter(|(_, line)| line.is_code() && found(&line.code)).map(|(number, _)| number).collect()
}

/// Those that stand one behind the other are one remark.
pub(super) fn joined(file: &FileDiff, lines: &[usize]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for &line in lines {
        match facts.last_mut() {
            Some(last) if line <= last.end_line + 2 => last.end_line = line,
            _ => facts.push(Fact::at(file, line)),
        }
    }
    facts
}

/// A stop of a debugger, or output that only debugging makes.
fn stop(lang: Lang) -> Option<&'static Regex> {
    static PYTHON: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^\s*(breakpoint\(\)|import (pdb|ipdb|pudb)\b|(pdb|ipdb|pudb)\.set_trace\()")
    });
    static JAVASCRIPT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*debugger\s*;?\s*$"));
    static RUST: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bdbg!\("));
    static RUBY: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\s*(binding\.(pry|irb|b)\b|byebug\b|debugger\b)"));
    static PHP: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(var_dump|dd|xdebug_break|ray)\("));
    Some(match lang {
        Lang::Python => &PYTHON,
        Lang::JavaScript => &JAVASCRIPT,
        Lang::Rust => &RUST,
        Lang::Ruby => &RUBY,
        Lang::Php => &PHP,
        _ => return None,
    })
}

pub(super) fn debugger(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let facts = |file: &FileDiff| {
        let (Role::Code(lang) | Role::Test(Some(lang))) = file.role else { return Vec::new() };
        let Some(stop) = stop(lang) else { return Vec::new() };
        let lines = matching(file, |code| stop.is_match(code));
        joined(file, &lines).into_iter().map(|fact| naming(file, fact, stop)).collect()
    };
    scene.files.iter().flat_map(facts).collect()
}

fn naming(file: &FileDiff, fact: Fact, what: &Regex) -> Fact {
    let code = file.line(fact.line).map(|line| line.code.as_str()).unwrap_or_default();
    let found = what.find(code).map_or(code, |found| found.as_str()).trim().trim_end_matches('(').to_owned();
    fact.with("CODE", &found)
}

/// What prints, in code that is no program of its own.
fn print(lang: Lang) -> Option<&'static Regex> {
    static JAVASCRIPT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\s*console\.(log|debug|dir|trace|table)\("));
    static PYTHON: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*print\("));
    static GO: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(fmt\.Print(ln|f)?|println|spew\.Dump)\("));
    static JAVA: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\s*(System\.(out|err)\.print(ln|f)?\(|\w+\.printStackTrace\(\))"));
    static KOTLIN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(System\.out\.)?println\("));
    static RUST: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*e?println!\("));
    static CSHARP: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*Console\.WriteLine\("));
    static SWIFT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*print\("));
    static PHP: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(print_r|error_log)\("));
    static RUBY: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(puts|pp|p) [^=]"));
    Some(match lang {
        Lang::JavaScript => &JAVASCRIPT,
        Lang::Python => &PYTHON,
        Lang::Go => &GO,
        Lang::Java => &JAVA,
        Lang::Kotlin => &KOTLIN,
        Lang::Rust => &RUST,
        Lang::CSharp => &CSHARP,
        Lang::Swift => &SWIFT,
        Lang::Php => &PHP,
        Lang::Ruby => &RUBY,
        Lang::C => return None,
    })
}

/// Programs that print are there to print.
fn is_program(file: &FileDiff) -> bool {
    const DIRS: [&str; 10] =
        ["cli", "cmd", "cmds", "command", "commands", "console", "management", "main", "build", "tasks"];
    let path = &file.path;
    let name = name(path).to_ascii_lowercase();
    let marks =
        ["__main__", "package main", "func main(", "fn main(", "#!/", "static void main", "process.argv"];
    is_in(path, &DIRS)
        || ["cli", "main", "command", "print", "log", "console", "build", "repl", "term", "debug"]
            .iter()
            .any(|word| name.contains(word))
        || marks.iter().any(|mark| file.text.contains(mark))
}

pub(super) fn output(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let facts = |(file, lang): (&FileDiff, Lang)| {
        let Some(print) = print(lang) else { return Vec::new() };
        let printed = |text: &str| text.lines().any(|line| print.is_match(line));
        if is_program(file) || file.before.as_deref().is_some_and(printed) {
            return Vec::new();
        }
        let is_meant = |number: usize| {
            let above = file.line(number - 1).map(|line| line.code.to_lowercase()).unwrap_or_default();
            ["env", "debug", "verbose"].iter().any(|word| above.contains(word))
        };
        let mut lines = matching(file, |code| print.is_match(code));
        let is_notice = |number: usize| {
            file.line(number).is_some_and(|line| line.code.to_lowercase().contains("deprecat"))
        };
        lines.retain(|number| !is_meant(*number) && !is_notice(*number));
        joined(file, &lines).into_iter().map(|fact| naming(file, fact, print)).collect()
    };
    scene.code().flat_map(facts).collect()
}

pub(super) fn conflict(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let facts = |file: &FileDiff| {
        let at = |mark: &'static str| file.fresh().find(move |(_, line)| line.text.starts_with(mark));
        let (Some((first, _)), Some((last, _))) = (at("<<<<<<< "), at(">>>>>>> ")) else { return None };
        let between =
            file.fresh().any(|(number, line)| number > first && number < last && line.text == "=======");
        between.then(|| Fact::at(file, first).to(last))
    };
    scene.files.iter().filter(|file| file.role != Role::Docs).filter_map(facts).collect()
}

pub(super) fn todo(scene: &Scene, _: &Limits) -> Vec<Fact> {
    static TODO: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(TODO|FIXME|XXX|HACK)\b"));
    static OWNED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"#\d+|https?://|\b[A-Z]{2,}-\d+\b|\b(TODO|FIXME|XXX|HACK)\s*[(@\[<]|@\w+"));
    let facts = |(file, _): (&FileDiff, Lang)| {
        let is_open = |line: &Line| TODO.is_match(&line.comment) && !OWNED.is_match(&line.comment);
        let found: Vec<Fact> = file
            .fresh()
            .filter(|(_, line)| is_open(line))
            .map(|(number, line)| {
                let word = TODO.find(&line.comment).map_or("TODO", |word| word.as_str());
                Fact::at(file, number).with("WORD", &word)
            })
            .collect();
        found
    };
    scene.code().flat_map(facts).collect()
}

pub(super) fn commented_out(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let least = limits.of("lines");
    let facts = |(file, lang): (&FileDiff, Lang)| {
        let mut facts = Vec::new();
        // Words around code make an example of it, whoever wrote them.
        let mut block: Vec<(usize, bool)> = Vec::new();
        let lines = (1..).zip(&file.lines).map(|(number, line)| (number, line, uncommented(line)));
        for (number, line, words) in lines.chain([(0, &Line::default(), None)]) {
            if let Some(words) = words {
                block.push((number, is_like_code(words)));
                continue;
            }
            let like_code = block.iter().filter(|(_, code)| *code).count();
            let fresh = |number: usize| file.line(number).is_some_and(|line| line.fresh);
            let own: Vec<usize> =
                block.iter().map(|(number, _)| *number).filter(|number| fresh(*number)).collect();
            let is_example = lang == Lang::Go && line.code.starts_with("func ");
            if !own.is_empty() && own.len() >= least && like_code * 4 >= block.len() * 3 && !is_example {
                facts.push(Fact::at(file, own[0]).to(own[own.len() - 1]).with("LINES", &own.len()));
            }
            block.clear();
        }
        facts
    };
    scene.code().flat_map(facts).collect()
}

/// What a line that is only a comment says; comments that are docs are none.
pub(super) fn uncommented(line: &Line) -> Option<&str> {
    let comment = line.comment.trim();
    if line.quoted || !line.code.trim().is_empty() {
        return None;
    }
    let is_doc =
        ["///", "//!", "/**", "#:", "##", "#!", "//go:", "/*!"].iter().any(|mark| comment.starts_with(mark));
    let rest = comment.strip_prefix("//").or_else(|| comment.strip_prefix('#'))?;
    (!is_doc).then_some(rest)
}

pub(super) fn is_like_code(words: &str) -> bool {
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?x) ^\s*[\w.$\[\]\x22']+\s*(=|\+=|:=)\s*\S | ^\s*[\w.$]+\([^)]*\)?;?\s*\{?$ | [;{]\s*$ | ^\s*[\}\])]+[;,)]*\s*$
            | ^\s*(if|for|while|elif|switch)\b.*[:{]\s*$ | ^\s*return\b[^.]*$ | ^\s*(def|fn|func|class|import|from|let|const|var|await|use)\s\w+[\w\s]*[(=:;{.]",
        )
    });
    CODE.is_match(words.trim_end())
}
