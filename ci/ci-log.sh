#!/usr/bin/env bash
# A target must not command the CI system that reads our log: all verbs against a server that tries, and what they print
# after the runners' own rules. A report on standard output is alone there. ci-log.sh [PORT]
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
port=${1:-18093}
url=ws://127.0.0.1:$port/
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
start="exec node $root/ci/hostile/ci-commands.js {port}"
# The first would silence all that follow; the runner knows them by these names.
own=(error warning notice)

# quiet_log NAME ARGUMENT... : wsspec with these prints the server's text, and nothing of it that a runner obeys.
quiet_log() {
  local name=$1
  shift
  "$wsspec" "$@" >"$out/$name" 2>&1 || true
  grep -q 'set-output\|stop-commands' "$out/$name" || { cat "$out/$name"; die "$name: the server's text is not there, so nothing is shown"; }
  python3 "$root/ci/hostile/runner.py" "${own[@]}" <"$out/$name" >"$out/obeyed" || { cat "$out/obeyed"; die "$name: a runner would obey these lines"; }
}

cases=(--filter 'frame.rsv.*' --filter 'close.code.valid*' --seed 1)
export GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$out/summary
printf 'of another step\n' >"$GITHUB_STEP_SUMMARY"
quiet_log run run "$url" --start "$start" "${cases[@]}" --json "$out/run.json" --html "$out/run.html"
grep -q '^::error title=' "$out/run" || die "our own annotations are gone"
grep -q '^::notice title=wsspec::' "$out/run" || die "our own notice is gone"
head -1 "$GITHUB_STEP_SUMMARY" | grep -qx 'of another step' || die "the summary of another step is gone"
grep -q '## wsspec' "$GITHUB_STEP_SUMMARY" || die "the step summary is not written"
quiet_log verbose run "$url" --start "$start" "${cases[@]}" --verbose --jobs 1
quiet_log report report "$out/run.json"
quiet_log explain-markdown report "$out/run.json" --markdown -
quiet_log junit report "$out/run.json" --junit -
quiet_log tap report "$out/run.json" --tap -
quiet_log json report "$out/run.json" --json -

# Alone on standard output, whatever the format, and no annotation is lost.
mapfile -t formats < <("$wsspec" report --help | sed -n 's/^  --\([a-z]*\) FILE .*/\1/p')
[[ ${#formats[@]} -ge 7 ]] || die "the help of report names ${#formats[@]} formats"
for format in "${formats[@]}"; do
  "$wsspec" run "$url" --start "$start" "${cases[@]}" "--$format" - >"$out/alone" 2>"$out/beside" || true
  grep -q '^::' "$out/alone" && die "--$format -: annotations on standard output"
  grep -q '^::error title=' "$out/beside" || die "--$format -: no annotations on standard error"
  case $format in
    json | sarif) python3 -c 'import json, sys; json.load(sys.stdin)' <"$out/alone" ;;
    jsonl) python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' <"$out/alone" ;;
    junit) python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin)' <"$out/alone" ;;
  esac || die "--$format -: what stands there is not $format alone"
done
"$wsspec" fuzz "$url" --start "$start" --time 3s --findings "$out/findings" --json - >"$out/alone" 2>"$out/beside" || true
python3 -c 'import json, sys; json.load(sys.stdin)' <"$out/alone" || die "fuzz --json -: not JSON alone"
python3 "$root/ci/hostile/runner.py" <"$out/beside" || die "fuzz: a runner would obey these lines"
say "ci log: no target commands the runner, reports stand alone"
