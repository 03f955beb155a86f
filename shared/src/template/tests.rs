use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::*;

struct Known;

impl Surroundings for Known {
    fn check_subagent(&self, name: &Name) -> Result<(), Problem> {
        match name.as_str() {
            "reviewer" | "synthesis" => Ok(()),
            _ => Err(Problem::new(format!("there is no agent file '{name}'")).hint("look")),
        }
    }

    fn check_runner(&self, name: &Name) -> Result<(), Problem> {
        match name.as_str() {
            "claude" => Ok(()),
            _ => Err(Problem::new(format!("there is no runner '{name}'"))),
        }
    }
}

fn source(text: &str) -> Source {
    Source { name: "t.json".to_owned(), text: text.to_owned() }
}

fn problems(text: &str) -> Vec<String> {
    match read(&source(text), &Known) {
        Ok(template) => panic!("no problem in {text}: {template:?}"),
        Err(problems) => problems
            .iter()
            .map(|problem| match &problem.hint {
                Some(hint) => format!("{problem} ({hint})"),
                None => problem.to_string(),
            })
            .collect(),
    }
}

/// A template with these agents.
fn with_agents(agents: &str) -> String {
    format!(r#"{{"name":"t","description":"d","agents":[{agents}]}}"#)
}

#[test]
fn a_whole_template_is_read() {
    let text = r#"{
      "name": "t", "description": "d",
      "agents": [
        {"role": "last", "subagent": "synthesis", "dependsOn": ["a", "b"], "report": "synthesis"},
        {"role": "a", "subagent": "reviewer", "report": "findings", "parallel": false,
         "prompt": "Look at {{files}}.", "runner": "claude", "model": "opus",
         "tools": "Read, Grep", "command": ["x", "{prompt_file}"], "env": {"A": "1"},
         "timeout": "20m", "stallTimeout": 1500, "retries": 2, "budgetUsd": 0.5, "budgetTokens": 1000},
        {"role": "b", "subagent": "reviewer", "dependsOn": ["a"], "require": "any"},
        {"role": "c", "subagent": "reviewer", "dependsOn": ["a", "b"], "require": 1}
      ],
      "config": {"outputDir": "out", "maxParallel": 2, "timeout": "1h", "convoyTimeout": "3h",
                 "budgetUsd": 5, "runner": "claude"}
    }"#;
    let template = read(&source(text), &Known).unwrap();
    let agents = &template.agents;
    assert_eq!(agents[0].require, Require::Any, "the default of a synthesis");
    assert_eq!(agents[2].require, Require::Any);
    assert_eq!(agents[3].require, Require::AtLeast(1));
    assert_eq!(agents[1].require, Require::All);
    let settings = &agents[1].settings;
    assert_eq!(settings.timeout_ms, Some(1_200_000));
    assert_eq!(settings.stall_timeout_ms, Some(1500));
    assert_eq!(settings.tools, Some(vec!["Read".into(), "Grep".into()]));
    assert!(!settings.parallel);
    assert_eq!(settings.budget_tokens, Some(1000));
    assert_eq!(template.config.convoy_timeout_ms, Some(10_800_000));
    assert_eq!(template.config.max_parallel, Some(2));
}

#[test]
fn all_problems_are_told_at_once_with_their_places() {
    let text = r#"{
  "name": "Bad Name",
  "agnets": [],
  "agents": [
    {"role": "a", "subagent": "reviewer", "dependOn": ["b"]},
    {"role": "a", "subagent": "nobody"},
    {"role": "c", "dependsOn": ["aa", "d"], "timeout": "20"},
    {"role": "d", "subagent": "reviewer", "dependsOn": ["c"], "require": 2, "runner": "x"}
  ]
}"#;
    let found = problems(text);
    let want = [
        "t.json:1:1: the template has no 'description'",
        "t.json:2:11: 'name' in the template: 'Bad Name' is not a name: use a-z, 0-9, '-' and '_', beginning with a letter or digit, at most 48 characters",
        "t.json:3:3: unknown key 'agnets' in the template (did you mean 'agents'?)",
        "t.json:5:43: unknown key 'dependOn' in agent 'a' (did you mean 'dependsOn'?)",
        "t.json:6:14: duplicate role 'a': two agents have it",
        "t.json:6:31: there is no agent file 'nobody' (look)",
        "t.json:7:5: agent 'c' has no 'subagent'",
        "t.json:7:33: unknown dependency 'aa': no agent has this role (did you mean 'a'?)",
        "t.json:7:39: dependency cycle: c → d → c",
        "t.json:7:56: 'timeout' in agent 'c': '20' has no unit: write 20s, 20m, 20h or 20d",
        "t.json:8:74: 'require' is 2, more than its dependencies (1)",
        "t.json:8:87: there is no runner 'x'",
    ];
    assert_eq!(found, want, "\n{}", found.join("\n"));
}

