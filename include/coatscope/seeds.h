/* CsSeeds: the particles of a recording, before they are outlined.
 *
 * Positions are in the coordinates of the first frame (shifts applied). The
 * masks say what is not a particle; they cover the first frame in cells of
 * mask_bin x mask_bin pixels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "coatscope/polygon.h"

G_BEGIN_DECLS

typedef struct {
    int       id;          /* from 1, unique in the recording               */
    CsPolygon outline;     /* a first guess of the outer edge               */
    size_t    key_frame;   /* the frame that guess was made on              */
    size_t    birth_frame; /* first frame it is there                       */
    size_t    death_frame; /* one past the last frame it is there           */
    bool      from_user;   /* drawn by hand: not to be dropped or moved     */
    bool      is_dark;     /* darker than its surroundings (bright field)   */
    double    contrast;    /* ln(background / particle), or its like        */
} CsSeed;

typedef enum {
    CS_MASK_BACKGROUND = 0, /* vacuum, holes                                */
    CS_MASK_SUPPORT,        /* carbon film                                  */
    CS_MASK_NEEDLE,
    CS_MASK_PARTICLE,
    CS_MASK_DIRT, /* not a particle, not to be used for drift               */
} CsMaskClass;

typedef struct {
    size_t   n;
    CsSeed  *seed; /* n, ours */

    size_t   mask_bin;    /* pixels a cell in x and y; 0: no masks          */
    size_t   mask_width;  /* in cells                                       */
    size_t   mask_height;
    uint8_t *mask;        /* mask_width * mask_height CsMaskClass, or NULL  */
} CsSeeds;

#define CS_SEEDS_INIT { 0 }

void cs_seeds_clear(CsSeeds *seeds);

/* Takes the contents of seed (left cleared) as one more particle. */
void cs_seeds_take(CsSeeds *seeds, CsSeed *seed);
void cs_seed_clear(CsSeed *seed);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsSeeds, cs_seeds_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsSeed, cs_seed_clear)

G_END_DECLS
