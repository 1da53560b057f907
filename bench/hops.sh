#!/usr/bin/env bash
# hops.sh [NAME...]: what `wsspec path` finds out of each hop of the zoo that is here (default: ten that read HTTP), and how alike two runs
# are: cases judged, facts measured (sentences of the page and values in notes), seconds of each run, and cases whose verdict differs
# between the two. Silent tunnels are not waited for. The load beside it is told, as all of it is timed. WSSPEC names another binary.
set -euo pipefail
export ZOO=hops
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/zoo/lib.sh"
cd "$root"
wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
names=("$@")
[[ ${#names[@]} -gt 0 ]] || mapfile -t names < <(zoo_names | while read -r name; do
  [[ $(zoo_field "$name" kind) != http || $name == *-v[12] ]] || echo "$name"
done)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# play NAME REPORT : one run; prints its seconds.
play() {
  local front scheme=ws began=$EPOCHREALTIME status=0
  front=$(zoo_port "$1")
  [[ $(zoo_field "$1" kind) != tls ]] || scheme=wss
  "$wsspec" path "$scheme://127.0.0.1:$front/" --behind "$((front + 100))" --cases cases --hop "$1" --insecure --quiet --json "$2" \
    --start "exec bash ci/zoo/hops/start.sh $1 $front $((front + 100))" >"$out/log" 2>&1 || status=$?
  [[ $status -le 1 ]] || { tail -n 20 "$out/log" >&2; die "$1: exit status $status"; }
  awk -v began="$began" -v ended="$EPOCHREALTIME" 'BEGIN { printf "%.0f\n", ended - began }'
}

printf '| hop | judged | red | facts | seconds | second run | verdicts that differ |\n|---|---:|---:|---:|---:|---:|---:|\n'
for name in "${names[@]}"; do
  zoo_installed "$name" || { say "hops: $name is not installed"; continue; }
  first=$(play "$name" "$out/1.json")
  second=$(play "$name" "$out/2.json")
  python3 - "$name" "$first" "$second" "$out/1.json" "$out/2.json" <<'EOF'
import json, sys
name, first, second, *files = sys.argv[1:]
one, two = (json.load(open(file)) for file in files)
values = [note for result in one["results"] for note in result["notes"]
          if ": " in note and not note.startswith("without the hop")]
facts = len(one["facts"]["introduction"]) + sum(fact["measured"] for fact in one["facts"]["list"]) + len(values)
before, after = ({result["id"]: result["verdict"] for result in run["results"]} for run in (one, two))
differ = [case for case in before if before[case] != after.get(case)]
counts = one["summary"]
print(f"| {name} | {counts['judged']} | {len(counts['red'])} | {facts} | {first} | {second} | {len(differ)} |")
for case in differ:
    print(f"hops: {name}: {case}: {before[case]}, then {after.get(case)}", file=sys.stderr)
EOF
done
printf '\nload %s on %s processors\n' "$(cut -d' ' -f1-3 /proc/loadavg)" "$(nproc)"
