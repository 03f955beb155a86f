#!/bin/bash
# aider-chat 0.86.2: `aider --message` exits with 0 when the service refuses the key, when the request is too long and when the answer
# is empty; what went wrong is told on stdout, where the answer would be. exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ python3 -m venv venv && venv/bin/pip -q install aider-chat==0.86.2; } >/dev/null 2>&1 || { echo "skipped: pip cannot install it"; exit 77; }
mkdir home work
# A model on loopback: the first part of the path says how it answers.
cat >model.py <<'P'
import http.server, json
class Model(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['content-length']))
        how = self.path.split('/')[1]
        errors = {'key': (401, 'Incorrect API key provided'), 'long': (400, "This model's maximum context length is 10 tokens")}
        status, told = errors.get(how, (200, ''))
        self.send_response(status)
        self.send_header('content-type', 'text/event-stream' if status == 200 else 'application/json')
        self.end_headers()
        if status != 200:
            self.wfile.write(json.dumps({'error': {'message': told}}).encode())
            return
        for delta, end in [({'content': '' if how == 'empty' else 'THE ANSWER'}, None), ({}, 'stop')]:
            chunk = {'id': 'c', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'm', 'choices': [{'index': 0, 'delta': delta, 'finish_reason': end}]}
            self.wfile.write(f'data: {json.dumps(chunk)}\n\n'.encode())
        self.wfile.write(b'data: [DONE]\n\n')
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Model)
print(server.server_port, flush=True)
server.serve_forever()
P
python3 model.py >port &
server=$!
for _ in $(seq 50); do [ -s port ] && break; sleep 0.1; done
# It asks for prices at each start; nobody listens on port 9 of loopback.
run() {
    (cd work && env -i PATH="$PATH" HOME="$dir/home" OPENAI_API_KEY=none OPENAI_API_BASE="http://127.0.0.1:$(cat ../port)/$1/v1" \
        https_proxy=http://127.0.0.1:9 no_proxy=127.0.0.1 timeout 100 ../venv/bin/aider --no-check-update --no-show-model-warnings --analytics-disable --yes-always --no-git --model openai/m --message hello </dev/null 2>../stderr)
}
echo "version: $(env -i PATH="$PATH" HOME="$dir/home" venv/bin/aider --no-check-update --version)"
said=$(run well)
case $said in *"THE ANSWER"*) ;; *) echo "skipped: it does not work here: $(cat stderr)"; exit 77 ;; esac
for how in key long empty; do
    said=$(run $how)
    code=$?
    echo "$how: exit $code, $(wc -c <stderr) bytes on stderr; stdout: $(grep -m1 -E '^litellm|token limit|^Empty' <<<"$said")"
    [ "$code" = 0 ] || changed "$how: exit $code"
done
