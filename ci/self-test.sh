#!/usr/bin/env bash
# Proves the case set against the planted defects and may only get better: self-test.sh [--update]
# ci/self-test-known.txt lists what is not yet as it should be (defects that survive, liberties that move a verdict, cases
# that catch nothing); anything beyond that list is a fault. Bulky and destructive cases are left out to keep this a minute.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
known=$root/ci/self-test-known.txt
seen=$root/build/self-test.txt
mkdir -p "$root/build"
status=0
"$wsspec" self-test --quick --exclude tag:destructive --exclude 'deflate.autobahn.*' --exclude 'limit.*' \
  >"$root/build/self-test.log" || status=$?
tail -n 1 "$root/build/self-test.log"
[[ $status -le 1 ]] || { echo "self-test ended with status $status" >&2; exit 1; }
awk '$1 == "survived" || $1 == "moved" || $1 == "red" { print $1, $2 } $1 == "idle" { sub(":$", "", $2); print $1, $2 }' \
  "$root/build/self-test.log" | LC_ALL=C sort -u >"$seen"
if [[ ${1:-} == --update ]]; then
  cp "$seen" "$known"
  exit 0
fi
new=$(LC_ALL=C comm -13 "$known" "$seen")
[[ -z $new ]] || { printf 'not in ci/self-test-known.txt:\n%s\n' "$new" >&2; exit 1; }
echo "$(wc -l <"$seen") known shortcomings, none new"
