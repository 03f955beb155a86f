//! Hostile surroundings: what machines, projects and people put around a convoy.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use convoy_tests::disk::SmallDisk;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{ledger, wait};
use protocol::outcome::Reason;
use protocol::state::ConvoyStatus;

fn simple(sandbox: &Sandbox) {
    sandbox.agent("one", &["report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "");
}

#[test]
fn a_users_tmux_conf_changes_nothing() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    let conf = "set -g base-index 5\nset -g pane-base-index 3\nset -g remain-on-exit on\nset -g destroy-unattached on\n\
                set -g default-command 'false'\nset -g default-shell /bin/false\nrun-shell 'sleep 5'\nset -g exit-empty off\n";
    fs::write(sandbox.path(".tmux.conf"), conf).unwrap();
    fs::create_dir_all(sandbox.path(".config/tmux")).unwrap();
    fs::write(sandbox.path(".config/tmux/tmux.conf"), conf).unwrap();
    simple(&sandbox);
    let id = sandbox.start("t", &[]);
    assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Completed);
    wait::until(
        "the tmux server is gone",
        || format!("{:?}", sandbox.processes()),
        || sandbox.pids_of("tmux").is_empty().then_some(()),
    );
}

/// A runner of the user whose command tells where it is and what is there, and
/// fails the first time.
fn telling_runner(sandbox: &Sandbox, cwd: &str) {
    fs::create_dir_all(sandbox.home().user_runners()).unwrap();
    let script = "pwd; ls -A; git rev-parse --show-toplevel; touch left; test -e $CONVOY_OUTPUT_DIR/../again || \
                  { touch $CONVOY_OUTPUT_DIR/../again; exit 1; }";
    let runner = format!(
        "description = \"tells\"\nprogram = \"sh\"\n{cwd}prompt = \"file\"\nreport = \"stdout\"\n\
         [[arguments]]\nwords = [\"-c\", '''{script}''', \"{{cwd}}\"]\n"
    );
    // Braces of the shell are none of the runner's.
    fs::write(sandbox.home().user_runner(&"tells".parse().unwrap()), runner).unwrap();
    let agent = "---\nname: teller\ndescription: d\nrunner: tells\n---\nTell.\n";
    fs::write(sandbox.home().user_agents().join("teller.md"), agent).unwrap();
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"teller\", \"retries\": 1"], "");
}

#[test]
fn a_command_starts_where_its_runner_says() {
    for (cwd, own) in [("", false), ("cwd = \"project\"\n", false), ("cwd = \"own\"\n", true)] {
        let sandbox = Sandbox::new(Launcher::Process);
        telling_runner(&sandbox, cwd);
        // Nothing is found above: neither a repository of the home, nor the project's.
        for dir in [sandbox.path(""), sandbox.project().to_path_buf()] {
            let mut git = Command::new("git");
            sandbox.surround(&mut git);
            assert!(git.args(["init", "-q"]).current_dir(dir).status().unwrap().success());
        }
        let plan = sandbox.ok("convoy-start", &["t", "--dry-run"]);
        assert!(
            plan.contains(if own { "starts   in an empty" } else { "starts   in the project" }),
            "{plan}"
        );
        let id = sandbox.start("t", &[]);
        let state = sandbox.until_ended(&id);
        assert_eq!(state.status, ConvoyStatus::Completed, "{state:?}");
        let report = state.agents[0].output_file().unwrap().as_path();
        let said = fs::read_to_string(report).unwrap();
        let dir = sandbox.dir_of(&id);
        let prompt = fs::read_to_string(dir.attempt(&"one".parse().unwrap(), 2).prompt()).unwrap();
        if own {
            // What the first attempt left is gone, and the place is the same.
            let place = dir.cli_cwd(&"one".parse().unwrap());
            assert_eq!(said, format!("{}\n", place.display()));
            assert!(prompt.contains("working directory is another one"), "{prompt}");
        } else {
            let project = sandbox.project().display().to_string();
            assert!(
                said.starts_with(&format!("{project}\n")) && said.ends_with(&format!("{project}\n")),
                "{said}"
            );
            assert!(prompt.contains("Project, and your working directory"), "{prompt}");
        }
    }
}

