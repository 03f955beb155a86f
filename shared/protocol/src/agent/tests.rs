use base::clock::BootId;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::outcome::EvidenceSource;

fn moment() -> impl Strategy<Value = Moment> {
    ("[a-z0-9-]{1,8}", any::<u64>()).prop_map(|(boot, ms)| Moment { boot: BootId(boot), ms })
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_i64).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn reason() -> impl Strategy<Value = Reason> {
    prop::sample::select(vec![Reason::ExitCode, Reason::RateLimit, Reason::Stopped, Reason::Lost])
}

fn evidence() -> impl Strategy<Value = Evidence> {
    (any::<u64>(), "[0-9a-f]{4}", option::of(any::<bool>()), option::of(0..9_u64)).prop_map(
        |(size, sha256, complete, read)| Evidence {
            size,
            sha256,
            device: 1,
            inode: 2,
            source: EvidenceSource::File,
            findings: complete.map(|_| [("high".to_owned(), 3)].into()),
            complete,
            read_from: None,
            read,
            given: read,
            denied: Vec::new(),
        },
    )
}

fn phase() -> impl Strategy<Value = Phase> {
    let detail = || option::of("\\PC{0,12}");
    let wait = (option::of(time()), option::of(moment()), option::of(reason()), detail());
    let completion = (option::of(time()), option::of(evidence()), option::of("/[a-zé]{1,9}"), detail());
    let failure = (option::of(time()), option::of(reason()), detail());
    prop_oneof![
        wait.prop_map(|(not_before, backoff_until, reason, detail)| {
            Phase::Pending(Wait { not_before, backoff_until, reason, detail })
        }),
        Just(Phase::Launched),
        Just(Phase::Claimed),
        Just(Phase::Reaping),
        completion.prop_map(|(at, evidence, file, detail)| {
            let output_file = file.map(|file| std::path::PathBuf::from(file).into());
            Phase::Completed(Completion { at, evidence, output_file, detail })
        }),
        failure.prop_map(|(at, reason, detail)| Phase::Failed(Failure { at, reason, detail })),
    ]
}

fn agents() -> impl Strategy<Value = Agent> {
    let attempt = (0..5_u32, option::of(time()), option::of(any::<i32>()), option::of(moment()));
    let pane = (option::of(moment()), option::of("%[0-9]"), option::of(any::<u16>()));
    let counters = (0..3_u32, 0..3_u32, 0..3_u32, 0..3_u32);
    let usage = option::of(0..1000_u64);
    (phase(), attempt, pane, counters, usage, any::<bool>()).prop_map(
        |(
            phase,
            (attempt, started_at, exit_code, intent),
            (claimed, pane, size),
            counters,
            tokens,
            newer,
        )| {
            let mut extra = Map::new();
            if newer {
                extra.insert("ofANewerProgram".to_owned(), json!([1, { "a": null }]));
            }
            let model = tokens.map(|_| "haiku".to_owned());
            let (role, subagent) = ("a".parse().unwrap(), "of-a".parse().unwrap());
            let id = "convoy-t-abcdef".parse().unwrap();
            let (pauses, voids, losses, failures) = counters;
            let usage = tokens.map(|input_tokens| Usage { input_tokens, ..Usage::default() });
            let of_attempt = Agent {
                attempt,
                started_at,
                exit_code,
                intent,
                claimed,
                pane,
                cols: size,
                rows: size,
                ..Agent::new(&id, role, subagent, "claude".parse().unwrap(), model)
            };
            Agent { phase, pauses, voids, losses, failures, usage, extra, ..of_attempt }
        },
    )
}

/// The fields an agent of each phase may have that not every agent has.
fn may_have(value: &Value) -> &'static [&'static str] {
    match value["status"].as_str().unwrap() {
        "pending" => &["notBefore", "backoffUntil", "reason", "detail"],
        "running" => &["stage"],
        "completed" => &["completedAt", "outputFile", "evidence", "detail"],
        "failed" => &["completedAt", "reason", "detail"],
        other => panic!("{other}"),
    }
}

