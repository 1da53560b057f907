#!/usr/bin/env bash
# Proves the case set against the planted defects and the liberties: self-test.sh [OPTION...]
# Every case not for --bulk takes part. Options go to `wsspec self-test`; --quick is given, leave it to a night run to
# show each liberty the bulky cases too: self-test.sh --no-quick
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
options=(--quick)
[[ ${1:-} != --no-quick ]] || { options=(); shift; }
exec "$wsspec" self-test "${options[@]}" "$@"
