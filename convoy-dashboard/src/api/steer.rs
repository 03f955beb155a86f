//! What can be done: start, stop, retry, resume, synthesize, delete. Each is a program
//! that a user could run as well; the dashboard starts no agent and ends none.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{Path as Segments, Request, State};
use axum::http::StatusCode;
use axum::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::response::IntoResponse;
use base::error::chain;
use base::ids::{ConvoyId, Role};
use base::{Error, StateProblem, duration, program};
use data_encoding::HEXLOWER;
use protocol::layout::{ConvoyDir, Home};
use protocol::store::read_state;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::api::context::App;
use crate::api::programs::{self, Meaning};
use crate::api::read::{Answer, check_there, id, json_of};
use crate::api::request::Start;
use crate::http::access;
use crate::http::body::{self, JsonText, Without};
use crate::http::guard::MAX_BODY;
use crate::http::problem::Problem;
use crate::live::summary;

/// A body must be there after this.
const BODY_LIMIT: Duration = Duration::from_secs(5);
/// Starts in a minute.
const STARTS: usize = 6;
/// Answers of starts that are given again to the same key.
const KEYS: usize = 64;
/// Convoys that are deleted by one request.
const MOST_DELETED: usize = 200;

/// Reads a body as JSON.
pub(crate) async fn body<T: DeserializeOwned>(request: Request<Body>) -> Result<T, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json"));
    }
    let read = tokio::time::timeout(BODY_LIMIT, to_bytes(request.into_body(), MAX_BODY as usize)).await;
    let bytes = match read {
        Ok(Ok(bytes)) => bytes,
        // Nothing else of a body can be refused by length.
        Ok(Err(_)) => return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "a body has at most 64 KiB")),
        Err(_) => return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in 5 s")),
    };
    let any: Value = serde_json::from_slice(&bytes)
        .map_err(|error| Problem::bad_request(format!("this is not JSON: {error}")))?;
    if !any.is_object() {
        // A list of the right length would do as well otherwise.
        return Err(Problem::invalid("send an object"));
    }
    serde_json::from_slice(&bytes).map_err(|error| Problem::invalid(error.to_string()))
}

/// No body at all is as good as an empty one.
async fn body_if_any<T: DeserializeOwned + Default>(request: Request<Body>) -> Result<T, Problem> {
    use axum::body::HttpBody;
    if request.body().is_end_stream() { Ok(T::default()) } else { body(request).await }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ticket {
    ticket: String,
}

/// Trades a ticket for the token.
pub(crate) async fn session(State(app): State<Arc<App>>, request: Request<Body>) -> Answer {
    let Ticket { ticket } = body(request).await?;
    if access::redeem(&Home::of(&app.environment), &ticket) {
        return Ok(json_of(&json!({ "token": app.token })));
    }
    Err(app.wrong_guess(Problem::new(
        StatusCode::UNAUTHORIZED,
        "this address was good once, for ten minutes; run pan dashboard url for a new one",
    )))
}

pub(crate) async fn start(State(app): State<Arc<App>>, request: Request<Body>) -> Answer {
    let key = request.headers().get("idempotency-key").map(HeaderValue::as_bytes).map(<[u8]>::to_vec);
    let asked: Start = body(request).await?;
    let words = asked.words(&app.roots())?;
    let content = access::hash(&serde_json::to_string(&asked).unwrap_or_default());
    let key = key.map(|key| HEXLOWER.encode(&access::hash(&String::from_utf8_lossy(&key))));
    // One at a time: a second click waits for the first and gets its answer.
    let mut starts = app.starts.lock().await;
    if let Some((_, before, id)) =
        key.as_ref().and_then(|key| starts.answers.iter().find(|known| known.0 == *key))
    {
        if *before != content {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "this Idempotency-Key was used for another start",
            ));
        }
        return Ok(json_of(&summary::detail(&Home::of(&app.environment), id)?));
    }
    starts.recent.retain(|at| at.elapsed() < Duration::from_secs(60));
    if starts.recent.len() >= STARTS {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "at most 6 starts in a minute");
        return Err(problem.with(RETRY_AFTER, HeaderValue::from_static("60")));
    }
    let said = programs::run(&app.environment, "convoy-start", words).await?;
    let id = String::from_utf8_lossy(&said.stdout).trim().parse::<ConvoyId>().map_err(|error| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, format!("convoy-start printed no id: {error}"))
    })?;
    program::tell(&format!("convoy-dashboard: started {id} from the page"));
    starts.recent.push(Instant::now());
    if let Some(key) = key {
        starts.answers.push((key, content, id.clone()));
        let over = starts.answers.len().saturating_sub(KEYS);
        starts.answers.drain(..over);
    }
    Ok(json_of(&summary::detail(&Home::of(&app.environment), &id)?))
}

