//! In which words and where a report says how bad something is.

use super::told;

/// The findings that each text tells, in its order.
fn reads(cases: &[(&str, &[&str])]) {
    for (text, wanted) in cases {
        let mut found = told(text);
        found.sort();
        let mut wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        wanted.sort();
        assert_eq!(found, wanted, "{text}");
    }
}

#[test]
fn a_scale_in_brackets_behind_a_title_rates() {
    reads(&[
        (
            "#### Lock is never freed (Sev: 5/5)\n`src/a.rs:3` waits.\n\n#### Name of it is old (Sev: 1/5)\n`src/b.rs:8` is.\n",
            &["src/a.rs:3 critical Lock is never freed", "src/b.rs:8 low Name of it is old"],
        ),
        (
            "**Lock is never freed** (8/10)\n`src/a.rs:3` waits.\n\n**Name is old** (2/10)\n`src/b.rs:8` is.\n",
            &["src/a.rs:3 high Lock is never freed", "src/b.rs:8 low Name is old"],
        ),
        (
            "A. (impact 9/10) `src/a.rs`, line 3: lock is never freed.\n\nB. (impact 3/10) `src/b.rs`, line 8: name is old.\n",
            &["src/a.rs:3 critical lock is never freed", "src/b.rs:8 low name is old"],
        ),
        (
            "### Lock is never freed\nSeverity: ●●●●○ (4 of 5)\nPlace: src/a.rs:3\n\n### Name is old\nSeverity: ●○○○○\nPlace: src/b.rs:8\n",
            &["src/a.rs:3 high Lock is never freed", "src/b.rs:8 low Name is old"],
        ),
    ]);
}

#[test]
fn an_item_overrides_the_level_above_it() {
    reads(&[(
        "## Medium\n\n- **Lock is never freed** (high, really) — `src/a.rs:3`\n- **Name is old** (low: nobody reads it) — `src/b.rs:8`\n- **Token is logged** (note: tests only) — `src/c.rs:9`\n",
        &[
            "src/a.rs:3 high Lock is never freed",
            "src/b.rs:8 low Name is old",
            "src/c.rs:9 medium Token is logged",
        ],
    )]);
}

#[test]
fn the_last_word_behind_a_place_rates() {
    reads(&[
        (
            "# Review\n- Lock is never freed (src/a.rs:3) P1\n- Is the token logged? src/b.rs:8 P2\n",
            &["src/a.rs:3 high Lock is never freed", "src/b.rs:8 medium Is the token logged? src/b.rs:8"],
        ),
        (
            "Findings:\n\n- `src/a.rs:3` frees nothing!! Blocker.\n- `src/b.rs:8` is old? Minor.\n",
            &[
                "src/a.rs:3 blocker `src/a.rs:3` frees nothing!! Blocker",
                "src/b.rs:8 low `src/b.rs:8` is old? Minor",
            ],
        ),
    ]);
}

#[test]
fn a_line_heads_the_list_below_it() {
    reads(&[
        (
            "Urgent:\n * src/a.rs:3 Lock is never freed\nSoon:\n * src/b.rs:8 Token is logged\n",
            &["src/a.rs:3 critical Lock is never freed", "src/b.rs:8 medium Token is logged"],
        ),
        (
            "Critical – must be fixed before the release\n  • src/a.rs:3 – Lock is never freed\n  • src/b.rs:8 – Token is logged\nCosmetic\n  • src/c.rs:9 – Name is old\n",
            &[
                "src/a.rs:3 critical Lock is never freed",
                "src/b.rs:8 critical Token is logged",
                "src/c.rs:9 low Name is old",
            ],
        ),
        (
            "Things to do before merge:\n\n- [ ] the lock is never freed, `src/a.rs:3`\n- [ ] the token is logged, `src/b.rs:8`\n",
            &["src/a.rs:3 blocker the lock is never freed", "src/b.rs:8 blocker the token is logged"],
        ),
        (
            "### Worth fixing\n\n**Lock is never freed** (`src/a.rs:3`)\nIt waits.\n\n### Small stuff\n\n- Name is old in `src/b.rs:8`.\n- Blank too many (`src/c.rs:9`).\n",
            &[
                "src/a.rs:3 medium Lock is never freed",
                "src/b.rs:8 low Name is old in `src/b.rs:8`",
                "src/c.rs:9 low Blank too many",
            ],
        ),
    ]);
}

#[test]
fn a_legend_may_stand_last_and_give_marks_another_meaning() {
    reads(&[
        (
            "Key: (B) blocks the merge, (S) should be fixed, (N) nit.\n\n(B) src/a.rs:3 - lock is never freed\n(S) src/b.rs:8 - token is logged\n(N) src/c.rs:9 - name is old\n",
            &[
                "src/a.rs:3 blocker lock is never freed",
                "src/b.rs:8 medium token is logged",
                "src/c.rs:9 low name is old",
            ],
        ),
        (
            "**Severity legend:** S1 = critical, S2 = major, S3 = minor\n\n- S1 src/a.rs:3 Lock is never freed\n- S3 src/b.rs:8 Name is old\n",
            &["src/a.rs:3 critical Lock is never freed", "src/b.rs:8 low Name is old"],
        ),
        (
            "Notes\n\n- !! lock is never freed, `src/a.rs:3`\n- ! token is logged, `src/b.rs:8`\n\n(!! = has to be fixed before friday, ! = should)\n",
            &["src/a.rs:3 blocker lock is never freed", "src/b.rs:8 medium token is logged"],
        ),
    ]);
}

