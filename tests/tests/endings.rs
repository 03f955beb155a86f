//! Each way an agent can end gets the right status and reason, the others go
//! on, and what depends on them runs on what is there (P8, P9).

use std::fs;

use convoy_tests::ledger;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use jiff::Timestamp;
use protocol::outcome::{AgentStatus, Reason};
use protocol::state::ConvoyStatus;

/// One agent with these orders, and how it ended.
fn ending(orders: &[&str], more: &str) -> (AgentStatus, Option<Reason>, String) {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", orders);
    sandbox.template("t", &[&format!("\"role\": \"one\", \"subagent\": \"one\"{more}")], "");
    let id = sandbox.start("t", &[]);
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "one");
    assert_eq!(sandbox.commands(), Vec::<i32>::new(), "nothing is left of {orders:?}");
    (agent.status(), agent.reason(), agent.detail().unwrap_or_default().to_owned())
}

#[test]
fn only_a_proved_report_completes_an_agent() {
    let failed = AgentStatus::Failed;
    for (orders, reason) in [
        (&["exit:0"][..], Reason::NoReport),
        (&["empty"], Reason::EmptyReport),
        (&["text:  \n"], Reason::EmptyReport),
        (&["elsewhere"], Reason::NoReport),
        (&["link"], Reason::BadReport),
        (&["fifo"], Reason::BadReport),
        (&["directory"], Reason::BadReport),
        (&["report", "exit:3"], Reason::ExitCode),
        (&["half"], Reason::Signal),
        (&["megabytes"], Reason::NoReport),
        (&["binary"], Reason::NoReport),
    ] {
        let (status, why, _) = ending(orders, "");
        assert_eq!((status, why), (failed, Some(reason)), "{orders:?}");
    }
    assert_eq!(ending(&["megabytes", "binary", "report"], "").0, AgentStatus::Completed);
}

#[test]
fn a_review_must_be_one() {
    let findings = ", \"report\": \"findings\"";
    assert_eq!(ending(&["clean"], findings).0, AgentStatus::Completed);
    assert_eq!(ending(&["review:auth"], findings).0, AgentStatus::Completed);
    let (status, reason, _) = ending(&["text:I could not open the files, sorry."], findings);
    assert_eq!((status, reason), (AgentStatus::Failed, Some(Reason::Unrecognised)));
}

#[test]
fn a_hung_agent_is_timed_out_with_all_it_started() {
    let (status, reason, detail) =
        ending(&["ignore", "orphan:hang", "daemon:hang", "hang"], ", \"timeout\": 300");
    assert_eq!((status, reason), (AgentStatus::Failed, Some(Reason::Timeout)));
    assert_eq!(detail, "timed out after 300ms");
}

#[test]
fn who_ran_out_of_time_is_given_more_and_keeps_it() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("slow", &["sleep:1500", "report"]);
    sandbox.agent("last", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"a\", \"subagent\": \"slow\", \"timeout\": 300",
            "\"role\": \"b\", \"subagent\": \"last\", \"dependsOn\": [\"a\"], \"timeout\": 60000",
        ],
        "",
    );
    let id = sandbox.start("t", &[]);
    let why = |state: &protocol::state::State| state.agents[0].why().unwrap_or_default();
    assert_eq!(why(&sandbox.until_ended(&id)), "timed out after 300ms");
    for bad in ["--timeout=0s", "--timeout=soon"] {
        let out = sandbox.run("convoy-ctl", &["retry", id.short(), "a", bad]);
        assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
    }
    sandbox.ok("convoy-ctl", &["retry", id.short(), "--timeout=30s"]);
    let state = sandbox.until_ended(&id);
    assert_eq!(state.status, ConvoyStatus::Completed, "it has the time: {}", why(&state));
    let given: Vec<Option<u64>> = state.agents.iter().map(|agent| agent.timeout_ms).collect();
    assert_eq!(given, [Some(30_000), Some(30_000)], "both had failed");
    sandbox.ok("convoy-ctl", &["retry", id.short(), "a"]);
    let state = sandbox.until_ended(&id);
    assert_eq!(state.status, ConvoyStatus::Completed, "it keeps the time: {}", why(&state));
    sandbox.ok("convoy-ctl", &["retry", id.short(), "b", "--timeout=20s"]);
    let state = sandbox.until_ended(&id);
    let given: Vec<Option<u64>> = state.agents.iter().map(|agent| agent.timeout_ms).collect();
    assert_eq!(given, [Some(30_000), Some(20_000)], "only who was named");
}

