//! The world around `step`: claims, supervisors, their commands, schedulers,
//! late launches, and whatever may go wrong. Small, and cheap to compare.

use crate::step::Effect;
use protocol::agent::Phase;
use protocol::parked::Turn;
use protocol::retry;
use protocol::state::Stopping;

use super::digest::digest;
use super::rules::{End, Fact, Mutant, Rules, Time, now};
use crate::step::tests::common::GRACE_MS;

/// How often each thing may still happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Budget {
    pub(crate) kill_supervisor: u8,
    pub(crate) kill_scheduler: u8,
    pub(crate) tick: u8,
    pub(crate) stop: u8,
    pub(crate) retry: u8,
    pub(crate) reboot: u8,
    pub(crate) fail: u8,
    pub(crate) limit: u8,
    pub(crate) credit: u8,
    pub(crate) merge_fail: u8,
    /// Commands the machine refuses.
    pub(crate) refuse: u8,
    /// Supervisors that run where no scheduler can look.
    pub(crate) hide: u8,
    /// `stop --force`.
    pub(crate) force: u8,
    /// States that cannot be stored.
    pub(crate) full: u8,
    /// Supervisors that begin to wait for an agent's turn.
    pub(crate) park: u8,
    /// Sources of a stage that cannot be taken.
    pub(crate) no_items: u8,
    /// Commands that are placed elsewhere.
    pub(crate) far: u8,
    /// A person's word that nothing of a lost one runs.
    pub(crate) fence: u8,
}

/// What is placed elsewhere, as it really is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Far {
    #[default]
    Nothing,
    /// It runs, whatever became of who placed it.
    Runs,
    /// It is over, and nobody here knows.
    Ended,
    /// Its record was seen, or it was asked for and is gone.
    Known,
    /// A person said so, whatever is true.
    SaidToBeGone,
    /// Broken rules only: it runs, and is taken for gone.
    Mistaken,
}

impl Far {
    pub(crate) fn runs(self) -> bool {
        matches!(self, Far::Runs | Far::Mistaken)
    }

