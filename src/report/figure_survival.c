/* How long coatings stay whole: Kaplan and Meier's curves over time, strain
 * and dose; and every particle by thickness and strain.
 *
 * A coating that is slower is stretched later: over time alone it seems the
 * tougher one. So the same particles are shown over all three clocks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/stats.h"
#include "core/text.h"
#include "report/figure.h"
#include "report/plot.h"

enum { WIDTH = 760, PANEL = 300, N_CLOCKS = 3, MOST_FIRST = 10 };

/* One particle whose coating could be told. */
typedef struct {
    size_t coating;
    double until[N_CLOCKS]; /* time, strain, dose; NAN: not known            */
    double thickness_nm;    /* at first; NAN: not known                      */
    bool   broke;
} Life;

typedef struct {
    GArray    *life;
    GPtrArray *coating; /* names, lent                                       */
    CsLegend   legend;
} Lives;

static const char *const clock_names[N_CLOCKS]
    = { "Time (s)", "Hoop strain (%)", "Dose (e/Å^2)" };

/* ---- Gathering --------------------------------------------------------- */

static size_t
coating_of(Lives *lives, const CsMeasures *table)
{
    const char *name = table->coating != NULL && table->coating[0] != '\0'
                           ? table->coating : table->recording;

    for (guint i = 0; i < lives->coating->len; i++)
        if (strcmp(lives->coating->pdata[i], name) == 0)
            return i;
    g_ptr_array_add(lives->coating, (void *) name);
    cs_legend_count(&lives->legend, name);
    return lives->coating->len - 1;
}

static const CsMeasure *
row_at(const CsMeasures *table, int particle_id, size_t frame)
{
    for (size_t i = 0; i < table->n; i++)
        if (table->row[i].particle_id == particle_id
            && table->row[i].frame == frame)
            return &table->row[i];
    return NULL;
}

static double
strain_percent(const CsMeasure *m)
{
    double ratio = m->volume_ratio > 0 ? cbrt(m->volume_ratio)
                                       : sqrt(m->expansion);

    return 100 * (ratio - 1);
}

/* Mean over the first frames in which the coating was told from the core. */
static double
first_thickness(const CsMeasures *table, int particle_id)
{
    double sum = 0;
    int n = 0;

    for (size_t i = 0; i < table->n && n < MOST_FIRST; i++) {
        const CsMeasure *m = &table->row[i];

        if (m->particle_id != particle_id || !(m->coat_thickness_nm > 0))
            continue;
        sum += m->coat_thickness_nm;
        n++;
    }
    return n > 0 ? sum / n : NAN;
}

static bool
is_counted(const CsFits *fits, int particle_id)
{
    for (size_t i = 0; fits != NULL && i < fits->n; i++)
        if (fits->fit[i].particle_id == particle_id)
            return fits->fit[i].quality == 0;
    return fits == NULL;
}

static void
take(Lives *lives, const CsResultsItem *item, const CsVerdict *v)
{
    bool broke = v->kind == CS_VERDICT_BROKEN;
    size_t frame = broke ? v->break_frame_hi : v->last_frame;
    const CsMeasure *m = row_at(item->measures, v->particle_id, frame);
    Life life = {
        .broke = broke,
        .thickness_nm = first_thickness(item->measures, v->particle_id),
    };

    if (v->kind == CS_VERDICT_CANNOT_TELL || m == NULL
        || !is_counted(item->fits, v->particle_id))
        return;
    life.coating = coating_of(lives, item->measures);
    life.until[0] = m->time_s;
    life.until[1] = broke ? 100 * v->strain_at_break : strain_percent(m);
    life.until[2] = m->dose_e_per_A2;
    g_array_append_val(lives->life, life);
}

static void
gather(const CsResultsInput *input, Lives *lives)
{
    *lives = (Lives) {
        .life = g_array_new(FALSE, FALSE, sizeof(Life)),
        .coating = g_ptr_array_new(),
    };
    for (size_t i = 0; i < input->n; i++) {
        const CsResultsItem *item = &input->item[i];

        if (item->measures->in_pixels || item->verdicts == NULL
            || cs_item_is_picture(item))
            continue;
        for (size_t k = 0; k < item->verdicts->n; k++)
            take(lives, item, &item->verdicts->verdict[k]);
    }
}

static void
clear(Lives *lives)
{
    g_array_unref(lives->life);
    g_ptr_array_unref(lives->coating);
}

/* ---- Curves over one clock --------------------------------------------- */

