use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::candidates::sort_out;
use super::*;

struct Sandbox {
    dir: tempfile::TempDir,
    environment: Environment,
}

impl Sandbox {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("p")).unwrap();
        let variables = BTreeMap::from([
            ("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into()),
            ("HOME".into(), dir.path().as_os_str().to_owned()),
            // Must not reach git.
            ("GIT_DIR".into(), "/nowhere".into()),
        ]);
        let environment = Environment::from_parts(variables, dir.path().to_path_buf()).unwrap();
        Sandbox { dir, environment }
    }

    fn with_git() -> Self {
        let project = Sandbox::new();
        project.git(&["init", "-q", "-b", "main"]);
        project
    }

    /// One commit on main, and one on the branch `work`.
    fn with_two() -> Self {
        let project = Self::with_git();
        project.write("src/a.ts").write("test/t.ts");
        project.commit();
        project.git(&["checkout", "-qb", "work"]);
        project.write("src/[id]/b.ts");
        project.commit();
        project
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("p")
    }

    fn write(&self, name: impl AsRef<Path>) -> &Self {
        self.write_text(name, "x\n")
    }

    fn write_text(&self, name: impl AsRef<Path>, text: &str) -> &Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn git(&self, arguments: &[&str]) {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", self.dir.path());
        let output = command.args(identity).args(arguments).current_dir(self.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "x"]);
    }

    fn files(&self, patterns: &[&str]) -> Result<Vec<String>, String> {
        self.select(patterns, None).map(|found| found.0)
    }

    fn diff(&self, base: Option<&str>) -> Result<(Vec<String>, Option<String>), String> {
        self.select(&[], Some(Diff { base: base.map(str::to_owned) }))
    }

    fn select(&self, patterns: &[&str], diff: Option<Diff>) -> Result<(Vec<String>, Option<String>), String> {
        let selection = of(patterns, &[], diff);
        let line = |p: &Diagnostic| format!("{p} ({})\n", p.hint.clone().unwrap_or_default());
        self.from("", &selection)
            .map(|found| (shown(&found.files), found.base.map(|base| base.shown)))
            .map_err(|problems| problems.iter().map(line).collect())
    }

    /// For somebody who stands in this directory of the project.
    fn from(&self, standing: &str, selection: &Selection) -> Result<Selected, Vec<Diagnostic>> {
        let own = OwnFiles::default().and_directory(&self.real().join("reports"));
        let project = Project::find(&self.environment, &self.path().join(standing)).unwrap();
        select(&self.environment, &project, selection, &own)
    }

    fn real(&self) -> PathBuf {
        self.path().canonicalize().unwrap()
    }
}

fn of(patterns: &[&str], excludes: &[&str], diff: Option<Diff>) -> Selection {
    let words = |words: &[&str]| words.iter().map(OsString::from).collect();
    Selection { patterns: words(patterns), excludes: words(excludes), diff, ..Selection::default() }
}

fn since(base: &str) -> Diff {
    Diff { base: Some(base.to_owned()) }
}

fn shown(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| text::path(path)).collect()
}

fn kind(result: Result<Selected, Vec<Diagnostic>>) -> DiagnosticKind {
    result.unwrap_err()[0].kind
}

#[test]
fn untracked_files_count_and_ignored_ones_do_not() {
    let project = Sandbox::with_git();
    project
        .write("src/a.ts")
        .write("src/b.ts")
        .write("src/gone.ts")
        .write_text(".gitignore", "*.log\n/out/\n");
    project.commit();
    project.write("src/new.ts").write("src/x.log").write("out/y.ts");
    fs::remove_file(project.path().join("src/gone.ts")).unwrap();
    symlink("/etc/hostname", project.path().join("src/link.ts")).unwrap();
    assert_eq!(project.files(&["src"]).unwrap(), ["src/a.ts", "src/b.ts", "src/new.ts"]);
    assert_eq!(project.files(&["**/*.ts", "src/a.ts"]).unwrap(), ["src/a.ts", "src/b.ts", "src/new.ts"]);
    let error = project.files(&["out/y.ts"]).unwrap_err();
    assert!(error.contains("matches nothing") && error.contains("git ignores it"), "{error}");
}

