#!/usr/bin/env bash
# rooms.sh [PORT]: plays the cases of rooms against a real server of rooms (ci/zoo/applications/room.js): as it is nothing is red,
# and with each of its defects the cases say what is wrong. Needs ci/zoo/install.sh ws; ports: 18980, or PORT.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wsspec=${WSSPEC:-build/release/bin/wsspec}
port=${1:-18980}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

play() { # DEFECT: the report of the cases of rooms
  "$wsspec" run "ws://127.0.0.1:$port/" --start "exec node ci/zoo/applications/room.js {port} $1" --cases cases --filter room \
    --fanout others --order total --slow buffered --dialect 'join=/join {room}' --dialect leave=/leave --repeat 0 >"$out/$1.txt" 2>&1
}

play '' || { cat "$out/.txt"; echo "rooms: the server without a defect is red" >&2; exit 1; }
while read -r defect words; do
  if play "$defect"; then
    echo "rooms: nothing is red with '$defect'" >&2
    exit 1
  fi
  grep -qE "$words" "$out/$defect.txt" || {
    cat "$out/$defect.txt"
    echo "rooms: with '$defect' nothing says '$words'" >&2
    exit 1
  }
  echo "rooms: $defect is seen: $(grep -oE "[^:]*$words.*" "$out/$defect.txt" | head -1 | cut -c1-120)"
done <<'DEFECTS'
loses is missing|are missing
repeats came again
reorders came behind a later one
crosses of .* octets
echoes that nothing asked for|came instead
forgets that nothing asked for
kind a binary message
awaits are missing
DEFECTS
echo "rooms: clean as it is, and each defect is seen"