/* The lives of a coating over a clock; to has room for all. */
static size_t
lives_over(const Lives *lives, size_t coating, int clock, CsLifetime *to)
{
    size_t n = 0;

    for (guint i = 0; i < lives->life->len; i++) {
        const Life *l = &g_array_index(lives->life, Life, i);

        if (l->coating == coating && isfinite(l->until[clock]))
            to[n++] = (CsLifetime) { fmax(l->until[clock], 0), l->broke };
    }
    return n;
}

/* Columns: clock, share. Then, after two blank lines, those that were whole
 * when last seen, on the curve. */
static bool
add_curve(GString *body, size_t coating, int clock, const CsLifetime *life,
          size_t n, GError **error)
{
    g_auto(CsSurvival) s = CS_SURVIVAL_INIT;
    double last = 0;

    if (n > 0 && !cs_survival_fit(life, n, 0.95, &s, error))
        return false;
    g_string_append_printf(body, "$s%zu_%d << EOD\n", coating, clock);
    g_string_append(body, n > 0 ? "0 1\n" : "NaN NaN\n");
    for (size_t i = 0; i < s.n; i++)
        g_string_append_printf(body, "%.9g %.9g\n", s.step[i].time,
                               s.step[i].survival);
    for (size_t i = 0; i < n; i++)
        last = fmax(last, life[i].until);
    if (n > 0)
        g_string_append_printf(
            body, "%.9g %.9g\n", last,
            cs_survival_at(&s, INFINITY, n, 0.95).survival);
    g_string_append(body, "\n\nNaN NaN\n");
    for (size_t i = 0; i < n; i++)
        if (!life[i].broke)
            g_string_append_printf(
                body, "%.9g %.9g\n", life[i].until,
                cs_survival_at(&s, life[i].until, n, 0.95).survival);
    g_string_append(body, "EOD\n");
    return true;
}

static bool
is_known(const Lives *lives, int clock)
{
    for (guint i = 0; i < lives->life->len; i++)
        if (isfinite(g_array_index(lives->life, Life, i).until[clock]))
            return true;
    return false;
}

static void
add_panel(GString *body, const Lives *lives, int clock)
{
    g_string_append_printf(body, "set xlabel '%s'\nplot ",
                           clock_names[clock]);
    for (guint c = 0; c < lives->coating->len; c++) {
        const char *colour = cs_plot_colour(c);

        g_string_append_printf(
            body,
            "$s%u_%d index 0 using 1:2 with steps lw 2 dt %u lc rgb '%s' "
            "notitle, '' index 1 using 1:2 with points pt 1 ps 0.9 lw 1.5 "
            "lc rgb '%s' notitle%s",
            c, clock, 1 + c / 7, colour, colour,
            c + 1 < lives->coating->len ? ", " : "\n");
    }
}

/* A plot of nothing, as wide as the figure: the key has room beside none. */
static void
add_key(GString *body, const Lives *lives, int height)
{
    cs_legend_add(body, &lives->legend, height);
    g_string_append(body,
                    "unset border\nunset tics\nunset xlabel\nunset ylabel\n"
                    "set lmargin at screen 0.1\nset rmargin at screen 0.965\n"
                    "set xrange [0:1]\nplot ");
    for (guint c = 0; c < lives->coating->len; c++) {
        g_string_append_printf(body, "-1 with lines lw 2 dt %u lc rgb '%s'",
                               1 + c / 7, cs_plot_colour(c));
        cs_legend_add_name(body, lives->coating->pdata[c]);
        g_string_append(body, c + 1 < lives->coating->len ? ", " : "\n");
    }
}

static void
add_panels(GString *body, const Lives *lives, int height)
{
    double bottom
        = (double) (74 + cs_legend_height(&lives->legend)) / height;
    int n = 0, at = 0;

    for (int k = 0; k < N_CLOCKS; k++)
        n += is_known(lives, k);
    g_string_append_printf(
        body,
        "set multiplot\nset border 3\nset xtics nomirror out\n"
        "set ytics nomirror out\n"
        "set format y '%%g'\nunset key\nset tmargin at screen 0.965\n"
        "set bmargin at screen %.4f\nset yrange [0:1.05]\nset xrange [0:*]\n"
        "set format x '%%g'\n"
        "set xtics autofreq font ',10'\nset ylabel 'Share whole' offset 1\n",
        bottom);
    for (int k = 0; k < N_CLOCKS; k++) {
        if (!is_known(lives, k))
            continue;
        g_string_append_printf(
            body, "set lmargin at screen %.4f\nset rmargin at screen %.4f\n",
            0.1 + 0.87 * at / n, 0.1 + 0.87 * (at + 1) / n - 0.035);
        if (at > 0)
            g_string_append(body, "unset ylabel\nset format y ''\n");
        add_panel(body, lives, k);
        at++;
    }
    add_key(body, lives, height);
    g_string_append(body, "unset multiplot\n");
}

