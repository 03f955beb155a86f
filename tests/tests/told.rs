//! What agent CLIs tell of their end, as they have been seen to: work that is there
//! counts, however the process ended; what is not there does not, whatever it says.
//!
//! The CLIs are scripts with the names of the real ones, run by the built-in runners.

use std::fs;
use std::path::PathBuf;

use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::scripted::{begun, done, failed, print, review};
use jiff::{SignedDuration, Timestamp};
use protocol::agent::{Agent, Shared};
use protocol::outcome::{AgentStatus, Reason};
use serde_json::{Value, json};

/// What becomes of the agent.
#[derive(Debug, Clone)]
enum Want {
    /// Its report holds this.
    Reported(&'static str),
    /// It failed like this, and its detail holds that.
    Failed(Reason, &'static str),
    /// It waits, for about so many minutes.
    Parked(i64),
}

struct Case {
    name: &'static str,
    cli: &'static str,
    script: String,
    /// Further keys of the agent.
    more: &'static str,
    want: Want,
}

fn case(name: &'static str, cli: &'static str, script: impl Into<String>, want: Want) -> Case {
    Case { name, cli, script: script.into(), more: "", want }
}

fn version(cli: &str) -> &'static str {
    match cli {
        "claude" => "2.1.330 (Claude Code)",
        "codex" => "codex-cli 0.171.0",
        "gemini" => "0.61.0",
        _ => "1.18.33",
    }
}

/// Runs all of them as agents of one convoy.
fn hold(cases: &[Case]) {
    let sandbox = Sandbox::new(Launcher::Process);
    let scripts = sandbox.path("scripts");
    fs::create_dir_all(&scripts).unwrap();
    fs::create_dir_all(sandbox.project().join("src")).unwrap();
    fs::write(sandbox.project().join("src/a.ts"), "export const a = 1;\n").unwrap();
    fs::write(sandbox.home().user_agents().join("a.md"), "---\nname: a\ndescription: d\n---\nReview it.\n")
        .unwrap();
    let bin = sandbox.path("bin");
    fs::create_dir_all(&bin).unwrap();
    for cli in ["claude", "codex", "gemini", "opencode"] {
        write_program(
            &bin.join(cli),
            &format!(
                "#!/bin/bash\nfor word in \"$@\"; do [ \"$word\" = --version ] && {{ echo '{}'; exit 0; }}; done\n\
             cat >/dev/null; HERE={}; . \"$HERE/$PANOPTICON_CONVOY_ROLE.sh\"\n",
                version(cli),
                scripts.display()
            ),
        );
    }
    let mut agents = Vec::new();
    for Case { name, cli, script, more, .. } in cases {
        fs::write(scripts.join(format!("{name}.sh")), script).unwrap();
        agents.push(format!(
            "\"role\": \"{name}\", \"subagent\": \"a\", \"report\": \"findings\", \"runner\": \"{cli}\"{more}"
        ));
    }
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    sandbox.template("t", &agents, "\"maxParallel\": 4");
    let mut start = sandbox.command("convoy-start");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display());
    for key in ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"] {
        start.env(key, "no-key");
    }
    let out = start.args(["t", "--files", "src"]).env("PATH", path).env("TZ", "UTC").output().unwrap();
    let id =
        String::from_utf8_lossy(&out.stdout).trim().parse().unwrap_or_else(|_| panic!("{}", shown(&out)));
    let settled = |agent: &Shared| agent.ended() || agent.not_before().is_some();
    let state = sandbox.until(&id, "all are settled", |state| state.agents.iter().all(settled));
    let mut wrong = Vec::new();
    for (case, agent) in cases.iter().zip(&state.agents) {
        if let Err(why) = check(&case.want, agent) {
            let attempt = sandbox.dir_of(&id).attempt(&agent.role, agent.attempt);
            let log = fs::read_to_string(attempt.log()).unwrap_or_default();
            wrong.push(format!("{}: {why}\n{log}", case.name));
        }
    }
    if !state.ended() {
        sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    }
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Written by another process, so that no child of a test beside this one holds it open.
fn write_program(path: &PathBuf, text: &str) {
    let plain = path.with_extension("text");
    fs::write(&plain, text).unwrap();
    let words = "cat \"$1\" > \"$2\" && chmod 755 \"$2\"";
    let status = std::process::Command::new("sh").args(["-c", words, "sh"]).arg(&plain).arg(path).status();
    assert!(status.unwrap().success());
}

