//! Every command line in README, docs, skills and examples is one that works:
//! each is run in a sandbox where what it speaks of is there.
//!
//! A command line is a line of a code block (fenced or indented) that begins
//! with `pan` or a program of convoy, or pipes into one. It must not end with 2
//! (what was asked cannot be) or 4 (there is no such thing): those are what a
//! misspelt option, a renamed command or a missing template would give.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use convoy_tests::programs;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};

/// Lines that cannot be run here, and why. They are at least parsed: with
/// `--help` behind them, which fails for a command that does not exist.
const ONLY_PARSED: [(&str, &str); 17] = [
    ("dashboard", "serves until it is stopped; it has tests of its own"),
    ("convoy-mcp", "as pan mcp"),
    ("pan mcp", "serves, or writes settings of agent CLIs; it has tests of its own"),
    ("pan convoy attach", "needs a terminal"),
    ("pan convoy status --follow", "a live picture"),
    ("convoy-watch", "takes over every convoy of the sandbox"),
    ("--watch systemd", "needs systemd"),
    ("pan convoy resume", "there is nothing to resume"),
    ("--runner claude", "needs that CLI"),
    ("--runner codex", "needs that CLI"),
    ("pan convoy stop", "its convoy has ended"),
    ("pan findings accept", "names a finding of a review of one's own"),
    ("pan findings dismiss", "names a finding of a review of one's own"),
    ("pan findings reopen", "names a finding of a review of one's own"),
    ("--comment", "needs a pull request; it has tests of its own"),
    ("pan comment", "needs a pull request"),
    ("convoy-comment", "needs a pull request"),
];

struct Line {
    file: String,
    number: usize,
    text: String,
}

/// The files with command lines in them.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut out = vec![root.join("README.md")];
    for dir in ["docs", "examples/ci", "skills/pan-code-review", "skills/pan-convoy-synthesis"] {
        let entries = fs::read_dir(root.join(dir)).unwrap().map(|entry| entry.unwrap().path());
        out.extend(entries.filter(|path| path.is_file() && path.extension().is_none_or(|e| e != "json")));
    }
    out.sort();
    out
}

fn is_command(line: &str) -> bool {
    // The synopsis of a help text is no command line.
    if line.contains("[OPTIONS]") || line.contains("<COMMAND>") {
        return false;
    }
    let begins = |text: &str| {
        let word = text.split_whitespace().next().unwrap_or_default();
        word == "pan" || word.starts_with("convoy-")
    };
    // `convoy-ctl: cannot …` is what a program says, not what is typed.
    let typed =
        |text: &str| begins(text) && !text.split_whitespace().next().unwrap_or_default().ends_with(':');
    typed(line) || line.split(" | ").skip(1).any(|part| typed(part.trim()) && !line.starts_with('|'))
}

/// Command lines in code; a script (no `.md`) is code as a whole.
fn commands(path: &Path) -> Vec<Line> {
    let text = fs::read_to_string(path).unwrap();
    let script = path.extension().is_none_or(|ending| ending != "md");
    let mut fenced = false;
    let mut out = Vec::new();
    for (n, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if !(script || fenced || line.starts_with("    ")) {
            continue;
        }
        let bare = line.trim();
        let bare =
            bare.split(" #").next().unwrap_or_default().split("  # ").next().unwrap_or_default().trim_end();
        let bare = bare.strip_suffix(" || status=$?").unwrap_or(bare).trim_end();
        let bare = bare.strip_prefix("* * * * * ").unwrap_or(bare);
        if is_command(bare) {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            out.push(Line { file, number: n + 1, text: bare.to_owned() });
        }
    }
    out
}

fn git(sandbox: &Sandbox, words: &[&str]) {
    let mut command = Command::new("git");
    sandbox.surround(&mut command);
    command.args(["-c", "user.name=n", "-c", "user.email=e@x", "-c", "init.defaultBranch=main"]).args(words);
    let out = command.output().unwrap();
    assert!(out.status.success(), "{words:?}: {}", shown(&out));
}

