#!/usr/bin/env bash
# hops.sh [--update]: wsspec at both ends of proxies that we have not written: three in clear and one with TLS in front. What they are
# known for stands in ci/expect/hops/NAME.txt; a hop that is not there, or is turned elsewhere, is told from one with faults.
# Reports and logs: build/hops/. WSSPEC names another binary. --update writes the known deviations anew.
set -euo pipefail
export ZOO=hops
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"
cd "$root"
wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
bash "$zoo/install.sh" --core
apt_install openssl
out=build/hops
mkdir -p "$out"
update=()
[[ ${1:-} != --update ]] || update=(--update-baseline)

# path NAME OPTION... : plays the cases through it, on ports of its own; sets status.
path() {
  local name=$1 front scheme=ws
  shift
  front=$(zoo_port "$name")
  [[ $(zoo_field "$name" kind) != tls ]] || scheme=wss
  status=0
  timeout -k 5 120 "$wsspec" path "$scheme://127.0.0.1:$front/" --behind "$((front + 100))" --cases cases --hop "$name" --insecure \
    --start "exec bash ci/zoo/hops/start.sh $name $front $((front + 100))" "$@" || status=$?
}

for name in nginx haproxy apache haproxy-tls; do
  began=$SECONDS
  path "$name" --allow-flaky --json "$out/$name.json" --baseline "ci/expect/hops/$name.txt" "${update[@]}" >"$out/$name.log" 2>&1
  if [[ $status -ne 0 ]]; then
    tail -n 60 "$out/$name.log"
    die "$name: exit status $status"
  fi
  say "hops: $name: $(tail -n 1 "$out/$name.log" | cut -c1-110) ($((SECONDS - began)) s)"
done

# What wsspec prints as the configuration of a hop starts it.
for name in nginx haproxy apache; do
  front=$(zoo_port "$name") folder=$(mktemp -d)
  chmod 711 "$folder"
  (cd "$folder" && "$wsspec" path --print-config "$name" "ws://127.0.0.1:$front/" --behind "$((front + 100))" \
    >"$(zoo_field "$name" config)" 2>said)
  start=$(sed -n 's/.* it is started by: //p' "$folder/said")
  timeout -k 5 60 "$wsspec" path "ws://127.0.0.1:$front/" --behind "$((front + 100))" --cases cases --filter hop-request.upgrade \
    --start "exec $start" >"$out/$name-printed.log" 2>&1 ||
    { tail -n 20 "$out/$name-printed.log"; die "$name: what --print-config says does not start it: $start"; }
  rm -rf "$folder"
done
say 'hops: the configurations that wsspec prints start them'
# A fact is a check where somebody counts on it: what nginx is known for holds, what it is not known for is red.
path nginx --filter hop-facts.head --expect 'head>=4KiB' --expect 'head<64KiB' >"$out/expected.log" 2>&1
[[ $status -eq 0 ]] || { tail -n 40 "$out/expected.log"; die "facts of nginx that were expected: exit status $status"; }
path nginx --filter hop-facts.head --expect 'head>=1MiB' >"$out/disappointed.log" 2>&1
if [[ $status -ne 1 ]] || ! grep -q "'head>=1MiB' does not hold: heads of a request up to" "$out/disappointed.log"; then
  tail -n 40 "$out/disappointed.log"
  die "a fact of nginx that does not hold: exit status $status"
fi
say 'hops: what is expected of nginx is held against it'

# Before a server of somebody's own only what that does right by itself is held against a hop: nginx asks it for an upgrade whatever
# Connection says (RFC 6455 4.2.1), HAProxy does not.
"$wsspec" peer --listen 18690 >"$out/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for name in nginx haproxy; do
  front=$(zoo_port "$name") status=0
  timeout -k 5 60 "$wsspec" path "ws://127.0.0.1:$front/" --server ws://127.0.0.1:18690/ --cases cases --filter 'handshake.refuse.connection' \
    --start "exec bash ci/zoo/hops/start.sh $name $front 18690" >"$out/$name-server.log" 2>&1 || status=$?
  [[ $name == nginx ]] && wanted=1 || wanted=0
  if [[ $status -ne $wanted ]] || { [[ $wanted -eq 1 ]] && ! grep -q 'through the hop: it accepted the handshake with 101; without it pass' "$out/$name-server.log"; }; then
    tail -n 40 "$out/$name-server.log"
    die "$name before a server of its own: exit status $status"
  fi
done
say 'hops: before a server of somebody else they are blamed for what is theirs'

# One that finds nobody behind it is no hop with faults.
front=$(zoo_port nginx)
status=0
"$wsspec" path "ws://127.0.0.1:$front/" --behind "$((front + 100))" --cases cases --filter hop-request.upgrade \
  --start "exec bash ci/zoo/hops/start.sh nginx $front $((front + 99))" >"$out/astray.log" 2>&1 || status=$?
if [[ $status -ne 5 ]] || ! grep -q "pass WebSocket on to 127.0.0.1:$((front + 100))" "$out/astray.log"; then
  tail -n 20 "$out/astray.log"
  die "a hop with another server behind it: exit status $status"
fi
say 'hops: one with another server behind it is told so'
