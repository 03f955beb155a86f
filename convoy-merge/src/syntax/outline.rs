//! Sections: headings with all that stands below them. A paragraph that is only
//! bold, a `<summary>` line and the like are headings too, below all real ones.

use std::ops::Range;

use super::fields;
use super::tree::{Block, Kind};
use crate::severity;
use crate::vocabulary::{Class, Label};

/// Below real headings stand the summaries of `<details>`, by nesting, and below
/// those the bold lines.
const SUMMARY: u8 = 6;
const PSEUDO: u8 = 20;

#[derive(Debug, Default)]
pub(crate) struct Section<'a> {
    /// 0 the document, 1–6 headings, then `<summary>` lines, then bold lines.
    pub(crate) level: u8,
    pub(crate) title: &'a str,
    pub(crate) heading: Range<usize>,
    pub(crate) range: Range<usize>,
    pub(crate) blocks: Vec<&'a Block>,
    pub(crate) children: Vec<Section<'a>>,
    /// The severity that a line of its own, right above the heading, gives it.
    pub(crate) rated: Option<severity::Rated>,
    /// The place that a line of its own, right above the heading, names.
    pub(crate) place: Option<Range<usize>>,
}

impl Section<'_> {
    /// Where the text below the heading begins.
    pub(crate) fn body_start(&self) -> usize {
        self.heading.end
    }

    /// Is it a `<details>` with its summary as the title?
    pub(crate) fn is_folded(&self) -> bool {
        self.level > SUMMARY && self.level < PSEUDO
    }

    /// Is its title a bold line?
    pub(crate) fn is_bold(&self) -> bool {
        self.level >= PSEUDO
    }

    /// Where the section's own text ends and its first subsection begins.
    pub(crate) fn own_end(&self) -> usize {
        self.children.first().map_or(self.range.end, |child| child.range.start)
    }
}

/// Builds the sections of a text from its blocks.
pub(crate) fn build<'a>(text: &'a str, blocks: &'a [Block]) -> Section<'a> {
    let mut flat: Vec<&'a Block> = Vec::new();
    flatten(blocks, &mut flat, 0);
    let mut open: Vec<Section<'a>> = vec![Section { range: 0..text.len(), ..Section::default() }];
    let mut details = 0usize;
    let lead = places_lead(text, &flat);
    for block in flat {
        if block.kind == Kind::Html {
            details = follow_details(&text[block.range.clone()], details, &mut open, block.range.start);
        }
        let heading = heading_of(text, block, details)
            .filter(|(level, title, _)| *level < PSEUDO || !rates_heading(open.last(), title));
        match heading {
            Some((level, title, heading)) => {
                let above = open.last().and_then(|section| section.blocks.last());
                let rated = above
                    .filter(|above| level >= PSEUDO && above.kind == Kind::Para)
                    .and_then(|above| fields::rated_alone(&text[above.range.clone()]));
                let place =
                    open.last_mut().filter(|_| level >= PSEUDO).and_then(|s| place_above(text, s, lead));
                let start = place.as_ref().map_or(block.range.start, |place| place.start);
                close_to(&mut open, level, start);
                open.push(Section {
                    level,
                    title,
                    heading,
                    range: start..text.len(),
                    blocks: Vec::new(),
                    children: Vec::new(),
                    rated,
                    place,
                });
            }
            None => {
                if let Some(section) = open.last_mut() {
                    section.blocks.push(block);
                }
            }
        }
    }
    close_to(&mut open, 1, text.len());
    open.pop().unwrap_or_default()
}

/// A paragraph that is only a place with its line, at the beginning of a section, behind a
/// rule or wherever places `lead`: it belongs to the bold title below it.
fn place_above(text: &str, section: &mut Section<'_>, lead: bool) -> Option<Range<usize>> {
    let last = section.blocks.last().filter(|block| block.kind == Kind::Para)?;
    let before = section.blocks.len().checked_sub(2).map(|at| &section.blocks[at].kind);
    let opens = before.is_none_or(|kind| *kind == Kind::Rule) && section.children.is_empty();
    let source = text[last.range.clone()].trim();
    let tagged = tagged_lines(source) || tagged_place(source);
    let whole = || (opens || lead) && only_place(source);
    let range = (source.len() < 240 && (tagged || whole())).then(|| last.range.clone())?;
    section.blocks.pop();
    Some(range)
}

