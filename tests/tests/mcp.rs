//! The MCP server with the real agent CLIs, set up by `install`: a review from inside
//! each, and one convoy that all of them wait for at the same time. The model is the
//! scripted one: it calls `wait` again and again, as it is told to.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use base::ids::ConvoyId;
use convoy_tests::clis::{Desk, KEY, installed};
use convoy_tests::mcp::Client;
use convoy_tests::model::{Act, Dialect, Script, Seen, Tools, Work};
use convoy_tests::sandbox::shown;
use convoy_tests::{programs, wait};
use protocol::state::ConvoyStatus;
use serde_json::{Value, json};

/// Those whose settings `install` knows.
const CLIS: [&str; 4] = ["claude", "codex", "gemini", "opencode"];

const SEEN_IT: &str = "I HAVE SEEN IT.";

/// A model that waits until the convoy has ended, then asks for its findings.
fn waiting(first: Option<(&str, Value)>) -> Script {
    let call = |tool: &str| (tool.to_owned(), json!({}));
    let work = Work {
        first: first.map(|(tool, arguments)| (tool.to_owned(), arguments)),
        again: call("wait"),
        until: "\"ended\":true".to_owned(),
        last: call("findings"),
        words: SEEN_IT.to_owned(),
    };
    Script::new().role("", Act::Work(work))
}

/// A desk whose user is logged in everywhere and has settings of their own.
fn desk(script: Script) -> Desk {
    let desk = Desk::new(script);
    let settings = desk.sandbox.path(".gemini/settings.json");
    std::fs::create_dir_all(settings.parent().expect("a directory")).expect("create it");
    let own = "{\n  // mine\n  \"security\": { \"auth\": { \"selectedType\": \"gemini-api-key\" } }\n}\n";
    std::fs::write(settings, own).expect("write settings");
    desk
}

fn install(desk: &Desk, cli: &str, more: &[&str]) {
    let words: Vec<&str> = ["install", cli].into_iter().chain(more.iter().copied()).collect();
    let out = desk.run("convoy-mcp", &words);
    assert!(out.status.success(), "{cli}: {}", shown(&out));
}

/// What a person types, headless, in the project.
fn typed(desk: &Desk, cli: &str) -> Command {
    let mut command = desk.cli(cli);
    let prompt = "Wait for the convoy and say what came of it.";
    match cli {
        "claude" => command.args(["-p", prompt, "--output-format", "stream-json", "--verbose"]),
        "codex" => command.args(["exec", "-m", "gpt-5.5", "--json", prompt]),
        "gemini" => command.args(["--skip-trust", "-m", "gemini-2.5-pro", "-p", prompt]),
        _ => command.args(["run", "-m", "fake/fake-model", prompt]),
    };
    command
}

fn dialect(cli: &str) -> Dialect {
    match cli {
        "claude" => Dialect::Anthropic,
        "codex" => Dialect::Responses,
        "gemini" => Dialect::Gemini,
        _ => Dialect::Chat(Tools::Opencode),
    }
}

/// A CLI at work, and where what it prints goes.
struct Session {
    cli: &'static str,
    process: Child,
    printed: PathBuf,
}

impl Session {
    fn begin(desk: &Desk, cli: &'static str, number: u32) -> Self {
        let printed = desk.sandbox.path(&format!("{cli}.{number}.out"));
        let file = File::create(&printed).expect("a file for its output");
        let mut command = typed(desk, cli);
        command.stdout(file.try_clone().expect("a second one")).stderr(file);
        Session { cli, process: command.spawn().expect("start the CLI"), printed }
    }

    /// Its end, after at most so long: it must have seen what came of the convoy.
    fn end(mut self, desk: &Desk, limit: Duration) {
        let until = Instant::now() + limit;
        let status = loop {
            match self.process.try_wait().expect("its status") {
                Some(status) => break Some(status),
                None if Instant::now() > until => break None,
                None => wait::pause(Duration::from_millis(50)),
            }
        };
        let said = std::fs::read_to_string(&self.printed).unwrap_or_default();
        let cli = self.cli;
        assert!(status.is_some_and(|status| status.success()), "{cli}: {status:?}: {said}");
        assert!(said.contains(SEEN_IT), "{cli}: {said}");
        let last = requests(desk, cli).pop().map(|seen| seen.body.replace('\\', ""));
        let last = last.unwrap_or_default();
        assert!(last.contains("CHANGES_REQUESTED: "), "{cli} was not shown the verdict: {last}");
        assert!(last.contains("\"findings\":[{\"id\":\"F1\""), "{cli} was not shown the findings: {last}");
    }
}

/// What the model of a CLI was asked with its tools, in order.
fn requests(desk: &Desk, cli: &str) -> Vec<Seen> {
    let all = desk.model.seen().into_iter();
    all.filter(|seen| seen.dialect == Some(dialect(cli)) && seen.turn > 0).collect()
}

