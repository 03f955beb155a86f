//! Requests to a service by the user's own `gh` or `glab`, which know who the user is:
//! no token is read here, and no connection made. Limits of the service are waited for
//! within a bound.

use std::cell::Cell;
use std::fmt;
use std::io::{Seek, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base::environment::{Environment, is_convoy_marker};
use base::exit::Exit;
use base::poll::pause;
use base::program::{self, Failure};
use base::subprocess;
use base::text::visible;
use serde_json::Value;

use crate::target::{Repository, Service};

/// One request may take so long.
const LIMIT: Duration = Duration::from_secs(60);
/// What is asked again where the service fails, so often.
const AGAIN: u32 = 2;
/// GitHub's word where it says "wait" and not how long.
const UNSAID: u64 = 60;
/// Characters of what a service said.
const SAID: usize = 300;

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The service said no.
    Refused { status: u16, said: String },
    /// It wants a longer wait than is left, in seconds.
    Limited { seconds: u64 },
    /// There is no answer to be understood; it may have been heard all the same.
    Broken(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Refused { status, said } => write!(f, "{said} (HTTP {status})"),
            Problem::Limited { seconds } => {
                write!(
                    f,
                    "the service limits requests and wants a wait of {seconds} s, more than --wait has left"
                )
            }
            Problem::Broken(why) => f.write_str(why),
        }
    }
}

impl Problem {
    /// Reading is allowed, and writing is not.
    pub(crate) fn is_forbidden(&self) -> bool {
        matches!(self, Problem::Refused { status: 401 | 403, .. })
    }
}

/// What a service answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in small letters.
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads what `gh api --include` prints: a status line, headers, an empty line, the
    /// body.
    pub(crate) fn read(printed: &[u8]) -> Option<Self> {
        let mut rest = printed;
        let mut lines = Vec::new();
        loop {
            let end = rest.iter().position(|&b| b == b'\n')?;
            let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
            rest = &rest[end + 1..];
            if line.is_empty() {
                break;
            }
            lines.push(String::from_utf8_lossy(line).into_owned());
        }
        let mut lines = lines.into_iter();
        let first = lines.next()?;
        let status = first.strip_prefix("HTTP/")?.split_whitespace().nth(1)?.parse().ok()?;
        let headers = lines.filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        });
        Some(Answer { status, headers: headers.collect(), body: rest.to_vec() })
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The number of the next page, if there is one. Of the address that the server gives
    /// nothing else is used.
    pub(crate) fn next_page(&self) -> Result<Option<u32>, Problem> {
        let mut links = self.header("link").unwrap_or_default().split(',');
        let Some(next) = links.find(|link| link.contains("rel=\"next\"")) else { return Ok(None) };
        let page = || {
            let url = next.split_once('<')?.1.split('>').next()?;
            let query = url.split_once('?')?.1;
            query.split('&').find_map(|word| word.strip_prefix("page="))?.parse().ok()
        };
        page()
            .map(Some)
            .ok_or_else(|| Problem::Broken("it does not tell the number of its next page".to_owned()))
    }

    pub(crate) fn json(&self) -> Result<Value, Problem> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Problem::Broken(format!("its answer is no JSON: {error}")))
    }

    /// How many seconds the service wants us to wait; `None`: it limits nothing.
    fn limited(&self, now: u64) -> Option<u64> {
        let number = |name: &str| self.header(name).and_then(|text| text.parse::<u64>().ok());
        let used_up = number("x-ratelimit-remaining").or(number("ratelimit-remaining")) == Some(0);
        let text = String::from_utf8_lossy(&self.body).to_lowercase();
        let of_query = self.status == 200 && text.contains("\"rate_limited\"");
        let limited = self.status == 429
            || self.status == 403
                && (number("retry-after").is_some() || used_up || text.contains("rate limit"))
            || of_query;
        let reset = || number("x-ratelimit-reset").or(number("ratelimit-reset")).filter(|_| used_up);
        limited.then(|| {
            let wait = number("retry-after").or_else(|| Some(reset()?.saturating_sub(now) + 1));
            wait.unwrap_or(UNSAID)
        })
    }

    /// What the service says is wrong.
    fn said(&self) -> String {
        let json: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let mut words = Vec::new();
        let tell = |value: &Value, words: &mut Vec<String>| match value {
            Value::String(text) => words.push(text.clone()),
            Value::Null => {}
            other => words.push(
                other.get("message").and_then(Value::as_str).map_or_else(|| other.to_string(), str::to_owned),
            ),
        };
        for key in ["message", "error", "errors"] {
            match &json[key] {
                Value::Array(all) => all.iter().for_each(|one| tell(one, &mut words)),
                one => tell(one, &mut words),
            }
        }
        if words.is_empty() {
            words.push("no reason given".to_owned());
        }
        visible(&words.join(": ")).chars().take(SAID).collect()
    }
}

