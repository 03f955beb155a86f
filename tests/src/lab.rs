//! A stand-in for GitLab on loopback, and one for `glab` that asks it by `curl`: one merge
//! request, `g/s/r` number 7. Lists come in pages with Link headers; a position that is
//! not of the diff is refused with 400, for a line that was there before both of its
//! numbers are needed.

use std::fs;
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use serde_json::{Value, json};

use crate::http::{self, Received};

/// The address of the merge request.
pub const URL: &str = "https://gitlab.example.com/g/s/r/-/merge_requests/7";
const REQUEST: &str = "projects/g%2Fs%2Fr/merge_requests/7";
/// The file of the change, and its diff: line 9 and 10 are new, 8 and 11 are not.
pub const FILE: &str = "src/a.ts";
const DIFF: &str = "@@ -8,2 +8,4 @@\n a\n+b\n+c\n d\n";
/// Items of a page, however many are asked for.
const PAGE: usize = 2;
const ME: u64 = 4;

/// A conversation, or a note that stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discussion {
    pub author: u64,
    pub body: String,
    /// `None`: it stands alone.
    pub line: Option<u64>,
    pub resolved: bool,
}

/// Everything the stand-in holds; a discussion is known by its place.
#[derive(Debug, Default)]
pub struct Lab {
    pub discussions: Vec<Discussion>,
    /// State and description.
    pub statuses: Vec<(String, String)>,
}

/// The stand-in, as long as it is held.
#[derive(Debug, Clone)]
pub struct Standin {
    lab: Arc<Mutex<Lab>>,
    port: u16,
}

impl Standin {
    /// Puts the `glab` that asks it into `bin`.
    pub fn start(bin: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let standin = Standin { lab: Arc::default(), port };
        let served = standin.clone();
        // It ends with the test.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                served.serve(&stream);
            }
        });
        fs::create_dir_all(bin).expect("create a directory");
        let script = bin.join("glab");
        fs::write(&script, SCRIPT).expect("write a file");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("make it a program");
        standin
    }

    pub fn lab(&self) -> MutexGuard<'_, Lab> {
        self.lab.lock().expect("the state of the stand-in")
    }

    pub fn log_in(&self, command: &mut Command, bin: &Path) {
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()));
        command.env("STANDIN", format!("http://127.0.0.1:{}", self.port));
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        if let Some(received) = http::read(&mut reader) {
            let (status, headers, body) = self.lab().answer(&received);
            // `curl` that went away has what it wants.
            let _ = http::write(stream, status, &headers, "application/json", body.to_string().as_bytes());
        }
    }
}

/// `glab api --include --hostname H --method M PATH --header … [--input -]`
const SCRIPT: &str = r#"#!/bin/sh
[ "$1 $2 $3 $4 $5" = "api --include --hostname gitlab.example.com --method" ] || exit 64
case " $* " in
*" --input - "*) exec curl -sS -i --http1.1 -X "$6" --data-binary @- "$STANDIN/$7" ;;
*) exec curl -sS -i --http1.1 -X "$6" "$STANDIN/$7" ;;
esac
"#;

type Answer = (u16, Vec<(String, String)>, Value);

impl Lab {
    /// The one summary of ours.
    pub fn summary(&self) -> &str {
        let ours: Vec<&Discussion> =
            self.discussions.iter().filter(|one| one.author == ME && one.line.is_none()).collect();
        assert_eq!(ours.len(), 1, "{:#?}", self.discussions);
        &ours[0].body
    }

    pub fn threads(&self) -> Vec<&Discussion> {
        self.discussions.iter().filter(|one| one.line.is_some()).collect()
    }

    fn answer(&mut self, received: &Received) -> Answer {
        let path = received.path.trim_start_matches('/');
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let body: Value = serde_json::from_slice(&received.body).unwrap_or_default();
        let text = body["body"].as_str().unwrap_or_default().to_owned();
        let fine = |body: Value| (200, Vec::new(), body);
        let refused = |status: u16, why: &str| (status, Vec::new(), json!({ "message": why }));
        let rest = path.strip_prefix(REQUEST).map(|rest| rest.trim_start_matches('/'));
        let words: Vec<&str> = rest.unwrap_or_default().split('/').collect();
        match (received.method.as_str(), rest.is_some(), words.as_slice()) {
            ("GET", false, _) if path == "user" => fine(json!({ "id": ME })),
            ("POST", false, _) if path.starts_with("projects/g%2Fs%2Fr/statuses/") => {
                let word = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
                self.statuses.push((word("state"), word("description")));
                fine(json!({}))
            }
            ("GET", true, [""]) => fine(json!({
                "sha": "h", "diff_refs": { "base_sha": "b", "start_sha": "s", "head_sha": "h" },
            })),
            ("GET", true, ["diffs"]) => {
                page(path, query, &[json!({ "new_path": FILE, "old_path": FILE, "diff": DIFF })])
            }
            ("GET", true, ["discussions"]) => {
                let one = |(n, one): (usize, &Discussion)| {
                    let note = json!({ "id": n, "body": one.body, "author": { "id": one.author }, "resolved": one.resolved });
                    json!({ "id": format!("d{n}"), "individual_note": one.line.is_none(), "notes": [note] })
                };
                page(path, query, &self.discussions.iter().enumerate().map(one).collect::<Vec<_>>())
            }
            ("POST", true, ["discussions"]) => {
                let position = &body["position"];
                let line = position["new_line"].as_u64().unwrap_or(0);
                let old = position["old_line"].as_u64();
                let known = matches!((line, old), (9 | 10, None) | (8, Some(8)) | (11, Some(9)));
                let of_change = position["head_sha"] == "h" && position["new_path"] == FILE;
                if !known || !of_change {
                    return refused(400, "400 Bad request - Note {:line_code=>[\"can't be blank\"]}");
                }
                self.discussions.push(Discussion {
                    author: ME,
                    body: text,
                    line: Some(line),
                    resolved: false,
                });
                fine(json!({}))
            }
            ("PUT", true, ["discussions", id]) => {
                let found = id.strip_prefix('d').and_then(|n| n.parse::<usize>().ok());
                match found.and_then(|n| self.discussions.get_mut(n)) {
                    Some(one) => {
                        one.resolved = body["resolved"] == true;
                        fine(json!({}))
                    }
                    None => refused(404, "404 Not Found"),
                }
            }
            ("POST", true, ["notes"]) => {
                self.discussions.push(Discussion { author: ME, body: text, line: None, resolved: false });
                fine(json!({}))
            }
            ("PUT", true, ["notes", id]) => {
                match id.parse::<usize>().ok().and_then(|n| self.discussions.get_mut(n)) {
                    Some(one) if one.author == ME => {
                        one.body = text;
                        fine(json!({}))
                    }
                    _ => refused(404, "404 Not Found"),
                }
            }
            _ => refused(404, "404 Not Found"),
        }
    }
}

fn page(path: &str, query: &str, items: &[Value]) -> Answer {
    let page =
        query.split('&').find_map(|word| word.strip_prefix("page=")?.parse::<usize>().ok()).unwrap_or(1);
    let some: Vec<&Value> = items.iter().skip((page - 1) * PAGE).take(PAGE).collect();
    let mut headers = Vec::new();
    if page * PAGE < items.len() {
        let next = format!(
            "<https://gitlab.example.com/api/v4/{path}?page={}&per_page={PAGE}>; rel=\"next\"",
            page + 1
        );
        headers.push(("Link".to_owned(), next));
    }
    (200, headers, json!(some))
}
