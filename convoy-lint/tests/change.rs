//! What is new is told beside the base, in real repositories.

use serde_json::Value;

mod desk;

use desk::{Desk, places};

const EVAL: &str = "def f(text):\n    eval(text)\n";

/// `file:line` of each new finding, in order.
fn found(desk: &Desk) -> Vec<String> {
    places(&desk.lint(&["--diff=HEAD"]).0, |_| true)
}

const NONE: [&str; 0] = [];

#[test]
fn code_that_is_only_laid_out_anew_makes_nothing_new() {
    let long = "def f(text):\n    g(eval(text), 1, 2)\n";
    for (what, before, after) in [
        ("indented", EVAL, "def f(text):\n    if text:\n        eval(text)\n"),
        ("in a try", EVAL, "def f(text):\n    try:\n        eval(text)\n    except E:\n        pass\n"),
        ("wrapped", long, "def f(text):\n    g(\n        eval(text),\n        1,\n        2,\n    )\n"),
        ("unwrapped", "def f(text):\n    eval(\n        text,\n    )\n", EVAL),
        ("with a comment", EVAL, "def f(text):\n    # why\n    eval(text)  # this\n"),
        ("of another name", EVAL, "def other(text):\n    eval(text)\n"),
        ("with other ends of lines", EVAL, "def f(text):\r\n    eval(text)\r\n"),
        ("below others", EVAL, "def g():\n    pass\n\n\ndef f(text):\n    eval(text)\n"),
    ] {
        let desk = Desk::new("security", &[("a.py", before)]);
        desk.write("a.py", after);
        assert_eq!(found(&desk), NONE, "{what}");
    }
}

#[test]
fn what_moves_is_known_where_it_went() {
    let two = "def a():\n    pass\n\n\ndef f(text):\n    eval(text)\n";
    let desk = Desk::new("security", &[("a.py", two), ("b.py", "x = 1\n"), ("gone.py", EVAL)]);
    desk.write("a.py", "def f(text):\n    eval(text)\n\n\ndef a():\n    pass\n");
    assert_eq!(found(&desk), NONE, "within the file");
    desk.write("a.py", "def a():\n    pass\n");
    desk.write("b.py", format!("x = 1\n\n\n{EVAL}"));
    assert_eq!(found(&desk), NONE, "to another file");
    desk.remove("gone.py");
    desk.write("far/new \"one\".py", format!("# moved\n{EVAL}"));
    assert_eq!(found(&desk), NONE, "to a file that is new");
    desk.write("c.py", EVAL);
    assert_eq!(found(&desk).len(), 1, "a copy is one more");
}

#[test]
fn what_the_change_made_is_new() {
    let tainted = "from flask import request\n\n\ndef f():\n    x = 1\n    open(x)\n    eval(x)\n";
    for (what, before, after, new) in [
        ("a second one", EVAL, "def f(text):\n    eval(text)\n    eval(text)\n", 1),
        ("three of two", "eval(a)\neval(a)\n", "eval(a)\neval(a)\neval(a)\n", 1),
        ("another argument", EVAL, "def f(text):\n    eval(text + 1)\n", 1),
        ("the line written anew", EVAL, "def f(text):\n    return eval(text)\n", 1),
        ("a comment taken away that silenced it", "eval(a)  # noqa: S307\n", "eval(a)\n", 1),
        ("where a comment silences it", EVAL, "def f(text):\n    eval(text)  # noqa: S307\n", 0),
        (
            "a value that comes from outside now",
            tainted,
            &tainted.replace("x = 1", "x = request.args[\"x\"]"),
            1,
        ),
    ] {
        let desk = Desk::new("security", &[("a.py", before)]);
        desk.write("a.py", after);
        let new_ones = found(&desk);
        assert!(new_ones.len() >= new && (new > 0 || new_ones.is_empty()), "{what}: {new_ones:?}");
    }
}

#[test]
fn with_a_base_everything_is_told_and_marked() {
    let desk = Desk::new("security", &[("a.py", EVAL), ("b.py", EVAL)]);
    desk.write("a.py", format!("{EVAL}\n\n{}", EVAL.replace("def f", "def g")));
    let (document, _) = desk.lint(&["--base", "HEAD"]);
    assert_eq!(places(&document, |one| one["new"] == true), ["a.py:6"]);
    assert_eq!(places(&document, |one| one["new"] == false), ["a.py:2", "b.py:2"]);
    let (document, _) = desk.lint(&["--base="]);
    assert_eq!(places(&document, |one| one.get("new").is_none()).len(), 3, "nobody asked");
    // Another reviewer has the rest of the files: each finding of before answers once.
    desk.git(&["rm", "-qf", "b.py"]);
    desk.write("c.py", EVAL);
    desk.write("d.py", EVAL);
    let of = |file: &str| places(&desk.lint(&["--base", "HEAD", file]).0, |one| one["new"] == true).len();
    assert_eq!(of("c.py") + of("d.py"), 1);
}

#[test]
fn where_the_base_cannot_be_looked_at_the_lines_decide_and_that_is_said() {
    let large = format!("{EVAL}# {}\n", "x".repeat(100)).repeat(9_000);
    let desk = Desk::new("security", &[("a.py", &large), ("b.py", EVAL)]);
    desk.write("a.py", format!("def g(text):\n        eval(text)\n{EVAL}"));
    desk.write("b.py", "def f(text):\n    if text:\n        eval(text)\n");
    let (document, told) = desk.lint(&["--diff=HEAD"]);
    let notes = document["notes"].to_string();
    for words in [&told, &notes] {
        assert!(words.contains("a.py as of the base was not looked at (larger than"), "{words}");
    }
    assert_eq!(places(&document, |_| true), ["a.py:2"], "line 4 is as it was");
    let (document, _) = desk.lint(&["--base", "HEAD"]);
    assert_eq!(places(&document, |one| one.get("new").is_none()), ["a.py:2", "a.py:4"]);
    assert_eq!(places(&document, |one| one["new"] == false), ["b.py:3"]);
    let (sarif, _) = desk.lint_as("sarif", &["--base", "HEAD"]);
    let run = &sarif["runs"][0];
    let states = run["results"].as_array().expect("results").iter().map(|one| one.get("baselineState"));
    assert_eq!(states.collect::<Vec<_>>(), [None, None, Some(&Value::from("unchanged"))]);
    let told = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(told.contains("a.py as of the base was not looked at"), "{told}");
}
