#!/usr/bin/env bash
# Builds fuzz targets: build-target.sh PRESET TARGET... ; PRESET: fuzz (libFuzzer), afl or coverage. Quiet unless it fails.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/lib.sh"
cd "$root"

[[ $# -gt 1 ]] || die "usage: build-target.sh PRESET TARGET..."
preset=$1
shift
log=build/$preset-build.log
mkdir -p build
{ cmake --preset "$preset" -DWSSPEC_TESTS=OFF && cmake --build --preset "$preset" --target "${@/#/fuzz_}"; } >"$log" 2>&1 || {
  tail -n 40 "$log" >&2
  die "the build failed; whole log: $log"
}