#[test]
fn every_pattern_must_match_and_all_that_do_not_are_told() {
    let project = Sandbox::new();
    project.write("src/lib/a.ts");
    let error = project.files(&["src/**/*.ts", "scr/**/*.ts", "src/lob/*.ts", "../x", "/etc/*"]).unwrap_err();
    for want in [
        "'scr/**/*.ts' matches nothing",
        "there is no 'scr', but 'src'",
        "there is no 'src/lob', but 'src/lib'",
        "'../x' is outside",
        "'/etc/*' is outside",
    ] {
        assert!(error.contains(want), "{want:?} not in {error}");
    }
    assert_eq!(error.lines().count(), 4, "{error}");
}

#[test]
fn absolute_and_dotted_patterns_are_taken_inside_the_project() {
    let project = Sandbox::new();
    project.write("src/a.ts").write("b.ts");
    let absolute = project.path().join("src/");
    for pattern in ["./src", "src/", "././src/*.ts", absolute.to_str().unwrap()] {
        assert_eq!(project.files(&[pattern]).unwrap(), ["src/a.ts"], "{pattern}");
    }
    assert_eq!(project.files(&["."]).unwrap().len(), 2);
    assert_eq!(project.files(&[project.path().to_str().unwrap()]).unwrap().len(), 2);
}

#[test]
fn names_are_bytes() {
    for git in [false, true] {
        let project = if git { Sandbox::with_git() } else { Sandbox::new() };
        let names: [&[u8]; 4] = [b"a\nb.ts", b"\xff.ts", b"\"q\" $(x).ts", "é.ts".as_bytes()];
        for name in names {
            project.write(Path::new(&OsString::from_vec(name.to_vec())));
        }
        let selection = Selection { patterns: vec!["*.ts".into()], ..Selection::default() };
        let found = project.from("", &selection).unwrap();
        assert_eq!(found.files.len(), 4, "git: {git}");
        let exact = OsString::from_vec(b"\xff.ts".to_vec());
        let selection = Selection { patterns: vec![exact.clone()], ..Selection::default() };
        let found = project.from("", &selection).unwrap();
        assert_eq!(found.files, [PathBuf::from(exact)], "git: {git}");
    }
}

#[test]
fn without_git_the_tree_is_walked_and_links_are_not_followed() {
    let project = Sandbox::new();
    project.write("a/b/c.ts").write(".git/config");
    symlink("/etc", project.path().join("etc")).unwrap();
    symlink(project.path(), project.path().join("loop")).unwrap();
    assert_eq!(project.files(&["."]).unwrap(), ["a/b/c.ts"]);
}

#[test]
fn diff_is_what_changed_since_the_merge_base() {
    let project = Sandbox::with_git();
    project.write("old.ts").write("kept.ts").write("deleted.ts").write("sub/s.ts");
    project.commit();
    project.git(&["checkout", "-qb", "work"]);
    project.write_text("committed.ts", "1");
    project.commit();
    project.git(&["checkout", "-q", "main"]);
    project.write_text("upstream.ts", "1");
    project.commit();
    project.git(&["checkout", "-q", "work"]);
    project.write_text("old.ts", "changed").write_text("staged.ts", "1");
    project.git(&["add", "staged.ts"]);
    project.write("untracked.ts");
    fs::remove_file(project.path().join("deleted.ts")).unwrap();
    let (files, base) = project.diff(None).unwrap();
    assert_eq!(files, ["committed.ts", "old.ts", "staged.ts", "untracked.ts"]);
    assert!(base.unwrap().starts_with("main ("));
    let (files, base) = project.diff(Some("HEAD")).unwrap();
    assert_eq!(files, ["old.ts", "staged.ts", "untracked.ts"]);
    assert!(base.unwrap().starts_with("HEAD ("));
    let (files, _) = project.select(&["s*.ts"], Some(Diff { base: None })).unwrap();
    assert_eq!(files, ["staged.ts"]);
    let error = project.select(&["kept.ts"], Some(Diff { base: None })).unwrap_err();
    assert!(error.contains("nothing has changed since main (") && error.contains(" in kept.ts"), "{error}");
    // Of several patterns one may be of what has not changed; none may match nothing.
    let (files, _) = project.select(&["kept.ts", "s*.ts"], Some(Diff { base: None })).unwrap();
    assert_eq!(files, ["staged.ts"]);
    let error = project.select(&["kpet.ts", "s*.ts"], Some(Diff { base: None })).unwrap_err();
    assert!(error.contains("'kpet.ts' matches nothing"), "{error}");
}

