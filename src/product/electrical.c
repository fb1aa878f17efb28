/* Bias and current: clearing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/electrical.h"

void
cs_electrical_clear(CsElectrical *electrical)
{
    g_free(electrical->source);
    g_free(electrical->format);
    g_free(electrical->sample);
    g_free(electrical->frame);
    g_free(electrical->event);
    *electrical = (CsElectrical) CS_ELECTRICAL_INIT;
}
