#!/bin/bash
# The demo: simulates the protocol's two recordings, measures both, says where
# to look.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "$(dirname "$0")/.."

started=$SECONDS
rm -rf demo
mkdir demo
echo "Simulating two recordings of a coated silicon particle (5 and 10 nm TiO2)"
build/coatscope simulate jove-5nm -o demo/5nm
build/coatscope simulate jove-10nm -o demo/10nm
echo "Measuring both"
build/coatscope measure demo/5nm/recording.tif demo/10nm/recording.tif \
    -o demo/results
echo
tools/demo-summary.awk demo/results/areas.csv
echo
echo "Took $((SECONDS - started)) s. Open the report in a browser:"
echo "    $PWD/demo/results/report.html"
