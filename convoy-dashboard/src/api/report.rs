//! A report as a tree of a few harmless elements.
//!
//! Reports are hostile text. No HTML is ever made of them here: the page builds
//! elements from this tree, and what is not in [`Node`] cannot be said in it.
//! HTML in a report is shown as the text it is, pictures as their description,
//! and only links to the web are links.

use pulldown_cmark::{Alignment, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde::Serialize;

/// Deeper nesting is flattened.
const DEEPEST: usize = 32;

/// An element with its children, or a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Node {
    Text(String),
    Element(Element),
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Element {
    /// One of the names in [`name_of`].
    #[serde(rename = "e")]
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    align: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<bool>,
    #[serde(rename = "c", skip_serializing_if = "Vec::is_empty")]
    children: Vec<Node>,
}

impl Element {
    fn new(name: &'static str) -> Self {
        Element { name, href: None, start: None, align: None, checked: None, children: Vec::new() }
    }
}

/// Reads Markdown.
pub(crate) fn tree(markdown: &str) -> Vec<Node> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut builder =
        Builder { open: vec![Element::new("root")], alignments: Vec::new(), cell: 0, head: false };
    for event in Parser::new_ext(markdown, options) {
        builder.take(event);
    }
    while builder.open.len() > 1 {
        builder.close();
    }
    builder.open.pop().map(|root| root.children).unwrap_or_default()
}

struct Builder {
    open: Vec<Element>,
    alignments: Vec<Alignment>,
    cell: usize,
    head: bool,
}

