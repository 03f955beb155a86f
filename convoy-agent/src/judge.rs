//! Judging an attempt: completed means proved (P8).
//!
//! Done once, after the process tree is empty: nobody can change the report
//! behind the verdict.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base::environment::{self, Environment, scrub};
use base::error::chain;
use base::pieces;
use base::subprocess::{self, Ended};
use data_encoding::HEXLOWER;
use protocol::outcome::{Evidence, EvidenceSource, Reason};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::claimed;
use crate::report::{OutDir, Rejected, rejected};

/// Recognising a report takes milliseconds.
const LIMIT: Duration = Duration::from_secs(60);
/// So often `convoy-merge` may die of something before it is given up.
const TRIES: u32 = 3;

/// A report that was looked at. It stays open: what is published is what was judged.
#[derive(Debug)]
pub(crate) struct Examined {
    pub(crate) evidence: Evidence,
    pub(crate) file: File,
}

/// Which instructions the processor has is asked once. In a virtual machine that takes longer
/// than a report does: so it is asked while the command runs, and nobody waits for it.
pub(crate) fn get_ready() {
    std::hint::black_box(Sha256::digest([]));
}

/// Looks at the report: something must be in it.
pub(crate) fn examine(report: Option<File>, source: EvidenceSource) -> Result<Examined, Rejected> {
    let file = report.ok_or_else(|| rejected(Reason::NoReport, None))?;
    let unreadable = |error: std::io::Error| rejected(Reason::BadReport, Some(base::error::reason(&error)));
    let metadata = file.metadata().map_err(unreadable)?;
    let mut hash = Sha256::new();
    let mut blank = true;
    let mut size = 0;
    let looked = pieces::read_all(&file, |piece| {
        size += piece.len() as u64;
        blank &= piece.iter().all(u8::is_ascii_whitespace);
        hash.update(piece);
        Ok(())
    });
    looked.map_err(unreadable)?;
    if blank {
        return Err(rejected(Reason::EmptyReport, None));
    }
    let sha256 = HEXLOWER.encode(&hash.finalize());
    let evidence = Evidence {
        size,
        sha256,
        device: metadata.dev(),
        inode: metadata.ino(),
        source,
        findings: None,
        complete: None,
        read_from: None,
        read: None,
        given: None,
        denied: Vec::new(),
    };
    Ok(Examined { evidence, file })
}

/// What `convoy-merge --recognise` says of a report.
#[derive(Debug, Deserialize)]
struct Recognised {
    #[serde(rename = "recognised")]
    as_what: String,
    complete: bool,
    findings: usize,
    counts: BTreeMap<String, u64>,
    #[serde(default)]
    notes: Vec<String>,
}

/// Runs `convoy-merge` to its end and gives what it printed. That it was killed
/// or did not end says nothing of the report: it is asked again.
fn ask(merge: &Path, arguments: &[&OsStr]) -> Result<Vec<u8>, String> {
    let mut died = String::new();
    for _ in 0..TRIES {
        let mut command = Command::new(merge);
        command.args(arguments).current_dir("/").stdin(Stdio::null());
        scrub(&mut command);
        match subprocess::output(command, LIMIT) {
            Ok(Ended { status: Some(status), stdout, .. }) if status.success() => {
                return stdout
                    .whole()
                    .map_err(|error| format!("convoy-merge: {error}", error = base::error::reason(&error)));
            }
            Ok(Ended { status: Some(status), stderr, .. }) if status.code().is_some() => {
                let said = base::text::visible(String::from_utf8_lossy(&stderr).trim());
                return Err(format!("convoy-merge: {status}: {said}"));
            }
            Ok(Ended { status: Some(status), .. }) => died = format!("convoy-merge: {status}"),
            Ok(Ended { status: None, .. }) => died = String::from("convoy-merge did not end"),
            Err(error) => died = format!("convoy-merge: {error}", error = base::error::reason(&error)),
        }
    }
    Err(died)
}

impl Recognised {
    fn is_whole(&self, total: usize) -> bool {
        matches!(self.as_what.as_str(), "findings" | "clean") && self.complete && self.findings == total
    }
}

fn recognised(merge: &Path, report: &Path) -> Result<Recognised, String> {
    let stdout = ask(merge, &["--recognise".as_ref(), report.as_os_str()])?;
    serde_json::from_slice(&stdout)
        .map_err(|error| format!("convoy-merge: {error}", error = base::error::reason(&error)))
}

