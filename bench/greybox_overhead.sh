#!/usr/bin/env bash
# What counting coverage costs a server: processor time per session of a Boost.Beast echo server, plain, instrumented, and
# instrumented with its counters shared (fuzz/greybox/runtime.c), in turn:  greybox_overhead.sh [ROUNDS]
# A session is a handshake and eight inputs of bench/floor_client, one connection at a time. Prints the median of each and
# the median of the ratios within a round. Needs clang-19, Boost and a built `ci` preset; a quiet machine.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/lib.sh"
cd "$root"

rounds=${1:-5}
out=build/greybox
name=/wsspec-overhead-$$
mkdir -p "$out"
flags=(-std=c++20 -O2)
say "building"
clang++-19 "${flags[@]}" ci/zoo/beast/server.cc -o "$out/beast-plain" -lz
clang++-19 "${flags[@]}" -fsanitize-coverage=inline-8bit-counters -c ci/zoo/beast/server.cc -o "$out/beast.o"
clang-19 -O2 -c fuzz/greybox/runtime.c -o "$out/runtime.o"
clang++-19 "$out/beast.o" "$out/runtime.o" -o "$out/beast-counting" -lz
truncate -s $((65536 + 1048576)) "/dev/shm$name"
server=
trap 'rm -f "/dev/shm$name"; [[ -z $server ]] || kill "$server" 2>/dev/null || true' EXIT

# spent BINARY PORT [NAME=VALUE] : microseconds of the server's processor time for one session.
spent() {
  local before after sessions
  env "${@:3}" "$out/$1" "$2" >"$out/server.log" 2>&1 &
  server=$!
  sleep 0.5
  before=$(cut -d' ' -f1 "/proc/$server/schedstat")
  sessions=$(build/release/bin/floor_client "$2" --inputs-per-connection 8 --connections 1 --seconds 2 |
    sed 's/.* over \([0-9]*\) connections.*/\1/')
  after=$(cut -d' ' -f1 "/proc/$server/schedstat")
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
  awk -v n="$sessions" -v t=$((after - before)) 'BEGIN { printf "%.1f\n", t / n / 1000 }'
}

for ((i = 1; i <= rounds; ++i)); do
  plain=$(spent beast-plain 22031)
  counting=$(spent beast-counting 22032)
  shared=$(spent beast-counting 22033 "WSSPEC_COVERAGE=$name")
  printf '%s %s %s\n' "$plain" "$counting" "$shared"
done >"$out/overhead.txt"

# median FORMULA : of awk's formula over the rows, whose fields are $1 to $3 there.
median() { awk "{ print $1 }" "$out/overhead.txt" | sort -n | sed -n "$(((rounds + 1) / 2))p"; }
printf 'plain     %.1f us of the server per session\n' "$(median \$1)"
printf 'counting  %.1f us, %.1f %% more\n' "$(median \$2)" "$(median "(\$2 / \$1 - 1) * 100")"
printf 'shared    %.1f us, %.1f %% more\n' "$(median \$3)" "$(median "(\$3 / \$1 - 1) * 100")"
