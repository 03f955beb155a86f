//! The loop around one running command: output, limits, signals, the end of
//! its whole process tree. [`pipes`] has what it writes.

mod pipes;

use std::io;
use std::time::{Duration, Instant};

use base::process::Handle;
use base::spawn::Spawned;
use nix::sys::wait::WaitStatus;
use protocol::plan::{AgentPlan, ReportSource, Stream};
use protocol::redact::Filter;

use crate::ending::Ending;
use crate::far::{Placed, RECORD};
use crate::output::{Capture, Log, Pane, notice};
use crate::signals::{Asked, Signals};
use crate::spending::Spending;
use crate::stream::EventStream;
use crate::tree::{KILL_ROUND, Tree};

use pipes::Pipes;

/// A dying tmux server and a person closing the session send the same signal;
/// the server's end is seen within this time.
const SERVER_END: Duration = Duration::from_secs(1);

/// Who told its result has this long to end, counted from the last event.
const AFTER_RESULT: Duration = Duration::from_secs(5);

/// A shim has this long to write its record after its own grace.
const FAR_SLACK: Duration = Duration::from_secs(3);

/// So often it is looked whether somebody removed the convoy.
const SWEEP: Duration = Duration::from_secs(10);

/// What an outside request to end means for this attempt.
pub(crate) trait Authority {
    /// Is the convoy being stopped? With which grace?
    fn stopping(&self) -> Option<Duration>;

    /// Was the attempt removed together with its convoy? Nobody will ever ask how
    /// it ended.
    fn is_removed(&self) -> bool;
}

/// Where the end of the process tree stands.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Running,
    /// The command ended, something it left still runs: one grace.
    Lingering(Instant),
    /// TERM was sent; KILL follows.
    Terminating(Instant),
    Killing,
}

/// The parts one attempt's supervision works with.
#[derive(Debug)]
pub(crate) struct Supervision<'a, A> {
    pub(crate) agent: &'a AgentPlan,
    pub(crate) grace: Duration,
    /// When its time is over.
    pub(crate) timeout: Instant,
    pub(crate) signals: &'a Signals,
    /// The tmux server this process is a child of.
    pub(crate) server: Option<&'a Handle>,
    pub(crate) authority: A,
    pub(crate) tree: &'a mut Tree,
    pub(crate) log: Log,
    /// The CLI's event stream.
    pub(crate) events: Option<Log>,
    /// Standard output that may become the report.
    pub(crate) capture: Option<Capture>,
    pub(crate) pane: Pane,
    pub(crate) stream: Option<EventStream>,
    pub(crate) spending: Spending<'a>,
    /// When either of its outputs held something last.
    pub(crate) received: Instant,
    /// The end of standard error.
    pub(crate) stderr: Vec<u8>,
    /// Where the command runs, if not here.
    pub(crate) placed: Option<Placed>,
    /// Standard output and standard error without secrets; of an event stream
    /// it is the texts that count.
    pub(crate) clean: [Filter; 2],
}

/// How far it is, and when it is looked at again.
struct Course {
    /// When it gave a sign of life last.
    heard: Instant,
    /// When it is looked whether it is still wanted.
    look: Instant,
    /// When the record of a placed command is looked for.
    record: Instant,
    stage: Stage,
    ending: Option<Ending>,
}

impl Course {
    fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running)
    }
}

