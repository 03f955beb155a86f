//! The languages whose grammars are built in.
//!
//! The engine panics when a rule names a language without its grammar, so every
//! language goes through here first.

use std::path::Path;

use ast_grep_language::SupportLang;

/// A grammar of ours. TypeScript and TSX are different grammars of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    JavaScript,
    Python,
    Rust,
    Tsx,
    TypeScript,
}

impl Language {
    pub const ALL: [Language; 5] =
        [Language::JavaScript, Language::Python, Language::Rust, Language::Tsx, Language::TypeScript];

    /// Known by the file's extension.
    pub fn of_path(path: &Path) -> Option<Language> {
        let extension = path.extension()?.to_str()?;
        Some(match extension {
            "js" | "cjs" | "mjs" => Language::JavaScript,
            "ts" | "cts" | "mts" => Language::TypeScript,
            "tsx" | "jsx" => Language::Tsx,
            "py" | "pyw" => Language::Python,
            "rs" => Language::Rust,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Language::JavaScript => "JavaScript",
            Language::Python => "Python",
            Language::Rust => "Rust",
            Language::Tsx => "TSX",
            Language::TypeScript => "TypeScript",
        }
    }

    /// The built-in rule file that holds its rules.
    pub fn family(self) -> Family {
        match self {
            Language::JavaScript | Language::Tsx | Language::TypeScript => Family::JavaScript,
            Language::Python => Family::Python,
            Language::Rust => Family::Rust,
        }
    }

    pub fn grammar(self) -> SupportLang {
        match self {
            Language::JavaScript => SupportLang::JavaScript,
            Language::Python => SupportLang::Python,
            Language::Rust => SupportLang::Rust,
            Language::Tsx => SupportLang::Tsx,
            Language::TypeScript => SupportLang::TypeScript,
        }
    }

    /// The grammars a rule's `language:` stands for: a rule written for
    /// JavaScript is one for TypeScript and TSX too. Empty: not built in.
    pub fn of_rule(language: SupportLang) -> &'static [Language] {
        match language {
            SupportLang::JavaScript => &[Language::JavaScript, Language::Tsx, Language::TypeScript],
            SupportLang::TypeScript => &[Language::Tsx, Language::TypeScript],
            SupportLang::Tsx => &[Language::Tsx],
            SupportLang::Python => &[Language::Python],
            SupportLang::Rust => &[Language::Rust],
            _ => &[],
        }
    }
}

/// Languages that share rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    JavaScript,
    Python,
    Rust,
}
