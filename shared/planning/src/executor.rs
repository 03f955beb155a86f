//! Executors: where an agent's command runs, as data (`executors/*.toml`).
//!
//! Conditions that are known when the plan is made are settled here, and
//! `{options...}`; the rest is filled in for the attempt ([`protocol::far`]).

mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use base::ids::Name;
use protocol::plan::{Origin, PlaceEach, PlaceWhen, PlaceWords, Placement, Proof};

use crate::diagnostic::Diagnostic;

#[cfg(test)]
pub(crate) use read::documented_keys;
pub use read::read;

/// Nothing is placed.
pub(crate) const LOCAL: &str = "local";
/// What `sandbox = "auto"` means.
pub const SANDBOX: &str = "bwrap";

/// An executor file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executor {
    pub description: String,
    /// `None`: beside its supervisor.
    pub program: Option<String>,
    /// What to do when it is not installed.
    pub install: Option<String>,
    /// What it needs besides, for people.
    pub needs: Vec<String>,
    pub proof: Proof,
    pub(crate) shell: bool,
    pub(crate) place: Vec<Place>,
    pub(crate) pass_env: Vec<String>,
    pub(crate) keep_env: Vec<String>,
    pub(crate) node: Option<String>,
    pub(crate) list: Vec<String>,
    pub(crate) waiting: Vec<String>,
    pub(crate) over: Vec<String>,
    pub(crate) never: Vec<String>,
    pub(crate) ask: Vec<String>,
    pub(crate) cancel: Vec<String>,
}

/// Words of the placing command that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    words: Vec<String>,
    when: Option<When>,
    each: Option<PlaceEach>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Attempt(PlaceWhen),
    /// The agent asks for it.
    Value(&'static str),
}

/// What an agent asks an executor for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    pub cpus: Option<u32>,
    pub memory: Option<String>,
    /// Milliseconds.
    pub time_ms: Option<u64>,
}

/// What `config.toml` says of an executor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    pub options: Vec<String>,
    pub host: Option<String>,
}

impl Resources {
    /// As the words of executors have them: a time in minutes, as engines count.
    fn values(&self) -> BTreeMap<String, String> {
        let minutes = self.time_ms.map(|ms| ms.div_ceil(60_000).to_string());
        let all =
            [("cpus", self.cpus.map(|n| n.to_string())), ("memory", self.memory.clone()), ("time", minutes)];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// The executor for one agent; `None`: nothing is placed. `find`: a program by its
/// name, absolute.
pub(crate) fn resolve(
    name: &Name,
    origin: Origin,
    executor: &Executor,
    resources: &Resources,
    options: &Options,
    find: impl Fn(&str) -> Result<Option<std::path::PathBuf>, Diagnostic>,
) -> Result<Option<Placement>, Diagnostic> {
    let Some(program) = &executor.program else { return Ok(None) };
    let missing = |program: &str| {
        let problem = Diagnostic::new(format!("executor '{name}': {program} is not installed"));
        problem.hint(executor.install.clone().unwrap_or_else(|| format!("install {program}")))
    };
    let found = find(program)?.ok_or_else(|| missing(program))?;
    let mut values = resources.values();
    values.extend(options.host.iter().map(|host| ("host".to_owned(), host.clone())));
    let command = |words: &[String]| -> Result<Vec<String>, Diagnostic> {
        let mut words = expand(words, options);
        if let Some(first) = words.first_mut()
            && !Path::new(first).is_absolute()
        {
            let path = find(first)?.ok_or_else(|| missing(first))?;
            // What is on PATH under another name than UTF-8 is found by PATH.
            if let Some(path) = path.to_str() {
                path.clone_into(first);
            }
        }
        Ok(words)
    };
    let groups = executor.place.iter().filter(|group| match group.when {
        Some(When::Value(value)) => values.contains_key(value),
        Some(When::Attempt(_)) | None => true,
    });
    let words: Vec<PlaceWords> = groups
        .map(|group| PlaceWords {
            words: expand(&group.words, options),
            when: match group.when {
                Some(When::Attempt(when)) => Some(when),
                Some(When::Value(_)) | None => None,
            },
            each: group.each,
        })
        .collect();
    check_values(name, executor, &words, &values)?;
    Ok(Some(Placement {
        executor: name.clone(),
        executor_origin: origin,
        program: found.into(),
        words,
        proof: executor.proof,
        shell: executor.shell,
        pass_env: executor.pass_env.clone(),
        keep_env: executor.keep_env.clone(),
        node: executor.node.clone(),
        list: command(&executor.list)?,
        waiting: executor.waiting.clone(),
        over: executor.over.clone(),
        never: executor.never.clone(),
        ask: command(&executor.ask)?,
        cancel: command(&executor.cancel)?,
        values,
    }))
}

/// Words with the user's own options where they are to be.
fn expand(words: &[String], options: &Options) -> Vec<String> {
    let mut out = Vec::new();
    for word in words {
        if word == "{options...}" {
            out.extend(options.options.iter().cloned());
        } else {
            out.push(word.clone());
        }
    }
    out
}

/// Has everything that its words ask for a value?
fn check_values(
    name: &Name,
    executor: &Executor,
    words: &[PlaceWords],
    values: &BTreeMap<String, String>,
) -> Result<(), Diagnostic> {
    for value in protocol::far::VALUES {
        let asks = |word: &String| word.contains(&format!("{{{value}}}"));
        let used = words.iter().flat_map(|group| &group.words).chain(&executor.ask).any(asks);
        if used && !values.contains_key(value) {
            let hint = match value {
                "host" => format!("[executors.{name}] in config.toml: host = \"NAME\""),
                _ => format!("\"resources\": {{\"{value}\": …}} of the agent in its template"),
            };
            return Err(Diagnostic::new(format!("executor '{name}' needs a {value}")).hint(hint));
        }
    }
    Ok(())
}
