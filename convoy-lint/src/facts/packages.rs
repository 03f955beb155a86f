//! Dependencies: what a manifest asks for beside what its lock file holds, and versions
//! that move under the project.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::diff::{FileDiff, Line};
use super::role::{Role, name};
use super::{Fact, Limits, Scene, pattern};

/// A manifest, and the files that lock what it asks for.
const PAIRS: [(&str, &[&str]); 7] = [
    (
        "package.json",
        &["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"],
    ),
    ("Cargo.toml", &["Cargo.lock"]),
    ("pyproject.toml", &["poetry.lock", "uv.lock", "pdm.lock"]),
    ("Pipfile", &["Pipfile.lock"]),
    ("go.mod", &["go.sum"]),
    ("Gemfile", &["Gemfile.lock"]),
    ("composer.json", &["composer.lock"]),
];

fn locks_of(path: &Path) -> Option<&'static [&'static str]> {
    let name = name(path);
    PAIRS.iter().find(|(manifest, _)| *manifest == name).map(|(_, locks)| *locks)
}

/// A manifest asks for other packages, and the lock file beside it is as it was.
pub(super) fn lock_behind(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let fact = |file: &FileDiff| {
        let locks = locks_of(&file.path)?;
        let (before, after) = (asked(&file.path, file.before.as_deref()?)?, asked(&file.path, &file.text)?);
        let name = after
            .iter()
            .find(|(name, what)| before.get(*name) != Some(what))
            .or_else(|| before.iter().find(|(name, _)| !after.contains_key(*name)))?
            .0;
        let lock = scene.tree.nearest(file.path.parent()?, locks)?;
        let is_touched = scene.files.iter().any(|other| locks.iter().any(|lock| other.path.ends_with(lock)));
        if is_touched || !holds(scene, &lock, file) {
            return None;
        }
        let at =
            file.fresh().find(|(_, line)| line.text.contains(name.as_str())).map_or(1, |(number, _)| number);
        Some(Fact::at(file, at).with("PACKAGE", &name).with("LOCK", &lock.to_string_lossy()))
    };
    let mut facts: Vec<Fact> = scene
        .files
        .iter()
        .filter(|file| file.is_there && !matches!(file.role, Role::Test(_)))
        .filter_map(fact)
        .collect();
    // One run of the package manager mends them all.
    let mut locks: Vec<String> = Vec::new();
    facts.retain(|fact| {
        let lock = &fact.names[1].1;
        let new = !locks.contains(lock);
        locks.push(lock.clone());
        new
    });
    facts
}

/// Is the manifest one of those that the lock file holds? The one beside it is; others
/// by their directory, or by the name of their package.
fn holds(scene: &Scene, lock: &Path, manifest: &FileDiff) -> bool {
    let (Some(of_lock), Some(own)) = (lock.parent(), manifest.path.parent()) else { return false };
    if own == of_lock {
        return true;
    }
    let Some(text) = scene.tree.read_any(lock) else { return false };
    let dir = own.strip_prefix(of_lock).unwrap_or(own).to_string_lossy().into_owned();
    let by_dir = [format!("\"{dir}\""), format!("  {dir}:"), format!("workspace:{dir}")];
    let package = manifest.text.lines().find_map(|line| line.strip_prefix("name = "));
    by_dir.iter().any(|mark| text.contains(mark.as_str()))
        || package.is_some_and(|name| text.contains(&format!("name = {name}")))
}

static MOVES_PACKAGES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(releas\w*|bump\w*|upgrad\w*|updat\w*|lock(file)?|deps|dependenc(y|ies)|packages?|auto[- ]?commit|audit)\b",
    )
});

/// A lock file changes beside code, and nothing that it locks.
pub(super) fn lock_alone(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    // Who says that packages move, or writes a release by rote, means it.
    let is_meant = scene.subjects.iter().any(|says| MOVES_PACKAGES.is_match(says));
    if scene.code().next().is_none() || is_meant {
        return Vec::new();
    }
    let fact = |file: &FileDiff| {
        let name = name(&file.path);
        let (manifest, _) = PAIRS.iter().find(|(_, locks)| locks.contains(&name.as_str()))?;
        let has_manifest = scene
            .files
            .iter()
            .any(|other| other.path.ends_with(manifest) || other.path.ends_with("pnpm-workspace.yaml"));
        // Of packages that no manifest here asks for, another tool keeps the list.
        let is_beside = scene.tree.files.contains(&file.path.with_file_name(manifest));
        let changed = file.fresh().count() + file.removed.len();
        if has_manifest || !is_beside || file.is_new || !file.is_there || changed < limits.of("lines") {
            return None;
        }
        let at = file.fresh().next().map_or(1, |(number, _)| number);
        Some(Fact::at(file, at).with("LINES", &changed).with("MANIFEST", &manifest))
    };
    scene.files.iter().filter_map(fact).collect()
}

/// The packages that a manifest asks for, each with what it says of it; `None`: it cannot be read.
fn asked(path: &Path, text: &str) -> Option<BTreeMap<String, String>> {
    let json = || serde_json::from_str::<Value>(text).ok();
    let toml = || toml::from_str::<Value>(text).ok();
    Some(match name(path).as_str() {
        "package.json" => {
            in_tables(&json()?, &[&["dependencies"], &["devDependencies"], &["optionalDependencies"]])
        }
        "composer.json" => in_tables(&json()?, &[&["require"], &["require-dev"]]),
        "Cargo.toml" => in_tables(
            &toml()?,
            &[
                &["dependencies"],
                &["dev-dependencies"],
                &["build-dependencies"],
                &["workspace", "dependencies"],
            ],
        ),
        "pyproject.toml" => in_pyproject(&toml()?),
        "Pipfile" => in_tables(&toml()?, &[&["packages"], &["dev-packages"]]),
        "go.mod" => by_lines(text, &GO),
        _ => by_lines(text, &GEM),
    })
}

