//! A chain of runners: who has an agent when a login is used up for long, what is
//! said about it, and that nobody who dies in between changes it.

use std::fs;

use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::scripted::{begun, done, failed, limited_until, print, review};
use convoy_tests::wait;
use jiff::Timestamp;
use protocol::agent::Agent;
use protocol::outcome::{AgentStatus, Reason};
use protocol::state::ConvoyStatus;

const IN_FIVE_HOURS_S: i64 = 5 * 3600;

fn later() -> i64 {
    Timestamp::now().as_second() + IN_FIVE_HOURS_S
}

/// A runner that reviews well.
fn good(sandbox: &Sandbox, name: &str) {
    let lines = [begun(name), done(&review(&format!("Found by {name}")))];
    sandbox.scripted(name, &format!("echo \"$ATTEMPT $*\" >> $HERE/{name}.ran\n{}", print(&lines)));
}

/// One that is limited until then.
fn limited(sandbox: &Sandbox, name: &str, until: i64) {
    let lines = [begun(name), limited_until(until)];
    sandbox.scripted(name, &format!("echo \"$ATTEMPT $*\" >> $HERE/{name}.ran\n{}; exit 1", print(&lines)));
}

fn used_up(sandbox: &Sandbox, name: &str) {
    let lines = [begun(name), failed(Some(400), "Your credit balance is too low")];
    sandbox.scripted(name, &format!("echo \"$ATTEMPT $*\" >> $HERE/{name}.ran\n{}; exit 1", print(&lines)));
}

/// The attempts a runner ran, with what it was given.
fn ran(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let text = fs::read_to_string(sandbox.path("scripted").join(format!("{name}.ran")));
    text.unwrap_or_default().lines().map(|line| line.trim().to_owned()).collect()
}

fn handed(agent: &Agent) -> Vec<(u32, &str, &str, Option<Reason>)> {
    let one = &agent.handovers;
    one.iter().map(|one| (one.attempt, one.from.as_str(), one.to.as_str(), one.reason)).collect()
}

