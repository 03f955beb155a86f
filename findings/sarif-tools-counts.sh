#!/bin/bash
# sarif-tools 3.0.5: `summary` counts what SARIF says not to count: accepted suppressions, results gone since the baseline, kind "pass".
# exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ python3 -m venv venv && venv/bin/pip -q --disable-pip-version-check install sarif-tools==3.0.5; } >/dev/null 2>&1 || { echo "skipped: pip cannot install it"; exit 77; }
echo "version: $(venv/bin/pip --disable-pip-version-check show sarif-tools 2>/dev/null | sed -n 's/^Version: //p')"
cat >log.sarif <<'S'
{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "example", "rules": [{"id": "R1"}]}}, "results": [
  {"ruleId": "R1", "level": "error", "message": {"text": "accepted by a person"}, "suppressions": [{"kind": "external", "status": "accepted"}]},
  {"ruleId": "R1", "level": "error", "message": {"text": "gone since last time"}, "baselineState": "absent"},
  {"ruleId": "R1", "kind": "pass", "level": "none", "message": {"text": "this was checked and is good"}}]}]}
S
venv/bin/sarif summary log.sarif | tee out
grep -q '^error: 2$' out || changed "it no longer counts two errors"
grep -q '^none: 1$' out || changed "it no longer counts the pass"
venv/bin/sarif --check error summary log.sarif >/dev/null
code=$?
echo "sarif --check error: exit $code, though no error is open"
[ "$code" != 0 ] || changed "the check passes"
