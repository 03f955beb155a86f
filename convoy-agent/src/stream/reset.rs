//! When a limit is over, in the words services and CLIs use for it.
//!
//! Known forms: "retry in 37.5s", "try again in 2h 5m", "try again in 3 days 4
//! hours", "reset after 1h2m3s", "usage limit reached|1764252000", "resets 3pm",
//! "resets at 15:30". A time of day without a zone is the user's own; one that has
//! just begun means this minute, not tomorrow.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// Nobody states a limit that is further away; such a number means something else.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24 * 31);

/// Clocks differ, and minutes are cut off.
const JUST_BEGUN: SignedDuration = SignedDuration::from_mins(2);

/// The stated end of a limit, later than `now`.
pub(crate) fn reset_in(said: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let said = said.to_ascii_lowercase();
    let after = |mark: &str| said.find(mark).map(|at| said[at + mark.len()..].trim_start());
    let span = ["retry in ", "again in ", "reset after ", "resets in ", "reset in "]
        .iter()
        .find_map(|mark| span(after(mark)?));
    let found =
        span.and_then(|span| now.checked_add(span).ok()).or_else(|| epoch(after("|")?)).or_else(|| {
            ["resets at ", "resets ", "again at "]
                .iter()
                .find_map(|mark| time_of_day(after(mark)?, now, zone))
        });
    found.filter(|at| *at > now && at.duration_since(now) < FURTHEST)
}

fn epoch(text: &str) -> Option<Timestamp> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    Timestamp::from_second(digits.parse().ok()?).ok()
}

/// "37.5s", "2h 5m", "3 days 4 hours 5 minutes".
fn span(text: &str) -> Option<SignedDuration> {
    let mut rest = text;
    let mut sum = 0.0;
    let mut any = false;
    loop {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let Ok(number) = rest[..number_end].trim_end_matches('.').parse::<f64>() else { break };
        rest = rest[number_end..].trim_start();
        let unit_end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let seconds = match &rest[..unit_end] {
            "ms" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86400.0,
            _ => break,
        };
        sum += number * seconds;
        any = true;
        rest = rest[unit_end..].trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    any.then(|| SignedDuration::try_from_secs_f64(sum).ok())?
}

/// "3pm", "15:30", "3:05 pm": the next time it is that late.
fn time_of_day(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let (hour, minute) = match clock.split_once(':') {
        Some((hour, minute)) => (hour.parse::<i8>().ok()?, minute.parse().ok()?),
        None => (clock.parse().ok()?, 0),
    };
    let rest = rest.trim_start();
    let hour = match (hour, rest.starts_with("am"), rest.starts_with("pm")) {
        (12, true, _) => 0,
        (1..=11, _, true) => hour + 12,
        (hour, true, _) | (hour, _, true) => hour,
        // A bare number is a date or a count.
        (hour, false, false) if clock.contains(':') => hour,
        _ => return None,
    };
    let at = Time::new(hour, minute, 0, 0).ok()?;
    let today = zone.to_datetime(now).date();
    let moment = |date: jiff::civil::Date| zone.to_timestamp(date.to_datetime(at)).ok();
    let at = moment(today)?;
    let late = now.duration_since(at);
    if late.is_negative() {
        Some(at)
    } else if late < JUST_BEGUN {
        now.checked_add(JUST_BEGUN).ok()
    } else {
        moment(today.checked_add(1.day()).ok()?)
    }
}
