#!/usr/bin/env bash
# clients.sh: wsspec as the server of clients that we have not written, in each of the ways in which it is one: a client that
# comes again and again, a command for each case, Autobahn's protocol, a browser's page, a file of cases.
# Needs ci/zoo/install.sh ws, python3-websockets, chromium, and takes firefox-esr where it is; known deviations stand in
# ci/expect/clients/NAME.txt.
# Reports and logs: build/clients/. WSSPEC names another binary. --update writes the known deviations anew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wsspec=${WSSPEC:-$PWD/build/release/bin/wsspec}
out=build/clients
mkdir -p "$out"
update=()
[[ ${1:-} != --update ]] || update=(--update-baseline)
started=
trap '[[ -z $started ]] || kill "$started" 2>/dev/null || true' EXIT

# serve NAME OPTION...: must end as expected.
serve() {
  local name=$1 began=$SECONDS status=0
  shift
  timeout -k 5 240 "$wsspec" serve --cases cases "$@" >"$out/$name.log" 2>&1 || status=$?
  [[ $status -eq 0 ]] || { tail -n 60 "$out/$name.log"; echo "clients: $name: exit status $status" >&2; return 1; }
  echo "clients: $name: $(tail -n 1 "$out/$name.log" | cut -c1-110) ($((SECONDS - began)) s)"
}

serve reference --start "exec $wsspec peer --connect {url}"
# real NAME OPTION...: a client of others, against its known deviations.
real() {
  local name=$1
  shift
  serve "$name" --start "exec bash ci/zoo/clients/start.sh $name {url} loop" --jobs 4 --allow-flaky --json "$out/$name.json" \
    --baseline "ci/expect/clients/$name.txt" "${update[@]}" "$@"
}
real ws
# It needs 70 ms for each connection: what is about clients alone.
real websockets --filter 'reply.refuse.*' --filter 'deflate-*' --filter 'client-*' --filter 'mask-key.*' --filter 'request.*'
serve exec --exec 'exec bash ci/zoo/clients/start.sh ws {url}' --closes-first --jobs 4 --filter 'client-close.*' \
  --exclude client-close.first.unanswered \
  --filter 'reply.accept.fields*' --filter request.fragment --filter request.url
serve proxy --exec 'exec bash ci/zoo/clients/start.sh undici {url}' --filter 'proxy.*'
for browser in chromium firefox; do
  if [[ $browser == firefox ]] && ! command -v firefox-esr >/dev/null; then
    echo 'clients: page-firefox: left out, firefox-esr is not installed'
    continue
  fi
  serve "page-$browser" --page --filter 'control.*' --filter 'fragment.*' \
    --start "exec bash ci/zoo/clients/start.sh browsers/$browser {url}"
done

# Over TLS: certificates with a fault, and all that a client does in clear.
serve tls-reference --tls --ca-file "$out/ca.pem" --start "exec $wsspec peer --connect {url} --ca {ca}" \
  --filter 'tls-client.*' --filter 'control.*' --filter 'reply.*'
serve tls-proxy --tls --exec 'exec bash ci/zoo/clients/start.sh undici {url}' --filter 'proxy.secure*' --filter proxy.tunnel
for name in ws websockets; do
  serve "tls-$name" --tls --exec "exec bash ci/zoo/clients/start.sh $name {url}" --filter 'tls-client.*' --filter 'request.target.*'
done
# A client that trusts nobody of ours is told so.
status=0
"$wsspec" serve --cases cases --tls --filter "tls-client.*" --exec "unset SSL_CERT_FILE; exec $wsspec peer --once --connect {url}" >"$out/distrust.log" 2>&1 || status=$?
if [[ $status -ne 5 ]] || ! grep -q 'has to trust the certificate' "$out/distrust.log"; then
  tail -n 20 "$out/distrust.log"
  echo "clients: distrust: exit status $status" >&2
  exit 1
fi

# What a report of a client tells to type is known.
"$wsspec" explain --cases cases 'tls-client.certificate[expired]' reconnect.growth.opened >"$out/explain.log"

# A client with a defect is red, and says what.
if "$wsspec" serve --cases cases --start "exec $wsspec peer --connect {url} --defect reply.accept-any-case" --filter 'reply.refuse.*' \
  --quiet >"$out/defect.log" 2>&1; then
  echo "clients: an accept value is compared without case, and nothing is red" >&2
  exit 1
fi

# Autobahn's protocol: a driver as people have written it, and index.json as they read it.
echo '{"url": "ws://127.0.0.1:19170", "outdir": "'"$out"'/autobahn", "cases": ["1.*", "5.*", "6.22.*", "7.*"]}' >"$out/fuzzingserver.json"
"$wsspec" serve --cases cases --autobahn-spec "$out/fuzzingserver.json" --expect-agent ws --until-idle 60s >"$out/autobahn.log" 2>&1 &
started=$!
for _ in {1..50}; do
  grep -q 'clients that ask at' "$out/autobahn.log" && break
  sleep 0.1
done
timeout 60 bash ci/zoo/clients/start.sh autobahn/ws ws://127.0.0.1:19170 >"$out/autobahn-driver.log" 2>&1 || true
status=0
wait "$started" || status=$?
started=
[[ $status -eq 0 ]] || { tail -n 30 "$out/autobahn.log"; echo "clients: autobahn: exit status $status" >&2; exit 1; }
/usr/bin/python3 - "$out/autobahn/index.json" <<'PYTHON'
import json, sys
agents = json.load(open(sys.argv[1]))
(agent, cases), = agents.items()
good = sum(c["behavior"] in ("OK", "NON-STRICT", "INFORMATIONAL") for c in cases.values())
assert len(cases) > 60 and good == len(cases), (agent, len(cases), good)
print(f"clients: autobahn: {good} of {len(cases)} numbers")
PYTHON

# A server that does what a file says.
printf 'wire 1\ncase away\n  open\n  < text\n  > close 1001 "going away"\n  < close\n  > eof\n  < gone\n' >"$out/odd.wire"
"$wsspec" serve "$out/odd.wire" --cases cases --listen 19171 --connections-served 1 >"$out/odd.log" 2>&1 &
started=$!
for _ in {1..50}; do
  grep -q 'Ctrl-C ends' "$out/odd.log" && break
  sleep 0.1
done
/usr/bin/python3 - <<'PYTHON'
import asyncio, websockets
async def main():
    async with websockets.connect("ws://127.0.0.1:19171/away") as socket:
        await socket.send("hello")
        await socket.wait_closed()
        assert (socket.close_code, socket.close_reason) == (1001, "going away"), (socket.close_code, socket.close_reason)
asyncio.run(main())
PYTHON
wait "$started" || { cat "$out/odd.log"; echo "clients: the file's case was not played as written" >&2; exit 1; }
started=
grep -q '^pass *away' "$out/odd.log"
echo "clients: a file of cases is a server"
