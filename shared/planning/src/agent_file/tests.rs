use super::*;

fn parse_named(name: &str, text: &str) -> Result<AgentFile, Vec<String>> {
    let source = Source { name: name.to_owned(), text: text.to_owned() };
    read(&source).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn parse(text: &str) -> Result<AgentFile, Vec<String>> {
    parse_named("a.md", text)
}

/// A file with these lines of frontmatter.
fn with(lines: &str) -> AgentFile {
    parse(&format!("---\n{lines}\n---\nDo.\n")).unwrap_or_else(|problems| panic!("{lines:?}: {problems:?}"))
}

fn tools(lines: &str) -> Option<Vec<String>> {
    with(&format!("name: a\ndescription: d\n{lines}")).tools
}

#[test]
fn claude_code_files_are_read() {
    let text = "---\nname: reviewer\ndescription: \"Use when: x\"\ntools: Read, Bash(git log)\nmodel: inherit\ncolor: red\nhooks:\n  - a: {b: 1}\n---\n\nYou review.\n\n---\nMore.\n";
    let file = parse(text).unwrap();
    assert_eq!(file.name.as_str(), "reviewer");
    assert_eq!(file.model, "sonnet");
    assert_eq!(file.wanted_tools(), ["Read", "Bash(git log)"]);
    assert_eq!(file.prompt, "You review.\n\n---\nMore.");
    assert_eq!(file.description, "Use when: x");
    assert_eq!(file.notes, ["not used here: hooks"]);
}

#[test]
fn defaults_and_own_keys() {
    let file = parse("\u{feff}---\r\nname: a\r\ndescription: d\r\ntools:\r\n---\r\nDo.").unwrap();
    assert_eq!((file.model.as_str(), file.tools.as_ref()), ("sonnet", None));
    assert_eq!(file.wanted_tools(), DEFAULT_TOOLS);
    let file = parse(
        "---\nname: a\ndescription: d\nmodel: haiku\ntools: [Read]\nrunner: command\ntimeout: 5m\ncommand: [sh, x]\n---\n",
    )
    .unwrap();
    assert_eq!(file.timeout_ms, Some(300_000));
    assert_eq!(file.command, Some(vec!["sh".into(), "x".into()]));
    assert_eq!(file.wanted_tools(), ["Read"]);
    assert_eq!(file.runner.unwrap().to_string(), "command");
    assert_eq!(file.notes, Vec::<String>::new());
}

#[test]
fn values_that_are_no_yaml_are_text() {
    for value in [
        "Use: when",
        "Use when. Examples: <example>user: \"x\" assistant: \"y: z\"</example>",
        "@someone asks",
        "%x y",
        "{x} y",
        "!x y",
        "[x] y",
        "!x y: z",
        "`x` y",
        "*x y",
        "it's: x",
        "\"a\" : b",
        "a\tb: c",
        "- a",
        "ends with a colon:",
        "\"a\" and b",
        "a \\n b: c",
    ] {
        let file = with(&format!("name: a\ndescription: {value}\ntools: Read, Glob\nmodel: opus"));
        assert_eq!(file.description, value);
        assert_eq!((file.model.as_str(), file.wanted_tools().len()), ("opus", 2), "{value}");
        // A tag is YAML, with nothing behind it.
        let odd = value != "!x y";
        assert_eq!(
            file.notes.iter().any(|note| note.contains("key by key")),
            odd,
            "{value}: {:?}",
            file.notes
        );
    }
}

#[test]
fn values_go_on_over_lines_that_are_no_yaml() {
    let lines = "name: a\ndescription: Use this: when\n\n<example>\n\"x\" and: y\n</example>\ntools:\n- Read\n- Grep\nmodel: opus";
    let file = with(lines);
    assert_eq!(file.description, "Use this: when\n\n<example>\n\"x\" and: y\n</example>");
    assert_eq!((file.wanted_tools(), file.model.as_str()), (vec!["Read".into(), "Grep".into()], "opus"));
    // As far in as the first key is.
    let file = with("  name: a\n  description: b: c\n    d\n  tools: Glob");
    assert_eq!((file.description.as_str(), file.wanted_tools()), ("b: c\n  d", vec!["Glob".into()]));
    let file = with("# a comment: here\nname: a\ndescription: |\n  b: c\n  d\nmodel: x: y");
    assert_eq!((file.description.as_str(), file.model.as_str()), ("b: c\nd", "x: y"));
    // Tabs.
    let file = with("name:\ta\ndescription:\td\ntools:\n\t- Read");
    assert_eq!(file.wanted_tools(), ["Read"]);
    // The last one counts.
    let file = with("name: a\ndescription: b\ndescription: c");
    assert_eq!(file.description, "c");
    assert!(file.notes[0].contains("the last one counts"), "{:?}", file.notes);
}

#[test]
fn the_fences_are_where_people_put_them() {
    for text in [
        "---\r\nname: a\r\ndescription: d: e\r\ntools: Read\r\n---\r\nDo.\r\n",
        "---  \nname: a\ndescription: d: e\ntools: Read\n--- \nDo.",
        "---\nname: a\ndescription: d: e\ntools: Read\n----\nDo.",
        "\u{feff}---\nname: a\ndescription: d: e\ntools: Read\n  ---\nDo.",
        "---\nname: a\ndescription: d: e\ntools: Read---\nDo.",
    ] {
        let file = parse(text).unwrap();
        assert_eq!((file.description.as_str(), file.prompt.as_str()), ("d: e", "Do."), "{text:?}");
        assert_eq!(file.wanted_tools(), ["Read"], "{text:?}");
    }
    let file = parse("---\nname: a\ndescription: d\n---").unwrap();
    assert_eq!((file.prompt.as_str(), file.notes.len()), ("", 1));
}

#[test]
fn names_are_what_people_call_agents() {
    for name in ["C# Pro", "next.js-16", "Code Reviewer", "Prüfer", "12"] {
        assert_eq!(with(&format!("name: {name}\ndescription: d")).name.as_str(), name);
    }
    let file = parse_named("/x/My Agent.v2.md", "---\ndescription: d\n---\nDo.").unwrap();
    assert_eq!((file.name.as_str(), file.notes.len()), ("My Agent.v2", 1));
}

#[test]
fn tools_are_taken_in_every_form() {
    let want = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
    for (line, expected) in [
        ("", None),
        ("tools:", None),
        ("tools: Read, Grep", want(&["Read", "Grep"])),
        ("tools: Read Grep\tGlob", want(&["Read", "Grep", "Glob"])),
        (
            "tools: Read,Bash(git log:*, git diff) mcp__x__y",
            want(&["Read", "Bash(git log:*, git diff)", "mcp__x__y"]),
        ),
        ("tools: [Read, Grep]", want(&["Read", "Grep"])),
        ("tools: [\"Read\", 'Grep']", want(&["Read", "Grep"])),
        ("tools: [\n  Read,\n  Grep\n]", want(&["Read", "Grep"])),
        ("tools: [Read, Grep", want(&["Read", "Grep"])),
        ("tools:\n  - Read\n  - Bash(git log:*)", want(&["Read", "Bash(git log:*)"])),
        ("tools: *", want(&["*"])),
        ("tools: \"*\"", want(&["*"])),
        ("tools: ['*']", want(&["*"])),
        ("tools: []", want(&[])),
        ("tools: ''", want(&[])),
        ("tools: {Read: true}", want(&[])),
        ("tools: 3", want(&[])),
        ("tools: [Read, 3]", want(&["Read"])),
    ] {
        assert_eq!(tools(line), expected, "{line}");
    }
    let odd =
        with("name: a\ndescription: d\ntools: {Read: true}\ndisallowedTools: Bash, Write\nmodel: 3\nfoo: 1");
    assert_eq!(odd.disallowed_tools, ["Bash", "Write"]);
    assert_eq!(
        odd.notes,
        [
            "'model' is a number, and not used",
            "'tools' is a table, which names no tool",
            "not used here: foo"
        ]
    );
}

#[test]
fn braces_are_text() {
    let file = parse("---\nname: a\ndescription: d\n---\nName it {{service}}, {{files}}.").unwrap();
    assert_eq!(file.prompt, "Name it {{service}}, {{files}}.");
}

#[test]
fn problems_have_file_and_line() {
    for (text, want) in [
        ("", "a.md:1:1: the file is empty"),
        ("# Hello\n", "a.md:1:1: no frontmatter"),
        ("---\nname: a\n", "a.md:1:1: the frontmatter has no end"),
        ("---\nname: a\n---\nx", "a.md:1:1: the frontmatter has no 'description'"),
        ("---\nname: ../b\ndescription: d\n---\nx", "a.md:2:1: 'name': '../b' is not a name"),
        ("---\nname: a\ndescription: d\ntimeout: soon\n---\nx", "a.md:4:1: 'timeout': 'soon' is not a time"),
        (
            "---\nname: a\ndescription: d: e\ntimeout: soon\n---\nx",
            "a.md:4:1: 'timeout': 'soon' is not a time",
        ),
        (
            "---\nname: a\ndescription: d\nrunner: No One\n---\nx",
            "a.md:4:1: 'runner': 'No One' is not a name",
        ),
        (
            "---\nname: a\ndescription: d\ncommand: ls -l\n---\nx",
            "a.md:4:1: 'command': expected a list of words",
        ),
        (
            "---\nname: a\ndescription: d\ncommand: [sh, -c, 'x\n---\nx",
            "a.md:4:1: 'command': expected a list of words",
        ),
        ("---\n- a\n---\nx", "a.md:2:"),
        ("---\njust words\n---\nx", "bad frontmatter"),
    ] {
        let problems = parse(text).unwrap_err().join("\n");
        assert!(problems.contains(want), "{want:?} not in {problems:?}");
    }
}

#[test]
fn a_key_that_stands_twice_is_told_in_words_for_people() {
    let file = parse("---\nname: a\ndescription: one\ndescription: two\n---\nB\n").unwrap();
    let notes = file.notes.join("\n");
    assert!(notes.contains("duplicate mapping key: description: the last one counts"), "{notes}");
    assert!(!notes.contains("Options"), "{notes}");
}