#[test]
fn what_a_command_leaves_behind_is_ended_and_its_report_kept() {
    assert_eq!(ending(&["report", "daemon:ignore+hang", "orphan:hang"], "").0, AgentStatus::Completed);
    // The report is written by what the command left: it gets one grace.
    assert_eq!(ending(&["orphan:sleep:200+report"], "").0, AgentStatus::Completed);
}

#[test]
fn one_failure_stops_nobody_else() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    sandbox.agent("good", &["review:a"]);
    sandbox.agent("bad", &["exit:7"]);
    sandbox.agent("last", &["report"]);
    let reviewer = |role: &str, agent: &str| {
        format!("\"role\": \"{role}\", \"subagent\": \"{agent}\", \"report\": \"findings\"")
    };
    sandbox.template(
        "t",
        &[
            "\"role\": \"all\", \"subagent\": \"last\", \"dependsOn\": [\"a\", \"b\"]",
            "\"role\": \"sum\", \"subagent\": \"last\", \"dependsOn\": [\"a\", \"b\"], \"report\": \"synthesis\"",
            &reviewer("a", "good"),
            &reviewer("b", "bad"),
        ],
        "",
    );
    let id = sandbox.start("t", &[]);
    let out = sandbox.run("convoy-ctl", &["wait", id.as_str()]);
    assert_eq!(out.status.code(), Some(3), "partial: {}", shown(&out));
    let state = sandbox.state(&id);
    assert_eq!(state.status, ConvoyStatus::Partial);
    let of = |role: &str| (sandbox.agent_state(&id, role).status(), sandbox.agent_state(&id, role).reason());
    assert_eq!(of("a"), (AgentStatus::Completed, None));
    assert_eq!(of("b"), (AgentStatus::Failed, Some(Reason::ExitCode)));
    assert_eq!(of("all"), (AgentStatus::Failed, Some(Reason::Dependencies)));
    assert_eq!(of("sum"), (AgentStatus::Completed, None));
    let merge = state.merge.expect("a merge of what is there");
    assert_eq!(merge.of.len(), 1);
    assert_eq!(merge.counts.expect("counts").get("high"), Some(&1));
    let prompt =
        std::fs::read_to_string(sandbox.dir_of(&id).attempt(&"sum".parse().unwrap(), 1).prompt()).unwrap();
    assert!(prompt.contains("`b` is MISSING"), "synthesis is told what is missing: {prompt}");
}

#[test]
fn reports_are_published_whole_with_their_proof() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "\"outputDir\": \"out/reviews\"");
    let id = sandbox.start("t", &[]);
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "one");
    let published = agent.output_file().expect("the published report");
    assert!(published.as_path().starts_with(sandbox.project().join("out/reviews")));
    let text = std::fs::read_to_string(published.as_path()).unwrap();
    assert_eq!(text, "# Notes\n\nAll is well.\n");
    let evidence = agent.evidence().expect("evidence");
    assert_eq!(evidence.size, text.len() as u64);
    assert_eq!(evidence.sha256.len(), 64);
    assert!(!sandbox.dir_of(&id).env().exists(), "the environment is removed at the end");
}

#[test]
fn retries_are_counted_and_late_ones_win() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("twice", &["exit-first:9", "report"]);
    sandbox.agent("never", &["exit:9"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"twice\", \"subagent\": \"twice\", \"retries\": 1",
            "\"role\": \"never\", \"subagent\": \"never\", \"retries\": 1",
        ],
        "",
    );
    let id = sandbox.start("t", &[]);
    sandbox.until_ended(&id);
    let (twice, never) = (sandbox.agent_state(&id, "twice"), sandbox.agent_state(&id, "never"));
    assert_eq!((twice.status(), twice.attempt), (AgentStatus::Completed, 2));
    assert_eq!((never.status(), never.attempt), (AgentStatus::Failed, 2));
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    assert_eq!(ledger::read(&sandbox.ledger()).len(), 4);
}

