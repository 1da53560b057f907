#!/usr/bin/env bash
# From a fresh checkout to a first report: quickstart.sh [URL]
# Builds wsspec and runs it against URL, e.g. ws://127.0.0.1:8080/; without one, against its own reference endpoint.
# Exits as `wsspec run` does: 0 as expected, 1 red verdicts, 5 target unreachable or died, ...
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ $# -le 1 && ${1:-} != -* ]] || die "usage: quickstart.sh [URL]"
cd "$root"
bash ci/install-deps.sh build
mkdir -p build/quickstart
log=build/quickstart/build.log
tests=()
[[ -z $(missing_packages libgtest-dev) ]] || tests=(-DWSSPEC_TESTS=OFF) # the program alone needs no GoogleTest

# Keeps in the log all that the build says, and shows how far it is: on one line of a terminal, elsewhere by a line each fifth.
show_progress() {
  local line percent shown=0
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    percent=$((100 * BASH_REMATCH[1] / BASH_REMATCH[2]))
    if [[ -t 1 ]]; then
      printf '\r  %3d %%' "$percent"
    elif ((percent >= shown + 20)); then
      shown=$((percent / 20 * 20))
      say "  $shown %"
    fi
  done
  [[ ! -t 1 ]] || printf '\r%8s\r' ''
}

say "building wsspec, some minutes on two cores (log: $log)"
if ! { cmake --preset release "${tests[@]}" && cmake --build --preset release --target wsspec; } 2>&1 </dev/null |
  { : >"$log" && show_progress; }; then
  tail -n 40 "$log" >&2
  die "the build failed; the whole log is $log"
fi
rm -f build/quickstart/report.json build/quickstart/report.html
status=0
build/release/bin/wsspec run "$@" \
  --json build/quickstart/report.json --html build/quickstart/report.html || status=$?
if [[ -s build/quickstart/report.html ]]; then
  say "report: $root/build/quickstart/report.html (and report.json beside it)"
else
  say "no report was written; wsspec ended with status $status"
fi
exit "$status"
