#!/bin/bash
# Style: the checks of the house, shellcheck, clang-tidy. clang-format is a
# guide, not a gate: it only counts.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -uo pipefail
cd "$(dirname "$0")/.." || exit
export PATH="/usr/bin:/bin:$PATH"

failed=0
CC=gcc tools/build.sh build || exit 1
meson test -C build --no-rebuild --suite house --print-errorlogs || failed=1

echo "== shellcheck"
shellcheck tools/*.sh .ci/run || failed=1

echo "== clang-tidy"
CC=clang tools/build.sh build-clang -Dbuildtype=debugoptimized || exit 1
find src app -name '*.c' -print0 \
    | xargs -0 -n 4 -P "$(nproc)" clang-tidy-14 -p build-clang --quiet \
          --warnings-as-errors='*' 2>/dev/null || failed=1

echo "== clang-format: lines it would write otherwise"
find src app -name '*.[ch]' | sort | while read -r file; do
    clang-format-14 "$file" | diff "$file" - | grep -c '^<'
done | awk '{ n += $1 } END { print n }'

if [ "$failed" -ne 0 ]; then
    echo "lint: something to mend"
    exit 1
fi
echo "lint: clean"
