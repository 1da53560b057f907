#!/usr/bin/env bash
# Installs build/release into a temporary folder and uses it from there as a stranger would: with nothing but what was
# installed (the source tree's cases and viewer are out of sight), an empty environment and another working directory.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cmake --install "$root/build/release" --prefix "$place/usr" >"$place/install.log"
cd "$place"

# The source tree is hidden where that is possible, so that a binary which secretly looks there is found out.
hidden=(env -i "PATH=$place/usr/bin:/usr/bin:/bin" "HOME=$place" "TERM=dumb")
if unshare --mount true 2>/dev/null; then
  hidden=(unshare --mount sh -c "mount -t tmpfs none '$root/cases' && mount -t tmpfs none '$root/reports' && exec \"\$@\"" sh
          "${hidden[@]}")
fi
"${hidden[@]}" wsspec list 2>&1 | grep -Eq '^[0-9]{4} cases' || die "the installed program does not find its cases"
"${hidden[@]}" wsspec explain 'close.code.valid[1000]' >/dev/null
"${hidden[@]}" wsspec run --filter 'close.*' --html report.html --json report.json --junit report.xml >run.log ||
  die "the installed program fails against the reference server: $(tail -n 3 run.log)"
grep -q '</html>' report.html || die "the HTML report is not whole"
for file in share/man/man1/wsspec.1 share/bash-completion/completions/wsspec share/zsh/site-functions/_wsspec \
  share/fish/vendor_completions.d/wsspec.fish share/wsspec/report.schema.json; do
  [[ -s usr/$file ]] || die "not installed: $file"
done
if command -v man >/dev/null; then
  [[ -z $(man --warnings -E UTF-8 -l -Tutf8 -Z usr/share/man/man1/wsspec.1 2>&1 >/dev/null) ]] || die "the manual page has faults"
fi
bash -n usr/share/bash-completion/completions/wsspec
say "the installed program works on its own"
