//! Programs that are disturbed in the midst of their work, and what must be true
//! when the convoy has been taken up again (P10).

use std::fs;
use std::path::Path;

use base::ids::ConvoyId;
use protocol::hooks::{self, How, Outcome, Told};
use protocol::layout;
use protocol::state::{ConvoyStatus, MergeStatus, State};

use crate::sandbox::{Launcher, Sandbox};
use crate::{ledger, wait};

/// Which program is disturbed, at which work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// Nobody watches what it starts.
    Start,
    /// It leaves a watcher.
    StartWatched,
    Watch,
    /// Of a convoy with a stage, whose agents come into being.
    Staged,
    /// Of reviews with a finding each, which verifiers look at again.
    LookedAt,
    /// The supervisor of one of these verifiers.
    Verifier,
    /// It wakes a parked supervisor, and parks another one.
    Waking,
    Agent,
    /// One that is to wait for its agent's turn, which has come.
    Parked,
    Stop,
    /// Of a convoy in which a supervisor is parked.
    StopParked,
    Retry,
    Resume,
    Remove,
    Prune,
    Merge,
    /// Of reviews with a finding at the gate.
    Review,
    /// Of reviews without one.
    CleanReview,
    /// It runs the hooks of a convoy that has ended.
    Notify,
}

/// A victim's part in a convoy's life: the program and its arguments.
#[derive(Debug)]
pub struct Part {
    /// The convoy, where it has begun before.
    pub id: Option<ConvoyId>,
    pub program: &'static str,
    pub arguments: Vec<String>,
}

/// Agents and templates for every victim.
pub fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("a", &["review:a"]);
    sandbox.agent("clean", &["clean"]);
    sandbox.agent("sum", &["report"]);
    sandbox.agent("hang", &["hang"]);
    sandbox.agent("flaky", &["exit-first:3", "report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"a\", \"subagent\": \"a\", \"report\": \"findings\"",
            "\"role\": \"sum\", \"subagent\": \"sum\", \"dependsOn\": [\"a\"], \"report\": \"synthesis\"",
        ],
        // Launched when its turn comes, for certain.
        "\"parked\": 0",
    );
    sandbox.template(
        "s",
        &[
            "\"role\": \"a\", \"subagent\": \"a\", \"report\": \"findings\"",
            "\"role\": \"each\", \"subagent\": \"sum\", \"forEach\": {\"from\": \"merge\", \"where\": \"gate\"}",
            "\"role\": \"sum\", \"subagent\": \"sum\", \"dependsOn\": [\"a\", \"each\"], \"report\": \"synthesis\"",
        ],
        "\"parked\": 0",
    );
    sandbox.agent("b", &["review:b"]);
    sandbox.agent("look", &["look"]);
    sandbox.template(
        "v",
        &[
            "\"role\": \"a\", \"subagent\": \"a\", \"report\": \"findings\"",
            "\"role\": \"b\", \"subagent\": \"b\", \"report\": \"findings\"",
            "\"role\": \"verify\", \"subagent\": \"look\", \"report\": \"verification\", \"forEach\": {\"from\": \"merge\"}",
        ],
        "\"parked\": 0",
    );
    sandbox.template("h", &["\"role\": \"hang\", \"subagent\": \"hang\""], "");
    let behind = "\"role\": \"sum\", \"subagent\": \"sum\", \"dependsOn\": [\"hang\"]";
    sandbox.template("hp", &["\"role\": \"hang\", \"subagent\": \"hang\"", behind], "");
    let go = sandbox.path("go");
    sandbox.agent("wait", &[&format!("until:{}", go.display()), "report"]);
    sandbox.template(
        "w",
        &[
            "\"role\": \"wait\", \"subagent\": \"wait\"",
            "\"role\": \"b\", \"subagent\": \"sum\", \"dependsOn\": [\"wait\"]",
            "\"role\": \"c\", \"subagent\": \"sum\", \"dependsOn\": [\"b\"]",
        ],
        "\"parked\": 1",
    );
    sandbox.template("r", &["\"role\": \"flaky\", \"subagent\": \"flaky\""], "");
    sandbox
}

