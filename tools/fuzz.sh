#!/bin/bash
# Builds every target of fuzz/ with libFuzzer under ASan and UBSan and runs
# each for FUZZ_SECONDS (60), from its corpus and, where they are there, from
# the real files beside the project.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="/usr/bin:/bin:$PATH"

if ! ls fuzz/fuzz_*.c >/dev/null 2>&1; then
    echo "fuzz: there is no target in fuzz/ yet"
    exit 0
fi
# A copy of the process that ends as it should (see docs/formats/hdf5.md) need
# not spend seconds on names of functions.
export ASAN_OPTIONS="symbolize=0:${ASAN_OPTIONS:-}"
CC=clang tools/build.sh build-fuzz -Db_sanitize=address,undefined \
    -Db_lundef=false -Dbuildtype=debugoptimized -Dfuzz=true
for target in build-fuzz/fuzz/fuzz_*; do
    [[ -x $target && -f $target ]] || continue
    name=$(basename "$target")
    corpus=build-fuzz/corpus/$name
    mkdir -p "$corpus"
    seeds=()
    [ -d "fuzz/corpus/$name" ] && seeds+=("fuzz/corpus/$name")
    echo "== $name"
    "$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=2 \
        -rss_limit_mb=1024 -print_final_stats=0 -verbosity=0 \
        "$corpus" "${seeds[@]}"
done