fn check(want: &Want, agent: &Agent) -> Result<(), String> {
    let seen = format!(
        "{:?} {:?} {:?} until {:?}",
        agent.status(),
        agent.reason(),
        agent.detail(),
        agent.not_before()
    );
    match want {
        Want::Reported(words) => {
            let report = agent.output_file().map(|path| fs::read_to_string(path.as_path()).unwrap());
            match report {
                Some(report) if report.contains(words) => Ok(()),
                Some(report) => Err(format!("its report has no {words:?}: {report}")),
                None => Err(format!("it is to have reported {words:?}, and is {seen}")),
            }
        }
        Want::Failed(reason, words) => {
            let right = agent.status() == AgentStatus::Failed
                && agent.reason() == Some(*reason)
                && agent.detail().unwrap_or_default().contains(words);
            if right {
                Ok(())
            } else {
                Err(format!("it is to have failed of {reason:?} ({words}), and is {seen}"))
            }
        }
        Want::Parked(minutes) => {
            let left = agent.not_before().map(|until| until.duration_since(Timestamp::now()).as_mins());
            let right = left.is_some_and(|left| (left - minutes).abs() <= 3);
            if right { Ok(()) } else { Err(format!("it is to wait {minutes} minutes, and is {seen}")) }
        }
    }
}

fn text(words: &str, message: &str) -> String {
    json!({"type": "assistant", "message": {"id": message, "content": [{"type": "text", "text": words}]}})
        .to_string()
}

/// Claude's good end with other fields.
fn result(more: &Value) -> String {
    let mut event: Value = serde_json::from_str(&done("")).unwrap();
    for (key, value) in more.as_object().unwrap() {
        event[key] = value.clone();
    }
    event.to_string()
}

fn claude(lines: &[String]) -> String {
    let lines: Vec<String> = std::iter::once(begun("s")).chain(lines.iter().cloned()).collect();
    print(&lines)
}

fn good() -> String {
    claude(&[done(&review("The sum is off"))])
}

const FOUND: Want = Want::Reported("The sum is off");

#[test]
fn work_that_is_there_counts() {
    let parts = review("The sum is off");
    let (head, tail) = parts.split_at(60);
    let escaped = done(&review("The sum is off \u{fffd}")).replace('\u{fffd}', "\\ud83d");
    let codex = |words: &str| {
        let message =
            json!({"type": "item.completed", "item": {"id": "i", "type": "agent_message", "text": words}});
        let usage = json!({"type": "turn.completed", "usage": {"input_tokens": 5, "output_tokens": 5}});
        print(&[
            json!({"type": "thread.started", "thread_id": "t"}).to_string(),
            message.to_string(),
            usage.to_string(),
        ])
    };
    let gemini = |words: &str| {
        let (a, b) = words.split_at(words.len() / 2);
        let piece = |text: &str| {
            json!({"type": "message", "role": "assistant", "content": text, "delta": true}).to_string()
        };
        print(&[
            json!({"type": "init", "session_id": "s", "model": "m"}).to_string(),
            piece(a),
            piece(b),
            json!({"type": "result", "status": "success", "stats": {"total_tokens": 9, "input_tokens": 5}})
                .to_string(),
        ])
    };
    let report = "printf '%s' \"$(cat \"$HERE/report.md\")\" > \"$CONVOY_OUTPUT_FILE\"";
    let on_disk = format!("cat > \"$HERE/report.md\" <<'END'\n{parts}END\n{}\n{report}\n", claude(&[]));
    hold(&[
        case("exit-1", "claude", format!("{}; exit 1", good()), FOUND),
        case("exit-143", "claude", format!("{}; exit 143", good()), FOUND),
        case("killed", "claude", format!("{}; kill -KILL $$", good()), FOUND),
        case("hangs", "claude", format!("{}; exec sleep 600", good()), FOUND),
        case("codex-exit-1", "codex", format!("{}; exit 1", codex(&parts)), FOUND),
        case("codex-hangs", "codex", format!("{}; exec sleep 600", codex(&parts)), FOUND),
        case("gemini-hangs", "gemini", format!("{}; exec sleep 600", gemini(&parts)), FOUND),
        Case {
            more: ", \"timeout\": \"2s\"",
            ..case("on-disk", "claude", format!("{on_disk}exec sleep 600"), FOUND)
        },
        case("empty-result", "claude", claude(&[text(&parts, "m"), done("")]), FOUND),
        case(
            "first-piece",
            "claude",
            claude(&[text(head, "m"), text(tail, "m"), done(head)]),
            Want::Reported("Mend it."),
        ),
        case("half-a-character", "claude", claude(&[escaped]), FOUND),
        case("terminal", "claude", claude(&[format!("\u{1b}[2K\u{1b}]0;t\u{7}{}", done(&parts))]), FOUND),
        case(
            "bytes",
            "claude",
            format!("{}; printf '\\xff\\xfe\\n'; {}", claude(&[]), print(&[done(&parts)])),
            FOUND,
        ),
        case(
            "warning-on-stderr",
            "claude",
            format!("echo 'error: 429 too many requests, trying again' >&2; {}", good()),
            FOUND,
        ),
        case(
            "conversation-is-gone",
            "claude",
            format!(
                "case \" $* \" in *' --resume '*) {}; exit 1;; esac\n\
                 [ -e $HERE/once ] && {{ {}; exit 0; }}; touch $HERE/once\n{}; exit 1",
                print(&[result(&json!({
                    "subtype": "error_during_execution", "is_error": true, "result": null, "total_cost_usd": 0,
                    "usage": {"input_tokens": 0, "output_tokens": 0},
                    "errors": ["No conversation found with session ID: s"],
                }))]),
                good(),
                claude(&[
                    json!({"type": "rate_limit_event", "rate_limit_info": {"status": "rejected",
                        "resetsAt": Timestamp::now().as_second() + 2}})
                    .to_string(),
                    failed(Some(429), "You've hit your session limit"),
                ]),
            ),
            FOUND,
        ),
    ]);
}