/// A project in which all that the documents speak of is there.
fn surroundings() -> Sandbox {
    let sandbox = Sandbox::new(Launcher::Process);
    let write = |name: &str, text: &str| {
        let path = sandbox.project().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let code = "export const a = 1;\n";
    write("docs/review.md", "Errors are handed on.\n");
    for name in ["src/a.ts", "lib/b.ts", "src/auth.ts"] {
        write(name, code);
    }
    write("docs/links.md", "see http://127.0.0.1/x\n");
    write("fix.sh", "#!/bin/sh\n");
    fs::set_permissions(sandbox.project().join("fix.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    write("issues.json", "[{\"number\":1,\"title\":\"It crashes\"}]");
    git(&sandbox, &["init", "-q"]);
    git(&sandbox, &["add", "."]);
    for n in 0..4 {
        git(&sandbox, &["commit", "-q", "--allow-empty", "-m", &n.to_string()]);
    }
    git(&sandbox, &["switch", "-qc", "fix"]);
    write("src/a.ts", "export const a = 2;\n");
    git(&sandbox, &["commit", "-qam", "change"]);
    let review = "# Correctness Review\n\n### 1. [src/a.ts:1] It is wrong\n**Severity:** medium\n**Confidence:** 90\n**Problem:** p\n\n**Reviewed:** 1 file\n**Total:** 1 finding\n";
    for name in
        ["correctness.md", "security.md", "performance.md", "report.md", "reviews/a.md", "reviews/b.md"]
    {
        write(name, review);
    }
    write("lint.json", "[]");
    write("eslint.json", "[]");
    write(
        "semgrep.sarif",
        "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"x\"}},\"results\":[]}]}",
    );
    let readme =
        fs::read_to_string(documents().iter().find(|path| path.ends_with("README.md")).unwrap()).unwrap();
    own_templates(&sandbox, &readme);
    let merged = sandbox.run("convoy-merge", &["report.md", "--format", "json"]);
    write("old.json", &String::from_utf8(merged.stdout.clone()).unwrap());
    write("findings.json", &String::from_utf8(merged.stdout).unwrap());
    stand_ins(&sandbox);
    sandbox
}

/// The README's own templates and agent files, as a reader would copy them.
fn own_templates(sandbox: &Sandbox, readme: &str) {
    let blocks: Vec<String> = readme
        .split("\n\n")
        .filter(|block| block.starts_with("    {") || block.starts_with("    ---"))
        .map(|block| {
            block.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
        })
        .collect();
    let mut templates = 0;
    for block in &blocks {
        if block.starts_with('{') {
            let json: serde_json::Value = serde_json::from_str(block).unwrap();
            let name = format!("{}.json", json["name"].as_str().unwrap());
            fs::write(sandbox.home().user_templates().join(name), block).unwrap();
            templates += 1;
        } else {
            let name = block.lines().find_map(|line| line.strip_prefix("name: ")).unwrap();
            fs::write(sandbox.home().user_agents().join(format!("{name}.md")), block).unwrap();
        }
    }
    assert_eq!((templates, blocks.len()), (2, 4), "templates and agent files of the README");
}

/// A `gh` that knows one pull request and some issues.
fn stand_ins(sandbox: &Sandbox) {
    let bin = sandbox.path("bin");
    fs::create_dir_all(&bin).unwrap();
    let head =
        Command::new("git").args(["rev-parse", "HEAD"]).current_dir(sandbox.project()).output().unwrap();
    let head = String::from_utf8(head.stdout).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*headRefOid*) echo '{{\"headRefOid\":\"{}\"}}' ;;\n*--name-only*) echo src/a.ts ;;\npr*) echo '+x' ;;\nissue*) echo '[{{\"number\":1,\"title\":\"It crashes\",\"body\":\"b\",\"labels\":[]}}]' ;;\nesac\n",
        head.trim()
    );
    // Written by another process: a descriptor that a child of a concurrent test
    // inherits would make it "text file busy".
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "printf %s \"$1\" > \"$2\" && chmod 755 \"$2\"", "sh", &script]).arg(bin.join("gh"));
    assert!(command.status().unwrap().success());
}

fn run(sandbox: &Sandbox, line: &str) -> Output {
    let mut command = Command::new("bash");
    sandbox.surround(&mut command);
    let path = format!("{}:{}:/usr/bin:/bin", programs::dir().display(), sandbox.path("bin").display());
    command
        .env("PATH", path)
        .env("BASE", "main")
        .env("runner", "builtin")
        .env("commit", "HEAD")
        .env("base", "main")
        .env("GITHUB_STEP_SUMMARY", sandbox.path("summary.md"))
        .args(["-c", &format!("set -o pipefail; {line}")]);
    command.output().unwrap()
}

/// Ids in the documents are examples; the sandbox's newest convoy stands for them.
fn with_real_names(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for word in &mut words {
        *word = match word.as_str() {
            "k7q" | "k7q2m9" | "h3xw0a" | "ID" | "[ID]" | "\"$id\"" | "$id" => "latest".to_owned(),
            "ROLE" => "security".to_owned(),
            _ => continue,
        };
    }
    words.join(" ")
}

#[test]
fn every_command_line_of_the_documents_works() {
    let sandbox = surroundings();
    let first = sandbox.start("code-review", &["--files", "src", "--runner", "builtin"]);
    sandbox.until_ended(&first);
    let (mut ran, mut parsed, mut bad) = (0, 0, Vec::new());
    for line in documents().iter().flat_map(|path| commands(path)) {
        let mut text = with_real_names(&line.text);
        // The convoy that has some, whatever was started since.
        text = text.replace("findings latest", &format!("findings {}", first.short()));
        if text.contains("--fix-with") {
            // A branch of its own begins at a commit.
            let stash = "git -c user.name=n -c user.email=e@x stash";
            text = format!("{stash} -uq && {{ {text}; code=$?; {stash} pop -q; exit $code; }}");
        }
        let only_parsed = ONLY_PARSED.iter().any(|(part, _)| text.contains(part));
        if only_parsed {
            text = format!("{} --help", text.split(" | ").last().unwrap_or_default());
            parsed += 1;
        } else {
            ran += 1;
        }
        let out = run(&sandbox, &text);
        if matches!(out.status.code(), None | Some(2 | 4 | 5 | 101 | 126 | 127)) {
            bad.push(format!(
                "{}:{}: {}\n  ran: {text}\n  {}",
                line.file,
                line.number,
                line.text,
                shown(&out)
            ));
        }
        // What one starts must not be "the running convoy" of the next.
        for id in protocol::convoys::all_ids(&sandbox.home()).unwrap() {
            sandbox.until_ended(&id);
        }
    }
    assert!(bad.is_empty(), "{} of {ran} command lines do not work:\n{}", bad.len(), bad.join("\n"));
    assert!(ran >= 50 && parsed >= 5, "{ran} ran, {parsed} were parsed: are they still found?");
}
