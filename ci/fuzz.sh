#!/usr/bin/env bash
# `wsspec fuzz` against real applications above npm ws: no finding about messages where the server says what it wants, at the speed
# of one that echoes; two crashes of one runtime are two findings, and a mended one hides nothing; a hang is one frame; it ends by
# its bound, when it is interrupted, and lets no second process into its folder. Clients that hang, that give up, over TLS.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
bash "$zoo/install.sh" ws
out=$root/build/fuzz-check
rm -rf "$out"
mkdir -p "$out"
cd "$root"
bad=0
port=${WSSPEC_FUZZ_PORT:-18960}

note() {
  if [[ $1 -eq 0 ]]; then printf 'ok   %s\n' "$2"; else printf 'BAD  %s\n' "$2" && bad=$((bad + 1)); fi
}
# fuzz NAME TIME SERVER ARGUMENT... : against a server that is started; milliseconds in $took.
fuzz() {
  local name=$1 time=$2 server=$3 began
  shift 3
  port=$((port + 1))
  began=$(date +%s%N)
  "$wsspec" fuzz "ws://127.0.0.1:$port/" --start "exec node ci/zoo/applications/$server" --time "$time" \
    --findings "$out/$name" --json "$out/$name.json" "$@" >"$out/$name.log" 2>&1 || true
  took=$((($(date +%s%N) - began) / 1000000))
}
# ask NAME EXPRESSION : of node, about the report; true or false.
ask() { node -e "const r = JSON.parse(require('fs').readFileSync('$out/$1.json')); process.exit(($2) ? 0 : 1)"; }