#[test]
fn diff_without_changes_or_git_or_such_a_base_is_an_error() {
    let project = Sandbox::with_git();
    assert!(project.diff(None).unwrap_err().contains("nothing has changed since the beginning"));
    project.write("a.ts");
    assert_eq!(project.diff(None).unwrap().0, ["a.ts"], "no commit yet: everything is new");
    project.commit();
    assert!(project.diff(None).unwrap_err().contains("nothing has changed since main ("));
    assert!(project.diff(Some("nope")).unwrap_err().contains("no commit 'nope'"));
    assert!(project.diff(Some("--help")).unwrap_err().contains("no commit '--help'"));
    project.git(&["branch", "-qm", "trunk"]);
    project.write("b.ts");
    assert!(project.diff(None).unwrap().1.unwrap().starts_with("trunk ("), "the only branch");
    project.git(&["branch", "-q", "other"]);
    assert!(project.diff(None).unwrap_err().contains("--diff=BRANCH"));
    assert!(Sandbox::new().diff(None).unwrap_err().contains("is not a git project"));
}

#[test]
fn the_projects_configuration_runs_nothing() {
    let project = Sandbox::with_git();
    project.write_text(".gitattributes", "* filter=evil\n").write("a.ts");
    project.commit();
    let trap = project.dir.path().join("trapped");
    let script = project.dir.path().join("evil.sh");
    fs::write(&script, format!("#!/bin/sh\ntouch {}\ncat\n", trap.display())).unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let evil = script.to_str().unwrap();
    for key in
        ["core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.external", "core.sshCommand"]
    {
        project.git(&["config", key, evil]);
    }
    project.git(&["config", "filter.evil.required", "true"]);
    for hook in ["post-index-change", "fsmonitor-watchman"] {
        fs::copy(&script, project.path().join(".git/hooks").join(hook)).unwrap();
    }
    let _ = fs::remove_file(&trap);
    project.write_text("a.ts", "changed\n");
    assert_eq!(project.files(&["*.ts"]).unwrap(), ["a.ts"]);
    assert_eq!(project.diff(None).unwrap().0, ["a.ts"]);
    assert!(!trap.exists(), "a command of the project's configuration ran");
}

#[test]
fn the_project_is_the_top_of_the_work_tree_wherever_one_stands() {
    let project = Sandbox::with_two();
    for standing in ["", "test", "src/[id]"] {
        let found = project.from(standing, &of(&[], &[], Some(since("main")))).unwrap();
        assert_eq!(shown(&found.files), ["src/[id]/b.ts"], "{standing:?}");
    }
    let found = project.from("test", &of(&["t.ts", "../src"], &[], None)).unwrap();
    assert_eq!(shown(&found.files), ["src/[id]/b.ts", "src/a.ts", "test/t.ts"]);
    let found = project.from("src/[id]", &of(&["*.ts"], &[], None)).unwrap();
    assert_eq!(shown(&found.files), ["src/[id]/b.ts"]);
    let found = project.from("src", &of(&["."], &[], None)).unwrap();
    assert_eq!(shown(&found.files), ["src/[id]/b.ts", "src/a.ts"]);
    // Through a symbolic link one stands where it leads.
    symlink(project.path().join("src"), project.dir.path().join("way")).unwrap();
    let way = Project::find(&project.environment, &project.dir.path().join("way")).unwrap();
    assert_eq!((way.root, way.standing), (project.real(), PathBuf::from("src")));
    let git = ProjectGit::open(&project.environment, &project.dir.path().join("way")).unwrap();
    assert_eq!(git.expect("it leads into a repository").root(), project.real());
    let absolute = project.dir.path().join("way/a.*");
    let found = project.from("test", &of(&[absolute.to_str().unwrap()], &[], None)).unwrap();
    assert_eq!(shown(&found.files), ["src/a.ts"]);
}

