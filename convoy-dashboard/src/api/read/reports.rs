//! Reports: one agent's, and the report of a convoy in any form.

use std::fs::File;
use std::io::{self, Write};
use std::process::Command;
use std::sync::Arc;

use axum::extract::{Path as Segments, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use protocol::agent::Agent;
use protocol::layout::{ConvoyDir, Home};
use protocol::store::read_state;
use serde_json::json;

use super::{Answer, MAX_PAGE, ReportQuery, id, query, role};
use crate::api::context::App;
use crate::api::programs::{self, Meaning};
use crate::api::report;
use crate::http::body::{self, JsonText};
use crate::http::problem::Problem;

/// Every report that is there, by role, whole. `truncated`, for older clients,
/// names none.
pub(crate) async fn output(State(app): State<Arc<App>>, Segments(text): Segments<String>) -> Answer {
    let dir = Home::of(&app.environment).convoy(&id(&text)?);
    let state = read_state(&dir)?;
    let mut reports = Vec::new();
    for agent in &state.agents {
        if let Some(file) = report_of(&dir, agent)? {
            reports.push((agent.role.clone(), file));
        }
    }
    let body = body::written(move |out| {
        out.write_all(b"{\"outputs\":{")?;
        for (n, (role, mut file)) in reports.into_iter().enumerate() {
            write!(out, "{}\"{role}\":\"", if n == 0 { "" } else { "," })?;
            let mut inside = JsonText::new(&mut *out);
            io::copy(&mut file, &mut inside)?;
            inside.finish()?;
            out.write_all(b"\"")?;
        }
        Ok(out.write_all(b"},\"truncated\":{}}")?)
    });
    Ok(([(CONTENT_TYPE, "application/json")], body.await?).into_response())
}

/// An agent's report. Links are refused: an agent can make one of its report.
fn report_of(dir: &ConvoyDir, agent: &Agent) -> Result<Option<File>, Problem> {
    if agent.output_file().is_none() {
        return Ok(None);
    }
    let path = dir.attempt(&agent.role, agent.attempt).report();
    match base::files::open_regular(&path) {
        Ok(file) => Ok(Some(file)),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput)
                || error.raw_os_error() == Some(nix::errno::Errno::ELOOP as i32) =>
        {
            Ok(None)
        }
        Err(error) => Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!(
                "the report of {} cannot be read: {error}",
                agent.role,
                error = base::error::reason(&error)
            ),
        )),
    }
}

/// The final report, or one agent's: its text, and the same as a tree.
pub(crate) async fn report(
    State(app): State<Arc<App>>,
    Segments(text): Segments<String>,
    uri: Uri,
) -> Answer {
    as_page(report_source(&app, &text, &uri)?).await
}

/// One finding with its code as it stands now, in the same two forms.
pub(crate) async fn finding(
    State(app): State<Arc<App>>,
    Segments((text, number)): Segments<(String, String)>,
) -> Answer {
    let id = id(&text)?;
    let digits = number.strip_prefix('F').unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::bad_request("a finding is F1, F2, …"));
    }
    // The program takes the beginning of an id as well.
    read_state(&Home::of(&app.environment).convoy(&id))?;
    let words = ["show", &number, "--run", id.as_str()].map(str::to_owned).to_vec();
    as_page(Source::Program(programs::command(&app.environment, "convoy-ctl", words)?)).await
}

async fn as_page(source: Source) -> Answer {
    let body = body::written(move |out| {
        let mut whole = Bounded::default();
        source.print(&mut whole)?;
        let markdown = String::from_utf8_lossy(&whole.bytes);
        let tree = report::tree(&markdown);
        serde_json::to_writer(out, &json!({ "markdown": markdown, "tree": tree }))
            .map_err(io::Error::from)?;
        Ok(())
    });
    Ok(([(CONTENT_TYPE, "application/json")], body.await?).into_response())
}

/// The same as it is in the file.
pub(crate) async fn report_md(
    State(app): State<Arc<App>>,
    Segments(text): Segments<String>,
    uri: Uri,
) -> Answer {
    let source = report_source(&app, &text, &uri)?;
    let body = body::written(move |out| source.print(out));
    Ok(([(CONTENT_TYPE, "text/markdown; charset=utf-8")], body.await?).into_response())
}

/// Where a report comes from.
enum Source {
    File(File),
    /// The program that knows which one is the final one.
    Program(Command),
}

impl Source {
    pub(super) fn print(self, out: &mut dyn Write) -> Result<(), Problem> {
        match self {
            Source::File(mut file) => Ok(io::copy(&mut file, out).map(drop)?),
            Source::Program(command) => {
                // "No" is that there is none.
                programs::print("convoy-ctl", command, Meaning::no(StatusCode::NOT_FOUND), out)
            }
        }
    }
}

/// A report that is to be a page.
#[derive(Default)]
struct Bounded {
    pub(super) bytes: Vec<u8>,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_PAGE {
            let message = format!(
                "this report is larger than {} MB, too large for a page: read it at report.md",
                MAX_PAGE >> 20
            );
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn report_source(app: &App, text: &str, uri: &Uri) -> Result<Source, Problem> {
    let asked: ReportQuery = query(uri)?;
    let id = id(text)?;
    let dir = Home::of(&app.environment).convoy(&id);
    let state = read_state(&dir)?;
    match &asked.agent {
        Some(agent) => {
            let agent =
                state.agent(&role(agent)?).ok_or_else(|| Problem::not_found("there is no such agent"))?;
            let file = report_of(&dir, agent)?;
            file.map(Source::File).ok_or_else(|| Problem::not_found(format!("{} has no report", agent.role)))
        }
        None => {
            let words = vec!["output".to_owned(), id.to_string()];
            Ok(Source::Program(programs::command(&app.environment, "convoy-ctl", words)?))
        }
    }
}
