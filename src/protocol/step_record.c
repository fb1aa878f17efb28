/* The step of recording: frames go to the disk as they come, the bias goes on
 * after the baseline in a thread of its own, and either stops the other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/bias.h"
#include "coatscope/error.h"
#include "coatscope/image.h"
#include "lab/shift.h"
#include "protocol/camera.h"
#include "protocol/log.h"
#include "protocol/run.h"
#include "protocol/stream.h"

enum { SMALL_SIDE = 128, FIRST_READINGS = 20, LOST_IN_A_ROW = 5 };

/* The bias, in its thread. */
typedef struct {
    CsExperiment *x;
    CsBiasPlan    plan;
    CsLog1        log;
    GCancellable *stop;
    GThread      *thread;
    double        scale, last_s;
    size_t        n, n_lost;
    double        sum_A, sum2_A; /* of the first readings at full voltage */
    CsBiasOutcome outcome;
    GError       *error;
    gint          is_over; /* atomic */
} Bias;

typedef struct {
    CsExperiment *x;
    const CsProtocolStep *step;
    CsCamera   camera;
    CsStream   stream;
    Bias       bias;
    CsImage    before;   /* the last frame, small */
    size_t     bin;
    double    *theirs, *ours;
    GCancellable *job_stop;
    gulong     on_cancel;
} Take;

/* ---- Bias --------------------------------------------------------------- */

/* The current through the contact against its first readings. */
static bool
is_lost(Bias *b, const CsSupplyReading *r)
{
    double mean = b->sum_A / FIRST_READINGS, var;

    if (fabs(r->voltage_V - b->plan.voltage_V) > 0.02 * fabs(b->plan.voltage_V)
        || !isfinite(r->current_A))
        return false;
    if (b->n < FIRST_READINGS) {
        b->n++;
        b->sum_A += r->current_A;
        b->sum2_A += r->current_A * r->current_A;
        return false;
    }
    var = MAX(b->sum2_A / FIRST_READINGS - mean * mean, 0);
    if (fabs(mean) < 5 * sqrt(var)) /* too little flows to tell */
        return false;
    b->n_lost = fabs(r->current_A) < 0.4 * fabs(mean) ? b->n_lost + 1 : 0;
    return b->n_lost >= LOST_IN_A_ROW;
}

static bool
keep_reading(const CsSupplyReading *r, void *user, GError **error)
{
    Bias *b = user;

    /* never backwards, also where a simulated clock stood meanwhile */
    b->last_s = MAX(b->last_s, cs_lab_clock_at(b->x->clock, r->time_s));
    if (!cs_log1_add(&b->log, b->last_s, b->scale, r, error))
        return false;
    return !is_lost(b, r)
           || cs_fail(error, CS_ERROR_IO,
                      "contact lost: the current fell to less than half of "
                      "what it was, %.2g A", b->sum_A / FIRST_READINGS);
}

static gpointer
hold_bias(gpointer data)
{
    Bias *b = data;

    cs_bias_run(b->x->source_meter, &b->plan, b->stop, keep_reading, b,
                &b->outcome, &b->error);
    g_atomic_int_set(&b->is_over, 1);
    return NULL;
}

static bool
start_bias(Take *t, GError **error)
{
    Bias *b = &t->bias;

    if (!cs_log1_open(t->x->dir, t->step->id, t->camera.start_s, &b->log,
                      error)
        || !cs_run_text(t->x, t->step, "bias-log", b->log.path, error)
        || !cs_run_note(t->x, t->step, "bias-on", NULL, error))
        return false;
    b->thread = g_thread_new("cs-bias", hold_bias, b);
    return true;
}

/* Off; what went wrong there goes before everything else. */
static bool
end_bias(Take *t, GError **error)
{
    Bias *b = &t->bias;

    g_cancellable_cancel(b->stop);
    if (b->thread != NULL)
        g_thread_join(b->thread);
    b->thread = NULL;
    if (b->error != NULL) {
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&b->error));
        return cs_blame(error, "bias");
    }
    if (b->outcome.end != CS_BIAS_SHORT)
        return true;
    g_clear_error(error);
    return cs_fail(error, CS_ERROR_IO,
                   "short circuit: the output was told to open %.1f ms after "
                   "the reading that showed it, and confirmed off %.1f ms "
                   "later", 1e3 * b->outcome.open_latency_s,
                   1e3 * b->outcome.confirmed_s);
}

/* ---- Frames ------------------------------------------------------------- */

