#!/bin/bash
# mypy 2.4.1: `--junit-xml` writes one test for all that was found, whose attributes file="mypy" line="1" are no place of it; the
# places stand in the text of its failure only. exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ python3 -m venv venv && venv/bin/pip -q --disable-pip-version-check install mypy==2.4.1; } >/dev/null 2>&1 || { echo "skipped: pip cannot install it"; exit 77; }
echo "version: $(venv/bin/mypy --version)"
printf 'a: int = "x"\n' >a.py
printf '\nb: int = "x"\n' >b.py
venv/bin/mypy --junit-xml out.xml a.py b.py >/dev/null
cat out.xml
grep -q 'tests="1"' out.xml || changed "the number of tests"
grep -q '<testcase [^>]*file="mypy" line="1"' out.xml || changed "the place of the test"
grep -q 'b.py:2: error' out.xml || changed "the text"