/// What a start would do: the plan, and as text every command and prompt.
pub(crate) async fn preview(State(app): State<Arc<App>>, request: Request<Body>) -> Answer {
    let asked: Start = body(request).await?;
    let mut words = asked.words(&app.roots())?;
    words.push("--dry-run".to_owned());
    let text = programs::command(&app.environment, "convoy-start", words.clone())?;
    words.push("--json".to_owned());
    let plan = programs::command(&app.environment, "convoy-start", words)?;
    let body = body::written(move |out| {
        out.write_all(b"{\"text\":\"")?;
        let mut inside = JsonText::new(&mut *out);
        programs::print("convoy-start", text, Meaning::FAILED, &mut inside)?;
        inside.finish()?;
        // The plan, its files and the notes are an object of their own there.
        out.write_all(b"\",")?;
        let mut rest = Without { to: out, left_out: 1 };
        programs::print("convoy-start", plan, Meaning::FAILED, &mut rest)
    });
    Ok(([(CONTENT_TYPE, "application/json")], body.await?).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stop {
    /// Without the usual grace of 5 s.
    #[serde(default)]
    force: bool,
}

pub(crate) async fn stop(
    State(app): State<Arc<App>>,
    Segments(text): Segments<String>,
    request: Request<Body>,
) -> Answer {
    let id = id(&text)?;
    let Stop { force } = body_if_any(request).await?;
    let mut words = vec!["stop".to_owned(), id.to_string()];
    if force {
        words.push("--grace=1ms".to_owned());
    }
    steered(&app, &id, "stopped", words).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Retry {
    agent: Option<Role>,
    /// How long an attempt may take from then on, in milliseconds.
    #[serde(default, deserialize_with = "some_time")]
    timeout_ms: Option<u64>,
}

fn some_time<'d, D: Deserializer<'d>>(of: D) -> Result<Option<u64>, D::Error> {
    let given = Option::<u64>::deserialize(of)?;
    given.map(duration::bounded).transpose().map_err(serde::de::Error::custom)
}

pub(crate) async fn retry(
    State(app): State<Arc<App>>,
    Segments(text): Segments<String>,
    request: Request<Body>,
) -> Answer {
    let id = id(&text)?;
    let Retry { agent, timeout_ms } = body_if_any(request).await?;
    let mut words = vec!["retry".to_owned(), id.to_string()];
    words.extend(agent.map(|role| role.to_string()));
    words.extend(timeout_ms.map(|ms| format!("--timeout={ms}ms")));
    steered(&app, &id, "runs again", words).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// A verb that takes a convoy and nothing else.
async fn by_id_alone(app: &App, text: &str, request: Request<Body>, verb: &str, done: &str) -> Answer {
    let id = id(text)?;
    let Nothing {} = body_if_any(request).await?;
    steered(app, &id, done, vec![verb.to_owned(), id.to_string()]).await
}

pub(crate) async fn synthesize(
    State(app): State<Arc<App>>,
    Segments(text): Segments<String>,
    request: Request<Body>,
) -> Answer {
    by_id_alone(&app, &text, request, "synthesize", "writes its report again").await
}

pub(crate) async fn resume(
    State(app): State<Arc<App>>,
    Segments(text): Segments<String>,
    request: Request<Body>,
) -> Answer {
    by_id_alone(&app, &text, request, "resume", "is watched again").await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    ids: Vec<String>,
}

/// Deletes ended convoys. Each for itself: what could not be deleted is told with its reason.
pub(crate) async fn delete(State(app): State<Arc<App>>, request: Request<Body>) -> Answer {
    let Delete { ids } = body(request).await?;
    if ids.is_empty() || ids.len() > MOST_DELETED {
        return Err(Problem::invalid(format!("ids: from 1 to {MOST_DELETED}")));
    }
    let ids = ids.iter().map(|text| id(text)).collect::<Result<Vec<ConvoyId>, Problem>>()?;
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for id in ids {
        match remove(&app, &id).await {
            Ok(()) => deleted.push(id),
            Err(problem) => failed.push(json!({ "id": id, "why": problem.detail })),
        }
    }
    if !deleted.is_empty() {
        let count = base::style::count(deleted.len() as u64, "convoy");
        program::tell(&format!("convoy-dashboard: {count} deleted, from the page"));
    }
    Ok(json_of(&json!({ "deleted": deleted, "failed": failed })))
}

async fn remove(app: &App, id: &ConvoyId) -> Result<(), Problem> {
    // The program takes the beginning of an id as well.
    check_there(&Home::of(&app.environment).convoy(id))?;
    programs::run(&app.environment, "convoy-ctl", vec!["rm".to_owned(), id.to_string()]).await.map(drop)
}

/// The convoy of exactly this id may be there and be changed. A program would also
/// take the beginning of an id, or a word for one.
fn check_steerable(dir: &ConvoyDir) -> Result<(), Problem> {
    match read_state(dir) {
        Err(error @ Error::NoConvoy(_)) => Err(error.into()),
        Err(error @ Error::State { source: StateProblem::Legacy, .. }) => {
            Err(Problem::new(StatusCode::CONFLICT, chain(&error)))
        }
        // What else is wrong with it, the program says.
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn steered(app: &App, id: &ConvoyId, what: &str, words: Vec<String>) -> Answer {
    check_steerable(&Home::of(&app.environment).convoy(id))?;
    let said = programs::run(&app.environment, "convoy-ctl", words).await?;
    program::tell(&format!("convoy-dashboard: {id} {what}, from the page"));
    let message = if said.stderr.is_empty() { format!("{id} {what}") } else { said.stderr };
    Ok(json_of(&json!({ "success": true, "message": message })))
}

/// The methods an address knows are named by axum; a problem says so in words.
pub(crate) fn wrong_method(allowed: Option<HeaderValue>) -> Problem {
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not know this method");
    match allowed {
        Some(allowed) => problem.with(ALLOW, allowed),
        None => problem,
    }
}
