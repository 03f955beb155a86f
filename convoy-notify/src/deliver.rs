//! Telling one hook.

mod webhook;

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base::environment::{self, Environment, scrub};
use base::error::{IoContext, Result, chain};
use base::files::Temporary;
use base::{subprocess, text};
use planning::config::Hooks;
use protocol::hooks::{Hook, How, Outcome};
use protocol::layout::ConvoyDir;
use protocol::state::ConvoyStatus;

use crate::event::Event;

/// Characters of what a hook said that are kept.
const SAID: usize = 300;

pub(crate) struct Delivery<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) hooks: &'a Hooks,
    pub(crate) dir: &'a ConvoyDir,
    pub(crate) event: &'a Event,
}

/// What became of it, other than done.
enum Not {
    Done(String),
    Here(String),
}

impl From<base::Error> for Not {
    fn from(error: base::Error) -> Self {
        Not::Done(chain(&error))
    }
}

impl Delivery<'_> {
    pub(crate) fn of(&self, hook: Hook) -> Outcome {
        let delivered = match hook {
            Hook::OnEnd => self.on_end(),
            Hook::Notify => self.notify(),
            Hook::Webhook => self.webhook(),
        };
        let (how, detail) = match delivered {
            Ok(()) => (How::Done, String::new()),
            Err(Not::Done(why)) => (How::Failed, why),
            Err(Not::Here(why)) => (How::Skipped, why),
        };
        Outcome { hook, how, detail: text::visible(&detail) }
    }

    fn json(&self) -> std::result::Result<Vec<u8>, Not> {
        serde_json::to_vec(self.event).map_err(|error| Not::Done(error.to_string()))
    }

    fn on_end(&self) -> std::result::Result<(), Not> {
        let Some((name, words)) = self.hooks.on_end.as_ref().and_then(|argv| argv.split_first()) else {
            return Ok(());
        };
        let Some(program) = self.program(name)? else {
            return Err(Not::Done(format!("there is no program {name}")));
        };
        let mut command = Command::new(program);
        command.args(words).stdin(self.on_stdin()?);
        self.run(command)
    }

    /// A file, so that a hook that does not read it holds up nobody.
    fn on_stdin(&self) -> std::result::Result<Stdio, Not> {
        let mut file = Temporary::private(&self.dir.dir(), "event")?;
        file.write(&self.json()?)?;
        Ok(File::open(file.path()).context("open", file.path())?.into())
    }

    fn notify(&self) -> std::result::Result<(), Not> {
        let has = |name: &str| self.environment.var(name).filter(|value| !value.is_empty());
        let bus = has("XDG_RUNTIME_DIR").is_some_and(|dir| Path::new(dir).join("bus").exists());
        if has("DBUS_SESSION_BUS_ADDRESS").is_none() && !bus {
            return Err(Not::Here("there is no desktop session here".to_owned()));
        }
        let Some(program) = self.program("notify-send")? else {
            return Err(Not::Here("there is no notify-send".to_owned()));
        };
        let urgency = if self.event.status == ConvoyStatus::Completed { "normal" } else { "critical" };
        let mut command = Command::new(program);
        command.args(["--app-name=convoy", &format!("--urgency={urgency}"), "--"]);
        command.args([&format!("convoy {}", self.event.id), &escaped(&self.event.text)]).stdin(Stdio::null());
        self.run(command)
    }

    fn webhook(&self) -> std::result::Result<(), Not> {
        let Some(address) = &self.hooks.webhook else { return Ok(()) };
        webhook::post(address, &self.event.delivery, &self.json()?, self.hooks.timeout).map_err(Not::Done)
    }

    /// By an absolute path or on PATH, whose relative parts are not those of a project.
    fn program(&self, name: &str) -> Result<Option<PathBuf>> {
        let path = self.environment.var("PATH").unwrap_or(OsStr::new("/usr/local/bin:/usr/bin:/bin"));
        environment::find_on_path(path, name, Path::new("/"))
    }

    /// In no project, and no longer than it may take; gone with this program.
    fn run(&self, mut command: Command) -> std::result::Result<(), Not> {
        command.current_dir("/");
        scrub(&mut command);
        subprocess::die_with_caller(&mut command);
        let limit = self.hooks.timeout;
        let ended = subprocess::output(command, limit)
            .map_err(|error| Not::Done(format!("it cannot be run: {}", base::error::reason(&error))))?;
        match ended.status {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(Not::Done(format!("{status}{}", said(&ended.stderr)))),
            None => Err(Not::Done(format!(
                "it was ended after {}",
                base::duration::shown(limit.as_millis() as u64)
            ))),
        }
    }
}

/// The last line it printed to people.
fn said(stderr: &[u8]) -> String {
    let all = String::from_utf8_lossy(stderr);
    let last = all.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let last: String = last.trim().chars().take(SAID).collect();
    if last.is_empty() { last } else { format!(": {last}") }
}

/// Bodies of notifications may hold markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
