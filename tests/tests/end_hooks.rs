//! What the user has run when a convoy ends: told of every end, at least once whoever
//! is killed, ended in time, and with no say in how the convoy ended.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base::ids::ConvoyId;
use base::process::ProcessId;
use convoy_tests::receiver::Receiver;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::{programs, wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::hooks::{self, Hook, How, Told};
use protocol::state::ConvoyStatus;
use serde_json::Value;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("good", &["review:a"]);
    sandbox.agent("bad", &["exit:3"]);
    sandbox.agent("sum", &["report"]);
    sandbox.agent("busy", &["hang"]);
    let review = "\"role\": \"a\", \"subagent\": \"good\", \"report\": \"findings\"";
    let bad = "\"role\": \"b\", \"subagent\": \"bad\", \"report\": \"findings\"";
    let sum = "\"role\": \"sum\", \"subagent\": \"sum\", \"dependsOn\": [\"a\"], \"report\": \"synthesis\"";
    sandbox.template("review", &[review, sum], "");
    sandbox.template("part", &[review, bad], "");
    sandbox.template("hang", &["\"role\": \"h\", \"subagent\": \"busy\""], "");
    sandbox
}

/// The user's configuration, with these lines in `[hooks]`.
fn hook(sandbox: &Sandbox, lines: &str) {
    let text = format!("launcher = \"process\"\ngrace = \"500ms\"\n[hooks]\n{lines}\n");
    fs::write(sandbox.home().config(), text).unwrap();
}

/// `on_end` as a script of the shell's.
fn on_end(script: &str) -> String {
    format!("on_end = [\"/bin/sh\", \"-c\", {}]", serde_json::to_string(script).unwrap())
}

/// Appends what it is told to `told`, a line each time.
fn telling(sandbox: &Sandbox) -> String {
    on_end(&format!("{{ cat; echo; }} >> '{}'", sandbox.path("told").display()))
}

