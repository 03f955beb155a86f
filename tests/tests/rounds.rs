//! `pan review --rounds`: a command changes what was found on a branch of its own, and no
//! pass is earned by anything but a change that was reviewed. The user's work tree, index,
//! stash and branches stay as they are, whatever the command does and whoever is killed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use convoy_tests::fixing::{CLEAN, Stage, mends};
use convoy_tests::repository::{FAULT, Repository};
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use convoy_tests::scripted::{begun, done, print};
use convoy_tests::wait;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

/// Waits until something is so.
fn wait_for(what: &str, so: impl Fn() -> bool) {
    wait::until(what, String::new, || so().then_some(()));
}

/// What a review in rounds printed.
struct Came {
    json: Value,
    code: i32,
    told: String,
}

impl Came {
    fn of(out: &Output) -> Self {
        Came {
            json: serde_json::from_slice(&out.stdout)
                .unwrap_or_else(|error| panic!("{error}: {}", shown(out))),
            code: out.status.code().unwrap_or(-1),
            told: String::from_utf8_lossy(&out.stderr).into_owned(),
        }
    }

    fn stopped(&self) -> &str {
        self.json["rounds"]["stopped"].as_str().unwrap_or_else(|| panic!("{:#}\n{}", self.json, self.told))
    }
}

trait Reviewed {
    /// A review in rounds by rules, with a command of these lines.
    fn review(&self, lines: &str, more: &[&str]) -> Came;
}

impl Reviewed for Stage<'_> {
    fn review(&self, lines: &str, more: &[&str]) -> Came {
        let command = self.command(lines);
        let fixed = ["--runner", "builtin", "--json", "--rounds", "3"];
        let words = [&fixed[..], more, &["--fix-with", command.to_str().unwrap()]].concat();
        Came::of(&self.project.run("convoy-review", &words))
    }
}

#[test]
fn what_is_fixed_is_a_branch_and_nothing_else_is_touched() {
    for launcher in [Launcher::Process, Launcher::Tmux] {
        let sandbox = Sandbox::new(launcher);
        let stage = Stage::new(&sandbox);
        let project = &stage.project;
        project.write("src/a.py", "a = 2\n");
        project.git(&["stash", "-q"]);
        for hook in
            ["pre-commit", "post-commit", "post-checkout", "reference-transaction", "post-index-change"]
        {
            let path = project.path().join(".git/hooks").join(hook);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, format!("#!/bin/sh\necho {hook} >> {}\n", sandbox.path("hooked").display()))
                .unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let before = stage.hashes();
        let came = stage.review(
            &format!(
                "[ -f \"$CONVOY_FIX_FINDINGS\" ] && [ -f \"$CONVOY_FIX_REPORT\" ] || exit 8\ngrep -q secondLook.never $CONVOY_FIX_FINDINGS\n\
                 [ \"$CONVOY_FIX_ROUND $CONVOY_FIX_ROUNDS\" = \"1 3\" ] || exit 9\n{}\necho new > src/new.txt",
                mends()
            ),
            &[],
        );
        assert_eq!(
            (came.code, &came.json["reviewResult"]),
            (0, &json!("APPROVED")),
            "{:#}{}",
            came.json,
            came.told
        );
        let rounds = &came.json["rounds"];
        assert_eq!((came.stopped(), rounds["commits"].as_u64()), ("the gate passes", Some(1)), "{rounds:#}");
        assert_eq!(rounds["reviewed"], rounds["tip"]);
        assert_eq!(rounds["rounds"][0]["fix"]["files"], 2, "{rounds:#}");
        // Only what changed was read again.
        assert!(came.told.contains("2 of 2 files changed"), "{}", came.told);
        let branch = rounds["branch"].as_str().unwrap();
        assert_eq!(stage.branches(), [branch]);
        assert_eq!(format!("{}\n", project.read(&["show", &format!("{branch}:src/bad.py")])), CLEAN);
        stage.is_untouched(&before, "a fix");
        assert!(!sandbox.path("hooked").exists(), "a hook of the user's was run");
        assert_eq!(project.worktrees(), Vec::<String>::new());
    }
}

#[test]
fn the_page_tells_the_branch_and_what_to_do_with_it() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let command = stage.command(&mends());
    let words = ["--runner", "builtin", "--rounds", "2", "--fix-with", command.to_str().unwrap()];
    let out = stage.project.run("convoy-review", &words);
    let page = String::from_utf8_lossy(&out.stdout).into_owned();
    let branch = stage.branches().remove(0);
    for line in [
        "rounds    2 of 2, stopped: the gate passes".to_owned(),
        format!("merge     git merge {branch}"),
        format!("remove    git branch -D {branch}"),
    ] {
        assert!(page.lines().any(|found| found == line), "{line}: {page}");
    }
    let look = page.lines().find_map(|line| line.strip_prefix("look      git ")).unwrap();
    let diff = stage.project.read(&look.split(' ').collect::<Vec<_>>());
    assert!(diff.contains("-    os.system"), "{diff}");
    stage.project.git(&["merge", "-q", &branch]);
    stage.project.git(&["branch", "-D", &branch]);
}

