#!/usr/bin/env bash
# fuzz_liberties.sh ROLE [INPUTS] [WSSPEC]: fuzzes the built-in peer (ROLE: client or server) in memory, as it is and with each legal
# liberty that it can take, INPUTS inputs each (default 100000), and tells the findings: there should be none. Exit status 1 when
# there is one. Reproducers: build/fuzz-liberties/.
set -euo pipefail
shopt -s nullglob
cd "$(dirname "${BASH_SOURCE[0]}")/.."

role=${1:?usage: fuzz_liberties.sh client|server [INPUTS] [WSSPEC]}
inputs=${2:-100000}
wsspec=${3:-build/release/bin/wsspec}
out=build/fuzz-liberties/$role
rm -rf "$out"
mkdir -p "$out"
mapfile -t names < <("$wsspec" peer --list | awk '$1 == "liberty" { print $2 }')
[[ ${#names[@]} -gt 0 ]] || { echo "fuzz_liberties.sh: no liberty is known" >&2; exit 2; }

played=0 bad=0
for name in '' "${names[@]}"; do
  folder=$out/${name:-conforming} status=0
  "$wsspec" fuzz --memory --role "$role" ${name:+--liberty "$name"} --inputs "$inputs" --cases cases \
    --findings "$folder" >"$out/log" 2>&1 || status=$?
  ! grep -q 'none that a client can take' "$out/log" || continue
  played=$((played + 1))
  findings=("$folder"/*.wire)
  [[ $status -ne 0 || ${#findings[@]} -ne 0 ]] || continue
  bad=$((bad + 1))
  printf '%s: %d findings, exit status %d\n' "${name:-conforming}" "${#findings[@]}" "$status"
  grep -v '^tried on purpose' "$out/log" | head -n 6
done
printf '%s: %d of %d peers with findings in %d inputs each\n' "$role" "$bad" "$played" "$inputs"
[[ $bad -eq 0 ]]