#[test]
fn a_linked_worktree_and_a_submodule_are_projects_of_their_own() {
    let project = Sandbox::with_two();
    let beside = project.dir.path().join("beside");
    project.git(&["worktree", "add", "-q", beside.to_str().unwrap(), "main"]);
    let found = Project::find(&project.environment, &beside.join("test")).unwrap();
    assert_eq!(found.root, beside.canonicalize().unwrap());
    let inner = project.dir.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let git = |arguments: &[&str]| project.git(&[&["-C", inner.to_str().unwrap()], arguments].concat());
    git(&["init", "-q", "-b", "main"]);
    fs::write(inner.join("i.ts"), "1").unwrap();
    git(&["add", "-A"]);
    git(&["commit", "-qm", "x"]);
    let from = inner.to_str().unwrap();
    project.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", from, "sub"]);
    project.git(&["commit", "-qm", "sub"]);
    let found = Project::find(&project.environment, &project.path().join("sub")).unwrap();
    assert_eq!(found.root, project.real().join("sub"));
    // Its files are not the outer project's; that it moved is a change, and no file.
    let all = project.from("", &of(&["."], &[], None)).unwrap();
    assert!(!shown(&all.files).iter().any(|file| file.starts_with("sub/")), "{all:?}");
    let found = project.from("", &of(&[], &["src", ".gitmodules"], Some(since("main")))).unwrap();
    assert_eq!((shown(&found.files), shown(&found.not_files)), (vec![], vec!["sub".to_owned()]));
    assert!(found.diff.unwrap().contains("+Subproject commit"));
}

#[test]
fn what_was_deleted_is_a_change() {
    let project = Sandbox::with_git();
    project.write("src/guard.ts").write("src/a.ts").write("-odd \"name\"\n.ts");
    project.commit();
    project.git(&["checkout", "-qb", "work"]);
    project.git(&["rm", "-q", "src/guard.ts"]);
    project.git(&["commit", "-qm", "gone"]);
    fs::remove_file(project.path().join("-odd \"name\"\n.ts")).unwrap();
    let found = project.from("", &of(&[], &[], Some(since("main")))).unwrap();
    assert_eq!((found.files.len(), found.not_files.len()), (0, 2), "{found:?}");
    assert!(found.diff.unwrap().contains("deleted file mode"));
    let found = project.from("", &of(&["src"], &[], Some(since("main")))).unwrap();
    assert_eq!(shown(&found.not_files), ["src/guard.ts"]);
    assert!(!found.diff.unwrap().contains("odd"), "the diff is of what was chosen");
    // A link instead of a file is no file either.
    fs::remove_file(project.path().join("src/a.ts")).unwrap();
    symlink("/etc/hostname", project.path().join("src/a.ts")).unwrap();
    let found = project.from("src", &of(&["a.ts"], &[], Some(since("main")))).unwrap();
    assert_eq!((shown(&found.files), shown(&found.not_files)), (vec![], vec!["src/a.ts".to_owned()]));
}

#[test]
fn nothing_to_review_is_only_what_git_proves() {
    let project = Sandbox::with_two();
    let all = |selection: &Selection| project.from("", selection);
    assert_eq!(kind(all(&of(&[], &[], Some(since("HEAD"))))), DiagnosticKind::NothingToReview);
    assert_eq!(kind(all(&of(&["test"], &[], Some(since("main"))))), DiagnosticKind::NothingToReview);
    assert_eq!(kind(all(&of(&["tset"], &[], Some(since("main"))))), DiagnosticKind::Usage);
    assert_eq!(
        kind(all(&of(&[], &["src/**"], Some(since("main"))))),
        DiagnosticKind::Unread,
        "left out is not read"
    );
    assert_eq!(kind(all(&of(&["."], &["."], None))), DiagnosticKind::Usage);
    assert_eq!(kind(all(&of(&[], &[], Some(since("nope"))))), DiagnosticKind::Usage);
}

