//! Time, read in one place. The core gets it as a value.

use std::fs;

use jiff::Timestamp;
use nix::time::{ClockId, clock_gettime};

use crate::error::{Error, IoContext, Result};
use crate::state::{BootId, Moment};

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

    pub fn now(&self) -> Result<Now> {
        let time = clock_gettime(ClockId::CLOCK_BOOTTIME)
            .map_err(|errno| Error::Invalid(format!("cannot read the boot clock: {errno}")))?;
        let ms = time.tv_sec() as u64 * 1000 + time.tv_nsec() as u64 / 1_000_000;
        Ok(Now { wall: Timestamp::now(), moment: Moment { boot: self.boot.clone(), ms } })
    }
}

/// `YYYYMMDD-HHMMSS`, UTC.
pub fn stamp(wall: Timestamp) -> String {
    wall.strftime("%Y%m%d-%H%M%S").to_string()
}
