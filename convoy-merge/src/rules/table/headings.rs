//! Headings: what they open.

use super::{ALL, ASIDE, HEADING, ROW};
use crate::rules::{Row, Verdict};
use crate::sign::Sign::{
    ClassContext, ClassFinding, ClassPositive, ClassPrompt, ClassRepeat, ClassSubject, Document, Documented,
    Folded, HoldsFinding, Id, Impact, InPraise, LabelTitle, Listed, NamedNumber, Number, PlaceField,
    PlaceLine, PlaceTitle, Placeholder, Praise, Problem, RatedAbove, RatedField, RatedLine, RatedTitle,
    Remedy, SaysNone, SeverityOnly, Titled,
};

pub(super) const ROWS: &[Row] = &[
    // headings: what they open
    Row {
        name: "documented",
        shapes: HEADING,
        modes: ALL,
        needs: &[Documented],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Verification\n\n### 1. [src/a.rs:3] Lock is never freed\n**Severity:** unrated\n",
        ..ROW
    },
    Row {
        name: "form",
        needs: &[Placeholder],
        modes: ALL,
        verdict: Verdict::Text,
        example: "# Review\n\n## Findings\n\n### [Title]\n\n**Severity:** high\n",
        ..ROW
    },
    Row {
        name: "document-title",
        shapes: HEADING,
        modes: ALL,
        needs: &[Document],
        verdict: Verdict::Through,
        example: "# Security review of `src/a.rs`\n\n## Findings\n\n- **High** `src/a.rs:3` Lock is never freed\n\n## Scope\n\nAll.\n",
        ..ROW
    },
    Row {
        name: "severity-and-place-below",
        shapes: HEADING,
        modes: ASIDE,
        needs: &[RatedLine, Titled, PlaceLine],
        lacks: &[
            SeverityOnly,
            HoldsFinding,
            Document,
            Listed,
            ClassRepeat,
            ClassContext,
            ClassPositive,
            InPraise,
        ],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Summary\n\n### Lock is never freed\n\n`src/a.rs:3` · **High**\n",
        ..ROW
    },
    Row {
        name: "states-severity-and-place",
        shapes: HEADING,
        modes: ALL,
        needs: &[RatedField, Titled, PlaceLine],
        some: (1, &[PlaceField, PlaceTitle]),
        lacks: &[SeverityOnly, HoldsFinding],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Scope\n\n### Lock is never freed\n\n**Severity:** high\n**File:** `src/a.rs:3`\n",
        ..ROW
    },
    Row {
        name: "aside-rated-title",
        shapes: HEADING,
        modes: ASIDE,
        needs: &[RatedTitle, Titled, PlaceLine],
        lacks: &[SeverityOnly, HoldsFinding],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Scope\n\n### [High] Lock is never freed — `src/a.rs:3`\n\nIt waits.\n",
        ..ROW
    },
    Row {
        name: "aside-under-severity",
        shapes: HEADING,
        modes: ASIDE,
        needs: &[RatedAbove, Titled, PlaceLine],
        lacks: &[SeverityOnly, HoldsFinding, ClassPositive],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Out of scope\n\n### Medium\n\n#### Lock is never freed\n\n`src/a.rs:3` waits for ever.\n",
        ..ROW
    },
    Row {
        name: "aside-identified",
        shapes: HEADING,
        modes: ASIDE,
        needs: &[RatedTitle, Titled],
        some: (1, &[Number, Id, NamedNumber, Problem, Remedy, Impact]),
        lacks: &[SeverityOnly, HoldsFinding, ClassPositive],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Recommended changes\n\n**1. One contract for hits (High Priority)**\n\n- **Why:** three places build it by hand.\n",
        ..ROW
    },
    Row {
        name: "aside-fields",
        shapes: HEADING,
        modes: ASIDE,
        needs: &[RatedField, PlaceField, Titled],
        some: (1, &[Number, Id, NamedNumber]),
        lacks: &[SeverityOnly, HoldsFinding, ClassPositive],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Executive summary\n\nOne issue.\n\n### A-1 Lock is never freed\n\n**Severity:** high\n**File:** `src/a.rs`\n",
        ..ROW
    },
    Row {
        name: "context-with-files",
        shapes: HEADING,
        modes: ALL,
        needs: &[ClassContext, Listed],
        lacks: &[RatedTitle, RatedField, PlaceLine, Id, NamedNumber, Problem, Remedy, PlaceField],
        verdict: Verdict::Quiet,
        example: "# Review\n\n**Out of scope:** `src/a.rs`, `src/b.rs`\n\n## Findings\n\n### [High] Lock is never freed\n\n`src/c.rs:3` waits.\n",
        ..ROW
    },
    Row {
        name: "praise-section",
        shapes: HEADING,
        modes: ALL,
        some: (1, &[Praise, ClassPositive]),
        lacks: &[RatedField, RatedTitle],
        verdict: Verdict::Quiet,
        example: "# Review\n\n### High: Token is logged\n\nIt is.\n\n## Strengths\n\n1. **Lock order** (`src/a.rs:3`)\n",
        ..ROW
    },
    Row {
        name: "praise-by-level",
        shapes: HEADING,
        modes: ALL,
        needs: &[RatedTitle],
        some: (1, &[Praise, ClassPositive]),
        lacks: &[RatedField, PlaceTitle, PlaceField, Id, NamedNumber, Problem, Remedy],
        verdict: Verdict::Quiet,
        example: "# Review\n\n## Good practices (low)\n\n- Tokens are compared in constant time in `src/a.rs:3`\n",
        ..ROW
    },
    Row {
        name: "folded-findings",
        shapes: HEADING,
        modes: ALL,
        needs: &[Folded],
        some: (1, &[ClassFinding, SeverityOnly]),
        verdict: Verdict::Group,
        example: "# Review\n\n## Summary\n\n<details>\n<summary>Issues (1)</summary>\n\n- Lock in the pool is never freed\n\n</details>\n",
        ..ROW
    },
    Row {
        name: "repeat-section",
        shapes: HEADING,
        modes: ALL,
        needs: &[ClassRepeat],
        lacks: &[RatedTitle, RatedField, PlaceTitle, Id, NamedNumber, Problem, Remedy, PlaceField],
        verdict: Verdict::Repeat,
        example: "# Review\n\n### High: Token is logged\n\nIt is.\n\n## Summary of the work\n\n1. **New pool** (`src/a.rs:3`)\n",
        ..ROW
    },
    Row {
        name: "verdict-with-file",
        shapes: HEADING,
        modes: ALL,
        needs: &[ClassRepeat, Listed],
        lacks: &[RatedTitle, RatedField, PlaceLine, Id, NamedNumber, Problem, Remedy, PlaceField],
        verdict: Verdict::Repeat,
        example: "# Review\n\n## Verdict: changes requested because of `src/a.rs`\n\nSee below.\n\n## Findings\n\n### [High] Lock is never freed\n\n`src/a.rs:3` waits.\n",
        ..ROW
    },
    Row {
        name: "context-section",
        shapes: HEADING,
        modes: ALL,
        some: (1, &[ClassContext, ClassPrompt]),
        lacks: &[RatedTitle, RatedField, PlaceTitle, Id, NamedNumber, Problem, Remedy, PlaceField],
        verdict: Verdict::Quiet,
        example: "# Review\n\n### High: Token is logged\n\nIt is.\n\n## Files reviewed\n\n1. **The pool** (`src/a.rs:3`)\n",
        ..ROW
    },
    Row {
        name: "says-none",
        shapes: HEADING,
        modes: ALL,
        needs: &[SaysNone],
        lacks: &[RatedField],
        verdict: Verdict::Through,
        example: "# Review\n\n## High: locks\n\nNone found.\n",
        ..ROW
    },
    Row {
        name: "severity-group",
        shapes: HEADING,
        modes: ALL,
        needs: &[SeverityOnly],
        lacks: &[PlaceTitle, RatedField, PlaceField],
        verdict: Verdict::Group,
        example: "# Review\n\n### High\n\n- Lock is never freed\n- Token is logged\n",
        ..ROW
    },
    Row {
        name: "findings-group",
        shapes: HEADING,
        needs: &[ClassFinding, Listed],
        lacks: &[PlaceTitle, Id],
        verdict: Verdict::Group,
        example: "# Review\n\n## Findings\n\n**Severity:** high\n\n### Lock is never freed\n\nIt waits.\n",
        ..ROW
    },
    Row {
        name: "label-heading",
        shapes: HEADING,
        modes: ALL,
        needs: &[LabelTitle],
        lacks: &[RatedTitle, PlaceTitle, Id, NamedNumber, ClassFinding, ClassSubject],
        verdict: Verdict::Part,
        example: "# Review\n\n## Findings\n\n### Impact\n\nAll users wait.\n",
        ..ROW
    },
    Row {
        name: "subject",
        shapes: HEADING,
        modes: ALL,
        needs: &[ClassSubject],
        lacks: &[RatedField, PlaceField],
        verdict: Verdict::Through,
        example: "# Review\n\n## Security\n\n1. All tokens are compared with `==`\n\n## Findings\n\n### Performance\n\nIt is slow.\n",
        ..ROW
    },
];