#[test]
fn excluded_files_are_in_neither_the_list_nor_the_diff() {
    let project = Sandbox::with_two();
    project.write_text("src/gen/x.ts", "generated\n").write_text("src/a.ts", "mine\n");
    project.commit();
    let found = project.from("", &of(&[], &["src/gen"], Some(since("main")))).unwrap();
    assert_eq!(shown(&found.files), ["src/[id]/b.ts", "src/a.ts"]);
    let diff = found.diff.unwrap();
    assert!(diff.contains("mine") && !diff.contains("generated"), "{diff}");
    let found = project.from("src", &of(&["!gen", "!**/[id]/*", "!nope"], &["../test/**"], None)).unwrap();
    assert_eq!(shown(&found.files), ["src/a.ts"]);
    assert_eq!(found.notes, ["--files 'nope' takes nothing away"]);
    let found = project.from("", &of(&["src", "!*/gen"], &[], None)).unwrap();
    assert_eq!(shown(&found.files), ["src/[id]/b.ts", "src/a.ts"]);
    // A name that begins so is written as a path.
    project.write("!odd.ts");
    assert_eq!(project.files(&["./!odd.ts"]).unwrap(), ["!odd.ts"]);
}

#[test]
fn what_convoy_wrote_is_left_out_and_that_is_said() {
    for git in [false, true] {
        let project = if git { Sandbox::with_git() } else { Sandbox::new() };
        let report = "reports/20261128-112023-mg6y37-correctness.md";
        project.write("a.ts").write(report).write("reports/mine.md");
        if git {
            project.git(&["add", "-Af"]);
        }
        let found = project.from("", &of(&["."], &[], None)).unwrap();
        assert_eq!(shown(&found.files), ["a.ts", "reports/mine.md"], "git: {git}");
        assert_eq!(found.notes, ["1 file that convoy wrote itself left out"]);
        let error = project.files(&[report]).unwrap_err();
        assert!(error.contains("convoy wrote it"), "{error}");
        if git {
            let found = project.from("", &of(&[], &[], Some(Diff { base: None }))).unwrap();
            assert_eq!(shown(&found.files), ["a.ts", "reports/mine.md"]);
        }
    }
}

/// A clone of the project as a pipeline makes it.
fn cloned(project: &Sandbox, name: &str, options: &[&str]) -> PathBuf {
    let to = project.dir.path().join(name);
    let from = format!("file://{}", project.path().display());
    project.git(&[&["clone", "-q"], options, &[from.as_str(), to.to_str().unwrap()]].concat());
    to
}

fn in_clone(project: &Sandbox, clone: &Path, base: Option<&str>) -> Result<Selected, Diagnostic> {
    let place = Project::find(&project.environment, clone).unwrap();
    let diff = Some(Diff { base: base.map(str::to_owned) });
    select(&project.environment, &place, &of(&[], &[], diff), &OwnFiles::default())
        .map_err(|mut all| all.remove(0))
}

#[test]
fn without_a_commit_in_common_nothing_is_taken_for_the_base() {
    let project = Sandbox::with_two();
    project.git(&["checkout", "-q", "main"]);
    project.write_text("test/t.ts", "moved\n");
    project.commit();
    let shallow = cloned(&project, "shallow", &["--depth", "1", "-b", "work"]);
    let told = |base: Option<&str>| {
        let problem = in_clone(&project, &shallow, base).unwrap_err();
        assert_eq!(problem.kind, DiagnosticKind::Usage, "{problem}");
        format!("{problem}: {}", problem.hint.clone().unwrap_or_default())
    };
    // Only its own branch is there: that is not what it began from.
    assert!(told(None).contains("default branch") && told(None).contains("fetch-depth: 0"), "{}", told(None));
    assert!(
        told(Some("HEAD~1")).contains("no commit 'HEAD~1'") && told(Some("HEAD~1")).contains("--unshallow")
    );
    let shallow_git = ["-C", shallow.to_str().unwrap()];
    project.git(
        &[&shallow_git[..], &["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"]]
            .concat(),
    );
    let said = told(Some("origin/main"));
    assert!(said.contains("no commit in common") && said.contains("fetch-depth: 0"), "{said}");
    assert!(told(Some("main")).contains("did you mean 'origin/main'?"));
    project.git(&[&shallow_git[..], &["fetch", "-q", "--unshallow", "origin"]].concat());
    let found = in_clone(&project, &shallow, Some("origin/main")).unwrap();
    assert_eq!(shown(&found.files), ["src/[id]/b.ts"]);
    // Two beginnings in one repository.
    project.git(&["checkout", "-q", "--orphan", "alone"]);
    let unborn = project.from("", &of(&[], &[], Some(since("main")))).unwrap_err().remove(0);
    assert!(unborn.to_string().contains("no commit yet"), "{unborn}");
    project.git(&["commit", "-qm", "alone"]);
    let alone = project.from("", &of(&[], &[], Some(since("main")))).unwrap_err().remove(0);
    assert!(alone.to_string().contains("no commit in common"), "{alone}");
    assert!(alone.hint.unwrap().contains("--diff=COMMIT"));
}

