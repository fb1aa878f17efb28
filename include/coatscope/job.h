/* CsJob: what a stage needs from the world, passed by const pointer.
 *
 * Threads, memory limit, seed, cancelling, progress and log. Nothing in the
 * library is global and nothing prints: a caller who wants to see something
 * hangs a function here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef struct {
    unsigned      n_threads;          /* 0: one per processor               */
    size_t        memory_limit_bytes; /* 0: CS_DEFAULT_MEMORY_LIMIT         */
    guint64       seed;               /* of every random number drawn       */
    GCancellable *cancellable;        /* may be NULL; lent                  */

    /* Called from the thread that runs the stage, now and then, with what is
     * being done and the fraction done (0 to 1). May be NULL. */
    void (*progress)(const char *what, double fraction, void *user);

    /* Called with a sentence the user should see. May be NULL. */
    void (*warn)(const char *message, void *user);

    void *user; /* handed to progress and warn                              */
} CsJob;

#define CS_JOB_INIT { 0 }
#define CS_DEFAULT_MEMORY_LIMIT ((size_t) 512 << 20)

/* A NULL job means CS_JOB_INIT in all of these. */

/* How many threads to use: at least 1. */
unsigned cs_job_n_threads(const CsJob *job);
size_t   cs_job_memory_limit(const CsJob *job);

/* False, with CS_ERROR_CANCELLED set, once the job was cancelled. */
bool cs_job_go_on(const CsJob *job, GError **error);

/* Hand over to the functions of the job, if it has them. */
void cs_job_progress(const CsJob *job, const char *what, double fraction);
void cs_job_warn(const CsJob *job, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/* Does item number `i` of a parallel loop on worker number `worker` (below
 * the number of threads, for scratch space of its own). */
typedef bool (*CsLoopBody)(size_t i, unsigned worker, void *data,
                           GError **error);

/* Runs body for i = 0 … n-1 on the threads of the job, in any order, and
 * waits for all. When bodies fail, the error of the smallest failing i is
 * returned, whatever the number of threads. Stops early when cancelled. */
bool cs_parallel_for(const CsJob *job, size_t n, CsLoopBody body, void *data,
                     GError **error);

G_END_DECLS
