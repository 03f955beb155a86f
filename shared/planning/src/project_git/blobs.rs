//! What files held at a base: read from the object database, so that no filter runs
//! and nothing is written.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use super::{DiffBase, PATHS_AT_ONCE, ProjectGit, failed, paths};
use crate::diagnostic::Diagnostic;

/// Of all files together so much is read, in bytes.
const MOST: u64 = 64 << 20;

/// Contents by path, or why there are none: a clause.
pub type Contents = BTreeMap<PathBuf, Result<Vec<u8>, String>>;

impl ProjectGit<'_> {
    /// What of these paths, relative to the root, was a regular file at the base, none
    /// of them longer than `longest` bytes. What was none is left out.
    pub fn contents_at(
        &self,
        base: &DiffBase,
        paths: &[PathBuf],
        longest: u64,
    ) -> Result<Contents, Diagnostic> {
        let mut contents = Contents::new();
        let Some(commit) = &base.commit else { return Ok(contents) };
        let mut left = MOST;
        for paths in paths.chunks(PATHS_AT_ONCE) {
            let files = self.regular_files(commit, paths)?;
            let sizes = self.sizes(files.values())?;
            let mut wanted = Vec::new();
            for (path, id) in files {
                match sizes.get(&id) {
                    None => _ = contents.insert(path, Err("git has not its contents".to_owned())),
                    Some(size) if *size > longest => {
                        contents.insert(path, Err(format!("larger than {} KB", longest.div_ceil(1000))));
                    }
                    Some(size) if *size > left => {
                        let why = format!("the files of the change have more than {} MB", MOST >> 20);
                        contents.insert(path, Err(why));
                    }
                    Some(size) => {
                        left -= size;
                        wanted.push((path, id));
                    }
                }
            }
            let blobs = self.blobs(wanted.iter().map(|(_, id)| id))?;
            contents.extend(wanted.into_iter().map(|(path, id)| {
                let blob = blobs.get(&id).cloned().ok_or_else(|| "git has not its contents".to_owned());
                (path, blob)
            }));
        }
        Ok(contents)
    }

    fn regular_files(
        &self,
        commit: &str,
        wanted: &[PathBuf],
    ) -> Result<BTreeMap<PathBuf, String>, Diagnostic> {
        let words = ["ls-tree", "-r", "-z", "--full-tree", commit, "--"].map(OsStr::new);
        let words: Vec<&OsStr> =
            words.into_iter().chain(wanted.iter().map(|path| path.as_os_str())).collect();
        let out = self.must(&words)?;
        let file = |entry: &[u8]| {
            // `100644 blob HASH<TAB>PATH`
            let tab = entry.iter().position(|&b| b == b'\t')?;
            let head = String::from_utf8_lossy(&entry[..tab]).into_owned();
            let id = head.strip_prefix("100").and_then(|rest| rest.split(' ').nth(2))?.to_owned();
            Some((paths(&entry[tab + 1..]).pop()?, id))
        };
        Ok(out.split(|&b| b == 0).filter_map(file).collect())
    }

    /// How long these objects are; one that is not here has no size.
    fn sizes<'i>(&self, ids: impl Iterator<Item = &'i String>) -> Result<BTreeMap<String, u64>, Diagnostic> {
        let out = self.batch("--batch-check=%(objectname) %(objectsize)", ids)?;
        let out = String::from_utf8_lossy(&out).into_owned();
        let size = |line: &str| {
            let (id, size) = line.split_once(' ')?;
            Some((id.to_owned(), size.parse().ok()?))
        };
        Ok(out.lines().filter_map(size).collect())
    }

    fn blobs<'i>(
        &self,
        ids: impl Iterator<Item = &'i String>,
    ) -> Result<BTreeMap<String, Vec<u8>>, Diagnostic> {
        let out = self.batch("--batch=%(objectname) %(objectsize)", ids)?;
        let mut rest = out.as_slice();
        let mut blobs = BTreeMap::new();
        while let Some((id, blob, behind)) = next_blob(rest) {
            blobs.insert(id, blob.to_vec());
            rest = behind;
        }
        Ok(blobs)
    }

    /// Asks `git cat-file` about many objects at once.
    fn batch<'i>(&self, how: &str, ids: impl Iterator<Item = &'i String>) -> Result<Vec<u8>, Diagnostic> {
        let ids = ids.fold(String::new(), |all, id| all + id + "\n");
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let broken = |error: std::io::Error| {
            Diagnostic::new(format!("cannot run git: {}", base::error::reason(&error)))
        };
        let mut command = self.command(&["cat-file", how]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(broken)?;
        // They fit into the pipe, so that nobody waits for the other.
        let told = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(ids.as_bytes()));
        let output = child.wait_with_output().map_err(broken)?;
        if output.status.success() {
            told.map_err(broken)?;
            return Ok(output.stdout);
        }
        Err(self.explained(failed("cat-file", &output)))
    }
}

/// `HASH SIZE`, a newline, the contents, a newline; of one that is not there `HASH missing`.
fn next_blob(out: &[u8]) -> Option<(String, &[u8], &[u8])> {
    let end = out.iter().position(|&b| b == b'\n')?;
    let head = String::from_utf8_lossy(&out[..end]).into_owned();
    let (id, size) = head.split_once(' ')?;
    let Ok(size) = size.parse::<usize>() else { return next_blob(&out[end + 1..]) };
    let blob = out.get(end + 1..end + 1 + size)?;
    Some((id.to_owned(), blob, out.get(end + 2 + size..)?))
}