    /// Is it not known to be over?
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Far::Runs | Far::Ended)
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Claim {
    #[default]
    Free,
    Void,
    Owned(Time),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Supervisor {
    #[default]
    None,
    /// Has the claim; its command comes next.
    Claimed,
    Running,
    /// Has written its record and is about to exit.
    Recorded,
    Dead,
}

/// One attempt as it really is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Attempt {
    pub(crate) claim: Claim,
    pub(crate) supervisor: Supervisor,
    /// Some process of its command lives.
    pub(crate) tree: bool,
    pub(crate) far: Far,
    pub(crate) record: Option<End>,
    /// The record as it was written; power loss does not take this.
    pub(crate) truth: Option<End>,
    /// Launches that were ordered and are not there yet.
    pub(crate) queued: u8,
    /// Times its command was started.
    pub(crate) starts: u8,
    /// It was asked to end (TERM).
    pub(crate) asked: bool,
    pub(crate) sight: Sight,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Sight {
    #[default]
    Clear,
    /// It was claimed in another pid namespace.
    Hidden,
    /// And a person said that nothing of it is left.
    SaidToBeGone,
}

/// What one scheduler remembers, and what it has still to do after its last store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Scheduler {
    pub(crate) launched: u64,
    /// Of these, those for which somebody was woken, and nobody started yet.
    pub(crate) woken: u64,
    pub(crate) terminated: u64,
    pub(crate) emptied: u64,
    pub(crate) queue: Vec<Effect>,
    /// The merge it runs (0: none).
    pub(crate) merge: u32,
    /// The expansion it has seen made, or seen that it cannot be.
    pub(crate) expanded: Option<(usize, bool)>,
    /// Only for broken rules: what it read in an earlier hold of the lock.
    pub(crate) read: Option<Vec<(usize, u32, Fact)>>,
    pub(crate) read_state: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    /// Number of the stored state.
    pub(crate) state: u32,
    pub(crate) time: Time,
    pub(crate) wall: u16,
    /// By role; attempt n at n-1.
    pub(crate) attempts: Vec<Vec<Attempt>>,
    /// By role; supervisors that wait for its turn.
    pub(crate) waiting: Vec<u8>,
    /// Expansions that are linked, and those that can never be, a bit each.
    pub(crate) made: u32,
    pub(crate) unmakable: u32,
    pub(crate) schedulers: [Scheduler; 2],
    pub(crate) budget: Budget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// Scheduler: read, step, store in one hold of the lock.
    Turn(usize),
    /// The same; the merge it runs has just failed.
    TurnMergeFailed(usize),
    /// The same; there is no room for the state.
    TurnUnstored(usize),
    /// Scheduler: its next effect.
    Perform(usize),
    /// The same: what the agents of a stage are to be made from is nothing.
    FindNoItems(usize),
    KillScheduler(usize),
    /// A launch arrives: `convoy-agent` tries to win the claim.
    Launch(usize, u32),
    /// The same, where no scheduler can look.
    LaunchHidden(usize, u32),
    /// A supervisor begins to wait for an agent's turn.
    Park(usize),
    /// It is woken, for whatever reason: it looks whose turn it is.
    Look(usize),
    KillParked(usize),
    Start(usize, u32),
    /// The same, elsewhere.
    Place(usize, u32),
    /// What was placed is over.
    FarEnds(usize, u32),
    /// Its record arrives, or an answer does: however late.
    FarAnswers(usize, u32),
    Fence(usize, u32),
    Record(usize, u32, End),
    Exit(usize, u32),
    KillSupervisor(usize, u32),
    TreeEnds(usize, u32),
    Stop,
    /// A person says of all that cannot be seen that it is gone.
    Force,
    Retry,
    Tick,
    /// And what of the sentinel files was not on the disk.
    Reboot(LostFiles),
    /// Broken rules only: reads, and steps in a later turn.
    ReadEarly(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LostFiles {
    Nothing,
    Records,
    All,
}

impl Attempt {
    /// Its supervisor is gone without a record, and nobody can prove what is left.
    pub(crate) fn is_lost_out_of_sight(&self) -> bool {
        self.sight == Sight::Hidden && self.supervisor == Supervisor::Dead && self.record.is_none()
    }

    fn forget(&mut self, past: bool, mutant: Mutant) {
        if self.claim != Claim::Free && mutant != Mutant::ClaimIgnored {
            // Whatever arrives now runs nothing.
            self.queued = 0;
        }
        let alive = self.tree
            || self.far.runs()
            || self.far.is_open()
            || matches!(self.supervisor, Supervisor::Claimed | Supervisor::Running);
        self.asked &= alive;
        // Between its record and its exit nothing but the order of reading differs.
        if self.supervisor == Supervisor::Recorded && mutant != Mutant::RecordBeforeLock {
            self.supervisor = Supervisor::Dead;
        }
        let over = !alive && self.queued == 0 && self.claim != Claim::Free;
        if past && over && self.supervisor != Supervisor::Recorded {
            *self = Attempt { claim: Claim::Void, starts: self.starts, ..Attempt::default() };
        }
    }
}

pub(crate) fn bit(agent: usize, attempt: u32) -> u64 {
    1 << (agent as u32 * 16 + attempt)
}

impl World {
    pub(crate) fn new(roles: usize, budget: Budget) -> Self {
        World {
            state: 0,
            time: Time::default(),
            wall: 0,
            attempts: vec![Vec::new(); roles],
            waiting: vec![0; roles],
            made: 0,
            unmakable: 0,
            schedulers: [Scheduler::default(), Scheduler::default()],
            budget,
        }
    }

    /// Forgets what can make no difference any more, so that fewer worlds differ.
    pub(crate) fn normalise(&mut self, rules: &Rules) {
        let current: Vec<u32> = rules.state(self.state).agents.iter().map(|agent| agent.attempt).collect();
        for (agent, all) in self.attempts.iter_mut().enumerate() {
            for (one, n) in all.iter_mut().zip(1..) {
                one.forget(current.get(agent).is_some_and(|current| n < *current), rules.mutant);
            }
        }
        let mask = current.iter().enumerate().fold(0, |mask, (agent, n)| mask | bit(agent, *n));
        for one in &mut self.schedulers {
            one.launched &= mask;
            one.woken &= mask;
            one.terminated &= mask;
            one.emptied &= mask;
        }
        // Which of two schedulers is which makes no difference.
        self.schedulers.sort_by_key(digest);
    }

    pub(crate) fn idle(&self, scheduler: usize) -> bool {
        self.schedulers[scheduler].queue.is_empty()
    }

    pub(crate) fn each_attempt(&self) -> impl Iterator<Item = (usize, u32, &Attempt)> {
        self.attempts
            .iter()
            .enumerate()
            .flat_map(|(agent, all)| all.iter().zip(1..).map(move |(one, n)| (agent, n, one)))
    }

    pub(crate) fn attempt(&mut self, agent: usize, n: u32) -> &mut Attempt {
        let all = &mut self.attempts[agent];
        if all.len() < n as usize {
            all.resize(n as usize, Attempt::default());
        }
        &mut all[n as usize - 1]
    }

    /// Everything that may happen next.
    pub(crate) fn actions(&self, rules: &Rules) -> Vec<Action> {
        let mut actions = Vec::new();
        for (index, scheduler) in self.schedulers.iter().enumerate() {
            self.actions_of_scheduler(index, scheduler, rules, &mut actions);
        }
        for (agent, n, attempt) in self.each_attempt() {
            self.actions_of_attempt(agent, n, attempt, &mut actions);
            self.actions_of_far(agent, n, attempt, rules.mutant, &mut actions);
        }
        self.actions_of_parked(rules, &mut actions);
        let ended = rules.state(self.state).ended();
        if self.budget.stop > 0 && !ended {
            actions.push(Action::Stop);
        }
        if self.budget.force > 0 && self.can_force(rules) {
            actions.push(Action::Force);
        }
        if self.budget.retry > 0 && ended {
            actions.push(Action::Retry);
        }
        if self.budget.tick > 0 && !ended {
            actions.push(Action::Tick);
        }
        if self.budget.reboot > 0 && !ended {
            actions.extend([LostFiles::Nothing, LostFiles::Records, LostFiles::All].map(Action::Reboot));
        }
        actions
    }

    fn actions_of_scheduler(&self, index: usize, one: &Scheduler, rules: &Rules, actions: &mut Vec<Action>) {
        let early = matches!(rules.mutant, Mutant::RecordBeforeLock | Mutant::StoreLater);
        if let Some(next) = one.queue.first() {
            actions.push(Action::Perform(index));
            if let Effect::Expand { expansion } = next
                && self.budget.no_items > 0
                && self.made & (1 << expansion) == 0
            {
                actions.push(Action::FindNoItems(index));
            }
        } else if early && one.read.is_none() {
            actions.push(Action::ReadEarly(index));
        } else {
            actions.push(Action::Turn(index));
            if self.budget.full > 0 {
                actions.push(Action::TurnUnstored(index));
            }
            if one.merge > 0 && self.budget.merge_fail > 0 {
                actions.push(Action::TurnMergeFailed(index));
            }
        }
        if self.budget.kill_scheduler > 0 && *one != Scheduler::default() {
            actions.push(Action::KillScheduler(index));
        }
    }

    fn actions_of_parked(&self, rules: &Rules, actions: &mut Vec<Action>) {
        let there = rules.state(self.state).agents.len();
        for (agent, waiting) in self.waiting.iter().enumerate().take(there) {
            if self.budget.park > 0 {
                actions.push(Action::Park(agent));
            }
            if *waiting > 0 && self.turn_of_parked(agent, rules) != Turn::NotYet {
                actions.push(Action::Look(agent));
            }
            if *waiting > 0 && self.budget.kill_supervisor > 0 {
                actions.push(Action::KillParked(agent));
            }
        }
    }

    /// As `protocol::parked::turn`.
    fn turn_of_parked(&self, agent: usize, rules: &Rules) -> Turn {
        let state = rules.state(self.state);
        let one = &state.agents[agent];
        let boot = now(self.time, self.wall).moment.boot;
        let is_of_this_boot = one.intent.as_ref().is_some_and(|intent| intent.boot == boot);
        match one.phase {
            _ if state.ended() || state.stopping.is_some() => Turn::Over,
            Phase::Launched if is_of_this_boot || rules.mutant == Mutant::TakeOtherBoot => {
                Turn::Attempt(one.attempt)
            }
            Phase::Pending(_) if rules.mutant == Mutant::TakeNext => Turn::Attempt(one.attempt + 1),
            Phase::Launched | Phase::Pending(_) => Turn::NotYet,
            _ => Turn::Over,
        }
    }

    /// What it found is its turn is one more launch that arrives, however late.
    fn look(&mut self, agent: usize, rules: &Rules) {
        match self.turn_of_parked(agent, rules) {
            Turn::NotYet => return,
            Turn::Over => {}
            Turn::Attempt(n) => {
                let one = self.attempt(agent, n);
                one.queued = (one.queued + 1).min(2);
            }
        }
        self.waiting[agent] -= 1;
    }

    fn actions_of_far(&self, agent: usize, n: u32, one: &Attempt, mutant: Mutant, actions: &mut Vec<Action>) {
        if one.supervisor == Supervisor::Claimed && self.budget.far > 0 {
            actions.push(Action::Place(agent, n));
        }
        if one.far.runs() {
            actions.push(Action::FarEnds(agent, n));
        }
        // While it runs nobody says that it does not.
        let mistaken = one.far == Far::Runs && mutant == Mutant::UnknownIsGone;
        if one.far == Far::Ended || mistaken {
            actions.push(Action::FarAnswers(agent, n));
        }
        if one.far.is_open() && self.budget.fence > 0 {
            actions.push(Action::Fence(agent, n));
        }
    }

    fn actions_of_attempt(&self, agent: usize, n: u32, one: &Attempt, actions: &mut Vec<Action>) {
        if one.queued > 0 {
            actions.push(Action::Launch(agent, n));
            if self.budget.hide > 0 {
                actions.push(Action::LaunchHidden(agent, n));
            }
        }
        let alive = matches!(one.supervisor, Supervisor::Claimed | Supervisor::Running);
        match one.supervisor {
            Supervisor::Claimed => {
                actions.push(Action::Start(agent, n));
                if self.budget.refuse > 0 {
                    actions.push(Action::Record(agent, n, End::Refused));
                }
            }
            // It waits until it knows.
            Supervisor::Running if one.far.is_open() => {}
            Supervisor::Running => {
                actions.push(Action::Record(agent, n, End::Ok));
                if self.budget.fail > 0 {
                    actions.push(Action::Record(agent, n, End::Fail));
                }
                if self.budget.limit > 0 {
                    actions.push(Action::Record(agent, n, End::Limited));
                }
                if self.budget.credit > 0 {
                    actions.push(Action::Record(agent, n, End::UsedUp));
                }
            }
            Supervisor::Recorded => actions.push(Action::Exit(agent, n)),
            Supervisor::Dead if one.tree => actions.push(Action::TreeEnds(agent, n)),
            Supervisor::None | Supervisor::Dead => {}
        }
        if alive && one.asked && !one.far.is_open() {
            actions.push(Action::Record(agent, n, End::Stopped));
        }
        if alive && self.budget.kill_supervisor > 0 {
            actions.push(Action::KillSupervisor(agent, n));
        }
    }

    /// The world after an action.
    pub(crate) fn after(&self, action: Action, rules: &mut Rules) -> World {
        let mut next = self.clone();
        match action {
            Action::Turn(index) => next.turn(index, true, rules),
            Action::TurnMergeFailed(index) => {
                next.budget.merge_fail -= 1;
                next.turn(index, false, rules);
            }
            Action::TurnUnstored(index) => {
                next.budget.full -= 1;
                next.turn(index, true, rules);
                if next.state != self.state {
                    let all = rules.mutant == Mutant::BeginUnstored;
                    next.schedulers[index].queue.retain(|effect| all || !effect.begins());
                    next.state = self.state;
                }
            }
            Action::ReadEarly(index) => {
                let facts = next.facts(index, rules);
                let one = &mut next.schedulers[index];
                (one.read, one.read_state) = (Some(facts), Some(next.state));
            }
            Action::Perform(index) => {
                let effect = next.schedulers[index].queue.remove(0);
                next.perform(index, &effect, rules);
            }
            Action::FindNoItems(index) => {
                next.budget.no_items -= 1;
                let effect = next.schedulers[index].queue.remove(0);
                if let Effect::Expand { expansion } = effect {
                    next.unmakable |= 1 << expansion;
                    next.perform(index, &effect, rules);
                }
            }
            Action::KillScheduler(index) => {
                next.budget.kill_scheduler -= 1;
                next.schedulers[index] = Scheduler::default();
            }
            Action::Stop => {
                next.budget.stop = next.budget.stop.saturating_sub(1);
                let mut state = rules.state(next.state).clone();
                let since = now(next.time, next.wall).moment;
                state.stopping.get_or_insert(Stopping { since, grace_ms: GRACE_MS });
                next.state = rules.number(state);
            }
            Action::Force => {
                next.budget.force = next.budget.force.saturating_sub(1);
                next.force();
            }
            Action::Retry => next.retry(rules),
            Action::Tick => {
                next.budget.tick = next.budget.tick.saturating_sub(1);
                next.time.ticks += 1;
                next.wall += 1;
            }
            Action::Reboot(lost) => next.reboot(lost, rules.mutant),
            Action::Park(agent) => {
                next.budget.park -= 1;
                next.waiting[agent] += 1;
            }
            Action::Look(agent) => next.look(agent, rules),
            Action::KillParked(agent) => {
                next.budget.kill_supervisor -= 1;
                next.waiting[agent] -= 1;
            }
            Action::Launch(agent, n)
            | Action::LaunchHidden(agent, n)
            | Action::Start(agent, n)
            | Action::Place(agent, n)
            | Action::FarEnds(agent, n)
            | Action::FarAnswers(agent, n)
            | Action::Fence(agent, n)
            | Action::Record(agent, n, _)
            | Action::Exit(agent, n)
            | Action::KillSupervisor(agent, n)
            | Action::TreeEnds(agent, n) => next.supervise(action, agent, n, rules),
        }
        next
    }

    fn supervise(&mut self, action: Action, agent: usize, n: u32, rules: &Rules) {
        let time = self.time;
        match action {
            Action::KillSupervisor(..) => {
                self.budget.kill_supervisor = self.budget.kill_supervisor.saturating_sub(1);
            }
            Action::Record(_, _, End::Fail) => self.budget.fail -= 1,
            Action::Record(_, _, End::Limited) => self.budget.limit -= 1,
            Action::Record(_, _, End::UsedUp) => self.budget.credit -= 1,
            Action::Record(_, _, End::Refused) => self.budget.refuse -= 1,
            Action::LaunchHidden(..) => self.budget.hide -= 1,
            Action::Place(..) => self.budget.far -= 1,
            Action::Fence(..) => self.budget.fence = self.budget.fence.saturating_sub(1),
            _ => {}
        }
        let one = self.attempt(agent, n);
        match action {
            Action::Launch(..) | Action::LaunchHidden(..) => {
                one.queued -= 1;
                let won = one.claim == Claim::Free || rules.mutant == Mutant::ClaimIgnored;
                if won {
                    let hidden = matches!(action, Action::LaunchHidden(..));
                    one.sight = if hidden { Sight::Hidden } else { Sight::Clear };
                    (one.claim, one.supervisor) = (Claim::Owned(time), Supervisor::Claimed);
                }
            }
            Action::Start(..) => {
                (one.supervisor, one.tree) = (Supervisor::Running, true);
                one.starts += 1;
            }
            Action::Place(..) => {
                (one.supervisor, one.far) = (Supervisor::Running, Far::Runs);
                one.starts += 1;
            }
            Action::FarEnds(..) => {
                one.far = if one.far == Far::Mistaken { Far::Known } else { Far::Ended };
            }
            Action::FarAnswers(..) => {
                one.far = if one.far == Far::Runs { Far::Mistaken } else { Far::Known };
            }
            // A supervisor that waits for it leaves, without a record.
            Action::Fence(..) => {
                (one.far, one.supervisor) = (Far::SaidToBeGone, Supervisor::Dead);
            }
            Action::Record(_, _, end) => {
                (one.supervisor, one.tree) = (Supervisor::Recorded, false);
                (one.record, one.truth) = (Some(end), Some(end));
            }
            Action::TreeEnds(..) => one.tree = false,
            _ => one.supervisor = Supervisor::Dead,
        }
    }

    /// Is a stop under way, and something out of sight that is not known to be gone?
    pub(crate) fn can_force(&self, rules: &Rules) -> bool {
        let state = rules.state(self.state);
        state.stopping.is_some() && self.each_attempt().any(|(_, _, one)| one.is_lost_out_of_sight())
    }

    /// What `stop --force` takes for gone: never who holds its claim.
    fn force(&mut self) {
        for one in self.attempts.iter_mut().flatten().filter(|one| one.is_lost_out_of_sight()) {
            one.sight = Sight::SaidToBeGone;
        }
    }

    fn retry(&mut self, rules: &mut Rules) {
        self.budget.retry -= 1;
        let state = rules.state(self.state);
        let again = retry::with_dependents(&rules.plan, &retry::failed(state));
        if !again.is_empty() {
            let next = retry::reopen(state, &rules.plan, &again, &now(self.time, self.wall), &state.host);
            self.state = rules.number(next);
        }
    }

    fn reboot(&mut self, lost: LostFiles, mutant: Mutant) {
        self.budget.reboot -= 1;
        self.time = Time { boot: self.time.boot + 1, ticks: 0 };
        self.schedulers = Default::default();
        self.waiting.fill(0);
        for one in self.attempts.iter_mut().flatten() {
            if one.supervisor != Supervisor::None {
                one.supervisor = Supervisor::Dead;
            }
            // Of another boot of the same machine: over, wherever it was.
            (one.tree, one.queued, one.asked, one.sight) = (false, 0, false, Sight::Clear);
            if lost != LostFiles::Nothing {
                one.record = None;
            }
            // What is placed elsewhere has its claim on the disk before it is.
            if lost == LostFiles::All && (one.far == Far::Nothing || mutant == Mutant::PlaceUnsynced) {
                (one.claim, one.supervisor) = (Claim::Free, Supervisor::None);
            }
        }
    }
}
