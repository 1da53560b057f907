#!/usr/bin/env bash
# Fuzzes one target with AFL++: run-afl.sh TARGET [SECONDS] [afl-fuzz options...]
# Builds it when needed (preset afl), starts from corpus/TARGET or goes on where the last run stopped (build/afl/queues).
# Targets that read frames get our mutator for frames beside AFL++'s own stages. Afterwards:
#   fuzz/minimize-corpus.sh TARGET build/afl/queues/TARGET/default/queue     takes over what covers more
# Exit status: 0 nothing found, 1 crashes or hangs, which it names.
set -euo pipefail
# shellcheck source=fuzz/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

choose_target "$@"
shift $(($# < 2 ? $# : 2))
bash fuzz/build-target.sh afl "$target"

options=()
dictionary=$(sed -n 's/^dict=//p' "fuzz/options/$common.options")
[[ -z $dictionary ]] || options+=(-x "fuzz/dict/$dictionary")
if [[ $dictionary == frames.dict ]]; then
  # Loaded by afl-fuzz, so built without AFL++'s instrumentation, by the preset for everyday.
  { cmake --preset ci && cmake --build --preset ci --target "fuzz_${target}_mutator"; } >build/afl-mutator.log 2>&1 ||
    die "the mutator cannot be built; log: build/afl-mutator.log"
  export AFL_CUSTOM_MUTATOR_LIBRARY=$root/build/release/bin/fuzz_${target}_mutator.so
fi
queues=build/afl/queues/$target
mkdir -p "$queues"
export AFL_AUTORESUME=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
afl-fuzz -i "corpus/$common" -o "$queues" "${options[@]}" -t 2000 -V "$seconds" "$@" -- \
  "build/afl/bin/fuzz_$target" >"build/afl/$target.log" 2>&1 || {
  tail -n 20 "build/afl/$target.log" >&2
  die "afl-fuzz does not run; whole log: build/afl/$target.log"
}
value() { sed -n "s/^$1 *: *//p" "$queues/default/fuzzer_stats"; }
say "$target: $(value execs_done) inputs, $(value execs_per_sec)/s, $(value corpus_count) in the queue," \
  "$(value saved_crashes) crashes, $(value saved_hangs) hangs"
found=$(find "$queues/default/crashes" "$queues/default/hangs" -name 'id:*')
[[ -z $found ]] || {
  say "$found"
  exit 1
}
