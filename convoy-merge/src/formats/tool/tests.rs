use super::*;
use crate::formats::told;

#[test]
fn lines_of_tools() {
    let read = |line| remark(line).map(|r| (r.file.unwrap_or(""), r.line, r.severity, r.title));
    assert_eq!(read("src/a.c:3:9: warning: unused"), Some(("src/a.c", Some(3), Some("warning"), "unused")));
    assert_eq!(read("src/a.ts(3,9): error TS2322: no"), Some(("src/a.ts", Some(3), Some("error"), "no")));
    assert_eq!(read("a.py:1:0: C0114: Missing"), Some(("a.py", Some(1), Some("info"), "Missing")));
    assert_eq!(
        read("Dockerfile:3 DL3007 warning: Latest"),
        Some(("Dockerfile", Some(3), Some("warning"), "Latest"))
    );
    assert_eq!(read("src/a.c:3: we leak here"), None, "as people write");
    assert_eq!(read("12:30: error: late"), None);
    assert_eq!(
        read("src/a.js:3:9: 'x' is not read. [Warning/no-x]"),
        Some(("src/a.js", Some(3), Some("warning"), "'x' is not read."))
    );
}

#[test]
fn what_compilers_and_linters_print_around_it() {
    let read = |text: &str| {
        let found = extract(text).unwrap_or_else(|| panic!("none of a tool's: {text}"));
        let one = |m: &crate::model::Member| {
            (m.title.clone(), m.locations[0].display(), m.severity.name().to_string())
        };
        (found.members.iter().map(one).collect::<Vec<_>>(), found.complete)
    };
    let one =
        |title: &str, place: &str, level: &str| (title.to_string(), place.to_string(), level.to_string());
    let build = "make[2]: Entering directory '/b/oven'\ncc -O2 -Wall -c -o fan.o fan.c\nfan.c: In function 'fan_on':\nfan.c:12:7: warning: unused variable 'rpm' [-Wunused-variable]\n   12 |   int rpm;\n      |       ^~~\nfan.h:3:5: note: declared here\nar rcs liboven.a fan.o\nmake[2]: Leaving directory '/b/oven'\n";
    assert_eq!(read(build), (vec![one("unused variable 'rpm'", "fan.c:12", "medium")], true));
    let below = "[1 of 2] Compiling Loom ( src/Loom.hs )\n\nsrc/Loom.hs:30:4: error: [GHC-83865]\n    • Couldn't match type ‘Int’ with ‘Text’\n    • In the first argument of ‘weave’\n   |\n30 |   weave n\n   |         ^\n";
    assert_eq!(
        read(below),
        (vec![one("Couldn't match type ‘Int’ with ‘Text’", "src/Loom.hs:30", "high")], true)
    );
    let shell = "In bin/feed.sh line 7:\ncat $HERD | sort\n    ^---^ SC2086 (warning): Double quote this.\n\nFor more information:\n  https://docs.example/SC2086 -- Double quote this.\n";
    assert_eq!(read(shell), (vec![one("Double quote this.", "bin/feed.sh:7", "medium")], true));
    let rules = "┌────────────────┐\n│ 1 Code Finding │\n└────────────────┘\n\n    web/form.py\n   ❯❯❱ python.path-from-request\n          A name from the request is\n          used as a path.\n\n           41┆ open(name)\n";
    assert_eq!(
        read(rules).0,
        vec![one("A name from the request is used as a path.", "web/form.py:41", "high")]
    );
    let hardware =
        "%Warning-WIDTH: rtl/clk.sv:7:2: Operator expects 8 bits\n%Error: Exiting due to 1 warning(s)\n";
    assert_eq!(read(hardware).0, vec![one("Operator expects 8 bits", "rtl/clk.sv:7", "medium")]);
    let hidden = "a.cc:3:1: warning: narrowing [bugprone-narrowing]\n90 warnings generated.\nSuppressed 89 warnings (89 in system headers).\n";
    assert!(read(hidden).1 && !read(&hidden.replace("89 warnings", "80 warnings")).1);
}

