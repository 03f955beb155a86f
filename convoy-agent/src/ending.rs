//! How an attempt ended, before its report is looked at. Classified from what
//! the stream says, the runner's own table of endings, and the exit code, in this
//! order. Exit code 0 alone proves nothing.

use base::duration;
use base::text::visible;
use jiff::{Timestamp, ZonedDateTime};
use nix::sys::wait::WaitStatus;
use protocol::outcome::Reason;
use protocol::plan::{AgentPlan, EndingRule};
use protocol::record::Outcome;

use crate::stream::{Fault, StreamSummary, reset_in, status_in};

/// Why the attempt is over.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ending {
    /// The command ended by itself.
    Itself(Option<WaitStatus>),
    TimedOut,
    /// It told its result and did not end; it was ended.
    Done,
    /// Nothing on its event stream for too long.
    Stalled,
    /// It said on standard error, in these words, that it waits for what is better
    /// waited for here.
    Waits(String),
    /// Its engine has no such job, and it never began.
    Forgotten,
    /// A budget is used up.
    OverBudget(String),
    /// The convoy is stopped, or out of time.
    Stopped,
    /// A person closed the session.
    Closed,
    /// Asked to end by nobody of the convoy (the machine shuts down): no record
    /// is written, the attempt counts as lost and is not charged.
    Abandoned,
}

pub(crate) type Verdict = (Outcome, Option<String>);

/// Words of a service longer than this are cut.
const MAX_SAID: usize = 300;

/// What time it is in the zone of the user: asked for only where a limit's end is
/// read, because zones are looked for all over a directory.
pub(crate) type Now<'a> = &'a dyn Fn() -> ZonedDateTime;

/// What speaks against the attempt. `stderr` is the end of what the command
/// wrote there.
pub(crate) fn verdict(
    agent: &AgentPlan,
    ending: &Ending,
    summary: Option<&StreamSummary>,
    stderr: &str,
    now: Now<'_>,
) -> Option<Verdict> {
    let failed = |reason, detail: Option<String>| Some((Outcome::Failed { reason }, detail));
    let told = |exit| {
        let fault = summary.and_then(StreamSummary::fault)?;
        Some(classify(&agent.invocation.endings, &fault, exit, now))
    };
    // It told a whole result: however its process ended then, the work is there.
    let is_done = summary.is_some_and(StreamSummary::is_done);
    match ending {
        Ending::Done => None,
        Ending::Itself(_) | Ending::TimedOut | Ending::Stalled if is_done => None,
        Ending::Itself(Some(WaitStatus::Exited(_, 0))) => told(Some(0)),
        Ending::Itself(Some(WaitStatus::Exited(_, code))) => told(Some(*code))
            .or_else(|| by_exit(agent, *code, stderr, now))
            .or_else(|| failed(Reason::ExitCode, Some(exit_words(*code, stderr)))),
        Ending::Itself(Some(WaitStatus::Signaled(_, signal, _))) => {
            failed(Reason::Signal, Some(format!("ended by {}", signal.as_str())))
        }
        Ending::Itself(_) => failed(Reason::Signal, Some("its end was not seen".to_owned())),
        Ending::TimedOut => {
            failed(Reason::Timeout, Some(format!("timed out after {}", duration::shown(agent.timeout_ms))))
        }
        Ending::Stalled => {
            let limit = agent.stall_timeout_ms.unwrap_or_default();
            // A service that says "not now" for so long is a limit, not a hang.
            let limited = told(None).filter(|(outcome, _)| matches!(outcome, Outcome::RateLimited { .. }));
            limited.or_else(|| failed(Reason::Stalled, Some(format!("for {}", duration::shown(limit)))))
        }
        Ending::Waits(line) => {
            let fault = Fault { said: line.clone(), ..Fault::default() };
            Some(classify(&agent.invocation.endings, &fault, None, now))
        }
        Ending::OverBudget(words) => failed(Reason::Budget, Some(words.clone())),
        Ending::Stopped => failed(Reason::Stopped, None),
        Ending::Closed => failed(Reason::SessionClosed, None),
        Ending::Forgotten | Ending::Abandoned => failed(Reason::Lost, None),
    }
}

/// Asked to go on with a conversation, it did nothing at all, and for no reason that
/// would pass: it does not know the conversation any more.
pub(crate) fn is_unknown_session(agent: &AgentPlan, summary: &StreamSummary) -> bool {
    // Only the reason counts here, never when a limit ends.
    let any_time = Timestamp::UNIX_EPOCH.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let told = summary
        .fault()
        .map(|fault| classify(&agent.invocation.endings, &fault, None, &|| any_time.clone()).0);
    !summary.has_worked() && matches!(told, None | Some(Outcome::Failed { reason: Reason::ApiError }))
}

