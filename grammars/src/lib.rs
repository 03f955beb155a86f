//! Grammars that `convoy-lint` has beside those it is built with: of languages that the
//! demo does not read. Nothing else is in here, so that it is built once and beside the rest.

use tree_sitter_language::LanguageFn;

pub const BASH: LanguageFn = tree_sitter_bash::LANGUAGE;
pub const C: LanguageFn = tree_sitter_c::LANGUAGE;
pub const C_SHARP: LanguageFn = tree_sitter_c_sharp::LANGUAGE;
pub const GO: LanguageFn = tree_sitter_go::LANGUAGE;
pub const JAVA: LanguageFn = tree_sitter_java::LANGUAGE;
pub const KOTLIN: LanguageFn = tree_sitter_kotlin_sg::LANGUAGE;
/// Without text around `<?php … ?>`, so that patterns need none either.
pub const PHP: LanguageFn = tree_sitter_php::LANGUAGE_PHP_ONLY;
pub const RUBY: LanguageFn = tree_sitter_ruby::LANGUAGE;