/// What can be known to be wrong is said before anything is started.
#[test]
fn what_cannot_be_is_refused_before_a_review_is_started() {
    type Spoil = fn(&Stage<'_>);
    let nothing: Spoil = |_| {};
    let cases: [(&[&str], Spoil, &str); 10] = [
        (
            &["--pr-url", "https://github.com/o/r/pull/7", "--rounds", "2", "--fix-with", "true"],
            nothing,
            "of a pull request by its address alone it is not known what it is counted from",
        ),
        (&["--rounds", "2"], nothing, "--rounds needs --fix-with"),
        (&["--rounds", "0", "--fix-with", "true"], nothing, "--rounds"),
        (&["--until", "clean"], nothing, "--rounds"),
        (&["--fix-with", "true"], nothing, "--rounds"),
        (&["--rounds", "2", "--fix-with", "./no-such.sh"], nothing, "'./no-such.sh' is not there"),
        (&["--rounds", "2", "--fix-with", "no-such-program"], nothing, "'no-such-program' is not on PATH"),
        (
            &["--rounds", "2", "--fix-with", "true"],
            |stage| stage.project.write("src/a.py", "a = 7\n"),
            "changes that are not committed, and a branch begins at a commit: src/a.py",
        ),
        (
            &["--rounds", "2", "--fix-with", "true"],
            |stage| stage.project.write("src/untracked.py", "a = 7\n"),
            "src/untracked.py",
        ),
        (
            &["--rounds", "2", "--fix-with", "true"],
            |stage| stage.project.git(&["branch", "convoy"]),
            "a branch 'convoy' is in the way",
        ),
    ];
    for (words, spoil, why) in cases {
        let sandbox = Sandbox::new(Launcher::Process);
        let stage = Stage::new(&sandbox);
        spoil(&stage);
        let before = stage.hashes();
        let out = stage.project.run("convoy-review", &[&["--runner", "builtin"], words].concat());
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.code() == Some(2) && told.contains(why), "{words:?}: {}", shown(&out));
        assert!(told.contains("hint:") || told.contains("--help"), "{words:?}: {told}");
        assert!(!sandbox.home().convoys().exists(), "{words:?}: something was started");
        stage.is_untouched(&before, why);
    }
}

#[test]
fn a_directory_that_is_no_work_tree_with_a_commit_is_refused() {
    let words = ["--runner", "builtin", "--rounds", "2", "--fix-with", "true"];
    let refused = |sandbox: &Sandbox, at: &Path, why: &str| {
        let out = sandbox.command("convoy-review").current_dir(at).args(words).output().unwrap();
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(
            out.status.code() == Some(2) && told.contains(why) && told.contains("hint:"),
            "{}",
            shown(&out)
        );
    };
    let sandbox = Sandbox::new(Launcher::Process);
    refused(&sandbox, sandbox.project(), "is no git repository");
    let stage = Stage::new(&sandbox);
    let bare = sandbox.path("bare");
    stage.project.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    refused(&sandbox, &bare, "work tree");
    let unborn = sandbox.path("unborn");
    fs::create_dir_all(&unborn).unwrap();
    stage.project.beside(&unborn).git(&["init", "-q"]);
    refused(&sandbox, &unborn, "there is no commit yet");
}

/// A command that does something else than to fix: the last review's word stands, the user
/// is told what and where, and nothing of theirs is touched by us.
#[test]
fn a_command_that_fixes_nothing_earns_nothing() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let before = stage.hashes();
    let mends = mends();
    for (lines, more, why) in [
        ("exit 7", &[][..], "the command has failed: exit code 7"),
        ("kill -9 $$", &[], "the command has failed"),
        (
            "sleep 100000 & sleep 100000",
            &["--fix-timeout", "1s"],
            "the command has failed: timed out after 1s",
        ),
        ("true", &[], "no progress: the command changed nothing"),
        ("echo '# more' >> src/bad.py", &[], "no progress: what was open at the gate is open still"),
        ("git rm -q src/bad.py", &[], "the command deleted src/bad.py, in which findings are open"),
        ("rm src/bad.py", &[], "the command deleted src/bad.py"),
        (": > src/bad.py", &[], "the command emptied src/bad.py"),
        ("git mv src/bad.py src/b.py", &[], "the command deleted src/bad.py"),
    ] {
        let came = stage.review(lines, more);
        assert_eq!(
            (came.code, &came.json["reviewResult"]),
            (1, &json!("CHANGES_REQUESTED")),
            "{lines}: {}",
            came.told
        );
        assert!(came.stopped().contains(why), "{lines}: {}", came.stopped());
        stage.is_untouched(&before, lines);
        assert_eq!(stage.project.worktrees(), Vec::<String>::new(), "{lines}");
    }
    // What it left before it failed is not lost, and nobody is told that it was reviewed.
    let came = stage.review(&format!("{mends}\nexit 7"), &[]);
    let rounds = &came.json["rounds"];
    assert_eq!((came.code, rounds["commits"].as_u64()), (1, Some(1)), "{rounds:#}");
    assert_eq!(rounds["reviewed"], rounds["from"]);
    assert_ne!(rounds["reviewed"], rounds["tip"]);
    let command = stage.command(&format!("{mends}\nexit 7"));
    let words = ["--runner", "builtin", "--rounds", "2", "--fix-with", command.to_str().unwrap()];
    let page = String::from_utf8_lossy(&stage.project.run("convoy-review", &words).stdout).into_owned();
    assert!(page.contains("none of them was reviewed") && !page.contains("git merge"), "{page}");
}

