//! A pull request on GitHub: REST, and GraphQL where REST has nothing (who wrote a
//! comment, threads).

use serde_json::{Value, json};

use crate::api::{Api, Problem};
use crate::check::Check;
use crate::mark::{self, Mark};
use crate::plan::{Comment, Inline, Present, Thread};
use crate::target::{Repository, Target, encoded};

const COMMENTS: &str = "query($owner:String!,$name:String!,$number:Int!,$after:String){repository(owner:$owner,name:$name){pullRequest(number:$number){comments(first:100,after:$after){pageInfo{hasNextPage endCursor} nodes{databaseId body viewerDidAuthor}}}}}";
const THREADS: &str = "query($owner:String!,$name:String!,$number:Int!,$after:String){repository(owner:$owner,name:$name){pullRequest(number:$number){reviewThreads(first:100,after:$after){pageInfo{hasNextPage endCursor} nodes{id isResolved isOutdated comments(first:1){nodes{body viewerDidAuthor}}}}}}}";
const RESOLVE: &str =
    "mutation($thread:ID!){resolveReviewThread(input:{threadId:$thread}){thread{id isResolved}}}";

/// What was refused, by its place in the list, and why the rest was not tried.
pub(crate) type Commented = (Vec<usize>, Option<Problem>);

/// The open pull request of a branch.
pub(crate) fn find(
    api: &Api<'_>,
    repository: &Repository,
    from: &Repository,
    branch: &str,
) -> Result<Option<Target>, Problem> {
    let owner = from.name.split('/').next().unwrap_or_default();
    let head = encoded(&format!("{owner}:{branch}"));
    let answer = api.get(&format!("repos/{}/pulls?state=open&head={head}", repository.name))?.json()?;
    let list = answer.as_array().ok_or_else(|| not_understood("pull requests"))?;
    let number =
        list.first().map(|one| one["number"].as_u64().ok_or_else(|| not_understood("pull requests")));
    Ok(number.transpose()?.map(|number| Target { repository: repository.clone(), number }))
}

pub(crate) fn look(api: &Api<'_>, target: &Target, name: &str) -> Result<Present, Problem> {
    let pulls = path(target, "pulls");
    let pull = api.get(&pulls)?.json()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let head = text(&pull["head"]["sha"]).ok_or_else(|| not_understood("the pull request"))?;
    let commits = [Some(head.clone()), text(&pull["merge_commit_sha"])].into_iter().flatten().collect();
    let mut present = Present { head, commits, ..Present::default() };
    api.pages(&format!("{pulls}/files?"), |file| {
        let (Some(path), Some(diff)) = (file["filename"].as_str(), file["patch"].as_str()) else { return };
        let old = file["previous_filename"].as_str().unwrap_or(path);
        present.hunks.add(path, old, diff);
    })?;
    connection(api, target, COMMENTS, "comments", |node| {
        let body = node["body"].as_str().unwrap_or_default();
        let ours = node["viewerDidAuthor"] == true && mark::is_summary(body, name);
        if let Some(id) = node["databaseId"].as_u64().filter(|_| ours) {
            present.summaries.push(Comment { id: id.to_string(), body: body.to_owned() });
        }
    })?;
    connection(api, target, THREADS, "reviewThreads", |node| {
        let first = &node["comments"]["nodes"][0];
        let mark = first["body"].as_str().filter(|_| first["viewerDidAuthor"] == true);
        let mark = mark.and_then(|body| Mark::read(body, name));
        if let (Some(mark), Some(id)) = (mark, node["id"].as_str()) {
            let (resolved, outdated) = (node["isResolved"] == true, node["isOutdated"] == true);
            present.threads.push(Thread { id: id.to_owned(), mark, resolved, outdated });
        }
    })?;
    Ok(present)
}

/// All nodes of a list of the pull request.
fn connection(
    api: &Api<'_>,
    target: &Target,
    query: &str,
    name: &str,
    mut take: impl FnMut(&Value),
) -> Result<(), Problem> {
    let (owner, repository) = target.repository.name.split_once('/').unwrap_or_default();
    let mut after = Value::Null;
    loop {
        let variables =
            json!({ "owner": owner, "name": repository, "number": target.number, "after": after });
        let data = api.query(&json!({ "query": query, "variables": variables }))?;
        let list = &data["repository"]["pullRequest"][name];
        let nodes = list["nodes"].as_array().ok_or_else(|| not_understood(name))?;
        nodes.iter().for_each(&mut take);
        let next = list["pageInfo"]["endCursor"].clone();
        if list["pageInfo"]["hasNextPage"] != true || next == after {
            return Ok(());
        }
        after = next;
    }
}

