#!/usr/bin/env bash
# Checks the grey box from end to end: builds the demo server with counters and runtime.c, fuzzes it with
# --coverage and demands that its code was seen:  check.sh [INPUTS]
# Needs clang-19 and a built `ci` preset; listens on the loopback address only.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"
cd "$root"

out=build/greybox
lib=build/release/harness
mkdir -p "$out"
clang++-19 -std=c++23 -O2 -Iharness -fsanitize-coverage=inline-8bit-counters -c fuzz/greybox/demo_server.cc \
  -o "$out/demo_server.o"
clang-19 -O2 -Wall -Wextra -c fuzz/greybox/runtime.c -o "$out/runtime.o"
clang++-19 "$out/demo_server.o" "$out/runtime.o" "$lib/peer/libwsspec_peer.a" "$lib/protocol/libwsspec_protocol.a" \
  -lz -lsimdjson -lfmt -o "$out/demo_server"

rm -rf "$out/findings"
build/release/bin/wsspec fuzz ws://127.0.0.1:21791 --start "exec $out/demo_server {port}" --coverage --inputs "${1:-2000}" \
  --findings "$out/findings" --json "$out/campaign.json" -q
edges=$(grep -o '"edges": *[0-9]*' "$out/campaign.json" | tail -n 1 | grep -o '[0-9]*$')
say "$edges edges of the demo server were reached"
[[ $edges -ge 50 ]]