impl Builder {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text);
            }
            Event::Code(text) => {
                let mut code = Element::new("code");
                code.children.push(Node::Text(text.into_string()));
                self.push(Node::Element(code));
            }
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak => self.push(Node::Element(Element::new("br"))),
            Event::Rule => self.push(Node::Element(Element::new("hr"))),
            Event::TaskListMarker(checked) => {
                let mut mark = Element::new("check");
                mark.checked = Some(checked);
                self.push(Node::Element(mark));
            }
        }
    }

    fn push(&mut self, node: Node) {
        if let Some(parent) = self.open.last_mut() {
            parent.children.push(node);
        }
    }

    fn text(&mut self, text: &str) {
        match self.open.last_mut().and_then(|parent| parent.children.last_mut()) {
            Some(Node::Text(before)) => before.push_str(text),
            Some(Node::Element(_)) | None => self.push(Node::Text(text.to_owned())),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let mut element = Element::new(name_of(&tag));
        match tag {
            Tag::Link { dest_url, .. } => {
                if is_web(&dest_url) {
                    element.href = Some(dest_url.into_string());
                } else {
                    element.name = "span";
                }
            }
            Tag::List(start) => element.start = start,
            Tag::Table(alignments) => self.alignments = alignments,
            Tag::TableHead => (self.cell, self.head) = (0, true),
            Tag::TableRow => (self.cell, self.head) = (0, false),
            Tag::TableCell => {
                element.name = if self.head { "th" } else { "td" };
                element.align = match self.alignments.get(self.cell) {
                    Some(Alignment::Right) => Some("right"),
                    Some(Alignment::Center) => Some("center"),
                    Some(Alignment::Left | Alignment::None) | None => None,
                };
                self.cell += 1;
            }
            _ => {}
        }
        self.open.push(element);
    }

    fn end(&mut self, _: TagEnd) {
        if self.open.len() > 1 {
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(element) = self.open.pop() else { return };
        if self.open.len() > DEEPEST {
            // Its content stays, on the level above.
            for child in element.children {
                self.push(child);
            }
        } else {
            self.push(Node::Element(element));
        }
    }
}

fn name_of(tag: &Tag<'_>) -> &'static str {
    match tag {
        Tag::Paragraph => "p",
        Tag::Heading { level, .. } => match level {
            HeadingLevel::H1 => "h1",
            HeadingLevel::H2 => "h2",
            HeadingLevel::H3 => "h3",
            HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => "h4",
        },
        Tag::BlockQuote(_) => "blockquote",
        Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::MetadataBlock(_) => "pre",
        Tag::List(Some(_)) => "ol",
        Tag::List(None) => "ul",
        Tag::Item => "li",
        Tag::Table(_) => "table",
        Tag::TableHead | Tag::TableRow => "tr",
        Tag::TableCell => "td",
        Tag::Emphasis => "em",
        Tag::Strong => "strong",
        Tag::Strikethrough => "del",
        Tag::Link { .. } => "a",
        // A picture would tell its server who looks.
        Tag::Image { .. } => "span",
        Tag::FootnoteDefinition(_)
        | Tag::DefinitionList
        | Tag::DefinitionListTitle
        | Tag::DefinitionListDefinition
        | Tag::Superscript
        | Tag::Subscript => "div",
    }
}

/// Only these lead out of the page, and only spelled plainly.
fn is_web(url: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| url.get(..scheme.len()) == Some(scheme))
        && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(markdown: &str) -> String {
        serde_json::to_string(&tree(markdown)).unwrap()
    }

    #[test]
    fn markdown_becomes_a_tree() {
        assert_eq!(
            json("# A *b*\n\n1. x\n\n| a | b |\n|--:|---|\n| `1` | 2 |\n\n- [x] done"),
            r#"[{"e":"h1","c":["A ",{"e":"em","c":["b"]}]},{"e":"ol","start":1,"c":[{"e":"li","c":["x"]}]},{"e":"table","c":[{"e":"tr","c":[{"e":"th","align":"right","c":["a"]},{"e":"th","c":["b"]}]},{"e":"tr","c":[{"e":"td","align":"right","c":[{"e":"code","c":["1"]}]},{"e":"td","c":["2"]}]}]},{"e":"ul","c":[{"e":"li","c":[{"e":"check","checked":true},"done"]}]}]"#
        );
    }

    fn check(nodes: &[Node]) {
        const NAMES: [&str; 25] = [
            "p",
            "h1",
            "h2",
            "h3",
            "h4",
            "blockquote",
            "pre",
            "ol",
            "ul",
            "li",
            "table",
            "tr",
            "td",
            "th",
            "em",
            "strong",
            "del",
            "a",
            "span",
            "div",
            "code",
            "br",
            "hr",
            "check",
            "root",
        ];
        for node in nodes {
            if let Node::Element(element) = node {
                assert!(NAMES.contains(&element.name), "{element:?}");
                assert!(element.href.as_deref().is_none_or(is_web), "{element:?}");
                check(&element.children);
            }
        }
    }

    #[test]
    fn nothing_in_a_report_is_more_than_text_and_links_to_the_web() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](vbscript:x)",
            "[x]( javascript:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](java&#10;script:alert(1))",
            "![x](https://evil.example/pixel.png)",
            "<iframe srcdoc='<script>1</script>'>",
            "<svg/onload=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<style>*{display:none}</style>",
            "<form action=//evil>",
            "[x](file:///etc/passwd)",
            "<javascript:alert(1)>",
            "[a]: javascript:alert(1)\n\n[a]",
            "<math><mi//xlink:href=\"data:x\">",
            "`<b>`",
            "    <b>",
            "<!-- --><b>",
            "<![CDATA[<b>]]>",
            "[x](//evil.example)",
            "[x](https://a\\\n.b)",
        ] {
            let nodes = tree(hostile);
            check(&nodes);
            let text = serde_json::to_string(&nodes).unwrap().to_lowercase();
            assert!(
                !text.contains("\"href\":\"j")
                    && !text.contains("\"href\":\"d")
                    && !text.contains("\"href\":\"v")
                    && !text.contains("\"href\":\"f"),
                "{text}"
            );
        }
        assert!(json("<b>bold</b>").contains("<b>"), "shown as it is");
        assert!(json("![a plan](https://evil.example/x)").contains("a plan"));
        assert!(!json("![a plan](https://evil.example/x)").contains("evil"));
    }

    #[test]
    fn deep_nesting_is_flat_and_fast() {
        let begin = std::time::Instant::now();
        for text in [
            ">".repeat(20_000) + "x",
            "- ".repeat(20_000) + "x",
            "*_".repeat(20_000) + "x",
            "[".repeat(20_000),
        ] {
            let nodes = tree(&text);
            check(&nodes);
            assert!(serde_json::to_string(&nodes).is_ok());
        }
        assert!(begin.elapsed() < std::time::Duration::from_secs(20));
    }
}
