#!/bin/sh
# wsspec.sh ARGUMENT...: runs wsspec with these arguments, building it first if it is not there yet.
# Copy it into your repository: it is all that a CI system without a ready-made template needs, for example
#   ./wsspec.sh run ws://127.0.0.1:9001/ --start './echo-server {port}' --baseline wsspec-baseline.txt --junit wsspec.xml
#   ./wsspec.sh serve --exec 'node client.js {url}' --baseline wsspec-baseline.txt --junit wsspec.xml
# Its exit status is wsspec's own: 0 as expected, 1 red verdicts, 5 target unreachable or died, 6 stale baseline, ...
#
#   WSSPEC             a wsspec binary to use instead of building one
#   WSSPEC_REPOSITORY  where to clone the source from, if none is to be found beside this script
#   WSSPEC_REF         tag or commit to build: pin it, so that a new case never turns an old commit red
#   WSSPEC_CACHE       where source and build are kept between runs; default: $XDG_CACHE_HOME/wsspec or ~/.cache/wsspec
set -eu

fail() {
  printf 'wsspec.sh: %s\n' "$*" >&2
  exit 3
}

if [ -z "${WSSPEC:-}" ] && command -v wsspec >/dev/null; then
  WSSPEC=wsspec
fi
if [ -n "${WSSPEC:-}" ]; then
  exec "$WSSPEC" "$@"
fi

here=$(cd "$(dirname "$0")" && pwd)
source=$here/../..
if [ ! -f "$source/harness/cli/CMakeLists.txt" ]; then # not in wsspec's own tree
  [ -n "${WSSPEC_REPOSITORY:-}" ] || fail "set WSSPEC (a binary) or WSSPEC_REPOSITORY (where to clone it from)"
  [ -n "${WSSPEC_REF:-}" ] || fail "set WSSPEC_REF to a tag or commit of $WSSPEC_REPOSITORY"
  source=${WSSPEC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wsspec}/$WSSPEC_REF
  if [ ! -d "$source/.git" ]; then
    command -v git >/dev/null || fail "git is missing"
    rm -rf "$source.new"
    git clone -q "$WSSPEC_REPOSITORY" "$source.new" >&2 || fail "cannot clone $WSSPEC_REPOSITORY"
    git -C "$source.new" checkout -q "$WSSPEC_REF" >&2 || fail "$WSSPEC_REPOSITORY has no $WSSPEC_REF"
    mv "$source.new" "$source"
  fi
fi

binary=$source/build/release/bin/wsspec
if [ ! -x "$binary" ]; then
  {
    bash "$source/ci/install-deps.sh" build
    cmake -S "$source" --preset release -DWSSPEC_TESTS=OFF
    cmake --build "$source/build/release" --target wsspec
  } >&2 || fail "the build of wsspec failed"
fi
unset WSSPEC_REPOSITORY WSSPEC_REF WSSPEC_CACHE # ours, not settings of wsspec
exec "$binary" "$@"
