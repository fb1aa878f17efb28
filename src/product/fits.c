/* Fits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/fits.h"

const char *
cs_run_quality_name(unsigned bit)
{
    static const char *const names[CS_N_RUN_QUALITIES] = {
        "few-ok", "mostly-lost", "mostly-edge", "mostly-overlap", "unsteady",
    };

    return bit < CS_N_RUN_QUALITIES ? names[bit] : "";
}

void
cs_fits_clear(CsFits *fits)
{
    g_free(fits->recording);
    g_free(fits->coating);
    g_free(fits->fit);
    *fits = (CsFits) CS_FITS_INIT;
}
