//! A convoy on the nodes of a Slurm cluster: both nodes work, and whatever is killed,
//! an attempt's command never runs twice at a time, and the end is a true status.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::slurm::{CPUS, Cluster, Kind};
use convoy_tests::{ledger, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::agent::Agent;
use protocol::far::{self, Far, FarOwner, Shown};
use protocol::outcome::{AgentStatus, Reason};
use protocol::state::ConvoyStatus;

/// A sandbox whose agents carry out these orders, all of a node each.
fn sandbox(agents: &[(&str, &[&str])], more: &str) -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    let mut list = Vec::new();
    for (role, orders) in agents {
        sandbox.agent(role, orders);
        list.push(format!(
            r#""role": "{role}", "subagent": "{role}", "resources": {{"cpus": {CPUS}}}{more}"#
        ));
    }
    let list: Vec<&str> = list.iter().map(String::as_str).collect();
    sandbox.template("some", &list, "");
    sandbox
}

fn start(sandbox: &Sandbox, cluster: &Cluster) -> ConvoyId {
    let mut command = sandbox.command("convoy-start");
    command
        .args(["some", "--executor", "slurm"])
        .env("SLURM_CONF", cluster.conf())
        .env("SOME_KEY", "k-canary-7f3a");
    let out = command.output().expect("convoy-start");
    assert!(out.status.success(), "{}", shown(&out));
    String::from_utf8_lossy(&out.stdout).trim().parse().expect("an id")
}

fn far_of(sandbox: &Sandbox, id: &ConvoyId, role: &str, attempt: u32) -> Option<FarOwner> {
    let files = sandbox.dir_of(id).attempt(&role.parse().expect("a role"), attempt).far();
    match far::read(&files, 1) {
        Ok(Far::Begun(owner)) => Some(owner),
        _ => None,
    }
}

fn until_begun(sandbox: &Sandbox, cluster: &Cluster, id: &ConvoyId, role: &str, attempt: u32) -> FarOwner {
    let seen = || format!("{:?} {}", sandbox.described_processes(), cluster.said());
    wait::until("it runs", seen, || far_of(sandbox, id, role, attempt))
}

/// It ended, nothing of it is left, and nothing ran twice or beside another.
fn ended(sandbox: &Sandbox, cluster: &Cluster, id: &ConvoyId) -> Vec<Agent> {
    let state = sandbox.until_ended(id);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    let beside = fs::read_to_string(ledger::overlaps(&sandbox.ledger())).unwrap_or_default();
    assert_eq!(beside, "", "two attempts at a time");
    assert_eq!(sandbox.commands(), Vec::<i32>::new());
    let is_another = |job: &String| job.starts_with("cv-") && !job.contains(id.as_str());
    let none = || cluster.jobs().iter().all(is_another).then_some(());
    wait::until("no job is left", || cluster.said(), none);
    state.agents.into_iter().map(Agent::from).collect()
}

fn status(agent: &Agent) -> (AgentStatus, u32, u32, u32) {
    (agent.status(), agent.attempt, agent.losses, agent.failures)
}

const DONE: AgentStatus = AgentStatus::Completed;

#[test]
fn both_nodes_work_and_no_key_goes_to_the_controller() {
    let Some(cluster) = Cluster::up() else { return };
    let sandbox = sandbox(&[("a", &["sleep:300", "report"]), ("b", &["sleep:300", "report"])], "");
    let id = start(&sandbox, &cluster);
    let nodes = ["a", "b"].map(|role| until_begun(&sandbox, &cluster, &id, role, 1).node);
    assert!(nodes.contains(&"n1".to_owned()) && nodes.contains(&"n2".to_owned()), "{nodes:?}");
    for agent in ended(&sandbox, &cluster, &id) {
        assert_eq!(status(&agent), (DONE, 1, 0, 0), "{agent:?}");
    }
    assert!(!cluster.is_kept("k-canary-7f3a"), "the user's environment is not the cluster's");
}

