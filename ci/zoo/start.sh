#!/usr/bin/env bash
# start.sh NAME PORT: becomes that server, in the foreground, on 127.0.0.1:PORT, until SIGTERM.
set -euo pipefail
# shellcheck source=ci/zoo/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ $# -eq 2 && $2 =~ ^[0-9]+$ ]] || die "usage: start.sh NAME PORT; NAME is one of: $(zoo_names | paste -sd' ')"
zoo_ready "$1" || die "$1 is not ready; run: ci/zoo/install.sh $1 && ci/zoo/build.sh $1"
command=$(zoo_command "$1" start "$2")
cd "$zoo"
# The table is ours: words are split at spaces, nothing else is interpreted.
read -ra words <<<"$command"
exec "${words[@]}"
