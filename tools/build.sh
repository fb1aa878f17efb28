#!/bin/bash
# Configures a build folder where that was not done yet, and builds it.
#
#     tools/build.sh FOLDER [MESON OPTION…]     CC: gcc unless given
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
shift
# Debian's meson runs on Debian's Python, whatever comes first on PATH.
export PATH="/usr/bin:/bin:$PATH" CC="${CC:-gcc}"
meson=$(command -v meson)

if [ ! -f "$folder/build.ninja" ]; then
    rm -rf "$folder"
    [ ! -t 1 ] || echo "Configuring $folder; building takes some minutes once."
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if ! "$meson" setup "$folder" "$@" >"$log" 2>&1; then
        cat "$log"
        exit 1
    fi
fi
# On a terminal one line counts the steps; elsewhere nothing but errors.
if [ -t 1 ]; then
    ninja -C "$folder"
else
    ninja --quiet -C "$folder"
fi