#[test]
fn project_paths_are_bytes() {
    let names: [&[u8]; 5] = [
        b"with space",
        b"quo'te\"s",
        b"$(touch x)`touch y`;touch z",
        b"new\nline",
        b"not \xff\xfe utf-8 #{pane_id} %H",
    ];
    for (n, name) in names.into_iter().enumerate() {
        let launcher = if n % 2 == 0 { Launcher::Tmux } else { Launcher::Process };
        let sandbox = Sandbox::with_project(launcher, Path::new(OsStr::from_bytes(name)));
        fs::write(sandbox.project().join(OsStr::from_bytes(b"a\xff b.py")), "x = eval(input())\n").unwrap();
        simple(&sandbox);
        let id = sandbox.start("t", &["--files", "."]);
        let state = sandbox.until_ended(&id);
        assert_eq!(state.status, ConvoyStatus::Completed, "{name:?}: {state:?}");
        let report = state.agents[0].output_file().unwrap().as_path();
        assert!(report.starts_with(sandbox.project()) && report.is_file(), "{report:?}");
        assert_eq!(state.context.project_path.as_path(), sandbox.project());
        let entries: Vec<_> =
            fs::read_dir(sandbox.project()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(entries.len(), 2, "nothing was run by a shell: {entries:?}");
        let screen = sandbox.ok("convoy-ctl", &["status", id.short()]);
        assert!(!screen.contains('\u{1b}') && screen.contains("completed"), "{screen}");
    }
}

#[test]
fn a_bare_environment_is_enough() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    simple(&sandbox);
    let mut start = Command::new(convoy_tests::programs::dir().join("convoy-start"));
    start.env_clear().env("PANOPTICON_HOME", sandbox.home().root()).arg("t").current_dir(sandbox.project());
    let out = start.output().unwrap();
    assert!(out.status.success(), "{}", shown(&out));
    let id = String::from_utf8(out.stdout).unwrap().trim().parse().unwrap();
    assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Completed);
}

#[test]
fn without_tmux_agents_run_without_terminals() {
    let sandbox = Sandbox::new(Launcher::Process);
    fs::remove_file(sandbox.home().config()).unwrap();
    simple(&sandbox);
    let out = sandbox.command("convoy-start").arg("t").env("PATH", sandbox.path("nowhere")).output().unwrap();
    assert!(out.status.success(), "{}", shown(&out));
    assert!(String::from_utf8_lossy(&out.stderr).contains("tmux"), "it says so: {}", shown(&out));
    let id = String::from_utf8(out.stdout).unwrap().trim().parse().unwrap();
    assert_eq!(sandbox.until_ended(&id).status, ConvoyStatus::Completed);
}

#[test]
fn a_long_state_directory_has_a_short_socket() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    simple(&sandbox);
    let home = sandbox.path(&"long-".repeat(30));
    fs::create_dir_all(&home).unwrap();
    for name in ["agents", "convoy-templates", "config.toml"] {
        std::os::unix::fs::symlink(sandbox.home().root().join(name), home.join(name)).unwrap();
    }
    let run = |program: &str, arguments: &[&str]| {
        let out = sandbox.command(program).args(arguments).env("PANOPTICON_HOME", &home).output().unwrap();
        assert!(out.status.success(), "{}", shown(&out));
        String::from_utf8(out.stdout).unwrap()
    };
    let id = run("convoy-start", &["t"]);
    run("convoy-ctl", &["wait", id.trim()]);
    let text = fs::read_to_string(home.join(format!("convoys/{}.json", id.trim()))).unwrap();
    assert!(text.contains("\"pane\":\"%"), "it ran in a pane: {text}");
}

#[test]
fn bad_states_among_good_ones() {
    let sandbox = Sandbox::new(Launcher::Process);
    simple(&sandbox);
    let id = sandbox.start("t", &[]);
    sandbox.until_ended(&id);
    let convoys = sandbox.home().convoys();
    fs::write(convoys.join("convoy-t-torn22.json"), "{\"schemaVersion\": 1, \"id\"").unwrap();
    fs::write(convoys.join("convoy-t-newer2.json"), "{\"schemaVersion\": 99, \"id\": \"convoy-t-newer2\"}")
        .unwrap();
    let legacy =
        "{\"id\": \"convoy-t-legacy\", \"template\": \"t\", \"status\": \"running\", \"agents\": []}";
    fs::write(convoys.join("convoy-t-legacy.json"), legacy).unwrap();
    let list = sandbox.ok("convoy-ctl", &["list"]);
    for word in ["torn22", "newer2", "legacy", id.short()] {
        assert!(list.contains(word), "{word} is listed: {list}");
    }
    for (name, code) in [("torn22", 5), ("newer2", 5), ("legacy", 5), ("nobody", 4)] {
        assert_eq!(sandbox.run("convoy-ctl", &["status", name]).status.code(), Some(code), "{name}");
    }
    let out = sandbox.run("convoy-watch", &["--all", "--once"]);
    assert_eq!(out.status.code(), Some(5), "told: {}", shown(&out));
    let next = sandbox.start("t", &["--watch", "none"]);
    sandbox.run("convoy-watch", &["--all"]);
    assert_eq!(sandbox.state(&next).status, ConvoyStatus::Completed, "the good ones go on");
    assert_eq!(fs::read_to_string(convoys.join("convoy-t-legacy.json")).unwrap(), legacy, "never changed");
    sandbox.ok("convoy-ctl", &["prune", "--older-than", "1ms"]);
    assert!(convoys.join("convoy-t-torn22.json").exists() && convoys.join("convoy-t-legacy.json").exists());
    assert!(!convoys.join(format!("{id}.json")).exists());
}

