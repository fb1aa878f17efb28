/* Dice.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/stats.h"

static guint64
mix(guint64 z)
{
    z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static guint64
next(CsDice *dice)
{
    return mix(dice->state += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15));
}

void
cs_dice_seed(CsDice *dice, guint64 seed, guint64 stream)
{
    dice->state = mix(mix(seed + 1) ^ (stream * G_GUINT64_CONSTANT(
                                           0xd1b54a32d192ed03)));
}

double
cs_dice_uniform(CsDice *dice)
{
    return ((double) (next(dice) >> 11) + 0.5) * 0x1p-53;
}

size_t
cs_dice_below(CsDice *dice, size_t n)
{
    /* below 1e-9 off uniform for up to 1e7 */
    return (size_t) (cs_dice_uniform(dice) * (double) n);
}

double
cs_dice_gauss(CsDice *dice)
{
    double u = cs_dice_uniform(dice);

    return sqrt(-2 * log(u)) * cos(2 * G_PI * cs_dice_uniform(dice));
}
