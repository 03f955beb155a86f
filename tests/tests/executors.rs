//! Where an agent's command runs: what is chosen and shown, and that an attempt on a
//! far side is over only when that is proved, whoever dies and whoever cannot answer.

use std::fs;

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{ledger, programs, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::agent::Phase;
use protocol::far::{self, Far, Shown};
use protocol::outcome::{AgentStatus, Reason};
use protocol::state::ConvoyStatus;

/// An executor whose placing command becomes the shim, and that believes nothing but a
/// record and what `ask` says.
fn stand_in(sandbox: &Sandbox, ask: &str) {
    let text = format!(
        "description = \"a stand-in\"\nprogram = \"env\"\nproof = \"record\"\nask = {ask}\n[[place]]\nwords = [\"--\"]\n"
    );
    write(sandbox, "mine", &text);
}

fn write(sandbox: &Sandbox, name: &str, text: &str) {
    let file = sandbox.home().user_executor(&name.parse().expect("a name"));
    fs::create_dir_all(file.parent().expect("executors/")).expect("a directory");
    fs::write(file, text).expect("an executor file");
}

/// A convoy of one agent with these orders, placed by `mine`.
fn placed(ask: &str, orders: &[&str]) -> (Sandbox, ConvoyId) {
    let sandbox = Sandbox::new(Launcher::Process);
    stand_in(&sandbox, ask);
    let id = start(&sandbox, orders);
    sandbox.until_started(1);
    (sandbox, id)
}

fn start(sandbox: &Sandbox, orders: &[&str]) -> ConvoyId {
    sandbox.agent("a", orders);
    sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
    sandbox.start("one", &["--executor", "mine"])
}

/// Kills the shim of an attempt, so that it leaves no record.
fn kill_shim(sandbox: &Sandbox, id: &ConvoyId, attempt: u32) {
    let files = sandbox.dir_of(id).attempt(&"a".parse().expect("a role"), attempt).far();
    let Far::Begun(owner) = far::read(&files, 1).expect("its claim") else { panic!("it does not run") };
    kill(Pid::from_raw(owner.process.pid), Signal::SIGKILL).expect("kill the shim");
}

fn until_lost(sandbox: &Sandbox, id: &ConvoyId) {
    let files = sandbox.dir_of(id).attempt(&"a".parse().expect("a role"), 1).far();
    let seen = || format!("{:?} {:?}", far::shown(&files), sandbox.described_processes());
    wait::until("it is lost", seen, || {
        matches!(far::shown(&files), Ok(Some(Shown::Lost { .. }))).then_some(())
    });
}

const NOBODY: &str = r#"["false"]"#;
const THERE: &str = r#"["env", "--"]"#;

#[test]
fn a_placed_command_ends_as_its_shim_saw_it() {
    for (orders, want, code, signal) in [
        (&["report"][..], None, Some(0), None),
        (&["exit:253"], Some(Reason::ExitCode), Some(253), None),
        (&["half"], Some(Reason::Signal), None, Some(9)),
    ] {
        let (sandbox, id) = placed(NOBODY, orders);
        sandbox.until_ended(&id);
        let agent = sandbox.agent_state(&id, "a");
        assert_eq!((agent.reason(), agent.attempt), (want, 1), "{orders:?}: {agent:?}");
        let files = sandbox.dir_of(&id).attempt(&agent.role, 1);
        let record = protocol::record::ExitRecord::read(&files).expect("a record").expect("one");
        assert_eq!((record.exit_code, record.signal), (code, signal), "{orders:?}");
        assert!(!files.far().order(1).exists(), "its environment is not kept");
        assert_eq!(sandbox.commands(), Vec::<i32>::new());
    }
}

#[test]
fn no_attempt_begins_while_nobody_can_tell_and_a_person_can() {
    let (sandbox, id) = placed(NOBODY, &["hang-first", "report"]);
    kill_shim(&sandbox, &id, 1);
    until_lost(&sandbox, &id);
    let status = sandbox.ok("convoy-ctl", &["status", id.as_str()]);
    assert!(status.contains("lost: ") && status.contains("its task may still run"), "{status}");
    assert_eq!(sandbox.agent_state(&id, "a").attempt, 1);
    // Whoever takes it up knows as little.
    sandbox.kill_all("convoy-watch");
    sandbox.kill_all("convoy-agent");
    sandbox.ok("convoy-ctl", &["resume", id.as_str()]);
    sandbox.until(&id, "it is looked for", |state| state.agents[0].phase == Phase::Reaping);
    let pause = std::time::Duration::from_secs(5);
    wait::pause(pause);
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!((agent.attempt, agent.status()), (1, AgentStatus::Running), "{agent:?}");
    for verb in [["retry", id.as_str()], ["rm", id.as_str()]] {
        assert!(!sandbox.run("convoy-ctl", &verb).status.success(), "{verb:?}");
    }

    sandbox.ok("convoy-ctl", &["fence", id.as_str(), "a"]);
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!((agent.status(), agent.attempt, agent.losses), (AgentStatus::Completed, 2, 1), "{agent:?}");
    let fence = agent.fenced.expect("who said it");
    assert_eq!((fence.attempt, fence.by.is_empty()), (1, false));
    let events = sandbox.ok("convoy-ctl", &["events", id.as_str()]);
    assert!(events.contains(&format!("declared over: by {}", fence.by)), "{events}");
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn what_can_be_asked_goes_on_by_itself() {
    let (sandbox, id) = placed(THERE, &["hang-first", "report"]);
    kill_shim(&sandbox, &id, 1);
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!(
        (agent.status(), agent.attempt, agent.losses, agent.failures),
        (AgentStatus::Completed, 2, 1, 0)
    );
    assert!(agent.fenced.is_none());
}

#[test]
fn a_supervisor_that_is_killed_leaves_nothing_running_and_no_doubt() {
    let (sandbox, id) = placed(THERE, &["hang-first", "report"]);
    sandbox.kill_all("convoy-watch");
    let own = sandbox.pids_of("convoy-agent");
    assert!(own.len() >= 2, "supervisor and shim: {own:?}");
    sandbox.kill_all("convoy-agent");
    sandbox.ok("convoy-watch", &[id.as_str()]);
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!((agent.status(), agent.attempt), (AgentStatus::Completed, 2), "{agent:?}");
    assert!(!ledger::overlaps(&sandbox.ledger()).exists(), "no two at a time");
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn an_engine_that_is_down_is_not_asked_without_a_pause() {
    let sandbox = Sandbox::new(Launcher::Process);
    let asked = sandbox.path("asked");
    let up = sandbox.path("up");
    let list = format!(
        "test -e {} && exit 0; date +%s%3N >> {}; echo down >&2; exit 1",
        up.display(),
        asked.display()
    );
    let list = serde_json::json!(["sh", "-c", list]);
    let text = format!(
        "description = \"d\"\nprogram = \"ls\"\nproof = \"record\"\nlist = {list}\n[[place]]\nwords = [\"/no/such/queue\"]\n"
    );
    write(&sandbox, "mine", &text);
    let id = start(&sandbox, &["report"]);
    let times = || -> Vec<u64> {
        let text = fs::read_to_string(&asked).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    };
    // The first may be for people, who want to know where it is.
    let seen = || format!("{:?}", times());
    let times = wait::until("it is asked again", seen, || Some(times()).filter(|times| times.len() >= 4));
    assert!(times[3] - times[1] >= 4_000, "3 s between two questions: {times:?}");
    fs::write(&up, "").expect("up again");
    sandbox.run("convoy-ctl", &["stop", "--force", "--grace=1ms", id.as_str()]);
}

#[test]
fn what_its_engine_has_forgotten_is_placed_again() {
    let sandbox = Sandbox::new(Launcher::Process);
    let first = sandbox.path("first");
    // The first one waits for a job that a crash of its engine has forgotten.
    let place = format!("mkdir {0} 2>/dev/null && exec sleep 600; shift; exec \"$@\"", first.display());
    let place = serde_json::json!(["-c", place, "sh", "{name}"]);
    let text = format!(
        "description = \"d\"\nprogram = \"sh\"\nproof = \"record\"\nlist = [\"true\"]\n[[place]]\nwords = {place}\n"
    );
    write(&sandbox, "mine", &text);
    let id = start(&sandbox, &["report"]);
    let state = sandbox.until_ended(&id);
    let agent = &state.agents[0];
    assert_eq!((agent.status(), agent.losses, agent.failures), (AgentStatus::Completed, 0, 0), "{agent:?}");
    let events = fs::read_to_string(sandbox.dir_of(&id).events()).expect("the journal");
    assert!(events.contains("has forgotten it"), "{events}");
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn an_engine_that_will_never_be_there_is_not_waited_for() {
    let sandbox = Sandbox::new(Launcher::Process);
    let text = "description = \"d\"\nprogram = \"ls\"\nproof = \"record\"\nlist = [\"ls\", \"/no/such/engine\"]\nnever = [\"No such file\"]\n[[place]]\nwords = [\"/no/such/queue\"]\n";
    write(&sandbox, "mine", text);
    let id = start(&sandbox, &["report"]);
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "a");
    assert!(agent.why().is_some_and(|why| why.contains("did not begin it")), "{agent:?}");
}

#[test]
fn a_stop_does_not_say_that_it_is_over_when_nobody_can_tell() {
    let (sandbox, id) = placed(NOBODY, &["hang"]);
    kill_shim(&sandbox, &id, 1);
    until_lost(&sandbox, &id);
    let out = sandbox.run("convoy-ctl", &["stop", "--grace", "100ms", id.as_str()]);
    let said = shown(&out);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains("may still run there") && said.contains("fence "), "{said}");
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Running);
    sandbox.ok("convoy-ctl", &["fence", id.as_str(), "a"]);
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    assert_eq!(sandbox.agent_state(&id, "a").reason(), Some(Reason::Stopped));
}

#[test]
fn only_what_is_lost_is_fenced() {
    let (sandbox, id) = placed(THERE, &["hang"]);
    let out = sandbox.run("convoy-ctl", &["fence", id.as_str(), "a"]);
    assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
    assert!(shown(&out).contains("nobody has lost sight of it"), "{}", shown(&out));
    assert_eq!(sandbox.run("convoy-ctl", &["fence", id.as_str(), "b"]).status.code(), Some(4));
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    assert_eq!(sandbox.run("convoy-ctl", &["fence", id.as_str(), "a"]).status.code(), Some(2));
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
}

#[test]
fn a_placing_command_that_places_nothing_is_told_with_what_it_said() {
    let sandbox = Sandbox::new(Launcher::Process);
    write(
        &sandbox,
        "mine",
        "description = \"d\"\nprogram = \"ls\"\nproof = \"record\"\n[[place]]\nwords = [\"/no/such/queue\"]\n",
    );
    sandbox.agent("a", &["report"]);
    sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
    let id = sandbox.start("one", &["--executor", "a=mine"]);
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "a");
    let why = agent.why().expect("a reason");
    assert!(why.contains("did not begin it: /usr/bin/ls: ") && agent.voids == 3, "{why} {agent:?}");
    assert!(!sandbox.ledger().exists(), "nothing ran");
}

