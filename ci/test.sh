#!/usr/bin/env bash
# All that must hold before a change goes in: test.sh [--full | --sanitizers] [--fuzz]
#   --full        additionally a build by clang 19 with all tests under AddressSanitizer and UBSan, and what has threads under
#                 ThreadSanitizer (twenty minutes more on two cores)
#   --sanitizers  only that
#   --fuzz        additionally libFuzzer, OSS-Fuzz, grey box
# Stops at the first fault. The last line says how many steps passed and failed.
set -uo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root" || exit 1

jobs=$(nproc)
plain=yes
sanitizers=no
fuzz=no
for argument in "$@"; do
  case $argument in
    --full) sanitizers=yes ;;
    --sanitizers) sanitizers=yes plain=no ;;
    --fuzz) fuzz=yes ;;
    *) die "unknown argument '$argument'; known: --full --sanitizers --fuzz" ;;
  esac
done

# logged NAME COMMAND... : quiet unless it fails, then its last lines.
logged() {
  local log=build/test/$1.log
  shift
  mkdir -p build/test
  "$@" >"$log" 2>&1 && return 0
  tail -n 80 "$log" >&2
  say "whole log: $log"
  return 1
}

# in_spare_time NAME=COMMAND... : begins them, one behind the other, on what the steps that follow leave of the processors, for most
# of those wait. in_spare_time_ended NAME : waits for one of them and ends as it did, with its last lines.
in_spare_time() {
  mkdir -p build/test
  rm -f build/test/*.status
  set -m  # A process group of its own, to be ended with us.
  {
    chrt --idle --pid 0 "$BASHPID"
    local task
    for task in "$@"; do
      bash -c "${task#*=}" >"build/test/${task%%=*}.log" 2>&1
      echo $? >"build/test/${task%%=*}.status"
    done
  } &
  spare=$!
  set +m
  trap 'kill -- -$spare 2>/dev/null' EXIT
}
in_spare_time_ended() {
  while [[ ! -s build/test/$1.status ]] && kill -0 "$spare" 2>/dev/null; do sleep 1; done
  local status
  status=$(cat "build/test/$1.status" 2>/dev/null || echo 1)
  if [[ $status -eq 0 ]]; then tail -n 20 "build/test/$1.log"; else tail -n 80 "build/test/$1.log" >&2; fi
  return "$status"
}

install_dependencies() { bash ci/install-deps.sh build test fuzz zoo-core hops-core; }
configure() { logged configure cmake --preset ci -DWSSPEC_TESTS=ON; }
build() { logged build cmake --build --preset ci -j "$jobs"; }
unit_tests() { ctest --preset release --output-on-failure --no-tests=error -j "$jobs"; }
spare_time() {
  in_spare_time 'self_test=bash ci/self-test.sh && bash ci/self-test.sh --role client && bash ci/self-test.sh --role hop' \
    'tidy=bash ci/tidy.sh'
}
style() {
  local files
  mapfile -t files < <(git ls-files -- 'harness/*.cc' 'harness/*.h' 'fuzz/*.cc' 'fuzz/*.h' 'bench/*.cc' 'bench/*.h')
  [[ ${#files[@]} -gt 0 ]] || die "no source file found"
  clang-format-19 --dry-run -Werror "${files[@]}" || return 1
  mapfile -t files < <(git ls-files -- 'ci/*.sh' 'ci/hooks/*' 'fuzz/*.sh' 'bench/*.sh' '.clusterfuzzlite/*.sh')
  shellcheck -x "${files[@]}" || return 1
  bash ci/links.sh
}
tidy() { in_spare_time_ended tidy; }
installed() { bash ci/install-check.sh; }
build_servers() { bash ci/zoo/build.sh --core; }
real_servers() { bash ci/real-servers.sh --core && bash ci/autobahn-gates/check.sh; }
wss() { bash ci/wss.sh; }
shards() { bash ci/shards.sh; }
reports() { bash ci/reports.sh; }
ci_log() { bash ci/ci-log.sh; }
harmful() { bash ci/harmful.sh; }
third_party() { bash ci/third-party.sh; }
rooms() { bash ci/rooms.sh && bash ci/clusters.sh; }
clients() { bash ci/clients.sh; }
hops() { bash ci/hops.sh; }
secrets() { bash ci/secrets.sh; }
ends() { bash ci/ends.sh; }
hostile() { bash ci/hostile.sh; }
fuzzing() { bash ci/fuzz.sh; }
packaged() { bash ci/package.sh; }
user_files() { bash ci/user-files.sh; }
self_test() { in_spare_time_ended self_test; }
# Clang sees what g++ does not, and the sanitizers what neither does.
asan_build() {
  logged asan-configure cmake --preset asan -DWSSPEC_TESTS=ON && logged asan-build cmake --build --preset asan -j "$jobs"
}
asan_tests() { ctest --preset asan --output-on-failure --no-tests=error -j "$jobs" -E '^report\.browser$'; }
tsan_build() {
  logged tsan-configure cmake --preset tsan -DWSSPEC_TESTS=ON &&
    logged tsan-build cmake --build --preset tsan -j "$jobs" --target net_test wsspec
}
# The loop's wake-up, the built-in server beside the run, the log of a target that was started.
tsan_tests() {
  local wsspec=build/tsan/bin/wsspec
  build/tsan/bin/net_test --gtest_brief=1 &&
    "$wsspec" run --filter 'control.*' --quiet &&
    "$wsspec" run ws://127.0.0.1:18950/ --start "$wsspec peer --listen {port}" --filter 'close.*' --quiet
}
fuzz_build() { logged fuzz-build cmake --preset fuzz -DWSSPEC_TESTS=OFF && logged fuzz-build cmake --build --preset fuzz -j "$jobs" --target fuzz_targets; }
fuzz_tests() { ctest --preset fuzz --output-on-failure --no-tests=error -j "$jobs"; }
oss_fuzz() { bash ci/oss-fuzz/check.sh; }
grey_box() { logged grey-box bash fuzz/greybox/check.sh; }

steps=(install_dependencies)
[[ $plain == no ]] || steps+=(configure build unit_tests spare_time installed packaged style user_files build_servers real_servers
  wss rooms clients hops shards reports ci_log harmful ends hostile fuzzing third_party secrets self_test tidy)
[[ $sanitizers == no ]] || steps+=(asan_build asan_tests tsan_build tsan_tests)
[[ $fuzz == no ]] || steps+=(fuzz_build fuzz_tests oss_fuzz grey_box)

passed=0
failed=0
table=
for step in "${steps[@]}"; do
  if [[ $failed -gt 0 ]]; then
    table+=$(printf '%-22s %8s  not run' "$step" -)$'\n'
    continue
  fi
  printf '\n== %s\n' "$step"
  began=$SECONDS
  if "$step"; then
    outcome=passed
    passed=$((passed + 1))
  else
    outcome=FAILED
    failed=1
    printf '%s: step %s failed\n' "$(basename "$0")" "$step" >&2
  fi
  table+=$(printf '%-22s %6d s  %s' "$step" $((SECONDS - began)) "$outcome")$'\n'
done
printf '\n%s\n%d passed, %d failed\n' "$table" "$passed" "$failed"
[[ $failed -eq 0 ]]
