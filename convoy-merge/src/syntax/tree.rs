//! The block structure of a Markdown text, with byte ranges, from the parser's
//! events. Inline structure is left as text: titles and fields are read from the
//! reviewer's own characters.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Heading(u8),
    Para,
    List { ordered: bool },
    Item,
    Code,
    Quote,
    Table(Vec<Row>),
    Html,
    Rule,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Row {
    pub(crate) range: Range<usize>,
    pub(crate) cells: Vec<Range<usize>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
    pub(crate) children: Vec<Block>,
}

/// Deeper nesting is kept as text: hostile input must not cost stack.
const DEPTH: usize = 24;
/// Repairs of unclosed fences in one text; each parses the rest once more.
const REPAIRS: usize = 6;

/// Parses a text into its top-level blocks.
pub(crate) fn parse(text: &str) -> Vec<Block> {
    let (from, to) = unwrap_document(text);
    let from = from + front_matter(&text[from..to]);
    let mut blocks = parse_part(&text[from..to], from);
    for _ in 0..REPAIRS {
        let Some(cut) = unclosed_fence(text, &blocks) else {
            break;
        };
        if let Some(last) = blocks.last_mut() {
            last.range.end = cut;
        }
        blocks.extend(parse_part(&text[cut..to], cut));
    }
    blocks
}

/// The stretches that are code, in order.
pub(crate) fn code(blocks: &[Block]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    for block in blocks {
        if block.kind == Kind::Code {
            out.push(block.range.clone());
        } else {
            out.extend(code(&block.children));
        }
    }
    out
}

/// A whole review inside one ```` ```markdown ```` fence is the review.
fn unwrap_document(text: &str) -> (usize, usize) {
    let whole = (0, text.len());
    let mut open = None;
    let mut at = 0;
    for line in text.split_inclusive('\n').take(12) {
        let mark = line.trim();
        let info = mark.trim_start_matches('`');
        if mark.starts_with("```") && matches!(info.trim(), "markdown" | "md" | "Markdown") {
            open = Some((at, at + line.len()));
            break;
        }
        if mark.starts_with('#') {
            return whole;
        }
        at += line.len();
    }
    let Some((_, begin)) = open else { return whole };
    let end = text.trim_end();
    let close = end.rfind("\n```").map_or(text.len(), |n| n + 1);
    // The fence's own close must be the last thing but a short farewell.
    if close > begin && text.len() - close < 400 && close - begin > text.len() / 2 {
        (begin, close)
    } else {
        whole
    }
}

/// How long the `key: value` lines between two `---` at the beginning are. A
/// Markdown parser would take them for a heading.
pub(crate) fn front_matter(text: &str) -> usize {
    let marks = |line: &str| line.trim_end() == "---";
    let start = text.len() - text.trim_start_matches(['\u{feff}', '\n', '\r']).len();
    let mut lines = text[start..].split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| marks(line)) else {
        return 0;
    };
    let mut at = start + first.len();
    let mut keys = 0;
    for line in lines.take(200) {
        at += line.len();
        if marks(line) {
            return if keys > 0 { at } else { 0 };
        }
        let key = line.split_once(':').map_or("", |(key, _)| key);
        let nested = line.starts_with([' ', '\t', '-', '#']) || line.trim().is_empty();
        if !nested && (key.is_empty() || key.contains(' ')) {
            return 0;
        }
        keys += usize::from(!nested);
    }
    0
}

