#!/usr/bin/env bash
# busy.sh [WSSPEC ...]: which planted defects of cut segments the topic tcp finds in a server at nice 0 and at nice 10
# beside as many spinning processes as there are processors. Each program given (default: the release build) judges
# the same servers, so that two versions can be compared.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

programs=("$@")
[[ ${#programs[@]} -gt 0 ]] || programs=(build/release/bin/wsspec)
server=${programs[0]}
port=18190
mapfile -t defects < <("$server" peer --list | grep -o "chunk\.[a-z0-9-]*")
[[ ${#defects[@]} -gt 0 ]] || { echo "busy.sh: no defects of segments are known" >&2; exit 2; }

own=()
trap 'for id in "${own[@]}"; do kill "$id" 2>/dev/null || true; done' EXIT

found() {  # PROGRAM NICE: how many of the defects are red
  local count=0 defect id exit
  for defect in "${defects[@]}"; do
    nice -n "$2" "$server" peer --listen "$port" --defect "$defect" >/dev/null 2>&1 &
    id=$!
    own+=("$id")
    for _ in {1..50}; do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
    exit=0
    "$1" run "ws://127.0.0.1:$port" --cases cases --filter 'tcp.*' >/dev/null 2>&1 || exit=$?
    case $exit in
      0) echo "  nice $2: not found: $defect" >&2 ;;
      1) count=$((count + 1)) ;;
      *) echo "busy.sh: $1 ended with exit code $exit" >&2 
         return 2 ;;
    esac
    kill "$id"
    wait "$id" 2>/dev/null || true
  done
  echo "$count"
}

for program in "${programs[@]}"; do
  quiet=$(found "$program" 0)
  hogs=()
  for _ in $(seq "$(nproc)"); do
    while :; do :; done &
    hogs+=("$!")
    own+=("$!")
  done
  busy=$(found "$program" 10)
  kill "${hogs[@]}"
  wait "${hogs[@]}" 2>/dev/null || true
  echo "$program: of ${#defects[@]} planted defects of segments $quiet at nice 0, $busy at nice 10 beside $(nproc) spinning processes"
done
