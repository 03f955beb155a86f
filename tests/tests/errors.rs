//! The sweep over errors: each program meets each error that each of its system
//! calls may answer (`faults.rs`), once, injected by strace. Afterwards what it
//! said is true, the convoy comes to a true end, nothing runs that should not,
//! nothing is lost or torn, nothing panicked, nothing went round in a loop.
//!
//! By default a sample (`sample.rs`); `CONVOY_AT=call:when:ERROR` looks at one.

use std::any::Any;
use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use base::ids::ConvoyId;
use convoy_tests::faults::{self, Fault};
use convoy_tests::sandbox::Sandbox;
use convoy_tests::trace::{self, Call};
use convoy_tests::victim::{self, Part, Victim};
use convoy_tests::{programs, sample, wait};
use protocol::outcome::Reason;
use protocol::state::State;

/// Faults looked at of each program when not all are.
const SAMPLE: usize = 12;
/// Sweeps of this test.
const SWEEPS: u32 = 16;
/// An error may make a program try again, not go round: so many times the
/// system calls of the undisturbed run, at most.
const LOOP: usize = 20;
/// Where a process tree has to be looked for, that is done among all processes of
/// the machine, however many these are: system calls for each.
const FOR_EACH_PROCESS: usize = 3;
/// The exit codes of `base::exit`.
const DOCUMENTED: [i32; 8] = [0, 1, 2, 3, 4, 5, 75, 124];

/// How a program ended and what it said.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    calls: Vec<Call>,
}

/// Runs a part under strace, to its end.
fn run(sandbox: &Sandbox, part: &Part, options: &[&str]) -> Ended {
    let file = |name: &str| File::create(sandbox.path(name)).unwrap();
    let read = |name: &str| String::from_utf8_lossy(&fs::read(sandbox.path(name)).unwrap()).into_owned();
    let mut child = trace::traced(sandbox, options, part.program, &part.arguments)
        .stdout(Stdio::from(file("stdout")))
        .stderr(Stdio::from(file("stderr")))
        .spawn()
        .unwrap();
    let picture = || {
        let last = trace::calls(sandbox).len();
        format!("{} said {:?} and {:?} after {last} calls", part.program, read("stdout"), read("stderr"))
    };
    let status = wait::until("the program has ended", picture, || child.try_wait().unwrap());
    let (stdout, stderr) = (read("stdout"), read("stderr"));
    Ended { code: status.code(), stdout, stderr, calls: trace::calls(sandbox) }
}

/// The undisturbed run: its calls, and what it left where that must be the same.
struct Undisturbed {
    calls: Vec<Call>,
    merged: Option<[Vec<u8>; 2]>,
}

fn undisturbed(victim: Victim) -> Undisturbed {
    let sandbox = victim::sandbox();
    let part = victim::part(&sandbox, victim);
    let ended = run(&sandbox, &part, &["-y"]);
    let wanted = i32::from(victim == Victim::Review);
    assert_eq!(ended.code, Some(wanted), "{victim:?}: {}", said(&ended));
    let merged = (victim == Victim::Merge).then(|| merged(&sandbox).map(|file| file.expect("a merge")));
    Undisturbed { calls: ended.calls, merged }
}

fn merged(sandbox: &Sandbox) -> [Option<Vec<u8>>; 2] {
    ["merged.md", "merged.json"].map(|name| fs::read(sandbox.project().join(name)).ok())
}

fn said(ended: &Ended) -> String {
    format!("exit {:?}, stdout {:?}, stderr {:?}", ended.code, ended.stdout, ended.stderr)
}

/// One fault; panics where anything is untrue afterwards. Did it hit?
fn meets(victim: Victim, fault: &Fault, before: &Undisturbed) -> bool {
    let sandbox = victim::sandbox();
    let part = victim::part(&sandbox, victim);
    let ended = run(&sandbox, &part, &["-y", "-e", &fault.injection()]);
    let Some(hit) = ended.calls.iter().find(|call| call.is_injected()) else { return false };
    // Runs differ a little: another call of that name may have met what it never answers.
    if !fault.may_meet(hit) {
        return false;
    }
    let case = Case { sandbox: &sandbox, victim, part: &part, fault, hit, ended: &ended, before };
    case.assert_orderly();
    if ended.code == Some(0) {
        case.assert_done();
    } else {
        case.assert_said();
    }
    case.assert_good_end();
    true
}

struct Case<'a> {
    sandbox: &'a Sandbox,
    victim: Victim,
    part: &'a Part,
    fault: &'a Fault,
    /// The call that met the error.
    hit: &'a Call,
    ended: &'a Ended,
    before: &'a Undisturbed,
}

