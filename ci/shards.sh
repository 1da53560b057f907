#!/usr/bin/env bash
# A launched npm ws, from a cold binary: the whole run, then two shards of it; merged they must be the whole.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
bash "$zoo/install.sh" ws
out=$root/build/shards
mkdir -p "$out"
cd "$root"

# play NAME OPTION... : a run into $out/NAME.json; red verdicts are ws's own and no failure here.
play() {
  local name=$1 status=0
  shift
  "$wsspec" run ws://127.0.0.1:18091/ --start 'exec ci/zoo/start.sh ws {port}' --baseline ci/expect/ws.txt --allow-flaky --seed 1 \
    --json "$out/$name.json" "$@" >"$out/$name.log" 2>&1 || status=$?
  [[ $status -le 1 || $status -eq 6 ]] || die "run $name ended with status $status; see ${out#"$root"/}/$name.log"
}

began=$EPOCHREALTIME
play whole
seconds=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
play first --shard 1/2
play second --shard 2/2
status=0
"$wsspec" merge "$out/second.json" "$out/first.json" --json "$out/merged.json" >"$out/merged.log" || status=$?
[[ $status -le 1 ]] || die "merge ended with status $status"
if "$wsspec" merge "$out/first.json" >/dev/null 2>&1; then die "a missing shard was merged silently"; fi
/usr/bin/python3 - "$out/whole.json" "$out/merged.json" <<'PYTHON'
import json, sys
whole, merged = ({r["id"]: r for r in json.load(open(f))["results"]} for f in sys.argv[1:])
if whole.keys() != merged.keys():
    sys.exit(f"other cases: {sorted(whole.keys() ^ merged.keys())[:5]}")
# A busy machine may make a case flaky or late in one of the runs; anything else has to be equal.
differ = [i for i in whole if whole[i]["verdict"] != merged[i]["verdict"] and not whole[i]["flaky"] and not merged[i]["flaky"]]
if any("fail" in (whole[i]["verdict"], merged[i]["verdict"]) for i in differ) or len(differ) > len(whole) // 200:
    sys.exit("\n".join(f"{i}: {whole[i]['verdict']} and {merged[i]['verdict']}" for i in differ))
print(f"{len(whole)} cases, merged like the whole, {len(differ)} with another shade of pass")
PYTHON
say "the whole with the server's start: $seconds s"
