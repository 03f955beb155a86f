//! What is left of an attempt and where: no key in anything that is kept, no
//! report that is not the attempt's own, nothing open to others, and outputs a
//! user names written into whatever has the name.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use base::ids::ConvoyId;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use nix::sys::stat::Mode;
use protocol::outcome::{AgentStatus, Reason};
use protocol::state::ConvoyStatus;
use serde_json::json;

const KEY: &str = "sk-live-0123456789/abcdef";

/// A runner of this stream whose agents' commands are shell scripts.
fn runner(sandbox: &Sandbox, name: &str, stream: &str, report: &str) {
    let text = format!(
        "description = \"x\"\nprogram_from = \"command\"\nprompt = \"file\"\nstream = \"{stream}\"\n\
         report = \"{report}\"\nunconfined = true\npass_env = [\"THE_API_KEY\"]\n\n\
         [[arguments]]\nwords = [\"{{command...}}\"]\n"
    );
    fs::create_dir_all(sandbox.home().user_runners()).unwrap();
    fs::write(sandbox.home().user_runners().join(format!("{name}.toml")), text).unwrap();
}

fn script(sandbox: &Sandbox, name: &str, runner: &str, script: &str) {
    let command = json!(["/bin/sh", "-c", script]);
    let text =
        format!("---\nname: {name}\ndescription: x\nrunner: {runner}\ncommand: {command}\n---\nUse {KEY}.\n");
    fs::write(sandbox.home().user_agents().join(format!("{name}.md")), text).unwrap();
}

fn start(sandbox: &Sandbox, command: &mut Command) -> ConvoyId {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", shown(&out));
    let id = String::from_utf8(out.stdout).unwrap().trim().parse().unwrap();
    sandbox.until_ended(&id);
    id
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => all.extend(files(&entry.path())),
            kind if kind.is_file() => all.push(entry.path()),
            _ => {}
        }
    }
    all
}

