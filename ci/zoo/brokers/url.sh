#!/usr/bin/env bash
# url.sh NAME PORT: where a broker that start.sh has started speaks STOMP.
set -euo pipefail
case $1 in
  stomp-server) path=/stomp/websocket ;;
  stomp-broker-js) path=/stomp ;;
  rabbitmq*) path=/ws ;;
  *) path=/ ;;
esac
printf 'ws://127.0.0.1:%s%s\n' "$2" "$path"
