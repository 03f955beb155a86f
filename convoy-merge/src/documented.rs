//! The place of the documented format, `### 1. [path:4-9] Title`: whatever stands
//! between the brackets is the path, blanks, quotes, commas and brackets as well.

use crate::model::{Location, Member};

/// Takes the place of the heading as it is written, where words around it could have
/// been taken for less or more than it.
pub(crate) fn take_place_as_written(member: &mut Member) {
    // Of a report of ours they are known already.
    if member.locations.first().is_some_and(|place| place.exact) {
        return;
    }
    let Some((file, lines)) = member.text.lines().next().and_then(place) else { return };
    let Some(first) = member.locations.first_mut() else {
        member.locations.push(location(file, lines));
        return;
    };
    // A plain name may be a short one, which others complete.
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '@' | '+');
    if first.file == file || file.chars().all(is_plain) {
        return;
    }
    let written = location(file, lines);
    // What was made of parts of it are no further places.
    member.locations.retain(|place| !file.contains(&place.file));
    member.locations.insert(0, written);
}

fn location(file: &str, (from, to): (u32, u32)) -> Location {
    Location { line_start: Some(from), line_end: Some(to.max(from)), exact: true, ..Location::file(file) }
}

/// Path and lines between the brackets of a heading.
fn place(heading: &str) -> Option<(&str, (u32, u32))> {
    let rest = heading.strip_prefix("### ")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let inner = rest[digits..].strip_prefix(". [").filter(|_| digits > 0)?;
    // The bracket that ends the place stands behind its lines; a path has brackets too.
    inner.match_indices("] ").find_map(|(at, _)| lined(&inner[..at]))
}

fn lined(text: &str) -> Option<(&str, (u32, u32))> {
    let (file, lines) = text.rsplit_once(':')?;
    let (from, to) = lines.split_once('-').unwrap_or((lines, lines));
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
    (!file.is_empty()).then_some((file, (number(from)?, number(to)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_the_brackets_is_the_place() {
        for (heading, want) in [
            ("### 1. [old api/a.ts:1] SQL is built", Some(("old api/a.ts", 1, 1))),
            ("### 12. [src/app/[id]/page.tsx:3-9] It is slow", Some(("src/app/[id]/page.tsx", 3, 9))),
            ("### 1. [it's, \"x\"#2.ts:7] Words [more] here", Some(("it's, \"x\"#2.ts", 7, 7))),
            ("### 1. [C:/a.ts:7] Words", Some(("C:/a.ts", 7, 7))),
            ("### 1. [a:3.ts:7] Words", Some(("a:3.ts", 7, 7))),
            ("### 1. [HIGH] Words in a.ts:4", None),
            ("### [a.ts:1] Words", None),
            ("## 1. [a.ts:1] Words", None),
            ("### 1. [a.ts:0] Words", None),
        ] {
            assert_eq!(place(heading), want.map(|(file, from, to)| (file, (from, to))), "{heading}");
        }
    }

    #[test]
    fn a_part_of_the_path_is_no_place() {
        let mut member = Member {
            text: "### 1. [old api/a.ts:1] SQL is built in b.ts\n".to_string(),
            locations: vec![Location::file("api/a.ts"), Location::file("b.ts")],
            ..Member::default()
        };
        take_place_as_written(&mut member);
        let files: Vec<&str> = member.locations.iter().map(|place| place.file.as_str()).collect();
        assert_eq!(files, ["old api/a.ts", "b.ts"]);
    }
}
