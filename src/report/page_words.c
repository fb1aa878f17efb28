/* What the report says in words: doubts and methods.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/breakage.h"
#include "config.h"
#include "core/text.h"
#include "report/page.h"
#include "results/summary.h"

static void
add_point(GString *page, const char *recording, const char *words)
{
    g_autofree char *valid = g_utf8_make_valid(words, -1);

    g_string_append(page, "<li>");
    if (recording != NULL) {
        g_string_append(page, "<b>");
        cs_page_add_name(page, recording);
        g_string_append(page, "</b>: ");
    }
    cs_text_add_html(page, valid);
    g_string_append(page, "</li>\n");
}

static void
add_notes(GString *page, const CsResultsItem *item)
{
    const CsRecordingInfo *info = cs_recording_info(item->recording);

    for (guint k = 0; info->notes != NULL && k < info->notes->len; k++)
        add_point(page, item->measures->recording, info->notes->pdata[k]);
}

/* ---- What could not be told -------------------------------------------- */

static bool
has_core(const CsMeasure *m)
{
    return isfinite(m->core_area_nm2);
}

static bool
has_verdict(const CsMeasure *m)
{
    return m->broken >= 0;
}

static bool
has_bias(const CsMeasure *m)
{
    return isfinite(m->bias_V) || isfinite(m->current_A);
}

static bool
has_dose(const CsMeasure *m)
{
    return isfinite(m->dose_e_per_A2);
}

static const struct {
    bool (*told)(const CsMeasure *m);
    const char *otherwise;
} questions[] = {
    { has_core, "The edge between core and coating was not told in any frame; "
                "areas are those of the whole particle." },
    { has_verdict, "Of no coating could it be told whether it broke." },
    { has_bias, "Bias and current are not known." },
    { has_dose, "The electron dose is not known." },
};

static bool
is_told(const CsResultsInput *input, bool (*told)(const CsMeasure *m))
{
    for (size_t i = 0; i < input->n; i++)
        for (size_t r = 0; r < input->item[i].measures->n; r++)
            if (told(&input->item[i].measures->row[r]))
                return true;
    return false;
}

/* Of all frames of all particles of a recording, how many are what; which
 * particle is it of the table above. */
static void
add_unsure(GString *page, const CsMeasures *table)
{
    g_autofree CsSummary *s = NULL;
    size_t n = cs_summarise(table, &s), n_unsure = 0;
    size_t n_state[CS_N_OUTLINE_STATES] = { 0 };
    g_autofree char *words = NULL;

    for (size_t p = 0; p < n; p++) {
        n_unsure += s[p].n_state[CS_OUTLINE_OK] < s[p].n_rows;
        for (int k = 0; k < CS_N_OUTLINE_STATES; k++)
            n_state[k] += s[p].n_state[k];
    }
    if (n_unsure == 0)
        return;
    words = g_strdup_printf(
        "%zu of %zu particles are not plain ok in all frames: of %zu outlines "
        "%zu are ok, %zu lost, %zu cut by the edge of the field, %zu "
        "overlapped, %zu faint (which: in the table of particles)",
        n_unsure, n, table->n, n_state[CS_OUTLINE_OK],
        n_state[CS_OUTLINE_LOST], n_state[CS_OUTLINE_EDGE],
        n_state[CS_OUTLINE_OVERLAP], n_state[CS_OUTLINE_FAINT]);
    add_point(page, table->recording, words);
    if (n_state[CS_OUTLINE_EDGE] > 0)
        add_point(page, table->recording,
                  "of particles that the edge of the field cuts the outline "
                  "goes on outside, where nothing is seen; their area is that "
                  "of the whole outline and rests on a guess");
}

void
cs_page_add_doubts(GString *page, const CsResultsInput *input)
{
    size_t before;

    g_string_append(page, "<section><h2>What was assumed</h2>\n<ul>\n");
    before = page->len;
    for (size_t i = 0; i < input->n; i++)
        add_notes(page, &input->item[i]);
    if (page->len == before)
        g_string_append(page, "<li>Nothing: scale and times are those of the "
                              "files.</li>\n");
    g_string_append(page, "</ul></section>\n"
                          "<section><h2>What could not be told</h2>\n<ul>\n");
    for (size_t q = 0; q < G_N_ELEMENTS(questions); q++)
        if (!is_told(input, questions[q].told))
            add_point(page, NULL, questions[q].otherwise);
    for (size_t i = 0; i < input->n; i++)
        add_unsure(page, input->item[i].measures);
    g_string_append(page, "</ul></section>\n");
}

/* ---- Methods ----------------------------------------------------------- */

