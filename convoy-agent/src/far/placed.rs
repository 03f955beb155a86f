//! Placing a command: the order for its shim, the placing command, and the word that
//! goes to the shim over the placing command's standard input.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base::clock::{Clock, Moment};
use base::encoded_path::EncodedPath;
use base::spawn::{Outputs, Spawn, Stdin};
use base::{Error, IoContext, Result, subprocess};
use protocol::claim;
use protocol::far::{self, Asker, Far, Order, Shown};
use protocol::layout::{AttemptFiles, FarFiles, Home};
use protocol::placeholder::fill;
use protocol::plan::{Cwd, PlaceWhen, PlaceWords, Placement};

use super::mounts::{self, Mounts};
use crate::cli_config::Variables;
use crate::command::{Launch, Words};
use crate::tree::Tree;

/// The word that the supervisor is there: from then on the end of the input is its loss.
pub(super) const HERE: u8 = b'+';
/// The word to end.
pub(super) const END: u8 = b'-';

/// So often its record is looked for; what placed it has as long to end after that, and
/// after the last of what was written, which a slow link hands on late.
pub(crate) const RECORD: Duration = Duration::from_secs(5);
/// Until it begins it is looked for so often, and the longer it waits the less often …
const LOOK: Duration = Duration::from_millis(100);
const LEAST_OFTEN: Duration = Duration::from_secs(2);
/// … and its engine asked for people.
const ASK: Duration = Duration::from_secs(3);
/// So many milliseconds an engine has no such job, until what placed it is ended: an
/// engine that crashed forgets jobs it had not saved, and who submitted them waits on.
const FORGOTTEN: u64 = 30_000;

/// An attempt's command that was placed elsewhere.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(super) home: Home,
    pub(super) attempt: AttemptFiles,
    pub(super) files: FarFiles,
    pub(super) run: u32,
    pub(super) name: String,
    pub(super) placement: Placement,
    pub(super) shim: PathBuf,
    pub(super) stored: Vec<u8>,
    show: Vec<OsString>,
    control: Option<File>,
    /// What it may take from its beginning on.
    time: Duration,
    given: Instant,
    begun: bool,
    /// When it is to be known next what its engine says of it.
    ask_at: Instant,
    /// Since when all answers of its engine were that it has no such job.
    unlisted: Option<Moment>,
    /// When its record was seen, while what placed it went on.
    over: Option<Instant>,
}

/// It may still be in a queue.
pub(crate) struct Queued {
    /// When its time would be over if it began now.
    pub(crate) timeout: Instant,
    pub(crate) look: Instant,
    /// Its engine does not know of it (any more).
    pub(crate) is_forgotten: bool,
}

impl Placed {
    /// Writes the order of a run, and makes the command that places it.
    pub(crate) fn give(
        launch: &Launch<'_>,
        placement: &Placement,
        stored: &[u8],
        run: u32,
    ) -> Result<(Spawn, Placed)> {
        let files = launch.files.far();
        let own = Path::new("/proc/self/exe");
        let shim = fs::read_link(own).context("find this program by", own)?;
        let words = launch.words(stored)?;
        let name = far::name(&launch.plan.id, &launch.agent.role, launch.attempt, run);
        let mounts = Mounts::of(launch, &words, &files, &shim)?;
        let mut order = order(launch, placement, &words);
        if !placement.is_far() {
            order.copies = mounts::login(launch, &words)?;
            order.program = mounts::real(launch.agent.invocation.program.as_path())?.into();
        }
        far::give(&files, run, &order)?;
        if placement.is_far() {
            far::sync(launch.files, run)?;
        }
        let show = ["far", "show", "--home"].map(OsString::from).into_iter();
        let show = show.chain([launch.home.root().into(), "--convoy".into(), launch.plan.id.as_str().into()]);
        let show = show.chain(["--role".into(), launch.agent.role.as_str().into(), "--attempt".into()]);
        let placed = Placed {
            home: launch.home.clone(),
            attempt: launch.files.clone(),
            run,
            name,
            placement: placement.clone(),
            shim,
            stored: stored.to_vec(),
            show: show.chain([launch.attempt.to_string().into()]).collect(),
            control: None,
            time: Duration::ZERO,
            given: Instant::now(),
            begun: !placement.queues(),
            // Those that began together do not ask together.
            ask_at: Instant::now() + ASK.mul_f64(f64::from(std::process::id() % 100) / 100.0),
            unlisted: None,
            over: None,
            files,
        };
        let command = placed.command(launch, &words, &mounts)?;
        Ok((command, placed))
    }

