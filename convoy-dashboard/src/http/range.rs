//! `Range` of a request (RFC 9110, 14): one range of bytes. Pure.

use axum::http::HeaderMap;
use axum::http::header::{HeaderValue, IF_RANGE, InvalidHeaderValue, RANGE};

/// What is asked for of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Whole,
    /// At least one byte.
    Part {
        from: u64,
        length: u64,
    },
    /// A range that lies behind its end.
    Nothing,
}

/// What these headers ask for of a file of `size` bytes. A header that is not
/// understood, that names several ranges, or that is for another version of the
/// file (`If-Range`: none is named here) asks for all of it, as if it were not there.
pub(crate) fn asked(headers: &HeaderMap, size: u64) -> Wanted {
    let range = headers.get(RANGE).filter(|_| !headers.contains_key(IF_RANGE));
    let text = range.and_then(|range| range.to_str().ok());
    text.and_then(|text| read(text, size)).unwrap_or(Wanted::Whole)
}

fn read(text: &str, size: u64) -> Option<Wanted> {
    let (unit, range) = text.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (from, length) = match (number(first), number(last)) {
        // The last so many.
        (None, Some(count)) if first.is_empty() => {
            let length = count.min(size);
            (size - length, length)
        }
        (Some(first), None) if last.is_empty() => (first, size.saturating_sub(first)),
        (Some(first), Some(last)) if first <= last => {
            (first, last.saturating_add(1).min(size).saturating_sub(first))
        }
        _ => return None,
    };
    Some(if length == 0 { Wanted::Nothing } else { Wanted::Part { from, length } })
}

/// Digits alone; more than fit are as good as the most.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// `Content-Range` of an answer with this part.
pub(crate) fn sent(from: u64, length: u64, size: u64) -> Result<HeaderValue, InvalidHeaderValue> {
    HeaderValue::from_str(&format!("bytes {from}-{}/{size}", (from + length).saturating_sub(1)))
}

/// `Content-Range` of the answer that there is no such part.
pub(crate) fn unsatisfied(size: u64) -> Result<HeaderValue, InvalidHeaderValue> {
    HeaderValue::from_str(&format!("bytes */{size}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, size: u64) -> Wanted {
        asked(&HeaderMap::from_iter([(RANGE, text.parse().unwrap())]), size)
    }

    #[test]
    fn one_range_is_a_part_of_what_there_is() {
        let part = |from, length| Wanted::Part { from, length };
        for (text, size, want) in [
            ("bytes=0-", 10, part(0, 10)),
            ("bytes=3-5", 10, part(3, 3)),
            ("bytes=3-3", 10, part(3, 1)),
            ("bytes=3-99999999999999999999999", 10, part(3, 7)),
            ("bytes=9-", 10, part(9, 1)),
            ("bytes=-4", 10, part(6, 4)),
            ("bytes=-400", 10, part(0, 10)),
            ("BYTES= 1-2", 10, part(1, 2)),
            ("bytes=10-", 10, Wanted::Nothing),
            ("bytes=99999999999999999999999-", 10, Wanted::Nothing),
            ("bytes=-0", 10, Wanted::Nothing),
            ("bytes=0-", 0, Wanted::Nothing),
            ("bytes=-5", 0, Wanted::Nothing),
            ("bytes=5-3", 10, Wanted::Whole),
            ("bytes=0-1,4-5", 10, Wanted::Whole),
            ("lines=0-1", 10, Wanted::Whole),
            ("bytes=a-b", 10, Wanted::Whole),
            ("bytes=+1-2", 10, Wanted::Whole),
            ("bytes=-", 10, Wanted::Whole),
            ("bytes", 10, Wanted::Whole),
        ] {
            assert_eq!(of(text, size), want, "{text} of {size}");
        }
        assert_eq!(asked(&HeaderMap::new(), 10), Wanted::Whole);
        let other = [(RANGE, "bytes=0-1".parse().unwrap()), (IF_RANGE, "\"x\"".parse().unwrap())];
        assert_eq!(asked(&HeaderMap::from_iter(other), 10), Wanted::Whole, "of another version");
    }
}
