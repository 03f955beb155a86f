//! Reading and replacing the state file (P1).
//!
//! Readers take no lock: the file is only ever replaced as a whole. A writer
//! reads, steps and replaces in one hold of `<id>.lock`.

mod encoded;

use std::fs::{self, File};
use std::time::Instant;

use base::crash::{self, Point};
use base::error::{self, Error, IoContext, Result, StateProblem};
use base::files::{self, Sync};
use base::lock::{self, Lock};
use base::text;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::journal;
use crate::layout::ConvoyDir;
use crate::room;
use crate::state::{SCHEMA_VERSION, State};
use encoded::Encoded;

/// Reads the state of a convoy.
pub fn read_state(dir: &ConvoyDir) -> Result<State> {
    parse(dir, &read_bytes(dir)?)
}

/// The bytes of the state of a convoy.
pub(crate) fn read_bytes(dir: &ConvoyDir) -> Result<Vec<u8>> {
    open_and_read(dir).map(|(_, bytes)| bytes)
}

fn open_and_read(dir: &ConvoyDir) -> Result<(File, Vec<u8>)> {
    files::open_and_read(&dir.state()).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::NoConvoy(dir.id().to_string()),
        _ => problem(dir, StateProblem::Io(error)),
    })
}

fn problem(dir: &ConvoyDir, source: StateProblem) -> Error {
    Error::State { id: dir.id().to_string(), source }
}

fn parse(dir: &ConvoyDir, bytes: &[u8]) -> Result<State> {
    parse_state(bytes, &text::path(&dir.state())).map_err(|source| problem(dir, source))
}

/// Understands the bytes of a state file; `path` is for the message.
pub fn parse_state(bytes: &[u8], path: &str) -> std::result::Result<State, StateProblem> {
    let source = match serde_json::from_slice::<State>(bytes) {
        Ok(state) if state.schema_version <= SCHEMA_VERSION => return Ok(state),
        Ok(state) => {
            return Err(StateProblem::Newer { version: state.schema_version, known: SCHEMA_VERSION });
        }
        Err(source) => source,
    };
    // An object, or it is none of anybody's.
    let fields: Option<Map<String, Value>> = serde_json::from_slice(bytes).ok();
    match fields.map(|fields| fields.get("schemaVersion").map(Value::as_u64)) {
        Some(None) => Err(StateProblem::Legacy),
        Some(Some(Some(version))) if version > SCHEMA_VERSION => {
            Err(StateProblem::Newer { version, known: SCHEMA_VERSION })
        }
        Some(Some(_)) | None => Err(StateProblem::Torn { path: path.to_owned(), source }),
    }
}

/// The state of one convoy, for a program that also writes it. Keeps the last
/// version read: as long as its inode has the name, nothing changed.
#[derive(Debug)]
pub struct Store {
    dir: ConvoyDir,
    known: Option<Known>,
    /// Since when something was written and not synced ([`Store::sync`]).
    unsynced: Option<Instant>,
}

/// The version last read or written.
#[derive(Debug)]
struct Known {
    file: File,
    state: State,
    /// Of one that was written here, if it is long.
    encoded: Option<Encoded>,
}

impl Store {
    /// The store of this convoy; nothing is read yet.
    pub fn new(dir: ConvoyDir) -> Self {
        Store { dir, known: None, unsynced: None }
    }

    /// The files of its convoy.
    pub fn dir(&self) -> &ConvoyDir {
        &self.dir
    }

    /// The state last read or written; may be old.
    pub fn last(&self) -> Option<&State> {
        self.known.as_ref().map(|known| &known.state)
    }

    /// Since when something written is not known to be on the disk.
    pub fn unsynced_since(&self) -> Option<Instant> {
        self.unsynced
    }

    /// Is the version last read or written still the one of the name?
    pub fn is_current(&self) -> bool {
        self.known.as_ref().is_some_and(|known| files::has_name(&known.file, &self.dir.state()))
    }

    /// Reads the state, without a lock.
    pub fn read(&mut self) -> Result<&State> {
        if !self.is_current() {
            let (file, bytes) = open_and_read(&self.dir)?;
            let state = parse(&self.dir, &bytes)?;
            self.known = Some(Known { file, state, encoded: None });
        }
        self.last().ok_or_else(|| Error::NoConvoy(self.dir.id().to_string()))
    }

