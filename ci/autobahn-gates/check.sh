#!/usr/bin/env bash
# The gates that projects have written around Autobahn's report, run on ours: check.sh
# Four targets: a conforming server (all gates green), one with planted defects (all red), none at all (all red), and two
# in one file of which one is absent (red). Beside them our own exit status, which needs no gate. Then specs/, written with
# the habits of public spec files: what each selects, says and exits with. WSSPEC names another binary. No network but
# loopback; needs node, Python 3 and openssl.
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
limited_port=20134
tls_port=20135
other_port=20136
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

# habit NAME STATUS [OPTION...] : that file of specs/ on our servers; our exit status must be that.
habit() {
  local name=$1 wanted=$2 status=0
  shift 2
  sed "s|@OUT@|$out/$name|; s|@GOOD@|$good_port|g; s|@LIMITED@|$limited_port|; s|@TLS@|$tls_port|; s|@OTHER@|$other_port|" \
    "$gates/specs/$name.json" >"$out/$name.json"
  "$wsspec" run --autobahn-spec "$out/$name.json" --quiet "$@" >"$out/$name.log" 2>&1 || status=$?
  printf '%-20s %-17s exit %d\n' "$name" "$*" "$status"
  [[ $status -eq $wanted ]] || { faults=$((faults + 1)); say "  wanted exit status $wanted:"; tail -n 5 "$out/$name.log"; }
}

# says NAME WORDS, silent NAME WORDS : whether its log holds them.
says() { grep -qF -- "$2" "$out/$1.log" || { faults=$((faults + 1)); say "  $1 does not say: $2"; }; }
silent() { ! grep -qF -- "$2" "$out/$1.log" || { faults=$((faults + 1)); say "  $1 says: $2"; }; }

# selects NAME AGENT NUMBERS : so many entries of that agent in its index.
selects() {
  local count
  count=$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1])).get(sys.argv[2], {})))' \
    "$out/$1/index.json" "$2")
  [[ $count -eq $3 ]] || { faults=$((faults + 1)); say "  $1 plays $count cases against '$2', wanted $3"; }
}

serve $limited_port --liberty message-limit-64k
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=somebody \
  -keyout "$out/key.pem" -out "$out/cert.pem" 2>"$out/openssl.log" || die "openssl made no certificate; see $out/openssl.log"
serve $tls_port --certificate "$out/cert.pem" --key "$out/key.pem"

habit agents-with-slashes 0
gates agents-with-slashes green
silent agents-with-slashes 'match no case'
says agents-with-slashes 'two servers are called acme/plain'
selects agents-with-slashes acme/plain 247
selects agents-with-slashes 'acme/with deflate + writev' 100
[[ -s $out/agents-with-slashes/acme_plain_2_case_1_1_1.json ]] || { faults=$((faults + 1)); say '  no file of acme/plain 2'; }

habit regex-classes 0
gates regex-classes green
selects regex-classes nio 50

habit self-signed 0
gates self-signed green
says self-signed 'its certificate is not checked'
sed -i 's|"agent": "tls",|"agent": "tls", "hostname": "somebody",|' "$out/self-signed.json"
status=0
"$wsspec" run --autobahn-spec "$out/self-signed.json" --quiet >"$out/self-signed.log" 2>&1 || status=$?
[[ $status -eq 5 ]] || { faults=$((faults + 1)); say "  with a hostname the certificate is not checked: exit $status"; }
silent self-signed 'its certificate is not checked'

habit nameless 0
gates nameless green
silent nameless 'version'
python3 -c 'import json, sys; sys.exit(len(json.load(open(sys.argv[1]))) != 3)' "$out/nameless/index.json" ||
  { faults=$((faults + 1)); say '  three servers without a name are not three agents'; }

# Nothing is red by our rules, a limit is no fault; the index says FAILED, so the exit says it, too.
habit limited 1
gates limited red
says limited '4 of 6 judged are red'
silent limited 'as expected'
habit limited 0 --exit-zero
gates limited red
# Without a spec file our own rules decide; that the index is harsher is told.
status=0
"$wsspec" run "ws://127.0.0.1:$limited_port" --filter 'autobahn/9.1.*' --autobahn-report "$out/plain" --quiet \
  >"$out/limited.log" 2>&1 || status=$?
[[ $status -eq 0 ]] || { faults=$((faults + 1)); say "  a run without a spec exits with $status for a limit"; }
says limited 'are red by its words and none by ours'
sed -i "s|:$limited_port|:$absent_port|" "$out/limited.json"
status=0
"$wsspec" run --autobahn-spec "$out/limited.json" --quiet --exit-zero >"$out/limited.log" 2>&1 || status=$?
[[ $status -eq 5 ]] || { faults=$((faults + 1)); say "  an absent server exits with $status beside --exit-zero"; }

# A legal code, but not the one that the original takes: good for those who read behavior only, as there.
serve $other_port --defect fault.bad-text-code-1002
habit other-code 1
gate other-code green behavior-only.js "$out/other-code/index.json"
gate other-code red both-fields.py "$out/other-code/index.json"
gate other-code red close-only.py "$out/other-code/index.json"
says other-code 'red by the words of index.json (exit 1)'
silent other-code 'as expected'

habit nothing 4
says nothing 'selects no case'
habit for-clients 2
says for-clients 'for testing clients'
habit trailing-comma 2
says trailing-comma 'line 4, column 27'
says trailing-comma 'comma'

habit regex-classes 0 --dry-run
says regex-classes $'1.1.3\t'
silent regex-classes $'1.1.4\t'
habit regex-classes 2 --autobahn-report /proc/nowhere
says regex-classes 'cannot be written'
silent regex-classes 'judged'

# The replay line that is printed works as it stands.
status=0
"$wsspec" run --autobahn-spec "$out/defect.json" >"$out/replay.log" 2>&1 || true
line=$(sed -n 's/^ *replay *\(wsspec run .*\)/\1/p' "$out/replay.log" | head -n 1)
[[ $line == 'wsspec run '* ]] || { faults=$((faults + 1)); say '  no replay line'; }
(cd "$out" && PATH=$(dirname "$wsspec"):$PATH bash -c "$line") >"$out/replayed.log" 2>&1 || status=$?
[[ $status -eq 1 ]] || { faults=$((faults + 1)); say "  the replay line exits with $status: $line"; }

[[ $faults -eq 0 ]] || die "$faults not as expected; logs and reports: ${out#"$root"/}"
say 'all gates as expected'
