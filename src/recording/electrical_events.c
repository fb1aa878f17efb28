/* What a log of bias and current shows of the circuit.
 *
 * Bias: on above half of its largest value, and no less than 10 mV.
 * Short circuit: the current goes above 1 nA with the bias on (SCIENCE 5.4;
 * the current of one particle is of the order of 50 fA and never shows).
 * Contact: with the bias on and no short circuit, the current leaves the
 * level it had while the circuit was open, once and for good.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "recording/electrical.h"

static const double least_bias_V = 0.01;
static const double short_A = 1e-9;

/* The current must leave its level by so many sd, for so many samples. */
static const double contact_sd = 6;
enum { CONTACT_SAMPLES = 5, MAX_EVENTS = 1000 };

typedef struct {
    CsElectrical *e;
    double        on_V; /* the bias is on from here */
} Look;

static void add(CsElectrical *e, const char *event, size_t before, size_t at,
                const char *format, ...) G_GNUC_PRINTF(5, 6);

/* An event between samples `before` and `at`. */
static void
add(CsElectrical *e, const char *event, size_t before, size_t at,
    const char *format, ...)
{
    CsElectricalEvent *to;
    va_list args;

    if (e->n_events >= MAX_EVENTS)
        return;
    e->event = g_renew(CsElectricalEvent, e->event, e->n_events + 1);
    to = &e->event[e->n_events++];
    *to = (CsElectricalEvent) { .event = event,
                                .time_lo_s = e->sample[before].time_s,
                                .time_hi_s = e->sample[at].time_s };
    va_start(args, format);
    g_vsnprintf(to->detail, sizeof to->detail, format, args);
    va_end(args);
}

static double
largest_bias(const CsElectrical *e)
{
    double most = 0;

    for (size_t i = 0; i < e->n_samples; i++)
        most = fmax(most, fabs(e->sample[i].bias_V));
    return most;
}

static bool
is_on(const Look *look, size_t i)
{
    return fabs(look->e->sample[i].bias_V) >= look->on_V;
}

static void
find_switching(const Look *look)
{
    CsElectrical *e = look->e;
    bool was_on = false, any = false;
    size_t before = 0;

    for (size_t i = 0; i < e->n_samples; i++) {
        if (isnan(e->sample[i].bias_V))
            continue;
        if (is_on(look, i) && !was_on)
            add(e, "bias-on", any ? before : i, i, "%.4g V%s",
                e->sample[i].bias_V, any ? "" : ", on when the log begins");
        if (!is_on(look, i) && was_on)
            add(e, "bias-off", before, i, "%s", "");
        was_on = is_on(look, i);
        any = true;
        before = i;
    }
}

/* Short circuits, each with its largest current; over when the current is
 * down to half of what begins one. Where the log has no bias, the current
 * alone tells. */
static void
find_shorts(const Look *look)
{
    CsElectrical *e = look->e;
    size_t before = 0;
    double most = 0;
    bool was = false;

    for (size_t i = 0; i < e->n_samples; i++) {
        double size = fabs(e->sample[i].current_A);
        bool on = isnan(e->sample[i].bias_V) || is_on(look, i);
        bool is = on && size > (was ? short_A / 2 : short_A);

        if (isnan(size))
            continue;
        most = is ? fmax(was ? most : 0, size) : most;
        if (is && !was)
            add(e, "short-circuit", before, i, "up to %.4g A", most);
        else if (is && e->n_events > 0 && e->n_events < MAX_EVENTS)
            g_snprintf(e->event[e->n_events - 1].detail,
                       sizeof e->event->detail, "up to %.4g A", most);
        was = is;
        before = i;
    }
}

/* ---- Contact ----------------------------------------------------------------- */

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

/* Median and sd (1.4826 MAD) of n values, which are sorted and changed. */
static double
level(double *value, size_t n, double *sd)
{
    double middle;

    qsort(value, n, sizeof *value, by_value);
    middle = n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
    for (size_t i = 0; i < n; i++)
        value[i] = fabs(value[i] - middle);
    qsort(value, n, sizeof *value, by_value);
    *sd = 1.4826 * value[n / 2];
    return middle;
}

/* Samples first … end with the bias on and a current below a short one. */
static size_t
end_of_run(const Look *look, size_t first)
{
    const CsElectrical *e = look->e;
    size_t i = first;

    while (i < e->n_samples && is_on(look, i)
           && fabs(e->sample[i].current_A) <= short_A)
        i++;
    return i;
}

/* The single step of a run, if it is one: flat, then another level. */
static void
find_contact_in(const Look *look, size_t first, size_t end)
{
    CsElectrical *e = look->e;
    size_t n = end - first, at;
    g_autofree double *value = g_new(double, n);
    double open_A, closed_A, open_sd, closed_sd, noise_A;
    CsStep step[2];

    for (size_t i = 0; i < n; i++)
        value[i] = e->sample[first + i].current_A;
    if (cs_steps_find(value, n, step, 2) != 1)
        return;
    at = step[0].at;
    if (at < CONTACT_SAMPLES || n - at < CONTACT_SAMPLES)
        return;
    open_A = level(value, at, &open_sd);
    closed_A = level(value + at, n - at, &closed_sd);
    noise_A = fmax(open_sd, closed_sd);
    if (fabs(closed_A) > fabs(open_A)
        && fabs(closed_A - open_A) > contact_sd * noise_A)
        add(e, "contact", first + at - 1, first + at,
            "current from %.3g to %.3g A", open_A, closed_A);
}

static void
find_contacts(const Look *look)
{
    for (size_t i = 0; i < look->e->n_samples;) {
        size_t end = end_of_run(look, i);

        if (end - i >= 2 * CONTACT_SAMPLES)
            find_contact_in(look, i, end);
        i = MAX(end, i + 1);
    }
}

static int
by_time(const void *a, const void *b)
{
    const CsElectricalEvent *x = a, *y = b;

    return (x->time_hi_s > y->time_hi_s) - (x->time_hi_s < y->time_hi_s);
}

void
cs_electrical_find_events(CsElectrical *electrical)
{
    Look look = { electrical,
                  fmax(largest_bias(electrical) / 2, least_bias_V) };

    find_switching(&look);
    find_shorts(&look);
    find_contacts(&look);
    if (electrical->n_events > 1)
        qsort(electrical->event, electrical->n_events,
              sizeof *electrical->event, by_time);
}
