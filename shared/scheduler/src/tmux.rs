//! The one module that speaks tmux: a private server per state directory.
//!
//! tmux gives people a view of the agents. Nothing is ever concluded from what
//! it says or does not say (P5).

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base::error::{Error, IoContext, Result};
use base::files::{self, Sync};
use base::process::DETACHED_MARK;
use base::subprocess::{self, Captured, Ended};
use protocol::layout::Home;

/// The whole configuration of the private server: the user's own is not read.
/// The server stays while convoys run (an agent's session closes before the
/// next one opens), see [`Tmux::release`]. Who looks on from a tmux of their own
/// types the prefix twice, and who does so without need leaves as well: both keys
/// are allowed to clients that only read. However fast they come, keys are keys.
const CONFIG: &str = "\
set -s exit-empty off
set -s escape-time 10
set -g destroy-unattached off
set -g remain-on-exit off
set -g history-limit 50000
set -g assume-paste-time 0
set -g default-terminal screen-256color
set -g status-left '#{session_name} '
set -g status-left-length 70
set -g status-right '#{?#{m/r:^(screen|tmux),#{client_termname}},leave: C-b C-b d,leave: C-b d}'
bind-key C-b switch-client -T prefix
";

/// Size of a session nobody is attached to.
pub(crate) const COLS: u16 = 160;
pub(crate) const ROWS: u16 = 48;

/// A session to be opened: its name, and the words its pane runs.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) name: String,
    pub(crate) argv: Vec<OsString>,
}

/// A call of more bytes than 16 KB is refused; some are for the words around.
const MOST_BYTES: usize = 14_000;
/// What a session takes besides its name and its words.
const SESSION_BYTES: usize = 64;

/// A client that has not answered after this long is given up.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);
/// A server that did not answer is not asked again for so long, by nobody: one
/// that hangs costs one wait, however many agents there are to launch.
const SILENCE: Duration = Duration::from_secs(60);

/// A way to talk to the private server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tmux {
    program: PathBuf,
    socket: PathBuf,
}

/// tmux takes a word ending in `;` as the end of a command.
fn word(text: &OsStr) -> OsString {
    match text.as_bytes().strip_suffix(b";") {
        Some(rest) => {
            let mut escaped = OsStr::from_bytes(rest).to_os_string();
            escaped.push("\\;");
            escaped
        }
        None => text.to_os_string(),
    }
}

/// Did the server not answer a moment ago? A time in the future is of another
/// clock, and says nothing.
fn is_silent(home: &Home) -> bool {
    let asked = fs::metadata(home.tmux_silent()).and_then(|found| found.modified());
    asked.is_ok_and(|at| at.elapsed().is_ok_and(|passed| passed < SILENCE))
}

pub(crate) fn note_silence(home: &Home) {
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(home.tmux_silent());
    let words = b"The tmux server did not answer: for a minute agents are started without it.\n";
    // Unwritten (full disk), the next one waits as well.
    let _ = file.and_then(|mut file| file.write_all(words));
}

/// What a client that ended has to say.
fn answer(ended: &Ended, verb: &'static str) -> Result<()> {
    match ended.status {
        Some(status) if status.success() => Ok(()),
        Some(status) => {
            let said = String::from_utf8_lossy(&ended.stderr);
            let message = match said.trim() {
                "" => status.to_string(),
                said => base::text::visible(said),
            };
            Err(Error::Launch { verb, message })
        }
        None => Err(Error::Silent { verb }),
    }
}

impl Tmux {
    /// The server of this socket, spoken to by this program.
    pub fn new(program: impl Into<PathBuf>, socket: impl Into<PathBuf>) -> Self {
        Tmux { program: program.into(), socket: socket.into() }
    }

    /// Writes the server's configuration, unless it is there.
    pub fn prepare(home: &Home) -> Result<()> {
        let path = home.tmux_config();
        if files::read_if_there(&path)?.as_deref() != Some(CONFIG.as_bytes()) {
            files::replace(&path, home.root(), CONFIG.as_bytes(), Sync::Later)?;
        }
        Ok(())
    }

    /// Makes the directory of a socket that is not in the state directory; it may
    /// have been tidied away since the last time.
    fn make_room(&self, home: &Home) -> Result<()> {
        match self.socket.parent() {
            Some(dir) if dir != home.root() => {
                files::create_private_dir(dir)?;
                files::check_private_dir(dir)
            }
            _ => Ok(()),
        }
    }

