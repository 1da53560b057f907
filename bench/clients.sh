#!/usr/bin/env bash
# clients.sh [CLIENT [JOBS]]: what `wsspec serve` costs beside a client of the zoo (default: ws, one process) that comes again and
# again, over the whole case set: cases, wall time, our processor time, the client's, and our peak memory.
# Needs ci/zoo/clients/install.sh CLIENT. WSSPEC names another binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

client=${1:-ws} jobs=${2:-1}
wsspec=${WSSPEC:-build/release/bin/wsspec}
out=build/bench-clients
mkdir -p "$out"
status=0
"$wsspec" serve --cases cases --start "exec bash ci/zoo/clients/start.sh $client {url} loop" --jobs "$jobs" --quiet \
  --json "$out/$client-$jobs.json" >"$out/$client-$jobs.log" 2>&1 || status=$?
[[ $status -le 1 ]] || { cat "$out/$client-$jobs.log" >&2; exit "$status"; }
node -e "
const { timing } = JSON.parse(require('fs').readFileSync('$out/$client-$jobs.json'));
const theirs = timing.target_cpu_s;
console.log('$client, $jobs at once: ' + Object.keys(timing.cases).length + ' cases, ' + (timing.duration_ms / 1000).toFixed(1) +
  ' s, our CPU ' + timing.own_cpu_s.toFixed(1) + ' s, the client\'s ' +
  (theirs === null ? 'not known (it was started again)' : theirs.toFixed(1) + ' s, ours / theirs ' + (timing.own_cpu_s / theirs).toFixed(2)) +
  ', our peak ' + (timing.own_memory_peak / 2 ** 20).toFixed(0) + ' MiB');"
