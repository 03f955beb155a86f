//! The words of the glossary: none that `docs/glossary.md` lists as not used is in
//! what people read.

use std::fs;
use std::path::{Path, PathBuf};

use convoy_tests::sandbox::{Launcher, Sandbox, shown};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The left column of the list, in lower case.
fn banned() -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let list = page.split("## Words that are not used").nth(1).unwrap();
    let rows = list.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.split('|').nth(1).unwrap().trim().to_owned()).collect()
}

/// The banned words of a text; blanks and ends of lines count as one blank.
fn found_in(text: &str, banned: &[String]) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let is_of_a_word = |c: char| c.is_alphanumeric() || c == '_' || c == '`' || c == '"';
    let stands_alone = |word: &str, at: usize| {
        !text[..at].ends_with(is_of_a_word) && !text[at + word.len()..].starts_with(is_of_a_word)
    };
    let is_in = |word: &&String| text.match_indices(word.as_str()).any(|(at, _)| stands_alone(word, at));
    banned.iter().filter(is_in).cloned().collect()
}

/// All files below a directory with one of these endings, tests and vendored code left out.
fn files(dir: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !["tests", "vendor", "snapshots", "target", "node_modules"].contains(&name) {
                found.extend(files(&path, endings));
            }
        } else if path.extension().is_some_and(|e| endings.iter().any(|ending| e == *ending))
            && name != "tests.rs"
        {
            found.push(path);
        }
    }
    found
}