/// Each remark's place and title, and nothing is missing.
fn whole(text: &str, expected: &[&str]) {
    let found = extract(text).unwrap_or_else(|| panic!("none of a tool's: {text}"));
    let one = |m: &crate::model::Member| format!("{} {}", m.locations[0].display(), m.title);
    let read: Vec<String> = found.members.iter().map(one).collect();
    assert_eq!((read, found.complete), (expected.iter().map(ToString::to_string).collect(), true), "{text}");
}

#[test]
fn every_remark_is_one_of_its_own() {
    // A note with a rule of its own explains nothing.
    whole(
        "bin/a.sh:2:1: warning: cd may fail. [SC2164]\nbin/a.sh:2:4: note: Quote this. [SC2086]\n",
        &["bin/a.sh:2 cd may fail.", "bin/a.sh:2 Quote this."],
    );
    // Code that is not indented, and what points at it.
    whole(
        "oven.py:1:1: F401 'os' imported but unused\nimport os, sys\n^\noven.py:1:10: E401 several imports\nimport os, sys\n         ^\noven.py:9:2: W291 blank at the end\nbake(3) \n       ^\n",
        &["oven.py:1 'os' imported but unused", "oven.py:1 several imports", "oven.py:9 blank at the end"],
    );
    // A wrapped message.
    whole(
        "oven.py:6: error: Function is missing a type\n[no-untyped-def]\n    def bake(x):\n    ^~~~~~~~~~~~\noven.py:8: error: Returns the wrong\ntype\n    return x\n           ^\n",
        &["oven.py:6 Function is missing a type", "oven.py:8 Returns the wrong type"],
    );
    whole(
        "/w/a.css: line 1, col 3, error - Unknown \"colr\" (property-no-unknown)\n/w/a.css: line 4, col 8, warning - Empty block (block-no-empty)\n",
        &["/w/a.css:1 Unknown \"colr\"", "/w/a.css:4 Empty block"],
    );
    whole(
        "oven.py:\n   1:1  D100 Missing docstring\n   4:9  E711 [*] Comparison to None\n\n",
        &["oven.py:1 Missing docstring", "oven.py:4 Comparison to None"],
    );
    whole(
        "In bin/a.sh line 2:\ncd $1\n^---^ SC2164 (warning): cd may fail.\n   ^-- SC2086 (info): Quote this.\n",
        &["bin/a.sh:2 cd may fail.", "bin/a.sh:2 Quote this."],
    );
    whole(
        "\n  ! eslint(no-eval): eval is\n  | dangerous\n    ,-[src/a.js:10:3]\n  9 |   f();\n 10 |   eval(x);\n    :   ^^^^\n    `----\n  help: Do without.\n\n  × eslint(no-debugger): debugger\n    ╭─[src/b.js:2:1]\n  2 │ debugger;\n    ╰────\n",
        &["src/a.js:10 eslint(no-eval): eval is dangerous", "src/b.js:2 eslint(no-debugger): debugger"],
    );
    whole(
        "   web/page.html\n      L1 |<html>\n          ^ Declare the type first. (doctype-first)\n      L7 |<A>\n          ^ Write it small. (tagname-lowercase)\n",
        &["web/page.html:1 Declare the type first.", "web/page.html:7 Write it small."],
    );
    whole(
        "== [q.sql] FAIL\nL:   1 | P:   1 | LT09 | Select targets should be on a new line unless there is\n                       | only one. [layout.targets]\nL:   4 | P:  19 | LT01 | Blank before comma. [layout.spacing]\n",
        &[
            "q.sql:1 Select targets should be on a new line unless there is only one.",
            "q.sql:4 Blank before comma.",
        ],
    );
    whole(
        "\npage.html\n──────────\nH005 1:0 Html tag should have a language. <html>\nH013 3:25 Img tag should have an alt. <img>\n\nLinted 1 file, found 2 errors.\n",
        &["page.html:1 Html tag should have a language.", "page.html:3 Img tag should have an alt."],
    );
    whole(
        "[1] api.yaml:1:1 at #/openapi\n\nServers must be present.\n\n1 | openapi: 3.0.0\n  | ^^^^^^^\n\nError was generated by the no-empty-servers rule.\n\n\n[2] api.yaml:4:3 at #/paths/~1a~1\n\n`/a/` should not end so.\n\n4 |   /a/:\n  |   ^^^\n\nWarning was generated by the no-slash rule.\n",
        &["api.yaml:1 Servers must be present.", "api.yaml:4 `/a/` should not end so."],
    );
    whole(
        "E3002: Properties are invalid tpl.yaml:6\nW3006: Validate the type tpl.yaml:8\n",
        &["tpl.yaml:6 Properties are invalid", "tpl.yaml:8 Validate the type"],
    );
    whole(
        "no-free-form play.yml:4\npackage-latest play.yml:4:7\n",
        &["play.yml:4 no-free-form", "play.yml:4 package-latest"],
    );
    // Rules of one word stand among others; alone they are what people write, too.
    whole(
        "name play.yml:1:3\ncommand-instead-of-shell play.yml:3\nfqcn play.yml:5:7\n",
        &["play.yml:1 name", "play.yml:3 command-instead-of-shell", "play.yml:5 fqcn"],
    );
    assert!(extract("see play.yml:4\n").is_none());
    whole(
        "Messages\n========\n\noven.py\n  Line: 1\n    lint: unused-import / Unused import os\n  Line: 5\n    lint: eval-used / Use of eval (col 4)\n    style: E741 / ambiguous name 'l' (col 5)\n\nCheck Information\n=================\n  Messages Found: 3\n",
        &["oven.py:1 Unused import os", "oven.py:5 Use of eval", "oven.py:5 ambiguous name 'l'"],
    );
    whole(
        "Messages\n========\n\noven (oven.py):\n    L3:7 bake: lint - singleton-comparison\n    Comparison with None\n\nhob.py:\n    L1:- None: lint - unused-import\n    Unused import os\n\nCheck Information\n=================\n   Messages Found: 2\n",
        &["oven.py:3 Comparison with None", "hob.py:1 Unused import os"],
    );
    whole(
        "[check] 2 files, base main\n[check] src/oven.rb ........ 1 issue\n    L38  high  Heat is compared as text\n[check] src/hob.rb ......... ok\n[check] done: 1 issue in 1 file\n",
        &["src/oven.rb:38 Heat is compared as text"],
    );
    whole(
        "notes.md:6: teh ==> the\nnotes.md:9: recieve ==> receive\n",
        &["notes.md:6 teh ==> the", "notes.md:9 recieve ==> receive"],
    );
}

