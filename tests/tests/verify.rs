//! A second look at findings: what a verifier refutes with the code that decides does not
//! count, and nothing else falls; every output says the same.

use std::fmt::Write as _;
use std::fs;

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::scripted::{begun, done, failed, limited_until, print};
use protocol::outcome::{AgentStatus, Reason};
use protocol::state::ConvoyStatus;
use serde_json::{Value, json};

/// A finding at line `2` of its own file, which the line before makes untrue.
#[derive(Clone, Copy)]
struct Defect {
    name: &'static str,
    severity: &'static str,
}

impl Defect {
    fn file(self) -> String {
        format!("src/{}.ts", self.name)
    }

    fn title(self) -> String {
        format!("The {} of the order is never checked", self.name)
    }

    fn finding(self) -> Value {
        json!({
            "title": self.title(), "severity": self.severity, "confidence": 90, "category": "logic", "cwe": [],
            "locations": [{ "file": self.file(), "line": 2, "endLine": null, "symbol": null, "quote": null }],
            "problem": format!("{} may be null.", self.name), "impact": null, "fix": null, "suggestion": null
        })
    }
}

fn look(verdict: &str, quote: Option<&str>, reason: &str) -> Value {
    json!({ "looks": [{ "finding": 1, "verdict": verdict, "origin": "introduced", "file": null, "line": 1,
        "quote": quote, "reason": reason, "severity": "high" }], "total": 1 })
}

/// With the code that stands there, and a reason that speaks of it.
fn refuted(name: &str) -> Value {
    look(
        "refuted",
        Some(&format!("if ({name} == null) return;")),
        &format!("{name} is compared with null before."),
    )
}

fn said(answer: &Value) -> String {
    print(&[begun("s"), done(&format!("```json\n{answer}\n```"))])
}

/// What a verifier does, as a shell would, by the name of the defect that it is told of.
type Behaviour<'a> = dyn Fn(&str) -> String + 'a;

struct Stage(Sandbox);

impl Stage {
    /// Reviewers of these findings each, and verifiers of this behaviour, all of one AI.
    fn new(launcher: Launcher, reviewers: &[(&str, &[Defect])], verifier: &Behaviour<'_>) -> Self {
        Self::with(launcher, reviewers, &|_, says| says, verifier, "")
    }

