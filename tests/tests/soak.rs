//! Many callers of every verb at once, killers of every program and of the tmux
//! server, agents that misbehave. At the end every convoy has a true status, no
//! attempt ran twice or beside the one before it, nothing runs, nothing is torn
//! or lost, nothing panicked: judged from the agents' own ledger.
//!
//! `make soak SEED=… MINUTES=…`. A seed fixes what each caller asks for, not who
//! is first: a failure names its seed and what was asked last.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base::ids::ConvoyId;
use convoy_tests::random::Random;
use convoy_tests::sandbox::{Launcher, Sandbox};
use convoy_tests::{ledger, programs, sample, victim, wait};
use protocol::outcome::{AgentStatus, Reason};
use protocol::state::{ConvoyStatus, State};

/// Callers at once, and how many convoys they keep going.
const CALLERS: u64 = 6;
const CONVOYS: usize = 6;
/// Without a word about it, in seconds.
const SHORT: u64 = 6;
/// The exit codes of `base::exit`.
const DOCUMENTED: [i32; 8] = [0, 1, 2, 3, 4, 5, 75, 124];
const TEMPLATES: [&str; 8] = ["quick", "failing", "flaky", "forking", "deaf", "many", "filling", "printing"];

/// What the callers share.
struct Soak {
    sandbox: Sandbox,
    seed: u64,
    until: Instant,
    templates: &'static [&'static str],
    /// Printed by a start that ended well.
    started: Mutex<BTreeSet<String>>,
    /// Asked to be removed, which may be sooner than the start has ended that printed it.
    removed: Mutex<BTreeSet<String>>,
    /// What was asked, in order.
    asked: Mutex<Vec<String>>,
}

