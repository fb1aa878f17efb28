/* Jobs, and loops that run on their threads.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/job.h"

#include "coatscope/error.h"

static const CsJob default_job = CS_JOB_INIT;

static const CsJob *
or_default(const CsJob *job)
{
    return job != NULL ? job : &default_job;
}

unsigned
cs_job_n_threads(const CsJob *job)
{
    unsigned n = or_default(job)->n_threads;

    return n > 0 ? n : g_get_num_processors();
}

size_t
cs_job_memory_limit(const CsJob *job)
{
    size_t limit = or_default(job)->memory_limit_bytes;

    return limit > 0 ? limit : CS_DEFAULT_MEMORY_LIMIT;
}

bool
cs_job_go_on(const CsJob *job, GError **error)
{
    if (!g_cancellable_is_cancelled(or_default(job)->cancellable))
        return true;
    return cs_fail(error, CS_ERROR_CANCELLED, "stopped before the end");
}

void
cs_job_progress(const CsJob *job, const char *what, double fraction)
{
    job = or_default(job);
    if (job->progress != NULL)
        job->progress(what, fraction, job->user);
}

void
cs_job_warn(const CsJob *job, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    job = or_default(job);
    if (job->warn == NULL)
        return;
    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    job->warn(message, job->user);
}

/* ---- Parallel loops ---------------------------------------------------- */

typedef struct {
    const CsJob *job;
    CsLoopBody   body;
    void        *data;
    size_t       n;
    gsize        next;     /* atomic: the next item nobody has taken        */
    gint         failed;   /* atomic: no new item is worth taking           */
    GMutex       lock;     /* guards what follows                           */
    GError      *error;
    size_t       error_at; /* the item that `error` is about                */
} Loop;

typedef struct {
    Loop    *loop;
    unsigned number;
} Worker;

static void
keep_first_error(Loop *loop, size_t i, GError *error)
{
    g_mutex_lock(&loop->lock);
    if (loop->error == NULL || i < loop->error_at) {
        g_clear_error(&loop->error);
        loop->error = g_steal_pointer(&error);
        loop->error_at = i;
    }
    g_mutex_unlock(&loop->lock);
    g_clear_error(&error);
    g_atomic_int_set(&loop->failed, 1);
}

/* Items are taken in order, so when item i fails every smaller one has been
 * taken already and will report its own error. */
static gpointer
run_worker(gpointer user)
{
    Worker *worker = user;
    Loop *loop = worker->loop;

    while (g_atomic_int_get(&loop->failed) == 0) {
        size_t i = (size_t) g_atomic_pointer_add(&loop->next, 1);
        GError *error = NULL;

        if (i >= loop->n)
            break;
        if (!cs_job_go_on(loop->job, &error)
            || !loop->body(i, worker->number, loop->data, &error))
            keep_first_error(loop, i, error);
    }
    return NULL;
}

bool
cs_parallel_for(const CsJob *job, size_t n, CsLoopBody body, void *data,
                GError **error)
{
    Loop loop = { .job = job, .body = body, .data = data, .n = n };
    unsigned n_workers = (unsigned) MIN((size_t) cs_job_n_threads(job), n);
    g_autofree Worker *workers = g_new0(Worker, n_workers + 1);
    g_autofree GThread **threads = g_new0(GThread *, n_workers + 1);

    g_mutex_init(&loop.lock);
    for (unsigned w = 0; w < n_workers; w++)
        workers[w] = (Worker) { &loop, w };
    for (unsigned w = 1; w < n_workers; w++)
        threads[w] = g_thread_new("cs-loop", run_worker, &workers[w]);
    if (n_workers > 0)
        run_worker(&workers[0]);
    for (unsigned w = 1; w < n_workers; w++)
        g_thread_join(threads[w]);
    g_mutex_clear(&loop.lock);

    if (loop.error == NULL)
        return true;
    g_propagate_error(error, loop.error);
    return false;
}
