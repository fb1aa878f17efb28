/* Correlate: how far a texture lies from the mean of those before it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

#include "coatscope/image.h"

typedef struct CsCorrelator CsCorrelator;

/* For textures of that size. Errors: CS_ERROR_LIMIT. */
CsCorrelator *cs_correlator_new(size_t width, size_t height, GError **error);
void          cs_correlator_free(CsCorrelator *correlator); /* takes NULL */

typedef struct {
    double dx;       /* what brings the texture onto the template, in pixels */
    double dy;
    double sd;       /* of either, from noise */
    double strength; /* height of the peak over the sd of the correlation
                        elsewhere; below about 6 there is no telling */
} CsMatch;

/* Takes the texture's spectrum in, and finds where it fits the template. The
 * first texture makes the template: it fits at (0, 0). */
void cs_correlator_match(CsCorrelator *correlator, const CsImage *texture,
                         CsMatch *match);

/* Adds the texture matched last to the template, moved by (dx, dy). */
void cs_correlator_learn(CsCorrelator *correlator, double dx, double dy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsCorrelator, cs_correlator_free)
