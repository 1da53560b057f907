#!/usr/bin/env bash
# Is the zoo itself sound? Each server starts, echoes to a third-party client, and ends at SIGTERM.
# check.sh [--core | --all | NAME...]; needs what install.sh and build.sh prepare.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

selection=$(zoo_select "$@")
mapfile -t names <<<"$selection"
mapfile -t packages < <(node_packages)
apt_install "${packages[@]}"
npm_install "$zoo"
mkdir -p "$zoo_build"
bad=0
for name in "${names[@]}"; do
  port=$(zoo_port "$name")
  log=$zoo_build/$name.out
  bash "$zoo/start.sh" "$name" "$port" >"$log" 2>&1 &
  pid=$!
  if ! wait_for_port "$port" "$pid" 30; then
    result="does not start; see ${log#"$root"/}"
    bad=$((bad + 1))
  elif ! result=$(node "$zoo/echo-check.js" "ws://127.0.0.1:$port/" 2>&1); then
    result="does not echo: $result"
    bad=$((bad + 1))
  fi
  if ! stop_server "$pid" 5; then
    result="$result; had to be killed"
    bad=$((bad + 1))
  fi
  printf '%-20s %s\n' "$name" "$result"
done
printf '%d servers, %d faults\n' "${#names[@]}" "$bad"
[[ $bad -eq 0 ]]
