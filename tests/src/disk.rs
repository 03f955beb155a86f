//! A small disk that can be full.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::programs;

/// A file system of its own, where this machine lets us have one; gone when dropped.
#[derive(Debug)]
pub struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// Mounts a tmpfs of this size (as `mount` takes it). `None`: it may not be,
    /// which is told.
    pub fn mount(path: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(path).expect("a place to mount");
        let options = format!("size={size}");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "convoy-test"]).arg(path).output();
        if mounted.is_ok_and(|out| out.status.success()) {
            return Some(SmallDisk { path: path.to_path_buf() });
        }
        programs::skipped("a full disk: this machine allows no tmpfs mount");
        None
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let mut file =
            OpenOptions::new().append(true).create(true).open(self.filler()).expect("a file to fill with");
        for piece in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![b'x'; piece]).is_ok() {}
        }
    }

    /// Gives it back.
    pub fn make_room(&self) {
        fs::remove_file(self.filler()).expect("a filled disk");
    }

    pub fn is_full(&self) -> bool {
        nix::sys::statvfs::statvfs(&self.path).is_ok_and(|found| found.blocks_available() == 0)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