#[test]
fn a_state_directory_that_cannot_be_written() {
    let sandbox = Sandbox::new(Launcher::Process);
    simple(&sandbox);
    let out =
        sandbox.command("convoy-start").arg("t").env("PANOPTICON_HOME", "/proc/panopticon").output().unwrap();
    assert!(!out.status.success());
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains("convoy-start: ") && !said.contains("panicked"), "{said}");
}

#[test]
fn a_full_disk_delays_and_loses_nothing() {
    let sandbox = Sandbox::new(Launcher::Process);
    let home = sandbox.path("small");
    let Some(small) = SmallDisk::mount(&home, "256k") else { return };
    let go = sandbox.path("go");
    sandbox.agent("one", &["report", &format!("until:{}", go.display())]);
    sandbox.agent("two", &["report"]);
    sandbox.template(
        "t",
        &[
            "\"role\": \"one\", \"subagent\": \"one\"",
            "\"role\": \"two\", \"subagent\": \"two\", \"dependsOn\": [\"one\"]",
        ],
        "",
    );
    for name in ["agents", "convoy-templates", "config.toml"] {
        std::os::unix::fs::symlink(sandbox.home().root().join(name), home.join(name)).unwrap();
    }
    let out = sandbox.command("convoy-start").arg("t").env("PANOPTICON_HOME", &home).output().unwrap();
    assert!(out.status.success(), "{}", shown(&out));
    let id: base::ids::ConvoyId = String::from_utf8(out.stdout).unwrap().trim().parse().unwrap();
    sandbox.until_started(1);
    wait::until("its report is written", String::new, || {
        let report =
            protocol::layout::Home::new(&home).convoy(&id).attempt(&"one".parse().unwrap(), 1).report();
        report.exists().then_some(())
    });
    small.fill();
    fs::write(&go, "").unwrap();
    let dir = protocol::layout::Home::new(&home).convoy(&id);
    let status = || protocol::store::read_state(&dir).map(|state| state.status);
    wait::pause(Duration::from_millis(1500));
    assert!(matches!(status(), Ok(ConvoyStatus::Running)), "{:?}", status());
    small.make_room();
    wait::until(
        "the convoy has ended",
        || format!("{:?}", status()),
        || matches!(status(), Ok(ConvoyStatus::Completed)).then_some(()),
    );
    ledger::assert_no_attempt_twice(&sandbox.ledger());
}

#[test]
fn the_wall_clock_decides_nothing() {
    // The clock of the machine cannot be set here; what the state says of wall
    // times can: an hour back and forward while the convoy runs.
    let sandbox = Sandbox::new(Launcher::Process);
    let go = sandbox.path("go");
    sandbox.agent("slow", &[&format!("until:{}", go.display()), "report"]);
    sandbox.template(
        "t",
        &["\"role\": \"slow\", \"subagent\": \"slow\", \"timeout\": \"30s\""],
        "\"convoyTimeout\": \"40s\"",
    );
    let id = sandbox.start("t", &["--watch", "none"]);
    sandbox.until_started(1);
    for hours in [-1, 1] {
        let mut store = protocol::store::Store::new(sandbox.dir_of(&id));
        let mut held = store.hold().unwrap();
        let mut state = held.state().unwrap().clone();
        let shift = jiff::SignedDuration::from_hours(hours);
        state.started_at += shift;
        for agent in &mut state.agents {
            agent.started_at = agent.started_at.map(|at| at + shift);
        }
        held.replace(state, jiff::Timestamp::now()).unwrap();
        drop(held);
        sandbox.ok("convoy-watch", &["--all", "--once"]);
        assert_eq!(sandbox.state(&id).agents[0].reason(), None::<Reason>, "no false timeout");
    }
    fs::write(go, "").unwrap();
    sandbox.ok("convoy-watch", &["--all"]);
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
}

