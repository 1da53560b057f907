# Sourced by the scripts that fuzz one target.
# shellcheck shell=bash
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/lib.sh"

# choose_target [TARGET] [SECONDS] : sets target, seconds and common, the name under which several share corpus and
# options; what a library is known to do wrong is passed over. The caller shifts what is left away.
# shellcheck disable=SC2034  # for the caller
choose_target() {
  [[ $# -gt 0 ]] || die "which target? one of: $(cd "$root/fuzz/targets" && echo *.cc | sed 's/\.cc//g') heads differential_NAME"
  target=$1
  seconds=${2:-60}
  common=$target
  if [[ $target == heads ]]; then common=handshake; fi
  if [[ $target == differential_* ]]; then
    common=differential
    export WSSPEC_KNOWN=${WSSPEC_KNOWN:-$root/fuzz/adapters/${target#differential_}.known}
  fi
}
