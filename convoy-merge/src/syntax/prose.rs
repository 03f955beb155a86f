//! Prose: its sentences, and who says them in a chat.

use std::ops::Range;

/// Longer names, in characters, are sentences.
const NAME: usize = 24;

/// The sentences of a text: at full stops before a space, at line ends between blocks.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        let rest = &text[start..];
        let end = rest
            .char_indices()
            .find(|(n, c)| match c {
                '。' | '！' | '!' | ';' | '；' => true,
                '.' | '?' => rest[n + 1..].chars().next().is_none_or(char::is_whitespace),
                '\n' => {
                    rest[n + 1..]
                        .trim_start_matches([' ', '\t', '>'])
                        .starts_with(['\n', '\r', '-', '*', '+', '#', '|', '<'])
                        || rest[..*n].trim_start().starts_with(['#', '|', '-', '*', '+'])
                }
                _ => false,
            })
            .map_or(rest.len(), |(n, c)| n + c.len_utf8());
        at = start + end;
        Some(start..at)
    })
}

/// How long the time and name in front of a line of a chat are: `[10:02] ana: `,
/// `10:02 <ana> `, `ana (10:02): `; 0: it has none.
pub(crate) fn speaker(line: &str) -> usize {
    let open = dated(line.trim_start());
    let (clock, rest) = match time(open) {
        Some(len) => (true, open[len..].trim_start_matches([',', ' '])),
        None => (false, open),
    };
    if let Some(inside) = rest.strip_prefix('<').filter(|inside| !inside.starts_with('/')) {
        let end = inside.find('>').filter(|end| *end <= NAME && !inside[..*end].contains(['=', '/', '"']));
        return end.filter(|_| clock).map_or(0, |end| line.len() - inside[end + 1..].trim_start().len());
    }
    let colon =
        rest.char_indices().find(|(at, c)| *c == '：' || *c == ':' && rest[at + 1..].starts_with(' '));
    let Some((colon, _)) = colon else { return 0 };
    let (name, after) = rest.split_at(colon);
    let timed =
        name.trim_end().ends_with(')') && name.rfind('(').is_some_and(|at| time(&name[at + 1..]).is_some());
    // Without brackets a time may be any number: then one word is a name.
    let most = if open.starts_with('[') || timed { 3 } else { 1 };
    let short = name.chars().count() <= NAME
        && name.split_whitespace().count() <= most
        && !name.contains(['`', '*', '/', '.']);
    let text = &after[after.chars().next().map_or(0, char::len_utf8)..];
    let spaced = after.starts_with('：') || text.starts_with(' ');
    if (clock || timed) && short && spaced { line.len() - text.trim_start().len() } else { 0 }
}

/// Is it lines of a chat?
pub(crate) fn is_chat(source: &str) -> bool {
    source.lines().filter(|line| speaker(line) > 0).count() >= 2
}

/// What stands behind a day in front of a time: `Mi 14:11`, `12.03. 14:11`, `2026-03-01, 14:11`.
fn dated(line: &str) -> &str {
    let end = line.find([' ', ',']).unwrap_or(line.len());
    let word = line[..end].trim_end_matches('.');
    let day = (2..=3).contains(&word.chars().count()) && word.chars().all(char::is_alphabetic);
    let date = word.len() >= 5
        && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '/'))
        && word.matches(['.', '-', '/']).count() >= 1;
    let rest = line[end..].trim_start_matches([',', ' ']);
    if (day || date) && time(rest).is_some() { rest } else { line }
}

/// How long the time is that a line of a transcript begins with: `[00:17] and then …`; 0: none,
/// or somebody's name follows.
fn transcript_time(line: &str) -> usize {
    let bracketed = line.starts_with('[') && speaker(line) == 0;
    time(line).filter(|_| bracketed).map_or(0, |len| line.len() - line[len..].trim_start().len())
}