/// A service, asked by its own program.
#[derive(Debug)]
pub(crate) struct Api<'e> {
    environment: &'e Environment,
    program: PathBuf,
    service: Service,
    host: String,
    /// Seconds that may still be waited.
    patience: Cell<u64>,
}

impl<'e> Api<'e> {
    /// `patience`: seconds that all waits together may take.
    pub(crate) fn new(
        environment: &'e Environment,
        repository: &Repository,
        patience: u64,
    ) -> Result<Self, Failure> {
        let (service, host) = (repository.service, repository.host.clone());
        let name = service.program();
        let found = environment.find_program(name).map_err(Failure::from)?;
        let Some(program) = found else {
            let failure =
                Failure::new(Exit::Usage, format!("{name} is not installed: {host} is reached by it"));
            return Err(
                failure.hint(format!("install {name} and log in: {name} auth login --hostname {host}"))
            );
        };
        Ok(Api { environment, program, service, host, patience: Cell::new(patience) })
    }

    pub(crate) fn get(&self, path: &str) -> Result<Answer, Problem> {
        let mut asked = 0;
        loop {
            match self.ask("GET", path, None) {
                Err(Problem::Broken(_) | Problem::Refused { status: 500.., .. }) if asked < AGAIN => {
                    asked += 1;
                    pause(Duration::from_secs(u64::from(asked)));
                }
                answer => return answer,
            }
        }
    }

    /// All pages of a list, whose items `take` reads. `path` has a question mark.
    pub(crate) fn pages(&self, path: &str, mut take: impl FnMut(&Value)) -> Result<(), Problem> {
        let mut page = 1;
        loop {
            let answer = self.get(&format!("{path}&per_page=100&page={page}"))?;
            let json = answer.json()?;
            let items = json.as_array().ok_or_else(|| Problem::Broken(format!("{path} is no list")))?;
            items.iter().for_each(&mut take);
            match answer.next_page()? {
                None => return Ok(()),
                Some(next) if next > page => page = next,
                Some(_) => return Err(Problem::Broken(format!("the pages of {path} lead in circles"))),
            }
        }
    }

    /// Changes something. It is not asked again where it is not known whether it was
    /// heard: a comment must not be made twice.
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Problem> {
        self.ask(method, path, body)
    }

