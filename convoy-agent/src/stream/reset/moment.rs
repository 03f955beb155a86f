//! A moment in words: a day, a time of day and a zone, each with or without the others.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};

use super::{JUST_BEGUN, without_glue, word};

/// A day, as far as it is said.
#[derive(Debug, Clone, Copy)]
enum Day {
    Whole(Date),
    /// The next one of this name.
    Yearly(i8, i8),
    Weekly(Weekday),
    /// So many days from today.
    From(i64),
}

/// A day, a time of day and a zone, in the order they are said in.
pub(super) fn moment(text: &str, now: &ZonedDateTime) -> Option<Timestamp> {
    let (mut day, mut time, mut zone) = (None, None, None);
    let mut rest = text;
    loop {
        rest = without_glue(rest.trim_start_matches([' ', ',', '·', '\t']));
        if let Some((found, after)) = day.is_none().then(|| day_of(rest)).flatten() {
            (day, rest) = (Some(found), after);
        } else if let Some((found, after)) = time.is_none().then(|| time_of_day(rest)).flatten() {
            (time, rest) = (Some(found), after);
        } else if let Some((found, after)) = zone.is_none().then(|| zone_of(rest)).flatten() {
            // A place nobody knows: the hour cannot be told.
            (zone, rest) = (Some(found?), after);
        } else {
            break;
        }
        // "2026-12-01T00:00:00Z"
        rest = rest
            .strip_prefix('t')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            .unwrap_or(rest);
    }
    if day.is_none() && time.is_none() {
        return None;
    }
    let zone = zone.unwrap_or_else(|| now.time_zone().clone());
    let here = now.with_time_zone(zone.clone());
    let at_day = |date: Date| zone.to_timestamp(date.to_datetime(time.unwrap_or(Time::midnight()))).ok();
    let passed = |at: Timestamp| now.timestamp().duration_since(at) >= JUST_BEGUN;
    let (today, year) = (here.date(), here.year());
    match day {
        Some(Day::Whole(date)) => at_day(date),
        Some(Day::Yearly(month, day)) => [year, year + 1]
            .into_iter()
            .filter_map(|year| at_day(Date::new(year, month, day).ok()?))
            .find(|at| !passed(*at)),
        Some(Day::Weekly(weekday)) => {
            let ahead = i64::from(today.weekday().until(weekday));
            let at = at_day(today.checked_add(ahead.days()).ok()?)?;
            if passed(at) { at_day(today.checked_add((ahead + 7).days()).ok()?) } else { Some(at) }
        }
        Some(Day::From(days)) => at_day(today.checked_add(days.days()).ok()?),
        None => {
            let at = at_day(today)?;
            if passed(at) { at_day(today.tomorrow().ok()?) } else { Some(at) }
        }
    }
}

/// "Dec 2nd, 2026", "2 December", "2026-12-01", "Mon", "tomorrow".
fn day_of(text: &str) -> Option<(Day, &str)> {
    if let Some(date) = text.get(..10).and_then(|text| text.parse::<Date>().ok()) {
        return Some((Day::Whole(date), &text[10..]));
    }
    let (name, rest) = letters(text);
    match name {
        "today" => return Some((Day::From(0), rest)),
        "tomorrow" => return Some((Day::From(1), rest)),
        _ => {}
    }
    if let Some(weekday) = weekday(name) {
        // "Mon, Nov 30": the date says which one.
        let date = rest.trim_start_matches(['.', ',', ' ']);
        let dated = day_of(date).filter(|(day, _)| matches!(day, Day::Whole(_) | Day::Yearly(..)));
        return Some(dated.unwrap_or((Day::Weekly(weekday), rest)));
    }
    let ((month, day), rest) = match month(name) {
        Some(month) => {
            let (day, rest) = day_of_month(rest.trim_start_matches(['.', ' ']))?;
            ((month, day), rest)
        }
        None => {
            let (day, rest) = day_of_month(text)?;
            let (name, rest) = letters(word(rest.trim_start(), "of").unwrap_or(rest.trim_start()));
            ((month(name)?, day), rest)
        }
    };
    let year = rest.trim_start_matches([',', ' ', '.']);
    let goes_on =
        year.get(4..).is_some_and(|after| after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':'));
    match year.get(..4).filter(|_| !goes_on).and_then(|year| year.parse::<i16>().ok()) {
        Some(number) => Some((Day::Whole(Date::new(number, month, day).ok()?), &year[4..])),
        None => Some((Day::Yearly(month, day), rest)),
    }
}

/// "2", "2nd", "02".
fn day_of_month(text: &str) -> Option<(i8, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let day = text[..end].parse().ok().filter(|day| (1..=31).contains(day) && end <= 2)?;
    let (ending, after) = letters(&text[end..]);
    match ending {
        "st" | "nd" | "rd" | "th" => Some((day, after)),
        // "2pm" is no day.
        "am" | "pm" => None,
        _ if text[end..].starts_with(':') => None,
        _ => Some((day, &text[end..])),
    }
}

fn letters(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len()))
}

fn month(name: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = NAMES
        .iter()
        .position(|month| name == *month || name == &month[..3] || name == "sept" && *month == "september")?;
    i8::try_from(at + 1).ok()
}

fn weekday(name: &str) -> Option<Weekday> {
    const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let fits = |day: &str| name.len() >= 3 && name.len() <= day.len() && day.starts_with(name);
    let at = NAMES.iter().position(|day| fits(day))?;
    Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()
}

