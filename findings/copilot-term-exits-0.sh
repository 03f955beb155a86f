#!/bin/bash
# @github/copilot 1.0.102: ended by TERM in the middle of its work, `copilot --output-format json` exits with 0; only the
# event `abort` tells.
# exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
npm install --silent --no-fund --no-audit --prefix . @github/copilot@1.0.102 >/dev/null 2>&1 || { echo "skipped: npm cannot install it"; exit 77; }
copilot=$(ls "$dir"/node_modules/@github/copilot-linux*/copilot 2>/dev/null | head -1)
[ -x "$copilot" ] || { echo "skipped: no native program of it for this machine"; exit 77; }
mkdir -p home project
# A model on loopback that takes its time.
cat >model.mjs <<'J'
import http from 'node:http';
import fs from 'node:fs';
const server = http.createServer((request) => request.resume().on('end', () => fs.writeFileSync('asked', '')));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
J
node model.mjs >port &
server=$!
for _ in $(seq 50); do [ -s port ] && break; sleep 0.1; done
run=(env -i PATH="$PATH" HOME="$dir/home" COPILOT_OFFLINE=true COPILOT_MODEL=m COPILOT_PROVIDER_API_KEY=dummy-dummy
    COPILOT_PROVIDER_BASE_URL="http://127.0.0.1:$(cat port)/v1" "$copilot" --no-auto-update)
echo "version: $("${run[@]}" --version | head -1)"
echo hi >prompt
(cd project && exec "${run[@]}" --output-format json --no-ask-user <../prompt >../stdout 2>../stderr) &
job=$!
for _ in $(seq 300); do [ -e asked ] && break; sleep 0.2; done
[ -e asked ] || { echo "skipped: it asked its model nothing"; exit 77; }
kill -TERM "$job"
wait "$job"
code=$?
echo "exit $code; events: $(grep -o '"type":"[a-z._]*"' stdout | tail -4 | tr '\n' ' ')"
grep -q '"type":"abort"' stdout || { echo "skipped: it was not in the middle of its work"; exit 77; }
[ "$code" = 0 ] || changed "it exits with $code"
echo "so: an exit code of 0 does not tell that it worked to the end"
