#!/bin/bash
# Biome 2.6.8: in its JUnit report the outermost element counts each error twice, as a failure and as an error, though no test has
# an <error>: failures + errors is more than tests. exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ npm init -y && npm install --silent @biomejs/biome@2.6.8; } >/dev/null 2>&1 || { echo "skipped: npm cannot install it"; exit 77; }
echo "version: $(node_modules/.bin/biome --version)"
printf 'debugger;\ndebugger;\ndebugger;\n' >a.js
node_modules/.bin/biome lint --reporter=junit a.js >out 2>/dev/null
cat out
grep -q '<testsuites name="Biome" tests="3" failures="3" errors="3"' out || changed "the counts"
[ "$(grep -c '<failure ' out)" = 3 ] || changed "the failures"
! grep -q '<error ' out || changed "it has errors"
