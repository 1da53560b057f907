#!/usr/bin/env bash
# Tries the build contract of OSS-Fuzz without Docker: check.sh [address|undefined|coverage|afl]...     default: all four
# Runs build.sh with the flags of that environment, as the base image sets them, and looks at what came out: every target
# of fuzz/targets is there, instrumented, linked without libraries that the runner lacks, its seeds, dictionary and
# options are good, and it runs them without a finding. Coverage ends with a table of lines reached.
# Sources of {fmt} and simdjson: $WSSPEC_SOURCES/{fmt,simdjson}, otherwise Debian's, fetched once into build/oss-fuzz/src.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$root"

base=$root/build/oss-fuzz
common="-O1 -fno-omit-frame-pointer -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"
undefined=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return
undefined+=,returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,vla-bound,vptr

# fetch_sources : those of the distribution, from where its packages come, through a list of its own, so that the
# machine's stays as it is.
fetch_sources() {
  local state=$base/apt name
  local apt=(apt-get -qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root
    -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" -o Debug::NoLocking=1)
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  # shellcheck disable=SC2016 # the fields are apt's
  apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Component: main' 'Origin: Debian' | sort -u >"$state/sources.list"
  (cd "$state" && "${apt[@]}" update && "${apt[@]}" source --download-only fmtlib simdjson) >"$state/log" 2>&1 ||
    die "cannot fetch the sources of fmt and simdjson ($state/log); or set WSSPEC_SOURCES=FOLDER"
  for name in fmt simdjson; do
    mkdir -p "$SRC/$name.part"
    tar -xf "$state/$name"*.orig.tar.* -C "$SRC/$name.part" --strip-components=1
    mv "$SRC/$name.part" "$SRC/$name"
  done
}

# prepare_sources : $SRC as the image has it.
prepare_sources() {
  export SRC=$base/src
  rm -rf "$SRC/wsspec"
  mkdir -p "$SRC/wsspec"
  # As new files (-m): one that changed since, but before the last build, would not be compiled again.
  git ls-files -z --cached --others --exclude-standard |
    tar -c --null --ignore-failed-read --warning=no-failed-read -T - | tar -xm -C "$SRC/wsspec"
  if [[ -n ${WSSPEC_SOURCES:-} ]]; then
    rm -rf "$SRC/fmt" "$SRC/simdjson"
    ln -s "$(realpath "$WSSPEC_SOURCES/fmt")" "$(realpath "$WSSPEC_SOURCES/simdjson")" "$SRC/"
  elif [[ ! -d $SRC/fmt || ! -d $SRC/simdjson ]]; then
    fetch_sources
  fi
}

# enter ENVIRONMENT : exports what build.sh is given there.
enter() {
  export SANITIZER=$1 FUZZING_ENGINE=libfuzzer ARCHITECTURE=x86_64 OUT=$base/$1/out WORK=$base/$1/work
  # The image's libFuzzer brings its C++ library along, Debian's needs libstdc++, even beside libc++.
  export CC=clang-19 CXX=clang++-19 LIB_FUZZING_ENGINE='-fsanitize=fuzzer -l:libstdc++.so.6'
  case $1 in
    address) CFLAGS="$common -fsanitize=address -fsanitize-address-use-after-scope -fsanitize=fuzzer-no-link" ;;
    undefined)
      CFLAGS="$common -fsanitize=$undefined,unsigned-integer-overflow -fno-sanitize-recover=$undefined"
      CFLAGS+=" -fsanitize=fuzzer-no-link"
      ;;
    coverage)
      CFLAGS="$common -fprofile-instr-generate -fcoverage-mapping -pthread -Wl,--no-as-needed -Wl,-ldl -Wl,-lm"
      CFLAGS+=" -Wno-unused-command-line-argument"
      ;;
    afl)
      SANITIZER=address FUZZING_ENGINE=afl CC=afl-clang-fast CXX=afl-clang-fast++
      LIB_FUZZING_ENGINE=/usr/lib/afl/libAFLDriver.a
      CFLAGS="$common -fsanitize=address -fsanitize-address-use-after-scope"
      # Debian's AFL++ has a pass for clang 14, which is too old for our C++; the newer clang has the same counters.
      export AFL_CC=clang-19 AFL_CXX=clang++-19 AFL_LLVM_INSTRUMENT=LLVM-NATIVE AFL_QUIET=1
      ;;
    *) die "unknown environment '$1'; known: address undefined coverage afl" ;;
  esac
  export CFLAGS CXXFLAGS="$CFLAGS -stdlib=libc++"
  export UBSAN_OPTIONS=silence_unsigned_overflow=1 AFL_SKIP_CPUFREQ=1
}

fault() {
  say "FAULT: $environment: $*"
  faults=$((faults + 1))
}