    /// The placing command, in a session of its own, with the shim's words at its end.
    fn command(&self, launch: &Launch<'_>, words: &Words, mounts: &Mounts) -> Result<Spawn> {
        let placement = &self.placement;
        let offline = launch.agent.invocation.offline;
        let value = |name: &str, path: Option<&Path>| -> Option<OsString> {
            match name {
                "name" => Some(self.name.clone().into()),
                "path" => path.map(Into::into),
                "home" => Some(mounts.home.clone().into()),
                "project" => Some(launch.plan.tree().into()),
                "cwd" => Some(words.cwd.clone().into()),
                _ => placement.values.get(name).map(OsString::from),
            }
        };
        let is_for = |group: &&PlaceWords| match group.when {
            Some(PlaceWhen::Offline) => offline,
            Some(PlaceWhen::Online) => !offline,
            None => true,
        };
        let mut arguments: Vec<OsString> = Vec::new();
        for group in placement.words.iter().filter(is_for) {
            let paths: Vec<Option<&Path>> = match group.each {
                None => vec![None],
                Some(each) => mounts.paths(each).iter().map(|path| Some(path.as_path())).collect(),
            };
            for path in paths {
                arguments.extend(group.words.iter().map(|word| fill(word, |name| value(name, path))));
            }
        }
        let shim: [OsString; 5] = [
            self.shim.clone().into(),
            "far".into(),
            "run".into(),
            self.files.dir().into(),
            self.run.to_string().into(),
        ];
        if placement.shell {
            shim.iter().try_for_each(|word| check_word(placement, word))?;
        }
        arguments.extend(shim);
        let variables = far::variables(placement, &self.stored);
        let mut environment: Variables = variables.map(|(name, value)| (name.into(), value.into())).collect();
        // By which it is found, should this process be killed.
        environment.insert("CONVOY_TOKEN".into(), launch.token.into());
        Ok(Spawn {
            program: placement.program.as_path().to_path_buf(),
            arguments,
            environment,
            cwd: Some("/".into()),
            stdin: Stdin::Pipe,
            outputs: Outputs::Pipes,
        })
    }

    pub(crate) fn is_far(&self) -> bool {
        self.placement.is_far()
    }

