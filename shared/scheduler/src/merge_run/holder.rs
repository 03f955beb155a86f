//! Who runs a merge, told by the lock it holds.

use std::time::Duration;

use base::clock::Moment;
use base::error::Result;
use base::files;
use base::lock::Lock;
use base::process::{Handle, ProcessId};
use protocol::layout::ConvoyDir;
use serde::{Deserialize, Serialize};

/// The program at work on a merge, as its lock's file says. Written before the
/// program is started, and again when it is known who that is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Holder {
    pub(super) process: Option<ProcessId>,
    pub(super) since: Moment,
}

impl Holder {
    /// The last one; also when it has ended. A file that is torn (full disk) or empty
    /// names nobody: no program is at work, or it cannot be told which.
    pub(super) fn read(dir: &ConvoyDir, k: u32) -> Result<Option<Self>> {
        let bytes = files::read_if_there(&dir.merge_lock(k))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    pub(super) fn write(&self, lock: &Lock) -> std::io::Result<()> {
        lock.write(&serde_json::to_vec(self)?)
    }

    /// To know when it has ended; `None`: it has, or it cannot be watched, and is
    /// looked at now and then.
    pub(super) fn open(&self) -> Option<Handle> {
        let handle = self.process?.open().ok().flatten()?;
        (!handle.wait(Duration::ZERO)).then_some(handle)
    }
}
