/* The parts of report.html, each a section appended to the page.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/results.h"

/* One row per recording and particle. */
void cs_page_add_summary(GString *page, const CsResultsInput *input);

/* Whether coatings broke, with the evidence; nothing where none was judged. */
void cs_page_add_verdicts(GString *page, const CsResultsInput *input);

/* One row per coating, where there are several that were ranked. */
void cs_page_add_ranking(GString *page, const CsResultsInput *input);

/* Figure 3: rows and times of cs_series_rows, as uses of the pictures that
 * cs_page_add_recording puts into the page. */
void cs_page_add_series(GString *page, const CsResultsInput *input);

/* The particles of recording number i, a section each: numbers, and frames cut
 * out around it. */
void cs_page_add_particles(GString *page, const CsResultsInput *input,
                           size_t i);

/* A viewer to leaf through what add_view appends for each of n pictures. */
typedef struct {
    const CsResultsItem *item;
    size_t               number; /* of the item */
    double               box[4]; /* what is shown: x, y, width, height, px */
    const char          *of;     /* who is shown, escaped */
} CsPageView;
void cs_page_add_view(GString *page, const CsPageView *view, size_t picture);
void cs_page_add_viewer(GString *page, const CsPageView *view,
                        const char *id);

/* "Also as SVG, PDF and PNG." */
void cs_page_add_links(GString *page, const char *name);

/* What the script needs to read the curves at any time; not seen without it. */
void cs_page_add_readout(GString *page, const CsResultsInput *input);

/* The numbers behind the curves, at up to 25 frames a particle. */
void cs_page_add_data(GString *page, const CsResultsInput *input);

/* Facts, image series and viewer of recording number i. Errors:
 * CS_ERROR_LIMIT. */
bool cs_page_add_recording(GString *page, const CsResultsInput *input,
                           size_t i, GError **error);

/* What was assumed and what could not be told; how it was done. */
void cs_page_add_doubts(GString *page, const CsResultsInput *input);
void cs_page_add_methods(GString *page, const CsResultsInput *input);

/* "1.87 ± 0.02", rounded to two digits of sd (95 % half-width is not meant);
 * "–" for NAN. */
void cs_page_add_value(GString *page, double value, double sd);

/* A recording's or coating's name, escaped; "–" for none. */
void cs_page_add_name(GString *page, const char *name);
