#!/bin/bash
# Speed beside other programs on the same recordings, in the same run. Each
# benchmark prints what it measured; see bench/meson.build.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="/usr/bin:/bin:$PATH"

meson test -C build --benchmark --verbose --num-processes 1 "$@"
