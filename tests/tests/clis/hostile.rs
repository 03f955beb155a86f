//! The project under review steers nothing: the same hostile project for every
//! CLI, in every kind of place a project can be in.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use convoy_tests::clis::{ALL, Desk, installed};
use convoy_tests::hostile::{CANARY, Hostile, picture};
use convoy_tests::model::{Act, Script, Want};
use convoy_tests::programs;
use convoy_tests::random::Random;
use convoy_tests::sample;
use convoy_tests::sandbox::{Launcher, Sandbox};
use convoy_tests::wait;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use protocol::outcome::AgentStatus;

use crate::{ended, reads_all, single_by};

/// Where the project is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The root of a repository.
    Root,
    /// A directory of a repository of several: the project is the repository, and
    /// reviewers are given the directory.
    Subdirectory,
    /// A linked worktree of a repository beside it.
    Worktree,
    /// Under no git at all.
    Plain,
    /// As `Subdirectory`, and the repository is the user's home, state directory
    /// and all.
    Home,
}

/// What is in a file under review.
const INSIDE: &str = "needle-INSIDE";

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("create");
    std::fs::write(path, text).expect("write");
}

fn name(place: Place) -> &'static str {
    match place {
        Place::Root | Place::Worktree | Place::Plain | Place::Home => "app",
        Place::Subdirectory => "mono/app",
    }
}

/// The project of a directory: a repository is one as a whole.
fn root(place: Place, directory: &Path) -> PathBuf {
    let levels = usize::from(place == Place::Subdirectory);
    directory.ancestors().nth(levels).expect("a parent").to_path_buf()
}

/// What the directory is in, with others beside it: none of them is under review.
fn around(directory: &Path) -> PathBuf {
    directory.parent().expect("a parent").to_path_buf()
}

/// What the model asks for, and what only that one could tell it.
fn wants(sandbox: &Sandbox) -> Vec<(Want, &'static str)> {
    let project = sandbox.project();
    let sibling = around(project).join("sibling");
    vec![
        (Want::Read(project.join("src/app.ts")), INSIDE),
        (Want::Search { word: "needle".to_owned(), below: project.join("src") }, INSIDE),
        (Want::List(project.join("src")), "app.ts"),
        (Want::Read(sibling.join("secret.txt")), "OUTSIDE-sibling"),
        (Want::Read(sandbox.path("secret.txt")), "OUTSIDE-home"),
        (Want::Read(project.join("../sibling/dots.txt")), "OUTSIDE-dots"),
        (Want::Read(project.join("src/link.txt")), "OUTSIDE-link"),
        (Want::Read(project.join("linked/file.txt")), "OUTSIDE-directory"),
        (Want::Search { word: "needle".to_owned(), below: sibling.clone() }, "OUTSIDE-sibling"),
        (Want::Search { word: "needle".to_owned(), below: project.join("linked") }, "OUTSIDE-directory"),
        (Want::List(sibling), "listed.OUTSIDE"),
        (Want::List(project.join("linked")), "linked.OUTSIDE"),
    ]
}

/// What it then tries to do; each would leave a file.
fn deeds(sandbox: &Sandbox, hostile: &Path) -> Vec<Want> {
    let made = |path: PathBuf| Want::Write(path, "made".to_owned());
    vec![
        made(sandbox.project().join("made.txt")),
        made(sandbox.project().join("src/app.ts")),
        made(sandbox.path("made.txt")),
        Want::Run(format!("touch {}", hostile.join("shell").display())),
    ]
}

/// The project, and what is around it.
fn lay_out(place: Place, desk: &Desk, hostile: &Hostile) {
    let sandbox = &desk.sandbox;
    let project = sandbox.project();
    let outside = around(project).join("sibling");
    for (file, text) in [
        (outside.join("secret.txt"), "needle OUTSIDE-sibling\n"),
        (outside.join("dots.txt"), "OUTSIDE-dots\n"),
        (outside.join("listed.OUTSIDE"), "x\n"),
        (sandbox.path("secret.txt"), "needle OUTSIDE-home\n"),
        (sandbox.path("elsewhere/link.txt"), "OUTSIDE-link\n"),
        (sandbox.path("elsewhere/dir/file.txt"), "needle OUTSIDE-directory\n"),
        (sandbox.path("elsewhere/dir/linked.OUTSIDE"), "x\n"),
    ] {
        write(&file, text);
    }
    let plant = |dir: &Path| {
        hostile.plant(dir);
        write(&dir.join("src/app.ts"), &format!("export const a = 1; // {INSIDE}\n"));
    };
    let main = sandbox.path("main");
    match place {
        Place::Worktree => {
            std::fs::remove_dir_all(project).expect("an empty project");
            plant(&main);
            desk.git(&main, &["init", "-q"]);
            desk.git(&main, &["add", "-f", "."]);
            desk.git(&main, &["commit", "-q", "-m", "x"]);
            desk.git(&main, &["worktree", "add", "-q", project.to_str().expect("UTF-8")]);
        }
        _ => plant(project),
    }
    let repository = match place {
        Place::Root => Some(project.to_path_buf()),
        Place::Subdirectory => Some(around(project)),
        Place::Home => Some(sandbox.path("")),
        Place::Worktree => Some(main),
        Place::Plain => None,
    };
    if place == Place::Subdirectory {
        plant(repository.as_ref().expect("the repository"));
    }
    symlink(sandbox.path("elsewhere/link.txt"), project.join("src/link.txt")).expect("a link");
    symlink(sandbox.path("elsewhere/dir"), project.join("linked")).expect("a link");
    if let Some(repository) = repository {
        if place != Place::Worktree {
            desk.git(&repository, &["init", "-q"]);
        }
        hostile.plant_in_git(&repository.join(".git/config"));
    }
}