fn told(sandbox: &Sandbox) -> Vec<Value> {
    let text = fs::read_to_string(sandbox.path("told")).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn until_done(sandbox: &Sandbox, id: &ConvoyId) -> Told {
    let dir = sandbox.dir_of(id);
    let end = sandbox.until_ended(id).completed_at.unwrap();
    let log = || fs::read_to_string(dir.watch_log()).unwrap_or_default();
    let shown = || format!("{:?}; {}; {:?}", hooks::read(&dir), log(), sandbox.described_processes());
    wait::until("the hooks are done", shown, || {
        hooks::read(&dir).unwrap().map(|told| told.of(end)).filter(|told| told.done)
    })
}

/// How each hook ended, and why.
fn outcomes(told: &Told) -> Vec<(Hook, How, &str)> {
    told.outcomes.iter().map(|outcome| (outcome.hook, outcome.how, outcome.detail.as_str())).collect()
}

fn until_there(path: &std::path::Path) -> String {
    let read = || fs::read_to_string(path).ok().filter(|text| text.ends_with('\n'));
    wait::until("it is there", || path.display().to_string(), read)
}

fn until_gone(pid: i32) {
    let lives = || ProcessId::of(pid).unwrap().is_some_and(ProcessId::is_living);
    wait::until("it is gone", || pid.to_string(), || (!lives()).then_some(()));
}

#[test]
fn a_hook_is_told_of_the_end_once_and_outside_of_the_project() {
    let sandbox = sandbox();
    let place = sandbox.path("place");
    let script = format!(
        "{{ cat; echo; }} >> '{}'; pwd > '{p}'; env >> '{p}'",
        sandbox.path("told").display(),
        p = place.display()
    );
    hook(&sandbox, &on_end(&script));
    let id = sandbox.start("review", &[]);
    let done = until_done(&sandbox, &id);
    assert_eq!(outcomes(&done), [(Hook::OnEnd, How::Done, "")]);
    let all = told(&sandbox);
    assert_eq!(all.len(), 1, "{all:?}");
    let event = &all[0];
    let state = sandbox.state(&id);
    assert_eq!(event["id"], id.as_str());
    assert_eq!(event["event"], "end");
    assert_eq!(event["status"], "completed");
    assert_eq!(event["attempt"], 1);
    assert_eq!(event["project"], sandbox.project().canonicalize().unwrap().to_str().unwrap());
    assert_eq!(event["completedAt"], state.completed_at.unwrap().to_string());
    assert_eq!(event["agents"].as_array().unwrap().len(), 2);
    assert_eq!(event["verdict"], "CHANGES_REQUESTED", "{event}");
    assert!(event["text"].as_str().unwrap().contains("CHANGES_REQUESTED: "), "{event}");
    for file in ["report", "findingsFile"] {
        assert!(PathBuf::from(event[file].as_str().unwrap()).is_file(), "{file}: {event}");
    }
    let text = fs::read_to_string(place).unwrap();
    assert!(text.starts_with("/\n"), "{text}");
    assert!(!text.contains("CONVOY_ATTEMPT") && !text.contains("PANOPTICON_CONVOY_"), "{text}");
    // Whoever looks afterwards finds nothing to do.
    sandbox.ok("convoy-watch", &["--all", "--once"]);
    sandbox.ok("convoy-watch", &[id.as_str()]);
    sandbox.ok("convoy-notify", &[id.short()]);
    sandbox.ok("convoy-ctl", &["resume", id.as_str()]);
    assert_eq!(told(&sandbox).len(), 1);
    let again = sandbox.run("convoy-notify", &[id.short(), "--again"]);
    assert!(again.status.success() && told(&sandbox).len() == 2, "{}", shown(&again));
    assert!(told(&sandbox)[1].get("problem").is_none());
    // A verdict that cannot be known is not one that was never asked for.
    fs::write(sandbox.dir_of(&id).plan(), "{").unwrap();
    sandbox.ok("convoy-notify", &[id.short(), "--again"]);
    let blind = &told(&sandbox)[2];
    assert!(blind["problem"].as_str().unwrap().contains("verdict is not known: "), "{blind}");
    assert!(blind["text"].as_str().unwrap().contains("verdict is not known: "), "{blind}");
    assert!(blind.get("verdict").is_none(), "{blind}");
    assert_eq!(told(&sandbox)[1]["delivery"], event["delivery"]);
}

#[test]
fn every_end_is_told_however_it_came() {
    let sandbox = sandbox();
    hook(&sandbox, &telling(&sandbox));
    let part = sandbox.start("part", &[]);
    until_done(&sandbox, &part);
    let hang = sandbox.start("hang", &[]);
    sandbox.ok("convoy-ctl", &["stop", hang.as_str()]);
    until_done(&sandbox, &hang);
    let words = |event: &Value| format!("{} {}", event["status"], event["reason"]).replace('"', "");
    let all: Vec<String> = told(&sandbox).iter().map(words).collect();
    assert_eq!(all, ["partial null", "failed stopped"]);
    // One that runs again ends again.
    sandbox.ok("convoy-ctl", &["retry", part.as_str()]);
    until_done(&sandbox, &part);
    let all = told(&sandbox);
    assert_eq!((all.len(), &all[2]["id"]), (3, &Value::from(part.as_str())));
    assert_ne!(all[0]["delivery"], all[2]["delivery"]);
    // While it runs nobody is told, and nobody can make it so.
    let hang = sandbox.start("hang", &[]);
    let out = sandbox.run("convoy-notify", &[hang.as_str(), "--again"]);
    assert_eq!(out.status.code(), Some(75), "{}", shown(&out));
    assert_eq!(told(&sandbox).len(), 3);
}

#[test]
fn a_hook_that_fails_changes_nothing_but_is_reported() {
    let sandbox = sandbox();
    hook(&sandbox, &on_end("echo first >&2; echo 'no mail today' >&2; exit 7"));
    let id = sandbox.start("review", &[]);
    let done = until_done(&sandbox, &id);
    let (_, how, why) = outcomes(&done)[0];
    assert!(how == How::Failed && why.contains('7') && why.contains("no mail today"), "{why}");
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    assert_eq!(sandbox.run("convoy-ctl", &["wait", id.as_str()]).status.code(), Some(0));
    let status = sandbox.ok("convoy-ctl", &["status", id.as_str()]);
    assert!(status.contains("the hook on_end failed") && status.contains("no mail today"), "{status}");
    // A program that is not there, and one that no one may run.
    for (words, why) in [("[\"no-such-program-1\"]", "no program"), ("[\"/etc/passwd\"]", "no program")] {
        hook(&sandbox, &format!("on_end = {words}"));
        let id = sandbox.start("review", &[]);
        let done = until_done(&sandbox, &id);
        assert!(outcomes(&done)[0].1 == How::Failed && outcomes(&done)[0].2.contains(why), "{done:?}");
    }
}

#[test]
fn a_hook_that_takes_too_long_is_ended_with_all_it_started() {
    let sandbox = sandbox();
    let pids = sandbox.path("pids");
    let script = format!("sleep 1000 & echo $! $$ > '{}'; wait", pids.display());
    hook(&sandbox, &format!("{}\ntimeout = \"700ms\"", on_end(&script)));
    let id = sandbox.start("review", &[]);
    let done = until_done(&sandbox, &id);
    assert_eq!(outcomes(&done), [(Hook::OnEnd, How::Failed, "it was ended after 700ms")]);
    for pid in until_there(&pids).split_whitespace() {
        until_gone(pid.parse().unwrap());
    }
}

/// A hook that notes who it is and hangs, until a file says that it need not.
fn hanging(sandbox: &Sandbox) -> String {
    on_end(&format!(
        "{{ cat; echo; }} >> '{}'; test -e '{}' && exit 0; echo $$ > '{}'; exec sleep 1000",
        sandbox.path("told").display(),
        sandbox.path("go").display(),
        sandbox.path("pid").display()
    ))
}

/// Kills whoever runs the hook, which goes with it.
fn kill_its_runner(sandbox: &Sandbox) {
    let hook: i32 = until_there(&sandbox.path("pid")).trim().parse().unwrap();
    fs::remove_file(sandbox.path("pid")).unwrap();
    let runners = sandbox.pids_of("convoy-notify");
    assert_eq!(runners.len(), 1, "{:?}", sandbox.described_processes());
    kill(Pid::from_raw(runners[0]), Signal::SIGKILL).unwrap();
    until_gone(runners[0]);
    until_gone(hook);
}

#[test]
fn a_hook_whose_runner_is_killed_is_run_again() {
    let sandbox = sandbox();
    let receiver = Receiver::answering(&[]);
    let webhook = format!("webhook = \"http://127.0.0.1:{}/x\"", receiver.port);
    hook(&sandbox, &format!("{}\n{webhook}", hanging(&sandbox)));
    let id = sandbox.start("review", &[]);
    sandbox.until_ended(&id);
    kill_its_runner(&sandbox);
    let status = sandbox.ok("convoy-ctl", &["status", id.as_str()]);
    assert!(status.contains("its hooks are not run yet: convoy-ctl resume"), "{status}");
    assert_eq!(sandbox.state(&id).status, ConvoyStatus::Completed);
    fs::write(sandbox.path("go"), "").unwrap();
    sandbox.ok("convoy-watch", &["--all", "--once"]);
    let done = until_done(&sandbox, &id);
    assert_eq!(done.tries, 2);
    assert_eq!(outcomes(&done), [(Hook::OnEnd, How::Done, ""), (Hook::Webhook, How::Done, "")]);
    let all = told(&sandbox);
    assert_eq!(all.len(), 2);
    assert_eq!((&all[0]["attempt"], &all[1]["attempt"]), (&Value::from(1), &Value::from(2)));
    assert_eq!(all[0]["delivery"], all[1]["delivery"], "by this a repetition is known");
    assert_eq!(receiver.posted().len(), 1);
}

#[test]
fn what_was_done_before_its_runner_was_killed_is_not_done_again() {
    let sandbox = sandbox();
    // It takes the webhook's event and never answers.
    let receiver = Receiver::answering(&[0]);
    let webhook = format!("webhook = \"http://127.0.0.1:{}/x\"", receiver.port);
    hook(&sandbox, &format!("{}\n{webhook}", telling(&sandbox)));
    let id = sandbox.start("review", &[]);
    sandbox.until_ended(&id);
    receiver.until_posted(1);
    assert_eq!(sandbox.kill_all("convoy-notify"), 1);
    wait::until("it is gone", String::new, || sandbox.pids_of("convoy-notify").is_empty().then_some(()));
    sandbox.ok("convoy-ctl", &["resume", "--all"]);
    let done = until_done(&sandbox, &id);
    assert_eq!(outcomes(&done), [(Hook::OnEnd, How::Done, ""), (Hook::Webhook, How::Done, "")]);
    assert_eq!((told(&sandbox).len(), receiver.posted().len()), (1, 2));
}

#[test]
fn a_hook_that_gets_its_runner_killed_is_given_up() {
    let sandbox = sandbox();
    hook(&sandbox, &hanging(&sandbox));
    let id = sandbox.start("review", &[]);
    sandbox.until_ended(&id);
    for _ in 0..3 {
        kill_its_runner(&sandbox);
        sandbox.ok("convoy-watch", &["--all", "--once"]);
    }
    let done = until_done(&sandbox, &id);
    assert_eq!(outcomes(&done), [(Hook::OnEnd, How::Failed, "given up: what ran it was killed 3 times")]);
    sandbox.ok("convoy-watch", &["--all", "--once"]);
    assert_eq!(told(&sandbox).len(), 3);
}

#[test]
fn a_scheduler_killed_right_after_the_end_leaves_its_hooks_to_the_next() {
    if !base::crash::ENABLED {
        programs::skipped("a scheduler killed right after the end: crash points are in debug builds only");
        return;
    }
    let sandbox = sandbox();
    hook(&sandbox, &telling(&sandbox));
    let id = sandbox.start("review", &["--watch", "none"]);
    let mut watcher = sandbox.command("convoy-watch");
    watcher.arg(id.as_str()).env("CONVOY_CRASH", "EndStored").stderr(Stdio::null());
    assert!(!watcher.status().unwrap().success());
    assert!(sandbox.state(&id).ended() && told(&sandbox).is_empty());
    sandbox.ok("convoy-watch", &["--all", "--once"]);
    until_done(&sandbox, &id);
    assert_eq!(told(&sandbox).len(), 1);
}

#[test]
fn many_schedulers_have_it_run_once() {
    let sandbox = sandbox();
    hook(&sandbox, &telling(&sandbox));
    let id = sandbox.start("hang", &[]);
    let watch = || sandbox.command("convoy-watch").arg(id.as_str()).stderr(Stdio::null()).spawn().unwrap();
    let watchers: Vec<_> = (0..6).map(|_| watch()).collect();
    sandbox.until_started(1);
    sandbox.ok("convoy-ctl", &["stop", id.as_str()]);
    for mut watcher in watchers {
        assert!(watcher.wait().unwrap().success());
    }
    until_done(&sandbox, &id);
    wait::until("all are gone", String::new, || sandbox.pids_of("convoy-notify").is_empty().then_some(()));
    assert_eq!(told(&sandbox).len(), 1);
}

#[test]
fn a_project_has_no_hooks() {
    let sandbox = sandbox();
    let evil = format!("[hooks]\non_end = [\"/bin/touch\", \"{}\"]\n", sandbox.path("evil").display());
    for name in [".convoy.toml", "config.toml", ".panopticon/config.toml"] {
        let path = sandbox.project().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &evil).unwrap();
    }
    let git = |words: &[&str]| {
        let mut command = Command::new("git");
        sandbox.surround(&mut command);
        command.args(["-c", "user.name=n", "-c", "user.email=e@x"]).args(words);
        assert!(command.output().unwrap().status.success());
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "x"]);
    let out = sandbox.run("convoy-start", &["review"]);
    let text = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success() || !text.contains("on_end"), "{}", shown(&out));
    if out.status.success() {
        let id: ConvoyId = String::from_utf8_lossy(&out.stdout).trim().parse().unwrap();
        sandbox.until_ended(&id);
        assert_eq!(hooks::read(&sandbox.dir_of(&id)).unwrap(), None);
    }
    wait::until("all are gone", String::new, || sandbox.pids_of("convoy-notify").is_empty().then_some(()));
    assert!(!sandbox.path("evil").exists());
    // Nor is a program of the project's found by a name in [hooks].
    let own = sandbox.project().join("mine");
    fs::write(&own, format!("#!/bin/sh\ntouch '{}'\n", sandbox.path("evil").display())).unwrap();
    fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(sandbox.project().join(".convoy.toml")).unwrap();
    hook(&sandbox, "on_end = [\"mine\"]");
    let mut start = sandbox.command("convoy-start");
    let out = start.arg("review").env("PATH", ".::/usr/bin:/bin").output().unwrap();
    let id: ConvoyId = String::from_utf8_lossy(&out.stdout).trim().parse().unwrap();
    let done = until_done(&sandbox, &id);
    assert_eq!(outcomes(&done)[0].1, How::Failed);
    let mut again = sandbox.command("convoy-notify");
    again.args([id.as_str(), "--again"]).env("PATH", ".::/usr/bin:/bin");
    assert_eq!(again.output().unwrap().status.code(), Some(1));
    assert!(!sandbox.path("evil").exists());
}

