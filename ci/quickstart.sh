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
say "building wsspec (log: $log)"
tests=()
[[ -z $(missing_packages libgtest-dev) ]] || tests=(-DWSSPEC_TESTS=OFF) # the program alone needs no GoogleTest
if ! { cmake --preset release "${tests[@]}" && cmake --build --preset release --target wsspec; } >"$log" 2>&1; then
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
