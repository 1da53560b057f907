#!/usr/bin/env bash
# The matrix: every installed server of the zoo, one after another, against every case: zoo.sh [--core | --all | NAME...]
# Writes build/zoo/matrix.toml (the targets), matrix.json and matrix.html. Install servers with ci/zoo/install.sh first.
# Deviations of the servers do not make this red; the exit status is that of `wsspec matrix`. WSSPEC names another binary.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
selection=$(zoo_select "$@")
mapfile -t names <<<"$selection"
bash "$zoo/build.sh" "$@" || say "not everything could be built; going on with what is there"

mkdir -p "$zoo_build"
matrix=$zoo_build/matrix.toml
absent=()
ready=()
{
  printf '# Written by ci/zoo.sh from ci/zoo/targets.tsv.\nbudget = "5m" # a server that dies again and again must not hold up the rest\n'
  for name in "${names[@]}"; do
    if ! zoo_ready "$name"; then
      absent+=("$name")
      continue
    fi
    ready+=("$name")
    printf '\n[target.%s]\nurl = "ws://127.0.0.1:%d/"\nstart = "exec ci/zoo/start.sh %s {port}"\nready = "tcp"\n' \
      "$name" "$(zoo_port "$name")" "$name"
  done
} >"$matrix"
[[ ${#absent[@]} -eq 0 ]] || say "not installed, left out: ${absent[*]}"
[[ ${#ready[@]} -gt 0 ]] || die "none of the servers is installed; run: ci/zoo/install.sh --all"
say "${#ready[@]} servers"
cd "$root"
exec "$wsspec" matrix --config "$matrix" --html "$zoo_build/matrix.html" --json "$zoo_build/matrix.json"