/// "3pm", "15:30", "3:05 p.m.", "00:00:00".
fn time_of_day(text: &str) -> Option<(Time, &str)> {
    for (name, hour) in [("midnight", 0), ("noon", 12)] {
        if let Some(rest) = word(text, name) {
            return Some((Time::new(hour, 0, 0, 0).ok()?, rest));
        }
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(text.len());
    let (clock, mut rest) = text.split_at(end);
    let mut parts = clock.split(':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute = parts.next().map_or(Ok(0), str::parse).ok()?;
    let second = parts.next().map_or(Ok(0), str::parse).ok()?;
    // Fractions of a second say nothing.
    if let Some(fraction) = rest.strip_prefix('.').filter(|_| clock.len() > 5) {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let half = [("a.m.", 0), ("p.m.", 12), ("am", 0), ("pm", 12)];
    let said = rest.trim_start();
    let half = half.iter().find_map(|(name, hours)| Some((*hours, word(said, name)?)));
    let hour = match (hour, half) {
        (12, Some((hours, _))) => hours,
        (1..=11, Some((hours, _))) => hour + hours,
        (hour, Some(_)) => hour,
        // A bare number is a date or a count.
        (hour, None) if clock.contains(':') => hour,
        _ => return None,
    };
    Some((Time::new(hour, minute, second, 0).ok()?, half.map_or(rest, |(_, after)| after)))
}

/// A zone beside a time, and what follows; inside, `None`: it is one that is not known.
fn zone_of(text: &str) -> Option<(Option<TimeZone>, &str)> {
    let (inside, is_bracketed) = match text.strip_prefix('(') {
        Some(inside) => (inside, true),
        None => (text, false),
    };
    let end =
        inside.find(|c: char| !c.is_ascii_alphanumeric() && !"/_+-:".contains(c)).unwrap_or(inside.len());
    let name = inside[..end].trim_end_matches(':');
    let rest = &inside[end..];
    let rest = if is_bracketed { rest.trim_start_matches(')') } else { rest };
    let is_place = name.split_once('/').is_some_and(|(area, city)| {
        area.len() > 1 && !city.is_empty() && name.starts_with(|c: char| c.is_ascii_alphabetic())
    });
    if is_place {
        return Some((TimeZone::get(name).ok(), rest));
    }
    if let Some((place, words)) = of_a_country(inside) {
        return Some((TimeZone::get(place).ok(), words));
    }
    Some((Some(fixed(name)?.to_time_zone()), rest))
}

/// "pt", "Pacific time", "Eastern Standard Time": the hour there, summer or winter, and
/// what follows.
fn of_a_country(text: &str) -> Option<(&'static str, &str)> {
    const ZONES: [(&str, &str, &str); 4] = [
        ("pt", "pacific", "America/Los_Angeles"),
        ("mt", "mountain", "America/Denver"),
        ("ct", "central", "America/Chicago"),
        ("et", "eastern", "America/New_York"),
    ];
    let named = |(short, long, place): &(&str, &str, &'static str)| {
        let rest = match word(text, long) {
            Some(rest) => {
                let rest = ["standard", "daylight"].iter().find_map(|kind| word(rest, kind)).unwrap_or(rest);
                word(rest, "time").unwrap_or(rest)
            }
            None => word(text, short)?,
        };
        Some((*place, rest.trim_start_matches(')')))
    };
    ZONES.iter().find_map(named)
}

/// "utc", "z", "gmt+2", "+09:00", "pst".
fn fixed(name: &str) -> Option<Offset> {
    let ahead = ["utc", "gmt"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    if ahead.is_empty() && !name.is_empty() {
        return Some(Offset::UTC);
    }
    if let Some(sign) = ahead.strip_prefix('+').map(|_| 1).or_else(|| ahead.strip_prefix('-').map(|_| -1)) {
        let digits: String = ahead[1..].chars().filter(|c| *c != ':').collect();
        let (hours, minutes) =
            digits.split_at(if digits.len() > 2 { digits.len() - 2 } else { digits.len() });
        let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<i32>().ok()? };
        return Offset::from_seconds(sign * (hours.parse::<i32>().ok()? * 3600 + minutes * 60)).ok();
    }
    let minutes = match name {
        "hst" => -10 * 60,
        "akst" => -9 * 60,
        "pst" | "akdt" => -8 * 60,
        "pdt" | "mst" => -7 * 60,
        "mdt" | "cst" => -6 * 60,
        "cdt" | "est" => -5 * 60,
        "edt" => -4 * 60,
        "brt" => -3 * 60,
        "z" | "wet" => 0,
        "bst" | "cet" | "west" => 60,
        "cest" | "eet" | "sast" => 2 * 60,
        "eest" | "msk" | "eat" => 3 * 60,
        "ist" => 5 * 60 + 30,
        "wib" | "ict" => 7 * 60,
        "sgt" | "hkt" | "pht" | "awst" => 8 * 60,
        "jst" | "kst" => 9 * 60,
        "acst" => 9 * 60 + 30,
        "aest" => 10 * 60,
        "aedt" => 11 * 60,
        "nzst" => 12 * 60,
        "nzdt" => 13 * 60,
        _ => return None,
    };
    Offset::from_seconds(minutes * 60).ok()
}