    /// Takes the state lock. The state is read anew under it.
    pub fn hold(&mut self) -> Result<Held<'_>> {
        let lock = match lock::lock(&self.dir.lock()) {
            // With the whole state directory: there is nobody to lock out.
            Err(_) if matches!(files::find(self.dir.parent()), Ok(None)) => {
                return Err(Error::NoConvoy(self.dir.id().to_string()));
            }
            lock => lock?,
        };
        if let Err(error) = self.read() {
            if matches!(error, Error::NoConvoy(_)) {
                // It was made by this look, or left by a removal that was killed;
                // under the lock it is nobody's.
                let _ = fs::remove_file(self.dir.lock());
            }
            return Err(error);
        }
        Ok(Held { store: self, _lock: lock })
    }

    /// Brings what was written to the disk, and remembers it as known to be
    /// there (`synced.json`). Not under the lock.
    pub fn sync(&mut self) -> Result<()> {
        let (Some(_), Some(Known { file, .. })) = (self.unsynced, &self.known) else { return Ok(()) };
        let path = self.dir.state();
        file.sync_all().context("sync", &path)?;
        files::sync_dir(&self.dir.dir())?;
        files::sync_dir(self.dir.parent())?;
        crash::at(Point::StateSynced);
        // The inode just synced, by a second name: its bytes never change.
        files::replace_by_link(file, &self.dir.synced(), &self.dir.dir())?;
        self.unsynced = None;
        Ok(())
    }
}

/// The state under its lock.
#[derive(Debug)]
pub struct Held<'a> {
    store: &'a mut Store,
    _lock: Lock,
}

impl Held<'_> {
    /// The state as it was read under this lock.
    pub fn state(&self) -> Option<&State> {
        self.store.last()
    }

    /// Replaces the state and tells those who wait.
    pub fn replace(&mut self, mut state: State, at: Timestamp) -> Result<()> {
        let dir = &self.store.dir;
        state.revision += 1;
        // A final status is a promise (P1).
        let sync = if state.ended() { Sync::Now } else { Sync::Later };
        let events = journal::changes(self.store.last(), &state, at);
        let purpose = room::purpose_of(self.store.last(), &state);
        let known = self.store.known.as_ref();
        let before = known.and_then(|known| Some((&known.state, known.encoded.as_ref()?)));
        let encoded = Encoded::of(&mut state, before).map_err(|source| cannot_encode(dir, source))?;
        let bytes = &encoded.bytes;
        let file = match files::replace(&dir.state(), &dir.dir(), bytes, sync) {
            Err(Error::Io { verb, path, source }) if error::is_full(&source) => {
                let spent = purpose.map(|purpose| room::spend(dir, purpose, bytes, sync)).transpose()?;
                spent.flatten().ok_or(Error::Io { verb, path, source })?
            }
            written => written?,
        };
        crash::at(Point::StateReplaced);
        if state.ended() {
            room::release(dir);
        }
        self.store.known = Some(Known { file, state, encoded: encoded.kept() });
        self.store.unsynced.get_or_insert_with(Instant::now);
        // A line that cannot be written (disk full) must not undo a change that is.
        let _ = journal::append(&self.store.dir.events(), &events);
        Ok(())
    }
}

/// The bytes of a state file.
pub fn encode(state: &State, dir: &ConvoyDir) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(state).map_err(|source| cannot_encode(dir, source))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn cannot_encode(dir: &ConvoyDir, source: serde_json::Error) -> Error {
    Error::Io { verb: "encode", path: dir.state(), source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Home;

    #[test]
    fn a_convoy_whose_state_directory_was_removed_is_none() {
        let root = tempfile::tempdir().unwrap();
        let dir = Home::new(root.path()).convoy(&"convoy-t-abcdef".parse().unwrap());
        let held = |dir: &ConvoyDir| Store::new(dir.clone()).hold().map(drop);
        assert!(matches!(held(&dir), Err(Error::NoConvoy(_))));
        // A lock that cannot be taken is another thing.
        fs::create_dir_all(dir.lock()).unwrap();
        assert!(matches!(held(&dir), Err(Error::Io { .. })));
    }
    #[test]
    fn what_is_no_state_is_told_apart() {
        let kind = |text: &str| match parse_state(text.as_bytes(), "x").unwrap_err() {
            StateProblem::Legacy => "legacy",
            StateProblem::Newer { .. } => "newer",
            StateProblem::Torn { .. } => "torn",
            StateProblem::Io(_) => "io",
        };
        for (text, want) in [
            ("{}", "legacy"),
            (r#"{"agents":[null]}"#, "legacy"),
            (r#"{"schemaVersion":99,"agents":5}"#, "newer"),
            (r#"{"schemaVersion":1}"#, "torn"),
            (r#"{"schemaVersion":null}"#, "torn"),
            (r#"{"schemaVersion":"two"}"#, "torn"),
            ("[]", "torn"),
            ("[null]", "torn"),
            ("null", "torn"),
            ("7", "torn"),
            ("", "torn"),
            (r#"{"schemaVersion":1,"id"#, "torn"),
        ] {
            assert_eq!(kind(text), want, "{text}");
        }
    }
}
