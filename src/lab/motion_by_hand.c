/* Motion by hand: says what to turn and by how much; a person does it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "coatscope/error.h"
#include "lab/motion_driver.h"

typedef struct {
    CsMotionAsk ask;
    void       *user;
} Hands;

static const char *const axes[CS_N_AXES] = { "x", "y", "z" };

static bool
open_hands(const CsMotionSetting *setting, void **state,
           CsMotionLimits *limits, GError **error)
{
    Hands *h;

    if (setting->ask == NULL)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "by-hand needs someone to ask");
    h = g_new(Hands, 1);
    *h = (Hands) { setting->ask, setting->user };
    *state = h;
    *limits = (CsMotionLimits) {
        .step_typical_nm = 200, .step_most_nm = 1000, .burst_most = 20,
        .fine_range_nm = 1500, .tilt_most_deg = 30, .settle_s = 10,
    };
    return true;
}

static bool
coarse(void *state, CsMotionAxis axis, int steps, GError **error)
{
    Hands *h = state;
    g_autofree char *what
        = g_strdup_printf("Needle's slider, axis %s: %d step%s %s", axes[axis],
                          abs(steps), abs(steps) == 1 ? "" : "s",
                          steps > 0 ? "forward" : "back");

    return h->ask(what, h->user, error);
}

static bool
fine(void *state, CsMotionAxis axis, double to_nm, GError **error)
{
    Hands *h = state;
    g_autofree char *what = g_strdup_printf(
        "Needle's piezo, axis %s: to %+.1f nm", axes[axis], to_nm);

    return h->ask(what, h->user, error);
}

static bool
tilt(void *state, double to_deg, GError **error)
{
    Hands *h = state;
    g_autofree char *what
        = g_strdup_printf("Holder: tilt to %+.1f degrees", to_deg);

    return h->ask(what, h->user, error);
}

static bool
height(void *state, double by_nm, GError **error)
{
    Hands *h = state;
    g_autofree char *what = g_strdup_printf("Holder: %s by %.2f µm",
                                            by_nm > 0 ? "up" : "down",
                                            fabs(by_nm) / 1e3);

    return h->ask(what, h->user, error);
}

static bool
retract(void *state, GError **error)
{
    Hands *h = state;

    return h->ask("Needle: back by 20 steps of the slider at least; piezo and "
                  "tilt to 0", h->user, error);
}

const CsMotionEntry cs_motion_by_hand = {
    .driver = {
        .name = "by-hand", .coarse = coarse, .fine = fine, .tilt = tilt,
        .height = height, .retract = retract, .close = g_free,
    },
    .open = open_hands,
};