/// Commands that print events, the key in two of them, cut here.
fn events(cut: usize) -> [(&'static str, String); 4] {
    let (a, b) = KEY.split_at(cut);
    let lines = |events: &[serde_json::Value]| {
        let lines: Vec<String> = events.iter().map(|event| format!("'{event}'")).collect();
        format!("printf '%s\\n' {}", lines.join(" "))
    };
    let piece =
        |text: &str| json!({ "type": "message", "role": "assistant", "content": text, "delta": true });
    let said = |text: &str| json!({ "type": "assistant", "message": { "content": [{ "type": "text", "text": text }] } });
    let message =
        |text: &str| json!({ "type": "item.completed", "item": { "type": "agent_message", "text": text } });
    let part = |text: &str| json!({ "type": "text", "part": { "text": text } });
    [
        (
            "claude-stream-json",
            lines(&[
                said(a),
                said(b),
                json!({ "type": "result", "is_error": false, "result": format!("# Said\n\n{KEY}\n") }),
            ]),
        ),
        (
            "codex-jsonl",
            lines(&[
                message(a),
                message(b),
                message(&format!("# Said {KEY}")),
                json!({ "type": "turn.completed" }),
            ]),
        ),
        (
            "gemini-stream-json",
            lines(&[
                piece("# Said "),
                piece(a),
                piece(b),
                piece(" end\n"),
                json!({ "type": "result", "status": "success" }),
            ]),
        ),
        (
            "opencode-jsonl",
            lines(&[
                part(a),
                part(b),
                part(&format!("# Said {KEY}")),
                json!({ "type": "step_finish", "part": { "reason": "stop" } }),
            ]),
        ),
    ]
}

#[test]
fn a_key_is_in_nothing_that_is_kept() {
    for cut in [1, 11, KEY.len() - 1] {
        let sandbox = Sandbox::new(Launcher::Process);
        let mut agents = Vec::new();
        let mut add = |name: &str, text: &str, more: &str| {
            script(&sandbox, name, name, text);
            agents.push(format!("\"role\": \"{name}\", \"subagent\": \"{name}\"{more}"));
        };
        for (stream, text) in events(cut) {
            runner(&sandbox, stream, stream, "final-message");
            add(stream, &text, "");
        }
        let (a, b) = KEY.split_at(cut);
        runner(&sandbox, "plain", "plain", "stdout");
        add(
            "plain",
            &format!(
                "printf '# Said %s' '{a}'; sleep 0.1; echo '{b}'; printf %s '{a}' >&2; sleep 0.1; echo '{b}' >&2"
            ),
            "",
        );
        runner(&sandbox, "file", "plain", "file");
        let written = KEY.replace('/', "\\\\u002f").replace('s', "\\\\u0073");
        let review = format!(
            "{{\"findings\": [{{\"title\": \"key {written} is open\", \"severity\": \"high\", \"file\": \"a.ts\", \"line\": 1, \"description\": \"it is {KEY}\"}}]}}"
        );
        add("file", &format!("printf '{review}' > $CONVOY_OUTPUT_FILE"), ", \"report\": \"findings\"");
        runner(&sandbox, "fails", "plain", "file");
        add("fails", &format!("printf %s '{a}' >&2; sleep 0.1; echo '{b}' >&2; exit 3"), "");
        let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
        sandbox.template("t", &agents, "\"outputDir\": \"out\"");
        let id = start(&sandbox, sandbox.command("convoy-start").args(["t"]).env("THE_API_KEY", KEY));
        let state = sandbox.state(&id);
        for agent in &state.agents {
            let want =
                if agent.role.as_str() == "fails" { AgentStatus::Failed } else { AgentStatus::Completed };
            assert_eq!(agent.status(), want, "{agent:?}");
        }
        let plan = sandbox.dir_of(&id).plan();
        let mut found = 0;
        for path in files(sandbox.home().root()).into_iter().chain(files(sandbox.project())) {
            // What the user wrote.
            if path == plan || path.starts_with(sandbox.home().user_agents()) {
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            let flat = text.replace("\\/", "/").replace("\\u002f", "/").replace("\\u0073", "s");
            assert!(!flat.contains(KEY), "{}: {text}", path.display());
            found += usize::from(text.contains("[THE_API_KEY]"));
        }
        assert!(found >= 12, "it was printed and hidden: {found}");
        let failed = sandbox.agent_state(&id, "fails").detail().unwrap_or_default().to_owned();
        assert!(failed.contains("[THE_API_KEY]"), "{failed}");
    }
}

fn published(sandbox: &Sandbox) -> Vec<PathBuf> {
    fs::read_dir(sandbox.project().join("out"))
        .map_or_else(|_| Vec::new(), |entries| entries.map(|entry| entry.unwrap().path()).collect())
}

#[test]
fn only_the_attempts_own_report_counts() {
    let why = |text: &str| {
        let sandbox = Sandbox::new(Launcher::Process);
        let other = sandbox.project().join("else");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("report.md"), "# Somebody else's\n").unwrap();
        runner(&sandbox, "r", "plain", "stdout");
        script(&sandbox, "one", "r", &format!("echo '# Said'; cd $CONVOY_PROJECT; {text}"));
        sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "\"outputDir\": \"out\"");
        let id = start(&sandbox, sandbox.command("convoy-start").arg("t"));
        let agent = sandbox.agent_state(&id, "one");
        assert_eq!(
            (agent.status(), agent.reason()),
            (AgentStatus::Failed, Some(Reason::BadReport)),
            "{text}"
        );
        assert_eq!(published(&sandbox), Vec::<PathBuf>::new());
        agent.detail().unwrap_or_default().to_owned()
    };
    let replaced = "its directory was replaced by another one";
    for (text, detail) in [
        ("rm -rf $CONVOY_OUTPUT_DIR; ln -s $PWD/else $CONVOY_OUTPUT_DIR", replaced),
        ("rm -rf $CONVOY_OUTPUT_DIR; mv else $CONVOY_OUTPUT_DIR", replaced),
        ("rm -rf $CONVOY_OUTPUT_DIR; cp else/report.md $CONVOY_OUTPUT_DIR", replaced),
        ("rm -rf $CONVOY_OUTPUT_DIR", "its directory was removed"),
        ("ln else/report.md $CONVOY_OUTPUT_FILE", "it is another file's second name"),
        ("ln -s else/report.md $CONVOY_OUTPUT_FILE", "it is a symbolic link"),
        ("mkfifo $CONVOY_OUTPUT_FILE", "not a regular file"),
        ("truncate -s 300M $CONVOY_OUTPUT_FILE", "it is larger than 256 MB"),
    ] {
        assert_eq!(why(text), detail, "{text}");
    }
}

