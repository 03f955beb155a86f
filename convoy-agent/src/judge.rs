//! Judging an attempt: completed means proved (P8).
//!
//! Done once, after the process tree is empty: nobody can change the report
//! behind the verdict.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::errno::Errno;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use shared::child::{self, Ended};
use shared::files;
use shared::launch::scrub;
use shared::state::{Evidence, EvidenceSource, Reason};

/// Recognising a report takes milliseconds.
const LIMIT: Duration = Duration::from_secs(60);

/// Why there is no completed attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) reason: Reason,
    pub(crate) detail: Option<String>,
}

fn rejected(reason: Reason, detail: Option<String>) -> Rejected {
    Rejected { reason, detail }
}

/// Looks at the report: a regular file with something in it.
pub(crate) fn examine(report: &Path, source: EvidenceSource) -> Result<Evidence, Rejected> {
    let mut file =
        files::open_regular(report).map_err(|error| match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::ENOENT) => rejected(Reason::NoReport, None),
            Some(Errno::ELOOP) => rejected(Reason::BadReport, Some("it is a symbolic link".to_owned())),
            _ => rejected(Reason::BadReport, Some(error.to_string())),
        })?;
    let unreadable = |error: std::io::Error| rejected(Reason::BadReport, Some(error.to_string()));
    let metadata = file.metadata().map_err(unreadable)?;
    let mut hash = Sha256::new();
    let mut blank = true;
    let mut size = 0;
    let mut buffer = [0; 65536];
    loop {
        let n = file.read(&mut buffer).map_err(unreadable)?;
        if n == 0 {
            break;
        }
        size += n as u64;
        blank &= buffer[..n].iter().all(u8::is_ascii_whitespace);
        hash.update(&buffer[..n]);
    }
    if blank {
        return Err(rejected(Reason::EmptyReport, None));
    }
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Evidence {
        size,
        sha256,
        device: metadata.dev(),
        inode: metadata.ino(),
        source,
        findings: None,
        complete: None,
    })
}

/// What `convoy-merge --recognise` says of a report.
#[derive(Debug, Deserialize)]
struct Recognised {
    #[serde(rename = "recognised")]
    as_what: String,
    complete: bool,
    counts: BTreeMap<String, u64>,
    #[serde(default)]
    notes: Vec<String>,
}

/// Asks `convoy-merge` whether a report is a review, found something or clean.
pub(crate) fn recognise(merge: &Path, report: &Path, evidence: &mut Evidence) -> Result<(), Rejected> {
    let unknown = |detail: String| rejected(Reason::Unrecognised, Some(detail));
    let mut command = Command::new(merge);
    command.arg("--recognise").arg(report).current_dir("/");
    scrub(&mut command);
    let ended = child::output(command, LIMIT).map_err(|error| unknown(format!("convoy-merge: {error}")))?;
    let Ended { status: Some(status), stdout, stderr } = ended else {
        return Err(unknown("convoy-merge did not end".to_owned()));
    };
    if !status.success() {
        let said = shared::text::visible(String::from_utf8_lossy(&stderr).trim());
        return Err(unknown(format!("convoy-merge: {status}: {said}")));
    }
    let said: Recognised =
        serde_json::from_slice(&stdout).map_err(|error| unknown(format!("convoy-merge: {error}")))?;
    match said.as_what.as_str() {
        "findings" | "clean" => {
            evidence.findings = Some(said.counts.into_iter().filter(|(_, count)| *count > 0).collect());
            evidence.complete = Some(said.complete);
            Ok(())
        }
        "empty" => Err(rejected(Reason::EmptyReport, None)),
        _ => {
            let note = said.notes.first().map(|note| shared::text::visible(note));
            Err(rejected(Reason::Unrecognised, note))
        }
    }
}

/// Appends to an AI's synthesis what it left out of the merged findings. Its
/// failure spoils nothing: the report stays as the AI wrote it.
pub(crate) fn check_synthesis(merge: &Path, findings: &Path, report: &Path) -> Option<String> {
    let mut command = Command::new(merge);
    command.arg("--check-synthesis").arg(report).arg("--findings").arg(findings).current_dir("/");
    scrub(&mut command);
    match child::output(command, LIMIT) {
        Ok(Ended { status: Some(status), .. }) if status.success() => None,
        Ok(Ended { status: Some(status), stderr, .. }) => {
            let said = shared::text::visible(String::from_utf8_lossy(&stderr).trim());
            Some(format!("not checked against the findings: {status}: {said}"))
        }
        Ok(_) => Some("not checked against the findings: convoy-merge did not end".to_owned()),
        Err(error) => Some(format!("not checked against the findings: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(make: impl FnOnce(&Path)) -> Result<u64, Reason> {
        let dir = tempfile::tempdir().unwrap();
        let report = dir.path().join("report.md");
        make(&report);
        examine(&report, EvidenceSource::File).map(|evidence| evidence.size).map_err(|no| no.reason)
    }

    #[test]
    fn only_a_regular_file_with_text_is_a_report() {
        assert_eq!(judged(|_| {}), Err(Reason::NoReport));
        assert_eq!(judged(|path| std::fs::write(path, "").unwrap()), Err(Reason::EmptyReport));
        assert_eq!(judged(|path| std::fs::write(path, " \n\t\n").unwrap()), Err(Reason::EmptyReport));
        assert_eq!(judged(|path| std::fs::create_dir(path).unwrap()), Err(Reason::BadReport));
        let link = |path: &Path| std::os::unix::fs::symlink("/etc/hostname", path).unwrap();
        assert_eq!(judged(link), Err(Reason::BadReport));
        let fifo = |path: &Path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(judged(fifo), Err(Reason::BadReport), "and it did not hang");
        assert_eq!(judged(|path| std::fs::write(path, "# Found\n").unwrap()), Ok(8));
    }
}
