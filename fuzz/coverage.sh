#!/usr/bin/env bash
# Line coverage of our code by a corpus: coverage.sh [TARGET...]     default: those of frames, UTF-8 and handshake
# Builds the targets without sanitizers but with clang's source coverage in build/coverage, replays corpus/TARGET
# and prints llvm-cov's table of harness/protocol.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/lib.sh"
cd "$root"

targets=("$@")
[[ $# -gt 0 ]] || targets=(frame_chunks frame_roundtrip utf8 handshake extension)
flags="-fprofile-instr-generate -fcoverage-mapping"
mkdir -p build/coverage
{
  cmake -S . -B build/coverage -G Ninja -DCMAKE_BUILD_TYPE=Debug -DWSSPEC_TESTS=OFF -DCMAKE_C_COMPILER=clang-19 \
    -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" &&
    cmake --build build/coverage --target "${targets[@]/#/fuzz_}"
} >build/coverage.log 2>&1 || die "the build failed; log: build/coverage.log"
objects=()
profiles=()
for target in "${targets[@]}"; do
  LLVM_PROFILE_FILE=build/coverage/$target.profraw "build/coverage/bin/fuzz_$target" "corpus/$target" >/dev/null
  profiles+=("build/coverage/$target.profraw")
  objects+=(-object "build/coverage/bin/fuzz_$target")
done
llvm-profdata-19 merge -o build/coverage/all.profdata "${profiles[@]}"
llvm-cov-19 report "${objects[@]}" -instr-profile=build/coverage/all.profdata -sources harness/protocol