/// Leads a convoy up to where the victim begins.
pub fn part(sandbox: &Sandbox, victim: Victim) -> Part {
    let of = |id: Option<ConvoyId>, program, words: &[&str]| Part {
        id,
        program,
        arguments: words.iter().map(|word| (*word).to_owned()).collect(),
    };
    let begun = |template: &str| sandbox.start(template, &["--watch", "none"]);
    let over = |template: &str| {
        let id = begun(template);
        sandbox.ok("convoy-watch", &[id.as_str()]);
        id
    };
    match victim {
        Victim::Start => of(None, "convoy-start", &["t", "--watch", "none"]),
        Victim::StartWatched => of(None, "convoy-start", &["t"]),
        Victim::Watch => {
            let id = begun("t");
            of(Some(id.clone()), "convoy-watch", &[id.as_str()])
        }
        Victim::Staged => {
            let id = begun("s");
            of(Some(id.clone()), "convoy-watch", &[id.as_str()])
        }
        Victim::LookedAt => {
            code_to_quote(sandbox);
            let id = begun("v");
            of(Some(id.clone()), "convoy-watch", &[id.as_str()])
        }
        Victim::Verifier => {
            code_to_quote(sandbox);
            unclaimed(sandbox, over("v"), "verify-1", |attempt| ["--attempt".to_owned(), attempt])
        }
        Victim::Waking => {
            let id = parked(sandbox, "w", "b");
            fs::write(sandbox.path("go"), "").expect("a file");
            let record = sandbox.dir_of(&id).attempt(&"wait".parse().expect("a role"), 1).exit();
            wait::until("the first one has ended", String::new, || record.exists().then_some(()));
            of(Some(id.clone()), "convoy-watch", &[id.as_str()])
        }
        Victim::Agent => unclaimed(sandbox, over("t"), "a", |attempt| ["--attempt".to_owned(), attempt]),
        Victim::Parked => {
            unclaimed(sandbox, over("t"), "a", |_| ["--wait-for".to_owned(), "something".to_owned()])
        }
        Victim::Stop => {
            let id = begun("h");
            sandbox.until_started(1);
            of(Some(id.clone()), "convoy-ctl", &["stop", id.as_str(), "--grace", "200ms"])
        }
        Victim::StopParked => {
            let id = parked(sandbox, "hp", "sum");
            of(Some(id.clone()), "convoy-ctl", &["stop", id.as_str(), "--grace", "200ms"])
        }
        Victim::Retry => {
            let id = over("r");
            of(Some(id.clone()), "convoy-ctl", &["retry", id.as_str(), "--watch", "none"])
        }
        Victim::Resume => {
            let id = begun("t");
            of(Some(id.clone()), "convoy-ctl", &["resume", id.as_str()])
        }
        Victim::Remove => {
            let id = over("t");
            of(Some(id.clone()), "convoy-ctl", &["rm", id.as_str()])
        }
        Victim::Prune => {
            let id = over("t");
            let left = left_over(sandbox);
            fs::create_dir(&left).expect("a directory of a removal that was killed");
            fs::write(left.join("removed.json"), "{}").expect("its mark");
            of(Some(id), "convoy-ctl", &["prune", "--older-than", "1ms"])
        }
        Victim::Merge => {
            for (name, finding) in [("one.md", "a"), ("two.md", "b")] {
                fs::write(sandbox.project().join(name), review(finding)).expect("a review");
            }
            let words = ["one.md", "two.md", "-o", "merged.md", "--also", "json=merged.json"];
            of(None, "convoy-merge", &words)
        }
        Victim::Review | Victim::CleanReview => {
            let finds = if victim == Victim::Review { "a" } else { "clean" };
            code_review(sandbox, finds);
            of(None, "convoy-review", &["--files", "src"])
        }
        Victim::Notify => {
            let id = untold(sandbox, || over("t"));
            of(Some(id.clone()), "convoy-notify", &[id.as_str()])
        }
    }
}

/// A convoy that has ended, and whose hook has been told of nothing yet.
fn untold(sandbox: &Sandbox, over: impl Fn() -> ConvoyId) -> ConvoyId {
    // A line of its own each time, also where the hook before was killed in the midst of one.
    let script = format!("{{ echo; cat; echo; }} >> '{}'", sandbox.path("told").display());
    let hook = format!("on_end = [\"/bin/sh\", \"-c\", {}]", serde_json::to_string(&script).expect("JSON"));
    fs::write(sandbox.home().config(), format!("launcher = \"process\"\n[hooks]\n{hook}\n"))
        .expect("a config");
    let id = over();
    until_told(sandbox, &id, "undisturbed");
    fs::remove_file(sandbox.path("told")).expect("what the hook was told");
    hooks::write(&sandbox.dir_of(&id), &Told::default()).expect("hooks.json");
    id
}

/// Waits until nothing of a convoy's hooks is due, with whoever looks at it. How the last one ended.
fn until_told(sandbox: &Sandbox, id: &ConvoyId, what: &str) -> Outcome {
    let dir = sandbox.dir_of(id);
    let end = sandbox.state(id).completed_at.expect("an end");
    let read = || hooks::read(&dir).expect("hooks.json is whole").expect("hooks.json");
    let told = wait::until(
        &format!("the hooks are done, {what}"),
        || format!("{:?}", read()),
        || {
            sandbox.ok("convoy-watch", &["--all", "--once"]);
            Some(read().of(end)).filter(|told| told.done)
        },
    );
    told.outcomes.into_iter().next_back().expect("an outcome")
}