    pub(super) fn asker(&self) -> Asker<'_> {
        Asker {
            home: &self.home,
            placement: &self.placement,
            files: &self.files,
            run: self.run,
            name: self.name.clone(),
            shim: &self.shim,
            stored: &self.stored,
        }
    }

    /// The placing command was started: its input is the way to the shim.
    pub(crate) fn hold(&mut self, control: Option<File>, time: Duration) {
        (self.control, self.time) = (control, time);
        self.say(HERE);
    }

    /// Who cannot be told is told by what else there is, and found by what is left.
    fn say(&mut self, word: u8) {
        if let Some(control) = &mut self.control {
            let _ = control.write_all(&[word]);
        }
    }

    pub(crate) fn tell_to_end(&mut self) {
        self.say(END);
        if let Ok(Some(mut command)) = self.asker().cancel_command() {
            command.stdout(Stdio::null()).stderr(Stdio::null());
            Tree::spawn_beside(&mut command);
        }
    }

    /// Is it over there, and what placed it neither ends (an engine that is down) nor hands
    /// on anything? `received`: when it did last.
    pub(crate) fn lingers(&mut self, now: Instant, received: Instant) -> bool {
        if !self.placement.is_far() {
            return false;
        }
        if self.over.is_none() && matches!(far::read(&self.files, self.run), Ok(Far::Ended(_))) {
            self.over = Some(now);
        }
        self.over.is_some_and(|over| now >= over.max(received) + RECORD)
    }

    /// Does it wait in a queue? Time in there is not its own.
    pub(crate) fn queued(&mut self, now: Instant) -> Option<Queued> {
        if self.begun {
            return None;
        }
        // What cannot be read is looked for again.
        let known = far::read(&self.files, self.run).unwrap_or(Far::Open);
        let mut is_forgotten = false;
        if let Far::Begun(owner) = &known {
            far::show(&self.files, &Shown::Running { node: owner.node.clone() });
        }
        if known != Far::Open {
            self.begun = true;
            if let Ok(now) = Clock::open().and_then(|clock| clock.now()) {
                // Only who would kill this process asks for it.
                let _ = claim::note_begun(&self.attempt, now.moment);
            }
        } else if now >= self.ask_at {
            self.ask_at = now + ASK;
            is_forgotten = self.is_forgotten();
            // One of many agents asks; the others have the answer from its file.
            if let Ok(Some(life)) = self.asker().glance() {
                self.asker().show(&life);
                return Some(self.still_queued(now, is_forgotten));
            }
            let mut show = Command::new(&self.shim);
            show.args(&self.show).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            subprocess::die_with_caller(&mut show);
            Tree::spawn_beside(&mut show);
        }
        Some(self.still_queued(now, is_forgotten))
    }

    fn still_queued(&self, now: Instant, is_forgotten: bool) -> Queued {
        let waited = now.saturating_duration_since(self.given);
        let look = now + (waited / 10).clamp(LOOK, LEAST_OFTEN);
        Queued { timeout: now + self.time, look, is_forgotten }
    }

    /// What was shown last may be old: it is the answers' own times that count.
    fn is_forgotten(&mut self) -> bool {
        let Ok(Some(Shown::Unlisted { asked })) = far::shown(&self.files) else {
            self.unlisted = None;
            return false;
        };
        let since = self.unlisted.get_or_insert_with(|| asked.clone());
        since.elapsed_ms(&asked).is_some_and(|ms| ms >= FORGOTTEN)
    }
}

fn order(launch: &Launch<'_>, placement: &Placement, words: &Words) -> Order {
    let text = |word: &OsStr| EncodedPath::from(Path::new(word));
    // Sockets and places of this machine.
    let is_of_here = |name: &OsStr| {
        (name == "TMPDIR" && launch.agent.invocation.cwd != Cwd::Own)
            || name == "XDG_RUNTIME_DIR"
            || name == "SSH_AUTH_SOCK"
    };
    let env = words.environment.iter().filter(|(name, _)| !is_of_here(name));
    Order {
        token: launch.token.to_owned(),
        program: launch.agent.invocation.program.clone(),
        argv: words.argv.iter().map(|word| text(word)).collect(),
        env: env.map(|(name, value)| (text(name), text(value))).collect(),
        keep_env: placement.keep_env.clone(),
        node: placement.node.clone(),
        cwd: words.cwd.as_path().into(),
        stdin: words.stdin.as_deref().map(Into::into),
        grace_ms: launch.plan.grace_ms,
        copies: Vec::new(),
    }
}

/// What a shell would read otherwise is not given to one.
fn check_word(placement: &Placement, word: &OsStr) -> Result<()> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(byte);
    if word.as_encoded_bytes().iter().all(is_plain) {
        return Ok(());
    }
    let what = format!(
        "executor '{}' hands its words to a shell, and {} means something there",
        placement.executor,
        base::text::path(Path::new(word))
    );
    Err(Error::invalid(what, "a state directory whose path has plain letters: PANOPTICON_HOME=DIR"))
}
