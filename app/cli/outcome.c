/* The outcome of a measurement in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/outcome.h"

#include <math.h>

#include "coatscope/results.h"

enum { MAX_LINES = 20, N_STATES = CS_OUTLINE_FAINT + 1 };

/* One particle: its rows, and which of them have an area. */
typedef struct {
    const CsMeasure *row;
    size_t           n_rows;
    size_t           n_measured;
    const CsMeasure *last; /* with an area; NULL: never outlined */
} Track;

typedef struct {
    size_t n;
    size_t n_outlined;
    size_t n_state[N_STATES]; /* of single pictures */
} Count;

/* The track that begins at row i. */
static Track
track_at(const CsMeasures *m, size_t i)
{
    Track t = { .row = &m->row[i] };

    for (; i < m->n && m->row[i].particle_id == t.row->particle_id; i++) {
        t.n_rows++;
        if (!isfinite(m->row[i].area_nm2))
            continue;
        t.n_measured++;
        t.last = &m->row[i];
    }
    return t;
}

static Count
count(const CsMeasures *m)
{
    Count c = { 0 };

    for (size_t i = 0; i < m->n;) {
        Track t = track_at(m, i);

        c.n++;
        c.n_outlined += t.last != NULL;
        if (t.last != NULL)
            c.n_state[t.last->state]++;
        i += t.n_rows;
    }
    return c;
}

/* "6025 ± 87 nm²", with two digits of the deviation. */
static void
add_area(GString *text, double area, double sd, const char *unit)
{
    int n_decimals = area >= 100 ? 0 : 1;

    if (sd > 0)
        n_decimals = CLAMP(1 - (int) floor(log10(sd)), 0, 4);
    g_string_append_printf(text, "%.*f", n_decimals, area);
    if (sd > 0)
        g_string_append_printf(text, " ± %.*f", n_decimals, sd);
    g_string_append_printf(text, " %s", unit);
}

/* ---- A film ---------------------------------------------------------------- */

/* That of the report and of particles.csv; where it is empty there, why. */
static void
add_final(GString *text, const Track *t)
{
    double expansion, sd;

    cs_final_expansion(t->row, t->n_rows, &expansion, &sd);
    if (isfinite(expansion)) {
        g_string_append_printf(text, "; final A/A0 = %.3f", expansion);
        if (isfinite(sd))
            g_string_append_printf(text, " ± %.3f", sd);
    } else if (t->last->expansion > 0) {
        g_string_append_printf(text, "; no final A/A0: no growth is seen "
                               "in the %" G_GSIZE_FORMAT
                               " frame%s measured (%d would tell)",
                               t->n_measured, t->n_measured == 1 ? "" : "s",
                               CS_LEAST_FOR_FINAL);
    }
    g_string_append_c(text, '\n');
}

static void
add_film(GString *text, const Track *t, const char *unit)
{
    const CsMeasure *m = t->last;

    g_string_append_printf(text, "  particle %d: ", m->particle_id);
    if (m->expansion > 0) {
        g_string_append(text, "A0 = ");
        add_area(text, m->area_nm2 / m->expansion, NAN, unit);
        g_string_append(text, " → ");
    }
    add_area(text, m->area_nm2, m->area_sd_nm2, unit);
    if (isfinite(m->time_s))
        g_string_append_printf(text, " at %.6g s", m->time_s);
    g_string_append_printf(text, " (frame %" G_GSIZE_FORMAT "%s%s)",
                           m->frame, m->state != CS_OUTLINE_OK ? ", " : "",
                           m->state != CS_OUTLINE_OK
                               ? cs_outline_state_name(m->state) : "");
    add_final(text, t);
}

/* ---- A picture ------------------------------------------------------------- */

static void
add_picture(GString *text, const Track *t, const char *unit)
{
    g_string_append_printf(text, "  particle %d: ", t->row->particle_id);
    add_area(text, t->last->area_nm2, t->last->area_sd_nm2, unit);
    g_string_append_printf(text, ", %s\n",
                           cs_outline_state_name(t->last->state));
}

static void
add_states(GString *text, const Count *c)
{
    const char *separator = ": ";

    for (int s = CS_OUTLINE_OK; s < N_STATES; s++)
        if (c->n_state[s] > 0) {
            g_string_append_printf(text, "%s%" G_GSIZE_FORMAT " %s", separator,
                                   c->n_state[s],
                                   cs_outline_state_name((CsOutlineState) s));
            separator = ", ";
        }
}

/* ---- Both ------------------------------------------------------------------ */

static void
add_head(GString *text, const CsRecordingInfo *info, const Count *c)
{
    g_string_append_printf(text, "%s: %" G_GSIZE_FORMAT " frame%s, %"
                           G_GSIZE_FORMAT " particle%s", info->name,
                           info->n_frames, info->n_frames == 1 ? "" : "s",
                           c->n_outlined, c->n_outlined == 1 ? "" : "s");
    if (info->n_frames == 1)
        add_states(text, c);
    if (c->n > c->n_outlined)
        g_string_append_printf(text, " (and %" G_GSIZE_FORMAT " found but not "
                               "outlined in any frame)",
                               c->n - c->n_outlined);
    g_string_append_c(text, '\n');
}

void
cs_outcome_text(const CsRecordingInfo *info, const CsMeasures *measures,
                GString *text)
{
    const char *unit = measures->in_pixels ? "px²" : "nm²";
    Count c = count(measures);
    size_t n_lines = 0;

    add_head(text, info, &c);
    for (size_t i = 0; i < measures->n;) {
        Track t = track_at(measures, i);

        i += t.n_rows;
        if (t.last == NULL || n_lines == MAX_LINES)
            continue;
        n_lines++;
        if (info->n_frames == 1)
            add_picture(text, &t, unit);
        else
            add_film(text, &t, unit);
    }
    if (c.n_outlined > n_lines)
        g_string_append_printf(text, "  and %" G_GSIZE_FORMAT " more: "
                               "areas.csv has them all\n",
                               c.n_outlined - n_lines);
}