# check_instrumented NAME : each environment leaves its mark in the program.
check_instrumented() {
  local mark
  case $environment in
    address) mark=__asan_init ;;
    undefined) mark=__ubsan_handle_ ;;
    coverage) mark=__llvm_profile_runtime ;;
    afl) mark=__afl_area_ptr ;;
  esac
  nm "$OUT/$1" | grep "$mark" >/dev/null || fault "$1 is not instrumented: no $mark"
}

# check_linked NAME : C, compiler and C++ runtime only; in the image the last is static, too.
check_linked() {
  local name others
  name='linux-vdso|ld-linux-x86-64|libc|libm|libdl|libpthread|librt|libresolv|libgcc_s|libc\+\+|libc\+\+abi|libunwind|libstdc\+\+'
  others=$(ldd "$OUT/$1" | awk '{print $1}' | sed 's|.*/||' | grep -Ev "^($name)\.so" || true)
  [[ -z $others ]] || fault "$1 needs libraries that the runner does not have: $others"
}

# check_run NAME : its seeds, with its own options, as the runner passes them.
check_run() {
  local name=$1 log=$OUT/../$1.log seeds=$OUT/../seeds/$1 options=()
  rm -rf "$seeds"
  mkdir -p "$seeds"
  unzip -q "$OUT/${name}_seed_corpus.zip" -d "$seeds" || fault "$name: seeds cannot be unpacked"
  mapfile -t options < <(sed -n '/^\[libfuzzer\]/,/^\[asan\]/s/^\([a-z_]*=.*\)/-\1/p' "$OUT/$name.options")
  [[ ${#options[@]} -gt 0 ]] || fault "$name has no options"
  if [[ $environment == afl ]]; then
    (cd "$OUT" && "./$name" "$seeds"/*) >"$log" 2>&1 || fault "$name fails on its seeds ($log)"
    [[ $(grep -c 'Execution successful' "$log") -eq $(find "$seeds" -type f | wc -l) ]] || fault "$name did not run all seeds"
    return
  fi
  (cd "$OUT" && LLVM_PROFILE_FILE=$OUT/../$name.profraw "./$name" "${options[@]}" -runs=0 "$seeds") >"$log" 2>&1 ||
    fault "$name fails on its seeds ($log)"
  grep -q 'WARNING: unrecognized flag' "$log" && fault "$name.options has an option that libFuzzer does not know"
  grep -q "INFO: seed corpus: files: $(find "$seeds" -type f | wc -l) " "$log" || fault "$name did not run all seeds ($log)"
}

check_files() {
  local name built
  mapfile -t built < <(find "$OUT" -maxdepth 1 -type f -executable -printf '%f\n' | sort)
  diff <(find fuzz/targets -name '*.cc' -printf '%f\n' | sed 's/\.cc$//' | sort) <(printf '%s\n' "${built[@]}") ||
    fault "fuzz/targets (<) and what was built (>) differ"
  for name in "${built[@]}"; do
    [[ $name =~ ^[A-Za-z0-9_-]+$ ]] || fault "'$name' is no name for a target"
    check_instrumented "$name"
    check_linked "$name"
    [[ ! -f $OUT/$name.dict && $(cat "$OUT/$name.options") == *dict=* ]] && fault "$name: $name.dict is missing"
    check_run "$name"
  done
}

coverage_table() {
  local name objects=()
  for name in fuzz/targets/*.cc; do objects+=(-object "$OUT/$(basename "$name" .cc)"); done
  {
    llvm-profdata-19 merge -o "$OUT/../all.profdata" "$OUT"/../*.profraw
    llvm-cov-19 report "${objects[@]}" -instr-profile="$OUT/../all.profdata" -show-branch-summary=false \
      -show-region-summary=false -sources "$SRC/wsspec/harness"
  } 2>"$OUT/../cov.log" >"$OUT/../lines.txt"
  grep -q ^protocol/frame.cc "$OUT/../lines.txt" || fault "no table of lines ($OUT/../cov.log)"
  awk '{ printf "%-32s %8s %8s %8s\n", $1, $5, $6, $7 }' <(sed -n '/\.cc\|^TOTAL/p' "$OUT/../lines.txt")
}

[[ $# -gt 0 ]] || set -- address undefined coverage afl
bash ci/install-deps.sh fuzz
prepare_sources
faults=0
for environment in "$@"; do
  began=$SECONDS
  # Errors do not end a subshell that `||` follows; whatever may fail in it says so by fault or die.
  (
    enter "$environment"
    rm -rf "$OUT"
    mkdir -p "$OUT" "$WORK"
    bash -eu ci/oss-fuzz/build.sh >"$base/$environment.log" 2>&1 || {
      tail -n 30 "$base/$environment.log" >&2
      die "$environment: the build failed; whole log: $base/$environment.log"
    }
    check_files
    [[ $environment != coverage ]] || coverage_table
    [[ $faults -eq 0 ]] || exit 1
    say "$environment: $(find "$OUT" -maxdepth 1 -type f -executable | wc -l) targets are sound, $((SECONDS - began)) s"
  ) || faults=$((faults + 1))
done
[[ $faults -eq 0 ]]
