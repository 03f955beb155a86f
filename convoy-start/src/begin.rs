//! The one step that changes anything: the convoy is created, what is ready is
//! launched, a watcher is left behind.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use base::environment::Environment;
use base::ids::ConvoyId;
use base::now::Clock;
use planning::own_files;
use planning::planner::{Prepared, short_id};
use protocol::agent_environment;
use protocol::creation::{self, NewConvoy};
use protocol::layout::Home;
use protocol::plan::Launcher;
use protocol::watch_lock::Watch;
use scheduler::engine::Programs;
use scheduler::hand_over::hand_over;
use scheduler::tmux::Tmux;

/// Ids are random; more collisions than this have another cause.
const TRIES: usize = 100;

/// A convoy that was created: whatever came after that, its id is told.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) id: ConvoyId,
    /// Was it handed over to a watcher, and is it on the disk? And what the user
    /// should know, if not all went as asked.
    pub(crate) handed_over: base::Result<Option<String>>,
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
    let home = Home::of(environment);
    // Before there is a convoy that could not run without them.
    Programs::find(environment)?;
    // Before the first report: no later review takes them for files of the project.
    own_files::note_directory(&home, prepared.plan.output_dir.as_path())?;
    if let Launcher::Tmux { .. } = prepared.plan.launcher {
        Tmux::prepare(&home)?;
    }
    let files = prepared.files_list();
    let env = agent_environment::collect(environment, &prepared.plan);
    for _ in 0..TRIES {
        let changed = prepared.changed.as_deref();
        let new = NewConvoy { plan: &prepared.plan, files: &files, env: &env, changed };
        if creation::create(&home, &new, &clock.now()?)? {
            let id = prepared.plan.id.clone();
            let handed_over = hand_over(environment, &id, watch);
            // P1: on the disk before the id is promised to anybody.
            let synced = creation::sync(&home.convoy(&id));
            return Ok(Begun { id, handed_over: handed_over.and_then(|warning| synced.map(|()| warning)) });
        }
        prepared.plan.id = ConvoyId::new(&prepared.plan.template, &random_short()?)?;
    }
    bail!("no free id found")
}