#[test]
fn output_into_a_closed_pipe_is_quiet() {
    let sandbox = Sandbox::new(Launcher::Process);
    simple(&sandbox);
    let id = sandbox.start("t", &[]);
    sandbox.until_ended(&id);
    let ctl = convoy_tests::programs::dir().join("convoy-ctl");
    for verb in ["status", "events", "output", "list"] {
        let target = if verb == "list" { "" } else { id.as_str() };
        let line = format!(
            "'{}' {verb} {target} 2>&1 >/dev/full; '{}' {verb} {target} | true",
            ctl.display(),
            ctl.display()
        );
        let mut shell = Command::new("sh");
        sandbox.surround(&mut shell);
        let out = shell.args(["-c", &line]).output().unwrap();
        assert!(!String::from_utf8_lossy(&out.stderr).contains("panicked"), "{}", shown(&out));
    }
}

/// tmux with a note of each time a server is asked for something.
fn noted_tmux(sandbox: &Sandbox) -> std::path::PathBuf {
    let (bin, notes) = (sandbox.path("bin"), sandbox.path("asked"));
    fs::create_dir(&bin).unwrap();
    let tmux = bin.join("tmux");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *-S*) echo \"$*\" >> {};; esac\nPATH=/usr/local/bin:/usr/bin:/bin exec tmux \"$@\"\n",
        notes.display()
    );
    let mut cat = Command::new("sh");
    cat.args(["-c", "printf %s \"$1\" > \"$0\" && chmod +x \"$0\""]).arg(&tmux).arg(script);
    assert!(cat.status().unwrap().success());
    notes
}

#[test]
fn a_tmux_server_that_hangs_costs_one_wait() {
    let sandbox = Sandbox::new(Launcher::Tmux);
    let (notes, go) = (noted_tmux(&sandbox), sandbox.path("go"));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", sandbox.path("bin").display());
    let start = |template: &str| {
        let begin = Instant::now();
        let out = sandbox.command("convoy-start").arg(template).env("PATH", &path).output().unwrap();
        assert!(out.status.success(), "{}", shown(&out));
        let id: base::ids::ConvoyId = String::from_utf8(out.stdout).unwrap().trim().parse().unwrap();
        (id, begin.elapsed())
    };
    sandbox.agent("one", &["report"]);
    sandbox.agent("loud", &[&format!("until:{}", go.display()), "megabytes", "report"]);
    sandbox.agent("hang", &["hang"]);
    sandbox.template("loud", &["\"role\": \"a\", \"subagent\": \"loud\""], "");
    sandbox.template("hang", &["\"role\": \"a\", \"subagent\": \"hang\""], "");
    let five: Vec<String> = (0..5).map(|n| format!("\"role\": \"a{n}\", \"subagent\": \"one\"")).collect();
    sandbox.template("t", &five.iter().map(String::as_str).collect::<Vec<_>>(), "");
    let ((loud, _), (hang, _)) = (start("loud"), start("hang"));
    sandbox.until_started(2);
    let servers = sandbox.pids_of("tmux");
    let stop = |signal| {
        for pid in &servers {
            nix::sys::signal::kill(nix::unistd::Pid::from_raw(*pid), signal).unwrap();
        }
    };
    stop(nix::sys::signal::Signal::SIGSTOP);
    fs::write(&notes, "").unwrap();
    let (id, took) = start("t");
    assert!(took < Duration::from_secs(30), "{took:?}");
    let state = sandbox.until_ended(&id);
    assert_eq!(state.status, ConvoyStatus::Completed);
    assert!(state.agents.iter().all(|agent| agent.attempt == 1), "{state:?}");
    let asked = fs::read_to_string(&notes).unwrap();
    assert_eq!(asked.lines().count(), 1, "of all launches one was tried: {asked}");
    // Those that run in it go on, and are steered.
    fs::write(&go, "").unwrap();
    assert_eq!(sandbox.until_ended(&loud).status, ConvoyStatus::Completed);
    for words in [
        &["stop", hang.as_str()][..],
        &["list"],
        &["status", hang.as_str()],
        &["health"],
        &["rm", hang.as_str()],
        &["prune", "--older-than", "1ms"],
    ] {
        let begin = Instant::now();
        let out = sandbox.run("convoy-ctl", words);
        assert!(out.status.success(), "{words:?}: {}", shown(&out));
        assert!(begin.elapsed() < Duration::from_secs(30), "{words:?} took {:?}", begin.elapsed());
    }
    let doctor = String::from_utf8(sandbox.run("convoy-ctl", &["doctor"]).stdout).unwrap();
    assert!(doctor.contains("does not answer"), "{doctor}");
    stop(nix::sys::signal::Signal::SIGCONT);
}