/// Told at least once, each time whole; or it is noted why not.
fn assert_told(sandbox: &Sandbox, id: &ConvoyId, what: &str) {
    let outcome = until_told(sandbox, id, what);
    let text = fs::read_to_string(sandbox.path("told")).unwrap_or_default();
    let events: Vec<serde_json::Value> =
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(events.iter().all(|event| event["id"] == id.as_str()), "{what}: {text}");
    match outcome.how {
        How::Done => assert!(!events.is_empty(), "{what}: done, and told of nothing: {text:?}"),
        How::Failed => assert!(!outcome.detail.is_empty(), "{what}: {outcome:?}"),
        How::Skipped => panic!("{what}: {outcome:?}"),
    }
}

/// A convoy in which a supervisor waits for this role's turn, and which nobody watches
/// any more.
fn parked(sandbox: &Sandbox, template: &str, role: &str) -> ConvoyId {
    let id = sandbox.start(template, &["--watch", "none"]);
    sandbox.until_started(1);
    let mut watch = sandbox.command("convoy-watch").arg(id.as_str()).spawn().expect("a watcher");
    let (dir, role) = (sandbox.dir_of(&id), role.parse().expect("a role"));
    let picture = || format!("{:?}", sandbox.described_processes());
    wait::until("a supervisor is parked", picture, || {
        protocol::parked::is_waiting(&dir, &role).then_some(())
    });
    watch.kill().and_then(|()| watch.wait()).expect("the watcher's end");
    id
}

/// What a removal that was killed left behind.
pub fn left_over(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox.home().convoys().join("convoy-t-aaaaaa")
}

fn review(finding: &str) -> String {
    format!(
        "# Correctness Review\n\n### 1. [src/{finding}.ts:4] {finding} is wrong\n**Severity:** high\n**Confidence:** 90\n**Problem:** The value of {finding} is never checked.\n\n**Reviewed:** 1 file\n**Total:** 1 finding\n"
    )
}

fn code_review(sandbox: &Sandbox, finds: &str) {
    let agent = format!("\"role\": \"security\", \"subagent\": \"{finds}\", \"report\": \"findings\"");
    let synthesis = "\"role\": \"synthesis\", \"subagent\": \"sum\", \"dependsOn\": [\"security\"], \"report\": \"synthesis\"";
    sandbox.template("code-review", &[&agent, synthesis], "");
    fs::create_dir_all(sandbox.project().join("src")).expect("a source directory");
    fs::write(sandbox.project().join("src/a.ts"), "export const a = 1;\n").expect("a source file");
}

/// What verifiers quote.
fn code_to_quote(sandbox: &Sandbox) {
    fs::create_dir_all(sandbox.project().join("src")).expect("a source directory");
    for name in ["a", "b"] {
        let code = format!("\n\n\nlet {name} = checked(input);\n");
        fs::write(sandbox.project().join(format!("src/{name}.ts")), code).expect("a source file");
    }
}

/// An unclaimed attempt of this role, for a supervisor of our own to claim.
fn unclaimed(sandbox: &Sandbox, id: ConvoyId, role: &str, turn: impl Fn(String) -> [String; 2]) -> Part {
    // The next attempt is intended and nobody launches it.
    let mut store = protocol::store::Store::new(sandbox.dir_of(&id));
    let mut held = store.hold().unwrap();
    let now = base::clock::Clock::open().unwrap().now().unwrap();
    let plan = protocol::plan::Plan::read(&sandbox.dir_of(&id)).unwrap();
    let roles = protocol::retry::with_dependents(&plan, &[role.parse().expect("a role")].into());
    let mut state = protocol::retry::reopen(held.state().unwrap(), &plan, &roles, &now, &base::host::name());
    let agent = state.agents.iter_mut().find(|agent| agent.role.as_str() == role).expect("the agent");
    agent.attempt += 1;
    agent.phase = protocol::agent::Phase::Launched;
    agent.intent = Some(now.moment.clone());
    let turn = turn(agent.attempt.to_string());
    held.replace(state, now.wall).unwrap();
    let root = sandbox.home().root().to_str().unwrap().to_owned();
    let words = ["--home", &root, "--convoy", id.as_str(), "--role", role];
    let arguments = words.map(str::to_owned).into_iter().chain(turn).collect();
    Part { id: Some(id), program: "convoy-agent", arguments }
}

