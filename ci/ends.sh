#!/usr/bin/env bash
# How wsspec ends, with real processes: interrupted once, twice, by `timeout`, by a terminal that closes, by kill -9; with
# readers that go away, full disks, links; with servers that daemonize themselves or are never ready. No report may be lost
# that was promised, no server may be left behind, and what cannot work is said before the first connection.
set -uo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
export WSSPEC_CASES=$root/cases
unset CI GITHUB_ACTIONS GITHUB_STEP_SUMMARY
out=$root/build/ends
rm -rf "$out"
mkdir -p "$out"
cd "$out" || exit 1

port=18100
url=ws://127.0.0.1:$port/
# It leaves its number, and with it that of a helper that is in no group and has no parent of ours.
server="echo \$\$ >server.pid; exec $wsspec peer --listen {port}"
daemonizing="(setsid sh -c 'echo \$\$ >helper.pid; exec sleep 600' &); $server"
slow=(--start "$daemonizing" --rate 30 --seed 1)

# must WORDS COMMAND... : the command has to be true.
must() {
  local words=$1
  shift
  "$@" || die "$words"
}

# gone FILE... : the processes whose numbers are in the files end, within seconds.
gone() {
  local file left=200
  for file in "$@"; do
    [[ -s $file ]] || die "$file: the server never ran"
    while kill -0 "$(<"$file")" 2>/dev/null; do
      ((left-- > 0)) || return 1
      sleep 0.05
    done
  done
  rm -f "$@"
}

# ready FILE : waits until the file is there and not empty.
ready() {
  local left=200
  until [[ -s $1 ]]; do
    ((left-- > 0)) || die "$1 does not come about"
    sleep 0.05
  done
}

