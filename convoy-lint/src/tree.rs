//! The syntax tree that everything looks at.

use ast_grep_core::Node as AstNode;
use ast_grep_core::tree_sitter::StrDoc;

use crate::language::Language;

pub(crate) type Doc = StrDoc<Language>;
pub(crate) type Node<'t> = AstNode<'t, Doc>;
