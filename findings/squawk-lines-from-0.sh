#!/bin/bash
# squawk-cli 2.70.0 (PyPI): the reporters gcc, json and gitlab count lines and columns from 0, where compilers and GitLab count lines
# from 1 and its own report for people does: each place is a line too high. exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ python3 -m venv venv && venv/bin/pip -q install squawk-cli==2.70.0; } >/dev/null 2>&1 || { echo "skipped: pip cannot install it"; exit 77; }
printf -- '-- the oven\n\nCREATE INDEX heat ON oven (heat);\n' >oven.sql
echo "version: $(venv/bin/squawk --version), the statement stands in line 3"
venv/bin/squawk oven.sql >people
grep -o 'oven.sql:[0-9]*:[0-9]*' people | sort -u
for reporter in gcc json gitlab; do venv/bin/squawk --reporter "$reporter" oven.sql >"of-$reporter"; done
head -1 of-gcc
grep -o '"line":[0-9]*,"column":[0-9]*' of-json | sort -u
grep -o '"lines":{"begin":[0-9]*' of-gitlab | sort -u
grep -q 'oven.sql:3:1' people || changed "its report for people has another line"
grep -q '^oven.sql:2:0:' of-gcc || changed "gcc"
grep -q '"line":2,"column":0' of-json || changed "json"
grep -q '"begin":2' of-gitlab || changed "gitlab"
