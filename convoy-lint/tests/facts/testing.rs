//! What a change does to tests.

use super::*;

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
fn a_fix_without_a_test() {
    const RULE: &str = "change-fix-untested";
    let tested = ("tests/test_app.py", "def test_a():\n    assert a() == 1\n");
    let code = ("src/app.py", "def a(x):\n    return x\n");
    let fixed = ("src/app.py", "def a(x):\n    return max(x, 1)\n");
    let also = ("tests/test_app.py", "def test_a():\n    assert a(0) == 1\n");
    let other = ("tests/test_other.py", tested.1);
    let said = ("src/app.py", "# what is wrong\ndef a(x):\n    return x\n");
    let long = ("src/app.py", "def least_of(x):\n    return x\n");
    let cured = ("src/app.py", "def least_of(x):\n    return max(x, 1)\n");
    let naming = (
        "tests/test_other.py",
        "from src.app import least_of\n\n\ndef test_a():\n    assert least_of(2) == 2\n",
    );
    let beside = (
        "tests/test_other.py",
        "from src.app import most_of\n\n\ndef test_a():\n    assert most_of(2) == 2\n",
    );
    for (what, before, after, says, is_found) in [
        ("its tests are there", [code, tested], vec![fixed], "Fix the least value", true),
        ("as others say it", [code, tested], vec![fixed], "app: avoid a crash with nothing", true),
        ("a test is touched", [code, tested], vec![fixed, also], "Fix the least value", false),
        ("no fix", [code, tested], vec![fixed], "Add a least value", false),
        ("of types", [code, tested], vec![fixed], "Fix the type of a", false),
        ("of the tools", [code, tested], vec![fixed], "chore: fix the least value", false),
        ("this file has no tests", [code, other], vec![fixed], "Fix the least value", false),
        ("only words", [code, tested], vec![said], "Fix the least value", false),
        ("another file tests this function", [long, naming], vec![cured], "Fix the least value", true),
        ("it tests another function of it", [long, beside], vec![cured], "Fix the least value", false),
        ("what it must do", [code, tested], vec![fixed], "The value must be 1 at least", true),
    ] {
        let desk = Desk::new("change", &before);
        for (path, text) in after {
            desk.write(path, text);
        }
        desk.git(&["add", "-A"]);
        desk.git(&["commit", "-qm", says]);
        let (document, _) = desk.lint(&["--diff=HEAD~1"]);
        let places = places(&document, |one| one["rule"] == RULE);
        assert_eq!(places, if is_found { vec!["src/app.py:2"] } else { vec![] }, "{what}");
    }
    let desk = Desk::new("change", &[code, tested]);
    desk.write(fixed.0, fixed.1);
    assert_eq!(found(&desk, RULE, &[]), [""; 0], "what is not committed says nothing");
    // Both would be said of this one.
    let desk = Desk::new("change", &[code, tested]);
    desk.write("src/app.py", logic(6));
    desk.git(&["commit", "-qam", "Fix all of it"]);
    let (document, _) = desk.lint(&["--diff=HEAD~1"]);
    let rules = document["findings"].as_array().expect("a list");
    let rules: Vec<&str> = rules.iter().filter_map(|one| one["rule"].as_str()).collect();
    assert_eq!(rules, [RULE]);
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
            case(
                "it was off before",
                &[("src/test/ATest.java", "    @Ignore\n")],
                &[("src/test/ATest.java", "    @Disabled\n")],
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
            case(
                "its tests did so before",
                &[("tests/test_a.py", "def test_a():\n    time.sleep(2)\n")],
                &[(
                    "tests/test_a.py",
                    "def test_a():\n    time.sleep(2)\n\n\ndef test_b():\n    time.sleep(3)\n",
                )],
                &[],
            ),
            case("in code", &[], &[("a.py", "time.sleep(2)\n")], &[]),
            case("it only gives way", &[], &[("tests/test_a.py", "    await asyncio.sleep(0)\n")], &[]),
        ],
    );
}