#[test]
fn mistakes_are_told_before_anything_begins() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("a", &["report"]);
    sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
    write(&sandbox, "wrong", "description = \"d\"\nprogramm = \"x\"\n");
    write(
        &sandbox,
        "absent",
        "description = \"d\"\nprogram = \"no-such-program\"\n[[place]]\nwords = [\"x\"]\n",
    );
    for (executor, want) in [
        ("brwap", "no executor 'brwap'"),
        ("wrong", "unknown key 'programm' in the executor"),
        ("absent", "no-such-program is not installed"),
        ("ssh", "executor 'ssh' needs a host"),
        ("b=bwrap", "--executor: 'one' has no role 'b'"),
    ] {
        let out = sandbox.run("convoy-start", &["one", "--executor", executor]);
        assert!(!out.status.success() && shown(&out).contains(want), "{executor}: {}", shown(&out));
    }
    assert!(
        !sandbox.home().convoys().exists() || sandbox.home().convoys().read_dir().unwrap().next().is_none()
    );
    let out = sandbox.run("convoy-ctl", &["executors", "check", "wrong"]);
    assert!(
        out.status.code() == Some(2) && shown(&out).contains("did you mean 'program'?"),
        "{}",
        shown(&out)
    );
    let listed = sandbox.ok("convoy-ctl", &["executors", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let names: Vec<&str> =
        listed.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["absent", "bwrap", "local", "slurm", "ssh", "wrong"]);
}

