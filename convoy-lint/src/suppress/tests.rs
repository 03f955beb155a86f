use findings::Severity;

use super::*;
use crate::rule::{Confidence, Tests};

fn about(domain: Domain, noqa: &[&str]) -> About {
    About {
        id: "py-x".to_owned(),
        domain,
        severity: Severity::High,
        confidence: Confidence::High,
        title: String::new(),
        message: String::new(),
        impact: String::new(),
        fix: String::new(),
        category: String::new(),
        cwe: Vec::new(),
        flow: None,
        tests: Tests::Skip,
        words: Vec::new(),
        needs: Vec::new(),
        mask: false,
        same: None,
        noqa: noqa.iter().map(|&code| code.to_owned()).collect(),
    }
}

/// The lines on which a rule of security is silent that other linters call S307, eval-used, no-eval.
fn silent(text: &str) -> Vec<usize> {
    let about = about(Domain::Security, &["S307", "eval-used", "W0123", "no-eval", "noGlobalEval"]);
    let silences = Silences::of(text);
    (1..=text.lines().count()).filter(|line| silences.hold(&(*line..=*line), &about)).collect()
}

#[test]
fn comments_silence_what_they_name_and_nothing_else() {
    for (line, expected) in [
        ("x = f()  # convoy-ignore", true),
        ("x = f()  # convoy-ignore: py-x", true),
        ("x := f() //nolint", true),
        ("x := f() //nolint:gosec // why", true),
        ("x := f() // nolint: errcheck,gosec", true),
        ("x := f() //nolint:all", true),
        ("x := f() //nolint:errcheck", false),
        ("x := f() // that nolint is not needed here", false),
        ("x = f()  # convoy-ignore: py-other", false),
        ("x = f()  # nosemgrep: a.b.py-x", true),
        ("x = f()  # nosec", true),
        ("x = f()  # nosec: it is ours", true),
        ("x = f()  # nosec B307", true),
        ("x = f()  # nosec B101", false),
        ("x = f()  # nosec B101, B307", true),
        ("x = f()  # nosec: B101,B102 - why", false),
        ("x = f()  # noqa", true),
        ("x = f()  # NOQA", true),
        ("x = f()  # noqa: S307", true),
        ("x = f()  # noqa: E501, S307 it is ours", true),
        ("x = f()  # noqa: S3", true),
        ("x = f()  # noqa: S301", false),
        ("x = f()  # noqa: E501", false),
        ("x = f()  # NOSONAR", true),
        ("x = f()  # NOLINT(no-eval)", true),
        ("x = f()  # NOLINT(other)", false),
        ("x = f()  # pylint: disable=eval-used", true),
        ("x = f()  # pylint: disable=W0123,line-too-long", true),
        ("x = f()  # pylint: disable=line-too-long", false),
        ("x = f()  # pylint: disable=all", true),
        ("x = 'convoy-ignore'", false),
        ("x = 'https://x/nosec'", true),
        ("f(); // eslint-disable-line no-eval", true),
        ("f(); // eslint-disable-line security/x, no-eval -- why", true),
        ("f(); // eslint-disable-line", true),
        ("f(); // eslint-disable-line max-len", false),
        ("f(); // eslint-disable-line max-len -- no-eval is fine", false),
        ("f(); // oxlint-disable-line eslint/no-eval", true),
        ("f(); /* eslint-disable-line security/detect-x */", false),
    ] {
        assert_eq!(!silent(line).is_empty(), expected, "{line}");
    }
}

#[test]
fn only_a_comment_alone_reaches_the_next_line() {
    for (text, lines) in [
        ("  # convoy-ignore: py-x\nf()\nf()", &[1, 2][..]),
        ("g()  # convoy-ignore: py-x\nf()", &[1]),
        ("// eslint-disable-next-line no-eval\nf()\nf()", &[2]),
        ("// oxlint-disable-next-line\nf()\nf()", &[2]),
        ("// biome-ignore lint/security/noGlobalEval: why\nf()\nf()", &[2]),
        ("// biome-ignore lint/security: why\nf()\nf()", &[2]),
        ("// biome-ignore lint: why\nf()", &[2]),
        ("// biome-ignore lint/style/x: why\nf()", &[]),
        ("// biome-ignore format: no-eval\nf()", &[]),
        ("{/* biome-ignore lint/security/noGlobalEval: why */}\nf()", &[2]),
        ("# pylint: disable-next=eval-used\nf()\nf()", &[2]),
    ] {
        assert_eq!(silent(text), lines, "{text}");
    }
}

#[test]
fn a_block_is_silent_to_its_end() {
    for (text, lines) in [
        ("a\n/* eslint-disable */\nb\n/* eslint-enable */\nc", &[2, 3, 4][..]),
        ("/* eslint-disable no-eval */\nb\n/* eslint-enable max-len */\nc", &[1, 2, 3, 4]),
        ("/* eslint-disable no-eval, x */\nb\n/* eslint-enable no-eval */\nc", &[1, 2, 3]),
        ("/* eslint-disable max-len */\nb", &[]),
        // It is none to ESLint.
        ("// eslint-disable\nb", &[]),
        ("// oxlint-disable no-eval\nb\n// oxlint-enable\nc", &[1, 2, 3]),
        ("/* eslint-disable */\nb\n/* oxlint-enable */\nc", &[1, 2, 3, 4]),
        ("a\n// biome-ignore-start lint/security: x\nb\n// biome-ignore-end lint/security: x\nc", &[2, 3, 4]),
        ("def f():\n    # pylint: disable=eval-used\n    a\n\n    b\nc", &[2, 3, 4, 5]),
        (
            "def f():\n    # pylint: disable=eval-used\n    a\n    # pylint: enable=eval-used\n    b",
            &[2, 3, 4],
        ),
        ("# pylint: disable=eval-used\na\n  b\nc", &[1, 2, 3, 4]),
    ] {
        assert_eq!(silent(text), lines, "{text}");
    }
}

#[test]
fn a_file_is_silent_as_a_whole() {
    for (text, is_silent) in [
        ("a\n# ruff: noqa\nb", true),
        ("a\n# flake8: noqa\nb", true),
        ("a\n# ruff: noqa: S307\nb", true),
        ("a\n# ruff: noqa: E501\nb", false),
        ("a\n# flake8: noqa: E501\nb", false),
        ("# pylint: skip-file\na\nb", true),
        ("// biome-ignore-all lint/security/noGlobalEval: why\na\nb", true),
        ("// biome-ignore-all lint/suspicious: why\na\nb", false),
    ] {
        let lines: &[usize] = if is_silent { &[1, 2, 3] } else { &[] };
        assert_eq!(silent(text), lines, "{text}");
    }
}

#[test]
fn what_is_about_security_leaves_the_rest_alone() {
    let about = about(Domain::Correctness, &["S110"]);
    let holds = |text: &str| Silences::of(text).hold(&(1..=1), &about);
    assert!(!holds("x  # nosec"));
    assert!(holds("x  # nosec B110"), "it names this one");
    assert!(holds("x  # noqa: S110"));
}
