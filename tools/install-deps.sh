#!/bin/bash
# Installs the Debian packages of the named sets (tools/packages.txt) that are
# missing; does nothing, and needs no rights, when none is.
#
#     tools/install-deps.sh SET…          e.g. build test
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "$(dirname "$0")/.."

wanted() {
    local set
    for set in "$@"; do
        awk -v set="$set" '$1 == set { print $2 }' tools/packages.txt
    done | sort -u
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query >/dev/null; then
    echo "install-deps: this is not Debian: please install what" \
         "tools/packages.txt lists for: $*" >&2
    exit 0
fi

missing=()
for package in $(wanted "$@"); do
    is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "install-deps: as root, please run: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; } \
     >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "install-deps: apt-get could not install them" >&2
    exit 1
fi
