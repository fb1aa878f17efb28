/* What contact is: signs fused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/approach.h"

static const double sure_sd = 5;
/* A particle that follows by less is not held by the needle; one that touches
 * follows nearly wholly (SCIENCE 8.5). */
static const double coupled = 0.5;
static const double least_step_nm = 1, closed_nm = 2;

const char *
cs_contact_verdict_name(CsContactVerdict verdict)
{
    static const char *const names[] = { "no", "ask", "yes" };

    return names[verdict];
}

static bool
exceeds(double value, double sd, double least)
{
    return isfinite(value) && isfinite(sd) && value > least
           && value > sure_sd * sd;
}

CsContactVerdict
cs_contact_judge(const CsContactEvidence *e)
{
    bool steps = exceeds(e->step_nm, e->step_sd_nm, least_step_nm);
    bool flows = exceeds(e->current_A, e->current_sd_A, 0);
    bool darkens = exceeds(fabs(e->darkening), e->darkening_sd, 0.002);
    bool closed = isfinite(e->gap_nm)
                  && e->gap_nm < closed_nm + 2 * e->gap_sd_nm;

    if (isfinite(e->coupling))
        return e->coupling > coupled
                       && e->coupling > sure_sd * e->coupling_sd
                   ? CS_CONTACT_YES
                   : CS_CONTACT_NO;
    if (steps && flows && closed)
        return CS_CONTACT_YES;
    return steps || flows || darkens || closed ? CS_CONTACT_ASK
                                               : CS_CONTACT_NO;
}
