//! What a file is for, by its path: code, test, text for people, what a tool wrote. Pure.

use std::ffi::OsStr;
use std::path::{Component, Path};

/// The languages whose customs are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
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
    Swift,
}

impl Lang {
    pub(crate) fn of(path: &Path) -> Option<Lang> {
        Some(match path.extension()?.to_str()? {
            "c" | "h" | "cc" | "cpp" | "cxx" | "hh" | "hpp" => Lang::C,
            "cs" => Lang::CSharp,
            "go" => Lang::Go,
            "java" => Lang::Java,
            "js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx" | "vue" | "svelte" => {
                Lang::JavaScript
            }
            "kt" => Lang::Kotlin,
            "php" => Lang::Php,
            "py" | "pyw" => Lang::Python,
            "rb" | "rake" => Lang::Ruby,
            "rs" => Lang::Rust,
            "swift" => Lang::Swift,
            _ => return None,
        })
    }
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// What the project ships.
    Code(Lang),
    /// What helps those who work on it: scripts, examples, settings written as code.
    Tool(Lang),
    /// Tests and what they need.
    Test(Option<Lang>),
    /// Text for people.
    Docs,
    /// A tool wrote it, or somebody else did.
    Made,
    Other,
}

/// Texts for people are written in these.
const DOCS: [&str; 7] = ["md", "mdx", "markdown", "rst", "adoc", "txt", "textile"];
/// Directories of what others wrote, or a tool.
const MADE_DIRS: [&str; 12] = [
    "node_modules",
    "vendor",
    "vendored",
    "third_party",
    "third-party",
    "deps",
    "site-packages",
    "dist",
    "__generated__",
    "generated",
    "__snapshots__",
    "locales",
];
const TOOL_DIRS: [&str; 18] = [
    "scripts",
    "script",
    "tools",
    "tool",
    "hack",
    "ci",
    "bin",
    "example",
    "examples",
    "bench",
    "benches",
    "benchmarks",
    "demo",
    "demos",
    "playground",
    "samples",
    "contrib",
    "utils-dev",
];
const TEST_DIRS: [&str; 11] = [
    "__tests__",
    "test",
    "tests",
    "testdata",
    "spec",
    "specs",
    "e2e",
    "fixtures",
    "__mocks__",
    "cypress",
    "playwright",
];

impl Role {
    pub(crate) fn of(path: &Path) -> Role {
        let lang = Lang::of(path);
        let name = name(path).to_ascii_lowercase();
        // Where others' packages were kept before there were package managers.
        let packages: &[&str] = if lang == Some(Lang::Python) { &["packages", "_vendor"] } else { &[] };
        if is_in(path, &MADE_DIRS) || is_in(path, packages) || is_made(&name) {
            Role::Made
        } else if is_test(path, &name) {
            Role::Test(lang)
        } else if DOCS.contains(&extension(&name)) && !name.starts_with("requirements") {
            Role::Docs
        } else {
            match lang {
                Some(lang) if is_in(path, &TOOL_DIRS) || is_tool(&name) => Role::Tool(lang),
                Some(lang) => Role::Code(lang),
                None => Role::Other,
            }
        }
    }
}

/// Is this a script of those who work on the project, by its directory or its name? Surer
/// than [`Role::Tool`]: what is taken for one is shipped by nobody.
pub(crate) fn is_script(path: &Path) -> bool {
    const DIRS: [&str; 11] = [
        "scripts",
        "script",
        "hack",
        "ci",
        "contrib",
        "build-scripts",
        "doc",
        "docs",
        "website",
        "playground",
        "playgrounds",
    ];
    const NAMES: [&str; 5] = ["setup.py", "noxfile.py", "fabfile.py", "gulpfile.js", "gruntfile.js"];
    is_in(path, &DIRS) || NAMES.contains(&name(path).to_ascii_lowercase().as_str())
}

/// The last part of a path; what is no text of it is lost.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Behind the last dot; all of it where there is none.
pub(crate) fn extension(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Is one of the directories that it is in called so?
pub(crate) fn is_in(path: &Path, dirs: &[&str]) -> bool {
    let parent = path.parent().unwrap_or(path);
    parent.components().any(|part| match part {
        Component::Normal(part) => dirs.iter().any(|dir| part.eq_ignore_ascii_case(dir)),
        _ => false,
    })
}

/// Do directories of tests have this name?
pub(crate) fn is_test_dir(name: &OsStr) -> bool {
    TEST_DIRS.iter().any(|dir| name.eq_ignore_ascii_case(dir))
}

fn is_made(name: &str) -> bool {
    let ends =
        [".min.js", ".min.css", ".pb.go", "_pb2.py", "_pb2_grpc.py", ".g.dart", ".snap", ".lock", ".map"];
    let names = ["package-lock.json", "pnpm-lock.yaml", "npm-shrinkwrap.json", "go.sum", "bun.lockb"];
    ends.iter().any(|end| name.ends_with(end)) || names.contains(&name)
}

fn is_tool(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let names =
        ["setup", "conftest", "gulpfile", "gruntfile", "noxfile", "fabfile", "tasks", "build", "rakefile"];
    names.contains(&stem) || name.contains(".config.") || name.contains(".conf.") || name.starts_with('.')
}

fn is_test(path: &Path, name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let tool = is_in(path, &TOOL_DIRS);
    let by_name = ["_test", "_tests", "_spec", "-test", "-spec", ".test", ".spec", ".cy"]
        .iter()
        .any(|end| stem.ends_with(end))
        || stem.starts_with("test_");
    // `FooTest.java`, `FooTests.cs`
    let own = path.file_stem().unwrap_or_default().to_string_lossy();
    let in_camel =
        matches!(Lang::of(path), Some(Lang::Java | Lang::Kotlin | Lang::CSharp | Lang::Php | Lang::Swift))
            && ["Test", "Tests", "IT", "TestCase"].iter().any(|end| own.ends_with(end));
    by_name || in_camel || (!tool && (is_in(path, &TEST_DIRS) || ["tests", "test"].contains(&stem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_what_its_file_is_for() {
        for (path, role) in [
            ("src/app.py", Role::Code(Lang::Python)),
            ("lib/a.test.ts", Role::Test(Some(Lang::JavaScript))),
            ("src/test/java/FooTest.java", Role::Test(Some(Lang::Java))),
            ("src/FooTests.cs", Role::Test(Some(Lang::CSharp))),
            ("src/Latest.java", Role::Code(Lang::Java)),
            ("spec/a_spec.rb", Role::Test(Some(Lang::Ruby))),
            ("pkg/a_test.go", Role::Test(Some(Lang::Go))),
            ("src/unit/a_tests.rs", Role::Test(Some(Lang::Rust))),
            ("tests/data.json", Role::Test(None)),
            ("scripts/release.py", Role::Tool(Lang::Python)),
            ("examples/a.rs", Role::Tool(Lang::Rust)),
            ("vite.config.ts", Role::Tool(Lang::JavaScript)),
            ("src/packages/six.py", Role::Made),
            ("packages/a/index.ts", Role::Code(Lang::JavaScript)),
            ("docs/a.rst", Role::Docs),
            ("requirements.txt", Role::Other),
            ("vendor/x/a.go", Role::Made),
            ("package-lock.json", Role::Made),
            ("Cargo.toml", Role::Other),
        ] {
            assert_eq!(Role::of(Path::new(path)), role, "{path}");
        }
    }
}
