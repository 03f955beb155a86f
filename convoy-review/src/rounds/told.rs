//! What people and programs are told of rounds.

use std::fmt::Write as _;
use std::path::Path;

use base::style::count;
use base::text;
use planning::diagnostic::Diagnostic;
use planning::project_git::ProjectGit;
use serde_json::{Value, json};

use super::Rounds;
use super::record::{Record, Round};
use super::spent;
use crate::history;
use crate::screen;

/// An error in one line.
pub(super) fn chain(error: &anyhow::Error) -> String {
    let failure = base::program::Failure::from_chain(error.chain());
    failure.message
}

/// `round 1 of 3: changes requested, 2 findings at the gate`
pub(super) fn line(record: &Record, most: u32) -> Option<String> {
    let last = record.rounds.last()?;
    Some(format!("convoy-review: round {} of {most}: {}", record.rounds.len(), came(last)))
}

fn came(round: &Round) -> String {
    let word = history::words(round.review_result);
    match round.blocking {
        0 => word.to_owned(),
        n => format!("{word}, {} at the gate", count(n, "finding")),
    }
}

/// What was done after a round.
fn done(round: &Round) -> String {
    let Some(fix) = &round.fix else { return String::new() };
    match (&fix.refused, fix.files) {
        (Some(why), _) => format!("; {}", text::visible(why)),
        (None, files) => format!("; the command changed {}", count(files, "file")),
    }
}

fn short(commit: &str) -> String {
    commit.chars().take(7).collect()
}

/// The branch, how to look at it, how to take it and how to be rid of it.
pub(super) fn of(
    git: &ProjectGit<'_>,
    rounds: &Rounds<'_>,
    kept: Option<&Path>,
) -> Result<screen::Rounds, Diagnostic> {
    let record = &rounds.record;
    let tip = git.tip(&record.branch)?.filter(|tip| *tip != record.from);
    let commits = match &tip {
        Some(tip) => git.commits_between(&record.from, tip)?,
        None => 0,
    };
    let stopped = record.stopped.clone().unwrap_or_default();
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut tell = |name: &str, text: String| lines.push((name.to_owned(), text));
    tell(
        "rounds",
        format!("{} of {}, stopped: {}", record.rounds.len(), rounds.rule.most, text::visible(&stopped)),
    );
    for (n, round) in record.rounds.iter().enumerate() {
        tell("", format!("{} {} {}{}", n + 1, round.convoy_id.short(), came(round), done(round)));
    }
    if let Some(cost) = spent::shown(&rounds.looked, &record.rounds) {
        tell("cost", cost);
    }
    let branch = &record.branch;
    if let Some(tip) = &tip {
        tell("branch", format!("{branch}, {} on {}", count(commits, "commit"), short(&record.from)));
        let reviewed = record.reviewed != *tip;
        if reviewed {
            let what =
                if record.reviewed == record.from { "none of them was" } else { "not all of them were" };
            tell("", format!("{what} reviewed: up to {} they were", short(&record.reviewed)));
        }
        tell("look", format!("git diff {} {branch}", short(&record.from)));
        if record.reviewed != record.from {
            let what = if reviewed { short(&record.reviewed) } else { branch.clone() };
            tell("merge", format!("git merge {what}"));
        }
        tell("remove", removal(kept, branch));
    } else if kept.is_some() {
        tell("remove", removal(kept, branch));
    } else {
        tell("branch", "none: nothing was changed".to_owned());
    }
    if let Some(tree) = kept {
        tell("work tree", text::path(tree));
    }
    let data = json!({
        "id": record.id,
        "stopped": stopped,
        "most": rounds.rule.most,
        "rounds": record.rounds,
        "branch": tip.as_ref().map(|_| branch),
        "from": record.from,
        "reviewed": record.reviewed,
        "tip": tip,
        "commits": commits,
        "worktree": kept.map(text::path),
        "obstacles": rounds.obstacles,
    });
    let data = match data {
        Value::Object(entries) => entries,
        _ => serde_json::Map::new(),
    };
    Ok(screen::Rounds { data, lines })
}

