//! Gemini CLI: `settings.json`. Without `trust` its headless runs are not offered the
//! tools at all; its limit of a call (600 s) is not moved by progress.

use base::environment::Environment;
use base::program::Failure;
use serde_json::json;

use super::json::{Settings, command_and_args};
use super::{CALL_LIMIT_S, Change, Entry, home};

pub(crate) fn change(environment: &Environment, entry: Option<&Entry>) -> Result<Change, Failure> {
    let own = environment.var("GEMINI_CLI_HOME").filter(|value| !value.is_empty());
    let home = own.map_or_else(
        || home(environment).map(std::path::Path::to_path_buf),
        |own| Ok(environment.current_dir.join(own)),
    )?;
    let settings = Settings::open(home.join(".gemini/settings.json"), true)?;
    let value = entry.map(|entry| {
        json!({
            "command": entry.program(),
            "args": entry.words(),
            "env": entry.variables,
            "timeout": CALL_LIMIT_S * 1000,
            "trust": true,
        })
    });
    let shown = settings.put("mcpServers", value, command_and_args)?;
    Ok(settings.finish(shown))
}
