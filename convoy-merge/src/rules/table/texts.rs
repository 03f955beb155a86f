//! Items, paragraphs and lines that show it by themselves.

use super::{ALL, ASIDE, FINDINGS, ITEM, LINE, OPEN, PARA, PLAIN, ROW, SMALL, TEXTS};
use crate::rules::{Mode, Row, Verdict};
use crate::sign::Sign::{
    BelowLevel, Blames, Body, Bold, ClassContext, ClassPositive, ClassPrompt, ClassRepeat, ClassSubject,
    Closed, FieldLine, FileAbove, HoldsFinding, Id, Impact, InPraise, NamedNumber, Number, Parent,
    PlaceBelow, PlaceField, PlaceFirst, PlaceLine, PlaceOnly, PlaceTitle, Praise, Problem, RatedAbove,
    RatedField, RatedIcon, RatedLine, RatedTitle, Remedy, SaysNone, SeverityOnly, Sum, TickBox, Titled,
};

pub(super) const ROWS: &[Row] = &[
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
    Row {
        name: "labelled-line",
        shapes: LINE,
        modes: PLAIN,
        needs: &[RatedTitle, PlaceLine, Titled, FieldLine],
        lacks: &[Praise],
        verdict: Verdict::Finding,
        example: "nit: src/a.rs:3 the name is old\nnit: src/c.rs:7 the comment is old\nnit: src/d.rs:8 a blank too many\nsuggestion: src/b.rs:9 make it a function of its own\n",
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
        name: "record",
        shapes: PARA,
        modes: ALL,
        needs: &[FieldLine, RatedField, PlaceField, Titled],
        lacks: &[SaysNone, Praise, InPraise, Closed],
        verdict: Verdict::Finding,
        example: "**lock:** The lock is never freed\n**Severity:** high\n**File:** src/a.rs\n**Line:** 3\n\n**name:** The name is old\n**Severity:** low\n**File:** src/b.rs\n**Line:** 9\n",
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
        example: "🔴 [High] `src/a.rs`\nProblem: the lock is never freed\nFix: free it\n",
        ..ROW
    },
    Row {
        name: "rated-place-above-text",
        shapes: PARA,
        modes: PLAIN,
        needs: &[RatedTitle, PlaceLine, PlaceOnly, Body],
        lacks: &[FieldLine, Praise],
        verdict: Verdict::Finding,
        example: "#### Findings of the scan\n\n**High** – `src/a.rs:3`\n> The lock is never freed.\n\n**Low** – `src/b.rs:9`\n> The name is old.\n",
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
        name: "line-below-file",
        shapes: PARA,
        modes: OPEN,
        needs: &[FileAbove, PlaceFirst, Titled],
        lacks: &[InPraise, SaysNone],
        verdict: Verdict::Member,
        example: "## src/a.rs\n\n3-9: the lock is never freed\n\n## Findings\n\n- **High** `src/b.rs:9`: the name is old\n",
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
        name: "bold-above-its-place",
        shapes: PARA,
        modes: OPEN,
        needs: &[Bold, PlaceBelow, Titled],
        lacks: &[InPraise, Praise, Closed, ClassContext, ClassPositive, ClassRepeat, FieldLine],
        verdict: Verdict::Finding,
        example: "I read all of it.\n\n**Lock is never freed**\n`src/a.rs:3`: the second thread waits.\n",
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
];
