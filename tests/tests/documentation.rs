//! The pages of the programs say what the programs say of themselves.
//!
//! A block of a page that begins with `$ PROGRAM … --help` holds exactly that
//! help. `CONVOY_UPDATE_DOCS=1` writes the blocks anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use convoy_tests::programs;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};

const FENCE: &str = "```text\n$ ";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// What a program prints when asked like this.
fn help(line: &str) -> String {
    let sandbox = Sandbox::new(Launcher::Process);
    let mut words = line.split(' ');
    let out = sandbox.command(words.next().unwrap()).args(words).output().unwrap();
    assert!(out.status.success(), "{line}: {}", shown(&out));
    let text = String::from_utf8(out.stdout).unwrap();
    // Editors and git do not like blanks at the end of a line.
    text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The page as it should be.
fn with_real_help(page: &str) -> String {
    let mut parts = page.split(FENCE);
    let mut real = parts.next().unwrap().to_owned();
    for part in parts {
        let line = part.lines().next().unwrap();
        let after = &part[part.find("\n```").expect("the end of the block")..];
        real.extend([FENCE, line, "\n", &help(line), after]);
    }
    real
}

#[test]
fn pages_hold_the_help_of_their_programs() {
    let mut stale = Vec::new();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let page = fs::read_to_string(&path).unwrap();
        let real = with_real_help(&page);
        if page == real {
            continue;
        }
        if programs::variable("CONVOY_UPDATE_DOCS").is_some() {
            fs::write(&path, real).unwrap();
        } else {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "CONVOY_UPDATE_DOCS=1 writes these anew: {stale:?}");
}

#[test]
fn every_program_and_every_verb_has_its_help_on_a_page() {
    let make = fs::read_to_string(root().join("Makefile")).unwrap();
    let names = make.lines().find_map(|line| line.strip_prefix("PROGRAMS = ")).unwrap();
    for name in names.split(' ') {
        let page = fs::read_to_string(root().join(format!("docs/{name}.md")));
        let page = page.unwrap_or_else(|error| panic!("docs/{name}.md: {error}"));
        assert!(page.contains(&format!("{FENCE}{name}")), "docs/{name}.md has no help of it");
    }
    let page = fs::read_to_string(root().join("docs/convoy-ctl.md")).unwrap();
    let out = Command::new(programs::dir().join("convoy-ctl")).arg("--help").output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let verbs = text.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    for line in verbs.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let verb = line.split_whitespace().next().unwrap();
        let block = format!("{FENCE}convoy-ctl {verb}");
        assert!(verb == "help" || page.contains(&block), "docs/convoy-ctl.md has no help of {verb}");
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut pages: Vec<PathBuf> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(|name| root().join(name))
        .to_vec();
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    pages.extend(docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap();
            if target.is_empty() || target.contains("://") || target.contains(' ') {
                continue;
            }
            let path = page.parent().unwrap().join(target);
            assert!(path.exists(), "{}: {target} is not there", page.display());
        }
    }
}

/// What README shows of the demo is what it prints; `…` leaves lines out.
#[test]
fn the_demo_shows_what_the_readme_says() {
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    let excerpt = page.split("What `make demo` shows in the end (shortened):").nth(1).unwrap();
    let lines: Vec<&str> = excerpt
        .lines()
        .skip_while(|line| line.is_empty())
        .take_while(|line| line.is_empty() || line.starts_with("    "))
        .map(str::trim)
        .filter(|line| !line.is_empty() && *line != "…")
        .collect();
    assert!(lines.len() > 5, "{lines:?}");
    let sandbox = Sandbox::new(Launcher::Process);
    let mut demo = Command::new(root().join("scripts/demo"));
    demo.env("CONVOY_BIN_DIR", programs::dir()).env("CARGO_TARGET_DIR", sandbox.path("target"));
    let out = demo.env_remove("TMUX").env_remove("PANOPTICON_HOME").output().unwrap();
    assert!(out.status.success(), "{}", shown(&out));
    let printed = String::from_utf8(out.stdout).unwrap();
    let mut rest = printed.lines();
    for line in lines {
        assert!(rest.any(|told| told.trim() == line), "{line:?} does not follow in: {printed}");
    }
}
