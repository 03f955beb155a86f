//! Looking at convoys and steering them, as people and scripts do it:
//! standard output, exit codes, refusals.

use std::io::Write;
use std::process::{Output, Stdio};

use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use predicates::Predicate;
use predicates::str::contains;

const REVIEW: &str = "\"role\": \"a\", \"subagent\": \"good\", \"report\": \"findings\"";
const BAD: &str = "\"role\": \"b\", \"subagent\": \"bad\", \"report\": \"findings\"";
const SUM: &str =
    "\"role\": \"sum\", \"subagent\": \"sum\", \"dependsOn\": [\"a\"], \"report\": \"synthesis\"";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    sandbox.agent("good", &["print:reading\n", "review:a"]);
    sandbox.agent("bad", &["exit:3"]);
    sandbox.agent("sum", &["report"]);
    sandbox.agent("hang", &["hang"]);
    sandbox.template("all", &[REVIEW, SUM], "");
    sandbox.template("part", &[REVIEW, BAD, SUM], "");
    sandbox.template("none", &[BAD], "");
    sandbox.template("hang", &["\"role\": \"h\", \"subagent\": \"hang\""], "");
    sandbox
}

fn says(out: &Output, code: i32, stdout: &str, stderr: &str) {
    assert_eq!(out.status.code(), Some(code), "{}", shown(out));
    assert!(contains(stdout).eval(&String::from_utf8_lossy(&out.stdout)), "{stdout:?}: {}", shown(out));
    assert!(contains(stderr).eval(&String::from_utf8_lossy(&out.stderr)), "{stderr:?}: {}", shown(out));
}

