#!/bin/bash
# All tests: release with gcc, again under AddressSanitizer and UBSan, again
# with clang, the threaded ones under ThreadSanitizer. The last line is
# `N passed, N failed, N skipped`; the exit status is not 0 if any failed.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -uo pipefail
cd "$(dirname "$0")/.." || exit
export PATH="/usr/bin:/bin:$PATH"

# Leaks are failures. GLib's own allocator must not hide them.
export ASAN_OPTIONS="halt_on_error=1:abort_on_error=1:detect_leaks=1:allocator_may_return_null=1"
export UBSAN_OPTIONS="halt_on_error=1:abort_on_error=1:print_stacktrace=1"
export TSAN_OPTIONS="halt_on_error=1:suppressions=$PWD/tools/tsan.supp"
export LSAN_OPTIONS="suppressions=$PWD/tools/lsan.supp:print_suppressions=0"
export G_SLICE=always-malloc

logs=()

# step TITLE FOLDER CC "MESON SETUP OPTIONS" "MESON TEST OPTIONS"
step() {
    local title=$1 folder=$2 cc=$3 status=0 started=$SECONDS
    local -a setup test
    read -ra setup <<<"$4"
    read -ra test <<<"$5"

    echo "== $title"
    rm -f "$folder/meson-logs/testlog".*
    logs+=("$folder")
    if ! CC=$cc tools/build.sh "$folder" "${setup[@]}"; then
        echo "== $title: does not build"
        return
    fi
    meson test -C "$folder" --no-rebuild --print-errorlogs "${test[@]}" \
        </dev/null || status=$?
    mkdir -p "$folder/meson-logs"
    echo "$status" >"$folder/meson-logs/testlog.status"
    echo "== $title: $((SECONDS - started)) s"
}

step "gcc, release" build gcc "" ""
step "gcc, address and undefined behaviour" build-asan gcc \
     "-Db_sanitize=address,undefined -Dbuildtype=debugoptimized" \
     "--no-suite house --no-suite install --no-suite browser --no-suite long --timeout-multiplier 4"
step "clang" build-clang clang \
     "-Dbuildtype=debugoptimized" \
     "--no-suite house --no-suite install --no-suite slow --no-suite browser"
step "clang, threads" build-tsan clang \
     "-Db_sanitize=thread -Db_lundef=false -Dbuildtype=debugoptimized" \
     "--suite threads --timeout-multiplier 4"

python3 tools/count_tests.py "${logs[@]}"
