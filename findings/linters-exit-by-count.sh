#!/bin/bash
# write-good 1.0.8 and dockerfilelint 1.8.0 exit with the number of their findings, of which a process keeps eight bits: 256 of
# them end with exit 0, as none do. exit 0: still so, 1: it changed, 77: cannot be tried here
set -u
dir=$(mktemp -d) || exit 77
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 77
changed() { echo "changed: $1"; exit 1; }
{ npm init -y && npm install --silent write-good@1.0.8 dockerfilelint@1.8.0; } >/dev/null 2>&1 || { echo "skipped: npm cannot install them"; exit 77; }
for count in 1 255 256 257; do
    for _ in $(seq "$count"); do printf 'The oven gets very hot.\n\n'; done >text.md
    node_modules/.bin/write-good text.md >prose
    prose=$?
    { echo 'FROM debian:12'; for _ in $(seq "$count"); do echo 'RUN sudo ls'; done; } >Dockerfile
    node_modules/.bin/dockerfilelint --json Dockerfile >docker
    docker=$?
    told=$(grep -c 'weasel word' prose)/$(grep -o '"totalIssues":[0-9]*' docker | cut -d: -f2)
    echo "$count findings: told $told, exit $prose and $docker"
    [ "$told" = "$count/$count" ] || changed "they tell another number"
    [ "$prose/$docker" = "$((count % 256))/$((count % 256))" ] || changed "they exit otherwise"
done
echo "so: an exit code of 0 is no proof that nothing was found"
