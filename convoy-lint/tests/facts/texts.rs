//! Texts beside the code.

use super::*;

#[test]
fn texts_beside_the_code() {
    let old = "def load_config(path):\n    pass\n";
    let docs = "Call `load_config(path)` first.\n";
    check(
        "change-docs-behind",
        &[
            case(
                "it is gone",
                &[("a.py", old), ("docs/use.md", docs)],
                &[("a.py", "def read_all(path):\n    pass\n")],
                &["a.py:1"],
            ),
            case(
                "other parameters",
                &[("a.py", old), ("docs/use.md", docs)],
                &[("a.py", "def load_config(path, strict):\n    pass\n")],
                &["a.py:1"],
            ),
            case(
                "calls go on working",
                &[("a.py", old), ("docs/use.md", docs)],
                &[("a.py", "def load_config(path, strict=False):\n    pass\n")],
                &[],
            ),
            case(
                "the text follows",
                &[("a.py", old), ("docs/use.md", docs)],
                &[("a.py", "def read_all(path):\n    pass\n"), ("docs/use.md", "Call `read_all(path)`.\n")],
                &[],
            ),
            case(
                "it went to another file",
                &[("a.py", old), ("docs/use.md", docs)],
                &[("a.py", ""), ("b.py", old)],
                &[],
            ),
            case(
                "what tells of the past",
                &[("a.py", old), ("docs/changelog.md", docs)],
                &[("a.py", "def read_all(path):\n    pass\n")],
                &[],
            ),
        ],
    );
    let log = ("CHANGES.md", "# Unreleased\n");
    check(
        "change-not-in-changelog",
        &[
            case("a function is gone", &[("a.py", old), log], &[("a.py", "x = 1\n")], &["a.py:1"]),
            case(
                "it is told",
                &[("a.py", old), log],
                &[("a.py", "x = 1\n"), ("CHANGES.md", "# Unreleased\n- load_config is gone\n")],
                &[],
            ),
            case(
                "no changelog that is kept",
                &[("a.py", old), ("CHANGES.md", "# 1.0\n")],
                &[("a.py", "x = 1\n")],
                &[],
            ),
            case(
                "its own business",
                &[("a.py", "def _load_config(path):\n    pass\n"), log],
                &[("a.py", "x = 1\n")],
                &[],
            ),
        ],
    );
    let told: String = (0..6).map(|n| format!("/// Does {n}.\npub fn f{n}() {{}}\n")).collect();
    check(
        "change-api-undocumented",
        &[
            case(
                "the others have one",
                &[("src/a.rs", &told)],
                &[("src/a.rs", &format!("{told}pub fn new() {{}}\n"))],
                &["src/a.rs:13"],
            ),
            case(
                "it has one",
                &[("src/a.rs", &told)],
                &[("src/a.rs", &format!("{told}/// Says more.\n#[must_use]\npub fn new() {{}}\n"))],
                &[],
            ),
            case(
                "hardly any has",
                &[("src/a.rs", &told.replace("/// ", "pub const A: u8 = 1; // "))],
                &[("src/a.rs", "pub fn new() {}\n")],
                &[],
            ),
        ],
    );
    check(
        "change-env-untold",
        &[
            case(
                "others are told",
                &[("docs/a.md", "`APP_URL`, `APP_PORT`, `APP_KEY`\n")],
                &[("a.py", "x = os.environ[\"APP_TIMEOUT\"]\n")],
                &["a.py:1"],
            ),
            case(
                "it is told",
                &[("docs/a.md", "`APP_URL`, `APP_PORT`, `APP_KEY`\n")],
                &[("a.py", "x = os.environ[\"APP_PORT\"]\n")],
                &[],
            ),
            case(
                "by a function of the project",
                &[("docs/a.md", "`APP_URL`, `APP_PORT`, `APP_KEY`\n")],
                &[(
                    "a.py",
                    "x = envbool(\"APP_GZIP\", \"False\")\ny = my_env('APP_ZIP')\nz = envelope('APP_Z')\n",
                )],
                &["a.py:1", "a.py:2"],
            ),
            case("the project tells of none", &[], &[("a.py", "x = os.environ[\"APP_TIMEOUT\"]\n")], &[]),
        ],
    );
    check(
        "change-misspelt",
        &[
            case(
                "in a comment, a name, a text",
                &[],
                &[
                    ("a.py", "# it is recieved\ndef seperateAll(): ...\n"),
                    ("docs/a.md", "Goes to the the end.\n"),
                ],
                &["a.py:1", "a.py:2", "docs/a.md:1"],
            ),
            case("once for a file", &[], &[("a.py", "recieve = 1\nuse(recieve)\n")], &["a.py:1"]),
            case(
                "the project's own name",
                &[("a.py", "recieve = 1\n")],
                &[("a.py", "recieve = 1\nuse(recieve)\n")],
                &[],
            ),
            case("another language", &[], &[("locales/de.json", "{\"a\": \"adress\"}\n")], &[]),
        ],
    );
}

