//! Where a convoy works: is its project still the directory it was started on?
//!
//! A path that is gone must not come back by publishing into it, and who looks
//! at another directory of the same name has not looked at the project.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use base::clock::BootId;
use base::encoded_path::EncodedPath;
use base::error::{IoContext, Result};

/// `OVERLAYFS_SUPER_MAGIC`: a directory there is born anew when something in it
/// is first written.
const OVERLAY: i64 = 0x794c_7630;

/// What the directories of a convoy were when it was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Site {
    project: Directory,
    /// The directory the output directory may be made below; never made itself.
    output_base: EncodedPath,
}

/// One directory, as far as it can be told from a later one of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Directory {
    /// Within this boot: file systems without inodes of their own number them anew.
    boot: BootId,
    inode: u64,
    /// Nanoseconds since 1970, where the file system knows: an inode may be used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    born: Option<u64>,
}

impl Site {
    /// Looks at the directories as they are.
    pub(crate) fn survey(project: &Path, output_dir: &Path, boot: &BootId) -> Result<Site> {
        let found = look(project).context("use project", project)?;
        let base = if output_dir.starts_with(project) {
            project
        } else {
            output_dir.ancestors().skip(1).find(|dir| dir.is_dir()).unwrap_or(Path::new("/"))
        };
        Ok(Site {
            project: Directory { boot: boot.clone(), inode: found.ino(), born: born(project, &found) },
            output_base: base.to_path_buf().into(),
        })
    }

    /// The directory the output directory may be made below.
    pub(crate) fn output_base(&self) -> &Path {
        self.output_base.as_path()
    }

    /// Is the project still there, and the same? `None`: it is; else in words why
    /// not. An error: it cannot be looked at, which says neither.
    pub fn missing(&self, project: &Path, boot: &BootId) -> Result<Option<String>> {
        let shown = base::text::path(project);
        let found = match look(project) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Some(format!("{shown} is gone")));
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Ok(Some(format!("{shown} is no directory now")));
            }
            Err(error) => return Err(error).context("look at project", project),
        };
        let known = &self.project;
        let same_inode = known.boot != *boot || known.inode == found.ino();
        let same_birth = match (known.born, born(project, &found)) {
            (Some(then), Some(now)) => then == now,
            _ => true,
        };
        Ok((!same_inode || !same_birth).then(|| format!("{shown} is another directory now")))
    }
}

fn look(path: &Path) -> io::Result<Metadata> {
    let found = fs::metadata(path)?;
    if found.is_dir() { Ok(found) } else { Err(io::Error::from(io::ErrorKind::NotADirectory)) }
}

/// Not every file system knows; what is not known decides nothing.
fn born(path: &Path, found: &Metadata) -> Option<u64> {
    let kind = nix::sys::statfs::statfs(path).ok()?.filesystem_type().0;
    if kind == OVERLAY {
        return None;
    }
    let since = found.created().ok()?.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_came_later_is_another_one() {
        let root = tempfile::tempdir().unwrap();
        let boot = BootId("b".to_owned());
        let (project, other) = (root.path().join("p"), root.path().join("q"));
        fs::create_dir(&project).unwrap();
        let site = Site::survey(&project, &project.join("out"), &boot).unwrap();
        let missing = || site.missing(&project, &boot).unwrap();
        let says = |words: &str| missing().is_some_and(|missing| missing.contains(words));
        fs::write(project.join("file"), "").unwrap();
        assert_eq!(missing(), None, "what is in it may change");
        fs::rename(&project, &other).unwrap();
        assert!(says("is gone"));
        fs::create_dir(&project).unwrap();
        assert!(says("another directory"));
        fs::remove_dir(&project).unwrap();
        std::os::unix::fs::symlink(&other, &project).unwrap();
        assert_eq!(missing(), None, "the same one, by another way");
        fs::remove_file(&project).unwrap();
        fs::write(&project, "").unwrap();
        assert!(says("no directory"));
        fs::remove_file(&project).unwrap();
        std::os::unix::fs::symlink(&project, &project).unwrap();
        assert!(site.missing(&project, &boot).is_err(), "a loop says nothing of the project");
    }

    #[test]
    fn an_output_directory_elsewhere_needs_what_it_was_in() {
        let root = tempfile::tempdir().unwrap();
        let boot = BootId("b".to_owned());
        let project = root.path().join("p");
        fs::create_dir_all(root.path().join("shelf/2026")).unwrap();
        fs::create_dir(&project).unwrap();
        let base = |output: &str| {
            let site = Site::survey(&project, &root.path().join(output), &boot).unwrap();
            site.output_base().strip_prefix(root.path()).unwrap().to_path_buf()
        };
        assert_eq!(base("p/a/b"), Path::new("p"));
        assert_eq!(base("shelf/2026"), Path::new("shelf"), "itself it may be made again");
        assert_eq!(base("shelf/2026/new/deep"), Path::new("shelf/2026"));
    }
}
