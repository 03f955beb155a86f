//! Reports and findings where people read them: on a real pseudo terminal, wide and
//! narrow, with colours and without, paged, with places as links; and what is piped.

use std::fs;
use std::process::Command;

use base::ids::ConvoyId;
use base::text::without_sequences;
use convoy_tests::programs;
use convoy_tests::pty::Pty;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};

const LONG_NAME: &str = "src/components/navigation/breadcrumbs/ä long name.ts";

/// A project with two defects that the rules find, and a review of it.
fn reviewed() -> (Sandbox, ConvoyId) {
    let sandbox = Sandbox::new(Launcher::Process);
    for (name, code) in [
        ("src/n.ts", "export function f(a: number) {\n  if (a == NaN) return 1;\n  return 0;\n}\n"),
        (
            LONG_NAME,
            "export function g(list: number[]) {\n  return list.length == NaN ? \"a rather long text that is wider than any narrow terminal is\" : \"b\";\n}\n",
        ),
    ] {
        let path = sandbox.project().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, code).unwrap();
    }
    let id = sandbox.start("code-review", &["--files", "src", "--runner", "builtin"]);
    sandbox.until_ended(&id);
    (sandbox, id)
}

/// A program of the sandbox, on a terminal with colours and all characters.
fn on_terminal(sandbox: &Sandbox, words: &[&str]) -> Command {
    let mut command = sandbox.command(words[0]);
    command.args(&words[1..]).env("TERM", "xterm-256color").env("LC_ALL", "C.UTF-8");
    command
}

/// The same on one that has neither.
fn plain(sandbox: &Sandbox, words: &[&str]) -> Command {
    let mut command = on_terminal(sandbox, words);
    command.env("NO_COLOR", "1").env("LC_ALL", "C");
    command
}

/// The text with what differs from run to run in its place.
fn settled(sandbox: &Sandbox, id: &ConvoyId, text: &str) -> String {
    let root = sandbox.project().canonicalize().unwrap();
    let stamp = base_stamp(sandbox, id);
    let text = text
        .replace(&base::text::percent_encoded(root.as_os_str().as_encoded_bytes(), b"/-_.~"), "/PROJECT")
        .replace(&stamp, "YYYYMMDD-HHMMSS")
        .replace(id.short(), "SHORTI")
        .replace('\x1b', "␛");
    // `no cost, 12s`; and how many rules there are is not what this is about.
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        match line.split_once("no cost, ") {
            Some((before, _)) => out.extend([before, "no cost, TIME\n"]),
            None => out += &without_counts(line),
        }
    }
    out
}

/// `26 rules`: as many digits, whichever they are.
fn without_counts(line: &str) -> String {
    let mut parts = line.split(" rules").peekable();
    let mut out = String::new();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return out + part;
        }
        let text = part.trim_end_matches(|c: char| c.is_ascii_digit());
        out.extend([text, &"N".repeat(part.len() - text.len()), " rules"]);
    }
    out
}

fn base_stamp(sandbox: &Sandbox, id: &ConvoyId) -> String {
    let plan = protocol::plan::Plan::read(&sandbox.dir_of(id)).unwrap();
    plan.stamp
}

/// The columns that a line takes on the screen.
fn columns(line: &str) -> usize {
    base::style::width(&without_sequences(line))
}

#[test]
fn screens_are_as_wide_as_the_terminal_in_colour_and_without() {
    let (sandbox, id) = reviewed();
    for (name, words) in [
        ("output", &["convoy-ctl", "output"][..]),
        ("findings", &["convoy-ctl", "findings"]),
        ("show", &["convoy-ctl", "show", "F1"]),
        ("decisions", &["convoy-ctl", "decisions"]),
    ] {
        for width in [80, 40] {
            let coloured = Pty::run(&on_terminal(&sandbox, words), width, 500).end();
            let ascii = Pty::run(&plain(&sandbox, words), width, 500).end();
            for (look, (status, text)) in [("colour", coloured), ("ascii", ascii)] {
                assert!(status.success(), "{words:?}: {text}");
                for line in text.lines() {
                    // Code is never cut, nor a place: one is to be copied, to the other one is to go.
                    let is_whole = without_sequences(line).starts_with("    ");
                    let is_whole =
                        is_whole || without_sequences(line).contains(LONG_NAME) || !line.trim().contains(' ');
                    assert!(columns(line) <= usize::from(width) || is_whole, "{name} {width}: {line:?}");
                }
                if look == "ascii" {
                    assert!(!text.contains('\x1b'), "{text}");
                    let marks = ['═', '─', '•', '·', '▸', '…', '–'];
                    assert!(!text.contains(marks), "{text}");
                } else {
                    assert!(text.contains("\x1b]8;;file:///") && text.contains("#2\x1b\\"), "{text:?}");
                }
                insta::assert_snapshot!(format!("{name}_{width}_{look}"), settled(&sandbox, &id, &text));
            }
        }
    }
}

#[test]
fn a_review_on_a_terminal_links_its_places_and_stays_within_it() {
    let (sandbox, _) = reviewed();
    for width in [80, 40] {
        let words = ["convoy-review", "--files", "src", "--runner", "builtin"];
        let (status, text) = Pty::run(&on_terminal(&sandbox, &words), width, 60).end();
        assert_eq!(status.code(), Some(1), "{text}");
        // The live picture is above; the result is what stays.
        let result = text.rsplit("\x1b[J").next().unwrap();
        assert!(result.contains("\x1b]8;;file:///") && result.contains("#2\x1b\\src/n.ts:2"), "{result:?}");
        for line in result.lines() {
            let is_place = without_sequences(line).contains(LONG_NAME) || line.contains(".claude/reviews/");
            assert!(columns(line) <= usize::from(width) || is_place, "{width}: {line:?}");
        }
        let (_, text) = Pty::run(&plain(&sandbox, &words), width, 60).end();
        assert!(!text.rsplit("\x1b[J").next().unwrap().contains("\x1b]8"), "{text:?}");
    }
}

