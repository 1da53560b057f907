#!/usr/bin/env bash
# Installs what clients of the zoo need: install.sh [--core | --all | NAME...], like ci/zoo/install.sh for the servers.
set -euo pipefail
ZOO=clients exec bash "$(dirname "${BASH_SOURCE[0]}")/../install.sh" "$@"
