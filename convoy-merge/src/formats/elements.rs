//! Elements of HTML, by what texts do with them.

/// Elements that only say how words look, or fold them.
pub(super) const LOOK: &[&str] = &[
    "b", "big", "br", "details", "em", "font", "hr", "i", "kbd", "mark", "picture", "small", "source",
    "span", "strong", "sub", "summary", "sup", "u",
];
/// Elements that comments are set with, and that messages of linters are about.
pub(super) const SET: &[&str] = &[
    "a",
    "blockquote",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];
/// Elements that a page consists of.
const PAGE: &[&str] = &["body", "head", "html"];

/// Is it the name of an element that texts are set with, in lower case?
pub(super) fn sets_text(name: &str) -> bool {
    [LOOK, SET, PAGE].iter().any(|names| names.contains(&name))
}
