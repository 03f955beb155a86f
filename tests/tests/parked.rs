//! Supervisors that wait for their agent's turn: they make the next agent start
//! sooner, and whatever becomes of them changes nothing else.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{ledger, programs, trace, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::outcome::{AgentStatus, Reason};
use protocol::parked;
use protocol::state::{ConvoyStatus, State};

const CHAIN: [&str; 3] = [
    "\"role\": \"a\", \"subagent\": \"first\"",
    "\"role\": \"b\", \"subagent\": \"then\", \"dependsOn\": [\"a\"]",
    "\"role\": \"c\", \"subagent\": \"then\", \"dependsOn\": [\"b\"]",
];

/// `a` runs until it is told to go on; `b` and `c` are behind it.
struct Chain {
    sandbox: Sandbox,
    id: ConvoyId,
    go: PathBuf,
}

impl Chain {
    fn started(launcher: Launcher, config: &str, options: &[&str]) -> Chain {
        let sandbox = Sandbox::new(launcher);
        let go = sandbox.path("go");
        sandbox.agent("first", &[&format!("until:{}", go.display()), "report"]);
        sandbox.agent("then", &["report"]);
        sandbox.template("t", &CHAIN, config);
        let id = sandbox.start("t", options);
        sandbox.until_started(1);
        Chain { sandbox, id, go }
    }

    /// With `b` and `c` parked.
    fn parked(launcher: Launcher) -> Chain {
        let chain = Chain::started(launcher, "", &[]);
        chain.until_waiting("b");
        chain.until_waiting("c");
        chain
    }

    fn waits(&self, role: &str) -> bool {
        parked::is_waiting(&self.sandbox.dir_of(&self.id), &role.parse().unwrap())
    }

    fn until_waiting(&self, role: &str) {
        let picture = || format!("{:?}", self.sandbox.described_processes());
        wait::until(&format!("{role} is parked"), picture, || self.waits(role).then_some(()));
    }

    /// The process that waits for this role's turn.
    fn pid_of(&self, role: &str) -> i32 {
        let waits_for = |pid: &i32| {
            let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let words: Vec<&str> = line.split('\0').collect();
            words.contains(&"--wait-for") && words.windows(2).any(|two| two == ["--role", role])
        };
        let picture = || format!("{:?}", self.sandbox.described_processes());
        wait::until(&format!("the process for {role}"), picture, || {
            self.sandbox.pids_of("convoy-agent").into_iter().find(waits_for)
        })
    }

    fn tmux(&self, words: &[&str]) -> String {
        let mut tmux = Command::new("tmux");
        tmux.arg("-S").arg(self.sandbox.home().tmux_socket()).args(words);
        let out = tmux.output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", shown(&out));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// The pid in the claim of the first attempt of a role.
    fn owner(&self, role: &str) -> i32 {
        let files = self.sandbox.dir_of(&self.id).attempt(&role.parse().unwrap(), 1);
        let text = fs::read_to_string(files.started()).unwrap();
        let claim: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        claim["process"]["pid"].as_i64().unwrap() as i32
    }

    /// `a` ends, and then all of it; each agent ran once, at its first attempt.
    fn goes_on(&self) -> State {
        fs::write(&self.go, "").unwrap();
        let state = self.sandbox.until_ended(&self.id);
        self.assert_good(&state);
        state
    }

    fn assert_good(&self, state: &State) {
        assert_eq!(state.status, ConvoyStatus::Completed, "{state:?}");
        assert!(state.agents.iter().all(|agent| agent.attempt == 1), "{state:?}");
        ledger::assert_no_attempt_twice(&self.sandbox.ledger());
        assert_eq!(ledger::read(&self.sandbox.ledger()).len(), 3);
        self.until_nobody_is_left();
    }

    fn until_nobody_is_left(&self) {
        let picture = || format!("{:?}", self.sandbox.described_processes());
        wait::until("no supervisor is left", picture, || {
            self.sandbox.pids_of("convoy-agent").is_empty().then_some(())
        });
    }

    fn stops(&self) {
        self.sandbox.ok("convoy-ctl", &["stop", self.id.as_str(), "--grace", "200ms"]);
        assert_eq!(self.sandbox.pids_of("convoy-agent"), [0; 0], "{:?}", self.sandbox.described_processes());
        let state = self.sandbox.state(&self.id);
        assert_eq!(state.status, ConvoyStatus::Failed);
        assert!(state.agents.iter().all(|agent| agent.reason() == Some(Reason::Stopped)), "{state:?}");
        assert_eq!(ledger::read(&self.sandbox.ledger()).len(), 1, "only the first one ever ran");
        assert!(!self.sandbox.dir_of(&self.id).dir().join("parked").exists());
    }
}

fn signal(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).unwrap();
}