#[test]
fn who_is_nearest_to_the_agent_says_where_it_runs() {
    let sandbox = Sandbox::new(Launcher::Process);
    stand_in(&sandbox, THERE);
    sandbox.agent("a", &["report"]);
    let agents = [
        r#""role": "a", "subagent": "a", "executor": "local""#,
        r#""role": "b", "subagent": "a", "resources": {"cpus": 2, "memory": "4G", "time": "90s"}"#,
    ];
    sandbox.template("two", &agents, r#""executor": "mine""#);
    let plan = |more: &[&str]| -> Vec<Option<String>> {
        let words = [&["two", "--dry-run", "--json"], more].concat();
        let plan: serde_json::Value =
            serde_json::from_str(&sandbox.ok("convoy-start", &words)).expect("JSON");
        let name = |agent: &serde_json::Value| agent["placement"]["executor"].as_str().map(str::to_owned);
        plan["plan"]["agents"].as_array().unwrap().iter().map(name).collect()
    };
    let mine = || Some("mine".to_owned());
    assert_eq!(plan(&[]), [None, mine()]);
    assert_eq!(plan(&["--executor", "local"]), [None, None]);
    assert_eq!(plan(&["--executor", "a=mine", "--executor", "local"]), [mine(), None]);
    let text = sandbox.ok("convoy-start", &["two", "--dry-run"]);
    assert!(text.contains("by executor mine (user)") && text.contains("placed   /"), "{text}");
}

#[test]
fn one_line_of_work_is_placed_for_real() {
    let sandbox = Sandbox::new(Launcher::Process);
    stand_in(&sandbox, THERE);
    let out = sandbox.run("convoy-ctl", &["doctor", "--executor", "mine"]);
    assert!(
        shown(&out).contains("mine executor") && shown(&out).contains("did one line of work"),
        "{}",
        shown(&out)
    );
    write(
        &sandbox,
        "absent",
        "description = \"d\"\nprogram = \"no-such-program\"\ninstall = \"get it\"\n[[place]]\nwords = [\"x\"]\n",
    );
    let out = sandbox.run("convoy-ctl", &["doctor", "--executor", "absent"]);
    assert!(
        out.status.code() == Some(1) && shown(&out).contains("no-such-program is not installed"),
        "{}",
        shown(&out)
    );
    assert_eq!(sandbox.home().run().read_dir().unwrap().count(), 0, "nothing stays");
}

#[test]
fn an_engine_that_cannot_be_asked_is_told_by_doctor_which_leaves_nothing() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    let text = "description = \"d\"\nprogram = \"ls\"\nlist = [\"sh\", \"-c\", \"echo it is down >&2; exit 1\"]\n[[place]]\nwords = [\"/no/such/queue\"]\n";
    write(&sandbox, "mine", text);
    let out = sandbox.run("convoy-ctl", &["doctor", "--executor", "mine"]);
    let said = shown(&out);
    assert!(
        out.status.code() == Some(1) && said.contains("nobody can tell") && said.contains("it is down"),
        "{said}"
    );
    // Its tmux server has gone, and its watcher.
    let seen = || sandbox.described_processes().join("\n");
    wait::until("nothing is left", seen, || sandbox.processes().is_empty().then_some(()));
    assert_eq!(sandbox.home().run().read_dir().unwrap().count(), 0, "nothing stays");
}

