#!/usr/bin/env bash
# Runs wsspec against real third-party servers: real-servers.sh [--core | --all | NAME...]; the core without arguments.
# Each must end with exit status 0, judged against its baseline ci/expect/NAME.txt of known deviations, each with its reason.
# Reports and logs: build/real-servers/. One line a server. WSSPEC names another binary.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
out=$root/build/real-servers
mkdir -p "$out"
[[ $# -gt 0 ]] || set -- --core
selection=$(zoo_select "$@")
mapfile -t names <<<"$selection"

pid=
trap '[[ -z $pid ]] || stop_server "$pid" 5' EXIT

# counts FILE : "12 pass, 1 weak, ..." from a JSON report, and how many changed when they were played again.
counts() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import collections, json, sys
results = json.load(open(sys.argv[1]))["results"]
verdicts = collections.Counter(r["verdict"] for r in results)
verdicts["flaky"] = sum(r.get("flaky", False) for r in results)
print(", ".join(f"{n} {v}" for v, n in verdicts.most_common() if n))
PYTHON
}

# judge NAME PORT : runs wsspec against the server that is up; prints the outcome, false if it is red.
# A case that passed when it was played again, alone, is no fault of the server but of a busy machine: counted, not red.
judge() {
  local name=$1 port=$2 status=0 began=$EPOCHREALTIME seconds options=(--allow-flaky)
  local expect=$root/ci/expect/$name.txt
  [[ ! -f $expect ]] || options+=(--baseline "$expect")
  if grep -qs '"unreviewed"' "$expect"; then # as --update-baseline writes it: nobody has looked at it
    printf '%s has entries without a reason\n' "${expect#"$root"/}"
    return 1
  fi
  rm -f "$out/$name.json"
  timeout -k 5 300 "$wsspec" run "ws://127.0.0.1:$port/" "${options[@]}" --json "$out/$name.json" \
    >"$out/$name.log" 2>&1 || status=$?
  seconds=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
  if [[ $status -ne 0 ]]; then
    printf 'exit status %d after %s s; see %s\n' "$status" "$seconds" "${out#"$root"/}/$name.log"
    return 1
  fi
  printf '%s s: %s\n' "$seconds" "$(counts "$out/$name.json")"
}

bad=0
for name in "${names[@]}"; do
  port=$(zoo_port "$name")
  good=yes
  bash "$zoo/start.sh" "$name" "$port" >"$out/$name.server.log" 2>&1 &
  pid=$!
  if ! wait_for_port "$port" "$pid" 30; then
    line="does not start; see ${out#"$root"/}/$name.server.log"
    good=no
  else
    line=$(judge "$name" "$port") || good=no
    kill -0 "$pid" 2>/dev/null || { line="$line; the server died" good=no; }
  fi
  stop_server "$pid" 5 || line="$line; the server ignored SIGTERM"
  pid=
  [[ $good == yes ]] || bad=$((bad + 1))
  printf '%-4s %-18s %s\n' "$([[ $good == yes ]] && echo ok || echo BAD)" "$name" "$line"
  [[ $good == yes || ! -f $out/$name.log ]] || tail -n 25 "$out/$name.log"
done
printf '%d servers as expected, %d not\n' "$((${#names[@]} - bad))" "$bad"
[[ $bad -eq 0 ]]
