#!/usr/bin/env bash
# start.sh NAME PORT: becomes that broker, in the foreground, with STOMP over WebSocket on 127.0.0.1:PORT, until SIGTERM. url.sh tells
# where on it. NAME is stomp-server, stomp-broker-js, rabbitmq or rabbitmq-binary, of which the frames come in binary messages; these
# two take the four ports behind PORT as well, and write to build/zoo/brokers/NAME.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[[ $# -eq 2 && $2 =~ ^[0-9]+$ ]] || die "usage: start.sh NAME PORT"
name=$1 port=$2
home=$zoo_build/brokers/$name
mkdir -p "$home"

# rabbitmq KIND : a RabbitMQ of its own, with nothing outside $home; user and passcode are guest.
rabbitmq() {
  printf '[rabbitmq_web_stomp].\n' >"$home/plugins"
  printf '%s\n' "listeners.tcp.default = 127.0.0.1:$((port + 1))" "stomp.listeners.tcp.1 = 127.0.0.1:$((port + 2))" \
    "web_stomp.tcp.ip = 127.0.0.1" "web_stomp.tcp.port = $port" "web_stomp.ws_frame = $1" 'log.console.level = error' \
    >"$home/rabbitmq.conf"
  HOME=$home RABBITMQ_NODENAME=wsspec-$port@localhost RABBITMQ_MNESIA_BASE=$home RABBITMQ_LOG_BASE=$home \
    RABBITMQ_CONFIG_FILE=$home/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=$home/plugins RABBITMQ_PID_FILE=$home/pid \
    RABBITMQ_DIST_PORT=$((port + 3)) ERL_EPMD_PORT=$((port + 4)) ERL_EPMD_ADDRESS=127.0.0.1 \
    /usr/lib/rabbitmq/bin/rabbitmq-server &
  behind $! "ERL_EPMD_PORT=$((port + 4)) epmd -kill" # The name server outlives it.
}

# behind PID COMMAND : waits until PID ends, which SIGTERM makes it do, and then runs the command.
behind() {
  # shellcheck disable=SC2064
  trap "kill $1" TERM INT
  wait "$1" || wait "$1" || true
  eval "$2" >/dev/null 2>&1 || true
}

case $name in
  stomp-server | stomp-broker-js) exec node "$zoo/brokers/$name.js" "$port" ;;
  rabbitmq) rabbitmq text ;;
  rabbitmq-binary) rabbitmq binary ;;
  *) die "unknown broker '$name'" ;;
esac
