/* The time of an experiment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/lab_clock.h"

#include <math.h>

#include "coatscope/error.h"

struct CsLabClock {
    GMutex lock;
    bool   is_simulated;
    double base_s;   /* what it showed at since_us */
    gint64 since_us;
    double speed;
};

CsLabClock *
cs_lab_clock_new(bool is_simulated, double start_unix_s)
{
    CsLabClock *c = g_new0(CsLabClock, 1);

    g_mutex_init(&c->lock);
    c->is_simulated = is_simulated;
    c->base_s = isfinite(start_unix_s)
                    ? start_unix_s
                    : (double) g_get_real_time() / 1e6;
    c->since_us = g_get_monotonic_time();
    c->speed = is_simulated ? 0 : 1;
    return c;
}

void
cs_lab_clock_free(CsLabClock *c)
{
    if (c == NULL)
        return;
    g_mutex_clear(&c->lock);
    g_free(c);
}

bool
cs_lab_clock_is_simulated(const CsLabClock *c)
{
    return c->is_simulated;
}

double
cs_lab_clock_at(CsLabClock *c, double monotonic_s)
{
    double at;

    g_mutex_lock(&c->lock);
    at = c->base_s + c->speed * (monotonic_s - (double) c->since_us / 1e6);
    g_mutex_unlock(&c->lock);
    return at;
}

double
cs_lab_clock_now(CsLabClock *c)
{
    return cs_lab_clock_at(c, (double) g_get_monotonic_time() / 1e6);
}

void
cs_lab_clock_run(CsLabClock *c, double speed)
{
    gint64 now_us = g_get_monotonic_time();

    if (!c->is_simulated)
        return;
    g_mutex_lock(&c->lock);
    c->base_s += c->speed * (double) (now_us - c->since_us) / 1e6;
    c->since_us = now_us;
    c->speed = MAX(speed, 0);
    g_mutex_unlock(&c->lock);
}

/* False: the clock stands, and was set forward instead. */
static bool
must_sleep(CsLabClock *c, double seconds, double *speed)
{
    g_mutex_lock(&c->lock);
    *speed = c->speed;
    if (c->speed <= 0)
        c->base_s += seconds;
    g_mutex_unlock(&c->lock);
    return *speed > 0;
}

bool
cs_lab_clock_wait(CsLabClock *c, double seconds, GCancellable *cancellable,
                  GError **error)
{
    double speed;

    seconds = MAX(seconds, 0);
    if (must_sleep(c, seconds, &speed)) {
        gint64 due_us = g_get_monotonic_time()
                        + (gint64) (seconds / speed * 1e6);
        gint64 left;

        while ((left = due_us - g_get_monotonic_time()) > 0
               && !g_cancellable_is_cancelled(cancellable))
            g_usleep((gulong) MIN(left, 20000));
    }
    return !g_cancellable_is_cancelled(cancellable)
           || cs_fail(error, CS_ERROR_CANCELLED, "stopped");
}
