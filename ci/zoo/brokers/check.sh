#!/usr/bin/env bash
# check.sh [NAME...]: does each broker serve? One client subscribes to a topic and to a queue, another sends, by npm @stomp/stompjs.
# Without names all of start.sh that are installed; ports: 18700 to 18749.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
here=$zoo/brokers
names=("$@")
if [[ ${#names[@]} -eq 0 ]]; then
  names=(stomp-server stomp-broker-js)
  [[ -n $(missing_packages rabbitmq-server) ]] || names+=(rabbitmq rabbitmq-binary)
fi
mapfile -t packages < <(node_packages)
apt_install "${packages[@]}"
npm_install "$here"
mkdir -p "$zoo_build/brokers"

bad=0
port=18690
for name in "${names[@]}"; do
  port=$((port + 10))
  bash "$here/start.sh" "$name" "$port" >"$zoo_build/brokers/$name.log" 2>&1 &
  pid=$!
  wait_for_port "$port" "$pid" 90 || die "$name does not start; see build/zoo/brokers/$name.log"
  url=$(bash "$here/url.sh" "$name" "$port")
  mapfile -t login < <([[ $name != rabbitmq* ]] || printf 'guest\nguest\n')
  for destination in /topic/check /queue/check; do
    node "$here/probe.js" "$url" "$destination" "${login[@]}" >"$zoo_build/brokers/$name.probe" || bad=$((bad + 1))
    printf '%-16s %s: %s\n' "$name" "$destination" "$(<"$zoo_build/brokers/$name.probe")"
  done
  stop_server "$pid" 15 || bad=$((bad + 1))
done
printf '%d brokers, %d faults\n' "${#names[@]}" "$bad"
[[ $bad -eq 0 ]]
