use std::collections::BTreeMap;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

struct Project {
    dir: tempfile::TempDir,
    environment: Environment,
}

impl Project {
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
        Project { dir, environment }
    }

    fn with_git() -> Self {
        let project = Project::new();
        project.git(&["init", "-q", "-b", "main"]);
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
        let selection = Selection {
            patterns: patterns.iter().map(OsString::from).collect(),
            diff,
            ..Selection::default()
        };
        let line = |p: &Problem| format!("{p} ({})\n", p.hint.clone().unwrap_or_default());
        select(&self.environment, &self.path(), &selection)
            .map(|found| (found.files.iter().map(|path| text::path(path)).collect(), found.diff_base))
            .map_err(|problems| problems.iter().map(line).collect())
    }
}

#[test]
fn untracked_files_count_and_ignored_ones_do_not() {
    let project = Project::with_git();
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
    let project = Project::new();
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
    let project = Project::new();
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
        let project = if git { Project::with_git() } else { Project::new() };
        let names: [&[u8]; 4] = [b"a\nb.ts", b"\xff.ts", b"\"q\" $(x).ts", "é.ts".as_bytes()];
        for name in names {
            project.write(Path::new(&OsString::from_vec(name.to_vec())));
        }
        let selection = Selection { patterns: vec!["*.ts".into()], ..Selection::default() };
        let found = select(&project.environment, &project.path(), &selection).unwrap();
        assert_eq!(found.files.len(), 4, "git: {git}");
        let exact = OsString::from_vec(b"\xff.ts".to_vec());
        let selection = Selection { patterns: vec![exact.clone()], ..Selection::default() };
        let found = select(&project.environment, &project.path(), &selection).unwrap();
        assert_eq!(found.files, [PathBuf::from(exact)], "git: {git}");
    }
}

#[test]
fn without_git_the_tree_is_walked_and_links_are_not_followed() {
    let project = Project::new();
    project.write("a/b/c.ts").write(".git/config");
    symlink("/etc", project.path().join("etc")).unwrap();
    symlink(project.path(), project.path().join("loop")).unwrap();
    assert_eq!(project.files(&["."]).unwrap(), ["a/b/c.ts"]);
}

#[test]
fn diff_is_what_changed_since_the_merge_base() {
    let project = Project::with_git();
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
    assert!(error.contains("has not changed"), "{error}");
}

#[test]
fn diff_without_changes_or_git_or_such_a_base_is_an_error() {
    let project = Project::with_git();
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
    assert!(Project::new().diff(None).unwrap_err().contains("is not a git project"));
}

#[test]
fn the_projects_configuration_runs_nothing() {
    let project = Project::with_git();
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
