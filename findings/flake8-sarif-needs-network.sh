#!/bin/bash
# flake8-sarif-formatter 1.0.3: its package lacks the file with the rules that it looks for, so each run asks a site for them; without
# a network there is no report and a trace, and exit 1, as after findings. exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ python3 -m venv venv && venv/bin/pip -q install flake8==7.5.0 flake8-sarif-formatter==1.0.3; } >/dev/null 2>&1 ||
    { echo "skipped: pip cannot install it"; exit 77; }
echo 'import os' >oven.py
venv/bin/pip list 2>/dev/null | grep -i sarif
venv/bin/flake8 oven.py
# Nobody listens on port 9 of loopback: no request leaves this machine.
https_proxy=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9 venv/bin/flake8 --format=sarif oven.py >stdout 2>stderr
code=$?
echo "without a network: exit $code, $(wc -c <stdout) bytes on stdout"
grep -E '^(FileNotFoundError|requests.exceptions)' stderr
[ "$code" = 1 ] || changed "exit $code"
grep -q '"version": *"2.1.0"' stdout && changed "there is a report"
grep -q "FileNotFoundError.*rules.json" stderr || changed "it fails otherwise"