    /// The same with reviewers that do something else than to say what they have found,
    /// and with a configuration.
    fn with(
        launcher: Launcher,
        reviewers: &[(&str, &[Defect])],
        reviewer: &dyn Fn(&str, String) -> String,
        verifier: &Behaviour<'_>,
        config: &str,
    ) -> Self {
        let sandbox = Sandbox::new(launcher);
        fs::create_dir_all(sandbox.project().join("src")).unwrap();
        let mut script = String::from("case $PANOPTICON_CONVOY_ROLE in\nverify*)\n");
        let all: Vec<Defect> = reviewers.iter().flat_map(|(_, defects)| defects.iter().copied()).collect();
        for defect in &all {
            let name = defect.name;
            let code = format!("if ({name} == null) return;\nship({name});\n");
            fs::write(sandbox.project().join(defect.file()), code).unwrap();
            let _ = writeln!(
                script,
                "if grep -q 'Finding 1: {}' \"$CONVOY_PROMPT_FILE\"; then\n{}\nfi",
                defect.title(),
                verifier(name)
            );
        }
        script.push_str("exit 0;;\nsynthesis) exit 9;;\nesac\n");
        let read: Vec<String> = all.iter().map(|defect| defect.file()).collect();
        for (role, defects) in reviewers {
            let findings: Vec<Value> = defects.iter().map(|defect| defect.finding()).collect();
            let answer = json!({ "total": findings.len(), "findings": findings, "read": read, "notRead": [], "notes": [] });
            let _ = writeln!(
                script,
                "if [ $PANOPTICON_CONVOY_ROLE = {role} ]; then\n{}\nfi",
                reviewer(role, reads_all(&read, &answer))
            );
        }
        sandbox.scripted("m", &script);
        let agent = |name: &str| {
            let file = sandbox.home().user_agents().join(format!("{name}.md"));
            fs::write(file, format!("---\nname: {name}\ndescription: d\nmodel: sonnet\n---\nLook.\n"))
                .unwrap();
        };
        agent("reviewer");
        let mut agents: Vec<String> = reviewers
            .iter()
            .map(|(role, _)| format!(r#""role": "{role}", "subagent": "reviewer", "report": "findings""#))
            .collect();
        let stage = |role: &str, each: &str| {
            format!(
                r#""role": "{role}", "subagent": "code-review-verifier", "when": "verify", "report": "verification", "require": "any", "forEach": {each}"#
            )
        };
        agents.push(stage("verify", r#"{"from": "merge", "where": "gate"}"#));
        agents.push(stage(
            "verify-again",
            r#"{"from": "verify", "path": "looks", "where": {"verdict": "refuted", "severity": ">=critical"}}"#,
        ));
        let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
        sandbox.template("code-review", &agents, config);
        Stage(sandbox)
    }

    /// Reviews; the result, and the exit code.
    fn review(&self, more: &[&str]) -> (Value, Option<i32>, ConvoyId) {
        let words = [&["--files", "src", "--runner", "m", "--json"], more].concat();
        let out = self.0.run("convoy-review", &words);
        let result: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
        let id = result["convoyId"].as_str().unwrap().parse().unwrap();
        (result, out.status.code(), id)
    }

    fn merged(&self, id: &ConvoyId) -> Value {
        let k = self.0.state(id).merge.unwrap().k;
        serde_json::from_slice(&fs::read(self.0.dir_of(id).merge_findings(k)).unwrap()).unwrap()
    }

    /// What has become of each finding, by the name of its defect.
    fn standing(&self, id: &ConvoyId, name: &str) -> (String, String) {
        let merged = self.merged(id);
        let title = format!("The {name} of the order is never checked");
        let finding =
            merged["findings"].as_array().unwrap().iter().find(|one| one["title"] == title.as_str());
        let look = &finding.unwrap_or_else(|| panic!("{name} is lost: {merged:#}"))["secondLook"];
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (word(&look["verdict"]), look.to_string())
    }

    /// Every program that judges says the same: the exit codes of gate and wait, and the report's word.
    fn agrees(&self, id: &ConvoyId, code: i32, word: &str) {
        let gate = self.0.run("convoy-merge", &["--convoy", id.as_str(), "--gate", "high"]);
        assert_eq!(gate.status.code(), Some(code), "{}", shown(&gate));
        let report = String::from_utf8_lossy(&gate.stdout).into_owned();
        assert!(report.contains(&format!("REVIEW_RESULT: {word}")), "{report}");
        let wait = self.0.run("convoy-ctl", &["wait", id.as_str()]);
        let word = if word == "COMMENTED" { "no verdict" } else { word };
        assert!(String::from_utf8_lossy(&wait.stdout).contains(&format!(": {word}: ")), "{}", shown(&wait));
    }
}

/// A stream of a reviewer that opens all files and hands this in.
fn reads_all(files: &[String], answer: &Value) -> String {
    let mut lines = vec![begun("s")];
    for (n, file) in files.iter().enumerate() {
        let call = json!({ "type": "assistant", "message": { "id": format!("m{n}"), "content": [
            { "type": "tool_use", "id": format!("t{n}"), "name": "Read", "input": { "file_path": file } }] } });
        let result = json!({ "type": "user", "message": { "content": [
            { "type": "tool_result", "tool_use_id": format!("t{n}"), "content": "1\tif", "is_error": false }] } });
        lines.extend([call.to_string(), result.to_string()]);
    }
    lines.push(done(&format!("```json\n{answer}\n```")));
    print(&lines)
}

const HIGH: [Defect; 3] = [
    Defect { name: "price", severity: "high" },
    Defect { name: "weight", severity: "high" },
    Defect { name: "colour", severity: "low" },
];
const GRAVE: [Defect; 1] = [Defect { name: "owner", severity: "critical" }];

#[test]
fn what_is_refuted_with_the_code_that_decides_does_not_count() {
    for launcher in [Launcher::Tmux, Launcher::Process] {
        let stage = Stage::new(launcher, &[("one", &HIGH), ("two", &GRAVE)], &|name| {
            said(&if name == "weight" {
                look("confirmed", None, "Nothing checks weight.")
            } else {
                refuted(name)
            })
        });
        let sarif = stage.0.path("out.sarif");
        let (result, code, id) = stage.review(&["--sarif", sarif.to_str().unwrap()]);
        assert_eq!(
            (code, result["reviewResult"].as_str()),
            (Some(1), Some("CHANGES_REQUESTED")),
            "{result:#}"
        );
        assert_eq!(
            (&result["counts"]["high"], &result["counts"]["critical"]),
            (&json!(1), &json!(0)),
            "{result:#}"
        );
        for (name, expected) in
            [("price", "refuted"), ("weight", "confirmed"), ("owner", "refuted"), ("colour", "")]
        {
            assert_eq!(stage.standing(&id, name).0, expected, "{name}");
        }
        // Of the gravest one two have looked, and the second does not know what the first said.
        assert_eq!(stage.standing(&id, "owner").1.matches("\"by\"").count(), 2);
        let prompt =
            fs::read_to_string(stage.0.dir_of(&id).attempt(&"verify-again-1".parse().unwrap(), 1).prompt());
        let prompt = prompt.unwrap();
        assert!(
            prompt.contains("owner may be null") && !prompt.contains("compared with null before"),
            "{prompt}"
        );
        assert_eq!(stage.0.state(&id).status, ConvoyStatus::Completed);
        stage.agrees(&id, 1, "CHANGES_REQUESTED");
        let report = stage.0.ok("convoy-merge", &["--convoy", id.as_str()]);
        let (before, refuted) = report.split_once("## Refuted by a Second Look").expect(&report);
        assert!(!before.contains("### ") || !before.contains("[src/price.ts:2]"), "{report}");
        assert!(
            refuted.contains("price may be null") && refuted.contains("price is compared with null before"),
            "{refuted}"
        );
        let sarif: Value = serde_json::from_slice(&fs::read(sarif).unwrap()).unwrap();
        let suppressed = |name: &str| {
            let all = sarif["runs"][0]["results"].as_array().unwrap();
            let one = all.iter().find(|one| one["message"]["text"].as_str().unwrap().contains(name)).unwrap();
            (one["suppressions"].is_array(), one["properties"]["secondLook"]["verdict"].clone())
        };
        assert_eq!(suppressed("price"), (true, json!("refuted")));
        assert_eq!(suppressed("weight"), (false, json!("confirmed")));
    }
}

#[test]
fn a_refutation_without_proof_is_none() {
    for (answer, doubt) in [
        (look("refuted", None, "price is checked elsewhere, I am certain."), "it quotes no code"),
        (look("refuted", Some("assert(price != null);"), "price is asserted."), "does not stand in the file"),
        (look("refuted", Some("if (price == null) return;"), "This is a false positive."), "does not speak"),
        (look("refuted", Some("}"), "price is fine."), "too short"),
    ] {
        let stage = Stage::new(Launcher::Process, &[("one", &HIGH[..1])], &|_| said(&answer));
        let (result, code, id) = stage.review(&[]);
        assert_eq!(code, Some(1), "{result:#}");
        let (verdict, look) = stage.standing(&id, "price");
        assert!(verdict == "unsure" && look.contains(doubt), "{doubt}: {look}");
        stage.agrees(&id, 1, "CHANGES_REQUESTED");
    }
}

#[test]
fn where_all_is_refuted_it_is_approved_and_never_asks_for_nothing() {
    let stage = Stage::new(Launcher::Process, &[("one", &HIGH[..2])], &|name| said(&refuted(name)));
    let (result, code, id) = stage.review(&[]);
    assert_eq!((code, result["reviewResult"].as_str()), (Some(0), Some("APPROVED")), "{result:#}");
    stage.agrees(&id, 0, "APPROVED");
    let never = Stage::new(Launcher::Process, &[("one", &HIGH[..2])], &|name| said(&refuted(name)));
    let (result, code, id) = never.review(&["--verify", "never"]);
    assert_eq!((code, never.0.state(&id).agents.len()), (Some(1), 1), "{result:#}");
    let low = Stage::new(Launcher::Process, &[("one", &HIGH[2..])], &|name| said(&refuted(name)));
    let (_, code, id) = low.review(&[]);
    let end = low.0.state(&id);
    let detail = end.agents[1].detail().unwrap_or_default().to_owned();
    assert_eq!((code, end.agents.len()), (Some(0), 3));
    assert!(detail.starts_with("none of 1 items of 'merge' fits: severity >=high"), "{detail}");
}

const NAMES: [&str; 21] = [
    "anchor", "basket", "candle", "dagger", "engine", "falcon", "garden", "hammer", "island", "jacket",
    "kettle", "ladder", "magnet", "needle", "orchid", "pepper", "quartz", "ribbon", "saddle", "tunnel",
    "violin",
];

#[test]
fn three_reviewers_and_twenty_verifiers_stay_true_whatever_these_do() {
    let defects: Vec<Defect> = NAMES.iter().map(|name| Defect { name, severity: "high" }).collect();
    let behaviour = |name: &str| -> String {
        let n = NAMES.iter().position(|known| *known == name).unwrap();
        match n % 7 {
            0 => said(&refuted(name)),
            1 => print(&[begun("s"), failed(Some(400), "the request is not valid")]),
            2 => print(&[begun("s"), done("")]),
            3 => limited_once(&said(&refuted(name))),
            4 => print(&[
                begun("s"),
                done(
                    "```json\n{\"looks\": [{\"finding\": 1, \"verdict\": \"nonsense\", \"reason\": \"x\"}], \"total\": 1}\n```",
                ),
            ]),
            5 => said(&look("confirmed", None, "Nothing checks it.")),
            _ => "exit 3".to_owned(),
        }
    };
    let parts: [(&str, &[Defect]); 3] =
        [("one", &defects[..7]), ("two", &defects[7..14]), ("three", &defects[14..])];
    let stage = Stage::new(Launcher::Tmux, &parts, &behaviour);
    let (result, code, id) = stage.review(&["--timeout", "5m"]);
    assert_eq!(code, Some(1), "{result:#}");
    let end = stage.0.state(&id);
    assert_eq!((end.status, end.agents.len()), (ConvoyStatus::Partial, 3 + 2 + 20));
    let mut refuted_ones = 0;
    let (mut left, mut open) = (0, 0);
    for (n, name) in NAMES.iter().enumerate() {
        let (verdict, look) = stage.standing(&id, name);
        let is_left = look.contains("'max' is 20");
        left += usize::from(is_left);
        let expected = match n % 7 {
            _ if is_left => "unverified",
            0 | 3 => "refuted",
            5 => "confirmed",
            _ => "unverified",
        };
        assert_eq!(verdict, expected, "{name}: {look}");
        refuted_ones += usize::from(verdict == "refuted");
        open += usize::from(verdict != "refuted");
    }
    assert_eq!(left, 1, "one more than may be looked at");
    assert!(refuted_ones >= 5, "{refuted_ones}");
    assert_eq!(result["counts"]["high"], json!(open), "{result:#}");
    let limited = end.agents.iter().filter(|agent| agent.group_of("verify") && agent.attempt == 2).count();
    assert!(limited >= 2, "{end:#?}");
    let unrecognised = end.agents.iter().filter(|agent| agent.reason() == Some(Reason::Unrecognised)).count();
    assert!(unrecognised >= 2, "{end:#?}");
    assert!(end.agents.iter().all(|agent| agent.status() != AgentStatus::Running));
    stage.agrees(&id, 1, "CHANGES_REQUESTED");
}

/// Limited until a moment from now at its first attempt, then this.
fn limited_once(then: &str) -> String {
    let limited = print(&[begun("s"), limited_until(4_102_444_800)])
        .replace("4102444800", "'\"$(($(date +%s) + 1))\"'");
    format!("if [ $ATTEMPT = 1 ]; then\n{limited}\nexit 0; fi\n{then}")
}

/// What a reviewer that fails so does; `None`: it says what it found.
type Failing = Option<fn(String) -> String>;

#[test]
fn reviewers_that_fail_in_any_way_leave_what_the_others_found_and_no_verdict() {
    let one = [Defect { name: "anchor", severity: "high" }, Defect { name: "basket", severity: "high" }];
    let two = [Defect { name: "candle", severity: "high" }, Defect { name: "dagger", severity: "high" }];
    let cases: [(&str, Failing, bool); 5] = [
        ("failed", Some(|_| print(&[begun("s"), failed(Some(400), "the request is not valid")])), false),
        ("silent", Some(|_| print(&[begun("s"), done("")])), false),
        ("died", Some(|_| "exit 3".to_owned()), false),
        (
            "lies",
            Some(|_| {
                let says = json!({ "findings": "none", "total": 0, "read": [], "notRead": [], "notes": [] });
                print(&[begun("s"), done(&format!("```json\n{says}\n```"))])
            }),
            false,
        ),
        ("limited", Some(|says| limited_once(&says)), true),
    ];
    for (case, failing, recovers) in cases {
        let reviewer = |role: &str, says: String| match failing {
            Some(does) if role == "two" => does(says),
            _ => says,
        };
        let verifier = |name: &str| match name {
            "anchor" => said(&refuted(name)),
            "candle" => limited_once(&said(&refuted(name))),
            "dagger" => print(&[begun("s"), done("")]),
            _ => said(&look("confirmed", None, "Nothing checks it.")),
        };
        let parts: [(&str, &[Defect]); 3] = [("one", &one), ("two", &two), ("three", &HIGH[2..])];
        let stage = Stage::with(Launcher::Process, &parts, &reviewer, &verifier, "");
        let (result, code, id) = stage.review(&["--timeout", "5m"]);
        let told = |name: &str| stage.standing(&id, name).0;
        assert_eq!(
            (told("anchor"), told("basket")),
            ("refuted".to_owned(), "confirmed".to_owned()),
            "{case}"
        );
        let end = stage.0.state(&id);
        assert!(end.agents.iter().all(|agent| agent.status() != AgentStatus::Running), "{case}: {end:#?}");
        if recovers {
            assert_eq!((told("candle"), told("dagger")), ("refuted".to_owned(), "unverified".to_owned()));
            assert_eq!((code, &result["counts"]["high"]), (Some(1), &json!(2)), "{case}: {result:#}");
            stage.agrees(&id, 1, "CHANGES_REQUESTED");
        } else {
            // What a reviewer did not hand in nobody knows: never an approval, and no refusal either.
            assert_eq!((code, &result["counts"]["high"]), (Some(3), &json!(1)), "{case}: {result:#}");
            assert_eq!((end.status, &result["reviewResult"]), (ConvoyStatus::Partial, &json!("COMMENTED")));
            stage.agrees(&id, 3, "COMMENTED");
        }
    }
}

#[test]
fn a_budget_that_is_used_up_within_the_stage_leaves_the_rest_unverified() {
    let defects: Vec<Defect> = NAMES[..8].iter().map(|name| Defect { name, severity: "high" }).collect();
    // A cent each: for the reviewer and some of the eight verifiers, one after the other.
    let config = r#""budgetUsd": 0.045, "maxParallel": 1"#;
    let stage = Stage::with(
        Launcher::Process,
        &[("one", &defects)],
        &|_, says| says,
        &|name| said(&refuted(name)),
        config,
    );
    let (result, code, id) = stage.review(&["--timeout", "5m"]);
    let told: Vec<(String, String)> = NAMES[..8].iter().map(|name| stage.standing(&id, name)).collect();
    let refuted = told.iter().filter(|(verdict, _)| verdict == "refuted").count();
    assert!((1..8).contains(&refuted), "{told:#?}");
    for (verdict, look) in told.iter().filter(|(verdict, _)| verdict != "refuted") {
        assert!(verdict == "unverified" && look.contains("budget"), "{look}");
    }
    // The gate counts what nobody looked at, and every program says the same.
    assert_eq!((code, &result["counts"]["high"]), (Some(1), &json!(8 - refuted)), "{result:#}");
    stage.agrees(&id, 1, "CHANGES_REQUESTED");
    let end = stage.0.state(&id);
    let verifiers: Vec<_> = end.agents.iter().filter(|agent| agent.group_of("verify")).collect();
    let started = verifiers.iter().filter(|agent| agent.attempt > 0).count();
    assert_eq!((end.status, verifiers.len(), started), (ConvoyStatus::Partial, 8, refuted), "{end:#?}");
    let spent = protocol::budget::total(&end).cost_usd.unwrap();
    assert!(spent < 0.045 + 0.01, "one agent may be under way when it is used up: {spent}");
}

/// How often the state was written, and merges were made, with so many findings.
fn effort(count: usize, verify: &str) -> (u64, u32, usize) {
    let defects: Vec<Defect> = NAMES[..count].iter().map(|name| Defect { name, severity: "high" }).collect();
    let stage = Stage::new(Launcher::Process, &[("one", &defects)], &|name| said(&refuted(name)));
    let (_, _, id) = stage.review(&["--verify", verify]);
    let end = stage.0.state(&id);
    let looked = end.agents.iter().filter(|agent| agent.group_of("verify"));
    let attempts: Vec<u32> = looked.map(|agent| agent.attempt).collect();
    assert!(attempts.iter().all(|attempt| *attempt == 1), "{attempts:?}");
    assert_eq!(attempts.len(), if verify == "never" { 0 } else { count });
    (end.revision, end.merge.unwrap().k, end.expansions.len())
}

#[test]
fn a_finding_more_costs_one_launch_and_one_end() {
    let (few, many) = (effort(3, "always"), effort(15, "always"));
    // However many there are: once before the verifiers, once behind them; a stage is expanded once.
    assert_eq!(((few.1, few.2), (many.1, many.2)), ((2, 2), (2, 2)), "{few:?} {many:?}");
    assert_eq!((effort(3, "never").1, effort(3, "never").2), (1, 0));
    // Of a verifier no more is written than that it is to run, that it runs, and its end.
    let more = many.0.saturating_sub(few.0);
    assert!(more <= 3 * 12, "12 more findings take {more} writes of the state: {few:?} {many:?}");
}

trait Grouped {
    fn group_of(&self, stage: &str) -> bool;
}

impl Grouped for protocol::agent::Agent {
    fn group_of(&self, stage: &str) -> bool {
        let number = self.role.as_str().strip_prefix(stage).and_then(|rest| rest.strip_prefix('-'));
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    }
}

#[test]
fn plain_commands_can_verify_what_rules_found() {
    let sandbox = Sandbox::new(Launcher::Process);
    fs::create_dir_all(sandbox.project().join("src")).unwrap();
    fs::write(
        sandbox.project().join("src/a.ts"),
        "export function run(code: string) {\n  return eval(code);\n}\n",
    )
    .unwrap();
    let script = sandbox.path("look.sh");
    let agent = format!(
        "---\nname: looker\ndescription: d\nrunner: command\ncommand: [sh, \"{}\"]\n---\nLook.\n",
        script.display()
    );
    fs::write(sandbox.home().user_agents().join("looker.md"), agent).unwrap();
    sandbox.template(
        "code-review",
        &[
            r#""role": "security", "subagent": "code-review-security", "report": "findings", "runner": "builtin""#,
            r#""role": "verify", "subagent": "looker", "report": "verification", "forEach": {"from": "merge", "where": {"severity": ">=low"}}"#,
        ],
        "",
    );
    // To a file, in a fence of its report, and on nothing but standard output.
    let answer = |verdict: &str| {
        look(verdict, Some("return eval(code);"), "eval gets the code as it comes").to_string()
    };
    for (orders, expected) in [
        (format!("printf '%s' '{}' > \"$CONVOY_FINDINGS_FILE\"", answer("confirmed")), "confirmed"),
        (
            format!(
                "printf '# Look\\n\\n```json\\n%s\\n```\\n' '{}' > \"$CONVOY_OUTPUT_FILE\"",
                answer("confirmed")
            ),
            "confirmed",
        ),
        ("echo 'I looked, and all is well.' > \"$CONVOY_OUTPUT_FILE\"".to_owned(), "unverified"),
    ] {
        fs::write(&script, format!("{orders}\n")).unwrap();
        let out = sandbox.run("convoy-review", &["--files", "src", "--json", "--gate", "low"]);
        let result: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
        assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
        let id: ConvoyId = result["convoyId"].as_str().unwrap().parse().unwrap();
        let k = sandbox.state(&id).merge.unwrap().k;
        let merged: Value =
            serde_json::from_slice(&fs::read(sandbox.dir_of(&id).merge_findings(k)).unwrap()).unwrap();
        assert_eq!(merged["findings"][0]["secondLook"]["verdict"], expected, "{orders}: {merged:#}");
    }
}
