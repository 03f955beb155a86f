//! `shellcheck`: scripts of sh, bash, dash and ksh.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::installed::Installed;
use super::run::{Answer, Linter, Looked};
use super::snapshot::Snapshot;
use super::tool::{self, Rules, Unit};
use super::voice::Remark;
use crate::domain::Domain;

#[derive(Debug, Deserialize)]
struct Report {
    comments: Vec<Comment>,
}

/// Columns are characters from 1, in this format a tab is one of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    file: String,
    line: u64,
    end_line: u64,
    column: u64,
    level: String,
    code: u32,
    message: String,
}

/// Behind one of these nothing of the file was looked at.
const NOT_PARSED: [u32; 6] = [1070, 1071, 1072, 1073, 1088, 1089];
/// One that it is stuck in costs no more than its neighbours.
const AT_ONCE: usize = 20;
const LONG: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Shellcheck;

impl Linter for Shellcheck {
    fn name(&self) -> &'static str {
        "shellcheck"
    }

    /// By the ending, or the first line of what has none.
    fn reads(&self, path: &Path, first_line: &dyn Fn() -> Option<String>) -> bool {
        match path.extension() {
            Some(extension) => ["sh", "bash", "dash", "ksh", "bats"].iter().any(|one| extension == *one),
            None => first_line().is_some_and(|line| is_shell(&line)),
        }
    }

    fn version(&self, said: &str) -> Option<String> {
        let version =
            said.strip_prefix("ShellCheck")?.lines().find_map(|line| line.strip_prefix("version: "))?;
        Some(version.trim().to_owned())
    }

    fn look(&self, it: &Installed, snapshot: &Snapshot, domains: &[Domain]) -> Result<Looked, String> {
        let rules = tool::exact_rules("shellcheck").ok_or("it has no list of rules")?;
        let mut looked = Looked::default();
        for names in snapshot.names().chunks(AT_ONCE) {
            let begin = looked.answers.len();
            match some(it, snapshot, names, domains, rules) {
                Ok(answers) => looked.answers.extend(answers),
                Err(why) => looked.answers.extend(names.iter().map(|_| Answer::Not(why.clone()))),
            }
            debug_assert_eq!(looked.answers.len(), begin + names.len());
        }
        Ok(looked)
    }
}

/// What it says of these files; an error says why of none.
fn some(
    it: &Installed,
    snapshot: &Snapshot,
    names: &[String],
    domains: &[Domain],
    rules: &Rules,
) -> Result<Vec<Answer>, String> {
    let words = ["--norc", "--format=json1", "--"].iter().map(Into::into);
    let words: Vec<_> = words.chain(names.iter().map(Into::into)).collect();
    let said = it.run(snapshot.root(), &words, LONG)?;
    // 2: files that it could not read.
    if !matches!(said.code, 0..=2) {
        return Err(said.complaint());
    }
    let report: Report = serde_json::from_slice(&said.stdout)
        .map_err(|error| format!("what it printed is not its JSON: {error}"))?;
    let mut answers: Vec<Answer> = names.iter().map(|_| Answer::Read(Vec::new())).collect();
    if said.code == 2 {
        let stderr = String::from_utf8_lossy(&said.stderr);
        let mut is_told = false;
        for (answer, name) in answers.iter_mut().zip(names) {
            let complaint =
                stderr.lines().find_map(|line| line.strip_prefix(name.as_str())?.strip_prefix(':'));
            if let Some(complaint) = complaint {
                *answer = Answer::Not(complaint.trim().to_owned());
                is_told = true;
            }
        }
        if !is_told {
            return Err(said.complaint());
        }
    }
    for comment in report.comments {
        let place = names.iter().position(|name| *name == comment.file);
        let Some(answer) = place.and_then(|place| answers.get_mut(place)) else {
            return Err("it tells of files that it was not given".to_owned());
        };
        add(answer, comment, domains, rules);
    }
    for (answer, name) in answers.iter_mut().zip(names) {
        let Answer::Read(remarks) = answer else { continue };
        if !remarks.iter().any(|remark| MAYBE.contains(&remark.rule.as_str())) {
            continue;
        }
        let text = fs::read_to_string(snapshot.root().join(name))
            .map_err(|error| format!("{name} cannot be read again: {error}"))?;
        let lines: Vec<&str> = text.lines().collect();
        remarks.retain(|remark| {
            let at = usize::try_from(remark.line).unwrap_or_default().checked_sub(1);
            !is_harmless(&remark.rule, at.and_then(|at| lines.get(at)).copied().unwrap_or_default())
        });
    }
    Ok(answers)
}