#[test]
fn a_work_tree_that_is_left_in_no_state_to_commit_is_kept_and_told() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let before = stage.hashes();
    let settings = "git -c user.name=n -c user.email=e@x";
    let conflict = format!(
        "echo 1 > c && git add c && {settings} commit -qm 1 && git checkout -q -b other HEAD~1 && echo 2 > c && git add c && \
         {settings} commit -qm 2 && git checkout -q - && {settings} merge other; git branch -D other; exit 0"
    );
    for (lines, why) in [
        ("git checkout -q --detach", "HEAD is detached"),
        ("git checkout -q --orphan lone", "the branch lone checked out"),
        (conflict.as_str(), "it left conflicts in c"),
        (
            "git -c user.name=n -c user.email=e@x commit -q --amend --no-verify -m other",
            "do not go on from the one it was given",
        ),
    ] {
        let came = stage.review(lines, &[]);
        assert_eq!(came.code, 1, "{lines}: {}", came.told);
        assert!(came.stopped().contains(why), "{lines}: {}", came.stopped());
        let tree =
            came.json["rounds"]["worktree"].as_str().unwrap_or_else(|| panic!("{lines}: {:#}", came.json));
        assert!(Path::new(tree).join("src/bad.py").exists());
        stage.is_untouched(&before, lines);
        // The next run tells it again; with what it says nothing is left.
        let next = stage.review("true", &[]);
        assert!(
            next.told.contains("have left a work tree") && next.told.contains(tree),
            "{lines}: {}",
            next.told
        );
        stage.project.git(&["worktree", "remove", "--force", tree]);
        for branch in stage.branches() {
            stage.project.git(&["branch", "-D", &branch]);
        }
        assert!(!stage.review("true", &[]).told.contains("work tree"), "{lines}");
    }
}

#[test]
fn what_a_command_changes_beside_its_branch_is_seen_and_earns_nothing() {
    for (lines, why) in [
        ("echo x >> $PROJECT/src/a.py", "outside of the command's work tree src/a.py changed"),
        ("echo x > $PROJECT/stray.txt", "stray.txt changed"),
        ("git branch -f main HEAD", "refs/heads/main changed"),
        (
            "cd $PROJECT && pan findings dismiss F1 --reason no >/dev/null",
            "decisions of this project were changed",
        ),
        ("cd $PROJECT && pan init --gate blocker >/dev/null", "settings of this project were changed"),
        ("echo 'verify = \"never\"' >> $HERE/../h/config.toml", "config.toml was changed"),
    ] {
        let sandbox = Sandbox::new(Launcher::Process);
        let stage = Stage::new(&sandbox);
        let came = stage.review(&format!("{}\n({lines})", mends()), &[]);
        assert_eq!(
            (came.code, &came.json["reviewResult"]),
            (1, &json!("CHANGES_REQUESTED")),
            "{lines}: {}",
            came.told
        );
        assert!(came.stopped().contains(why), "{lines}: {}", came.stopped());
    }
}

#[test]
fn what_the_command_changes_beside_the_review_is_no_pass() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let came = stage.review(&format!("{}\nmkdir lib; echo 'b = 1' > lib/b.py", mends()), &["--files", "src"]);
    assert_eq!((came.code, &came.json["reviewResult"]), (3, &json!("COMMENTED")), "{:#}", came.json);
    let notes = came.json["notes"].as_str().unwrap();
    assert!(
        notes
            .contains("no verdict on the branch: the command changed lib/b.py, and that is not under review"),
        "{notes}"
    );
    // Nor is a comment that silences what was found.
    let came = stage.review("sed -i 's/os.system.*/& # nosec/' src/bad.py", &[]);
    assert_eq!((came.code, &came.json["reviewResult"]), (3, &json!("COMMENTED")), "{:#}", came.json);
    assert!(came.stopped().contains("comments in src/bad.py silence"), "{}", came.stopped());
}

