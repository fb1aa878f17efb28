/* What every reader's open() does around filling its state.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/reader.h"

/* Fills the fresh state and info from the source. */
typedef bool (*CsFillFunc)(void *fresh, CsSource *source, CsSeriesInfo *info,
                           GError **error);

/* Lets fill() have the fresh state, which is taken over. Where it succeeds
 * *state and *info are set; where not they stay, and the state is closed. */
bool cs_open_filled(void *fresh, CsSource *source, CsFillFunc fill,
                    void (*close)(void *), CsSeriesInfo *info, void **state,
                    GError **error);
