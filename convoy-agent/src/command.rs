//! The agent's command: its words, its environment, its surroundings.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use base::files::{self, Sync};
use base::spawn::{Outputs, Spawn, Stdin};
use base::{IoContext, Result};
use protocol::agent_environment;
use protocol::layout::{AttemptFiles, ConvoyDir, Home};
use protocol::placeholder::Placeholders;
use protocol::plan::{AgentPlan, Cwd, Plan, PromptDelivery, ReportKind};

use crate::cli_config::{self, Variables};
use crate::resume::{self, Earlier};

/// One attempt, as its command needs it.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    pub(crate) home: &'a Home,
    pub(crate) dir: &'a ConvoyDir,
    pub(crate) files: &'a AttemptFiles,
    pub(crate) plan: &'a Plan,
    pub(crate) agent: &'a AgentPlan,
    pub(crate) attempt: u32,
    pub(crate) token: &'a str,
    pub(crate) prompt: &'a [u8],
    pub(crate) earlier: Option<&'a Earlier>,
}

/// A command, and what it is given.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) argv: Vec<OsString>,
    pub(crate) environment: Variables,
    /// Those of the environment that were handed on.
    pub(crate) callers: Variables,
    pub(crate) cwd: PathBuf,
    /// Read as its standard input.
    pub(crate) stdin: Option<PathBuf>,
}

impl Launch<'_> {
    fn placeholders(&self) -> Placeholders {
        let invocation = &self.agent.invocation;
        Placeholders {
            prompt_file: self.files.prompt(),
            output_file: self.files.report(),
            output_dir: self.files.out_dir(),
            project: self.plan.tree().to_path_buf(),
            read_dir: self.plan.read_dir().to_path_buf(),
            reports_dir: self.plan.output_dir.as_path().to_path_buf(),
            files_from: if self.agent.files.is_some() { self.files.files() } else { self.dir.files() },
            base: self.plan.inputs.base_commit.clone().unwrap_or_default(),
            joined: if self.plan.inputs.joined.is_empty() { PathBuf::new() } else { self.dir.joined() },
            model: invocation.model_argument.clone().unwrap_or_default(),
            tools: invocation.tools.join(","),
            role: self.agent.role.to_string(),
            convoy: self.plan.id.to_string(),
            attempt: self.attempt,
            config_dir: self.dir.cli_config(&self.agent.role),
            cwd: invocation.cwd.directory(self.plan.tree(), self.dir, &self.agent.role),
            session: self.earlier.map(|earlier| earlier.session.clone()).unwrap_or_default(),
            schema: match invocation.answer {
                Some(by) if by.has_schema() => match self.agent.report {
                    ReportKind::Verification => findings::second_look::schema().to_string(),
                    _ => findings::answer::schema(self.agent.lens.is_some()).to_string(),
                },
                Some(_) | None => String::new(),
            },
            schema_file: self.files.schema(),
            prompt: match invocation.prompt {
                PromptDelivery::Argv => self.prompt.to_vec(),
                PromptDelivery::Stdin | PromptDelivery::File => Vec::new(),
            },
        }
    }

    /// `convoys/<id>/env` cut down to what this command may see, and its own.
    fn environment(&self, stored: &[u8]) -> (Variables, Variables) {
        let invocation = &self.agent.invocation;
        let wanted = |name: &OsStr| {
            agent_environment::is_basic(name.as_encoded_bytes())
                || invocation.pass_env.iter().any(|passed| name == OsStr::new(passed.as_str()))
        };
        let callers: Variables = stored
            .split(|&byte| byte == 0)
            .filter_map(|entry| {
                let equals = entry.iter().position(|&byte| byte == b'=')?;
                let (name, value) = (entry[..equals].to_vec(), entry[equals + 1..].to_vec());
                Some((OsString::from_vec(name), OsString::from_vec(value)))
            })
            .filter(|(name, _)| wanted(name))
            .collect();
        let mut environment = callers.clone();
        environment.entry("PATH".into()).or_insert_with(|| "/usr/local/bin:/usr/bin:/bin".into());
        environment.extend(
            invocation.set_env.iter().map(|(name, value)| (name.into(), self.placeholders().fill(value))),
        );
        let mut set = |name: &str, value: OsString| environment.insert(name.into(), value);
        set("PANOPTICON_HOME", self.home.root().into());
        set("PANOPTICON_CONVOY_ID", self.plan.id.as_str().into());
        set("PANOPTICON_CONVOY_ROLE", self.agent.role.as_str().into());
        set("CONVOY_ATTEMPT", self.attempt.to_string().into());
        set("CONVOY_TOKEN", self.token.into());
        set("CONVOY_PROMPT_FILE", self.files.prompt().into());
        set("CONVOY_OUTPUT_FILE", self.files.report().into());
        set("CONVOY_FINDINGS_FILE", self.files.answer().into());
        set("CONVOY_OUTPUT_DIR", self.files.out_dir().into());
        set("CONVOY_PROJECT", self.plan.tree().into());
        if invocation.cwd == Cwd::Own {
            set("TMPDIR", self.dir.cli_tmp(&self.agent.role).into());
        }
        (environment, callers)
    }

    /// What is to be run, and with what; its configuration is written.
    pub(crate) fn words(&self, stored_environment: &[u8]) -> Result<Words> {
        let invocation = &self.agent.invocation;
        let placeholders = self.placeholders();
        let (environment, callers) = self.environment(stored_environment);
        cli_config::prepare(
            invocation,
            &placeholders,
            &self.dir.cli_tmp(&self.agent.role),
            &environment,
            &callers,
        )?;
        if !placeholders.schema.is_empty() {
            let schema = placeholders.schema.as_bytes();
            files::replace(&self.files.schema(), self.files.dir(), schema, Sync::Later)?;
        }
        Ok(Words {
            argv: placeholders.fill_all(resume::argv(invocation, self.earlier)),
            environment,
            callers,
            cwd: placeholders.cwd,
            stdin: (invocation.prompt == PromptDelivery::Stdin).then(|| self.files.prompt()),
        })
    }

    /// The command on pipes, in a session of its own.
    pub(crate) fn command(&self, stored_environment: &[u8]) -> Result<Spawn> {
        let words = self.words(stored_environment)?;
        let stdin = match &words.stdin {
            Some(path) => Stdin::File(File::open(path).context("open", path)?),
            None => Stdin::Null,
        };
        Ok(Spawn {
            program: self.agent.invocation.program.as_path().to_path_buf(),
            arguments: words.argv,
            environment: words.environment,
            cwd: Some(words.cwd),
            stdin,
            outputs: Outputs::Pipes,
        })
    }
}
