//! The command line, as typed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Let other agents start convoys, wait for them and read their findings (MCP, stdio).
///
/// An agent CLI runs it in the project it works on; `install` tells the CLI how.
/// Without --allow it only reads. It ends with its standard input; convoys go on.
#[derive(Debug, Parser)]
#[command(
    name = "convoy-mcp",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  pan mcp install claude                          # may only look
  pan mcp install --allow start,stop,decide       # every agent CLI found here
  pan mcp install codex --print                   # what would be written, and where
  pan mcp uninstall

Exit codes:
  0 ended as asked   1 it cannot serve   2 invalid request, or settings that cannot be read
  4 no agent CLI found   5 settings that could not be written"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,

    #[command(flatten)]
    pub(crate) rights: Rights,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write the server, its limits and approvals into the user settings of agent CLIs
    Install {
        /// Which; all that are found here when none is named
        #[arg(value_name = "CLI")]
        clis: Vec<AgentCli>,
        #[command(flatten)]
        rights: Rights,
        /// Print what would be written, and write nothing
        #[arg(long)]
        print: bool,
    },
    /// Take out of their settings what install wrote
    Uninstall {
        /// Which; all that have it when none is named
        #[arg(value_name = "CLI")]
        clis: Vec<AgentCli>,
        /// Print what would be written, and write nothing
        #[arg(long)]
        print: bool,
    },
}

/// The agent CLIs whose settings are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum AgentCli {
    Claude,
    Codex,
    Gemini,
    Opencode,
}

impl AgentCli {
    pub(crate) fn name(self) -> &'static str {
        match self {
            AgentCli::Claude => "claude",
            AgentCli::Codex => "codex",
            AgentCli::Gemini => "gemini",
            AgentCli::Opencode => "opencode",
        }
    }
}

/// What a server may do besides reading.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Rights {
    /// What it may do besides reading: start and stop convoys, decide about findings (accept, dismiss); default: nothing
    #[arg(long, value_name = "start,stop,decide", value_delimiter = ',')]
    pub(crate) allow: Vec<Right>,

    /// A variable that convoys get although its name says KEY, TOKEN, SECRET or PASSWORD; repeatable
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) pass_env: Vec<String>,
}

impl Rights {
    pub(crate) fn allows(&self, right: Right) -> bool {
        self.allow.contains(&right)
    }

    /// The words of a command line that gives the same rights.
    pub(crate) fn words(&self) -> Vec<String> {
        let allowed: BTreeSet<Right> = self.allow.iter().copied().collect();
        let allowed: Vec<&str> = allowed.into_iter().map(Right::name).collect();
        let allow = (!allowed.is_empty()).then(|| format!("--allow={}", allowed.join(",")));
        let passed = self.pass_env.iter().map(|name| format!("--pass-env={name}"));
        allow.into_iter().chain(passed).collect()
    }

    /// Is this variable kept from what is started? A client may hand its own key on,
    /// and what a convoy is started with must not depend on which client that is.
    pub(crate) fn withholds(&self, variable: &OsStr) -> bool {
        let name = variable.to_string_lossy();
        let upper = name.to_uppercase();
        ["KEY", "TOKEN", "SECRET", "PASSWORD"].iter().any(|mark| upper.contains(mark))
            && !self.pass_env.iter().any(|passed| *passed == name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Right {
    Start,
    Stop,
    Decide,
}

impl Right {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Right::Start => "start",
            Right::Stop => "stop",
            Right::Decide => "decide",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn rights_are_written_as_they_are_read() {
        let line = ["convoy-mcp", "--allow", "stop,start", "--allow=stop", "--pass-env=A_KEY"];
        let rights = Arguments::try_parse_from(line).unwrap().rights;
        assert_eq!(rights.words(), ["--allow=start,stop", "--pass-env=A_KEY"]);
        let words = ["convoy-mcp".to_owned()].into_iter().chain(rights.words());
        assert_eq!(Arguments::try_parse_from(words).unwrap().rights.words(), rights.words());
        assert!(Rights::default().words().is_empty());
    }

    #[test]
    fn what_looks_like_a_key_is_kept_back_unless_it_is_named() {
        let rights = Rights { pass_env: vec!["MY_KEY".to_owned()], ..Rights::default() };
        for (name, want) in [
            ("ANTHROPIC_API_KEY", true),
            ("CLAUDE_CODE_OAUTH_TOKEN", true),
            ("Db_Password", true),
            ("AWS_SECRET_ACCESS", true),
            ("MY_KEY", false),
            ("HOME", false),
            ("PANOPTICON_HOME", false),
        ] {
            assert_eq!(rights.withholds(OsStr::new(name)), want, "{name}");
        }
    }
}
