//! `[hooks]`: what the user has run when a convoy has ended.

use std::time::Duration;

use base::duration;

use crate::document::Value;
use crate::fields::{Fields, Reader, boolean, command, filled_text, time};

const KEYS: [&str; 4] = ["on_end", "notify", "webhook", "timeout"];

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(3600);

/// What is run when a convoy has ended. Only the user's own `config.toml` says so:
/// no project does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hooks {
    /// A program, by its name on PATH or an absolute path, and its arguments.
    pub on_end: Option<Vec<String>>,
    /// A desktop notification, where there is a desktop.
    pub notify: bool,
    /// An address (http or https) that is sent the same as `on_end` reads. It may hold a secret.
    pub webhook: Option<String>,
    /// What each of them may take.
    pub timeout: Duration,
}

impl Default for Hooks {
    fn default() -> Self {
        Hooks { on_end: None, notify: false, webhook: None, timeout: DEFAULT_TIMEOUT }
    }
}

impl Hooks {
    /// Is there something to run?
    pub fn any(&self) -> bool {
        self.on_end.is_some() || self.notify || self.webhook.is_some()
    }
}

pub(super) fn read(reader: &mut Reader<'_>, config: &Fields<'_>) -> Hooks {
    let Some(fields) = config.node("hooks").and_then(|node| reader.table(node, "'hooks'")) else {
        return Hooks::default();
    };
    reader.known(&fields, &KEYS);
    Hooks {
        on_end: reader.optional(&fields, "on_end", own_command).map(|found| found.value),
        notify: reader.optional(&fields, "notify", boolean).is_some_and(|found| found.value),
        webhook: reader.optional(&fields, "webhook", address).map(|found| found.value),
        timeout: reader.optional(&fields, "timeout", limit).map_or(DEFAULT_TIMEOUT, |found| found.value),
    }
}

/// It runs wherever a convoy ended: a path from here would be another program there.
fn own_command(value: &Value) -> Result<Vec<String>, String> {
    let words = command(value)?;
    match words.first() {
        Some(program) if program.contains('/') && !program.starts_with('/') => {
            Err(format!("'{}' is neither a name on PATH nor an absolute path", base::text::visible(program)))
        }
        _ => Ok(words),
    }
}

fn address(value: &Value) -> Result<String, String> {
    let text = filled_text(value)?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_one = |rest: &str| {
        !rest.is_empty()
            && !rest.starts_with(['/', '?', '#', ':'])
            && rest.chars().all(|c| c.is_ascii_graphic())
    };
    // Not shown: who may post to it is said by the address itself.
    if rest.is_some_and(is_one) { Ok(text) } else { Err("it is no http:// or https:// address".to_owned()) }
}

fn limit(value: &Value) -> Result<Duration, String> {
    let limit = Duration::from_millis(time(value)?);
    if limit > LONGEST_TIMEOUT {
        return Err(format!("expected at most {}", duration::shown(LONGEST_TIMEOUT.as_millis() as u64)));
    }
    Ok(limit)
}