#[test]
fn a_webhook_is_sent_the_event_and_busy_servers_are_asked_again() {
    let sandbox = sandbox();
    let receiver = Receiver::answering(&[503, 429]);
    hook(&sandbox, &format!("webhook = \"http://127.0.0.1:{}/T0/s3cret?a=b\"", receiver.port));
    let id = sandbox.start("review", &[]);
    let done = until_done(&sandbox, &id);
    assert_eq!(outcomes(&done), [(Hook::Webhook, How::Done, "")]);
    let all = receiver.posted();
    assert_eq!(all.len(), 3);
    for posted in &all {
        assert_eq!((posted.method.as_str(), posted.path.as_str()), ("POST", "/T0/s3cret?a=b"));
        assert_eq!(posted.header("content-type"), "application/json");
        assert_eq!(posted.header("x-convoy-delivery"), posted.json["delivery"].as_str().unwrap());
        assert_eq!(posted.json["id"], id.as_str());
    }
}

#[test]
fn a_webhook_that_fails_is_reported_without_its_address() {
    let sandbox = sandbox();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = closed.local_addr().unwrap().port();
    drop(closed);
    for (answers, why, asked) in [
        (&[404][..], "the server answered 404", 1),
        (&[302][..], "the server answered 302, and redirects are not followed", 1),
        (&[500, 502, 503, 504][..], "(3 tries)", 3),
        (&[0, 0, 0][..], "no answer in time", 1),
        (&[][..], "refused", 0),
    ] {
        let receiver = Receiver::answering(answers);
        let port = if asked == 0 { gone } else { receiver.port };
        let limit = if answers.first() == Some(&0) { "500ms" } else { "60s" };
        hook(&sandbox, &format!("webhook = \"http://127.0.0.1:{port}/s3cret\"\ntimeout = \"{limit}\""));
        let id = sandbox.start("review", &[]);
        let done = until_done(&sandbox, &id);
        let (_, how, detail) = outcomes(&done)[0];
        assert!(how == How::Failed && detail.contains(why), "{why}: {detail}");
        assert_eq!(receiver.posted().len(), asked, "{why}");
        let status = sandbox.ok("convoy-ctl", &["status", id.as_str()]);
        assert!(status.contains("the hook webhook failed"), "{status}");
        let log = fs::read_to_string(sandbox.dir_of(&id).watch_log()).unwrap_or_default();
        assert!(!format!("{done:?}{status}{log}").contains("s3cret"), "{done:?} {log}");
    }
}

