//! What a person sees at the start: the inputs, who does the work, the phases.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use base::environment::Environment;
use base::ids::Role;
use base::{duration, text};
use planning::planner::{Prepared, RunnerUse, Why};
use planning::runner::BUILTIN;
use protocol::plan::{AgentPlan, Origin, Plan};
use protocol::retry::with_dependents;
use protocol::watch_lock::Watch;

/// Widest line, and most agents told by name in one phase.
const WIDTH: usize = 80;
const NAMED: usize = 12;
/// Longer patterns are cut: they are stored in full.
const PATTERNS: usize = 40;

/// A plan for people.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) prepared: &'a Prepared,
    environment: &'a Environment,
}

impl<'a> View<'a> {
    pub(crate) fn new(environment: &'a Environment, prepared: &'a Prepared) -> Self {
        View { prepared, environment }
    }

    /// Inputs, runner and phases, before anything runs.
    pub(crate) fn head(&self) -> String {
        let mut out = format!("{}\n{}\n", self.inputs(), self.runners());
        for note in &self.prepared.notes {
            let _ = writeln!(out, "note: {note}");
        }
        let _ = write!(out, "\n{}", self.phases());
        out
    }

    /// `code-review: 42 files in ~/src/shop (src/**/*.ts)`
    fn inputs(&self) -> String {
        let plan = &self.prepared.plan;
        let inputs = &plan.inputs;
        let mut about = Vec::new();
        if !inputs.file_patterns.is_empty() {
            about.push(shortened(&inputs.file_patterns.join(" ")));
        }
        match (&inputs.diff_base, &plan.checkout) {
            (Some(base), Some(checkout)) => about.push(format!("changed from {base} to {}", checkout.shown)),
            (Some(base), None) => about.push(format!("changed since {base}")),
            (None, Some(checkout)) => about.push(format!("of {}", checkout.shown)),
            (None, None) => {}
        }
        let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
        let not_files = match inputs.not_files.len() {
            0 => String::new(),
            n => format!("{n} deleted or no regular file"),
        };
        let what = match (inputs.file_count, not_files.is_empty()) {
            (0, true) => String::new(),
            (0, false) => format!("{not_files}, in "),
            (1, true) => "1 file in ".to_owned(),
            (1, false) => format!("1 file and {not_files}, in "),
            (n, true) => format!("{n} files in "),
            (n, false) => format!("{n} files and {not_files}, in "),
        };
        let issues = match inputs.issues.as_slice() {
            [] => String::new(),
            [issue] => format!(", issue {issue}"),
            issues if issues.len() > 5 => format!(", {} issues", issues.len()),
            issues => format!(", issues {}", issues.join(" ")),
        };
        let origin = origin(plan.template_origin);
        format!("{}{origin}: {what}{}{about}{issues}", plan.template, self.path(plan.project.as_path()))
    }

    /// `runner claude 2.1.330, at most $5.00 and 30 minutes per agent`
    fn runners(&self) -> String {
        let plan = &self.prepared.plan;
        if let [only] = self.prepared.runners.as_slice()
            && only.name.as_str() == BUILTIN
        {
            let tip = match only.why {
                Why::Fallback => " (pan doctor tells how to add one)",
                Why::CommandLine
                | Why::Template
                | Why::AgentFile
                | Why::Settings
                | Why::Config
                | Why::Found => "",
            };
            return format!("runner builtin: static rules, no AI{tip}");
        }
        let names: Vec<String> = self.prepared.runners.iter().map(runner_name).collect();
        let word = if names.len() == 1 { "runner" } else { "runners" };
        let mut limits = Vec::new();
        if let Some(usd) = plan.budget_usd
            && !plan.agents.iter().all(|agent| agent.invocation.unconfined || agent.invocation.static_only)
        {
            limits.push(format!("${usd:.2}"));
        }
        let timeouts = plan.agents.iter().map(|agent| agent.timeout_ms);
        if let (Some(least), Some(most)) = (timeouts.clone().min(), timeouts.max()) {
            let time = if least == most {
                minutes(most)
            } else {
                format!("{} to {}", minutes(least), minutes(most))
            };
            limits.push(format!("{time} per agent"));
        }
        format!("{word} {}, at most {}", names.join(", "), limits.join(" and "))
    }