/// Do places stand above the titles that they are of? Several do, and none stands behind the last.
fn places_lead(text: &str, flat: &[&Block]) -> bool {
    let place = |block: &Block| block.kind == Kind::Para && only_place(text[block.range.clone()].trim());
    let titled = |n: usize| {
        flat.get(n).is_some_and(|block| block.kind == Kind::Para && pseudo_heading(text, block).is_some())
    };
    let all: Vec<usize> = (0..flat.len()).filter(|n| place(flat[*n])).collect();
    all.len() > 1 && all.iter().all(|n| titled(n + 1))
}

/// Is a paragraph nothing but a place with its line?
fn only_place(source: &str) -> bool {
    if source.len() > 240 || source.contains('\n') {
        return false;
    }
    let found = crate::locate::find(source, crate::locate::Trust::Prose);
    matches!(found[..], [ref only] if only.place.line_start.is_some()
        && !source[..only.start].contains(char::is_alphanumeric)
        && !source[only.end..].contains(char::is_alphanumeric))
}

/// `` `88-91`: _⚠️ Potential issue_ | _🟠 Major_ ``: lines, and tags in italics.
fn tagged_lines(source: &str) -> bool {
    let Some((lines, tags)) = source.strip_prefix('`').and_then(|rest| rest.split_once("`:")) else {
        return false;
    };
    !crate::locate::bare_lines(lines).is_empty() && tags.split('|').all(is_italic)
}

/// A place, and below it tags in italics.
fn tagged_place(source: &str) -> bool {
    source
        .split_once('\n')
        .is_some_and(|(place, tags)| only_place(place.trim()) && tags.split('|').all(is_italic))
}

fn is_italic(part: &str) -> bool {
    let part = part.trim();
    part.len() > 2 && part.starts_with('_') && part.ends_with('_') && !part.contains('\n')
}

/// Does a bold line that is only a severity rate the heading it follows, rather than
/// open a group? It does if the heading names no group itself.
fn rates_heading(above: Option<&Section<'_>>, title: &str) -> bool {
    above.is_some_and(|section| {
        (2..=6).contains(&section.level)
            && section.blocks.iter().all(|block| block.kind == Kind::Html)
            && section.children.is_empty()
            && fields::rated_alone(title).is_some()
            && crate::titles::section(section.title).is_none()
            && severity::of_section(section.title).is_none()
    })
}

/// Quotes are looked through; a review is often quoted as a whole.
fn flatten<'a>(blocks: &'a [Block], out: &mut Vec<&'a Block>, depth: usize) {
    for block in blocks {
        if block.kind == Kind::Quote && depth < 8 {
            flatten(&block.children, out, depth + 1);
        } else {
            out.push(block);
        }
    }
}

fn close_to(open: &mut Vec<Section<'_>>, level: u8, end: usize) {
    while open.len() > 1 && open.last().is_some_and(|section| section.level >= level) {
        let Some(mut section) = open.pop() else {
            return;
        };
        section.range.end = end;
        if let Some(parent) = open.last_mut() {
            parent.children.push(section);
        }
    }
}

/// Counts open `<details>`; the sections of closed ones end.
fn follow_details(html: &str, depth: usize, open: &mut Vec<Section<'_>>, at: usize) -> usize {
    let mut depth = depth;
    let mut least = depth;
    for piece in html.split('<').skip(1) {
        if piece.starts_with("details") {
            depth += 1;
        } else if piece.starts_with("/details") {
            depth = depth.saturating_sub(1);
            least = least.min(depth);
        }
    }
    if html.contains("</details") {
        close_to(open, summary_level(least + 1), at);
    }
    depth
}

