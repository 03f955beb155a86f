#!/bin/bash
# eslint-formatter-junit 9.0.1 with ESLint 9.39.5: what stands in CDATA is escaped as if it did not, so a reader of the XML gets
# `&apos;` for each apostrophe; the attribute beside it is right. exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ npm init -y && npm install --silent eslint@9.39.5 eslint-formatter-junit@9.0.1; } >/dev/null 2>&1 || { echo "skipped: npm cannot install them"; exit 77; }
echo 'export default [{ rules: { eqeqeq: "error" } }];' >eslint.config.mjs
echo 'if (lid == 2) { bake(); }' >oven.js
echo "version: $(node_modules/.bin/eslint --version)"
node_modules/.bin/eslint -f junit oven.js >report.xml
read -r -d '' parse <<'P'
import xml.etree.ElementTree as tree
failure = next(tree.parse('report.xml').iter('failure'))
print('attribute:', failure.get('message'))
print('text:', failure.text)
P
python3 -c "$parse" >parsed || { echo "skipped: no report"; exit 77; }
cat parsed
grep -qF "attribute: Expected '===' and instead saw '=='." parsed || changed "the attribute"
grep -qF 'Expected &apos;===&apos; and instead saw' parsed || changed "the text is as it should be"
