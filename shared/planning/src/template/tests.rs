use std::fmt::Write as _;

use super::*;

struct Known;

impl Surroundings for Known {
    fn check_subagent(&self, name: &AgentName) -> Result<(), Diagnostic> {
        match name.as_str() {
            "reviewer" | "synthesis" => Ok(()),
            _ => Err(Diagnostic::new(format!("there is no agent file '{name}'")).hint("look")),
        }
    }

    fn check_runner(&self, name: &Name) -> Result<(), Diagnostic> {
        match name.as_str() {
            "claude" => Ok(()),
            _ => Err(Diagnostic::new(format!("there is no runner '{name}'"))),
        }
    }

    fn check_executor(&self, name: &Name) -> Result<(), Diagnostic> {
        match name.as_str() {
            "bwrap" => Ok(()),
            _ => Err(Diagnostic::new(format!("there is no executor '{name}'"))),
        }
    }

    fn find_template(&self, name: &Name, only_built_in: bool) -> Result<Source, Diagnostic> {
        let text = match (name.as_str(), only_built_in) {
            ("base", _) => BASE,
            ("middle", false) => MIDDLE,
            ("circle", false) => r#"{"name":"circle","extends":"round"}"#,
            ("round", false) => r#"{"name":"round","extends":"circle"}"#,
            _ => return Err(Diagnostic::new(format!("no template '{name}'"))),
        };
        Ok(Source { name: format!("{name}.json"), text: text.to_owned() })
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
            .map(|problem| match problem.hint.as_deref().filter(|hint| *hint != EXAMPLE) {
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
      "config": {"outputDir": "out", "maxParallel": 2, "parked": 0, "timeout": "1h", "convoyTimeout": "3h",
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
    assert_eq!(template.config.parked, Some(0));
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
        "t.json:7:33: unknown dependency 'aa': no agent has this role",
        "t.json:7:39: dependency cycle: c → d → c (take one of them out of 'dependsOn')",
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
        (r#"{"name":"t","extends":"x"}"#, "no template 'x'"),
        (r#"{"name":"t","extends":3}"#, "'extends': expected a text"),
        (r#"{"name":"t","extends":"circle"}"#, "goes in a circle"),
        (
            r#"{"name":"t","description":"d","params":{"K":{"type":"string"}}}"#,
            "'K' is not a name of a param",
        ),
        (r#"{"name":"t","description":"d","params":{"k":{"type":"text"}}}"#, "'text' is none of string"),
        (
            r#"{"name":"t","description":"d","params":{"k":{"type":"number","default":"3"}}}"#,
            "expected a number, found a text",
        ),
        (
            r#"{"name":"t","description":"d","params":{"k":{"type":"string","choices":["a"],"default":"b"}}}"#,
            "it is none of a",
        ),
        (
            r#"{"name":"t","description":"d","agents":[],"config":{"outputdir":"x"}}"#,
            "did you mean 'outputDir'?",
        ),
        (
            r#"{"name":"t","description":"d","agents":[],"config":{"maxParallel":0}}"#,
            "expected a number from 1",
        ),
        (
            r#"{"name":"t","description":"d","agents":[],"config":{"parked":"all"}}"#,
            "'parked' in 'config': expected a whole number",
        ),
    ];
    for (text, want) in cases {
        let found = problems(text).join("\n");
        assert!(found.contains(want), "{want:?} not in {found:?}");
    }
    let agent_cases = [
        (r#""dependsOn":["b-role"]"#, "unknown dependency 'b-role'"),
        (r#""role":"x/../y""#, "is not a name"),
        (r#""role":"merged""#, "is the name of the script-side merge"),
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
        (r#""forEach":[1]"#, "expected a text, found a number"),
        (r#""forEach":[]"#, "the list is empty"),
        (r#""forEach":"{{params.k}}""#, "there is no list param 'k'"),
        (r#""prompt":"{{item}}""#, "only an agent with 'forEach' has it"),
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
fn a_misspelt_dependency_has_a_suggestion() {
    let text = with_agents(
        r#"{"role":"synthesis","subagent":"reviewer","dependsOn":["securty"]},
           {"role":"security","subagent":"reviewer"}"#,
    );
    assert!(problems(&text)[0].ends_with("(did you mean 'security'?)"), "{:?}", problems(&text));
}

#[test]
fn a_second_final_report_is_refused() {
    let agent = |role| format!(r#"{{"role":"{role}","subagent":"synthesis","report":"synthesis"}}"#);
    let found = problems(&with_agents(&format!("{},{}", agent("a"), agent("b"))));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("'b' is another"));
}

#[test]
fn a_thousand_agents_and_as_many_mistakes() {
    let mut agents = String::new();
    for i in 0..1000 {
        let comma = if i > 0 { "," } else { "" };
        let dependency = if i > 0 { format!("\"r{}\"", i - 1) } else { String::new() };
        let _ =
            write!(agents, r#"{comma}{{"role":"r{i}","subagent":"reviewer","dependsOn":[{dependency}]}}"#);
    }
    let text = with_agents(&agents);
    assert_eq!(read(&source(&text), &Known).unwrap().agents.len(), 1000);
    let wrong = text.replace("\"dependsOn\":[\"r", "\"dependsOn\":[\"q");
    assert_eq!(problems(&wrong).len(), 999);
}

const BASE: &str = r#"{
  "name": "base", "description": "of base",
  "params": {"focus": {"type": "string", "default": "all"}},
  "agents": [
    {"role": "one", "subagent": "reviewer", "timeout": "1m"},
    {"role": "two", "subagent": "reviewer", "model": "opus"},
    {"role": "end", "subagent": "synthesis", "dependsOn": ["one", "two"], "report": "synthesis"}
  ],
  "config": {"budgetUsd": 5, "outputDir": "base"}
}"#;
const MIDDLE: &str = r#"{"name": "middle", "extends": "base", "agents": [
  {"role": "two", "remove": true}, {"role": "three", "subagent": "reviewer", "prompt": "{{params.focus}}"}]}"#;

#[test]
fn templates_can_extend_others() {
    let text = r#"{
      "name": "t", "extends": "middle", "config": {"budgetUsd": 9},
      "agents": [{"role": "one", "model": "haiku"}, {"role": "end", "dependsOn": ["one", "three"]}]
    }"#;
    let template = read(&source(text), &Known).unwrap();
    assert_eq!((template.name.as_str(), template.description.as_str()), ("t", "of base"));
    let roles: Vec<&str> = template.agents.iter().map(|agent| agent.role.as_str()).collect();
    assert_eq!(roles, ["one", "end", "three"]);
    let one = &template.agents[0].settings;
    assert_eq!((one.timeout_ms, one.model.as_deref()), (Some(60_000), Some("haiku")));
    let depends: Vec<&str> = template.agents[1].depends_on.iter().map(Role::as_str).collect();
    assert_eq!(depends, ["one", "three"]);
    assert_eq!(template.agents[1].settings.report, ReportKind::Synthesis);
    assert_eq!(template.config.budget_usd, Some(9.0));
    assert_eq!(template.config.output_dir.as_deref(), Some("base"));
    assert!(template.params.contains_key("focus"));
    // A removed agent leaves the inherited dependencies with it.
    let middle = read(&source(MIDDLE), &Known).unwrap();
    assert_eq!(middle.agents[1].depends_on.len(), 1);
    // But what the child itself wrote stands, and problems are told in their own file.
    let found = problems(
        r#"{"name": "t", "extends": "base", "agents": [{"role": "two", "remove": true},
            {"role": "end", "dependsOn": ["two"]}]}"#,
    );
    assert_eq!(found, ["t.json:2:43: unknown dependency 'two': no agent has this role"]);
    let found = problems(
        r#"{"name": "t", "extends": "base", "agents": [{"role": "one", "subagent": "x"}], "params": 3}"#,
    );
    assert_eq!(found.len(), 2, "{found:?}");
    // The user's own template may extend the built-in one of its name.
    assert!(read(&source(r#"{"name": "base", "extends": "base"}"#), &Known).is_ok());
}

#[test]
fn params_are_typed_and_have_defaults() {
    let text = r#"{"name":"t","description":"d","agents":[{"role":"a","subagent":"reviewer"}],"params":{
      "s":{"type":"string","choices":["x","y"]}, "n":{"type":"number","default":3},
      "b":{"type":"boolean","default":false}, "l":{"type":"list","default":["p","q"]}}}"#;
    let template = read(&source(text), &Known).unwrap();
    let given = |pairs: &[(&str, &str)]| {
        let given = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        values(&template.params, &given)
            .map(|values| serde_json::to_string(&values).unwrap())
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    };
    assert_eq!(given(&[("s", "x")]).unwrap(), r#"{"b":false,"l":["p","q"],"n":3,"s":"x"}"#);
    assert_eq!(
        given(&[("s", "y"), ("n", "1.5"), ("b", "true"), ("l", "a, b")]).unwrap(),
        r#"{"b":true,"l":["a","b"],"n":1.5,"s":"y"}"#
    );
    for (pairs, want) in [
        (&[][..], "the template needs --param s=…"),
        (&[("s", "z")], "--param s: it is none of x, y"),
        (&[("s", "x"), ("n", "many")], "--param n: 'many' is not a number"),
        (&[("s", "x"), ("b", "1")], "--param b: '1' is not true or false"),
        (&[("s", "x"), ("t", "1")], "--param: the template has no param 't'"),
    ] {
        let told = given(pairs).unwrap_err();
        assert!(told.contains(want), "{want:?} not in {told:?}");
    }
}

#[test]
fn for_each_makes_an_agent_of_each_item() {
    let text = r#"{"name":"t","description":"d","params":{"parts":{"type":"list","default":["a","b"]}},"agents":[
      {"role":"end","subagent":"synthesis","dependsOn":["part","fixed"],"require":3,"report":"synthesis"},
      {"role":"part","subagent":"reviewer","forEach":"{{params.parts}}","prompt":"Do {{item}}."},
      {"role":"fixed","subagent":"reviewer","forEach":["x"],"dependsOn":["part"]}]}"#;
    let template = read(&source(text), &Known).unwrap();
    let expanded = |parts: &str| {
        let mut template = template.clone();
        let given = [("parts".to_owned(), parts.to_owned())].into();
        let params = values(&template.params, &given).unwrap();
        let available = Available { params: &params, issues: &[], files: &[] };
        expand(&mut template, available).map(|()| template).map_err(|problems| problems[0].to_string())
    };
    let agents = expanded("one,two").unwrap().agents;
    let roles: Vec<&str> = agents.iter().map(|agent| agent.role.as_str()).collect();
    assert_eq!(roles, ["end", "part-1", "part-2", "fixed-1"]);
    let depends = |i: usize| -> Vec<&str> { agents[i].depends_on.iter().map(Role::as_str).collect() };
    assert_eq!(depends(0), ["part-1", "part-2", "fixed-1"]);
    assert_eq!(depends(3), ["part-1", "part-2"]);
    assert_eq!(agents[2].item.as_deref(), Some("two"));
    assert!(expanded("one").unwrap_err().contains("'require' of 'end' is 3, more than its dependencies (2)"));
    assert!(expanded(" ").unwrap_err().contains("param 'parts' is empty"));
}

#[test]
fn for_each_goes_over_issues_and_files() {
    let issues = ["A-1", "A-2"].map(str::to_owned);
    let files: Vec<std::path::PathBuf> = ["a", "b", "c"].map(Into::into).into();
    let params = BTreeMap::new();
    let expanded = |for_each: &str, issues: &[String], files: &[std::path::PathBuf]| {
        let agent =
            format!(r#"{{"role":"x","subagent":"reviewer","forEach":{for_each},"prompt":"{{{{item}}}}"}}"#);
        let mut template = read(&source(&with_agents(&agent)), &Known).unwrap();
        let available = Available { params: &params, issues, files };
        expand(&mut template, available).map(|()| template.agents).map_err(|p| p[0].to_string())
    };
    let shown = |agents: Vec<TemplateAgent>| -> Vec<(String, usize)> {
        agents.iter().map(|a| (a.item.clone().unwrap(), a.files.map_or(0, |range| range.count))).collect()
    };
    let agents = expanded("\"issues\"", &issues, &[]).unwrap();
    assert_eq!(agents[1].group.as_ref().map(Role::as_str), Some("x"));
    assert_eq!(shown(agents), [("A-1".to_owned(), 0), ("A-2".to_owned(), 0)]);
    assert_eq!(shown(expanded("\"{{files}}\"", &[], &files).unwrap()).len(), 3);
    let chunked = shown(expanded("{\"files\": 2}", &[], &files).unwrap());
    assert_eq!(chunked, [("2 files, a to b".to_owned(), 2), ("c".to_owned(), 1)]);
    assert!(expanded("\"issues\"", &[], &files).unwrap_err().contains("there are no issues"));
    assert!(expanded("{\"files\": 25}", &issues, &[]).unwrap_err().contains("there are no files"));
    let many: Vec<std::path::PathBuf> = (0..1001).map(|n| format!("{n}").into()).collect();
    assert!(expanded("\"files\"", &[], &many).unwrap_err().contains("1001 agents are more than 1000"));
    for bad in ["{\"files\": 0}", "{\"file\": 2}", "\"file\"", "3"] {
        let agent = format!(r#"{{"role":"x","subagent":"reviewer","forEach":{bad}}}"#);
        assert!(problems(&with_agents(&agent))[0].contains("'forEach' in agent 'x'"), "{bad}");
    }
}

/// Editors must complete what the reader reads, and nothing else.
#[test]
fn the_schema_has_the_readers_keys() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let keys = |table: &serde_json::Value| -> Vec<String> {
        assert_eq!(table["additionalProperties"], false, "{table:#}");
        let mut keys: Vec<String> = table["properties"].as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let sorted = |keys: &[&str]| -> Vec<String> {
        let mut keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
        keys.sort();
        keys
    };
    let of = |name: &str| &schema["$defs"][name];
    assert_eq!(keys(&schema), sorted(&TEMPLATE_KEYS));
    assert_eq!(keys(of("config")), sorted(&CONFIG_KEYS));
    assert_eq!(keys(of("param")), sorted(&params::PARAM_KEYS));
    let with_remove: Vec<&str> = agents::AGENT_KEYS.into_iter().chain(["remove"]).collect();
    assert_eq!(keys(of("agent")), sorted(&with_remove));
    let named =
        |value: &serde_json::Value| -> Vec<String> { serde_json::from_value(value["enum"].clone()).unwrap() };
    assert_eq!(named(&of("param")["properties"]["type"]), ["string", "number", "boolean", "list"]);
    assert_eq!(named(&of("agent")["properties"]["report"]), ["any", "findings", "synthesis", "verification"]);
    // Every word of an enumeration is one the reader takes.
    for report in named(&of("agent")["properties"]["report"]) {
        let agent = format!(r#"{{"role":"a","subagent":"reviewer","report":"{report}"}}"#);
        assert!(read(&source(&with_agents(&agent)), &Known).is_ok(), "{report}");
    }
}

#[test]
fn variables_outside_of_prompts_and_removals_of_nobody_are_told() {
    let found = problems(&with_agents(
        r#"{"role":"a","subagent":"reviewer","model":"{{params.m}}","command":["x","{{files}}","{{.Id}}"]},{"role":"b","remove":true}"#,
    ));
    let want = [
        "'model' in agent 'a': '{{params.m}}' is not filled in here (variables are for 'prompt' and for agent files)",
        "'command' in agent 'a': '{{files}}' is not filled in here",
        "agent 'b' cannot be removed: the template that is extended has no such agent",
    ];
    assert_eq!(found.len(), want.len(), "{found:#?}");
    for (found, want) in found.iter().zip(want) {
        assert!(found.contains(want), "{found}");
    }
}

#[test]
fn a_variable_in_the_configuration_is_told() {
    let text = r#"{"name":"t","description":"d","agents":[{"role":"a","subagent":"reviewer"}],"config":{"outputDir":"out/{{params.k}}"}}"#;
    assert!(problems(text)[0].contains("'outputDir' in 'config': '{{params.k}}' is not filled in here"));
}

#[test]
fn a_resolved_template_is_one_that_extends_nothing() {
    let text =
        r#"{"$schema":"x","name":"leaf","extends":"middle","agents":[{"role":"new","subagent":"reviewer"}]}"#;
    let json = resolved(&source(text), &Known).unwrap();
    assert!(json.get("extends").is_none() && json.get("$schema").is_none());
    assert_eq!(json["name"], "leaf");
    let again = read(&source(&json.to_string()), &Known).unwrap();
    assert_eq!(again, read(&source(text), &Known).unwrap(), "it means the same\n{json:#}");
}

#[test]
fn a_lens_is_a_reviewers_and_a_switch_is_a_boolean_param() {
    let with = |agent: &str, params: &str| {
        format!(
            r#"{{"name":"t","description":"d","params":{{{params}}},"agents":[{{"role":"a","subagent":"reviewer",{agent}}}]}}"#
        )
    };
    let switch = r#""on":{"type":"boolean","default":true}"#;
    let good = with(r#""report":"findings","lens":"requirements","when":"{{params.on}}""#, switch);
    let template = read(&source(&good), &Known).unwrap();
    assert_eq!(template.agents[0].settings.lens, Some(Lens::Requirements));
    assert_eq!(template.switches().into_iter().collect::<Vec<_>>(), ["on"]);
    for (agent, params, why) in [
        (r#""lens":"requirements""#, "", "'lens' in agent 'a': it is for reviewers"),
        (r#""report":"findings","lens":"style""#, "", "style"),
        (r#""report":"findings","when":"{{params.of}}""#, switch, "there is no boolean param 'of'"),
        (
            r#""report":"findings","when":"{{params.on}}""#,
            r#""on":{"type":"string","default":"x"}"#,
            "no boolean",
        ),
        (r#""report":"findings","when":"always""#, "", "expected \"verify\", or"),
    ] {
        let told = problems(&with(agent, params)).join("\n");
        assert!(told.contains(why), "{agent}: {told}");
    }
}
