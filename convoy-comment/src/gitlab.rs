//! A merge request on GitLab, in the shape of a pull request: notes and discussions.

use serde_json::{Value, json};

use crate::api::{Api, Problem};
use crate::check::Check;
use crate::github::Commented;
use crate::hunks::Changed;
use crate::mark::{self, Mark};
use crate::plan::{Comment, Inline, Present, Thread};
use crate::target::{Repository, Target, encoded};
use findings::verdict::Verdict;

/// The open merge request of a branch.
pub(crate) fn find(api: &Api<'_>, repository: &Repository, branch: &str) -> Result<Option<Target>, Problem> {
    let project = encoded(&repository.name);
    let path = format!("projects/{project}/merge_requests?state=opened&source_branch={}", encoded(branch));
    let answer = api.get(&path)?.json()?;
    let list = answer.as_array().ok_or_else(|| not_understood("merge requests"))?;
    let number = list.first().map(|one| one["iid"].as_u64().ok_or_else(|| not_understood("merge requests")));
    Ok(number.transpose()?.map(|number| Target { repository: repository.clone(), number }))
}

pub(crate) fn look(api: &Api<'_>, target: &Target, name: &str) -> Result<Present, Problem> {
    let request = path(target);
    let found = api.get(&request)?.json()?;
    let head = found["sha"].as_str().ok_or_else(|| not_understood("the merge request"))?.to_owned();
    let me = api.get("user")?.json()?["id"].as_u64().ok_or_else(|| not_understood("the user"))?;
    let mut present = Present { commits: vec![head.clone()], head, ..Present::default() };
    api.pages(&format!("{request}/diffs?"), |file| {
        let (Some(path), Some(diff)) = (file["new_path"].as_str(), file["diff"].as_str()) else { return };
        present.hunks.add(path, file["old_path"].as_str().unwrap_or(path), diff);
    })?;
    api.pages(&format!("{request}/discussions?"), |discussion| {
        let first = &discussion["notes"][0];
        let (Some(thread), Some(body)) = (discussion["id"].as_str(), first["body"].as_str()) else { return };
        if first["author"]["id"].as_u64() != Some(me) {
            return;
        }
        if mark::is_summary(body, name) {
            let id = first["id"].as_u64().map(|id| id.to_string());
            present.summaries.extend(id.map(|id| Comment { id, body: body.to_owned() }));
        } else if let Some(mark) = Mark::read(body, name) {
            let resolved = first["resolved"] == true;
            // GitLab does not tell whether the lines have changed since.
            present.threads.push(Thread { id: thread.to_owned(), mark, resolved, outdated: false });
        }
    })?;
    Ok(present)
}

fn not_understood(what: &str) -> Problem {
    Problem::Broken(format!("GitLab's answer about {what} is not understood"))
}

pub(crate) fn comment(api: &Api<'_>, target: &Target, present: &Present, inline: &[Inline]) -> Commented {
    let all = || (0..inline.len()).collect();
    let shas = match api.get(&path(target)).and_then(|answer| answer.json()) {
        Ok(found) => found["diff_refs"].clone(),
        Err(problem) => return (all(), Some(problem)),
    };
    let mut refused = Vec::new();
    for (n, one) in inline.iter().enumerate() {
        let Some(file) = present.hunks.file(&one.file) else {
            refused.push(n);
            continue;
        };
        let body = json!({ "body": one.body, "position": position(one, file, &shas) });
        match api.send("POST", &format!("{}/discussions", path(target)), Some(&body)) {
            Ok(_) => {}
            // A position that is not of the diff.
            Err(Problem::Refused { status: 400 | 422, .. }) => refused.push(n),
            Err(problem) => {
                refused.extend(n..inline.len());
                return (refused, Some(problem));
            }
        }
    }
    (refused, None)
}

/// The last line; one that was there before is named by both of its numbers.
fn position(inline: &Inline, file: &Changed, shas: &Value) -> Value {
    let line = inline.spot.to;
    let mut position = json!({
        "position_type": "text", "base_sha": shas["base_sha"], "start_sha": shas["start_sha"],
        "head_sha": shas["head_sha"], "new_path": inline.file, "old_path": file.old_path, "new_line": line,
    });
    if let Some(old) = file.hunks.iter().find_map(|hunk| hunk.before.get(&line)) {
        position["old_line"] = json!(old);
    }
    position
}

pub(crate) fn summarize(api: &Api<'_>, target: &Target, id: Option<&str>, body: &str) -> Result<(), Problem> {
    let (notes, body) = (format!("{}/notes", path(target)), json!({ "body": body }));
    if let Some(id) = id {
        match api.send("PUT", &format!("{notes}/{id}"), Some(&body)) {
            Err(Problem::Refused { status: 404, .. }) => {}
            answer => return answer.map(|_| ()),
        }
    }
    api.send("POST", &notes, Some(&body)).map(|_| ())
}

pub(crate) fn remove(api: &Api<'_>, target: &Target, id: &str) -> Result<(), Problem> {
    match api.send("DELETE", &format!("{}/notes/{id}", path(target)), None) {
        Err(Problem::Refused { status: 404, .. }) => Ok(()),
        answer => answer.map(|_| ()),
    }
}

pub(crate) fn resolve(api: &Api<'_>, target: &Target, thread: &str) -> Result<(), Problem> {
    let path = format!("{}/discussions/{}", path(target), encoded(thread));
    api.send("PUT", &path, Some(&json!({ "resolved": true }))).map(|_| ())
}

/// A status of the commit. There is none for "no verdict": that is no success, so it has failed.
pub(crate) fn judge(api: &Api<'_>, target: &Target, commit: &str, check: &Check) -> Result<(), Problem> {
    let state = if check.verdict == Verdict::Approved { "success" } else { "failed" };
    let project = encoded(&target.repository.name);
    let title: String = check.title.chars().take(200).collect();
    let body = json!({ "state": state, "name": check.name, "description": title });
    api.send("POST", &format!("projects/{project}/statuses/{}", encoded(commit)), Some(&body)).map(|_| ())
}

fn path(target: &Target) -> String {
    format!("projects/{}/merge_requests/{}", encoded(&target.repository.name), target.number)
}