/// Why there is no report, where the stream tells more than that.
pub(crate) fn no_report(agent: &AgentPlan, summary: &StreamSummary) -> Option<(Reason, Option<String>)> {
    if let Some(denied) = summary.denied() {
        return Some((Reason::Denied, Some(denied)));
    }
    // "Loop detected", and then an end that calls itself a success.
    let remark = agent.invocation.endings.iter().find(|rule| rule.fits(None, None, summary.note()));
    if let Some(rule) = remark.filter(|_| !summary.note().is_empty()) {
        return Some((rule.is, Some(cut(summary.note()))));
    }
    (!summary.is_done()).then_some((Reason::Cut, None))
}

/// A CLI that failed before its stream began, or has none, tells on standard error;
/// some of them exit with 0 all the same.
pub(crate) fn by_exit(agent: &AgentPlan, code: i32, stderr: &str, now: Now<'_>) -> Option<Verdict> {
    let telling = telling_line(stderr);
    let status = status_in(telling);
    let rules = &agent.invocation.endings;
    let rule = rules.iter().find(|rule| rule.fits(Some(code), status, stderr));
    let reason = rule.map(|rule| rule.is).or_else(|| by_status(status?))?;
    let said = rule.and_then(|rule| line_that_says(rule, stderr)).unwrap_or(telling);
    let fault = Fault { reason: Some(reason), said: said.to_owned(), ..Fault::default() };
    let (outcome, detail) = classify(&[], &fault, Some(code), now);
    let detail = with_hint(detail, rule);
    Some(match outcome {
        // When it ends may stand on another line.
        Outcome::RateLimited { until: None } => {
            let now = now();
            let until = stderr.lines().rev().find_map(|line| reset_in(line, &now));
            (Outcome::RateLimited { until }, detail)
        }
        outcome => (outcome, detail),
    })
}

/// The last line with one of the words of a rule.
fn line_that_says<'t>(rule: &EndingRule, text: &'t str) -> Option<&'t str> {
    let says = |line: &&str| {
        let line = line.to_lowercase();
        rule.says.iter().any(|words| line.contains(&words.to_lowercase()))
    };
    text.lines().map(str::trim).rfind(says)
}

/// What a status means where a runner's table does not say otherwise.
fn by_status(status: u16) -> Option<Reason> {
    match status {
        401 | 403 => Some(Reason::Auth),
        402 => Some(Reason::Credit),
        429 => Some(Reason::RateLimit),
        413 => Some(Reason::ContextOverflow),
        503 | 529 => Some(Reason::Overload),
        _ => None,
    }
}

fn classify(rules: &[EndingRule], fault: &Fault, exit: Option<i32>, now: Now<'_>) -> Verdict {
    let words = format!("{} {}", fault.code, fault.said);
    let rule = rules.iter().find(|rule| rule.fits(exit, fault.status, &words));
    let by_rule = || rule.map(|rule| rule.is);
    let by_status = || by_status(fault.status?);
    let reason = fault.reason.or_else(by_rule).or_else(by_status).unwrap_or(Reason::ApiError);
    let said = cut(fault.said.lines().next().unwrap_or_default());
    let detail = (!said.is_empty()).then_some(said);
    let detail = with_hint(detail, rule.filter(|rule| rule.is == reason));
    if reason != Reason::RateLimit {
        return (Outcome::Failed { reason }, detail);
    }
    let stated = fault.resets_at.and_then(|at| Timestamp::from_second(at).ok());
    let until = stated.or_else(|| reset_in(&fault.said, &now()));
    (Outcome::RateLimited { until }, detail)
}

/// What was said, and what a runner's table advises.
fn with_hint(said: Option<String>, rule: Option<&EndingRule>) -> Option<String> {
    match (said, rule.and_then(|rule| rule.hint.clone())) {
        (Some(said), Some(hint)) => Some(format!("{said} ({hint})")),
        (said, hint) => said.or(hint),
    }
}

fn exit_words(code: i32, stderr: &str) -> String {
    let said = cut(telling_line(stderr));
    if said.is_empty() { format!("exit code {code}") } else { format!("exit code {code}: {said}") }
}

/// The line that says why: the last that calls itself an error; else the last that is
/// no usage, hint or stack. CLIs print those after it.
fn telling_line(text: &str) -> &str {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty()).rev();
    lines()
        .find(|line| is_error(line))
        .or_else(|| lines().find(|line| !is_aside(line)))
        .unwrap_or_else(|| last_line(text))
}

/// `error: …`, `Error: …`, `TypeError [CODE]: …`, `fatal: …`
fn is_error(line: &str) -> bool {
    let Some((head, _)) = line.split_once(':') else { return false };
    let word = head.split(['[', '(']).next().unwrap_or_default().trim().to_ascii_lowercase();
    let word = word.strip_prefix("uncaught ").unwrap_or(&word);
    !word.contains(' ') && (word.ends_with("error") || matches!(word, "fatal" | "panic" | "exception"))
}

