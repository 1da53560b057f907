#!/usr/bin/env bash
# The gates that projects have written around Autobahn's report, run on ours: check.sh
# Four targets: a conforming server (all gates green), one with planted defects (all red), none at all (all red), and two
# in one file of which one is absent (red). Beside them our own exit status, which needs no gate. WSSPEC names another
# binary. No network but loopback; needs node and Python 3.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

gates=$root/ci/autobahn-gates
wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
out=$root/build/autobahn-gates
rm -rf "$out"
mkdir -p "$out"
good_port=20131
bad_port=20132
absent_port=20133
pids=()
trap 'for pid in "${pids[@]}"; do stop_server "$pid" 2 || true; done' EXIT

# serve PORT OPTION... : the built-in server there.
serve() {
  local port=$1
  shift
  "$wsspec" peer --listen "$port" "$@" >"$out/peer-$port.log" 2>&1 &
  pids+=($!)
  wait_for_port "$port" $! 10 || die "the built-in server does not start; see $out/peer-$port.log"
}

# spec NAME PORT... : a fuzzingclient.json as people have it, with options and patterns that need care.
spec() {
  local name=$1 servers=() port
  shift
  for port in "$@"; do servers+=("{\"agent\": \"peer-$port\", \"url\": \"ws://127.0.0.1:$port\"}"); done
  cat >"$out/$name.json" <<JSON
{
   "outdir": "$out/$name",
   "options": {"failByDrop": false, "version": 18, "openHandshakeTimeout": 4, "autoPingInterval": 0},
   "servers": [$(IFS=,; printf '%s' "${servers[*]}")],
   "cases": ["1.*", "2.*", "3.*", "5.*", "7.*", "12.1.1", "12.1.2", "13.3.1"],
   "exclude-cases": ["11.*", "5.19", "5.20"],
   "exclude-agent-cases": {"somebody-else*": ["*"]}
}
JSON
}

# run NAME STATUS : our own exit status must be that.
faults=0
run() {
  local status=0
  "$wsspec" run --autobahn-spec "$out/$1.json" --quiet >"$out/$1.log" 2>&1 || status=$?
  printf '%-8s %-29s exit %d\n' "$1" "wsspec run" "$status"
  [[ $status -eq $2 ]] || { faults=$((faults + 1)); say "  wanted exit status $2:"; tail -n 5 "$out/$1.log"; }
}

# gate NAME WANTED GATE FILE... : "green" or "red".
gate() {
  local name=$1 wanted=$2 script=$3 colour=green said interpreter=()
  shift 3
  [[ $script != *.js ]] || interpreter=(node)
  said=$("${interpreter[@]}" "$gates/$script" "$@" 2>&1) || colour=red
  printf '%-8s %-29s %-5s  %s\n' "$name" "$script${2:+ ${2##*/}}" "$colour" "$(tail -n 1 <<<"$said")"
  [[ $colour == "$wanted" ]] || { faults=$((faults + 1)); say "  wanted $wanted"; }
}

# gates NAME WANTED : all of them on that report.
gates() {
  local index=$out/$1/index.json
  gate "$1" "$2" both-fields.py "$index"
  gate "$1" "$2" both-fields.py "$index" --strict-close
  gate "$1" "$2" behavior-only.js "$index"
  gate "$1" "$2" grep-text.sh "$index"
  gate "$1" "$2" deny-list.js "$index"
  gate "$1" "$2" close-only.py "$index"
  gate "$1" "$2" count-class.sh "$out/$1/index.html"
}

serve $good_port
# One that shows in what comes back, and one that shows in the closing handshake.
serve $bad_port --defect message.text-becomes-binary --defect close.answered-with-1002

spec good $good_port
run good 0
gates good green
cp "$out/good/index.json" "$out/committed.json"
run good 0
gate good green same-as-file.py "$out/good/index.json" "$out/committed.json"

spec defect $bad_port
run defect 1
gates defect red
gate defect red same-as-file.py "$out/defect/index.json" "$out/committed.json"

# A report of an earlier, good run lies there: it must not be taken for this one.
cp -r "$out/good" "$out/absent"
spec absent $absent_port
run absent 5
gates absent red

spec partly $good_port $absent_port
run partly 5
gates partly red

grep -q 'autoPingInterval' "$out/good.log" || { faults=$((faults + 1)); say 'an option that is not used was not named'; }
[[ $faults -eq 0 ]] || die "$faults not as expected; logs and reports: ${out#"$root"/}"
say 'all gates as expected'
