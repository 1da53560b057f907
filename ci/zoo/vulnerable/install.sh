#!/usr/bin/env bash
# Installs old npm releases with published faults, to try wsspec's detection on. Never part of ci/test.sh.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../lib.sh"

mapfile -t packages < <(node_packages)
apt_install "${packages[@]}"
npm_install "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