#[test]
fn who_comes_next_writes_the_report_and_everybody_says_so() {
    let sandbox = Sandbox::new(Launcher::Process);
    let until = later();
    limited(&sandbox, "first", until);
    good(&sandbox, "second");
    sandbox.reviewing(r#"["first", "second"]"#, "");
    let id = sandbox.start("t", &["--files", "src"]);
    let state = sandbox.until_ended(&id);
    let agent = &state.agents[0];
    assert_eq!((state.status, agent.runner.as_str(), agent.attempt), (ConvoyStatus::Completed, "second", 2));
    assert_eq!(handed(agent), [(2, "first", "second", Some(Reason::RateLimit))]);
    assert_eq!(agent.handovers[0].until.map(Timestamp::as_second), Some(until));
    assert_eq!(
        (agent.failures, ran(&sandbox, "first"), ran(&sandbox, "second")),
        (0, vec!["1".to_owned()], vec!["2".to_owned()])
    );
    // What both spent is counted.
    assert_eq!(agent.usage.map(|usage| usage.input_tokens), Some(200));

    let status = sandbox.run("convoy-ctl", &["status", id.short()]);
    let said = shown(&status);
    assert!(said.contains("second") && said.contains("in place of first, limited until"), "{said}");
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.ok("convoy-ctl", &["status", id.short(), "--json"])).unwrap();
    let text = json.to_string();
    assert!(text.contains(r#""handovers":[{"#) && text.contains(r#""runner":"second""#), "{text}");
    let merged =
        fs::read_dir(sandbox.project().join(".claude/reviews")).unwrap().flatten().map(|entry| entry.path());
    let merged = merged
        .filter(|path| path.to_string_lossy().ends_with("merged.md"))
        .map(|path| fs::read_to_string(path).unwrap());
    let merged: String = merged.collect();
    let at = Timestamp::from_second(until).unwrap().strftime("%Y-%m-%d %H:%M UTC").to_string();
    let by = format!("second sonnet, in place of first, limited until {at}");
    assert_eq!(merged.matches("first").count(), merged.matches(&by).count(), "{merged}");
    assert!(merged.contains(&by), "{merged}");
}

#[test]
fn a_review_names_whom_its_reviewers_stand_in_for() {
    let sandbox = Sandbox::new(Launcher::Process);
    used_up(&sandbox, "first");
    used_up(&sandbox, "second");
    good(&sandbox, "third");
    fs::create_dir_all(sandbox.project().join("src")).unwrap();
    fs::write(sandbox.project().join("src/a.ts"), "export const a = 1;\n").unwrap();
    let summary = sandbox.path("summary.md");
    let review = |more: &[&str]| {
        let mut arguments = vec!["--files", "src", "--runner", "first,second,third"];
        arguments.extend(more);
        sandbox.run("convoy-review", &arguments)
    };
    let page = shown(&review(&["--summary", summary.to_str().unwrap()]));
    assert!(page.contains("in place of first, whose"), "{page}");
    let by = "in place of first, whose credit is used up, and of second, whose credit is used up";
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.contains(&format!("third sonnet, {by}")), "{text}");

    let out = review(&["--json"]);
    let json: serde_json::Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
    let reports = json["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 3, "{json}");
    for report in reports {
        let all = report["handovers"].as_array().unwrap();
        let all: Vec<_> = all.iter().map(|one| [&one["from"], &one["to"], &one["reason"]]).collect();
        assert_eq!(report["runner"], "third", "{json}");
        assert_eq!(all, [["first", "second", "credit"], ["second", "third", "credit"]], "{json}");
    }
}

#[test]
fn a_login_without_credit_is_left_and_nobody_outside_of_the_list_is_taken() {
    let sandbox = Sandbox::new(Launcher::Process);
    used_up(&sandbox, "first");
    good(&sandbox, "second");
    sandbox.reviewing(r#""first""#, ", \"retries\": 2");
    let both = sandbox.start("t", &["--files", "src", "--runner", "first,second"]);
    let state = sandbox.until_ended(&both);
    assert_eq!(handed(&state.agents[0]), [(2, "first", "second", Some(Reason::Credit))]);
    assert_eq!(state.status, ConvoyStatus::Completed);
    let said = shown(&sandbox.run("convoy-ctl", &["status", both.short()]));
    assert!(said.contains("in place of first, whose credit is used up"), "{said}");

    let alone = sandbox.start("t", &["--files", "src"]);
    let state = sandbox.until_ended(&alone);
    let agent = &state.agents[0];
    assert_eq!((agent.reason(), agent.attempt, agent.handovers.len()), (Some(Reason::Credit), 1, 0));
    assert_eq!(agent.runner.as_str(), "first");

    // No other failure moves it on.
    let lines = [begun("s"), failed(Some(401), "please run /login")];
    sandbox.scripted("first", &format!("{}; exit 1", print(&lines)));
    let wrong = sandbox.start("t", &["--files", "src", "--runner", "first,second"]);
    let state = sandbox.until_ended(&wrong);
    assert_eq!((state.agents[0].reason(), state.agents[0].handovers.len()), (Some(Reason::Auth), 0));
}

#[test]
fn how_long_is_long_is_said_by_the_template() {
    let sandbox = Sandbox::new(Launcher::Process);
    limited(&sandbox, "first", Timestamp::now().as_second() + 600);
    good(&sandbox, "second");
    sandbox.reviewing(r#"["first", "second"]"#, "");
    let id = sandbox.start("t", &["--files", "src"]);
    sandbox.until(&id, "it waits", |state| state.agents[0].not_before().is_some());
    assert_eq!(sandbox.agent_state(&id, "a").runner.as_str(), "first");
    sandbox.ok("convoy-ctl", &["stop", id.short()]);

    sandbox.reviewing(r#"["first", "second"]"#, ", \"fallbackAfter\": \"5m\"");
    let id = sandbox.start("t", &["--files", "src"]);
    assert_eq!(sandbox.until_ended(&id).agents[0].runner.as_str(), "second");
}

#[test]
fn whoever_is_killed_in_between_the_attempt_stays_its_runners() {
    let sandbox = Sandbox::new(Launcher::Process);
    limited(&sandbox, "first", later());
    // Hangs in its first attempt; goes on with the conversation in its second.
    let end = [begun("conversation"), done(&review("Found"))];
    sandbox.scripted(
        "second",
        &format!(
            "echo \"$ATTEMPT $*\" >> $HERE/second.ran\n[ -n \"$1\" ] || {{ {}; exec sleep 300; }}\n{}",
            print(&[begun("conversation")]),
            print(&end)
        ),
    );
    sandbox.reviewing(r#"["first", "second"]"#, "");
    let id = sandbox.start("t", &["--files", "src"]);
    let stream = sandbox.dir_of(&id).attempt(&"a".parse().unwrap(), 2).stream();
    let begun = || fs::read_to_string(&stream).is_ok_and(|text| text.contains("conversation"));
    wait::until("the second one works", || format!("{:?}", sandbox.state(&id)), || begun().then_some(()));
    sandbox.kill_all("convoy-watch");
    assert_eq!(sandbox.kill_all("convoy-agent"), 1);
    let before = sandbox.agent_state(&id, "a");
    assert_eq!((before.runner.as_str(), before.attempt, before.handovers.len()), ("second", 2, 1));
    sandbox.ok("convoy-ctl", &["resume", id.short()]);
    let agent = sandbox.until_ended(&id).agents.remove(0);
    assert_eq!((agent.status(), agent.runner.as_str(), agent.losses), (AgentStatus::Completed, "second", 1));
    assert_eq!(ran(&sandbox, "first"), ["1"]);
    assert_eq!(ran(&sandbox, "second"), ["2", "3 conversation"], "never with a conversation of another one");
}

#[test]
fn run_again_it_begins_with_the_first_one() {
    let sandbox = Sandbox::new(Launcher::Process);
    used_up(&sandbox, "first");
    let lines = [begun("s"), failed(Some(401), "please run /login")];
    sandbox
        .scripted("second", &format!("echo \"$ATTEMPT $*\" >> $HERE/second.ran\n{}; exit 1", print(&lines)));
    sandbox.reviewing(r#"["first", "second"]"#, "");
    let id = sandbox.start("t", &["--files", "src"]);
    assert_eq!(sandbox.until_ended(&id).agents[0].reason(), Some(Reason::Auth));
    good(&sandbox, "first");
    sandbox.ok("convoy-ctl", &["retry", id.short()]);
    let state = sandbox.until_ended(&id);
    let agent = &state.agents[0];
    assert_eq!((state.status, agent.runner.as_str()), (ConvoyStatus::Completed, "first"));
    assert_eq!(
        (ran(&sandbox, "first"), ran(&sandbox, "second")),
        (vec!["1".to_owned(), "3".to_owned()], vec!["2".to_owned()])
    );
    let said = shown(&sandbox.run("convoy-ctl", &["status", id.short()]));
    assert!(!said.contains("in place of"), "{said}");
}

#[test]
fn all_of_a_chain_must_be_there_at_the_start() {
    let sandbox = Sandbox::new(Launcher::Process);
    good(&sandbox, "first");
    sandbox.reviewing(r#"["first", "nobody"]"#, "");
    let out = sandbox.run("convoy-start", &["t", "--files", "src"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(shown(&out).contains("no runner 'nobody'"), "{}", shown(&out));
    sandbox.reviewing(r#""first""#, "");
    for (runner, why) in
        [("first,first", "named twice"), ("first,", "--runner"), ("a=first,x", "no runner 'x'")]
    {
        let out = sandbox.run("convoy-start", &["t", "--files", "src", "--runner", runner]);
        assert!(matches!(out.status.code(), Some(2 | 4)), "{runner}: {}", shown(&out));
        assert!(shown(&out).contains(why), "{runner}: {}", shown(&out));
    }
    good(&sandbox, "second");
    let dry = sandbox.ok("convoy-start", &["t", "--files", "src", "--runner", "first,second", "--dry-run"]);
    assert!(dry.contains("first (user), then second (user)"), "{dry}");
}

#[test]
fn usage_is_told_by_login_from_what_convoys_recorded() {
    let sandbox = Sandbox::new(Launcher::Process);
    let usage = || -> serde_json::Value {
        serde_json::from_str(&sandbox.ok("convoy-ctl", &["runners", "--usage", "--json"])).unwrap()
    };
    assert_eq!(usage()["logins"], serde_json::json!([]));
    let until = later();
    limited(&sandbox, "first", until);
    good(&sandbox, "second");
    sandbox.reviewing(r#"["first", "second"]"#, "");
    for _ in 0..2 {
        sandbox.until_ended(&sandbox.start("t", &["--files", "src"]));
    }
    let told = usage();
    let logins = told["logins"].as_array().unwrap();
    let of = |name: &str| logins.iter().find(|one| one["runner"] == name).unwrap_or_else(|| panic!("{told}"));
    let parked: Timestamp = of("first")["parkedUntil"].as_str().unwrap().parse().unwrap();
    assert_eq!(parked.as_second(), until);
    assert_eq!(of("second").get("parkedUntil"), None);
    for (name, span) in
        [("first", "today"), ("first", "thisWeek"), ("second", "today"), ("second", "thisWeek")]
    {
        assert_eq!(of(name)[span]["inputTokens"], 200, "{name} {span}: {told}");
        assert_eq!(of(name)[span]["costUsd"], 0.02, "{name} {span}: {told}");
    }
    let said = sandbox.ok("convoy-ctl", &["runners", "--usage"]);
    assert!(said.contains("$0.02, 240 tokens"), "{said}");

    // What cannot be read is not nothing.
    let id = sandbox.start("t", &["--files", "src"]);
    sandbox.until_ended(&id);
    fs::write(sandbox.dir_of(&id).state(), "{").unwrap();
    for words in [&["runners", "--usage"][..], &["costs"]] {
        let out = sandbox.run("convoy-ctl", words);
        assert_eq!(out.status.code(), Some(5), "{}", shown(&out));
        assert!(shown(&out).contains(&format!("{id} is not counted")), "{}", shown(&out));
    }
}

#[test]
fn costs_are_added_up_by_day_project_and_runner() {
    let sandbox = Sandbox::new(Launcher::Process);
    let costs = |more: &[&str]| -> serde_json::Value {
        serde_json::from_str(&sandbox.ok("convoy-ctl", &[&["costs", "--json"], more].concat())).unwrap()
    };
    assert_eq!(costs(&[])["total"]["attempts"], 0);
    assert!(sandbox.ok("convoy-ctl", &["costs", "--all"]).starts_with("no agent ran\n"));
    limited(&sandbox, "first", later());
    good(&sandbox, "second");
    sandbox.reviewing(r#"["first", "second"]"#, "");
    let ids: Vec<_> = (0..2).map(|_| sandbox.start("t", &["--files", "src"])).collect();
    let ended: Vec<_> = ids.iter().map(|id| sandbox.until_ended(id)).collect();
    let told = costs(&[]);
    // Each told 200 tokens for two cents: both convoys, each by both runners.
    let sum = |row: &serde_json::Value| {
        let usage = &row["usage"];
        (
            row["convoys"].as_u64(),
            row["attempts"].as_u64(),
            usage["inputTokens"].as_u64(),
            usage["costUsd"].as_f64(),
        )
    };
    let whole = sum(&told["total"]);
    assert_eq!((whole.0, whole.1, whole.2), (Some(2), Some(4), Some(400)), "{told}");
    assert!((whole.3.unwrap() - 0.04).abs() < 1e-9, "{told}");
    for (list, names) in [
        ("projects", vec![sandbox.project().canonicalize().unwrap().to_str().unwrap().to_owned()]),
        ("runners", vec!["first".to_owned(), "second".to_owned()]),
    ] {
        let mut found: Vec<_> =
            told[list].as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
        found.sort_by_key(ToString::to_string);
        assert_eq!(found, names, "{told}");
        assert!(told[list].as_array().unwrap().iter().all(|row| row["convoys"] == 2), "{told}");
    }
    // Days are those of the reader, and they add up to all of it.
    let mut elsewhere = sandbox.command("convoy-ctl");
    let out = elsewhere.args(["costs", "--json"]).env("TZ", "Pacific/Kiritimati").output().unwrap();
    let there: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let zone = jiff::tz::TimeZone::get("Pacific/Kiritimati").unwrap();
    let day = ended[1].completed_at.unwrap().to_zoned_datetime(zone).date().to_string();
    assert_eq!(there["days"][0]["name"], day, "{there}");
    let attempts = told["days"].as_array().unwrap().iter().map(|row| row["attempts"].as_u64().unwrap());
    assert_eq!(attempts.sum::<u64>(), 4, "{told}");
    assert!(told["total"]["seconds"].as_f64().unwrap() > 0.0, "{told}");
    // What ended before is not asked for; what was removed is not there.
    wait::pause(std::time::Duration::from_millis(20));
    assert_eq!(costs(&["--since", "1ms"])["total"]["attempts"], 0);
    sandbox.ok("convoy-ctl", &["rm", ids[0].as_str()]);
    assert_eq!(costs(&["--all"])["total"]["attempts"], 2);
    let said = sandbox.ok("convoy-ctl", &["costs"]);
    assert!(said.contains("RUNNER") && said.contains("$0.01") && said.contains("all since "), "{said}");
}
