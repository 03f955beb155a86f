//! `convoys/<id>/env`: what the agents' commands may see of the environment of
//! whoever started (or retried) the convoy, so that neither cron nor an already
//! running tmux server makes a difference. 0600, removed at the convoy's end.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use base::environment::{Environment, is_convoy_marker};
use base::error::Result;
use base::files::{self, Sync};

use crate::layout::ConvoyDir;
use crate::plan::{AgentPlan, Plan};
use crate::redact::Secrets;

/// Variables every command gets, where they are known; and all `LC_*`.
pub(crate) const BASIC: [&str; 15] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "TERM",
    "SSH_AUTH_SOCK",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
];

/// Is this a variable every command gets?
pub fn is_basic(name: &[u8]) -> bool {
    name.starts_with(b"LC_") || BASIC.iter().any(|basic| basic.as_bytes() == name)
}

/// The variables the agents of a plan are given, NUL-separated `KEY=VALUE`.
pub fn collect(environment: &Environment, plan: &Plan) -> Vec<u8> {
    let invocations = plan.agents.iter().flat_map(AgentPlan::chain);
    let placements = plan.agents.iter().filter_map(|agent| agent.placement.as_ref());
    let placing = placements.flat_map(|placement| &placement.pass_env).map(String::as_bytes);
    let passed: std::collections::BTreeSet<&[u8]> = invocations
        .flat_map(|invocation| &invocation.pass_env)
        .map(String::as_bytes)
        .chain(placing)
        .collect();
    let mut out = Vec::new();
    for (name, value) in &environment.variables {
        let wanted = is_basic(name.as_bytes()) || passed.contains(name.as_bytes());
        if wanted && !is_convoy_marker(name) {
            for part in [name.as_bytes(), b"=", value.as_bytes(), b"\0"] {
                out.extend_from_slice(part);
            }
        }
    }
    out
}

/// The variables of a stored environment, in its order.
pub fn entries(stored: &[u8]) -> impl Iterator<Item = (&OsStr, &OsStr)> {
    stored.split(|&byte| byte == 0).filter_map(|entry| {
        let equals = entry.iter().position(|&byte| byte == b'=')?;
        Some((OsStr::from_bytes(&entry[..equals]), OsStr::from_bytes(&entry[equals + 1..])))
    })
}

/// What of a convoy's environment is to be found nowhere else. None is stored
/// for a convoy that has ended.
pub fn secrets(dir: &ConvoyDir) -> Result<Secrets> {
    let stored = files::read_if_there(&dir.env())?.unwrap_or_default();
    Ok(Secrets::of(entries(&stored)))
}

/// Writes it anew, from the environment of who retries or synthesizes.
pub fn renew(dir: &ConvoyDir, environment: &Environment, plan: &Plan) -> Result<()> {
    files::replace(&dir.env(), &dir.dir(), &collect(environment, plan), Sync::Later)?;
    Ok(())
}
