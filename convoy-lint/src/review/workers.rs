//! Every file on all processors, the outcomes in the order of the files.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use base::exit::Exit;
use base::memory;
use base::program::Failure;

use crate::collect;
use crate::language::Language;
use crate::pack::Pack;
use crate::scan::{self, Scanned};

/// Comparing deeply nested code recurses; only what is used is really taken.
const STACK: usize = 256 << 20;
/// More threads bring nothing for a review and would crowd the agents beside it.
const THREADS: usize = 8;
/// A text that is larger waits for the first thread, in bytes.
const LARGE: usize = 100_000;

/// How the text of a file is had.
pub(super) type Read<'r> = dyn Fn(&Path) -> Result<String, String> + Sync + 'r;

/// What a file gave, or why nothing.
pub(super) type Outcome = Result<Scanned, (String, Scanned)>;

/// Scans every file; the outcomes are in the order of `files`. A tree takes forty times its
/// text, and what a thread has taken it keeps: those of large files are of one thread only.
pub(super) fn scan_all(
    pack: &Pack,
    only: Option<&BTreeSet<String>>,
    files: &[(&Path, Language)],
    read: &Read<'_>,
) -> Result<Vec<Outcome>, Failure> {
    let next = AtomicUsize::new(0);
    let large: Mutex<Vec<usize>> = Mutex::default();
    let large = || large.lock().unwrap_or_else(PoisonError::into_inner);
    let work = |is_first: bool| {
        let mut done: Vec<(usize, Outcome)> = Vec::new();
        loop {
            let waiting = if is_first { large().pop() } else { None };
            let index = waiting.unwrap_or_else(|| next.fetch_add(1, Ordering::Relaxed));
            let Some(&(path, language)) = files.get(index) else {
                return done;
            };
            let text = read(path);
            let is_large = text.as_ref().is_ok_and(|text| text.len() > LARGE);
            if is_large && !is_first {
                large().push(index);
                continue;
            }
            done.push((index, scan_one(pack, only, path, language, text)));
            if is_large {
                memory::give_back();
            }
        }
    };
    // A panic inside the engine costs its file, not the review, and no noise.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let count = thread::available_parallelism().map_or(2, NonZero::get).min(THREADS).min(files.len());
    let run = |workers: std::ops::Range<usize>| {
        thread::scope(|scope| {
            let spawn =
                |n| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || work(n == 0));
            let handles: Result<Vec<_>, _> = workers.map(spawn).collect();
            handles.map(|handles| {
                // What a thread that failed has scanned stays "not scanned" below.
                handles.into_iter().filter_map(|handle| handle.join().ok()).flatten().collect::<Vec<_>>()
            })
        })
    };
    let done = run(0..count).and_then(|mut done| {
        // Some may have come when the first thread was through.
        if !large().is_empty() {
            done.extend(run(0..1)?);
        }
        Ok(done)
    });
    panic::set_hook(hook);
    let done = done.map_err(|error| {
        Failure::of_io(Exit::No, "cannot start a thread", &error)
            .hint("end other programs of this user, or raise its limit (ulimit -u)")
    })?;
    let mut outcomes: Vec<Outcome> = files.iter().map(|_| nothing("not scanned".to_owned())).collect();
    for (index, outcome) in done {
        outcomes[index] = outcome;
    }
    Ok(outcomes)
}

fn scan_one(
    pack: &Pack,
    only: Option<&BTreeSet<String>>,
    path: &Path,
    language: Language,
    text: Result<String, String>,
) -> Outcome {
    let scanned = panic::catch_unwind(AssertUnwindSafe(|| {
        let text = text?;
        match pack.table(language) {
            Some(table) => scan::scan(table, only, language, path, &text),
            None => Err(format!("{}{}", collect::NO_RULES, language.name())),
        }
    }));
    scanned.unwrap_or_else(|_| Err("the engine failed on it".to_owned())).or_else(nothing)
}

fn nothing(why: String) -> Outcome {
    Err((why, Scanned::default()))
}

/// What a scan found, where it is of all the code and of all rules.
pub(super) fn whole(language: Language, scanned: Scanned) -> Outcome {
    if let Some(line) = scanned.unparsed {
        return Err((format!("line {line} is no {} that is known here", language.name()), scanned));
    }
    if scanned.given_up.is_empty() {
        return Ok(scanned);
    }
    Err((format!("took too long for {}", scanned.given_up.join(", ")), scanned))
}
