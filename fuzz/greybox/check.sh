#!/usr/bin/env bash
# Shows what coverage finds that no other feedback does:  check.sh [INPUTS]
# The demo server has a bug behind four steps. It must be found within INPUTS (default 100000) from each of three
# seeds with --coverage, and from none without. Then the same seeds of the demo server without its bug: no finding.
# Needs clang-19 and a built `ci` preset; listens on the loopback address only.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"
cd "$root"

inputs=${1:-100000}
out=build/greybox
lib=build/release/harness
mkdir -p "$out"
clang-19 -O2 -Wall -Wextra -Werror -c fuzz/greybox/runtime.c -o "$out/runtime.o"

# demo NAME FLAG... : builds the demo server.
demo() {
  clang++-19 -std=c++23 -O2 -Iharness -fsanitize-coverage=inline-8bit-counters "${@:2}" -c fuzz/greybox/demo_server.cc \
    -o "$out/$1.o"
  clang++-19 "$out/$1.o" "$out/runtime.o" "$lib/peer/libwsspec_peer.a" "$lib/protocol/libwsspec_protocol.a" \
    -lz -lsimdjson -lfmt -o "$out/$1"
}
demo demo_server
demo harmless_server -DWITHOUT_BUG

# fuzz SERVER SEED INPUTS [OPTION...] : prints findings, inputs until the first, edges and inputs per second.
fuzz() {
  local port=$((21790 + $2)) status=0
  rm -rf "$out/findings"
  build/release/bin/wsspec fuzz "ws://127.0.0.1:$port" --start "exec $out/$1 {port}" --seed "$2" --inputs "$3" \
    --max-findings 1 --findings "$out/findings" --json "$out/campaign.json" -q "${@:4}" >"$out/fuzz.log" 2>&1 || status=$?
  [[ $status -le 1 ]] || { cat "$out/fuzz.log" >&2; die "wsspec fuzz ended with $status"; }
  node -e '
    const c = JSON.parse(require("fs").readFileSync(process.argv[1])), t = c.timing, last = t.samples.at(-1);
    const first = Object.values(t.findings)[0];
    console.log(c.findings.length, first ? first.first_input : 0, last.edges, Math.round(t.inputs / t.duration_ms * 1000));
  ' "$out/campaign.json"
}

for seed in 1 2 3; do
  read -r found first edges rate < <(fuzz demo_server "$seed" "$inputs" --coverage)
  [[ $found -eq 1 ]] || die "seed $seed: $inputs inputs with coverage, $edges edges reached, and the chain was not found"
  say "seed $seed: found with coverage after $first inputs, $rate a second"
  read -r found first edges rate < <(fuzz demo_server "$seed" "$inputs")
  [[ $found -eq 0 ]] || die "seed $seed: found without coverage after $first inputs: the chain is too easy to show anything"
  say "seed $seed: not found without coverage in $inputs inputs, $rate a second"
done
read -r found first edges rate < <(fuzz harmless_server 1 $((inputs / 5)) --coverage)
[[ $found -eq 0 ]] || die "a finding in the server without the bug: see $out/findings"
say "without the bug nothing is found in $((inputs / 5)) inputs"