impl Case<'_> {
    fn words(&self) -> String {
        format!("{}, after {}", said(self.ended), self.hit.line)
    }

    fn ids(&self) -> Vec<ConvoyId> {
        protocol::convoys::all_ids(&self.sandbox.home()).unwrap()
    }

    fn id(&self) -> &ConvoyId {
        self.part.id.as_ref().expect("a convoy")
    }

    fn state(&self) -> State {
        self.sandbox.state(self.id())
    }

    /// No panic, no loop, an exit code of the table.
    fn assert_orderly(&self) {
        let Ended { code, calls, .. } = self.ended;
        assert!(code.is_some_and(|code| DOCUMENTED.contains(&code)), "{}", self.words());
        let processes = fs::read_dir("/proc").map_or(0, Iterator::count);
        let limit = LOOP * (self.before.calls.len() + FOR_EACH_PROCESS * processes);
        assert!(calls.len() <= limit, "{} system calls; {}", calls.len(), self.words());
    }

    /// It says that what was asked for is done: it is.
    fn assert_done(&self) {
        let ended = || self.state().ended();
        match self.victim {
            Victim::Start | Victim::StartWatched => {
                let ids = self.ids();
                let printed = self.ended.stdout.trim();
                assert!(ids.len() == 1 && ids[0].as_str() == printed, "{ids:?}; {}", self.words());
                if self.victim == Victim::StartWatched {
                    self.sandbox.until_ended(&ids[0]);
                }
            }
            Victim::Resume => {
                self.sandbox.until_ended(self.id());
            }
            Victim::Watch | Victim::Staged | Victim::LookedAt | Victim::Waking => {
                assert!(ended(), "not ended; {}", self.words());
            }
            Victim::Agent | Victim::Verifier | Victim::Parked => {}
            Victim::Stop | Victim::StopParked => {
                let state = self.state();
                assert!(
                    state.ended() && state.reason == Some(Reason::Stopped),
                    "{state:?}; {}",
                    self.words()
                );
                assert_eq!(self.sandbox.commands(), Vec::<i32>::new(), "{}", self.words());
            }
            Victim::Retry => {
                assert_eq!(self.ended.stdout.trim(), self.id().as_str(), "{}", self.words());
                assert!(self.is_again(), "not re-opened: {:?}; {}", self.state(), self.words());
            }
            Victim::Remove => self.assert_gone(),
            Victim::Prune => {
                self.assert_gone();
                assert!(!victim::left_over(self.sandbox).exists(), "{}", self.words());
            }
            Victim::Merge => self.assert_merged(true),
            Victim::Notify => assert!(self.sandbox.path("told").exists(), "{}", self.words()),
            Victim::Review => panic!("approved; {}", self.words()),
            Victim::CleanReview => assert!(self.ended.stdout.contains("APPROVED"), "{}", self.words()),
        }
    }

    fn is_again(&self) -> bool {
        let state = self.state();
        !state.ended() || state.agents[0].attempt > 1
    }

    fn assert_gone(&self) {
        let dir = self.sandbox.dir_of(self.id());
        let left: Vec<_> = [dir.dir(), dir.state()].into_iter().filter(|path| path.exists()).collect();
        assert!(left.is_empty(), "{left:?} is there; {}", self.words());
    }

    fn assert_merged(&self, done: bool) {
        let wanted = self.before.merged.as_ref().expect("the merge of the undisturbed run");
        for (wanted, found) in wanted.iter().zip(merged(self.sandbox)) {
            let is_right = found.as_ref().map_or(!done, |found| found == wanted);
            assert!(is_right, "{:?}; {}", found.map(|bytes| bytes.len()), self.words());
        }
    }

    /// It says that something is not done, what, and, if a convoy goes on, which.
    fn assert_said(&self) {
        let stderr = &self.ended.stderr;
        let may_be_mute = self.hit.line.starts_with("write(2,");
        assert!(!stderr.trim().is_empty() || may_be_mute, "{}", self.words());
        match self.victim {
            Victim::Start | Victim::StartWatched | Victim::Review | Victim::CleanReview => {
                for id in self.ids() {
                    let goes_on = !self.sandbox.state(&id).ended();
                    assert!(!goes_on || stderr.contains(id.short()), "{id} goes on; {}", self.words());
                }
            }
            Victim::Retry | Victim::Stop | Victim::StopParked | Victim::Remove | Victim::Prune => {
                self.ask_again();
            }
            // 3: an input could not be read; the rest is merged.
            Victim::Merge if self.ended.code == Some(3) => {}
            Victim::Merge => self.assert_merged(false),
            Victim::Watch
            | Victim::Staged
            | Victim::LookedAt
            | Victim::Waking
            | Victim::Agent
            | Victim::Verifier
            | Victim::Parked
            | Victim::Resume
            | Victim::Notify => {}
        }
    }

    /// What was refused can be asked for again, and is done then.
    fn ask_again(&self) {
        let there = self.sandbox.dir_of(self.id()).state().exists();
        let words: Vec<&str> = match self.victim {
            // It runs again, or has done so already.
            Victim::Retry if self.is_again() => return,
            Victim::Remove if !there => vec!["prune", "--older-than", "1ms"],
            _ => self.part.arguments.iter().map(String::as_str).collect(),
        };
        self.sandbox.ok(self.part.program, &words);
        if matches!(self.victim, Victim::Remove | Victim::Prune) {
            self.assert_gone();
        }
    }

    /// The convoy is brought to its end, which is the undisturbed one, or says why not.
    fn assert_good_end(&self) {
        let Case { sandbox, victim, fault, .. } = self;
        let gone = matches!(victim, Victim::Remove | Victim::Prune);
        if !gone
            && let Some(state) =
                victim::make_good(sandbox, *victim, self.part.id.as_ref(), &fault.injection())
        {
            let is_told = |agent: &protocol::agent::Shared| {
                !agent.is_failed() || agent.detail().is_some_and(|it| !it.is_empty())
            };
            let is_true = state.status == victim::wanted(*victim) || state.agents.iter().all(is_told);
            assert!(is_true, "{state:?}; {}", self.words());
            if state.status != victim::wanted(*victim) {
                println!(
                    "{victim:?} {}: {:?}",
                    fault.injection(),
                    state.agents.iter().map(|a| (a.reason(), a.detail())).collect::<Vec<_>>()
                );
            }
        }
        wait::until(
            "nothing runs any more",
            || format!("{:?} run; {}", sandbox.described_processes(), self.words()),
            || sandbox.processes().is_empty().then_some(()),
        );
        assert_eq!(sandbox.panics(), Vec::<String>::new(), "{}", self.words());
    }
}

