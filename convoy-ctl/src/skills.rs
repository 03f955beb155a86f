//! `skills`: the Claude Code skills and agents that come with convoy, put where
//! Claude Code finds them. What would be overwritten is shown first, and nothing
//! is written until that is wanted.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base::environment::Environment;
use base::exit::Exit;
use base::files::{self, Sync};
use base::program::{self, Failure};
use base::style::count;
use base::text;
use planning::library::{Kind, built_in};

const SKILLS: [(&str, &str); 2] = [
    ("pan-code-review", include_str!("../../skills/pan-code-review/SKILL.md")),
    ("pan-convoy-synthesis", include_str!("../../skills/pan-convoy-synthesis/SKILL.md")),
];

/// What installing a file would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It is not there yet.
    New,
    /// It is there, byte for byte.
    Same,
    /// Something else is there.
    Overwrite,
}

#[derive(Debug)]
struct Item {
    path: PathBuf,
    text: &'static str,
    effect: Effect,
}

/// Lists what comes with convoy.
pub(crate) fn list() -> Result<Exit> {
    let mut out = String::new();
    for (name, text) in SKILLS {
        let _ = writeln!(out, "skill  {name}: {}", description(text));
    }
    for (name, text) in built_in(Kind::Agent) {
        let _ = writeln!(out, "agent  {name}: {}", description(text));
    }
    program::print(&out)?;
    Ok(Exit::Done)
}

fn description(text: &str) -> &str {
    let line = text.lines().find_map(|line| line.strip_prefix("description:"));
    line.unwrap_or_default().trim().trim_matches('"')
}

/// Installs; `force` overwrites what differs.
pub(crate) fn install(
    environment: &Environment,
    to: Option<&Path>,
    force: bool,
    dry_run: bool,
) -> Result<Exit> {
    let dir = match to {
        Some(dir) => environment.current_dir.join(dir),
        None => default_dir(environment)?,
    };
    let items = items(&dir)?;
    let of = |effect| items.iter().filter(move |item| item.effect == effect);
    let differing: Vec<&Item> = of(Effect::Overwrite).collect();
    for item in &differing {
        program::tell(&format!("differs: {}", text::path(&item.path)));
    }
    if dry_run {
        of(Effect::New).for_each(|item| program::tell(&format!("new: {}", text::path(&item.path))));
        program::tell("nothing was written");
        return Ok(Exit::Done);
    }
    if !differing.is_empty() && !force {
        let files = count(differing.len() as u64, "file");
        let failure = Failure::new(Exit::No, format!("{files} would be overwritten; nothing was written"));
        return Err(failure.hint("overwrite: pan skills install --force").into());
    }
    for item in items.iter().filter(|item| item.effect != Effect::Same) {
        write(item)?;
    }
    let (new, same) = (of(Effect::New).count() as u64, of(Effect::Same).count() as u64);
    let mut parts = vec![format!("{new} new")];
    if !differing.is_empty() {
        parts.push(format!("{} overwritten", differing.len()));
    }
    parts.push(format!("{same} already there"));
    program::print(&format!("{}: {}\n", text::path(&dir), parts.join(", ")))?;
    Ok(Exit::Done)
}

/// Where Claude Code looks for the user's own.
fn default_dir(environment: &Environment) -> Result<PathBuf> {
    if let Some(dir) = environment.var("CLAUDE_CONFIG_DIR").filter(|dir| !dir.is_empty()) {
        return Ok(environment.current_dir.join(dir));
    }
    let home = environment.user_home.as_ref();
    let home = home.ok_or_else(|| {
        Failure::new(Exit::Usage, "no home directory is known").hint("say where: pan skills install --to DIR")
    })?;
    Ok(home.join(".claude"))
}

fn items(dir: &Path) -> Result<Vec<Item>> {
    let skills = SKILLS.iter().map(|(name, text)| (dir.join("skills").join(name).join("SKILL.md"), *text));
    let agents = built_in(Kind::Agent)
        .iter()
        .map(|(name, text)| (dir.join("agents").join(format!("{name}.md")), *text));
    let mut items = Vec::new();
    for (path, text) in skills.chain(agents) {
        let effect = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Effect::New,
            Err(error) => return Err(error).with_context(|| format!("cannot look at {}", text::path(&path))),
            // What cannot be read is not the same: it is overwritten only with --force.
            Ok(_) if fs::read(&path).is_ok_and(|bytes| bytes == text.as_bytes()) => Effect::Same,
            Ok(found) if found.is_dir() => {
                let failure = Failure::new(Exit::No, format!("{} is a directory", text::path(&path)));
                return Err(failure.hint("remove it, or say where else: pan skills install --to DIR").into());
            }
            Ok(_) => Effect::Overwrite,
        };
        items.push(Item { path, text, effect });
    }
    Ok(items)
}

fn write(item: &Item) -> Result<()> {
    let dir = item.path.parent().unwrap_or(Path::new("."));
    let made = DirBuilder::new().recursive(true).create(dir);
    made.with_context(|| format!("cannot create directory {}", text::path(dir)))?;
    files::replace(&item.path, dir, item.text.as_bytes(), Sync::Later)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use planning::agent_file;
    use planning::document::Source;

    #[test]
    fn skills_have_the_frontmatter_claude_code_wants() {
        for (name, text) in SKILLS {
            let source = Source { name: name.to_owned(), text: text.to_owned() };
            let read = agent_file::read(&source).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
            assert_eq!(read.name.as_str(), name, "the directory's name");
            let description = description(text);
            assert!((40..=1024).contains(&description.len()), "{name}: {}", description.len());
            assert!(description.contains("Use when"), "it says when: {description}");
            assert!(!description.contains(['<', '>']), "no markup: {description}");
        }
    }
}
