//! The git hooks of the examples, in real repositories, with real commits and
//! pushes: what is judged is what is committed and pushed, never what lies in the
//! work tree, and nothing but an approval goes through.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use convoy_tests::repository::{FAULT, Repository};
use convoy_tests::sandbox::{Launcher, Sandbox, shown};

const CLEAN: &str = "b = 2\n";

/// A sandbox with one reviewer, who knows the rules for security.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    let security = "\"role\": \"security\", \"subagent\": \"code-review-security\", \"report\": \"findings\"";
    sandbox.template("code-review", &[security], "");
    sandbox
}

fn as_it_is(hook: String) -> String {
    hook
}

/// A repository whose `main` a bare remote has, and the pre-push hook.
fn pushing(sandbox: &Sandbox) -> Repository<'_> {
    let repository = Repository::new(sandbox);
    let remote = remote(sandbox);
    repository.git(&["init", "-q", "--bare", remote.to_str().unwrap()]);
    repository.git(&["remote", "add", "origin", remote.to_str().unwrap()]);
    repository.git(&["push", "-q", "origin", "main"]);
    repository.hook("pre-push", as_it_is);
    repository
}

fn remote(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("remote.git")
}

/// What the remote has, as `NAME ID` lines.
fn refs(repository: &Repository<'_>) -> String {
    repository.read(&["ls-remote", "origin"])
}

