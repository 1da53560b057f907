#!/usr/bin/env bash
# Reduces corpus/TARGET to few files with the same coverage, taking in what campaigns and seeds brought:
#   minimize-corpus.sh TARGET [FOLDER...]     FOLDER: further inputs, of AFL++ too: build/afl/queues/TARGET/default/queue
# (differential: by the adapter of our own message layer). Files larger than 3 KiB stay out, so that the corpus remains small enough for the repository.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/lib.sh"
cd "$root"

[[ $# -gt 0 ]] || die "usage: minimize-corpus.sh TARGET [FOLDER...]"
target=$1
shift
program=$target
[[ $target != differential ]] || program=differential_own
bash fuzz/build-target.sh fuzz "$program"
mkdir -p "corpus/$target"
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
folders=("corpus/$target" "$@")
[[ ! -d build/fuzz/corpus/$program ]] || folders+=("build/fuzz/corpus/$program")
"build/fuzz/bin/fuzz_$program" -set_cover_merge=1 -max_len=3072 -rss_limit_mb=4096 "$new" "${folders[@]}" \
  >build/fuzz/merge.log 2>&1 || {
  tail -n 20 build/fuzz/merge.log >&2
  die "an input of $target breaks its property"
}
before=$(find "corpus/$target" -type f | wc -l)
find "$new" -type f -size +3k -delete
find "corpus/$target" -type f -delete
for file in "$new"/*; do
  mv "$file" "corpus/$target/$(sha1sum "$file" | cut -c1-16)"
done
say "$target: $before -> $(find "corpus/$target" -type f | wc -l) files, $(du -sb "corpus/$target" | cut -f1) octets"
