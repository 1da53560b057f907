#!/usr/bin/env bash
# What people do with a report after the run, done with the reports of real servers: other gates, another look at the red
# cases, a comparison, a baseline that is written, kept and outgrown. Each step must end with the exit status it promises.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
bash "$zoo/install.sh" ws websockets
out=$root/build/reports
rm -rf "$out"
mkdir -p "$out"
cd "$root"
unset CI GITHUB_ACTIONS # a baseline is not rewritten there

# must STATUS ARGUMENT... : wsspec with these must end with that status; what it says is in $out/log.
must() {
  local wanted=$1 status=0
  shift
  "$wsspec" "$@" >"$out/log" 2>&1 || status=$?
  if [[ $status -ne $wanted ]]; then
    cat "$out/log" >&2
    die "exit status $status, not $wanted: wsspec $*"
  fi
}

# says TEXT : so must the last step.
says() { grep -qF -- "$1" "$out/log" || { cat "$out/log" >&2; die "the last step does not say: $1"; }; }

# play STATUS NAME OPTION... : some cases against that server, which is started for them.
play() {
  local wanted=$1 name=$2
  shift 2
  must "$wanted" run ws://127.0.0.1:18092/ --start "exec ci/zoo/start.sh $name {port}" --seed 1 --allow-flaky "$@"
}
some=(--filter 'handshake.refuse.*' --filter 'close.*' --filter 'security.smuggle.*')

play 1 ws "${some[@]}" --json "$out/ws.json"
play 1 websockets "${some[@]}" --json "$out/websockets.json"

# Gates: ws has fails and weak ones; its closing cases have none that fail.
play 0 ws --filter 'close.*' --json "$out/close.json"
must 0 report "$out/close.json" --allow-flaky
must 0 report "$out/close.json" --allow-flaky --fail-on fail
must 1 report "$out/close.json" --fail-on info --junit "$out/close.xml"
grep -q '<failure' "$out/close.xml" || die "the JUnit report of --fail-on info has no failure"
must 2 report "$out/close.json" --fail-on pass
must 1 report "$out/ws.json" --allow-flaky --fail-on weak,inconclusive
must 2 report "$out/absent.json"
must 2 report "$out/close.xml"

# Only the red ones again.
play 1 ws --rerun-failed "$out/ws.json" --json "$out/again.json"
/usr/bin/python3 - "$out/ws.json" "$out/again.json" <<'PYTHON'
import json, sys
first, again = (json.load(open(f))["results"] for f in sys.argv[1:])
red = {r["id"] for r in first if r["verdict"] in ("fail", "error")}
if red != {r["id"] for r in again}:
    sys.exit("--rerun-failed did not play the red cases and no others")
PYTHON
play 4 ws --rerun-failed "$out/close.json"
says "nothing to run again"

# Comparisons.
must 0 diff "$out/ws.json" "$out/ws.json"
must 1 diff "$out/websockets.json" "$out/ws.json" --markdown "$out/diff.md"
says "broken"
grep -q 'handshake.refuse.version' "$out/diff.md" || die "the comparison does not name what broke"

# A baseline: written, met, outgrown, written again.
play 1 ws "${some[@]}" --baseline "$out/baseline"
says '--update-baseline' # there is none on the first day
play 0 ws "${some[@]}" --baseline "$out/baseline" --update-baseline
play 0 ws "${some[@]}" --baseline "$out/baseline" --json "$out/known.json"
must 0 report "$out/known.json" --allow-flaky # what is known stays known in the report
play 0 ws --filter 'close.*' --baseline "$out/baseline"
CI=1 play 2 ws "${some[@]}" --baseline "$out/baseline" --update-baseline
printf 'fail handshake.refuse.method[post] "not so"\n' >>"$out/baseline"
play 6 ws "${some[@]}" --baseline "$out/baseline"
says 'handshake.refuse.method[post]'
play 0 ws "${some[@]}" --baseline "$out/baseline" --update-baseline
grep -q 'handshake.refuse.method' "$out/baseline" && die "--update-baseline kept a stale entry"
sed -i '/handshake.refuse.host/d' "$out/baseline"
play 1 ws "${some[@]}" --baseline "$out/baseline"
printf 'reports, gates, comparisons and baselines: as promised\n'