fn desk(place: Place, script: impl FnOnce(&Sandbox, &Hostile) -> Script) -> (Desk, Hostile) {
    let sandbox = Sandbox::with_project(Launcher::Tmux, Path::new(name(place)));
    let hostile = Hostile::new(sandbox.path("marks"));
    let script = script(&sandbox, &hostile);
    let desk = Desk::without_repository(sandbox, script);
    lay_out(place, &desk, &hostile);
    (desk, hostile)
}

/// The CLI as a person would use it who trusts the project: the project takes
/// effect. Without that the other half would prove nothing.
fn unguarded(cli: &str, place: Place) {
    let (desk, hostile) = desk(place, |_, _| Script::new());
    let mut command = desk.cli(cli);
    match cli {
        "claude" => command.args(["-p", "--output-format", "stream-json", "--verbose"]),
        "codex" => command.args(["exec", "--json", "--skip-git-repo-check", "--trust", "-"]),
        "gemini" => {
            write(
                &desk.sandbox.path(".gemini/settings.json"),
                r#"{"security": {"auth": {"selectedType": "gemini-api-key"}}}"#,
            );
            command
                .args(["-o", "stream-json", "-m", "gemini-2.5-flash"])
                .env("GEMINI_CLI_TRUST_WORKSPACE", "true")
        }
        "qwen" => command.args(["-o", "stream-json"]),
        "pi" => command.args(["--mode", "json", "-p", "--offline", "--approve"]),
        "copilot" => command.args(["--output-format", "json", "--no-auto-update", "--trust-folder"]),
        // What its plugins would need is not fetched first.
        _ => command.args(["run", "--format", "json"]).env("npm_config_offline", "true"),
    };
    let prompt = desk.sandbox.path("prompt");
    write(&prompt, "Look at src/app.ts.\n");
    let said = |name: &str| {
        Stdio::from(std::fs::File::create(desk.sandbox.path(name)).expect("a file for what it says"))
    };
    let mut child = command
        .stdin(std::fs::File::open(&prompt).expect("the prompt"))
        .stdout(said("out"))
        .stderr(said("err"))
        .process_group(0)
        .spawn()
        .expect("start the CLI");
    let read = |name: &str| std::fs::read_to_string(desk.sandbox.path(name)).unwrap_or_default();
    let mark = format!("{cli}-");
    wait::until(
        "the project has taken effect",
        || {
            format!(
                "{cli} {place:?}: {:?} {:?} {}{}",
                hostile.touched(),
                hostile.trap.called(),
                read("out"),
                read("err")
            )
        },
        || hostile.touched().iter().any(|name| name.starts_with(&mark)).then_some(()),
    );
    let _ = killpg(Pid::from_raw(child.id() as i32), Signal::SIGKILL);
    child.wait().expect("its end");
}

/// Where each CLI keeps what is its own, in the home directory: caches, its
/// conversations.
fn own_places(sandbox: &Sandbox) -> Vec<PathBuf> {
    [
        ".claude",
        ".claude.json",
        ".codex",
        ".config/opencode",
        ".qwen",
        ".pi",
        ".copilot",
        ".cache",
        ".local",
        ".npm",
        ".bun",
    ]
    .map(|name| sandbox.path(name))
    .into()
}