#[test]
fn a_desktop_is_notified_where_there_is_one() {
    let sandbox = sandbox();
    hook(&sandbox, "notify = true");
    let id = sandbox.start("review", &[]);
    let done = until_done(&sandbox, &id);
    let (_, how, why) = outcomes(&done)[0];
    assert!(how == How::Skipped && why.contains("no desktop"), "{done:?}");
    assert!(!sandbox.ok("convoy-ctl", &["status", id.as_str()]).contains("hook"), "it is no failure");
    let bin = sandbox.path("bin");
    fs::create_dir_all(&bin).unwrap();
    let out = sandbox.path("shown");
    // Written by another process: a child of another test may hold what this one writes open.
    let script = format!("#!/bin/sh\nfor word; do echo \"$word\"; done > '{}'\n", out.display());
    let mut write = Command::new("/bin/sh");
    write
        .args(["-c", "printf %s \"$1\" > \"$2\" && chmod 755 \"$2\"", "sh", &script])
        .arg(bin.join("notify-send"));
    assert!(write.status().unwrap().success());
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let mut again = sandbox.command("convoy-notify");
    again.args([id.as_str(), "--again"]).env("PATH", path).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x");
    let ended = again.output().unwrap();
    assert!(ended.status.success(), "{}", shown(&ended));
    let lines = fs::read_to_string(out).unwrap();
    assert!(lines.contains(&format!("--\nconvoy {id}\n{id} completed: CHANGES_REQUESTED")), "{lines}");
}

