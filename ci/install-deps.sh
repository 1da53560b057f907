#!/usr/bin/env bash
# Installs what wsspec needs on Debian 12 and its like: install-deps.sh GROUP...
#   build     compiler and libraries of the program          test      build + what the tests and style checks need
#   fuzz      build + clang, libFuzzer, AFL++, what OSS-Fuzz builds with, other people's parsers
#   zoo-core  the six third-party servers of ci/test.sh      zoo       all third-party servers
#   clients-core  eight third-party clients                  clients   all third-party clients
#   hops-core  three proxies                                 hops      all proxies, ends of TLS and balancers
#   campaign  what ci/campaign/ needs to spread a fuzzing campaign: GNU parallel, Slurm
#   all       everything
# Quiet and without network when nothing is missing. Root needs no sudo; anyone else does.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Boost 1.81 or newer: Debian 12 has it under its version's name only, later releases as the default.
boost=libboost-dev
if [[ -r /etc/os-release ]] && grep -q '^VERSION_CODENAME=bookworm$' /etc/os-release; then boost=libboost1.81-dev; fi

build=(g++ cmake ninja-build ccache git ca-certificates pkg-config "$boost" libssl-dev zlib1g-dev
  nlohmann-json3-dev libfmt-dev libcli11-dev libtomlplusplus-dev libsimdjson-dev libre2-dev)
test=(libgtest-dev libgmock-dev libbenchmark-dev clang-format-19 clang-tidy-19 python3 libxml2-utils shellcheck
  chromium procps)
fuzz=(clang-19 libclang-rt-19-dev lld-19 llvm-19 libc++-19-dev libc++abi-19-dev afl++ zip unzip libwslay-dev
  libwebsocketpp-dev librestinio-dev)

campaign=(parallel slurm-wlm munge)

[[ $# -gt 0 ]] || die "which group? one or more of: build test fuzz campaign zoo-core zoo clients-core clients hops-core hops all"
packages=()
zoo=()
clients=()
hops=()
for group in "$@"; do
  case $group in
    build) packages+=("${build[@]}") ;;
    test) packages+=("${build[@]}" "${test[@]}") ;;
    fuzz) packages+=("${build[@]}" "${fuzz[@]}") ;;
    campaign) packages+=("${campaign[@]}") ;;
    zoo-core)
      zoo+=(--core)
      packages+=(redis-server haproxy) # For ci/zoo/clusters.
      ;;
    zoo) zoo+=(--all) ;;
    clients-core) clients+=(--core) ;;
    clients) clients+=(--all) ;;
    hops-core) hops+=(--core) ;;
    hops) hops+=(--all) ;;
    all)
      packages+=("${build[@]}" "${test[@]}" "${fuzz[@]}")
      zoo+=(--all)
      clients+=(--all)
      hops+=(--all)
      ;;
    *) die "unknown group '$group'; known: build test fuzz campaign zoo-core zoo clients-core clients hops-core hops all" ;;
  esac
done
if [[ " $* " == *" test "* || " $* " == *" all "* ]]; then
  mapfile -t node < <(node_packages)
  packages+=("${node[@]}")
fi
[[ ${#packages[@]} -eq 0 ]] || apt_install "${packages[@]}"
if [[ " $* " == *" test "* || " $* " == *" all "* ]]; then
  npm_install "$root/reports/test"
fi
for selection in "${zoo[@]}"; do
  bash "$root/ci/zoo/install.sh" "$selection"
done
for selection in "${clients[@]}"; do
  for table in clients clients/reconnect clients/autobahn clients/browsers; do
    ZOO=$table bash "$root/ci/zoo/install.sh" "$selection"
  done
done
for selection in "${hops[@]}"; do
  bash "$root/ci/zoo/hops/install.sh" "$selection"
done
