//! Facts about a change: of every rule what it must find and what it must leave alone,
//! in real repositories.

#![expect(clippy::too_many_lines, reason = "tables")]

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

mod desk;

use desk::{Desk, places};

/// Path and text.
type Files<'a> = &'a [(&'a str, &'a str)];

/// A change, and where the rule finds it; nowhere: an example of what is good.
struct Case<'a> {
    what: &'a str,
    before: Files<'a>,
    after: Files<'a>,
    found: &'a [&'a str],
}

fn case<'a>(what: &'a str, before: Files<'a>, after: Files<'a>, found: &'a [&'a str]) -> Case<'a> {
    Case { what, before, after, found }
}

/// The places where the rule finds the change of the desk.
fn found(desk: &Desk, rule: &str, words: &[&str]) -> Vec<String> {
    let words = [&["--diff=HEAD"], words].concat();
    places(&desk.lint(&words).0, |one| one["rule"] == rule)
}

/// Rules that are off are switched on for it.
fn check(rule: &str, cases: &[Case<'_>]) {
    for one in cases {
        let before: Vec<(&str, &str)> = [("README.md", "# a\n")].iter().chain(one.before).copied().collect();
        let desk = Desk::new("change", &before);
        for (path, text) in one.after {
            desk.write(path, text);
        }
        desk.write("../rules/a.yml", format!("id: {rule}\nseverity: info\n"));
        assert_eq!(found(&desk, rule, &["--rules", "../rules"]), one.found, "{rule}: {}", one.what);
    }
    assert!(cases.iter().any(|one| one.found.is_empty()), "{rule}: what must it leave alone?");
    assert!(cases.iter().any(|one| !one.found.is_empty()), "{rule}: what must it find?");
}

const TESTS: Files<'_> = &[("tests/test_app.py", "def test_a():\n    assert a()\n")];

fn logic(count: usize) -> String {
    (0..count).map(|n| format!("def f{n}(x):\n    if x > {n}:\n        return {n}\n    return x\n")).collect()
}

#[test]
fn logic_without_a_test() {
    let (small, large) = (logic(1), logic(6));
    let moved = [("src/app.py", large.as_str()), TESTS[0]];
    let inside = format!("{}#[cfg(test)]\nmod tests {{\n    #[test]\n    fn a() {{}}\n}}\n", "fn a() {}\n");
    let rust: String = (0..5)
        .map(|n| format!("fn f{n}(x: u8) -> u8 {{\n    if x > {n} {{ {n} }} else {{ x }}\n}}\n"))
        .collect();
    let (bare, tested) = (
        format!("{rust}{inside}"),
        format!("{rust}{inside}// more\n")
            .replace("fn a() {}\n}", "fn a() {}\n    #[test]\n    fn b() {}\n}"),
    );
    check(
        "change-untested",
        &[
            case(
                "its own tests are there, and none is touched",
                TESTS,
                &[("src/app.py", &large)],
                &["src/app.py:1"],
            ),
            case(
                "a test is touched",
                TESTS,
                &[("src/app.py", &large), ("tests/test_app.py", "def test_b(): assert b()\n")],
                &[],
            ),
            case("little", TESTS, &[("src/app.py", &small)], &[]),
            case("a project without tests", &[], &[("src/app.py", &large)], &[]),
            case("it only moved", &moved, &[("src/app.py", ""), ("src/other.py", &large)], &[]),
            case("a script", TESTS, &[("scripts/app.py", &large)], &[]),
            case("texts", TESTS, &[("docs/app.md", &large)], &[]),
            case("Rust has them inside", &[("src/a.rs", &inside)], &[("src/a.rs", &bare)], &["src/a.rs:1"]),
            case("Rust, one is added inside", &[("src/a.rs", &inside)], &[("src/a.rs", &tested)], &[]),
        ],
    );
}

#[test]
fn tests_that_are_taken_away_switched_off_or_empty() {
    let three = "def test_a():\n    assert a()\n\n\ndef test_b():\n    assert b()\n\n\ndef test_c():\n    assert c()\n";
    let one = "def test_a():\n    assert a()\n";
    check(
        "change-tests-removed",
        &[
            case(
                "two of three",
                &[("tests/test_a.py", three)],
                &[("tests/test_a.py", one)],
                &["tests/test_a.py:1"],
            ),
            case(
                "to another file",
                &[("tests/test_a.py", three), ("tests/test_b.py", "")],
                &[("tests/test_a.py", one), ("tests/test_b.py", &three.replace(one, ""))],
                &[],
            ),
            case(
                "with their code",
                &[("tests/test_a.py", three), ("a.py", &logic(4))],
                &[("tests/test_a.py", one), ("a.py", "")],
                &[],
            ),
            case(
                "for as many others",
                &[("tests/test_a.py", three)],
                &[("tests/test_a.py", "def test_x():\n    assert x()\n\n\ndef test_y():\n    assert y()\n")],
                &[],
            ),
        ],
    );
    check(
        "change-test-focused",
        &[
            case("only", &[], &[("a.test.ts", "describe.only('a', () => {})\n")], &["a.test.ts:1"]),
            case(
                "an f in front",
                &[],
                &[("spec/a_spec.js", "  fit('a', () => {})\n")],
                &["spec/a_spec.js:1"],
            ),
            case("Ruby", &[], &[("spec/a_spec.rb", "it 'a', focus: true do\n")], &["spec/a_spec.rb:1"]),
            case("code that is no test", &[], &[("src/a.ts", "query.only('a')\nfit(model)\n")], &[]),
            case(
                "it stood there",
                &[("a.test.ts", "it.only('a')\n")],
                &[("a.test.ts", "it.only('a')\nit('b')\n")],
                &[],
            ),
        ],
    );
    check(
        "change-test-skipped",
        &[
            case("JavaScript", &[], &[("a.test.ts", "it.skip('a', f)\n")], &["a.test.ts:1"]),
            case(
                "Python",
                &[],
                &[("tests/test_a.py", "@pytest.mark.skip\ndef test_a(): ...\n")],
                &["tests/test_a.py:1"],
            ),
            case("Rust", &[], &[("tests/a.rs", "#[test]\n#[ignore]\nfn a() {}\n")], &["tests/a.rs:2"]),
            case("Java", &[], &[("src/test/ATest.java", "    @Disabled\n")], &["src/test/ATest.java:1"]),
            case(
                "with a reason",
                &[],
                &[("tests/test_a.py", "@pytest.mark.skip(reason=\"needs a GPU\")\ndef test_a(): ...\n")],
                &[],
            ),
            case("a reason above", &[], &[("a.test.ts", "// waits for #12\nit.skip('a', f)\n")], &[]),
            case(
                "on a condition",
                &[],
                &[
                    ("a_test.go", "package a\nif short {\n\tt.SkipNow()\n}\n"),
                    ("b.test.ts", "test.skip(isWindows, 'x')\n"),
                ],
                &[],
            ),
        ],
    );
    check(
        "change-test-asserts-nothing",
        &[
            case(
                "it calls and is done",
                &[],
                &[("tests/test_a.py", "def t_base(): ...\ndef test_a():\n    a = load()\n    a.save()\n")],
                &["tests/test_a.py:2"],
            ),
            case(
                "it asserts",
                &[],
                &[("tests/test_a.py", "def test_a():\n    a = load()\n    assert a.save()\n")],
                &[],
            ),
            case(
                "it asserts behind a text that begins its lines",
                &[],
                &[(
                    "a_test.go",
                    "func TestA(t *testing.T) {\n\ta := `\n<a>\n`\n\tb := f(a)\n\tassert.Nil(t, b)\n}\n",
                )],
                &[],
            ),
            case(
                "a helper checks",
                &[],
                &[("tests/test_a.py", "def test_a():\n    a = load()\n    check_saved(a)\n")],
                &[],
            ),
        ],
    );
    check(
        "change-test-sleeps",
        &[
            case(
                "Python",
                &[],
                &[("tests/test_a.py", "def test_a():\n    time.sleep(2)\n    time.sleep(3)\n")],
                &["tests/test_a.py:2"],
            ),
            case("Go", &[], &[("a_test.go", "\ttime.Sleep(time.Second)\n")], &["a_test.go:1"]),
            case("in code", &[], &[("a.py", "time.sleep(2)\n")], &[]),
            case("it only gives way", &[], &[("tests/test_a.py", "    await asyncio.sleep(0)\n")], &[]),
        ],
    );
}

#[test]
fn what_was_for_the_time_of_writing() {
    check(
        "change-debugger",
        &[
            case("Python", &[], &[("a.py", "def f():\n    breakpoint()\n")], &["a.py:2"]),
            case("JavaScript", &[], &[("a.ts", "debugger;\n")], &["a.ts:1"]),
            case("Rust", &[], &[("src/a.rs", "let x = dbg!(y);\n")], &["src/a.rs:1"]),
            case("Ruby, in a test", &[], &[("spec/a_spec.rb", "  binding.pry\n")], &["spec/a_spec.rb:1"]),
            case(
                "in a text, in a comment, in a name",
                &[],
                &[
                    ("a.py", "\"\"\"\nbreakpoint()\n\"\"\"\n# breakpoint()\nmy_breakpoint()\n"),
                    ("b.ts", "const debugger_ = 1;\n"),
                ],
                &[],
            ),
        ],
    );
    check(
        "change-debug-output",
        &[
            case(
                "JavaScript",
                &[("src/a.ts", "f();\n")],
                &[("src/a.ts", "f();\n  console.log(x);\n")],
                &["src/a.ts:2"],
            ),
            case("lines in a row are one", &[], &[("src/a.py", "print(a)\nprint(b)\n")], &["src/a.py:1"]),
            case(
                "it printed before",
                &[("src/a.ts", "console.log(y);\n")],
                &[("src/a.ts", "console.log(y);\nconsole.log(x);\n")],
                &[],
            ),
            case(
                "programs print",
                &[],
                &[
                    ("src/cli.py", "print(a)\n"),
                    ("cmd/a.go", "fmt.Println(a)\n"),
                    ("src/main.rs", "println!();\n"),
                    ("scripts/a.js", "console.log(a)\n"),
                    ("a.py", "if __name__ == \"__main__\":\n    print(1)\n"),
                ],
                &[],
            ),
            case("tests may", &[], &[("a.test.ts", "console.log(x);\n")], &[]),
        ],
    );
    check(
        "change-conflict-marker",
        &[
            case("both sides", &[], &[("a.py", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n")], &["a.py:1"]),
            case("a title that is underlined", &[], &[("a.py", "=======\n")], &[]),
            case(
                "in a text about them",
                &[],
                &[("docs/a.md", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n")],
                &[],
            ),
        ],
    );
    let code = "# x = load(a)\n# if x:\n#     save(x)\n# return x\n";
    check(
        "change-commented-out",
        &[
            case("code", &[], &[("a.py", &format!("def f():\n    pass\n{code}"))], &["a.py:3"]),
            case(
                "words",
                &[],
                &[(
                    "a.py",
                    "# The value is loaded once,\n# and kept for as long as\n# the program runs.\nx = 1\n",
                )],
                &[],
            ),
            case(
                "an example within words",
                &[],
                &[(
                    "a.go",
                    "// Param is the value of a parameter.\n// For example, with this route:\n//     id := c.Param(\"id\")\n//     use(id)\n//     done()\nfunc Param() {}\n",
                )],
                &[],
            ),
            case("it stood there", &[("a.py", code)], &[("a.py", &format!("{code}y = 1\n"))], &[]),
        ],
    );
}

#[test]
fn a_note_without_an_owner_is_told_where_somebody_wants_that() {
    let desk = Desk::new("change", &[("README.md", "# a\n")]);
    desk.write("a.py", "# TODO write this\n# TODO(ann) and this\n# TODO #12\nx = 1\n");
    assert_eq!(found(&desk, "change-todo", &[]), [""; 0], "it is off");
    desk.write("../rules/a.yml", "id: change-todo\nseverity: info\n");
    assert_eq!(found(&desk, "change-todo", &["--rules", "../rules"]), ["a.py:1"]);
}

#[test]
fn errors_that_new_code_drops() {
    check(
        "change-error-dropped",
        &[
            case(
                "JavaScript",
                &[],
                &[("a.ts", "try { f() } catch (e) {}\ntry {\n  f()\n} catch {\n}\np.catch(() => {})\n")],
                &["a.ts:1", "a.ts:4", "a.ts:6"],
            ),
            case("Python", &[], &[("a.py", "try:\n    f()\nexcept Exception:\n    pass\n")], &["a.py:3"]),
            case(
                "Go",
                &[],
                &[("a.go", "n, _ := strconv.Atoi(s)\nif err != nil {\n}\n_ = file.Sync()\n")],
                &["a.go:1", "a.go:2", "a.go:4"],
            ),
            case(
                "Rust",
                &[],
                &[("src/a.rs", "match f() {\n    Ok(x) => x,\n    Err(_) => {}\n}\nsend().ok();\n")],
                &["src/a.rs:3", "src/a.rs:5"],
            ),
            case("Ruby", &[], &[("a.rb", "x = f rescue nil\n")], &["a.rb:1"]),
            case("Java", &[], &[("A.java", "} catch (IOException e) {\n}\n")], &["A.java:1"]),
            case(
                "it says why",
                &[],
                &[
                    (
                        "a.ts",
                        "try { f() } catch { /* the file may be gone */ }\n// nothing to do without it\nq.catch(() => {})\n",
                    ),
                    ("a.py", "try:\n    f()\nexcept Exception:\n    pass  # it is a hint only\n"),
                ],
                &[],
            ),
            case(
                "it is handled, or meant",
                &[],
                &[
                    ("a.py", "try:\n    f()\nexcept KeyError:\n    pass\nexcept Exception:\n    log()\n"),
                    ("a.go", "if err != nil {\n\treturn err\n}\nv, _ := m[k]\n"),
                    ("src/a.rs", "let x = f().ok();\n"),
                ],
                &[],
            ),
            case("a test", &[], &[("a.test.ts", "try { f() } catch (e) {}\n")], &[]),
        ],
    );
}

#[test]
fn secrets_and_keys() {
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n";
    let key = ["-----BEGIN ", "PRIVATE KEY-----\n", body, "-----END ", "PRIVATE KEY-----\n"].concat();
    check(
        "change-private-key",
        &[
            case("in a file", &[], &[("deploy/server.pem", &key)], &["deploy/server.pem:1"]),
            case("in code", &[], &[("a.py", &format!("KEY = \"\"\"{key}\"\"\"\n"))], &["a.py:1"]),
            case("a store of keys", &[], &[("conf/id_rsa", "x\n")], &["conf/id_rsa:1"]),
            case("made for tests", &[], &[("tests/server.pem", &key)], &[]),
            case(
                "the words alone",
                &[],
                &[("a.py", &format!("if text.startswith(\"-----BEGIN {}KEY-----\"): pass\n", "PRIVATE "))],
                &[],
            ),
        ],
    );
    let token = ["ghp", "_", "a8Kd02mZq7Lx91Wv5Rt3Yb6Nc4Hf0Jg2Sd8P"].concat();
    let assigned = format!("TOKEN = \"{token}\"\n");
    check(
        "change-secret",
        &[
            case("a token", &[], &[("a.py", &assigned)], &["a.py:1"]),
            case(
                "a password of a database",
                &[],
                &[("config.yml", "url: postgres://app:k3R9vQzL2x@db.shop.io/a\n")],
                &["config.yml:1"],
            ),
            case("a value by its name", &[], &[(".env", "API_KEY=q8Zt2LmV7rXw0KpN4sYbE1\n")], &[".env:1"]),
            case(
                "what stands in for one",
                &[],
                &[
                    (".env.example", &assigned),
                    ("b.yml", "password: ${DB_PASSWORD}\nsecret: changeme-changeme-changeme\n"),
                    ("a.py", "k = \"AKIAIOSFODNN7EXAMPLE\"\n"),
                ],
                &[],
            ),
        ],
    );
    let desk = Desk::new("change", &[("README.md", "# a\n")]);
    desk.write("a.py", &assigned);
    for format in ["findings", "json", "sarif"] {
        let (document, told) = desk.lint_as(format, &["--diff=HEAD"]);
        assert!(document.to_string().contains("change-secret"), "{format}");
        assert!(
            !document.to_string().contains(&token) && !told.contains(&token),
            "{format} tells the secret"
        );
    }
}

#[test]
fn manifests_and_lock_files() {
    let (one, two) =
        ("{\"dependencies\": {\"a\": \"^1.0.0\"}}\n", "{\"dependencies\": {\"a\": \"^2.0.0\"}}\n");
    let locked: Files<'_> = &[("package.json", one), ("package-lock.json", "{}\n")];
    let cargo = "[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\n";
    let lines: String = (0..20).map(|n| format!("line {n}\n")).collect();
    check(
        "change-lock-behind",
        &[
            case("another version", locked, &[("package.json", two)], &["package.json:1"]),
            case(
                "with its lock",
                locked,
                &[("package.json", two), ("package-lock.json", "{\"a\": 2}\n")],
                &[],
            ),
            case("no lock in the project", &[("package.json", one)], &[("package.json", two)], &[]),
            case(
                "nothing that is locked",
                locked,
                &[(
                    "package.json",
                    &one.replace('{', "{\"name\": \"b\", ").replace("{\"name\": \"b\", \"a\"", "{\"a\""),
                )],
                &[],
            ),
            case(
                "a project of its own in the project",
                &[
                    ("package-lock.json", "{\"packages\": {\"packages/a\": {}}}\n"),
                    ("templates/b/package.json", one),
                ],
                &[("templates/b/package.json", two)],
                &[],
            ),
            case(
                "a package of the project itself",
                &[("Cargo.toml", cargo), ("Cargo.lock", "\n")],
                &[("Cargo.toml", &format!("{cargo}own = {{ version = \"2\", path = \"own\" }}\n"))],
                &[],
            ),
            case(
                "a member of a workspace",
                &[("Cargo.lock", "[[package]]\nname = \"x\"\n"), ("x/Cargo.toml", cargo)],
                &[("x/Cargo.toml", &format!("{cargo}regex = \"1\"\n"))],
                &["x/Cargo.toml:5"],
            ),
            case(
                "Go",
                &[("go.mod", "module a\n\nrequire x.org/b v1.0.0\n"), ("go.sum", "\n")],
                &[("go.mod", "module a\n\nrequire x.org/b v1.1.0\n")],
                &["go.mod:3"],
            ),
            case(
                "Python",
                &[("pyproject.toml", "[project]\ndependencies = [\"a>=1\"]\n"), ("uv.lock", "\n")],
                &[("pyproject.toml", "[project]\ndependencies = [\"a>=1\", \"b\"]\n")],
                &["pyproject.toml:2"],
            ),
            case("it cannot be read", locked, &[("package.json", "{\"dependencies\": ")], &[]),
        ],
    );
    check(
        "change-lock-alone",
        &[
            case(
                "beside code",
                locked,
                &[("package-lock.json", &lines), ("a.ts", "f()\n")],
                &["package-lock.json:1"],
            ),
            case("an update of its own", locked, &[("package-lock.json", &lines)], &[]),
            case(
                "with its manifest",
                locked,
                &[("package-lock.json", &lines), ("package.json", two), ("a.ts", "f()\n")],
                &[],
            ),
        ],
    );
    check(
        "change-moving-version",
        &[
            case(
                "an action at a branch",
                &[],
                &[(
                    ".github/workflows/a.yml",
                    "    - uses: some/action@main\n    - uses: actions/checkout@v4\n",
                )],
                &[".github/workflows/a.yml:1"],
            ),
            case(
                "an image",
                &[],
                &[("Dockerfile", "FROM node AS build\nFROM build\nFROM debian:12\n")],
                &["Dockerfile:1"],
            ),
            case(
                "a script from the network",
                &[],
                &[(".github/workflows/a.yml", "      run: curl -sSf https://x.org/i.sh | sh\n")],
                &[".github/workflows/a.yml:1"],
            ),
            case(
                "fixed ones",
                &[],
                &[
                    ("Dockerfile", "FROM node:22-slim\n"),
                    ("requirements.txt", "git+https://x.org/a@1a2b3c4\n"),
                ],
                &[],
            ),
        ],
    );
}

#[test]
fn migrations_without_a_way_back() {
    let django = |call: &str| {
        format!("class Migration(migrations.Migration):\n    operations = [\n        {call},\n    ]\n")
    };
    let (one_way, two_ways) = (
        django("migrations.RunPython(fill)"),
        django("migrations.RunPython(fill, migrations.RunPython.noop)"),
    );
    check(
        "change-migration-one-way",
        &[
            case("Django", &[], &[("app/migrations/0002_a.py", &one_way)], &["app/migrations/0002_a.py:3"]),
            case(
                "Alembic",
                &[],
                &[(
                    "alembic/versions/a.py",
                    "def upgrade():\n    op.drop()\n\n\ndef downgrade():\n    pass\n",
                )],
                &["alembic/versions/a.py:5"],
            ),
            case(
                "Rails",
                &[],
                &[("db/migrate/1_a.rb", "class A\n  def up\n    x\n  end\nend\n")],
                &["db/migrate/1_a.rb:2"],
            ),
            case("SQL", &[], &[("migrations/1.up.sql", "drop table a;\n")], &["migrations/1.up.sql:1"]),
            case("knex", &[], &[("migrations/1.js", "exports.up = f;\n")], &["migrations/1.js:1"]),
            case(
                "with a way back",
                &[],
                &[
                    ("app/migrations/0002_a.py", &two_ways),
                    ("migrations/1.up.sql", "x\n"),
                    ("migrations/1.down.sql", "y\n"),
                    ("db/migrate/1_a.rb", "def up\nend\ndef down\nend\n"),
                ],
                &[],
            ),
            case(
                "an old one",
                &[("app/migrations/0002_a.py", &one_way)],
                &[("app/migrations/0002_a.py", &format!("{one_way}# a\n"))],
                &[],
            ),
        ],
    );
}

#[test]
fn files_by_mistake_and_by_hand() {
    let large = "x\n".repeat(600_000);
    check(
        "change-stray-file",
        &[
            case(
                "left behind",
                &[],
                &[(".DS_Store", "x"), ("a.py.orig", "x\n"), ("node_modules/a/b.js", "x\n")],
                &[".DS_Store:1", "a.py.orig:1", "node_modules/a/b.js:1"],
            ),
            case("built", &[], &[("lib/a.so", "\0"), ("tool", "\x7fELF\0")], &["lib/a.so:1", "tool:1"]),
            case("large", &[], &[("data.csv", &large)], &["data.csv:1"]),
            case("the project keeps such files", &[("libs/b.jar", "\0")], &[("libs/a.jar", "\0")], &[]),
            case(
                "what belongs there",
                &[],
                &[("src/a.py", "x = 1\n"), ("logo.png", "\0"), ("core/log.py", "y = 1\n")],
                &[],
            ),
        ],
    );
    let made = "// Code generated by tool. DO NOT EDIT.\nvar a = 1\n";
    let edited = made.replace('1', "2");
    check(
        "change-generated-edited",
        &[
            case("alone", &[("a.go", made)], &[("a.go", &edited)], &["a.go:2"]),
            case(
                "with what it is made from",
                &[("a.go", made), ("a.proto", "a\n")],
                &[("a.go", &edited), ("a.proto", "b\n")],
                &[],
            ),
            case("a new one", &[], &[("a.go", made)], &[]),
        ],
    );
}

#[test]
fn design_of_new_code() {
    let block: String = (0..9).map(|n| format!("    total_{n} = compute_everything(order, {n})\n")).collect();
    let (first, second) = (format!("def a(order):\n{block}"), format!("def b(order):\n    x = 1\n{block}"));
    check(
        "change-copied-block",
        &[
            case(
                "above what it was made from",
                &[("a.py", &first)],
                &[("a.py", &format!("{second}{first}"))],
                &["a.py:3"],
            ),
            case(
                "within a file",
                &[("a.py", &first)],
                &[("a.py", &format!("{first}{second}"))],
                &["a.py:13"],
            ),
            case("in another", &[], &[("a.py", &first), ("b.py", &second)], &["b.py:3"]),
            case("it moved", &[("a.py", &first)], &[("a.py", ""), ("b.py", &first)], &[]),
            case("in tests", &[], &[("tests/test_a.py", &format!("{first}{second}"))], &[]),
            case(
                "short",
                &[],
                &[("a.py", "def a():\n    x = f(1)\n    return x\ndef b():\n    x = f(1)\n    return x\n")],
                &[],
            ),
        ],
    );
    let lines = |count: usize| {
        format!("def long(a):\n{}", (0..count).map(|n| format!("    f({n})\n")).collect::<String>())
    };
    check(
        "change-function-long",
        &[
            case("a new one", &[], &[("a.py", &lines(90))], &["a.py:1"]),
            case("it was long", &[("a.py", &lines(90))], &[("a.py", &lines(92))], &[]),
            case("short", &[], &[("a.py", &lines(30))], &[]),
        ],
    );
    check(
        "change-large",
        &[
            case("very much", &[], &[("a.py", &logic(200))], &["a.py:1"]),
            case(
                "tests, texts, what a tool wrote",
                &[],
                &[
                    ("tests/test_a.py", &logic(200)),
                    ("a.md", &logic(200)),
                    ("b.py", &format!("# @generated\n{}", logic(200))),
                ],
                &[],
            ),
        ],
    );
}

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
fn every_rule_has_its_examples_here() {
    let own = include_str!("facts.rs");
    let rules = include_str!("../rules/change/change.yml");
    for id in rules.lines().filter_map(|line| line.strip_prefix("id: ")) {
        assert!(own.contains(&format!("\"{id}\"")), "{id} has no examples");
    }
}

#[test]
fn a_fact_is_new_and_reads_nothing() {
    let desk = Desk::new("change", &[("README.md", "# a\n")]);
    desk.write("notes.md", "Goes to the the end.\n");
    let (document, _) = desk.lint(&["--diff=HEAD"]);
    let scope = &document["scope"];
    assert_eq!(
        (&scope["read"], document["findings"].as_array().map(Vec::len)),
        (&Value::from(Vec::<u8>::new()), Some(1))
    );
    assert_eq!(document["findings"][0]["new"], true);
    assert_eq!(document["reviewer"], "change");
}

#[test]
fn a_comment_silences_a_fact_and_that_is_told() {
    let desk = Desk::new("change", &[("README.md", "# a\n")]);
    desk.write("a.py", "def f():\n    breakpoint()  # convoy-ignore: change-debugger\n");
    let (document, _) = desk.lint(&["--diff=HEAD"]);
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(0));
    assert!(document["notes"].to_string().contains("a.py:2 change-debugger"), "{document:#}");
}

#[test]
fn limits_are_the_users() {
    let desk = Desk::new("change", &[("README.md", "# a\n")]);
    desk.write("a.py", logic(60));
    desk.write("../rules/change/a.yml", "id: change-large\nseverity: info\n");
    assert_eq!(found(&desk, "change-large", &["--rules", "../rules"]), [""; 0]);
    desk.write("../rules/change/a.yml", "id: change-large\nseverity: info\nlimits: { lines: 50 }\n");
    assert_eq!(found(&desk, "change-large", &["--rules", "../rules"]), ["a.py:1"]);
    desk.write("../rules/change/a.yml", "id: change-large\nseverity: off\n");
    assert_eq!(found(&desk, "change-large", &["--rules", "../rules"]), [""; 0]);
    for (text, words) in [
        ("id: change-large\nlimits: { line: 50 }\n", "a.yml:1: limits: there is no 'line' (lines)"),
        ("id: change-lage\nseverity: off\n", "there is no rule 'change-lage' about a change"),
        ("id: change-large\nlimits: many\n", "a.yml:"),
    ] {
        desk.write("../rules/change/a.yml", text);
        let out = desk.command(&["--diff=HEAD", "--rules", "../rules"]).assert().code(2).get_output().clone();
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn only_what_was_asked_for_is_told() {
    let desk = Desk::new("change", &[("README.md", "# a\n")]);
    desk.write("a.py", "breakpoint()\n");
    desk.write("b.py", "breakpoint()\n");
    assert_eq!(places(&desk.lint(&["--base", "HEAD", "b.py"]).0, |_| true), ["b.py:1"]);
    let (document, _) = desk.lint(&["a.py"]);
    assert!(document["notes"].to_string().contains("No base was named"), "{document:#}");
    let rules: BTreeSet<String> = places(&desk.lint(&["--diff=HEAD"]).0, |_| true).into_iter().collect();
    assert_eq!(rules.len(), 2);
    fs::remove_file(desk.project().join("a.py")).expect("it was there");
}

#[test]
fn what_a_file_was_and_cannot_be_had_makes_nothing_new() {
    let large = format!("if x:\n    breakpoint()\n{}", "x = 1\n".repeat(200_000));
    let desk = Desk::new("change", &[("a.py", &large), ("b.py", "x = 1\n")]);
    desk.write("a.py", "breakpoint()\nx = 2\n");
    desk.write("b.py", "breakpoint()\n");
    let (document, _) = desk.lint(&["--diff=HEAD"]);
    assert_eq!(places(&document, |one| one["rule"] == "change-debugger"), ["b.py:1"]);
    let notes = document["notes"].to_string();
    assert!(
        notes.contains("not looked for in 1 file") && notes.contains("a.py: larger than 1000 KB"),
        "{notes}"
    );
}