#[test]
fn work_that_is_not_there_does_not() {
    let say = |words: &str| claude(&[text(words, "m"), done(words)]);
    let none = |words| Want::Failed(Reason::Unrecognised, words);
    hold(&[
        case(
            "turns",
            "claude",
            claude(&[result(&json!({"subtype": "error_max_turns", "is_error": false, "num_turns": 200}))]),
            Want::Failed(Reason::TurnLimit, ""),
        ),
        case("told-of", "claude", say("I have written it to /tmp/review.md, as you asked."), none("")),
        case("told-of-gemini", "gemini", print(&[
            json!({"type": "init", "session_id": "s"}).to_string(),
            json!({"type": "message", "role": "assistant", "content": "The review was saved to review.md."}).to_string(),
            json!({"type": "result", "status": "success", "stats": {}}).to_string(),
        ]), none("")),
        case("announced", "claude", say("Now let me look at the remaining files."), none("")),
        case("nothing", "claude", claude(&[done("")]), Want::Failed(Reason::NoReport, "")),
        case("cut", "claude", claude(&[text("# Security Review\n\n### 1. [src/a.ts:1] The", "m")]), Want::Failed(Reason::Cut, "")),
        case(
            "refused",
            "claude",
            claude(&[result(&json!({"is_error": true, "stop_reason": "refusal", "result": "I cannot help"}))]),
            Want::Failed(Reason::Refusal, ""),
        ),
    ]);
}

#[test]
fn limits_are_told_in_many_words() {
    let now = Timestamp::now();
    let in_90 = now + SignedDuration::from_mins(90);
    let clock = |zone: &str| in_90.in_tz(zone).unwrap().strftime("%-I:%M%P").to_string();
    let day = (now + SignedDuration::from_hours(72)).in_tz("UTC").unwrap();
    let to_day = day.start_of_day().unwrap().timestamp().duration_since(now).as_mins();
    let bad = |status: Option<u16>, words: String| format!("{}; exit 1", claude(&[failed(status, &words)]));
    let codex = |words: String| {
        let lines = [
            json!({"type": "error", "message": words}),
            json!({"type": "turn.failed", "error": {"message": words}}),
        ];
        format!("{}; exit 1", print(&lines.map(|line| line.to_string())))
    };
    let cases = [
        case(
            "session",
            "claude",
            bad(
                Some(429),
                format!("You've hit your session limit · resets {} (Asia/Tokyo)", clock("Asia/Tokyo")),
            ),
            Want::Parked(90),
        ),
        case(
            "weekly",
            "claude",
            bad(
                None,
                format!(
                    "You've hit your weekly limit · resets {} (America/New_York)",
                    clock("America/New_York")
                ),
            ),
            Want::Parked(90),
        ),
        case(
            "extra",
            "claude",
            bad(None, format!("You're out of extra usage · resets {} (UTC)", clock("UTC"))),
            Want::Parked(90),
        ),
        case(
            "five-hours",
            "claude",
            bad(None, format!("5-hour limit reached ∙ resets {}", clock("UTC"))),
            Want::Parked(90),
        ),
        case(
            "regain",
            "claude",
            bad(
                Some(400),
                format!(
                    "You have reached your specified API usage limits. You will regain access on {} at 00:00 UTC.",
                    day.strftime("%Y-%m-%d")
                ),
            ),
            Want::Parked(to_day),
        ),
        case(
            "other-day",
            "codex",
            codex(format!(
                "You've hit your usage limit. Upgrade to Pro, or try again at {}.",
                day.strftime("%b %-dth, %Y 12:00 AM")
            )),
            Want::Parked(to_day),
        ),
        case(
            "in-words",
            "codex",
            codex("You've hit your usage limit. Try again in 3 days 4 hours 5 minutes.".to_owned()),
            Want::Parked(3 * 1440 + 245),
        ),
        case(
            "stderr",
            "gemini",
            "echo 'Loaded cached credentials.' >&2; echo 'ApiError: 429 Too Many Requests. Please retry in 5400s.' >&2; echo 'An unexpected critical error occurred.' >&2; exit 1",
            Want::Parked(90),
        ),
        case(
            "stderr-exit-0",
            "claude",
            format!("echo 'Error: rate limit reached, try again in 90 minutes' >&2; {}", claude(&[])),
            Want::Parked(90),
        ),
    ];
    // A limit is the login's: those of one convoy would wait with each other.
    for case in &cases {
        hold(std::slice::from_ref(case));
    }
}

