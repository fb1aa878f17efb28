/* Smooth: what neighbouring frames say about where a frame lies. Drift goes on
 * as it goes, up to a random walk; a jump cuts the series in two.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    double x; /* any unit */
    double y;
    double sd; /* of either; INFINITY or NAN: nothing is known */
    bool   jump; /* out: the series is cut before this one */
} CsDriftStep;

/* Replaces steps by what all of them say (Rauch, Tung and Striebel, AIAA
 * Journal 3, 1445, 1965), with walk, change of
 * speed, and by how much sd is too small, as likely as can be.
 * Where nothing was known sd stays as it is. least_jump: a smaller one is
 * none.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_smooth(CsDriftStep *steps, size_t n, double least_jump,
                     GError **error);