#[test]
fn links_that_lead_nowhere() {
    check(
        "change-link-broken",
        &[
            case(
                "a new one",
                &[],
                &[("docs/a.md", "[b](b.md) [r](../README.md) [s](https://x.org/b.md) [t](#t)\n")],
                &["docs/a.md:1"],
            ),
            case(
                "it is there",
                &[("docs/b.md", "b\n")],
                &[("docs/a.md", "[b](b.md#x) `[c](c.md`\n```\n[d](d.md)\n```\n")],
                &[],
            ),
            case("addresses of a site", &[], &[("docs/a.md", "[b](/guide/b) [c](../c)\n")], &[]),
        ],
    );
    let desk =
        Desk::new("change", &[("docs/a.md", "a\n\n[b](b.md)\n"), ("docs/b.md", "b\n"), ("x.py", "x = 1\n")]);
    desk.remove("docs/b.md");
    desk.write("x.py", "x = 2\n");
    let (document, _) = desk.lint(&["--diff=HEAD"]);
    let one = &document["findings"][0];
    assert_eq!(one["rule"], "change-link-broken", "{document:#}");
    assert!(one["problem"].as_str().expect("words").contains("b.md (docs/a.md:3)"), "{one:#}");
}

#[test]
fn comments_that_are_no_longer_true() {
    let told = "def load(path, mode):\n    \"\"\"Loads.\n\n    Args:\n        path (str): where\n        mode (str): how\n    \"\"\"\n    return path, mode\n";
    let listed = told.replace("        mode", "        depth (int): how far\n        mode");
    let js = "/**\n * @param {string} path where\n * @param {string} mode how\n */\nexport function load(path, mode) {\n}\n";
    check(
        "change-doc-parameters",
        &[
            case(
                "one is gone",
                &[("a.py", told)],
                &[("a.py", &told.replace("(path, mode)", "(path)"))],
                &["a.py:1"],
            ),
            case(
                "one came, and is told",
                &[("a.py", told)],
                &[("a.py", &listed.replace("(path, mode)", "(path, mode, depth=1)"))],
                &[],
            ),
            case(
                "one came, and the others are told",
                &[("a.py", told)],
                &[("a.py", &told.replace("(path, mode)", "(path, mode, depth=1)"))],
                &["a.py:1"],
            ),
            case(
                "of another function",
                &[],
                &[("a.js", &js.replace("(path, mode)", "(path, depth)"))],
                &["a.js:5"],
            ),
            case("as it is", &[], &[("a.js", js)], &[]),
            case(
                "what takes itself apart",
                &[],
                &[("a.js", &js.replace("(path, mode)", "({ path, depth })"))],
                &[],
            ),
            case(
                "it was so before",
                &[("a.py", &told.replace("(path, mode)", "(path)"))],
                &[("a.py", &format!("# more\n{}", told.replace("(path, mode)", "(path)")))],
                &[],
            ),
        ],
    );
    let code = "def load_users():\n    pass\n\n\ndef other():\n    pass\n";
    let gone = "def other():\n    pass\n";
    let speaks = ("b.py", "# Filled by load_users.\nx = 1\n");
    check(
        "change-comment-behind",
        &[
            case("it is gone", &[("a.py", code), speaks], &[("a.py", gone)], &["a.py:1"]),
            case(
                "somebody calls it",
                &[("a.py", code), speaks, ("c.py", "load_users()\n")],
                &[("a.py", gone)],
                &[],
            ),
            case(
                "the settings have it",
                &[("a.py", code), speaks, ("c.json", "[\"load_users\"]\n")],
                &[("a.py", gone)],
                &[],
            ),
            case(
                "it speaks of what was",
                &[("a.py", code), ("b.py", "# It was load_users.\n")],
                &[("a.py", gone)],
                &[],
            ),
            case("it only moved", &[("a.py", code), speaks], &[("a.py", gone), ("c.py", code)], &[]),
        ],
    );
}

#[test]
fn what_is_new_in_a_list_that_a_text_explains() {
    let list = |more: &str| format!("MAX_SIZE = 1\nMIN_SIZE = 2\nMAX_DEPTH = 3\n{more}MIN_DEPTH = 4\n");
    let (before, after) = (list(""), list("MAX_WIDTH = 5\n"));
    let told = "`MAX_SIZE`, `MIN_SIZE`, `MAX_DEPTH` and `MIN_DEPTH`.\n";
    let also = "`MAX_SIZE`, `MIN_SIZE`, `MAX_DEPTH`, `MAX_WIDTH` and `MIN_DEPTH`.\n";
    let options = |more: &str| {
        ["--all-files", "--no-color", "--only-new", "--out-file", more]
            .map(|one| format!("add(\"{one}\")\n"))
            .concat()
    };
    let (few, more) = (options("--out-file"), options("--max-depth"));
    let usage = "--all-files --no-color --only-new --out-file\n";
    check(
        "change-sibling-untold",
        &[
            case(
                "constants",
                &[("src/a.py", &before), ("docs/a.md", told)],
                &[("src/a.py", &after)],
                &["src/a.py:4"],
            ),
            case(
                "options",
                &[("src/a.py", &few), ("docs/a.md", usage)],
                &[("src/a.py", &more)],
                &["src/a.py:5"],
            ),
            case(
                "it is told",
                &[("src/a.py", &before), ("docs/a.md", told)],
                &[("src/a.py", &after), ("docs/a.md", also)],
                &[],
            ),
            case("no text tells of the others", &[("src/a.py", &before)], &[("src/a.py", &after)], &[]),
            case("history", &[("src/a.py", &before), ("CHANGELOG.md", told)], &[("src/a.py", &after)], &[]),
        ],
    );
}
