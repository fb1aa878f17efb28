/* Solving.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/solve.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/kinetics.h"
#include "coatscope/recording.h"
#include "coatscope/resolve.h"
#include "server/reopen.h"
#include "server/server.h"

enum { MOST_JOBS = 100 };

typedef enum { QUEUED, RUNNING, DONE, FAILED, CANCELLED } State;

static const char *const state_names[]
    = { "queued", "running", "done", "failed", "cancelled" };

typedef struct {
    size_t        id;
    gint64        recording;
    int           particle_id;
    char         *key;
    State         state;
    double        fraction;
    char         *error;
    double        made_s, started_s, ended_s; /* Unix; NAN: not yet         */
    GCancellable *cancellable;
} Job;

struct CsSolver {
    CsServer    *server;
    GMutex       lock;  /* of jobs and solved                               */
    GPtrArray   *jobs;  /* Job, oldest first                                */
    size_t       next;
    GPtrArray   *solved; /* CsSolved                                        */
    GThreadPool *pool;
};

static double
now_s(void)
{
    return (double) g_get_real_time() / G_USEC_PER_SEC;
}

/* ---- What came of it ------------------------------------------------------- */

CsSolved *
cs_solved_ref(CsSolved *solved)
{
    g_atomic_int_inc(&solved->n_refs);
    return solved;
}

void
cs_solved_unref(CsSolved *solved)
{
    if (solved == NULL || !g_atomic_int_dec_and_test(&solved->n_refs))
        return;
    g_free(solved->key);
    cs_measured_clear(&solved->measured);
    cs_fits_clear(&solved->fits);
    g_free(solved);
}

CsSolved *
cs_solver_find(CsSolver *solver, gint64 recording, int particle_id,
               const char *key)
{
    CsSolved *found = NULL;

    g_mutex_lock(&solver->lock);
    for (guint i = 0; i < solver->solved->len && found == NULL; i++) {
        CsSolved *s = solver->solved->pdata[i];

        if (s->recording == recording && s->particle_id == particle_id
            && strcmp(s->key, key) == 0)
            found = cs_solved_ref(s);
    }
    g_mutex_unlock(&solver->lock);
    return found;
}

/* The newest of a particle takes the place of older ones. */
static void
keep(CsSolver *solver, CsSolved *solved)
{
    g_mutex_lock(&solver->lock);
    for (guint i = solver->solved->len; i-- > 0;) {
        const CsSolved *s = solver->solved->pdata[i];

        if (s->recording == solved->recording
            && s->particle_id == solved->particle_id)
            g_ptr_array_remove_index(solver->solved, i);
    }
    g_ptr_array_add(solver->solved, solved);
    g_mutex_unlock(&solver->lock);
}

/* ---- The recording with its frames ----------------------------------------- */

static bool
read_frame(void *state, size_t index, CsFrame *frame, GError **error)
{
    return cs_reopened_read(state, index, frame, error);
}

static void
close_frames(void *state)
{
    cs_reopened_unref(state);
}

static bool
copy_info(const CsSnapshot *model, size_t r, CsRecordingInfo *to, GError **error)
{
    const CsRecordingInfo *from
        = cs_recording_info(model->all.item[r].recording);
    size_t n = from->n_frames;

    to->name = g_strdup(from->name);
    to->width = from->width;
    to->height = from->height;
    to->n_frames = n;
    to->nm_per_px_x = from->nm_per_px_x;
    to->nm_per_px_y = from->nm_per_px_y;
    to->scale_source = from->scale_source;
    if (!cs_clock_resize(&to->clock, from->clock.n_frames, error))
        return false;
    for (size_t i = 0; i < from->clock.n_frames; i++) {
        to->clock.start_s[i] = from->clock.start_s[i];
        to->clock.duration_s[i] = from->clock.duration_s[i];
        to->clock.source[i] = from->clock.source[i];
    }
    to->electrical.n_frames = from->electrical.n_frames;
    to->electrical.frame = g_memdup2(from->electrical.frame,
                                     from->electrical.n_frames
                                         * sizeof *from->electrical.frame);
    to->ledger.n_frames = n;
    to->ledger.dose_e_per_A2
        = g_memdup2(model->dose_e_per_A2[r], n * sizeof(double));
    return true;
}

static CsRecording *
open_recording(const CsServer *server, const CsSnapshot *model, size_t r,
               GError **error)
{
    static const CsFrameSource source = { read_frame, close_frames };
    g_auto(CsRecordingInfo) info = CS_RECORDING_INFO_INIT;
    CsReopened *frames
        = cs_reopen(&model->all.item[r], server->dir, error);

    if (frames == NULL)
        return NULL;
    if (!copy_info(model, r, &info, error)) {
        cs_reopened_unref(frames);
        return NULL;
    }
    return cs_recording_take(&info, &source, frames);
}

