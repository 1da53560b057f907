#!/usr/bin/env bash
# start.sh NAME FRONT BACK: a hop of the table, in the foreground: what comes to 127.0.0.1:FRONT goes to 127.0.0.1:BACK; a forward
# proxy (kind "connect") opens tunnels to that port. SIGHUP reloads it and SIGUSR1 drains it, both by the table's command; it
# ends at SIGTERM with all its processes. All that it writes is in a folder that goes with it.
# CERT and KEY: PEM files for those with TLS in front; without them a certificate for localhost and 127.0.0.1 is made.
set -euo pipefail
export ZOO=hops
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

[[ $# -eq 3 && $2 =~ ^[0-9]+$ && $3 =~ ^[0-9]+$ ]] ||
  die "usage: start.sh NAME FRONT BACK; NAME is one of: $(zoo_names | paste -sd' ')"
name=$1 front=$2 back=$3
zoo_installed "$name" || die "$name is not installed; run: ci/zoo/hops/install.sh $name"
user=$(id -un)
[[ $user != root ]] || user=www-data # whom it becomes when it may
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 711 "$dir" # for that user
config=$(zoo_field "$name" config)

# filled : standard input with its places filled in.
filled() {
  sed -e "s|{front}|$front|g; s|{back}|$back|g; s|{dir}|$dir|g; s|{user}|$user|g; s|{config}|$dir/$config|g; s|{pid}|${hop:-}|g"
}

[[ -z $config ]] || filled <"$zoo/$config" >"$dir/$config"
if [[ $(zoo_field "$name" kind) == tls ]]; then
  if [[ -n ${CERT:-} ]]; then
    cp "$CERT" "$dir/cert.pem"
    cp "${KEY:?}" "$dir/key.pem"
  else
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
      -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/openssl.log" ||
      die "openssl made no certificate: $(<"$dir/openssl.log")"
  fi
  cat "$dir/cert.pem" "$dir/key.pem" >"$dir/both.pem"
fi

export HOME=$dir XDG_CONFIG_HOME=$dir XDG_DATA_HOME=$dir
read -ra words < <(zoo_field "$name" start | filled)
cd "$zoo"
# A session of its own: Ctrl-C is for us, and what is left of it at its end is known by its group.
setsid "${words[@]}" >&2 &
hop=$!

# tell COLUMN : runs the command of that column, if there is one.
# shellcheck disable=SC2317 # the traps call it
tell() {
  local command
  read -ra command < <(zoo_field "$name" "$1" | filled)
  [[ ${#command[@]} -gt 0 ]] || { echo "start.sh: $name has no command to $1" >&2; return 0; }
  "${command[@]}" >&2 || echo "start.sh: $name: ${command[*]}: exit status $?" >&2
}
trap 'tell reload' HUP
trap 'tell drain' USR1
trap 'stop_server "$hop" 10 || true' TERM INT
status=0
while kill -0 "$hop" 2>/dev/null; do
  wait "$hop" && status=0 || status=$?
done
kill -KILL -- -"$hop" 2>/dev/null || true
exit "$status"
