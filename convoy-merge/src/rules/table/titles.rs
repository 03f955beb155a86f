//! Headings that are findings.

use super::{ABOVE, ALL, FINDINGS, HEADING, OPEN, ROW};
use crate::rules::{Row, Verdict};
use crate::sign::Sign::{
    Apart, Body, ClassFinding, Folded, Habit, HoldsFinding, HoldsItems, HoldsPlaces, HoldsRows, Id, Impact,
    Mixed, NamedNumber, Number, Parent, PlaceField, PlaceLine, PlaceOnly, PlaceTitle, Problem, RatedField,
    RatedIcon, RatedLine, RatedTitle, Remedy, SeverityOnly, Step, Titled,
};

pub(super) const ROWS: &[Row] = &[
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
];