/* ---- One job --------------------------------------------------------------- */

/* "swelling, contact, free expansions S …": how the curves were fitted. */
static double
swelling_of(const CsKept *kept)
{
    static const char words[] = "swelling, contact, free expansions ";

    return kept->fits_how != NULL && g_str_has_prefix(kept->fits_how, words)
                   && kept->fits_how[strlen(words)] != ' '
               ? g_ascii_strtod(kept->fits_how + strlen(words), NULL) : NAN;
}

/* As for all others, but for what depends on a size that may have changed. */
static bool
fit(const CsKept *kept, const CsParticle *p, const CsJob *job,
    CsSolved *solved, GError **error)
{
    if (kept->fits_how == NULL)
        return true;
    if (!cs_kinetics_fit_host(&solved->measured.measures, swelling_of(kept),
                              job, &solved->fits, error))
        return false;
    for (size_t i = 0; i < solved->fits.n; i++) {
        solved->fits.fit[i].contact_s
            = p->fit != NULL ? p->fit->contact_s : NAN;
        solved->fits.fit[i].expansion_free = NAN;
    }
    return true;
}

static bool
solve(CsSolver *solver, const Job *work, const CsJob *job, CsSnapshot *model,
      size_t r, const CsParticle *p, GError **error)
{
    const CsKept *kept = &model->all.item[r];
    g_autoptr(CsRecording) recording
        = open_recording(solver->server, model, r, error);
    g_auto(CsOutlines) before = CS_OUTLINES_INIT;
    const CsResolve what = {
        .particle_id = p->particle_id, .shifts = &kept->shifts,
        .seeds = &kept->seeds, .before = &before, .n = p->n_drawn,
        .drawn = p->drawn, .in_pixels = kept->measures.in_pixels,
    };
    CsSolved *solved = g_new0(CsSolved, 1);

    solved->n_refs = 1;
    solved->recording = work->recording;
    solved->particle_id = work->particle_id;
    solved->key = g_strdup(p->key);
    if (recording == NULL
        || !cs_store_particle_outlines(solver->server->store, kept, p->base,
                                       &before, error)
        || !cs_resolve_particle(recording, &what, job, &solved->measured,
                                error)
        || !fit(kept, p, job, solved, error)) {
        cs_solved_unref(solved);
        return false;
    }
    keep(solver, solved);
    return true;
}

static void
see_progress(const char *what, double fraction, void *user)
{
    (void) what;
    ((Job *) user)->fraction = fraction;
}

static bool
work_on(CsSolver *solver, Job *work, GError **error)
{
    const CsJob job = { .n_threads = 2, .cancellable = work->cancellable,
                        .progress = see_progress, .user = work };
    g_autoptr(CsSnapshot) model = cs_server_model(solver->server);

    for (size_t r = 0; r < model->all.n; r++)
        for (size_t i = 0; i < model->of[r].n; i++) {
            const CsParticle *p = &model->of[r].particle[i];

            if (model->all.item[r].id == work->recording
                && p->particle_id == work->particle_id && p->is_pending)
                return solve(solver, work, &job, model, r, p, error);
        }
    return true; /* solved or withdrawn meanwhile */
}

static void
run(gpointer data, gpointer user)
{
    CsSolver *solver = user;
    Job *work = data;
    g_autoptr(GError) error = NULL;
    bool ok;

    g_mutex_lock(&solver->lock);
    work->state = RUNNING;
    work->started_s = now_s();
    g_mutex_unlock(&solver->lock);
    ok = !g_cancellable_set_error_if_cancelled(work->cancellable, &error)
         && work_on(solver, work, &error);
    if (ok)
        ok = cs_server_reload(solver->server, &error);
    g_mutex_lock(&solver->lock);
    work->ended_s = now_s();
    work->state = ok ? DONE
                  : g_cancellable_is_cancelled(work->cancellable) ? CANCELLED
                                                                  : FAILED;
    work->error = ok ? NULL : g_strdup(error->message);
    g_mutex_unlock(&solver->lock);
}

/* ---- The queue ------------------------------------------------------------- */

static void
job_free(void *data)
{
    Job *job = data;

    g_object_unref(job->cancellable);
    g_free(job->key);
    g_free(job->error);
    g_free(job);
}

static void
forget_old(CsSolver *solver)
{
    while (solver->jobs->len > MOST_JOBS
           && ((Job *) solver->jobs->pdata[0])->state >= DONE)
        g_ptr_array_remove_index(solver->jobs, 0);
}

