use shared::environment::Environment;
use shared::plan::*;
use shared::*;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

fn agent(role: &str, deps: &[&str], script: &str) -> AgentPlan {
    AgentPlan {
        role: role.parse().unwrap(),
        subagent: "x".parse().unwrap(),
        subagent_origin: Origin::BuiltIn,
        depends_on: deps.iter().map(|d| d.parse().unwrap()).collect(),
        require: Require::All,
        parallel: true,
        report: ReportKind::Any,
        task: None,
        item: None,
        timeout_ms: 60000,
        stall_timeout_ms: None,
        retries: 0,
        budget_usd: None,
        budget_tokens: None,
        invocation: Invocation {
            runner: "command".parse().unwrap(),
            runner_origin: Origin::BuiltIn,
            model: None,
            model_argument: None,
            tools: vec![],
            program: PathBuf::from("/bin/sh").into(),
            argv: vec!["-c".into(), script.into()],
            prompt: PromptDelivery::Stdin,
            stream: Stream::Plain,
            report_from: ReportSource::File,
            unconfined: true,
            static_only: false,
            set_env: BTreeMap::new(),
            pass_env: vec![],
        },
    }
}

#[test]
fn smoke() {
    let dir = tempfile::tempdir().unwrap();
    let bin = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_path_buf();
    let mut path = bin.clone().into_os_string();
    path.push(":/usr/bin:/bin");
    let vars: BTreeMap<OsString, OsString> = [
        ("PANOPTICON_HOME", dir.path().join("h").into_os_string()),
        ("PATH", path),
        ("HOME", dir.path().into()),
    ]
    .into_iter()
    .map(|(a, b)| (a.into(), b))
    .collect();
    let env = Environment::from_parts(vars, "/".into()).unwrap();
    std::fs::create_dir_all(dir.path().join("proj")).unwrap();
    files::create_private_dir(env.home.root()).unwrap();
    let clock = now::Clock::open().unwrap();
    let now = clock.now().unwrap();
    let tmux = std::env::var("SMOKE_TMUX").is_ok();
    let plan = Plan {
        schema_version: 1,
        id: "convoy-t-abcdef".parse().unwrap(),
        template: "t".parse().unwrap(),
        template_origin: Origin::BuiltIn,
        stamp: now::stamp(now.wall),
        project: dir.path().join("proj").into(),
        output_dir: dir.path().join("proj/out").into(),
        inputs: Inputs::default(),
        launcher: if tmux {
            Launcher::Tmux {
                program: PathBuf::from("/usr/bin/tmux").into(),
                socket: env.home.tmux_socket().into(),
            }
        } else {
            Launcher::Process
        },
        grace_ms: 1000,
        max_parallel: None,
        convoy_timeout_ms: 600000,
        budget_usd: None,
        prompts: BTreeMap::new(),
        agents: vec![
            agent("a", &[], "echo hi; cat > /dev/null; echo rep > $CONVOY_OUTPUT_FILE"),
            agent("b", &["a"], "sleep 0.2; echo rep > $CONVOY_OUTPUT_FILE"),
            agent("c", &["b"], "cat \"$CONVOY_PROMPT_FILE\" > $CONVOY_OUTPUT_FILE"),
        ],
    };
    let e = agent_environment::collect(&env, &plan);
    assert!(
        creation::create(&env.home, &creation::NewConvoy { plan: &plan, files: b"", env: &e }, &now).unwrap()
    );
    let t = std::time::Instant::now();
    println!(
        "{:?}",
        hand_over::hand_over(&env, &plan.id, config::Watch::Detach).map_err(|e| attend::chain(&e))
    );
    println!("handed {:?}", t.elapsed());
    let d = env.home.convoy(&plan.id);
    let w = attend::ConvoyWatch::new(&d).unwrap();
    loop {
        let s = store::read_state(&d).unwrap();
        if s.ended() {
            break;
        }
        if t.elapsed().as_secs() > 10 {
            break;
        }
        w.wait(std::time::Duration::from_secs(1));
    }
    println!("ended {:?}", t.elapsed());
    println!("{}", serde_json::to_string_pretty(&store::read_state(&d).unwrap()).unwrap());
    println!("{}", std::fs::read_to_string(d.events()).unwrap());
    println!("{:?}", std::fs::read_to_string(d.watch_log()));
    std::process::Command::new("ls").arg("-laR").arg(dir.path()).status().unwrap();
    std::process::Command::new("sh")
        .arg("-c")
        .arg(format!(
            "cat {}/h/convoys/*/c.1.prompt.md; tail -3 {}/h/convoys/*/*.log",
            dir.path().display(),
            dir.path().display()
        ))
        .status()
        .unwrap();
}
