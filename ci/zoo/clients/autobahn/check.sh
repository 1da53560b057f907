#!/usr/bin/env bash
# Do the drivers for Autobahn's protocol play all cases and ask for the reports? check.sh [--core | --all | NAME...]
set -euo pipefail
export ZOO=clients/autobahn
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../lib.sh"

selection=$(zoo_select "$@")
mapfile -t names <<<"$selection"
bad=0
for name in "${names[@]}"; do
  read -ra packages <<<"$(zoo_field "$name" apt)"
  if [[ -n $(missing_packages "${packages[@]}") ]]; then
    result="not installed; run: ZOO=$ZOO ci/zoo/install.sh $name"
    [[ $# -eq 0 || $1 == --all ]] || bad=$((bad + 1))
  elif ! result=$(node "$zoo/check.js" "$name" "$((zoo_ports + 101))"); then
    bad=$((bad + 1))
  fi
  printf '%-24s %s\n' "$name" "$result"
done
[[ $bad -eq 0 ]]
