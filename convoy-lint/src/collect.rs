//! Which files are reviewed: those named, and what lies below named directories.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use base::exit::Exit;
use base::program::Failure;
use base::text;

use crate::language::Language;

/// Directories that hold what others wrote, or what tools made. Left out only
/// while walking: whoever names a file in one gets it reviewed.
const SKIPPED_DIRS: [&str; 16] = [
    "node_modules",
    "bower_components",
    "jspm_packages",
    "vendor",
    "vendored",
    "_vendor",
    "third_party",
    "third-party",
    "site-packages",
    "__pycache__",
    "__pypackages__",
    "venv",
    "dist",
    "coverage",
    "__generated__",
    "generated",
];

/// The files to be looked at, in order, and what was left out so far.
#[derive(Debug, Default)]
pub struct Targets {
    /// Absolute, without links.
    pub project: PathBuf,
    /// Relative to the project.
    pub files: BTreeSet<PathBuf>,
    /// Path and reason.
    pub skipped: BTreeMap<PathBuf, Cow<'static, str>>,
    /// Directories not walked, relative to the project.
    pub skipped_dirs: BTreeSet<PathBuf>,
    /// A link was named, or led to what was.
    has_links: bool,
}

/// No list of the files of a project is longer.
const MAX_LIST: u64 = 256 << 20;

/// Why a file is not read for which there can be no rule.
pub(crate) const UNKNOWN: &str = "no known language";

/// Why a file is not read in which nothing is looked for, but the language.
pub(crate) const NO_RULES: &str = "no rules for ";

/// Whether this is why no rule of ours was tried on a file, so that it is read if another
/// linter reads it.
pub(crate) fn is_left_to_others(why: &str) -> bool {
    why == UNKNOWN || why.starts_with(NO_RULES)
}