/// Nothing but what is not under review.
#[test]
fn a_command_that_changes_only_what_is_not_under_review_earns_nothing() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let before = stage.hashes();
    let came = stage.review("mkdir lib; echo 'b = 1' > lib/b.py", &["--files", "src"]);
    assert_eq!((came.code, &came.json["reviewResult"]), (1, &json!("CHANGES_REQUESTED")), "{:#}", came.json);
    assert_eq!(came.stopped(), "the command changed lib/b.py, and that is not under review");
    stage.is_untouched(&before, "a change of what is not under review");
}

#[test]
fn a_work_tree_that_the_command_takes_away_is_told() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let before = stage.hashes();
    for lines in ["D=$PWD; cd /; rm -rf $D", "rm .git"] {
        let came = stage.review(lines, &[]);
        assert_eq!(
            (came.code, &came.json["reviewResult"]),
            (1, &json!("CHANGES_REQUESTED")),
            "{:#}",
            came.json
        );
        // Its supervisor may see it first.
        let is_told =
            ["it took its work tree away", "/tree is gone"].iter().any(|why| came.stopped().contains(why));
        assert!(is_told, "{lines}: {}", came.stopped());
        stage.is_untouched(&before, lines);
        // What is left of it is told, with how to be rid of it.
        let told = came.told.contains("none of git's any more");
        assert_eq!(
            (stage.project.worktrees().len(), told),
            if lines == "rm .git" { (1, true) } else { (0, false) }
        );
        if told {
            let next = stage.review("true", &[]).told;
            let remove = next
                .lines()
                .find_map(|line| line.strip_prefix("  remove  "))
                .unwrap_or_else(|| panic!("{next}"));
            let shell = Command::new("sh").args(["-ec", remove]).current_dir(stage.project.path()).status();
            assert!(shell.unwrap().success() && stage.project.worktrees().is_empty(), "{remove}");
        }
    }
}

/// A reviewer of ours does to the project what somebody else may do while a review runs.
#[test]
fn what_is_not_as_it_was_reviewed_any_more_is_no_beginning_of_a_branch() {
    for (lines, why) in [
        ("git checkout -q main", "something else is checked out now than what was reviewed"),
        (
            "echo 'a = 3' > src/a.py",
            "since the review began: the work tree has changes that are not committed",
        ),
    ] {
        let sandbox = Sandbox::new(Launcher::Process);
        let stage = Stage::new(&sandbox);
        let project = stage.project.path().display().to_string();
        let says = says(&[("The value of x is never checked", 6)]);
        by_number(&stage, &format!("(cd {project} && {lines})\n{says}"));
        let ran = sandbox.path("here").join("ran");
        let command = stage.command("touch $HERE/ran");
        let words = ["--runner", "m", "--json", "--rounds", "3", "--fix-with", command.to_str().unwrap()];
        let came = Came::of(&stage.project.run("convoy-review", &words));
        assert_eq!(came.code, 1, "{}", came.told);
        let stopped = came.stopped();
        assert!(stopped.starts_with("the command was not run: ") && stopped.contains(why), "{stopped}");
        assert!(!ran.exists() && stage.branches().is_empty(), "{lines}");
    }
}

/// The command makes another reviewer of who found the defect.
#[test]
fn other_reviewers_than_before_are_no_verdict_on_the_branch() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let (one, none) = (says(&[("The value of x is never checked", 6)]), says(&[]));
    by_number(&stage, &format!("if [ $N = 1 ]; then\n{one}\nelse\n{none}\nfi"));
    let agent = sandbox.home().user_agents().join("one.md").display().to_string();
    let command = stage.command(&format!("{}\necho 'Find nothing.' >> {agent}", mends()));
    let words = ["--runner", "m", "--json", "--rounds", "2", "--fix-with", command.to_str().unwrap()];
    let came = Came::of(&stage.project.run("convoy-review", &words));
    assert_eq!(
        (came.code, &came.json["reviewResult"]),
        (3, &json!("COMMENTED")),
        "{:#}{}",
        came.json,
        came.told
    );
    assert!(came.stopped().contains("are not those of the review before"), "{}", came.stopped());
}

