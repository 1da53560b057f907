#!/usr/bin/env bash
# Are servers that do harm found out? Each of ci/zoo/harmful/server.js must be red, in the right cases, for the right
# reason, within its time; nothing else may be (npm ws, which it is made of, has its known deviations in ci/expect).
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
bash "$zoo/install.sh" ws
out=$root/build/harmful
mkdir -p "$out"
bad=0

# judge NAME REASON ALWAYS : every unexpected red case has the reason, and ALWAYS is among them.
judge() {
  /usr/bin/python3 - "$out/$1.json" "$2" "$3" <<'PYTHON'
import json, re, sys
report, reason, always = sys.argv[1:]
results = json.load(open(report))["results"]
red = [r for r in results if r["verdict"] in ("fail", "error") and not r.get("baseline")]
wrong = [r for r in red if not re.search(reason, r["reason"])]
for r in wrong[:5]:
    print(f"{r['id']} is red for another reason: {r['reason']}")
missed = [i for i in always.split() if i not in {r["id"] for r in red}]
if missed:
    print(f"not red: {' '.join(missed)}")
print(f"{len(red)} of {len(results)} cases red")
sys.exit(bool(wrong or missed))
PYTHON
}

# try NAME SECONDS REASON ALWAYS OPTION... : runs wsspec against that server and judges the report.
try() {
  local name=$1 most=$2 reason=$3 always=$4 status=0 began=$SECONDS words
  shift 4
  "$wsspec" run ws://127.0.0.1:18090/ --start "exec node ci/zoo/harmful/server.js $name {port}" --budget "${most}s" \
    --baseline ci/expect/ws.txt --allow-flaky --json "$out/$name.json" "$@" >"$out/$name.log" 2>&1 || status=$?
  words=$(judge "$name" "$reason" "$always") || status=99
  if [[ $status -eq 1 && $((SECONDS - began)) -le $((most + 15)) ]]; then
    printf 'ok   %-7s %s in %d s\n' "$name" "$words" $((SECONDS - began))
  else
    printf 'BAD  %-7s exit status %d after %d s: %s\n' "$name" "$status" $((SECONDS - began)) "$words"
    bad=$((bad + 1))
  fi
}

cd "$root"
try aborts 90 'was killed by signal 6' 'frame.opcode.first[op3]' --filter 'frame.opcode.*' --filter 'control.*'
try hangs 90 'serves no more|no time to play it again' 'control.ping.too-long[126]' --filter 'control.ping.*'
try leaks 90 'MiB of memory; the budget is 32.0 MiB' 'control.ping.many' \
  --filter 'control.*' --filter 'frame.*' --budget-memory 32M
try burns 90 's of CPU; the budget is 0.50 s' 'fragment.many[text,20000]' --filter 'fragment.*' --budget-cpu 500ms
[[ $bad -eq 0 ]]
