//! Scopes and blocks, and what an assignment in them is.

use crate::tree::Node;

/// How an assignment gives its value on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Via {
    Whole,
    /// An element of it: `for name in value`.
    Element,
    /// A part of it: `const { name } = value`.
    Part,
    /// Added to what was there: `name += value`.
    Added,
    /// Put into it: `name.append(value)`.
    Put,
}

#[derive(Clone)]
pub(super) struct Assignment<'t> {
    pub(super) name: String,
    pub(super) value: Node<'t>,
    pub(super) via: Via,
    pub(super) end: usize,
    /// The block whose straight line it stands in.
    pub(super) block: Option<usize>,
    /// The element of it that is given the value, by a key that is written there.
    pub(super) key: Option<String>,
}

pub(super) fn is_scope(kind: &str) -> bool {
    matches!(
        kind,
        "function_definition"
            | "lambda"
            | "function_declaration"
            | "function_expression"
            | "arrow_function"
            | "method_definition"
            | "generator_function_declaration"
            | "generator_function"
            | "function_item"
            | "closure_expression"
            | "method_declaration"
            | "constructor_declaration"
            | "func_literal"
            | "lambda_expression"
            | "class_body"
            | "module"
            | "program"
            | "source_file"
    )
}

/// The function (or file) around a node.
pub(super) fn scope<'t>(node: &Node<'t>) -> Option<Node<'t>> {
    node.ancestors().find(|around| is_scope(&around.kind()))
}

/// The statement list a statement stands in, if it stands there plainly.
pub(super) fn block_of(node: &Node<'_>) -> Option<usize> {
    let mut current = node.parent()?;
    for _ in 0..3 {
        match current.kind().as_ref() {
            "block" | "statement_block" | "statement_list" | "module" | "program" | "source_file" => {
                return Some(current.node_id());
            }
            "expression_statement"
            | "lexical_declaration"
            | "variable_declaration"
            | "local_variable_declaration"
            | "var_declaration"
            | "const_declaration"
            | "export_statement" => {
                current = current.parent()?;
            }
            _ => return None,
        }
    }
    None
}
