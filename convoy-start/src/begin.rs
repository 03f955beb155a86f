//! The one step that changes anything: the convoy is created, what is ready is
//! launched, a watcher is left behind.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use decisions::{Location, Problem, Snapshot, store};
use shared::agent_environment;
use shared::config::Watch;
use shared::creation::{self, NewConvoy};
use shared::engine::Programs;
use shared::environment::Environment;
use shared::frame::Failure;
use shared::hand_over::hand_over;
use shared::ids::ConvoyId;
use shared::now::Clock;
use shared::own_files;
use shared::plan::{Plan, ReportKind};
use shared::planner::{Prepared, short_id};

/// Ids are random; more collisions than this have another cause.
const TRIES: usize = 100;

/// A convoy that was created: whatever came after that, its id is told.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) id: ConvoyId,
    /// Was it handed over to a watcher, and is it on the disk? And what the user
    /// should know, if not all went as asked.
    pub(crate) handed_over: shared::Result<Option<String>>,
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
        store::take_up(&environment.home, &location)?;
        let book = store::read(&environment.home, &location)?;
        Ok(book.snapshot(&location.id(), decisions::today()))
    };
    let snapshot = read().map_err(Failure::from)?;
    Ok(Some(serde_json::to_vec(&snapshot).context("cannot encode what is known of the project")?))
}

/// Creates the convoy under a new id and starts it.
pub(crate) fn begin(environment: &Environment, prepared: &mut Prepared, watch: Watch) -> Result<Begun> {
    let clock = Clock::open()?;
    // Before there is a convoy that could not run without them.
    Programs::find(environment)?;
    // Before the first report: no later review takes them for files of the project.
    own_files::note_directory(&environment.home, prepared.plan.output_dir.as_path())?;
    let known = known(environment, &prepared.plan)?;
    let files = prepared.files_list();
    let env = agent_environment::collect(environment, &prepared.plan);
    for _ in 0..TRIES {
        let changed = prepared.changed.as_deref();
        let known = known.as_deref();
        let new = NewConvoy { plan: &prepared.plan, files: &files, env: &env, changed, known };
        if creation::create(&environment.home, &new, &clock.now()?)? {
            let id = prepared.plan.id.clone();
            let handed_over = hand_over(environment, &id, watch);
            // P1: on the disk before the id is promised to anybody.
            let synced = creation::sync(&environment.home.convoy(&id));
            return Ok(Begun { id, handed_over: handed_over.and_then(|warning| synced.map(|()| warning)) });
        }
        prepared.plan.id = ConvoyId::new(&prepared.plan.template, &random_short()?)?;
    }
    bail!("no free id found")
}
