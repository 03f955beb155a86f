//! A stand-in for GitHub on loopback: one pull request, `o/r` number 7, by the rules of
//! its REST API and of the little GraphQL that is used. Lists come in pages with Link
//! headers; a comment on a line that the diff does not show is refused with 422, one that
//! is too long as well; limits and missing rights answer as the service's do.
//!
//! The real `gh` comes here: it reaches the host `github.localhost` without TLS, and any
//! host but `localhost` through the proxy that `HTTP_PROXY` names.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use serde_json::{Value, json};

use crate::http::{self, Received};

/// The address of the pull request.
pub const URL: &str = "https://github.localhost/o/r/pull/7";
/// Who asks, and somebody else.
const ME: &str = "me";
const LONGEST: usize = 65_536;
/// The list of files ends there.
const MOST_LISTED: usize = 3000;

/// A comment of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub id: u64,
    pub author: String,
    pub body: String,
}

/// A comment on lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    pub id: u64,
    pub author: String,
    pub path: String,
    pub line: u64,
    pub body: String,
    pub resolved: bool,
    pub outdated: bool,
}

/// A check run.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub id: u64,
    pub commit: String,
    pub conclusion: String,
    pub title: String,
    pub annotations: Vec<Value>,
}

/// An answer: status, headers, body.
pub type Said = (u16, Vec<(String, String)>, String);

/// Everything the stand-in holds.
#[derive(Debug, Default)]
pub struct Hub {
    pub head: String,
    pub merge: String,
    /// The branch of the pull request.
    pub branch: String,
    /// The change: path and diff, without the lines in front of the first hunk.
    pub files: Vec<(String, String)>,
    pub comments: Vec<Comment>,
    pub threads: Vec<Thread>,
    pub checks: Vec<Check>,
    /// Writing is not allowed, as to a fork's pull request.
    pub read_only: bool,
    /// Checks are only for apps.
    pub of_a_person: bool,
    /// Answers to the next changes, instead of what they ask for: status, headers, body.
    pub next: VecDeque<Said>,
    /// Lines that are refused, although the diff shows them.
    pub refused: BTreeSet<u64>,
    /// Method and path of all that was asked.
    pub asked: Vec<String>,
    ids: u64,
}

/// The stand-in, as long as it is held.
#[derive(Debug, Clone)]
pub struct Standin {
    hub: Arc<Mutex<Hub>>,
    port: u16,
}

impl Standin {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let hub = Hub { head: "1".repeat(40), merge: "f".repeat(40), ids: 100, ..Hub::default() };
        let standin = Standin { hub: Arc::new(Mutex::new(hub)), port };
        let served = standin.clone();
        // It ends with the test.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = served.clone();
                thread::spawn(move || served.serve(&stream));
            }
        });
        standin
    }

    pub fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().expect("the state of the stand-in")
    }

    /// What a `gh` with a login needs to come here.
    pub fn log_in(&self, command: &mut Command) {
        let proxy = format!("http://127.0.0.1:{}", self.port);
        command.env("HTTP_PROXY", &proxy).env("http_proxy", proxy).env("GH_TOKEN", "dummy");
        command.env("GH_HOST", "github.localhost");
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(received) = http::read(&mut reader) {
            let answer = self.hub().answer(&received);
            let body = match answer.body {
                // A diff is no JSON.
                Some(Value::String(text)) => text,
                Some(json) => json.to_string(),
                None => String::new(),
            };
            let written =
                http::write(stream, answer.status, &answer.headers, "application/json", body.as_bytes());
            if written.is_err() {
                break;
            }
        }
    }
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Option<Value>,
}

fn answer(status: u16, body: Value) -> Answer {
    Answer { status, headers: Vec::new(), body: Some(body) }
}

fn refusal(status: u16, message: &str) -> Answer {
    answer(status, json!({ "message": message, "documentation_url": "https://docs.github.com/rest" }))
}

impl Hub {
    /// A comment of somebody else.
    pub fn say(&mut self, author: &str, body: &str) {
        let id = self.id();
        self.comments.push(Comment { id, author: author.to_owned(), body: body.to_owned() });
    }

