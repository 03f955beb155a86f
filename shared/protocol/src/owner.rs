//! Whose state directory is it? Nobody writes into another user's: root's files
//! among a user's make the user's convoys unusable.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

use base::error::{Error, IoContext, Result};
use nix::unistd::{Uid, User};

use crate::layout::Home;

/// For programs that write: is the state directory this user's? One that does
/// not exist yet would be made in a directory; for root that must not be a user's.
pub fn check(home: &Home) -> Result<()> {
    let own = nix::unistd::geteuid();
    for dir in home.root().ancestors() {
        let owner = match fs::metadata(dir) {
            Ok(found) => Uid::from_raw(found.uid()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).context("look at", dir),
        };
        let is_there = dir == home.root();
        // Others may be given a place in somebody's directory, and then own what
        // they make there without being in the way.
        if owner == own || (!is_there && !own.is_root()) {
            return Ok(());
        }
        let name = User::from_uid(owner).ok().flatten().map(|user| user.name);
        let owner = name.unwrap_or_else(|| format!("user {owner}"));
        return Err(Error::NotOurs { path: home.root().to_path_buf(), owner });
    }
    Ok(())
}
