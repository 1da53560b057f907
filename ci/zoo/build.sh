#!/usr/bin/env bash
# Builds servers of the zoo into build/zoo: build.sh [--core | --all | NAME...].
# One is rebuilt when its sources, its command or the versions of its packages change. With ZOO=clients: the clients.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

state_of() {
  local name=$1 packages command sources
  read -ra packages <<<"$(zoo_field "$name" apt)"
  command=$(zoo_command "$name" build)
  # Its folder, the files that the command names, and the headers beside them.
  mapfile -t sources < <(cd "$zoo" && for word in "$name" $command *.h; do [[ ! -e $word ]] || realpath "$word"; done)
  {
    printf '%s\n' "$command"
    [[ ${#packages[@]} -eq 0 ]] || dpkg-query -W "${packages[@]}"
    find "${sources[@]}" -name node_modules -prune -o -type f -print0 | sort -z | xargs -0 cat
  } | sha256sum
}

build_one() {
  local name=$1 command state packages log=$zoo_build/$1.log
  command=$(zoo_command "$name" build)
  [[ -n $command ]] || return 0
  read -ra packages <<<"$(zoo_field "$name" apt)"
  [[ -z $(missing_packages "${packages[@]}") ]] || die "$name is not installed; run: ci/zoo/install.sh $name"
  state=$(state_of "$name")
  if [[ -f $zoo_build/$name.stamp && $(<"$zoo_build/$name.stamp") == "$state" ]]; then
    touch "$zoo_build/$name.stamp"
    return 0
  fi
  say "building $name"
  if ! (cd "$zoo" && bash -euc "$command") >"$log" 2>&1; then
    cat "$log" >&2
    die "$name does not build"
  fi
  printf '%s\n' "$state" >"$zoo_build/$name.stamp"
}

mkdir -p "$zoo_build"
selection=$(zoo_select "$@")
mapfile -t names <<<"$selection"
if [[ ${#names[@]} -eq 1 ]]; then
  build_one "${names[0]}"
else
  printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -n 1 bash "${BASH_SOURCE[0]}"
fi
