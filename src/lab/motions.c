/* Motion: the table of drivers, and what all of them share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "coatscope/error.h"
#include "lab/motion_driver.h"

static const CsMotionEntry *const entries[] = {
    &cs_motion_simulated,
    &cs_motion_by_hand,
};

static const char *const names[G_N_ELEMENTS(entries) + 1] = {
    "simulated", "by-hand", NULL,
};

struct CsMotion {
    const CsMotionDriver *driver;
    void          *state;
    CsMotionLimits limits;
    double         fine_nm[CS_N_AXES];
    double         tilt_deg;
    bool           is_safe;
};

enum { TRIES = 3 };

const char *const *
cs_motion_drivers(void)
{
    return names;
}

void
cs_motion_free(CsMotion *m)
{
    if (m == NULL)
        return;
    if (m->driver->close != NULL)
        m->driver->close(m->state);
    g_free(m);
}

static CsMotion *
open_entry(const CsMotionEntry *entry, const CsMotionSetting *setting,
           GError **error)
{
    CsMotion *m = g_new0(CsMotion, 1);

    m->driver = &entry->driver;
    if (entry->open(setting, &m->state, &m->limits, error))
        return m;
    g_free(m);
    return NULL;
}

CsMotion *
cs_motion_open(const char *name, const CsMotionSetting *setting,
               GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(entries); i++)
        if (g_strcmp0(entries[i]->driver.name, name) == 0)
            return open_entry(entries[i], setting, error);
    cs_fail(error, CS_ERROR_ARGUMENT,
            "no driver of motion is called \"%.40s\"; there are simulated and "
            "by-hand", name);
    return NULL;
}

const CsMotionLimits *
cs_motion_limits(const CsMotion *m)
{
    return &m->limits;
}

const char *
cs_motion_driver(const CsMotion *m)
{
    return m->driver->name;
}

static bool
may_move(const CsMotion *m, GError **error)
{
    return !m->is_safe
           || cs_fail(error, CS_ERROR_ARGUMENT,
                      "the needle was retracted for safety: nothing moves");
}

bool
cs_motion_coarse(CsMotion *m, CsMotionAxis axis, int steps, GError **error)
{
    if (!may_move(m, error))
        return false;
    if (steps < -(int) m->limits.burst_most
        || steps > (int) m->limits.burst_most)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%d steps of the slider; allowed are up to %u in one go",
                       steps, m->limits.burst_most);
    return steps == 0 || m->driver->coarse(m->state, axis, steps, error);
}

bool
cs_motion_fine(CsMotion *m, CsMotionAxis axis, double to_nm, GError **error)
{
    if (!may_move(m, error))
        return false;
    if (!(fabs(to_nm) <= m->limits.fine_range_nm))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "the piezo cannot go to %g nm; allowed is -%g to %g nm",
                       to_nm, m->limits.fine_range_nm,
                       m->limits.fine_range_nm);
    if (!m->driver->fine(m->state, axis, to_nm, error))
        return false;
    m->fine_nm[axis] = to_nm;
    return true;
}

double
cs_motion_fine_nm(const CsMotion *m, CsMotionAxis axis)
{
    return m->fine_nm[axis];
}

bool
cs_motion_tilt(CsMotion *m, double to_deg, GError **error)
{
    if (!may_move(m, error))
        return false;
    if (!(fabs(to_deg) <= m->limits.tilt_most_deg))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "a tilt of %g deg; allowed is -%g to %g deg", to_deg,
                       m->limits.tilt_most_deg, m->limits.tilt_most_deg);
    if (!m->driver->tilt(m->state, to_deg, error))
        return false;
    m->tilt_deg = to_deg;
    return true;
}

double
cs_motion_tilt_deg(const CsMotion *m)
{
    return m->tilt_deg;
}

bool
cs_motion_height(CsMotion *m, double by_nm, GError **error)
{
    if (!may_move(m, error))
        return false;
    if (!(fabs(by_nm) <= 1e6))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "a change of height by %g nm; allowed is up to 1e6 nm",
                       by_nm);
    return m->driver->height(m->state, by_nm, error);
}

bool
cs_motion_make_safe(CsMotion *m, GError **error)
{
    bool back = false;

    for (int i = 0; i < TRIES && !back; i++)
        back = m->driver->retract(m->state, i + 1 < TRIES ? NULL : error);
    if (back) {
        m->is_safe = true;
        for (int i = 0; i < CS_N_AXES; i++)
            m->fine_nm[i] = 0;
        m->tilt_deg = 0;
    }
    return back;
}

bool
cs_motion_is_safe(const CsMotion *m)
{
    return m->is_safe;
}

void
cs_motion_ready(CsMotion *m)
{
    m->is_safe = false;
}