#[test]
fn columns_ranges_and_numbered_code() {
    // Code behind its number, not indented, and what is told of it.
    whole(
        "src/oven.ts:3:9 - error TS7: No heat.\n\n3 import { a } from \"./hob:7\";\n          ~\n4 bake(a)\n  ~~~~~~~\n\n  src/hob.ts:1:5\n    1 let a: Heat;\n          ~\n    It comes from here.\n\nsrc/oven.ts:9:1 - error TS8: No lid.\n\n9 close();\n  ~~~~~\n\nFound 2 errors in the same file, starting at: src/oven.ts:3\n\n",
        &["src/oven.ts:3 No heat.", "src/oven.ts:9 No lid."],
    );
    // Ranges, and files without a remark.
    whole(
        "oven.md\n   3:5-3:13  warning  `hot` may burn, try `warm`   hot-words    lint\n 12:30-13:2  warning  Bad lid                      no-bad-lid   lint\n\nhob.md: no issues found\npan.md: no issues found\npot.md: no issues found\n\n⚠ 2 warnings\n",
        &["oven.md:3 `hot` may burn, try `warm`", "oven.md:12 Bad lid"],
    );
    whole(
        "oven.md\n3:5-3:13 warning The lid is `<open>` no-lid lint\n\n⚠ 1 warning\n",
        &["oven.md:3 The lid is `<open>` no-lid lint"],
    );
    // A title ends behind the brackets and quotations that it opens.
    whole(
        "oven.js: line 3, col 1, Expected a lid and saw ';'.\noven.js: line 3, col 9, Expected a lid and saw ':'.\noven.js: line 4, col 9, Heat is { at: 1; of: 2; } of. More is not.\noven.js: line 5, col 9, Heat (at: 1. More is not.\n",
        &[
            "oven.js:3 Expected a lid and saw ';'.",
            "oven.js:3 Expected a lid and saw ':'.",
            "oven.js:4 Heat is { at: 1; of: 2; } of.",
            "oven.js:5 Heat (at: 1.",
        ],
    );
    // Who prints it and how far it is.
    whole(
        "oven-lint v3.1.0 (kiln v2.0.0)\nFinding: *.md\nLinting: 1 file(s)\nSummary: 1 error(s)\noven.md:4 error OL022/lid A lid must close\n",
        &["oven.md:4 OL022/lid A lid must close"],
    );
    // The rule in front of its message.
    whole(
        "\noven.yaml\n  1:1   warning  oven-heat  Heat must be \"present\".\n 10:3     error  lid        A lid must close.          oven.lid\n\n✖ 2 problems\n",
        &["oven.yaml:1 Heat must be \"present\".", "oven.yaml:10 A lid must close."],
    );
}

