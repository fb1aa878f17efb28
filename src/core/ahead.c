/* Loops beside the caller.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/ahead.h"

static gpointer
run(gpointer user)
{
    CsAhead *ahead = user;

    ahead->ok = cs_parallel_for(&ahead->job, ahead->n, ahead->body,
                                ahead->data, &ahead->error);
    return NULL;
}

void
cs_ahead_start(CsAhead *ahead, const CsJob *job, size_t n, CsLoopBody body,
               void *data)
{
    static const CsJob usual = CS_JOB_INIT;
    unsigned n_threads = cs_job_n_threads(job);

    g_return_if_fail(ahead->thread == NULL);
    *ahead = (CsAhead) { .job = job != NULL ? *job : usual, .body = body,
                         .data = data, .n = n, .ok = true };
    ahead->job.n_threads = MAX(n_threads - 1, 1);
    if (n_threads > 1)
        ahead->thread = g_thread_new("cs-ahead", run, ahead);
    else
        run(ahead);
}

bool
cs_ahead_wait(CsAhead *ahead, GError **error)
{
    if (ahead->thread != NULL)
        g_thread_join(g_steal_pointer(&ahead->thread));
    if (ahead->error != NULL)
        g_propagate_error(error, g_steal_pointer(&ahead->error));
    return ahead->ok;
}

void
cs_ahead_clear(CsAhead *ahead)
{
    (void) cs_ahead_wait(ahead, NULL);
    *ahead = (CsAhead) CS_AHEAD_INIT;
}
