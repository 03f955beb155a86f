//! The one step that changes anything: the convoy is created, what is ready is
//! launched, a watcher is left behind.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use shared::agent_environment;
use shared::checkout;
use shared::config::Watch;
use shared::creation::{self, NewConvoy};
use shared::engine::Programs;
use shared::environment::Environment;
use shared::frame;
use shared::hand_over::hand_over;
use shared::ids::ConvoyId;
use shared::now::Clock;
use shared::own_files;
use shared::planner::{Prepared, short_id};
use shared::problem;

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

/// Creates the convoy under a new id and starts it.
pub(crate) fn begin(environment: &Environment, prepared: &mut Prepared, watch: Watch) -> Result<Begun> {
    let clock = Clock::open()?;
    // Before there is a convoy that could not run without them.
    Programs::find(environment)?;
    // Before the first report: no later review takes them for files of the project.
    own_files::note_directory(&environment.home, prepared.plan.output_dir.as_path())?;
    let files = prepared.files_list();
    let env = agent_environment::collect(environment, &prepared.plan);
    if prepared.plan.checkout.is_some()
        && let Err(error) = checkout::sweep(&environment.home)
    {
        // What killed programs have left stands in nobody's way.
        frame::tell(&format!("note: {}", shared::error::chain(&error)));
    }
    for _ in 0..TRIES {
        let new = NewConvoy { plan: &prepared.plan, files: &files, env: &env };
        if create(environment, &new, &clock)? {
            let id = prepared.plan.id.clone();
            let handed_over = hand_over(environment, &id, watch);
            // P1: on the disk before the id is promised to anybody.
            let synced = creation::sync(&environment.home.convoy(&id));
            return Ok(Begun { id, handed_over: handed_over.and_then(|warning| synced.map(|()| warning)) });
        }
        let id = ConvoyId::new(&prepared.plan.template, &random_short()?)?;
        prepared.rename(&environment.home, id);
    }
    bail!("no free id found")
}

/// With the commit it reviews checked out. False: its id is taken, try another.
fn create(environment: &Environment, new: &NewConvoy<'_>, clock: &Clock) -> Result<bool> {
    let (home, id) = (&environment.home, &new.plan.id);
    if new.plan.checkout.is_none() {
        return Ok(creation::create(home, new, &clock.now()?)?);
    }
    if home.convoy(id).dir().try_exists().context("cannot look at the state directory")? {
        return Ok(false);
    }
    let made = checkout::make(environment, new.plan)
        .map_err(|problem| problem::failure(&[problem], "nothing was started"))?;
    let created = clock.now().and_then(|now| creation::create(home, new, &now));
    // From here on the convoy keeps it.
    drop(made);
    if !matches!(created, Ok(true)) {
        // Why there is no convoy is the thing to tell.
        let _ = checkout::release(home, id);
    }
    Ok(created?)
}