    /// One line a phase; an agent is in the phase after the latest of its dependencies.
    pub(crate) fn phases(&self) -> String {
        let plan = &self.prepared.plan;
        let phases = plan.phases();
        let width = phases.len().to_string().len();
        let mut out = String::new();
        for (i, agents) in phases.iter().enumerate() {
            let mut names: Vec<String> = agents.iter().take(NAMED).map(|agent| self.agent(agent)).collect();
            if agents.len() > NAMED {
                names.push(format!("{} more", agents.len() - NAMED));
            }
            let mut line = format!("  {:>width$}", i + 1);
            let indent = line.len() + 2;
            for (j, name) in names.iter().enumerate() {
                let separator = if j == 0 { "  " } else { "  +  " };
                // Room for the "  +" of a line that goes on.
                let long = line.chars().count() + separator.len() + name.chars().count() > WIDTH - 3;
                if j > 0 && long {
                    let _ = writeln!(out, "{line}  +");
                    line = format!("{:indent$}{name}", "");
                } else {
                    let _ = write!(line, "{separator}{name}");
                }
            }
            if let Some(after) = after(plan, agents) {
                let _ = write!(line, "   {after}");
            }
            let _ = writeln!(out, "{line}");
        }
        out
    }

    /// `security sonnet`, with the runner where there are several.
    fn agent(&self, agent: &AgentPlan) -> String {
        let mut out = agent.role.to_string();
        if let Some(fan_out) = &agent.fan_out {
            let _ = write!(out, " (up to {})", fan_out.max);
        }
        if self.prepared.runners.len() > 1 {
            let names: Vec<&str> = agent.chain().map(|one| one.runner.as_str()).collect();
            let _ = write!(out, " {}", names.join(", then "));
        }
        if let Some(model) = &agent.invocation.model {
            let _ = write!(out, " {}", text::visible(model));
        }
        out
    }

    /// What to type next, after the start.
    pub(crate) fn next_steps(&self, watch: Watch) -> String {
        let plan = &self.prepared.plan;
        let short = plan.id.short();
        let mut out = "follow   pan convoy status --follow\n".to_owned();
        if let Some(role) = shown_agent(plan) {
            let _ = writeln!(out, "watch    pan convoy attach {short} {role}");
        }
        let _ = writeln!(out, "stop     pan convoy stop {short}");
        if watch == Watch::None {
            let _ =
                writeln!(out, "no watcher is running: run convoy-watch --all --once, for instance from cron");
        }
        out
    }

    /// A path with `~` for the user's home.
    pub(crate) fn path(&self, path: &Path) -> String {
        let home = self.environment.user_home.as_deref().filter(|home| *home != Path::new("/"));
        match home.and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
            Some(rest) => format!("~/{}", text::path(rest)),
            None => text::path(path),
        }
    }
}

/// The agent of the first phase that thinks most, by the look of its model.
fn shown_agent(plan: &Plan) -> Option<String> {
    let phases = plan.phases();
    let first = phases.first()?;
    let careful =
        |agent: &&&AgentPlan| agent.invocation.model.as_deref().is_some_and(|model| model != "haiku");
    first.iter().find(careful).or(first.first()).map(|agent| agent.role.to_string())
}

/// "after all three", where one agent waits for several; who waits for the last of them
/// waits for those before it.
fn after(plan: &Plan, phase: &[&AgentPlan]) -> Option<String> {
    let [agent] = phase else { return None };
    let before = |one: &Role| {
        let mut others = agent.depends_on.iter().filter(|other| *other != one).peekable();
        // A long chain, in which there are none, would be looked through for each of its agents.
        others.peek().is_some() && {
            let behind = with_dependents(plan, &BTreeSet::from([one.clone()]));
            others.any(|other| behind.contains(other))
        }
    };
    let last: Vec<&Role> = agent.depends_on.iter().filter(|one| !before(one)).collect();
    match last.as_slice() {
        [] => None,
        [one] => Some(format!("after {one}")),
        [_, _] => Some("after both".to_owned()),
        [_, _, _] => Some("after all three".to_owned()),
        many => Some(format!("after all {}", many.len())),
    }
}

fn runner_name(runner: &RunnerUse) -> String {
    let mut out = format!("{}{}", runner.name, origin(runner.origin));
    if let Some(version) = &runner.version {
        let _ = write!(out, " {version}");
    }
    out
}

pub(crate) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::BuiltIn => "",
        Origin::User => " (user)",
        Origin::File => " (file)",
    }
}

fn minutes(ms: u64) -> String {
    match ms {
        60_000 => "1 minute".to_owned(),
        ms if ms.is_multiple_of(60_000) && ms < 3_600_000 => format!("{} minutes", ms / 60_000),
        ms => duration::shown(ms),
    }
}

fn shortened(patterns: &str) -> String {
    if patterns.chars().count() <= PATTERNS {
        return patterns.to_owned();
    }
    let cut: String = patterns.chars().take(PATTERNS - 2).collect();
    format!("{cut} …")
}
