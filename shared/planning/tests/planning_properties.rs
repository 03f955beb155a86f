//! Properties of reading and planning that tables of examples would miss.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../../tests/tests/any_bytes/anything.rs"]
mod anything;

use anything::Anything;
use planning::document::{Node, Source, Value, parse_json};
use planning::file_pattern::FilePattern;
use planning::template;
use proptest::prelude::*;
use protocol::placeholder::{NAMES, Placeholders};
use protocol::prompt_variables::{Piece, pieces};

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "\\PC{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map("\\PC{0,6}", inner, 0..5)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// Every node is where it says it is.
fn check_places(text: &str, node: &Node) {
    let first = text[node.at..].chars().next().unwrap();
    match &node.value {
        Value::Null => assert_eq!(first, 'n'),
        Value::Bool(b) => assert_eq!(first, if *b { 't' } else { 'f' }),
        Value::Integer(_) | Value::Float(_) => assert!(first == '-' || first.is_ascii_digit()),
        Value::Text(_) => assert_eq!(first, '"'),
        Value::List(items) => {
            assert_eq!(first, '[');
            for item in items {
                check_places(text, item);
            }
        }
        Value::Table(entries) => {
            assert_eq!(first, '{');
            for entry in entries {
                assert!(text[entry.key_at..].starts_with(&serde_json::to_string(&entry.key).unwrap()));
                check_places(text, &entry.node);
            }
        }
    }
}

/// Is there an order in which everybody comes after what it waits for?
fn has_order(edges: &[Vec<usize>]) -> bool {
    let mut done = vec![false; edges.len()];
    for _ in 0..edges.len() {
        for i in 0..edges.len() {
            done[i] = done[i] || edges[i].iter().all(|&to| done[to]);
        }
    }
    done.iter().all(|&done| done)
}

proptest! {
    #[test]
    fn json_is_read_as_it_is_and_knows_its_places(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let source = Source { name: "f".to_owned(), text: text.unwrap() };
        let node = parse_json(&source).unwrap();
        prop_assert_eq!(node.value.to_json(), value);
        check_places(&source.text, &node);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "\\PC{0,60}") {
        let source = Source { name: "f".to_owned(), text: text.clone() };
        let _ = template::read(&source, &Anything);
        let _ = planning::agent_file::read(&source);
        let fronted = Source { name: "f".to_owned(), text: format!("---\n{text}\n---\nx") };
        let _ = planning::agent_file::read(&fronted);
        let _ = planning::runner::read(&source);
        let _ = planning::config::parse(&source);
        let _ = FilePattern::new("", &text).map(|pattern| pattern.select(std::slice::from_ref(&text)));
    }

    #[test]
    fn a_template_is_good_exactly_if_its_agents_have_an_order(
        edges in prop::collection::vec(prop::collection::btree_set(0_usize..6, 0..3), 6)
    ) {
        let edges: Vec<Vec<usize>> = edges.into_iter().map(|to| to.into_iter().collect()).collect();
        let agents: Vec<serde_json::Value> = edges.iter().enumerate().map(|(i, to)| {
            let depends: Vec<String> = to.iter().map(|to| format!("r{to}")).collect();
            serde_json::json!({"role": format!("r{i}"), "subagent": "x", "dependsOn": depends})
        }).collect();
        let template = serde_json::json!({"name": "t", "description": "d", "agents": agents});
        let source = Source { name: "f".to_owned(), text: template.to_string() };
        prop_assert_eq!(template::read(&source, &Anything).is_ok(), has_order(&edges));
    }

    #[test]
    fn prompts_are_cut_without_loss(prompt in "[{}a-z. ]{0,40}") {
        let whole: String = pieces(&prompt).into_iter().map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Variable(name, _) => format!("{{{{{name}}}}}"),
        }).collect();
        prop_assert_eq!(whole, prompt);
    }

    #[test]
    fn words_without_placeholders_stay_as_they_are(word in "[{}a-z_$ ]{0,30}") {
        prop_assume!(!NAMES.iter().any(|name| word.contains(&format!("{{{name}}}"))));
        prop_assert_eq!(Placeholders::default().fill(&word), std::ffi::OsString::from(word));
    }

    #[test]
    fn a_file_is_selected_by_its_own_name_and_by_its_directory(
        paths in prop::collection::btree_set("[a-c\\[\\]{},*?!]{1,3}(/[a-c\\[*]{1,2}){0,2}", 1..6)
    ) {
        let paths: Vec<String> = paths.into_iter().collect();
        for (i, path) in paths.iter().enumerate() {
            // `**` must stand alone: it is no part of a name.
            if path.contains("**") {
                continue;
            }
            let selected = FilePattern::new("", path).unwrap().select(&paths);
            prop_assert!(selected.contains(&i), "{path} in {paths:?}");
            if let Some((dir, _)) = path.split_once('/') {
                prop_assert!(FilePattern::new("", dir).unwrap().select(&paths).contains(&i), "{dir}");
            }
        }
    }
}
