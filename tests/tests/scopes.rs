//! What was read and what was not are together what was given, file by file, on every
//! output of a whole review: reviewers that open all, a part and nothing of it, and
//! static rules, over many files with every kind of name.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use base::encoded_path::EncodedPath;
use convoy_tests::sandbox::{Launcher, Sandbox, shown};
use serde_json::{Value, json};

const ODD: [&str; 8] =
    ["a b.ts", "it's \"q\".ts", "a,b.ts", "[id]/page.ts", "#1.ts", "two\nlines.ts", "-n.ts", "C:x.ts"];
/// Nobody reads these: binary, and of no known language.
const UNREADABLE: [&str; 2] = ["logo.png", "NOTES.md"];

fn lay_out(sandbox: &Sandbox) -> BTreeSet<PathBuf> {
    let many = (0..150).map(|n| format!("src/dir{}/f{n}.ts", n % 7));
    let odd = ODD.iter().map(|name| format!("odd/{name}"));
    let names: BTreeSet<PathBuf> =
        many.chain(odd).chain(UNREADABLE.map(str::to_owned)).map(PathBuf::from).collect();
    for name in &names {
        let path = sandbox.project().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(
            path,
            if name.ends_with("logo.png") { &b"\x89PNG\0\0"[..] } else { b"export const a = 1;\n" },
        )
        .unwrap();
    }
    names
}

/// A claude that plays the stream of whichever reviewer it is.
fn claude(sandbox: &Sandbox) {
    let path = sandbox.path("bin/claude");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in --version) echo '2.1.330 (Claude Code)'; exit 0;; esac\n\
         role=$(sed -n 's/^You are the agent `\\([a-z]*\\)` of .*/\\1/p' | head -n 1)\ncat '{}'/\"$role\".stream\n",
        sandbox.path("").display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Opens these, and says that it has read all.
fn plays(sandbox: &Sandbox, role: &str, opens: &[&PathBuf], says: &BTreeSet<PathBuf>) {
    let mut lines =
        vec![json!({ "type": "system", "subtype": "init", "session_id": "s", "model": "m", "tools": [] })];
    for (n, file) in opens.iter().enumerate() {
        let path = sandbox.project().join(file);
        lines.push(json!({ "type": "assistant", "message": { "id": n.to_string(), "content": [
            { "type": "tool_use", "id": n.to_string(), "name": "Read", "input": { "file_path": path } }] } }));
        lines.push(json!({ "type": "user", "message": { "content": [
            { "type": "tool_result", "tool_use_id": n.to_string(), "content": "1\texport" }] } }));
    }
    let answer = json!({ "findings": [], "read": says, "notRead": [], "notes": [], "total": 0 });
    lines.push(json!({ "type": "result", "subtype": "success", "is_error": false, "session_id": "s",
        "result": answer.to_string(), "structured_output": answer }));
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let text = lines.join("\n") + "\n";
    fs::write(sandbox.path(&format!("{role}.stream")), text).unwrap();
}

fn paths(list: &Value) -> BTreeSet<PathBuf> {
    let path = |one: &Value| {
        let name = one.as_str().or_else(|| one["file"].as_str()).expect("a path");
        EncodedPath::from(name.to_owned()).as_path().to_path_buf()
    };
    list.as_array().into_iter().flatten().map(path).collect()
}

#[test]
fn read_and_not_read_are_what_was_given() {
    let sandbox = Sandbox::new(Launcher::Process);
    let all = lay_out(&sandbox);
    // What no prompt can name without its bytes is a file as any other.
    let bytes = PathBuf::from(OsStr::from_bytes(b"odd/half\xff.ts"));
    fs::write(sandbox.project().join(&bytes), "export const a = 1;\n").unwrap();
    let all: BTreeSet<PathBuf> = all.into_iter().chain([bytes.clone()]).collect();
    claude(&sandbox);
    let named: BTreeSet<PathBuf> = all.iter().filter(|file| **file != bytes).cloned().collect();
    let half: Vec<&PathBuf> = named.iter().step_by(2).collect();
    plays(&sandbox, "correctness", &named.iter().collect::<Vec<_>>(), &named);
    plays(&sandbox, "security", &half, &named);
    plays(&sandbox, "performance", &[], &named);
    let run = |runners: &[&str]| {
        let mut command = sandbox.command("convoy-review");
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", sandbox.path("bin").display());
        command.env("PATH", path).env("ANTHROPIC_API_KEY", "a-dummy-key");
        command.args(["--json", "--files", "."]);
        for runner in runners {
            command.args(["--runner", runner]);
        }
        let out = command.output().unwrap();
        let json: Value =
            serde_json::from_slice(&out.stdout).unwrap_or_else(|error| panic!("{error}: {}", shown(&out)));
        (json, out.status.code())
    };

    let (result, code) = run(&["claude", "synthesis=builtin"]);
    assert_eq!(code, Some(3), "one has read nothing: {result:#}");
    assert!(
        result["notes"].as_str().unwrap().contains("performance reviewer read none of the files"),
        "{result:#}"
    );
    assert_eq!(result["filesGiven"].as_u64(), Some(all.len() as u64));
    assert_eq!(result["filesReviewed"], 0, "it is what everybody has read");
    for (role, read) in [("correctness", named.len()), ("security", half.len()), ("performance", 0)] {
        let reports = result["reports"].as_array().unwrap();
        let report = reports.iter().find(|report| report["role"] == role).unwrap();
        let not_read = paths(&report["notRead"]);
        assert_eq!(report["filesReviewed"].as_u64(), Some(read as u64), "{role}");
        assert_eq!(report["filesGiven"].as_u64(), Some(all.len() as u64), "{role}");
        assert_eq!(read + not_read.len(), all.len(), "{role}: each file is one or the other");
        assert!(not_read.is_subset(&all) && not_read.contains(&bytes), "{role}");
    }
    let merged: Value =
        serde_json::from_str(&sandbox.ok("convoy-ctl", &["findings", "latest", "--format", "json"])).unwrap();
    for input in merged["inputs"].as_array().unwrap() {
        assert_whole(&input["scope"], &all);
    }

    // Rules open the files themselves.
    let (result, code) = run(&["builtin"]);
    assert_eq!(code, Some(0), "{result:#}");
    let unreadable: BTreeSet<PathBuf> = UNREADABLE.iter().map(PathBuf::from).collect();
    assert_eq!(result["filesReviewed"].as_u64(), Some((all.len() - unreadable.len()) as u64));
    for report in result["reports"].as_array().unwrap().iter().filter(|report| report["filesGiven"].is_u64())
    {
        assert_eq!(paths(&report["notRead"]), unreadable, "{report:#}");
    }
    let screen = sandbox.ok("convoy-ctl", &["findings", "latest"]);
    assert!(screen.contains(&format!("{} of {} files", all.len() - 2, all.len())), "{screen}");
}

fn assert_whole(scope: &Value, all: &BTreeSet<PathBuf>) {
    let (given, read, not_read) = (paths(&scope["given"]), paths(&scope["read"]), paths(&scope["notRead"]));
    assert_eq!(&given, all);
    assert!(read.is_disjoint(&not_read));
    assert_eq!(read.union(&not_read).cloned().collect::<BTreeSet<_>>(), *all);
}
