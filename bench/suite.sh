#!/usr/bin/env bash
# What the suite costs, per section, beside the plainest Boost.Beast client that moves the same messages (suite_floor):
#   suite.sh [--bulk] [SERVER...]     servers of ci/zoo; ws, websockets and beast without names
# Columns: wall time, own CPU and peak memory of wsspec, CPU of the server meanwhile, own / server CPU; wall and CPU of the
# floor, wall / floor. --bulk: sections 12 and 13 with a thousand messages a case (an hour for all three). Needs a quiet
# machine for its wall times, and says how busy it was. Build first with -DWSSPEC_BENCH=ON. WSSPEC names another binary.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
floor=$root/build/release/bin/suite_floor
[[ -x $wsspec && -x $floor ]] || die "needs $wsspec and $floor; run: cmake --preset ci && cmake --build --preset ci"
bulk=()
messages=0
if [[ ${1:-} == --bulk ]]; then
  bulk=(--bulk)
  messages=1000
  shift
fi
[[ $# -gt 0 ]] || set -- ws websockets beast
port=20141
out=$(mktemp -d)
pid=
trap '[[ -z $pid ]] || stop_server "$pid" 5 || true; rm -rf "$out"' EXIT

# cpu_of PID : seconds of CPU so far.
cpu_of() { awk -v ticks="$(getconf CLK_TCK)" '{ print ($14 + $15) / ticks }' "/proc/$1/stat"; }

# row SERVER LABEL FLOOR SECTION... : plays the sections, then the floor (or "-"), and prints one line.
row() {
  local server=$1 label=$2 below=$3 section filters=() before after status=0 bottom=(- -)
  shift 3
  for section in "$@"; do filters+=(--filter "autobahn/$section.*"); done
  before=$(cpu_of "$pid")
  "$wsspec" run "ws://127.0.0.1:$port/" --quiet --json "$out/run.json" "${bulk[@]}" "${filters[@]}" >"$out/log" 2>&1 || status=$?
  after=$(cpu_of "$pid")
  [[ $status -le 1 ]] || { cat "$out/log"; die "wsspec ended with status $status"; }
  if [[ $below != - ]]; then read -ra bottom <<<"$("$floor" "$port" "$below" "$messages")"; fi
  /usr/bin/python3 - "$out/run.json" "$server" "$label" "$before" "$after" "${bottom[@]}" <<'PYTHON'
import json
import sys

path, server, label, before, after, floor_wall, floor_cpu = sys.argv[1:]
timing = json.load(open(path))["timing"]
wall, own = timing["duration_ms"] / 1000, timing["own_cpu_s"]
target = float(after) - float(before)
ratio = f"{wall / float(floor_wall):6.2f}" if floor_wall != "-" else "     -"
print(f"{server:<11} {label:<10} {wall:8.2f} {own:8.2f} {timing['own_memory_peak'] / 2**20:7.0f} {target:8.2f} "
      f"{own / target if target else 0:8.2f} {floor_wall:>8} {floor_cpu:>8} {ratio}")
PYTHON
}

printf '%-11s %-10s %8s %8s %7s %8s %8s %8s %8s %6s\n' \
  server sections 'wall s' 'own CPU' 'MiB' 'its CPU' 'own/its' 'floor s' 'its CPU' ratio
for server in "$@"; do
  bash "$zoo/start.sh" "$server" "$port" >"$out/server.log" 2>&1 &
  pid=$!
  wait_for_port "$port" "$pid" 30 || { cat "$out/server.log"; die "$server does not start"; }
  if [[ ${#bulk[@]} -eq 0 ]]; then
    row "$server" 1-7,10 handshake 1 2 3 4 5 6 7 10
    row "$server" 9 9 9
    row "$server" 1-10 - 1 2 3 4 5 6 7 9 10
  fi
  row "$server" 12 12 12
  row "$server" 13 13 13
  [[ ${#bulk[@]} -gt 0 ]] || row "$server" all - 1 2 3 4 5 6 7 9 10 12 13
  stop_server "$pid" 5 || true
  pid=
done
printf 'load average at the end: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
