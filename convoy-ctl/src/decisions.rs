//! `decisions`, which people call as `pan findings`: what is remembered of this
//! project's findings, and what somebody decides about them.

mod statistics;
mod stats;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::program::{self, Failure};
use base::style::{Style, pad, width};
use base::text;
use decisions::{Book, Decision, Entry, Kind, Life, Location, Reopened, store, today};
use jiff::Timestamp;
use jiff::civil::Date;
use protocol::convoys;
use protocol::layout::Home;
use serde::Serialize;
use terminal::link::Links;
use terminal::pager;

use crate::cli::{DecisionArguments, DecisionsVerb, Seen};

/// So much of a key is shown; as much as that names it.
const SHORT: usize = 8;
/// Less of a key names nothing.
const SHORTEST: usize = 4;

pub(crate) fn run(
    environment: &Environment,
    what: Option<DecisionsVerb>,
    all: bool,
    json: bool,
) -> Result<Exit> {
    let location = Location::of(environment, Path::new(".")).map_err(Failure::from)?;
    // What has ended meanwhile counts as well.
    store::take_up(&Home::of(environment), &location).map_err(Failure::from)?;
    let desk = Desk { environment, location };
    match what.unwrap_or(DecisionsVerb::List { all, json }) {
        DecisionsVerb::List { all: more, json: as_json } => desk.list(all || more, json || as_json),
        DecisionsVerb::Accept(arguments) => desk.decide(&arguments, Kind::Accepted),
        DecisionsVerb::Dismiss(arguments) => desk.decide(&arguments, Kind::Dismissed),
        DecisionsVerb::Reopen { findings, reason, run, seen } => {
            let reason = reason.as_deref().map(said).transpose()?;
            let at = Timestamp::now();
            let why = reason.map(|reason| Reopened { reason, at });
            let asked = Asked { findings: &findings, run: run.as_deref(), seen: &seen };
            desk.set(&asked, "open again", |book, key| book.reopen(key, at, why.clone()).cloned())
        }
        DecisionsVerb::Baseline { reason } => desk.baseline(&reason),
        DecisionsVerb::Stats { all_projects, since, json: as_json } => {
            desk.stats(all_projects, since.map(Into::into), json || as_json)
        }
    }
}

/// A reason that says something.
fn said(reason: &str) -> Result<String, Failure> {
    match reason.trim() {
        "" => {
            Err(Failure::new(Exit::Usage, "--reason says nothing").hint("say why, for whoever looks later"))
        }
        reason => Ok(reason.to_owned()),
    }
}

/// About which findings.
struct Asked<'a> {
    findings: &'a [String],
    run: Option<&'a str>,
    /// One for each of them, or none at all.
    seen: &'a [Seen],
}

/// One project's book.
struct Desk<'a> {
    environment: &'a Environment,
    location: Location,
}

/// An entry as `--json` prints it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    /// Does it count: is it there, and has nobody decided otherwise?
    open: bool,
}

