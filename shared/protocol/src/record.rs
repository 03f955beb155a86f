//! Exit records: how an attempt ended, with the evidence (P5, P8).
//!
//! Written once, by the `convoy-agent` that holds the claim, after its process
//! tree is empty and its report is judged and published.

use std::io::Seek;
use std::path::PathBuf;

use base::encoded_path::EncodedPath;
use base::error::{Error, IoContext, Result};
use base::files::{self, Temporary};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::layout::AttemptFiles;
use crate::outcome::{Evidence, Reason, Usage};

/// Room kept on the disk for a record before the command runs, so that a full
/// disk cannot swallow the result.
const RESERVED: usize = 8192;

/// The file `<role>.<n>.exit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExitRecord {
    pub schema_version: u64,
    pub token: String,
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// One line for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Where the report was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_file: Option<EncodedPath>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The CLI's name for the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Outcome {
    Completed,
    /// The command could not be started for want of something that passes
    /// (processes, memory, descriptors, room). Says nothing of the agent.
    NeverRan,
    Failed {
        reason: Reason,
    },
    /// The service said "not now"; maybe until when.
    RateLimited {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
}

impl ExitRecord {
    /// Reads one; `None`: the attempt has none.
    pub fn read(files: &AttemptFiles) -> Result<Option<ExitRecord>> {
        let path = files.exit();
        let Some(bytes) = files::read_if_there(&path)? else {
            return Ok(None);
        };
        serde_json::from_slice(without_room(&bytes)).map(Some).map_err(|source| Error::Io {
            verb: "understand exit record",
            path,
            source: source.into(),
        })
    }
}

/// A record without the room behind it. Who reads while that is given back may see zeros
/// there: the kernel clears the end of a page before the file is known to be shorter.
fn without_room(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| !byte.is_ascii_whitespace() && *byte != 0);
    &bytes[..end.map_or(0, |last| last + 1)]
}

/// Disk space set aside for the record of an attempt that is about to run.
#[derive(Debug)]
pub struct Reserved {
    temporary: Temporary,
    path: PathBuf,
}

impl Reserved {
    /// Sets room for a record aside, on a disk that may be full later.
    pub fn new(files: &AttemptFiles) -> Result<Self> {
        let mut temporary = Temporary::private(files.dir(), "exit")?;
        // Written, not fallocated: some file systems only promise on write.
        temporary.write(&[b' '; RESERVED])?;
        Ok(Reserved { temporary, path: files.exit() })
    }

    /// Writes the record into the reserved room and gives it its name. May be
    /// called again after an error.
    pub fn publish(&mut self, record: &ExitRecord) -> Result<()> {
        let mut bytes = serde_json::to_vec(record).map_err(|source| Error::Io {
            verb: "encode",
            path: self.path.clone(),
            source: source.into(),
        })?;
        bytes.push(b'\n');
        let text_end = bytes.len();
        // Trailing blanks are legal JSON: never give reserved room back before the name is there.
        bytes.resize(text_end.max(RESERVED), b' ');
        self.temporary.file().rewind().context("write", &self.path)?;
        self.temporary.write(&bytes)?;
        self.temporary.rename(&self.path)?;
        // It is the same record with its blanks.
        let _ = self.temporary.file().set_len(text_end as u64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::without_room;

    #[test]
    fn room_that_is_being_given_back_is_no_part_of_a_record() {
        for behind in ["", "\n", "\n   ", "\n\0\0\0", "\n  \0 \0"] {
            assert_eq!(without_room(format!("{{}}{behind}").as_bytes()), b"{}");
        }
        assert_eq!(without_room(b"\0\0 "), b"", "nothing is no record");
        assert_eq!(without_room(b"{\"a\":\0"), b"{\"a\":", "nor is a part of one");
    }
}
