#!/usr/bin/env bash
# No output of any verb holds a secret. A marker stands in every input that may hold one; the target (gossip.js) repeats
# all of them; then every file that a verb wrote and all that it printed is searched for the markers.
# Prints the number of outputs searched. Outputs: build/secrets/. WSSPEC names another binary.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/zoo/lib.sh"

wsspec=${WSSPEC:-$root/build/release/bin/wsspec}
[[ -x $wsspec ]] || die "$wsspec is not built; run: cmake --preset release && cmake --build --preset release"
out=$root/build/secrets
rm -rf "$out"
mkdir -p "$out"
mapfile -t packages < <(node_packages)
apt_install "${packages[@]}"
npm_install "$zoo"
export NODE_PATH=$zoo/node_modules

# Each marker has a name of its own, so that a leak tells where it came from.
header=MARK-header-1f7a cookie=MARK-cookie-2b9c named=MARK-named-3d4e query=MARK-query-4a5b path=MARKpath5c6d7e8f9a0b
proxy=MARK-proxy-6e7f variable=MARK-variable-7a8b preamble=MARK-preamble-8c9d further=MARK-further-9e0f typo=MARK-typo-0a1b
user=MARK-user-1c2d
gossip="exec node $root/ci/third-party/gossip.js {port}"
port=18490
url="ws://127.0.0.1:$port/$path?token=$query"
secret_options=(--header "Authorization: Bearer $header" --header "Cookie: sid=$cookie" --secret-header X-Team
  --header "X-Team: $named" --start-env "DB_PASSWORD=$variable" --secret "$further"
  --preamble "> text \"login $preamble\"
< text")
reports() { # reports NAME : every report that a run can write.
  local format formats
  mapfile -t formats < <("$wsspec" report --help | sed -n 's/^  --\([a-z]*\) FILE .*/\1/p')
  [[ ${#formats[@]} -ge 7 ]] || die "the help of report names ${#formats[@]} formats"
  for format in "${formats[@]}"; do printf -- '--%s\n%s\n' "$format" "$out/$1.$format"; done
  printf -- '--autobahn-report\n%s\n' "$out/$1.autobahn"
}

# say NAME COMMAND... : both streams of it to NAME.out; the exit status is not what this is about.
say() {
  local name=$1
  shift
  timeout -k 5 120 "$@" >"$out/$name.out" 2>&1 || true
  [[ -s $out/$name.out ]] || die "$name printed nothing"
}

cd "$out"
mapfile -t files < <(reports run)
say run "$wsspec" run "$url" --start "$gossip" "${secret_options[@]}" --filter 'close.*' --filter 'frame.*' \
  --filter 'handshake.*' --verbose "${files[@]}"
grep -q 'died' run.out || die "the target did not die: its log was not tried"
mapfile -t files < <(reports actions)
say actions env GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY="$out/actions.summary" "$wsspec" run "$url" --start "$gossip" \
  "${secret_options[@]}" --filter 'close.*' "${files[@]}"
say environment env WSSPEC_HEADER="Authorization: Bearer $header" WSSPEC_URL="$url" WSSPEC_SECRET="$further" \
  "$wsspec" run --start "$gossip" --filter 'close.*' --json environment.json
mkdir -p toml
printf '[target.gossip]\nurl = "%s"\nstart = "%s"\nheader = ["Authorization: Bearer %s"]\nstart_env = ["DB_PASSWORD=%s"]\n' \
  "$url" "$gossip" "$header" "$variable" >toml/wsspec.toml
say toml "$wsspec" run --config toml/wsspec.toml --target gossip --filter 'close.*' --json toml.json --html toml.html
say proxy "$wsspec" run "$url" --proxy "http://user:$proxy@127.0.0.1:1" --json proxy.json --html proxy.html
say fuzz "$wsspec" fuzz "$url" --start "$gossip" "${secret_options[@]}" --time 6s --findings "$out/findings" \
  --json fuzz.json --html fuzz.html --sarif fuzz.sarif
say matrix "$wsspec" matrix --config toml/wsspec.toml --filter 'close.*' --html matrix.html --json matrix.json
printf 'wire 1\ncase a.log\n  open\n  > text "seven!!"\n  < close 1000\n' >log.wire
say replay "$wsspec" replay log.wire "$url" --start "$gossip" "${secret_options[@]}" --transcript
for finding in findings/*.wire; do
  [[ -e $finding ]] || break
  say "replay-finding" "$wsspec" replay "$finding" "$url" --start "$gossip" "${secret_options[@]}"
  say "minimize" "$wsspec" minimize "$finding" "$url" --start "$gossip" "${secret_options[@]}" --output minimized.wire
  break
done
say campaign-init "$wsspec" campaign init campaign "$url" --start "DB_PASSWORD=$variable $gossip" --time 4s
say campaign-untold "$wsspec" campaign shard campaign --index 0
say campaign env WSSPEC_URL="$url" WSSPEC_START="DB_PASSWORD=$variable $gossip" "$wsspec" campaign shard campaign --index 0
say campaign-report "$wsspec" campaign report campaign --html campaign.html --json campaign.json
say report "$wsspec" report run.json --html report.html
mapfile -t files < <(reports serve)
say serve "$wsspec" serve --exec "exec $wsspec peer --once --defect reply.any-accept --connect {url} # --password=$variable" \
  --filter 'reply.refuse.accept*' --verbose "${files[@]}"
say usage-header "$wsspec" run "$url" --header "Authorization Bearer $typo"
say usage-option "$wsspec" run "$url" --heder "Authorization: Bearer $typo"
say usage-url "$wsspec" run "ws://me:$user@127.0.0.1:$port/"
say usage-proxy "$wsspec" run "$url" --proxy "ftp://me:$user@127.0.0.1:3128"
say usage-port "$wsspec" fuzz "ws://127.0.0.1:99999/?token=$query" --header "Cookie: $cookie"
say usage-preamble "$wsspec" run "$url" --preamble "> text \"login $preamble"

# What was given to us is no output: the configuration, and the findings' own folder lock.
mapfile -t outputs < <(find . -type f ! -path './toml/wsspec.toml' ! -name '*.lock' | sort)
leaks=0
for marker in "$header" "$cookie" "$named" "$query" "$path" "$proxy" "$variable" "$preamble" "$further" "$typo" "$user"; do
  mapfile -t hits < <(grep -laF -e "$marker" -- "${outputs[@]}" || true)
  leaks=$((leaks + ${#hits[@]}))
  [[ ${#hits[@]} -eq 0 ]] || printf 'LEAK %s in %s\n' "$marker" "${hits[*]}"
done
printf '%d leaks of 11 secrets in %d outputs of run, fuzz, matrix, replay, minimize, campaign, report and usage errors\n' \
  "$leaks" "${#outputs[@]}"
[[ $leaks -eq 0 ]]