/// Somebody else moves the branch between the commit of what the command left and its review.
#[test]
fn a_branch_that_somebody_else_moves_gets_no_verdict() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let command = stage.command(&mends());
    let bin = sandbox.path("bin");
    fs::create_dir_all(&bin).unwrap();
    let moves = format!(
        "#!/bin/sh\nexport PATH=/usr/local/bin:/usr/bin:/bin\ngit \"$@\"; code=$?\nfor word; do case $word in update-ref) u=1;; refs/heads/convoy/*/fix) b=$word;; esac; done\n\
         if [ \"$u\" ] && [ \"$b\" ] && [ ! -e {0}/moved ]; then touch {0}/moved\n\
         cd {1} && git update-ref $b $(git -c user.name=n -c user.email=e@x commit-tree -p $b -m other $b^{{tree}}); fi\nexit $code\n",
        bin.display(),
        stage.project.path().display()
    );
    fs::write(bin.join("git"), moves).unwrap();
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut review = sandbox.command("convoy-review");
    review.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()));
    review.args(["--runner", "builtin", "--json", "--rounds", "3", "--fix-with", command.to_str().unwrap()]);
    let came = Came::of(&review.current_dir(stage.project.path()).output().unwrap());
    assert!(bin.join("moved").exists(), "nothing was moved");
    assert_eq!(
        (came.code, &came.json["reviewResult"]),
        (3, &json!("COMMENTED")),
        "{:#}{}",
        came.json,
        came.told
    );
    assert!(
        came.stopped().contains("was moved by somebody else before it was reviewed"),
        "{}",
        came.stopped()
    );
}

/// Its words are no shell's, and its standard input is empty.
#[test]
fn the_command_gets_its_words_as_they_are() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let command = stage.command("printf '%s\\n' \"$@\" > $HERE/words; cat > $HERE/input; exit 7");
    let odd = ["$(touch x)", "a b", "--all", "*", "'", ""];
    let words =
        [&["--runner", "builtin", "--rounds", "2", "--fix-with", command.to_str().unwrap()], &odd[..]];
    let out = stage.project.run("convoy-review", &words.concat());
    let read = |name: &str| fs::read_to_string(sandbox.path("here").join(name)).unwrap();
    assert_eq!(read("words"), format!("{}\n", odd.join("\n")), "{}", shown(&out));
    assert_eq!((read("input").as_str(), out.status.code()), ("", Some(1)));
}

/// Rounds under way are their driver's alone, and those of another repository are no
/// business of this one.
#[test]
fn rounds_of_others_are_left_alone() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let other = sandbox.path("other");
    stage.project.git(&["clone", "-q", ".", other.to_str().unwrap()]);
    let other = stage.project.beside(&other);
    other.git(&["checkout", "-q", "-b", "main", "origin/main"]);
    other.git(&["checkout", "-q", "work"]);
    let waits = "touch $HERE/runs; while [ ! -e $HERE/go ]; do sleep 0.05; done";
    let slow = sandbox.path("slow.sh");
    fs::rename(stage.command(&format!("{}\n{waits}", mends())), &slow).unwrap();
    let here = sandbox.path("here");
    let mut first = sandbox.command("convoy-review");
    first.args(["--runner", "builtin", "--json", "--rounds", "2", "--fix-with", slow.to_str().unwrap()]);
    first.current_dir(stage.project.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut first = first.spawn().unwrap();
    wait_for("the command to run", || here.join("runs").exists());
    let second = stage.review(&mends(), &[]);
    assert_eq!(second.code, 0, "{}", second.told);
    assert!(!second.told.contains("did not come to their end"), "{}", second.told);
    // Killed, they are told where they were, and nowhere else.
    kill(Pid::from_raw(first.id() as i32), Signal::SIGKILL).unwrap();
    first.wait().unwrap();
    fs::write(here.join("go"), "").unwrap();
    wait_for("the end of the command", || sandbox.pids_of("convoy-agent").is_empty());
    let quick = stage.command(&mends());
    let quick = quick.to_str().unwrap();
    let words = ["--diff=main", "--runner", "builtin", "--json", "--rounds", "2", "--fix-with", quick];
    let elsewhere = Came::of(&other.run("convoy-review", &words));
    assert_eq!(elsewhere.code, 0, "{}", elsewhere.told);
    assert!(!elsewhere.told.contains("did not come to their end"), "{}", elsewhere.told);
    // Those of a newer version are not guessed at.
    let records = fs::read_dir(sandbox.home().rounds()).unwrap().map(|entry| entry.unwrap().path());
    let open = |path: &PathBuf| fs::read_to_string(path).is_ok_and(|text| !text.contains("\"stopped\""));
    let record = records.map(|dir| dir.join("rounds.json")).find(open).unwrap();
    let own = fs::read_to_string(&record).unwrap();
    fs::write(&record, own.replace("\"schemaVersion\": 1", "\"schemaVersion\": 99")).unwrap();
    let newer = Came::of(&stage.project.run("convoy-review", &words));
    assert!(!newer.told.contains("did not come to their end"), "{}", newer.told);
    fs::write(&record, own).unwrap();
    let here_again = Came::of(&stage.project.run("convoy-review", &words));
    assert!(here_again.told.contains("did not come to their end"), "{}", here_again.told);
}

