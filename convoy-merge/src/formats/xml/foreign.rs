//! Elements of which nobody knows the names, that are findings by what they hold.

use std::collections::BTreeMap;

use roxmltree::Node;
use serde_json::Value;

use crate::formats::entry::{Given, Object, Source, normal_key, of_object};
use crate::formats::roles::{Roles, place_of, tells_finding};
use crate::model::Extraction;
use crate::model::Recognised;
use crate::vocabulary::KEYS;

/// Deeper in an element there is no value.
const DEEPEST: usize = 3;

/// Reads the elements of one name that are findings; `None` = there are none.
pub(super) fn read(text: &str, base: usize, root: Node<'_, '_>) -> Option<Extraction> {
    let mut groups: BTreeMap<String, Vec<(Node<'_, '_>, Object)>> = BTreeMap::new();
    for node in root.descendants().filter(|node| node.is_element() && !is_aside(*node)) {
        let object = object_of(node, 0);
        if object.len() > 1 {
            groups.entry(normal_key(node.tag_name().name())).or_default().push((node, object));
        }
    }
    let mut out = Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
    let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
    let mut unread = 0;
    for group in groups.values() {
        let objects: Vec<&Object> = group.iter().map(|(_, object)| object).collect();
        let roles = Roles::of(&objects);
        // Where the file stands in an outer element, each is asked beside it.
        let given: Vec<Given> = group.iter().map(|(node, _)| given(*node)).collect();
        let told = |n: usize| tells_finding(&roles.apply(objects[n]), &given[n]);
        let found = (0..objects.len()).filter(|n| told(*n)).count();
        if roles.are_others() || found == 0 || found * 10 < objects.len() * 6 {
            continue;
        }
        for (n, (node, object)) in group.iter().enumerate() {
            let range = node.range();
            if taken.iter().any(|other| other.start < range.end && range.start < other.end) {
                continue;
            }
            taken.push(range.clone());
            let source = Source { text: &text[range.clone()], start: base + range.start };
            match of_object(source, &roles.apply(object), &given[n]) {
                Some(member) => out.members.push(member),
                None => unread += 1,
            }
        }
    }
    out.members.sort_by_key(|member| member.byte_range);
    if unread > 0 {
        crate::formats::fault(&mut out, &format!("{unread} elements could not be read as findings"));
    }
    (!out.members.is_empty()).then_some(out)
}

/// Does it stand in an element of praise, of logs, of tests?
fn is_aside(node: Node<'_, '_>) -> bool {
    node.ancestors().any(|outer| KEYS.is("aside", &normal_key(outer.tag_name().name())))
}

/// Attributes, elements of nothing but text, and text as members of an object.
fn object_of(node: Node<'_, '_>, depth: usize) -> Object {
    let mut object = Object::new();
    for attribute in node.attributes() {
        object.insert(attribute.name().to_string(), Value::from(attribute.value()));
    }
    for child in node.children().filter(Node::is_element) {
        let inner = child.children().any(|inner| inner.is_element()) || child.attributes().len() > 0;
        let value = match inner {
            true if depth < DEEPEST => Value::Object(object_of(child, depth + 1)),
            true => continue,
            false => Value::from(child.text().unwrap_or_default().trim()),
        };
        object.entry(child.tag_name().name().to_string()).or_insert(value);
    }
    let text: String = node.children().filter(Node::is_text).filter_map(|child| child.text()).collect();
    if !text.trim().is_empty() {
        object.entry("text".to_string()).or_insert_with(|| Value::from(text.trim()));
    }
    object
}

/// The file and the severity that outer elements name.
fn given(node: Node<'_, '_>) -> Given {
    let mut given = Given::default();
    for outer in node.ancestors().skip(1).filter(Node::is_element) {
        let place = outer.attributes().find_map(|attribute| place_of(attribute.value()));
        given.file = given.file.or(place.map(|place| place.file));
        let rated = outer
            .attributes()
            .map(|attribute| attribute.value())
            .find(|value| crate::severity::exact(value).is_some());
        given.severity = given.severity.or(rated.map(str::to_string));
    }
    given
}