static bool
is_drift_measured(const CsResultsInput *input)
{
    for (size_t i = 0; i < input->n; i++)
        if (input->item[i].shifts != NULL && input->item[i].shifts->n_frames > 1)
            return true;
    return false;
}

static bool
has_area(const CsMeasure *m)
{
    return isfinite(m->area_nm2);
}

static bool
is_traced(const CsMeasure *m)
{
    return isfinite(m->area_nm2) && !m->edited;
}

static void
add_approach(GString *page, const CsResultsInput *input)
{
    g_string_append(page, "<p>Measured with Coatscope " COATSCOPE_VERSION
                          ". ");
    if (is_drift_measured(input))
        g_string_append(page, "The drift of the field was measured on what "
                              "does not grow and applied to outlines, never "
                              "to pixels. ");
    if (!is_told(input, has_area)) {
        g_string_append(page, "No particle was measured.</p>\n");
        return;
    }
    g_string_append(page, is_told(input, is_traced)
                              ? "The outer edge of each particle was traced "
                                "in each frame as a closed, sub-pixel "
                                "contour. "
                              : "The outlines were drawn by the user. ");
    g_string_append(
        page,
        "The area is that enclosed, times the pixel size in x and in y. "
        "The expansion A/A<sub>0</sub> refers to the median area of the "
        "frames before swelling began. Bands in the figure are 95 % "
        "intervals (1.96 standard deviations) of the single frame, and "
        "too narrow where the deviations are too small.</p>\n");
}

static void
add_breakage(GString *page, const CsResultsInput *input)
{
    g_autofree char *words = cs_breakage_in_words();

    if (!is_told(input, has_verdict))
        return;
    g_string_append(
        page,
        "<p>Whether a coating broke was told from the optical depth of the "
        "rim at 128 angles, less its first two harmonics, over what the same "
        "angle showed at first. Falls of the mean of arcs of 2 to 28 angles "
        "were compared over 3, 6 and 12 frames before and after each moment; "
        "z is a fall over the spread of all falls, needed is what chance "
        "reaches in one of a thousand such recordings. ");
    cs_text_add_html(page, words);
    g_string_append(
        page,
        ". The weights were set by hand near those of a logistic regression on "
        "simulated recordings. What could have been missed is in "
        "smallest_visible_gap_nm; a crack parallel to the image plane is "
        "never seen. Survival is Kaplan and Meier’s [1] with Greenwood’s "
        "variance on the log(−log) scale; where none or all broke, the "
        "interval is Clopper and Pearson’s [2].</p>\n");
}

static void
add_kinetics(GString *page, const CsResultsInput *input)
{
    if (input->ranking == NULL)
        return;
    g_string_append(
        page,
        "<p>To each curve of A/A<sub>0</sub> laws of growth were fitted by "
        "least squares with residuals of first-order autocorrelation and "
        "compared by AICc; onset, rate and final expansion are means over "
        "the laws by their weights exp(−ΔAICc/2) [3]. The rate is 0.6 of a "
        "particle’s own change over the time from 20 to 80 % of it. "
        "Intervals of coatings are from 4000 draws of a bootstrap over "
        "sessions, particles and errors, stretched to Student’s t; coatings "
        "are compared by permutation of the logarithms of rates, within "
        "sessions where each has several coatings.</p>\n");
}

static void
add_citations(GString *page, const CsResultsInput *input)
{
    if (!is_told(input, has_verdict) && input->ranking == NULL)
        return;
    g_string_append(
        page,
        "<p>[1] E. L. Kaplan, P. Meier, J. Am. Stat. Assoc. 53, 457 (1958). "
        "[2] C. J. Clopper, E. S. Pearson, Biometrika 26, 404 (1934). "
        "[3] K. P. Burnham, D. R. Anderson, Model Selection and Multimodel "
        "Inference, 2nd ed., Springer (2002).</p>\n");
}

static void
add_settings(GString *page, const CsResultsInput *input)
{
    if (input->n_settings == 0)
        return;
    g_string_append(page, "<p>Settings: ");
    for (size_t i = 0; i < input->n_settings; i++) {
        g_string_append(page, i > 0 ? "; " : "");
        cs_page_add_name(page, input->setting[i].name);
        g_string_append(page, " ");
        cs_page_add_name(page, input->setting[i].value);
    }
    g_string_append(page, ".</p>\n");
}

void
cs_page_add_methods(GString *page, const CsResultsInput *input)
{
    g_string_append(page, "<section><h2>Methods</h2>\n");
    add_approach(page, input);
    add_breakage(page, input);
    add_kinetics(page, input);
    add_citations(page, input);
    add_settings(page, input);
    g_string_append(page, "<p>Inputs with their SHA-256, the command and all "
                          "settings are in <a href=\"provenance.json\">"
                          "provenance.json</a>.</p></section>\n");
}