static bool
add_data(GString *body, const Lives *lives, GError **error)
{
    g_autofree CsLifetime *room
        = g_new(CsLifetime, (gsize) lives->life->len + 1);

    for (guint c = 0; c < lives->coating->len; c++)
        for (int k = 0; k < N_CLOCKS; k++)
            if (!add_curve(body, c, k, room, lives_over(lives, c, k, room),
                           error))
                return false;
    return true;
}

bool
cs_figure_survival(const CsResultsInput *input, const char *dir,
                   const CsJob *job, bool *drawn, GError **error)
{
    g_autoptr(GString) body = g_string_new(NULL);
    Lives lives;
    bool ok = true;

    gather(input, &lives);
    *drawn = lives.life->len >= 2;
    if (*drawn) {
        int height = PANEL + cs_legend_height(&lives.legend);

        ok = add_data(body, &lives, error);
        add_panels(body, &lives, height);
        ok = ok
             && cs_plot_draw("survival", WIDTH, height, body->str, dir, job,
                             error);
    }
    clear(&lives);
    return ok;
}

/* ---- Thickness and strain ---------------------------------------------- */

static bool
has_place(const Life *l)
{
    return isfinite(l->thickness_nm) && isfinite(l->until[1]);
}

/* Columns: thickness, strain; whole ones, two blank lines, broken ones. */
static void
add_places(GString *body, const Lives *lives, size_t coating)
{
    g_string_append_printf(body, "$m%zu << EOD\n", coating);
    for (int broke = 0; broke < 2; broke++) {
        g_string_append(body, broke ? "\n\nNaN NaN\n" : "NaN NaN\n");
        for (guint i = 0; i < lives->life->len; i++) {
            const Life *l = &g_array_index(lives->life, Life, i);

            if (l->coating == coating && l->broke == broke && has_place(l))
                g_string_append_printf(body, "%.9g %.9g\n", l->thickness_nm,
                                       l->until[1]);
        }
    }
    g_string_append(body, "EOD\n");
}

static void
add_map(GString *body, const Lives *lives, int height)
{
    for (guint c = 0; c < lives->coating->len; c++)
        add_places(body, lives, c);
    g_string_append_printf(
        body,
        "set lmargin at screen 0.1\nset rmargin at screen 0.965\n"
        "set tmargin at screen 0.965\nset bmargin at screen %.4f\n"
        "set xrange [0:*]\nset yrange [0<*:*]\n"
        "set offsets graph 0, graph 0.06, graph 0.06, graph 0.04\n"
        "set xlabel 'Thickness of the coating at first (nm)'\n"
        "set ylabel 'Hoop strain (%%)' offset 1\n",
        (74.0 + cs_legend_height(&lives->legend)) / height);
    cs_legend_add(body, &lives->legend, height);
    g_string_append(body, "plot ");
    for (guint c = 0; c < lives->coating->len; c++) {
        g_string_append_printf(
            body,
            "$m%u index 0 using 1:2 with points pt 6 ps 1.2 lw 1.8 "
            "lc rgb '%s' notitle, '' index 1 using 1:2 with points pt 2 "
            "ps 1.2 lw 2.4 lc rgb '%s' notitle, NaN with points pt 5 "
            "lc rgb '%s'", c, cs_plot_colour(c), cs_plot_colour(c),
            cs_plot_colour(c));
        cs_legend_add_name(body, lives->coating->pdata[c]);
        g_string_append(body, c + 1 < lives->coating->len ? ", " : "\n");
    }
}

bool
cs_figure_breakage(const CsResultsInput *input, const char *dir,
                   const CsJob *job, bool *drawn, GError **error)
{
    g_autoptr(GString) body = g_string_new(NULL);
    size_t n = 0;
    Lives lives;
    bool ok = true;

    gather(input, &lives);
    for (guint i = 0; i < lives.life->len; i++)
        n += has_place(&g_array_index(lives.life, Life, i));
    *drawn = n >= 2;
    if (*drawn) {
        int height = 380 + cs_legend_height(&lives.legend);

        add_map(body, &lives, height);
        ok = cs_plot_draw("breakage", WIDTH, height, body->str, dir, job,
                          error);
    }
    clear(&lives);
    return ok;
}
