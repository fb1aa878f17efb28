/* Ahead: a parallel loop that runs while the caller does something else, such
 * as reading the next frames while these are looked at.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"

typedef struct {
    CsJob       job;     /* with one thread fewer: the caller's             */
    CsLoopBody  body;
    void       *data;
    size_t      n;
    GThread    *thread;  /* NULL: nothing is under way                      */
    bool        ok;
    GError     *error;
} CsAhead;

#define CS_AHEAD_INIT { .ok = true }

/* Starts body for 0 … n-1; job is copied. On a job of one thread it is done
 * at once. Only after a wait again. */
void cs_ahead_start(CsAhead *ahead, const CsJob *job, size_t n,
                    CsLoopBody body, void *data);

/* Waits for what was started; false with its error where that failed. */
bool cs_ahead_wait(CsAhead *ahead, GError **error);

/* Waits, and forgets what came of it. */
void cs_ahead_clear(CsAhead *ahead);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsAhead, cs_ahead_clear)