fn told(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// The push did not happen, and these words say why.
fn held(repository: &Repository<'_>, words: &[&str], why: &str) {
    let before = refs(repository);
    let out = repository.try_git(&[&["push"], words].concat());
    assert!(
        !out.status.success() && told(&out).contains("pre-push: held back"),
        "{words:?}: {}",
        shown(&out)
    );
    assert!(told(&out).contains(why), "{words:?}: {why:?} is not in {}", told(&out));
    assert_eq!(refs(repository), before, "{words:?}");
}

/// The push happened; what the hook said of it.
fn pushed(repository: &Repository<'_>, words: &[&str]) -> String {
    let out = repository.try_git(&[&["push"], words].concat());
    assert!(out.status.success(), "{words:?}: {}", shown(&out));
    told(&out)
}

#[test]
fn a_fault_that_is_pushed_is_held_back_whatever_covers_it_up() {
    let sandbox = sandbox();
    let repository = pushing(&sandbox);
    repository.write("src/b.py", FAULT);
    repository.commit("fault");
    held(&repository, &["origin", "HEAD:main"], "changes are requested");
    // In the work tree, and in the index.
    repository.write("src/b.py", CLEAN);
    let index = fs::read(repository.path().join(".git/index")).unwrap();
    held(&repository, &["origin", "main"], "changes are requested");
    assert_eq!(fs::read(repository.path().join(".git/index")).unwrap(), index, "the index is the user's");
    repository.git(&["add", "-A"]);
    held(&repository, &["origin", "main:other"], "changes are requested");
    assert_eq!(fs::read_to_string(repository.path().join("src/b.py")).unwrap(), CLEAN);
    assert_eq!(repository.worktrees(), Vec::<String>::new());
    // And the other way round: what is not pushed holds nothing back.
    repository.commit("mended");
    repository.write("src/b.py", FAULT);
    repository.write("src/new.py", FAULT);
    let said = pushed(&repository, &["origin", "main"]);
    assert!(said.contains("APPROVED"), "{said}");
}

#[test]
fn only_commits_that_the_remote_has_not_yet_are_reviewed() {
    let sandbox = sandbox();
    let repository = pushing(&sandbox);
    repository.write("src/old.py", FAULT);
    repository.commit("an old fault");
    pushed(&repository, &["-q", "--no-verify", "origin", "main"]);
    // A new branch, whose own commit is harmless.
    repository.git(&["switch", "-qc", "work"]);
    repository.write("src/b.py", CLEAN);
    repository.commit("work");
    let said = pushed(&repository, &["origin", "work"]);
    assert!(said.contains("1 file in"), "{said}");
    // The same commits under another name, and nothing at all.
    let said = pushed(&repository, &["origin", "work:again"]);
    assert!(!said.contains("code-review:"), "nothing of it is new: {said}");
    assert!(!pushed(&repository, &["origin", "work"]).contains("code-review:"));
    // What came by a merge is the remote's already.
    repository.git(&["switch", "-q", "main"]);
    repository.write("src/upstream.py", FAULT);
    repository.commit("upstream");
    pushed(&repository, &["-q", "--no-verify", "origin", "main"]);
    repository.git(&["switch", "-q", "work"]);
    repository.git(&["merge", "-q", "--no-edit", "main"]);
    let said = pushed(&repository, &["origin", "work"]);
    assert!(!said.contains("upstream"), "{said}");
    // A fault in the first of several new commits is in what is pushed.
    repository.write("src/c.py", FAULT);
    repository.commit("fault");
    repository.write("src/d.py", CLEAN);
    repository.commit("harmless");
    held(&repository, &["origin", "work"], "changes are requested");
}

#[test]
fn new_branches_tags_and_several_refs_are_each_reviewed() {
    let sandbox = sandbox();
    let repository = pushing(&sandbox);
    repository.git(&["switch", "-qc", "good"]);
    repository.write("src/b.py", CLEAN);
    repository.commit("good");
    repository.git(&["switch", "-qc", "bad", "main"]);
    repository.write("src/b.py", FAULT);
    repository.commit("bad");
    repository.git(&["tag", "light"]);
    repository.git(&["tag", "-a", "-m", "x", "heavy"]);
    held(&repository, &["origin", "good", "bad"], "refs/heads/bad: changes are requested");
    held(&repository, &["origin", "bad", "good"], "refs/heads/bad: changes are requested");
    held(&repository, &["origin", "light"], "refs/tags/light: changes are requested");
    held(&repository, &["origin", "good", "heavy"], "refs/tags/heavy: changes are requested");
    let said = pushed(&repository, &["origin", "good", "good:same", "good:refs/tags/same"]);
    assert_eq!(said.matches("APPROVED").count(), 1, "one commit is reviewed once: {said}");
    // A tag of something else than a commit cannot be reviewed.
    let blob = repository.read(&["rev-parse", "good:src/b.py"]);
    repository.git(&["tag", "blob", &blob]);
    held(&repository, &["origin", "blob"], "refs/tags/blob is no commit");
}

#[test]
fn deleting_is_no_push_of_anything() {
    let sandbox = sandbox();
    let repository = pushing(&sandbox);
    pushed(&repository, &["-q", "origin", "main:gone"]);
    assert!(!pushed(&repository, &["origin", ":gone"]).contains("code-review:"));
    assert!(!refs(&repository).contains("gone"));
    // Beside a deletion the rest is reviewed all the same.
    pushed(&repository, &["-q", "origin", "main:gone"]);
    repository.write("src/b.py", FAULT);
    repository.commit("fault");
    held(&repository, &["origin", ":gone", "main"], "changes are requested");
    // A commit that takes files away is a change; nobody here can read it.
    repository.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repository.git(&["rm", "-q", "src/a.py"]);
    repository.commit("gone");
    held(&repository, &["origin", "main"], "no verdict");
}

#[test]
fn a_forced_push_is_reviewed_from_where_it_left_what_the_remote_has() {
    let sandbox = sandbox();
    let repository = pushing(&sandbox);
    repository.git(&["switch", "-qc", "work"]);
    repository.write("src/b.py", CLEAN);
    repository.commit("one");
    pushed(&repository, &["-q", "origin", "work"]);
    repository.write("src/b.py", FAULT);
    repository.git(&["commit", "-q", "--amend", "--no-verify", "-am", "other"]);
    held(&repository, &["--force", "origin", "work"], "changes are requested");
    repository.write("src/b.py", "c = 3\n");
    repository.git(&["commit", "-q", "--amend", "--no-verify", "-am", "third"]);
    assert!(pushed(&repository, &["--force", "origin", "work"]).contains("APPROVED"));
    // Onto a branch that somebody else has moved, unseen from here.
    let other = sandbox.path("other");
    let address = remote(&sandbox);
    repository.git(&["clone", "-q", "-b", "work", address.to_str().unwrap(), other.to_str().unwrap()]);
    let other = repository.beside(&other);
    other.write("src/theirs.py", CLEAN);
    other.commit("theirs");
    other.git(&["push", "-q", "origin", "work"]);
    repository.write("src/c.py", FAULT);
    repository.commit("fault");
    held(&repository, &["--force", "origin", "work"], "changes are requested");
    // Of another history all is new.
    repository.git(&["switch", "-q", "--orphan", "island"]);
    repository.write("src/island.py", FAULT);
    repository.commit("island");
    held(&repository, &["--force", "origin", "island:main"], "changes are requested");
}

#[test]
fn nothing_but_an_approval_goes_through() {
    let sandbox = sandbox();
    let repository = pushing(&sandbox);
    repository.write("src/b.py", CLEAN);
    repository.commit("harmless");
    // What the user got wrong when editing the hook.
    for (right, wrong, why) in [
        ("--gate critical", "--gate critcal", "critcal"),
        ("--gate critical", "--gaet critical", "--gaet"),
        ("--timeout 10m", "--timeout 10", "asks for what cannot be"),
        ("--gate critical", "--gate critical --files scr", "matches nothing"),
        ("--gate critical", "--gate critical --runner nobody", "nobody"),
        ("pan review", "pam review", "not installed"),
    ] {
        repository.hook("pre-push", |hook| {
            assert!(hook.contains(right), "{right}");
            hook.replace(right, wrong)
        });
        held(&repository, &["origin", "main"], why);
    }
    repository.hook("pre-push", as_it_is);
    fs::write(sandbox.home().config(), "runner = [").unwrap();
    held(&repository, &["origin", "main"], "config.toml");
    sandbox.furnish();
    // What nobody could read is not approved.
    repository.git(&["switch", "-qc", "words"]);
    repository.write("notes.txt", "words\n");
    repository.git(&["rm", "-q", "src/b.py"]);
    repository.commit("words");
    held(&repository, &["origin", "words"], "no verdict");
    repository.git(&["switch", "-q", "main"]);
    pushed(&repository, &["origin", "main"]);
    // An empty commit is nothing to review, as git proves.
    repository.commit("empty");
    pushed(&repository, &["origin", "main"]);
}

#[test]
fn from_a_shallow_clone_what_is_new_is_reviewed() {
    let sandbox = sandbox();
    let repository = pushing(&sandbox);
    repository.write("src/old.py", FAULT);
    repository.commit("an old fault");
    pushed(&repository, &["-q", "--no-verify", "origin", "main"]);
    let shallow = sandbox.path("shallow");
    let address = format!("file://{}", remote(&sandbox).display());
    repository.git(&["clone", "-q", "--depth", "1", "-b", "main", &address, shallow.to_str().unwrap()]);
    let shallow = repository.beside(&shallow);
    shallow.hook("pre-push", as_it_is);
    shallow.write("src/b.py", CLEAN);
    shallow.commit("harmless");
    assert!(pushed(&shallow, &["origin", "HEAD:main"]).contains("1 file in"));
    shallow.write("src/c.py", FAULT);
    shallow.commit("fault");
    held(&shallow, &["origin", "HEAD:new"], "changes are requested");
    // The fork point is on the other side of the edge: nobody can tell what changed.
    let out = shallow.run("pan", &["review", "--commit", "HEAD", "--base", "HEAD~2", "--runner", "builtin"]);
    assert_eq!(out.status.code(), Some(1), "{}", shown(&out));
    let out = shallow.run("pan", &["review", "--commit", "HEAD~2", "--runner", "builtin"]);
    assert_eq!(out.status.code(), Some(2), "{}", shown(&out));
    assert!(told(&out).contains("fetch-depth"), "{}", told(&out));
}

/// The hook, and around it a look at the index of the commit and at that of the
/// work tree: git itself writes them before and after.
fn watched(hook: &str) -> String {
    let (first, rest) = hook.split_once('\n').unwrap();
    format!(
        "{first}\nsums() {{ cat \"$GIT_INDEX_FILE\" \"$(git rev-parse --git-dir)/index\" 2>/dev/null | cksum; }}\nbefore=$(sums)\n(\n{rest}\n)\nstatus=$?\n[ \"$before\" = \"$(sums)\" ] || echo INDEX CHANGED >&2\nexit $status\n"
    )
}

/// The commit did not happen, and nothing of it is left.
fn not_committed(repository: &Repository<'_>, words: &[&str], why: &str) {
    let head = || repository.read(&["rev-parse", "HEAD"]);
    let before = (head(), repository.read(&["status", "--porcelain"]));
    let out = repository.try_git(&[&["commit", "-m", "x"], words].concat());
    assert!(!out.status.success(), "{words:?}: {}", shown(&out));
    assert!(
        told(&out).contains("pre-commit: held back") && told(&out).contains(why),
        "{words:?}: {}",
        told(&out)
    );
    assert!(!told(&out).contains("INDEX CHANGED"), "{words:?}: {}", told(&out));
    let after = (head(), repository.read(&["status", "--porcelain"]));
    assert_eq!(after, before, "{words:?}");
}

/// The commit happened, and changes just these files.
fn committed(repository: &Repository<'_>, words: &[&str], files: &[&str]) {
    let out = repository.try_git(&[&["commit", "-m", "x"], words].concat());
    assert!(out.status.success(), "{words:?}: {}", shown(&out));
    assert!(!told(&out).contains("INDEX CHANGED"), "{words:?}: {}", told(&out));
    let holds = repository.read(&["show", "--format=", "--name-only", "HEAD"]);
    assert_eq!(holds.lines().collect::<Vec<_>>(), files, "{words:?}");
}

/// In the first work tree and in a linked one.
fn in_each_work_tree(try_it: impl Fn(&Repository<'_>)) {
    let sandbox = sandbox();
    let repository = Repository::new(&sandbox);
    repository.write("src/b.py", "b = 1\n");
    repository.write("src/c.py", "c = 1\n");
    repository.commit("second");
    repository.hook("pre-commit", |hook| watched(&hook));
    let linked = sandbox.path("linked");
    repository.git(&["worktree", "add", "-q", "-b", "work", linked.to_str().unwrap()]);
    let linked = repository.beside(&linked);
    for work_tree in [&repository, &linked] {
        try_it(work_tree);
        assert_eq!(repository.worktrees().len(), 1, "{:?}", repository.worktrees());
        let left = fs::read_dir(sandbox.home().checkouts()).unwrap().count();
        assert_eq!(left, 0, "checkouts are left");
        assert_eq!(work_tree.read(&["fsck", "--no-dangling", "--no-progress"]), "");
    }
}

#[test]
fn a_commit_of_the_index_is_judged_by_the_index() {
    in_each_work_tree(|repository| {
        // The fault is staged, and covered up by an edit that is not.
        repository.write("src/b.py", FAULT);
        repository.git(&["add", "src/b.py"]);
        repository.write("src/b.py", "b = 2\n");
        not_committed(repository, &[], "changes are requested");
        // The other way round.
        repository.git(&["add", "src/b.py"]);
        repository.write("src/b.py", FAULT);
        repository.write("src/untracked.py", FAULT);
        let staged = repository.read(&["write-tree"]);
        committed(repository, &[], &["src/b.py"]);
        assert_eq!(repository.read(&["rev-parse", "HEAD^{tree}"]), staged);
        assert_eq!(repository.read(&["status", "--porcelain"]), " M src/b.py\n?? src/untracked.py");
    });
}

#[test]
fn commit_all_is_judged_by_all_that_is_tracked() {
    in_each_work_tree(|repository| {
        repository.write("src/b.py", FAULT);
        repository.write("src/c.py", "c = 2\n");
        not_committed(repository, &["-a"], "changes are requested");
        repository.write("src/b.py", "b = 2\n");
        repository.write("src/untracked.py", FAULT);
        committed(repository, &["-a"], &["src/b.py", "src/c.py"]);
        assert_eq!(repository.read(&["status", "--porcelain"]), "?? src/untracked.py");
        // Amended: what changes since the commit that is amended.
        repository.write("src/c.py", FAULT);
        not_committed(repository, &["-a", "--amend"], "changes are requested");
        repository.git(&["checkout", "-q", "src/c.py"]);
        committed(repository, &["--amend"], &["src/b.py", "src/c.py"]);
    });
}

#[test]
fn commit_of_a_path_is_judged_by_that_path() {
    in_each_work_tree(|repository| {
        repository.write("src/b.py", FAULT);
        repository.write("src/c.py", "c = 2\n");
        not_committed(repository, &["src/b.py"], "changes are requested");
        // What is staged beside it stays staged, and is not judged.
        repository.git(&["add", "src/b.py"]);
        committed(repository, &["src/c.py"], &["src/c.py"]);
        assert_eq!(repository.read(&["status", "--porcelain"]), "M  src/b.py");
        not_committed(repository, &[], "changes are requested");
    });
}

#[test]
fn the_first_commit_is_judged_whole_and_a_wrong_call_blocks() {
    let sandbox = sandbox();
    let repository = Repository::new(&sandbox);
    repository.hook("pre-commit", |hook| watched(&hook));
    repository.git(&["switch", "-q", "--orphan", "new"]);
    repository.write("src/a.py", FAULT);
    repository.git(&["add", "-A"]);
    let out = repository.try_git(&["commit", "-m", "x"]);
    assert!(!out.status.success() && told(&out).contains("changes are requested"), "{}", shown(&out));
    repository.write("src/a.py", CLEAN);
    repository.git(&["add", "-A"]);
    committed(&repository, &[], &["src/a.py"]);
    repository.write("src/a.py", "a = 3\n");
    repository.git(&["add", "-A"]);
    repository.hook("pre-commit", |hook| hook.replace("--gate critical", "--gate critcal"));
    not_committed(&repository, &[], "critcal");
    repository.hook("pre-commit", |hook| hook.replace("pan review", "no-such-program"));
    not_committed(&repository, &[], "not installed");
    repository.hook("pre-commit", |hook| watched(&hook));
    committed(&repository, &[], &["src/a.py"]);
    committed(&repository, &["--allow-empty"], &[]);
}
