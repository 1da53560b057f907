#!/bin/bash
# ClusterFuzzLite wants the script here; what it does is common with OSS-Fuzz.
exec bash -eu "$SRC/wsspec/ci/oss-fuzz/build.sh"