#[test]
fn a_sandbox_where_that_works_and_said_where_not() {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("a", &["report"]);
    sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
    fs::write(sandbox.home().config(), "launcher = \"process\"\nsandbox = \"auto\"\n").expect("config");
    let placement = |path: &str| {
        let mut command = sandbox.command("convoy-start");
        let out =
            command.args(["one", "--dry-run", "--json"]).env("PATH", path).output().expect("convoy-start");
        let plan: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
        (plan["plan"]["agents"][0]["placement"]["executor"].clone(), plan["notes"].to_string())
    };
    let (executor, notes) = placement("/nowhere");
    assert!(
        executor.is_null() && notes.contains("agents run without one (bubblewrap is not installed)"),
        "{notes}"
    );
    if !std::path::Path::new("/usr/bin/bwrap").exists() {
        return programs::skipped("sandbox = \"auto\" where it works: bubblewrap is not installed");
    }
    let (executor, notes) = placement("/usr/bin:/bin");
    assert!(executor == "bwrap" || notes.contains("agents run without one"), "{executor} {notes}");
}

#[test]
fn an_output_that_was_not_handed_on_whole_is_no_report() {
    for (code, want) in [(0, AgentStatus::Completed), (255, AgentStatus::Failed)] {
        let sandbox = Sandbox::new(Launcher::Process);
        // As a connection that breaks off when the shim is done.
        let words = serde_json::json!(["-c", format!("\"$@\" | head -c 20; exit {code}"), "sh"]);
        let text =
            format!("description = \"d\"\nprogram = \"sh\"\nask = {THERE}\n[[place]]\nwords = {words}\n");
        write(&sandbox, "mine", &text);
        let runner = "description = \"d\"\nprogram_from = \"command\"\nprompt = \"file\"\nstream = \"plain\"\nreport = \"stdout\"\n[[arguments]]\nwords = [\"{command...}\"]\n";
        let file = sandbox.home().user_runner(&"out".parse().expect("a name"));
        fs::create_dir_all(file.parent().expect("runners/")).expect("a directory");
        fs::write(file, runner).expect("a runner");
        let agent = "---\nname: a\ndescription: d\nrunner: out\ncommand: [\"echo\", \"all is well, but for the last line\"]\n---\nDo it.\n";
        fs::write(sandbox.home().user_agents().join("a.md"), agent).expect("an agent");
        sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
        let id = sandbox.start("one", &["--executor", "mine"]);
        sandbox.until_ended(&id);
        let agent = sandbox.agent_state(&id, "a");
        assert_eq!(agent.status(), want, "{code}: {agent:?}");
        let log = fs::read_to_string(sandbox.dir_of(&id).attempt(&agent.role, 1).log()).expect("its log");
        assert_eq!(log.contains("may be missing"), code != 0, "{log}");
    }
}

