#!/usr/bin/env bash
# clang-tidy with .clang-tidy, every warning an error: tidy.sh [--all | FILE...]
# Without files: the core that reads hostile octets (protocol, model, script, play) without the path-exploring analyzer, which is
# what a CI run has time for. --all: every source, with it (half an hour on two cores). Needs a configured build/release.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
[[ -f build/release/compile_commands.json ]] || die "build/release is not configured: cmake --preset ci"
checks=()
case ${1:-} in
  '')
    checks=(--checks='-clang-analyzer-*')
    mapfile -t files < <(git ls-files -- 'harness/protocol/*.cc' 'harness/model/*.cc' 'harness/script/*.cc' 'harness/play/*.cc' | grep -v _test.cc)
    ;;
  --all) mapfile -t files < <(git ls-files -- 'harness/*.cc' | grep -v _test.cc) ;;
  *) files=("$@") ;;
esac
# What is GCC's own in the compile commands, warning names and precompiled headers, is no finding.
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" \
  clang-tidy-19 -p build/release --quiet --warnings-as-errors='*' "${checks[@]}" --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-gch \
  --extra-arg=-Wno-unused-command-line-argument 2>/dev/null ||
  die "untidy; see above"
say "${#files[@]} files are tidy"
