#!/usr/bin/env bash
# A server of rooms on two nodes: ws and Redis behind HAProxy, on loopback.
#   cluster.sh up PORT [DEFECT]   all of it, in the foreground, until SIGTERM: the balancer on PORT, the nodes on PORT+1 and PORT+2,
#                                 the broker on PORT+3
#   cluster.sh ACT PORT           kill-2, drain-2, start-2, pause-2, resume-2, stop-broker, start-broker; ends when it is done
# Needs: redis-server, haproxy, node, ci/zoo/install.sh ws. What runs stands in files of $TMPDIR/wsspec-cluster-PORT.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[[ $# -ge 2 && $2 =~ ^[0-9]+$ ]] || die "usage: cluster.sh up|ACT PORT [DEFECT]"
port=$2
state=${TMPDIR:-/tmp}/wsspec-cluster-$port
here=$zoo/clusters

# accepts PORT : waits until somebody does, 10 s at most.
accepts() {
  local left=200
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    ((left-- > 0)) || die "nobody listens on port $1"
    sleep 0.05
  done
}
# keep NAME COMMAND... : runs it behind us; its process id stands in a file.
keep() {
  "${@:2}" >>"$state/$1.log" 2>&1 &
  echo $! >"$state/$1.pid"
}
pid() { cat "$state/$1.pid"; }
# gone NAME SIGNAL : sends it, and waits for the end, 10 s at most.
gone() {
  local id left=200
  id=$(pid "$1")
  kill "-$2" "$id" 2>/dev/null || return 0
  while kill -0 "$id" 2>/dev/null && [[ $(ps -o stat= -p "$id") != Z* ]]; do
    ((left-- > 0)) || die "$1 does not end"
    sleep 0.05
  done
}
start_node() {
  keep "node-$1" node "$here/node.js" $((port + $1)) $((port + 3)) "$(cat "$state/defect")"
  accepts $((port + $1))
}
start_broker() {
  keep broker redis-server --port $((port + 3)) --bind 127.0.0.1 --save '' --appendonly no --dir "$state"
  accepts $((port + 3))
}

case $1 in
  up)
    rm -rf "$state"
    mkdir -p "$state"
    printf '%s' "${3:-}" >"$state/defect"
    trap 'kill $(jobs -p) 2>/dev/null; exit 0' TERM INT
    start_broker
    start_node 1
    start_node 2
    export PORT=$port NODE_1=$((port + 1)) NODE_2=$((port + 2))
    keep balancer haproxy -db -f "$here/haproxy.cfg"
    accepts "$port"
    wait
    ;;
  kill-2) gone node-2 KILL ;;
  drain-2) gone node-2 TERM ;;
  start-2) start_node 2 ;;
  pause-2) kill -STOP "$(pid node-2)" ;;
  resume-2) kill -CONT "$(pid node-2)" ;;
  stop-broker) gone broker KILL ;;
  start-broker) start_broker ;;
  *) die "unknown act '$1'" ;;
esac
