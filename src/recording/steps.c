/* Steps in signals, and the offset that lays those of two clocks on each
 * other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "recording/electrical.h"

enum { REACH = 5 };             /* samples each side of a step             */
static const double least_sd = 6;
static const double share = 0.5; /* of the largest step                    */

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

/* sd of a sample from the differences of neighbours, which a step hardly
 * touches. */
static double
noise_of(const double *value, size_t n)
{
    g_autofree double *off = g_new(double, n);

    if (n < 2)
        return 0;
    for (size_t i = 1; i < n; i++)
        off[i - 1] = fabs(value[i] - value[i - 1]);
    qsort(off, n - 1, sizeof *off, by_value);
    return 1.4826 * off[(n - 1) / 2] / G_SQRT2;
}

/* Mean of the samples from `at` on, less that of those before it. */
static double
change_at(const double *value, size_t n, size_t at)
{
    size_t before = MIN(at, REACH), after = MIN(n - at, REACH);
    double a = 0, b = 0;

    for (size_t i = at - before; i < at; i++)
        a += value[i];
    for (size_t i = at; i < at + after; i++)
        b += value[i];
    return b / (double) after - a / (double) before;
}

/* Most of the change comes within two samples: a ramp is no step. */
static bool
is_sudden(const double *value, size_t n, size_t at, double change)
{
    double most = fabs(value[at] - value[at - 1]);

    if (at + 1 < n)
        most = fmax(most, fabs(value[at + 1] - value[at - 1]));
    return most >= share * fabs(change);
}

/* Larger than at all places within reach. */
static bool
is_peak(const double *change, size_t n, size_t at)
{
    size_t first = at > REACH ? at - REACH : 1;
    size_t last = MIN(at + REACH, n - 1);

    for (size_t i = first; i <= last; i++)
        if (fabs(change[i]) > fabs(change[at])
            || (i < at && !(fabs(change[i]) < fabs(change[at]))))
            return false;
    return true;
}

size_t
cs_steps_find(const double *value, size_t n, CsStep *steps, size_t max)
{
    g_autofree double *change = g_new0(double, n + 1);
    double least = least_sd * noise_of(value, n) * sqrt(2.0 / REACH);
    double largest = 0;
    size_t n_found = 0;

    for (size_t i = 1; i < n; i++) {
        change[i] = change_at(value, n, i);
        largest = fmax(largest, fabs(change[i]));
    }
    for (size_t i = 1; i < n && n_found < max; i++)
        if (fabs(change[i]) > least && fabs(change[i]) > share * largest
            && is_sudden(value, n, i, change[i]) && is_peak(change, n, i))
            steps[n_found++] = (CsStep) { i, change[i] };
    return n_found;
}

/* ---- Two clocks ---------------------------------------------------------------- */

static double
middle(const CsStepTime *t)
{
    return (t->lo_s + t->hi_s) / 2;
}

static double
width(const CsStepTime *t)
{
    return t->hi_s - t->lo_s;
}

/* The step of `list` that can be the same moment as `one`, moved by offset;
 * NULL if there is none. */
static const CsStepTime *
partner(const CsStepTime *one, double offset_s, const CsStepTime *list,
        size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(middle(one) + offset_s - middle(&list[i]))
            <= (width(one) + width(&list[i])) / 2 + 1e-9)
            return &list[i];
    return NULL;
}

typedef struct {
    int    score;    /* steps that match, less those that should and do not */
    double offset_s; /* mean of the pairs                                   */
    double sd_s;
} Match;

/* Steps spread evenly over their intervals: variance is width squared / 12. */
static double
variance(const CsStepTime *a, const CsStepTime *b)
{
    return (width(a) * width(a) + width(b) * width(b)) / 12;
}

static Match
try_offset(const CsStepTime *log, size_t n_log, const CsStepTime *frames,
           size_t n_frames, const CsStepTime span[2], double offset_s)
{
    Match m = { 0 };
    double sum = 0, spread = 0;
    int n = 0;

    for (size_t i = 0; i < n_log; i++) {
        const CsStepTime *other = partner(&log[i], offset_s, frames,
                                          n_frames);
        double at = middle(&log[i]) + offset_s;

        if (other != NULL) {
            sum += middle(other) - middle(&log[i]);
            spread += variance(&log[i], other);
            n++;
        } else if (at > span[1].lo_s && at < span[1].hi_s)
            m.score--;
    }
    for (size_t i = 0; i < n_frames; i++) {
        double at = middle(&frames[i]) - offset_s;

        if (partner(&frames[i], -offset_s, log, n_log) == NULL
            && at > span[0].lo_s && at < span[0].hi_s)
            m.score--;
    }
    m.score += n;
    m.offset_s = n > 0 ? sum / n : NAN;
    m.sd_s = n > 0 ? sqrt(spread) / n : NAN;
    return m;
}

bool
cs_steps_match(const CsStepTime *log, size_t n_log, const CsStepTime *frames,
               size_t n_frames, const CsStepTime span[2], double *offset_s,
               double *sd_s)
{
    Match best = { .score = 0, .offset_s = NAN };
    bool tied = false;

    for (size_t i = 0; i < n_log; i++)
        for (size_t k = 0; k < n_frames; k++) {
            Match m = try_offset(log, n_log, frames, n_frames, span,
                                 middle(&frames[k]) - middle(&log[i]));
            bool same = fabs(m.offset_s - best.offset_s)
                        <= 2 * (m.sd_s + best.sd_s) + 1e-9;

            if (m.score > best.score) {
                best = m;
                tied = false;
            } else if (m.score == best.score && !same)
                tied = true;
        }
    if (best.score < 1 || tied)
        return false;
    *offset_s = best.offset_s;
    *sd_s = best.sd_s;
    return true;
}