#[test]
fn a_clone_without_contents_is_an_error_that_says_what_to_do() {
    let project = Sandbox::with_git();
    project.write_text("a.ts", "before\n");
    project.commit();
    project.git(&["checkout", "-qb", "work"]);
    project.write_text("a.ts", "after\n");
    project.commit();
    project.git(&["config", "uploadpack.allowFilter", "true"]);
    let partial = cloned(&project, "partial", &["--filter=blob:none", "-b", "work"]);
    let problem = in_clone(&project, &partial, Some("origin/main")).unwrap_err();
    assert!(problem.to_string().starts_with("git diff failed"), "{problem}");
    assert!(problem.hint.as_ref().unwrap().contains("--refetch --no-filter"), "{problem:?}");
    // What the hint says helps.
    let arguments = ["fetch", "-q", "--refetch", "--no-filter"];
    project.git(&[&["-C", partial.to_str().unwrap()], &arguments[..]].concat());
    assert_eq!(in_clone(&project, &partial, Some("origin/main")).unwrap().files.len(), 1);
}

#[test]
fn a_git_that_fails_is_no_project_without_git() {
    let project = Sandbox::with_git();
    project.write("a.ts");
    fs::write(project.path().join(".git/config"), "[core\n").unwrap();
    let problem = Project::find(&project.environment, &project.path()).unwrap_err();
    assert!(problem.to_string().starts_with("git rev-parse failed: fatal: bad config"), "{problem}");
    let lost = Sandbox::new();
    lost.write_text(".git", "gitdir: ../nowhere\n");
    let problem = Project::find(&lost.environment, &lost.path()).unwrap_err();
    assert!(problem.to_string().contains("not a git repository"), "{problem}");
    let inside = Sandbox::with_git();
    let problem = Project::find(&inside.environment, &inside.path().join(".git")).unwrap_err();
    assert!(problem.hint.unwrap().contains("git worktree add"), "{:?}", problem.message);
    let mut without = Sandbox::with_git();
    without.environment.variables.insert("PATH".into(), "/nowhere".into());
    let problem = Project::find(&without.environment, &without.path()).unwrap_err();
    assert!(problem.to_string().contains("git is not installed"), "{problem}");
}

/// File, ranges, deletions, of what differs from main.
fn lines_of(project: &Sandbox) -> Vec<(String, Vec<[u32; 2]>, Vec<u32>)> {
    let found = project.from("", &of(&[], &[], Some(since("main")))).unwrap();
    let told = |one: Changed| (text::path(one.file.as_path()), one.ranges, one.deletions);
    found.changed.unwrap().into_iter().map(told).collect()
}