#[test]
fn the_exit_code_of_wait_is_the_verdict() {
    let sandbox = sandbox();
    let ctl = |words: &[&str]| sandbox.run("convoy-ctl", words);
    let all = sandbox.start("all", &[]);
    says(&ctl(&["wait", all.as_str()]), 0, "", "");
    let part = sandbox.start("part", &[]);
    says(&ctl(&["wait", part.short()]), 3, "", "ended in part; b: exit code 3");
    let none = sandbox.start("none", &[]);
    says(&ctl(&["wait", "latest"]), 1, "", "failed; b: exit code 3");
    says(&ctl(&["wait", all.as_str(), none.as_str(), part.as_str()]), 1, "", "");
    let hang = sandbox.start("hang", &[]);
    says(&ctl(&["wait", "--timeout", "100ms"]), 124, "", "has not ended in time");
    says(&ctl(&["stop", hang.as_str()]), 0, "", "stopped");
    says(&ctl(&["wait", hang.as_str()]), 1, "", "was stopped");
    // Ids on standard input, as `convoy-start` prints them.
    let mut child = sandbox.command("convoy-ctl").args(["wait", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    write!(child.stdin.take().unwrap(), "{all}\n{part}\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn reports_logs_and_events_are_printed() {
    let sandbox = sandbox();
    let ctl = |words: &[&str]| sandbox.run("convoy-ctl", words);
    let id = sandbox.start("part", &[]);
    sandbox.until_ended(&id);
    says(&ctl(&["output", id.short(), "a"]), 0, "# ", "");
    says(&ctl(&["output", "--role", "a"]), 0, "# ", "");
    says(&ctl(&["output", id.short()]), 0, "All is well", "");
    says(&ctl(&["output", id.short(), "nobody"]), 4, "", "it has a, b, sum");
    says(&ctl(&["output", id.short(), "b"]), 1, "", "b");
    says(&ctl(&["logs", id.short(), "a"]), 0, "reading", "");
    says(&ctl(&["logs", id.short(), "sum"]), 0, "", "sum printed nothing");
    says(&ctl(&["logs", "-f", id.short(), "a"]), 0, "reading", "");
    says(&ctl(&["events", id.short()]), 0, "completed", "");
    says(&ctl(&["events", "-f", id.short()]), 0, "partial", "");
    says(&ctl(&["graph", id.short(), "--format", "dot"]), 0, "digraph", "");
    says(&ctl(&["graph", id.short(), "--format", "mermaid"]), 0, "-->", "");
    for format in
        ["md", "json", "sarif", "rdjson", "rdjsonl", "gitlab", "checkstyle", "junit", "github", "csv", "html"]
    {
        says(&ctl(&["findings", id.short(), "--format", format]), 0, "", "");
    }
    let state: serde_json::Value =
        serde_json::from_slice(&ctl(&["status", id.short(), "--json"]).stdout).unwrap();
    assert_eq!((&state["status"], &state["agents"][1]["reason"]), (&"partial".into(), &"exit-code".into()));
}

#[test]
fn lists_are_filtered_and_empty_ones_are_lists() {
    let sandbox = sandbox();
    let ctl = |words: &[&str]| sandbox.run("convoy-ctl", words);
    says(&ctl(&["list", "--json"]), 0, "[]", "");
    says(&ctl(&["status"]), 4, "", "hint: ");
    let done = sandbox.start("all", &[]);
    let failed = sandbox.start("none", &[]);
    for id in [&done, &failed] {
        sandbox.until_ended(id);
    }
    let ids = |words: &[&str]| {
        let out = ctl(words);
        let listed: serde_json::Value =
            serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", shown(&out)));
        let ids = listed.as_array().unwrap().iter().map(|state| state["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&["list", "--json"]), [failed.to_string(), done.to_string()], "newest first");
    assert_eq!(ids(&["list", "--json", "--status", "failed"]), [failed.to_string()]);
    assert_eq!(ids(&["list", "--json", "--template", "all"]), [done.to_string()]);
    says(&ctl(&["list", "--status", "broken"]), 2, "", "possible values");
}

#[test]
fn what_runs_is_neither_removed_nor_opened_again() {
    let sandbox = sandbox();
    let ctl = |words: &[&str]| sandbox.run("convoy-ctl", words);
    let hang = sandbox.start("hang", &[]);
    let id = hang.as_str();
    for verb in ["rm", "retry", "synthesize"] {
        says(&ctl(&[verb, id]), 75, "", "running");
    }
    says(&ctl(&["prune", "--older-than", "1ms"]), 0, "", "");
    assert!(!sandbox.state(&hang).ended());
    says(&ctl(&["stop", id]), 0, "", "");
    says(&ctl(&["rm", id]), 0, "", "removed");
    says(&ctl(&["status", id]), 4, "", "no convoy");
    assert!(!sandbox.dir_of(&hang).dir().exists());
}

#[test]
fn a_convoy_can_be_removed_as_soon_as_it_has_ended() {
    let sandbox = sandbox();
    for _ in 0..5 {
        let id = sandbox.start("all", &[]);
        sandbox.ok("convoy-ctl", &["wait", id.as_str()]);
        sandbox.ok("convoy-ctl", &["rm", id.as_str()]);
        assert!(!sandbox.dir_of(&id).dir().exists() && !sandbox.dir_of(&id).state().exists());
    }
}

#[test]
fn old_convoys_are_pruned_and_what_they_published_with_them() {
    let sandbox = sandbox();
    let prune =
        |words: &[&str]| sandbox.run("convoy-ctl", &[&["prune", "--older-than", "1ms"], words].concat());
    let report = |id: &base::ids::ConvoyId| {
        let state = sandbox.until_ended(id);
        state.agents[0].output_file().unwrap().as_path().to_path_buf()
    };
    let id = sandbox.start("all", &[]);
    let own = report(&id);
    says(&sandbox.run("convoy-ctl", &["prune", "--older-than", "1h"]), 0, "", "");
    says(&prune(&["--dry-run"]), 0, id.as_str(), "");
    assert!(sandbox.dir_of(&id).dir().exists() && own.is_file());
    says(&prune(&[]), 0, id.as_str(), "");
    assert!(!sandbox.dir_of(&id).dir().exists() && !own.exists());
    // What somebody wrote into is theirs, and so is what was asked to stay.
    let id = sandbox.start("all", &[]);
    let edited = report(&id);
    std::fs::write(&edited, "my notes").unwrap();
    says(&prune(&[]), 0, id.as_str(), "");
    assert_eq!(std::fs::read_to_string(&edited).unwrap(), "my notes");
    for words in [&["prune", "--older-than", "1ms", "--keep-reports"][..], &["rm"]] {
        let id = sandbox.start("all", &[]);
        let kept = report(&id);
        let words = if words == ["rm"] { vec!["rm", id.as_str()] } else { words.to_vec() };
        says(&sandbox.run("convoy-ctl", &words), 0, "", "");
        assert!(!sandbox.dir_of(&id).dir().exists() && kept.is_file());
    }
}

#[test]
fn what_is_older_than_keep_goes_by_a_round_of_cron_with_its_reports() {
    let sandbox = sandbox();
    let config = std::fs::read_to_string(sandbox.home().config()).unwrap();
    let keep = |time: &str| {
        std::fs::write(sandbox.home().config(), format!("keep = \"{time}\"\n{config}")).unwrap();
        sandbox.ok("convoy-watch", &["--all", "--once"]);
    };
    let published = |id: &base::ids::ConvoyId| -> Vec<std::path::PathBuf> {
        let dir = sandbox.project().join(".claude/reviews");
        let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        names.filter(|path| path.to_string_lossy().contains(id.short())).collect()
    };
    let (old, edited) = (sandbox.start("all", &[]), sandbox.start("all", &[]));
    for id in [&old, &edited] {
        sandbox.until_ended(id);
        assert_eq!(published(id).len(), 4, "two reports and what was merged: {:?}", published(id));
    }
    std::fs::write(&published(&edited)[0], "my notes").unwrap();
    let running = sandbox.start("hang", &[]);
    keep("1h");
    assert!(sandbox.dir_of(&old).dir().exists() && published(&old).len() == 4);
    keep("1ms");
    for id in [&old, &edited] {
        assert!(!sandbox.dir_of(id).dir().exists() && !sandbox.dir_of(id).state().exists());
    }
    assert_eq!(published(&old), Vec::<std::path::PathBuf>::new());
    let left = published(&edited);
    assert_eq!(left.len(), 1, "what somebody wrote into is theirs: {left:?}");
    assert_eq!(std::fs::read_to_string(&left[0]).unwrap(), "my notes");
    assert!(!sandbox.state(&running).ended(), "what runs is not old");
    sandbox.ok("convoy-ctl", &["stop", running.as_str()]);
}

#[test]
fn a_report_that_git_tracks_is_not_pruned() {
    let sandbox = sandbox();
    let id = sandbox.start("all", &[]);
    let state = sandbox.until_ended(&id);
    let report = state.agents[0].output_file().unwrap().as_path().to_path_buf();
    let git = |words: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(report.parent().unwrap()).args(words);
        assert!(command.output().unwrap().status.success(), "{words:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-f", report.file_name().unwrap().to_str().unwrap()]);
    sandbox.ok("convoy-ctl", &["prune", "--older-than", "1ms"]);
    assert!(report.is_file() && !sandbox.dir_of(&id).dir().exists());
}

/// Two projects beside the sandbox's own.
fn elsewhere(sandbox: &Sandbox, name: &str) -> std::path::PathBuf {
    let path = sandbox.path(name);
    std::fs::create_dir_all(path.join("deep")).unwrap();
    path.canonicalize().unwrap()
}

#[test]
fn without_an_id_it_is_a_convoy_of_the_project_one_stands_in() {
    let sandbox = sandbox();
    let other = elsewhere(&sandbox, "other");
    let at = |dir: &std::path::Path, words: &[&str]| {
        sandbox.command("convoy-ctl").current_dir(dir).args(words).output().unwrap()
    };
    let mine = sandbox.start("all", &[]);
    says(&at(sandbox.project(), &["wait"]), 0, "", "");
    for words in [
        &["output"][..],
        &["output", "latest"],
        &["status"],
        &["events"],
        &["findings"],
        &["wait"],
        &["stop", "latest"],
    ] {
        says(&at(&other, words), 4, "", "no convoys in ");
    }
    says(&at(&other, &["status", mine.short()]), 0, mine.short(), "");
    let theirs = sandbox.start("none", &["--project-path", other.to_str().unwrap()]);
    says(&at(&other, &["wait"]), 1, "", "failed");
    // Without git a directory below belongs to it; the newest of all is not ours.
    says(&at(&other.join("deep"), &["status"]), 0, theirs.short(), "");
    says(&at(sandbox.project(), &["status", "latest"]), 0, mine.short(), "");
    let listed = at(sandbox.project(), &["list"]);
    says(&listed, 0, mine.short(), "");
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(!text.contains(theirs.short()) && !text.contains("PROJECT"), "{text}");
    let all = at(sandbox.project(), &["list", "--all-projects"]);
    let text = String::from_utf8_lossy(&all.stdout).into_owned();
    for part in [mine.short(), theirs.short(), "PROJECT", "other"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for (dir, all, want) in [(sandbox.project(), false, 1), (&other, false, 1), (&other, true, 2)] {
        let words = if all { &["list", "--json", "--all-projects"][..] } else { &["list", "--json"] };
        let found: serde_json::Value = serde_json::from_slice(&at(dir, words).stdout).unwrap();
        assert_eq!(found.as_array().unwrap().len(), want, "{found:#}");
    }
    let empty = elsewhere(&sandbox, "empty");
    says(&at(&empty, &["list"]), 0, "", "--all-projects");
}

#[test]
fn who_ends_the_waiting_is_told_that_the_convoy_goes_on() {
    use std::os::unix::process::ExitStatusExt;

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let sandbox = sandbox();
    let id = sandbox.start("hang", &[]);
    for (words, signal) in [
        (&["wait", id.as_str()][..], Signal::SIGINT),
        (&["status", id.as_str(), "--follow"], Signal::SIGTERM),
        (&["wait", id.as_str(), "--caller-stops"], Signal::SIGTERM),
    ] {
        let mut command = sandbox.command("convoy-ctl");
        let child = command.args(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let catches = || {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or("0").trim();
            u64::from_str_radix(caught, 16).is_ok_and(|mask| mask & (1 << (signal as u64 - 1)) != 0)
        };
        let quiet = words.contains(&"--caller-stops");
        convoy_tests::wait::until("it waits", String::new, || (quiet || catches()).then_some(()));
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        let out = child.wait_with_output().unwrap();
        assert_eq!(out.status.signal(), Some(signal as i32), "{words:?}: {}", shown(&out));
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        let told = said.contains("goes on") && said.contains(&format!("convoy-ctl stop {}", id.short()));
        assert_eq!(told, !quiet, "{words:?}: {said}");
    }
    says(&sandbox.run("convoy-ctl", &["list", "--status", "running"]), 0, id.short(), "");
    says(&sandbox.run("convoy-ctl", &["stop", id.as_str()]), 0, "", "stopped");
}

/// Puts a directory where a file was: it can be opened, and not read, also by root.
fn spoil(path: &std::path::Path) {
    std::fs::remove_file(path).unwrap();
    std::fs::create_dir(path).unwrap();
}

#[test]
fn what_cannot_be_read_is_not_shown_as_empty() {
    let sandbox = sandbox();
    let ctl = |words: &[&str]| sandbox.run("convoy-ctl", words);
    let id = sandbox.start("hang", &[]);
    sandbox.until_started(1);
    let attempt = sandbox.dir_of(&id).attempt(&"h".parse().unwrap(), 1);
    says(&ctl(&["health"]), 0, "**Overall:** good", "");

    spoil(&attempt.log());
    says(&ctl(&["status", id.short()]), 0, "cannot read", "");
    says(&ctl(&["logs", id.short(), "h"]), 1, "", "directory");
    says(&ctl(&["logs", "-f", id.short(), "h"]), 1, "", "directory");
    says(&ctl(&["health"]), 1, "not all of it can be looked at", "1 thing to look at");

    // Nobody can say whether a supervisor lives whose claim cannot be read.
    let claim = std::fs::read(attempt.started()).unwrap();
    std::fs::write(attempt.started(), "{").unwrap();
    let out = ctl(&["health"]);
    says(&out, 1, "understand claim", "2 things to look at");
    assert!(!String::from_utf8_lossy(&out.stdout).contains("its supervisor is"), "{}", shown(&out));
    std::fs::write(attempt.started(), claim).unwrap();

    std::fs::write(sandbox.dir_of(&id).plan(), "{").unwrap();
    says(&ctl(&["health"]), 1, "the plan of", "2 things to look at");
    says(&ctl(&["stop", id.short()]), 0, "", "stopped");
    let mut journal = std::fs::OpenOptions::new().append(true).open(sandbox.dir_of(&id).events()).unwrap();
    writeln!(journal, "{{torn").unwrap();
    says(&ctl(&["events", id.short()]), 0, "stopped", "a line of the events cannot be read");
}

#[test]
fn times_are_those_of_the_reader() {
    let sandbox = sandbox();
    let id = sandbox.start("all", &[]);
    sandbox.until_ended(&id);
    let first = |zone: &str| {
        let out =
            sandbox.command("convoy-ctl").args(["events", id.as_str()]).env("TZ", zone).output().unwrap();
        String::from_utf8_lossy(&out.stdout).chars().take(5).collect::<String>()
    };
    let minutes = |clock: &str| -> i32 {
        let (hour, minute) = clock.split_once(':').unwrap_or_else(|| panic!("no time of day: {clock:?}"));
        hour.parse::<i32>().unwrap() * 60 + minute.parse::<i32>().unwrap()
    };
    let utc = minutes(&first("UTC"));
    for (zone, ahead) in [("Asia/Kolkata", 330), ("Asia/Tokyo", 540), ("UTC+3", -180)] {
        assert_eq!((minutes(&first(zone)) - utc).rem_euclid(1440), i32::rem_euclid(ahead, 1440), "{zone}");
    }
}

#[test]
fn several_convoys_are_stopped_and_removed_at_once() {
    let sandbox = sandbox();
    let ctl = |words: &[&str]| sandbox.run("convoy-ctl", words);
    let ended = sandbox.start("none", &[]);
    sandbox.until_ended(&ended);
    let (first, second) = (sandbox.start("hang", &[]), sandbox.start("hang", &[]));
    let (first, second, ended) = (first.as_str(), second.as_str(), ended.as_str());
    // What still runs keeps nobody else from being removed.
    says(&ctl(&["rm", first, ended]), 75, "", first);
    says(&ctl(&["status", ended]), 4, "", "");
    // One that is not there: nothing is done.
    says(&ctl(&["stop", first, "zzzzzz"]), 4, "", "");
    says(&ctl(&["status", first]), 0, "running", "");
    says(&ctl(&["stop", first, second, first]), 0, "", "stopped");
    says(&ctl(&["rm", first, second]), 0, "", "removed");
    says(&ctl(&["list", "--json"]), 0, "[]", "");
    says(&ctl(&["stop"]), 2, "", "");
}

#[test]
fn an_end_whose_plan_cannot_be_read_is_no_good_one() {
    let sandbox = sandbox();
    let id = sandbox.start("all", &[]);
    sandbox.until_ended(&id);
    let wait = || sandbox.run("convoy-ctl", &["wait", id.as_str()]);
    assert_eq!(wait().status.code(), Some(0));
    // Whether it was a review, and what it came to, nobody can tell any more.
    std::fs::write(sandbox.dir_of(&id).plan(), "{").unwrap();
    says(&wait(), 3, "no verdict: ", "");
    says(&sandbox.run("convoy-ctl", &["status", id.as_str()]), 0, "no verdict: ", "");
}
