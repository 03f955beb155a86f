use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use protocol::plan::Stream;
use protocol::redact::Secrets;
use serde_json::{Value, json};

use super::*;
use crate::stream::EventStream;

struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("src")).unwrap();
        for name in ["src/a.ts", "src/b.ts", "src/my file.ts"] {
            fs::write(dir.path().join(name), "x\n").unwrap();
        }
        Project(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn given(&self) -> Given {
        Given::new(self.path(), &["src/a.ts", "src/b.ts", "src/my file.ts"].map(PathBuf::from))
    }

    fn known(&self, format: Stream, events: &[Value]) -> Known {
        let mut stream = EventStream::by(format, &[], Secrets::default()).unwrap();
        for event in events {
            let line = event.to_string().replace("PROJECT", &self.path().to_string_lossy());
            stream.feed(format!("{line}\n").as_bytes());
        }
        stream.finish();
        let known = proved(&self.given(), &[stream.summary()], &[]);
        assert_eq!(known.scope.contradiction(), None, "read and not read are what was given");
        known
    }
}

fn names(files: &[EncodedPath]) -> Vec<String> {
    files.iter().map(|file| file.as_path().display().to_string()).collect()
}

fn whys(known: &Known) -> Vec<&str> {
    known.scope.not_read.iter().map(|not| not.why.as_str()).collect()
}

fn claude_call(id: &str, tool: &str, input: &Value, result: &str, is_error: bool) -> [Value; 2] {
    [
        json!({ "type": "assistant", "message": { "id": id, "content": [
            { "type": "tool_use", "id": id, "name": tool, "input": input }] } }),
        json!({ "type": "user", "message": { "content": [
            { "type": "tool_result", "tool_use_id": id, "content": result, "is_error": is_error }] } }),
    ]
}

#[test]
fn what_claude_opened_is_read_and_nothing_else() {
    let project = Project::new();
    let mut events = Vec::new();
    events.extend(claude_call("1", "Read", &json!({ "file_path": "PROJECT/src/a.ts" }), "1→x", false));
    events.extend(claude_call("2", "Read", &json!({ "file_path": "PROJECT/src/b.ts" }), "too large", true));
    events.extend(claude_call("3", "Glob", &json!({ "pattern": "**" }), "src/my file.ts", false));
    events.push(json!({ "type": "result", "is_error": false, "result": "**Reviewed:** 3 files" }));
    let known = project.known(Stream::ClaudeStreamJson, &events);
    assert_eq!(names(&known.scope.read), ["src/a.ts"]);
    assert_eq!(whys(&known), ["could not be opened", "never opened"]);
    assert_eq!((known.scope.basis, known.denied), (Basis::ToolCalls, vec![]));
    assert_eq!(known.scope.given.len(), known.scope.read.len() + known.scope.not_read.len());
}

#[test]
fn a_call_without_a_result_shows_nothing() {
    let project = Project::new();
    let [call, _] = claude_call("1", "Read", &json!({ "file_path": "src/a.ts" }), "x", false);
    assert_eq!(project.known(Stream::ClaudeStreamJson, &[call]).scope.read, []);
    assert_eq!(project.known(Stream::ClaudeStreamJson, &[]).scope.read, []);
}

#[test]
fn paths_are_the_projects_however_they_are_written() {
    let project = Project::new();
    symlink(project.path(), project.path().join("link")).unwrap();
    for written in [
        "src/a.ts",
        "./src//a.ts",
        "src/../src/a.ts",
        "PROJECT/src/a.ts",
        "PROJECT/link/src/a.ts",
        "link/link/src/a.ts",
    ] {
        let events = claude_call("1", "Read", &json!({ "file_path": written }), "x", false);
        let known = project.known(Stream::ClaudeStreamJson, &events);
        assert_eq!(names(&known.scope.read), ["src/a.ts"], "{written}");
    }
    let events = claude_call("1", "Read", &json!({ "file_path": "/other/src/a.ts" }), "x", false);
    assert_eq!(project.known(Stream::ClaudeStreamJson, &events).scope.read, []);
}

#[test]
fn a_name_that_is_no_text_is_still_found() {
    let project = Project::new();
    let name = PathBuf::from(OsStr::from_bytes(b"src/\xff.ts"));
    let given = Given::new(project.path(), &[name.clone(), PathBuf::from("src/a.ts")]);
    for written in ["src/\u{fffd}.ts", "\"src/\\377.ts\""] {
        assert_eq!(given.relative(written), name, "{written}");
    }
}