#[test]
fn what_placed_it_and_does_not_end_is_not_waited_for() {
    let sandbox = Sandbox::new(Launcher::Process);
    // As a placing command whose engine is down at the end: the shim is done, it stays.
    let script = "\"$@\"; exec sleep 1000";
    let words = serde_json::to_string(&["-c", script, "sh"]).expect("JSON");
    write(
        &sandbox,
        "mine",
        &format!("description = \"d\"\nprogram = \"sh\"\nask = {NOBODY}\n[[place]]\nwords = {words}\n"),
    );
    sandbox.agent("a", &["report"]);
    sandbox.template("one", &[r#""role": "a", "subagent": "a", "timeout": "60s""#], "");
    let id = sandbox.start("one", &["--executor", "mine"]);
    sandbox.until_ended(&id);
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!((agent.status(), agent.attempt), (AgentStatus::Completed, 1), "{agent:?}");
    assert_eq!(sandbox.pids_of("sleep"), Vec::<i32>::new());
}

/// A queue: a list that is a file, and a placing command that waits for `go`; its shim
/// does not die with it.
fn queue(sandbox: &Sandbox, more: &str) {
    let go = sandbox.path("go");
    let script = format!("while ! test -e '{}'; do sleep 0.05; done; \"$@\"; exit 0", go.display());
    let words = serde_json::json!(["-c", script, "sh"]);
    let jobs = serde_json::json!(["cat", sandbox.path("jobs")]);
    let text = format!(
        "description = \"d\"\nprogram = \"sh\"\nlist = {jobs}\nwaiting = [\"PENDING\"]\nask = {THERE}\n{more}\n[[place]]\nwords = {words}\n"
    );
    write(sandbox, "mine", &text);
    fs::write(sandbox.path("jobs"), "").expect("no jobs");
}

#[test]
fn time_in_a_queue_is_shown_and_nobodys() {
    let sandbox = Sandbox::new(Launcher::Process);
    queue(&sandbox, "");
    sandbox.agent("a", &["report"]);
    sandbox.template(
        "one",
        &[r#""role": "a", "subagent": "a", "timeout": "1s""#],
        r#""convoyTimeout": "3s""#,
    );
    let id = sandbox.start("one", &["--executor", "mine"]);
    fs::write(
        sandbox.path("jobs"),
        format!("{}|PENDING|Resources|\n", far::name(&id, &"a".parse().unwrap(), 1, 1)),
    )
    .expect("the list");
    let status = || sandbox.ok("convoy-ctl", &["status", id.as_str()]);
    wait::until("it is shown", status, || status().contains("pending (Resources)").then_some(()));
    // Longer than the convoy may take, and its agent.
    wait::pause(std::time::Duration::from_secs(5));
    assert_eq!(sandbox.agent_state(&id, "a").status(), AgentStatus::Running);
    fs::write(sandbox.path("go"), "").expect("let it go");
    let state = sandbox.until_ended(&id);
    assert_eq!((state.status, state.reason), (ConvoyStatus::Completed, None), "{state:?}");
    let sandbox = Sandbox::new(Launcher::Process);
    queue(&sandbox, "");
    fs::write(sandbox.path("go"), "").expect("it waits for nothing");
    sandbox.agent("a", &["hang"]);
    sandbox.template("one", &[r#""role": "a", "subagent": "a""#], r#""convoyTimeout": "2s""#);
    let id = sandbox.start("one", &["--executor", "mine"]);
    let state = sandbox.until_ended(&id);
    assert_eq!((state.status, state.reason), (ConvoyStatus::Failed, Some(Reason::Timeout)), "{state:?}");
}

#[test]
fn what_an_engine_keeps_for_one_that_is_over_is_given_back() {
    let sandbox = Sandbox::new(Launcher::Process);
    let told = sandbox.path("told");
    let cancel =
        serde_json::json!(["sh", "-c", format!("echo \"$1\" >> '{}'", told.display()), "sh", "{name}"]);
    queue(&sandbox, &format!("cancel = {cancel}"));
    fs::write(sandbox.path("go"), "").expect("it waits for nothing");
    sandbox.agent("a", &["hang-first", "report"]);
    sandbox.template("one", &[r#""role": "a", "subagent": "a""#], "");
    let id = sandbox.start("one", &["--executor", "mine"]);
    sandbox.until_started(1);
    let role = "a".parse().expect("a role");
    let files = sandbox.dir_of(&id).attempt(&role, 1);
    let claim = || protocol::claim::read_attempt(&files, protocol::claim::Tree::Unknown);
    let Ok(protocol::claim::AttemptFact::Held(owner)) = claim() else { panic!("{:?}", claim()) };
    // Nobody asks for it: its shim ends it, because its supervisor is gone.
    sandbox.kill_all("convoy-watch");
    kill(Pid::from_raw(owner.process.pid), Signal::SIGKILL).expect("kill the supervisor");
    let far = || far::read(&files.far(), 1).expect("its far side");
    wait::until(
        "its shim has left a record",
        || format!("{:?}", far()),
        || matches!(far(), Far::Ended(_)).then_some(()),
    );
    assert!(!told.exists(), "so far nobody was asked for anything");
    sandbox.ok("convoy-watch", &[id.as_str()]);
    let agent = sandbox.agent_state(&id, "a");
    assert_eq!((agent.status(), agent.attempt), (AgentStatus::Completed, 2), "{agent:?}");
    let told = || fs::read_to_string(&told).unwrap_or_default();
    let name = far::name(&id, &role, 1, 1);
    wait::until("the job is given back", told, || told().lines().any(|line| line == name).then_some(()));
}

fn tear(sandbox: &Sandbox, id: &ConvoyId) {
    fs::write(sandbox.dir_of(id).state(), "{\"schemaVersion\": 1").expect("a torn state");
}

#[test]
fn a_convoy_whose_state_is_torn_stays_while_something_of_it_may_run_elsewhere() {
    let (sandbox, id) = placed(NOBODY, &["hang"]);
    sandbox.kill_all("convoy-watch");
    kill_shim(&sandbox, &id, 1);
    sandbox.kill_all("convoy-agent");
    tear(&sandbox, &id);
    for words in [&["rm"][..], &["rm", "--force"]] {
        let out = sandbox.run("convoy-ctl", &[words, &[id.as_str()]].concat());
        assert_eq!(out.status.code(), Some(75), "{}", shown(&out));
        assert!(shown(&out).contains("the task of a of") && shown(&out).contains("fence"), "{}", shown(&out));
        assert!(sandbox.dir_of(&id).dir().exists());
    }
    sandbox.ok("convoy-ctl", &["fence", id.as_str(), "a"]);
    let journal = fs::read_to_string(sandbox.dir_of(&id).events()).expect("the journal");
    assert!(journal.lines().last().is_some_and(|line| line.contains("by ")), "{journal}");
    sandbox.ok("convoy-ctl", &["rm", id.as_str()]);
    assert!(!sandbox.dir_of(&id).dir().exists());

    // One that can be asked, and ended.
    let (sandbox, id) = placed(THERE, &["hang"]);
    sandbox.kill_all("convoy-watch");
    tear(&sandbox, &id);
    let out = sandbox.run("convoy-ctl", &["rm", id.as_str()]);
    assert_eq!(out.status.code(), Some(75), "{}", shown(&out));
    assert_eq!(sandbox.commands().len(), 1, "it runs on");
    sandbox.ok("convoy-ctl", &["rm", "--force", id.as_str()]);
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
    assert!(!sandbox.dir_of(&id).dir().exists());
}
