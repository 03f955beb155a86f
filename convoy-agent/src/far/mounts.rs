//! What an attempt is to see in a sandbox, path by path.

use std::fs;
use std::path::{Path, PathBuf};

use base::{IoContext, Result, files};
use protocol::far::PrivateCopy;
use protocol::layout::FarFiles;
use protocol::plan::PlaceEach;

use crate::cli_config;
use crate::command::{Launch, Words};

/// Directories that every sandbox shows.
const SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt"];

/// What is larger is no login.
const LARGEST_LOGIN: u64 = 1 << 20;

/// All of them absolute, and there.
#[derive(Debug, Default)]
pub(super) struct Mounts {
    /// The user's home, which nothing of is seen.
    pub(super) home: PathBuf,
    project: Vec<PathBuf>,
    hide: Vec<PathBuf>,
    read: Vec<PathBuf>,
    write: Vec<PathBuf>,
}

impl Mounts {
    pub(super) fn of(launch: &Launch<'_>, words: &Words, far: &FarFiles, shim: &Path) -> Result<Mounts> {
        let invocation = &launch.agent.invocation;
        let (tree, state) = (launch.plan.tree(), launch.home.root());
        let var = |name: &str| words.environment.get(std::ffi::OsStr::new(name));
        let home = var("HOME").map_or_else(|| PathBuf::from("/nonexistent"), PathBuf::from);
        let mut mounts = Mounts { home, ..Mounts::default() };
        if !far.dir().is_dir() {
            files::create_private_dir(far.dir())?;
        }
        mounts.project.push(tree.to_path_buf());
        mounts.project.extend(repository(tree)?);
        let reports = launch.plan.output_dir.as_path();
        if !reports.starts_with(tree) && reports.is_dir() {
            mounts.project.push(reports.to_path_buf());
        }
        // Programs of ours ask it for more than what they are given.
        if invocation.static_only {
            mounts.read.push(state.to_path_buf());
        } else if mounts.project.iter().any(|dir| state.starts_with(dir)) {
            mounts.hide.push(state.to_path_buf());
        }
        if tree.starts_with(state) {
            // A commit's checkout, hidden with the rest a moment ago.
            mounts.read.push(tree.to_path_buf());
        }
        mounts.read.push(shim.to_path_buf());
        mounts.read.extend(program(invocation.program.as_path())?);
        let given = [launch.files.prompt(), launch.files.schema(), launch.dir.files(), launch.files.files()];
        mounts.read.extend(given.into_iter().filter(|path| path.exists()));
        let config = launch.dir.cli_config(&launch.agent.role);
        mounts.write = vec![launch.files.out_dir(), far.dir().to_path_buf()];
        mounts.write.extend(Some(config).filter(|dir| dir.is_dir()));
        Ok(mounts)
    }

    pub(super) fn paths(&self, each: PlaceEach) -> &[PathBuf] {
        match each {
            PlaceEach::Project => &self.project,
            PlaceEach::Hide => &self.hide,
            PlaceEach::Read => &self.read,
            PlaceEach::Write => &self.write,
        }
    }
}

/// What its runner is logged in with on this machine, for a command that sees nothing of
/// home.
pub(super) fn login(launch: &Launch<'_>, words: &Words) -> Result<Vec<PrivateCopy>> {
    let invocation = &launch.agent.invocation;
    let named = invocation.links.values().flatten().chain(&invocation.login);
    let mut copies: Vec<PrivateCopy> = Vec::new();
    for path in named.filter_map(|path| cli_config::expand(path, &words.callers)) {
        // Who is not logged in has no such file; one that cannot be looked at is no reason to
        // be taken for logged out.
        let found = files::find(&path).context("look at", &path)?;
        let is_login = found.is_some_and(|found| found.is_file() && found.len() <= LARGEST_LOGIN);
        if is_login && !copies.iter().any(|copy| copy.path.as_path() == path) {
            let bytes = fs::read(&path).context("read", &path)?;
            copies.push(PrivateCopy { path: path.as_path().into(), bytes });
        }
    }
    Ok(copies)
}

/// Where the repository of a linked work tree is: git finds nothing without it.
fn repository(tree: &Path) -> Result<Option<PathBuf>> {
    let git = tree.join(".git");
    let found = files::find(&git).context("look at", &git)?;
    if !found.is_some_and(|found| found.is_file()) {
        return Ok(None);
    }
    let text = fs::read_to_string(&git).context("read", &git)?;
    let Some(dir) = text.trim().strip_prefix("gitdir: ") else { return Ok(None) };
    let dir = tree.join(dir);
    let common = match fs::read_to_string(dir.join("commondir")) {
        Ok(common) => dir.join(common.trim()),
        // One of its own, elsewhere.
        Err(_) => dir,
    };
    Ok(fs::canonicalize(common).ok())
}

/// Where a program is that a sandbox shows: not the link on PATH, beside which a script
/// would look for its package in vain.
pub(super) fn real(program: &Path) -> Result<PathBuf> {
    let is_shown = SYSTEM.iter().any(|dir| program.starts_with(dir));
    if is_shown { Ok(program.to_path_buf()) } else { fs::canonicalize(program).context("find", program) }
}

/// A program that is not of the system, and what it was installed with: its own file, and
/// of a package of node the packages beside it, which it may need, and the node of the same
/// installation.
fn program(program: &Path) -> Result<Vec<PathBuf>> {
    let real = fs::canonicalize(program).context("find", program)?;
    let is_shown = |path: &Path| SYSTEM.iter().any(|dir| path.starts_with(dir));
    let packages = real.ancestors().filter(|dir| dir.ends_with("node_modules")).last().map(Path::to_path_buf);
    let node = packages.as_ref().and_then(|dir| Some(dir.parent()?.parent()?.join("bin/node")));
    let node = node.filter(|node| node.is_file());
    let mut out = Vec::new();
    for path in [Some(real), packages, node].into_iter().flatten() {
        if !is_shown(&path) && !out.contains(&path) {
            out.push(path);
        }
    }
    Ok(out)
}
