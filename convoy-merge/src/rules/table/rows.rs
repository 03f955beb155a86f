//! Rows of tables, and checks that did not pass.

use super::{ASIDE, CELLS, FINDINGS, ROW, SMALL};
use crate::rules::{Row, Verdict};
use crate::sign::Sign::{
    Fails, Id, Impact, PlaceField, PlaceLine, PlaceTitle, RatedAbove, RatedField, RatedIcon, RatedTitle,
    Remedy, TickBox, Titled,
};

pub(super) const ROWS: &[Row] = &[
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
];
