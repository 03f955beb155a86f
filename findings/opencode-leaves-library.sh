#!/bin/bash
# opencode-ai 1.18.33: every `run` leaves a shared library of about 5 MB in TMPDIR, under a new name each time.
# exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
npm install --silent --no-fund --no-audit --prefix . opencode-ai@1.18.33 >/dev/null 2>&1 || { echo "skipped: npm cannot install it"; exit 77; }
mkdir -p home/.config/opencode tmp project
# A model on loopback that always says one word.
cat >model.mjs <<'J'
import http from 'node:http';
const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const piece = (delta, finish_reason) => response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
    piece({ role: 'assistant', content: 'hello' }, null);
    piece({}, 'stop');
    response.end('data: [DONE]\n\n');
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
J
node model.mjs >port &
server=$!
for _ in $(seq 50); do [ -s port ] && break; sleep 0.1; done
cat >home/.config/opencode/opencode.json <<C
{"model": "local/m", "small_model": "local/m", "provider": {"local": {"npm": "@ai-sdk/openai-compatible",
 "options": {"baseURL": "http://127.0.0.1:$(cat port)/v1", "apiKey": "none"}, "models": {"m": {"limit": {"context": 100000, "output": 4000}}}}}}
C
run() {
    (cd project && env -i PATH="$PATH" HOME="$dir/home" TMPDIR="$dir/tmp" OPENCODE_DISABLE_MODELS_FETCH=1 OPENCODE_DISABLE_AUTOUPDATE=1 \
        timeout 60 ../node_modules/.bin/opencode "$@" </dev/null 2>/dev/null)
}
echo "version: $(run --version)"
for n in 1 2; do
    run run hi | grep -q hello || { echo "skipped: it did not answer"; exit 77; }
    echo "after run $n: $(find tmp -name '.*.so' | wc -l) libraries, $(du -ks tmp | cut -f 1) KB"
done
[ "$(find tmp -name '.*.so' -size +4M | wc -l)" = 2 ] || changed "it does not leave one a run"
echo "so: give it a TMPDIR that is removed afterwards"
