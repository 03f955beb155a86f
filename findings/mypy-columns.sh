#!/bin/bash
# mypy 2.4.1: behind a character that is not ASCII a column is too small by the bytes that it takes more than one.
# (1.8.0 counts bytes: too large by as many.) exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ python3 -m venv venv && venv/bin/pip -q --disable-pip-version-check install mypy==2.4.1; } >/dev/null 2>&1 || { echo "skipped: pip cannot install it"; exit 77; }
echo "version: $(venv/bin/mypy --version)"
# In both lines "a" begins in column 21.
printf 's = "üüü"; n: int = "a"\nt = "uuu"; m: int = "a"\n' >a.py
venv/bin/mypy --show-column-numbers a.py | tee out
grep -q '^a.py:2:21: error' out || changed "the line of ASCII"
grep -q '^a.py:1:18: error' out || changed "the line with three letters of two bytes"
echo "the same place in both lines: columns 21 and 18"