#[test]
fn hooks_that_cannot_be_run_are_said_before_anything_starts() {
    let sandbox = sandbox();
    hook(&sandbox, "on_end = \"mail me\"");
    let out = sandbox.run("convoy-start", &["review"]);
    assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
    assert!(String::from_utf8_lossy(&out.stderr).contains("config.toml:4:10"), "{}", shown(&out));
    // Programs of an installation without the one that runs hooks.
    hook(&sandbox, &telling(&sandbox));
    let bin = sandbox.path("programs");
    fs::create_dir_all(&bin).unwrap();
    for program in ["convoy-start", "convoy-agent", "convoy-merge", "convoy-watch"] {
        fs::copy(programs::dir().join(program), bin.join(program)).unwrap();
    }
    let mut start = Command::new("/bin/sh");
    sandbox.surround(&mut start);
    let program = bin.join("convoy-start");
    let out = start.args(["-c", "exec \"$0\" review"]).arg(program).output().unwrap();
    assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
    assert!(String::from_utf8_lossy(&out.stderr).contains("convoy-notify"), "{}", shown(&out));
    assert!(protocol::convoys::all_ids(&sandbox.home()).unwrap().is_empty());
}

/// A certificate for this machine, and the authority that signed it.
const CERTIFICATES: &str = r"
set -e
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca \
    -addext basicConstraints=critical,CA:TRUE
