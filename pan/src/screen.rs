//! The two pages of help.

pub(crate) const TOP: &str = "\
pan: run a team of coding agents, and know how it ended

usage: pan <command> …

  review      Review a change; exit 0 approved, 1 changes wanted, 3 no verdict
  convoy      Start, watch and steer convoys (teams of agents)
  merge       Merge review files into one ranked report without duplicates
  lint        Review files with the built-in rules: no AI, no network
  dashboard   Watch everything on a web page
  skills      Install the Claude Code skills and agents
  doctor      Check this machine and say how to mend what is missing
  help        Explain a command:  pan help review

first steps   pan doctor
              pan review --diff
              pan convoy start code-review --files 'src/**/*.ts'
";

pub(crate) const CONVOY: &str = "\
usage: pan convoy <command> …

begin   start TEMPLATE      Start a convoy and print its id
        templates           List templates (show, check, new)
        runners             List the agent CLIs found here (show, check)
look    status [ID]         Show a convoy and its agents (--follow: live)
        list                List convoys, newest first
        attach ID ROLE      Open an agent's terminal (ended: its log)
        logs ID ROLE        Print an agent's log (-f: follow)
        events [ID]         Print what happened, in order (-f: follow)
        graph [ID]          Draw the plan (text, mermaid, dot)
result  wait [ID]           Wait; exit 0 completed, 1 failed, 3 partial
        output [ID] [ROLE]  Print the final report, or one agent's
        findings [ID]       Print merged findings (md, json, sarif, …)
steer   stop ID             End every process of a convoy
        retry ID [ROLE]     Run what failed again
        resume ID | --all   Take up what lost its watcher
        synthesize ID       Write the final report again from what exists
tidy    rm ID               Delete an ended convoy
        prune               Delete ended convoys older than 30 days
        doctor              Check this machine and say how to mend it

ID: full, any unique beginning of its last part (k7q), or latest.
    [ID] left out: the running convoy, else the newest.
";
