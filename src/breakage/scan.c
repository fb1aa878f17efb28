/* Means of arcs before and after, everywhere.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "breakage/scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/stats.h"
#include "core/alloc.h"

enum { FULL = 128, MOST_SAMPLES = 20000 };

const size_t cs_scan_width[CS_SCAN_WIDTHS]
    = { 2, 3, 4, 5, 6, 8, 12, 18, 28 };
const size_t cs_scan_window[CS_SCAN_WINDOWS] = { 3, 6, 12 };

/* Running sums over frames of the arcs of one width; row 0 is 0. */
typedef struct {
    const CsTable *table;
    size_t         width;
    double        *sum;   /* (n_frames + 1) * n_angles */
    double        *count; /* the same                  */
    double        *sample;
    size_t         n_samples;
    double       *noise; /* n_frames: variance over the usual one, >= 1      */
} Sums;

double
cs_arc_mean(const CsTable *table, size_t frame, size_t angle, size_t width)
{
    const double *row = table->value + frame * table->n_angles;
    size_t first = angle + table->n_angles - width / 2;
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < width; i++) {
        double v = row[(first + i) % table->n_angles];

        if (isfinite(v)) {
            sum += v;
            n++;
        }
    }
    return 2 * n >= width && n > 0 ? sum / (double) n : NAN;
}

static void
fill_sums(Sums *s)
{
    size_t n = s->table->n_angles;

    memset(s->sum, 0, n * sizeof *s->sum);
    memset(s->count, 0, n * sizeof *s->count);
    for (size_t f = 0; f < s->table->n_frames; f++)
        for (size_t k = 0; k < n; k++) {
            double mean = cs_arc_mean(s->table, f, k, s->width);
            bool   known = isfinite(mean);

            s->sum[(f + 1) * n + k] = s->sum[f * n + k] + (known ? mean : 0);
            s->count[(f + 1) * n + k] = s->count[f * n + k] + known;
        }
}

/* The mean over frames first … end - 1; NAN where under half are known. */
static double
mean_over(const Sums *s, size_t first, size_t end, size_t angle)
{
    size_t n = s->table->n_angles;
    double count = s->count[end * n + angle] - s->count[first * n + angle];

    if (2 * count < (double) (end - first) || count < 1)
        return NAN;
    return (s->sum[end * n + angle] - s->sum[first * n + angle]) / count;
}

static double
fall_at(const Sums *s, size_t at, size_t angle, size_t window)
{
    return mean_over(s, at - window, at, angle)
           - mean_over(s, at, at + window, angle);
}

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

/* The spread of falls where most of the table is quiet: from the median of
 * their sizes. A break spoils few of them. */
static double
spread_of(Sums *s, size_t window)
{
    size_t F = s->table->n_frames, n = s->table->n_angles, seen = 0;
    size_t total = (F - 2 * window + 1) * n;
    size_t stride = total / MOST_SAMPLES + 1;

    s->n_samples = 0;
    for (size_t at = window; at + window <= F; at++)
        for (size_t k = 0; k < n; k++) {
            double fall;

            if (seen++ % stride != 0)
                continue;
            fall = fall_at(s, at, k, window);
            if (isfinite(fall))
                s->sample[s->n_samples++] = fabs(fall);
        }
    if (s->n_samples < 8)
        return NAN;
    qsort(s->sample, s->n_samples, sizeof *s->sample, by_value);
    return 1.4826 * s->sample[s->n_samples / 2];
}

/* Neighbouring arcs and moments overlap: about this many are independent. */
static double
needed_for(const Sums *s, size_t window)
{
    double moments = (double) (s->table->n_frames - 2 * window) + 1;
    double looks = (double) s->table->n_angles / (double) s->width
                   * MAX(moments / (double) window, 1) * 4;

    return cs_normal_quantile(1 - 0.001 / MAX(looks, 1));
}

/* Rings are not equally noisy in all frames: a coating that thins, or whose
 * contour is lost, shows less depth and as much noise. Each frame's variance,
 * from the median of its deviations from 1, over the median of all. */
static void
fill_noise(Sums *s)
{
    size_t n = s->table->n_angles, F = s->table->n_frames;
    size_t n_used = MIN(F, MOST_SAMPLES);
    double usual;

    for (size_t f = 0; f < F; f++) {
        size_t m = 0;

        for (size_t k = 0; k < n; k++) {
            double off = s->table->value[f * n + k] - 1;

            if (isfinite(off))
                s->sample[m++] = off * off;
        }
        qsort(s->sample, m, sizeof *s->sample, by_value);
        s->noise[f] = m > 0 ? s->sample[m / 2] : 0;
    }
    memcpy(s->sample, s->noise, n_used * sizeof *s->sample);
    qsort(s->sample, n_used, sizeof *s->sample, by_value);
    usual = n_used > 0 ? s->sample[n_used / 2] : 0;
    for (size_t f = 0; f < F; f++)
        s->noise[f] = usual > 0 ? fmax(s->noise[f] / usual, 1) : 1;
}

