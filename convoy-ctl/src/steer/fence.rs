//! `fence`: a person says that nothing of a lost attempt runs any more, where nobody
//! can ask (P5).

use anyhow::Result;
use base::StateProblem;
use base::clock::Clock;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::{ConvoyId, Role};
use base::program::{self, Failure};
use protocol::agent::Fence;
use protocol::far::{self, Far, Shown};
use protocol::journal::{self, Event, What};
use protocol::layout::{ConvoyDir, Home};
use protocol::store::{Store, read_state};

use super::retry::known_role;

/// Notes it in the state, with who said it. Only of what was placed elsewhere and is
/// lost: what can be proved is proved.
pub(crate) fn fence(environment: &Environment, id: &ConvoyId, role: &str) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    if let Err(base::Error::State { source: StateProblem::Torn { .. }, .. }) = read_state(&dir) {
        return without_state(&dir, role);
    }
    let plan = protocol::plan::Plan::read(&dir)?;
    let role = known_role(&plan, id, role)?;
    let mut store = Store::new(dir.clone());
    let mut held = store.hold()?;
    let state = held.state().filter(|state| !state.ended()).cloned();
    let index = state.as_ref().and_then(|state| state.index_of(&role));
    let (Some(mut state), Some(index)) = (state, index) else {
        return Err(refused(id, &role, "the convoy has ended", "nothing of it runs").into());
    };
    let Some(agent) = state.agents.get_mut(index).filter(|agent| agent.is_running()) else {
        return Err(refused(id, &role, "it does not run", "pan convoy status tells where it is").into());
    };
    let files = dir.attempt(&role, agent.attempt).far();
    let Some(run) = far::last_run(&files)? else {
        let why = "it runs on this machine, where its end is seen";
        return Err(refused(id, &role, why, "to end it: pan convoy stop").into());
    };
    let is_lost = matches!(far::shown(&files)?, Some(Shown::Lost { .. }));
    if !is_lost || matches!(far::read(&files, run)?, Far::Ended(_) | Far::Void | Far::Gone) {
        let hint = "pan convoy status says 'lost' of one that is";
        return Err(refused(id, &role, "nobody has lost sight of it", hint).into());
    }
    let now = Clock::open()?.now()?;
    agent.fenced = Some(Fence { attempt: agent.attempt, by: who(), at: now.wall });
    let attempt = agent.attempt;
    held.replace(state, now.wall)?;
    program::tell(&format!("{role}: attempt {attempt} is over, as you say"));
    Ok(Exit::Done)
}

/// There is no state to note it in: beside the attempt, and in the journal. So a convoy
/// whose state is torn can be removed.
fn without_state(dir: &ConvoyDir, role: &str) -> Result<Exit> {
    let at = Clock::open()?.now()?.wall;
    let mut fenced = 0;
    for (of, attempt) in far::attempts(dir)?.into_iter().filter(|(of, _)| of.as_str() == role) {
        let files = dir.attempt(&of, attempt).far();
        let is_lost = matches!(far::shown(&files)?, Some(Shown::Lost { .. }));
        let Some(run) = far::open_run(&files)?.filter(|_| is_lost) else { continue };
        let detail = Some(format!("by {}", who()));
        let (event, role, attempt) = (What::AgentFenced, Some(of.clone()), Some(attempt));
        journal::append(&dir.events(), &[Event { at, event, role, attempt, reason: None, detail }])?;
        far::note_gone(&files, run)?;
        fenced += 1;
    }
    if fenced == 0 {
        let message = format!("nobody has lost sight of an attempt of '{}'", base::text::visible(role));
        let hint = format!("pan convoy rm {} asks where they are", dir.id().short());
        return Err(Failure::new(Exit::Usage, message).hint(hint).into());
    }
    program::tell(&format!("{role}: it is over, as you say"));
    Ok(Exit::Done)
}

fn refused(id: &ConvoyId, role: &Role, why: &str, hint: &str) -> Failure {
    Failure::new(Exit::Usage, format!("{role} of {id} is not to be fenced: {why}")).hint(hint)
}

/// As the system calls the user who says it.
fn who() -> String {
    let uid = nix::unistd::getuid();
    let user = nix::unistd::User::from_uid(uid).ok().flatten();
    user.map_or_else(|| format!("uid {uid}"), |user| base::text::visible(&user.name))
}