#[test]
fn each_format_shows_what_was_read() {
    let project = Project::new();
    let codex = json!({ "type": "item.completed", "item": { "id": "i", "type": "command_execution",
        "command": "/bin/bash -lc \"cat 'PROJECT/src/my file.ts'; sed -n 1,9p PROJECT/src/a.ts\"",
        "aggregated_output": "x\nx\n", "exit_code": 0, "status": "completed" } });
    let gemini = [
        json!({ "type": "tool_use", "tool_name": "read_many_files", "tool_id": "t", "parameters": { "include": ["src/*.ts"] } }),
        json!({ "type": "tool_result", "tool_id": "t", "status": "success", "output": "" }),
    ];
    let opencode = json!({ "type": "tool_use", "part": { "tool": "read", "callID": "c", "state": {
        "status": "completed", "input": { "filePath": "PROJECT/src/b.ts" }, "output": "x" } } });
    let grep = json!({ "type": "tool_use", "part": { "tool": "grep", "callID": "c", "state": {
        "status": "completed", "input": { "pattern": "x" }, "output": "Found 1 matches\nPROJECT/src/a.ts:\n  Line 1: x" } } });
    for (format, events, want) in [
        (Stream::CodexJsonl, vec![codex], vec!["src/a.ts", "src/my file.ts"]),
        (Stream::GeminiStreamJson, gemini.to_vec(), vec!["src/a.ts", "src/b.ts", "src/my file.ts"]),
        (Stream::OpencodeJsonl, vec![opencode], vec!["src/b.ts"]),
        (Stream::OpencodeJsonl, vec![grep], vec!["src/a.ts"]),
    ] {
        assert_eq!(names(&project.known(format, &events).scope.read), want, "{format:?}");
    }
}

#[test]
fn a_denied_read_is_told_in_each_format() {
    let project = Project::new();
    let claude_event =
        json!({ "type": "system", "subtype": "permission_denied", "tool_name": "Read", "tool_use_id": "t" });
    let claude_end = json!({ "type": "result", "is_error": false, "result": "x", "permission_denials": [
        { "tool_name": "Read", "tool_use_id": "t", "tool_input": { "file_path": "PROJECT/src/a.ts" } },
        { "tool_name": "Bash", "tool_use_id": "u", "tool_input": { "command": "rm x" } },
        { "tool_name": "Write", "tool_use_id": "v", "tool_input": { "file_path": "PROJECT/src/a.ts" } }] });
    let codex = json!({ "type": "item.completed", "item": { "id": "i", "type": "command_execution",
        "command": "bash -lc 'cat src/a.ts'", "aggregated_output": "bwrap: no permission", "exit_code": 1, "status": "failed" } });
    let gemini = [
        json!({ "type": "tool_use", "tool_name": "read_file", "tool_id": "t", "parameters": { "file_path": "src/a.ts" } }),
        json!({ "type": "tool_result", "tool_id": "t", "status": "error", "error": { "type": "policy_violation", "message": "Tool denied by policy." } }),
    ];
    let opencode = json!({ "type": "tool_use", "part": { "tool": "read", "callID": "c", "state": { "status": "error",
        "input": { "filePath": "src/a.ts" }, "error": "The user rejected permission to use this specific tool call." } } });
    for (format, events, want) in [
        (Stream::ClaudeStreamJson, vec![claude_event, claude_end], "Read PROJECT/src/a.ts"),
        (Stream::CodexJsonl, vec![codex], "shell bash -lc 'cat src/a.ts'"),
        (Stream::GeminiStreamJson, gemini.to_vec(), "read_file src/a.ts"),
        (Stream::OpencodeJsonl, vec![opencode], "read src/a.ts"),
    ] {
        let known = project.known(format, &events);
        let want = want.replace("PROJECT", &project.path().to_string_lossy());
        assert_eq!(known.denied, [want], "{format:?}");
        assert_eq!(whys(&known)[0], "denied", "{format:?}");
    }
}

#[test]
fn what_was_read_after_all_or_is_no_part_of_the_project_was_not_missed() {
    let project = Project::new();
    let denied = |id: &str, file: &str| {
        json!({ "type": "result", "is_error": false, "permission_denials": [
        { "tool_name": "Read", "tool_use_id": id, "tool_input": { "file_path": file } }] })
    };
    let mut events = claude_call("2", "Read", &json!({ "file_path": "src/a.ts" }), "x", false).to_vec();
    events.push(denied("1", "PROJECT/src/a.ts"));
    assert_eq!(project.known(Stream::ClaudeStreamJson, &events).denied, [""; 0]);
    events.push(denied("3", "/etc/hostname"));
    assert_eq!(project.known(Stream::ClaudeStreamJson, &events).denied, [""; 0]);
    events.push(denied("4", "PROJECT/src/b.ts"));
    assert_eq!(project.known(Stream::ClaudeStreamJson, &events).denied.len(), 1);
}

#[test]
fn a_claim_is_called_one() {
    let given = Project::new().given();
    let not = |name: &str, why: &str| (name.to_owned(), why.to_owned());
    let scope = claimed(&given, 2, &[not("src/b.ts", "generated")]).unwrap();
    assert_eq!(
        (names(&scope.read), scope.basis),
        (vec!["src/a.ts".to_owned(), "src/my file.ts".to_owned()], Basis::Claimed)
    );
    assert_eq!(scope.not_read[0].why, "generated");
    assert_eq!(claimed(&given, 0, &[]).unwrap().read, []);
    assert_eq!(claimed(&given, 3, &[]).unwrap().not_read, []);
    assert_eq!(claimed(&given, 1, &[]), None, "which one it was is not said");
}
