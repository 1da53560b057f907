#!/usr/bin/env bash
# browser.sh chromium|firefox URL: opens the page in a headless browser with a profile of its own, which goes with it; ends at
# SIGTERM. Without this the browsers ask their makers for updates, lists and experiments.
set -euo pipefail
[[ $# -eq 2 ]] || { echo 'usage: browser.sh chromium|firefox URL' >&2; exit 126; }
profile=$(mktemp -d)
browser=
trap 'rm -rf "$profile"' EXIT
trap '[[ -z $browser ]] || kill -TERM "$browser" 2>/dev/null || true' TERM INT HUP
export HOME=$profile TMPDIR=$profile
case $1 in
  chromium)
    chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
      --disable-component-update --disable-sync --user-data-dir="$profile" "$2" >&2 &
    ;;
  firefox)
    cp "$(dirname "${BASH_SOURCE[0]}")/user.js" "$profile/"
    MOZ_HEADLESS=1 firefox-esr --headless --no-remote --profile "$profile" "$2" >&2 &
    ;;
  *)
    echo "browser.sh: unknown browser '$1'" >&2
    exit 126
    ;;
esac
browser=$!
status=0
while kill -0 "$browser" 2>/dev/null; do
  wait "$browser" && status=0 || status=$?
done
exit "$status"
