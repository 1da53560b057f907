#!/usr/bin/env bash
# wss against real TLS servers: npm ws over node's https and Python's websockets, TLS 1.2 and 1.3, with a certificate made
# for the occasion. The certificate is verified; without its authority the run must not even begin (exit status 5).
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
apt_install openssl
bash "$zoo/install.sh" ws websockets
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
    --filter 'fragment.*' --filter 'tcp.*' --exclude tag:destructive --json "$out/$name.json" >"$out/$name.log" 2>&1 || status=$?
  if [[ $status -eq 0 ]]; then
    printf 'ok   %-14s %s\n' "$name" "$(tail -n 1 "$out/$name.log")"
  else
    printf 'BAD  %-14s exit status %d\n' "$name" "$status"
    tail -n 15 "$out/$name.log"
    bad=$((bad + 1))
  fi
}

for version in 1.2 1.3; do
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
[[ $bad -eq 0 ]]
