//! The real agent CLIs against a scripted model: the built-in review unchanged,
//! and each way they can end.

#[path = "clis/answers.rs"]
mod answers;
#[path = "clis/chain.rs"]
mod chain;
#[path = "clis/hostile.rs"]
mod hostile;
#[path = "clis/second_look.rs"]
mod second_look;

use std::collections::BTreeSet;
use std::path::Path;

use base::ids::ConvoyId;
use convoy_tests::clis::{ALL, Desk, KEY, installed};
use convoy_tests::model::{Act, Script, Want};
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{programs, wait};
use protocol::outcome::{AgentStatus, Reason};
use protocol::state::{ConvoyStatus, State};

const ROLES: [&str; 4] = ["correctness", "security", "performance", "synthesis"];

fn ended(desk: &Desk, id: &ConvoyId) -> State {
    let state = desk.sandbox.until_ended(id);
    // tmux notes its terminals in the list of logins with a helper of its own.
    let own = |name: &str| name.starts_with("convoy-") || name.starts_with("tmux") || name == "utempter";
    let left = || {
        let named = |pid: i32| {
            let exe = std::fs::read_link(format!("/proc/{pid}/exe")).ok()?;
            Some((pid, exe.file_name()?.to_string_lossy().into_owned()))
        };
        let all = desk.sandbox.processes().into_iter().filter_map(named);
        all.filter(|(_, name)| !own(name)).collect::<Vec<_>>()
    };
    assert_eq!(left(), [], "nothing of a CLI is left");
    // What it had to say is said; it only has to go.
    let supervisors = || desk.sandbox.pids_of("convoy-agent");
    wait::until(
        "the supervisors are gone",
        || format!("{:?}", supervisors()),
        || supervisors().is_empty().then_some(()),
    );
    state
}

/// The built-in review of one file, with these choices of runners; nobody looks again.
fn review(desk: &Desk, runners: &[&str]) -> ConvoyId {
    let mut arguments = vec!["code-review", "--files", "src/app.ts", "--verify", "never"];
    for runner in runners {
        arguments.extend(["--runner", runner]);
    }
    desk.start(&arguments)
}

fn assert_reviewed(desk: &Desk, id: &ConvoyId, state: &State) {
    for role in ROLES {
        let agent = state.agents.iter().find(|agent| agent.role.as_str() == role).expect("the role");
        let all = || {
            format!(
                "{role}: {:?} {:?}\n{}",
                agent.reason(),
                agent.detail(),
                desk.log(id, role, agent.attempt)
            )
        };
        assert_eq!(agent.status(), AgentStatus::Completed, "{}", all());
        let report = agent.output_file().expect("a published report").as_path();
        assert!(report.starts_with(desk.sandbox.project().join(".claude/reviews")), "{}", report.display());
        let text = std::fs::read_to_string(report).expect("the report");
        let mark = if role == "synthesis" { "Complete Analysis" } else { role };
        assert!(text.contains(mark), "{text}");
        if agent.runner.as_str() != "copilot" {
            let usage = agent.usage.unwrap_or_else(|| panic!("no usage of {}", all()));
            assert!(usage.input_tokens >= 1000 && usage.output_tokens >= 20, "{usage:?}");
            // Of a model of nobody the others know no price.
            if ["claude", "codex", "gemini"].contains(&agent.runner.as_str()) {
                assert!(usage.cost_usd.is_some_and(|cost| cost > 0.0), "{role}: {usage:?}");
            }
        }
        assert!(agent.evidence().is_some() && agent.pane.is_some());
    }
    assert_eq!(state.status, ConvoyStatus::Completed);
    let counts = state.merge.as_ref().and_then(|merge| merge.counts.clone()).expect("merged");
    assert_eq!(counts.values().sum::<u64>(), 3, "a finding of each reviewer: {counts:?}");
}

/// Files below a directory that hold these bytes.
fn holding(dir: &Path, bytes: &[u8], out: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).expect("a directory").flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            holding(&path, bytes, out);
        } else if kind.is_file()
            && std::fs::read(&path).unwrap_or_default().windows(bytes.len()).any(|part| part == bytes)
        {
            out.insert(path.display().to_string());
        }
    }
}

/// Who cannot be kept from reading the whole disk.
fn reads_all(cli: &str) -> bool {
    cli == "codex" || cli == "pi"
}