#[test]
fn the_lines_of_a_change_are_those_that_git_shows() {
    let project = Sandbox::with_git();
    let ten = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
    for name in ["src/edited.ts", "src/renamed.ts", "src/moved and edited.ts", "src/mode.ts", "src/gone.ts"] {
        project.write_text(name, &format!("{name}\n{ten}"));
    }
    project.write_text("x.bin", "a\0b").write_text("old.bin", &"\0a\n".repeat(50));
    project.commit();
    project.git(&["checkout", "-qb", "work"]);
    // What a user's settings make of a diff does not count.
    for (key, value) in
        [("diff.noprefix", "true"), ("diff.interHunkContext", "9"), ("diff.external", "false")]
    {
        project.git(&["config", key, value]);
    }
    project.write_text("src/edited.ts", "src/edited.ts\n0\n1\n2\n3\n5\n6\nseven\n8\n9\n10\n");
    project.git(&["mv", "src/renamed.ts", "src/later.ts"]);
    project.git(&["mv", "src/moved and edited.ts", "src/\"odd\"\n\u{e9}.ts"]);
    project.write_text("src/\"odd\"\n\u{e9}.ts", &format!("src/moved and edited.ts\n{ten}11\n"));
    project.git(&["update-index", "--chmod=+x", "src/mode.ts"]);
    fs::remove_file(project.path().join("src/gone.ts")).unwrap();
    project.write_text("x.bin", "a\0c");
    project.git(&["mv", "old.bin", "new.bin"]);
    project.write_text("new.bin", &"\0a\n".repeat(51));
    project.write("src/fresh.ts");
    let whole = vec![[1, u32::MAX]];
    let mut found = lines_of(&project);
    found.sort();
    let want = [
        ("new.bin", whole.clone(), vec![]),
        ("src/\"odd\"\n\u{e9}.ts", vec![[12, 12]], vec![]),
        ("src/edited.ts", vec![[2, 2], [8, 8]], vec![5]),
        ("src/fresh.ts", whole.clone(), vec![]),
        ("x.bin", whole, vec![]),
    ];
    let want: Vec<_> =
        want.into_iter().map(|(name, lines, gone)| (text::path(Path::new(name)), lines, gone)).collect();
    assert_eq!(found, want);
}

#[test]
fn what_is_behind_a_link_is_no_file_of_the_project() {
    let place = tempfile::tempdir().unwrap();
    let top = place.path().canonicalize().unwrap();
    let root = top.join("project");
    for dir in ["project/src", "elsewhere/dir"] {
        fs::create_dir_all(top.join(dir)).unwrap();
    }
    for file in ["project/src/a.c", "elsewhere/dir/a.c"] {
        fs::write(top.join(file), "int a;\n").unwrap();
    }
    std::os::unix::fs::symlink(top.join("elsewhere"), root.join("linked")).unwrap();
    std::os::unix::fs::symlink("src", root.join("inside")).unwrap();
    let named = ["src/a.c", "linked/dir/a.c", "linked/dir/gone.c", "inside/a.c"].map(PathBuf::from).to_vec();
    let own = OwnFiles::read(&protocol::layout::Home::new(top.join("state"))).unwrap();
    let found = sort_out(&root, named, &own).unwrap();
    assert_eq!(found.files, [PathBuf::from("src/a.c")]);
    assert_eq!(found.not_files.len(), 3, "{:?}", found.not_files);
}

fn at(name: &str, since: impl Into<Option<Since>>) -> Selection {
    let asked = CommitAsked { revision: Revision::Commit(name.to_owned()), since: since.into() };
    Selection { commit: Some(asked), ..Selection::default() }
}

fn named(name: &str) -> Since {
    Since::Named(name.to_owned())
}