/* By how much the sd of a fall at that moment is larger than the usual one. */
static double
noise_at(const Sums *s, size_t at, size_t window)
{
    double sum = 0;

    for (size_t f = at - window; f < at + window; f++)
        sum += s->noise[f];
    return sqrt(sum / (double) (2 * window));
}

/* The same for three of four of the moments looked at. */
static double
usual_noise(Sums *s, const CsScanRange *range, size_t window)
{
    size_t end = MIN(range->end, s->table->n_frames + 1 - window), m = 0;

    for (size_t at = MAX(window, range->first); at < end && m < MOST_SAMPLES;
         at++)
        s->sample[m++] = noise_at(s, at, window);
    qsort(s->sample, m, sizeof *s->sample, by_value);
    return m > 0 ? s->sample[3 * (m - 1) / 4] : 1;
}

static void
find_best(const Sums *s, size_t window, const CsScanRange *range,
          double spread, double needed, CsFall *best)
{
    size_t end = MIN(range->end, s->table->n_frames + 1 - window);

    for (size_t at = MAX(window, range->first); at < end; at++)
        for (size_t k = 0; k < s->table->n_angles; k++) {
            double sd = spread * noise_at(s, at, window);
            double fall = fall_at(s, at, k, window), z = fall / sd;

            if (!(z - needed > best->z - best->needed) && isfinite(best->z))
                continue;
            if (!(fall >= range->least))
                continue;
            *best = (CsFall) {
                .at = at, .angle = k, .width = s->width, .window = window,
                .before = mean_over(s, at - window, at, k),
                .after = mean_over(s, at, at + window, k),
                .fall = fall, .sd = sd, .z = z, .needed = needed,
            };
        }
}

static bool
sums_init(const CsTable *table, Sums *s, GError **error)
{
    size_t n = (table->n_frames + 1) * table->n_angles;

    s->table = table;
    s->sum = cs_try_alloc(2 * n + MOST_SAMPLES + table->n_angles
                              + table->n_frames + 1,
                          sizeof *s->sum, "the scan", error);
    if (s->sum == NULL)
        return false;
    s->count = s->sum + n;
    s->sample = s->count + n;
    s->noise = s->sample + MOST_SAMPLES + table->n_angles + 1;
    return true;
}

static size_t
width_of(size_t i, const CsTable *table)
{
    return MAX(cs_scan_width[i] * table->n_angles / FULL, 1);
}

bool
cs_scan_falls(const CsTable *table, const CsScanRange *range, CsScan *scan,
              GError **error)
{
    Sums s = { 0 };

    *scan = (CsScan) { .best.z = NAN };
    if (!sums_init(table, &s, error))
        return false;
    fill_noise(&s);
    for (size_t i = 0; i < CS_SCAN_WIDTHS; i++) {
        s.width = width_of(i, table);
        fill_sums(&s);
        for (size_t j = 0; j < CS_SCAN_WINDOWS; j++) {
            size_t window = cs_scan_window[j];

            scan->sd[i][j] = scan->needed[i][j] = NAN;
            if (table->n_frames < 2 * window)
                continue;
            scan->sd[i][j] = spread_of(&s, window);
            scan->needed[i][j] = needed_for(&s, window);
            if (scan->sd[i][j] > 0)
                find_best(&s, window, range, scan->sd[i][j],
                          scan->needed[i][j], &scan->best);
            scan->sd[i][j] *= usual_noise(&s, range, window);
        }
    }
    g_free(s.sum);
    return true;
}

bool
cs_scan_same(const CsTable *table, const CsFall *where, CsFall *fall,
             GError **error)
{
    Sums s = { .width = where->width };

    if (!sums_init(table, &s, error))
        return false;
    *fall = *where;
    fill_sums(&s);
    fall->before = mean_over(&s, where->at - where->window, where->at,
                             where->angle);
    fall->after = mean_over(&s, where->at, where->at + where->window,
                            where->angle);
    fall->fall = fall->before - fall->after;
    fall->sd = spread_of(&s, where->window);
    fall->z = fall->fall / fall->sd;
    g_free(s.sum);
    return true;
}
