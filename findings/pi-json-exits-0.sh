#!/bin/bash
# @earendil-works/pi-coding-agent 1.6.0: `pi --mode json -p` exits with 0 when the service refuses the key (and at every
# other error of it); without `--mode json` the same run exits with 1.
# exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
npm install --silent --no-fund --no-audit --prefix . @earendil-works/pi-coding-agent@1.6.0 node@22.23.3 >/dev/null 2>&1 ||
    { echo "skipped: npm cannot install it"; exit 77; }
mkdir -p home/.pi/agent project
# A service on loopback that knows nobody.
cat >service.mjs <<'J'
import http from 'node:http';
const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'Incorrect API key provided', type: 'invalid_api_key', code: 'invalid_api_key' } }));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
J
node_modules/.bin/node service.mjs >port &
server=$!
for _ in $(seq 50); do [ -s port ] && break; sleep 0.1; done
cat >home/.pi/agent/models.json <<C
{"providers": {"local": {"baseUrl": "http://127.0.0.1:$(cat port)/v1", "api": "openai-completions", "apiKey": "OPENAI_API_KEY", "models": [{"id": "m"}]}}}
C
run() {
    (cd project && echo hi | env -i PATH="$dir/node_modules/.bin:$PATH" HOME="$dir/home" OPENAI_API_KEY=none \
        timeout 60 pi -p --offline --no-session --model local/m "$@" 2>../stderr)
}
echo "version: $(run --version; cat stderr)"
said=$(run)
echo "pi -p: exit $?, $(cat stderr)"
run --mode json >stdout
code=$?
told=$(grep -o '"stopReason":"error".*"errorMessage":"401' stdout | head -c 20)
echo "pi --mode json -p: exit $code, and in its events $told …"
[ -n "$told" ] || { echo "skipped: it told no error"; exit 77; }
[ "$code" = 0 ] || changed "it exits with $code"
echo "so: only its events tell whether it worked"
