//! Times as people write them: `90s`, `20m`, `2h`, `30d`; an integer in a file
//! is milliseconds, on a command line a unit is required.

/// Longest time that is taken; longer ones are a mistake.
const MAX_MS: u64 = 10 * 365 * 86_400_000;

/// Why a text is not a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTime {
    #[error("'{0}' is not a time: write it like 90s, 20m, 2h or 30d")]
    Form(String),
    #[error("'{0}' has no unit: write {0}s, {0}m, {0}h or {0}d")]
    Unit(String),
    #[error("a time of 0 makes no sense here")]
    Zero,
    #[error("'{0}' is longer than ten years")]
    TooLong(String),
}

/// Reads `90s`, `1500ms`, `20m`, `2h`, `30d` into milliseconds; never 0.
pub fn parse(text: &str) -> Result<u64, BadTime> {
    let form = || BadTime::Form(crate::text::visible(text));
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(form());
    }
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "" => return Err(BadTime::Unit(number.to_owned())),
        _ => return Err(form()),
    };
    let too_long = || BadTime::TooLong(text.to_owned());
    let number: u64 = number.parse().map_err(|_| too_long())?;
    bounded(number.checked_mul(factor).ok_or_else(too_long)?)
}

/// Checks a number of milliseconds.
pub fn bounded(ms: u64) -> Result<u64, BadTime> {
    match ms {
        0 => Err(BadTime::Zero),
        1..=MAX_MS => Ok(ms),
        _ => Err(BadTime::TooLong(format!("{ms} ms"))),
    }
}

/// Milliseconds for people: the largest unit that needs no fraction (`30m`, `90s`).
pub fn shown(ms: u64) -> String {
    for (factor, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")] {
        if ms >= factor && ms.is_multiple_of(factor) {
            return format!("{}{unit}", ms / factor);
        }
    }
    format!("{ms}ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        for (text, want) in
            [("90s", 90_000), ("1500ms", 1500), ("20m", 1_200_000), ("2h", 7_200_000), ("30d", 2_592_000_000)]
        {
            assert_eq!(parse(text), Ok(want), "{text}");
        }
        for text in [
            "",
            "s",
            "90",
            "-1s",
            "1.5h",
            "90 s",
            "1w",
            "90S",
            "0s",
            "99999999999999999999d",
            "4000d",
            "1h30m",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("90"), Err(BadTime::Unit("90".to_owned())));
    }

    #[test]
    fn times_are_shown_in_their_largest_whole_unit() {
        for (ms, want) in
            [(90_000, "90s"), (1_800_000, "30m"), (7_200_000, "2h"), (1500, "1500ms"), (86_400_000, "1d")]
        {
            assert_eq!(shown(ms), want);
        }
    }
}