openssl req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=localhost
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' > ext
openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out leaf.pem
";

#[test]
fn a_webhook_goes_to_whom_the_systems_certificates_vouch_for_and_to_nobody_else() {
    if Command::new("openssl").arg("version").output().is_err() {
        programs::skipped("a webhook over TLS: openssl is not installed");
        return;
    }
    let sandbox = sandbox();
    let tls = sandbox.path("tls");
    fs::create_dir_all(&tls).unwrap();
    let made = Command::new("/bin/sh").args(["-c", CERTIFICATES]).current_dir(&tls).output().unwrap();
    assert!(made.status.success(), "{}", shown(&made));
    hook(&sandbox, "");
    let id = sandbox.start("review", &[]);
    sandbox.until_ended(&id);
    for is_trusted in [false, true] {
        let out = tls.join("said");
        let mut server = Command::new("openssl");
        sandbox.surround(&mut server);
        server.args(["s_server", "-accept", "127.0.0.1:0", "-cert", "leaf.pem", "-key", "leaf.key"]);
        server.args(["-naccept", "1"]).current_dir(&tls).stdin(Stdio::piped());
        server.stdout(fs::File::create(&out).unwrap()).stderr(Stdio::null());
        let mut server = server.spawn().unwrap();
        let mut answer = server.stdin.take().unwrap();
        std::io::Write::write_all(&mut answer, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
        let said = || fs::read_to_string(&out).unwrap_or_default();
        let port = wait::until("it listens", said, || {
            let text = said();
            let line = text.lines().find(|line| line.starts_with("ACCEPT"))?.to_owned();
            line.rsplit(':').next()?.parse::<u16>().ok()
        });
        hook(&sandbox, &format!("webhook = \"https://localhost:{port}/s3cret\""));
        let mut notify = sandbox.command("convoy-notify");
        notify.args([id.as_str(), "--again"]);
        if is_trusted {
            notify.env("SSL_CERT_FILE", tls.join("ca.pem"));
        }
        let ended = notify.output().unwrap();
        assert_eq!(ended.status.code(), Some(i32::from(!is_trusted)), "{}", shown(&ended));
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        if is_trusted {
            wait::until("it was received", said, || said().contains("\"event\":\"end\"").then_some(()));
            assert!(said().contains("POST /s3cret HTTP/1.1"), "{}", said());
        } else {
            assert!(told.contains("certificate") && !told.contains("tries"), "{told}");
            assert!(!told.contains("s3cret") && !said().contains("POST"), "{told} {}", said());
        }
        drop(answer);
        let _ = server.kill();
        server.wait().unwrap();
    }
}

#[test]
fn doctor_tells_whether_the_hooks_can_be_run() {
    let sandbox = sandbox();
    let hooks = |lines: &str| {
        hook(&sandbox, lines);
        let out = sandbox.run("convoy-ctl", &["doctor", "--json"]);
        let checks: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
        let found = checks.into_iter().filter(|check| check["what"] == "hooks");
        found.map(|check| (check["verdict"].clone(), check["found"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(hooks(""), []);
    assert_eq!(hooks(&on_end("true")), [("fine".into(), "on_end".into())]);
    let both = format!("{}\nwebhook = \"https://h.example/secret\"", on_end("true"));
    assert_eq!(hooks(&both), [("fine".into(), "on_end, webhook".into())], "an address is never shown");
    for missing in ["no-such-program-here", "/no/such/program"] {
        let wrong = format!("on_end: {missing} is not there, or cannot be run");
        assert_eq!(hooks(&format!("on_end = [\"{missing}\"]")), [("wrong".into(), wrong.into())]);
    }
}