/// Takes the convoy up and brings it to its end: nothing twice, nothing torn,
/// nothing left. `what` was done to the victim. The end, if there is a convoy.
pub fn make_good(sandbox: &Sandbox, victim: Victim, id: Option<&ConvoyId>, what: &str) -> Option<State> {
    let ids = id.map_or_else(|| protocol::convoys::all_ids(&sandbox.home()).unwrap(), |id| vec![id.clone()]);
    assert!(ids.len() <= 1, "{victim:?} {what}: {ids:?}");
    let id = ids.first()?;
    let state = sandbox.state(id);
    if is_stop(victim) && state.stopping.is_none() && !state.ended() {
        // Disturbed before it said so, a stop is no stop: asked again.
        sandbox.ok("convoy-ctl", &["stop", id.as_str(), "--grace", "200ms"]);
    }
    wait::until(
        &format!("{victim:?} {what} is made good"),
        || format!("{:?}", sandbox.state(id)),
        || {
            sandbox.ok("convoy-watch", &["--all", "--once"]);
            sandbox.state(id).ended().then_some(())
        },
    );
    let state = sandbox.state(id);
    if victim == Victim::Notify {
        assert_told(sandbox, id, what);
    }
    assert_whole(sandbox, &state);
    ledger::assert_no_attempt_twice(&sandbox.ledger());
    assert_eq!(sandbox.commands(), Vec::<i32>::new(), "{victim:?} {what}");
    // Also who was parked: whoever ended the convoy may have had no time to say so.
    let picture = || format!("{:?}", sandbox.described_processes());
    wait::until(&format!("{victim:?} {what}: no supervisor is left"), picture, || {
        sandbox.pids_of("convoy-agent").is_empty().then_some(())
    });
    Some(state)
}

fn is_stop(victim: Victim) -> bool {
    matches!(victim, Victim::Stop | Victim::StopParked)
}

/// Every report the state names is published as it was written, and so is the merge.
pub fn assert_whole(sandbox: &Sandbox, state: &State) {
    let dir = sandbox.dir_of(&state.id);
    let same = |published: &Path, own: &Path| {
        let (published_bytes, own_bytes) = (fs::read(published), fs::read(own));
        let (Ok(published_bytes), Ok(own_bytes)) = (&published_bytes, &own_bytes) else {
            panic!("{}: {published_bytes:?}, {}: {own_bytes:?}", published.display(), own.display());
        };
        let is_same = !own_bytes.is_empty() && published_bytes == own_bytes;
        assert!(is_same, "{} is not {}", published.display(), own.display());
    };
    // A stage runs nothing and publishes nothing.
    for agent in state.agents.iter().filter(|agent| agent.is_completed() && agent.attempt > 0) {
        let published = agent.output_file().expect("a completed agent has published");
        same(published.as_path(), &dir.attempt(&agent.role, agent.attempt).report());
    }
    if let Some(merge) = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done) {
        let plan = protocol::plan::Plan::read(&dir).expect("a plan");
        let output = state.output_dir.as_path();
        for (what, own) in
            [("merged.md", dir.merge_report(merge.k)), ("findings.json", dir.merge_findings(merge.k))]
        {
            same(&layout::published(output, &plan.stamp, &state.id, what), &own);
        }
    }
}

/// After a kill: the end an undisturbed run has.
pub fn assert_made_good(sandbox: &Sandbox, victim: Victim, id: Option<&ConvoyId>, what: &str) {
    let Some(state) = make_good(sandbox, victim, id, what) else { return };
    if victim == Victim::Staged {
        let roles: Vec<&str> = state.agents.iter().map(|agent| agent.role.as_str()).collect();
        assert_eq!(roles, ["a", "each", "sum", "each-1"], "{what}: an agent for the finding, once");
    }
    if matches!(victim, Victim::LookedAt | Victim::Verifier) {
        assert_looked_at(sandbox, &state, what);
    }
    assert_eq!(state.status, wanted(victim), "{victim:?} {what}: {state:?}");
}

/// What was confirmed is there and counts, and what was refuted is there and does not.
fn assert_looked_at(sandbox: &Sandbox, state: &State, what: &str) {
    let k = state.merge.as_ref().expect("a merge").k;
    let merged = fs::read(sandbox.dir_of(&state.id).merge_findings(k)).expect("the merged findings");
    let merged: serde_json::Value = serde_json::from_slice(&merged).expect("merged findings");
    let standing = |finding: &serde_json::Value| {
        let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        (word(&finding["title"]), word(&finding["secondLook"]["verdict"]))
    };
    let mut found: Vec<_> = merged["findings"].as_array().expect("findings").iter().map(standing).collect();
    found.sort();
    let expected = [("a is wrong", "confirmed"), ("b is wrong", "refuted")];
    assert_eq!(found, expected.map(|(title, verdict)| (title.to_owned(), verdict.to_owned())), "{what}");
    assert_eq!(merged["counts"]["high"], 1, "{what}");
}

/// The status at the end of an undisturbed run.
pub fn wanted(victim: Victim) -> ConvoyStatus {
    if is_stop(victim) { ConvoyStatus::Failed } else { ConvoyStatus::Completed }
}
