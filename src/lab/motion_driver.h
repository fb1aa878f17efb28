/* What drivers of motion share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/motion.h"

/* A driver and how it begins: fills *state and *limits. */
typedef struct {
    CsMotionDriver driver;
    bool (*open)(const CsMotionSetting *setting, void **state,
                 CsMotionLimits *limits, GError **error);
} CsMotionEntry;

extern const CsMotionEntry cs_motion_simulated;
extern const CsMotionEntry cs_motion_by_hand;