    /// A client command with a clean environment of its own.
    fn client(&self, home: &Home) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", "/")
            .env("TERM", "screen-256color")
            .env("LC_ALL", "C.UTF-8")
            .env("SHELL", "/bin/sh")
            .env(DETACHED_MARK, home.root())
            .current_dir("/")
            .stdin(Stdio::null())
            .arg("-u")
            .arg("-S")
            .arg(&self.socket)
            .arg("-f")
            .arg(home.tmux_config());
        command
    }

    /// A call that opens detached sessions, one after the other; a line of standard
    /// output for each.
    fn new_sessions(&self, home: &Home, sessions: &[Session]) -> Result<Command> {
        self.make_room(home)?;
        let mut command = self.client(home);
        for session in sessions {
            command.args(["new-session", "-d", "-P", "-F", "opened", "-s", &session.name]);
            command.args(["-x", &COLS.to_string(), "-y", &ROWS.to_string()]);
            command.arg("--").args(session.argv.iter().map(|text| word(text))).arg(";");
        }
        // A server that was told to leave when idle stays after all.
        command.args(["set-option", "-s", "exit-empty", "off"]);
        Ok(command)
    }

    /// Opens sessions in one call. How many were opened, and what became of the next
    /// one if that is not all.
    pub(crate) fn open(&self, home: &Home, sessions: &[Session]) -> (usize, Result<()>) {
        let verb = "open a tmux session";
        let ended = self.new_sessions(home, sessions).and_then(|command| self.ask(home, command, verb));
        match ended {
            Ok(ended) => {
                let opened = match &ended.stdout {
                    Captured::Whole(lines) => {
                        lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).count()
                    }
                    Captured::TooMuch(_) => 0,
                };
                (opened, answer(&ended, verb))
            }
            Err(error) => (0, Err(error)),
        }
    }

    /// Has sessions opened in one call that is not waited for.
    pub(crate) fn begin_opening(&self, home: &Home, sessions: &[Session]) -> Result<Child> {
        if is_silent(home) {
            return Err(Error::Silent { verb: "open a tmux session" });
        }
        let mut command = self.new_sessions(home, sessions)?;
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("run", &self.program)
    }

    /// How many of these sessions, from the first, one call can open: tmux takes words
    /// of so many bytes together, and no more.
    pub(crate) fn fitting(sessions: &[Session]) -> usize {
        let mut bytes = 0;
        let fits = |session: &&Session| {
            bytes += SESSION_BYTES + session.name.len();
            bytes += session.argv.iter().map(|word| word.len() + 1).sum::<usize>();
            bytes <= MOST_BYTES
        };
        sessions.iter().take_while(fits).count().max(1)
    }

    /// Lets the server end as soon as it has no session; at once if it has none.
    /// There may be none, and one that hangs does not hear: a server too many is
    /// all that comes of it, and the next convoy's end lets it go.
    pub(crate) fn release(&self, home: &Home) {
        let mut command = self.client(home);
        // -N: never start a server for this.
        command.args(["-N", "set-option", "-s", "exit-empty", "on"]);
        let _ = self.run(home, command, "release the tmux server");
    }

    fn run(&self, home: &Home, command: Command, verb: &'static str) -> Result<()> {
        answer(&self.ask(home, command, verb)?, verb)
    }

    /// Runs a client to its end.
    fn ask(&self, home: &Home, command: Command, verb: &'static str) -> Result<Ended> {
        if is_silent(home) {
            return Err(Error::Silent { verb });
        }
        let ended = subprocess::output(command, LIMIT).context("run", &self.program)?;
        if ended.status.is_none() {
            note_silence(home);
            return Err(Error::Silent { verb });
        }
        Ok(ended)
    }

    /// Does a server that is there answer? None at all is as good.
    pub fn check(&self, home: &Home) -> Result<()> {
        let mut command = self.client(home);
        command.args(["-N", "list-sessions"]);
        match self.run(home, command, "ask for sessions") {
            Err(Error::Silent { verb }) => Err(Error::Silent { verb }),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Is there such a session to attach to? For people only: no decision about
    /// an attempt rests on it. An error: the server does not answer, or cannot be asked.
    pub fn has_session(&self, home: &Home, session: &str) -> Result<bool> {
        let mut command = self.client(home);
        command.args(["-N", "has-session", "-t", &format!("={session}")]);
        match self.run(home, command, "look for a tmux session") {
            Ok(()) => Ok(true),
            Err(Error::Launch { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The command that shows a session to a person; exact match. Who may not write
    /// can only leave it: no key reaches what runs in it.
    pub fn attach_argv(&self, session: &str, write: bool) -> Vec<OsString> {
        let mut argv = self.client_argv(&["attach-session"]);
        if !write {
            argv.push("-r".into());
        }
        argv.extend(["-t".into(), format!("={session}").into()]);
        argv
    }

    /// The same for somebody who looks at another session of this server.
    pub fn switch_argv(&self, session: &str) -> Vec<OsString> {
        self.client_argv(&["switch-client", "-t", &format!("={session}")])
    }

    fn client_argv(&self, words: &[&str]) -> Vec<OsString> {
        let own = [self.program.as_os_str(), OsStr::new("-u"), OsStr::new("-S"), self.socket.as_os_str()];
        own.into_iter().chain(words.iter().map(OsStr::new)).map(OsStr::to_os_string).collect()
    }

    /// Is this the socket of the server?
    pub fn is_at(&self, socket: &std::path::Path) -> bool {
        socket == self.socket
            || matches!((socket.canonicalize(), self.socket.canonicalize()), (Ok(a), Ok(b)) if a == b)
    }
}
