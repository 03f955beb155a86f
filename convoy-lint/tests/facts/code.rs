//! What new code leaves behind, drops or gives away.

use super::*;

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
fn code_that_ran_and_is_a_comment_now() {
    let ran = "def f(cache):\n    if cache:\n        return cache.get()\n    return load()\n";
    let off = ran.replace("        return cache.get()", "        pass\n        # return cache.get()");
    let said = ran.replace(
        "        return cache.get()",
        "        pass\n        # The cache lies when clocks differ, see #12.\n        # return cache.get()",
    );
    let new = format!("{ran}# return cache.put()\n");
    let moved = format!("# return load()\n{ran}");
    check(
        "change-code-switched-off",
        &[
            case("a line", &[("a.py", ran)], &[("a.py", &off)], &["a.py:4"]),
            case(
                "a check of a test",
                &[("a.test.ts", "it('a', () => {\n  expect(a()).toBe(1);\n});\n")],
                &[("a.test.ts", "it('a', () => {\n  // expect(a()).toBe(1);\n});\n")],
                &["a.test.ts:2"],
            ),
            case(
                "settings",
                &[(".github/workflows/a.yml", "steps:\n  - run: make test\n")],
                &[(".github/workflows/a.yml", "steps:\n  # - run: make test\n")],
                &[".github/workflows/a.yml:2"],
            ),
            case("it is said why", &[("a.py", ran)], &[("a.py", &said)], &[]),
            case("it never ran", &[("a.py", ran)], &[("a.py", &new)], &[]),
            case("it still runs", &[("a.py", ran)], &[("a.py", &moved)], &[]),
            case("words", &[("a.py", "else:\n    pass\n")], &[("a.py", "# else:\n")], &[]),
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
                &[("a.go", "n, _ := json.Marshal(s)\nif err != nil {\n}\n_ = file.Sync()\n")],
                &["a.go:1", "a.go:2", "a.go:4"],
            ),
            case(
                "Go, what is no number is nought",
                &[],
                &[("a.go", "page, _ := strconv.Atoi(query.Get(\"page\"))\n")],
                &[],
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
