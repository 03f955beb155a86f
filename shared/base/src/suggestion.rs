//! "Did you mean …?": the nearest of the known names.

/// The candidate nearest to `wrong`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong: Vec<char> = wrong.to_lowercase().chars().take(64).collect();
    // Among names of one or two letters everything is near everything.
    let limit = if wrong.len() < 3 { 0 } else { wrong.len() / 3 };
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        // One name that begins the other is what people mean by it ("rust" for "rust-review").
        let prefix = wrong.len() >= 3 && letters.starts_with(&wrong);
        if letters.len().abs_diff(wrong.len()) > limit && !prefix {
            continue;
        }
        let distance = if prefix { limit } else { distance(&wrong, &letters) };
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["dependsOn", "report", "require", "retries", "role"];
        for (wrong, want) in [
            ("dependOn", Some("dependsOn")),
            ("dependson", Some("dependsOn")),
            ("depends_on", Some("dependsOn")),
            ("reprot", Some("report")),
            ("rol", Some("role")),
            ("retry", None),
            ("colour", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(wrong, known), want, "{wrong}");
        }
        assert_eq!(nearest("code", ["code-review"]), Some("code-review"));
    }
}
