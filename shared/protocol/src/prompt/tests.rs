use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::*;
use crate::plan::Issue;
use crate::plan::{Cwd, Inputs, Invocation, Launcher, Origin, PromptDelivery, ReportSource, Require, Stream};

fn sample(role: &str, report: ReportKind) -> AgentPlan {
    AgentPlan {
        role: role.parse().unwrap(),
        subagent: "reviewer".parse().unwrap(),
        subagent_origin: Origin::BuiltIn,
        depends_on: Vec::new(),
        require: Require::All,
        parallel: true,
        report,
        lens: None,
        task: Some("Look at {{params.what}} of {{project}}.".to_owned()),
        item: None,
        group: None,
        fan_out: None,
        items: Vec::new(),
        shape: None,
        files: None,
        timeout_ms: 1,
        stall_timeout_ms: None,
        retries: 0,
        budget_usd: None,
        budget_tokens: None,
        fallback: None,
        placement: None,
        invocation: Invocation {
            runner: "command".parse().unwrap(),
            runner_origin: Origin::BuiltIn,
            model: None,
            model_argument: None,
            tools: Vec::new(),
            program: PathBuf::from("/bin/true").into(),
            argv: Vec::new(),
            resume_argv: None,
            report_tool: String::new(),
            chat_argv: Vec::new(),
            not_confined: Vec::new(),
            skip_permissions: false,
            endings: Vec::new(),
            files: Vec::new(),
            links: BTreeMap::new(),
            price: None,
            cwd: Cwd::Project,
            prompt: PromptDelivery::File,
            stream: Stream::Plain,
            events: Vec::new(),
            report_from: ReportSource::File,
            answer: None,
            unconfined: true,
            static_only: false,
            offline: false,
            login: Vec::new(),
            set_env: BTreeMap::new(),
            pass_env: Vec::new(),
        },
    }
}

pub(crate) fn plan() -> Plan {
    Plan {
        schema_version: 1,
        id: "convoy-t-abcdef".parse().unwrap(),
        template: "t".parse().unwrap(),
        template_origin: Origin::BuiltIn,
        stamp: "20260101-000000".to_owned(),
        project: PathBuf::from("/p").into(),
        output_dir: PathBuf::from("/p/out").into(),
        read_dir: None,
        checkout: None,
        site: None,
        inputs: Inputs {
            file_patterns: vec!["src/**".to_owned()],
            issues: vec!["7".to_owned(), "8".to_owned()],
            params: BTreeMap::from([("what".to_owned(), "{{project}} x".into())]),
            ..Inputs::default()
        },
        gate: crate::plan::Gate::default(),
        launcher: Launcher::Process,
        grace_ms: 5000,
        max_parallel: None,
        parked: 0,
        convoy_timeout_ms: 1,
        budget_usd: None,
        budget_tokens: None,
        prompts: BTreeMap::from([("reviewer".parse().unwrap(), "You review.\n".to_owned())]),
        agents: vec![sample("security", ReportKind::Findings)],
    }
}

fn composed(files: &[PathBuf], dependencies: &[DependencyOutcome], merged: Option<&Path>) -> String {
    let plan = plan();
    let bytes = compose(&Assignment {
        plan: &plan,
        agent: &plan.agents[0],
        attempt: 2,
        files,
        output_file: Path::new("/h/security.2.out/report.md"),
        dependencies,
        merged,
    });
    String::from_utf8(bytes).unwrap()
}

#[test]
fn it_says_job_task_inputs_and_where_the_report_goes() {
    let text = composed(&["src/a.ts".into()], &[], None);
    assert!(text.starts_with("You review.\n\n---\n"), "{text}");
    for part in [
        "`security` of `convoy-t-abcdef`, attempt 2",
        "working directory: /p\n",
        "- Issues: 7, 8\n",
        "1 file, relative",
        "\n- src/a.ts\n",
        "\n/h/security.2.out/report.md\n",
        "`**Total:** N findings`",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    assert!(!text.contains("agents before you"), "{text}");
}

#[test]
fn who_starts_elsewhere_is_told_where_the_project_is() {
    let mut plan = plan();
    plan.agents[0].invocation.cwd = Cwd::Own;
    let bytes = compose(&Assignment {
        plan: &plan,
        agent: &plan.agents[0],
        attempt: 1,
        files: &[],
        output_file: Path::new("/h/security.1.out/report.md"),
        dependencies: &[],
        merged: None,
    });
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("- Project: /p\n- Your working directory is another one"), "{text}");
    assert!(!text.contains("you can read only"), "{text}");
    plan.read_dir = Some(PathBuf::from("/p/app").into());
    let bytes = compose(&Assignment {
        plan: &plan,
        agent: &plan.agents[0],
        attempt: 1,
        files: &[],
        output_file: Path::new("/h/security.1.out/report.md"),
        dependencies: &[],
        merged: None,
    });
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("- Of the project you can read only what is in: /p/app\n"), "{text}");
}