/// The same of words that are in no file.
fn recognised_words(environment: &Environment, out: &OutDir, words: &str) -> Result<Recognised, String> {
    let draft = out.draft(words).map_err(|error| chain(&error))?;
    recognised(&merge_program(environment)?, draft.path())
}

fn merge_program(environment: &Environment) -> Result<PathBuf, String> {
    environment::sibling(environment, "convoy-merge").map_err(|error| error.to_string())
}

/// How many findings these words tell; none if they are no review.
pub(crate) fn findings_in(environment: &Environment, out: &OutDir, words: &str) -> Result<usize, String> {
    recognised_words(environment, out, words).map(|said| said.findings)
}

/// Are these words a review that found nothing, to the last of their statements?
pub(crate) fn is_clean_text(environment: &Environment, out: &OutDir, words: &str) -> Result<bool, String> {
    recognised_words(environment, out, words).map(|said| said.as_what == "clean" && said.complete)
}

/// Is it a review to its last line, the one that says how many findings there are?
pub(crate) fn is_whole_file(environment: &Environment, report: &Path) -> bool {
    let stated = std::fs::read_to_string(report).ok().and_then(|text| claimed::total(&text));
    stated.is_some_and(|total| {
        merge_program(environment)
            .and_then(|merge| recognised(&merge, report))
            .is_ok_and(|said| said.is_whole(total))
    })
}

/// The same of what was said.
pub(crate) fn is_whole_text(environment: &Environment, out: &OutDir, words: &str) -> bool {
    claimed::total(words)
        .is_some_and(|total| recognised_words(environment, out, words).is_ok_and(|said| said.is_whole(total)))
}

/// Asks `convoy-merge` whether a report is a review, found something or clean.
pub(crate) fn recognise(
    environment: &Environment,
    report: &Path,
    evidence: &mut Evidence,
) -> Result<(), Rejected> {
    let unknown = |detail: String| rejected(Reason::Unrecognised, Some(detail));
    let said = merge_program(environment).and_then(|merge| recognised(&merge, report)).map_err(unknown)?;
    match said.as_what.as_str() {
        "findings" | "clean" => {
            evidence.findings = Some(said.counts.into_iter().filter(|(_, count)| *count > 0).collect());
            evidence.complete = Some(said.complete);
            Ok(())
        }
        "empty" => Err(rejected(Reason::EmptyReport, None)),
        _ => {
            let note = said.notes.first().map(|note| base::text::visible(note));
            Err(rejected(Reason::Unrecognised, note))
        }
    }
}

/// Appends to an AI's synthesis what it left out of the merged findings. Its
/// failure spoils nothing: the report stays as the AI wrote it.
pub(crate) fn check_synthesis(environment: &Environment, findings: &Path, report: &Path) -> Option<String> {
    let arguments =
        ["--check-synthesis".as_ref(), report.as_os_str(), "--findings".as_ref(), findings.as_os_str()];
    let error = merge_program(environment).and_then(|merge| ask(&merge, &arguments)).err()?;
    Some(format!("not checked against the findings: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_that_is_killed_is_asked_again() {
        let dir = tempfile::tempdir().unwrap();
        let told = |script: &str| {
            let script = format!("cd '{}'; {script}", dir.path().display());
            ask(Path::new("/bin/sh"), &["-c".as_ref(), script.as_ref()])
        };
        let lines = |name: &str| std::fs::read(dir.path().join(name)).unwrap().len() / 2;
        assert_eq!(told("mkdir died 2>/dev/null && kill -KILL $$; echo asked"), Ok(b"asked\n".to_vec()));
        assert!(told("echo x >> always; kill -KILL $$").is_err_and(|why| why.contains("SIGKILL")));
        assert_eq!(lines("always"), TRIES as usize);
        assert!(told("echo x >> no; echo bad >&2; exit 2").is_err_and(|why| why.contains("bad")));
        assert_eq!(lines("no"), 1, "a word is a word");
    }

    #[test]
    fn only_text_is_a_report() {
        let dir = tempfile::tempdir().unwrap();
        let judged = |text: &str| {
            let path = dir.path().join("report.md");
            std::fs::write(&path, text).unwrap();
            let file = File::open(path).unwrap();
            examine(Some(file), EvidenceSource::File).map(|found| found.evidence.size).map_err(|no| no.reason)
        };
        assert_eq!(examine(None, EvidenceSource::File).unwrap_err().reason, Reason::NoReport);
        assert_eq!(judged(""), Err(Reason::EmptyReport));
        assert_eq!(judged(" \n\t\n"), Err(Reason::EmptyReport));
        assert_eq!(judged("# Found\n"), Ok(8));
    }
}
