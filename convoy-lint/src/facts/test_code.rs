//! Tests beside a change: none touched, some taken away, switched off, or made to wait.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::diff::{self, FileDiff, Line};
use super::role::{Lang, Role};
use super::tests_of::{has_test_inside, naming_tests, nearest_tests, own_tests};
use super::{Fact, Limits, Scene, pattern};

static FOCUSED_JS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\s*((describe|it|test|context|suite)(\.\w+)?\.only(\.each)?\b|(fdescribe|fit|fcontext)\()")
});
static FOCUSED_RUBY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(fit|fdescribe|fcontext)\b|,\s*:?focus(:\s*true)?\s*do\b"));
static FOCUSED_PHP: LazyLock<Regex> = LazyLock::new(|| pattern(r"->only\(\)"));

/// Lines of tests that a pattern matches, each with what it matched.
fn in_tests(scene: &Scene, found: impl Fn(&FileDiff, Lang, usize, &Line) -> Option<String>) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (file, lang) in scene.tests() {
        for (number, line) in file.fresh().filter(|(_, line)| line.is_code()) {
            if let Some(code) = found(file, lang, number, line) {
                facts.push(Fact::at(file, number).with("CODE", &code));
            }
        }
    }
    facts
}

fn matched(what: &Regex, code: &str) -> Option<String> {
    what.find(code).map(|found| found.as_str().trim().trim_end_matches('(').to_owned())
}

pub(super) fn focused(scene: &Scene, _: &Limits) -> Vec<Fact> {
    in_tests(scene, |_, lang, _, line| match lang {
        Lang::JavaScript => matched(&FOCUSED_JS, &line.code),
        Lang::Ruby => matched(&FOCUSED_RUBY, &line.code),
        Lang::Php => matched(&FOCUSED_PHP, &line.code),
        _ => None,
    })
}

static SKIPPED_JS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"^\s*((describe|it|test|context|suite)\.skip\(\s*($|['"`])|(xit|xdescribe|xtest|xcontext)\()"#)
});
static SKIPPED_PYTHON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*(@pytest\.mark\.(skip|xfail)\b(\(\s*\))?\s*$|@unittest\.(skip|expectedFailure)\b(\(\s*\))?\s*$|pytest\.skip\(\s*\)|self\.skipTest\(\s*\))",
    )
});
static SKIPPED_GO: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bt\.(SkipNow\(\)|Skip\(\s*\))"));
static SKIPPED_RUST: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*#\[ignore\]"));
static SKIPPED_JAVA: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*@(Ignore|Disabled)(\(\s*\))?\s*$"));
static SKIPPED_RUBY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(xit|xdescribe|xcontext|xspecify)\b|^\s*(skip|pending)\s*$"));
static SKIPPED_PHP: LazyLock<Regex> = LazyLock::new(|| pattern(r"markTest(Skipped|Incomplete)\(\s*\)"));
static SKIPPED_CSHARP: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*\[Ignore\]"));

/// Tests that are switched off without a word why.
pub(super) fn skipped(scene: &Scene, _: &Limits) -> Vec<Fact> {
    in_tests(scene, |file, lang, number, line| {
        let what = match lang {
            Lang::JavaScript => &SKIPPED_JS,
            Lang::Python => &SKIPPED_PYTHON,
            Lang::Go => &SKIPPED_GO,
            Lang::Rust => &SKIPPED_RUST,
            Lang::Java | Lang::Kotlin => &SKIPPED_JAVA,
            Lang::Ruby => &SKIPPED_RUBY,
            Lang::Php => &SKIPPED_PHP,
            Lang::CSharp => &SKIPPED_CSHARP,
            Lang::C | Lang::Swift => return None,
        };
        let before = file.line(number - 1);
        let conditional = before.is_some_and(|above| above.code.trim_start().starts_with("if"));
        let said = !line.comment.trim().is_empty()
            || before.is_some_and(|above| above.code.trim().is_empty() && !above.comment.trim().is_empty());
        // One that was switched off before, in other words.
        let stood = file.removed.iter().any(|line| what.is_match(line));
        matched(what, &line.code).filter(|_| !conditional && !said && !stood)
    })
}

static SLEEPS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) \btime\.sleep\(\s*[\d.]*[1-9] | \basyncio\.sleep\(\s*[\d.]*[1-9] | \bThread\.sleep\( | \bthread::sleep\(
        | \btokio::time::sleep\( | \btime\.Sleep\( | \bwaitForTimeout\( | \bawait\s+(sleep|delay|wait)\(\s*\d
        | setTimeout\(\s*(r|res|resolve|done)\s*,\s*\d{2,} | \busleep\(",
    )
});

/// Tests that wait for a fixed time.
pub(super) fn sleeps(scene: &Scene, _: &Limits) -> Vec<Fact> {
    // Where tests did so before, it is their way.
    let slept = |file: &FileDiff| file.before.as_deref().is_some_and(|before| SLEEPS.is_match(before));
    let mut facts = in_tests(scene, |file, _, _, line| matched(&SLEEPS, &line.code).filter(|_| !slept(file)));
    // Once for a file is enough.
    facts.dedup_by(|next, first| next.path == first.path);
    facts
}

/// The line that begins a test case.
fn case(lang: Lang) -> Option<&'static Regex> {
    static PYTHON: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(async )?def (test_\w+)"));
    static JS: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\s*(it|test)(\.\w+)*\(\s*(['"`].+)"#));
    static GO: LazyLock<Regex> = LazyLock::new(|| pattern(r"^func()() ?(Test\w+)\("));
    static RUST: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*#\[([\w:]*::)?test(\(|\])"));
    static JAVA: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*@(Parameterized)?Test\b"));
    static RUBY: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\s*((it|test|specify)\s+['"]|def test_)"#));
    static PHP: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*public function (test\w+)\("));
    Some(match lang {
        Lang::Python => &PYTHON,
        Lang::JavaScript => &JS,
        Lang::Go => &GO,
        Lang::Rust => &RUST,
        Lang::Java | Lang::Kotlin => &JAVA,
        Lang::Ruby => &RUBY,
        Lang::Php => &PHP,
        Lang::C | Lang::CSharp | Lang::Swift => return None,
    })
}

/// Test cases that went while the code that they test stayed.
pub(super) fn removed(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let (mut lost, mut added) = (0, 0);
    let mut worst: Option<(usize, &FileDiff)> = None;
    for (file, lang) in scene.tests() {
        let Some(case) = case(lang) else { continue };
        let went = file.removed.iter().filter(|line| case.is_match(line)).count();
        lost += went;
        added += file.fresh().filter(|(_, line)| case.is_match(&line.text)).count();
        if file.is_there && went > worst.map_or(0, |(most, _)| most) {
            worst = Some((went, file));
        }
    }
    let code_gone: usize = scene.code().map(|(file, _)| file.removed.len()).sum();
    let (least, most_code) = (limits.of("tests"), limits.of("code_lines"));
    let Some((_, file)) = worst.filter(|_| lost >= added + least && code_gone <= most_code) else {
        return Vec::new();
    };
    let first = file.fresh().next().map_or(1, |(number, _)| number);
    vec![Fact::at(file, first).with("GONE", &lost).with("CAME", &added)]
}

static BRANCHES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) ^\s*(\}\s*)?(if|elif|elsif|unless|for|foreach|while|switch|match|case|catch|except|rescue|else\s+if)\b
        | \b(def|fn|func|fun|function)\s+\w+ | =>\s*\{\s*$ | \?\s*[^:?.]+\s:\s",
    )
});

