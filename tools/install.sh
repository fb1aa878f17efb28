#!/bin/bash
# Installs what was built under a prefix (and a staging folder before it).
#
#     tools/install.sh PREFIX [DESTDIR]
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="/usr/bin:/bin:$PATH"

meson configure build -Dprefix="$1"
ninja --quiet -C build
DESTDIR="${2:-}" meson install -C build --no-rebuild --quiet
echo "Installed under ${2:-}$1"
