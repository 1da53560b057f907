#!/usr/bin/env bash
# Shows that coverage finds a bug behind four steps which the same fuzzer without it misses in as many inputs:
#   prove.sh [INPUTS]        three seeds each; exit status 0: found in 3 of 3 with coverage, in 0 of 3 without
# Needs clang-19 and a built `ci` preset; listens on the loopback address only.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"
cd "$root"

inputs=${1:-20000}
out=build/greybox
lib=build/release/harness
mkdir -p "$out"
clang++-19 -std=c++23 -O2 -Iharness -fsanitize-coverage=inline-8bit-counters -c fuzz/greybox/demo_server.cc \
  -o "$out/demo_server.o"
clang-19 -O2 -Wall -Wextra -c fuzz/greybox/runtime.c -o "$out/runtime.o"
clang++-19 "$out/demo_server.o" "$out/runtime.o" "$lib/peer/libwsspec_peer.a" "$lib/protocol/libwsspec_protocol.a" \
  -lz -lsimdjson -lfmt -o "$out/demo_server"

# found SEED [--coverage]: fuzzes and says how much was done; true when the server crashed.
found() {
  local json=$out/campaign.json status=0
  rm -rf "$out/findings"
  build/release/bin/wsspec fuzz "ws://127.0.0.1:$((21700 + $1))" --start "exec $out/demo_server {port}" --jobs 1 \
    --inputs "$inputs" --time 10m --seed "$1" --findings "$out/findings" --json "$json" "${@:2}" >"$out/log" 2>&1 || status=$?
  tail -n 1 "$out/log"
  [[ $status -le 1 || $status -eq 5 ]] || die "wsspec ended with status $status"
  grep -Eq '"cause": *"crash' "$json"
}
with=0
without=0
for seed in 1 2 3; do
  printf 'seed %d with coverage:    ' "$seed"
  if found "$seed" --coverage; then with=$((with + 1)); fi
  printf 'seed %d without coverage: ' "$seed"
  if found "$seed"; then without=$((without + 1)); fi
done
say "found with coverage in $with of 3 seeds, without in $without of 3, at most $inputs inputs each"
[[ $with -eq 3 && $without -eq 0 ]]
