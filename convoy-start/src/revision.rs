//! Which commit is meant, and since when: `--commit`, `--branch`, `--base`, `--diff`
//! and ranges, as typed.

use base::exit::Exit;
use base::program::Failure;
use base::text;
use planning::file_selection::{CommitAsked, Diff};
use planning::project_git::{Revision, Since};

use crate::cli::Arguments;

/// What changes are counted from in the project, or the commit to look at instead.
pub(crate) fn read(arguments: &Arguments) -> Result<(Option<Diff>, Option<CommitAsked>), Failure> {
    let diff = arguments.diff.as_deref();
    let (revision, from) = match (arguments.commit.as_deref(), arguments.branch.as_deref()) {
        (Some(commit), _) => {
            let (from, commit) = range(commit).map_or((None, commit), |(from, to)| (Some(from), to));
            (Revision::Commit(named("--commit", commit)?), from)
        }
        (None, Some(branch)) => (Revision::Branch(named("--branch", branch)?), None),
        (None, None) => match diff.and_then(range) {
            Some((from, to)) => return commit_of_diff(arguments, from, to),
            None if arguments.base.is_some() => {
                return Err(usage("--base: there is no commit that it would be the base of")
                    .hint("--commit COMMIT --base BASE; for the files as they are here: --diff=BASE"));
            }
            None => return Ok((diff.map(in_project), None)),
        },
    };
    if let Some(diff) = diff.filter(|diff| range(diff).is_some()) {
        let message =
            format!("--diff={}: a range names a commit, and so does another option", text::visible(diff));
        return Err(usage(message).hint("use one of them"));
    }
    let given = [arguments.base.as_deref(), diff.filter(|base| !base.is_empty()), from];
    let given: Vec<&str> = given.into_iter().flatten().collect();
    let since = match given.as_slice() {
        [] if diff.is_some() => Some(Since::DefaultBranch),
        [] => alone(arguments, &revision),
        [base] => Some(Since::Named(named("--base", base)?)),
        _ => return Err(usage("the base is given twice").hint("use one of --base, --diff=BASE and A..B")),
    };
    Ok((None, Some(CommitAsked { revision, since })))
}

/// Where nothing is said of a base.
fn alone(arguments: &Arguments, revision: &Revision) -> Option<Since> {
    let named = arguments.files.iter().any(|pattern| !pattern.as_encoded_bytes().starts_with(b"!"));
    match revision {
        Revision::Commit(_) => Some(Since::Parent),
        Revision::Branch(_) if named => None,
        Revision::Branch(_) => Some(Since::DefaultBranch),
    }
}

fn commit_of_diff(
    arguments: &Arguments,
    from: &str,
    to: &str,
) -> Result<(Option<Diff>, Option<CommitAsked>), Failure> {
    if arguments.base.is_some() {
        return Err(usage("the base is given twice").hint("use one of --base and A..B"));
    }
    let revision = Revision::Commit(named("--diff", to)?);
    Ok((None, Some(CommitAsked { revision, since: Some(Since::Named(named("--diff", from)?)) })))
}

fn in_project(base: &str) -> Diff {
    Diff { base: Some(base.to_owned()).filter(|base| !base.is_empty()) }
}

/// `A..B` and `A...B`, which are the same here: a change is always counted from
/// where B left A. A side that is left out is `HEAD`, as git has it. No branch, tag
/// or hash has two dots in its name.
fn range(text: &str) -> Option<(&str, &str)> {
    let (from, to) = text.split_once("...").or_else(|| text.split_once(".."))?;
    let head = |side| if str::is_empty(side) { "HEAD" } else { side };
    Some((head(from), head(to)))
}

fn named(option: &str, name: &str) -> Result<String, Failure> {
    if name.is_empty() || name.contains(char::is_control) {
        return Err(usage(format!("{option}: '{}' names no commit", text::visible(name)))
            .hint("a commit, a branch or a tag: HEAD, main, v1.2"));
    }
    Ok(name.to_owned())
}

fn usage(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, message)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn asked(words: &[&str]) -> Result<(Option<Diff>, Option<CommitAsked>), String> {
        let arguments = Arguments::try_parse_from([&["convoy-start", "t"], words].concat()).unwrap();
        read(&arguments).map_err(|failure| failure.message)
    }

    fn commit(name: &str, since: Since) -> CommitAsked {
        CommitAsked { revision: Revision::Commit(name.to_owned()), since: Some(since) }
    }

    fn since(name: &str) -> Since {
        Since::Named(name.to_owned())
    }

    #[test]
    fn a_commit_and_what_its_change_is_counted_from() {
        for (words, want) in [
            (&["--commit", "c"][..], commit("c", Since::Parent)),
            (&["--commit", "c", "--files", "src"], commit("c", Since::Parent)),
            (&["--commit", "c", "--base", "b"], commit("c", since("b"))),
            (&["--commit", "c", "--diff=b"], commit("c", since("b"))),
            (&["--commit", "c", "--diff"], commit("c", Since::DefaultBranch)),
            (&["--commit", "a..b"], commit("b", since("a"))),
            (&["--commit", "a...b"], commit("b", since("a"))),
            (&["--diff=a..b"], commit("b", since("a"))),
            (&["--diff=a..."], commit("HEAD", since("a"))),
            (&["--diff=..b"], commit("b", since("HEAD"))),
        ] {
            assert_eq!(asked(words), Ok((None, Some(want))), "{words:?}");
        }
        assert_eq!(asked(&[]), Ok((None, None)));
        assert_eq!(asked(&["--diff"]), Ok((Some(Diff { base: None }), None)));
        assert_eq!(asked(&["--diff=b"]), Ok((Some(Diff { base: Some("b".to_owned()) }), None)));
    }

    #[test]
    fn a_branch_is_its_change_or_the_files_named_of_it() {
        let branch = |since| Some(CommitAsked { revision: Revision::Branch("w".to_owned()), since });
        for (words, want) in [
            (&["--branch", "w"][..], Some(Since::DefaultBranch)),
            (&["--branch", "w", "--files", "!x"], Some(Since::DefaultBranch)),
            (&["--branch", "w", "--files", "src"], None),
            (&["--branch", "w", "--files", "src", "--diff"], Some(Since::DefaultBranch)),
            (&["--branch", "w", "--base", "b"], Some(since("b"))),
        ] {
            assert_eq!(asked(words), Ok((None, branch(want))), "{words:?}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_a_wrong_call() {
        for words in [
            &["--base", "b"][..],
            &["--diff=b", "--base", "c"],
            &["--diff=a..b", "--base", "c"],
            &["--diff=a..b", "--commit", "c"],
            &["--commit", "a..b", "--base", "c"],
            &["--commit", "c", "--base", "b", "--diff=d"],
            &["--commit", ""],
            &["--commit", "c", "--base", ""],
            &["--branch", "a\nb"],
        ] {
            assert!(asked(words).is_err(), "{words:?}");
        }
    }
}