#[test]
fn who_waits_has_the_attempt_when_its_turn_comes() {
    for launcher in [Launcher::Tmux, Launcher::Process] {
        let chain = Chain::parked(launcher);
        let waiting = [chain.pid_of("b"), chain.pid_of("c")];
        let state = chain.sandbox.state(&chain.id);
        for agent in &state.agents[1..] {
            assert_eq!((agent.status(), agent.attempt), (AgentStatus::Pending, 0), "nothing is to be seen");
        }
        assert!(!chain.sandbox.dir_of(&chain.id).attempt(&"b".parse().unwrap(), 1).started().exists());
        if launcher == Launcher::Tmux {
            let session = format!("={}-c:", chain.id);
            let shown = chain.tmux(&["capture-pane", "-p", "-t", &session]);
            assert!(shown.contains("c waits for b"), "{shown}");
        }
        let state = chain.goes_on();
        assert_eq!([chain.owner("b"), chain.owner("c")], waiting, "nobody else was started");
        if launcher == Launcher::Tmux {
            assert_eq!(state.agents[1].tmux_session, format!("{}-b", chain.id));
        }
    }
}

#[test]
fn wake_ups_for_nothing_cost_nothing() {
    let chain = Chain::parked(Launcher::Process);
    let waiting = chain.pid_of("b");
    for _ in 0..50 {
        assert!(parked::wake(&chain.sandbox.dir_of(&chain.id), &"b".parse().unwrap()));
        wait::pause(Duration::from_millis(2));
    }
    assert!(chain.waits("b"));
    chain.goes_on();
    assert_eq!(chain.owner("b"), waiting);
}

#[test]
fn a_second_one_for_the_same_role_leaves() {
    let chain = Chain::parked(Launcher::Process);
    let root = chain.sandbox.home().root().to_str().unwrap().to_owned();
    let words = ["--home", &root, "--convoy", chain.id.as_str(), "--role", "b", "--wait-for", "a"];
    let out = chain.sandbox.run("convoy-agent", &words);
    assert!(out.status.success() && out.stderr.is_empty(), "{}", shown(&out));
    assert!(chain.waits("b"), "the first one is still there");
    chain.goes_on();
}

#[test]
fn one_whose_session_is_closed_is_only_missed() {
    let chain = Chain::parked(Launcher::Tmux);
    let waiting = chain.pid_of("b");
    chain.tmux(&["kill-session", "-t", &format!("={}-b", chain.id)]);
    wait::until("it has gone", String::new, || (!chain.waits("b")).then_some(()));
    assert_eq!(chain.sandbox.agent_state(&chain.id, "b").status(), AgentStatus::Pending);
    chain.goes_on();
    assert_ne!(chain.owner("b"), waiting);
}

#[test]
fn one_that_was_killed_is_only_missed() {
    for launcher in [Launcher::Tmux, Launcher::Process] {
        let chain = Chain::parked(launcher);
        let (killed, other) = (chain.pid_of("b"), chain.pid_of("c"));
        signal(killed, Signal::SIGKILL);
        wait::until("it has gone", String::new, || (!chain.waits("b")).then_some(()));
        chain.goes_on();
        assert_ne!(chain.owner("b"), killed);
        assert_eq!(chain.owner("c"), other);
    }
}

#[test]
fn one_that_does_not_answer_is_passed_over() {
    let chain = Chain::parked(Launcher::Process);
    let stopped = chain.pid_of("b");
    signal(stopped, Signal::SIGSTOP);
    fs::write(&chain.go, "").unwrap();
    let state = chain.sandbox.until_ended(&chain.id);
    assert_ne!(chain.owner("b"), stopped);
    chain.assert_good(&state);
    // Who was started and does not answer has eight seconds; who was woken far less.
    let (intent, claimed) = (&state.agents[1].intent, &state.agents[1].claimed);
    let waited = intent.as_ref().unwrap().elapsed_ms(claimed.as_ref().unwrap());
    assert!(waited.is_some_and(|ms| ms < 7_000), "{waited:?}");
}