/// Logic that came without any test of the project being touched.
pub(super) fn untested(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    // What is to do the same as before has its tests.
    let is_same = !scene.subjects.is_empty() && scene.subjects.iter().all(|says| SAME.is_match(says));
    if touches_tests(scene) || is_same {
        return Vec::new();
    }
    let mut worst: Option<(usize, usize, &FileDiff, Lang)> = None;
    let (mut lines, mut branches) = (0, 0);
    for (file, lang) in scene.code().filter(|(file, _)| !is_view(&file.path)) {
        let code = || file.fresh().filter(|(_, line)| line.is_code());
        // What takes the place of as much is another way to write it.
        let went = before(file);
        let went_branches = went.iter().filter(|line| line.is_code() && is_branch(line)).count();
        let own = code().filter(|(_, line)| is_branch(line)).count().saturating_sub(went_branches);
        lines += code().count().saturating_sub(went.iter().filter(|line| line.is_code()).count());
        branches += own;
        if own > worst.map_or(0, |(most, ..)| most) {
            let first = code().find(|(_, line)| is_branch(line)).map_or(1, |(number, _)| number);
            worst = Some((own, first, file, lang));
        }
    }
    let Some((_, first, file, lang)) = worst else { return Vec::new() };
    // Where this very code has tests, less is enough to ask for one.
    let own = own_tests(scene, file, lang).or_else(|| naming_tests(scene, file, lang, first));
    let (least, most) =
        if own.is_some() { ("lines", "branches") } else { ("lines_elsewhere", "branches_elsewhere") };
    if lines < limits.of(least) || branches < limits.of(most) {
        return Vec::new();
    }
    // Of C it cannot be told where its tests are: they are often of another language.
    let Some(place) = own.or_else(|| {
        if lang == Lang::C { None } else { nearest_tests(scene, file, lang, limits.of("test_files")) }
    }) else {
        return Vec::new();
    };
    let fact = Fact::at(file, first).with("LINES", &lines).with("BRANCHES", &branches);
    vec![fact.with("TESTS", &place.to_string_lossy())]
}

/// What a commit says that does the same as before in another way.
static SAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b(refactor\w*|readab\w+|clean(ed)?[\ -]?up|memoi[sz]\w+|perf(ormance)?|optimi[sz]\w+|speed|fast(er)?|slow(er)?|renam\w+|simplif\w+|reformat\w*|lint(er|ing)?|typings?|revert|no\ logic)\b",
    )
});

fn is_branch(line: &Line) -> bool {
    BRANCHES.is_match(&line.code) && !line.code.contains("TYPE_CHECKING")
}

