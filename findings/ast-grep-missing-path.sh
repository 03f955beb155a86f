#!/bin/bash
# ast-grep 0.51.1: `scan` of a path that does not exist says so on stderr and ends with 0, as a clean scan does.
# exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
npm install --silent --no-fund --no-audit --prefix . @ast-grep/cli@0.51.1 >/dev/null 2>&1 || { echo "skipped: npm cannot install it"; exit 77; }
echo "version: $(node_modules/.bin/ast-grep --version)"
cat >rule.yml <<'R'
id: nan
language: javascript
severity: error
rule:
  pattern: $A == NaN
R
echo 'const b = 1;' >clean.js
echo 'a == NaN;' >bad.js
for target in clean.js bad.js missing.js; do
    node_modules/.bin/ast-grep scan -r rule.yml "$target" >out 2>err
    code=$?
    echo "scan $target: exit $code, $(wc -l <out) lines on stdout, stderr: $(tail -n 1 err)"
    case $target:$code in
    clean.js:0 | bad.js:1) ;;
    missing.js:0) grep -q 'missing.js' err || changed "nothing is said of missing.js" ;;
    *) changed "exit $code for $target" ;;
    esac
done
echo "so: exit 0 does not mean that anything was scanned"