#[test]
fn fields_stand_beside_each_other_or_behind_a_dash() {
    reads(&[
        (
            "Severity: high | File: src/a.rs:3 | Rule: lock\nThe lock is never freed.\n\nSeverity: low | File: src/b.rs:8 | Rule: name\nThe name is old.\n",
            &["src/a.rs:3 high The lock is never freed", "src/b.rs:8 low The name is old"],
        ),
        (
            "### 1\n\n```go\n// src/a.go\nmu.Lock()\n```\n\nProblem: the lock is never freed.\nSeverity — high\n\n### 2\n\n```12:14:src/b.go\nname()\n```\n\nProblem: the name is old.\nSeverity — low\n",
            &["src/a.go high the lock is never freed", "src/b.go:12-14 low the name is old"],
        ),
        (
            "ISSUE: Lock is never freed\nLOCATION: src/a.rs, lines 3-5\nSEVERITY: 3 (high)\n\nISSUE: Name is old\nLOCATION: src/b.rs, line 8\nSEVERITY: 1 (low)\n",
            &["src/a.rs:3-5 high Lock is never freed", "src/b.rs:8 low Name is old"],
        ),
        (
            "1. Lock is never freed.\n   [src/a.rs#L3-L9] [severity: high] [confidence: 0.8]\n2. Name is old.\n   [src/b.rs#L8] [severity: low] [confidence: 0.9]\n",
            &["src/a.rs:3-9 high Lock is never freed", "src/b.rs:8 low Name is old"],
        ),
        (
            "- Lock is never freed [severity=high], src/a.rs:3\n- Name is old [severity=low], src/b.rs:8\n",
            &[
                "src/a.rs:3 high Lock is never freed [severity=high], src/a.rs:3",
                "src/b.rs:8 low Name is old [severity=low], src/b.rs:8",
            ],
        ),
    ]);
}

#[test]
fn what_is_wrong_stands_behind_place_and_level() {
    reads(&[
        (
            "**src/a.rs:3 | high | Lock is held**\nIt waits.\n\n**src/b.rs:8 | low | Name is old**\nIt is.\n",
            &["src/a.rs:3 high Lock is held", "src/b.rs:8 low Name is old"],
        ),
        (
            "**Sev1** – `src/a.tf:3` (`aws_db_instance.main`)\nThe database can be dropped.\n",
            &["src/a.tf:3 high The database can be dropped"],
        ),
        (
            "## Feedback\n\n### 1. Lock is never freed ⛔\nIn `src/a.rs`, line 3, it waits.\n\n### 2. Name is old 💡\nIn `src/b.rs`, line 8.\n",
            &["src/a.rs:3 blocker Lock is never freed", "src/b.rs:8 low Name is old"],
        ),
        (
            "BLOCKING: the lock is never freed @ src/a.rs:3. It waits.\n\nSUGGESTION: rename it @ src/b.rs:8, the name is old.\n",
            &[
                "src/a.rs:3 blocker the lock is never freed",
                "src/b.rs:8 low rename it @ src/b.rs:8, the name is old",
            ],
        ),
    ]);
}

#[test]
fn levels_have_names_in_many_languages() {
    let sections = |high: &str, low: &str| {
        format!(
            "# R\n\n**{high}**\n\n- Lock is never freed (`src/a.rs:3`)\n\n**{low}**\n\n- Name is old (`src/b.rs:8`)\n"
        )
    };
    let tags = |high: &str, low: &str| {
        format!(
            "# R\n\n- [{high}] Lock is never freed (`src/a.rs:3`)\n- [{low}] Name is old (`src/b.rs:8`)\n"
        )
    };
    for (level, high, low) in [
        ("blocker", "À corriger avant la fusion", "Améliorations possibles"),
        ("blocker", "Vor dem Merge zu beheben", "Verbesserungsvorschläge"),
        ("blocker", "Обязательно исправить", "Необязательно"),
        ("blocker", "必須", "改善提案"),
        ("blocker", "필수", "개선 제안"),
        ("medium", "Recomendable", "Opcional"),
        ("high", "Priority 1", "Priority 3"),
        ("critical", "Very high", "Very low"),
    ] {
        let wanted =
            [format!("src/a.rs:3 {level} Lock is never freed"), "src/b.rs:8 low Name is old".to_string()];
        assert_eq!(told(&sections(high, low)), wanted, "{high}");
        assert_eq!(told(&tags(high, low)), wanted, "{high}");
    }
    reads(&[(
        "## 4.1 Lock is never freed\n\nImpact: High\nLikelihood: Low\nOverall severity: Medium\nLocation: src/a.rs:3\n",
        &["src/a.rs:3 medium Lock is never freed"],
    )]);
}

#[test]
fn a_long_report_may_end_in_its_legend() {
    let prose = "The pool was read with care, and its callers too. ".repeat(140);
    let text = format!(
        "# Review\n\n- [B] lock is never freed, `src/a.rs:3`\n- [N] name is old, `src/b.rs:8`\n\n{prose}\n\nB = must be fixed, N = nit\n"
    );
    assert!(text.len() > 7000);
    reads(&[(&text, &["src/a.rs:3 blocker lock is never freed", "src/b.rs:8 low name is old"])]);
}