# What is wrong with the handshakes of the library, or kills it, is no matter of the application's; everything else is.
for server in chat.js broadcast.js closes.js 'closes.js {port} 1003' 'closes.js {port} 1007' 'closes.js {port} 1008'; do
  name=${server//[^a-z0-9]/-}
  [[ $server == *' '* ]] || server+=' {port}'
  fuzz "$name" 8s "$server"
  wrong=0
  ask "$name" "r.findings.every((f) => f.verdict !== 'fail' || f.cause === 'crash' || /^(rfc6455-4|rfc7692-7)/.test(f.requirement))" || wrong=1
  note "$wrong" "$name: nothing about messages"
  slow=0
  ask "$name" "r.timing.inputs > 300" || slow=1
  note "$slow" "$name: does not wait for echoes"
done

fuzz crashes 20s 'crashes.js {port}'
two=0
ask crashes "r.findings.filter((f) => f.cause === 'crash' && f.log.includes('crashes.js')).length === 2" || two=1
note "$two" "two crashes, each with its log"
cp -r "$out/crashes" "$out/mended"
fuzz mended 10s 'crashes.js {port} text close' --resume
gone=$(grep -c '^wsspec: gone: crash' "$out/mended.log" || true)
note "$((gone == 2 ? 0 : 1))" "both are said to be gone once they are mended"
cp -r "$out/crashes" "$out/other"
fuzz other 10s 'crashes.js {port} text' --resume
gone=$(grep -c '^wsspec: gone: crash' "$out/other.log" || true)
one=0
ask other "r.findings.filter((f) => f.cause === 'crash').length === 1" || one=1
note "$((gone == 1 && one == 0 ? 0 : 1))" "the other one stays"

fuzz hangs 20s 'hangs.js {port}'
file=$(find "$out/hangs" -name 'hang-*.wire' | head -n 1)
frames=$(grep -c '^  > ' "${file:-/dev/null}" || true)
note "$((frames == 1 ? 0 : 1))" "a hang is one frame"
note "$((took < 32000 ? 0 : 1))" "20s end within 25s and the start and end of the server (${took} ms)"

# Clients: one that hangs, and one that has given up, are told apart, and from one that dies.
fuzz_client() { # fuzz_client NAME TIME COMMAND ARGUMENT...
  local name=$1 time=$2 command=$3
  shift 3
  "$wsspec" fuzz --serve --start "$command" --time "$time" --findings "$out/$name" --json "$out/$name.json" "$@" \
    >"$out/$name.log" 2>&1 || true
}
fuzz_client client-hangs 60s 'exec node ci/zoo/applications/lost-client.js {url} hang' --patience 5s --max-findings 1
file=$(find "$out/client-hangs" -name 'hang-*.wire' | head -n 1)
frames=$(grep -c '^  > [a-z]* .*x"ff' "${file:-/dev/null}" || true)
note "$((frames == 1 ? 0 : 1))" "a client's hang is one frame"
fuzz_client client-leaves 60s 'exec node ci/zoo/applications/lost-client.js {url} leave' --patience 5s --max-findings 1
one=0
ask client-leaves "r.findings.filter((f) => f.cause === 'absent' && f.verdict === 'inconclusive').length === 1" || one=1
ask client-leaves "!r.findings.some((f) => f.cause === 'crash' || f.cause === 'hang')" || one=1
note "$one" "a client that has given up is one finding, and no crash"

# Over TLS: what is planted is found, its file shows it again, and by the player's transcript as well.
tls=(--serve --tls --exec "exec $wsspec peer --once --connect {url} --ca {ca}")
"$wsspec" fuzz "${tls[@]}" --time 5s --findings "$out/tls" --json "$out/tls.json" >"$out/tls.log" 2>&1 || true
none=0
ask tls "r.findings.length === 0 && r.timing.inputs > 20" || none=1
note "$none" "over TLS nothing is wrong with the reference client"
tls[3]+=' --defect request.no-host'
"$wsspec" fuzz "${tls[@]}" --max-findings 1 --findings "$out/tls-defect" >"$out/tls-defect.log" 2>&1 || true
file=$(find "$out/tls-defect" -name 'malformed-output-*.wire' | head -n 1)
again=0
for option in '' --transcript; do
  "$wsspec" replay "${file:-none}" "${tls[@]}" ${option:+"$option"} >"$out/tls-replay.log" 2>&1 || again=1
  grep -q '^reproduced' "$out/tls-replay.log" || again=1
done
note "$again" "over TLS a defect is found, and replayed"

# A campaign waits as long as its plan says.
"$wsspec" campaign init "$out/campaign" --serve --start 'exec sleep 60' --patience 2s --time 20s >"$out/campaign.log" 2>&1
began=$(date +%s%N)
"$wsspec" campaign shard "$out/campaign" --index 0 >>"$out/campaign.log" 2>&1 || true
took=$((($(date +%s%N) - began) / 1000000))
note "$((took < 8000 ? 0 : 1))" "a campaign keeps --patience (${took} ms)"

node ci/zoo/applications/chat.js "$((port + 1))" &
server=$!
trap 'stop_server "$server" 5 || true' EXIT
wait_for_port "$((port + 1))" "$server" 10 || die "chat.js does not come up"
"$wsspec" fuzz "ws://127.0.0.1:$((port + 1))/" --time 60s --findings "$out/shared" >"$out/shared.log" 2>&1 &
first=$!
sleep 2
second=0
"$wsspec" fuzz "ws://127.0.0.1:$((port + 1))/" --time 1s --findings "$out/shared" >"$out/second.log" 2>&1 || second=$?
said=1
grep -q "is being worked on by process $first" "$out/second.log" && said=0
note "$((second == 2 && said == 0 ? 0 : 1))" "a second process on one folder is told who has it"
began=$(date +%s%N)
kill -INT "$first"
ended=0
wait "$first" || ended=$?
took=$((($(date +%s%N) - began) / 1000000))
note "$((ended == 130 && took < 5000 ? 0 : 1))" "an interrupt ends it (${took} ms)"

[[ $bad -eq 0 ]] || die "$bad checks failed; see ${out#"$root"/}"
