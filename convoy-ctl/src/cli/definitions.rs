//! Templates, agent files, runners and skills.

use std::ffi::OsString;
use std::path::PathBuf;

use base::ids::Name;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum TemplatesVerb {
    /// Print a template with all that it inherits
    Show {
        /// Name, or path
        template: OsString,
        /// The file as it is
        #[arg(long)]
        source: bool,
    },
    /// Check a template and the files it names; tell every mistake
    Check {
        /// Name, or path
        template: OsString,
    },
    /// Write a first template of your own
    New {
        name: Name,
        /// Begin with a copy of this one: name, or path
        #[arg(long, value_name = "TEMPLATE")]
        from: Option<OsString>,
    },
    /// Print the JSON Schema of templates, for editors
    Schema,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgentsVerb {
    /// Print an agent file
    Show { name: OsString },
    /// Tell of each agent file what its agent is given, or what is wrong with it
    Check {
        /// Directories (with all below them), files, or names; none: all there are
        #[arg(value_name = "DIR|FILE|NAME")]
        files: Vec<OsString>,
        /// As this runner would give it
        #[arg(long)]
        runner: Option<Name>,
        /// Print an array of objects
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SkillsVerb {
    /// Put them where Claude Code finds them; shows what it would overwrite
    Install {
        /// Below this directory (default: ~/.claude), for instance a project's .claude
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Overwrite what differs
        #[arg(long)]
        force: bool,
        /// Only show what would be done
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExecutorsVerb {
    /// Print an executor's file
    Show { name: Name },
    /// Check an executor's file; tell every mistake
    Check { name: Name },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunnersVerb {
    /// Print a runner's file
    Show { name: Name },
    /// Check a runner's file; tell every mistake
    Check { name: Name },
    /// Write a runner of your own: a copy of another one
    New {
        name: Name,
        /// The one that is copied
        #[arg(long, value_name = "RUNNER")]
        from: Name,
    },
    /// Print the JSON Schema of runner files, for editors
    Schema,
}
