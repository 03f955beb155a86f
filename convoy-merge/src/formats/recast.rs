//! A text rewritten in another markup, and where each stretch of it comes from.

use crate::model::Extraction;

/// What a text was rewritten to.
#[derive(Debug, Default)]
pub(crate) struct Recast {
    pub(crate) out: String,
    /// Positions in `out` and in the source, both ascending.
    marks: Vec<(usize, usize)>,
}

impl Recast {
    /// What is written next comes from here on.
    pub(super) fn mark(&mut self, at: usize) {
        self.marks.push((self.out.len(), at));
    }

    /// Text that needs no rewriting.
    pub(super) fn copy(&mut self, text: &str, base: usize) {
        // A mark for each line: inside of a line both run alike.
        let mut at = base;
        for line in text.split_inclusive('\n') {
            self.mark(at);
            self.out.push_str(line);
            at += line.len();
        }
    }

    /// Appends another, of the same source.
    pub(super) fn join(&mut self, other: Recast) {
        let base = self.out.len();
        self.out.push_str(&other.out);
        self.marks.extend(other.marks.into_iter().map(|(out, at)| (base + out, at)));
    }

    /// Puts text that has no source in front of what stands at a position.
    pub(super) fn insert(&mut self, at: usize, text: &str) {
        self.out.insert_str(at, text);
        for (out, _) in self.marks.iter_mut().rev().take_while(|(out, _)| *out > at) {
            *out += text.len();
        }
    }

    /// The position in the source of a position in what was rewritten.
    fn source(&self, at: usize, text: &str) -> usize {
        let n = self.marks.partition_point(|(out, _)| *out <= at);
        let Some((out, source)) = n.checked_sub(1).map(|n| self.marks[n]) else { return 0 };
        let most = self.marks.get(n).map_or(text.len(), |(_, next)| *next);
        let mut found = (source + (at - out)).min(most).min(text.len());
        while !text.is_char_boundary(found) {
            found -= 1;
        }
        found
    }

    /// Takes what was read back to the source: ranges ascend and stay apart.
    pub(super) fn back(&self, text: &str, read: &mut Extraction) {
        let mut end = 0;
        let ranges: Vec<[usize; 2]> =
            read.members.iter().map(|member| member.byte_range.map(|at| self.source(at, text))).collect();
        for (n, member) in read.members.iter_mut().enumerate() {
            let start = ranges[n][0].max(end);
            let next = ranges.get(n + 1).map_or(text.len(), |range| range[0]);
            end = ranges[n][1].max(start).min(next.max(start));
            member.byte_range = [start, end];
            member.text = text[start..end].to_string();
        }
        let whole = read.members.len();
        read.members.retain(|member| member.byte_range[1] > member.byte_range[0]);
        if read.members.len() < whole {
            super::fault(
                read,
                &format!("{} findings could not be placed in the source", whole - read.members.len()),
            );
        }
    }
}
