/* What every reader's open() does around filling its state.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/opening.h"

bool
cs_open_filled(void *fresh, CsSource *source, CsFillFunc fill,
               void (*close)(void *), CsSeriesInfo *info, void **state,
               GError **error)
{
    g_auto(CsSeriesInfo) found = CS_SERIES_INFO_INIT;

    if (!fill(fresh, source, &found, error)) {
        close(fresh);
        return false;
    }
    *state = fresh;
    *info = found;
    found = (CsSeriesInfo) CS_SERIES_INFO_INIT;
    return true;
}
