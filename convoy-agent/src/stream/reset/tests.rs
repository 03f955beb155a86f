use super::*;

/// At noon of a Sunday in London.
fn end(said: &str, zone: &str) -> Option<String> {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    reset_in(said, &now.to_zoned_datetime(zone_named(Some(OsStr::new(zone))))).map(|at| at.to_string())
}

#[test]
fn ends_of_limits_are_understood() {
    for (said, want) in [
        ("Please retry in 37.5s.", "2026-11-22T12:00:37.5Z"),
        ("Rate limited, retry-after: 3600", "2026-11-22T13:00:00Z"),
        ("Retry-After 30 seconds", "2026-11-22T12:00:30Z"),
        ("You've hit your usage limit. Try again in 3 days 4 hours 5 minutes.", "2026-11-25T16:05:00Z"),
        ("try again in 2h 5m", "2026-11-22T14:05:00Z"),
        ("please try again in about an hour", "2026-11-22T13:00:00Z"),
        ("Your quota will reset after 1h2m3s.", "2026-11-22T13:02:03Z"),
        ("weekly limit, available again in 1 week", "2026-11-29T12:00:00Z"),
        ("Claude AI usage limit reached|1795356000", "2026-11-22T14:00:00Z"),
        (r#"{"type":"usage_limit_reached","resets_at":1795356000}"#, "2026-11-22T14:00:00Z"),
        ("resetsAt: 1795356000000", "2026-11-22T14:00:00Z"),
        ("You've hit your limit · resets 3pm (Europe/Berlin)", "2026-11-22T14:00:00Z"),
        ("You've hit your session limit · resets 6:31pm (Asia/Tokyo)", "2026-11-23T09:31:00Z"),
        ("session limit · resets 12:29am (Asia/Tokyo)", "2026-11-22T15:29:00Z"),
        ("You've hit your weekly limit · resets Dec 2, 3pm (America/New_York)", "2026-12-02T20:00:00Z"),
        ("weekly limit reached. Resets Dec 2 at 3:30 PM (UTC)", "2026-12-02T15:30:00Z"),
        ("resets 2 December at 15:00 (Pacific/Auckland)", "2026-12-02T02:00:00Z"),
        ("You're out of extra usage · resets 10am (America/Argentina/Buenos_Aires)", "2026-11-22T13:00:00Z"),
        ("You will regain access on 2026-12-01 at 00:00 UTC.", "2026-12-01T00:00:00Z"),
        ("regain access on Nov 30, 2026 at 12:00 AM PST", "2026-11-30T08:00:00Z"),
        ("try again at Dec 2nd, 2026 8:26 AM.", "2026-12-02T08:26:00Z"),
        ("Access resets at 12:30 AM PST.", "2026-11-23T08:30:00Z"),
        ("limit resets 2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        ("resets at 2026-12-01 09:00:00.123+09:00", "2026-12-01T00:00:00Z"),
        ("resets 3 p.m. GMT+2", "2026-11-22T13:00:00Z"),
        ("resets tomorrow at 9am", "2026-11-23T09:00:00Z"),
        ("resets Thursday 10:00 AM", "2026-11-26T10:00:00Z"),
        ("Resets Sun 11:00", "2026-11-29T11:00:00Z"),
        ("resets on Dec 1", "2026-12-01T00:00:00Z"),
        ("limit reached, resets at 09:30", "2026-11-23T09:30:00Z"),
        ("try again at 12:00 PM", "2026-11-22T12:02:00Z"),
        ("resets 12am", "2026-11-23T00:00:00Z"),
        ("Try again later. Resets 1:05 PM", "2026-11-22T13:05:00Z"),
        ("resets 3pm (in 3 hours)", "2026-11-22T15:00:00Z"),
        ("resets Mon, Nov 30 at 3pm (Europe/Paris)", "2026-11-30T14:00:00Z"),
        ("Resets Monday 30 November, 15:30 UTC", "2026-11-30T15:30:00Z"),
        ("Resets Sun, 2026-11-29 09:00 (Asia/Calcutta)", "2026-11-29T03:30:00Z"),
        ("limit resets at midnight (America/Los_Angeles)", "2026-11-23T08:00:00Z"),
        ("Your quota resets at midnight Pacific Time.", "2026-11-23T08:00:00Z"),
        ("resets tomorrow at noon ET", "2026-11-23T17:00:00Z"),
        ("try again at 9:15 PM (Eastern Standard Time)", "2026-11-23T02:15:00Z"),
        ("resets next Monday at 9am AEDT", "2026-11-22T22:00:00Z"),
        ("resets 7:30pm SGT", "2026-11-23T11:30:00Z"),
        ("resets 11 p.m. NZDT", "2026-11-23T10:00:00Z"),
        ("You will regain access on the 1st of December at 00:00 UTC", "2026-12-01T00:00:00Z"),
    ] {
        assert_eq!(end(said, "UTC").as_deref(), Some(want), "{said}");
    }
}

#[test]
fn what_names_no_zone_is_the_users() {
    for (said, zone, want) in [
        ("resets 3pm", "America/New_York", "2026-11-22T20:00:00Z"),
        ("resets 3pm", ":America/New_York", "2026-11-22T20:00:00Z"),
        ("resets 3pm", "EST5EDT,M3.2.0,M11.1.0", "2026-11-22T20:00:00Z"),
        ("resets 8am", "Asia/Kolkata", "2026-11-23T02:30:00Z"),
        ("resets Dec 2, 3pm", "Asia/Tokyo", "2026-12-02T06:00:00Z"),
        ("resets 3pm (UTC)", "America/New_York", "2026-11-22T15:00:00Z"),
    ] {
        assert_eq!(end(said, zone).as_deref(), Some(want), "{said} {zone}");
    }
}

#[test]
fn what_is_no_end_is_none() {
    for said in [
        "usage limit reached|12",
        "resets 25pm",
        "resets 3 times",
        "resets 3pm (Atlantis/Poseidonis)",
        "resets Feb 31",
        "resets 2027-12-01",
        "resets 2026-11-01 10:00",
        "too many requests",
        "try again in a while",
        "try again in 5",
        "in the preset 3pm",
        "retrying, again and again",
        "until further notice",
        "",
    ] {
        assert_eq!(end(said, "UTC"), None, "{said}");
    }
}

#[test]
fn a_year_ends() {
    let now: Timestamp = "2026-12-30T12:00:00Z".parse().unwrap();
    let at = reset_in("resets Jan 3, 9am", &now.to_zoned_datetime(TimeZone::UTC)).unwrap();
    assert_eq!(at.to_string(), "2027-01-03T09:00:00Z");
}