#[test]
fn single_mistakes() {
    let cases = [
        ("[]", "the template: expected a table, found a list"),
        ("{", "not JSON"),
        (r#"{"name":"t","description":"d"}"#, "has no 'agents'"),
        (r#"{"name":"t","description":" ","agents":[]}"#, "it is empty"),
        (&with_agents(""), "'agents' is empty"),
        (&with_agents("3"), "agent 1: expected a table, found a number"),
        (r#"{"name":"t","description":"d","agents":[],"params":{}}"#, "'params' is not supported yet"),
        (r#"{"name":"t","description":"d","agents":[],"extends":"x"}"#, "'extends' is not supported yet"),
        (
            r#"{"name":"t","description":"d","agents":[],"config":{"outputdir":"x"}}"#,
            "did you mean 'outputDir'?",
        ),
        (
            r#"{"name":"t","description":"d","agents":[],"config":{"maxParallel":0}}"#,
            "expected a number from 1",
        ),
    ];
    for (text, want) in cases {
        let found = problems(text).join("\n");
        assert!(found.contains(want), "{want:?} not in {found:?}");
    }
    let agent_cases = [
        (r#""role":"x/../y""#, "is not a name"),
        (r#""role":7"#, "expected a text, found a number"),
        (r#""dependsOn":"a""#, "expected a list, found a text"),
        (r#""dependsOn":["a"]"#, "dependency cycle: a → a"),
        (r#""require":"most""#, "expected \"all\", \"any\" or a number"),
        (r#""require":0"#, "expected \"all\", \"any\" or a number"),
        (r#""report":"finding""#, "'finding' is none of any, findings, synthesis"),
        (r#""timeout":0"#, "a time of 0"),
        (r#""timeout":"1 day""#, "is not a time"),
        (r#""retries":-1"#, "expected a number from 0"),
        (r#""command":"rm -rf x""#, "nothing here runs a shell"),
        (r#""env":{"CONVOY_TOKEN":"x"}"#, "is set by convoy itself"),
        (r#""forEach":[1]"#, "'forEach' is not supported yet"),
        (r#""prompt":"see {{file}}""#, "did you mean '{{files}}'?"),
        (r#""prompt":"see {{params.x}}""#, "unknown variable '{{params.x}}'"),
        (r#""role":"a""#, "key 'role' is given twice"),
    ];
    for (key, want) in agent_cases {
        let text = with_agents(&format!(r#"{{"role":"a","subagent":"reviewer",{key}}}"#));
        // The first value of a key given twice counts; give only the wrong one.
        let text = if key.starts_with("\"role\"") && !want.contains("twice") {
            text.replace(r#""role":"a","#, "")
        } else {
            text
        };
        let found = problems(&text).join("\n");
        assert!(found.contains(want), "{want:?} not in {found:?}");
    }
}

#[test]
fn every_knot_is_named() {
    let text = with_agents(
        r#"{"role":"a","subagent":"reviewer","dependsOn":["b"]},
           {"role":"b","subagent":"reviewer","dependsOn":["c"]},
           {"role":"c","subagent":"reviewer","dependsOn":["a"]},
           {"role":"x","subagent":"reviewer","dependsOn":["a","y"]},
           {"role":"y","subagent":"reviewer","dependsOn":["x"]}"#,
    );
    let found = problems(&text).join("\n");
    assert!(found.contains("a → b → c → a"), "{found}");
    assert!(found.contains("x → y → x"), "{found}");
}

#[test]
fn a_second_final_report_is_refused() {
    let agent = |role| format!(r#"{{"role":"{role}","subagent":"synthesis","report":"synthesis"}}"#);
    let found = problems(&with_agents(&format!("{},{}", agent("a"), agent("b"))));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("'b' is another"));
}

#[test]
fn a_thousand_agents_take_milliseconds() {
    let mut agents = String::new();
    for i in 0..1000 {
        let comma = if i > 0 { "," } else { "" };
        let dependency = if i > 0 { format!("\"r{}\"", i - 1) } else { String::new() };
        let _ =
            write!(agents, r#"{comma}{{"role":"r{i}","subagent":"reviewer","dependsOn":[{dependency}]}}"#);
    }
    let text = with_agents(&agents);
    let begin = Instant::now();
    assert_eq!(read(&source(&text), &Known).unwrap().agents.len(), 1000);
    let wrong = text.replace("\"dependsOn\":[\"r", "\"dependsOn\":[\"q");
    assert_eq!(problems(&wrong).len(), 999);
    // Generous: this is a debug build on a busy machine; seconds would be the bug.
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
}
