#!/usr/bin/env bash
# Fuzzes one target: run.sh TARGET [SECONDS] [libFuzzer options...]
# Builds it when needed (preset fuzz), starts from corpus/TARGET, keeps what it finds in build/fuzz/corpus/TARGET
# and crashes in build/fuzz/crashes/. Exit status: 0 nothing found, else libFuzzer's.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/lib.sh"
cd "$root"

[[ $# -gt 0 ]] || die "which target? one of: $(cd fuzz/targets && echo *.cc | sed 's/\.cc//g') differential_NAME"
target=$1
seconds=${2:-60}
shift $(($# < 2 ? $# : 2))
bash fuzz/build-target.sh fuzz "$target"
# All adapters share one corpus; what each is known to do wrong is passed over.
common=$target
if [[ $target == differential_* ]]; then
  common=differential
  export WSSPEC_KNOWN=${WSSPEC_KNOWN:-fuzz/adapters/${target#differential_}.known}
fi

options=()
while IFS='=' read -r name value; do
  [[ $name =~ ^[a-z_]+$ ]] && options+=("-$name=$value")
done < <(sed '/^\[asan\]/,$d' "fuzz/options/$common.options")
corpus=build/fuzz/corpus/$target
mkdir -p "$corpus" "corpus/$common" build/fuzz/crashes
export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=8}
exec "build/fuzz/bin/fuzz_$target" "${options[@]/#-dict=/-dict=fuzz/dict/}" -max_total_time="$seconds" \
  -artifact_prefix="build/fuzz/crashes/$target-" -print_final_stats=1 "$@" "$corpus" "corpus/$common"