#[test]
fn a_directory_laid_for_the_next_attempt_is_not_its_own() {
    let sandbox = Sandbox::new(Launcher::Process);
    runner(&sandbox, "r", "plain", "file");
    let text = "n=${CONVOY_OUTPUT_DIR%.1.out}.2.out; mkdir $n && echo '# Laid' > $n/report.md; exit 1";
    script(&sandbox, "one", "r", text);
    sandbox.template(
        "t",
        &["\"role\": \"one\", \"subagent\": \"one\", \"retries\": 1"],
        "\"outputDir\": \"out\"",
    );
    let id = start(&sandbox, sandbox.command("convoy-start").arg("t"));
    let agent = sandbox.agent_state(&id, "one");
    assert_eq!((agent.attempt, agent.status()), (2, AgentStatus::Failed));
    assert!(agent.detail().is_some_and(|why| why.contains("file exists")));
    assert_eq!(published(&sandbox), Vec::<PathBuf>::new());
}

#[test]
fn nothing_is_open_to_others_whatever_the_umask() {
    let sandbox = Sandbox::new(Launcher::Process);
    fs::write(sandbox.project().join("a.py"), "eval(input())\n").unwrap();
    let mut command = sandbox.command("convoy-start");
    command.args(["code-review", "--runner", "builtin", "--files", "a.py"]);
    #[expect(unsafe_code, reason = "umask is a system call, which is what pre_exec allows")]
    // SAFETY: it allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(|| {
            nix::sys::stat::umask(Mode::empty());
            Ok(())
        });
    }
    let id = start(&sandbox, &mut command);
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    for path in files(&sandbox.home().convoys()) {
        let mode = fs::metadata(&path).unwrap().mode();
        assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
    }
    let dir = sandbox.state(&id).output_dir;
    for path in files(dir.as_path()).iter().map(PathBuf::as_path).chain([dir.as_path()]) {
        let mode = fs::metadata(path).unwrap().mode();
        assert_eq!(mode & 0o022, 0, "{} is {mode:o}", path.display());
    }
}

#[test]
fn what_killed_publishers_left_is_removed_at_the_end() {
    let sandbox = Sandbox::new(Launcher::Process);
    let gate = sandbox.path("go");
    sandbox.agent("one", &[&format!("until:{}", gate.display()), "report"]);
    sandbox.template("t", &["\"role\": \"one\", \"subagent\": \"one\""], "\"outputDir\": \"out\"");
    let id = sandbox.start("t", &[]);
    sandbox.until_started(1);
    let mut gone = Command::new("/bin/true").spawn().unwrap();
    gone.wait().unwrap();
    let plan = protocol::plan::Plan::read(&sandbox.dir_of(&id)).unwrap();
    let out = sandbox.project().join("out");
    fs::create_dir_all(&out).unwrap();
    for role in ["one", "two"] {
        let name = format!(".{}-{}-{role}.md.{}-0.tmp", plan.stamp, id.short(), gone.id());
        fs::write(out.join(name), "half").unwrap();
    }
    fs::write(out.join(".of-somebody-else.1-0.tmp"), "").unwrap();
    fs::write(&gate, "").unwrap();
    sandbox.until_ended(&id);
    let left =
        || published(&sandbox).into_iter().filter(|path| path.to_string_lossy().contains("-0.tmp")).count();
    convoy_tests::wait::until(
        "the leavings are gone",
        || format!("{:?}", published(&sandbox)),
        || (left() == 1).then_some(()),
    );
}

