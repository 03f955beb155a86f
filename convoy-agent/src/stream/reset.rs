//! When a limit is over, in the words services and CLIs use for it.
//!
//! A word that speaks of the end of a limit ("resets", "try again", "regain access")
//! is followed by a span ("in 2h 5m", "after 3 days 4 hours", "retry-after: 30"), by
//! seconds since 1970 ("|1764252000"), or by a moment: a day ("Dec 2nd, 2026",
//! "2026-12-01", "Monday", "tomorrow"), a time of day ("3pm", "15:30"), and a zone
//! ("(Asia/Tokyo)", "UTC", "PST", "+09:00"), each with or without the others. What
//! names no zone is meant in the user's own. A time of day that has just begun means
//! this minute, not tomorrow.

mod moment;

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

use moment::moment;

/// Nobody states a limit that is further away; such a number means something else.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24 * 31);

/// Clocks differ, and minutes are cut off.
const JUST_BEGUN: SignedDuration = SignedDuration::from_mins(2);

/// What the end of a limit is spoken of with.
const MARKS: [&str; 9] =
    ["resets", "reset", "again", "retry", "regain access", "available", "renews", "until", "|"];

/// Words between such a word and the time.
const GLUE: [&str; 12] =
    ["access", "at", "on", "by", "next", "this", "the", "around", "about", "approximately", "roughly", "~"];

/// The zone a `TZ` names, as the C library reads it; without one that is known the
/// machine's own.
pub(crate) fn zone_named(tz: Option<&OsStr>) -> TimeZone {
    let Some(tz) = tz else { return TimeZone::system() };
    let bytes = tz.as_bytes().strip_prefix(b":").unwrap_or(tz.as_bytes());
    let Ok(name) = std::str::from_utf8(bytes) else { return TimeZone::system() };
    match name {
        "" => TimeZone::UTC,
        path if path.starts_with('/') => std::fs::read(path)
            .ok()
            .and_then(|data| TimeZone::tzif(path, &data).ok())
            .unwrap_or_else(TimeZone::system),
        name => TimeZone::get(name).or_else(|_| TimeZone::posix(name)).unwrap_or_else(|_| TimeZone::system()),
    }
}

/// The stated end of a limit, later than `now`; times without a zone are in its zone.
pub(crate) fn reset_in(said: &str, now: &ZonedDateTime) -> Option<Timestamp> {
    let said = said.to_ascii_lowercase();
    let mut places: Vec<(usize, usize)> = MARKS
        .iter()
        .flat_map(|mark| said.match_indices(mark).map(|(at, _)| (at, at + mark.len())))
        .filter(|(at, _)| said[*at..].starts_with('|') || !said[..*at].ends_with(char::is_alphabetic))
        .collect();
    // The longest where several begin: "resetsAt" is not "reset Sat".
    places.sort_unstable_by_key(|&(at, end)| (at, Reverse(end)));
    places.dedup_by_key(|(at, _)| *at);
    places.into_iter().find_map(|(_, end)| stated(&said[end..], now)).filter(|at| *at > now.timestamp())
}

/// What directly follows a mark.
fn stated(text: &str, now: &ZonedDateTime) -> Option<Timestamp> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || "_-\"'=:*`".contains(c));
    let instant = now.timestamp();
    let after = word(text, "after");
    let at = match word(text, "in").or(after) {
        Some(rest) => match span(without_glue(rest)) {
            Some(span) => instant.checked_add(span).ok(),
            // "retry-after: 30"; a bare number after "in" could be anything.
            None => after.and_then(seconds).and_then(|span| instant.checked_add(span).ok()),
        },
        None => None,
    };
    let at = at.or_else(|| {
        let text = without_glue(after.unwrap_or(text));
        epoch(text).or_else(|| moment(text, now))
    })?;
    let late = instant.duration_since(at);
    let just_begun = !late.is_negative() && late < JUST_BEGUN;
    let at = if just_begun { instant.checked_add(JUST_BEGUN).ok()? } else { at };
    (at.duration_since(instant) < FURTHEST).then_some(at)
}

/// What follows a whole word.
fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    let ends = !word.ends_with(char::is_alphabetic) || !rest.starts_with(char::is_alphabetic);
    ends.then(|| rest.trim_start_matches(|c: char| c.is_whitespace() || "_-\"'=:*`,".contains(c)))
}

fn without_glue(mut text: &str) -> &str {
    while let Some(rest) = GLUE.iter().find_map(|glue| word(text, glue)) {
        text = rest;
    }
    text
}

/// Seconds (or milliseconds) since 1970: nothing shorter is one.
fn epoch(text: &str) -> Option<Timestamp> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    match (end, text[..end].parse::<i64>().ok()?) {
        (9..=11, seconds) => Timestamp::from_second(seconds).ok(),
        (12..=14, milliseconds) => Timestamp::from_millisecond(milliseconds).ok(),
        _ => None,
    }
}

/// A bare number that is whole.
fn seconds(text: &str) -> Option<SignedDuration> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let goes_on = text[end..].starts_with(|c: char| c.is_alphanumeric() || c == ':' || c == '-' || c == '/');
    let seconds: u32 = text[..end].parse().ok().filter(|_| !goes_on && end < 9)?;
    Some(SignedDuration::from_secs(i64::from(seconds)))
}

/// "37.5s", "2h 5m", "3 days 4 hours 5 minutes", "an hour".
fn span(text: &str) -> Option<SignedDuration> {
    let mut rest = text;
    let mut sum = 0.0;
    let mut any = false;
    loop {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = match rest[..number_end].trim_end_matches('.').parse::<f64>() {
            Ok(number) => {
                rest = &rest[number_end..];
                number
            }
            Err(_) => match word(rest, "a").or_else(|| word(rest, "an")) {
                Some(after) => {
                    rest = after;
                    1.0
                }
                None => break,
            },
        };
        rest = rest.trim_start_matches([' ', '-']);
        let unit_end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let seconds = match &rest[..unit_end] {
            "ms" | "millisecond" | "milliseconds" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86400.0,
            "w" | "week" | "weeks" => 604_800.0,
            _ => break,
        };
        sum += number * seconds;
        any = true;
        rest = rest[unit_end..].trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    any.then(|| SignedDuration::try_from_secs_f64(sum).ok())?
}

#[cfg(test)]
mod tests;
