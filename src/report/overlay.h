/* Overlays: a picture with the outlines found on it, as SVG.
 *
 * The picture is embedded; lines and words over it stay sharp at any size.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/results.h"

/* Appends <g id="ID">…</g>: the picture, outer (yellow, dashed where the
 * state is not ok) and core (cyan) contours, particle numbers, a scale bar of
 * round length, the time. The unit is the frame's pixel.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_overlay_add(GString *svg, const CsResultsItem *item,
                    const CsPicture *picture, const char *id, GError **error);

/* The length of the scale bar, in nm or px (*name), with *unit of them a
 * pixel. */
double cs_overlay_bar(const CsResultsItem *item, const CsPicture *picture,
                      double *unit, const char **name);

/* "12.4 s", or "frame 12" where there is no time. Free with g_free. */
char *cs_overlay_time(const CsResultsItem *item, size_t frame);
