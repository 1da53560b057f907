#!/bin/bash
# The build that OSS-Fuzz and ClusterFuzzLite call: of each property in fuzz/targets/ the program NAME, its seeds
# NAME_seed_corpus.zip, NAME.options and, where it has one, NAME.dict, all in $OUT.
#
# Given by the caller: $SRC with the folders wsspec, fmt and simdjson; $WORK, $OUT; $CC, $CXX, $CFLAGS, $CXXFLAGS and
# $LIB_FUZZING_ENGINE. All flags for sanitizers, coverage and the C++ library are theirs, none are added here.
# The targets run where nothing is installed, so every library is linked statically. {fmt} and simdjson are built here, as
# those of a distribution belong to libstdc++ and the caller's flags may ask for libc++.
set -eu

# cmake_build SOURCE BUILD [OPTION...] -- TARGET... ; no build type: optimisation is the caller's affair, too.
cmake_build() {
  local source=$1 build=$2 options=()
  shift 2
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=None -DBUILD_SHARED_LIBS=OFF "${options[@]}"
  cmake --build "$build" --target "$@"
}

libraries=$WORK/libraries
cmake_build "$SRC/fmt" "$WORK/fmt" -DCMAKE_INSTALL_PREFIX="$libraries" -DFMT_TEST=OFF -DFMT_DOC=OFF -- install
cmake_build "$SRC/simdjson" "$WORK/simdjson" -DCMAKE_INSTALL_PREFIX="$libraries" -DSIMDJSON_DEVELOPER_MODE=OFF -- install

cd "$SRC/wsspec"
names=()
for source in fuzz/targets/*.cc; do names+=("$(basename "$source" .cc)"); done
cmake_build . "$WORK/wsspec" -DWSSPEC_PROGRAM=OFF -DWSSPEC_TESTS=OFF -DWSSPEC_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" \
  -DCMAKE_PREFIX_PATH="$libraries" -DZLIB_USE_STATIC_LIBS=ON -DOPENSSL_USE_STATIC_LIBS=ON -- "${names[@]/#/fuzz_}"

mkdir -p "$OUT"
for name in "${names[@]}"; do
  cp "$WORK/wsspec/bin/fuzz_$name" "$OUT/$name"
  rm -f "$OUT/${name}_seed_corpus.zip"
  (cd "corpus/$name" && zip -q -r "$OUT/${name}_seed_corpus.zip" .)
  dictionary=$(sed -n 's/^dict=//p' "fuzz/options/$name.options")
  if [ -n "$dictionary" ]; then cp "fuzz/dict/$dictionary" "$OUT/$name.dict"; fi
  sed "s/^dict=.*/dict=$name.dict/" "fuzz/options/$name.options" >"$OUT/$name.options"
done
