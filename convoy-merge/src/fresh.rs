//! Which findings are of the change: those that touch a line it wrote, and those
//! about a whole item of the code in which it wrote one.

use findings::changed::{Changed, Changes, Comments, Place};
use findings::comment::{Syntax, is_quiet};

use crate::model::{Finding, Location};
use crate::tree::{Looked, Tree};

/// Words that begin an item of code, in languages that say so.
const ITEMS: [&str; 22] = [
    "fn",
    "func",
    "function",
    "def",
    "class",
    "struct",
    "enum",
    "trait",
    "impl",
    "interface",
    "module",
    "mod",
    "namespace",
    "object",
    "record",
    "sub",
    "procedure",
    "macro_rules!",
    "union",
    "contract",
    "component",
    "protocol",
];
/// Words that may stand before such a word.
const BEFORE: [&str; 22] = [
    "pub",
    "pub(crate)",
    "pub(super)",
    "async",
    "export",
    "default",
    "public",
    "private",
    "protected",
    "internal",
    "static",
    "final",
    "abstract",
    "const",
    "unsafe",
    "extern",
    "inline",
    "override",
    "sealed",
    "data",
    "open",
    "virtual",
];
/// Says of every finding whether it is of the change.
pub(crate) fn mark(findings: &mut [Finding], files: &[Changed], tree: Option<&dyn Tree>) {
    let changes = Changes::new(files.iter().map(|one| with_comments(one, tree)));
    // What is said about a comment is of those who wrote the comment.
    let bare = |one: &Changed| Changed { comments: Comments::default(), ..one.clone() };
    let all = Changes::new(files.iter().map(bare));
    for finding in findings {
        let changes = if speaks_of_comments(finding) { &all } else { &changes };
        finding.new = Some(is_new(finding, changes, tree));
    }
}

/// Who told only lines did not tell which of them are comments: the tree does.
fn with_comments(changed: &Changed, tree: Option<&dyn Tree>) -> Changed {
    let path = changed.file.as_path();
    let told = changed.comments != Comments::default();
    let (Some(syntax), Some(tree), false) = (Syntax::of(path), tree, told) else { return changed.clone() };
    let Looked::File(text) = tree.look(path) else { return changed.clone() };
    let is_comment = |line: &u32| {
        let found = syntax.split(&text[*line as usize - 1], false);
        found.code.trim().is_empty() && !found.open && is_quiet(found.comment)
    };
    let last = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let lines = changed.ranges.iter().flat_map(|[from, to]| (*from).max(1)..=(*to).min(last));
    let comments = Comments { alone: lines.filter(is_comment).collect(), ..Comments::default() };
    Changed { comments, ..changed.clone() }
}

fn speaks_of_comments(finding: &Finding) -> bool {
    let mut texts = finding.members.iter().flat_map(|member| [&member.title, &member.text]);
    texts.any(|text| text.to_lowercase().contains("comment"))
}

fn is_new(finding: &Finding, changes: &Changes, tree: Option<&dyn Tree>) -> bool {
    // Where it is cannot be told: a gate must not open by that.
    if finding.locations.iter().any(Location::is_unplaced) {
        return true;
    }
    if let Some(new) = told(finding) {
        return new;
    }
    let by_rule = finding.facts.rule.is_some();
    let paths: Vec<_> = finding.locations.iter().map(|place| (place.path(), span(place))).collect();
    let places = paths.iter().map(|(path, lines)| Place { file: path.as_path(), lines: *lines });
    if changes.touch(places, by_rule) {
        return true;
    }
    // A rule says which lines it is about; a reviewer names the first line of a function.
    let items = paths.iter().filter(|_| !by_rule).filter_map(|(path, lines)| {
        let Looked::File(text) = tree?.look(path.as_path()) else { return None };
        Some(Place { file: path.as_path(), lines: Some(item(&text, (*lines)?.0)?) })
    });
    let items: Vec<Place<'_>> = items.collect();
    !items.is_empty() && changes.touch(items, by_rule)
}

/// What those say who looked at the base, if all did who found it. A finding that is only
/// remembered is of whom it was found by.
fn told(finding: &Finding) -> Option<bool> {
    if finding.members.is_empty() {
        return finding.new.filter(|new| finding.facts.rule.is_some() && !new);
    }
    let marks: Option<Vec<bool>> = finding.members.iter().map(|member| member.new).collect();
    Some(marks?.contains(&true))
}

fn span(place: &Location) -> Option<(u32, u32)> {
    let from = place.line_start?;
    Some((from, place.line_end.unwrap_or(from).max(from)))
}

