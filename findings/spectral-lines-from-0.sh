#!/bin/bash
# spectral-cli 6.16.3: the formats `code-climate` and `markdown` count lines from 0, where Code Climate's begin with 1 and its own
# formats `text` and `stylish` do too: each place is a line too high. exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ npm init -y && npm install --silent @stoplight/spectral-cli@6.16.3; } >/dev/null 2>&1 || { echo "skipped: npm cannot install it"; exit 77; }
spectral=node_modules/.bin/spectral
echo "version: $($spectral --version)"
echo 'extends: ["spectral:oas"]' >.spectral.yaml
printf 'openapi: 3.0.0\ninfo: {title: Shop, version: "1"}\nservers: [{url: "https://shop.example"}]\ntags: []\npaths: {}\n' >api.yaml
# The description of line 2 is missing.
for format in text code-climate markdown; do $spectral lint -f "$format" api.yaml >"$format" 2>/dev/null; done
grep 'info-description' text markdown
grep -A 12 '"info-description"' code-climate | grep '"line"'
grep -q 'api.yaml:2:6 warning info-description' text || changed "the format text"
grep -A 12 '"info-description"' code-climate | grep -q '"line": 1,' || changed "the format code-climate"
grep 'info-description' markdown | grep -q '| 1:5 ' || changed "the format markdown"
