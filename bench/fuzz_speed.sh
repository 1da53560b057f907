#!/usr/bin/env bash
# Inputs per second of processor time of the target frame_chunks, in four builds, beside Boost.Beast's stream reading the
# same inputs without any property:  fuzz_speed.sh [INPUTS]
# Each runs INPUTS (default 600000) inputs of up to 128 octets from corpus/frame_chunks by libFuzzer, three times in turn;
# the median counts. Processor time, so that other work on the machine matters little. Needs clang-19 and Boost.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/lib.sh"
cd "$root"

inputs=${1:-600000}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export ASAN_OPTIONS=quarantine_size_mb=8

ours=(fuzz/targets/frame_chunks.cc harness/protocol/{frame,mask,bytes}.cc)
mutator=(fuzz/mutator.cc fuzz/mutator_hooks.cc harness/protocol/{close,utf8}.cc -DWSSPEC_STREAM_CHOICES=2 -lsimdjson)
plain=-fsanitize=fuzzer
checked=-fsanitize=fuzzer,address,undefined
build() { clang++-19 -std=c++23 -O2 -I. -Iharness -w "${@:2}" -o "$out/$1"; }
say "building"
build plain $plain "${ours[@]}"
build checked $checked "${ours[@]}"
build plain-mutator $plain "${ours[@]}" "${mutator[@]}"
build checked-mutator $checked "${ours[@]}" "${mutator[@]}"
build beast-plain $plain bench/fuzz_beast.cc bench/beast_reader.cc
build beast-checked $checked bench/fuzz_beast.cc bench/beast_reader.cc

# rate BUILD SEED : thousands of inputs per second of processor time.
rate() {
  local spent
  rm -rf "$out/corpus"
  cp -r corpus/frame_chunks "$out/corpus"
  spent=$({ TIMEFORMAT='%U %S'; time "$out/$1" -seed="$2" -runs="$inputs" -max_len=128 "$out/corpus" >"$out/log" 2>&1; } 2>&1) ||
    { tail -n 20 "$out/log" >&2; die "$1 failed"; }
  awk -v n="$inputs" '{ printf "%.0f\n", n / ($1 + $2) / 1000 }' <<<"$spent"
}

builds=(plain checked plain-mutator checked-mutator beast-plain beast-checked)
for seed in 1 2 3; do
  for one in "${builds[@]}"; do rate "$one" "$seed" >>"$out/$one.rates"; done
done
for one in "${builds[@]}"; do
  printf '%-16s %5s thousand inputs per CPU-second\n' "$one" "$(sort -n "$out/$one.rates" | sed -n 2p)"
done
