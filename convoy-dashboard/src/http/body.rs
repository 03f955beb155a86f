//! Bodies of any length, written piece by piece while they are sent.
//!
//! What fails before the first piece is sent is a problem with its own status.
//! What fails later breaks the connection off: a body that has an end is whole.

use std::io::{self, Write};

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::InvalidHeaderValue;
use futures_util::stream;
use tokio::sync::mpsc;

use crate::http::lines::Lines;
use crate::http::problem::Problem;

/// Bytes in a piece. A body that is no longer is sent with its length.
const PIECE: usize = 64 << 10;
/// Pieces made before they are sent.
const AHEAD: usize = 4;

/// What comes of a body's writer.
#[derive(Debug)]
enum News {
    Piece(Bytes),
    /// It ended well with these.
    Last(Bytes),
    Failed(Problem),
}

/// Where a body is written.
#[derive(Debug)]
pub(crate) struct Pieces {
    buffer: Vec<u8>,
    to: mpsc::Sender<News>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = News::Piece(std::mem::take(&mut self.buffer).into());
        // Whoever asked went away: nothing more is to be made for them.
        self.to.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// A body as `write` makes it, on a thread where it may wait.
pub(crate) async fn written(
    write: impl FnOnce(&mut Pieces) -> Result<(), Problem> + Send + 'static,
) -> Result<Body, Problem> {
    let (to, mut news) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut pieces = Pieces { buffer: Vec::new(), to };
        let end = match write(&mut pieces) {
            Ok(()) => News::Last(std::mem::take(&mut pieces.buffer).into()),
            Err(problem) => News::Failed(problem),
        };
        // Nobody may be there any more to be told.
        let _ = pieces.to.blocking_send(end);
    });
    match news.recv().await {
        Some(News::Last(all)) => Ok(Body::from(all)),
        Some(News::Failed(problem)) => Err(problem),
        Some(News::Piece(first)) => Ok(streamed(first, news)),
        None => Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be made")),
    }
}

fn streamed(first: Bytes, news: mpsc::Receiver<News>) -> Body {
    let next = |(first, news): (Option<Bytes>, Option<mpsc::Receiver<News>>)| async move {
        if let Some(first) = first {
            return Some((Ok(first), (None, news)));
        }
        let mut news = news?;
        Some(match news.recv().await {
            Some(News::Piece(piece)) => (Ok(piece), (None, Some(news))),
            Some(News::Last(piece)) => (Ok(piece), (None, None)),
            Some(News::Failed(problem)) => {
                base::program::tell(&format!("convoy-dashboard: an answer broke off: {}", problem.detail));
                (Err(io::Error::other(problem.detail)), (None, None))
            }
            None => (Err(io::Error::other("its writer is gone")), (None, None)),
        })
    };
    Body::from_stream(stream::unfold((Some(first), Some(news)), next))
}

/// Text as the inside of a JSON string; a character is never cut in two.
#[derive(Debug)]
pub(crate) struct JsonText<W> {
    to: W,
    lines: Lines,
}

impl<W: Write> JsonText<W> {
    pub(crate) fn new(to: W) -> Self {
        JsonText { to, lines: Lines::default() }
    }

    /// Nothing more comes.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let rest = self.lines.rest();
        self.put(&rest)
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        let quoted = serde_json::to_string(text)?;
        self.to.write_all(quoted.get(1..quoted.len() - 1).unwrap_or_default().as_bytes())
    }
}

impl<W: Write> Write for JsonText<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = self.lines.take(bytes);
        self.put(&text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Without its first bytes.
#[derive(Debug)]
pub(crate) struct Without<W> {
    pub(crate) to: W,
    pub(crate) left_out: usize,
}

impl<W: Write> Write for Without<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let skip = self.left_out.min(bytes.len());
        self.left_out -= skip;
        self.to.write_all(bytes.get(skip..).unwrap_or_default())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl From<InvalidHeaderValue> for Problem {
    fn from(error: InvalidHeaderValue) -> Self {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        let status = match error.kind() {
            io::ErrorKind::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Problem::new(status, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
    }

    #[test]
    fn a_body_is_whole_a_problem_or_broken_off() {
        let failed = || Problem::new(StatusCode::CONFLICT, "no");
        let made = |length: usize, fails: bool| {
            runtime().block_on(async move {
                let body = written(move |out| {
                    out.write_all(&vec![b'x'; length])?;
                    if fails { Err(failed()) } else { Ok(()) }
                });
                match body.await {
                    Ok(body) => Ok(to_bytes(body, usize::MAX).await.map(|bytes| bytes.len()).map_err(|_| ())),
                    Err(problem) => Err(problem.status),
                }
            })
        };
        for length in [0, 1, PIECE - 1, PIECE, 10 * PIECE + 1] {
            assert_eq!(made(length, false), Ok(Ok(length)));
        }
        assert_eq!(made(0, true), Err(StatusCode::CONFLICT));
        assert_eq!(made(PIECE - 1, true), Err(StatusCode::CONFLICT), "nothing was sent yet");
        assert_eq!(made(10 * PIECE, true), Ok(Err(())), "and never an end");
    }

    #[test]
    fn any_text_is_the_inside_of_a_json_string() {
        let text = "a\"b\\\n€😀\u{1}".repeat(3);
        for size in 1..12 {
            let mut out = b"\"".to_vec();
            let mut inside = JsonText::new(&mut out);
            for piece in text.as_bytes().chunks(size).chain([&b"\xe2\x82"[..]]) {
                inside.write_all(piece).unwrap();
            }
            inside.finish().unwrap();
            out.push(b'"');
            let read: String = serde_json::from_slice(&out).unwrap();
            assert_eq!(read, format!("{text}\u{fffd}"));
        }
    }
}