#[test]
fn a_tool_that_stopped_early_is_not_whole() {
    for end in [
        "compilation terminated due to -fmax-errors=1.",
        "a.c:9:2: error: too many errors",
        "fatal error: too many errors emitted, stopping now [-ferror-limit=]",
        "100 errors\nonly showing the first 100 errors, of 150 total; use -Xmaxerrs",
        "error: aborting due to 4 previous errors",
    ] {
        let found = extract(&format!("a.c:3:9: error: unknown name\n{end}\n")).expect("a tool's");
        assert_eq!((found.members.len(), found.complete), (1, false), "{end}");
    }
    let whole = "a.c:3:9: error: unknown name\nerror: aborting due to 1 previous error\n";
    assert!(extract(whole).expect("a tool's").complete);
}

#[test]
fn texts_of_tools() {
    let text = "src/a.js\n  3:1  error  Bad import  import/first\n\n✖ 1 problem (1 error)\n";
    let found = extract(text).expect("lint");
    assert_eq!((found.members.len(), found.complete), (1, true));
    let text = "error[E0502]: cannot borrow\n  --> src/a.rs:3:9\n   |\n3  |  x\n";
    let found = extract(text).expect("lint");
    assert_eq!(found.members[0].locations[0].display(), "src/a.rs:3");
    let text = "src/a.c:3:9: warning: unused\n\n3 warnings generated.\n";
    assert!(!extract(text).expect("lint").complete);
    assert!(
        extract("src/a.c:3:9: warning: unused\n\nHi Bo,\n\nmore below.\n\nThe lock\nis\nbad.\n").is_none()
    );
}

#[test]
fn a_text_that_says_that_some_are_not_shown_is_not_whole() {
    let text = "src/a.js:3:9 lint/noVar ━━━━━━━━━━\n\n  × A var is declared.\n  \n  > 3 │ var a;\n      │ ^^^\n\nsrc/b.js:7:1 lint/noEval ━━━━━━━━━━\n\n  × It is dangerous.\n  \n  > 7 │ eval(a);\n      │ ^^^^\n\nThe number of diagnostics exceeds the limit allowed.\nDiagnostics not shown: 2.\nChecked 2 files.\n";
    let read = |text: &str| crate::extract::extract(text, "lint.txt");
    assert!(!read(text).complete);
    assert!(
        read(&text.replace(
            "The number of diagnostics exceeds the limit allowed.\nDiagnostics not shown: 2.\n",
            ""
        ))
        .complete
    );
}

#[test]
fn a_remark_on_a_long_line_is_one() {
    let text = format!(
        "oven.js\n  3:1  error  No lid {}  lid\n  4:1  error  No heat  heat\n\npan.js:7:1: error: No pan. {}\n",
        "x ".repeat(4000),
        "y".repeat(9000)
    );
    let found = extract(&text).expect("a tool's");
    let places: Vec<String> = found.members.iter().map(|m| m.locations[0].display()).collect();
    assert_eq!(
        (places, found.complete),
        (["oven.js:3", "oven.js:4", "pan.js:7"].map(str::to_string).to_vec(), true)
    );
}