    /// Asks GraphQL; its errors are problems.
    pub(crate) fn query(&self, body: &Value) -> Result<Value, Problem> {
        let json = self.ask("POST", "graphql", Some(body))?.json()?;
        match json["errors"].as_array().and_then(|errors| errors.first()) {
            Some(error) => {
                let said = error["message"].as_str().unwrap_or("no reason given");
                let forbidden = error["type"].as_str() == Some("FORBIDDEN");
                let said = visible(said).chars().take(SAID).collect();
                Err(Problem::Refused { status: if forbidden { 403 } else { 422 }, said })
            }
            None => Ok(json["data"].clone()),
        }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Problem> {
        loop {
            let answer = self.ask_once(method, path, body)?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let Some(seconds) = answer.limited(now) else {
                return match answer.status {
                    200..=299 => Ok(answer),
                    status => Err(Problem::Refused { status, said: answer.said() }),
                };
            };
            // No wait at all would be asking in circles.
            let seconds = seconds.max(1);
            let Some(left) = self.patience.get().checked_sub(seconds) else {
                return Err(Problem::Limited { seconds });
            };
            self.patience.set(left);
            program::tell(&format!("convoy-comment: {} limits requests: waiting {seconds} s", self.host));
            pause(Duration::from_secs(seconds));
        }
    }

    fn ask_once(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Problem> {
        let broken = |what: &str, error: &dyn fmt::Display| Problem::Broken(format!("{what}: {error}"));
        let mut command = self.command(method, path);
        if let Some(body) = body {
            let mut file = tempfile::tempfile().map_err(|error| broken("no temporary file", &error))?;
            let written = file.write_all(body.to_string().as_bytes()).and_then(|()| file.rewind());
            written.map_err(|error| broken("no temporary file", &error))?;
            command.args(["--input", "-"]).stdin(Stdio::from(file));
        }
        let name = self.service.program();
        let ended = subprocess::capture(command, LIMIT, subprocess::LONG)
            .map_err(|error| broken(&format!("cannot run {name}"), &base::error::reason(&error)))?;
        if ended.status.is_none() {
            return Err(Problem::Broken(format!("{name} did not end in {} s", LIMIT.as_secs())));
        }
        let printed = ended.stdout.whole().map_err(|error| broken(name, &error))?;
        if let Some(answer) = Answer::read(&printed) {
            return Ok(answer);
        }
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        let said = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
        let said: String = visible(said.trim()).chars().take(SAID).collect();
        Err(Problem::Broken(format!("{name} api: {said}")))
    }

    fn command(&self, method: &str, path: &str) -> Command {
        // In a hook git's own variables speak of another repository.
        let of_git = |name: &std::ffi::OsString| name.as_encoded_bytes().starts_with(b"GIT_");
        let variables = self.environment.variables.iter();
        let variables = variables.filter(|(name, _)| !is_convoy_marker(name) && !of_git(name));
        let mut command = Command::new(&self.program);
        // Far from the project, whose configuration is hostile.
        command.current_dir("/").stdin(Stdio::null()).env_clear().envs(variables);
        command.args(["api", "--include", "--hostname", &self.host, "--method", method, path]);
        match self.service {
            Service::GitHub => {
                command.args(["--header", "Accept: application/vnd.github+json"]);
                command.args(["--header", "X-GitHub-Api-Version: 2022-11-28"]);
                command
                    .env("GH_PROMPT_DISABLED", "1")
                    .env("GH_PAGER", "cat")
                    .env("GH_NO_UPDATE_NOTIFIER", "1");
            }
            Service::GitLab => {
                command.args(["--header", "Content-Type: application/json"]);
                command.env("NO_PROMPT", "1").env("GLAB_CHECK_UPDATE", "false");
            }
        }
        command.env("NO_COLOR", "1").env_remove("GH_DEBUG").env_remove("DEBUG");
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer {
        Answer::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_was_printed_is_read() {
        let read = answer(
            "HTTP/2.0 201 Created\r\nLink: <https://h/x?a=1&page=3>; rel=\"next\", <https://h/x?page=9>; rel=\"last\"\r\n\r\n{\"a\":1}\n\nx",
        );
        assert_eq!((read.status, read.next_page().unwrap()), (201, Some(3)));
        assert_eq!(read.body, b"{\"a\":1}\n\nx");
        assert_eq!(
            answer("HTTP/1.1 200 OK\nLink: <https://h/x?page=9>; rel=\"last\"\n\n[]").next_page().unwrap(),
            None
        );
        // That there is more is never taken for the end.
        let more = answer("HTTP/1.1 200 OK\nLink: <https://h/x?after=b>; rel=\"next\"\n\n[]");
        assert!(more.next_page().is_err());
        for other in ["", "gh: no", "HTTP/1.1 x\n\n", "HTTP/1.1 200 OK\nA: b\n"] {
            assert!(Answer::read(other.as_bytes()).is_none(), "{other}");
        }
    }

    #[test]
    fn limits_are_told_from_refusals() {
        let forbidden = r#"{"message":"Resource not accessible by integration"}"#;
        let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
        for (head, body, want) in [
            ("HTTP/1.1 429 Too Many\nRetry-After: 7", "{}", Some(7)),
            ("HTTP/1.1 429 Too Many", "{}", Some(60)),
            ("HTTP/1.1 403 No\nRetry-After: 3", forbidden, Some(3)),
            ("HTTP/1.1 403 No", secondary, Some(60)),
            ("HTTP/1.1 403 No\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1009", forbidden, Some(10)),
            ("HTTP/1.1 403 No\nX-RateLimit-Remaining: 9\nX-RateLimit-Reset: 1009", forbidden, None),
            ("HTTP/1.1 200 OK\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1009", "[]", None),
            ("HTTP/1.1 200 OK", r#"{"errors":[{"type":"RATE_LIMITED","message":"x"}]}"#, Some(60)),
        ] {
            assert_eq!(answer(&format!("{head}\n\n{body}")).limited(1000), want, "{head} {body}");
        }
    }

    #[test]
    fn what_the_service_says_is_told_in_one_line() {
        let said = answer("HTTP/1.1 422 x\n\n{\"message\":\"Unprocessable\\n::error::x\",\"errors\":[\"line must be part of the diff\",{\"message\":\"b\"}]}").said();
        assert_eq!(said, "Unprocessable\\n::error::x: line must be part of the diff: b");
        assert_eq!(answer("HTTP/1.1 500 x\n\n<html>").said(), "no reason given");
    }
}