/// The project's directory, absolute and without links.
pub(crate) fn whole(project: &Path) -> Result<PathBuf, Failure> {
    let what = || format!("cannot read project {}", text::path(project));
    project.canonicalize().map_err(|error| Failure::of_io(Exit::Usage, what(), &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::of_io(Exit::Usage, format_args!("cannot read {}", text::path(path)), error)
}

impl Targets {
    pub fn from_arguments(
        project: &Path,
        files_from: Option<&Path>,
        paths: &[PathBuf],
    ) -> Result<Targets, Failure> {
        let canonical = whole(project)?;
        if !canonical.is_dir() {
            let failure =
                Failure::new(Exit::Usage, format!("project {} is not a directory", text::path(project)));
            return Err(failure.hint("name the directory it is in"));
        }
        let mut targets = Targets { project: canonical, ..Targets::default() };
        for path in paths {
            let relative = targets.relative(path, project).ok_or_else(|| {
                Failure::new(Exit::Usage, format!("{} is outside the project", text::path(path)))
                    .hint("name the project that it is of: --project DIR")
            })?;
            if let Err(error) = fs::symlink_metadata(targets.project.join(&relative)) {
                return Err(unreadable(path, &error));
            }
            targets.add_named(&relative);
        }
        if let Some(list) = files_from {
            let bytes = read_list(list).map_err(|error| unreadable(list, &error))?;
            targets.add_list(&bytes, list, project)?;
        }
        if paths.is_empty() && files_from.is_none() {
            targets.walk(PathBuf::new());
        }
        targets.drop_doubles();
        Ok(targets)
    }

    /// A file that was named several times, by links to it, is read once: at its own
    /// place, if that is among them.
    fn drop_doubles(&mut self) {
        if !self.has_links {
            return;
        }
        let mut places: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for file in &self.files {
            // Where it cannot be told, reading it says why.
            if let Ok(real) = self.project.join(file).canonicalize() {
                places.entry(real).or_default().push(file.clone());
            }
        }
        for (real, names) in places {
            let own = names.iter().find(|name| self.project.join(name) == real);
            let Some(kept) = own.or(names.first()).cloned() else { continue };
            for name in names.into_iter().filter(|name| *name != kept) {
                self.files.remove(&name);
                self.skipped.insert(name, format!("the same file as {}", text::path(&kept)).into());
            }
        }
    }

    /// Exactly these, relative to the project.
    pub(crate) fn of_files(project: &Path, files: &[PathBuf]) -> Result<Targets, Failure> {
        let project = whole(project)?;
        let mut targets = Targets { project, ..Targets::default() };
        for file in files {
            targets.add_named(file);
        }
        targets.drop_doubles();
        Ok(targets)
    }

    /// Leaves everything out but these.
    pub(crate) fn keep(&mut self, files: &[PathBuf]) {
        let files: BTreeSet<&PathBuf> = files.iter().collect();
        self.files.retain(|file| files.contains(file));
        self.skipped.retain(|file, _| files.contains(file));
        self.skipped_dirs.clear();
    }

    /// The path relative to the project, or `None` if it leads out of it by name.
    fn relative(&self, path: &Path, project: &Path) -> Option<PathBuf> {
        let path = if path.is_absolute() {
            path.strip_prefix(project).or_else(|_| path.strip_prefix(&self.project)).ok()?
        } else {
            path
        };
        let mut relative = PathBuf::new();
        for component in path.components() {
            match component {
                Component::Normal(name) => relative.push(name),
                Component::CurDir => {}
                Component::ParentDir => {
                    if !relative.pop() {
                        return None;
                    }
                }
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        Some(relative)
    }

    /// A list of paths, each ended by NUL; without any NUL, a line each.
    fn add_list(&mut self, bytes: &[u8], list: &Path, project: &Path) -> Result<(), Failure> {
        if bytes.contains(&0) {
            for name in bytes.split(|&b| b == 0).filter(|name| !name.is_empty()) {
                self.add_listed(Path::new(OsStr::from_bytes(name)), project);
            }
            return Ok(());
        }
        let (mut lines, mut there) = (0, 0);
        for line in bytes.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            let path = self.path_of_line(line, project);
            lines += 1;
            there += usize::from(self.is_there(&path, project));
            self.add_listed(&path, project);
        }
        if lines > 0 && there == 0 {
            let list = if list == Path::new("-") { "standard input".to_owned() } else { text::path(list) };
            let message = format!("--files-from: {list} names no file of {}", text::path(&self.project));
            return Err(Failure::new(Exit::Usage, message)
                .hint("a path a line, or each ended by NUL (git ls-files -z); relative to the project"));
        }
        Ok(())
    }

    fn is_there(&self, path: &Path, project: &Path) -> bool {
        self.relative(path, project).is_some_and(|path| self.project.join(path).symlink_metadata().is_ok())
    }

    /// The path that a line stands for: itself, else without the carriage return of
    /// other systems, else as git quotes names that are not plain.
    fn path_of_line(&self, line: &[u8], project: &Path) -> PathBuf {
        let path = |bytes: &[u8]| PathBuf::from(OsStr::from_bytes(bytes));
        let stripped = line.strip_suffix(b"\r").unwrap_or(line);
        let candidates = [
            Some(path(line)),
            Some(path(stripped)),
            base::c_quoted::unquoted(stripped).map(|name| path(&name)),
        ];
        let there = candidates.into_iter().flatten().find(|path| self.is_there(path, project));
        there.unwrap_or_else(|| path(line))
    }

    fn add_listed(&mut self, path: &Path, project: &Path) {
        match self.relative(path, project) {
            Some(relative) => self.add_named(&relative),
            None => {
                self.skipped.insert(path.to_owned(), "outside the project".into());
            }
        }
    }

    /// A path someone named: reviewed, or listed with the reason why not.
    fn add_named(&mut self, relative: &Path) {
        let full = self.project.join(relative);
        self.has_links |= full.canonicalize().is_ok_and(|real| real != full);
        let reason = match full.canonicalize() {
            Err(error) => plain_reason(&error).into(),
            Ok(real) if !real.starts_with(&self.project) => "link out of the project".into(),
            Ok(real) if real.is_dir() => return self.walk(relative.to_owned()),
            Ok(_) if Language::of_path(relative).is_none() => UNKNOWN.into(),
            Ok(_) => {
                self.files.insert(relative.to_owned());
                return;
            }
        };
        self.skipped.insert(relative.to_owned(), reason);
    }

    /// Everything below a directory. Links are not followed: what they lead to
    /// inside the project is found at its own place.
    fn walk(&mut self, start: PathBuf) {
        let mut pending = vec![start];
        while let Some(dir) = pending.pop() {
            let entries = match fs::read_dir(self.project.join(&dir)) {
                Ok(entries) => entries,
                Err(error) => {
                    self.skipped.insert(dir, plain_reason(&error).into());
                    continue;
                }
            };
            for entry in entries {
                let entry = match entry {
                    Ok(entry) => entry,
                    // The rest of the directory is not known.
                    Err(error) => {
                        self.skipped.insert(dir.clone(), plain_reason(&error).into());
                        break;
                    }
                };
                let path = dir.join(entry.file_name());
                match entry.file_type() {
                    Err(error) => {
                        self.skipped.insert(path, plain_reason(&error).into());
                    }
                    Ok(kind) if kind.is_dir() => {
                        if self.is_skipped_dir(&path) {
                            self.skipped_dirs.insert(path);
                        } else {
                            pending.push(path);
                        }
                    }
                    Ok(kind) if kind.is_file() => self.add_met(path),
                    Ok(kind) if kind.is_symlink() => {
                        self.skipped.insert(path, "symbolic link".into());
                    }
                    Ok(_) => {
                        self.skipped.insert(path, "not a regular file".into());
                    }
                }
            }
        }
    }

    fn add_met(&mut self, mut path: PathBuf) {
        // There may be very many, and joined paths have room for as much again.
        path.shrink_to_fit();
        if Language::of_path(&path).is_some() {
            self.files.insert(path);
        } else {
            self.skipped.insert(path, UNKNOWN.into());
        }
    }

    fn is_skipped_dir(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        // `.git`, `.venv`, `.next`, `.tox`… hold nothing a person reviews.
        if name.as_bytes().starts_with(b".") || SKIPPED_DIRS.iter().any(|skipped| name == *skipped) {
            return true;
        }
        let full = self.project.join(path);
        // Where it cannot be told, it is walked: more is reviewed, never less.
        let is_build_output = full.join("CACHEDIR.TAG").exists()
            || (name == "target"
                && full
                    .parent()
                    .is_some_and(|p| p.join("Cargo.toml").exists() || p.join("pom.xml").exists()));
        is_build_output || full.join("pyvenv.cfg").exists()
    }
}

fn read_list(list: &Path) -> io::Result<Vec<u8>> {
    if list == Path::new("-") {
        return bounded(io::stdin().lock());
    }
    // A pipe is what shells make of `<(git ls-files)`.
    bounded(fs::File::open(list)?)
}

fn bounded(list: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    list.take(MAX_LIST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_LIST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 256 MB: no list of files"));
    }
    Ok(bytes)
}

/// An I/O error in the few words a report has room for.
pub(crate) fn plain_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "unreadable: permission denied".to_owned(),
        io::ErrorKind::InvalidInput => "not a regular file".to_owned(),
        _ => format!("unreadable: {}", text::visible(&base::error::reason(&error))),
    }
}
