#!/usr/bin/env bash
# Installs hops of the zoo: install.sh [--core | --all | NAME...], like ci/zoo/install.sh for the servers.
# Debian starts a service where it is installed, on the ports of its own; policy-rc.d (deb-systemd-invoke(1p)) says that none is.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../lib.sh"

policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap 'as_root rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod +x "$policy"
fi
ZOO=hops bash "$root/ci/zoo/install.sh" "$@"