/// A wake-up that nobody acts on, and a session whose name is still taken.
#[test]
fn a_lost_wake_up_opens_a_session_of_another_name() {
    let chain = Chain::parked(Launcher::Tmux);
    let session = format!("{}-b", chain.id);
    chain.tmux(&["kill-session", "-t", &format!("={session}")]);
    wait::until("it has gone", String::new, || (!chain.waits("b")).then_some(()));
    chain.tmux(&["new-session", "-d", "-s", &session, "--", "sleep", "1000"]);
    let pipe = chain.sandbox.dir_of(&chain.id).dir().join("parked/b");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR | nix::sys::stat::Mode::S_IWUSR).unwrap();
    let reader = fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    let state = chain.goes_on();
    let opened = &state.agents[1].tmux_session;
    assert!(opened.starts_with(&format!("{session}-by-")), "{opened}");
    drop(reader);
}

#[test]
fn one_that_answers_late_runs_nothing() {
    let chain = Chain::started(Launcher::Process, "", &[]);
    chain.until_waiting("c");
    let stopped = chain.pid_of("c");
    signal(stopped, Signal::SIGSTOP);
    fs::write(&chain.go, "").unwrap();
    chain.sandbox.until_started(3);
    signal(stopped, Signal::SIGCONT);
    let state = chain.sandbox.until_ended(&chain.id);
    assert_ne!(chain.owner("c"), stopped);
    chain.assert_good(&state);
}

#[test]
fn without_its_tmux_server_it_goes_on() {
    let chain = Chain::parked(Launcher::Tmux);
    let (b, c) = (chain.pid_of("b"), chain.pid_of("c"));
    assert!(chain.sandbox.kill_all("tmux") > 0);
    wait::until("nobody waits", String::new, || (!chain.waits("b") && !chain.waits("c")).then_some(()));
    chain.goes_on();
    assert_ne!([chain.owner("b"), chain.owner("c")], [b, c]);
}

#[test]
fn a_stop_ends_all_that_wait_before_it_returns() {
    for launcher in [Launcher::Tmux, Launcher::Process] {
        Chain::parked(launcher).stops();
        // Also who does not hear.
        let chain = Chain::parked(launcher);
        signal(chain.pid_of("b"), Signal::SIGSTOP);
        chain.stops();
        // Also without the watcher that parked them.
        let chain = Chain::parked(launcher);
        chain.sandbox.kill_all("convoy-watch");
        chain.stops();
    }
}

#[test]
fn the_next_watcher_wakes_whom_the_last_one_parked() {
    let chain = Chain::parked(Launcher::Process);
    let waiting = [chain.pid_of("b"), chain.pid_of("c")];
    wait::until("the watcher is killed", String::new, || {
        (chain.sandbox.kill_all("convoy-watch") > 0).then_some(())
    });
    fs::write(&chain.go, "").unwrap();
    chain.sandbox.ok("convoy-watch", &[chain.id.as_str()]);
    chain.assert_good(&chain.sandbox.state(&chain.id));
    assert_eq!([chain.owner("b"), chain.owner("c")], waiting);
}

