//! The rows, in their order. To be read from the top: the first that fits decides.

use super::{Mode, Row, Shape, Verdict};
use crate::signs::sign::Sign::{
    Apart, BelowLevel, Blames, Body, Bold, ClassContext, ClassFinding, ClassPositive, ClassPrompt,
    ClassRepeat, ClassSubject, Closed, Document, Documented, Fails, FieldLine, Folded, Habit, HoldsFinding,
    HoldsItems, HoldsPlaces, HoldsRows, Id, Impact, InPraise, LabelTitle, Listed, Mixed, MustFix,
    NamedNumber, Number, Parent, PlaceField, PlaceFirst, PlaceLine, PlaceOnly, PlaceTitle, Placeholder,
    Praise, Problem, RatedAbove, RatedField, RatedIcon, RatedLine, RatedTitle, RatedTold, Remedy, SaysNone,
    SeverityOnly, Step, Sum, TickBox, Titled, Wordy,
};

const ALL: &[Mode] = &[Mode::Open, Mode::Findings, Mode::Repeat, Mode::Quiet];
const PLAIN: &[Mode] = &[Mode::Open, Mode::Findings];
const OPEN: &[Mode] = &[Mode::Open];
const FINDINGS: &[Mode] = &[Mode::Findings];
const ASIDE: &[Mode] = &[Mode::Repeat, Mode::Quiet];

const ANY: &[Shape] = &[Shape::Heading, Shape::Item, Shape::Para, Shape::Line, Shape::Row];
const HEADING: &[Shape] = &[Shape::Heading];
/// What may stand above the text of a finding.
const ABOVE: &[Shape] = &[Shape::Heading, Shape::Para];
const ITEM: &[Shape] = &[Shape::Item];
const PARA: &[Shape] = &[Shape::Para];
const LINE: &[Shape] = &[Shape::Line];
const CELLS: &[Shape] = &[Shape::Row];
const TEXTS: &[Shape] = &[Shape::Item, Shape::Para, Shape::Line];
const SMALL: &[Shape] = &[Shape::Item, Shape::Para, Shape::Line, Shape::Row];

/// What a row says that says nothing else.
const ROW: Row = Row {
    name: "",
    shapes: ANY,
    modes: PLAIN,
    needs: &[],
    some: (0, &[]),
    lacks: &[],
    words: (0, usize::MAX),
    verdict: Verdict::Text,
    example: "",
};

