//! Creating a convoy: everything else first, its state file last, by `link`.
//! That link is the commit: before it there is no convoy, after it a whole one.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::thread;

use base::clock::Now;
use base::crash::{self, Point};
use base::error::{IoContext, Result};
use base::files::{self, Sync};
use findings::changed::Changed;
use serde_json::Map;

use crate::agent::Agent;
use crate::layout::{ConvoyDir, Home};
use crate::plan::Plan;
use crate::site::Site;
use crate::state::{Clock, Context, ConvoyStatus, SCHEMA_VERSION, State};
use crate::{claim, hooks, journal, room, store};

/// What a new convoy is made of.
#[derive(Debug)]
pub struct NewConvoy<'a> {
    pub plan: &'a Plan,
    /// NUL-separated paths of the files under review.
    pub files: &'a [u8],
    /// NUL-separated `KEY=VALUE`: [`crate::agent_environment`].
    pub env: &'a [u8],
    /// The lines that differ from the base, where there is one.
    pub changed: Option<&'a [Changed]>,
    /// Of a review: what is known of the project's findings, as JSON.
    pub known: Option<&'a [u8]>,
    /// Of a review: what is under review, as JSON.
    pub contents: Option<&'a [u8]>,
    /// What static reviewers are told of other linters, as JSON.
    pub joined: Option<&'a [u8]>,
    /// Is something to be run at its end ([`crate::hooks`])?
    pub hooks: bool,
}

/// Creates the convoy. False: its id is taken, try another.
pub fn create(home: &Home, new: &NewConvoy<'_>, now: &Now) -> Result<bool> {
    let dir = home.convoy(&new.plan.id);
    files::create_private_dir(dir.parent())?;
    let path = dir.dir();
    match DirBuilder::new().mode(0o700).create(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(error).context("create directory", &path),
    }
    crash::at(Point::DirectoryMade);
    // An id is never used again, also not where only the state is left of it.
    if dir.state().exists() {
        return Ok(false);
    }
    if let Err(error) = claim::check_file_system(&path) {
        // Nothing is left of what cannot be.
        let _ = fs::remove_dir(&path);
        return Err(error);
    }
    let site = Site::survey(new.plan.project.as_path(), new.plan.output_dir.as_path(), &now.moment.boot)?;
    let plan = Plan { site: Some(site), ..new.plan.clone() };
    let plan = serde_json::to_vec(&plan).map_err(io::Error::from).context("encode", &dir.plan())?;
    files::replace(&dir.plan(), &path, &plan, Sync::Later)?;
    files::replace(&dir.files(), &path, new.files, Sync::Later)?;
    files::replace(&dir.env(), &path, new.env, Sync::Later)?;
    if let Some(changed) = new.changed {
        let changed =
            serde_json::to_vec(changed).map_err(io::Error::from).context("encode", &dir.changed())?;
        files::replace(&dir.changed(), &path, &changed, Sync::Later)?;
    }
    if let Some(known) = new.known {
        files::replace(&dir.known(), &path, known, Sync::Later)?;
    }
    if let Some(contents) = new.contents {
        files::replace(&dir.contents(), &path, contents, Sync::Later)?;
    }
    if let Some(joined) = new.joined {
        files::replace(&dir.joined(), &path, joined, Sync::Later)?;
    }
    if new.hooks {
        hooks::write(&dir, &hooks::Told::default())?;
    }
    let state = first_state(new, now);
    journal::append(&dir.events(), &journal::changes(None, &state, now.wall))?;
    crash::at(Point::Uncommitted);
    let bytes = store::encode(&state, &dir)?;
    room::set_aside(&dir, &state, new.plan.still_to_come(), bytes.len())?;
    let created = files::publish_new(&dir.state(), &path, &bytes)?;
    crash::at(Point::Committed);
    Ok(created)
}

/// Brings a new convoy to the disk, before its id is promised to anybody. Side
/// by side: the file system joins what is asked for at once into one commit.
/// Where no threads can be had, one after the other.
pub fn sync(dir: &ConvoyDir) -> Result<()> {
    let parent = dir.parent().to_path_buf();
    let facts =
        [dir.plan(), dir.files(), dir.env(), dir.changed(), dir.known(), dir.contents(), dir.joined()];
    let paths: Vec<_> = facts.into_iter().chain([dir.state(), dir.dir(), parent]).collect();
    thread::scope(|scope| {
        let spawn = |path| thread::Builder::new().spawn_scoped(scope, move || sync_one(path));
        let begun: Vec<_> = paths.iter().map(|path| (path, spawn(path))).collect();
        begun.into_iter().try_for_each(|(path, thread)| match thread.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(synced)) => synced,
            Ok(Err(_)) | Err(_) => sync_one(path),
        })
    })
}

fn sync_one(path: &Path) -> Result<()> {
    match fs::File::open(path) {
        Ok(file) => file.sync_all().context("sync", path),
        // A convoy that has ended already has no `env` any more, and not every one a base.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).context("sync", path),
    }
}

fn first_state(new: &NewConvoy<'_>, now: &Now) -> State {
    let plan = new.plan;
    State {
        schema_version: SCHEMA_VERSION,
        id: plan.id.clone(),
        template: plan.template.clone(),
        status: ConvoyStatus::Running,
        reason: None,
        started_at: now.wall,
        completed_at: None,
        output_dir: plan.output_dir.clone(),
        context: context(plan),
        host: base::host::name(),
        revision: 0,
        stopping: None,
        clock: Clock { at: now.moment.clone(), elapsed_ms: 0, parked_ms: 0, queued_ms: 0 },
        merge: None,
        expansions: Vec::new(),
        usage: None,
        agents: plan.agents.iter().map(|agent| pending(plan, agent).into()).collect(),
        extra: Map::new(),
    }
}

fn context(plan: &Plan) -> Context {
    let inputs = &plan.inputs;
    let mut extra = Map::new();
    extra.insert("fileCount".to_owned(), inputs.file_count.into());
    if !inputs.issues.is_empty() {
        extra.insert("issues".to_owned(), inputs.issues.clone().into());
    }
    if let Some(base) = &inputs.diff_base {
        extra.insert("diffBase".to_owned(), base.clone().into());
    }
    Context {
        project_path: plan.project.clone(),
        files: (!inputs.file_patterns.is_empty()).then(|| inputs.file_patterns.clone()),
        pr_url: inputs.pr_url.clone(),
        issue_id: inputs.issues.first().cloned(),
        extra,
    }
}

fn pending(plan: &Plan, agent: &crate::plan::AgentPlan) -> Agent {
    let invocation = &agent.invocation;
    let (runner, model) = (invocation.runner.clone(), invocation.model.clone());
    Agent::new(&plan.id, agent.role.clone(), agent.subagent.clone(), runner, model)
}
