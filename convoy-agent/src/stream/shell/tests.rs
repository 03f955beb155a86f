use super::*;

fn seen(command: &str) -> Vec<String> {
    shown(command, Some(0), "some text\n")
}

#[test]
fn commands_that_show_a_file() {
    for (command, want) in [
        ("cat src/a.ts", vec!["src/a.ts"]),
        (r#"/bin/bash -lc "cat 'src/my file.ts'""#, vec!["src/my file.ts"]),
        ("bash -lc 'sed -n \"1,200p\" src/a.ts'", vec!["src/a.ts"]),
        ("bash -lc \"cd /p && nl -ba src/a.ts | sed -n '1,200p'\"", vec!["/p/src/a.ts"]),
        ("head -n 40 a.ts b.ts", vec!["a.ts", "b.ts"]),
        ("tail -40 a.ts | cat", vec!["a.ts"]),
        ("sed -n '1,9p' a.ts && printf '\\n--\\n' && sed -n '1,9p' b.ts", vec!["a.ts", "b.ts"]),
        ("cat a.ts 2>/dev/null", vec!["a.ts"]),
        ("cat < a.ts", vec!["a.ts"]),
        ("for f in a.ts b.ts; do echo \"== $f\"; cat \"$f\"; done", vec!["a.ts", "b.ts"]),
        ("cat src/*.ts", vec!["src/*.ts"]),
        ("find src -name '*.ts' -exec cat {} +", vec!["src/**/*.ts"]),
        ("find src -name '*.ts' | xargs cat", vec!["src/**/*.ts"]),
        ("git ls-files | xargs head -n 50", vec!["./**/*"]),
        ("awk '{print NR\": \"$0}' a.ts", vec!["a.ts"]),
        ("LC_ALL=C grep -n 'x' a.ts", vec!["a.ts"]),
        ("cat a.ts \\\n  b.ts", vec!["a.ts", "b.ts"]),
        ("cat -- -odd.ts", vec!["-odd.ts"]),
    ] {
        assert_eq!(seen(command), want, "{command}");
    }
}

#[test]
fn commands_that_show_none() {
    for command in [
        "ls src/a.ts",
        "wc -l src/a.ts",
        "cat a.ts > b.ts",
        "cat a.ts > /dev/null",
        "cat a.ts >/dev/null 2>&1; echo done",
        "cat a.ts | wc -l",
        "cat a.ts | grep -c x",
        "grep -l x a.ts",
        "grep -qn x a.ts && echo yes",
        "rg --files src",
        "sed -i 's/a/b/' a.ts",
        "echo cat a.ts",
        "echo 'cat a.ts'",
        "true || cat a.ts",
        "grep -q x y && cat a.ts; echo done",
        "if test -f a.ts; then cat a.ts; fi; echo done",
        "# cat a.ts\necho x",
        "stat a.ts",
        "find src -name '*.ts'",
        "cat > out.ts <<'EOF'\ncat a.ts\nEOF\necho x",
        "git status",
        "while false; do cat a.ts; done; echo x",
    ] {
        assert_eq!(seen(command), [""; 0], "{command}");
    }
    assert_eq!(shown("cat a.ts", Some(0), ""), [""; 0]);
}

#[test]
fn what_failed_is_not_shown() {
    assert_eq!(shown("cat a.ts", Some(1), "cat: a.ts: No such file or directory"), [""; 0]);
    assert_eq!(shown("cat a.ts", Some(137), "half of it"), [""; 0]);
    let output = "text\ncat: b.ts: Permission denied\n";
    assert_eq!(shown("cat a.ts; cat b.ts; echo x", Some(0), output), ["a.ts"]);
    // The search at the end found nothing; what was shown before it was shown.
    assert_eq!(shown("cat a.ts; rg zzz src", Some(1), "text"), ["a.ts"]);
    assert_eq!(shown("cat a.ts 2>/dev/null; rg zzz src", Some(1), "text"), [""; 0]);
    assert_eq!(shown("rg zzz a.ts", Some(1), "text"), [""; 0]);
}

#[test]
fn a_search_shows_the_files_it_names() {
    let output = "src/a.ts:3:let x\nsrc/b.ts-4-y\n";
    assert_eq!(shown("rg -n x src", Some(0), output), ["src", "src/a.ts", "src/b.ts"]);
    assert_eq!(shown("cd /p && rg x src", Some(0), "src/a.ts:let x: y"), ["/p/src", "/p/src/a.ts"]);
}

#[test]
fn what_a_refused_command_was_to_read() {
    assert_eq!(targets("bash -lc 'cat a.ts'"), Some(vec!["a.ts".to_owned()]));
    assert_eq!(targets("rg -n x"), Some(Vec::new()));
    assert_eq!(targets("rm -rf x"), None);
}
