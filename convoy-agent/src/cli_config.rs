//! A CLI's own configuration directory: files written anew for each attempt,
//! and links to what it needs of the user's (a login), so that no secret is
//! ever copied.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::Value;
use shared::files::{self, Sync};
use shared::placeholder::Placeholders;
use shared::plan::Invocation;
use shared::{Error, IoContext, Result};

pub(crate) type Variables = BTreeMap<OsString, OsString>;

/// Makes the directory as the runner wants it. `variables` are the command's
/// own, `callers` those that were handed on.
pub(crate) fn prepare(
    invocation: &Invocation,
    placeholders: &Placeholders,
    variables: &Variables,
    callers: &Variables,
) -> Result<()> {
    if invocation.files.is_empty() && invocation.links.is_empty() {
        return Ok(());
    }
    let dir = &placeholders.config_dir;
    create(dir, dir)?;
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
            source: io::Error::other(shared::text::visible(&word)),
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