fn summary_level(depth: usize) -> u8 {
    SUMMARY + depth.min(10) as u8
}

fn heading_of<'a>(text: &'a str, block: &Block, details: usize) -> Option<(u8, &'a str, Range<usize>)> {
    match &block.kind {
        Kind::Heading(level) => {
            let source = &text[block.range.clone()];
            let title = source.trim().trim_start_matches('#').trim_end_matches(['#', '=', '-', '\n']).trim();
            Some((*level, title, block.range.clone()))
        }
        Kind::Para => pseudo_heading(text, block),
        Kind::Html => summary_line(text, block, details),
        _ => None,
    }
}

/// A paragraph of one line that is bold as a whole, and is not a field's label.
fn pseudo_heading<'a>(text: &'a str, block: &Block) -> Option<(u8, &'a str, Range<usize>)> {
    let source = text[block.range.clone()].trim();
    if source.len() > 240 || source.contains('\n') {
        return None;
    }
    if is_place(source) {
        return Some((PSEUDO, source, block.range.clone()));
    }
    let inner = bold_whole(source)?;
    if matches!(fields::label_of(inner), Some(label) if label != Label::Other || inner.ends_with(':'))
        && severity::of_section(inner).is_none()
    {
        return None;
    }
    if fields::first_in_line(source).is_some() || tells_result(inner) {
        return None;
    }
    // What names its place behind it is told of that, whatever word is in it.
    let placed = inner.len() == source.len() && inner.starts_with("**");
    let container = severity::of_section(inner).is_some()
        && super::head::parse(inner).title.split_whitespace().count() <= 3
        || !placed
            && matches!(
                crate::titles::section(inner),
                Some(Class::Finding | Class::Repeat | Class::Positive | Class::Subject)
            );
    Some((if container { PSEUDO } else { PSEUDO + 1 }, inner, block.range.clone()))
}

/// "Total: 30/40", "Verdict: no issues found": it says it, and heads nothing.
fn tells_result(title: &str) -> bool {
    title.split_once([':', '：']).is_some_and(|(label, value)| {
        value.contains(char::is_alphanumeric)
            && crate::titles::is_listed(label)
            && crate::titles::section(label) == Some(Class::Repeat)
    })
}

/// `` `88-90`: _⚠️ Potential issue_ | _🟠 Major_ ``: lines and tags, with the title below.
fn is_place(source: &str) -> bool {
    let lined = source.starts_with('`') && source[1..].starts_with(|c: char| c.is_ascii_digit() || c == 'L');
    lined && {
        let head = super::head::parse(source);
        head.lines.is_some() && !head.title.contains(char::is_alphanumeric)
    }
}

/// The inside of `**…**` (with signs before it and a place behind it).
fn bold_whole(source: &str) -> Option<&str> {
    let start = source.find("**").filter(|at| *at <= 8 && !source[..*at].chars().any(char::is_alphabetic))?;
    let inner = &source[start + 2..];
    let end = inner.find("**")?;
    let tail = inner[end + 2..].trim();
    if end == 0 {
        return None;
    }
    if tail.is_empty() || tail == ":" {
        return Some(source[start..].trim_end_matches(':').trim_matches('*'));
    }
    // **Title** — `file:3` is a heading with its place; more text is a sentence.
    let places = crate::locate::find(tail, crate::locate::Trust::Field);
    let covered = places.last().map_or(0, |p| p.end);
    let lead = places.first().map_or(usize::MAX, |p| p.start);
    (lead <= 4 && covered + 3 >= tail.len()).then_some(source)
}

fn summary_line<'a>(text: &'a str, block: &Block, details: usize) -> Option<(u8, &'a str, Range<usize>)> {
    let source = &text[block.range.clone()];
    let open = source.find("<summary>")? + "<summary>".len();
    let close = source[open..].find("</summary>")? + open;
    let inner = source[open..close].trim();
    (!inner.is_empty() && inner.len() < 300).then_some((summary_level(details), inner, block.range.clone()))
}
