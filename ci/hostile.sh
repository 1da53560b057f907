#!/usr/bin/env bash
# Does every verb end in time, however broken the target is? Each verb against each server of ci/hostile/server.py:
#   hostile.sh [KIND...]      prints one line a server, then the longest time of each verb; fails over its bound.
# To add a server: a class in server.py. To add a verb: a line in `bounds` and a function `verb_NAME URL START`.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
command -v python3 >/dev/null || die "needs python3"
out=$root/build/hostile
mkdir -p "$out"
first_port=${HOSTILE_PORT:-20500}
at_once=8  # They mostly wait.

# Seconds that each verb may take; a run takes longest where one case follows the other. Two large topics are left out of `run`: they cost CPU, not patience.
verbs=(run fuzz replay minimize)
declare -A bounds=([run]=110 [fuzz]=30 [replay]=45 [minimize]=60)

# bounded VERB ARGUMENT... : wsspec, ended when it is far beyond the bound (status 124).
bounded() { timeout -k 20 $((bounds[$1] + 30)) "$wsspec" "$@"; }

verb_run() { bounded run "$1" --start "$2" --exclude 'deflate.*' --exclude 'limit.*' --json "$3.json"; }
verb_fuzz() { bounded fuzz "$1" --start "$2" --time 5s --findings "$3.findings" --seed 1; }
verb_replay() { bounded replay ci/hostile/fault.wire "$1" --start "$2"; }
verb_minimize() { bounded minimize ci/hostile/fault.wire "$1" --start "$2"; }

# nothing_lost FILE STATUS : each planned case stands in the report, and what was not judged says why.
nothing_lost() {
  python3 - "$1" "$2" <<'PYTHON'
import json, sys
run = json.load(open(sys.argv[1]))
bad = [r["id"] for r in run["results"] if r["verdict"] != "pass" and not r.get("reason")]
red = int(sys.argv[2]) != 0  # By its exit code, as a pipeline sees it.
unplayed = sum(r["verdict"] == "not_run" for r in run["results"])
if bad:
    sys.exit(f"no reason: {bad[:3]}")
if unplayed and not red:
    sys.exit(f"{unplayed} cases not played, and the exit code is 0")
PYTHON
}

# try KIND PORT : all verbs against one server; writes "VERB SECONDS STATUS" lines.
try() {
  local kind=$1 port=$2 verb began status
  rm -rf "$out/$kind".*
  for verb in "${verbs[@]}"; do
    began=$EPOCHREALTIME
    status=0
    "verb_$verb" "ws://127.0.0.1:$port/" "exec python3 ci/hostile/server.py $kind {port}" "$out/$kind.$verb" \
      >"$out/$kind.$verb.log" 2>&1 || status=$?
    printf '%s %s %s\n' "$verb" "$(python3 -c "print(f'{$EPOCHREALTIME - $began:.1f}')")" "$status"
    if [[ $verb == run ]] && ! nothing_lost "$out/$kind.run.json" "$status" >>"$out/$kind.run.log" 2>&1; then
      printf 'lost %s\n' "$(tail -1 "$out/$kind.run.log" | tr ' ' '_')"
    fi
  done >"$out/$kind.times"
}

cd "$root"
mapfile -t kinds < <(if [[ $# -gt 0 ]]; then printf '%s\n' "$@"; else
  python3 ci/hostile/server.py 2>&1 >/dev/null | sed -n 's/^\([a-z][a-z-]*\)  .*/\1/p' || true
fi)
[[ ${#kinds[@]} -gt 0 ]] || die "no kind of server found"
port=$first_port
for kind in "${kinds[@]}"; do
  while (($(jobs -rp | wc -l) >= at_once)); do wait -n || true; done
  try "$kind" "$port" &
  port=$((port + 1))
done
wait

bad=0
declare -A longest=() worst=()
for kind in "${kinds[@]}"; do
  line=$(printf '%-20s' "$kind")
  while read -r verb seconds status; do
    if [[ $verb == lost ]]; then
      line+="  LOST: $seconds"
      bad=$((bad + 1))
      continue
    fi
    mark=
    if python3 -c "import sys; sys.exit($seconds <= ${bounds[$verb]})" || [[ $status -ge 124 && $status -ne 130 ]]; then
      mark=!
      bad=$((bad + 1))
    fi
    line+=$(printf '  %s %5s s (%s)%s' "$verb" "$seconds" "$status" "$mark")
    if python3 -c "import sys; sys.exit(not $seconds > ${longest[$verb]:-0})"; then
      longest[$verb]=$seconds
      worst[$verb]=$kind
    fi
  done <"$out/$kind.times"
  say "$line"
done
for verb in "${verbs[@]}"; do
  printf '%-9s at most %5s s (%s); its bound is %s s\n' "$verb" "${longest[$verb]:-0}" "${worst[$verb]:-none}" "${bounds[$verb]}"
done

# Our own want of descriptors is no fault of the target.
"$wsspec" peer --listen "$port" >/dev/null 2>&1 &
peer=$!
wait_for_port "$port" "$peer" 10 || die "the built-in server does not start"
for most in 8 10 14; do
  said=$( (ulimit -n "$most" && "$wsspec" run "ws://127.0.0.1:$port/" --filter 'control.*') 2>&1 || true)
  if grep -q 'serves no more\|refuses' <<<"$said" || ! grep -q 'open files\|as expected' <<<"$said"; then
    say "with $most descriptors: $(tail -2 <<<"$said")"
    bad=$((bad + 1))
  fi
done
stop_server "$peer" 5 || true
[[ $bad -eq 0 ]] || die "$bad over their bounds (!), see build/hostile"
