#!/usr/bin/env bash
# Gate: no JSON parser, only tr, sed and grep on the text, as libwebsockets does. grep-text.sh INDEX
set -euo pipefail
bad=$(tr -d '\n' <"$1" | sed 's/},/},\n/g' | grep -o '"behavior": "[^"]*"' | sed 's/.*: "//; s/"//' |
  grep -cvE '^(OK|INFORMATIONAL|NON-STRICT)$' || true)
echo "$bad bad"
[[ $bad -eq 0 ]]
