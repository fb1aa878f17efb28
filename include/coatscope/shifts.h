/* CsShifts: how each frame lies relative to the first.
 *
 * A shift is what must be added to a frame's coordinates to lie on the first
 * frame: reference = frame + (dx, dy). Pixels stay untouched; shifts are
 * applied to outlines.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Why a frame is not to be trusted; kept out of every fit. */
typedef enum {
    CS_FRAME_OK = 0,
    CS_FRAME_BLACK = 1 << 0,   /* no beam or no signal                      */
    CS_FRAME_BLURRED = 1 << 1, /* moved during the exposure                 */
    CS_FRAME_DOUBLED = 1 << 2, /* the same samples as the frame before      */
    CS_FRAME_UNMATCHED = 1 << 3, /* no reliable overlap with its neighbours */
} CsFrameFlags;

typedef struct {
    double   dx_px;
    double   dy_px;
    double   sd_px; /* of either component                                  */
    bool     jump;  /* a sudden move since the frame before                 */
    unsigned flags; /* CsFrameFlags                                         */
} CsShift;

typedef struct {
    size_t   n_frames;
    CsShift *shift; /* n_frames, ours; shift[0] is (0, 0)                   */
} CsShifts;

#define CS_SHIFTS_INIT { 0 }

/* Room for n frames, not shifted. Errors: CS_ERROR_LIMIT. */
bool cs_shifts_resize(CsShifts *shifts, size_t n_frames, GError **error);
void cs_shifts_clear(CsShifts *shifts);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsShifts, cs_shifts_clear)

G_END_DECLS
