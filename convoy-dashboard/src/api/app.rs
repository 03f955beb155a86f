//! The table of addresses, and what stands in front of all of them.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path as Segments, Request, State, WebSocketUpgrade};
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use protocol::layout::Home;
use serde::Deserialize;

use crate::api::context::App;
use crate::api::read::{Answer, id, query};
use crate::api::{decisions, read, steer};
use crate::http::assets;
use crate::http::guard::Refusal;
use crate::http::problem::{CONTENT, Problem};
use crate::live::{changes, stream};

/// `WebSocket`s at once.
pub(crate) const MAX_VIEWERS: u32 = 1024;
/// A message from a client is never longer, in bytes. The buffers are small
/// because each client has its own.
const MAX_MESSAGE: usize = 4 << 10;

/// Every address. Each is in `openapi.json` as well, but for the page, its
/// files and the two streams.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/start", get(page))
        .route("/c/{*rest}", get(page))
        .route("/assets/{*name}", get(asset))
        .route("/api/health", get(read::health))
        .route("/api/version", get(read::version))
        .route("/api/openapi.json", get(read::openapi))
        .route("/api/session", post(steer::session))
        .route("/api/templates", get(read::templates))
        .route("/api/overview", get(read::overview))
        .route("/api/stream", get(list_stream))
        .route("/api/convoys", get(read::convoys))
        .route("/api/convoys/start", post(steer::start))
        .route("/api/convoys/preview", post(steer::preview))
        .route("/api/convoys/delete", post(steer::delete))
        .route("/api/convoys/{id}", get(read::convoy))
        .route("/api/convoys/{id}/stop", post(steer::stop))
        .route("/api/convoys/{id}/retry", post(steer::retry))
        .route("/api/convoys/{id}/resume", post(steer::resume))
        .route("/api/convoys/{id}/synthesize", post(steer::synthesize))
        .route("/api/convoys/{id}/output", get(read::output))
        .route("/api/convoys/{id}/report", get(read::report))
        .route("/api/convoys/{id}/report.md", get(read::report_md))
        .route("/api/convoys/{id}/findings", get(read::findings))
        .route("/api/convoys/{id}/findings/{finding}", get(read::finding))
        .route("/api/convoys/{id}/decisions", get(decisions::of))
        .route("/api/convoys/{id}/decide", post(decisions::decide))
        .route("/api/convoys/{id}/events", get(read::events))
        .route("/api/convoys/{id}/attempts/{role}", get(read::attempts))
        .route("/api/convoys/{id}/prompts/{role}", get(read::prompt))
        .route("/api/convoys/{id}/log", get(read::merged_log))
        .route("/api/convoys/{id}/logs/{role}", get(read::log))
        .route("/api/convoys/{id}/logs/{role}/search", get(read::search))
        .route("/api/convoys/{id}/stream", get(convoy_stream))
        .fallback(async || Problem::not_found("there is nothing at this address"))
        .layer(from_fn_with_state(Arc::clone(&app), front))
        .with_state(app)
}

/// In front of everything: the guard, and behind it the headers of every answer.
async fn front(State(app): State<Arc<App>>, request: Request, next: Next) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut response = match app.policy.check(&parts) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(Refusal::WrongToken) => app.wrong_guess(Problem::from(Refusal::WrongToken)).into_response(),
        Err(refusal) => Problem::from(refusal).into_response(),
    };
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    if is_error && response.headers().get(CONTENT_TYPE).is_none_or(|kind| kind != CONTENT) {
        response = in_words(&response).into_response();
    }
    assets::secure(response.headers_mut());
    response
}

/// What the framework refuses by itself, as a problem.
fn in_words(response: &Response<Body>) -> Problem {
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => {
            steer::wrong_method(response.headers().get(axum::http::header::ALLOW).cloned())
        }
        StatusCode::BAD_REQUEST => Problem::bad_request("the address cannot be read"),
        status => Problem::new(status, "this request cannot be answered"),
    }
}

async fn page() -> Response<Body> {
    assets::page()
}

async fn asset(Segments(name): Segments<String>, headers: HeaderMap) -> Response<Body> {
    assets::asset(&name, &headers)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    agent: Option<String>,
    from: Option<u64>,
}

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

async fn convoy_stream(
    State(app): State<Arc<App>>,
    Segments(text): Segments<String>,
    uri: Uri,
    upgrade: Upgrade,
) -> Answer {
    let id = id(&text)?;
    let StreamQuery { agent, from } = query(&uri)?;
    read::check_there(&Home::of(&app.environment).convoy(&id))?;
    let convoy = app.hub.open(&id);
    let asked = stream::Query { agent, from };
    let closing = app.closing.clone();
    upgraded(&app, upgrade, move |socket| stream::serve(socket, convoy, asked, closing))
}

async fn list_stream(State(app): State<Arc<App>>, upgrade: Upgrade) -> Answer {
    let (hub, closing) = (Arc::clone(&app.hub), app.closing.clone());
    upgraded(&app, upgrade, move |socket| changes::serve(socket, hub, closing))
}

/// Upgrades a request, if there is room for one more viewer.
fn upgraded<F: Future<Output = ()> + Send + 'static>(
    app: &App,
    upgrade: Upgrade,
    serve: impl FnOnce(axum::extract::ws::WebSocket) -> F + Send + 'static,
) -> Answer {
    let upgrade = upgrade.map_err(|_| Problem::bad_request("this address is for WebSockets"))?;
    let place = app.viewers.enter().ok_or_else(|| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many viewers")
            .with(RETRY_AFTER, HeaderValue::from_static("5"))
    })?;
    Ok(upgrade
        .read_buffer_size(MAX_MESSAGE)
        .write_buffer_size(16 << 10)
        .max_write_buffer_size(256 << 10)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .protocols([stream::PROTOCOL])
        .on_upgrade(async move |socket| {
            serve(socket).await;
            drop(place);
        }))
}
