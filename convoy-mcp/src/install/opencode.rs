//! opencode: `opencode.jsonc` or `opencode.json`. A call ends after its limit without a
//! word; each progress begins it anew. Its tools need an approval only where the user
//! has a list of permissions.

use std::path::Path;

use base::environment::Environment;
use base::files;
use base::program::Failure;
use serde_json::{Value, json};

use super::json::{Settings, input};
use super::{CALL_LIMIT_S, Change, Entry, directory};

/// The first that is there is the one; else the last is made.
const NAMES: [&str; 3] = ["opencode.jsonc", "config.json", "opencode.json"];
/// All tools of this server, in its permissions.
const TOOLS: &str = "pan_*";

pub(crate) fn change(environment: &Environment, entry: Option<&Entry>) -> Result<Change, Failure> {
    let dir = directory(environment, "XDG_CONFIG_HOME", ".config")?.join("opencode");
    let settings = Settings::open(dir.join(name_in(&dir)?), true)?;
    let value = entry.map(|entry| {
        json!({
            "type": "local",
            "command": entry.command,
            "environment": entry.variables,
            "enabled": true,
            "timeout": CALL_LIMIT_S * 1000,
        })
    });
    let command = |entry: &Value| {
        let words = entry["command"].as_array().map(Vec::as_slice).unwrap_or_default();
        words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let shown = settings.put("mcp", value, command)?;
    let permissions = settings.top().get("permission").and_then(|property| property.object_value());
    match permissions.map(|permissions| (permissions.get(TOOLS), permissions)) {
        Some((Some(ours), _)) if entry.is_none() => ours.remove(),
        // The last rule that fits counts.
        Some((None, permissions)) if entry.is_some() => _ = permissions.append(TOOLS, input(&json!("allow"))),
        _ => {}
    }
    Ok(settings.finish(shown))
}

fn name_in(dir: &Path) -> Result<&'static str, Failure> {
    for name in NAMES {
        let path = dir.join(name);
        let found = files::find(&path);
        if base::IoContext::context(found, "look at", &path)?.is_some() {
            return Ok(name);
        }
    }
    Ok(NAMES[NAMES.len() - 1])
}
