#!/bin/bash
# @modelcontextprotocol/inspector: when the tool that it called says that it failed (`isError`), `--cli` exits with 0 in 0.15.0, which
# Node 20 can still run by its own word, and with 5 in 2.12.0, which asks for Node 22.19. exit 0: still so, 1: it changed, 77: cannot be
# tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
cat >server.mjs <<'J'
// A server with one tool, which fails.
import { createInterface } from 'node:readline';
const tell = (id, result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  const { protocolVersion } = params ?? {};
  const results = {
    initialize: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'oven', version: '1' } },
    'tools/list': { tools: [{ name: 'bake', description: 'bakes', inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: 'the oven is cold' }], isError: true },
  };
  if (id !== undefined) tell(id, results[method] ?? {});
});
J
echo "node: $(node --version)"
for pair in 0.15.0=0 2.12.0=5; do
    version=${pair%=*}
    mkdir "$version"
    (cd "$version" && npm init -y && npm install --silent "@modelcontextprotocol/inspector@$version") >/dev/null 2>&1 ||
        { echo "skipped: npm cannot install $version"; exit 77; }
    said=$(timeout 100 "$version/node_modules/.bin/mcp-inspector" --cli node server.mjs --method tools/call --tool-name bake 2>stderr | tr -d ' \n')
    timeout 100 "$version/node_modules/.bin/mcp-inspector" --cli node server.mjs --method tools/call --tool-name bake >/dev/null 2>&1
    code=$?
    echo "$version: exit $code, $said"
    case $said in *'"isError":true'*) ;; *) echo "skipped: $version does not work here: $(cat stderr)"; exit 77 ;; esac
    [ "$code" = "${pair#*=}" ] || changed "$version exits with $code"
done