impl<A: Authority> Supervision<'_, A> {
    /// Stays with the command until nothing of its process tree is left.
    pub(crate) fn run(&mut self, mut spawned: Spawned) -> io::Result<Ending> {
        let mut pipes = Pipes::of(&mut spawned)?;
        let begun = Instant::now();
        if let Some(placed) = &mut self.placed {
            placed.hold(spawned.stdin.take(), self.timeout.saturating_duration_since(begun));
        }
        let mut course = Course {
            heard: begun,
            look: begun + SWEEP,
            record: begun + RECORD,
            stage: Stage::Running,
            ending: None,
        };
        loop {
            if self.tree.reap() {
                self.drain(&mut pipes);
                break;
            }
            if course.is_running() && self.tree.leader_end().is_some() {
                course.ending.get_or_insert(Ending::Itself(self.tree.leader_end()));
                course.stage = Stage::Lingering(Instant::now() + self.grace);
            }
            let next = self.round(&mut course, Instant::now());
            if self.wait(&mut pipes, next) {
                course.heard = Instant::now();
            }
            for asked in self.signals.take() {
                if let Some(end) = self.asked(asked) {
                    course.stage = self.escalate(course.stage, &mut course.ending, end);
                }
            }
        }
        Ok(course.ending.unwrap_or(Ending::Itself(self.tree.leader_end())))
    }

    /// Takes the next step towards its end, if it is time for one. When to look again.
    fn round(&mut self, course: &mut Course, now: Instant) -> Instant {
        let stall = self.stall_deadline(course.heard).filter(|_| course.is_running());
        let over = self.is_done().then_some(course.heard + AFTER_RESULT).filter(|_| course.is_running());
        if course.is_running() && now >= course.record {
            course.record = now + RECORD;
            let received = self.received;
            if self.placed.as_mut().is_some_and(|placed| placed.lingers(now, received)) {
                course.ending.get_or_insert(Ending::Itself(None));
                course.stage = Stage::Killing;
            }
        }
        let queued = self.placed.as_mut().and_then(|placed| placed.queued(now));
        if let Some(queued) = &queued {
            self.timeout = queued.timeout;
        }
        let is_forgotten = queued.as_ref().is_some_and(|queued| queued.is_forgotten);
        match course.stage {
            Stage::Running => {
                let is_past = |deadline: Option<Instant>| deadline.is_some_and(|at| now >= at);
                let end = if is_forgotten {
                    Some(Ending::Forgotten)
                } else {
                    self.why_end(course, now)
                        .or_else(|| (now >= self.timeout).then_some(Ending::TimedOut))
                        .or_else(|| is_past(over).then_some(Ending::Done))
                        .or_else(|| is_past(stall).then_some(Ending::Stalled))
                };
                if let Some(end) = end {
                    course.stage = self.terminate(&mut course.ending, end);
                }
            }
            Stage::Lingering(until) if now >= until => {
                course.stage = self.terminate(&mut course.ending, Ending::Itself(None));
            }
            Stage::Terminating(until) if now >= until => course.stage = Stage::Killing,
            Stage::Lingering(_) | Stage::Terminating(_) | Stage::Killing => {}
        }
        match course.stage {
            Stage::Running => {
                let queued = queued.map(|queued| queued.look);
                let record = self.placed.is_some().then_some(course.record);
                let others = [stall, over, Some(course.look), queued, record];
                others.into_iter().flatten().fold(self.timeout, Instant::min)
            }
            Stage::Lingering(until) | Stage::Terminating(until) => until,
            Stage::Killing => {
                self.tree.kill();
                now + KILL_ROUND
            }
        }
    }

    /// Why a command that runs is to be ended now, by what it spent, said, or lost.
    fn why_end(&mut self, course: &mut Course, now: Instant) -> Option<Ending> {
        if let Some(words) = self.over_budget() {
            return Some(Ending::OverBudget(words));
        }
        if let Some(line) = self.waits() {
            return Some(Ending::Waits(line));
        }
        if now < course.look {
            return None;
        }
        course.look = now + SWEEP;
        self.authority.is_removed().then_some(Ending::Abandoned)
    }

    fn stall_deadline(&self, heard: Instant) -> Option<Instant> {
        let limit = self.agent.stall_timeout_ms.filter(|_| self.stream.is_some())?;
        Some(heard + Duration::from_millis(limit))
    }

    fn terminate(&mut self, ending: &mut Option<Ending>, end: Ending) -> Stage {
        let words = match &end {
            Ending::Itself(_) => "ending what the command left behind",
            Ending::Done => "it told its result and does not end",
            Ending::TimedOut => "time is over",
            Ending::Stalled => "no sign of life for too long",
            Ending::Waits(_) => "it waits by itself",
            Ending::Forgotten => "its engine has no such job",
            Ending::OverBudget(_) => "the budget is used up",
            Ending::Stopped => "stopped",
            Ending::Closed => "session closed",
            Ending::Abandoned => "asked to end",
        };
        self.say(&notice(words));
        ending.get_or_insert(end);
        let Some(placed) = &mut self.placed else {
            self.tree.terminate();
            return Stage::Terminating(Instant::now() + self.grace);
        };
        // A placing command acts on TERM in its own way: its shim is told.
        placed.tell_to_end();
        Stage::Terminating(Instant::now() + self.grace + FAR_SLACK)
    }

    /// A request from outside. A command that ended by itself keeps its own
    /// ending; what it left is ended at once.
    fn escalate(&mut self, stage: Stage, ending: &mut Option<Ending>, end: Ending) -> Stage {
        match stage {
            Stage::Running | Stage::Lingering(_) => self.terminate(ending, end),
            Stage::Terminating(_) | Stage::Killing => stage,
        }
    }

    fn asked(&mut self, asked: Asked) -> Option<Ending> {
        match asked {
            Asked::Child => None,
            Asked::Interrupt => self.pane_owner().then_some(Ending::Closed),
            Asked::HangUp => {
                // Without a session there is nothing to hang up (P12: no surprise).
                let server = self.server?;
                if server.wait(SERVER_END) {
                    self.pane.close();
                    return None;
                }
                self.pane.close();
                Some(self.authority.stopping().map_or(Ending::Closed, |_| Ending::Stopped))
            }
            Asked::End => Some(match self.authority.stopping() {
                Some(grace) => {
                    self.grace = grace;
                    Ending::Stopped
                }
                None => Ending::Abandoned,
            }),
        }
    }

    fn pane_owner(&self) -> bool {
        self.server.is_some()
    }

    /// The last whole line of standard error that is the end by itself.
    fn waits(&self) -> Option<String> {
        let rules = || self.agent.invocation.endings.iter().filter(|rule| rule.at_once);
        if self.is_done() || rules().next().is_none() {
            return None;
        }
        let text = String::from_utf8_lossy(&self.stderr);
        let (whole, _) = text.rsplit_once('\n')?;
        let line = whole.lines().rfind(|line| rules().any(|rule| rule.fits(None, None, line)))?;
        Some(line.trim().to_owned())
    }

    fn over_budget(&mut self) -> Option<String> {
        let summary = self.stream.as_ref()?.summary();
        let over = self.spending.over(summary.spent());
        // Who has done its work already is not ended for what it cost.
        over.filter(|_| !summary.is_done())
    }

    fn is_done(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.summary().is_done())
    }

    /// The command ended by itself elsewhere: was all handed on that it wrote? A placing
    /// command that did not end with 0, as its shim does, may have lost some.
    pub(crate) fn look_for_the_rest(&mut self) {
        const LOST: &str = "what placed it did not end well: the end of what it wrote may be missing";
        if !matches!(self.tree.leader_end(), Some(WaitStatus::Exited(_, 0))) {
            self.say(&notice(LOST));
            if let Some(capture) = &mut self.capture {
                capture.fail(&LOST);
            }
        }
    }
}

/// Are there events to be kept besides the log?
pub(crate) fn keeps_events(agent: &AgentPlan) -> bool {
    agent.invocation.stream != Stream::Plain
}

/// May standard output be the report?
pub(crate) fn keeps_stdout(agent: &AgentPlan) -> bool {
    !keeps_events(agent) && agent.invocation.report_from == ReportSource::Stdout
}