/// What the branch says of how it is to be reviewed does not count: the base's word does.
#[test]
fn settings_on_the_branch_relax_nothing() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    stage.project.git(&["checkout", "-q", "main"]);
    stage.project.write(".convoy.toml", "gate = \"medium\"\n");
    stage.project.commit("strict");
    stage.project.git(&["checkout", "-q", "work"]);
    stage.project.git(&["rebase", "-q", "main"]);
    let came = stage.review("rm .convoy.toml; echo '# more' >> src/bad.py", &[]);
    assert_eq!((came.code, &came.json["gate"]), (1, &json!("medium")), "{:#}", came.json);
    let came = stage.review("echo 'gate = \"blocker\"' > .convoy.toml; echo '# more' >> src/bad.py", &[]);
    assert_eq!((came.code, &came.json["gate"]), (1, &json!("medium")), "{:#}", came.json);
    assert!(came.stopped().starts_with("no progress"), "{}", came.stopped());
}

/// What is set while a review runs is for reviews to come, not for its later rounds.
#[test]
fn a_gate_that_is_set_meanwhile_is_none_of_these_rounds() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let two = says(&[("The value of x is never checked", 6), ("Nobody catches what f raises", 5)]);
    let one = says(&[("Nobody catches what f raises", 5)]);
    let sets = format!(
        "(cd {} && PANOPTICON_HOME={} {} init --gate blocker >&2)",
        stage.project.path().display(),
        sandbox.home().root().display(),
        convoy_tests::programs::dir().join("pan").display()
    );
    by_number(&stage, &format!("if [ $N = 1 ]; then\n{sets}\n{two}\nelse\n{one}\nfi"));
    let command = stage.command(&mends());
    let words = ["--runner", "m", "--json", "--rounds", "2", "--fix-with", command.to_str().unwrap()];
    let came = Came::of(&stage.project.run("convoy-review", &words));
    assert_eq!((came.code, &came.json["gate"]), (1, &json!("high")), "{:#}{}", came.json, came.told);
    // It was set: the next review has it.
    let next = stage.project.run("convoy-review", &["--runner", "m", "--json"]);
    assert_eq!(Came::of(&next).json["gate"], "blocker", "{}", shown(&next));
}

#[test]
fn a_change_that_is_taken_back_leaves_nothing_to_approve() {
    let sandbox = Sandbox::new(Launcher::Process);
    let project = Repository::new(&sandbox);
    project.write("src/bad.py", CLEAN);
    project.commit("before");
    project.git(&["checkout", "-q", "-b", "work"]);
    project.write("src/bad.py", FAULT);
    project.commit("work");
    let stage = Stage { sandbox: &sandbox, project };
    let came = stage.review("git checkout -q main -- src/bad.py", &[]);
    assert_eq!((came.code, came.stopped()), (1, "the command took the change back"), "{:#}", came.json);
}

#[test]
fn a_command_may_commit_itself() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let git = "git -c user.name=n -c user.email=e@x -c commit.gpgSign=false commit -q --no-verify";
    let lines = format!(
        "{}\n{git} -am one; echo 2 > src/two.txt; git add src/two.txt; {git} -m two; echo 3 > src/three.txt",
        mends()
    );
    let came = stage.review(&lines, &[]);
    assert_eq!((came.code, came.json["rounds"]["commits"].as_u64()), (0, Some(3)), "{:#}", came.json);
}

