//! The one step that changes anything: the convoy is created, what is ready is
//! launched, a watcher is left behind.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use base::clock::Clock;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::{self, Failure};
use decisions::look::UnderReview;
use decisions::{Location, Problem, Snapshot, store};
use planning::planner::{Prepared, short_id};
use planning::{diagnostic, own_files, project_git};
use protocol::checkout;
use protocol::create::{self, NewConvoy};
use protocol::layout::Home;
use protocol::plan::Launcher;
use protocol::plan::{Plan, ReportKind};
use protocol::watch_lock::Watch;
use protocol::{agent_environment, publish};
use scheduler::Programs;
use scheduler::start_watcher::launch_and_watch;
use scheduler::tmux::Tmux;

/// Ids are random; more collisions than this have another cause.
const TRIES: usize = 100;

/// A convoy that was created: whatever came after that, its id is told.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) id: ConvoyId,
    /// Was it handed over to a watcher, and is it on the disk? And what the user
    /// should know, if not all went as asked.
    pub(crate) launched: base::Result<Option<String>>,
}

/// Six random characters.
pub(crate) fn random_short() -> Result<String> {
    let path = Path::new("/dev/urandom");
    let mut random = [0; 8];
    let mut file = File::open(path).context("cannot open /dev/urandom")?;
    file.read_exact(&mut random).context("cannot read /dev/urandom")?;
    Ok(short_id(random))
}

/// Of a review: what is known of the project's findings, earlier reviews taken up first.
/// What was decided and cannot be read is no "nothing was decided".
fn known(environment: &Environment, plan: &Plan) -> Result<Option<Vec<u8>>> {
    if plan.agents.iter().all(|agent| agent.report != ReportKind::Findings) {
        return Ok(None);
    }
    let read = || -> Result<Snapshot, Problem> {
        let location = Location::of(environment, plan.project.as_path())?;
        store::take_up(&Home::of(environment), &location)?;
        let book = store::read(&Home::of(environment), &location)?;
        Ok(book.snapshot(&location.id(), decisions::today()))
    };
    let snapshot = read().map_err(Failure::from)?;
    Ok(Some(serde_json::to_vec(&snapshot).context("cannot encode what is known of the project")?))
}

/// Of a review: what is under review, for whoever asks later what has changed since.
fn contents(prepared: &Prepared) -> Result<Option<Vec<u8>>> {
    if prepared.contents.is_empty() && prepared.seen.is_empty() {
        return Ok(None);
    }
    let under = serde_json::to_vec(&UnderReview::of(prepared));
    Ok(Some(under.context("cannot encode what is under review")?))
}

/// What static reviewers are told of other linters, if anything.
fn joined(prepared: &Prepared) -> Result<Option<Vec<u8>>> {
    let joined = Some(&prepared.joined).filter(|joined| !joined.is_empty());
    let joined = joined.map(serde_json::to_vec).transpose();
    joined.context("cannot encode the findings of other linters")
}

/// Creates the convoy under a new id and starts it.
pub(crate) fn begin(environment: &Environment, prepared: &mut Prepared, watch: Watch) -> Result<Begun> {
    let clock = Clock::open()?;
    let home = Home::of(environment);
    // Before there is a convoy that could not run without them.
    Programs::find(environment)?;
    let hooks = prepared.config.hooks.any();
    if hooks {
        scheduler::hooks::program(environment)?;
    }
    // Before an agent that costs money works for nothing.
    publish::check_output_dir(prepared.plan.output_dir.as_path()).map_err(|error| {
        let dir = base::text::path(prepared.plan.output_dir.as_path());
        Failure::new(
            Exit::Usage,
            format!("reports cannot be put into {dir}: {}", base::error::chain(&error)),
        )
        .hint(
            "make room for them there, or name another directory: \"outputDir\" in the template's \"config\"",
        )
    })?;
    // Before the first report: no later review takes them for files of the project.
    own_files::note_directory(&home, prepared.plan.output_dir.as_path())?;
    let known = known(environment, &prepared.plan)?;
    let contents = contents(prepared)?;
    let joined = joined(prepared)?;
    if let Launcher::Tmux { .. } = prepared.plan.launcher {
        Tmux::prepare(&home)?;
    }
    let files = prepared.files_list();
    let env = agent_environment::collect(environment, &prepared.plan);
    if prepared.plan.checkout.is_some()
        && let Err(error) = checkout::sweep(&Home::of(environment))
    {
        // What killed programs have left stands in nobody's way.
        program::tell(&format!("note: {}", base::error::chain(&error)));
    }
    for _ in 0..TRIES {
        let changed = prepared.changed.as_deref();
        let known = known.as_deref();
        let contents = contents.as_deref();
        let joined = joined.as_deref();
        let plan = &prepared.plan;
        let new = NewConvoy { plan, files: &files, env: &env, changed, known, contents, joined, hooks };
        if create(environment, &new, &clock)? {
            let id = prepared.plan.id.clone();
            let launched = launch_and_watch(environment, &id, watch);
            // P1: on the disk before the id is promised to anybody.
            let synced = create::sync(&home.convoy(&id));
            return Ok(Begun { id, launched: launched.and_then(|warning| synced.map(|()| warning)) });
        }
        let id = ConvoyId::new(&prepared.plan.template, &random_short()?)?;
        prepared.rename(&Home::of(environment), id);
    }
    bail!(Failure::new(Exit::No, "no free id found").hint("try again"))
}

/// With the commit it reviews checked out. False: its id is taken, try another.
fn create(environment: &Environment, new: &NewConvoy<'_>, clock: &Clock) -> Result<bool> {
    let (home, id) = (&Home::of(environment), &new.plan.id);
    if new.plan.checkout.is_none() {
        return Ok(create::create(home, new, &clock.now()?)?);
    }
    if home.convoy(id).dir().try_exists().context("cannot look at the state directory")? {
        return Ok(false);
    }
    let made = project_git::check_out(environment, new.plan)
        .map_err(|problem| diagnostic::failure(&[problem], "nothing was started"))?;
    let created = clock.now().and_then(|now| create::create(home, new, &now));
    // From here on the convoy keeps it.
    drop(made);
    if !matches!(created, Ok(true)) {
        // Why there is no convoy is the thing to tell.
        let _ = checkout::release(home, id);
    }
    Ok(created?)
}