static GO: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^\s*(?:require\s+)?(?P<name>[\w.-]+\.[\w./-]+)\s+(?P<what>v\S+)"));
static GEM: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?m)^\s*gem\s+['"](?P<name>[\w.-]+)['"](?P<what>.*)$"#));

fn by_lines(text: &str, line: &Regex) -> BTreeMap<String, String> {
    line.captures_iter(text)
        .map(|found| (found["name"].to_owned(), found["what"].trim().to_owned()))
        .collect()
}

fn in_tables(whole: &Value, tables: &[&[&str]]) -> BTreeMap<String, String> {
    let table = |path: &&[&str]| path.iter().try_fold(whole, |value, key| value.get(key))?.as_object();
    let entry = |(name, what): (&String, &Value)| (name.clone(), version(what));
    // What stands in the project itself is locked by nothing.
    let is_own = |what: &Value| what.get("path").is_some() || what.get("workspace").is_some();
    tables.iter().filter_map(table).flatten().filter(|(_, what)| !is_own(what)).map(entry).collect()
}

/// Of a package that is described at length, what a lock file depends on.
fn version(what: &Value) -> String {
    match what.as_object() {
        Some(table) => {
            let keys = ["version", "git", "rev", "branch", "tag"];
            keys.iter()
                .filter_map(|key| table.get(*key).map(ToString::to_string))
                .collect::<Vec<_>>()
                .join(" ")
        }
        None => what.as_str().map_or_else(|| what.to_string(), |text| format!("\"{text}\"")),
    }
}

fn in_pyproject(whole: &Value) -> BTreeMap<String, String> {
    let mut all =
        in_tables(whole, &[&["tool", "poetry", "dependencies"], &["tool", "poetry", "dev-dependencies"]]);
    let lists = [
        whole.pointer("/project/dependencies"),
        whole.pointer("/project/optional-dependencies"),
        whole.pointer("/dependency-groups"),
    ];
    let mut pending: Vec<&Value> = lists.into_iter().flatten().collect();
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(list) => pending.extend(list),
            Value::Object(table) => pending.extend(table.values()),
            Value::String(text) => {
                let end =
                    text.find(|c: char| !c.is_alphanumeric() && !"-_.".contains(c)).unwrap_or(text.len());
                all.insert(text[..end].to_owned(), text[end..].trim().to_owned());
            }
            _ => {}
        }
    }
    all
}

static USES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\s*(- )?uses:\s*(?P<what>[\w.-]+/[\w./-]+@(main|master|develop|dev|latest|HEAD))\b")
});
static FROM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^FROM\s+(--platform=\S+\s+)?(?P<what>[a-z0-9][\w./-]*(:latest)?)(\s+[Aa][Ss]\s+\S+)?\s*$")
});
static PIPED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?P<what>\b(curl|wget)\b[^|#]*\|\s*(sudo\s+)?(ba|z)?sh)\b"));
static GIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?P<what>git\+https://[^\s"'@#]+)["']?\s*$|"(?P<star>[\w@/.-]+)"\s*:\s*"(\*|latest)""#)
});

/// Somebody else decides what runs here tomorrow.
pub(super) fn moving(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let facts = |file: &FileDiff| {
        let of_line = |(number, line): (usize, &Line)| {
            let what = moves(file, line)?;
            Some(Fact::at(file, number).with("WHAT", &what))
        };
        file.fresh().filter_map(of_line).collect::<Vec<_>>()
    };
    scene
        .files
        .iter()
        .filter(|file| !matches!(file.role, Role::Docs | Role::Made | Role::Test(_)))
        .flat_map(facts)
        .collect()
}

fn moves(file: &FileDiff, line: &Line) -> Option<String> {
    let name = name(&file.path);
    let what = |found: regex::Captures<'_>| {
        found.name("what").or_else(|| found.name("star")).map(|what| what.as_str().to_owned())
    };
    if file.path.to_string_lossy().contains(".github/") {
        // Its branches are the versions of what it installs.
        let by_branch = line.code.contains("dtolnay/rust-toolchain@");
        return USES
            .captures(&line.code)
            .filter(|_| !by_branch)
            .or_else(|| PIPED.captures(&line.code))
            .and_then(what);
    }
    if name.to_ascii_lowercase().contains("dockerfile") {
        let found = FROM.captures(&line.code).and_then(what);
        // A stage of the same file, or nothing at all.
        let own = |image: &String| {
            image == "scratch"
                || file
                    .text
                    .to_lowercase()
                    .lines()
                    .any(|line| line.trim_end().ends_with(&format!(" as {}", image.to_lowercase())))
        };
        return found.filter(|image| !own(image)).or_else(|| PIPED.captures(&line.code).and_then(what));
    }
    let is_manifest = locks_of(&file.path).is_some() || name.starts_with("requirements");
    // What PHP itself has comes with its version.
    let is_platform =
        |what: &String| name == "composer.json" && (what.starts_with("ext-") || what.starts_with("lib-"));
    GIT.captures(&line.code).filter(|_| is_manifest).and_then(what).filter(|what| !is_platform(what))
}