/* With the lock. The same work is not done twice, nor again in vain. */
static size_t
add_job(CsSolver *solver, gint64 recording, const CsParticle *p)
{
    Job *job;

    for (guint i = 0; i < solver->jobs->len; i++) {
        job = solver->jobs->pdata[i];
        if (job->recording == recording && job->particle_id == p->particle_id
            && strcmp(job->key, p->key) == 0
            && (job->state == QUEUED || job->state == RUNNING))
            return job->id;
    }
    job = g_new0(Job, 1);
    job->id = ++solver->next;
    job->recording = recording;
    job->particle_id = p->particle_id;
    job->key = g_strdup(p->key);
    job->made_s = now_s();
    job->started_s = job->ended_s = NAN;
    job->cancellable = g_cancellable_new();
    g_ptr_array_add(solver->jobs, job);
    forget_old(solver);
    g_thread_pool_push(solver->pool, job, NULL);
    return job->id;
}

size_t
cs_solver_look(CsSolver *solver, gint64 recording, int particle_id)
{
    g_autoptr(CsSnapshot) model = cs_server_model(solver->server);
    size_t found = 0;

    g_mutex_lock(&solver->lock);
    for (size_t r = 0; r < model->all.n; r++)
        for (size_t i = 0; i < model->of[r].n; i++) {
            const CsParticle *p = &model->of[r].particle[i];
            gint64 id = model->all.item[r].id;
            size_t job = p->is_pending ? add_job(solver, id, p) : 0;

            if (id == recording && p->particle_id == particle_id)
                found = job;
        }
    g_mutex_unlock(&solver->lock);
    return found;
}

CsSolver *
cs_solver_new(CsServer *server)
{
    CsSolver *solver = g_new0(CsSolver, 1);

    solver->server = server;
    g_mutex_init(&solver->lock);
    solver->jobs = g_ptr_array_new_with_free_func(job_free);
    solver->solved
        = g_ptr_array_new_with_free_func((GDestroyNotify) cs_solved_unref);
    solver->pool = g_thread_pool_new(run, solver, 1, TRUE, NULL);
    return solver;
}

void
cs_solver_free(CsSolver *solver)
{
    if (solver == NULL)
        return;
    g_mutex_lock(&solver->lock);
    for (guint i = 0; i < solver->jobs->len; i++)
        g_cancellable_cancel(((Job *) solver->jobs->pdata[i])->cancellable);
    g_mutex_unlock(&solver->lock);
    g_thread_pool_free(solver->pool, FALSE, TRUE);
    g_ptr_array_unref(solver->jobs);
    g_ptr_array_unref(solver->solved);
    g_mutex_clear(&solver->lock);
    g_free(solver);
}

/* ---- Telling --------------------------------------------------------------- */

static void
write_job(CsJson *json, const Job *job)
{
    double left = NAN;

    if (job->state == RUNNING && job->fraction > 0.02)
        left = (now_s() - job->started_s) * (1 / job->fraction - 1);
    cs_json_count(json, "id", job->id);
    cs_json_string(json, "kind", "solve");
    cs_json_string(json, "state", state_names[job->state]);
    cs_json_string(json, "what", "outlining");
    cs_json_double(json, "fraction", job->state == DONE ? 1 : job->fraction);
    cs_json_double(json, "left_s", left);
    cs_json_count(json, "recording", (size_t) job->recording);
    cs_json_begin(json, "particle_ids", '[');
    cs_json_count(json, NULL, (size_t) job->particle_id);
    cs_json_end(json, ']');
    cs_json_double(json, "made_unix_s", job->made_s);
    cs_json_double(json, "started_unix_s", job->started_s);
    cs_json_double(json, "ended_unix_s", job->ended_s);
    cs_json_string(json, "error", job->error);
    cs_json_begin(json, "log", '[');
    cs_json_end(json, ']');
}

static Job *
job_of(CsSolver *solver, size_t id)
{
    for (guint i = 0; i < solver->jobs->len; i++)
        if (((Job *) solver->jobs->pdata[i])->id == id)
            return solver->jobs->pdata[i];
    return NULL;
}

bool
cs_solver_write_job(CsSolver *solver, size_t id, CsJson *json)
{
    const Job *job;

    g_mutex_lock(&solver->lock);
    job = job_of(solver, id);
    if (job != NULL)
        write_job(json, job);
    g_mutex_unlock(&solver->lock);
    return job != NULL;
}

void
cs_solver_write_jobs(CsSolver *solver, CsJson *json)
{
    g_mutex_lock(&solver->lock);
    for (guint i = solver->jobs->len; i-- > 0;) {
        cs_json_begin(json, NULL, '{');
        write_job(json, solver->jobs->pdata[i]);
        cs_json_end(json, '}');
    }
    g_mutex_unlock(&solver->lock);
}

bool
cs_solver_cancel(CsSolver *solver, size_t id)
{
    Job *job;

    g_mutex_lock(&solver->lock);
    job = job_of(solver, id);
    if (job != NULL)
        g_cancellable_cancel(job->cancellable);
    g_mutex_unlock(&solver->lock);
    return job != NULL;
}
