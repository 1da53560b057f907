#!/usr/bin/env bash
# Installs what servers of the zoo need: install.sh [--core | --all | NAME...]. Does nothing that is done already.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

selection=$(zoo_select "$@")
mapfile -t names <<<"$selection"
packages=()
folders=()
for name in "${names[@]}"; do
  read -ra more <<<"$(zoo_field "$name" apt)"
  packages+=("${more[@]}")
  folder=$(zoo_field "$name" npm)
  [[ -n $folder ]] && folders+=("$folder")
done
if [[ ${#folders[@]} -gt 0 ]]; then
  mapfile -t more < <(node_packages)
  packages+=("${more[@]}")
fi
apt_install "${packages[@]}"
if [[ ${#folders[@]} -gt 0 ]]; then
  mapfile -t folders < <(printf '%s\n' "${folders[@]}" | sort -u)
  for folder in "${folders[@]}"; do
    npm_install "$(realpath "$zoo/$folder")"
  done
fi
