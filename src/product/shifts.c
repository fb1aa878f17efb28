/* Shifts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/shifts.h"

#include "core/alloc.h"

bool
cs_shifts_resize(CsShifts *shifts, size_t n_frames, GError **error)
{
    CsShift *shift
        = cs_try_alloc(n_frames, sizeof *shift, "the shifts", error);

    if (shift == NULL)
        return false;
    g_free(shifts->shift);
    *shifts = (CsShifts) { n_frames, shift };
    return true;
}

void
cs_shifts_clear(CsShifts *shifts)
{
    g_free(shifts->shift);
    *shifts = (CsShifts) CS_SHIFTS_INIT;
}