impl Desk<'_> {
    fn read(&self) -> Result<Book> {
        Ok(store::read(&Home::of(self.environment), &self.location).map_err(Failure::from)?)
    }

    fn list(&self, all: bool, json: bool) -> Result<Exit> {
        let book = self.read()?;
        let today = today();
        let mut entries: Vec<&Entry> =
            book.entries.iter().filter(|entry| all || entry.is_open(today)).collect();
        entries.sort_by(|a, b| (b.severity, &a.key).cmp(&(a.severity, &b.key)));
        if json {
            let rows = entries.iter().map(|entry| Row { entry, open: entry.is_open(today) });
            let rows: Vec<Row<'_>> = rows.collect();
            program::print(&format!("{}\n", serde_json::to_string_pretty(&rows)?))?;
            return Ok(Exit::Done);
        }
        if entries.is_empty() {
            let other = if book.entries.is_empty() { "nothing is remembered" } else { "nothing is open" };
            let place = text::path(self.location.directory.as_path());
            program::tell(&format!("{other} of the findings of {place}"));
            if !book.entries.is_empty() {
                program::hint("pan findings list --all shows what is decided, fixed or gone");
            }
            return Ok(Exit::Done);
        }
        let style = Style::of_stdout(self.environment);
        let links = Links::to(self.environment, &style, self.location.directory.as_path());
        let page = render(&entries, today, &style, &links);
        // By the pager where somebody looks on.
        if style.whole {
            program::print(&page)?;
        } else {
            pager::show(self.environment, &page)?;
        }
        Ok(Exit::Done)
    }

    fn decide(&self, arguments: &DecisionArguments, kind: Kind) -> Result<Exit> {
        let reason = said(&arguments.reason)?;
        if let Some(until) = arguments.until.filter(|until| *until < today()) {
            return Err(Failure::new(Exit::Usage, format!("--until {until} is over"))
                .hint("name a day to come, or leave it out: then it is for good")
                .into());
        }
        let decision = Decision { kind, reason, until: arguments.until, at: Timestamp::now() };
        let DecisionArguments { findings, run, seen, .. } = arguments;
        let asked = Asked { findings, run: run.as_deref(), seen };
        self.set(&asked, kind.word(), |book, key| book.decide(key, decision.clone()).cloned())
    }

    /// All of them or, where one is not there or was decided about meanwhile, none.
    fn set(
        &self,
        asked: &Asked<'_>,
        word: &str,
        change: impl Fn(&mut Book, &str) -> Option<Entry>,
    ) -> Result<Exit> {
        let Asked { findings, run, seen } = *asked;
        if !seen.is_empty() && seen.len() != findings.len() {
            let message = format!("--seen is given {} times for {} findings", seen.len(), findings.len());
            return Err(Failure::new(Exit::Usage, message).hint("one for each, in their order").into());
        }
        let run = run.map(|run| convoys::resolve(&Home::of(self.environment), run)).transpose()?;
        let told =
            store::change(&Home::of(self.environment), &self.location, |book| -> Result<String, Failure> {
                let keys = findings.iter().map(|name| find(book, name, run.as_ref()));
                let keys = keys.collect::<Result<Vec<String>, Failure>>()?;
                for ((name, key), seen) in findings.iter().zip(&keys).zip(seen) {
                    check_seen(book, name, key, *seen)?;
                }
                let newest = book.newest().map(|run| format!(" of {}", run.convoy)).unwrap_or_default();
                let mut told = String::new();
                for (name, key) in findings.iter().zip(keys) {
                    let Some(entry) = change(book, &key) else { continue };
                    let of = if is_number(name) { newest.as_str() } else { "" };
                    let _ = writeln!(
                        told,
                        "{}{of} {word}: {}: {}",
                        text::visible(name),
                        place(&entry),
                        text::visible(&entry.title)
                    );
                }
                Ok(told)
            });
        program::print(&told.map_err(Failure::from)??)?;
        Ok(Exit::Done)
    }

    fn stats(&self, of_all: bool, since: Option<Duration>, json: bool) -> Result<Exit> {
        let directory = self.location.directory.as_path();
        let books = if of_all {
            store::read_all(&Home::of(self.environment)).map_err(Failure::from)?
        } else {
            vec![(directory.to_path_buf(), Ok(self.read()?))]
        };
        let asked = stats::Asked {
            directory: (!of_all).then_some(directory),
            // Longer than there is time: all of it.
            since: since.and_then(|since| Timestamp::now().checked_sub(since).ok()),
            json,
        };
        stats::run(self.environment, books, &asked)
    }

    fn baseline(&self, reason: &str) -> Result<Exit> {
        let today = today();
        let count = store::change(&Home::of(self.environment), &self.location, |book| {
            let open = book.entries.iter_mut().filter(|entry| entry.is_open(today));
            let decision = Decision {
                kind: Kind::Baseline,
                reason: reason.trim().to_owned(),
                until: None,
                at: Timestamp::now(),
            };
            open.map(|entry| entry.decide(decision.clone())).count()
        });
        let count = count.map_err(Failure::from)?;
        program::print(&format!("{} no longer in the way\n", base::style::count(count as u64, "finding")))?;
        Ok(Exit::Done)
    }
}

/// Nobody else has decided about it since.
fn check_seen(book: &Book, name: &str, key: &str, Seen(seen): Seen) -> Result<(), Failure> {
    let decision =
        book.entries.iter().find(|entry| entry.key == key).and_then(|entry| entry.decision.as_ref());
    if decision.map(|decision| decision.at) == seen {
        return Ok(());
    }
    let now = decision.map_or_else(
        || "is open again".to_owned(),
        |decision| format!("is decided already: {}", decision.shown()),
    );
    let message = format!("{} {now}; nothing was saved", text::visible(name));
    Err(Failure::new(Exit::No, message).hint("look at it again, then decide: pan findings list --all"))
}