#[test]
fn who_ended_the_convoy_may_be_killed_before_it_says_so() {
    if !base::crash::ENABLED {
        return programs::skipped("who waits leaves by itself: crash points are in debug builds only");
    }
    let chain = Chain::parked(Launcher::Process);
    chain.sandbox.kill_all("convoy-watch");
    let mut stop = chain.sandbox.command("convoy-ctl");
    stop.args(["stop", chain.id.as_str(), "--grace", "200ms"]).env("CONVOY_CRASH", "EndStored");
    assert!(!stop.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
    assert!(chain.sandbox.state(&chain.id).ended());
    let since = Instant::now();
    chain.until_nobody_is_left();
    println!("gone after {:?}", since.elapsed());
}

#[test]
fn who_waits_in_a_convoy_that_was_removed_leaves() {
    let chain = Chain::parked(Launcher::Process);
    for program in ["convoy-watch", "fake-agent"] {
        chain.sandbox.kill_all(program);
    }
    let dir = chain.sandbox.dir_of(&chain.id);
    fs::remove_file(dir.state()).unwrap();
    // The supervisor of the agent that was killed may still write into it.
    wait::until(
        "it is removed",
        || format!("{:?}", fs::read_dir(dir.dir()).map(Iterator::count)),
        || fs::remove_dir_all(dir.dir()).map_or_else(|_| (!dir.dir().exists()).then_some(()), Some),
    );
    chain.until_nobody_is_left();
    assert!(!dir.dir().exists());
}

#[test]
fn nobody_waits_where_that_is_not_wanted() {
    for (config, options) in [("\"parked\": 0", &[][..]), ("", &["--watch", "none"])] {
        let chain = Chain::started(Launcher::Process, config, options);
        if !options.is_empty() {
            // A round leaves at once, and could wake nobody.
            chain.sandbox.ok("convoy-watch", &["--all", "--once"]);
        }
        fs::write(&chain.go, "").unwrap();
        if !options.is_empty() {
            chain.sandbox.ok("convoy-watch", &[chain.id.as_str()]);
        }
        let state = chain.sandbox.until_ended(&chain.id);
        chain.assert_good(&state);
    }
    let chain = Chain::started(Launcher::Process, "\"parked\": 0", &[]);
    let seen = chain.sandbox.until(&chain.id, "it is seen running", |state| {
        state.agents[0].phase == protocol::agent::Phase::Claimed
    });
    assert_eq!(seen.agents[1].status(), AgentStatus::Pending);
    assert_eq!(chain.sandbox.pids_of("convoy-agent").len(), 1);
    chain.goes_on();
}

#[test]
fn no_more_wait_than_may() {
    let chain = Chain::started(Launcher::Process, "\"parked\": 1", &[]);
    chain.until_waiting("b");
    assert!(!chain.waits("c"));
    assert_eq!(chain.sandbox.pids_of("convoy-agent").len(), 2);
    chain.goes_on();
    // More than there are agents.
    let chain = Chain::started(Launcher::Tmux, "\"parked\": 4000000000", &[]);
    chain.until_waiting("c");
    chain.goes_on();
}

#[test]
fn the_users_own_setting_holds_where_a_template_says_nothing() {
    let sandbox = Sandbox::new(Launcher::Process);
    let config = fs::read_to_string(sandbox.home().config()).unwrap();
    fs::write(sandbox.home().config(), format!("{config}parked = 0\n")).unwrap();
    sandbox.agent("first", &["report"]);
    sandbox.agent("then", &["report"]);
    let parked = |template: &str, config: &str| {
        sandbox.template(template, &CHAIN, config);
        let id = sandbox.start(template, &[]);
        sandbox.until_ended(&id);
        protocol::plan::Plan::read(&sandbox.dir_of(&id)).unwrap().parked
    };
    assert_eq!([parked("t", ""), parked("u", "\"parked\": 3")], [0, 3]);
    fs::write(sandbox.home().config(), config).unwrap();
    assert_eq!(parked("v", ""), 8);
}

/// Where no process is to be had for it (the process table is full), nobody is
/// parked; when it is their turn they run.
#[test]
fn without_room_for_another_process_it_only_takes_longer() {
    if !trace::may_trace() {
        return programs::skipped("parking without processes: strace is missing, or ptrace is forbidden");
    }
    let chain = Chain::started(Launcher::Process, "", &["--watch", "none"]);
    let inject = "inject=clone,clone3,fork,vfork:error=EAGAIN:when=1";
    let mut watch = trace::traced(&chain.sandbox, &["-e", inject], "convoy-watch", &[chain.id.as_str()]);
    let mut watch = watch.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait::until("it was refused", String::new, || {
        let is_there = chain.sandbox.path("trace").exists();
        (is_there && trace::calls(&chain.sandbox).iter().any(trace::Call::is_injected)).then_some(())
    });
    assert!(!chain.waits("b"));
    let state = chain.goes_on();
    assert_eq!(state.agents[2].attempt, 1);
    assert!(watch.wait().unwrap().success());
}

/// What all those who wait cost together must not count: they may be many.
#[test]
fn who_waits_takes_little_memory() {
    let chain = Chain::parked(Launcher::Tmux);
    let pid = chain.pid_of("b");
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
    let kb: u64 = text
        .lines()
        .filter(|line| line.starts_with("Private_"))
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .sum();
    // Unoptimised programs have more to relocate: half a megabyte is for those of a release.
    assert!(kb <= if base::crash::ENABLED { 1024 } else { 512 }, "{kb} KB are its own");
    chain.goes_on();
}
