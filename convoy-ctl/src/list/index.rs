//! The index of ended convoys, so that `list` need not read every state.
//!
//! A cache, never the truth: it is used as far as the directory and the files
//! are provably the ones it was made from, and made anew where not. Its lines
//! are sorted newest first, and its first line says which directory version it
//! is of: when nothing changed since, a page costs only its own lines.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use base::StateProblem;
use base::files::{self, Sync};
use jiff::Timestamp;
use nix::unistd::AccessFlags;
use protocol::layout::Home;
use protocol::owner;
use protocol::store::read_state;
use serde::{Deserialize, Serialize};

use crate::screen::list::{Entry, What};

const VERSION: u32 = 2;
/// File systems keep times in steps: what changed this short before the index
/// was begun may have changed again unseen.
const SETTLED: Duration = Duration::from_millis(100);

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    version: u32,
    /// The time of the last change of `convoys/`, in nanoseconds.
    directory: i64,
    /// Nothing could have changed unseen since.
    settled: bool,
    /// Every convoy in it has ended.
    ended: bool,
    count: usize,
}

/// A state file, and what the table shows of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    version: Version,
    ended: bool,
    entry: Entry,
}

/// Which version of a file something is of, and who could read it then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Version {
    inode: u64,
    /// Content, owner or mode, in nanoseconds.
    changed: i64,
    size: u64,
}

impl Version {
    fn of(metadata: &fs::Metadata) -> Self {
        let changed = metadata.ctime() * 1_000_000_000 + metadata.ctime_nsec();
        Version { inode: metadata.ino(), changed, size: metadata.len() }
    }
}

/// The newest `limit` convoys, and how many there are.
pub(super) fn first(home: &Home, limit: usize) -> Result<(Vec<Entry>, usize)> {
    let begun = SystemTime::now();
    let Some(directory) = changed(&home.convoys())? else { return Ok((Vec::new(), 0)) };
    let path = home.index();
    if let Some(page) = unchanged_page(home, directory, limit) {
        return Ok(page);
    }
    let known = known_lines(&path);
    let mut lines = Vec::new();
    let mut fresh = 0;
    for id in protocol::convoys::all_ids(home)? {
        let name = id.to_string();
        let version = match fs::metadata(home.convoy(&id).state()) {
            Ok(metadata) => Version::of(&metadata),
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            // Shown as what it is: reading it says why.
            Err(_) => Version::default(),
        };
        match known.get(&name).filter(|line| line.ended && line.version == version) {
            Some(line) => lines.push(line.clone()),
            None => {
                fresh += 1;
                let (entry, ended) = read(home, &id, version.changed);
                lines.push(Line { version, ended, entry });
            }
        }
    }
    lines.sort_by(|a, b| (b.entry.started_at, &b.entry.id).cmp(&(a.entry.started_at, &a.entry.id)));
    if fresh > 0 || known.len() != lines.len() || lines.iter().all(|line| line.ended) {
        let settled = begun
            .duration_since(UNIX_EPOCH)
            .is_ok_and(|now| now.saturating_sub(Duration::from_nanos(directory.unsigned_abs())) > SETTLED);
        // A state directory that cannot be written, or is another user's, is listed
        // all the same: the index only saves work.
        let _ = owner::check(home)
            .map_err(anyhow::Error::from)
            .and_then(|()| write(home, &path, directory, settled, &lines));
    }
    let total = lines.len();
    Ok((lines.into_iter().take(limit).map(|line| line.entry).collect(), total))
}

/// When the directory last changed; `None`: there is none.
fn changed(path: &Path) -> base::Result<Option<i64>> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found.mtime() * 1_000_000_000 + found.mtime_nsec())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(base::Error::Unreadable { path: path.to_path_buf(), source }),
    }
}

fn open(path: &Path) -> Option<(Header, BufReader<File>)> {
    let mut reader = BufReader::with_capacity(1 << 16, files::open(path).ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let header: Header = serde_json::from_str(&line).ok()?;
    (header.version == VERSION).then_some((header, reader))
}

/// A page of an index that is still true as a whole: every state is replaced by
/// a rename in the directory, so its time tells of any change but of who may
/// read what: that is asked of the ones on the page.
fn unchanged_page(home: &Home, directory: i64, limit: usize) -> Option<(Vec<Entry>, usize)> {
    let (header, reader) = open(&home.index())?;
    if header.directory != directory || !header.settled || !header.ended {
        return None;
    }
    nix::unistd::access(&home.convoys(), AccessFlags::R_OK | AccessFlags::X_OK).ok()?;
    let mut entries = Vec::new();
    for line in reader.lines().take(limit.min(header.count)) {
        let line = serde_json::from_str::<Line>(&line.ok()?).ok()?;
        let state = home.convoy(&line.entry.id.parse().ok()?).state();
        if Version::of(&fs::metadata(state).ok()?) != line.version {
            return None;
        }
        entries.push(line.entry);
    }
    (entries.len() == limit.min(header.count)).then_some((entries, header.count))
}

fn known_lines(path: &Path) -> HashMap<String, Line> {
    let Some((_, reader)) = open(path) else { return HashMap::new() };
    let lines = reader.lines().map_while(Result::ok);
    lines
        .filter_map(|line| serde_json::from_str::<Line>(&line).ok())
        .map(|line| (line.entry.id.clone(), line))
        .collect()
}

/// What the table shows of a state, and whether that can still change.
fn read(home: &Home, id: &base::ids::ConvoyId, modified: i64) -> (Entry, bool) {
    match read_state(&home.convoy(id)) {
        Ok(state) => (Entry::of(&state), state.ended()),
        Err(error) => {
            let started_at =
                Timestamp::from_nanosecond(i128::from(modified)).unwrap_or(Timestamp::UNIX_EPOCH);
            let why = match &error {
                base::Error::State { source: StateProblem::Torn { .. }, .. } => {
                    "torn, or no state at all".to_owned()
                }
                base::Error::State { source, .. } => base::error::reason(&source),
                other => other.to_string(),
            };
            // Not kept: what cannot be read today may be mended tomorrow.
            (Entry { id: id.to_string(), started_at, what: What::Unusable(why) }, false)
        }
    }
}

fn write(home: &Home, path: &Path, directory: i64, settled: bool, lines: &[Line]) -> Result<()> {
    let ended = lines.iter().all(|line| line.ended);
    let header = Header { version: VERSION, directory, settled, ended, count: lines.len() };
    let mut bytes = serde_json::to_vec(&header)?;
    bytes.push(b'\n');
    for line in lines {
        serde_json::to_writer(&mut bytes, line)?;
        bytes.push(b'\n');
    }
    files::replace(path, home.root(), &bytes, Sync::Later)?;
    Ok(())
}
