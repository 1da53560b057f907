#!/usr/bin/env bash
# wss against real TLS servers: npm ws over node's https, Python's websockets and gorilla/websocket over Go's crypto/tls, TLS
# 1.2 and 1.3, with a certificate made for the occasion. The certificate is verified; without its authority the run must not
# even begin (exit status 5). Then the reference server over TLS: its liberties are all right, each defect is found.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
apt_install openssl
bash "$zoo/install.sh" ws websockets gorilla
out=$root/build/wss
mkdir -p "$out"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$out/key.pem" -out "$out/cert.pem" 2>"$out/openssl.log" ||
  die "openssl made no certificate; see ${out#"$root"/}/openssl.log"
cd "$root"
bad=0

# try NAME PORT VERSION COMMAND
try() {
  local status=0 name=$1-$3
  "$wsspec" run "wss://127.0.0.1:$2/" --start "exec $4 {port} $out/cert.pem $out/key.pem" --ca "$out/cert.pem" \
    --tls-version "$3" --baseline "ci/expect/$1.txt" --allow-flaky --filter 'frame.*' --filter 'close.*' \
    --filter 'fragment.*' --filter 'tcp.*' --filter 'tls.*' --exclude tag:destructive --json "$out/$name.json" \
    >"$out/$name.log" 2>&1 || status=$?
  if [[ $status -eq 0 ]]; then
    printf 'ok   %-14s %s\n' "$name" "$(tail -n 1 "$out/$name.log")"
  else
    printf 'BAD  %-14s exit status %d\n' "$name" "$status"
    tail -n 15 "$out/$name.log"
    bad=$((bad + 1))
  fi
}

GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$zoo_build/go-cache go build -o "$out/gorilla" ci/zoo/gorilla/server.go

for version in 1.2 1.3; do
  try gorilla 18094 "$version" "$out/gorilla"
  try ws 18092 "$version" 'node ci/zoo/tls/server.js'
  try websockets 18093 "$version" '/usr/bin/python3 ci/zoo/tls/server.py'
done
status=0
"$wsspec" run wss://127.0.0.1:18092/ --start "exec node ci/zoo/tls/server.js {port} $out/cert.pem $out/key.pem" \
  --filter 'close.*' >"$out/untrusted.log" 2>&1 || status=$?
if [[ $status -eq 5 ]]; then
  say "ok   an untrusted certificate is refused"
else
  say "BAD  an untrusted certificate: exit status $status"
  bad=$((bad + 1))
fi

# reference PORT NAME [OPTION...] : plays the TLS cases against the reference server; $out/NAME.status is their exit status.
# Two dozen of them run at once: what a second play does not confirm is the machine's doing.
reference() {
  local port=$1 name=$2 pid status=0
  shift 2
  "$wsspec" peer --listen "$port" --certificate "$out/cert.pem" --key "$out/key.pem" "$@" >"$out/$name.peer" 2>&1 &
  pid=$!
  for _ in {1..600}; do  # All of them start at once, perhaps on a busy machine.
    grep -qs listening "$out/$name.peer" && break
    kill -0 "$pid" || break
    sleep 0.1
  done
  grep -q listening "$out/$name.peer" || { echo 'no reference server' >"$out/$name.status"; return; }
  "$wsspec" run "wss://127.0.0.1:$port/" --ca "$out/cert.pem" --filter 'tls.*' --exclude tag:slow --fail-on weak --allow-flaky \
    >"$out/$name.log" 2>&1 || status=$?
  kill "$pid"
  wait "$pid" || true
  echo "$status" >"$out/$name.status"
}

# All at once: they mostly wait. A defect that no client gets past is found before the first case: exit status 5.
port=20400
reference "$port" conforming &
names=(conforming)
wanted=(0)
while IFS=$'\t' read -r kind name _; do
  [[ $name == tls[.-]* && $name != tls-client* ]] || continue # Those of clients: ci/clients.sh.
  port=$((port + 1))
  reference "$port" "$name" "--$kind" "$name" &
  names+=("$name")
  if [[ $kind == defect ]]; then wanted+=('[15]'); else wanted+=(0); fi
done < <("$wsspec" peer --list)
wait
for i in "${!names[@]}"; do
  status=$(<"$out/${names[i]}.status")
  # shellcheck disable=SC2053  # a pattern
  if [[ $status == ${wanted[i]} ]]; then
    say "ok   the reference server: ${names[i]}"
  else
    say "BAD  the reference server: ${names[i]}: $status"
    tail -n 15 "$out/${names[i]}.log" "$out/${names[i]}.peer"
    bad=$((bad + 1))
  fi
done
[[ ${#names[@]} -gt 20 ]] || die "only ${#names[@]} ways of the reference server over TLS"
[[ $bad -eq 0 ]]