fn sweep(victim: Victim) {
    if !trace::may_trace() {
        programs::skipped(&format!(
            "the sweep over errors of {victim:?}: strace is missing, or this machine forbids ptrace"
        ));
        return;
    }
    let before = undisturbed(victim);
    let all = faults::all(&before.calls);
    assert!(all.len() > 50, "{victim:?} can meet errors: {}", all.len());
    let count = all.len();
    let (faults, until) = match programs::variable("CONVOY_AT") {
        Some(at) => (all.into_iter().filter(|fault| fault.name() == at.to_str().unwrap()).collect(), None),
        None => sample::of(all, SAMPLE, SWEEPS),
    };
    let (next, done, hits) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while until.is_none_or(|until| Instant::now() < until)
                    && let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    done.fetch_add(1, Ordering::Relaxed);
                    match catch_unwind(AssertUnwindSafe(|| meets(victim, fault, &before))) {
                        Ok(hit) => {
                            hits.fetch_add(usize::from(hit), Ordering::Relaxed);
                        }
                        Err(why) => failed.lock().unwrap().push(format!(
                            "CONVOY_AT={} ({}): {}",
                            fault.name(),
                            fault.line,
                            text(&*why)
                        )),
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    println!("{victim:?}: {} of {count} points, {} hit", done.into_inner(), hits.into_inner());
    assert!(failed.is_empty(), "{victim:?}: {} untrue:\n{}", failed.len(), failed.join("\n"));
}

fn text(panic: &(dyn Any + Send)) -> String {
    let owned = panic.downcast_ref::<String>().cloned();
    owned.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

macro_rules! sweeps {
    ($($name:ident: $victim:ident,)*) => {
        $(#[test]
        fn $name() {
            sweep(Victim::$victim);
        })*
    };
}

sweeps! {
    start_meets_errors: Start,
    start_with_a_watcher_meets_errors: StartWatched,
    watch_meets_errors: Watch,
    waking_meets_errors: Waking,
    agent_meets_errors: Agent,
    parked_meets_errors: Parked,
    stop_meets_errors: Stop,
    stop_with_one_parked_meets_errors: StopParked,
    retry_meets_errors: Retry,
    resume_meets_errors: Resume,
    rm_meets_errors: Remove,
    prune_meets_errors: Prune,
    merge_meets_errors: Merge,
    review_meets_errors: Review,
    clean_review_meets_errors: CleanReview,
    notify_meets_errors: Notify,
}
