#!/bin/bash
# bandit 1.9.4: a file that is not there: exit 0, with -q not a word; only the JSON's `errors` name it.
# exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ python3 -m venv venv && venv/bin/pip -q --disable-pip-version-check install bandit==1.9.4; } >/dev/null 2>&1 || { echo "skipped: pip cannot install it"; exit 77; }
echo "version: $(venv/bin/bandit --version 2>&1 | head -n 1)"
venv/bin/bandit -q missing.py >out 2>err
code=$?
echo "bandit -q missing.py: exit $code, stdout $(wc -c <out) bytes, stderr $(wc -c <err) bytes"
[ "$code" = 0 ] && [ ! -s out ] && [ ! -s err ] || changed "it tells of the missing file now"
venv/bin/bandit -q -f json missing.py >out.json 2>/dev/null
code=$?
seen=$(python3 -c 'import json; d = json.load(open("out.json")); print(len(d["results"]), "results, errors:", [e["reason"] for e in d["errors"]])')
echo "bandit -q -f json missing.py: exit $code, $seen"
[ "$code:$seen" = "0:0 results, errors: ['No such file or directory']" ] || changed "exit $code, $seen"
echo "so: exit 0 and no results say nothing; a reader has to look at errors"
