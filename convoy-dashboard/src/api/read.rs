//! What can be read: convoys, reports, findings, events, logs, templates.

mod attempts;
mod merged;
mod reports;
mod search;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path as Segments, Query as Asked, State};
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use base::ids::{ConvoyId, Role};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use planning::library::{Kind, Library};
use planning::planner::{TemplateName, check_template};
use protocol::agent::Agent;
use protocol::layout::{ConvoyDir, Home};
use protocol::state::MergeStatus;
use protocol::store::read_state;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::api::context::App;
use crate::api::findings;
use crate::api::programs::{self, Meaning};
use crate::http::problem::Problem;
use crate::http::range::{self, Wanted};
use crate::http::{access, body};
use crate::live::{list, overview, summary};

pub(crate) use attempts::{attempts, prompt};
pub(crate) use merged::merged as merged_log;
pub(crate) use reports::{finding, output, report, report_md};
pub(crate) use search::search;

/// Bytes of a report that is to be a page.
const MAX_PAGE: usize = 16 << 20;
/// Events of one answer, the newest.
const MAX_EVENTS: usize = 1000;

pub(crate) type Answer = Result<Response<Body>, Problem>;

pub(crate) fn json_of(value: &Value) -> Response<Body> {
    ([(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// The address's query, with its mistakes as a problem.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let asked = Asked::<T>::try_from_uri(uri).map_err(|error| Problem::bad_request(error.body_text()))?;
    Ok(asked.0)
}

/// Opens a file that an attempt left. That it left none is told as that; what cannot be
/// read is told as the error it is.
fn open_of(path: &Path, agent: &Agent, what: &str, attempt: u32) -> Result<File, Problem> {
    base::files::open_regular(path).map_err(|error| {
        if base::files::is_none_of_ours(&error) {
            Problem::not_found(format!("{} has no {what} of attempt {attempt}", agent.role))
        } else {
            Problem::from(base::Error::Io { verb: "read", path: path.to_path_buf(), source: error })
        }
    })
}

/// Ids are checked before anything is done with them.
pub(crate) fn id(text: &str) -> Result<ConvoyId, Problem> {
    text.parse().map_err(|error: base::ids::BadName| Problem::bad_request(error.to_string()))
}

fn role(text: &str) -> Result<Role, Problem> {
    text.parse().map_err(|error: base::ids::BadName| Problem::bad_request(error.to_string()))
}

pub(crate) async fn health() -> Response<Body> {
    json_of(&json!({ "ok": true }))
}

pub(crate) async fn version(State(app): State<Arc<App>>) -> Response<Body> {
    json_of(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        // Unknown is "no": the page then offers no terminal.
        "tmux": matches!(app.environment.find_program("tmux"), Ok(Some(_))),
        "home": base::text::path(app.environment.home.as_path()),
    }))
}

pub(crate) async fn openapi() -> Response<Body> {
    ([(CONTENT_TYPE, "application/json")], include_str!("../../openapi.json")).into_response()
}

pub(crate) async fn convoys(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Answer {
    let asked: list::Query = query(&uri)?;
    if let Some(why) = app.hub.unreadable() {
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, why));
    }
    let all = app.hub.list();
    let mut page = list::page(&all, &asked, Timestamp::now()).map_err(Problem::bad_request)?;
    for convoy in page["convoys"].as_array_mut().into_iter().flatten() {
        summary::refresh(app.hub.home(), convoy);
    }
    let text = page.to_string();
    let tag = format!("W/\"{}\"", HEXLOWER.encode(&access::hash(&text)[..12]));
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    let mut response = ([(CONTENT_TYPE, "application/json")], text).into_response();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

pub(crate) async fn convoy(State(app): State<Arc<App>>, Segments(text): Segments<String>) -> Answer {
    Ok(json_of(&summary::detail(&Home::of(&app.environment), &id(&text)?)?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportQuery {
    agent: Option<String>,
}

/// What `convoy-ctl findings --format` prints, and what that is. The page of HTML is
/// answered as all else is: in a sandbox, without scripts.
const FORMATS: [(&str, &str); 11] = [
    ("md", "text/markdown; charset=utf-8"),
    ("json", "application/json"),
    ("sarif", "application/json"),
    ("rdjson", "application/json"),
    ("rdjsonl", "application/x-ndjson"),
    ("gitlab", "application/json"),
    ("checkstyle", "application/xml"),
    ("junit", "application/xml"),
    ("github", "text/plain; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
];

pub(crate) async fn findings(
    State(app): State<Arc<App>>,
    Segments(text): Segments<String>,
    uri: Uri,
) -> Answer {
    let asked: findings::Query = query(&uri)?;
    let id = id(&text)?;
    let dir = Home::of(&app.environment).convoy(&id);
    let state = read_state(&dir)?;
    let merge = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done);
    let merge = merge.ok_or_else(|| Problem::not_found("nothing has been merged yet"))?;
    if let Some(format) = &asked.format {
        let Some((_, kind)) = FORMATS.iter().find(|(name, _)| name == format) else {
            let names = FORMATS.map(|(name, _)| name).join(", ");
            return Err(Problem::bad_request(format!("format is one of {names}")));
        };
        let words = ["findings", id.as_str(), "--format", format].map(str::to_owned).to_vec();
        let command = programs::command(&app.environment, "convoy-ctl", words)?;
        let body = body::written(move |out| programs::print("convoy-ctl", command, Meaning::FAILED, out));
        return Ok(([(CONTENT_TYPE, *kind)], body.await?).into_response());
    }
    Ok(json_of(&findings::select(merged(&dir, merge.k)?, &asked)))
}

/// The findings of the k-th merge, whole.
pub(crate) fn merged<T: DeserializeOwned>(dir: &ConvoyDir, k: u32) -> Result<T, Problem> {
    let path = dir.merge_findings(k);
    let unreadable = |error: &dyn std::fmt::Display| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("cannot read {}: {error}", base::text::path(&path), error = base::error::reason(&error)),
        )
    };
    let bytes = std::fs::read(&path).map_err(|error| unreadable(&error))?;
    serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OverviewQuery {
    /// Minutes that the days asked for are ahead of UTC.
    #[serde(default)]
    offset: i32,
}

/// What there is in all, by day, template and project.
pub(crate) async fn overview(State(app): State<Arc<App>>, uri: Uri) -> Answer {
    let OverviewQuery { offset } = query(&uri)?;
    if let Some(why) = app.hub.unreadable() {
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, why));
    }
    let offset = overview::offset(offset).ok_or_else(|| Problem::bad_request("offset: minutes of a day"))?;
    Ok(json_of(&overview::of(&app.hub.list(), Timestamp::now(), offset)))
}

/// A convoy has a state; one that cannot be looked at is not said to be none.
pub(crate) fn check_there(dir: &ConvoyDir) -> base::Result<()> {
    let path = dir.state();
    match base::files::find(&path) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(base::Error::NoConvoy(dir.id().to_string())),
        Err(source) => Err(base::Error::Io { verb: "look at", path, source }),
    }
}

