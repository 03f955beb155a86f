//! Columns of other tools, worked out from the bytes of the line. Pure.

use super::tool::Unit;

/// The column in characters, from 1, of one that a tool counts from 1 in its own unit.
/// `None`: there is none of that number in the line.
pub(crate) fn of(line: &str, column: u64, unit: Unit) -> Option<usize> {
    let before = usize::try_from(column.checked_sub(1)?).ok()?;
    match unit {
        Unit::Characters => (before <= line.chars().count()).then_some(before + 1),
        Unit::Bytes => line.get(..before).map(|text| text.chars().count() + 1),
        Unit::Unsure => (line.is_ascii() && before <= line.len()).then_some(before + 1),
        Unit::Utf16 => {
            let (mut units, mut characters) = (0, 0);
            for c in line.chars() {
                if units >= before {
                    break;
                }
                units += c.len_utf16();
                characters += 1;
            }
            (units == before).then_some(characters + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `const é = "ü😀"; eval(é)`: where eval begins by each tool's own count, as seen.
    #[test]
    fn a_place_is_the_same_whoever_counts() {
        let line = "const é = \"ü😀\"; eval(é)";
        assert_eq!(of(line, 17, Unit::Characters), Some(17));
        assert_eq!(of(line, 18, Unit::Utf16), Some(17));
        assert_eq!(of(line, 22, Unit::Bytes), Some(17));
        assert_eq!(of(line, 17, Unit::Unsure), None);
        assert_eq!(of("eval(x)", 6, Unit::Unsure), Some(6));
    }

    #[test]
    fn no_column_is_made_up() {
        for unit in [Unit::Characters, Unit::Utf16, Unit::Bytes, Unit::Unsure] {
            assert_eq!(of("ab", 0, unit), None);
            assert_eq!(of("ab", 3, unit), Some(3), "behind the last");
            assert_eq!(of("ab", 4, unit), None);
            assert_eq!(of("ab", u64::MAX, unit), None);
        }
        // Inside of a character.
        assert_eq!(of("😀", 2, Unit::Utf16), None);
        assert_eq!(of("😀", 3, Unit::Bytes), None);
    }
}
