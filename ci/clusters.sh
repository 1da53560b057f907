#!/usr/bin/env bash
# clusters.sh [PORT]: plays the cases of nodes against a real server of rooms on two of them (ci/zoo/clusters): as it is nothing is
# red, and two of its defects are seen for what they are. Needs redis-server, haproxy, ci/zoo/install.sh ws; ports: 19900 to 19903,
# or PORT and the three behind it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wsspec=${WSSPEC:-build/release/bin/wsspec}
port=${1:-19900}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
acts=()
for act in kill-2 start-2 drain-2 pause-2 resume-2 stop-broker start-broker; do
  acts+=(--act "$act=bash ci/zoo/clusters/cluster.sh $act {port}")
done

play() { # DEFECT PATTERN: the report
  "$wsspec" run "ws://127.0.0.1:$port/" --start "exec bash ci/zoo/clusters/cluster.sh up {port} $1" --cases cases --filter "$2" \
    --nodes "ws://127.0.0.1:$((port + 1))/" --nodes "ws://127.0.0.1:$((port + 2))/" --balancer "ws://127.0.0.1:$port/" \
    --fanout others --order total --slow buffered --dialect 'join=/join {room}' --dialect leave=/leave "${acts[@]}" >"$out/report" 2>&1
}

play '' 'cluster.*' || { cat "$out/report"; echo "clusters: the cluster without a defect is red" >&2; exit 1; }
grep -q '27 judged + 0 skipped' "$out/report" || { cat "$out/report"; echo "clusters: not all was judged" >&2; exit 1; }
while read -r defect pattern words; do
  if play "$defect" "$pattern"; then
    echo "clusters: nothing is red with '$defect'" >&2
    exit 1
  fi
  grep -qE "$words" "$out/report" || { cat "$out/report"; echo "clusters: with '$defect' nothing says '$words'" >&2; exit 1; }
  echo "clusters: $defect is seen: $(grep -oE "[^:]*$words.*" "$out/report" | head -1 | cut -c1-120)"
done <<'DEFECTS'
repeats cluster.deliver* came again
forgets cluster.broker are missing
DEFECTS
echo "clusters: clean as it is, and each defect is seen"
