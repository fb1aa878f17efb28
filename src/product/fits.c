/* Fits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/fits.h"

void
cs_fits_clear(CsFits *fits)
{
    g_free(fits->recording);
    g_free(fits->coating);
    g_free(fits->fit);
    *fits = (CsFits) CS_FITS_INIT;
}
