//! Time, read in one place. The core gets it as a value.

use std::fs;

use jiff::Timestamp;
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::error::{Error, IoContext, Result};

/// A point in time that can be compared across processes of one boot:
/// `CLOCK_BOOTTIME`, which no clock setting moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    pub boot: BootId,
    /// Milliseconds since that boot.
    pub ms: u64,
}

/// `/proc/sys/kernel/random/boot_id`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BootId(pub String);

impl Moment {
    /// Milliseconds from this moment to `now`; `None` across boots.
    pub fn elapsed_ms(&self, now: &Moment) -> Option<u64> {
        (self.boot == now.boot).then(|| now.ms.saturating_sub(self.ms))
    }
}

/// One reading of both clocks: the wall clock for people, boot time for limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    pub wall: Timestamp,
    pub moment: Moment,
}

/// Reads the clocks; knows the boot it runs in.
#[derive(Debug, Clone)]
pub struct Clock {
    boot: BootId,
}

impl Clock {
    /// Reads the boot id, once.
    pub fn open() -> Result<Self> {
        let path = std::path::Path::new("/proc/sys/kernel/random/boot_id");
        let text = fs::read_to_string(path).context("read", path)?;
        Ok(Clock { boot: BootId(text.trim().to_owned()) })
    }

    /// The boot this process runs in.
    pub fn boot(&self) -> &BootId {
        &self.boot
    }

    /// The moment it is now.
    pub fn now(&self) -> Result<Now> {
        let time = clock_gettime(ClockId::CLOCK_BOOTTIME).map_err(|errno| Error::Invalid {
            what: format!("cannot read the boot clock: {errno}"),
            hint: None,
        })?;
        let ms = time.tv_sec() as u64 * 1000 + time.tv_nsec() as u64 / 1_000_000;
        Ok(Now { wall: Timestamp::now(), moment: Moment { boot: self.boot.clone(), ms } })
    }
}

/// `YYYYMMDD-HHMMSS`, UTC.
pub fn stamp(wall: Timestamp) -> String {
    wall.strftime("%Y%m%d-%H%M%S").to_string()
}
