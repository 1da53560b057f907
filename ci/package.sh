#!/usr/bin/env bash
# Builds the Debian package from build/release, unpacks it into a folder of its own and runs the program from there.
# The package is left in build/package. Needs a finished build of the release or ci preset.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ -x $root/build/release/bin/wsspec ]] || die "not built; run: cmake --preset release && cmake --build --preset release"
apt_install dpkg-dev file lintian
out=$root/build/package
rm -rf "$out"
mkdir -p "$out"
cpack -G DEB --config "$root/build/release/CPackConfig.cmake" -B "$out" >"$out/cpack.log" 2>&1 ||
  { tail -n 20 "$out/cpack.log" >&2; die "cpack failed"; }
package=$(find "$out" -maxdepth 1 -name '*.deb')
[[ -f $package ]] || die "no package was made"
for field in Package Version Architecture Maintainer Depends Description; do
  [[ -n $(dpkg-deb --field "$package" "$field") ]] || die "the package has no $field"
done
dpkg-deb --extract "$package" "$out/root"
for file in usr/bin/wsspec usr/share/wsspec/cases/requirements.json usr/share/man/man1/wsspec.1 usr/share/doc/wsspec/copyright; do
  [[ -s $out/root/$file ]] || die "not in the package: $file"
done
(cd / && env -i PATH=/usr/bin:/bin HOME=/nonexistent "$out/root/usr/bin/wsspec" run --filter 'close.*' --quiet) ||
  die "the packaged program fails against the reference server"
# What lintian calls an error fails; a Debian changelog and a compressed manual page are a packager's affair.
lintian --fail-on error --suppress-tags no-changelog,uncompressed-manual-page "$package" ||
  die "lintian names errors"
say "good: ${package#"$root"/}, $(($(stat -c %s "$package") / 1024)) KiB, depends on $(dpkg-deb --field "$package" Depends)"
