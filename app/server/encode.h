/* A frame as 16-bit values: docs/api.md. Pure.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "coatscope/frame.h"
#include "server/frames.h"

/* What the header says besides the values. */
typedef struct {
    double   time_s, duration_s, bias_V, current_A, dose_e_per_A2;
    uint32_t time_source, flags;
} CsFrameFacts;

/* Header and values of the part that is asked for, which lies within the
 * frame. Errors: CS_ERROR_LIMIT. */
GBytes *cs_frame_encode(const CsFrame *frame, const CsFrameAsk *ask,
                        const CsFrameFacts *facts, GError **error);
