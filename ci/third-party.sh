#!/usr/bin/env bash
# Servers that are no echo: a chat with a token and a login, two that broadcast, one that closes for what it does not
# know, and RabbitMQ's STOMP over WebSocket. Each is judged against ci/expect/third-party/NAME.txt, where every red
# verdict stands with its clause; anything else is a false alarm and fails.
# third-party.sh [NAME...]; reports and logs: build/third-party/. WSSPEC names another binary.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
here=$root/ci/third-party
out=$root/build/third-party
mkdir -p "$out"
names=("$@")
[[ ${#names[@]} -gt 0 ]] || names=(chat broadcast broadcast-others unknown web-stomp)

mapfile -t packages < <(node_packages)
apt_install "${packages[@]}" rabbitmq-server
npm_install "$zoo"
export NODE_PATH=$zoo/node_modules

pid=
trap '[[ -z $pid ]] || stop_server "$pid" 5' EXIT

# rabbitmq PORT : becomes a broker of our own, with STOMP over WebSocket at PORT and nothing outside this folder.
rabbitmq() {
  local home=$out/rabbitmq
  rm -rf "$home"
  mkdir -p "$home"
  printf '[rabbitmq_web_stomp].\n' >"$home/plugins"
  printf '%s\n' "listeners.tcp.default = 127.0.0.1:$(($1 + 1))" "stomp.listeners.tcp.1 = 127.0.0.1:$(($1 + 2))" \
    "web_stomp.tcp.ip = 127.0.0.1" "web_stomp.tcp.port = $1" 'log.console.level = error' >"$home/rabbitmq.conf"
  HOME=$home RABBITMQ_NODENAME=wsspec@localhost RABBITMQ_MNESIA_BASE=$home RABBITMQ_LOG_BASE=$home \
    RABBITMQ_CONFIG_FILE=$home/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=$home/plugins \
    RABBITMQ_PID_FILE=$home/pid RABBITMQ_DIST_PORT=$(($1 + 3)) ERL_EPMD_PORT=$(($1 + 4)) ERL_EPMD_ADDRESS=127.0.0.1 \
    exec /usr/lib/rabbitmq/bin/rabbitmq-server
}

# serve NAME PORT : becomes that server.
serve() {
  case $1 in
    chat) CHAT_TOKEN=HEADER-MARKER-55 exec node "$here/chat.js" "$2" ;;
    broadcast) exec node "$here/broadcast.js" "$2" ;;
    broadcast-others) exec node "$here/broadcast.js" "$2" others ;;
    unknown) exec node "$here/unknown.js" "$2" ;;
    web-stomp) rabbitmq "$2" ;;
    *) die "unknown server '$1'" ;;
  esac
}

# options NAME : how it wants to be spoken to, a word a line.
options() {
  case $1 in
    chat) printf '%s\n' --header 'Authorization: Bearer HEADER-MARKER-55' --preamble "$here/login.wire" ;;
    # What is owed to a reader that reads nothing it works off for ten seconds a case, of the thirty that a run has.
    web-stomp) printf '%s\n' --subprotocol v12.stomp --exclude 'tcp.blocked.*' ;;
  esac
}

# path NAME : of its URL.
path() { [[ $1 == web-stomp ]] && printf '/ws' || printf '/'; }

bad=0
port=18400
for name in "${names[@]}"; do
  port=$((port + 10))
  serve "$name" "$port" >"$out/$name.server.log" 2>&1 &
  pid=$!
  wait_for_port "$port" "$pid" 60 || die "$name does not start; see ${out#"$root"/}/$name.server.log"
  mapfile -t words < <(options "$name")
  status=0
  began=$EPOCHREALTIME
  timeout -k 5 200 "$wsspec" run "ws://127.0.0.1:$port$(path "$name")" "${words[@]}" --allow-flaky \
    --baseline "$root/ci/expect/third-party/$name.txt" --json "$out/$name.json" --html "$out/$name.html" \
    >"$out/$name.log" 2>&1 || status=$?
  seconds=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
  line="$seconds s: $(tail -n 1 "$out/$name.log")"
  if grep -qF -e HEADER-MARKER-55 -e PREAMBLE-MARKER-77 "$out/$name".{json,html,log}; then
    line="tells a secret; $line"
    status=99
  fi
  stop_server "$pid" 10 || line="$line; the server ignored SIGTERM"
  pid=
  [[ $name != web-stomp ]] || ERL_EPMD_PORT=$((port + 4)) epmd -kill >/dev/null 2>&1 || true # It outlives its broker.
  [[ $status -eq 0 ]] || bad=$((bad + 1))
  printf '%-4s %-18s %s\n' "$([[ $status -eq 0 ]] && echo ok || echo BAD)" "$name" "$line"
  [[ $status -eq 0 ]] || grep -E '^ *(fail|error|weak|unexpected)' "$out/$name.log" | head -n 30
done
printf '%d servers without a false alarm, %d with\n' "$((${#names[@]} - bad))" "$bad"
[[ $bad -eq 0 ]]