pub(super) const TABLE: &[Row] = &[
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
    // headings: findings
    Row {
        name: "holds-findings",
        shapes: HEADING,
        needs: &[HoldsFinding],
        lacks: &[RatedField, PlaceField],
        verdict: Verdict::Through,
        example: "# Review\n\n## 1. Pool of connections (P2)\n\n### [High] Lock is never freed\n\n`src/a.rs:3`\n\n### [Low] Name is old\n\n`src/b.rs:9`\n",
        ..ROW
    },
    Row {
        name: "severity-and-area",
        shapes: HEADING,
        needs: &[RatedTitle],
        some: (1, &[HoldsItems, HoldsRows, HoldsPlaces]),
        lacks: &[RatedField, PlaceField, PlaceTitle, Id, NamedNumber, Problem, Remedy],
        words: (0, 8),
        verdict: Verdict::Group,
        example: "# Review\n\n## P1 — Quality and upkeep\n\n- Lock is never freed — `src/a.rs:3`\n- Name is old — `src/b.rs:9`\n",
        ..ROW
    },
    Row {
        name: "holds-items",
        shapes: HEADING,
        some: (1, &[HoldsItems, HoldsRows]),
        lacks: &[RatedField, PlaceField, RatedTitle, Id, NamedNumber, Problem, Remedy],
        verdict: Verdict::Through,
        example: "# Review\n\n## Findings\n\n### Pool\n\n- **High** `src/a.rs:3` Lock is never freed\n- **Low** `src/b.rs:9` Name is old\n",
        ..ROW
    },
    Row {
        name: "numbered-without-title",
        shapes: HEADING,
        needs: &[NamedNumber],
        some: (1, &[RatedField, PlaceField, PlaceTitle, PlaceLine, Problem, Remedy]),
        lacks: &[Titled],
        verdict: Verdict::Finding,
        example: "# Review\n\n### Finding 1\n\n**Problem:** Lock is never freed.\n**Location:** `src/a.rs:3`\n",
        ..ROW
    },
    Row {
        name: "rated-place",
        shapes: HEADING,
        needs: &[PlaceOnly],
        some: (1, &[RatedTitle, RatedField]),
        verdict: Verdict::Finding,
        example: "# Review\n\n### High — `src/a.rs`\n\nThe lock is never freed.\n",
        ..ROW
    },
    Row {
        name: "place-in-findings",
        shapes: ABOVE,
        modes: FINDINGS,
        needs: &[PlaceOnly, PlaceLine, Body],
        lacks: &[RatedTitle],
        verdict: Verdict::Member,
        example: "# Review\n\n## Findings\n\n### `src/a.rs:3`\n\nThe lock is never freed.\n",
        ..ROW
    },
    Row {
        name: "place-above-text",
        shapes: ABOVE,
        modes: OPEN,
        needs: &[PlaceOnly, PlaceLine, Body],
        lacks: &[RatedTitle],
        verdict: Verdict::Member,
        example: "**src/a.rs:3**\n\nThe lock is never freed.\n\n**src/b.rs:9**\n\nThe name is old.\n",
        ..ROW
    },
    Row {
        name: "without-title",
        shapes: HEADING,
        modes: ALL,
        lacks: &[Titled, Id],
        verdict: Verdict::Through,
        example: "# Review\n\n## Findings\n\n### 🚀\n\n- Lock in the pool is never freed\n",
        ..ROW
    },
    Row {
        name: "rated-field",
        shapes: HEADING,
        needs: &[RatedField],
        verdict: Verdict::Finding,
        example: "# Review\n\n### Lock is never freed\n\n- **Severity:** high\n- The second thread waits\n",
        ..ROW
    },
    Row {
        name: "rated-title",
        shapes: HEADING,
        needs: &[RatedTitle],
        lacks: &[SeverityOnly],
        verdict: Verdict::Finding,
        example: "# Review\n\n### High: lock is never freed\n\nThe second thread waits.\n",
        ..ROW
    },
    Row {
        name: "severity-below-title",
        shapes: HEADING,
        needs: &[RatedLine],
        lacks: &[HoldsItems, HoldsPlaces, HoldsRows],
        verdict: Verdict::Finding,
        example: "# Review\n\n### Lock is never freed\n\n**High Severity**\n\nThe second thread waits.\n",
        ..ROW
    },
    Row {
        name: "place-in-title",
        shapes: HEADING,
        needs: &[PlaceTitle],
        lacks: &[Step],
        verdict: Verdict::Finding,
        example: "# Review\n\n### High: Token is logged\n\nIt is.\n\n### Lock is never freed (`src/a.rs:3`)\n\nThe second thread waits.\n",
        ..ROW
    },
    Row {
        name: "identified",
        shapes: HEADING,
        some: (1, &[Id, NamedNumber]),
        lacks: &[Step],
        verdict: Verdict::Finding,
        example: "# Review\n\n### SEC-01: Lock is never freed\n\nThe second thread waits.\n",
        ..ROW
    },
    Row {
        name: "area-of-findings",
        shapes: HEADING,
        modes: OPEN,
        needs: &[ClassFinding],
        lacks: &[PlaceField],
        verdict: Verdict::Group,
        example: "# Review\n\n## 2. Performance issues\n\n- Lock in the pool is never freed\n",
        ..ROW
    },
    Row {
        name: "small-group",
        shapes: HEADING,
        modes: FINDINGS,
        needs: &[ClassFinding],
        lacks: &[PlaceField, Number],
        words: (0, 4),
        verdict: Verdict::Group,
        example: "# Review\n\n## Findings\n\n### Pool problems\n\n- Lock in the pool is never freed\n",
        ..ROW
    },
    Row {
        name: "two-fields",
        shapes: HEADING,
        some: (2, &[Number, RatedIcon, Problem, Remedy, Impact, PlaceField]),
        lacks: &[Step],
        verdict: Verdict::Finding,
        example: "# Review\n\n### Lock is never freed\n\n**Problem:** the second thread waits.\n**Fix:** free it.\n",
        ..ROW
    },
    Row {
        name: "numbered-in-findings",
        shapes: HEADING,
        modes: FINDINGS,
        needs: &[Number],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Findings\n\n### 1. Lock is never freed\n\n### High\n\n- Token is logged\n",
        ..ROW
    },
    Row {
        name: "heading-in-findings",
        shapes: HEADING,
        modes: FINDINGS,
        needs: &[Body],
        lacks: &[Mixed, Apart],
        verdict: Verdict::Member,
        example: "# Review\n\n## Findings\n\n### Lock is never freed\n\nThe second thread waits.\n",
        ..ROW
    },
    Row {
        name: "heading-like-its-siblings",
        shapes: HEADING,
        needs: &[Habit, Body],
        some: (1, &[Number, PlaceLine, PlaceField, Problem, Remedy, Impact, RatedIcon]),
        lacks: &[Parent, Folded],
        verdict: Verdict::Member,
        example: "# Review\n\n### [High] Lock is never freed\n\n`src/a.rs:3` waits.\n\n### [Low] Name is old\n\n`src/b.rs:9` says so.\n\n### Token is logged\n\nSee `src/c.rs:4`.\n",
        ..ROW
    },
    Row {
        name: "heading-with-place-below",
        shapes: HEADING,
        modes: OPEN,
        needs: &[PlaceLine, Body],
        lacks: &[Parent, Step],
        verdict: Verdict::Likely,
        example: "# Review\n\n## Overview\n\nA pool.\n\n## Lock is never freed\n\nThe second thread waits in `src/a.rs:3`.\n",
        ..ROW
    },
    Row {
        name: "rated-and-placed",
        shapes: TEXTS,
        modes: ALL,
        needs: &[RatedTitle, PlaceLine, Titled],
        lacks: &[FieldLine, Praise],
        verdict: Verdict::Finding,
        example: "# Review\n\n- **High** `src/a.rs:3` No warnings are shown for a full disk\n",
        ..ROW
    },
    // what is none of the kinds below
    Row {
        name: "nothing",
        shapes: SMALL,
        modes: ALL,
        needs: &[SaysNone],
        verdict: Verdict::Text,
        example: "# Review\n\n## Findings\n\n- **Critical**: none\n- **High**: `src/a.rs:3` Lock is never freed\n",
        ..ROW
    },
    Row {
        name: "sum",
        shapes: SMALL,
        modes: ALL,
        needs: &[Sum],
        verdict: Verdict::Text,
        example: "| Severity | Issue | File |\n|---|---|---|\n| High | Lock is never freed | `src/a.rs:3` |\n| High | Total | 1 |\n",
        ..ROW
    },
    Row {
        name: "praise",
        shapes: SMALL,
        modes: ALL,
        needs: &[Praise],
        verdict: Verdict::Text,
        example: "# Review\n\n## Findings\n\n- ✅ The lock order is documented\n- The lock in the pool is never freed\n",
        ..ROW
    },
    Row {
        name: "mended",
        shapes: TEXTS,
        modes: ALL,
        needs: &[Closed],
        lacks: &[RatedTitle, RatedField, Id, PlaceLine],
        verdict: Verdict::Text,
        example: "# Review\n\n## Findings\n\n- [x] The comment is gone now\n- The lock in the pool is never freed\n",
        ..ROW
    },
    Row {
        name: "words-of-a-section",
        shapes: TEXTS,
        modes: ALL,
        some: (1, &[ClassPositive, ClassRepeat, ClassContext, ClassPrompt]),
        lacks: &[RatedTitle, PlaceTitle],
        words: (0, 4),
        verdict: Verdict::Part,
        example: "# Review\n\n## Findings\n\n- Files reviewed by hand\n- The lock in the pool is never freed\n",
        ..ROW
    },
    Row {
        name: "field",
        shapes: TEXTS,
        modes: ALL,
        needs: &[FieldLine],
        verdict: Verdict::Part,
        example: "# Review\n\n## Findings\n\n- The lock in the pool is never freed\n- **Fix:** free it after the call\n",
        ..ROW
    },
    // groups of items
    Row {
        name: "severity-item",
        shapes: ITEM,
        modes: ALL,
        needs: &[SeverityOnly, Parent],
        verdict: Verdict::Group,
        example: "# Review\n\n## Findings\n\n- High\n  - Lock is never freed\n  - Token is logged\n",
        ..ROW
    },
    Row {
        name: "file-item",
        shapes: ITEM,
        modes: FINDINGS,
        needs: &[PlaceOnly, Parent],
        lacks: &[RatedTitle],
        verdict: Verdict::Group,
        example: "# Review\n\n## Findings\n\n- `src/a.rs`\n  - Lock in the pool is never freed\n  - Token of the user is logged\n",
        ..ROW
    },
    Row {
        name: "file-of-findings",
        shapes: ITEM,
        modes: OPEN,
        needs: &[PlaceOnly, Parent, HoldsFinding],
        lacks: &[RatedTitle, RatedField],
        verdict: Verdict::Group,
        example: "- **src/a.rs**\n  - line 3 (high): lock in the pool is old\n  - line 9 (low): name is old\n",
        ..ROW
    },
    Row {
        name: "item-of-findings",
        shapes: ITEM,
        needs: &[Parent, HoldsFinding],
        lacks: &[RatedTitle, RatedField, Id, PlaceTitle],
        verdict: Verdict::Group,
        example: "# Review\n\n- **Pool**\n  - High\n    - Lock of `src/a.rs` is never freed\n",
        ..ROW
    },
    // items, paragraphs and lines that show it by themselves
    Row {
        name: "placed-below-level",
        shapes: PARA,
        modes: FINDINGS,
        needs: &[BelowLevel, PlaceTitle, PlaceLine, Titled],
        lacks: &[FieldLine, SaysNone, Praise, InPraise, Closed],
        verdict: Verdict::Member,
        example: "# Review\n\n## Critical\n\nThe lock is never freed. `src/a.rs:3` returns early.\n",
        ..ROW
    },
    Row {
        name: "severity-above-text",
        shapes: PARA,
        modes: PLAIN,
        needs: &[RatedLine],
        verdict: Verdict::Finding,
        example: "# Review\n\n![high](x.svg)\n\nThe lock is never freed.\n",
        ..ROW
    },
    Row {
        name: "rated-text",
        shapes: TEXTS,
        needs: &[RatedTitle, Titled],
        some: (
            1,
            &[
                Bold,
                Id,
                Number,
                NamedNumber,
                PlaceTitle,
                PlaceField,
                Problem,
                Remedy,
                Impact,
                TickBox,
                RatedAbove,
            ],
        ),
        verdict: Verdict::Finding,
        example: "# Review\n\n### High: Token is logged\n\nIt is.\n\n## Pool\n\n**High: Lock is never freed.** The second thread waits.\n",
        ..ROW
    },
    Row {
        name: "rated-place-text",
        shapes: TEXTS,
        needs: &[RatedTitle, PlaceTitle],
        some: (1, &[Problem, Remedy, Impact]),
        verdict: Verdict::Finding,
        example: "🔴 [High] `src/a.rs:3`\nProblem: the lock is never freed\nFix: free it\n",
        ..ROW
    },
    Row {
        name: "rated-in-findings",
        shapes: TEXTS,
        modes: FINDINGS,
        needs: &[RatedTitle, Titled],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Findings\n\nHIGH: Lock is never freed.\n",
        ..ROW
    },
    Row {
        name: "rated-by-field",
        shapes: TEXTS,
        needs: &[RatedField],
        some: (1, &[Bold, Id, Number, NamedNumber, PlaceTitle, PlaceField, Problem]),
        verdict: Verdict::Finding,
        example: "# Review\n\n**Lock is never freed.**\nSeverity: high\nOwner: pool team\n",
        ..ROW
    },
    Row {
        name: "problem-with-place",
        shapes: PARA,
        needs: &[Problem, PlaceField],
        verdict: Verdict::Finding,
        example: "# Review\n\n**Finding:** The lock is never freed.\n**File:** `src/a.rs`\n",
        ..ROW
    },
    Row {
        name: "rated-line",
        shapes: LINE,
        needs: &[RatedTitle, Titled],
        verdict: Verdict::Finding,
        example: "HIGH: Lock is never freed\nLOW: Name is old\n",
        ..ROW
    },
    Row {
        name: "place-then-words",
        shapes: LINE,
        needs: &[PlaceFirst, Titled],
        verdict: Verdict::Finding,
        example: "src/a.rs:3: lock is never freed\nsrc/b.rs:9: name is old\n",
        ..ROW
    },
    Row {
        name: "identified-place",
        shapes: TEXTS,
        some: (3, &[Id, Number, NamedNumber, Bold, PlaceTitle, PlaceFirst, RatedIcon]),
        verdict: Verdict::Finding,
        example: "# Review\n\n**1. Lock is never freed (`src/a.rs`)**, since the call returns early.\n\nBut why?\n",
        ..ROW
    },
    Row {
        name: "open-box",
        shapes: ITEM,
        modes: ASIDE,
        needs: &[TickBox, PlaceTitle, PlaceLine, Titled, Blames],
        lacks: &[InPraise, Closed],
        verdict: Verdict::Likely,
        example: "### Review checklist\n\n- [x] Builds\n- [ ] **Errors handled**: `src/a.rs:3` drops one\n",
        ..ROW
    },
    Row {
        name: "bold-that-blames",
        shapes: TEXTS,
        modes: OPEN,
        needs: &[Bold, PlaceTitle, PlaceLine, Titled, Blames],
        lacks: &[InPraise, Closed],
        verdict: Verdict::Member,
        example: "# Review\n\n## Security\n\n**Path** (`src/a.rs:3`): the name may leave the folder.\n\n## Issues\n\n### [High] Lock is never freed\n\n`src/b.rs:9` waits.\n",
        ..ROW
    },
    Row {
        name: "bold-in-findings",
        shapes: PARA,
        modes: FINDINGS,
        some: (2, &[Bold, Id, Number, NamedNumber, PlaceFirst, RatedAbove]),
        lacks: &[SeverityOnly],
        verdict: Verdict::Member,
        example: "# Review\n\n## Findings\n\n**1. Lock is never freed.** The second thread waits.\n",
        ..ROW
    },
    // aside: severity and place
    Row {
        name: "aside-placed",
        shapes: SMALL,
        modes: ASIDE,
        needs: &[PlaceLine, Titled],
        some: (1, &[RatedField, RatedTitle, RatedAbove]),
        lacks: &[ClassPositive],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Out of scope\n\n- `src/a.rs:3`: the lock is never freed. Severity: high\n\n### Medium\n\n- `src/b.rs:9`: name is old\n",
        ..ROW
    },
    Row {
        name: "repeat-rated",
        shapes: SMALL,
        modes: &[Mode::Repeat],
        needs: &[RatedTitle, Titled],
        some: (1, &[Number, Bold, Id, NamedNumber, PlaceTitle, TickBox]),
        lacks: &[ClassSubject],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Recommendations\n\n1. [High] Free the lock\n2. [Low] Rename it\n",
        ..ROW
    },
    // rows of tables
    Row {
        name: "rated-row",
        shapes: CELLS,
        needs: &[RatedField, Titled],
        verdict: Verdict::Finding,
        example: "# Review\n\n| Severity | Issue |\n|---|---|\n| High | Lock is never freed |\n",
        ..ROW
    },
    Row {
        name: "placed-row",
        shapes: CELLS,
        needs: &[Titled, PlaceField],
        some: (1, &[Remedy, PlaceLine, Impact]),
        verdict: Verdict::Finding,
        example: "# Review\n\n| File | Issue | Fix |\n|---|---|---|\n| `src/a.rs` | Lock is never freed | Free it |\n",
        ..ROW
    },
    Row {
        name: "row-that-names-a-line",
        shapes: CELLS,
        needs: &[Titled, PlaceTitle, PlaceLine],
        verdict: Verdict::Member,
        example: "# Review\n\n| # | Comment | State |\n|---|---|---|\n| 4 | `src/a.rs:3` waits for ever | open |\n| 7 | `src/b.rs:9` has an old name | open |\n",
        ..ROW
    },
    Row {
        name: "row-in-findings",
        shapes: CELLS,
        modes: FINDINGS,
        needs: &[Titled],
        some: (1, &[PlaceField, Remedy, Id, RatedAbove]),
        verdict: Verdict::Finding,
        example: "# Review\n\n## High\n\n| ID | Finding | Description |\n|---|---|---|\n| A-1 | Lock is never freed | The second thread waits |\n",
        ..ROW
    },
    Row {
        name: "failed-check",
        shapes: SMALL,
        needs: &[Fails, Titled],
        some: (1, &[TickBox, PlaceLine, RatedTitle, RatedIcon]),
        verdict: Verdict::Finding,
        example: "# Review\n\n- [x] Version is raised\n- [ ] Strings are there — FAIL: four are missing in `res/a.xml`\n",
        ..ROW
    },
    Row {
        name: "aside-failed-row",
        shapes: CELLS,
        modes: ASIDE,
        needs: &[Fails, Titled, PlaceLine],
        verdict: Verdict::Finding,
        example: "# Review\n\n## Out of scope\n\n| Check | Status | Evidence |\n|---|---|---|\n| Lockout | ❌ Not met | `src/a.rs:3` has no counter |\n\n## Issues\n\n### [High] Lock is never freed\n\n`src/b.rs:9` waits.\n",
        ..ROW
    },
    Row {
        name: "failed-row",
        shapes: CELLS,
        needs: &[Fails, Titled],
        verdict: Verdict::Member,
        example: "# Review\n\n| Check | Result | Note |\n|---|---|---|\n| Build | pass | |\n| Secrets | fail | in the log |\n",
        ..ROW
    },
    // items because of their section
    Row {
        name: "item-in-findings",
        shapes: ITEM,
        modes: FINDINGS,
        some: (1, &[RatedAbove, Number, Bold, PlaceTitle, RatedIcon, Id, TickBox, Wordy]),
        lacks: &[SeverityOnly],
        verdict: Verdict::Member,
        example: "# Review\n\n## Findings\n\n- The lock in the pool is never freed\n",
        ..ROW
    },
    Row {
        name: "line-in-findings",
        shapes: PARA,
        modes: FINDINGS,
        needs: &[PlaceFirst, Titled],
        verdict: Verdict::Member,
        example: "# Review\n\n## Findings\n\nsrc/a.rs:3 - the lock is never freed\n",
        ..ROW
    },
    Row {
        name: "like-its-siblings",
        shapes: SMALL,
        needs: &[Habit, Titled],
        verdict: Verdict::Member,
        example: "# Review\n\n- **High** `src/a.rs:3` Lock is never freed\n- **Low** `src/b.rs:9` Name is old\n- Token is logged\n",
        ..ROW
    },
    // weak signs
    Row {
        name: "weak-item",
        shapes: TEXTS,
        modes: OPEN,
        some: (2, &[RatedIcon, Bold, Id, Number, NamedNumber, PlaceTitle, PlaceFirst]),
        verdict: Verdict::Likely,
        example: "# Review\n\n- 🔴 Lock in `src/a.rs` is never freed\n- 🔴 Name in `src/b.rs` is old\n",
        ..ROW
    },
    Row {
        name: "weak-rated",
        shapes: TEXTS,
        modes: OPEN,
        needs: &[RatedTitle, Titled],
        verdict: Verdict::Likely,
        example: "# Review\n\nHigh: the lock is never freed.\n",
        ..ROW
    },
    Row {
        name: "sentence",
        shapes: &[Shape::Item, Shape::Line],
        modes: OPEN,
        needs: &[PlaceLine, Blames, Titled],
        lacks: &[InPraise],
        verdict: Verdict::Likely,
        example: "I read all of it. In src/a.rs:3 the lock is never freed. The rest is fine.\n",
        ..ROW
    },
    Row {
        name: "sentence-that-rates",
        shapes: LINE,
        modes: PLAIN,
        needs: &[RatedTold, PlaceTitle, Titled],
        lacks: &[InPraise],
        verdict: Verdict::Likely,
        example: "I read all of it. In src/a.rs every caller waits for the first. That is high for me. The rest is fine.\n",
        ..ROW
    },
    Row {
        name: "paragraph-that-rates",
        shapes: LINE,
        modes: OPEN,
        needs: &[RatedTold, Titled],
        lacks: &[PlaceTitle, InPraise],
        verdict: Verdict::Likely,
        example: "I read all of it.\n\nEvery caller waits for the first. That is a serious problem.\n\nThe names are old. That is a minor point.\n",
        ..ROW
    },
    Row {
        name: "sentence-with-file",
        shapes: LINE,
        modes: OPEN,
        needs: &[PlaceTitle, Blames, Titled],
        lacks: &[PlaceLine, InPraise],
        verdict: Verdict::Likely,
        example: "The lock of src/a.rs:3 is never freed.\n\nAnd in src/b.rs the name is never checked.\n",
        ..ROW
    },
    // what could be a finding, and is none
    Row {
        name: "left-severity",
        modes: ALL,
        needs: &[Titled],
        some: (1, &[RatedTitle, RatedField]),
        verdict: Verdict::Leftover,
        example: "# Review\n\nNo issues found.\n\n## Scope\n\n- [High] The lock is never freed\n",
        ..ROW
    },
    Row {
        name: "left-place",
        shapes: SMALL,
        modes: ALL,
        needs: &[PlaceLine],
        lacks: &[InPraise],
        verdict: Verdict::Mention,
        example: "# Review\n\nNo issues found.\n\nThe lock of src/a.rs:3 is taken.\n",
        ..ROW
    },
    Row {
        name: "left-demand",
        modes: ALL,
        needs: &[MustFix],
        verdict: Verdict::Leftover,
        example: "# Review\n\n## Findings\n\n- **High** `src/a.rs:3` Lock is never freed\n\nThe name must be fixed before the release.\n",
        ..ROW
    },
];
