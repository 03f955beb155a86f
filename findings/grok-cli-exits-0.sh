#!/bin/bash
# @vibe-kit/grok-cli 0.0.34: `grok -p` exits with 0 when the service refuses the key or fails, and tells it as what its model said: a
# message of the assistant. exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ npm init -y && npm install --silent @vibe-kit/grok-cli@0.0.34; } >/dev/null 2>&1 || { echo "skipped: npm cannot install it"; exit 77; }
mkdir home work
# A model on loopback: the first part of the path is the status it answers with.
cat >model.mjs <<'J'
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const status = Number(request.url.split('/')[1]);
    const message = { role: 'assistant', content: 'THE ANSWER' };
    const answer = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? answer : { error: { message: 'the oven is cold' } }));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
J
node model.mjs >port &
server=$!
for _ in $(seq 50); do [ -s port ] && break; sleep 0.1; done
run() {
    (cd work && env -i PATH="$PATH" HOME="$dir/home" GROK_API_KEY=none GROK_BASE_URL="http://127.0.0.1:$(cat ../port)/$1/v1" timeout 100 \
        ../node_modules/.bin/grok -p hello </dev/null 2>../stderr)
}
said=$(run 200)
case $said in *"THE ANSWER"*) ;; *) echo "skipped: it does not work here: $(cat stderr)"; exit 77 ;; esac
for status in 401 500; do
    said=$(run $status | tail -1)
    run $status >/dev/null
    code=$?
    echo "$status: exit $code, stdout: $said"
    [ "$code" = 0 ] || changed "$status: exit $code"
    case $said in *'"role":"assistant"'*error*) ;; *) changed "$status: it tells it otherwise" ;; esac
done
