//! What may be chosen from: the files of the project or of a commit, sorted, each once,
//! and what is no regular file told apart.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use base::text;

use crate::diagnostic::Diagnostic;
use crate::own_files::OwnFiles;
use crate::project_git::Tree;

/// A tree without git larger than this is no project.
const MAX_WALK: usize = 500_000;
/// Never looked into without git.
const SKIPPED: [&[u8]; 3] = [b".git", b".hg", b".svn"];

/// What may be chosen from.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) files: Vec<PathBuf>,
    pub(super) not_files: Vec<PathBuf>,
    /// How many were left out because convoy wrote them.
    pub(super) own: usize,
}

impl Candidates {
    pub(super) fn count(&self) -> usize {
        self.files.len() + self.not_files.len()
    }

    /// Paths of a commit, or of its change: what it does not hold was deleted.
    pub(super) fn of_commit(paths: Vec<PathBuf>, tree: Tree, root: &Path, own: &OwnFiles) -> Self {
        let files: BTreeSet<PathBuf> = tree.files.into_iter().collect();
        let mut out = Candidates::default();
        let paths: BTreeSet<PathBuf> = paths.into_iter().filter(|path| is_inside(path)).collect();
        for path in paths {
            if own.holds(&root.join(&path)) {
                out.own += 1;
            } else if files.contains(&path) {
                out.files.push(path);
            } else {
                out.not_files.push(path);
            }
        }
        out
    }
}

/// Sorted, each once: what is a regular file of the project, and what is not.
pub(super) fn sort_out(root: &Path, paths: Vec<PathBuf>, own: &OwnFiles) -> Result<Candidates, Diagnostic> {
    let mut out = Candidates::default();
    let unique: BTreeSet<PathBuf> = paths.into_iter().collect();
    let mut through_link = HashMap::new();
    for path in unique {
        if !is_inside(&path) {
            continue;
        }
        let full = root.join(&path);
        if let Some(dir) = full.parent()
            && *through_link.entry(dir.to_path_buf()).or_insert_with(|| leads_elsewhere(dir))
        {
            out.not_files.push(path);
            continue;
        }
        match fs::symlink_metadata(&full) {
            Ok(_) if own.holds(&full) => out.own += 1,
            Ok(found) if found.is_file() => out.files.push(path),
            Ok(_) => out.not_files.push(path),
            Err(error) if is_no_file(&error) => {
                if !own.holds(&full) {
                    out.not_files.push(path);
                }
            }
            Err(error) => return Err(unreadable(&full, &error)),
        }
    }
    Ok(out)
}

/// Is there a symbolic link on the way to a directory? One that cannot be followed
/// is told of with what is in it.
fn leads_elsewhere(dir: &Path) -> bool {
    dir.canonicalize().is_ok_and(|real| real != dir)
}

/// A path that leads out of the project, as others may tell of it, is none of its files.
pub(super) fn is_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// Deleted, part of a path that is no directory, or not for this user to see:
/// that is not reviewed. Anything else says nothing of the file.
fn is_no_file(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied
    )
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::of_io(format_args!("cannot read {}", text::path(path)), error)
}

/// Every file below a directory, without following symbolic links, and the
/// directories that may not be read.
pub(super) fn walk(project: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let mut out = Vec::new();
    let mut todo = vec![PathBuf::new()];
    while let Some(dir) = todo.pop() {
        let entries = match fs::read_dir(project.join(&dir)) {
            Ok(entries) => entries,
            // What may not be read is not reviewed; the project itself must be readable.
            Err(error) if !dir.as_os_str().is_empty() && is_no_file(&error) => {
                out.push(dir);
                continue;
            }
            Err(error) => return Err(unreadable(&project.join(&dir), &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&project.join(&dir), &error))?;
            let path = dir.join(entry.file_name());
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                // It is told of with the directories that may not be read.
                Err(error) if is_no_file(&error) => {
                    out.push(path);
                    continue;
                }
                Err(error) => return Err(unreadable(&project.join(&path), &error)),
            };
            if kind.is_dir() && !SKIPPED.contains(&entry.file_name().as_bytes()) {
                todo.push(path);
            } else if kind.is_file() {
                out.push(path);
            }
        }
        if out.len() + todo.len() > MAX_WALK {
            return Err(Diagnostic::new(format!(
                "{} holds more than {MAX_WALK} files and is not a git project",
                text::path(project)
            ))
            .hint("name the project: --project-path DIR"));
        }
    }
    Ok(out)
}