fn is_aside(line: &str) -> bool {
    const ASIDES: [&str; 15] = [
        "usage",
        "for more information",
        "(did you mean",
        "did you mean",
        "hint:",
        "note:",
        "tip:",
        "try ",
        "node.js v",
        // Stacks: of JavaScript, Java and .NET; Ruby; PHP; Rust.
        "at ",
        "... ",
        "from ",
        "stack trace:",
        "stack backtrace:",
        "thrown in ",
    ];
    let is_numbered_frame =
        line.strip_prefix('#').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_only_signs = !line.contains(char::is_alphanumeric);
    let line = line.to_ascii_lowercase();
    is_numbered_frame || is_only_signs || ASIDES.iter().any(|aside| line.starts_with(aside))
}

fn last_line(text: &str) -> &str {
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default()
}

fn cut(said: &str) -> String {
    visible(said).chars().take(MAX_SAID).collect()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn rules() -> Vec<EndingRule> {
        let rule = |is, exit: &[i32], says: &[&str]| EndingRule {
            is,
            exit: exit.to_vec(),
            status: Vec::new(),
            says: says.iter().map(|&words| words.to_owned()).collect(),
            at_once: false,
            hint: None,
        };
        vec![rule(Reason::TurnLimit, &[53], &[]), rule(Reason::Auth, &[], &["Not Logged In"])]
    }

    fn told(status: Option<u16>, said: &str, exit: i32) -> Outcome {
        let fault = Fault { status, said: said.to_owned(), ..Fault::default() };
        classify(&rules(), &fault, Some(exit), &|| Timestamp::UNIX_EPOCH.to_zoned_datetime(TimeZone::UTC)).0
    }

    #[test]
    fn what_a_cli_says_is_its_error_and_not_its_help() {
        for (stderr, want) in [
            (
                "error: unexpected argument '-x'\n\nUsage: y [OPTIONS]\n\nFor more information, try '--help'.\n",
                "error: unexpected argument '-x'",
            ),
            ("error: unknown option '-x'\n(Did you mean -y?)\n", "error: unknown option '-x'"),
            ("TypeError [ERR_X]: no\n    at run (a.js:1:2)\n\nNode.js v22.1.0\n", "TypeError [ERR_X]: no"),
            (
                "warning: old\nflag provided but not defined: -x\nUsage of y:\n",
                "flag provided but not defined: -x",
            ),
            (
                "a.rb:1:in 'f': no port (RuntimeError)\n\tfrom a.rb:3:in '<main>'\n",
                "a.rb:1:in 'f': no port (RuntimeError)",
            ),
            (
                "PHP Fatal error:  Uncaught Exception: no port in /a.php:3\nStack trace:\n#0 {main}\n  thrown in /a.php on line 3\n",
                "PHP Fatal error:  Uncaught Exception: no port in /a.php:3",
            ),
            ("thread 'main' panicked at a.rs:2:5:\nno port\nnote: run with `RUST_BACKTRACE=1`\n", "no port"),
            (
                "Exception in thread \"main\" a.NoPort: no port\n\tat a.B.c(B.java:1)\nCaused by: a.Gone: gone\n\t... 3 more\n",
                "Caused by: a.Gone: gone",
            ),
            ("NoPort: no port\n    at f (a.js:1:2)\n}\n\nNode.js v22.1.0\n", "NoPort: no port"),
            (
                "panic: no port\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:3 +0x1d\nexit status 2\n",
                "panic: no port",
            ),
            ("error: attempt 1\nerror: giving up\n", "error: giving up"),
            ("starting\nit broke\n", "it broke"),
            ("Usage: y\n", "Usage: y"),
            ("", ""),
        ] {
            assert_eq!(telling_line(stderr), want);
        }
    }

    #[test]
    fn the_runners_table_counts_before_the_status() {
        let failed = |reason| Outcome::Failed { reason };
        assert_eq!(told(Some(500), "x", 53), failed(Reason::TurnLimit));
        assert_eq!(told(Some(500), "you are not logged in", 1), failed(Reason::Auth));
        assert_eq!(told(Some(401), "", 1), failed(Reason::Auth));
        assert_eq!(told(Some(529), "", 1), failed(Reason::Overload));
        assert_eq!(told(Some(500), "", 1), failed(Reason::ApiError));
        assert_eq!(told(None, "?", 1), failed(Reason::ApiError));
        assert_eq!(told(Some(429), "", 1), Outcome::RateLimited { until: None });
        let until = Some(Timestamp::from_second(90).unwrap());
        assert_eq!(told(Some(429), "try again in 1m 30s", 1), Outcome::RateLimited { until });
    }
}
