#!/usr/bin/env bash
# start.sh NAME PORT: becomes that old, faulty server, in the foreground, on 127.0.0.1:PORT, until SIGTERM.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../lib.sh"

cd "$(dirname "${BASH_SOURCE[0]}")"
names=$(awk -F'\t' '!/^#/ { print $1 }' targets.tsv | paste -sd' ')
[[ $# -eq 2 && $2 =~ ^[0-9]+$ ]] || die "usage: start.sh NAME PORT; NAME is one of: $names"
[[ -d node_modules ]] || die "run ci/zoo/vulnerable/install.sh first"
command=$(awk -F'\t' -v name="$1" '$1 == name { print $6 }' targets.tsv)
[[ -n $command ]] || die "unknown server '$1'; known: $names"
read -ra words <<<"${command//\{port\}/$2}"
exec "${words[@]}"