fn not_understood(what: &str) -> Problem {
    Problem::Broken(format!("GitHub's answer about {what} is not understood"))
}

/// All at once, which is one notification; one by one where GitHub would not have all
/// of them.
pub(crate) fn comment(api: &Api<'_>, target: &Target, present: &Present, inline: &[Inline]) -> Commented {
    let pulls = path(target, "pulls");
    let many = base::style::count(inline.len() as u64, "new finding");
    let comments: Vec<Value> = inline.iter().map(value).collect();
    let review = json!({ "commit_id": present.head, "event": "COMMENT", "body": format!("{many}."), "comments": comments });
    match api.send("POST", &format!("{pulls}/reviews"), Some(&review)) {
        Ok(_) => return (Vec::new(), None),
        Err(Problem::Refused { status: 422, .. }) => {}
        Err(problem) => return ((0..inline.len()).collect(), Some(problem)),
    }
    let mut refused = Vec::new();
    for (n, one) in inline.iter().enumerate() {
        let mut body = value(one);
        body["commit_id"] = json!(present.head);
        match api.send("POST", &format!("{pulls}/comments"), Some(&body)) {
            Ok(_) => {}
            Err(Problem::Refused { status: 422, .. }) => refused.push(n),
            Err(problem) => {
                refused.extend(n..inline.len());
                return (refused, Some(problem));
            }
        }
    }
    (refused, None)
}

fn value(inline: &Inline) -> Value {
    let spot = inline.spot;
    let mut value = json!({ "path": inline.file, "line": spot.to, "side": "RIGHT", "body": inline.body });
    if spot.from < spot.to {
        value["start_line"] = json!(spot.from);
        value["start_side"] = json!("RIGHT");
    }
    value
}

/// Writes the one comment; in place of `id`, where there is one and it is still there.
pub(crate) fn summarize(api: &Api<'_>, target: &Target, id: Option<&str>, body: &str) -> Result<(), Problem> {
    let body = json!({ "body": body });
    if let Some(id) = id {
        match api.send("PATCH", &comment_path(target, id), Some(&body)) {
            Err(Problem::Refused { status: 404, .. }) => {}
            answer => return answer.map(|_| ()),
        }
    }
    api.send("POST", &format!("{}/comments", path(target, "issues")), Some(&body)).map(|_| ())
}

pub(crate) fn remove(api: &Api<'_>, target: &Target, id: &str) -> Result<(), Problem> {
    match api.send("DELETE", &comment_path(target, id), None) {
        Err(Problem::Refused { status: 404, .. }) => Ok(()),
        answer => answer.map(|_| ()),
    }
}

pub(crate) fn resolve(api: &Api<'_>, thread: &str) -> Result<(), Problem> {
    api.query(&json!({ "query": RESOLVE, "variables": { "thread": thread } })).map(|_| ())
}

/// A check run of its own for each review of a commit: the newest counts.
pub(crate) fn judge(api: &Api<'_>, target: &Target, commit: &str, check: &Check) -> Result<(), Problem> {
    let runs = format!("repos/{}/check-runs", target.repository.name);
    let mut outputs = check.outputs().into_iter();
    let body = json!({
        "name": check.name, "head_sha": commit, "status": "completed",
        "conclusion": check.conclusion(), "output": outputs.next(),
    });
    let run = api.send("POST", &runs, Some(&body))?.json()?;
    let id = run["id"].as_u64().ok_or_else(|| not_understood("the check"))?;
    for output in outputs {
        api.send("PATCH", &format!("{runs}/{id}"), Some(&json!({ "output": output })))?;
    }
    Ok(())
}

fn path(target: &Target, kind: &str) -> String {
    format!("repos/{}/{kind}/{}", target.repository.name, target.number)
}

fn comment_path(target: &Target, id: &str) -> String {
    format!("repos/{}/issues/comments/{id}", target.repository.name)
}