/* Against the frame before; a jump cannot be measured through. */
static bool
check_jump(Take *t, const CsFrame *frame, GError **error)
{
    g_auto(CsImage) now = CS_IMAGE_INIT;
    CsShiftPlan plan = { .reach_px = SMALL_SIDE / 3.0 };
    double px_nm = t->camera.nm_per_px * (double) t->bin, jump;
    CsShiftFound found;

    if (!cs_image_bin(frame, t->bin, &now, error))
        return false;
    if (t->before.width == now.width) {
        if (!cs_shift_find(&t->before, &now, &plan, &found, error))
            return false;
        jump = hypot(found.dx_px, found.dy_px) * px_nm;
        if (jump > cs_step_number(t->step, "jump_most"))
            return cs_fail(error, CS_ERROR_IO,
                           "the specimen jumped by %.0f nm at frame %zu, "
                           "allowed is %g nm", jump, t->stream.n,
                           cs_step_number(t->step, "jump_most"));
    }
    cs_image_clear(&t->before);
    t->before = now;
    now = (CsImage) CS_IMAGE_INIT;
    return true;
}

/* The disk first, then a look. */
static bool
take_frame(Take *t, size_t i, CsFrame *frame, GError **error)
{
    double at = cs_recording_info(t->camera.recording)->clock.start_s[i];
    double due = t->camera.start_s + at + t->camera.interval_s / 2, left;

    /* A simulated clock stands while its frame is drawn, so that it arrives
     * when it would on a slow computer, too. */
    cs_lab_clock_run(t->x->clock, 0);
    if (!cs_camera_read(&t->camera, i, frame, &t->theirs[i], error))
        return false;
    cs_lab_clock_run(t->x->clock, cs_step_number(t->step, "speed"));
    left = due - cs_lab_clock_now(t->x->clock);
    if (left > 0
        && !cs_lab_clock_wait(t->x->clock, left, t->job_stop, error))
        return false;
    t->ours[i] = cs_lab_clock_now(t->x->clock);
    if (i == 0) {
        t->bin = MAX(frame->width / SMALL_SIDE, 1);
        if (!cs_stream_open(t->x->dir, t->step->id, t->camera.nm_per_px, frame,
                            &t->stream, error)
            || !cs_run_text(t->x, t->step, "frames", t->stream.path, error)
            || !cs_run_text(t->x, t->step, "times", t->stream.times, error))
            return false;
        if (cs_run_has_fault(t->x, "full-disk"))
            t->stream.full_after = 20 * cs_frame_n_bytes(frame);
    }
    return cs_stream_add(&t->stream, frame, at, t->ours[i], error)
           && check_jump(t, frame, error);
}

/* What may go wrong at the contact, half way through. */
static void
cause_faults(CsExperiment *x, size_t i, size_t n)
{
    if (i != n / 2)
        return;
    g_atomic_int_set(&x->contact.is_short,
                     cs_run_has_fault(x, "short-circuit"));
    g_atomic_int_set(&x->contact.is_limited,
                     cs_run_has_fault(x, "compliance"));
    g_atomic_int_set(&x->contact.is_lost, cs_run_has_fault(x, "lost-contact"));
}

static bool
take_all(Take *t, GError **error)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    double baseline = cs_step_number(t->step, "baseline");

    for (size_t i = 0; i < t->camera.n_frames; i++) {
        double at = cs_recording_info(t->camera.recording)->clock.start_s[i];

        cause_faults(t->x, i, t->camera.n_frames);
        if (at >= baseline && t->bias.thread == NULL && !start_bias(t, error))
            return false;
        if (!take_frame(t, i, &frame, error) || !cs_job_go_on(t->x->job, error))
            return false;
        if (g_atomic_int_get(&t->bias.is_over))
            return true; /* why is said by end_bias */
    }
    return true;
}

/* ---- Beginning and end -------------------------------------------------- */

static bool
keep_clocks(Take *t, GError **error)
{
    CsClockRelation r = cs_clock_relate(t->theirs, t->ours, t->stream.n);

    return cs_run_value(t->x, t->step, "frames_written", (double) t->stream.n,
                        "", error)
           && cs_run_value(t->x, t->step, "camera_clock_offset", r.offset_s,
                           "s", error)
           && cs_run_value(t->x, t->step, "camera_clock_offset_sd",
                           r.offset_sd_s, "s", error)
           && cs_run_value(t->x, t->step, "camera_clock_drift", r.drift_ppm,
                           "ppm", error)
           && cs_run_value(t->x, t->step, "camera_clock_drift_sd",
                           r.drift_sd_ppm, "ppm", error);
}