/// An AI whose reviews are scripted by their number, `$N`.
fn by_number(stage: &Stage<'_>, script: &str) {
    stage.sandbox.scripted(
        "m",
        &format!("D=$HERE/$PANOPTICON_CONVOY_ID; [ -d $D ] || {{ mkdir $D; echo x >> $HERE/count; }}; N=$(wc -l < $HERE/count)\n{script}"),
    );
    stage.sandbox.agent("one", &[]);
    let file = stage.sandbox.home().user_agents().join("one.md");
    fs::write(file, "---\nname: one\ndescription: d\nmodel: sonnet\n---\nLook.\n").unwrap();
    stage.sandbox.template(
        "code-review",
        &[r#""role": "one", "subagent": "one", "report": "findings""#],
        r#""budgetUsd": 0.02"#,
    );
}

fn says(lines: &[(&str, u32)]) -> String {
    let read = json!({ "type": "assistant", "message": { "id": "m", "content": [
        { "type": "tool_use", "id": "t", "name": "Read", "input": { "file_path": "src/bad.py" } }] } });
    let result = json!({ "type": "user", "message": { "content": [
        { "type": "tool_result", "tool_use_id": "t", "content": "1\tdef", "is_error": false }] } });
    let findings: Vec<Value> = lines
        .iter()
        .map(|(title, line)| {
            json!({ "title": title, "severity": "high", "confidence": 90, "category": "logic", "cwe": [],
                "locations": [{ "file": "src/bad.py", "line": line, "endLine": null, "symbol": null, "quote": null }],
                "problem": title, "impact": null, "fix": null, "suggestion": null })
        })
        .collect();
    let answer = json!({ "findings": findings, "read": ["src/bad.py"], "notRead": [], "notes": [], "total": findings.len() });
    let words = format!("```json\n{answer}\n```");
    let said = json!({ "type": "assistant", "message": { "id": "n", "content": [{ "type": "text", "text": words }] } });
    print(&[begun("s"), read.to_string(), result.to_string(), said.to_string(), done(&words)])
}

#[test]
fn a_reviewer_that_fails_in_a_later_round_is_no_pass() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    by_number(&stage, &format!("[ $N = 1 ] || exit 9\n{}", says(&[("The value of x is never checked", 6)])));
    let command = stage.command(&mends());
    let words = ["--runner", "m", "--json", "--rounds", "3", "--fix-with", command.to_str().unwrap()];
    let came = Came::of(&stage.project.run("convoy-review", &words));
    assert_eq!((came.code, &came.json["reviewResult"]), (3, &json!("COMMENTED")), "{:#}", came.json);
    assert_eq!(came.stopped(), "the last review has no verdict");
}

#[test]
fn rounds_share_their_budget_and_stop_where_nothing_new_is_found() {
    let two = says(&[("The value of x is never checked", 6), ("Nobody catches what f raises", 5)]);
    let one = says(&[("Nobody catches what f raises", 5)]);
    // Each review costs 0.01, and the template allows 0.02.
    for (until, stop, code) in
        [("clean", "the budget is used up: $0.02 spent", 1), ("no-new", "nothing new was found", 1)]
    {
        let sandbox = Sandbox::new(Launcher::Process);
        let stage = Stage::new(&sandbox);
        by_number(&stage, &format!("if [ $N = 1 ]; then\n{two}\nelse\n{one}\nfi"));
        let command = stage.command(
            "sed -i 's/os.system(.*/print(1)/' src/bad.py; echo \"# $CONVOY_FIX_ROUND\" >> src/bad.py",
        );
        let words = [
            "--runner",
            "m",
            "--json",
            "--rounds",
            "9",
            "--until",
            until,
            "--fix-with",
            command.to_str().unwrap(),
        ];
        let came = Came::of(&stage.project.run("convoy-review", &words));
        assert_eq!(came.code, code, "{until}: {:#}{}", came.json, came.told);
        assert!(came.stopped().starts_with(stop), "{until}: {}", came.stopped());
        assert_eq!(came.json["rounds"]["rounds"].as_array().unwrap().len(), 2, "{until}");
        // The second review may spend what the first one has left.
        let second = came.json["rounds"]["rounds"][1]["convoyId"].as_str().unwrap().parse().unwrap();
        let plan = protocol::plan::Plan::read(&sandbox.dir_of(&second)).unwrap();
        assert_eq!(plan.budget_usd, Some(0.01), "{until}");
    }
}

/// The template allows 0.02 and the review costs 0.01; what the command reports is of the
/// same money, and what it does not report is not told as nothing.
#[test]
fn what_the_command_says_it_has_spent_counts_in_the_budget() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    by_number(&stage, &says(&[("The value of x is never checked", 6)]));
    let run = |report: &str, json: &[&str]| {
        let command = stage.command(&format!("{}\n{report}", mends()));
        let fixed = ["--runner", "m", "--rounds", "2", "--fix-with", command.to_str().unwrap()];
        stage.project.run("convoy-review", &[json, &fixed].concat())
    };
    let reports = "echo '{\"costUsd\": 0.5}' > $CONVOY_FIX_USAGE";
    let came = Came::of(&run(reports, &["--json"]));
    let rounds = &came.json["rounds"];
    assert_eq!(
        came.stopped(),
        "the budget is used up: $0.51 spent, $0.02; what the command left is not reviewed",
        "{}",
        came.told
    );
    assert_eq!((came.code, rounds["rounds"].as_array().unwrap().len()), (1, 1), "{rounds:#}");
    assert_eq!(rounds["rounds"][0]["fix"]["usage"]["costUsd"], 0.5);
    assert_eq!((rounds["commits"].as_u64(), &rounds["reviewed"]), (Some(1), &rounds["from"]));
    let line = |out: &Output| {
        let page = String::from_utf8_lossy(&out.stdout).into_owned();
        page.lines().find_map(|line| line.strip_prefix("cost      ").map(str::to_owned)).unwrap_or(page)
    };
    assert_eq!(line(&run(reports, &[])), "reviews $0.01, the command $0.50");
    let silent = run("", &["--json"]);
    assert!(Came::of(&silent).json["rounds"]["rounds"][0]["fix"]["usage"].is_null(), "{}", shown(&silent));
    assert_eq!(line(&run("", &[])), "reviews $0.02, the command not reported");
    // What cannot be read is not counted, and that is said.
    for (wrong, why) in [
        ("echo '{\"cost\": 3}' > $CONVOY_FIX_USAGE", "it has neither 'costUsd' nor tokens"),
        ("mkfifo $CONVOY_FIX_USAGE", "it is no regular file"),
    ] {
        let out = run(wrong, &[]);
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(
            told.contains("what the command says it has spent is not counted") && told.contains(why),
            "{told}"
        );
        assert_eq!(line(&out), "reviews $0.02, the command not reported");
    }
}