/// The command that takes the work tree and the branch away.
fn removal(tree: Option<&Path>, branch: &str) -> String {
    let Some(tree) = tree else { return format!("git branch -D {branch}") };
    let word = quoted(tree);
    // Git takes a work tree away that is not there, but none that has lost what makes it one.
    let is_none = tree.is_dir() && !tree.join(".git").exists();
    let first = if is_none { format!("rm -rf {word} && ") } else { String::new() };
    format!("{first}git worktree remove --force {word} && git branch -D {branch}")
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    let shown = text::path(path);
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
    if shown.chars().all(plain) { shown } else { format!("'{}'", shown.replace('\'', "'\\''")) }
}

/// Of rounds that are over: what stands.
pub(super) fn left(record: &Record, tip: Option<&str>, kept: Option<&Path>, is_open: bool) -> String {
    let mut out = if is_open {
        format!("the rounds that began with {} did not come to their end", record.id)
    } else {
        format!("the rounds that began with {} have left a work tree", record.id)
    };
    let last = record.rounds.last();
    if let Some(last) = last {
        let _ = write!(out, "; review {}: {}", record.rounds.len(), came(last));
    }
    let branch = &record.branch;
    match tip {
        Some(tip) if tip != record.from => {
            let _ = write!(out, "\n  look    git diff {} {branch}", short(&record.from));
            if record.reviewed != *tip {
                let _ = write!(out, " (reviewed up to {})", short(&record.reviewed));
            }
        }
        Some(_) | None if kept.is_none() => out.push_str("; nothing was changed"),
        Some(_) | None => {}
    }
    if kept.is_some() || tip.is_some_and(|tip| tip != record.from) {
        let _ = write!(out, "\n  remove  {}", removal(kept, branch));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::record::Fix;
    use findings::verdict::Verdict;

    fn record(rounds: Vec<Round>) -> Record {
        let id: base::ids::ConvoyId = "convoy-code-review-k7q2m9".parse().unwrap();
        let mut record =
            Record::new(id, Path::new("/p").into(), Path::new("/p/.git").into(), "1a2b3c4d5e".to_owned());
        record.rounds = rounds;
        record
    }

    fn round(result: Verdict, blocking: u64, fix: Option<Fix>) -> Round {
        Round {
            convoy_id: "convoy-code-review-k7q2m9".parse().unwrap(),
            commit: "1a2b3c4d5e".to_owned(),
            review_result: result,
            blocking,
            fix,
        }
    }

    #[test]
    fn a_round_is_a_line() {
        let wants = record(vec![round(Verdict::ChangesRequested, 2, None)]);
        assert_eq!(
            line(&wants, 3).unwrap(),
            "convoy-review: round 1 of 3: changes requested, 2 findings at the gate"
        );
        assert_eq!(line(&record(vec![]), 3), None);
        let fix = Fix { files: 1, ..Fix::default() };
        assert_eq!(done(&round(Verdict::Approved, 0, Some(fix.clone()))), "; the command changed 1 file");
        let refused = Fix { refused: Some("it failed".to_owned()), ..fix };
        assert_eq!(done(&round(Verdict::Approved, 0, Some(refused))), "; it failed");
    }

    #[test]
    fn what_is_left_of_rounds_that_were_ended_is_told_with_what_to_do() {
        let open = record(vec![round(Verdict::ChangesRequested, 1, None)]);
        let told = left(&open, Some("9f8e7d6c"), Some(Path::new("/s/a b")), true);
        for words in [
            "did not come to their end; review 1: changes requested, 1 finding at the gate",
            "git diff 1a2b3c4 convoy/k7q2m9/fix (reviewed up to 1a2b3c4)",
            "git worktree remove --force '/s/a b' && git branch -D convoy/k7q2m9/fix",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert!(left(&open, None, None, true).ends_with("nothing was changed"));
    }
}
