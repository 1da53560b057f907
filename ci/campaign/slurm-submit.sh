#!/usr/bin/env bash
# A campaign as a Slurm array and a merge that waits for it: slurm-submit.sh DIR [sbatch options]
# DIR is on a file system that all nodes see. A shard whose node dies is queued again and goes on; one whose time
# runs out stops in an orderly way 20 s before. The merge runs however the shards ended. Prints the two job ids.
set -euo pipefail

[[ $# -ge 1 ]] || { echo "usage: slurm-submit.sh DIR [sbatch options]" >&2; exit 2; }
folder=$(realpath "$1")
shift
wsspec=${WSSPEC:-wsspec}
shards=$(sed -n 's/^ *"shards": *\([0-9]*\).*/\1/p' "$folder/campaign.json")
[[ -n $shards ]] || { echo "$folder/campaign.json names no shards" >&2; exit 2; }
mkdir -p "$folder/log"

# The log is appended to: a shard that is queued again must not lose what it said before.
array=$(sbatch --parsable --job-name=wsspec-shard --array="0-$((shards - 1))" --requeue --open-mode=append \
  --signal=USR1@20 --output="$folder/log/shard-%a.log" "$@" \
  --wrap="exec '$wsspec' campaign shard '$folder'")
merge=$(sbatch --parsable --job-name=wsspec-merge --dependency="afterany:$array" \
  --output="$folder/log/merge.log" "$@" \
  --wrap="'$wsspec' campaign merge '$folder' && '$wsspec' campaign report '$folder' --html '$folder/report.html'")
echo "$array $merge"