static void
take_clear(Take *t)
{
    cs_camera_clear(&t->camera);
    cs_stream_clear(&t->stream);
    cs_log1_clear(&t->bias.log);
    g_clear_error(&t->bias.error);
    g_object_unref(t->bias.stop);
    cs_image_clear(&t->before);
    g_free(t->theirs);
    g_free(t->ours);
}

static bool
open_camera(Take *t, GError **error)
{
    const CsProtocolStep *s = t->step;
    size_t n = (size_t) cs_step_number(s, "frames");
    bool jumps = cs_run_has_fault(t->x, "drift-jump");

    if (!cs_camera_open(cs_step_text(s, "preset"), n,
                        jumps ? (double) n : (double) NAN, 120, &t->camera,
                        error))
        return false;
    t->theirs = g_new0(double, n);
    t->ours = g_new0(double, n);
    return true;
}

static void
plan_bias(Take *t)
{
    const CsProtocolStep *s = t->step;

    t->bias.plan = (CsBiasPlan) CS_BIAS_PLAN_INIT;
    t->bias.plan.voltage_V = cs_step_number(s, "voltage");
    t->bias.plan.ramp_V_per_s = cs_step_number(s, "ramp");
    t->bias.plan.current_limit_A = cs_step_number(s, "current_limit");
    t->bias.plan.trip_A = cs_step_number(s, "trip");
    t->bias.plan.hold_s = 0;
    t->bias.plan.interval_s = 0.05;
}

/* Whatever came: bias off, frames on the disk, both said. */
static bool
record(Take *t, GError **error)
{
    double speed = cs_step_number(t->step, "speed");
    g_autoptr(GError) first = NULL;
    bool ok;

    cs_lab_clock_run(t->x->clock, speed);
    t->bias.scale = cs_lab_clock_is_simulated(t->x->clock) ? speed : 1;
    t->bias.plan.ramp_V_per_s *= t->bias.scale;
    t->camera.start_s = cs_lab_clock_now(t->x->clock);
    ok = take_all(t, &first);
    ok = end_bias(t, &first) && ok;
    cs_lab_clock_run(t->x->clock, 0);
    if (t->stream.n > 0
        && (!cs_stream_sync(&t->stream, first == NULL ? &first : NULL)
            || !keep_clocks(t, first == NULL ? &first : NULL)))
        ok = false;
    if (!ok && t->stream.n > 0)
        cs_blame(&first, "%s, which holds %zu frames", t->stream.path,
                 t->stream.n);
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&first));
    return ok;
}

/* A needle that was drawn back has to come again. */
static bool
touch_again(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    const CsProtocolStep *approach = NULL;

    if (x->motion != NULL && !cs_motion_is_safe(x->motion))
        return true;
    for (size_t i = 0; i < x->protocol.n && &x->protocol.step[i] != s; i++)
        if (strcmp(x->protocol.step[i].kind->name, "approach") == 0)
            approach = &x->protocol.step[i];
    if (approach == NULL)
        return true;
    cs_run_tell(x, "  The needle was drawn back: %s again", approach->id);
    return cs_run_note(x, approach, "again", NULL, error)
           && cs_step_approach(x, approach, error);
}

/* Without our camera: its own program records, the bias is ours if we can. */
static bool
record_by_hand(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    g_autofree char *path = NULL, *whole = NULL;

    cs_run_tell(x, "  Record with the camera's own program; the bias by "
                "`coatscope bias`");
    if (!cs_step_person(x, s, error)
        || !cs_run_ask(x, "Path of the recording", "", &path, error))
        return false;
    if (*path == '\0')
        return cs_fail(error, CS_ERROR_ARGUMENT, "no recording was named");
    whole = g_canonicalize_filename(path, NULL);
    return cs_run_text(x, s, "frames", whole, error);
}

bool
cs_step_record(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    Take t = { .x = x, .step = s, .camera = CS_CAMERA_INIT,
               .stream = CS_STREAM_INIT };
    bool has, ok;

    if (!x->options->is_simulated)
        return record_by_hand(x, s, error);
    if (!touch_again(x, s, error) || !cs_run_open_source(x, &has, error))
        return false;
    cs_supply_set_timeout(x->source_meter, 3000);
    t.job_stop = x->job != NULL ? x->job->cancellable : NULL;
    t.bias.x = x;
    t.bias.stop = g_cancellable_new();
    plan_bias(&t);
    ok = open_camera(&t, error) && record(&t, error);
    if (ok)
        cs_run_tell(x, "  %zu frames in %s, %zu readings in %s", t.stream.n,
                    t.stream.path, t.bias.outcome.n_readings,
                    t.bias.log.path != NULL ? t.bias.log.path : "no log");
    take_clear(&t);
    return ok;
}
