#!/bin/bash
# @google/gemini-cli 0.61.0: `gemini -p` ends with exit 0, without an answer and without a word about it, when its model
# makes the same tool call five times in a row (as one does that polls something); its `--output-format json` says no more.
# exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
npm install --silent --no-fund --no-audit --prefix . @google/gemini-cli@0.61.0 >/dev/null 2>&1 ||
    { echo "skipped: npm cannot install it"; exit 77; }
mkdir -p home/.gemini project
echo '{"security": {"auth": {"selectedType": "gemini-api-key"}}}' >home/.gemini/settings.json
echo "not yet" >project/state.txt
# A model on loopback that looks at a file until it has looked TIMES times; then it answers.
cat >model.mjs <<'J'
import http from 'node:http';
const times = Number(process.argv[2]);
const server = http.createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part)).on('end', () => {
    const looked = (body.match(/"functionResponse"/g) ?? []).length;
    const part = looked < times
      ? { functionCall: { name: 'read_file', args: { file_path: 'state.txt' } } }
      : { text: 'THE ANSWER' };
    const answer = { candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }] };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify(answer)}\n\n`);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
J
run() {
    local times=$1
    shift
    rm -f port
    node model.mjs "$times" >port &
    server=$!
    for _ in $(seq 50); do [ -s port ] && break; sleep 0.1; done
    (cd project && env -i PATH="$PATH" HOME="$dir/home" GEMINI_API_KEY=none GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:$(cat ../port)" \
        timeout 100 ../node_modules/.bin/gemini --skip-trust -m gemini-2.5-pro -p 'wait until the file says ready' "$@" </dev/null 2>../stderr)
    local code=$?
    kill "$server"
    server=
    return $code
}
echo "version: $(env -i PATH="$PATH" HOME="$dir/home" node_modules/.bin/gemini --version)"
said=$(run 3)
echo "3 equal calls: exit $?, stdout '$said'"
case $said in *"THE ANSWER"*) ;; *) echo "skipped: it does not work here: $(cat stderr)"; exit 77 ;; esac
said=$(run 8)
code=$?
echo "8 equal calls: exit $code, stdout '$said', of loops in stderr: '$(grep -i loop stderr)'"
said_json=$(run 8 --output-format json | tr -d '\n ')
echo "8 equal calls, json: '$(echo "$said_json" | grep -o '"response":"[^"]*"')', errors '$(echo "$said_json" | grep -o '"error":{[^}]*}')'"
case $said in *"THE ANSWER"*) changed "it gives the answer" ;; esac
[ "$code" = 0 ] || changed "it exits with $code"
echo "so: an empty answer with exit 0 may be a run that was ended in its middle"
