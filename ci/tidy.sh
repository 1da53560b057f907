#!/usr/bin/env bash
# clang-tidy with .clang-tidy, every warning an error: tidy.sh [--analyzer | FILE...]
# Without files: all modules, twenty files at a time as they are compiled (WSSPEC_UNITY), so that the headers are looked at once
# for each lot; without the path-exploring analyzer, which --analyzer adds (half an hour on two cores).
# Needs a configured build/release.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
[[ -f build/release/compile_commands.json ]] || die "build/release is not configured: cmake --preset ci"
checks='-bugprone-suspicious-include' # Twenty files at a time are .cc files that one file includes.
case ${1:-} in
  '' | --analyzer)
    [[ -n ${1:-} ]] || checks+=',-clang-analyzer-*'
    mapfile -t files < <(find "$PWD"/build/release/harness -path '*/wsspec_*/Unity/unity_*.cxx' | sort)
    [[ ${#files[@]} -gt 0 ]] || die "build/release was configured without WSSPEC_UNITY"
    ;;
  *) files=("$@") ;;
esac
# What is GCC's own in the compile commands, warning names and precompiled headers, is no finding.
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" \
  clang-tidy-19 -p build/release --quiet --warnings-as-errors='*' --checks="$checks" --extra-arg=-Wno-unknown-warning-option \
  --extra-arg=-Wno-ignored-gch --extra-arg=-Wno-unused-command-line-argument --extra-arg=-Wno-deprecated-declarations 2>/dev/null ||
  die "untidy; see above"
say "tidy: ${#files[@]} units of translation"