fn is_number(name: &str) -> bool {
    name.strip_prefix(['F', 'f']).is_some_and(|digits| {
        !digits.is_empty() && digits.len() < 7 && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The key that a person means. An F-number is one review's: of another than the newest
/// it would be another finding.
fn find(book: &Book, name: &str, run: Option<&base::ids::ConvoyId>) -> Result<String, Failure> {
    let shown = text::visible(name);
    if is_number(name) {
        let none = || Failure::new(Exit::NotFound, "no review of this project is remembered yet");
        let newest = book.newest().ok_or_else(|| none().hint("pan review --diff"))?;
        if let Some(run) = run.filter(|run| **run != newest.convoy) {
            let message =
                format!("{run} is not the newest review of this project, that is {}", newest.convoy);
            return Err(Failure::new(Exit::Usage, message)
                .hint("F-numbers are one review's; name the finding by its key: pan findings list"));
        }
        let missing = || Failure::new(Exit::NotFound, format!("{} has no finding {shown}", newest.convoy));
        return newest
            .numbers
            .get(&name.to_uppercase())
            .cloned()
            .ok_or_else(|| missing().hint(format!("pan convoy findings {}", newest.convoy.short())));
    }
    let lower = name.to_lowercase();
    if lower.len() < SHORTEST {
        let message = format!("'{shown}' names no finding");
        return Err(
            Failure::new(Exit::Usage, message).hint("F3, or the beginning of a key: pan findings list")
        );
    }
    let exact = |entry: &&Entry| entry.key == lower;
    let begins = |entry: &&Entry| entry.key.starts_with(&lower);
    let found: Vec<&Entry> = match book.entries.iter().find(exact) {
        Some(entry) => vec![entry],
        None => book.entries.iter().filter(begins).collect(),
    };
    match found.as_slice() {
        [one] => Ok(one.key.clone()),
        [] => Err(Failure::new(Exit::NotFound, format!("no finding '{shown}'"))
            .hint("pan findings list --all shows them")),
        many => {
            Err(Failure::new(Exit::Usage, format!("'{shown}' is the beginning of {} findings", many.len()))
                .hint("type more of its key: pan findings list --json has all of it"))
        }
    }
}

fn place(entry: &Entry) -> String {
    entry.locations.first().map_or_else(|| "project".to_owned(), findings::merged::Location::shown)
}

/// The same, leading to the editor where the screen has links.
fn linked(entry: &Entry, links: &Links) -> String {
    let shown = place(entry);
    match entry.locations.first() {
        Some(at) => links.place(at.file.as_path(), at.line_start, &shown),
        None => shown,
    }
}

/// `3f2a91c0  high  src/a.ts:2: A value is compared with NaN`, and below it what was decided.
fn render(entries: &[&Entry], today: Date, style: &Style, links: &Links) -> String {
    let mut out = String::new();
    let level = entries.iter().map(|entry| entry.severity.name().len()).max().unwrap_or(4);
    for entry in entries {
        let begin = format!("{}  {}  ", short(&entry.key), pad(entry.severity.name(), level));
        let title = text::visible(&entry.title);
        let line = format!("{begin}{}: {title}", place(entry));
        let indent = width(&begin);
        let linked = linked(entry, links);
        if width(&line) <= style.width {
            let _ = writeln!(out, "{begin}{linked}: {title}");
        } else {
            // A place is never cut: somebody is to go there.
            let _ = writeln!(out, "{begin}{linked}");
            let _ = writeln!(out, "{:indent$}{}", "", style.cut(&title, style.width.saturating_sub(indent)));
        }
        if let Some(state) = state(entry, today) {
            let _ = writeln!(out, "{:indent$}{state}", "");
        }
    }
    out
}

/// The part by which it can be named, with the count of one that is there twice.
fn short(key: &str) -> String {
    match key.split_once('_') {
        Some(_) => key.to_owned(),
        None => key.chars().take(SHORT).collect(),
    }
}

fn state(entry: &Entry, today: Date) -> Option<String> {
    match (&entry.decision, entry.life) {
        (_, Life::Fixed) => Some("fixed".to_owned()),
        (_, Life::Gone) => Some("its code is gone".to_owned()),
        (Some(decision), Life::Open) if decision.holds(today) => Some(decision.shown()),
        (Some(decision), Life::Open) => Some(format!("open again: {} has run out", decision.shown())),
        (None, Life::Open) => {
            entry.reopened.as_ref().map(|why| format!("open again: {}", text::visible(&why.reason)))
        }
    }
}
