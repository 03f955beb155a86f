//! What the files under review hold, so that it can be told later what has changed
//! since somebody looked.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base::encoded_path::EncodedPath;
use base::text;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostic;
use crate::project_git::{CommitUnderReview, DiffBase, ProjectGit};

/// One file, as it is and as it was at the base.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    pub file: EncodedPath,
    /// Mode and hash; of what is deleted "gone".
    pub now: String,
    /// The same at the base; "gone" where it has no such file, `None` where there is no base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

impl Content {
    /// Is there nothing that could be opened? Then it is in the change itself.
    pub fn is_no_file(&self) -> bool {
        self.now == GONE
    }
}

/// What is there no more, or was not there yet.
const GONE: &str = "gone";

/// Looks at these paths. One of which nothing can be said (a submodule) is left out: it
/// counts as changed whenever somebody asks.
pub(crate) fn of(
    git: Option<&ProjectGit<'_>>,
    root: &Path,
    paths: &[&PathBuf],
    base: Option<&DiffBase>,
    commit: Option<&CommitUnderReview>,
) -> Result<Vec<Content>, Diagnostic> {
    let before = match (git, base) {
        (Some(git), Some(base)) => Some(git.objects_of_base(base)?),
        _ => None,
    };
    let committed = match (git, commit) {
        (Some(git), Some(commit)) => Some(git.objects(&commit.id)?),
        _ => None,
    };
    let at = |objects: &BTreeMap<PathBuf, String>, path: &Path| {
        objects.get(path).cloned().unwrap_or_else(|| GONE.to_owned())
    };
    let mut out = Vec::with_capacity(paths.len());
    for path in paths {
        let now = match &committed {
            Some(objects) => Some(at(objects, path)),
            None => on_disk(&root.join(path))?,
        };
        let Some(now) = now else { continue };
        let base = before.as_ref().map(|objects| at(objects, path));
        out.push(Content { file: path.as_path().into(), now, base });
    }
    Ok(out)
}

fn on_disk(path: &Path) -> Result<Option<String>, Diagnostic> {
    let unreadable =
        |error: &io::Error| Diagnostic::of_io(format_args!("cannot read {}", text::path(path)), error);
    let found = match path.symlink_metadata() {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Some(GONE.to_owned()));
        }
        // What may not be read is not reviewed either.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    if found.is_symlink() {
        let target = fs::read_link(path).map_err(|error| unreadable(&error))?;
        return Ok(Some(format!("link {}", digest(target.as_os_str().as_bytes()))));
    }
    if !found.is_file() {
        return Ok(None);
    }
    let hash = match base::files::open_regular(path).and_then(|mut file| digest_of(&mut file)) {
        Ok(hash) => hash,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    let mode = if found.permissions().mode() & 0o111 == 0 { "file" } else { "program" };
    Ok(Some(format!("{mode} {hash}")))
}

/// Of a file of any size.
fn digest_of(file: &mut fs::File) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(HEXLOWER.encode(&hasher.finalize())),
            n => hasher.update(&piece[..n]),
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}