#[test]
fn max_parallel_and_exclusive_agents_hold() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("one", &["sleep:60", "report"]);
    let agents: Vec<String> = (0..8)
        .map(|n| format!("\"role\": \"a{n}\", \"subagent\": \"one\", \"parallel\": {}", n != 3))
        .collect();
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    sandbox.template("t", &agents, "\"maxParallel\": 3");
    let id = sandbox.start("t", &[]);
    let most = std::cell::Cell::new(0);
    sandbox.until(&id, "the convoy has ended", |state| {
        let running: Vec<_> = state.agents.iter().filter(|a| a.status() == AgentStatus::Running).collect();
        most.set(most.get().max(running.len()));
        assert!(running.len() <= 3, "{running:?}");
        assert!(
            running.len() <= 1 || running.iter().all(|a| a.role.as_str() != "a3"),
            "a3 runs alone: {running:?}"
        );
        state.ended()
    });
    assert!(most.get() >= 2, "they did run side by side");
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
}

#[test]
fn a_convoy_has_an_outer_limit() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("good", &["report"]);
    sandbox.agent("hang", &["ignore", "hang"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"good\", \"subagent\": \"good\"",
            "\"role\": \"hang\", \"subagent\": \"hang\"",
            "\"role\": \"after\", \"subagent\": \"good\", \"dependsOn\": [\"hang\"]",
        ],
        "\"convoyTimeout\": 700",
    );
    let id = sandbox.start("t", &[]);
    let state = sandbox.until_ended(&id);
    assert_eq!((state.status, state.reason), (ConvoyStatus::Partial, Some(Reason::Timeout)));
    assert_eq!(sandbox.agent_state(&id, "hang").reason(), Some(Reason::Timeout));
    assert_eq!(sandbox.agent_state(&id, "after").reason(), Some(Reason::Timeout));
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
}

#[test]
fn retry_and_synthesize_open_an_ended_convoy_again() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("good", &["review:a"]);
    sandbox.agent("second", &["exit-first:9", "review:b"]);
    sandbox.agent("last", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"a\", \"subagent\": \"good\", \"report\": \"findings\"",
            "\"role\": \"b\", \"subagent\": \"second\", \"report\": \"findings\"",
            "\"role\": \"sum\", \"subagent\": \"last\", \"dependsOn\": [\"a\", \"b\"], \"report\": \"synthesis\"",
        ],
        "",
    );
    let id = sandbox.start("t", &[]);
    assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Partial);
    sandbox.ok("convoy-ctl", &["retry", id.short()]);
    let state = sandbox.until_ended(&id);
    assert_eq!(state.status, ConvoyStatus::Completed);
    let attempts: Vec<u32> = state.agents.iter().map(|agent| agent.attempt).collect();
    assert_eq!(attempts, [1, 2, 2], "what was good was not run again");
    assert_eq!(state.merge.as_ref().map(|merge| (merge.k, merge.of.len())), Some((2, 2)), "merged anew");
    sandbox.ok("convoy-ctl", &["synthesize", id.short()]);
    let state = sandbox.until_ended(&id);
    assert_eq!(state.agents.iter().map(|agent| agent.attempt).collect::<Vec<_>>(), [1, 2, 3]);
    let out = sandbox.run("convoy-ctl", &["retry", id.short()]);
    assert_eq!(out.status.code(), Some(2), "nothing failed: {}", shown(&out));
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn a_limit_ends_in_the_zone_it_names_or_in_the_users() {
    let sandbox = Sandbox::new(Launcher::Process);
    let now = Timestamp::now();
    // A whole minute in 80 minutes, as the clock shows it there.
    let end = Timestamp::from_second(now.as_second() / 60 * 60 + 80 * 60).unwrap();
    let clock = |zone: &str| end.in_tz(zone).unwrap().strftime("%-I:%M%P").to_string();
    let runners = sandbox.home().user_runners();
    fs::create_dir_all(&runners).unwrap();
    let (tokyo, kolkata) = (clock("Asia/Tokyo"), clock("Asia/Kolkata"));
    for (name, said) in
        [("named", format!("resets {tokyo} (Asia/Tokyo)")), ("own", format!("resets {kolkata}"))]
    {
        let stream = sandbox.path(&format!("{name}.jsonl"));
        let event = serde_json::json!({
            "type": "result", "subtype": "success", "is_error": true, "api_error_status": 429, "result": said,
        });
        fs::write(&stream, format!("{event}\n")).unwrap();
        fs::write(
            runners.join(format!("{name}.toml")),
            format!(
                "description = \"d\"\nprogram = \"cat\"\nai = true\nprompt = \"file\"\nstream = \"claude-stream-json\"\nreport = \"file\"\n[[arguments]]\nwords = [\"{}\"]\n",
                stream.display()
            ),
        )
        .unwrap();
    }
    fs::write(sandbox.home().user_agents().join("a.md"), "---\nname: a\ndescription: d\n---\nDo it.\n")
        .unwrap();
    sandbox.template(
        "t",
        &[
            "\"role\": \"named\", \"subagent\": \"a\", \"runner\": \"named\"",
            "\"role\": \"own\", \"subagent\": \"a\", \"runner\": \"own\"",
        ],
        "",
    );
    let started = sandbox.command("convoy-start").arg("t").env("TZ", "Asia/Kolkata").output().unwrap();
    let id = String::from_utf8_lossy(&started.stdout)
        .trim()
        .parse()
        .unwrap_or_else(|_| panic!("{}", shown(&started)));
    let parked = sandbox
        .until(&id, "both wait", |state| state.agents.iter().all(|agent| agent.not_before().is_some()));
    for agent in parked.agents {
        let late = agent.not_before().unwrap().duration_since(end).as_secs();
        assert!((0..120).contains(&late), "{}: {late} s after {end}", agent.role);
    }
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
}