#[test]
fn the_built_in_review_runs_on_each_cli() {
    for cli in installed(&ALL) {
        let desk = Desk::new(Script::new());
        let id = review(&desk, &[cli]);
        let state = ended(&desk, &id);
        assert_reviewed(&desk, &id, &state);
        let mut secret = BTreeSet::new();
        holding(desk.sandbox.home().root(), KEY.as_bytes(), &mut secret);
        assert!(secret.is_empty(), "{cli}: the key is in {secret:?}");
        assert!(!desk.sandbox.dir_of(&id).env().exists());
        // Nothing of the project's own instructions reaches the agents.
        let told: BTreeSet<&str> = ["AGENTS.md", "CLAUDE.md", "GEMINI.md"]
            .into_iter()
            .filter(|name| desk.model.seen().iter().any(|seen| seen.body.contains(&format!("CANARY-{name}"))))
            .collect();
        assert_eq!(told, BTreeSet::new(), "{cli}");
        let out = desk.run("convoy-ctl", &["status", id.short()]);
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert_eq!(said.contains("reads the whole disk"), reads_all(cli), "{cli}: {said}");
    }
}

#[test]
fn each_role_may_have_a_cli_of_its_own() {
    let there = installed(&ALL);
    let Some(last) = there.last() else { return };
    let choices: Vec<String> = ROLES
        .iter()
        .enumerate()
        .map(|(n, role)| format!("{role}={}", there.get(n).unwrap_or(last)))
        .collect();
    let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
    let desk = Desk::new(Script::new());
    let id = review(&desk, &choices);
    assert_reviewed(&desk, &id, &ended(&desk, &id));
    let runners: BTreeSet<String> =
        desk.sandbox.state(&id).agents.iter().map(|agent| agent.runner.to_string()).collect();
    assert_eq!(runners.len(), there.len().min(ROLES.len()));
}

const ONE: &str = r#""role": "security", "subagent": "code-review-security", "report": "findings""#;

/// One agent that reviews, on this CLI.
fn single(desk: &Desk, cli: &str, more: &str) -> ConvoyId {
    desk.sandbox.template("one", &[&format!("{ONE}{more}")], "");
    desk.start(&["one", "--files", "src/app.ts", "--runner", cli])
}

/// The same, placed by this executor.
fn single_by(desk: &Desk, cli: &str, executor: &str) -> ConvoyId {
    desk.sandbox.template("one", &[ONE], "");
    desk.start(&["one", "--files", "src/app.ts", "--runner", cli, "--executor", executor])
}

fn ending(cli: &str, act: Act, more: &str) -> (AgentStatus, Option<Reason>, String) {
    let desk = Desk::new(Script::new().role("security", act));
    let id = single(&desk, cli, more);
    let state = ended(&desk, &id);
    let agent = &state.agents[0];
    let detail = format!("{:?}\n{}", agent.detail(), desk.log(&id, "security", agent.attempt));
    (agent.status(), agent.reason(), detail)
}

