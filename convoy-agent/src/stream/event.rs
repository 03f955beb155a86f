//! What all streams say, in one set of words.

use protocol::outcome::Reason;
use serde_json::Value;

use super::look::Look;

/// One thing a CLI told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// It works; the session can be taken up again under this id.
    Started {
        session: Option<String>,
        model: Option<String>,
    },
    /// Words of the model: whole lines, and of which of its messages they are, where that is told.
    Text {
        words: String,
        message: Option<String>,
    },
    /// A piece of its words, to be put together, and of which of its messages, where that is told.
    Piece {
        words: String,
        message: Option<String>,
    },
    /// A tool is used. `call` is what its result is told by; empty where the format has no such name.
    ToolUse {
        call: String,
        tool: String,
        about: String,
        look: Option<Look>,
    },
    /// It worked; `look` where it was not told with the use.
    ToolDone {
        call: String,
        look: Option<Look>,
        output: String,
    },
    ToolFailed {
        call: String,
        said: String,
    },
    /// A tool that was not allowed; `about` and `look` where they were not told with the use.
    Denied {
        call: String,
        tool: String,
        about: String,
        look: Option<Look>,
    },
    /// It hands in its answer as an object, which may not fit.
    Answering(Value),
    /// The CLI tries a request again by itself.
    Retry(Fault),
    /// Tokens so far: to be added to what was told before, or instead of it.
    Spent {
        tokens: Tokens,
        of: Of,
    },
    /// It ended well by its own summary; where the format marks a final message, or
    /// an answer that fitted, this is it.
    Done {
        message: Option<String>,
        answer: Option<Value>,
    },
    /// It ended badly by its own summary.
    Failed(Fault),
    /// Worth showing, and nothing more.
    Note(String),
}

/// What a count of tokens is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Of {
    /// One step among others; told again under the same name it is not counted twice.
    Step(String),
    /// The whole session so far.
    Session,
}

/// Tokens; the cached ones are part of the input.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Tokens {
    pub(crate) input: u64,
    pub(crate) cached: u64,
    pub(crate) output: u64,
    /// US dollars, where the CLI knows.
    pub(crate) cost: Option<f64>,
}

impl Tokens {
    pub(crate) fn plus(self, other: Tokens) -> Tokens {
        Tokens {
            input: self.input + other.input,
            cached: self.cached + other.cached,
            output: self.output + other.output,
            cost: match (self.cost, other.cost) {
                (None, None) => None,
                (a, b) => Some(a.unwrap_or(0.0) + b.unwrap_or(0.0)),
            },
        }
    }
}

/// Something went wrong, as far as the stream tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What the format itself says it is.
    pub(crate) reason: Option<Reason>,
    /// The HTTP status of the service.
    pub(crate) status: Option<u16>,
    /// The service's or the CLI's name for it ("`rate_limit_error`").
    pub(crate) code: String,
    pub(crate) said: String,
    /// Seconds since 1970 at which a limit is over.
    pub(crate) resets_at: Option<i64>,
}

/// What a tool is used on: the first of these arguments it has.
pub(super) fn about(input: Option<&Value>) -> String {
    const KEYS: [&str; 8] =
        ["file_path", "filePath", "path", "absolute_path", "dir_path", "pattern", "command", "cmd"];
    let found = KEYS.iter().find_map(|key| input?.get(key)?.as_str());
    found.unwrap_or_default().to_owned()
}

/// The HTTP status in words like "unexpected status 401 Unauthorized", "last status:
/// 429 Too Many Requests", "[API Error: 503 …" or "429: {…}". A number that merely
/// stands there is none.
pub(crate) fn status_in(said: &str) -> Option<u16> {
    let after = |mark: &str| {
        let lower = said.to_ascii_lowercase();
        let from = lower.find(mark)? + mark.len();
        three_digits(said.get(from..)?.trim_start_matches([':', ' ', '=', '(']))
    };
    let marks = ["status code", "status", "api error", "http error", "http/1.1", "http"];
    let headed = || {
        said.trim_start().split_once(':').and_then(|(head, _)| three_digits(head).filter(|_| head.len() == 3))
    };
    marks.into_iter().find_map(after).or_else(headed)
}

/// Three digits and no more, of an error.
fn three_digits(text: &str) -> Option<u16> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|status| digits.len() == 3 && (400..600).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_number_that_is_said_to_be_one() {
        for (said, want) in [
            ("unexpected status 401 Unauthorized", Some(401)),
            ("exceeded retry limit, last status: 429 Too Many Requests", Some(429)),
            ("[API Error: 503 Service Unavailable]", Some(503)),
            ("429: {\"error\": 1}", Some(429)),
            ("402 files", None),
            ("Request failed with status code 529", Some(529)),
            ("HTTP 500", Some(500)),
            ("500 files: all were read", None),
            ("4290: x", None),
            ("200 OK", None),
            ("status 12", None),
            ("read 429 lines", None),
            ("", None),
            ("429", None),
        ] {
            assert_eq!(status_in(said), want, "{said}");
        }
    }
}