#[test]
fn a_commit_is_what_it_holds_and_changes_whatever_lies_in_the_project() {
    let project = Sandbox::with_two();
    project.write_text("src/a.ts", "committed\n").write("src/gone.ts");
    symlink("a.ts", project.path().join("src/link.ts")).unwrap();
    project.commit();
    project.git(&["rm", "-q", "src/gone.ts"]);
    project.commit();
    // Nothing of this is in any commit.
    project.write_text("src/a.ts", "edited\n").write("untracked.ts");
    project.write_text("src/staged.ts", "x\n").git(&["add", "src/staged.ts"]);
    fs::remove_file(project.path().join("src/[id]/b.ts")).unwrap();
    let select = |selection: &Selection| project.from("", selection);
    let found = select(&at("work", named("main"))).unwrap();
    assert_eq!(shown(&found.files), ["src/[id]/b.ts", "src/a.ts"]);
    assert_eq!(shown(&found.not_files), ["src/link.ts"]);
    let diff = found.diff.unwrap();
    assert!(diff.contains("+committed") && !diff.contains("edited"), "{diff}");
    let commit = found.commit.unwrap();
    assert!(commit.shown.starts_with("work (") && commit.id.len() == 40, "{commit:?}");
    // Its own change: a deletion, which is one.
    let found = select(&at("HEAD", Since::Parent)).unwrap();
    assert_eq!((shown(&found.files), shown(&found.not_files)), (vec![], vec!["src/gone.ts".to_owned()]));
    // The first commit of all changes all it holds; so does any since the empty tree.
    let found = select(&at("main", Since::Parent)).unwrap();
    assert_eq!(shown(&found.files), ["src/a.ts", "test/t.ts"]);
    let empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    assert_eq!(select(&at("work", named(empty))).unwrap().files.len(), 3);
    assert_eq!(select(&at("work", Since::DefaultBranch)).unwrap().files.len(), 2);
    // Without a base whatever the patterns name of it, where somebody stands.
    let all = Selection { patterns: vec!["*.ts".into()], ..at("work", None) };
    assert_eq!(shown(&project.from("src", &all).unwrap().files), ["src/a.ts"]);
    // The patterns are of the commit.
    let of_the_disk = Selection { patterns: vec!["untracked.ts".into()], ..at("work", named("main")) };
    let problems = select(&of_the_disk).unwrap_err();
    assert!(problems[0].message.contains("matches nothing in commit work ("), "{problems:?}");
}

#[test]
fn a_change_of_a_commit_is_counted_from_where_it_left_its_base() {
    let project = Sandbox::with_two();
    project.git(&["checkout", "-q", "main"]);
    project.write_text("src/a.ts", "upstream\n");
    project.commit();
    let found = project.from("", &at("work", named("main"))).unwrap();
    assert_eq!(shown(&found.files), ["src/[id]/b.ts"], "what the base changed is no change of the commit");
    let kind_of = |selection: &Selection| kind(project.from("", selection));
    assert_eq!(kind_of(&at("main~1", named("work"))), DiagnosticKind::NothingToReview);
    for (name, since) in [
        ("nope", named("main")),
        ("work", named("nope")),
        ("--help", named("main")),
        ("work:src", named("main")),
    ] {
        assert_eq!(kind_of(&at(name, since)), DiagnosticKind::Usage, "{name}");
    }
    // Of two histories neither began from the other.
    project.git(&["checkout", "-q", "--orphan", "island"]);
    project.git(&["commit", "-qm", "i"]);
    assert_eq!(kind_of(&at("island", named("main"))), DiagnosticKind::Usage);
}

#[test]
fn a_branch_is_one_here_or_of_the_remote_and_nothing_else() {
    let project = Sandbox::with_two();
    project.git(&["tag", "v1"]);
    project.git(&["update-ref", "refs/remotes/origin/theirs", "work"]);
    let of_branch = |name: &str| {
        let asked = CommitAsked { revision: Revision::Branch(name.to_owned()), since: Some(named("main")) };
        project.from("", &Selection { commit: Some(asked), ..Selection::default() })
    };
    for name in ["work", "theirs", "origin/theirs"] {
        assert_eq!(shown(&of_branch(name).unwrap().files), ["src/[id]/b.ts"], "{name}");
    }
    for name in ["v1", "wrok", "HEAD", "../heads/work"] {
        assert_eq!(kind(of_branch(name)), DiagnosticKind::Usage, "{name}");
    }
}

#[test]
fn the_commit_before_the_edge_of_a_shallow_clone_is_not_none() {
    let project = Sandbox::with_two();
    let shallow = cloned(&project, "shallow", &["--depth", "1", "-b", "work"]);
    let place = Project::find(&project.environment, &shallow).unwrap();
    let select =
        |selection: &Selection| super::select(&project.environment, &place, selection, &OwnFiles::default());
    let problems = select(&at("HEAD", Since::Parent)).unwrap_err();
    assert!(problems[0].hint.as_deref().is_some_and(|hint| hint.contains("fetch-depth")), "{problems:?}");
    assert_eq!(kind(select(&at("HEAD", named("HEAD~1")))), DiagnosticKind::Usage);
}
