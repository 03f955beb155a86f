//! The languages that can be parsed, and their grammars.
//!
//! Four come with the rule engine; those of the crate `grammars` are there where the
//! feature of that name is, which it is but for the demo. The engine panics when it is
//! asked for a grammar that it was built without, so every language goes through here first.

use std::borrow::Cow;
use std::path::Path;
use std::str::FromStr;

use ast_grep_core::language::Language as Grammar;
use ast_grep_core::matcher::{Pattern, PatternBuilder, PatternError};
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc, TSLanguage};
use ast_grep_language::SupportLang;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A grammar of ours. TypeScript and TSX are different grammars of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    C,
    CSharp,
    Go,
    Java,
    JavaScript,
    Kotlin,
    Php,
    Python,
    Ruby,
    Rust,
    Shell,
    Tsx,
    TypeScript,
}

/// What this program was built to parse.
#[cfg(feature = "grammars")]
const BUILT: &[Language] = &[
    Language::C,
    Language::CSharp,
    Language::Go,
    Language::Java,
    Language::JavaScript,
    Language::Kotlin,
    Language::Php,
    Language::Python,
    Language::Ruby,
    Language::Rust,
    Language::Shell,
    Language::Tsx,
    Language::TypeScript,
];
#[cfg(not(feature = "grammars"))]
const BUILT: &[Language] =
    &[Language::JavaScript, Language::Python, Language::Rust, Language::Tsx, Language::TypeScript];

impl Language {
    /// Those that this program parses.
    pub const ALL: &'static [Language] = BUILT;

    /// Known by the file's extension.
    pub fn of_path(path: &Path) -> Option<Language> {
        let extension = path.extension()?.to_str()?;
        let language = match extension {
            "c" | "h" => Language::C,
            "cs" => Language::CSharp,
            "go" => Language::Go,
            "java" => Language::Java,
            "js" | "cjs" | "mjs" => Language::JavaScript,
            "kt" | "kts" => Language::Kotlin,
            "php" => Language::Php,
            "py" | "pyw" => Language::Python,
            "rb" | "rake" | "gemspec" => Language::Ruby,
            "rs" => Language::Rust,
            "sh" | "bash" => Language::Shell,
            "ts" | "cts" | "mts" => Language::TypeScript,
            "tsx" | "jsx" => Language::Tsx,
            _ => return None,
        };
        Self::ALL.contains(&language).then_some(language)
    }

    pub fn name(self) -> &'static str {
        match self {
            Language::C => "C",
            Language::CSharp => "C#",
            Language::Go => "Go",
            Language::Java => "Java",
            Language::JavaScript => "JavaScript",
            Language::Kotlin => "Kotlin",
            Language::Php => "PHP",
            Language::Python => "Python",
            Language::Ruby => "Ruby",
            Language::Rust => "Rust",
            Language::Shell => "Shell",
            Language::Tsx => "TSX",
            Language::TypeScript => "TypeScript",
        }
    }

    /// The built-in rule file that holds its rules.
    pub fn family(self) -> Family {
        match self {
            Language::Go => Family::Go,
            Language::Java => Family::Java,
            Language::JavaScript | Language::Tsx | Language::TypeScript => Family::JavaScript,
            Language::Python => Family::Python,
            Language::Rust => Family::Rust,
            Language::C
            | Language::CSharp
            | Language::Kotlin
            | Language::Php
            | Language::Ruby
            | Language::Shell => Family::Other,
        }
    }

    /// The grammars a rule of this language is for: one written for JavaScript is for
    /// TypeScript and TSX too.
    pub fn of_rule(self) -> &'static [Language] {
        const JAVASCRIPT: &[Language] = &[Language::JavaScript, Language::Tsx, Language::TypeScript];
        const TYPESCRIPT: &[Language] = &[Language::Tsx, Language::TypeScript];
        match self {
            Language::JavaScript => JAVASCRIPT,
            Language::TypeScript => TYPESCRIPT,
            other => {
                let at = BUILT.iter().position(|built| *built == other);
                at.and_then(|at| BUILT.get(at..=at)).unwrap_or_default()
            }
        }
    }

    /// The name and the customs that the engine has for it.
    fn known(self) -> SupportLang {
        match self {
            Language::C => SupportLang::C,
            Language::CSharp => SupportLang::CSharp,
            Language::Go => SupportLang::Go,
            Language::Java => SupportLang::Java,
            Language::JavaScript => SupportLang::JavaScript,
            Language::Kotlin => SupportLang::Kotlin,
            Language::Php => SupportLang::Php,
            Language::Python => SupportLang::Python,
            Language::Ruby => SupportLang::Ruby,
            Language::Rust => SupportLang::Rust,
            Language::Shell => SupportLang::Bash,
            Language::Tsx => SupportLang::Tsx,
            Language::TypeScript => SupportLang::TypeScript,
        }
    }

    #[cfg(feature = "grammars")]
    fn parser(self) -> TSLanguage {
        match self {
            Language::C => grammars::C.into(),
            Language::CSharp => grammars::C_SHARP.into(),
            Language::Go => grammars::GO.into(),
            Language::Java => grammars::JAVA.into(),
            Language::Kotlin => grammars::KOTLIN.into(),
            Language::Php => grammars::PHP.into(),
            Language::Ruby => grammars::RUBY.into(),
            Language::Shell => grammars::BASH.into(),
            other => other.known().get_ts_language(),
        }
    }

    #[cfg(not(feature = "grammars"))]
    fn parser(self) -> TSLanguage {
        self.known().get_ts_language()
    }
}

impl Grammar for Language {
    fn pre_process_pattern<'q>(&self, query: &'q str) -> Cow<'q, str> {
        self.known().pre_process_pattern(query)
    }

    fn expando_char(&self) -> char {
        self.known().expando_char()
    }

    fn kind_to_id(&self, kind: &str) -> u16 {
        self.parser().id_for_node_kind(kind, true)
    }

    fn field_to_id(&self, field: &str) -> Option<u16> {
        self.parser().field_id_for_name(field).map(std::num::NonZero::get)
    }

    fn build_pattern(&self, builder: &PatternBuilder<'_>) -> Result<Pattern, PatternError> {
        builder.build(|source| StrDoc::try_new(source, *self))
    }
}

impl LanguageExt for Language {
    fn get_ts_language(&self) -> TSLanguage {
        self.parser()
    }
}

/// As rules name it, by any name that the engine has for it.
impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Language, D::Error> {
        let name = String::deserialize(deserializer)?;
        let built = || Self::ALL.iter().map(|language| language.name()).collect::<Vec<_>>().join(", ");
        let known = SupportLang::from_str(&name).ok();
        let language = Self::ALL.iter().copied().find(|language| Some(language.known()) == known);
        language.ok_or_else(|| de::Error::custom(format!("language {name} is not built in ({})", built())))
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.known().serialize(serializer)
    }
}

/// Languages that share rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    Go,
    Java,
    JavaScript,
    Python,
    Rust,
    /// Languages without built-in rules.
    Other,
}
