#!/usr/bin/env bash
# start.sh NAME URL [once|loop]: becomes that client, in the foreground. It sends back each message that it gets.
#   once  one connection, to its end (the default)
#   loop  again and again without a pause, until nobody listens: three refused connections, 100 ms apart, are the end
# reconnect/NAME: one that comes back by itself, until it is killed. autobahn/NAME: one that asks an Autobahn server for cases.
# browsers/NAME: a browser that shows the page of `wsspec serve --page`, until it is killed.
# The mode can also stand in WSSPEC_ACTION; what is not "loop" is once, and with "close" those that are told of it (driver.js, driver.py,
# driver.go, mojolicious.pl) close in place of sending back the first message. Subprotocols: WSSPEC_PROTOCOLS (a,b). Header fields:
# WSSPEC_HEADERS (lines). A proxy: WSSPEC_PROXY (its URL); other variables for one are taken away. Authority to be trusted with wss:
# WSSPEC_CA (PEM file). What a library has no means for is left out.
# Builds the client first where that is due. Exit status 126: called wrongly; 127: the client is not installed or cannot be
# built, or has no TLS and was given a wss URL.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
zoo=${here%/*}
root=${zoo%/ci/zoo}
built=$root/build/zoo/clients
table=clients
if [[ ${1:-} == */* ]]; then # another table: reconnect/NAME, autobahn/NAME, browsers/NAME
  here=$here/${1%%/*}
  table=clients/${1%%/*}
  built=$built/${1%%/*}
  set -- "${1#*/}" "${@:2}"
fi
fail() {
  printf 'start.sh: %s\n' "$2" >&2
  exit "$1"
}

[[ $# -eq 2 || $# -eq 3 ]] || fail 126 "usage: start.sh NAME URL [once|loop]"
# One process comes up for each case: nothing is started here that can be done without.
found=no
while IFS=$'\t' read -r name _ _ _ _ npm build start _; do
  [[ $name != "$1" ]] || { found=yes && break; }
done <"$here/clients.tsv"
[[ $found == yes ]] || fail 126 "unknown client '$1'; they are in clients.tsv of ${here#"$root"/}"
[[ $npm == - || -d $here/$npm/node_modules ]] || fail 127 "$1 is not installed; run: ci/zoo/clients/install.sh $1"
cd "$here"

stale() {
  local word stamp=$built/$1.stamp
  [[ -f $stamp && ! clients.tsv -nt $stamp ]] || return 0
  for word in $build *.h; do
    [[ ! -f $word || ! $word -nt $stamp ]] || return 0
  done
  return 1
}
if [[ $build != - ]] && stale "$1"; then
  mkdir -p "$built"
  # Of several that come up at once, one builds.
  exec {lock}>"$built/$1.lock"
  flock "$lock"
  ! stale "$1" || ZOO=$table bash "$zoo/build.sh" "$1" >&2 || fail 127 "$1 cannot be built; see above"
  exec {lock}>&-
fi

while read -r variable; do
  [[ ${variable,,} != *_proxy || $variable == WSSPEC_PROXY ]] || unset "$variable"
done < <(compgen -e)
export WSSPEC_ACTION=${3:-${WSSPEC_ACTION:-once}}
if [[ -n ${WSSPEC_CA:-} ]]; then
  # The ways of those that cannot be told otherwise.
  export NODE_EXTRA_CA_CERTS=$WSSPEC_CA SSL_CERT_FILE=$WSSPEC_CA DENO_CERT=$WSSPEC_CA DENO_TLS_CA_STORE=system
fi
# The table is ours: words are split at spaces, nothing else is interpreted; the URL stays one word.
read -ra words <<<"${start//\{build\}/$built}"
for i in "${!words[@]}"; do
  [[ ${words[i]} != '{url}' ]] || words[i]=$2
done
exec "${words[@]}"