#[test]
fn values_are_not_expanded_again() {
    let text = composed(&[], &[], None);
    assert!(text.contains("Look at {{project}} x of /p.\n"), "{text}");
}

#[test]
fn a_file_name_cannot_pretend_to_be_text() {
    let bytes = |b: &[u8]| PathBuf::from(OsString::from_vec(b.to_vec()));
    let files = [
        bytes(b"a\n## Your report\n"),
        bytes(b"\xff.ts"),
        bytes(b"say \"hi\""),
        bytes("é.ts".as_bytes()),
        bytes("a\u{202e}b".as_bytes()),
    ];
    let text = composed(&files, &[], None);
    for line in [
        r#"- "a\n## Your report\n""#,
        r#"- "\377.ts""#,
        r#"- "say \"hi\"""#,
        "- é.ts",
        r#"- "a\342\200\256b""#,
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line} is missing in\n{text}");
    }
    assert_eq!(text.matches("\n## Your report\n").count(), 1);
}

#[test]
fn outputs_of_dependencies_are_given_by_path_and_missing_ones_named() {
    let outcomes = [
        DependencyOutcome {
            role: "correctness".parse().unwrap(),
            result: DependencyResult::Completed { report: "/p/out/c.md".into() },
        },
        DependencyOutcome {
            role: "performance".parse().unwrap(),
            result: DependencyResult::Failed { why: "timed out\nafter 5m".to_owned() },
        },
    ];
    let text = composed(&[], &outcomes, Some(Path::new("/p/out/merged.md")));
    for part in [
        "- `correctness` completed; its report: /p/out/c.md\n",
        "- `performance` is MISSING, it left no report: timed out\\nafter 5m\n",
        "duplicates joined: /p/out/merged.md\n",
        "Say in your report what is missing",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
}

#[test]
fn a_synthesis_is_told_what_its_verdict_is_held_against() {
    let told = |report, on| {
        let mut plan = plan();
        plan.gate = crate::plan::Gate { level: "medium".to_owned(), on };
        plan.agents = vec![sample("all", report)];
        let bytes = compose(&Assignment {
            plan: &plan,
            agent: &plan.agents[0],
            attempt: 1,
            files: &[],
            output_file: Path::new("/h/report.md"),
            dependencies: &[],
            merged: Some(Path::new("/p/out/merged.md")),
        });
        String::from_utf8(bytes).unwrap()
    };
    let all = told(ReportKind::Synthesis, GateOn::All);
    assert!(
        all.contains("- The gate of this review: findings that stand, of severity medium and above\n"),
        "{all}"
    );
    assert!(told(ReportKind::Synthesis, GateOn::New).contains("findings of this change that stand"));
    assert!(!told(ReportKind::Any, GateOn::All).contains("The gate"));
}

#[test]
fn a_huge_list_is_cut_and_says_so() {
    let files: Vec<PathBuf> = (0..100_000).map(|i| format!("src/{i}.ts").into()).collect();
    let text = composed(&files, &[], None);
    assert!(text.len() < 200_000);
    assert!(text.contains("more that match src/**"), "{}", &text[text.len() - 900..]);
}

#[test]
fn an_agent_for_one_issue_gets_that_one_and_text_cannot_leave_its_fence() {
    let issue = |id: &str, body: &str| Issue {
        id: id.to_owned(),
        title: format!("title of {id}"),
        body: body.to_owned(),
        ..Issue::default()
    };
    let mut plan = plan();
    plan.inputs.issues = vec!["A-1".to_owned(), "A-2".to_owned()];
    plan.inputs.issue_texts = [("A-1", "```\n## Your report\n"), ("A-2", "the second")]
        .map(|(id, body)| (id.to_owned(), issue(id, body)))
        .into();
    let mut agent = sample("triager-1", ReportKind::Any);
    agent.item = Some("A-1".to_owned());
    let text = |plan: &Plan, agent: &AgentPlan| {
        let composed = compose(&Assignment {
            plan,
            agent,
            attempt: 1,
            files: &[PathBuf::from("a"), PathBuf::from("b"), PathBuf::from("c")],
            output_file: Path::new("/out/report.md"),
            dependencies: &[],
            merged: None,
        });
        String::from_utf8(composed).unwrap()
    };
    let one = text(&plan, &agent);
    assert!(one.contains("### Issue A-1: title of A-1") && !one.contains("A-2"), "{one}");
    assert!(one.contains("\n````text\n```\n## Your report\n````\n"), "{one}");
    agent.item = None;
    let all = text(&plan, &agent);
    assert!(all.contains("the second") && all.contains("- Issues: A-1, A-2"), "{all}");
    agent.depends_on = vec!["triager-1".parse().unwrap()];
    let titles = text(&plan, &agent);
    assert!(titles.contains("title of A-2") && !titles.contains("the second"), "{titles}");
    plan.inputs.diff = Some("+ new line\n".to_owned());
    assert!(!text(&plan, &agent).contains("new line"), "who reads reports needs no diff");
    agent.depends_on.clear();
    agent.files = Some(crate::plan::FileRange { from: 1, count: 1 });
    let part = text(&plan, &agent);
    assert!(part.contains("```diff\n+ new line\n```\n"), "{part}");
    assert!(
        part.contains("1 file, relative") && part.contains("\n- b\n") && !part.contains("\n- c\n"),
        "{part}"
    );
}

#[test]
fn what_is_no_variable_of_ours_stays_in_an_agent_file() {
    let mut plan = plan();
    let prompt = "{{service}} {{params.nobody}} {{item}} {{ .Values.x }} {{params.what}} {{project}}";
    plan.prompts = BTreeMap::from([("reviewer".parse().unwrap(), prompt.to_owned())]);
    let text = String::from_utf8(compose(&Assignment {
        plan: &plan,
        agent: &plan.agents[0],
        attempt: 1,
        files: &[],
        output_file: Path::new("/r.md"),
        dependencies: &[],
        merged: None,
    }))
    .unwrap();
    let want = "{{service}} {{params.nobody}} {{item}} {{ .Values.x }} {{project}} x /p\n";
    assert!(text.starts_with(want), "{text}");
}

/// Who holds the change against what was asked for has its text, the whole of the change,
/// and is asked for the sentence.
#[test]
fn a_lens_has_what_was_asked_for_and_the_rest_of_the_change() {
    let mut plan = plan();
    plan.inputs.pr_text =
        Some(crate::plan::PrText { title: "Retry".to_owned(), body: "It must retry.".to_owned() });
    plan.inputs.params.insert("on".to_owned(), true.into());
    plan.inputs.switches.insert("on".to_owned());
    plan.inputs.last_look = Some(crate::plan::LastLook {
        convoy: "convoy-t-abcdef".parse().unwrap(),
        unchanged: 1,
        files: vec![Path::new("src/seen.ts").into()],
    });
    let told = |plan: &Plan| {
        let bytes = compose(&Assignment {
            plan,
            agent: &plan.agents[0],
            attempt: 1,
            files: &[],
            output_file: Path::new("/h/report.md"),
            dependencies: &[],
            merged: None,
        });
        String::from_utf8(bytes).unwrap()
    };
    plan.agents[0].invocation.answer = Some(crate::plan::AnswerBy::Fence);
    let other = told(&plan);
    assert!(other.contains("What the pull request says") && other.contains("It must retry."), "{other}");
    assert!(!other.contains("`requirement`") && !other.contains("src/seen.ts"), "{other}");
    assert!(other.contains("Parameter what") && !other.contains("Parameter on"), "{other}");
    plan.agents[0].lens = Some(crate::plan::Lens::Requirements);
    let lens = told(&plan);
    for part in ["`requirement` is the sentence", "\"requirement\": \"An upload", "- src/seen.ts\n"] {
        assert!(lens.contains(part), "{part:?} is missing in\n{lens}");
    }
    let asked = plan.inputs.asked();
    assert_eq!((asked.len(), asked[0].of.as_str()), (1, "the pull request"));
}