/// The string literals of Rust code, those of its tests left out. One without a
/// blank is a key or a name.
fn prose(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let mut found = Vec::new();
    let mut rest = code.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let next = rest.peek().map(|(_, c)| *c);
        match c {
            '/' if next == Some('/') => while rest.next().is_some_and(|(_, c)| c != '\n') {},
            // A character: `'"'`, `'\''`.
            '\'' if code[at..].starts_with("'\"'") || code[at..].starts_with("'\\") => {
                rest.nth(if code[at..].starts_with("'\\") { 2 } else { 1 });
            }
            // `r"…"`, `r#"…"#`: nothing in it is escaped.
            'r' if code[at + 1..].trim_start_matches('#').starts_with('"') => {
                let marks = code[at + 1..].len() - code[at + 1..].trim_start_matches('#').len();
                let body = &code[at + marks + 2..];
                let end = body.find(&format!("\"{}", "#".repeat(marks))).unwrap_or(body.len());
                found.push(body[..end].to_owned());
                let after = at + 2 * marks + 2 + end;
                while rest.next_if(|(at, _)| *at <= after).is_some() {}
            }
            '"' => {
                let mut text = String::new();
                while let Some((_, c)) = rest.next() {
                    match c {
                        '"' => break,
                        // `\n` parts words; a `\` at the end of a line goes on.
                        '\\' => {
                            let escaped = rest.next().map(|(_, c)| c);
                            text.push(if matches!(escaped, Some('n' | '\n')) { ' ' } else { '\\' });
                        }
                        c => text.push(c),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found.retain(|text| text.trim().contains(' '));
    found
}

/// The page's code without its comments.
fn without_comments(source: &str) -> String {
    let lines = source.lines().map(str::trim_start);
    lines
        .filter(|line| !["//", "/*", "*"].iter().any(|mark| line.starts_with(mark)))
        .collect::<Vec<_>>()
        .join("\n")
}

fn assert_clean(found: &[(String, Vec<String>)]) {
    let wrong: Vec<String> = found
        .iter()
        .filter(|(_, words)| !words.is_empty())
        .map(|(place, words)| format!("{place}: {}", words.join(", ")))
        .collect();
    assert!(wrong.is_empty(), "docs/glossary.md has other words for these:\n{}", wrong.join("\n"));
}

#[test]
fn docs_and_prompts_use_the_words_of_the_glossary() {
    let banned = banned();
    assert!(banned.len() > 20, "{banned:?}");
    let root = root();
    let mut pages: Vec<PathBuf> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(|name| root.join(name))
        .to_vec();
    for dir in ["docs", "agents", "skills", "templates", "runners"] {
        pages.extend(files(&root.join(dir), &["md", "json", "toml"]));
    }
    pages.retain(|path| !path.ends_with("docs/glossary.md"));
    assert!(pages.len() > 30, "{pages:?}");
    let found: Vec<_> = pages
        .iter()
        .map(|path| (path.display().to_string(), found_in(&fs::read_to_string(path).unwrap(), &banned)))
        .collect();
    assert_clean(&found);
}

#[test]
fn messages_use_the_words_of_the_glossary() {
    let banned = banned();
    let mut found = Vec::new();
    for entry in fs::read_dir(root()).unwrap().chain(fs::read_dir(root().join("shared")).unwrap()) {
        let source = entry.unwrap().path().join("src");
        if !source.is_dir() || source.starts_with(root().join("tests")) {
            continue;
        }
        for path in files(&source, &["rs"]) {
            for text in prose(&fs::read_to_string(&path).unwrap()) {
                // How the system's own words are recognised.
                let words = found_in(&text, &banned).into_iter().filter(|word| word != "os error");
                found.push((format!("{}: {text:?}", path.display()), words.collect()));
            }
        }
    }
    assert!(found.len() > 1000, "{}", found.len());
    assert_clean(&found);
}

#[test]
fn the_page_uses_the_words_of_the_glossary() {
    let banned = banned();
    let pages = files(&root().join("convoy-dashboard/web"), &["js", "html"]);
    assert!(pages.len() > 5, "{pages:?}");
    let found: Vec<_> = pages
        .iter()
        .map(|path| {
            let text = without_comments(&fs::read_to_string(path).unwrap());
            (path.display().to_string(), found_in(&text, &banned))
        })
        .collect();
    assert_clean(&found);
}

#[test]
fn help_uses_the_words_of_the_glossary() {
    let banned = banned();
    let sandbox = Sandbox::new(Launcher::Process);
    let make = fs::read_to_string(root().join("Makefile")).unwrap();
    let names = make.lines().find_map(|line| line.strip_prefix("PROGRAMS = ")).unwrap();
    let mut calls: Vec<Vec<String>> =
        names.split(' ').map(|name| vec![name.to_owned(), "--help".to_owned()]).collect();
    calls.push(["pan", "convoy", "--help"].map(str::to_owned).to_vec());
    let text = |words: &[String]| {
        let out = sandbox.command(&words[0]).args(&words[1..]).output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", shown(&out));
        String::from_utf8(out.stdout).unwrap()
    };
    let all = text(&["convoy-ctl".to_owned(), "--help".to_owned()]);
    let verbs = all.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    for line in verbs.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let verb = line.split_whitespace().next().unwrap();
        if verb != "help" {
            calls.push(["convoy-ctl", verb, "--help"].map(str::to_owned).to_vec());
        }
    }
    assert!(calls.len() > 25, "{calls:?}");
    let found: Vec<_> =
        calls.iter().map(|words| (words.join(" "), found_in(&text(words), &banned))).collect();
    assert_clean(&found);
}

#[test]
fn a_banned_word_is_found_where_it_stands_alone() {
    let banned = ["mend", "is told", "os error"].map(str::to_owned);
    for (text, want) in [
        ("to mend it", &["mend"][..]),
        ("Mend it. It is\n   told", &["mend", "is told"]),
        ("amend, recommend, `mend`, \"mend\": 1", &[]),
        ("cannot read x: No such file (os error 2)", &["os error"]),
    ] {
        assert_eq!(found_in(text, &banned), want, "{text}");
    }
    let source = "// \"of a comment\"\nlet a = '\"'; let b = \"to \\\n   mend\"; let c = \"key\";\nlet d = r#\"\"x y\"#;\n#[cfg(test)] \"in tests\"";
    assert_eq!(prose(source).len(), 2, "{:?}", prose(source));
}
