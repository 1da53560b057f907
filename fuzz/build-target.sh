#!/usr/bin/env bash
# Builds libFuzzer targets by the preset `fuzz`: build-target.sh TARGET... ; quiet unless it fails.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/lib.sh"
cd "$root"

log=build/fuzz-build.log
mkdir -p build
{ cmake --preset fuzz -DWSSPEC_TESTS=OFF && cmake --build --preset fuzz --target "${@/#/fuzz_}"; } >"$log" 2>&1 || {
  tail -n 40 "$log" >&2
  die "the build failed; whole log: $log"
}
