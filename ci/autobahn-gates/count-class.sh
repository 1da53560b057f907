#!/usr/bin/env bash
# Gate: the class of failed cells occurs no more often in the page than in its style sheet, as cowboy and gun count it.
# count-class.sh PAGE
set -euo pipefail
count=$(grep -o case_failed "$1" | wc -l)
echo "case_failed $count times"
[[ $count -le 2 ]]
