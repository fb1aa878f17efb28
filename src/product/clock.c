/* Clocks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/clock.h"

#include <stdlib.h>

#include "core/alloc.h"

const char *
cs_time_source_name(CsTimeSource source)
{
    static const char *const names[] = {
        [CS_TIME_NONE] = "none",
        [CS_TIME_ASSUMED] = "assumed",
        [CS_TIME_INTERPOLATED] = "interpolated",
        [CS_TIME_MEASURED] = "measured",
    };

    return names[source];
}

bool
cs_clock_resize(CsClock *clock, size_t n_frames, GError **error)
{
    g_auto(CsClock) fresh = CS_CLOCK_INIT;
    CsClock old = *clock;

    fresh.n_frames = n_frames;
    fresh.start_s = cs_try_alloc(n_frames, sizeof(double), "the clock", error);
    if (fresh.start_s == NULL)
        return false;
    fresh.duration_s
        = cs_try_alloc(n_frames, sizeof(double), "the clock", error);
    if (fresh.duration_s == NULL)
        return false;
    fresh.source
        = cs_try_alloc(n_frames, sizeof(CsTimeSource), "the clock", error);
    if (fresh.source == NULL)
        return false;
    for (size_t i = 0; i < n_frames; i++)
        fresh.start_s[i] = fresh.duration_s[i] = NAN;

    *clock = fresh;
    fresh = old;
    return true;
}

void
cs_clock_fill(CsClock *clock, double interval_s, double duration_s,
              CsTimeSource source)
{
    for (size_t i = 0; i < clock->n_frames; i++) {
        clock->start_s[i] = (double) i * interval_s;
        clock->duration_s[i] = duration_s;
        clock->source[i] = source;
    }
}

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

double
cs_clock_median_interval(const CsClock *clock)
{
    g_autofree double *step = g_new(double, clock->n_frames + 1);
    size_t n = 0;

    for (size_t i = 1; i < clock->n_frames; i++) {
        double s = clock->start_s[i] - clock->start_s[i - 1];

        if (isfinite(s))
            step[n++] = s;
    }
    if (n == 0)
        return NAN;
    qsort(step, n, sizeof *step, by_value);
    return n % 2 == 1 ? step[n / 2] : (step[n / 2 - 1] + step[n / 2]) / 2;
}

/* ---- What is odd ----------------------------------------------------------- */

/* A step this many times the usual one is a gap, or frames are missing. */
static const double gap_factor = 1.5;
/* One longer by this share of it is late, and by this many sd of the steps. */
static const double late_share = 0.2;
static const double late_sd = 6;
/* Missing frames leave a whole number of steps to within this share. */
static const double whole_share = 0.2;

const char *
cs_clock_oddity_name(CsClockOddity oddity)
{
    static const char *const names[] = {
        [CS_CLOCK_BACK] = "time-backwards",
        [CS_CLOCK_STILL] = "frame-doubled",
        [CS_CLOCK_LATE] = "frame-late",
        [CS_CLOCK_DROPPED] = "frames-dropped",
        [CS_CLOCK_GAP] = "gap",
    };

    return names[oddity];
}

/* sd of the steps by their median absolute deviation. */
static double
jitter_s(const CsClock *clock, double usual_s)
{
    g_autofree double *off = g_new(double, clock->n_frames + 1);
    size_t n = 0;

    for (size_t i = 1; i < clock->n_frames; i++) {
        double s = fabs(clock->start_s[i] - clock->start_s[i - 1] - usual_s);

        if (isfinite(s))
            off[n++] = s;
    }
    if (n == 0)
        return NAN;
    qsort(off, n, sizeof *off, by_value);
    return 1.4826 * off[n / 2];
}

static bool
judge(double step_s, double usual_s, double late_s, CsClockOddity *what)
{
    double steps = step_s / usual_s;

    if (!isfinite(step_s))
        return false;
    if (!(step_s > 0))
        *what = step_s < 0 ? CS_CLOCK_BACK : CS_CLOCK_STILL;
    else if (steps > gap_factor)
        *what = fabs(steps - round(steps)) <= whole_share ? CS_CLOCK_DROPPED
                                                          : CS_CLOCK_GAP;
    else if (step_s - usual_s > late_s)
        *what = CS_CLOCK_LATE;
    else
        return false;
    return true;
}

CsClockOdd *
cs_clock_look(const CsClock *clock, size_t *n)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(CsClockOdd));
    double usual_s = cs_clock_median_interval(clock);
    double late_s = fmax(late_share * usual_s,
                         late_sd * jitter_s(clock, usual_s));

    for (size_t i = 1; i < clock->n_frames; i++) {
        CsClockOdd odd = { .frame = i, .usual_s = usual_s };

        odd.step_s = clock->start_s[i] - clock->start_s[i - 1];
        if (judge(odd.step_s, usual_s, late_s, &odd.what))
            g_array_append_val(found, odd);
    }
    *n = found->len;
    return (CsClockOdd *) (void *) g_array_free(g_steal_pointer(&found),
                                                FALSE);
}

void
cs_clock_clear(CsClock *clock)
{
    g_free(clock->start_s);
    g_free(clock->duration_s);
    g_free(clock->source);
    *clock = (CsClock) CS_CLOCK_INIT;
}
