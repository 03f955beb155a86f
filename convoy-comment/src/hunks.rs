//! The hunks of a change: on which lines a comment can be put. Pure.

use std::collections::BTreeMap;

/// Lines of a file after the change that a diff shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hunk {
    pub(crate) from: u32,
    /// The last one, included.
    pub(crate) to: u32,
    /// The lines that were there before, by number, and what that was.
    pub(crate) before: BTreeMap<u32, u32>,
}

/// One file of the change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// Its name before the change.
    pub(crate) old_path: String,
    pub(crate) hunks: Vec<Hunk>,
}

/// All files of a change, by their path after it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hunks(BTreeMap<String, Changed>);

/// Where a comment on some lines goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// All of the lines, and not only those that the diff shows.
    pub(crate) whole: bool,
}

impl Hunks {
    /// Adds a file with its part of the diff, without the lines in front of the first
    /// hunk. What is not understood ends it: no comment is put there.
    pub(crate) fn add(&mut self, path: &str, old_path: &str, diff: &str) {
        self.0.insert(path.to_owned(), Changed { old_path: old_path.to_owned(), hunks: read(diff) });
    }

    pub(crate) fn file(&self, path: &str) -> Option<&Changed> {
        self.0.get(path)
    }

    /// Where a comment on these lines can be put; `None`: the diff shows none of them.
    pub(crate) fn spot(&self, path: &str, first: u32, last: u32) -> Option<Spot> {
        let last = last.max(first);
        let hunks = &self.0.get(path)?.hunks;
        let hunk = hunks.iter().find(|hunk| hunk.from <= last && first <= hunk.to)?;
        let (from, to) = (first.max(hunk.from), last.min(hunk.to));
        Some(Spot { from, to, whole: (from, to) == (first, last) })
    }
}

fn read(diff: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut old, mut new) = (0, 0);
    for line in diff.lines() {
        if let Some(head) = line.strip_prefix("@@ -") {
            let Some((old_from, new_from, count)) = head_of(head) else { break };
            (old, new) = (old_from, new_from);
            // Where nothing is left the number is that of the line in front.
            let to = (new_from + count).saturating_sub(1);
            hunks.push(Hunk { from: new_from, to, before: BTreeMap::new() });
            continue;
        }
        let Some(hunk) = hunks.last_mut() else { continue };
        match line.as_bytes().first() {
            Some(b'+') => new += 1,
            Some(b'-') => old += 1,
            Some(b'\\') => {}
            _ => {
                hunk.before.insert(new, old);
                old += 1;
                new += 1;
            }
        }
    }
    hunks.retain(|hunk| hunk.from <= hunk.to && hunk.from > 0);
    hunks
}

/// `1,2 +3,4 @@ …`: from which line before the change, and from which after it, how many.
fn head_of(head: &str) -> Option<(u32, u32, u32)> {
    let (old, rest) = head.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let span = |text: &str| -> Option<(u32, u32)> {
        let (from, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((from.parse().ok()?, count.parse().ok()?))
    };
    let ((old, _), (from, count)) = (span(old)?, span(new)?);
    from.checked_add(count)?;
    Some((old, from, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_a_diff_shows_can_be_commented() {
        let mut hunks = Hunks::default();
        hunks.add(
            "a.ts",
            "a.ts",
            "@@ -1,3 +1,4 @@ f\n a\n+b\n c\n d\n@@ -20,2 +21,2 @@\n-x\n+@@ -1 +1 @@\n y\n",
        );
        let spot = |first, last| hunks.spot("a.ts", first, last).map(|spot| (spot.from, spot.to, spot.whole));
        assert_eq!(spot(2, 2), Some((2, 2, true)));
        assert_eq!(spot(1, 4), Some((1, 4, true)));
        assert_eq!(spot(3, 9), Some((3, 4, false)));
        assert_eq!(spot(22, 20), Some((22, 22, true)));
        assert_eq!((spot(5, 20), spot(23, 23), hunks.spot("b.ts", 1, 1)), (None, None, None));
        let file = hunks.file("a.ts").unwrap();
        assert_eq!(file.hunks[0].before, BTreeMap::from([(1, 1), (3, 2), (4, 3)]));
        assert_eq!(file.hunks[1].before, BTreeMap::from([(22, 21)]));
    }

    #[test]
    fn a_file_of_which_nothing_is_left_has_no_lines() {
        let mut hunks = Hunks::default();
        hunks.add("a", "a", "@@ -1,2 +0,0 @@\n-a\n-b\n");
        hunks.add("b", "b", "@@ -1,x +1 @@\n+a\n");
        hunks.add("c", "c", "");
        assert_eq!(["a", "b", "c"].map(|path| hunks.spot(path, 1, 9)), [None; 3]);
        hunks.add("d", "d", "@@ -5,2 +4,0 @@\n-a\n-b\n");
        assert_eq!(hunks.spot("d", 4, 4), None);
    }
}