fn assert_endings(cases: &[(&[&'static str], Act, &str, Reason)]) {
    for (clis, act, more, want) in cases {
        for cli in installed(clis) {
            let (status, reason, detail) = ending(cli, act.clone(), more);
            assert_eq!((status, reason), (AgentStatus::Failed, Some(*want)), "{cli} {act:?}: {detail}");
        }
    }
}

#[test]
fn a_review_in_a_sandbox_ends_with_what_it_came_to() {
    if !programs::sandbox_works() {
        return;
    }
    for cli in installed(&ALL) {
        for (script, want) in [
            (Script::new(), (AgentStatus::Completed, None)),
            (
                Script::new().role("security", Act::status(401, &[])),
                (AgentStatus::Failed, Some(Reason::Auth)),
            ),
        ] {
            let desk = Desk::new(script);
            let id = single_by(&desk, cli, "bwrap");
            let state = ended(&desk, &id);
            let agent = &state.agents[0];
            let log = || format!("{cli}: {:?} {}", agent.detail(), desk.log(&id, "security", agent.attempt));
            assert_eq!((agent.status(), agent.reason()), want, "{}", log());
            let findings = agent.evidence().and_then(|evidence| evidence.findings.clone());
            let is_reviewed = want.1.is_none();
            assert_eq!(
                findings.is_some_and(|found| found.values().sum::<u64>() == 1),
                is_reviewed,
                "{}",
                log()
            );
        }
    }
}

#[test]
fn a_wrong_key_is_told_soon() {
    assert_endings(&[(&ALL, Act::status(401, &[]), "", Reason::Auth)]);
}

#[test]
fn a_login_that_is_served_elsewhere_is_named() {
    for cli in installed(&["gemini"]) {
        let (_, reason, detail) = ending(cli, Act::status(401, &[]), "");
        assert_eq!(reason, Some(Reason::Auth), "{detail}");
        let told = detail.lines().next().unwrap_or_default();
        assert!(told.contains("Antigravity's CLI, agy"), "{told}");
    }
}

#[test]
fn too_much_for_the_context_is_not_tried_again() {
    assert_endings(&[(&ALL, Act::too_long(), ", \"retries\": 3", Reason::ContextOverflow)]);
}

#[test]
fn an_overloaded_service_is_told() {
    assert_endings(&[
        (&["claude", "codex"], Act::status(529, &[]), "", Reason::Overload),
        (&["gemini", "pi", "copilot"], Act::status(503, &[]), "", Reason::Overload),
    ]);
}

#[test]
fn a_silent_service_is_a_stall() {
    assert_endings(&[(&ALL, Act::Hang, ", \"stallTimeout\": \"8s\"", Reason::Stalled)]);
}

#[test]
fn an_endless_loop_ends_with_its_time() {
    assert_endings(&[
        (
            &["claude", "codex", "opencode", "pi", "copilot"],
            Act::LoopSlowly,
            ", \"timeout\": \"8s\"",
            Reason::Timeout,
        ),
        (&["qwen"], Act::LoopSlowly, ", \"timeout\": \"15s\"", Reason::Timeout),
        (&["qwen"], Act::Loop, ", \"timeout\": \"50s\"", Reason::TurnLimit),
        // It sees that by itself, and calls it a success.
        (&["gemini"], Act::Loop, ", \"timeout\": \"50s\"", Reason::TurnLimit),
    ]);
}

#[test]
fn nothing_but_the_own_report_counts() {
    let elsewhere = Act::WriteTo("/tmp/convoy-test-elsewhere.md".to_owned(), "# No\n".to_owned());
    assert_endings(&[
        (&["claude", "opencode"], elsewhere, "", Reason::Denied),
        // The last words are the report of those, and these are none.
        (&ALL, Act::Say("I have looked at it.".to_owned()), "", Reason::Unrecognised),
    ]);
    assert!(!Path::new("/tmp/convoy-test-elsewhere.md").exists());
}

#[test]
fn refusals_and_cut_answers_are_told_apart() {
    assert_endings(&[
        (&["claude", "pi"], Act::Refuse, "", Reason::Refusal),
        (&["claude", "opencode", "pi"], Act::OutputLimit, "", Reason::OutputLimit),
        // It calls both a success, and is judged by what is left.
        (&["qwen", "copilot"], Act::Refuse, "", Reason::Unrecognised),
        (&["qwen", "copilot"], Act::OutputLimit, "", Reason::Unrecognised),
    ]);
}

#[test]
fn a_cut_stream_is_no_success() {
    assert_endings(&[(&["codex", "gemini", "qwen", "pi", "copilot"], Act::Cut, "", Reason::Cut)]);
}

/// "Not now", and until when, as each service says it.
fn limited_for(cli: &str, seconds: i64) -> Act {
    let at = jiff::Timestamp::now().as_second() + seconds;
    match cli {
        "claude" => Act::status(
            429,
            &[
                ("anthropic-ratelimit-unified-status", "rejected"),
                ("anthropic-ratelimit-unified-reset", &at.to_string()),
                ("anthropic-ratelimit-unified-representative-claim", "five_hour"),
            ],
        ),
        _ => Act::Status {
            status: 429,
            // More than a CLI would wait for by itself.
            headers: vec![("retry-after".to_owned(), "3600".to_owned())]
                .into_iter()
                .filter(|_| cli == "copilot")
                .collect(),
            kind: "rate_limit_error",
            message: format!("You exceeded your current quota. Please retry in {seconds}s."),
        },
    }
}

#[test]
fn a_limit_with_an_end_is_waited_for_and_not_charged() {
    for cli in installed(&["claude", "gemini", "pi", "copilot"]) {
        let mut desk = Desk::new(Script::new().attempt("security", 1, limited_for(cli, 8)));
        desk.subscription = true;
        let id = single(&desk, cli, "");
        let parked = desk.sandbox.until(&id, "the agent is parked", |state| {
            state.agents[0].not_before().is_some() || state.ended()
        });
        let log = || desk.log(&id, "security", 1);
        let until =
            parked.agents[0].not_before().unwrap_or_else(|| panic!("{cli} was not parked: {}", log()));
        let wait = until.duration_since(jiff::Timestamp::now()).as_secs();
        assert!(wait <= 8, "{cli} waits {wait} s: {}", log());
        let state = ended(&desk, &id);
        let agent = &state.agents[0];
        assert_eq!(agent.status(), AgentStatus::Completed, "{cli}: {}", desk.log(&id, "security", 2));
        assert_eq!((agent.attempt, agent.failures), (2, 0), "not charged");
    }
}

#[test]
fn who_would_wait_for_hours_by_itself_waits_here() {
    for cli in installed(&["qwen"]) {
        let limit = Act::status(429, &[("retry-after", "3600")]);
        let desk = Desk::new(Script::new().role("security", limit));
        let id = single(&desk, cli, "");
        let parked = desk.sandbox.until(&id, "the agent is parked", |state| {
            state.agents[0].not_before().is_some() || state.ended()
        });
        let log = || desk.log(&id, "security", 1);
        let until =
            parked.agents[0].not_before().unwrap_or_else(|| panic!("{cli} was not parked: {}", log()));
        let wait = until.duration_since(jiff::Timestamp::now()).as_secs();
        assert!((3400..3601).contains(&wait), "{cli} waits {wait} s: {}", log());
        assert_eq!(parked.agents[0].failures, 0, "not charged");
        let out = desk.run("convoy-ctl", &["stop", id.short()]);
        assert!(out.status.success(), "{}", shown(&out));
    }
}

#[test]
fn a_limit_without_an_end_parks_all_of_the_credential() {
    for cli in installed(&["claude", "codex"]) {
        let desk = Desk::new(Script::new().role("*", Act::status(429, &[])));
        desk.sandbox.template(
            "two",
            &[
                "\"role\": \"a\", \"subagent\": \"code-review-security\"",
                "\"role\": \"b\", \"subagent\": \"code-review-security\"",
            ],
            "\"maxParallel\": 1",
        );
        let id = desk.start(&["two", "--files", "src/app.ts", "--runner", cli]);
        desk.sandbox.until(&id, "both are parked", |state| {
            state.agents.iter().all(|agent| agent.is_pending() && agent.not_before().is_some())
        });
        let state = desk.sandbox.state(&id);
        assert_eq!(state.agents.iter().map(|agent| agent.attempt).collect::<Vec<_>>(), [1, 0], "{cli}");
        let out = desk.run("convoy-ctl", &["status", id.short()]);
        assert!(String::from_utf8_lossy(&out.stdout).contains("limit until"), "{}", shown(&out));
        // A watcher that comes later keeps to it.
        desk.sandbox.kill_all("convoy-watch");
        let out = desk.run("convoy-watch", &["--all", "--once"]);
        assert!(out.status.success(), "{}", shown(&out));
        let after = desk.sandbox.state(&id);
        assert_eq!(after.agents[0].not_before(), state.agents[0].not_before());
        assert_eq!(after.agents[0].attempt, 1);
        let out = desk.run("convoy-ctl", &["stop", id.short()]);
        assert!(out.status.success(), "{}", shown(&out));
    }
}

#[test]
fn who_is_stopped_leaves_nothing_behind() {
    for cli in installed(&ALL) {
        let desk = Desk::new(Script::new().role("security", Act::ReadThenHang));
        let id = single(&desk, cli, "");
        wait::until(
            "the agent has read a file",
            || desk.log(&id, "security", 1),
            || (asked(&desk, "security", 1) >= 2).then_some(()),
        );
        let out = desk.run("convoy-ctl", &["stop", id.short()]);
        assert!(out.status.success(), "{cli}: {}", shown(&out));
        let state = ended(&desk, &id);
        let agent = &state.agents[0];
        let log = || format!("{cli}: {:?} {}", agent.detail(), desk.log(&id, "security", 1));
        assert_eq!(
            (agent.status(), agent.reason()),
            (AgentStatus::Failed, Some(Reason::Stopped)),
            "{}",
            log()
        );
    }
}

#[test]
fn what_was_read_is_proved_and_what_was_denied_is_told() {
    for cli in installed(&ALL) {
        let sandbox = Sandbox::new(Launcher::Tmux);
        let project = sandbox.project().to_path_buf();
        let wants = vec![
            Want::Read(project.join("src/app.ts")),
            Want::Write(project.join("made.txt"), "made".to_owned()),
            Want::Read(sandbox.path("nothing-of-it.txt")),
        ];
        let desk = Desk::with(sandbox, Script::new().role("security", Act::Ask(wants)));
        std::fs::write(desk.sandbox.path("nothing-of-it.txt"), "outside\n").expect("write");
        let id = single(&desk, cli, "");
        let state = ended(&desk, &id);
        let agent = &state.agents[0];
        let log = desk.log(&id, "security", 1);
        let evidence = agent.evidence().unwrap_or_else(|| panic!("{cli}: {:?} {log}", agent.detail()));
        assert_eq!((evidence.given, evidence.read), (Some(1), Some(1)), "{cli}: {log}");
        assert!(!project.join("made.txt").exists(), "{cli}: {log}");
        // Who may read everything is denied nothing but tools it does not have.
        let told = if cli == "pi" { "Tool write not found" } else { "denied" };
        assert!(cli == "codex" || log.contains(told), "{cli}: {log}");
    }
}

/// How many requests of a role's attempt the model has seen.
fn asked(desk: &Desk, role: &str, attempt: u32) -> usize {
    desk.model.seen_of(role).iter().filter(|seen| seen.attempt == attempt).count()
}

#[test]
fn who_was_killed_goes_on_with_the_same_conversation() {
    for cli in installed(&ALL) {
        let desk = Desk::new(Script::new().attempt("security", 1, Act::ReadThenHang));
        let id = single(&desk, cli, "");
        // opencode names its conversation with its first result, not before it.
        let stream = desk.sandbox.dir_of(&id).attempt(&"security".parse().expect("a role"), 1).stream();
        let told = || std::fs::metadata(&stream).is_ok_and(|file| file.len() > 0);
        convoy_tests::wait::until(
            "the agent has read a file and told of its conversation",
            || desk.log(&id, "security", 1),
            || (asked(&desk, "security", 1) >= 2 && told()).then_some(()),
        );
        // claude writes down what was said a moment after it was: killed before, it begins from
        // nothing.
        let kept = desk.sandbox.path(".claude").join("projects");
        let is_kept = || {
            let mut files = BTreeSet::new();
            if kept.is_dir() {
                holding(&kept, b"tool_result", &mut files);
            }
            (cli != "claude" || !files.is_empty()).then_some(())
        };
        convoy_tests::wait::until("its conversation is kept", || desk.log(&id, "security", 1), is_kept);
        assert_eq!(desk.sandbox.kill_all("convoy-agent"), 1);
        let state = ended(&desk, &id);
        let agent = &state.agents[0];
        assert_eq!(agent.status(), AgentStatus::Completed, "{cli}: {}", desk.log(&id, "security", 2));
        assert_eq!((agent.attempt, agent.losses, agent.failures), (2, 1, 0), "{cli}");
        let second = desk.model.seen_of("security").into_iter().find(|seen| seen.attempt == 2);
        let body = second.expect("a request of the second attempt").body;
        // It names its conversation at the end alone: killed before, it begins from nothing.
        let goes_on = cli != "copilot";
        for (part, holds) in
            [("You were interrupted", goes_on), ("security.1.out", goes_on), ("security.2.out", true)]
        {
            assert_eq!(body.contains(part), holds, "{cli}: {part:?} in {body}");
        }
    }
}

#[test]
fn a_budget_ends_an_agent_and_synthesis_runs_on_what_exists() {
    for cli in installed(&["claude", "opencode", "qwen", "pi"]) {
        let desk = Desk::new(Script::new().role("security", Act::LoopSlowly));
        desk.sandbox.template(
            "spend",
            &[
                "\"role\": \"security\", \"subagent\": \"code-review-security\", \"report\": \"findings\"",
                "\"role\": \"correctness\", \"subagent\": \"code-review-correctness\", \"report\": \"findings\"",
                "\"role\": \"late\", \"subagent\": \"code-review-correctness\", \"dependsOn\": [\"security\", \"correctness\"], \"require\": \"any\"",
                "\"role\": \"synthesis\", \"subagent\": \"code-review-synthesis\", \"report\": \"synthesis\", \
                 \"dependsOn\": [\"security\", \"correctness\"]",
            ],
            "\"budgetTokens\": 20000",
        );
        let id = desk.start(&["spend", "--files", "src/app.ts", "--runner", cli]);
        let state = ended(&desk, &id);
        let of = |role: &str| desk.sandbox.agent_state(&id, role);
        let log = || desk.log(&id, "security", 1);
        assert_eq!(of("security").reason(), Some(Reason::Budget), "{cli}: {}", log());
        assert_eq!(of("correctness").status(), AgentStatus::Completed, "{cli}");
        assert_eq!(
            (of("late").reason(), of("late").attempt),
            (Some(Reason::Budget), 0),
            "{cli}: nothing is left for it"
        );
        assert_eq!(
            of("synthesis").status(),
            AgentStatus::Completed,
            "{cli}: {}",
            desk.log(&id, "synthesis", 1)
        );
        assert_eq!(state.status, ConvoyStatus::Partial);
        let spent = protocol::budget::total(&state).tokens();
        // The share of the synthesis is not touched; a request may be under way when it is noticed.
        assert!((15_000..20_000).contains(&spent), "{cli}: {spent}");
    }
}

#[test]
fn an_agents_own_budget_is_kept() {
    for cli in installed(&["claude", "opencode", "qwen", "pi"]) {
        let (status, reason, detail) =
            ending(cli, Act::LoopSlowly, ", \"budgetTokens\": 5000, \"retries\": 2");
        assert_eq!((status, reason), (AgentStatus::Failed, Some(Reason::Budget)), "{cli}: {detail}");
    }
}

#[test]
fn who_does_not_tell_what_it_spends_has_no_budget() {
    for cli in installed(&["copilot"]) {
        let desk = Desk::new(Script::new());
        desk.sandbox.template(
            "one",
            &["\"role\": \"security\", \"subagent\": \"code-review-security\", \"budgetTokens\": 5000"],
            "",
        );
        let out = desk.run("convoy-start", &["one", "--files", "src/app.ts", "--runner", cli]);
        assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(said.contains("does not tell what it spends"), "{said}");
        assert_eq!(desk.model.seen().len(), 0, "nobody was asked");
    }
}

#[test]
fn doctor_sees_each_cli_work() {
    let there = installed(&ALL);
    let desk = Desk::new(Script::new().role("opencode", Act::status(401, &[])));
    let out = desk.run("convoy-ctl", &["doctor", "--live"]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    for cli in &there {
        let line = said.lines().find(|line| line.contains(&format!("{cli} live"))).unwrap_or_default();
        if *cli == "opencode" {
            assert!(line.contains("not logged in, or a wrong key"), "{said}");
        } else {
            assert!(line.contains("wrote its report in"), "{said}");
        }
    }
    for cli in there.iter().filter(|cli| reads_all(cli)) {
        let line = said.lines().find(|line| line.contains(&format!(" {cli}  "))).unwrap_or_default();
        assert!(line.contains("reads the whole disk"), "{cli}: {said}");
    }
    assert_eq!(out.status.code(), Some(i32::from(there.contains(&"opencode"))), "{}", shown(&out));
    assert!(!desk.sandbox.home().root().join("convoys").exists(), "in a state directory of its own");
}

#[test]
fn doctor_takes_no_words_for_a_written_report() {
    let there = installed(&["claude", "opencode"]);
    let mut script = Script::new();
    for cli in &there {
        script = script.role(cli, Act::Say("convoy works".to_owned()));
    }
    let desk = Desk::new(script);
    let out = desk.run("convoy-ctl", &["doctor", "--live"]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    for cli in &there {
        let line = said.lines().find(|line| line.contains(&format!("{cli} live"))).unwrap_or_default();
        assert!(line.contains("but wrote no file"), "{said}");
    }
    assert_eq!(out.status.code(), Some(i32::from(!there.is_empty())), "{}", shown(&out));
}

#[test]
fn a_conversation_is_opened_where_the_cli_can() {
    for cli in installed(&ALL) {
        let desk = Desk::new(Script::new());
        let id = single(&desk, cli, "");
        ended(&desk, &id);
        let out = desk.run("convoy-ctl", &["attach", "--chat", id.short(), "security"]);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        let want =
            if cli == "gemini" { "runner gemini cannot open conversations" } else { "needs a terminal" };
        assert!(said.contains(want), "{cli}: {said}");
        assert_eq!(out.status.code(), Some(2));
    }
}

#[test]
fn skipped_permissions_are_asked_for_by_name_and_shown() {
    for cli in installed(&["codex", "gemini", "opencode", "qwen", "pi", "copilot"]) {
        let desk = Desk::new(Script::new());
        let id = desk.start(&[
            "code-review",
            "--files",
            "src/app.ts",
            "--runner",
            cli,
            "--verify",
            "never",
            "--dangerously-skip-permissions",
        ]);
        assert_reviewed(&desk, &id, &ended(&desk, &id));
        let out = desk.run("convoy-ctl", &["status", id.short()]);
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        for part in ["all agents run unconfined", "permissions are skipped, as was asked for"] {
            assert!(said.contains(part), "{cli}: {said}");
        }
    }
}

#[test]
fn a_key_that_is_printed_is_kept_nowhere() {
    for cli in installed(&["codex", "claude"]) {
        // The shell of codex is not given the keys; a model may know one all the same.
        let act = match cli {
            "codex" => Act::Tool("exec_command".to_owned(), serde_json::json!({"cmd": "env; echo"})),
            _ => Act::Report(format!("# Notes\n\nThe key is {KEY}.\n")),
        };
        let desk = Desk::new(Script::new().role("security", act));
        desk.sandbox.template("one", &["\"role\": \"security\", \"subagent\": \"code-review-security\""], "");
        let id = desk.start(&["one", "--files", "src/app.ts", "--runner", cli]);
        let state = ended(&desk, &id);
        assert_eq!(
            state.agents[0].status(),
            AgentStatus::Completed,
            "{cli}: {}",
            desk.log(&id, "security", 1)
        );
        let mut secret = BTreeSet::new();
        holding(desk.sandbox.home().root(), KEY.as_bytes(), &mut secret);
        holding(desk.sandbox.project(), KEY.as_bytes(), &mut secret);
        assert!(secret.is_empty(), "{cli}: the key is in {secret:?}");
        if cli == "codex" {
            let told = desk.model.seen_of("security").iter().any(|seen| seen.body.contains(KEY));
            assert!(!told, "the shell had the key");
        } else {
            let report = state.agents[0].output_file().expect("a report").as_path().to_path_buf();
            assert!(std::fs::read_to_string(report).unwrap().contains("[ANTHROPIC_API_KEY]"));
        }
    }
}

#[test]
fn agents_read_the_project_and_not_what_is_outside() {
    for cli in installed(&ALL) {
        let sandbox = Sandbox::new(Launcher::Tmux);
        let outside = sandbox.path("outside.txt");
        std::fs::write(&outside, "CANARY-OUTSIDE\n").unwrap();
        let desk = Desk::with(sandbox, Script::new().role("security", Act::Ask(vec![Want::Read(outside)])));
        let id = single(&desk, cli, "");
        ended(&desk, &id);
        let read = desk.model.seen().iter().any(|seen| seen.body.contains("CANARY-OUTSIDE"));
        // What `status` says of those that are not confined is true, too.
        assert_eq!(read, reads_all(cli), "{cli}: {}", desk.log(&id, "security", 1));
    }
}

#[test]
fn agents_change_nothing_in_the_project_and_run_nothing() {
    for cli in installed(&ALL) {
        let sandbox = Sandbox::new(Launcher::Tmux);
        let source = sandbox.project().join("src/app.ts");
        let made = sandbox.project().join("made");
        let words = format!("touch {}", made.display());
        let path = source.to_str().expect("UTF-8").to_owned();
        let script = Script::new()
            .role("security", Act::Ask(vec![Want::Run(words)]))
            .role("performance", Act::WriteTo(path, "changed\n".to_owned()));
        let desk = Desk::with(sandbox, script);
        let before = std::fs::read(&source).unwrap();
        let id = review(&desk, &[cli]);
        ended(&desk, &id);
        assert!(!made.exists(), "{cli} ran a command: {}", desk.log(&id, "security", 1));
        assert_eq!(std::fs::read(&source).unwrap(), before, "{cli}: {}", desk.log(&id, "performance", 1));
    }
}
