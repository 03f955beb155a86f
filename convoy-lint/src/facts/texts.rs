//! Texts for people beside the change: links that lead nowhere, settings that no text
//! tells of.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::diff::{FileDiff, Line};
use super::role::{Role, extension, name};
use super::tree;
use super::{Fact, Limits, Scene, pattern};

static LINK: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\]\((?P<to>[^)\s#?:<>{}$*`"]+)([#?][^)]*)?\)"#));
/// What a link to a file of the project ends with; others are addresses of a site.
const LINKED: [&str; 22] = [
    "md", "rst", "txt", "png", "jpg", "jpeg", "gif", "svg", "webp", "json", "yml", "yaml", "toml", "py",
    "js", "ts", "go", "rs", "java", "rb", "php", "sh",
];

/// Relative links of Markdown that the change wrote or whose file it took away.
pub(super) fn links(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let is_markdown = |path: &Path| ["md", "markdown"].contains(&extension(&name(path)));
    let mut facts = Vec::new();
    for file in
        scene.files.iter().filter(|file| file.is_there && is_markdown(&file.path) && file.role == Role::Docs)
    {
        let mut fenced = false;
        for (number, line) in (1..).zip(&file.lines) {
            fenced ^= line.text.trim_start().starts_with("```");
            if !line.fresh || fenced {
                continue;
            }
            if let Some(to) = broken(scene, &file.path, &line.text) {
                facts.push(Fact::at(file, number).with("TO", &to));
            }
        }
    }
    facts.extend(to_what_went(scene, is_markdown));
    facts
}

/// The first link of a line that leads to no file.
fn broken(scene: &Scene, from: &Path, text: &str) -> Option<String> {
    let dir = from.parent()?;
    LINK.captures_iter(text).find_map(|found| {
        let to = &found["to"];
        let is_file = LINKED.contains(&extension(to)) && !to.starts_with('/') && to.contains('.');
        let target = base::files::joined(dir, Path::new(&to.replace("%20", " ")))?;
        (is_file && !scene.tree.has(&target)).then(|| to.to_owned())
    })
}

/// Links of texts that the change left alone, to files that it took away.
fn to_what_went(scene: &Scene, is_markdown: impl Fn(&Path) -> bool) -> Vec<Fact> {
    let gone = &scene.tree.gone;
    // A remark stands at a file of the change.
    let Some(anchor) = scene.files.iter().find(|file| file.is_there) else { return Vec::new() };
    if gone.is_empty() {
        return Vec::new();
    }
    let mut facts = Vec::new();
    for doc in scene.tree.docs().iter().filter(|doc| is_markdown(&doc.path)) {
        if scene.files.iter().any(|file| file.path == doc.path && file.fresh().next().is_some()) {
            continue;
        }
        let Some(dir) = doc.path.parent() else { continue };
        let dead = LINK.captures_iter(&doc.text).find(|found| {
            let target: Option<PathBuf> = base::files::joined(dir, Path::new(&found["to"]));
            target.is_some_and(|target| gone.contains(&target) && !scene.tree.has(&target))
        });
        if let Some(found) = dead {
            let line = tree::line_of(&doc.text, found.get(0).map_or(0, |found| found.start()));
            let to = format!("{} ({}:{line})", &found["to"], doc.path.to_string_lossy());
            facts.push(Fact::at(anchor, 1).with("TO", &to));
        }
    }
    facts.truncate(1);
    facts
}

static ENV: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?x) (process\.env\.|process\.env\[['"]|import\.meta\.env\.|os\.environ\[['"]|os\.environ\.get\(\s*['"]|os\.getenv\(\s*['"]
        |os\.Getenv\("|os\.LookupEnv\("|env::var(_os)?\("|\bENV\[['"]|\bENV\.fetch\(['"]|System\.getenv\("|\bgetenv\(['"]|\b(\w+_)?env(_?(bool|int|str|float|list|flag))?\(\s*['"])(?P<name>[A-Z][A-Z0-9_]{3,})\b"#,
    )
});
/// What systems and services set.
const COMMON: [&str; 41] = [
    "PATH",
    "HOME",
    "USER",
    "NODE_ENV",
    "DEBUG",
    "CI",
    "PORT",
    "HOST",
    "TERM",
    "SHELL",
    "EDITOR",
    "LANG",
    "TZ",
    "PWD",
    "TMPDIR",
    "NO_COLOR",
    "FORCE_COLOR",
    "GITHUB_",
    "AWS_",
    "AZURE_",
    "COLORTERM",
    "DATABRICKS_",
    "GOOGLE_",
    "JPY_",
    "KUBERNETES_",
    "SSH_",
    "TERM_",
    "VSCODE_",
    "WSL_",
    "XDG_",
    "CARGO_",
    "RAILS_ENV",
    "RACK_ENV",
    "_DEBUG",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    // What a bundler sets.
    "PROD",
    "MODE",
    "BASE_URL",
];

/// A variable of the environment that the code reads and no text tells of.
pub(super) fn env(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let reads = |file: &FileDiff| {
        let of_line = |(number, line): (usize, &Line)| {
            let name = ENV.captures(&line.code)?["name"].to_owned();
            let is_common = COMMON.iter().any(|common| {
                name == *common
                    || (common.starts_with('_') && name.ends_with(common))
                    || (common.ends_with('_') && name.starts_with(common))
            });
            let stood = file.before.as_deref().is_some_and(|before| before.contains(&name))
                || scene.files.iter().any(|file| file.removed.iter().any(|line| line.contains(&name)));
            (line.is_code() && !is_common && !stood).then_some((number, name))
        };
        file.fresh()
            .filter_map(of_line)
            .map(|(number, name)| (file.path.clone(), number, name))
            .collect::<Vec<_>>()
    };
    let found: Vec<_> = scene.code().flat_map(|(file, _)| reads(file)).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let texts = told(scene);
    let others: BTreeSet<&str> = texts.iter().flat_map(|text| names_in(text)).collect();
    if others.len() < limits.of("told") {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut facts = Vec::new();
    for (path, number, name) in found {
        if texts.iter().any(|text| text.contains(&name)) || !seen.insert(name.clone()) {
            continue;
        }
        if let Some(file) = scene.files.iter().find(|file| file.path == path) {
            facts.push(Fact::at(file, number).with("NAME", &name));
        }
    }
    facts
}

/// Texts for people, and samples of settings.
fn told(scene: &Scene) -> Vec<String> {
    let is_sample = |path: &&PathBuf| {
        let name = name(path).to_ascii_lowercase();
        name.starts_with(".env")
            || name.contains("docker-compose")
            || name.ends_with(".conf.example")
            || name.contains("config.example")
    };
    let samples = scene.tree.files.iter().filter(is_sample).filter_map(|path| scene.tree.read(path));
    scene.tree.docs().iter().map(|doc| doc.text.clone()).chain(samples).collect()
}

fn names_in(text: &str) -> impl Iterator<Item = &str> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]{2,}\b"));
    NAME.find_iter(text).map(|found| found.as_str())
}
