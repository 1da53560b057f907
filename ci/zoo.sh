#!/usr/bin/env bash
# The matrix: every installed server of the zoo, one after another, against every case: zoo.sh [--core | --all | NAME...]
# Writes build/zoo/reports/NAME.json, one report a server, and build/zoo/matrix.json and matrix.html over all of them, those of
# earlier runs included; then ci/zoo/verified.py holds each failure against ci/expect. Install servers with ci/zoo/install.sh
# first. BUDGET is the time for each server (default 150s), WSSPEC another binary. Listed deviations do not make this red.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
selection=$(zoo_select "$@")
mapfile -t names <<<"$selection"
bash "$zoo/build.sh" "$@" || say "not everything could be built; going on with what is there"

out=$zoo_build/reports
mkdir -p "$out"
cd "$root"
targets=$zoo_build/matrix.toml
absent=()
ready=()
{
  printf '# Written by ci/zoo.sh from ci/zoo/targets.tsv.\n'
  for name in "${names[@]}"; do
    if ! zoo_ready "$name"; then
      absent+=("$name")
      continue
    fi
    ready+=("$name")
    printf '\n[target.%s]\nurl = "ws://127.0.0.1:%d/"\nstart = "exec ci/zoo/start.sh %s {port}"\nready = "tcp"\n' \
      "$name" "$(zoo_port "$name")" "$name"
  done
} >"$targets"
[[ ${#absent[@]} -eq 0 ]] || say "not installed, left out: ${absent[*]}"
[[ ${#ready[@]} -gt 0 ]] || die "none of the servers is installed; run: ci/zoo/install.sh --all"
for name in "${ready[@]}"; do
  # Red verdicts are what is to be found out (1), a server that is beyond use is a row as well (5).
  status=0
  "$wsspec" run --config "$targets" --target "$name" --budget "${BUDGET:-150s}" --seed 1 --json "$out/$name.json" \
    >"$out/$name.log" 2>&1 || status=$?
  [[ $status -eq 0 || $status -eq 1 || $status -eq 5 ]] || die "exit status $status; see ${out#"$root"/}/$name.log"
  printf '%-18s %s\n' "$name" "$(tail -n 1 "$out/$name.log")"
done
reports=()
while read -r name; do
  [[ -f $out/$name.json ]] && reports+=(--from "$out/$name.json")
done < <(zoo_names)
"$wsspec" matrix --quiet "${reports[@]}" --html "$zoo_build/matrix.html" --json "$zoo_build/matrix.json" || [[ $? -eq 1 ]]
/usr/bin/python3 "$zoo/verified.py" "$out"