/// The nodes that an attempt's shim was on.
fn node_of(sandbox: &Sandbox, id: &ConvoyId, role: &str) -> String {
    let files = sandbox.dir_of(id).attempt(&role.parse().expect("a role"), 1).far();
    let claim = fs::read(files.claim(1)).unwrap_or_else(|error| panic!("{role} was not placed: {error}"));
    let claim: serde_json::Value = serde_json::from_slice(&claim).expect("a claim");
    claim["node"].as_str().expect("its node").to_owned()
}

#[test]
fn the_built_in_review_comes_to_the_same_on_both_nodes() {
    let Some(cluster) = Cluster::up() else { return };
    let mut counts = Vec::new();
    for executor in ["local", "slurm"] {
        let sandbox = Sandbox::new(Launcher::Process);
        // A node for each.
        let config = "launcher = \"process\"\n[executors.slurm]\noptions = [\"--exclusive\"]\n";
        fs::write(sandbox.home().config(), config).expect("config");
        let code = "export function f(a: string) {\n  eval(a);\n  document.body.innerHTML = a;\n}\n";
        for n in 0..40 {
            fs::write(sandbox.project().join(format!("a{n}.ts")), code).expect("code to review");
        }
        let mut command = sandbox.command("convoy-start");
        command.args(["code-review", "--files", ".", "--runner", "builtin", "--executor", executor]);
        let out = command.env("SLURM_CONF", cluster.conf()).output().expect("convoy-start");
        assert!(out.status.success(), "{}", shown(&out));
        let id = String::from_utf8_lossy(&out.stdout).trim().parse().expect("an id");
        let state = sandbox.until_ended(&id);
        assert_eq!(state.status, ConvoyStatus::Completed, "{executor}: {state:?} {}", cluster.said());
        counts.push(state.merge.expect("a merge").counts);
        if executor == "slurm" {
            let nodes = ["correctness", "security", "performance"].map(|role| node_of(&sandbox, &id, role));
            assert!(nodes.contains(&"n1".to_owned()) && nodes.contains(&"n2".to_owned()), "{nodes:?}");
        }
    }
    assert!(counts[0].as_ref().is_some_and(|counts| counts.values().sum::<u64>() > 0), "{counts:?}");
    assert_eq!(counts[0], counts[1]);
}