/// A line that is nothing but who speaks and when: `nimue — Today at 20:15`, `Ana, 10:02`.
fn is_stamp(line: &str) -> bool {
    let bare = line.trim().trim_end_matches("AM").trim_end_matches("PM").trim_end();
    let Some((front, clock)) = bare.rsplit_once([' ', '\u{a0}']) else { return false };
    let parts: Vec<&str> = clock.split(':').collect();
    let timed = (2..=3).contains(&parts.len())
        && parts.iter().all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    let name = front.split(['—', '–', ',', '|', '•', '·']).next().unwrap_or(front).trim();
    timed
        && line.len() <= 80
        && name.len() < front.trim_end().len()
        && (1..=NAME).contains(&name.chars().count())
        && name.split_whitespace().count() <= 3
        && name.starts_with(char::is_alphabetic)
        && !name.contains(['`', '*', '/', ':'])
}

/// `[10:02]`, `10:02:31`: how long it is.
fn time(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('[').unwrap_or(text);
    // `[오후 2:03]`
    let half = ["오전 ", "오후 ", "上午 ", "下午 ", "午前 ", "午後 ", "AM ", "PM "];
    let inside = half.iter().find_map(|half| inside.strip_prefix(half)).unwrap_or(inside);
    let end = inside.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(inside.len());
    let parts: Vec<&str> = inside[..end].split(':').collect();
    let clock = (2..=3).contains(&parts.len()) && parts.iter().all(|part| (1..=2).contains(&part.len()));
    let behind = inside[end..].chars().next();
    let closes = inside.len() < text.len();
    let ends =
        if closes { behind == Some(']') } else { behind.is_some_and(|c| matches!(c, ' ' | ')' | ',')) };
    (clock && ends).then_some(text.len() - inside.len() + end + usize::from(closes))
}

/// `Ana: hello`, `<ana> hello`, `Ana  10:02 AM` by itself: a name, and how long it is with
/// what follows it. Whether it is one is seen by how often it stands there.
fn called(line: &str) -> Option<(&str, usize)> {
    let open = line.trim_start();
    let text = |rest: &str| line.len() - rest.trim_start().len();
    let short = |name: &str| {
        (2..=NAME).contains(&name.chars().count())
            && name.split_whitespace().count() <= 2
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.'))
            && name.starts_with(char::is_alphabetic)
    };
    if let Some((name, rest)) = open.strip_prefix('<').and_then(|inside| split_at_mark(inside, "> ")) {
        return short(name).then(|| (name, text(rest)));
    }
    let blanks = open.as_bytes().windows(2).position(|pair| pair == b"  ");
    if let Some((name, rest)) = blanks.map(|at| (&open[..at], &open[at + 2..]))
        && time(rest.trim().trim_end_matches("AM").trim_end_matches("PM")).is_some()
        && rest.trim().len() <= 10
    {
        return short(name).then_some((name, line.len()));
    }
    let (name, rest) = split_at_mark(open, ": ")?;
    short(name).then(|| (name, text(rest)))
}

/// What stands before and behind the first such mark.
fn split_at_mark<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    crate::text::find(text, mark).map(|at| (&text[..at], &text[at + mark.len()..]))
}

/// Who speaks in a text: at least two, one of them more than once, and nobody that is the
/// label of a field or a severity.
fn names(source: &str) -> Vec<&str> {
    let mut all: Vec<&str> = source.lines().filter_map(|line| called(line).map(|(name, _)| name)).collect();
    let whole = source.lines().filter(|line| !line.trim().is_empty()).count();
    let many = all.len() * 2 >= whole;
    all.sort_unstable();
    let count = all.len();
    all.dedup();
    let label =
        |name: &&str| super::fields::label_of(name).is_some() || crate::severity::exact(name).is_some();
    if all.len() < 2 || count <= all.len() || !many || all.iter().any(label) { Vec::new() } else { all }
}