/// First and last line of the item that begins at a line; `None`: none does. It ends
/// where its brackets are closed, or where the text is indented as it is again.
fn item(text: &[String], line: u32) -> Option<(u32, u32)> {
    let first = usize::try_from(line).ok()?.checked_sub(1)?;
    let header = text.get(first)?;
    let begins =
        header.split_whitespace().map(|word| word.split(['(', '<', '{', ':']).next().unwrap_or(word));
    let word = begins.into_iter().find(|word| !BEFORE.contains(word))?;
    if !ITEMS.contains(&word) {
        return None;
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = indent(header);
    let ends_behind = |line: &String| !line.trim().is_empty() && indent(line) <= own;
    let next = text.iter().skip(first + 1).position(ends_behind).map(|n| first + 1 + n);
    let last = match next {
        // What closes it is of it.
        Some(at)
            if text[at].trim_start().starts_with(['}', ')', ']'])
                || text[at].trim_start().starts_with("end") =>
        {
            at
        }
        Some(at) if text[at].trim() == "{" => {
            // The bracket stands on a line of its own.
            let close = text.iter().skip(at + 1).position(ends_behind);
            close.map_or(text.len() - 1, |n| at + 1 + n)
        }
        Some(at) => at - 1,
        None => text.len() - 1,
    };
    let blank = text[first..=last].iter().rev().take_while(|line| line.trim().is_empty()).count();
    Some((line, u32::try_from(last + 1 - blank).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Facts, Member};
    use std::path::{Path, PathBuf};
    use std::rc::Rc;

    const CODE: &str = "import x\n\nexport async function f(a) {\n  one();\n\n  // note\n  two();\n}\n\nfunction g()\n{\n  three();\n}\n\ndef h(a):\n    four()\n\n    five()\n\nsix()\n";

    #[derive(Debug)]
    struct One;

    impl Tree for One {
        fn look(&self, _: &Path) -> Looked {
            Looked::File(Rc::new(CODE.lines().map(str::to_string).collect()))
        }

        fn relative(&self, path: &Path) -> Option<PathBuf> {
            Some(path.to_path_buf())
        }
    }

    fn changed(lines: &[[u32; 2]]) -> Changed {
        Changed { ranges: lines.to_vec(), ..Changed::whole(Path::new("a.ts")) }
    }

    fn new(lines: &[[u32; 2]], at: (u32, u32), rule: bool) -> bool {
        let changed = changed(lines);
        let place = Location { line_start: Some(at.0), line_end: Some(at.1), ..Location::file("a.ts") };
        let facts = Facts { rule: rule.then(|| "r".to_string()), ..Facts::default() };
        let mut findings = [Finding { locations: vec![place], facts, ..Finding::default() }];
        mark(&mut findings, &[changed], Some(&One));
        findings[0].new.unwrap_or_default()
    }

    #[test]
    fn an_item_ends_where_it_is_closed() {
        let text: Vec<String> = CODE.lines().map(str::to_string).collect();
        for (line, want) in
            [(3, Some((3, 8))), (10, Some((10, 13))), (15, Some((15, 18))), (4, None), (20, None)]
        {
            assert_eq!(item(&text, line), want, "{line}");
        }
    }

    #[test]
    fn what_touches_a_changed_line_is_new() {
        assert!(new(&[[4, 4]], (4, 4), true));
        assert!(!new(&[[4, 4]], (7, 7), false));
        assert!(!new(&[[19, 20]], (4, 7), true));
    }

    #[test]
    fn what_is_said_about_a_function_is_new_where_its_code_changed() {
        assert!(new(&[[7, 7]], (3, 3), false), "a line of the function");
        assert!(!new(&[[7, 7]], (3, 3), true), "a rule says itself which lines it is about");
        assert!(!new(&[[12, 12]], (3, 3), false), "a line of another function");
        assert!(!new(&[[6, 6]], (3, 3), false), "a comment in it");
    }

    #[test]
    fn what_is_said_about_a_comment_is_of_who_wrote_it() {
        let of = |text: &str| {
            let mut changed = changed(&[[4, 4], [6, 6]]);
            changed.comments = Comments { beside: vec![4], alone: vec![6], taken: Vec::new() };
            let place = Location { line_start: Some(3), line_end: Some(8), ..Location::file("a.ts") };
            let member = Member { text: text.to_string(), ..Member::default() };
            let mut findings =
                [Finding { locations: vec![place], members: vec![member], ..Finding::default() }];
            mark(&mut findings, &[changed], Some(&One));
            findings[0].new
        };
        assert_eq!(of("`one` is never awaited"), Some(false));
        assert_eq!(of("The comment says the contrary of the code"), Some(true));
    }

    #[test]
    fn what_cannot_be_told_is_new() {
        let mut unplaced = Location::file("gone");
        unplaced.placed = Some(crate::model::Placed::Unplaced);
        let mut findings = [
            Finding { locations: vec![unplaced], ..Finding::default() },
            Finding::default(),
            Finding { locations: vec![Location::file("other")], ..Finding::default() },
        ];
        mark(&mut findings, &[Changed::whole(Path::new("a"))], None);
        assert_eq!(findings.map(|finding| finding.new), [Some(true), Some(true), Some(false)]);
    }
}
