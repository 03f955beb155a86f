//! A change: the files that differ from its base, what they were there, and which
//! lines of them it wrote.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base::environment::Environment;
use base::exit::Exit;
use base::program::Failure;
use base::text;
use findings::changed::{Changed, Changes, Place};
use planning::diagnostic::{self, Diagnostic};
use planning::project_git::{DiffBase, ProjectGit};

use crate::facts::diff::{self, RawFile};
use crate::facts::{Scene, Tree};
use crate::finding::Finding;
use crate::source;

/// Of all files of a change together so much is looked at for its facts, in bytes.
const MOST: u64 = 64 << 20;

/// The texts that files were before, or why one cannot be had.
pub(crate) type Before = BTreeMap<PathBuf, Result<String, String>>;

/// A change, with paths relative to the project.
#[derive(Debug)]
pub struct Change<'e> {
    /// For people: what it is counted from.
    pub shown: String,
    git: ProjectGit<'e>,
    base: DiffBase,
    /// Paths that differ, those that were deleted among them; as git calls each.
    paths: BTreeMap<PathBuf, PathBuf>,
    /// Those of them that are there.
    pub files: Vec<PathBuf>,
}

impl<'e> Change<'e> {
    /// What has changed since this very commit.
    pub(crate) fn since_commit(
        environment: &'e Environment,
        project: &Path,
        commit: &str,
    ) -> Result<Self, Failure> {
        // That a file is taken for changed which is not costs time, and nothing else.
        let open = |git: ProjectGit<'e>| {
            let git = git.without_filters()?;
            git.base_at(commit).map(|base| (git, base))
        };
        Change::read(environment, project, "--base", open)
    }

    /// What has changed since `base` was left; empty: the default branch.
    pub(crate) fn since_fork(
        environment: &'e Environment,
        project: &Path,
        base: &str,
    ) -> Result<Self, Failure> {
        let base = Some(base).filter(|base| !base.is_empty());
        let open = |git: ProjectGit<'e>| git.diff_base(base).map(|base| (git, base));
        Change::read(environment, project, "--diff", open)
    }

    fn read(
        environment: &'e Environment,
        project: &Path,
        option: &str,
        open: impl FnOnce(ProjectGit<'e>) -> Result<(ProjectGit<'e>, DiffBase), Diagnostic>,
    ) -> Result<Self, Failure> {
        let project = crate::collect::whole(project)?;
        let Some(git) = ProjectGit::open(environment, &project).map_err(told)? else {
            let message = format!("{option}: {} is not a git project", text::path(&project));
            return Err(Failure::new(Exit::Usage, message).hint("without it all of the project is looked at"));
        };
        let (git, base) = open(git).map_err(told)?;
        let changed = git.changed(&base).map_err(told)?;
        let paths: BTreeMap<PathBuf, PathBuf> =
            changed.into_iter().filter_map(|file| Some((inside(&git, &project, &file)?, file))).collect();
        let is_there =
            |file: &&PathBuf| project.join(file).symlink_metadata().is_ok_and(|found| !found.is_dir());
        let files = paths.keys().filter(is_there).cloned().collect();
        Ok(Change { shown: base.shown.clone(), git, base, paths, files })
    }

    /// Does this file differ from the base?
    pub(crate) fn has(&self, file: &Path) -> bool {
        self.paths.contains_key(file)
    }

    /// The lines that it wrote.
    pub(crate) fn lines(&self, project: &Path) -> Result<Lines, Failure> {
        let lines = self.git.changed_lines(&self.base).map_err(told)?.into_iter();
        let named = |one: Changed| {
            Some(Changed { file: inside(&self.git, project, one.file.as_path())?.into(), ..one })
        };
        Ok(Lines(Changes::new(lines.filter_map(named))))
    }

    /// What its facts are found in; the error says why that cannot be had.
    pub(crate) fn scene(&self, project: &Path) -> Result<Scene, Diagnostic> {
        let mut written: BTreeMap<PathBuf, Vec<[u32; 2]>> = self
            .git
            .changed_lines(&self.base)?
            .into_iter()
            .filter_map(|one| Some((inside(&self.git, project, one.file.as_path())?, one.ranges)))
            .collect();
        let names: Vec<PathBuf> = self.paths.values().cloned().collect();
        let mut before = self.git.contents_at(&self.base, &names, source::MAX_BYTES)?;
        let mut left = MOST;
        let (mut files, mut unknown) = (Vec::new(), Vec::new());
        for (path, name) in &self.paths {
            let before = match before.remove(name).transpose() {
                Ok(bytes) => bytes.and_then(|bytes| source::plain(bytes).ok()),
                // As one that was not there, all of it would be new.
                Err(why) => {
                    unknown.push((path.clone(), why));
                    continue;
                }
            };
            let written = written.remove(path).unwrap_or_default();
            let mut file = RawFile { path: path.clone(), before, written, ..RawFile::default() };
            file.read(project, &mut left);
            files.push(file);
        }
        let tree = self.git.files()?.into_iter().filter_map(|file| inside(&self.git, project, &file));
        let tree = tree.filter(|file| self.files.contains(file) || !self.paths.contains_key(file)).collect();
        let gone = self.paths.keys().filter(|path| !self.files.contains(path)).cloned().collect();
        let tree = Tree::new(project, tree, gone, self.base.commit().is_none());
        let subjects = self.git.subjects(&self.base)?;
        Ok(Scene { files: diff::of(files), tree, unknown, subjects })
    }

    /// What the files of this kind were before, or why one cannot be had.
    pub(crate) fn before(&self, is_wanted: &dyn Fn(&Path) -> bool) -> Result<Before, Diagnostic> {
        let known = self.paths.iter().filter(|(path, _)| is_wanted(path));
        let names: BTreeMap<&PathBuf, &PathBuf> = known.map(|(path, file)| (file, path)).collect();
        let files: Vec<PathBuf> = names.keys().map(|file| (*file).clone()).collect();
        let contents = self.git.contents_at(&self.base, &files, source::MAX_BYTES)?;
        let text = |(file, bytes): (PathBuf, Result<Vec<u8>, String>)| {
            let path = (*names.get(&file)?).clone();
            let text = bytes.and_then(|bytes| source::text(&path, bytes));
            Some((path, text))
        };
        Ok(contents.into_iter().filter_map(text).collect())
    }
}

fn told(problem: Diagnostic) -> Failure {
    diagnostic::failure(&[problem], "")
}

/// A path as it is called from the project.
fn inside(git: &ProjectGit<'_>, project: &Path, file: &Path) -> Option<PathBuf> {
    git.root().join(file).strip_prefix(project).ok().map(Path::to_path_buf)
}

/// The lines that a change wrote.
#[derive(Debug)]
pub(crate) struct Lines(Changes);

impl Lines {
    /// Does a finding touch one of them?
    pub(crate) fn hold(&self, finding: &Finding) -> bool {
        let line = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
        let lines = Some((line(finding.line), line(finding.end_line)));
        self.0.touch([Place { file: &finding.path, lines }], true)
    }
}