/// What is said in a paragraph: sentence by sentence, without the names of who says it.
/// `true`: it is the first of what one says.
pub(crate) fn said(source: &str) -> Vec<(Range<usize>, bool)> {
    // What stands below the line of who speaks.
    if let Some((first, rest)) = source.split_once('\n').filter(|(first, _)| is_stamp(first)) {
        let skip = first.len() + 1;
        let mut out: Vec<(Range<usize>, bool)> = said(rest)
            .into_iter()
            .map(|(range, first)| (range.start + skip..range.end + skip, first))
            .collect();
        if let Some(first) = out.first_mut() {
            first.1 = true;
        }
        return out;
    }
    // Lines of a transcript begin with times, and one person speaks.
    if source.lines().filter(|line| transcript_time(line) > 0).count() >= 3 {
        let mut out = Vec::new();
        let mut at = 0;
        for line in source.split_inclusive('\n') {
            let skip = transcript_time(line);
            if !line[skip..].trim().is_empty() {
                out.push((at + skip..at + line.len(), false));
            }
            at += line.len();
        }
        return out;
    }
    let names = names(source);
    let skipped = |line: &str| {
        speaker(line).max(called(line).filter(|(name, _)| names.contains(name)).map_or(0, |(_, skip)| skip))
    };
    if source.lines().filter(|line| skipped(line) > 0).count() < 2 {
        let mut out: Vec<(Range<usize>, bool)> = Vec::new();
        for range in sentences(source).flat_map(|range| numbered(source, range)) {
            // "It waits. (`a.rs:3`)", "It waits. [high]": that belongs to what it follows.
            let mut from = range.start;
            if let Some((last, _)) = out.last_mut() {
                last.end += tag_behind(&source[last.clone()], &source[range.clone()]);
                from = last.end;
            }
            if from < range.end {
                out.push((from..range.end, false));
            }
        }
        return out;
    }
    let mut out = Vec::new();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let skip = skipped(line);
        let said = &line[skip..];
        for (n, range) in sentences(said).enumerate() {
            out.push((at + skip + range.start..at + skip + range.end, n == 0));
        }
        at += line.len();
    }
    out
}

/// How much of a sentence, in bytes, belongs to the one before it: a word or place in round brackets that is all
/// of it, or what stands in square ones up to the end of its line.
fn tag_behind(before: &str, said: &str) -> usize {
    let whole = said.trim().trim_end_matches(['.', '*', '_']);
    let inside = whole.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    if inside.is_some_and(|inside| !inside.trim_matches('`').contains([' ', '('])) {
        return said.len();
    }
    let line = said.split_inclusive('\n').next().unwrap_or_default();
    let square = line.trim().trim_end_matches('.').strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let ends = square.is_some_and(|inside| !inside.contains(']')) && !before.ends_with('\n');
    if ends { line.len() } else { 0 }
}

/// A sentence, cut where a line begins with a number in brackets: `(2) …`.
fn numbered(source: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let begins = |at: &usize| {
        let inside =
            source[*at..range.end].trim_start().strip_prefix('(').and_then(|rest| rest.split_once(") "));
        inside.is_some_and(|(number, _)| {
            (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
        })
    };
    let lines = source[range.clone()].match_indices('\n').map(|(n, _)| range.start + n + 1);
    let cuts: Vec<usize> = lines.filter(begins).collect();
    let starts = std::iter::once(range.start).chain(cuts.iter().copied());
    starts.zip(cuts.iter().copied().chain([range.end])).map(|(from, to)| from..to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_chats_begin_with_who_says_them() {
        for (line, text) in [
            ("[10:02] petra: ok, read it", "ok, read it"),
            ("10:02 <ana> hello", "hello"),
            ("ana (10:02): hello", "hello"),
            ("[10:31] 老周：看完了", "看完了"),
            ("Mi 14:11 Wiebke: hab ihn durch", "hab ihn durch"),
            ("12.03. 14:11 Wiebke: hab ihn durch", "hab ihn durch"),
            ("2026-03-12, 14:11 wiebke: done", "done"),
            ("오후 2:12, 서연 : 다 읽었어요", "다 읽었어요"),
        ] {
            assert_eq!(&line[speaker(line)..], text, "{line}");
        }
        for line in
            ["a.rs:10: the lock", "12:30 is late: no", "High: the lock", "[1/3] a.rs: fine", "<b>10:02</b>"]
        {
            assert_eq!(speaker(line), 0, "{line}");
        }
    }
}
