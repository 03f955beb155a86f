//! Properties of reading and planning that tables of examples would miss.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../../tests/tests/any_bytes/anything.rs"]
mod anything;

use anything::Anything;
use planning::document::Source;
use planning::template;
use proptest::prelude::*;
use protocol::placeholder::{NAMES, Placeholders};
use protocol::prompt_variables::{Piece, pieces};

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
    fn no_text_makes_a_reader_panic(text in "\\PC{0,60}") {
        let source = Source { name: "f".to_owned(), text: text.clone() };
        let _ = template::read(&source, &Anything);
        let _ = planning::agent_file::read(&source);
        let fronted = Source { name: "f".to_owned(), text: format!("---\n{text}\n---\nx") };
        let _ = planning::agent_file::read(&fronted);
        let _ = planning::runner::read(&source);
        let _ = planning::config::parse(&source);
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
}
