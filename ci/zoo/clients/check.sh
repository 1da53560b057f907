#!/usr/bin/env bash
# Are the clients of the zoo sound? Each echoes, over TLS as well, comes back when it loops, and ends by itself:
# check.sh [--core | --all | NAME...]. Red when one that was named fails, or one of --core is not installed.
set -euo pipefail
export ZOO=clients
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

selection=$(zoo_select "$@")
mapfile -t names <<<"$selection"
mapfile -t packages < <(node_packages)
apt_install openssl "${packages[@]}"
npm_install "${zoo%/*}"
mkdir -p "$zoo_build/logs"
export ZOO_LOGS=$zoo_build/logs
# An authority and a certificate of its own: some take no authority for a server.
ec=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
(
  cd "$zoo_build"
  openssl req -x509 "${ec[@]}" -days 2 -subj /CN=zoo -keyout ca.key -out ca.pem
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' >cert.ext
  openssl req "${ec[@]}" -subj /CN=localhost -keyout key.pem -out cert.csr
  openssl x509 -req -in cert.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile cert.ext -out cert.pem
) >"$zoo_build/openssl.log" 2>&1 || die "openssl made no certificate; see ${zoo_build#"$root"/}/openssl.log"

bad=0
absent=0
for name in "${names[@]}"; do
  if ! zoo_installed "$name"; then
    result="not installed"
    absent=$((absent + 1))
    [[ $# -eq 0 || $1 == --all ]] || bad=$((bad + 1))
  elif ! result=$(bash "$zoo/../build.sh" "$name" 2>&1 >/dev/null); then
    result="FAILED: does not build: $(tail -n 1 <<<"$result")"
    bad=$((bad + 1))
  elif ! result=$(timeout 200 node "$zoo/check-server.js" "$name" "$(zoo_port "$name")" \
    "$zoo_build/ca.pem" "$zoo_build/cert.pem" "$zoo_build/key.pem" 2>&1); then
    bad=$((bad + 1))
  fi
  printf '%-18s %s\n' "$name" "$result"
done
printf '%d clients, %d failed, %d not installed\n' "${#names[@]}" "$bad" "$absent"
[[ $bad -eq 0 ]]
