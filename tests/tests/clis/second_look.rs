//! What reviewers found is looked at again, on the real CLIs: the verifier answers by the
//! schema of its CLI, and what it says counts only as far as it shows.

use convoy_tests::clis::{Desk, installed};
use convoy_tests::model::{Act, HandIn, Script};
use convoy_tests::sandbox::shown;
use serde_json::{Value, json};

use super::{answers, ended};

#[test]
fn a_finding_is_refuted_with_its_code_or_stands() {
    for cli in installed(&["claude", "codex"]) {
        for (quote, want) in [(Some(()), "refuted"), (None, "unsure")] {
            let found = HandIn::Object(answers::object(1));
            let nothing = HandIn::Object(answers::object(0));
            let hand_in = |first: HandIn| Act::HandIn { first: first.clone(), then: first };
            let mut desk = Desk::new(Script::new());
            let code = std::fs::read_to_string(desk.sandbox.project().join("src/app.ts")).expect("code");
            let line = code.lines().find(|line| line.len() > 20).expect("a line").trim();
            let look = json!({
                "finding": 1, "verdict": "refuted", "origin": "pre-existing", "file": "src/app.ts", "line": 1,
                "quote": quote.map(|()| line), "reason": format!("It is as it should be: {line}"), "severity": null
            });
            let verifier = HandIn::Object(json!({ "looks": [look], "total": 1 }));
            let script = Script::new()
                .role("security", hand_in(found))
                .role("correctness", hand_in(nothing.clone()))
                .role("performance", hand_in(nothing))
                .role("synthesis", Act::Report(String::new()))
                .role("*", hand_in(verifier));
            desk = Desk::new(script);
            let id =
                desk.start(&["code-review", "--files", "src/app.ts", "--runner", cli, "--verify", "always"]);
            let state = ended(&desk, &id);
            let out = desk.run("convoy-ctl", &["findings", id.short(), "--format", "json"]);
            let merged: Value =
                serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
            let all = merged["findings"].as_array().into_iter().chain(merged["refuted"].as_array()).flatten();
            let verdicts: Vec<&Value> = all.map(|one| &one["secondLook"]["verdict"]).collect();
            assert_eq!(verdicts, [want], "{cli}: {merged:#} {:?}", state.agents);
        }
    }
}