is_json() { python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$1"; }
is_interrupted() { python3 -c 'import json, sys; sys.exit(not json.load(open(sys.argv[1]))["run"]["interrupted"])' "$1"; }
now() { date +%s%3N; }

say "standard error that is closed, full, or read by nobody"
close=(run --memory --filter 'close.*' --seed 1)
"$wsspec" "${close[@]}" --json gone.json --verbose 2>&1 | head -n 2 >/dev/null
must "a reader that went away cost the run its verdict: ${PIPESTATUS[0]}" test "${PIPESTATUS[0]}" -eq 0
must "a reader that went away cost the report" is_json gone.json
"$wsspec" "${close[@]}" --json closed.json --verbose >/dev/null 2>&-
must "a closed standard error cost the verdict" test $? -eq 0
must "a closed standard error cost the report" is_json closed.json
"$wsspec" "${close[@]}" --json full.json --verbose >/dev/null 2>/dev/full
must "a full standard error cost the verdict" test $? -eq 0
must "a full standard error cost the report" is_json full.json
"$wsspec" fuzz --memory --inputs 200 --findings found --json fuzz.json --defect control.ping-unanswered 2>&1 | head -n 1 >/dev/null
must "fuzz ends with ${PIPESTATUS[0]} when nobody reads" test "${PIPESTATUS[0]}" -eq 1
must "fuzz lost its report" is_json fuzz.json
for descriptor in '&-' /dev/full; do
  bash -c "'$wsspec' --nope 2>$descriptor"
  must "a usage error with standard error $descriptor ends with $?" test $? -eq 2
done

say "a file of results that is full"
"$wsspec" "${close[@]:0:1}" "${close[@]:2}" --jsonl /dev/full >stdout.txt 2>stderr.txt
must "--jsonl /dev/full ends with $?" test $? -eq 3
must "--jsonl /dev/full: not said before the first result" grep -q 'results are kept in memory alone' stderr.txt
must "--jsonl /dev/full cost the verdict" grep -q '^All .* keep the protocol' stdout.txt

say "standard output that is full"
"$wsspec" run --memory --filter 'close.*' --json report.json >/dev/null 2>&1
printf 'wire 1\ncase a\n  open\n  finish\n' >case.wire
while read -r -a verb; do
  "$wsspec" "${verb[@]}" >/dev/full 2>stderr.txt
  must "${verb[*]} > /dev/full ends with $?" test $? -ne 0
  must "${verb[*]} > /dev/full: one line says so" test "$(grep -c 'standard output: cannot be written' stderr.txt)" -eq 1
done <<'VERBS'
list
list --json
explain close.code.valid[1000]
check case.wire
diff report.json report.json
run --memory --filter close.* --quiet
run --memory --filter close.* --json - --quiet
manual
completion bash
--help
VERBS
"$wsspec" list 2>stderr.txt | head -n 1 >/dev/null
must "list | head ends with ${PIPESTATUS[0]}" test "${PIPESTATUS[0]}" -eq 0
must "list | head complains" test "$(grep -c cannot stderr.txt)" -eq 0

say "interrupts: timeout, two at once, a terminal that closes"
timeout 2 "$wsspec" run "$url" "${slow[@]}" --json timeout.json >/dev/null 2>&1
must "timeout: ends with $?" test $? -eq 124
must "timeout: no report" is_interrupted timeout.json
must "timeout: the server or its helper is left" gone server.pid helper.pid
for signal in INT HUP; do
  "$wsspec" run "$url" "${slow[@]}" --json "$signal.json" >/dev/null 2>&1 &
  pid=$!
  ready server.pid
  sleep 0.7
  kill -"$signal" $pid
  sleep 0.2
  kill -"$signal" $pid 2>/dev/null
  wait $pid
  must "$signal: ends with $?" test $? -eq 130
  must "$signal: no report" is_interrupted "$signal.json"
  must "$signal: the server or its helper is left" gone server.pid helper.pid
done

say "a second one, a second later; and kill -9"
"$wsspec" run "$url" --start "trap '' TERM; $wsspec peer --listen {port} & echo \$\$ >server.pid; while :; do sleep 0.2; done" \
  --rate 30 --json second.json >/dev/null 2>&1 &
pid=$!
ready server.pid
sleep 1
began=$(now)
kill -INT $pid
sleep 1.2
kill -INT $pid
wait $pid
must "the second one does not end it at once" test $(($(now) - began)) -lt 2500
must "the second one: the server is left" gone server.pid
"$wsspec" run "$url" "${slow[@]}" --jsonl killed.jsonl >/dev/null 2>&1 &
pid=$!
ready server.pid
sleep 1.5
kill -KILL $pid
wait $pid 2>/dev/null
must "kill -9: the server or its helper is left" gone server.pid helper.pid
must "kill -9: nothing was kept of what was judged" python3 - killed.jsonl <<'PYTHON'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
sys.exit(not (lines[0]["kind"] == "run" and sum(line["kind"] == "result" for line in lines) >= 5))
PYTHON

say "servers that are never ready"
"$wsspec" run "$url" --start 'echo $$ >server.pid; exec sleep 77' --json never.json >never.log 2>&1 &
pid=$!
ready server.pid
sleep 0.5
began=$(now)
kill -INT $pid
wait $pid
must "interrupted while waiting: ends with $?" test $? -eq 130
must "interrupted while waiting: took too long" test $(($(now) - began)) -lt 3000
must "interrupted while waiting: the server is left" gone server.pid
began=$(now)
"$wsspec" run "$url" --start 'exec sleep 77' --budget 1s >/dev/null 2>&1
must "a budget of 1 s for a server that is never ready is green" test $? -ne 0
must "a budget of 1 s took $(($(now) - began)) ms" test $(($(now) - began)) -lt 5000
began=$(now)
"$wsspec" run "$url" --start "head -c 3000 /dev/zero | tr '\\0' a; echo; exec sleep 77" --ready 'log:(.*)*ready' \
  --ready-timeout 1s >/dev/null 2>&1
must "a pattern that needs time: ends with $?" test $? -eq 5
must "a pattern that needs time took $(($(now) - began)) ms" test $(($(now) - began)) -lt 5000
"$wsspec" run "$url" --start 'echo one; echo two; exit 1' --json dead.json >dead.log 2>&1
must "a server that dies at once: ends with $?" test $? -eq 5
must "its log is not printed as lines" grep -qx '    two' dead.log
must "its error does not say --start" grep -q -e '--start' dead.log
must "its error speaks of --launch" test "$(grep -c -e '--launch' dead.log)" -eq 0

say "limits of our own"
"$wsspec" peer --listen "$port" >/dev/null 2>&1 &
pid=$!
wait_for_port "$port" "$pid" 10 || die "the reference server does not listen"
for limit in 6 8 12; do
  (ulimit -n "$limit" && exec "$wsspec" run "$url" --filter 'close.*' --quiet) >limit.log 2>&1
  status=$?
  # Fewer connections at a time may do; what cannot be done is said to be ours.
  must "ulimit -n $limit: ends with $status" test $status -eq 0 -o $status -eq 5
  must "ulimit -n $limit: nothing says that it is our limit" \
    test $status -eq 0 -o "$(grep -c 'limit of open files' limit.log)" -gt 0
  must "ulimit -n $limit: the target is blamed" test "$(grep -c 'serves no more' limit.log)" -eq 0
done
stop_server "$pid" 5

say "disks that are full, and links"
mkdir -p full links
(cd full && ulimit -f 4 && "$wsspec" run --memory --filter 'close.*' --json a.json --html a.html >/dev/null 2>log)
must "a full disk: ends with $?" test $? -eq 3
must "a full disk: nothing says so" grep -q 'cannot be written' full/log
must "a full disk leaves $(ls -A full)" test "$(ls -A full)" = log
echo untouched >links/real.json
ln -s real.json links/link.json
must "a report through a link" "$wsspec" run --memory --filter 'close.*' --quiet --json links/link.json >/dev/null
must "the link is gone" test -L links/link.json
must "the file behind the link is not the report" is_json links/real.json

mkdir -p links/found
ln -s ../victim links/found/index.json.part
echo untouched >links/victim
"$wsspec" fuzz --memory --inputs 200 --findings links/found --defect control.ping-unanswered --quiet >/dev/null 2>&1
must "a link in the findings' folder led elsewhere" grep -qx untouched links/victim

say "what cannot work is said before the first connection"
nobody=ws://127.0.0.1:1/ # Ends with 5 as soon as somebody dials it.
printf 'baseline 1\nfial x\n' >broken.baseline
while read -r -a options; do
  "$wsspec" run "$nobody" "${options[@]}" >/dev/null 2>stderr.txt
  must "${options[*]}: ends with $?" test $? -eq 2
done <<'OPTIONS'
--baseline broken.baseline
--baseline .
--update-baseline --baseline /proc/x
--preamble absent.wire
--json /proc/x
--html .
--junit case.wire/x
--jsonl /proc/x
--autobahn-report /proc/x
OPTIONS
for verb in "fuzz $nobody --json /proc/x" "fuzz $nobody --html ." "minimize case.wire $nobody -o /proc/x" \
  "matrix $nobody --html /proc/x" "self-test --json /proc/x"; do
  # shellcheck disable=SC2086
  "$wsspec" $verb >/dev/null 2>&1
  must "$verb: ends with $?" test $? -eq 2
done
printf '{"servers": [{"url": "%s"}], "cases": ["1.1.1"]}' "$nobody" >spec.json
"$wsspec" run --autobahn-spec spec.json --autobahn-report /proc/x >/dev/null 2>&1
must "the folder of an Autobahn report is not looked at: $?" test $? -eq 2
"$wsspec" run notaurl --dry-run >/dev/null 2>&1
must "--dry-run does not look at the URL" test $? -eq 2
"$wsspec" run --memory --filter 'close.*' --quiet --baseline absent.baseline >/dev/null 2>first.log
must "the first day without a baseline: ends with $?" test $? -eq 0
must "the first day: nothing says how to write one" grep -q -e --update-baseline first.log

say "a configuration file that is about somebody else"
mkdir -p foreign
printf 'start = "touch pwned"\nheader = ["X-Secret: t0ken"]\n[target.prod]\nurl = "wss://prod.example/"\n' >foreign/wsspec.toml
(
  cd foreign || exit 1
  "$wsspec" run "$nobody" >/dev/null 2>log
  must "a foreign wsspec.toml: nothing says that it is not used" grep -q 'not used' log
  "$wsspec" fuzz "$nobody" --time 1s >/dev/null 2>&1
  "$wsspec" replay ../case.wire "$nobody" >/dev/null 2>&1
  "$wsspec" minimize ../case.wire "$nobody" >/dev/null 2>&1
  "$wsspec" matrix "$nobody" >/dev/null 2>&1
  test ! -e pwned
) || die "a foreign wsspec.toml was obeyed"

say "one way to print"
must "only cli/print.cc may print" test -z "$(grep -lE 'fmt::print|std::c(out|err)|fprintf|perror' "$root"/harness/cli/*.cc | grep -v '/print\.cc$')"
say "ends: as promised"
