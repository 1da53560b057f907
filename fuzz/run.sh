#!/usr/bin/env bash
# Fuzzes one target: run.sh TARGET [SECONDS] [libFuzzer options...]
# Builds it when needed (preset fuzz), starts from corpus/TARGET, keeps what it finds in build/fuzz/corpus/TARGET
# and crashes in build/fuzz/crashes/. Exit status: 0 nothing found, else libFuzzer's.
set -euo pipefail
# shellcheck source=fuzz/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

choose_target "$@"
shift $(($# < 2 ? $# : 2))
bash fuzz/build-target.sh fuzz "$target"

options=()
while IFS='=' read -r name value; do
  [[ $name =~ ^[a-z_]+$ ]] && options+=("-$name=$value")
done < <(sed '/^\[asan\]/,$d' "fuzz/options/$common.options")
corpus=build/fuzz/corpus/$target
mkdir -p "$corpus" "corpus/$common" build/fuzz/crashes
export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=8}
exec "build/fuzz/bin/fuzz_$target" "${options[@]/#-dict=/-dict=fuzz/dict/}" -max_total_time="$seconds" \
  -artifact_prefix="build/fuzz/crashes/$target-" -print_final_stats=1 "$@" "$corpus" "corpus/$common"
