//! Errors on the wire: `application/problem+json` (RFC 9457), and in it
//! `error`, which older clients read.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;

pub(crate) const CONTENT: &str = "application/problem+json";

/// What is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) detail: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Problem { status, detail: detail.into(), headers: Vec::new() }
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let body = serde_json::json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "error": self.detail,
        });
        let mut response = (self.status, body.to_string()).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(CONTENT));
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<base::Error> for Problem {
    fn from(error: base::Error) -> Self {
        let status = match &error {
            base::Error::NoConvoy(_) => StatusCode::NOT_FOUND,
            base::Error::Busy { .. }
            | base::Error::MayRun { .. }
            | base::Error::OutOfSight { .. }
            | base::Error::Elsewhere { .. } => StatusCode::CONFLICT,
            base::Error::Ambiguous { .. } | base::Error::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            base::Error::Io { .. }
            | base::Error::Unwritten { .. }
            | base::Error::State { .. }
            | base::Error::Unreadable { .. }
            | base::Error::Plan { .. }
            | base::Error::FileSystem { .. }
            | base::Error::NotOurs { .. }
            | base::Error::Launch { .. }
            | base::Error::Silent { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Problem::new(status, base::error::chain(&error))
    }
}