#[test]
fn each_bad_end_has_its_name() {
    let bad = |status: Option<u16>, words: &str| format!("{}; exit 1", claude(&[failed(status, words)]));
    let codex = |words: &str| {
        let lines = [
            json!({"type": "error", "message": words}),
            json!({"type": "turn.failed", "error": {"message": words}}),
        ];
        format!("{}; exit 1", print(&lines.map(|line| line.to_string())))
    };
    let opencode = |name: &str, status: u16, words: &str| {
        let error = json!({"name": name, "data": {"message": words, "statusCode": status}});
        format!(
            "{}; exit 1",
            print(&[json!({"type": "error", "sessionID": "s", "error": error}).to_string()])
        )
    };
    let gemini = |words: &str| {
        print(&[
            json!({"type": "init", "session_id": "s"}).to_string(),
            json!({"type": "result", "status": "error", "error": {"type": "Error", "message": words}, "stats": {}}).to_string(),
        ])
    };
    let fails = |reason, words| Want::Failed(reason, words);
    hold(&[
        case("quota-codex", "codex", codex("Quota exceeded. Check your plan and billing details. insufficient_quota"), fails(Reason::Credit, "")),
        case("quota-opencode", "opencode", opencode("APIError", 429, "insufficient_quota: You exceeded your current quota"), fails(Reason::Credit, "")),
        case("credit-claude", "claude", bad(Some(400), "Your credit balance is too low to access the Anthropic API"), fails(Reason::Credit, "credit balance")),
        case("payment", "opencode", opencode("APIError", 402, "Payment Required"), fails(Reason::Credit, "Payment")),
        case("organisation", "claude", bad(Some(400), "This organization has been disabled."), fails(Reason::Auth, "disabled")),
        case("revoked", "claude", bad(Some(403), "OAuth token has been revoked. Please run /login"), fails(Reason::Auth, "revoked")),
        case("filter-opencode", "opencode", print(&[json!({"type": "step_finish", "sessionID": "s", "part": {"id": "p", "reason": "content-filter"}}).to_string()]), fails(Reason::Refusal, "")),
        case("filter-codex", "codex", codex("Incomplete response returned, reason: content_filter"), fails(Reason::Refusal, "")),
        case("blocked", "gemini", gemini("Request was blocked due to prohibited content. blockReason: PROHIBITED_CONTENT"), fails(Reason::Refusal, "")),
        case("blocked-safety", "gemini", gemini("[API Error: Model stream was blocked: blockReason OTHER]"), fails(Reason::Refusal, "")),
        case("overload", "codex", codex("unexpected status 503 Service Unavailable"), fails(Reason::Overload, "")),
        case("plain-words", "claude", "echo 'warning: old configuration' >&2; echo \"Error: the flag 'x' is not known\" >&2; echo '    at run (cli.js:1:2)' >&2; echo 'Node.js v20' >&2; exit 1", fails(Reason::ExitCode, "the flag 'x' is not known")),
        case("auth-stderr", "gemini", "echo 'Please set an Auth method in your settings.json or specify GEMINI_API_KEY' >&2; exit 41", fails(Reason::Auth, "Auth method")),
        case("auth-stderr-exit-0", "opencode", "echo 'Error: 401 Unauthorized' >&2; exit 0", fails(Reason::Auth, "401")),
        case("long", "opencode", opencode("ContextOverflowError", 400, "too long"), fails(Reason::ContextOverflow, "")),
    ]);
}
