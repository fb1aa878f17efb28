/* Electropolishing until the current drops.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/polish.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"

enum { LOW_IN_A_ROW = 2, LEAST_READINGS = 5 };

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

/* Of what came within the window before the last n_low; NAN: too little. */
static double
median_before(const CsPolishWatch *w, const CsPolishPlan *plan, double now_s)
{
    double value[CS_POLISH_WINDOW];
    size_t n = 0, end = w->n - w->n_low;

    for (size_t i = 0; i < end; i++)
        if (w->time_s[i] >= now_s - plan->window_s)
            value[n++] = w->current_A[i];
    if (n < LEAST_READINGS)
        return NAN;
    qsort(value, n, sizeof *value, by_value);
    return n % 2 == 1 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}

bool
cs_polish_watch(CsPolishWatch *w, const CsPolishPlan *plan, double time_s,
                double current_A)
{
    double median = median_before(w, plan, time_s);
    bool is_low = median >= plan->least_A
                  && current_A < plan->drop_ratio * median;

    if (w->n == CS_POLISH_WINDOW) {
        memmove(w->time_s, w->time_s + 1, (w->n - 1) * sizeof *w->time_s);
        memmove(w->current_A, w->current_A + 1,
                (w->n - 1) * sizeof *w->current_A);
        w->n--;
    }
    w->time_s[w->n] = time_s;
    w->current_A[w->n++] = current_A;
    w->n_low = is_low ? w->n_low + 1 : 0;
    if (isfinite(median))
        w->median_A = median;
    return w->n_low >= LOW_IN_A_ROW;
}

typedef struct {
    CsSupply           *supply;
    const CsPolishPlan *plan;
    GCancellable       *cancellable;
    bool (*keep)(const CsSupplyReading *, void *, GError **);
    void               *user;
    CsPolishWatch       watch;
    CsSupplyReading     last;  /* before this one */
    CsSupplyReading     good;  /* the last that was not low */
    double              begin_s;
    CsPolishOutcome     outcome;
} Dip;

static double
now(void)
{
    return (double) g_get_monotonic_time() / 1e6;
}

static bool
check_plan(const CsPolishPlan *p, GError **error)
{
    if (p->drop_ratio > 0 && p->drop_ratio < 1 && p->window_s > 0
        && p->longest_s > 0 && p->least_A >= 0)
        return true;
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "electropolishing: a drop to %g of the current, seen over "
                   "%g s; allowed are 0 to 1 and above 0 s", p->drop_ratio,
                   p->window_s);
}

static void
add_charge(Dip *d, const CsSupplyReading *r)
{
    if (d->outcome.n_readings > 0)
        d->outcome.charge_C += (r->time_s - d->last.time_s)
                               * (r->current_A + d->last.current_A) / 2;
    d->last = *r;
    d->outcome.n_readings++;
}

/* One reading. *over: it has dropped. It is told before it is kept. */
static bool
take(Dip *d, bool *over, GError **error)
{
    CsSupplyReading r;

    if (!cs_supply_read(d->supply, &r, error))
        return false;
    if (r.overflow)
        return cs_fail(error, CS_ERROR_IO,
                       "electropolishing: more current than the supply can "
                       "read");
    *over = cs_polish_watch(&d->watch, d->plan, r.time_s, r.current_A);
    if (*over && !cs_supply_make_safe(d->supply, error))
        return false;
    if (*over)
        d->outcome.latency_s = now() - d->good.time_s;
    add_charge(d, &r);
    if (d->watch.n_low == 0)
        d->good = r;
    return d->keep(&r, d->user, error);
}

static bool
dip(Dip *d, GError **error)
{
    CsSupplySetting setting = {
        .voltage_V = d->plan->voltage_V,
        .current_limit_A = d->plan->current_limit_A,
    };
    bool over = false;

    if (!cs_supply_prepare(d->supply, &setting, error)
        || !cs_supply_output(d->supply, true, error))
        return false;
    d->begin_s = now();
    while (!over) {
        bool late = now() - d->begin_s > d->plan->longest_s;

        if (late || g_cancellable_is_cancelled(d->cancellable)) {
            d->outcome.end = late ? CS_POLISH_TIMEOUT : CS_POLISH_CANCELLED;
            return true;
        }
        if (!take(d, &over, error))
            return false;
    }
    d->outcome.before_A = d->watch.median_A;
    d->outcome.after_A = d->last.current_A;
    d->outcome.overshoot_C = d->outcome.latency_s * d->watch.median_A;
    return true;
}

bool
cs_polish_run(CsSupply *supply, const CsPolishPlan *plan,
              GCancellable *cancellable,
              bool (*keep)(const CsSupplyReading *, void *, GError **),
              void *user, CsPolishOutcome *outcome, GError **error)
{
    g_autoptr(GError) first = NULL, unsafe = NULL;
    Dip d = { .supply = supply, .plan = plan, .cancellable = cancellable,
              .keep = keep, .user = user };
    bool ok;

    if (!check_plan(plan, error))
        return false;
    d.outcome.latency_s = d.outcome.overshoot_C = NAN;
    d.outcome.before_A = d.outcome.after_A = NAN;
    ok = dip(&d, &first);
    if (!cs_supply_make_safe(supply, &unsafe))
        return cs_fail(error, CS_ERROR_IO,
                       "THE OUTPUT MAY STILL BE ON, switch it off by hand: "
                       "%s%s%s", unsafe->message,
                       first != NULL ? "; before that: " : "",
                       first != NULL ? first->message : "");
    if (!ok) {
        g_propagate_error(error, g_steal_pointer(&first));
        return false;
    }
    d.outcome.duration_s = now() - d.begin_s;
    *outcome = d.outcome;
    return true;
}