fn sandbox(launcher: Launcher) -> Sandbox {
    let sandbox = Sandbox::new(launcher);
    sandbox.agent("good", &["print:reading\n", "review:a"]);
    sandbox.agent("sum", &["report"]);
    sandbox.agent("bad", &["exit:3"]);
    sandbox.agent("flaky", &["exit-first:3", "sleep:50", "report"]);
    // No daemon without its environment: of a supervisor that was killed it is not
    // found (protocol.md, "A dead supervisor's tree"), and here they are killed.
    sandbox.agent("forking", &["orphan:ignore+hang", "orphan:hang", "sleep:100", "report"]);
    sandbox.agent("deaf", &["ignore", "sleep:1500", "report"]);
    sandbox.agent("printing", &["megabytes", "binary", "report"]);
    sandbox.agent("filling", &["fill:300", "report"]);
    let alone = |name: &str, more: &str| {
        sandbox.template(name, &[&format!("\"role\": \"one\", \"subagent\": \"{name}\"{more}")], "");
    };
    for name in ["forking", "deaf", "printing", "filling"] {
        alone(name, "");
    }
    alone("flaky", ", \"retries\": 1");
    let review = |role: &str, agent: &str| {
        format!("\"role\": \"{role}\", \"subagent\": \"{agent}\", \"report\": \"findings\"")
    };
    let sum = |on: &str| {
        format!("\"role\": \"sum\", \"subagent\": \"sum\", \"dependsOn\": [{on}], \"report\": \"synthesis\"")
    };
    sandbox.template("quick", &[&review("a", "good"), &sum("\"a\"")], "");
    sandbox.template("failing", &[&review("a", "good"), &review("b", "bad"), &sum("\"a\", \"b\"")], "");
    let many: Vec<String> = (0..6).map(|n| review(&format!("r{n}"), "good")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    sandbox.template("many", &many, "\"maxParallel\": 3");
    sandbox
}

impl Soak {
    fn note(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }

    fn ids(&self) -> Vec<ConvoyId> {
        let mut ids = protocol::convoys::all_ids(&self.sandbox.home()).unwrap();
        ids.sort();
        ids
    }

    /// Asks a program, and insists on an end, an exit code of the table and a word with each no.
    fn ask(&self, program: &str, words: &[&str]) -> (Option<i32>, String) {
        self.note(format!("{program} {}", words.join(" ")));
        let mut command = self.sandbox.command(program);
        let out = command.args(words).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        let code = out.status.code();
        assert!(!said.contains("panicked at"), "{program} {words:?}: {said}");
        // Without a code it was killed, here.
        if let Some(code) = code {
            assert!(DOCUMENTED.contains(&code), "{program} {words:?}: {code}, {said}");
            // Where there is no verdict, that is the answer, and stands on standard output.
            let word = !said.trim().is_empty() || !out.stdout.trim_ascii().is_empty();
            assert!(code == 0 || word, "{program} {words:?}: {code} without a word");
        }
        (code, String::from_utf8_lossy(&out.stdout).into_owned())
    }

    fn call(&self, caller: u64) {
        let mut random = Random::new(self.seed.wrapping_mul(1000) + caller);
        while Instant::now() < self.until {
            self.one(&mut random);
        }
    }

    /// One thing somebody may ask for at any time.
    fn one(&self, random: &mut Random) {
        let ids = self.ids();
        let id = if ids.is_empty() { None } else { Some(random.of(&ids).clone()) };
        let ctl = |words: &[&str]| self.ask("convoy-ctl", words);
        let what = random.below(24);
        let Some(id) = id.filter(|_| what > 3 || ids.len() >= CONVOYS) else {
            return self.start(random);
        };
        let id = id.as_str();
        match what {
            0..=4 => drop(ctl(&["wait", id, "--timeout", "200ms"])),
            5 => drop(ctl(&["status", id])),
            6 => drop(ctl(&["list", "--json"])),
            7 => drop(ctl(&["stop", id, "--grace", "100ms"])),
            8 | 9 => drop(ctl(&["retry", id])),
            10 => drop(ctl(&["retry", id, "--watch", "none"])),
            11 => drop(ctl(&["resume", id])),
            12 => drop(ctl(&["resume", "--all"])),
            13 => drop(ctl(&["synthesize", id])),
            14 => self.remove(id),
            15 => self.prune(),
            16 => drop(ctl(&["output", id])),
            17 => drop(ctl(&["findings", id, "--format", "json"])),
            18 => drop(ctl(&["events", id])),
            19 => drop(self.ask("convoy-watch", &["--all", "--once"])),
            _ => self.kill(random),
        }
    }

    fn start(&self, random: &mut Random) {
        let template = *random.of(self.templates);
        let watch = *random.of(&["detach", "detach", "none"]);
        let (code, id) = self.ask("convoy-start", &[template, "--watch", watch]);
        if code == Some(0) {
            self.started.lock().unwrap().insert(id.trim().to_owned());
        }
    }

    fn remove(&self, id: &str) {
        // Asked for, it may be gone whatever becomes of the asking.
        self.removed.lock().unwrap().insert(id.to_owned());
        let (code, _) = self.ask("convoy-ctl", &["rm", id]);
        let there = self.sandbox.home().convoy(&id.parse().unwrap()).state().exists();
        assert!(code != Some(0) || !there, "{id} is removed and still there");
    }

    fn prune(&self) {
        let old: Vec<ConvoyId> = self.ids();
        let (_, said) = self.ask("convoy-ctl", &["prune", "--older-than", "2s"]);
        let left = self.ids();
        let gone = old.iter().filter(|id| !left.contains(id)).map(ToString::to_string);
        // One that began and ended in the meantime is in neither list.
        let named = said.split_whitespace().filter(|word| word.starts_with("convoy-")).map(str::to_owned);
        self.removed.lock().unwrap().extend(gone.chain(named));
    }

    fn kill(&self, random: &mut Random) {
        let programs = [
            "convoy-watch",
            "convoy-agent",
            "convoy-merge",
            "convoy-ctl",
            "convoy-start",
            "fake-agent",
            "tmux",
        ];
        let program = *random.of(&programs);
        let killed = self.sandbox.kill_all(program);
        self.note(format!("kill {killed} {program}"));
    }

    /// Brings everything to its end, and judges.
    fn judge(&self) {
        let states = || -> Vec<State> { self.ids().iter().map(|id| self.sandbox.state(id)).collect() };
        wait::until(
            "every convoy has ended",
            || format!("{:?}", states()),
            || {
                self.make_room();
                self.ask("convoy-watch", &["--all", "--once"]);
                states().iter().all(State::ended).then_some(())
            },
        );
        for state in states() {
            assert_true(&state);
            victim::assert_whole(&self.sandbox, &state);
        }
        let there: BTreeSet<String> = self.ids().iter().map(ToString::to_string).collect();
        let removed = self.removed.lock().unwrap();
        let is_lost = |id: &&String| !there.contains(*id) && !removed.contains(*id);
        let lost: Vec<_> = self.started.lock().unwrap().iter().filter(is_lost).cloned().collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        ledger::assert_no_attempt_twice(&self.sandbox.ledger());
        self.assert_one_after_the_other();
        wait::until(
            "nothing runs any more",
            || format!("{:?}", self.sandbox.described_processes()),
            || self.sandbox.processes().is_empty().then_some(()),
        );
        let panics = self.sandbox.panics();
        // An agent may do so, on a full disk; a program may not.
        let ours: Vec<_> = panics.iter().filter(|line| !line.contains("fake-agent.rs")).collect();
        assert!(ours.is_empty(), "{ours:?}");
        println!(
            "CONVOY_SEED={}: {} asked, {} starts of agents, {} convoys at the end",
            self.seed,
            self.asked.lock().unwrap().len(),
            ledger::read(&self.sandbox.ledger()).len(),
            there.len()
        );
    }

    /// Removes what an agent that was killed has filled the disk with.
    fn make_room(&self) {
        for id in self.ids() {
            for agent in self.sandbox.state(&id).agents {
                for attempt in 1..=agent.attempt {
                    let out = self.sandbox.dir_of(&id).attempt(&agent.role, attempt).out_dir();
                    // Most have none.
                    let _ = fs::remove_file(out.join("filling"));
                }
            }
        }
    }

    /// Attempts of a role begin in order, and none while an earlier one runs.
    fn assert_one_after_the_other(&self) {
        let mut last: BTreeMap<(String, String), u32> = BTreeMap::new();
        for start in ledger::read(&self.sandbox.ledger()) {
            let before = last.insert((start.convoy.clone(), start.role.clone()), start.attempt);
            assert!(before.is_none_or(|before| before < start.attempt), "{start:?} after {before:?}");
        }
        let overlaps = fs::read_to_string(ledger::overlaps(&self.sandbox.ledger())).unwrap_or_default();
        assert_eq!(overlaps, "", "attempts beside one another");
    }
}

/// What a state says of the convoy is what it says of its agents.
fn assert_true(state: &State) {
    let is = |agent: &protocol::agent::Agent, status| agent.status() == status;
    let all = state.agents.iter().all(|agent| is(agent, AgentStatus::Completed));
    // A stop may come when the last agent is about to end well: it is a stop (P7).
    let stopped = state.reason == Some(Reason::Stopped);
    assert_eq!(state.status == ConvoyStatus::Completed, all && !stopped, "{state:?}");
    for agent in state.agents.iter().filter(|agent| is(agent, AgentStatus::Failed)) {
        assert!(agent.reason().is_some(), "failed for no reason: {state:?}");
    }
}

fn soak(sandbox: Sandbox, templates: &'static [&'static str]) {
    let seed = sample::seed();
    let time = Duration::from_secs(sample::number("CONVOY_SOAK_SECONDS").unwrap_or(SHORT));
    let until = Instant::now() + time;
    let soak = Soak {
        sandbox,
        seed,
        until,
        templates,
        started: Mutex::default(),
        removed: Mutex::default(),
        asked: Mutex::default(),
    };
    let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        std::thread::scope(|scope| {
            for caller in 0..CALLERS {
                let soak = &soak;
                scope.spawn(move || soak.call(caller));
            }
        });
        soak.judge();
    }));
    if judged.is_err() {
        let asked = soak.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let last: Vec<&str> = asked.iter().rev().take(60).map(String::as_str).collect();
        panic!("CONVOY_SEED={seed}, {} asked, the last first:\n{}", asked.len(), last.join("\n"));
    }
}

#[test]
fn in_tmux() {
    soak(sandbox(Launcher::Tmux), &TEMPLATES);
}

#[test]
fn without_a_terminal() {
    soak(sandbox(Launcher::Process), &TEMPLATES);
}

/// A file system of its own, a few megabytes; gone when it is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// The error is the reason why there is none.
    fn mount(at: PathBuf) -> Result<Self, String> {
        fs::create_dir_all(&at).unwrap();
        let options = ["-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs"];
        let out = Command::new("mount").args(options).arg(&at).output().map_err(|error| error.to_string())?;
        if out.status.success() {
            return Ok(SmallDisk(at));
        }
        Err(String::from_utf8_lossy(&out.stderr).trim().to_owned())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "{} stays mounted", self.0.display());
    }
}

#[test]
fn on_a_small_disk() {
    let sandbox = sandbox(Launcher::Process);
    match SmallDisk::mount(sandbox.home().convoys()) {
        // The logs of who prints much would stay, and the disk full.
        Ok(_disk) => soak(sandbox, &TEMPLATES[..7]),
        Err(why) => programs::skipped(&format!("the soak on a small disk: mount says {why}")),
    }
}
