#!/usr/bin/env bash
# All shards of a campaign on this machine with GNU parallel, then the merge: parallel.sh DIR [JOBS]
# Interrupted or killed? Say the same again: complete shards are passed over, the others go on.
set -euo pipefail

[[ $# -ge 1 ]] || { echo "usage: parallel.sh DIR [JOBS]" >&2; exit 2; }
folder=$1
jobs=${2:-$(nproc)}
wsspec=${WSSPEC:-wsspec}
shards=$(sed -n 's/^ *"shards": *\([0-9]*\).*/\1/p' "$folder/campaign.json")
[[ -n $shards ]] || { echo "$folder/campaign.json names no shards" >&2; exit 2; }

# PARALLEL_SEQ counts from 1; the shard takes it from the environment.
seq "$shards" | parallel --jobs "$jobs" --halt never --joblog "$folder/parallel.log" \
  "$wsspec" campaign shard "$folder" '#' {} || true
"$wsspec" campaign merge "$folder"
"$wsspec" campaign report "$folder" --html "$folder/report.html" --json "$folder/report.json"