#[test]
fn two_hundred_agents_are_asked_for_together() {
    const AGENTS: usize = 200;
    let Some(cluster) = Cluster::up() else { return };
    let sandbox = Sandbox::new(Launcher::Process);
    let (bin, calls) = (sandbox.path("bin"), sandbox.path("calls"));
    fs::create_dir(&bin).expect("a directory");
    let script = format!("#!/bin/sh\necho x >> '{}'\nexec /usr/bin/squeue \"$@\"\n", calls.display());
    fs::write(bin.join("squeue"), script).expect("a stand-in that counts");
    fs::set_permissions(bin.join("squeue"), fs::Permissions::from_mode(0o755)).expect("its mode");
    sandbox.agent("a", &["report"]);
    let list: Vec<String> = (0..AGENTS)
        .map(|n| format!(r#""role": "a{n}", "subagent": "a", "resources": {{"cpus": 1, "memory": "50M"}}"#))
        .collect();
    let list: Vec<&str> = list.iter().map(String::as_str).collect();
    sandbox.template("some", &list, r#""maxParallel": 200"#);
    let begun = std::time::Instant::now();
    let mut command = sandbox.command("convoy-start");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display());
    command.args(["some", "--executor", "slurm"]).env("SLURM_CONF", cluster.conf()).env("PATH", path);
    let out = command.output().expect("convoy-start");
    assert!(out.status.success(), "{}", shown(&out));
    let id = String::from_utf8_lossy(&out.stdout).trim().parse().expect("an id");
    let seen = || format!("{:?} {}", sandbox.state(&id), cluster.said());
    let agents = wait::within(Duration::from_secs(400), "all have ended", seen, || {
        let state = sandbox.state(&id);
        state.ended().then_some(state.agents)
    });
    assert!(agents.iter().all(|agent| status(agent) == (DONE, 1, 0, 0)), "{agents:?}");
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    let calls = fs::read_to_string(calls).unwrap_or_default().lines().count();
    let most = 10 + begun.elapsed().as_secs() as usize;
    println!("{AGENTS} agents in {:?}: {calls} calls of squeue", begun.elapsed());
    assert!(calls <= most && calls < AGENTS / 2, "{calls} calls of squeue, not {most}");
}

#[test]
fn nodes_whose_file_system_has_no_locks_for_others_end_it_as_well() {
    let sandbox = sandbox(&[("a", &["hang-first", "report"])], "");
    let Some(cluster) = Cluster::of(Kind::Remote(sandbox.path(""))) else { return };
    let id = start(&sandbox, &cluster);
    let owner = until_begun(&sandbox, &cluster, &id, "a", 1);
    sandbox.until_started(1);
    let files = sandbox.dir_of(&id).attempt(&"a".parse().expect("a role"), 1).far();
    assert!(!base::lock::is_locked(&files.claim(1)).expect("its claim"), "its lock is seen here");
    kill(Pid::from_raw(owner.process.pid), Signal::SIGKILL).expect("kill the shim");
    let agents = ended(&sandbox, &cluster, &id);
    assert_eq!(status(&agents[0]), (DONE, 2, 1, 0), "{agents:?}");
}

#[test]
fn where_tasks_are_tracked_by_cgroups_nothing_escapes() {
    let Some(cluster) = Cluster::of(Kind::Cgroup) else { return };
    let sandbox = sandbox(&[("a", &["daemon:hang", "hang-first", "report"])], "");
    let id = start(&sandbox, &cluster);
    let owner = until_begun(&sandbox, &cluster, &id, "a", 1);
    sandbox.until_started(1);
    kill(Pid::from_raw(owner.process.pid), Signal::SIGKILL).expect("kill the shim");
    let agents = ended(&sandbox, &cluster, &id);
    assert_eq!((agents[0].status(), agents[0].attempt), (DONE, 2), "{agents:?}");
}

#[test]
fn a_stop_leaves_nothing_on_any_node() {
    let Some(cluster) = Cluster::up() else { return };
    let orders: [(&str, &[&str]); 2] =
        [("a", &["daemon:hang", "hang"]), ("b", &["orphan:ignore+hang", "hang"])];
    let sandbox = sandbox(&orders, "");
    let id = start(&sandbox, &cluster);
    for role in ["a", "b"] {
        until_begun(&sandbox, &cluster, &id, role, 1);
    }
    sandbox.until_started(2);
    // And one that waits in the queue.
    let waiting = start(&sandbox, &cluster);
    let queued = || cluster.jobs().iter().filter(|job| job.contains("PENDING")).count();
    wait::until("they wait", || cluster.said(), || (queued() == 2).then_some(()));
    sandbox.ok("convoy-ctl", &["stop", waiting.as_str()]);
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    for id in [id, waiting] {
        let agents = ended(&sandbox, &cluster, &id);
        assert!(agents.iter().all(|agent| agent.reason() == Some(Reason::Stopped)), "{agents:?}");
    }
    assert_eq!(ledger::read(&sandbox.ledger()).len(), 2, "what waits has not begun");
}

#[test]
fn time_in_the_queue_is_shown_and_is_not_its_own() {
    let Some(cluster) = Cluster::up() else { return };
    let sandbox = Sandbox::new(Launcher::Process);
    let all = format!(r#""resources": {{"cpus": {CPUS}}}"#);
    sandbox.agent("a", &["report"]);
    sandbox.template("some", &[&format!(r#""role": "a", "subagent": "a", "timeout": "3s", {all}"#)], "");
    // Somebody else has both nodes.
    let others = (0..2).map(|_| {
        let mut other = cluster.command("srun");
        other.args([
            "--nodes=1",
            "--ntasks=1",
            &format!("--cpus-per-task={CPUS}"),
            "--chdir=/",
            "sleep",
            "1000",
        ]);
        other.spawn().expect("srun")
    });
    let others: Vec<_> = others.collect();
    let running = || cluster.jobs().iter().filter(|job| job.contains("RUNNING")).count();
    wait::until("no node is free", || cluster.said(), || (running() == 2).then_some(()));
    let id = start(&sandbox, &cluster);
    let files = sandbox.dir_of(&id).attempt(&"a".parse().expect("a role"), 1).far();
    wait::until(
        "it is shown",
        || format!("{:?} {}", far::shown(&files), cluster.said()),
        || matches!(far::shown(&files), Ok(Some(Shown::Pending { why })) if why == "Resources").then_some(()),
    );
    let status_now = sandbox.ok("convoy-ctl", &["status", id.as_str()]);
    assert!(status_now.contains("pending (Resources)"), "{status_now}");
    // Longer than it may take.
    wait::pause(Duration::from_secs(4));
    assert_eq!(sandbox.agent_state(&id, "a").status(), AgentStatus::Running);
    cluster.run("scancel", &["--name=sleep"]);
    let agents = ended(&sandbox, &cluster, &id);
    assert_eq!(status(&agents[0]), (DONE, 1, 0, 0), "{agents:?}");
    for mut other in others {
        other.wait().expect("its end");
    }

    // And a time that is over ends it there.
    sandbox.agent("a", &["ignore", "hang"]);
    sandbox.template("some", &[&format!(r#""role": "a", "subagent": "a", "timeout": "1s", {all}"#)], "");
    let id = start(&sandbox, &cluster);
    let agents = ended(&sandbox, &cluster, &id);
    assert_eq!((agents[0].reason(), agents[0].attempt), (Some(Reason::Timeout), 1), "{agents:?}");
}

#[test]
fn what_the_cluster_can_never_give_is_told() {
    let Some(cluster) = Cluster::up() else { return };
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("a", &["report"]);
    sandbox.template("some", &[r#""role": "a", "subagent": "a", "resources": {"memory": "900T"}"#], "");
    let id = start(&sandbox, &cluster);
    let agents = ended(&sandbox, &cluster, &id);
    let why = agents[0].why().expect("a reason");
    assert!(agents[0].is_failed() && why.contains("executor slurm did not begin it"), "{why}");
    assert!(why.contains("emory") || why.contains("configuration"), "{why}");
}

#[test]
fn a_task_that_is_killed_is_lost_and_begins_again() {
    let Some(cluster) = Cluster::up() else { return };
    let sandbox = sandbox(&[("a", &["hang-first", "report"])], "");
    let id = start(&sandbox, &cluster);
    let owner = until_begun(&sandbox, &cluster, &id, "a", 1);
    sandbox.until_started(1);
    kill(Pid::from_raw(owner.process.pid), Signal::SIGKILL).expect("kill the shim");
    let agents = ended(&sandbox, &cluster, &id);
    assert_eq!(status(&agents[0]), (DONE, 2, 1, 0), "{agents:?}");
}

#[test]
fn a_node_whose_daemon_is_killed_runs_on_and_nobody_beside_it() {
    let Some(mut cluster) = Cluster::up() else { return };
    let sandbox = sandbox(&[("a", &["ignore", "hang-first", "report"])], "");
    let id = start(&sandbox, &cluster);
    let owner = until_begun(&sandbox, &cluster, &id, "a", 1);
    sandbox.until_started(1);
    let node = owner.node.trim_start_matches('n').parse().expect("n1 or n2");
    cluster.kill_node(node);
    let files = sandbox.dir_of(&id).attempt(&"a".parse().expect("a role"), 1).far();
    let is_lost = || matches!(far::shown(&files), Ok(Some(Shown::Lost { .. })));
    let seen = || format!("{:?} {}", far::shown(&files), cluster.said());
    wait::until("its engine gave it up", seen, || {
        (is_lost() || sandbox.agent_state(&id, "a").attempt > 1).then_some(())
    });
    wait::pause(Duration::from_secs(3));
    cluster.start_node(node);
    let agents = ended(&sandbox, &cluster, &id);
    assert_eq!((agents[0].status(), agents[0].failures), (DONE, 0), "{agents:?}");
    assert!(agents[0].attempt >= 2, "{agents:?}");
}

#[test]
fn a_node_that_is_taken_down_is_waited_for() {
    let Some(cluster) = Cluster::up() else { return };
    let sandbox = sandbox(&[("a", &["hang-first", "report"])], "");
    let id = start(&sandbox, &cluster);
    let owner = until_begun(&sandbox, &cluster, &id, "a", 1);
    sandbox.until_started(1);
    let node = format!("nodename={}", owner.node);
    let update = |state: &str| cluster.run("scontrol", &["update", &node, state, "reason=test"]);
    let out = update("state=down");
    assert!(out.status.success(), "{}", shown(&out));
    wait::pause(Duration::from_secs(3));
    // It may have come back by itself.
    update("state=resume");
    let agents = ended(&sandbox, &cluster, &id);
    assert_eq!((agents[0].status(), agents[0].failures), (DONE, 0), "{agents:?}");
}

#[test]
fn a_controller_that_is_killed_while_they_run_costs_nothing() {
    let Some(mut cluster) = Cluster::up() else { return };
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("a", &[&format!("until:{}", go.display()), "report"]);
    sandbox.template("some", &[r#""role": "a", "subagent": "a""#], "");
    let id = start(&sandbox, &cluster);
    until_begun(&sandbox, &cluster, &id, "a", 1);
    cluster.kill_controller();
    fs::write(&go, "").expect("let it go");
    wait::pause(Duration::from_secs(2));
    cluster.start_controller();
    let agents = ended(&sandbox, &cluster, &id);
    assert_eq!(status(&agents[0]), (DONE, 1, 0, 0), "{agents:?}");
}

#[test]
fn a_controller_that_is_killed_at_the_submit_has_nothing_run_twice() {
    for delay in [0, 60, 150] {
        // A cluster of its own: one that was killed takes jobs that ended just before for
        // running ones, and gives their nodes to nobody.
        let Some(mut cluster) = Cluster::up() else { return };
        let sandbox = sandbox(&[("a", &["sleep:500", "report"]), ("b", &["sleep:500", "report"])], "");
        let id = start(&sandbox, &cluster);
        wait::pause(Duration::from_millis(delay));
        cluster.kill_controller();
        wait::pause(Duration::from_secs(1));
        cluster.start_controller();
        let state = sandbox.until_ended(&id);
        assert_eq!(state.status, ConvoyStatus::Completed, "{delay} ms: {state:?}");
        ended(&sandbox, &cluster, &id);
    }
}

#[test]
fn a_cluster_that_is_gone_for_a_while_is_waited_for() {
    let Some(mut cluster) = Cluster::up() else { return };
    let sandbox = sandbox(&[("a", &["report"])], "");
    cluster.kill_controller();
    let id = start(&sandbox, &cluster);
    let files = sandbox.dir_of(&id).attempt(&"a".parse().expect("a role"), 1).far();
    wait::until(
        "it is said",
        || format!("{:?}", far::shown(&files)),
        || matches!(far::shown(&files), Ok(Some(Shown::Lost { .. }))).then_some(()),
    );
    wait::pause(Duration::from_secs(10));
    assert_eq!(sandbox.agent_state(&id, "a").status(), AgentStatus::Running);
    cluster.start_controller();
    let agents = ended(&sandbox, &cluster, &id);
    assert_eq!(agents[0].status(), DONE, "{agents:?}");
}

#[test]
fn a_supervisor_that_is_killed_leaves_nothing_on_its_node() {
    let Some(cluster) = Cluster::up() else { return };
    let sandbox = sandbox(&[("a", &["hang-first", "report"])], "");
    let id = start(&sandbox, &cluster);
    until_begun(&sandbox, &cluster, &id, "a", 1);
    sandbox.until_started(1);
    let claim = sandbox.dir_of(&id).attempt(&"a".parse().expect("a role"), 1);
    let fact = protocol::claim::read_attempt(&claim, protocol::claim::Tree::Unknown).expect("its claim");
    let protocol::claim::AttemptFact::Held(owner) = fact else { panic!("{fact:?}") };
    kill(Pid::from_raw(owner.process.pid), Signal::SIGKILL).expect("kill the supervisor");
    let agents = ended(&sandbox, &cluster, &id);
    assert_eq!(status(&agents[0]), (DONE, 2, 1, 0), "{agents:?}");
}