#[test]
fn a_lock_is_not_left_of_what_is_no_convoy() {
    let sandbox = Sandbox::new(Launcher::Process);
    fs::create_dir_all(sandbox.home().convoys()).unwrap();
    let lock = sandbox.home().convoys().join("convoy-gone-222222.lock");
    fs::write(&lock, "").unwrap();
    sandbox.ok("convoy-ctl", &["prune"]);
    assert!(!lock.exists());
}

/// Commands that write a file the user names; its name follows.
fn writers(sandbox: &Sandbox) -> Vec<(&'static str, Vec<&'static str>)> {
    fs::create_dir_all(sandbox.project().join("x")).unwrap();
    fs::write(sandbox.project().join("x/a.py"), "eval(input())\n").unwrap();
    fs::write(sandbox.project().join("r.md"), "# r\n\nNo findings.\n").unwrap();
    vec![
        ("convoy-lint", vec!["x", "-o"]),
        ("convoy-merge", vec!["r.md", "-o"]),
        ("convoy-merge", vec!["r.md", "--format", "json", "-o"]),
        ("convoy-ctl", vec!["inventory", "-o"]),
        ("convoy-ctl", vec!["health", "-o"]),
    ]
}

#[test]
fn outputs_go_into_whatever_has_the_name() {
    let sandbox = Sandbox::new(Launcher::Process);
    let at = |name: &str| sandbox.project().join(name);
    for (program, words) in writers(&sandbox) {
        let write = |name: &str| {
            let out = sandbox.run(program, &[&words[..], &[name]].concat());
            assert!(out.status.success(), "{program} {words:?} {name}: {}", shown(&out));
            out.stdout
        };
        for old in ["real", "link", "pipe", "all.log"] {
            let _ = fs::remove_file(at(old));
        }
        write("real");
        let text = fs::read(at("real")).unwrap();
        assert!(!text.is_empty());
        fs::write(at("real"), "old").unwrap();
        fs::set_permissions(at("real"), Permissions::from_mode(0o640)).unwrap();
        symlink("real", at("link")).unwrap();
        write("link");
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink(), "{program}");
        assert_eq!(fs::metadata(at("real")).unwrap().mode() & 0o777, 0o640, "{program}");
        assert_ne!(fs::read(at("real")).unwrap(), b"old", "{program}");
        write("/dev/null");
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device(), "{program}");
        assert!(!write("/dev/stdout").is_empty(), "{program}");
        // What stands in the file already stays there.
        fs::write(at("all.log"), "before\n").unwrap();
        let log = OpenOptions::new().append(true).open(at("all.log")).unwrap();
        let mut command = sandbox.command(program);
        command.args(&words).arg("/dev/stdout").stdout(log);
        assert!(command.status().unwrap().success());
        let all = fs::read_to_string(at("all.log")).unwrap();
        assert!(all.starts_with("before\n") && all.len() > 8, "{program}: {all}");
        nix::unistd::mkfifo(&at("pipe"), Mode::S_IRWXU).unwrap();
        let reader = std::thread::spawn({
            let pipe = at("pipe");
            move || fs::read(pipe).unwrap()
        });
        write("pipe");
        assert!(!reader.join().unwrap().is_empty(), "{program}");
        assert!(fs::symlink_metadata(at("pipe")).unwrap().file_type().is_fifo(), "{program}");
        for bad in ["/dev/full", "x", "none/out"] {
            let out = sandbox.run(program, &[&words[..], &[bad]].concat());
            assert_eq!(out.status.code(), Some(5), "{program} {bad}: {}", shown(&out));
            assert!(!out.stderr.is_empty());
        }
        let left: Vec<PathBuf> =
            fs::read_dir(sandbox.project()).unwrap().map(|e| e.unwrap().path()).collect();
        assert!(!left.iter().any(|path| path.to_string_lossy().ends_with(".tmp")), "{left:?}");
    }
}
