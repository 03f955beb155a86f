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
use std::process::{Command, Stdio};
use std::time::Duration;

use base::error::{Error, Result};
use base::files::{self, Sync};
use base::process::DETACHED_MARK;
use base::subprocess::{self, Ended};
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

/// A client that has not answered after this long is given up.
const LIMIT: Duration = Duration::from_secs(5);
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

fn note_silence(home: &Home) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(home.tmux_silent())?;
    file.write_all(b"The tmux server did not answer: for a minute agents are started without it.\n")
}

impl Tmux {
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

    /// Opens a detached session whose pane runs exactly these words.
    pub(crate) fn new_session(&self, home: &Home, name: &str, argv: &[OsString]) -> Result<()> {
        self.make_room(home)?;
        let mut command = self.client(home);
        command.args(["new-session", "-d", "-s", name]);
        command.args(["-x", &COLS.to_string(), "-y", &ROWS.to_string()]);
        command.arg("--").args(argv.iter().map(|text| word(text)));
        // A server that was told to leave when idle stays after all.
        command.args([";", "set-option", "-s", "exit-empty", "off"]);
        self.run(home, command, "open a tmux session")
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
        if is_silent(home) {
            return Err(Error::Silent { verb });
        }
        match subprocess::output(command, LIMIT) {
            Ok(Ended { status: Some(status), .. }) if status.success() => Ok(()),
            Ok(Ended { status: None, .. }) => {
                // Unwritten (full disk), the next one waits as well.
                let _ = note_silence(home);
                Err(Error::Silent { verb })
            }
            Ok(Ended { status: Some(status), stderr, .. }) => {
                let said = String::from_utf8_lossy(&stderr);
                let message = match said.trim() {
                    "" => status.to_string(),
                    said => base::text::visible(said),
                };
                Err(Error::Launch { verb, message })
            }
            Err(source) => Err(Error::Io { verb: "run", path: self.program.clone(), source }),
        }
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
