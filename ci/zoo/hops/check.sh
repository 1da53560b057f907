#!/usr/bin/env bash
# Are the hops of the zoo sound? A WebSocket goes through each, also behind a reload; it ends at SIGTERM, and when it is drained:
# check.sh [--core | --all | NAME...]. Red when one that was named fails, or is not installed.
set -euo pipefail
export ZOO=hops
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

selection=$(zoo_select "$@")
mapfile -t names <<<"$selection"
mapfile -t packages < <(node_packages)
apt_install openssl "${packages[@]}"
npm_install "${zoo%/*}"
mkdir -p "$zoo_build"

# version NAME : as it was installed.
version() {
  local packages
  read -ra packages <<<"$(zoo_field "$1" apt)"
  if [[ ${#packages[@]} -gt 0 ]]; then
    dpkg-query -W -f='${Version}' "${packages[0]}"
  else
    node -p "require('$zoo/node_modules/$1/package.json').version"
  fi
}

# passes NAME FRONT WHEN : does a WebSocket go through it?
passes() {
  local said
  said=$(timeout 30 node "$zoo/check.js" "$1" "$(zoo_field "$1" kind)" "$2" "$(($2 + 100))" 2>&1) && return 0
  result="FAILED: $3: $said"
  return 1
}

# starts NAME FRONT : sets pid.
starts() {
  setsid bash "$zoo/start.sh" "$1" "$2" "$(($2 + 100))" >>"$zoo_build/$1.log" 2>&1 &
  pid=$!
  wait_for_port "$2" "$pid" 20 && return 0
  result="FAILED: does not start; see ${zoo_build#"$root"/}/$1.log"
  return 1
}

# ended SECONDS : does it end by itself?
ended() {
  local left=$(($1 * 20))
  while ((left-- > 0)); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.05
  done
  return 1
}

# looked_at NAME FRONT : sets result.
looked_at() {
  result=OK
  starts "$1" "$2" && passes "$1" "$2" 'through it' || return 1
  if [[ -n $(zoo_field "$1" reload) ]]; then
    kill -HUP "$pid"
    sleep 1
    passes "$1" "$2" 'behind a reload' || return 1
  fi
  stop_server "$pid" 15 || { result='FAILED: had to be killed'; return 1; }
  [[ -n $(zoo_field "$1" drain) ]] || return 0
  # Not at once: one whose master starts anew behind its workers does not hear it.
  starts "$1" "$2" && passes "$1" "$2" 'started again' || return 1
  kill -USR1 "$pid"
  ended 15 || { result='FAILED: drained, it does not end'; return 1; }
}

bad=0
for name in "${names[@]}"; do
  if ! zoo_installed "$name"; then
    printf '%-18s not installed; run: ci/zoo/hops/install.sh %s\n' "$name" "$name"
    bad=$((bad + 1))
    continue
  fi
  : >"$zoo_build/$name.log"
  if ! looked_at "$name" "$(zoo_port "$name")"; then
    bad=$((bad + 1))
    stop_server "$pid" 15 || true
  fi
  printf '%-18s %-8s %-24s %s\n' "$name" "$(zoo_field "$name" kind)" "$(version "$name")" "$result"
done
printf '%d hops, %d faults\n' "${#names[@]}" "$bad"
[[ $bad -eq 0 ]]