/// Where an unclosed fence at the end of the text should have ended: before the
/// first heading inside it.
fn unclosed_fence(text: &str, blocks: &[Block]) -> Option<usize> {
    let last = blocks.last().filter(|block| block.kind == Kind::Code)?;
    let source = text.get(last.range.clone())?;
    let first = source.lines().next()?.trim_start();
    let mark = first.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let closed = source.trim_end().lines().count() > 1
        && source
            .trim_end()
            .lines()
            .last()
            .is_some_and(|line| line.trim().len() >= 3 && line.trim().chars().all(|c| c == mark));
    if closed {
        return None;
    }
    let mut at = last.range.start;
    for (n, line) in source.split_inclusive('\n').enumerate() {
        let level = line.bytes().take_while(|b| *b == b'#').count();
        if n > 0 && (2..=6).contains(&level) && line[level..].starts_with(' ') {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn parse_part(text: &str, base: usize) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut stack: Vec<Block> = Vec::new();
    let mut top: Vec<Block> = Vec::new();
    let mut too_deep = 0usize;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        let range = range.start + base..range.end + base;
        match event {
            Event::Start(tag) => {
                if too_deep > 0 || stack.len() >= DEPTH {
                    too_deep += usize::from(is_block(&tag));
                    continue;
                }
                start(&mut stack, &tag, range);
            }
            Event::End(tag) if is_block_end(tag) => {
                if too_deep > 0 {
                    too_deep -= 1;
                    continue;
                }
                if matches!(tag, TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell) {
                    continue;
                }
                if let Some(block) = stack.pop() {
                    let siblings = stack.last_mut().map_or(&mut top, |parent| &mut parent.children);
                    match ruled_off(text, base, &block) {
                        Some(rule) => {
                            let para =
                                Block { kind: Kind::Para, range: block.range.start..rule.start, ..block };
                            let rule = Block { kind: Kind::Rule, range: rule, children: Vec::new() };
                            siblings.extend([para, rule]);
                        }
                        None => siblings.push(block),
                    }
                }
            }
            Event::Rule if too_deep == 0 => {
                let rule = Block { kind: Kind::Rule, range, children: Vec::new() };
                stack.last_mut().map_or(&mut top, |parent| &mut parent.children).push(rule);
            }
            _ => {}
        }
    }
    top
}

/// Where the line below several lines of text stands: Markdown takes it for the mark of a
/// heading, people draw it between blocks of fields.
fn ruled_off(text: &str, base: usize, block: &Block) -> Option<Range<usize>> {
    let Kind::Heading(2) = block.kind else { return None };
    let source = text[block.range.start - base..block.range.end - base].trim_end();
    let at = source.rfind('\n')? + 1;
    let (lines, rule) = source.split_at(at);
    let several = lines.trim_end().contains('\n');
    (several && rule.trim().bytes().all(|byte| byte == b'-'))
        .then_some(block.range.start + at..block.range.end)
}

fn start(stack: &mut Vec<Block>, tag: &Tag, range: Range<usize>) {
    let kind = match tag {
        Tag::Heading { level, .. } => Kind::Heading(*level as u8),
        Tag::Paragraph => Kind::Para,
        Tag::List(first) => Kind::List { ordered: first.is_some() },
        Tag::Item => Kind::Item,
        Tag::CodeBlock(_) => Kind::Code,
        Tag::BlockQuote(_) => Kind::Quote,
        Tag::HtmlBlock => Kind::Html,
        Tag::Table(_) => Kind::Table(Vec::new()),
        Tag::TableHead | Tag::TableRow => {
            if let Some(Block { kind: Kind::Table(rows), .. }) = stack.last_mut() {
                rows.push(Row { range, cells: Vec::new() });
            }
            return;
        }
        Tag::TableCell => {
            if let Some(Block { kind: Kind::Table(rows), .. }) = stack.last_mut()
                && let Some(row) = rows.last_mut()
            {
                row.cells.push(range);
            }
            return;
        }
        _ => return,
    };
    stack.push(Block { kind, range, children: Vec::new() });
}

fn is_block(tag: &Tag) -> bool {
    matches!(
        tag,
        Tag::Heading { .. }
            | Tag::Paragraph
            | Tag::List(_)
            | Tag::Item
            | Tag::CodeBlock(_)
            | Tag::BlockQuote(_)
            | Tag::HtmlBlock
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
    )
}

fn is_block_end(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Heading(_)
            | TagEnd::Paragraph
            | TagEnd::List(_)
            | TagEnd::Item
            | TagEnd::CodeBlock
            | TagEnd::BlockQuote(_)
            | TagEnd::HtmlBlock
            | TagEnd::Table
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
    )
}
