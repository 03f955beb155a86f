//! The commands of `pan` and the verbs of `pan convoy`: the one list that the
//! help, the completions and the man page are made from. Which program each is
//! for, `route` says; a verb that is not listed here is passed on all the same.

use std::fmt::Write as _;

use clap::Command;

/// A command, how it is called, what it does.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// Its arguments, for the help.
    arguments: &'static str,
    about: &'static str,
}

const fn entry(name: &'static str, arguments: &'static str, about: &'static str) -> Entry {
    Entry { name, arguments, about }
}

pub(crate) const COMMANDS: [Entry; 14] = [
    entry("review", "", "Review a change; exit 0 approved, 1 changes wanted, 3 no verdict"),
    entry("comment", "", "Put findings on the pull request: one comment, lines, a check"),
    entry("findings", "", "What is open here; accept, dismiss, reopen, baseline, stats"),
    entry("show", "", "One finding with its code:  pan show F3"),
    entry("init", "", "Your settings of this project: runner, gate, exclude, guidelines"),
    entry("convoy", "", "Start, watch and steer convoys (teams of agents)"),
    entry("merge", "", "Merge review files into one ranked report without duplicates"),
    entry("lint", "", "Review files with the built-in rules: no AI, no network"),
    entry("dashboard", "", "Watch everything on a web page"),
    entry("mcp", "", "Let other agents start and read convoys (MCP); install"),
    entry("skills", "", "Install the Claude Code skills and agents"),
    entry("costs", "", "What was spent, by day, project and runner"),
    entry("doctor", "", "Check this machine and say how to fix what is missing"),
    entry("help", "", "Explain a command:  pan help review"),
];

/// The verbs of `pan convoy`, by what one wants to do.
pub(crate) const VERBS: [(&str, &[Entry]); 5] = [
    (
        "begin",
        &[
            entry("start", "TEMPLATE", "Start a convoy and print its id"),
            entry("templates", "", "List templates (show, check, new)"),
            entry("agents", "", "List agent files and what each gives (check, show)"),
            entry("runners", "", "List the agent CLIs found here (show, check)"),
            entry("executors", "", "List where agents can run (show, check)"),
            entry("init", "", "Your settings of this project, as pan init"),
        ],
    ),
    (
        "look",
        &[
            entry("status", "[ID]", "Show a convoy and its agents (--follow: live)"),
            entry("list", "", "List convoys, newest first"),
            entry("attach", "ID ROLE", "Open an agent's terminal (ended: its log)"),
            entry("logs", "ID ROLE", "Print an agent's log (-f: follow)"),
            entry("events", "[ID]", "Print what happened, in order (-f: follow)"),
            entry("graph", "[ID]", "Draw the plan (text, mermaid, dot)"),
            entry("costs", "", "What was spent, by day, project and runner"),
        ],
    ),
    (
        "result",
        &[
            entry("wait", "[ID]", "Wait; exit 0 completed, 1 failed, 3 partial"),
            entry("output", "[ID] [ROLE]", "Print the final report, or one agent's"),
            entry("findings", "[ID]", "Print merged findings (md, json, sarif, …)"),
            entry("show", "F3", "Print one finding with its code, as pan show"),
            entry("decisions", "", "What is remembered of the project: as pan findings"),
        ],
    ),
    (
        "steer",
        &[
            entry("stop", "ID…", "End every process of convoys"),
            entry("retry", "ID [ROLE]", "Run what failed again"),
            entry("fence", "ID ROLE", "Say that a lost agent's node is dead"),
            entry("resume", "ID | --all", "Start a watcher for what lost its own"),
            entry("watch", "ID | --all", "Be that watcher, in this terminal"),
            entry("synthesize", "ID", "Write the final report again from what exists"),
        ],
    ),
    (
        "tidy",
        &[
            entry("rm", "ID…", "Delete ended convoys"),
            entry("prune", "", "Delete ended convoys older than 30 days"),
            entry("doctor", "", "Check this machine and say how to fix it"),
        ],
    ),
];

/// What the agents without an AI run; of use by hand as well.
pub(crate) const TOOLS: [Entry; 3] = [
    entry("inventory", "", "What a project is made of"),
    entry("triage", "", "Sort issues by rules"),
    entry("health", "", "Look at all running convoys: what is stuck or dead"),
];

/// `pan --help`
pub(crate) fn top_screen() -> String {
    let mut text =
        "pan: run a team of coding agents, and know how it ended\n\nusage: pan <command> …\n\n".to_owned();
    for Entry { name, about, .. } in &COMMANDS {
        let _ = writeln!(text, "  {name:<12}{about}");
    }
    text.push_str(
        "\nfirst steps   pan doctor\n              pan review --diff\n              \
         pan convoy start code-review --files 'src/**/*.ts'\n",
    );
    text
}

/// `pan convoy --help`
pub(crate) fn convoy_screen() -> String {
    let mut text = "usage: pan convoy <command> …\n\n".to_owned();
    let tools: (&str, &[Entry]) = ("tools", &TOOLS);
    for (group, verbs) in VERBS.iter().copied().chain([tools]) {
        for (n, Entry { name, arguments, about }) in verbs.iter().enumerate() {
            let group = if n == 0 { group } else { "" };
            let usage = format!("{name} {arguments}");
            let _ = writeln!(text, "{group:<8}{usage:<20}{about}");
        }
    }
    text.push_str(
        "\nID: full, any unique beginning of its last part (k7q), or latest.\n    \
         [ID] left out: the running convoy of this project, else its newest.\n",
    );
    text
}

/// The command line, for completions and the man page.
pub(crate) fn command() -> Command {
    let command = |entry: &Entry| Command::new(entry.name).about(entry.about);
    let verbs = VERBS.iter().flat_map(|(_, verbs)| verbs.iter()).chain(&TOOLS);
    let convoy = |top: Command| {
        if top.get_name() == "convoy" { top.subcommands(verbs.clone().map(command)) } else { top }
    };
    Command::new("pan")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Run a team of coding agents, and know how it ended")
        .disable_help_subcommand(true)
        .subcommands(COMMANDS.iter().map(command).map(convoy))
}