/// What was made, changed or removed outside of the state directory.
fn changed(before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<PathBuf> {
    let all = before.keys().chain(after.keys());
    let mut out: Vec<_> = all.filter(|path| before.get(*path) != after.get(*path)).cloned().collect();
    out.sort();
    out.dedup();
    out
}

/// pi searches with programs that need not be there.
fn lacks_program(want: &Want) -> bool {
    let is_there = |name: &str| {
        ["/usr/local/bin", "/usr/bin", "/bin"].iter().any(|dir| Path::new(dir).join(name).exists())
    };
    match want {
        Want::Search { .. } => !is_there("rg"),
        Want::List(_) => !is_there("fd"),
        Want::Read(_) | Want::Write(..) | Want::Run(_) => false,
    }
}

fn guarded(cli: &str, place: Place, executor: &str) {
    let (desk, hostile) = desk(place, |sandbox, hostile| {
        let reads = wants(sandbox).into_iter().map(|(want, _)| want);
        Script::new().role("security", Act::Ask(reads.chain(deeds(sandbox, &hostile.marks)).collect()))
    });
    let sandbox = &desk.sandbox;
    let without: Vec<PathBuf> = own_places(sandbox)
        .into_iter()
        .chain([sandbox.home().root().to_path_buf(), root(place, sandbox.project()).join(".claude/reviews")])
        .collect();
    let before = picture(&sandbox.path(""), &without);
    let id = single_by(&desk, cli, executor);
    let state = ended(&desk, &id);
    let agent = &state.agents[0];
    let log = || format!("{cli} {place:?} {executor}: {}", desk.log(&id, "security", 1));
    assert_eq!(agent.status(), AgentStatus::Completed, "{:?} {:?} {}", agent.reason(), agent.detail(), log());

    // It was asked for all of that, and what is in the project it got.
    let seen = desk.model.seen();
    let asked = desk.model.seen_of("security").iter().map(|seen| seen.turn).max();
    let all = (wants(sandbox).len() + deeds(sandbox, &hostile.marks).len()) as u32;
    assert!(asked >= Some(all), "{asked:?} of {all}: {}", log());
    let told = |word: &str| seen.iter().any(|seen| seen.body.contains(word));
    // What `status` says of those that cannot be confined is true, too.
    let (reads_all, follows_links) = (reads_all(cli), cli == "opencode");
    // In a sandbox nobody can.
    let is_open = executor == "local";
    for (want, word) in wants(sandbox) {
        if cli == "pi" && lacks_program(&want) {
            continue;
        }
        let by_link = word == "OUTSIDE-link" || word == "OUTSIDE-directory";
        if follows_links && word == "linked.OUTSIDE" {
            // It lists with a program that need not be there.
            continue;
        }
        let reads = !word.contains("OUTSIDE") || (is_open && (reads_all || (by_link && follows_links)));
        assert_eq!(told(word), reads, "{want:?}: {}", log());
    }

    assert_eq!(hostile.touched(), [""; 0], "{}", log());
    assert_eq!(hostile.trap.called(), [""; 0], "{}", log());
    for seen in &seen {
        let at = seen.body.find(CANARY);
        let around = at.map(|at| seen.body[at..].chars().take(60).collect::<String>());
        assert_eq!(around, None, "{}", log());
    }
    let after = picture(&sandbox.path(""), &without);
    let mut made = changed(&before, &after);
    // It makes an empty directory when it is only asked for its version.
    let of_version = sandbox.path("tmp/opencode");
    assert!(!after.keys().any(|path| path != &of_version && path.starts_with(&of_version)), "{made:?}");
    made.retain(|path| path != &of_version);
    assert!(made.is_empty(), "{made:?}: {}", log());
    let out = desk.run("convoy-ctl", &["status", id.short()]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    for (words, holds) in [("reads the whole disk", reads_all), ("follows links", follows_links)] {
        assert_eq!(said.contains(words), holds, "{cli}: {said}");
    }
}

/// The CLIs to try there: all of them; with a limit of time all at the root of a
/// repository, and at each of the other places two, so that together they have each.
fn tried(place: Place) -> Vec<&'static str> {
    let mut all = installed(&ALL);
    if sample::number("CONVOY_SECONDS").is_none() || place == Place::Root || all.is_empty() {
        return all;
    }
    Random::new(sample::seed()).shuffle(&mut all);
    let first = 2 * (place as usize - 1) % all.len();
    all.rotate_left(first);
    println!("{place:?}: 2 of {} CLIs", all.len());
    all.truncate(2);
    all
}

fn steers_nothing(place: Place) {
    for cli in tried(place) {
        unguarded(cli, place);
        guarded(cli, place, "local");
    }
}

#[test]
fn in_a_sandbox_it_steers_nothing_either() {
    if programs::sandbox_works() {
        for cli in installed(&ALL) {
            guarded(cli, Place::Root, "bwrap");
        }
    }
}

#[test]
fn the_root_of_a_repository_steers_nothing() {
    steers_nothing(Place::Root);
}

#[test]
fn a_directory_of_a_repository_steers_nothing() {
    steers_nothing(Place::Subdirectory);
}

#[test]
fn a_linked_worktree_steers_nothing() {
    steers_nothing(Place::Worktree);
}

#[test]
fn a_directory_without_git_steers_nothing() {
    steers_nothing(Place::Plain);
}

#[test]
fn a_home_that_is_a_repository_steers_nothing() {
    steers_nothing(Place::Home);
}
