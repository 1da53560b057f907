#!/usr/bin/env bash
# Line coverage of our code by a corpus: coverage.sh [TARGET...]     default: those of frames, UTF-8 and handshake
# Builds the targets by the preset `coverage`, replays corpus/TARGET and prints llvm-cov's table of harness/protocol and harness/model.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/lib.sh"
cd "$root"

targets=("$@")
[[ $# -gt 0 ]] || targets=(frame_chunks frame_roundtrip utf8 handshake extension)
bash fuzz/build-target.sh coverage "${targets[@]}"
objects=()
profiles=()
for target in "${targets[@]}"; do
  LLVM_PROFILE_FILE=build/coverage/$target.profraw "build/coverage/bin/fuzz_$target" "corpus/$target" >/dev/null
  profiles+=("build/coverage/$target.profraw")
  objects+=(-object "build/coverage/bin/fuzz_$target")
done
llvm-profdata-19 merge -o build/coverage/all.profdata "${profiles[@]}"
llvm-cov-19 report "${objects[@]}" -instr-profile=build/coverage/all.profdata -sources harness/protocol harness/model
