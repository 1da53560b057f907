#!/usr/bin/env bash
# Do the clients that reconnect come back? check.sh [--core | --all | NAME...]; each is watched for SECONDS_EACH seconds (default 12).
set -euo pipefail
export ZOO=clients/reconnect
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../lib.sh"

selection=$(zoo_select "$@")
mapfile -t names <<<"$selection"
bad=0
for name in "${names[@]}"; do
  if ! zoo_ready "$name"; then
    result="not installed; run: ZOO=$ZOO ci/zoo/install.sh $name"
    [[ $# -eq 0 || $1 == --all ]] || bad=$((bad + 1))
  elif ! result=$(node "$zoo/check.js" "$name" "$((zoo_ports + 100))" "${SECONDS_EACH:-12}"); then
    bad=$((bad + 1))
  fi
  printf '%-24s %s\n' "$name" "$result"
done
[[ $bad -eq 0 ]]
