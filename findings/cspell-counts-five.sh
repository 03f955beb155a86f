#!/bin/bash
# cspell 9.8.0: a word that is misspelt twelve times in a file is told five times, and the sum at the end says 5 issues, without a
# word of the others (`maxDuplicateProblems`, by default 5). exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ npm init -y && npm install --silent cspell@9.8.0; } >/dev/null 2>&1 || { echo "skipped: npm cannot install it"; exit 77; }
echo "version: $(node_modules/.bin/cspell --version)"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "recieve it"; done >text.txt
node_modules/.bin/cspell --no-progress text.txt >out 2>&1
code=$?
cat out
[ "$(grep -c 'Unknown word' out)" = 5 ] || changed "it tells another number of the twelve"
grep -q 'Issues found: 5 in 1 file' out || changed "its sum is another"
[ "$code" = 1 ] || changed "exit $code"
