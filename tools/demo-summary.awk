#!/usr/bin/awk -f
# Prints, for each particle of an areas.csv, its first and last area and the
# last expansion that was measured.
#
# SPDX-License-Identifier: GPL-3.0-or-later
BEGIN { FS = "," }
NR == 1 {
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}
$column["area_nm2"] != "" {
    key = $column["recording"] "," $column["particle_id"]
    if (!(key in first)) {
        order[++n] = key
        first[key] = $column["area_nm2"]
    }
    last[key] = $column["area_nm2"]
    expansion[key] = $column["expansion"]
    time[key] = $column["time_s"]
}
END {
    printf "%-16s %8s %14s %14s %8s %10s\n", "recording", "particle",
           "first nm2", "last nm2", "A/A0", "at s"
    for (k = 1; k <= n; k++) {
        split(order[k], part, ",")
        printf "%-16s %8s %14.0f %14.0f %8.3f %10.1f\n", part[1], part[2],
               first[order[k]], last[order[k]], expansion[order[k]],
               time[order[k]]
    }
    if (n == 0)
        print "(no particle was measured)"
}
