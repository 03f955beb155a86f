#!/bin/bash
# sarif-tools 3.0.5: a path stays percent-encoded, and a result without a place gets line 1: a text there, a number elsewhere.
# exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ python3 -m venv venv && venv/bin/pip -q --disable-pip-version-check install sarif-tools==3.0.5; } >/dev/null 2>&1 || { echo "skipped: pip cannot install it"; exit 77; }
echo "version: $(venv/bin/pip --disable-pip-version-check show sarif-tools 2>/dev/null | sed -n 's/^Version: //p')"
cat >log.sarif <<'S'
{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "example"}}, "results": [
  {"ruleId": "R1", "level": "error", "message": {"text": "in a file with a blank"},
   "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/my%20file.ts"}, "region": {"startLine": 3}}}]},
  {"ruleId": "R1", "level": "error", "message": {"text": "about the whole project"}}]}]}
S
venv/bin/sarif csv log.sarif -o out.csv >/dev/null
venv/bin/sarif codeclimate log.sarif -o out.json >/dev/null
cat out.csv
seen=$(python3 -c 'import json; print([(i["location"]["path"], i["location"]["lines"]["begin"]) for i in json.load(open("out.json"))])')
echo "codeclimate: $seen"
grep -q 'src/my%20file.ts,3' out.csv || changed "the path in the CSV"
[ "$seen" = "[('src/my%20file.ts', 3), ('-', '1')]" ] || changed "the places in the JSON"
echo "so: a path is decoded by whoever reads its output, and line \"1\" may mean no line"
