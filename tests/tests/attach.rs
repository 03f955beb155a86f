//! An agent's terminal, as people open it: from a terminal, from within a tmux of
//! their own, from a terminal nobody has heard of.

use std::path::PathBuf;
use std::process::{Command, Output};

use base::ids::ConvoyId;
use convoy_tests::programs;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::wait;
use protocol::outcome::AgentStatus;

/// A tmux server with one session `o`, which stands for the user's terminal.
struct Terminal<'a> {
    sandbox: &'a Sandbox,
    socket: PathBuf,
}

impl<'a> Terminal<'a> {
    /// Runs a line of the shell on it.
    fn running(sandbox: &'a Sandbox, name: &str, line: &str) -> Self {
        let terminal = Terminal { sandbox, socket: sandbox.path(&format!("{name}.sock")) };
        terminal.ok(&["-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", "-s", "o", line]);
        terminal
    }

    fn tmux(&self, words: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        self.sandbox.surround(&mut command);
        command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm-256color");
        command.arg("-S").arg(&self.socket).args(words).output().unwrap()
    }

    fn ok(&self, words: &[&str]) -> String {
        let out = self.tmux(words);
        assert!(out.status.success(), "{words:?}: {}", shown(&out));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    fn press(&self, keys: &[&str]) {
        for key in keys {
            self.ok(&["send-keys", "-t", "o", key]);
        }
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.tmux(&["capture-pane", "-p", "-t", "o"]).stdout).into_owned()
    }

    fn until_shown(&self, words: &str) -> String {
        wait::until(
            &format!("{words:?} is on the screen"),
            || self.screen(),
            || Some(self.screen()).filter(|screen| screen.contains(words)),
        )
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

/// A convoy of one agent that prints and works on.
fn working(sandbox: &Sandbox) -> ConvoyId {
    sandbox.agent("busy", &["print:at work\n", "hang"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"busy\""], "");
    let id = sandbox.start("t", &[]);
    sandbox.until_started(1);
    id
}

/// The line that opens it, and says afterwards how that ended.
fn line(id: &ConvoyId, before: &str, more: &str) -> String {
    let ctl = programs::dir().join("convoy-ctl");
    format!("{before} {} attach {id} one {more}; echo ended $?; exec sleep 1000", ctl.display())
}

fn still_works(sandbox: &Sandbox, id: &ConvoyId) {
    let agent = sandbox.agent_state(id, "one");
    assert_eq!((agent.status(), agent.attempt), (AgentStatus::Running, 1), "{:?}", agent.detail());
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
}

#[test]
fn who_looks_on_ends_nobody() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    let id = working(&sandbox);
    let terminal = Terminal::running(&sandbox, "o", &line(&id, "env -u TMUX", ""));
    terminal.until_shown("at work");
    assert!(terminal.screen().contains("leave: C-b C-b d"), "{}", terminal.screen());
    terminal.press(&["C-c", "C-d", "C-\\", "C-b", "d"]);
    terminal.until_shown("ended 0");
    still_works(&sandbox, &id);
}

#[test]
fn who_asks_to_write_reaches_the_agent() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    let id = working(&sandbox);
    let terminal = Terminal::running(&sandbox, "o", &line(&id, "env -u TMUX", "--write"));
    terminal.until_shown("at work");
    terminal.press(&["C-c"]);
    assert!(sandbox.until_ended(&id).agents[0].status() == AgentStatus::Failed);
}

#[test]
fn it_is_left_from_within_a_tmux_of_ones_own() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    let id = working(&sandbox);
    // The keys go through a tmux that somebody is attached to, as theirs do.
    let own = Terminal::running(&sandbox, "own", &line(&id, "TERM=xterm-256color", ""));
    let attach = format!("tmux -S {} attach -t o", own.socket.display());
    let screen = Terminal::running(&sandbox, "screen", &format!("env -u TMUX {attach}"));
    screen.until_shown("leave: C-b C-b d");
    screen.press(&["C-b", "C-b", "d"]);
    own.until_shown("ended 0");
    assert_ne!(own.ok(&["list-clients"]), "", "the own session is not left");
    still_works(&sandbox, &id);
}

#[test]
fn a_terminal_tmux_does_not_know_is_taken_for_another() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    let id = working(&sandbox);
    let terminal = Terminal::running(&sandbox, "o", &line(&id, "env -u TMUX TERM=xterm-nobody", ""));
    terminal.until_shown("at work");
    terminal.press(&["C-b", "d"]);
    let screen = terminal.until_shown("ended 0");
    assert!(screen.contains("does not know the terminal xterm-nobody"), "{screen}");
    drop(terminal);
    let terminal = Terminal::running(&sandbox, "dumb", &line(&id, "env -u TMUX TERM=dumb", ""));
    let screen = terminal.until_shown("ended 2");
    assert!(screen.contains("hint: read its log"), "{screen}");
    still_works(&sandbox, &id);
}

#[test]
fn who_is_in_the_agents_own_tmux_is_taken_there_and_back() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    let id = working(&sandbox);
    // A session of somebody's beside those of the agents, on the same server.
    let socket = sandbox.home().tmux_socket();
    let own = |words: &[&str]| {
        let mut command = Command::new("tmux");
        sandbox.surround(&mut command);
        let out = command.env("TERM", "xterm-256color").arg("-S").arg(&socket).args(words).output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", shown(&out));
    };
    let home = sandbox.home().root().display().to_string();
    let attach = line(&id, &format!("echo ready; read x; PANOPTICON_HOME={home}"), "");
    own(&["new-session", "-d", "-s", "mine", "-x", "100", "-y", "30", &attach]);
    let look = format!("env -u TMUX tmux -S {} attach -t mine", socket.display());
    let screen = Terminal::running(&sandbox, "screen", &look);
    screen.until_shown("ready");
    screen.press(&["Enter"]);
    screen.until_shown("at work");
    // Its command has ended at once: the terminal is another one's now, and goes back.
    screen.press(&["C-b", "("]);
    screen.until_shown("ended 0");
    own(&["kill-session", "-t", "mine"]);
    still_works(&sandbox, &id);
}

#[test]
fn an_agent_whose_turn_has_not_come_shows_what_it_waits_for() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    sandbox.agent("busy", &["hang"]);
    let one = "\"role\": \"one\", \"subagent\": \"busy\"";
    sandbox.template("t", &[one, "\"role\": \"two\", \"subagent\": \"busy\", \"dependsOn\": [\"one\"]"], "");
    let id = sandbox.start("t", &[]);
    let (dir, two) = (sandbox.dir_of(&id), "two".parse().unwrap());
    let picture = || format!("{:?}", sandbox.described_processes());
    wait::until("a supervisor is parked", picture, || protocol::parked::is_waiting(&dir, &two).then_some(()));
    let ctl = programs::dir().join("convoy-ctl");
    let line = format!("{} attach {id} two; echo ended $?; exec sleep 1000", ctl.display());
    let terminal = Terminal::running(&sandbox, "own", &line);
    terminal.until_shown("two waits for one");
    sandbox.ok("convoy-ctl", &["stop", id.short()]);
    terminal.until_shown("ended");
    assert_eq!(sandbox.pids_of("convoy-agent"), [0; 0]);
}