#[test]
fn a_branch_of_that_name_is_left_alone() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let git = format!(
        "git -C {} branch convoy/${{PANOPTICON_CONVOY_ID##*-}}/fix main",
        stage.project.path().display()
    );
    by_number(&stage, &format!("{git}\n{}", says(&[("The value of x is never checked", 6)])));
    let command = stage.command(&mends());
    let words = ["--runner", "m", "--json", "--rounds", "3", "--fix-with", command.to_str().unwrap()];
    let came = Came::of(&stage.project.run("convoy-review", &words));
    let branch = stage.branches().remove(0);
    assert_eq!(came.code, 1, "{}", came.told);
    assert!(came.stopped().contains(&format!("there is a branch '{branch}' already")), "{}", came.stopped());
    assert_eq!(stage.project.read(&["rev-parse", &branch]), stage.project.read(&["rev-parse", "main"]));
}

/// The driver is killed while the command runs, or the command itself: what stands is told
/// by the next run, and no process stays.
#[test]
fn whoever_is_killed_nothing_of_the_users_is_touched_and_the_next_run_tells() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let before = stage.hashes();
    let command = stage.command(&format!(
        "{}\necho $$ > $HERE/pid.new; mv $HERE/pid.new $HERE/pid\nwhile [ ! -e $HERE/go ]; do sleep 0.05; done",
        mends()
    ));
    let pid = sandbox.path("here").join("pid");
    let mut review = sandbox.command("convoy-review");
    review.args(["--runner", "builtin", "--json", "--rounds", "3", "--fix-with", command.to_str().unwrap()]);
    review.current_dir(stage.project.path()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = review.spawn().unwrap();
    wait_for("the command to run", || pid.exists());
    kill(Pid::from_raw(child.id() as i32), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    stage.is_untouched(&before, "the driver was killed");
    let fixer: i32 = fs::read_to_string(&pid).unwrap().trim().parse().unwrap();
    // The command goes on, and the next run says so and leaves it alone.
    let next = stage.review("true", &[]);
    assert!(next.told.contains("did not come to their end; review 1: changes requested"), "{}", next.told);
    let (before_it, _) = next.told.split_once(" runs in it").unwrap_or_else(|| panic!("{}", next.told));
    let fix = before_it.rsplit(' ').next().unwrap_or_default();
    // It is killed as well: its convoy ends, and what it left is where it was.
    kill(Pid::from_raw(fixer), Signal::SIGKILL).unwrap();
    wait_for("its end", || !Path::new(&format!("/proc/{fixer}")).exists());
    wait_for("the end of its convoy", || {
        let out = sandbox.run("convoy-ctl", &["status", "--json", fix]);
        !String::from_utf8_lossy(&out.stdout).contains("\"running\"")
    });
    let next = stage.review("true", &[]);
    assert!(next.told.contains("changes that are not committed"), "{}", next.told);
    assert!(next.told.contains("git worktree remove --force"), "{}", next.told);
    stage.is_untouched(&before, "the command was killed");
}

#[test]
fn a_signal_ends_the_command_as_well() {
    let sandbox = Sandbox::new(Launcher::Process);
    let stage = Stage::new(&sandbox);
    let before = stage.hashes();
    let command = stage.command("echo $$ > $HERE/pid.new; mv $HERE/pid.new $HERE/pid\nsleep 100000");
    let pid = sandbox.path("here").join("pid");
    let mut review = sandbox.command("convoy-review");
    review.args(["--runner", "builtin", "--json", "--rounds", "3", "--fix-with", command.to_str().unwrap()]);
    review.current_dir(stage.project.path()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = review.spawn().unwrap();
    wait_for("the command to run", || pid.exists());
    let fixer: i32 = fs::read_to_string(&pid).unwrap().trim().parse().unwrap();
    kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(!Path::new(&format!("/proc/{fixer}")).exists(), "the command stays");
    stage.is_untouched(&before, "a signal");
    assert_eq!((stage.branches(), stage.project.worktrees()), (vec![], vec![]));
}
