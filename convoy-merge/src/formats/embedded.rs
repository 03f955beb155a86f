//! Data inside of Markdown, in fences and as paragraphs: JSON, YAML, tables with separators.

use serde_json::value::RawValue;

use super::{delimited, json, remarks, yaml};
use crate::locate::{self, Trust};
use crate::model::Member;
use crate::syntax::tree::{self, Block, Kind};
use findings::Severity;

/// The findings in the data of a text that has no others, else those that comments in the
/// code it quotes tell.
pub(crate) fn members(text: &str, blocks: &[Block]) -> Vec<Member> {
    let mut out = Vec::new();
    for block in blocks {
        let source = &text[block.range.clone()];
        let inner = match block.kind {
            Kind::Code => {
                let inner = source.split_once('\n').map_or("", |(_, inner)| inner);
                inner.trim_end().trim_end_matches(['`', '~']).trim()
            }
            _ => source.trim(),
        };
        let info = source.trim_start_matches(['`', '~']).lines().next().unwrap_or_default().trim();
        if block.kind == Kind::Code && matches!(info, "csv" | "tsv") {
            out.extend(delimited::embedded(text, inner, info));
            continue;
        }
        if block.kind == Kind::Code && matches!(info, "yaml" | "yml") {
            let start = block.range.start + source.find('\n').map_or(0, |end| end + 1);
            let end = block.range.start + source.rfind("\n```").map_or(source.len(), |end| end + 1);
            out.extend(yaml::embedded(text, &(start..end.max(start))));
            continue;
        }
        if !inner.starts_with(['{', '[']) || inner.contains("<severity>") || inner.contains("\"...\"") {
            continue;
        }
        if let Ok(raw) = serde_json::from_str::<&RawValue>(inner) {
            out.extend(json::members(text, raw));
        }
    }
    out.retain(|member: &Member| !member.locations.is_empty() || member.severity != Severity::Unrated);
    if out.is_empty() { in_code(text, blocks) } else { out }
}

/// Remarks in the comments of quoted code.
fn in_code(text: &str, blocks: &[Block]) -> Vec<Member> {
    let mut file: Option<String> = None;
    let mut out = Vec::new();
    for block in blocks {
        if block.kind == Kind::Code {
            out.extend(remarks::read(text, &block.range, file.as_deref()));
        } else if let Some(found) = locate::find(&text[block.range.clone()], Trust::Prose).pop() {
            file = Some(found.place.file);
        }
    }
    out
}

/// The findings that the front matter of a text lists.
pub(crate) fn of_front_matter(text: &str) -> Vec<Member> {
    let end = tree::front_matter(text);
    let inner = text[..end].trim_end().strip_suffix("---").map_or(0, str::len);
    let Some(start) = text[..inner].find("---").map(|at| at + 3) else { return Vec::new() };
    super::yaml::embedded(text, &(start..inner))
}