/// Does the change touch any test? Where there was nothing before it, nobody asks.
fn touches_tests(scene: &Scene) -> bool {
    let touches = |file: &FileDiff| matches!(file.role, Role::Test(_)) || has_test_inside(file);
    scene.tree.is_first || scene.files.iter().any(touches)
}

/// What a commit says that makes something right that was wrong.
static FIXES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) ^\W*(fix(e[sd])?|bug(fix)?|hotfix)\b | \b(fix(e[sd])?|bug(fix)?|regression|crash(es)?|prevents?|avoids?|ensures?|handl(e|es|ing)|defensive(ly)?|incorrect(ly)?|wrong(ly)?|correctly|properly|instead\ of|don't|do\ not|must|broken|no\ longer)\b",
    )
});
/// What is made right without a test of its own: tools, types and texts tell.
static FIXES_OTHER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b(typos?|typing|types?|typings|annotations?|hints?|mypy|pyright|tsc|lint(er|ing|s)?|eslint|rubocop|offen[cs]es?|clippy|phpstan|warnings?|deprecat\w+
        |format(ting)?|whitespace|indent(ation)?|style|css|layout|icons?|colou?rs?|docs?|documentation|docblocks?|docstrings?|comments?|readme|changelog|spelling|grammar|wording
        |translations?|ci|builds?|compil\w+|workflows?|quadratic|performance|slow(er|ness)?|fast(er)?|speed|latency|delays?|compatibility|python\ ?\d|deps|dependenc(y|ies)|imports?|exports?|names?|renam\w+|tests?|specs?|flak(y|iness)|examples?|versions?|release|merge|revert|review|cleanup|clean\ up|refactor\w*|bench\w*)\b
        | ^(chore|ci|docs?|style|test|tests|refactor|build|perf)(\([^)]*\))?!?:",
    )
});

/// A change that begins as a fix, and touches no test although its file has some.
pub(super) fn fix_untested(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let Some(says) = scene.subjects.first() else { return Vec::new() };
    if touches_tests(scene) || !FIXES.is_match(says) || FIXES_OTHER.is_match(says) {
        return Vec::new();
    }
    let logic = |line: &Line| line.is_code() && LOGIC.is_match(&line.code);
    let code: Vec<_> = scene.code().filter(|(file, _)| !is_view(&file.path)).collect();
    // What changes in very many places is changed by rote.
    if code.len() > limits.of("files") {
        return Vec::new();
    }
    let fact = |(file, lang): (&FileDiff, Lang)| {
        let (first, _) = file.fresh().find(|(_, line)| logic(line))?;
        let tests = own_tests(scene, file, lang).or_else(|| naming_tests(scene, file, lang, first))?;
        let fact = Fact::at(file, first).with("SAYS", says);
        Some(fact.with("TESTS", &tests.to_string_lossy()))
    };
    code.into_iter().find_map(fact).into_iter().collect()
}

/// A line that decides, works out or does something.
static LOGIC: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[A-Za-z_]\w*\(|[^=]=[^=]|\b(if|return|for|while|when|and|or|not)\b|&&|\|\||[<>!]=|==")
});

/// The lines that went.
fn before(file: &FileDiff) -> Vec<Line> {
    diff::lines(&file.path, &file.removed.join("\n"))
}

/// What is seen, more than it is computed.
fn is_view(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "vue" || end == "svelte")
}

static ASSERTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)assert|expect|should|raises|must|verify|check|fail|panic|t\.(error|fatal)|require\.|is\.|snapshot|throws|eq!|warns|validate|ensure|match|test|done\(|compile|prove|unwrap|equal|\bok\(|run",
    )
});

/// New test cases in which nothing is compared with anything.
pub(super) fn asserting_nothing(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (file, lang) in scene.tests() {
        let Some(case) =
            case(lang).filter(|_| matches!(lang, Lang::Python | Lang::JavaScript | Lang::Go | Lang::Php))
        else {
            continue;
        };
        for (number, line) in file.fresh().filter(|(_, line)| line.is_code() && case.is_match(&line.code)) {
            let body = body(file, number);
            let says = body.iter().filter(|line| line.is_code()).count();
            if says >= limits.of("lines") && !body.iter().any(|line| ASSERTS.is_match(&line.code)) {
                facts.push(Fact::at(file, number).with("CODE", &line.code.trim()));
            }
        }
    }
    facts
}

/// The lines of what begins on this line: as far as they are indented more, or to the
/// brace that closes it.
pub(super) fn body(file: &FileDiff, number: usize) -> Vec<&Line> {
    let indent = |line: &Line| line.text.len() - line.text.trim_start().len();
    let own = file.line(number).map_or(0, indent);
    let braces = file.line(number).is_some_and(|line| line.code.trim_end().ends_with('{'));
    let inside = |line: &&Line| {
        let text = line.text.trim_start();
        if braces {
            return !(indent(line) == own && text.starts_with('}'));
        }
        text.is_empty() || line.quoted || indent(line) > own || text.starts_with([')', ']'])
    };
    file.lines.iter().skip(number).take_while(inside).collect()
}
