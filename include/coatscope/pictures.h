/* CsPictures: some frames of a recording as JPEG, to look at.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef struct {
    size_t  frame;
    double  width_px; /* of the frame's pixels it covers                    */
    double  height_px;
    GBytes *jpeg;
} CsPicture;

typedef struct {
    size_t     n;
    CsPicture *picture; /* n, in the order of frames                        */
} CsPictures;

#define CS_PICTURES_INIT { 0 }

void cs_pictures_clear(CsPictures *pictures);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsPictures, cs_pictures_clear)

G_END_DECLS
