//! Files that are in the change by mistake, what a tool writes edited by hand, and a
//! change that nobody can look through.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::diff::FileDiff;
use super::role::{Role, extension, name};
use super::{Fact, Limits, Scene};

const DEBRIS: [&str; 13] = [
    ".ds_store",
    "thumbs.db",
    "desktop.ini",
    "npm-debug.log",
    "yarn-error.log",
    ".coverage",
    "core.dump",
    ".eslintcache",
    ".vs",
    "nohup.out",
    ".rspec_status",
    "hs_err_pid.log",
    "debug.log",
];
const DEBRIS_ENDS: [&str; 17] = [
    "swp",
    "swo",
    "orig",
    "rej",
    "bak",
    "pyc",
    "pyo",
    "class",
    "o",
    "obj",
    "tsbuildinfo",
    "pdb",
    "iml",
    "log",
    "tmp",
    "dmp",
    "exe",
];
const DEBRIS_DIRS: [&str; 8] = [
    "node_modules",
    "__pycache__",
    ".idea",
    ".pytest_cache",
    ".mypy_cache",
    ".gradle",
    "bower_components",
    ".ipynb_checkpoints",
];
/// What is built, or packed.
const BUILT: [&str; 12] =
    ["exe", "dll", "so", "dylib", "a", "lib", "jar", "war", "whl", "pyd", "wasm", "egg"];

const BUILT_FROM: &str = "it is built from sources, and nobody can review it";

/// New files that editors, systems and builds leave behind, and large ones.
pub(super) fn stray(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let fact = |file: &FileDiff| {
        let why = debris(scene, &file.path).or_else(|| built(file)).or_else(|| {
            let is_large = file.size as usize > limits.of("bytes") && !matches!(file.role, Role::Made);
            is_large.then(|| format!("it has {} KB, and stays in the history for ever", file.size >> 10))
        })?;
        Some(Fact::at(file, 1).with("FILE", &file.path.to_string_lossy()).with("WHY", &why))
    };
    // Of a directory that should not be there, one file is enough.
    let mut dirs: BTreeSet<PathBuf> = BTreeSet::new();
    let is_first = |file: &&FileDiff| debris_dir(&file.path).is_none_or(|dir| dirs.insert(dir));
    scene.files.iter().filter(|file| file.is_new).filter(is_first).filter_map(fact).collect()
}

/// The outermost directory around a file that editors, systems and builds make.
fn debris_dir(path: &Path) -> Option<PathBuf> {
    let named = |dir: &&Path| dir.file_name().is_some_and(|name| DEBRIS_DIRS.iter().any(|one| name == *one));
    path.ancestors().skip(1).filter(named).last().map(Path::to_path_buf)
}

/// A program has no extension.
fn built(file: &FileDiff) -> Option<String> {
    let is_program = file.is_binary && !name(&file.path).contains('.') && !matches!(file.role, Role::Test(_));
    is_program.then(|| BUILT_FROM.to_owned())
}

fn debris(scene: &Scene, path: &Path) -> Option<String> {
    let name = name(path).to_ascii_lowercase();
    let end = extension(&name);
    let is_tested = matches!(Role::of(path), Role::Test(_));
    // Where others of the kind are kept, it is no mistake.
    let usual = |end: &str| {
        scene
            .tree
            .files
            .iter()
            .any(|other| other != path && other.extension().is_some_and(|other| other == end))
    };
    let is_debris = DEBRIS.contains(&name.as_str())
        || name.ends_with('~')
        || debris_dir(path).is_some()
        || (name.contains('.') && DEBRIS_ENDS.contains(&end) && !is_tested && !usual(end));
    if is_debris {
        return Some("editors, tools or builds leave such files behind".to_owned());
    }
    let is_built = name.contains('.') && BUILT.contains(&end) && !is_tested && !usual(end);
    is_built.then(|| BUILT_FROM.to_owned())
}

/// A file whose head says that a tool writes it, and nothing in the change that the
/// tool would read.
pub(super) fn generated(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let is_made = |file: &FileDiff| file.role == Role::Made || file.is_generated();
    let is_source = |file: &&FileDiff| !is_made(file) && !matches!(file.role, Role::Test(_) | Role::Docs);
    if scene.files.iter().any(|file| is_source(&file)) {
        return Vec::new();
    }
    let fact = |file: &FileDiff| {
        let changed = file.fresh().count();
        let edited = !file.is_new && file.is_generated() && changed > 0 && changed <= limits.of("lines");
        let first = file.fresh().next().map_or(1, |(number, _)| number);
        edited.then(|| Fact::at(file, first).with("FILE", &file.path.to_string_lossy()))
    };
    scene.files.iter().filter(|file| !matches!(file.role, Role::Made | Role::Docs)).filter_map(fact).collect()
}

/// More code than one look takes.
pub(super) fn large(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    if scene.tree.is_first {
        return Vec::new();
    }
    let (mut lines, mut files) = (0, 0);
    let mut most: Option<(usize, &FileDiff)> = None;
    for (file, _) in scene.code() {
        let own = file.fresh().filter(|(_, line)| line.is_code()).count();
        lines += own;
        files += usize::from(own > 0);
        if own > most.map_or(0, |(most, _)| most) {
            most = Some((own, file));
        }
    }
    let Some((own, file)) = most.filter(|_| lines > limits.of("lines")) else { return Vec::new() };
    let first = file.fresh().next().map_or(1, |(number, _)| number);
    vec![
        Fact::at(file, first)
            .with("LINES", &lines)
            .with("FILES", &files)
            .with("FILE", &file.path.to_string_lossy())
            .with("OWN", &own),
    ]
}
