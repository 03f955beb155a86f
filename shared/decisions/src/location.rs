//! Which project something is remembered of, and by what it is known again when its
//! directory was moved.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::{files, text};
use data_encoding::HEXLOWER;
use planning::project::Project;
use protocol::layout::Home;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// Which project a book is of. All work trees of one repository share it; without
/// git it is the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The repository's own directory, absolute and without links.
    pub directory: EncodedPath,
    device: u64,
    inode: u64,
    /// Nanoseconds since 1970, where the file system knows: an inode may be used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) born: Option<u64>,
}

impl Location {
    /// The project somebody stands in, or that lies at `root`.
    pub fn of(environment: &Environment, root: &Path) -> Result<Self, Problem> {
        let told = |problem: planning::diagnostic::Diagnostic| Problem::Project(problem.to_string());
        let (project, git) = Project::with_git(environment, root).map_err(told)?;
        let directory = match git {
            Some(git) => git.common_dir().map_err(told)?,
            None => project.root,
        };
        Self::survey(&directory).map_err(|error| {
            let why = base::error::reason(&error);
            Problem::Project(format!("cannot look at {}: {why}", text::path(&directory)))
        })
    }

    pub(crate) fn survey(directory: &Path) -> std::io::Result<Self> {
        let directory = directory.canonicalize()?;
        let found = directory.metadata()?;
        let born = found.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Location {
            device: found.dev(),
            inode: found.ino(),
            born: born.and_then(|born| u64::try_from(born.as_nanos()).ok()),
            directory: directory.into(),
        })
    }

    /// The name of its file, without its ending.
    pub fn id(&self) -> String {
        let path: &std::ffi::OsStr = self.directory.as_ref();
        HEXLOWER.encode(&Sha256::digest(path.as_encoded_bytes())[..8])
    }

    /// Is this the same directory by another name? Only where that is certain.
    fn has_moved_from(&self, old: &Location) -> bool {
        let identity = |one: &Location| Some((one.device, one.inode, one.born?));
        identity(self).is_some_and(|now| identity(old) == Some(now))
    }

    /// The file of this project, and what it holds: by its path, else that of a directory
    /// which was moved here. `file`: where the file of an id is; `read`: what is in it.
    pub(crate) fn find<T, E: From<base::Error>>(
        &self,
        home: &Home,
        file: impl Fn(&str) -> PathBuf,
        read: impl Fn(&Path) -> Result<Option<(Location, T)>, E>,
    ) -> Result<Option<(PathBuf, T)>, E> {
        let own = file(&self.id());
        if let Some((_, found)) = read(&own)? {
            return Ok(Some((own, found)));
        }
        for name in files::names(&home.projects())? {
            let path = home.projects().join(&name);
            if path.extension() != own.extension() {
                continue;
            }
            // One that cannot be read is of another project, as far as can be told.
            let Ok(Some((old, found))) = read(&path) else { continue };
            let still_there =
                Location::survey(old.directory.as_path()).is_ok_and(|there| there.has_moved_from(&old));
            if !still_there && self.has_moved_from(&old) {
                return Ok(Some((path, found)));
            }
        }
        Ok(None)
    }

    /// Device, inode and birth in one text, for files that a person may edit.
    pub(crate) fn identity(&self) -> String {
        let born = self.born.map(|born| format!(" {born}")).unwrap_or_default();
        format!("{} {}{born}", self.device, self.inode)
    }

    /// From the two texts that a file of settings has of it.
    pub(crate) fn of_texts(directory: String, identity: &str) -> Option<Self> {
        let mut numbers = identity.split(' ').map(|number| number.parse::<u64>().ok());
        let (device, inode) = (numbers.next()??, numbers.next()??);
        let born = match numbers.next() {
            Some(number) => Some(number?),
            None => None,
        };
        Some(Location { directory: directory.into(), device, inode, born })
    }
}