    /// The change as it is from now on.
    pub fn push(&mut self, commit: &str, files: &[(&str, &str)]) {
        commit.clone_into(&mut self.head);
        let changed: BTreeMap<&str, &str> = files.iter().copied().collect();
        for thread in &mut self.threads {
            let before =
                self.files.iter().find(|(path, _)| *path == thread.path).map(|(_, diff)| diff.as_str());
            thread.outdated |= before != changed.get(thread.path.as_str()).copied();
        }
        self.files = files.iter().map(|(path, diff)| ((*path).to_owned(), (*diff).to_owned())).collect();
    }

    /// Comments of the conversation, on lines, and checks.
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.comments.len(), self.threads.len(), self.checks.len())
    }

    /// The one summary of ours.
    pub fn summary(&self) -> &str {
        let ours: Vec<&Comment> = self
            .comments
            .iter()
            .filter(|one| one.author == ME && one.body.starts_with("<!-- convoy:summary"))
            .collect();
        assert_eq!(ours.len(), 1, "{:#?}", self.comments);
        &ours[0].body
    }

    fn id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    fn answer(&mut self, received: &Received) -> Answer {
        let path = received
            .path
            .split_once("://")
            .map_or(received.path.as_str(), |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let method = received.method.as_str();
        self.asked.push(format!("{method} {path}"));
        let body: Value = serde_json::from_slice(&received.body).unwrap_or_default();
        let words: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let reads = method == "GET"
            || words == ["graphql"] && !body["query"].as_str().unwrap_or("").starts_with("mutation");
        if !reads {
            if let Some((status, headers, text)) = self.next.pop_front() {
                return Answer { status, headers, body: serde_json::from_str(&text).ok() };
            }
            if self.read_only {
                return refusal(403, "Resource not accessible by integration");
            }
        }
        match (method, words.as_slice()) {
            ("POST", ["graphql"]) => self.graphql(&body),
            ("GET", ["repos", "o", "r", "pulls", "7"]) if received.header("accept").contains(".diff") => {
                self.whole_diff()
            }
            ("GET", ["repos", "o", "r", "pulls", "7"]) => answer(
                200,
                json!({
                    "number": 7, "state": "open", "head": { "sha": self.head },
                    "merge_commit_sha": self.merge, "changed_files": self.files.len(),
                }),
            ),
            ("GET", ["repos", "o", "r", "pulls"]) => {
                let asked = query.split('&').find_map(|word| word.strip_prefix("head=")).unwrap_or_default();
                let found = asked == format!("o%3A{}", self.branch);
                answer(200, if found { json!([{ "number": 7 }]) } else { json!([]) })
            }
            ("GET", ["repos", "o", "r", "pulls", "7", "files"]) => self.page(path, query),
            ("POST", ["repos", "o", "r", "pulls", "7", "reviews"]) => self.review(&body),
            ("POST", ["repos", "o", "r", "pulls", "7", "comments"]) => match self.line_problem(&body) {
                Some(problem) => answer(422, problem),
                None => answer(201, json!({ "id": self.add_line(&body) })),
            },
            ("POST", ["repos", "o", "r", "issues", "7", "comments"]) => self.comment(&body),
            (_, ["repos", "o", "r", "issues", "comments", id]) => self.change_comment(method, id, &body),
            ("POST", ["repos", "o", "r", "check-runs"]) => self.check(&body),
            ("PATCH", ["repos", "o", "r", "check-runs", id]) => self.more_of_check(id, &body),
            _ => refusal(404, "Not Found"),
        }
    }

    /// The change in one piece, of at most 300 files.
    fn whole_diff(&self) -> Answer {
        if self.files.len() > 300 {
            let message = "Sorry, the diff exceeded the maximum number of files (300). Consider using 'List pull requests files' API or locally cloning the repository instead.";
            let error = json!({ "resource": "PullRequest", "field": "diff", "code": "too_large" });
            return answer(406, json!({ "message": message, "errors": [error] }));
        }
        let one = |(path, diff): &(String, String)| {
            format!("diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n{diff}")
        };
        answer(200, Value::String(self.files.iter().map(one).collect()))
    }

    /// A page of the files, at most 100 long, with the addresses of the next and the last.
    fn page(&self, path: &str, query: &str) -> Answer {
        let number = |name: &str| {
            query
                .split('&')
                .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))?
                .parse::<usize>()
                .ok()
        };
        let (size, page) =
            (number("per_page").unwrap_or(30).clamp(1, 100), number("page").unwrap_or(1).max(1));
        let pages = self.files.len().min(MOST_LISTED).div_ceil(size).max(1);
        let items = self.files.iter().take(MOST_LISTED).skip((page - 1) * size).take(size);
        let items = items.map(|(name, diff)| {
            let mut item = json!({ "filename": name, "status": "modified", "patch": diff });
            if diff.is_empty() {
                // Binary, or too large to show.
                item.as_object_mut().expect("an object").remove("patch");
            }
            item
        });
        let mut answer = answer(200, Value::Array(items.collect()));
        if page < pages {
            let url = |n: usize| format!("<http://api.github.localhost{path}?per_page={size}&page={n}>");
            let link = format!("{}; rel=\"next\", {}; rel=\"last\"", url(page + 1), url(pages));
            answer.headers.push(("Link".to_owned(), link));
        }
        answer
    }

    fn review(&mut self, body: &Value) -> Answer {
        let text = body["body"].as_str().unwrap_or_default();
        if body["event"] == "COMMENT" && text.is_empty() {
            return refusal(422, "Unprocessable Entity");
        }
        let comments = body["comments"].as_array().cloned().unwrap_or_default();
        // All of them or none.
        if let Some(problem) = comments.iter().find_map(|comment| {
            let mut comment = comment.clone();
            comment["commit_id"] = body["commit_id"].clone();
            self.line_problem(&comment)
        }) {
            return answer(422, problem);
        }
        for comment in &comments {
            self.add_line(comment);
        }
        answer(200, json!({ "id": self.id() }))
    }

    /// Why a comment on lines cannot be made.
    fn line_problem(&self, comment: &Value) -> Option<Value> {
        let problem = |message: &str| Some(json!({ "message": "Unprocessable Entity", "errors": [message] }));
        let body = comment["body"].as_str().unwrap_or_default();
        if body.is_empty() || body.chars().count() > LONGEST {
            return problem("body is too long (maximum is 65536 characters)");
        }
        if comment["commit_id"] != self.head.as_str() {
            return problem("commit_id is not part of the pull request");
        }
        let Some((_, diff)) = self.files.iter().find(|(path, _)| comment["path"] == path.as_str()) else {
            return problem("Path could not be resolved");
        };
        let line = comment["line"].as_u64().unwrap_or(0);
        let start = comment["start_line"].as_u64().unwrap_or(line);
        let hunk =
            |line: u64| shown_lines(diff).into_iter().find(|(_, one)| *one == line).map(|(hunk, _)| hunk);
        let fine =
            comment["side"] == "RIGHT" && start <= line && hunk(line).is_some() && hunk(line) == hunk(start);
        if !fine || self.refused.contains(&line) {
            return problem("Line could not be resolved");
        }
        (comment["start_line"] == comment["line"])
            .then(|| json!({ "message": "start_line must precede the end line" }))
    }

    fn add_line(&mut self, comment: &Value) -> u64 {
        let id = self.id();
        self.threads.push(Thread {
            id,
            author: ME.to_owned(),
            path: comment["path"].as_str().unwrap_or_default().to_owned(),
            line: comment["line"].as_u64().unwrap_or(0),
            body: comment["body"].as_str().unwrap_or_default().to_owned(),
            resolved: false,
            outdated: false,
        });
        id
    }

    fn comment(&mut self, body: &Value) -> Answer {
        let text = body["body"].as_str().unwrap_or_default().to_owned();
        if text.is_empty() || text.chars().count() > LONGEST {
            return refusal(422, "Validation Failed");
        }
        let id = self.id();
        self.comments.push(Comment { id, author: ME.to_owned(), body: text });
        answer(201, json!({ "id": id }))
    }

    fn change_comment(&mut self, method: &str, id: &str, body: &Value) -> Answer {
        let Some(at) = self.comments.iter().position(|comment| comment.id.to_string() == id) else {
            return refusal(404, "Not Found");
        };
        if self.comments[at].author != ME {
            return refusal(403, "Must have admin rights to Repository.");
        }
        if method == "DELETE" {
            self.comments.remove(at);
            return Answer { status: 204, headers: Vec::new(), body: None };
        }
        let text = body["body"].as_str().unwrap_or_default();
        if text.is_empty() || text.chars().count() > LONGEST {
            return refusal(422, "Validation Failed");
        }
        text.clone_into(&mut self.comments[at].body);
        answer(200, json!({ "id": self.comments[at].id }))
    }

    fn check(&mut self, body: &Value) -> Answer {
        if self.of_a_person {
            return refusal(403, "You must authenticate via a GitHub App.");
        }
        let annotations = body["output"]["annotations"].as_array().cloned().unwrap_or_default();
        let conclusion = body["conclusion"].as_str().unwrap_or_default();
        let known = ["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"];
        let commits = [&self.head, &self.merge];
        if annotations.len() > 50
            || !known.contains(&conclusion)
            || !commits.iter().any(|one| body["head_sha"] == one.as_str())
        {
            return refusal(422, "Invalid request.");
        }
        let id = self.id();
        self.checks.push(Check {
            id,
            commit: body["head_sha"].as_str().unwrap_or_default().to_owned(),
            conclusion: conclusion.to_owned(),
            title: body["output"]["title"].as_str().unwrap_or_default().to_owned(),
            annotations,
        });
        answer(201, json!({ "id": id }))
    }

    fn more_of_check(&mut self, id: &str, body: &Value) -> Answer {
        let more = body["output"]["annotations"].as_array().cloned().unwrap_or_default();
        let check = self.checks.iter_mut().find(|check| check.id.to_string() == id);
        match check {
            Some(check) if more.len() <= 50 => {
                check.annotations.extend(more);
                answer(200, json!({ "id": check.id }))
            }
            Some(_) => refusal(422, "Invalid request."),
            None => refusal(404, "Not Found"),
        }
    }

    fn graphql(&mut self, body: &Value) -> Answer {
        let query = body["query"].as_str().unwrap_or_default();
        if query.contains("resolveReviewThread(") {
            let id = body["variables"]["thread"].as_str().unwrap_or_default();
            let Some(thread) = self.threads.iter_mut().find(|thread| format!("T{}", thread.id) == id) else {
                return answer(
                    200,
                    json!({ "data": null, "errors": [{ "type": "NOT_FOUND", "message": "Could not resolve to a node" }] }),
                );
            };
            thread.resolved = true;
            return answer(
                200,
                json!({ "data": { "resolveReviewThread": { "thread": { "id": id, "isResolved": true } } } }),
            );
        }
        let nodes: Vec<Value> = if query.contains("reviewThreads(") {
            let node = |thread: &Thread| {
                json!({ "id": format!("T{}", thread.id), "isResolved": thread.resolved, "isOutdated": thread.outdated,
                    "comments": { "nodes": [{ "body": thread.body, "viewerDidAuthor": thread.author == ME }] } })
            };
            self.threads.iter().map(node).collect()
        } else {
            let node = |one: &Comment| json!({ "databaseId": one.id, "body": one.body, "viewerDidAuthor": one.author == ME });
            self.comments.iter().map(node).collect()
        };
        if query.contains("headRefOid") {
            let pull_request = json!({ "number": 7, "headRefOid": self.head });
            return answer(200, json!({ "data": { "repository": { "pullRequest": pull_request } } }));
        }
        let name = if query.contains("reviewThreads(") { "reviewThreads" } else { "comments" };
        let from = body["variables"]["after"].as_str().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let page: Vec<&Value> = nodes.iter().skip(from).take(100).collect();
        let end = from + page.len();
        let info = json!({ "hasNextPage": end < nodes.len(), "endCursor": end.to_string() });
        answer(
            200,
            json!({ "data": { "repository": { "pullRequest": { name: { "pageInfo": info, "nodes": page } } } } }),
        )
    }
}

/// The lines that a diff shows of the file after the change, and which hunk shows each.
fn shown_lines(diff: &str) -> Vec<(usize, u64)> {
    let mut lines = Vec::new();
    let (mut hunk, mut at, mut left) = (0, 0, 0u64);
    for line in diff.lines() {
        if left == 0
            && let Some(span) = line.split('+').nth(1).filter(|_| line.starts_with("@@"))
        {
            let span = span.split(' ').next().unwrap_or_default();
            let (from, count) = span.split_once(',').unwrap_or((span, "1"));
            (hunk, at, left) = (hunk + 1, from.parse().unwrap_or(0), count.parse().unwrap_or(0));
        } else if !line.starts_with('-') && !line.starts_with('\\') && left > 0 {
            lines.push((hunk, at));
            at += 1;
            left -= 1;
        }
    }
    lines
}