#[test]
fn places_open_the_editor_that_the_user_has() {
    let (sandbox, _) = reviewed();
    for (variable, value, scheme) in [
        ("VISUAL", "code --wait", "vscode://file/"),
        ("EDITOR", "/opt/bin/zed", "zed://file/"),
        ("TERM_PROGRAM", "vscode", "vscode://file/"),
        ("EDITOR", "vim", "file:///"),
    ] {
        for words in
            [&["convoy-ctl", "show", "F1"][..], &["convoy-ctl", "output"], &["convoy-ctl", "decisions"]]
        {
            let mut command = on_terminal(&sandbox, words);
            command.env(variable, value);
            let (_, text) = Pty::run(&command, 80, 500).end();
            assert!(text.contains(&format!("\x1b]8;;{scheme}")), "{value} {words:?}: {text:?}");
            let others = ["vscode://", "zed://", "\x1b]8;;file://"];
            let other = others.iter().find(|other| {
                !scheme.contains(other.trim_start_matches("\x1b]8;;")) && text.contains(**other)
            });
            assert_eq!(other, None, "{value} {words:?}: {text:?}");
        }
    }
    for (variable, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let mut command = on_terminal(&sandbox, &["convoy-ctl", "output"]);
        command.env(variable, value);
        let (_, text) = Pty::run(&command, 80, 500).end();
        assert!(!text.contains('\x1b'), "{variable}: {text:?}");
    }
}

#[test]
fn what_is_longer_than_the_screen_is_paged_by_the_users_pager() {
    let (sandbox, _) = reviewed();
    let paged = |words: &[&str], pager: &str, rows: u16| {
        let mut command = on_terminal(&sandbox, words);
        command.env("PAGER", pager);
        Pty::run(&command, 80, rows).end()
    };
    let mark = "sed -e 's/^/PAGED /'";
    for words in [&["convoy-ctl", "output"][..], &["convoy-ctl", "findings"], &["convoy-ctl", "show", "F1"]] {
        let (status, text) = paged(words, mark, 8);
        assert!(
            status.success() && text.lines().all(|line| line.starts_with("PAGED ")),
            "{words:?}: {text:?}"
        );
        let (_, whole) = paged(words, mark, 500);
        assert!(!whole.contains("PAGED"), "it fits: {whole:?}");
        assert_eq!(text.replace("PAGED ", ""), whole, "{words:?}");
        // A pager that is not there keeps nobody from reading.
        let (status, without) = paged(words, "no-such-pager-1", 8);
        assert!(status.success() && without.ends_with(&whole), "{words:?}: {without:?}");
        for none in ["cat", ""] {
            assert_eq!(paged(words, none, 8).1, whole);
        }
        // Whoever leaves it early has seen what they wanted.
        let (status, text) = paged(words, "head -n 1", 8);
        assert!(status.success() && text.lines().count() == 1, "{words:?}: {text:?}");
    }
}

#[test]
fn the_pager_that_is_there_is_left_with_q() {
    if Command::new("less").arg("--version").output().is_err() {
        programs::skipped("the real pager: less is not installed");
        return;
    }
    let (sandbox, _) = reviewed();
    let mut pty = Pty::run(&on_terminal(&sandbox, &["convoy-ctl", "output"]), 80, 10);
    pty.until("Complete");
    assert!(!pty.text().contains("REVIEW_RESULT"), "one screen: {:?}", pty.text());
    pty.press(&" ".repeat(20));
    pty.until("REVIEW_RESULT: CHANGES_REQUESTED");
    // Ctrl-C is the pager's; it may throw away what is typed right behind it.
    pty.press("\x03");
    pty.press_until_ended("q");
    let (status, text) = pty.end();
    assert!(status.success(), "{text:?}");
    assert!(text.contains("\x1b]8;;file:///"), "links go through it: {text:?}");
}

#[test]
fn what_is_piped_is_whole_and_without_a_mark_of_the_terminal() {
    let (sandbox, id) = reviewed();
    let narrow = |words: &[&str]| {
        let mut command = on_terminal(&sandbox, words);
        command.env("COLUMNS", "40").env("PAGER", "sed -e 's/^/PAGED /'");
        let out = command.output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", shown(&out));
        String::from_utf8(out.stdout).unwrap()
    };
    let state = sandbox.state(&id);
    let synthesis = state.agents.iter().find(|agent| agent.role.as_str() == "synthesis").unwrap();
    let report = fs::read_to_string(synthesis.output_file().unwrap().as_path()).unwrap();
    assert_eq!(narrow(&["convoy-ctl", "output"]), report, "byte for byte");
    for words in
        [&["convoy-ctl", "findings"][..], &["convoy-ctl", "show", "F1"], &["convoy-ctl", "decisions"]]
    {
        let text = narrow(words);
        assert!(!text.contains('\x1b') && !text.contains("PAGED"), "{words:?}: {text:?}");
        assert!(text.contains(&format!("{LONG_NAME}:2")), "{words:?}: {text}");
    }
}