#[test]
fn who_waits_by_itself_for_a_limit_is_ended_and_waits_here() {
    let sandbox = Sandbox::new(Launcher::Process);
    let ending = "[[endings]]\nis = \"rate-limit\"\nsays = [\"waiting for capacity\"]\nat_once = true\n";
    let keys = format!("stream = \"claude-stream-json\"\nreport = \"final-message\"\n{ending}");
    // The line comes in two pieces, and what stands before it is none.
    let waits = "echo 'not waiting for capac' >&2; printf 'Waiting for capacity... try' >&2; sleep 1; \
                 echo ' 1, retry in 3570s' >&2; exec sleep 600";
    sandbox.scripted_with("waits", &keys, waits);
    sandbox.reviewing("\"waits\"", "");
    let id = sandbox.start("t", &["--files", "src"]);
    let before = Timestamp::now();
    let parked =
        sandbox.until(&id, "it waits", |state| state.agents[0].not_before().is_some() || state.ended());
    let agent = &parked.agents[0];
    let until = agent.not_before().unwrap_or_else(|| panic!("{agent:?}"));
    let wait = until.duration_since(before).as_secs();
    assert!((3540..3640).contains(&wait), "{wait} s");
    assert_eq!((agent.attempt, agent.failures), (1, 0), "not charged");
    assert_eq!(sandbox.commands(), Vec::<i32>::new(), "its command is ended");
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
}

#[test]
fn a_budget_that_nothing_can_count_is_refused_at_the_start() {
    let spent = "[[events]]\nis = \"done\"\n[[events]]\nis = \"spent\"\nat = { output = \"/n\" }\n";
    let holds = "[[arguments]]\nwhen = \"budget\"\nwords = [\"{budget_usd}\"]\n";
    let plain = "stream = \"plain\"\nreport = \"stdout\"\n".to_owned();
    let untold = "stream = \"jsonl\"\n[[events]]\nis = \"done\"\n".to_owned();
    let told = format!("stream = \"jsonl\"\n{spent}");
    for (keys, budget, is_refused) in [
        (plain.clone(), ", \"budgetTokens\": 5000", true),
        (plain.clone(), ", \"budgetUsd\": 0.005", true),
        (format!("{plain}{holds}"), ", \"budgetUsd\": 0.005", false),
        (format!("{plain}{holds}"), ", \"budgetTokens\": 5000", true),
        (untold, ", \"budgetTokens\": 5000", true),
        (told, ", \"budgetTokens\": 5000", false),
        (plain, "", false),
    ] {
        let sandbox = Sandbox::new(Launcher::Process);
        sandbox.scripted_with("mine", &keys, "echo ran > $HERE/ran");
        sandbox.reviewing("\"mine\"", budget);
        let out = sandbox.run("convoy-start", &["t", "--files", "src"]);
        let said = shown(&out);
        assert_eq!(out.status.code(), Some(if is_refused { 2 } else { 0 }), "{keys}{budget}: {said}");
        assert_eq!(said.contains("does not tell what it spends"), is_refused, "{keys}{budget}: {said}");
        if is_refused {
            assert!(!sandbox.path("scripted/ran").exists(), "nobody was asked: {keys}{budget}");
            continue;
        }
        sandbox.until_ended(&String::from_utf8(out.stdout).unwrap().trim().parse().unwrap());
    }
}