/// What it says too often.
const MAYBE: [&str; 2] = ["SC2068", "SC2128"];

/// Whether a line that it remarks on does what it seems to.
fn is_harmless(rule: &str, line: &str) -> bool {
    // Arrays whose first part is what is meant, by custom.
    const FIRST: [&str; 5] = ["BASH_REMATCH", "BASH_SOURCE", "BASH_VERSINFO", "FUNCNAME", "PIPESTATUS"];
    match rule {
        // Numbers have no blanks, and blanks are all that `echo` puts between words.
        "SC2068" => line.contains("${!") || line.trim_start().starts_with("echo "),
        "SC2128" => FIRST.iter().any(|name| line.contains(name)),
        _ => false,
    }
}

fn add(answer: &mut Answer, comment: Comment, domains: &[Domain], rules: &Rules) {
    if comment.level == "error" && NOT_PARSED.contains(&comment.code) {
        if !matches!(answer, Answer::Not(_)) {
            *answer = Answer::Not(match comment.code {
                1071 => "it is no script of sh, bash, dash or ksh".to_owned(),
                _ => format!("does not parse: line {}", comment.line),
            });
        }
        return;
    }
    let code = format!("SC{}", comment.code);
    let Answer::Read(remarks) = answer else { return };
    let Some(about) = rules.get(&code).filter(|about| domains.contains(&about.domain)) else { return };
    remarks.push(Remark {
        rule: code,
        message: comment.message,
        path: PathBuf::new(),
        line: comment.line,
        end_line: comment.end_line,
        column: Some(comment.column),
        unit: Unit::Characters,
        severity: about.severity,
        confidence: about.confidence.percent(),
        domain: about.domain,
        cwe: about.cwe.clone(),
        fix: String::new(),
    });
}

/// `#!/bin/sh`, `#!/usr/bin/env -S bash -e`
fn is_shell(line: &str) -> bool {
    let Some(words) = line.strip_prefix("#!") else { return false };
    let mut words = words.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.find(|word| *word != "env" && !word.starts_with('-') && !word.contains('='));
    program.is_some_and(|program| ["sh", "bash", "dash", "ksh"].contains(&program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_what_it_seems_to_is_left_alone() {
        for (rule, line, expected) in [
            ("SC2068", "  echo $@", true),
            ("SC2068", "for index in ${!all[@]}; do", true),
            ("SC2068", "exec run $@", false),
            ("SC2068", "for one in ${all[@]}; do", false),
            ("SC2128", "[[ $1 == $BASH_REMATCH ]]", true),
            ("SC2128", "cp $all there", false),
            ("SC2070", "echo $@", false),
        ] {
            assert_eq!(is_harmless(rule, line), expected, "{rule} {line}");
        }
    }

    #[test]
    fn a_script_is_known_by_its_ending_or_its_first_line() {
        let reads = |path: &str, line: &str| Shellcheck.reads(Path::new(path), &|| Some(line.to_owned()));
        assert!(
            reads("a.sh", "") && reads("run", "#!/usr/bin/env -S A=b bash -e") && reads("x", "#! /bin/dash")
        );
        assert!(
            !reads("a.py", "#!/bin/sh") && !reads("run", "#!/usr/bin/env python3") && !reads("run", "sh")
        );
        assert!(!reads("run", "#!/bin/zsh") && !reads("run", "#!"));
    }
}