const OF_PHASES: [&str; 8] =
    ["stage", "completedAt", "outputFile", "evidence", "reason", "detail", "notBefore", "backoffUntil"];

fn sample(field: &str) -> Value {
    match field {
        "stage" => "claimed".into(),
        "outputFile" => "/r.md".into(),
        "evidence" => json!({ "size": 1, "sha256": "00", "device": 1, "inode": 1, "source": "file" }),
        "reason" => "exit-code".into(),
        "detail" => "x".into(),
        "backoffUntil" => json!({ "boot": "b", "ms": 1 }),
        _ => "2026-01-01T00:00:00Z".into(),
    }
}

proptest! {
    #[test]
    fn an_agent_is_the_same_after_its_file(agent in agents()) {
        let text = serde_json::to_string(&agent).unwrap();
        let read: Agent = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &agent);
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    /// Whatever a field of another phase stands beside, it is named, with the agent.
    #[test]
    fn a_field_of_another_phase_is_an_error(agent in agents()) {
        let value = serde_json::to_value(&agent).unwrap();
        for field in OF_PHASES {
            let mut with = value.clone();
            with[field] = sample(field);
            let read = serde_json::from_value::<Agent>(with);
            if may_have(&value).contains(&field) {
                prop_assert!(read.is_ok(), "{field}: {read:?}");
            } else {
                let error = read.unwrap_err().to_string();
                prop_assert!(error.contains("agent 'a' is ") && error.contains(&format!("'{field}'")), "{error}");
            }
        }
    }
}

/// The whole form, in its order: readers of other programs hold it to that.
#[test]
fn the_form_of_each_phase_in_the_file() {
    let base = r#""role":"a","subagent":"of-a","tmuxSession":"s","status":"#;
    let mid = r#""attempt":2,"runner":"claude","model":"haiku""#;
    let texts = [
        format!(r#"{{{base}"pending","attempt":0,"runner":"claude"}}"#),
        format!(
            r#"{{{base}"pending",{mid},"startedAt":"2026-01-01T00:00:00Z","exitCode":1,"reason":"exit-code","detail":"x","intent":{{"boot":"b","ms":1}},"claimed":{{"boot":"b","ms":2}},"backoffUntil":{{"boot":"b","ms":9}},"failures":1,"pane":"%1","cols":80,"rows":24}}"#
        ),
        format!(r#"{{{base}"pending",{mid},"detail":"x","notBefore":"2026-01-01T00:00:00Z","pauses":1}}"#),
        format!(r#"{{{base}"running","stage":"launched",{mid},"intent":{{"boot":"b","ms":1}}}}"#),
        format!(r#"{{{base}"running","stage":"claimed",{mid},"claimed":{{"boot":"b","ms":1}}}}"#),
        format!(r#"{{{base}"running","stage":"reaping",{mid},"voids":1,"losses":2}}"#),
        format!(
            r#"{{{base}"completed",{mid},"completedAt":"2026-01-01T00:00:00Z","outputFile":"/r.md","exitCode":0,"detail":"x","evidence":{{"size":9,"sha256":"00","device":1,"inode":2,"source":"stdout"}},"usage":{{"inputTokens":1,"outputTokens":2}},"newer":true}}"#
        ),
        format!(
            r#"{{{base}"failed",{mid},"completedAt":"2026-01-01T00:00:00Z","reason":"lost","detail":"x"}}"#
        ),
    ];
    for text in texts {
        let agent: Agent = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&agent).unwrap(), text);
    }
}

/// What a hand or another program left out is no contradiction.
#[test]
fn a_running_agent_without_a_stage_is_looked_at_like_one_just_launched() {
    let text =
        r#"{"role":"a","subagent":"of-a","tmuxSession":"s","status":"running","attempt":1,"runner":"r"}"#;
    assert_eq!(serde_json::from_str::<Agent>(text).unwrap().phase, Phase::Launched);
}
