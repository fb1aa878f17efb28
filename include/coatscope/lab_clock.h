/* CsLabClock: the time of an experiment, real or simulated.
 *
 * A real clock goes with the computer's. A simulated one stands still but for
 * what is waited, so that hours of curing take no time; or it runs, faster
 * than the computer's by `speed`, while instruments work by themselves. Several
 * threads may use one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct CsLabClock CsLabClock; /* opaque */

/* Starts at start_unix_s (NAN: now). */
CsLabClock *cs_lab_clock_new(bool is_simulated, double start_unix_s);
void        cs_lab_clock_free(CsLabClock *clock); /* takes NULL */

/* As it was made. */
bool cs_lab_clock_is_simulated(const CsLabClock *clock);

/* Seconds since 1970. */
double cs_lab_clock_now(CsLabClock *clock);

/* The same at a time of g_get_monotonic_time, in seconds, since `speed` was
 * set last. */
double cs_lab_clock_at(CsLabClock *clock, double monotonic_s);

/* Lets a simulated clock run; 0: it stands. A real one always has 1. */
void cs_lab_clock_run(CsLabClock *clock, double speed);

/* Waits so many seconds of this clock. Errors: CS_ERROR_CANCELLED. */
bool cs_lab_clock_wait(CsLabClock *clock, double seconds,
                       GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsLabClock, cs_lab_clock_free)

G_END_DECLS