#[test]
fn a_remark_without_a_place_is_told() {
    let text = "\n  × The rules are broken\n\n  ! eslint(no-eval): eval\n    ,-[src/a.js:10:3]\n 10 |   eval(x);\n    `----\n";
    let found = extract(text).expect("a tool's");
    assert_eq!((found.members.len(), found.complete), (1, false));
}

#[test]
fn a_list_that_states_more_than_it_holds_is_not_whole() {
    let text = "oven.py\n  Line: 1\n    lint: unused-import / Unused import os\n\n  Messages Found: 2\n";
    let found = extract(text).expect("a tool's");
    assert_eq!((found.members.len(), found.complete), (1, false));
}

#[test]
fn code_frames_of_linters() {
    let read = |text: &str| {
        let found = extract(text).unwrap_or_else(|| panic!("none of a tool's: {text}"));
        let one = |m: &crate::model::Member| {
            format!("{} {} {}", m.locations[0].display(), m.severity.name(), m.title)
        };
        (found.members.iter().map(one).collect::<Vec<_>>(), found.complete)
    };
    let marked = "error: <lid> is never closed (no-open) at /w/oven.html:1:2:\n> 1 | <lid>\n    |  ^^^^\n  2 | <fan>\nDetails: https://lint.example/no-open\n\n\nwarning: <fan> needs a name (no-name) at /w/oven.html:2:2:\n  1 | <lid>\n> 2 | <fan>\n    |  ^^^^\n  3 | a: 3\nDetails: https://lint.example/no-name\n\n\n2 errors found.\n";
    let expected = ["/w/oven.html:1 high <lid> is never closed", "/w/oven.html:2 medium <fan> needs a name"];
    assert_eq!(read(marked), (expected.map(str::to_string).to_vec(), true));
    let drawn = "warning[no-null]: A column may be null\n  ╭▸ heat.sql:3:15\n  │\n3 │ ALTER TABLE oven ADD COLUMN heat int;\n  │               ━━━━━━━━\n  │\n  ╰ help: Give it a default\nerror: `hete` should be `heat`\n  ╭▸ heat.sql:9:1\n  │\n9 │ -- hete\n  ╰╴   ━━━━\nerror: `ovne` should be `oven`\n  ┌─ heat.sql:10:4\n  │\n10 │ -- ovne\n  │    ^^^^\n";
    let expected = [
        "heat.sql:3 medium A column may be null",
        "heat.sql:9 high `hete` should be `heat`",
        "heat.sql:10 high `ovne` should be `oven`",
    ];
    assert_eq!(read(drawn), (expected.map(str::to_string).to_vec(), true));
}

#[test]
fn rows_of_cells() {
    let text = "\nfatal            Parsing error: no =           /w/lid.js:1:9\nwarn   no-var    Unexpected var, use let.      /w/oven.js:2:1\nerror            File is ignored by a pattern  /w/fan.js:undefined:undefined\n\n✖ 3 problems (1 fatal, 1 error, 1 warning)\n";
    let found = extract(text).expect("a tool's");
    let one =
        |m: &crate::model::Member| format!("{} {} {}", m.locations[0].display(), m.severity.name(), m.title);
    let expected = [
        "/w/lid.js:1 critical Parsing error: no =",
        "/w/oven.js:2 medium Unexpected var, use let.",
        "/w/fan.js high File is ignored by a pattern",
    ];
    assert_eq!(found.members.iter().map(one).collect::<Vec<_>>(), expected);
    assert!(found.complete, "{:?}", found.notes);
}

#[test]
fn rows_below_a_file_are_remarks() {
    let text = " ------ -------------------------------------\n  Line   src/Karte.php\n ------ -------------------------------------\n  22     Call to an undefined method\n         Karte::zeichne().\n         🪪  method.notFound\n  51     Parameter $zoom has no type specified.\n ------ -------------------------------------\n\n [ERROR] Found 2 errors\n";
    let all = [
        "src/Karte.php:22 unrated Call to an undefined method Karte::zeichne().",
        "src/Karte.php:51 unrated Parameter $zoom has no type specified.",
    ];
    assert_eq!(told(text, "out.txt"), (all.map(str::to_string).to_vec(), true));
    assert!(!told(&text.replace("Found 2", "Found 3"), "out.txt").1, "one is not there");
}
