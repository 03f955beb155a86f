//! A new migration of a database that cannot be taken back.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::diff::FileDiff;
use super::role::{Role, is_in, name};
use super::{Fact, Limits, Scene, pattern};

const DIRS: [&str; 5] = ["migrations", "migration", "migrate", "versions", "changes"];

static RUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"migrations\.Run(Python|SQL)\("));
static EMPTY_DOWNGRADE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?m)^def downgrade\([^)]*\)[^:]*:\s*\n(\s*("""[^"]*"""|#[^\n]*)\s*\n)*\s*pass\s*$"#)
});
static RUBY_UP: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*def (self\.)?up\b"));
static RUBY_DOWN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*def (self\.)?down\b"));
static JS_UP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)\b(exports\.up\b|export (const|async function|function) up\b|async up\()")
});
static JS_DOWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)\b(exports\.down\b|export (const|async function|function) down\b|async down\()")
});
static PHP_UP: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*public function up\("));
static PHP_DOWN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*public function down\("));

pub(super) fn one_way(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let fact = |file: &FileDiff| {
        let (line, why) = why(scene, file)?;
        Some(Fact::at(file, line).with("WHY", &why))
    };
    let new =
        scene.files.iter().filter(|file| file.is_new && !matches!(file.role, Role::Test(_) | Role::Docs));
    new.filter(|file| is_in(&file.path, &DIRS)).filter_map(fact).collect()
}

/// The line, and what is missing.
fn why(scene: &Scene, file: &FileDiff) -> Option<(usize, &'static str)> {
    let text = file.text.as_str();
    let line = |what: &Regex| {
        what.find(text).map(|found| super::tree::line_of(text, found.start() + count_blank(found.as_str())))
    };
    let lacks = |up: &Regex, down: &Regex| if down.is_match(text) { None } else { line(up) };
    match super::role::extension(&name(&file.path)) {
        "py" if text.contains("migrations.Migration") => django(text),
        "py" => line(&EMPTY_DOWNGRADE).map(|line| (line, "downgrade() does nothing")),
        "rb" => lacks(&RUBY_UP, &RUBY_DOWN).map(|line| (line, "there is an up and no down")),
        "js" | "ts" | "mjs" | "cjs" => {
            lacks(&JS_UP, &JS_DOWN).map(|line| (line, "there is an up and no down"))
        }
        "php" => lacks(&PHP_UP, &PHP_DOWN).map(|line| (line, "there is an up() and no down()")),
        "sql" => sql(scene, &file.path),
        _ => None,
    }
}

fn count_blank(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// `RunPython(forwards)` without the second function cannot be reversed.
fn django(text: &str) -> Option<(usize, &'static str)> {
    let one_way = |found: &regex::Match<'_>| {
        let call = call_at(text, found.end());
        !call.contains("reverse")
            && !call.contains("noop")
            && top_level_commas(call.trim_end_matches([',', '\n', ' '])) == 0
    };
    let found = RUN.find_iter(text).find(one_way)?;
    Some((super::tree::line_of(text, found.start()), "RunPython or RunSQL has nothing that reverses it"))
}

/// The arguments of a call, from behind its parenthesis to the one that closes it.
fn call_at(text: &str, from: usize) -> &str {
    let mut depth = 1;
    for (at, c) in text[from..].char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[from..from + at];
        }
    }
    &text[from..]
}

fn top_level_commas(call: &str) -> usize {
    let mut depth = 0;
    let mut commas = 0;
    for c in call.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    commas
}

/// `x.up.sql` without `x.down.sql`.
fn sql(scene: &Scene, path: &Path) -> Option<(usize, &'static str)> {
    let down = [(".up.sql", ".down.sql"), ("/up.sql", "/down.sql")];
    let whole = path.to_string_lossy().into_owned();
    let (up, down) = down.iter().find(|(up, _)| whole.ends_with(up))?;
    let twin = whole.strip_suffix(up)?.to_owned() + down;
    (!scene.tree.has(Path::new(&twin))).then_some((1, "there is no down file beside it"))
}
