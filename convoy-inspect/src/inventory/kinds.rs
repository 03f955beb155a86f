//! What a file is, by its name. Names say little, but they say it fast.

use std::path::Path;

/// Languages by ending; what is not here is not counted as source.
const LANGUAGES: [(&str, &[&str]); 34] = [
    ("TypeScript", &["ts", "tsx", "mts", "cts"]),
    ("JavaScript", &["js", "jsx", "mjs", "cjs"]),
    ("Python", &["py", "pyi"]),
    ("Rust", &["rs"]),
    ("Go", &["go"]),
    ("Java", &["java"]),
    ("Kotlin", &["kt", "kts"]),
    ("Swift", &["swift"]),
    ("C", &["c", "h"]),
    ("C++", &["cc", "cpp", "cxx", "hpp", "hh"]),
    ("C#", &["cs"]),
    ("Ruby", &["rb"]),
    ("PHP", &["php"]),
    ("Scala", &["scala"]),
    ("Elixir", &["ex", "exs"]),
    ("Erlang", &["erl"]),
    ("Haskell", &["hs"]),
    ("OCaml", &["ml", "mli"]),
    ("Lua", &["lua"]),
    ("Perl", &["pl", "pm"]),
    ("R", &["r"]),
    ("Dart", &["dart"]),
    ("Zig", &["zig"]),
    ("Shell", &["sh", "bash", "zsh"]),
    ("SQL", &["sql"]),
    ("HTML", &["html", "htm"]),
    ("CSS", &["css", "scss", "less"]),
    ("Vue", &["vue"]),
    ("Svelte", &["svelte"]),
    ("Markdown", &["md", "mdx"]),
    ("YAML", &["yml", "yaml"]),
    ("TOML", &["toml"]),
    ("JSON", &["json"]),
    ("Terraform", &["tf"]),
];

/// Not what people mean by code: shown, but never a hot spot or a place.
const TEXTS: [&str; 4] = ["Markdown", "YAML", "TOML", "JSON"];

pub(crate) fn language(path: &Path) -> Option<&'static str> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    LANGUAGES.iter().find(|(_, endings)| endings.contains(&ending.as_str())).map(|(name, _)| *name)
}

pub(crate) fn is_code(language: &str) -> bool {
    !TEXTS.contains(&language)
}

/// Is it a test, by the conventions of the common languages?
pub(crate) fn is_test(path: &Path) -> bool {
    let in_directory = path.parent().into_iter().flat_map(Path::components).any(|part| {
        matches!(part.as_os_str().to_str(), Some("test" | "tests" | "__tests__" | "spec" | "specs" | "e2e"))
    });
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    in_directory
        || name.contains(".test.")
        || name.contains(".spec.")
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with("_spec")
        || (stem.ends_with("Test") && stem.len() > 4)
}

/// What begins here, if something does.
pub(crate) fn entry_point(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    let parent = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    match name {
        "main.rs" | "main.go" | "main.py" | "__main__.py" | "Main.java" | "main.ts" | "main.js"
        | "main.c" | "main.cpp" | "Program.cs" | "main.dart" | "main.swift" => Some("program"),
        "manage.py" | "wsgi.py" | "asgi.py" => Some("Django"),
        "app.py" | "server.py" | "server.ts" | "server.js" | "app.ts" | "app.js" => Some("server"),
        "lib.rs" => Some("library"),
        "index.ts" | "index.js" | "index.tsx" | "index.jsx" if matches!(parent, "" | "src" | "lib") => {
            Some("module")
        }
        "package.json" | "Cargo.toml" | "pyproject.toml" | "setup.py" | "go.mod" | "pom.xml"
        | "build.gradle" | "Gemfile" | "composer.json" | "mix.exs" | "CMakeLists.txt" => Some("manifest"),
        "Makefile" | "justfile" | "Taskfile.yml" => Some("tasks"),
        "Dockerfile" | "docker-compose.yml" | "compose.yaml" => Some("container"),
        _ if parent == "bin" && language(path).is_some() => Some("program"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_kinds() {
        for (path, test) in [
            ("src/a.test.ts", true),
            ("tests/a.rs", true),
            ("pkg/a_test.go", true),
            ("test_a.py", true),
            ("src/UserTest.java", true),
            ("src/latest.ts", false),
            ("src/contest.py", false),
            ("src/testing.ts", false),
        ] {
            assert_eq!(is_test(Path::new(path)), test, "{path}");
        }
        assert_eq!(language(Path::new("a/B.TSX")), Some("TypeScript"));
        assert_eq!(language(Path::new("a/LICENSE")), None);
        assert_eq!(entry_point(Path::new("src/index.ts")), Some("module"));
        assert_eq!(entry_point(Path::new("src/deep/index.ts")), None);
        assert_eq!(entry_point(Path::new("bin/run.py")), Some("program"));
    }
}
