#!/usr/bin/env bash
# The matrix of clients: every installed client, one after another, against every case: matrix.sh [--core | --all | NAME...];
# browsers/NAME is a browser. Writes build/zoo/clients/reports/NAME.json, one report a client, and build/zoo/clients/matrix.json
# and matrix.html over all of them, those of earlier runs included. Install clients with ci/zoo/clients/install.sh first.
# BUDGET is the time for each client (default 150s), EXCLUDE what is left out (default tag:slow), AT_ONCE how many clients are
# looked at at once (default 1), WSSPEC another binary. Red verdicts do not make this red.
set -euo pipefail
export ZOO=clients
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
out=$zoo_build/reports
mkdir -p "$out"
cd "$root"

# judge NAME : one client; prints its line.
judge() {
  local name=$1 status=0 way=(--start "exec bash ci/zoo/clients/start.sh $1 {url} loop")
  [[ $name != browsers/* ]] || way=(--page --start "exec bash ci/zoo/clients/start.sh $name {url}")
  # A grant of an eight-bit window makes Firefox 153 hang, as a whole and for good (docs/real-bugs.md).
  [[ $name != browsers/firefox ]] || way+=(--exclude 'deflate-reply.*client-window*')
  name=${name##*/}
  # Red verdicts are what is to be found out (1), a client that is beyond use is a row as well (5).
  "$wsspec" serve --cases cases "${way[@]}" --agent "$name" --jobs 4 --seed 1 --budget "${BUDGET:-150s}" --exclude "${EXCLUDE:-tag:slow}" \
    --json "$out/$name.json" >"$out/$name.log" 2>&1 || status=$?
  [[ $status -eq 0 || $status -eq 1 || $status -eq 5 ]] || die "exit status $status; see ${out#"$root"/}/$name.log"
  printf '%-22s %s\n' "$name" "$(tail -n 1 "$out/$name.log")"
}
if [[ ${1:-} == --judge ]]; then
  judge "$2"
  exit
fi

if [[ $# -eq 0 || $1 == --* ]]; then
  mapfile -t names < <(zoo_select "$@")
  [[ ${1:-} == --core ]] || names+=(browsers/chromium browsers/firefox)
else
  names=("$@")
fi
# installed NAME : in a shell of its own, since the table of browsers is another.
installed() {
  local table=clients
  [[ $1 != browsers/* ]] || table=clients/browsers
  # shellcheck disable=SC2016 # the inner shell expands it
  ZOO=$table bash -c 'source "$1/ci/zoo/lib.sh" && zoo_field "$2" name >/dev/null && zoo_installed "$2"' - "$root" "${1##*/}"
}
absent=()
ready=()
for name in "${names[@]}"; do
  if installed "$name"; then ready+=("$name"); else absent+=("$name"); fi
done
[[ ${#absent[@]} -eq 0 ]] || say "not installed, left out: ${absent[*]}"
[[ ${#ready[@]} -gt 0 ]] || die "none of the clients is installed; run: ci/zoo/clients/install.sh --all"
printf '%s\n' "${ready[@]}" | xargs -P "${AT_ONCE:-1}" -n 1 bash "${BASH_SOURCE[0]}" --judge
reports=()
for report in "$out"/*.json; do
  reports+=(--from "$report")
done
"$wsspec" matrix --cases cases --quiet "${reports[@]}" --html "$zoo_build/matrix.html" --json "$zoo_build/matrix.json" || [[ $? -eq 1 || $? -eq 5 ]]
