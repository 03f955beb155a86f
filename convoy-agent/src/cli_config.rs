//! A CLI's own configuration directory: files written anew for each attempt,
//! links to what it needs of the user's (a login), so that no secret is ever
//! copied, and the empty directory it starts in if that is not the project.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use base::files::{self, Sync};
use base::{Error, IoContext, Result};
use protocol::placeholder::Placeholders;
use protocol::plan::{Cwd, Invocation};
use serde_json::Value;

pub(crate) type Variables = BTreeMap<OsString, OsString>;

/// Makes the directory as the runner wants it. `variables` are the command's
/// own, `callers` those that were handed on, `tmp` is for its temporary files.
pub(crate) fn prepare(
    invocation: &Invocation,
    placeholders: &Placeholders,
    tmp: &Path,
    variables: &Variables,
    callers: &Variables,
) -> Result<()> {
    let own = invocation.cwd == Cwd::Own;
    if invocation.files.is_empty() && invocation.links.is_empty() && !own {
        return Ok(());
    }
    let dir = &placeholders.config_dir;
    create(dir, dir)?;
    if own {
        own_places(dir, [&placeholders.cwd, tmp])?;
    }
    let mut written: Vec<&str> = Vec::new();
    for file in &invocation.files {
        let fits = file.env.as_ref().is_none_or(|name| variables.contains_key(OsStr::new(name)));
        if !fits || written.contains(&file.path.as_str()) {
            continue;
        }
        written.push(&file.path);
        let path = dir.join(&file.path);
        let parent = path.parent().unwrap_or(dir);
        create(dir, parent)?;
        let filled = fill(&file.json, placeholders).map_err(|word| Error::Io {
            verb: "write a path that is not UTF-8 to",
            path: path.clone(),
            source: io::Error::other(base::text::visible(&word)),
        })?;
        files::replace(&path, parent, filled.to_string().as_bytes(), Sync::Later)?;
    }
    for (name, targets) in &invocation.links {
        let found = targets.iter().filter_map(|target| expand(target, callers)).find(|path| path.exists());
        let link = dir.join(name);
        if let (Some(target), true) = (found, link.symlink_metadata().is_err()) {
            create(dir, link.parent().unwrap_or(dir))?;
            symlink(&target, &link).context("link", &link)?;
        }
    }
    Ok(())
}

/// CLIs look for their project's configuration, and for how far they may read, in
/// the directories above as well, up to the root of a repository: here is one, and
/// it is not readable. The state directory may be below anybody's repository.
const NO_REPOSITORY: &[u8] = b"gitdir: /nonexistent\n";

/// Makes these directories below `dir`, empty and in no repository.
fn own_places(dir: &Path, places: [&Path; 2]) -> Result<()> {
    files::replace(&dir.join(".git"), dir, NO_REPOSITORY, Sync::Later)?;
    places.into_iter().try_for_each(empty)
}

/// Makes it a new, empty directory, whatever an earlier attempt of the role left there.
fn empty(dir: &Path) -> Result<()> {
    remove(dir)?;
    files::create_private_dir(dir)
}

/// Removes what may be there, with all that is in it.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).context("look at", path),
        Ok(found) if found.is_dir() => fs::remove_dir_all(path).context("empty", path),
        Ok(_) => fs::remove_file(path).context("remove", path),
    }
}

/// The directories from `top` down to `dir`, each 0700.
fn create(top: &Path, dir: &Path) -> Result<()> {
    if dir != top
        && let Some(parent) = dir.parent()
    {
        create(top, parent)?;
    }
    if dir.is_dir() { Ok(()) } else { files::create_private_dir(dir) }
}

/// `~/x` and `$NAME/x`; `None` where home or variable is not known.
pub(crate) fn expand(path: &str, variables: &Variables) -> Option<PathBuf> {
    let under = |name: &str, rest: &str| {
        let dir = variables.get(OsStr::new(name)).filter(|dir| !dir.is_empty())?;
        Some(Path::new(dir).join(rest))
    };
    if let Some(rest) = path.strip_prefix("~/") {
        return under("HOME", rest);
    }
    if let Some((name, rest)) = path.strip_prefix('$').and_then(|path| path.split_once('/')) {
        return under(name, rest);
    }
    Some(PathBuf::from(path))
}

/// The JSON with the placeholders in its texts filled in; the text that would
/// not be UTF-8 any more.
fn fill(json: &Value, placeholders: &Placeholders) -> std::result::Result<Value, String> {
    let word = |text: &str| placeholders.fill(text).into_string().map_err(|_| text.to_owned());
    Ok(match json {
        Value::String(text) => Value::String(word(text)?),
        Value::Array(items) => Value::Array(
            items.iter().map(|item| fill(item, placeholders)).collect::<std::result::Result<_, _>>()?,
        ),
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| Ok((word(key)?, fill(value, placeholders)?)))
                .collect::<std::result::Result<_, String>>()?,
        ),
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// What is in the directory an attempt starts in, after `left` was left there.
    fn starts_in(left: impl FnOnce(&Path)) -> (tempfile::TempDir, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let (dir, cwd) = (place.path().join("security.config"), place.path().join("security.config/cwd"));
        files::create_private_dir(&dir).unwrap();
        left(&cwd);
        own_places(&dir, [&cwd, &dir.join("tmp")]).unwrap();
        (place, cwd)
    }

    #[test]
    fn every_attempt_starts_in_an_empty_directory() {
        let outside = tempfile::tempdir().unwrap();
        let kept = outside.path().join("kept");
        fs::write(&kept, "x").unwrap();
        let nothing = |_: &Path| {};
        let file = |cwd: &Path| fs::write(cwd, "x").unwrap();
        let link = |cwd: &Path| symlink(outside.path(), cwd).unwrap();
        let full = |cwd: &Path| {
            fs::create_dir_all(cwd.join(".claude")).unwrap();
            symlink(outside.path(), cwd.join("link")).unwrap();
        };
        for (_place, cwd) in [starts_in(nothing), starts_in(file), starts_in(link), starts_in(full)] {
            let found = fs::symlink_metadata(&cwd).unwrap();
            assert!(found.is_dir(), "{found:?}");
            assert_eq!(found.permissions().mode() & 0o777, 0o700);
            assert_eq!(fs::read_dir(&cwd).unwrap().count(), 0);
        }
        assert!(kept.exists(), "what a link leads to is not touched");
    }

    #[test]
    fn no_repository_is_found_above_it() {
        let git = |dir: &Path, words: &[&str]| {
            let mut git = std::process::Command::new("git");
            git.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").current_dir(dir).args(words);
            git.output().unwrap()
        };
        let (place, cwd) = starts_in(|_| {});
        assert!(git(place.path(), &["init", "-q"]).status.success());
        assert!(git(place.path(), &["rev-parse", "--show-toplevel"]).status.success());
        assert!(!git(&cwd, &["rev-parse", "--show-toplevel"]).status.success());
    }
}