/// A convoy of one reviewer that takes so long, started by a client that then goes.
fn started_by_a_client(desk: &Desk, time: Duration) -> ConvoyId {
    desk.sandbox.agent("sleeper", &[&format!("sleep:{}", time.as_millis()), "review:app"]);
    desk.sandbox.template(
        "long",
        &["\"role\": \"a\", \"subagent\": \"sleeper\", \"report\": \"findings\""],
        "",
    );
    let mut command = desk.sandbox.command("convoy-mcp");
    command.arg("--allow=start");
    let mut client = Client::connect(command);
    let started = client.ok("start", &json!({ "template": "long", "files": ["src"] }));
    assert!(client.close().0.success());
    started["convoy"].as_str().expect("an id").parse().expect("an id")
}

fn servers(desk: &Desk) -> usize {
    desk.sandbox.pids_of("convoy-mcp").len()
}

fn until_no_server_is_left(desk: &Desk) {
    let left = || format!("{:?}", desk.sandbox.described_processes());
    wait::until("the servers have ended", left, || (servers(desk) == 0).then_some(()));
}

#[test]
fn a_review_is_completed_from_inside_each_cli() {
    for cli in installed(&CLIS) {
        let source = "export const find = (db: any, req: any) =>\n  \
                      db.query(`SELECT id FROM orders WHERE customer = '${req.query.customer}'`);\n";
        let desk = desk(waiting(Some(("start", json!({ "files": ["src"], "runner": "builtin" })))));
        std::fs::write(desk.sandbox.project().join("src/app.ts"), source).expect("write");
        install(&desk, cli, &["--allow=start"]);
        Session::begin(&desk, cli, 1).end(&desk, wait::LIMIT);
        until_no_server_is_left(&desk);
        // The keys of the CLI are nowhere in what it started.
        let out = Command::new("grep").args(["-rlF", KEY]).arg(desk.sandbox.home().root()).output();
        assert!(out.expect("grep").stdout.is_empty(), "{cli}: the key is in the state directory");
    }
}

/// Longer than opencode waits for a call (60 s); in full longer than codex does (300 s),
/// and all of them at the same time.
#[test]
fn all_clis_wait_for_one_convoy_and_one_is_killed_meanwhile() {
    let clis = installed(&CLIS);
    let Some(victim) = clis.first().copied() else { return };
    let time = Duration::from_secs(if programs::full() { 480 } else { 90 });
    let desk = desk(waiting(None));
    for cli in &clis {
        install(&desk, cli, &[]);
    }
    let id = started_by_a_client(&desk, time);
    let begun = Instant::now();
    let mut sessions: Vec<Session> = clis.iter().map(|cli| Session::begin(&desk, cli, 1)).collect();
    let state = || format!("{:?}", desk.sandbox.described_processes());
    wait::until("every CLI has its server", state, || (servers(&desk) >= clis.len()).then_some(()));
    let asked = |seen: Seen| (seen.dialect == Some(dialect(victim))).then_some(());
    wait::until("the first one waits", state, || desk.model.seen().into_iter().find_map(asked));
    sessions[0].process.kill().expect("kill it");
    sessions[0].process.wait().expect("its end");
    wait::until("its server has ended", state, || (servers(&desk) < clis.len()).then_some(()));
    assert_eq!(desk.sandbox.state(&id).status, ConvoyStatus::Running, "the convoy goes on");
    sessions[0] = Session::begin(&desk, victim, 2);
    for session in sessions {
        session.end(&desk, time + wait::LIMIT);
    }
    assert!(begun.elapsed() >= time, "nobody was done before the convoy");
    let state = desk.sandbox.until_ended(&id);
    assert_eq!(state.status, ConvoyStatus::Completed);
    // As many calls as it takes when none is cut short, and `findings`.
    let least = time.as_secs() / 50;
    for cli in clis {
        let calls = requests(&desk, cli).iter().map(|seen| u64::from(seen.turn)).max().unwrap_or_default();
        assert!((least..=least + 4).contains(&calls), "{cli}: {calls} calls in {time:?}");
    }
    until_no_server_is_left(&desk);
}

/// A limit that is below what a `wait` takes: of codex and gemini a call is over then,
/// of opencode none, as it hears of progress. The convoy and the next call know nothing
/// of it.
#[test]
fn a_limit_below_a_wait_costs_a_call_and_no_more() {
    let clis = installed(&["codex", "gemini", "opencode"]);
    let desk = desk(waiting(None));
    let lower = |file: &str, from: &str, to: &str| {
        let path = desk.sandbox.path(file);
        let text = std::fs::read_to_string(&path).expect("settings");
        assert!(text.contains(from), "{file}: {text}");
        std::fs::write(path, text.replace(from, to)).expect("write settings");
    };
    for cli in &clis {
        install(&desk, cli, &[]);
        match *cli {
            "codex" => lower(".codex/config.toml", "tool_timeout_sec = 120", "tool_timeout_sec = 15"),
            "gemini" => lower(".gemini/settings.json", "\"timeout\": 120000", "\"timeout\": 15000"),
            _ => lower(".config/opencode/opencode.json", "\"timeout\": 120000", "\"timeout\": 15000"),
        }
    }
    let id = started_by_a_client(&desk, Duration::from_secs(40));
    let sessions: Vec<Session> = clis.iter().map(|cli| Session::begin(&desk, cli, 1)).collect();
    for session in sessions {
        session.end(&desk, wait::LIMIT);
    }
    assert_eq!(desk.sandbox.until_ended(&id).status, ConvoyStatus::Completed);
    until_no_server_is_left(&desk);
}