/// What happened, the newest last.
pub(crate) async fn events(State(app): State<Arc<App>>, Segments(text): Segments<String>) -> Answer {
    let dir = Home::of(&app.environment).convoy(&id(&text)?);
    check_there(&dir)?;
    let lines = base::files::read_if_there(&dir.events())?.unwrap_or_default();
    // A line torn by a crash is no event; `convoy-ctl events` says where there is one.
    let all: Vec<Value> =
        lines.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let left_out = all.len().saturating_sub(MAX_EVENTS);
    Ok(json_of(&json!({ "events": all.get(left_out..), "leftOut": left_out })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogQuery {
    attempt: Option<u32>,
    #[serde(default)]
    from: u64,
    limit: Option<u64>,
}

/// An agent's log, byte for byte, or a range of it.
pub(crate) async fn log(
    State(app): State<Arc<App>>,
    Segments((text, name)): Segments<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let asked: LogQuery = query(&uri)?;
    let dir = Home::of(&app.environment).convoy(&id(&text)?);
    let state = read_state(&dir)?;
    let agent = state.agent(&role(&name)?).ok_or_else(|| Problem::not_found("there is no such agent"))?;
    let attempt = asked.attempt.unwrap_or(agent.attempt);
    let path = dir.attempt(&agent.role, attempt).log();
    let mut file = open_of(&path, agent, "log", attempt)?;
    let size = file.metadata()?.len();
    // A log that grows ends for this answer where it ended when that was begun.
    let (status, from, length) = match range::asked(&headers, size) {
        Wanted::Whole => {
            let rest = size.saturating_sub(asked.from);
            (StatusCode::OK, asked.from, rest.min(asked.limit.unwrap_or(u64::MAX)))
        }
        Wanted::Part { from, length } => (StatusCode::PARTIAL_CONTENT, from, length),
        Wanted::Nothing => {
            let problem = Problem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                format!("the log of {} has {size} bytes", agent.role),
            );
            return Err(problem.with(CONTENT_RANGE, range::unsatisfied(size)?));
        }
    };
    file.seek(SeekFrom::Start(from))?;
    let body = body::written(move |out| Ok(io::copy(&mut file.take(length), out).map(drop)?));
    let kind = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
    let mut response = (status, kind, body.await?).into_response();
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-log-size"), HeaderValue::from(size));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    if status == StatusCode::PARTIAL_CONTENT {
        headers.insert(CONTENT_RANGE, range::sent(from, length, size)?);
    }
    Ok(response)
}

/// Templates, those that cannot be started with what is wrong with them, and
/// projects that may be worked on.
pub(crate) async fn templates(State(app): State<Arc<App>>) -> Answer {
    let projects = app.projects();
    let roots: Vec<String> = app.roots().0.iter().map(|root| base::text::path(root)).collect();
    let read = tokio::task::spawn_blocking(move || {
        let names = Library::new(&Home::of(&app.environment)).names(Kind::Template);
        let listed = |names: Vec<_>| names.into_iter().map(|(name, origin)| template(&app, &name, origin));
        names.map(|names| listed(names).collect::<Vec<Value>>())
    });
    let templates =
        read.await.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))??;
    Ok(json_of(&json!({ "templates": templates, "projects": projects, "roots": roots })))
}

fn template(app: &App, name: &base::ids::Name, origin: protocol::plan::Origin) -> Value {
    match check_template(&app.environment, &TemplateName::Named(name.clone())) {
        Ok((_, _, template)) => {
            let params = template.params.iter().map(|(name, param)| {
                json!({
                    "name": name,
                    "kind": format!("{:?}", param.kind).to_lowercase(),
                    "required": param.default.is_none(),
                    "default": param.default,
                    "description": param.description,
                })
            });
            json!({
                "name": name,
                "origin": origin,
                "description": template.description,
                "agents": template.agents.iter().map(|agent| json!({ "role": agent.role, "dependsOn": agent.depends_on })).collect::<Vec<_>>(),
                "params": params.collect::<Vec<_>>(),
                "problems": [],
            })
        }
        Err(problems) => json!({
            "name": name,
            "origin": origin,
            "agents": [],
            "params": [],
            "problems": problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
    }
}
