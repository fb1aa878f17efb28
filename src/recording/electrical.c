/* Joining a log to a recording by time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/electrical.h"

#include <math.h>

#include "coatscope/error.h"
#include "coatscope/image.h"
#include "core/alloc.h"
#include "recording/notes.h"

/* Seconds since 1970 as a double are good to 0.24 µs. */
static const double rounding_s = 1e-6;

enum { MAX_STEPS = 20 };

typedef struct {
    CsRecording        *recording;
    CsRecordingInfo    *info;
    const CsLogOptions *options;
    CsLog               log;      /* its samples move to the frames' clock */
    CsElectrical        made;
} Join;

static void
join_clear(Join *j)
{
    cs_log_clear(&j->log);
    cs_electrical_clear(&j->made);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Join, join_clear)

/* ---- Exposures ------------------------------------------------------- */

/* When the exposure of a frame ends: after its duration, but never after the
 * next one began; where no duration is known, when the next one begins. */
static double
end_of(const CsClock *clock, size_t frame)
{
    double start_s = clock->start_s[frame];
    double length_s = clock->duration_s[frame];
    double next_s = frame + 1 < clock->n_frames
                        ? clock->start_s[frame + 1]
                        : start_s + cs_clock_median_interval(clock);

    if (!(length_s > 0))
        length_s = next_s - start_s;
    if (next_s > start_s && frame + 1 < clock->n_frames)
        length_s = fmin(length_s, next_s - start_s);
    return start_s + length_s;
}

static double
end_of_recording(const CsClock *clock)
{
    double end_s = end_of(clock, clock->n_frames - 1);

    return isfinite(end_s) ? end_s : clock->start_s[clock->n_frames - 1];
}

static bool
check_clock(const Join *j, GError **error)
{
    const CsClock *clock = &j->info->clock;
    size_t n_unknown = 0;

    for (size_t i = 0; i < clock->n_frames; i++) {
        if (!isfinite(clock->start_s[i]))
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "%s: frame %zu has no time, so no log can be "
                           "joined to it; give --interval S or --times CSV",
                           j->info->name, i);
        n_unknown += !(clock->duration_s[i] > 0);
    }
    if (n_unknown > 0)
        cs_recording_note(j->info, "the exposure of %zu frames is not known: "
                                   "samples of the log up to the next frame "
                                   "are taken as theirs", n_unknown);
    return clock->n_frames > 0;
}

/* ---- From the log's clock to the frames' ----------------------------- */

static void
shift(Join *j, double by_s)
{
    for (size_t i = 0; i < j->log.n; i++)
        j->log.sample[i].time_s += by_s;
}

static double
first_s(const Join *j)
{
    return j->log.sample[0].time_s;
}

static double
last_s(const Join *j)
{
    return j->log.sample[j->log.n - 1].time_s;
}

static GTimeZone *
zone_of(const CsLogOptions *options)
{
    return options->zone != NULL ? g_time_zone_new_identifier(options->zone)
                                 : g_time_zone_new_local();
}

/* The day that lets the log begin nearest to the recording. */
static bool
find_day(Join *j, GError **error)
{
    g_autoptr(GTimeZone) zone = zone_of(j->options);
    double start_s = j->info->clock.start_unix_s, local_s, midnight_s;

    if (zone == NULL)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: %.60s is no time zone", j->options->path,
                       j->options->zone);
    if (!(fabs(start_s) < 1e11))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s: the recording's start, %g s since 1970, is no "
                       "date", j->info->name, start_s);
    local_s = start_s
              + g_time_zone_get_offset(
                  zone, g_time_zone_find_interval(
                            zone, G_TIME_TYPE_UNIVERSAL,
                            (gint64) floor(start_s)));
    midnight_s = 86400 * round((local_s - first_s(j)) / 86400);
    shift(j, midnight_s - (local_s - start_s));
    cs_recording_note(j->info, "the log has times of the day but no date: the "
                               "day of the recording is assumed, in the time "
                               "zone %s", g_time_zone_get_identifier(zone));
    return true;
}

/* Puts zero where the recording's is, but for the offset. */
static bool
put_zero(Join *j, GError **error)
{
    double start_s = j->info->clock.start_unix_s;

    if (j->log.clock == CS_LOG_RELATIVE) {
        if (isnan(j->options->offset_s) && !j->options->find_step)
            cs_recording_note(j->info, "the log's time 0 is assumed to be the "
                                       "start of the first frame; "
                                       "--log-offset S says otherwise");
        return true;
    }
    if (isfinite(start_s)) {
        if (j->log.clock == CS_LOG_TIME_OF_DAY && !find_day(j, error))
            return false;
        shift(j, -start_s);
        return true;
    }
    if (isnan(j->options->offset_s) && !j->options->find_step)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: has times of the wall clock, but the recording "
                       "has none; --log-offset S says how many seconds after "
                       "the first frame began the log's first sample was "
                       "taken", j->options->path);
    shift(j, -first_s(j));
    cs_recording_note(j->info, "the recording has no wall clock: the log's "
                               "times count from its first sample");
    return true;
}

static bool
check_overlap(const Join *j, GError **error)
{
    double end_s = end_of_recording(&j->info->clock);
    const char *why
        = j->log.clock != CS_LOG_WALL || j->log.has_zone
              ? "" : ", or --log-zone ZONE its time zone";

    if (last_s(j) >= -rounding_s && first_s(j) < end_s)
        return true;
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "%s: does not overlap the recording: it goes from %.6g s "
                   "to %.6g s, the recording from 0 s to %.6g s; "
                   "--log-offset S moves it%s", j->options->path, first_s(j),
                   last_s(j), end_s, why);
}

/* ---- The offset by a step -------------------------------------------- */

typedef struct {
    CsRecording *recording;
    double      *value;
} MeanCounts;

static bool
read_mean(size_t i, unsigned worker, void *data, GError **error)
{
    MeanCounts *m = data;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsImage) image = CS_IMAGE_INIT;
    double sum = 0;
    size_t n;

    (void) worker;
    if (!cs_recording_read(m->recording, i, &frame, error)
        || !cs_image_bin(&frame, 1, &image, error))
        return false;
    n = image.width * image.height;
    for (size_t k = 0; k < n; k++)
        sum += (double) image.px[k];
    m->value[i] = sum / (double) n;
    return true;
}

/* Steps of the bias, or of the current where there is no bias. */
static size_t
steps_of_log(const Join *j, CsStepTime *to)
{
    g_autofree double *value = g_new(double, j->log.n);
    g_autofree double *time_s = g_new(double, j->log.n);
    CsStep step[MAX_STEPS];
    size_t n_steps = 0;

    for (int pass = 0; pass < 2 && n_steps == 0; pass++) {
        size_t n = 0;

        for (size_t i = 0; i < j->log.n; i++) {
            const CsElectricalSample *s = &j->log.sample[i];
            double v = pass == 0 ? s->bias_V : s->current_A;

            if (isnan(v))
                continue;
            time_s[n] = s->time_s;
            value[n++] = v;
        }
        n_steps = cs_steps_find(value, n, step, MAX_STEPS);
        for (size_t i = 0; i < n_steps; i++)
            to[i] = (CsStepTime) { time_s[step[i].at - 1],
                                   time_s[step[i].at] };
    }
    return n_steps;
}

/* A step during an exposure gives that frame a level between: it lies from
 * the start of the frame before to the end of the frame after. */
static bool
steps_of_frames(const Join *j, const CsJob *job, CsStepTime *to, size_t *n,
                GError **error)
{
    const CsClock *clock = &j->info->clock;
    g_autofree double *value
        = cs_try_alloc(clock->n_frames, sizeof *value, "the signal", error);
    MeanCounts m = { j->recording, value };
    CsStep step[MAX_STEPS];

    if (value == NULL
        || !cs_parallel_for(job, clock->n_frames, read_mean, &m, error))
        return false;
    for (size_t i = 0; i < clock->n_frames; i++)
        if (!isfinite(value[i]))
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s: the mean of frame %zu is not a number",
                           j->info->name, i);
    *n = cs_steps_find(value, clock->n_frames, step, MAX_STEPS);
    for (size_t i = 0; i < *n; i++)
        to[i] = (CsStepTime) { clock->start_s[step[i].at - 1],
                               end_of(clock, step[i].at) };
    return true;
}

static bool
find_offset(Join *j, const CsJob *job, GError **error)
{
    CsStepTime log[MAX_STEPS], frames[MAX_STEPS];
    CsStepTime span[2] = { { first_s(j), last_s(j) },
                           { 0, end_of_recording(&j->info->clock) } };
    size_t n_log = steps_of_log(j, log), n_frames = 0;

    if (!steps_of_frames(j, job, frames, &n_frames, error))
        return false;
    if (!cs_steps_match(log, n_log, frames, n_frames, span,
                        &j->made.offset_s, &j->made.offset_sd_s))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: no offset can be told from steps: the log shows "
                       "%zu, the mean counts of the frames %zu, and no single "
                       "way to lay them on each other is best; give "
                       "--log-offset S", j->options->path, n_log, n_frames);
    cs_recording_note(j->info, "the log's offset, %.6g s ± %.2g s, was found "
                               "from a step that both the log and the mean "
                               "counts of the frames show",
                      j->made.offset_s, j->made.offset_sd_s);
    return true;
}

static bool
align(Join *j, const CsJob *job, GError **error)
{
    if (!put_zero(j, error))
        return false;
    j->made.offset_s = isnan(j->options->offset_s) ? 0
                                                   : j->options->offset_s;
    if (j->options->find_step && !find_offset(j, job, error))
        return false;
    shift(j, j->made.offset_s);
    return check_overlap(j, error);
}

/* ---- Frame by frame -------------------------------------------------- */

/* The first sample at or after a time. */
static size_t
sample_from(const CsLog *log, double time_s)
{
    size_t low = 0, high = log->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (log->sample[middle].time_s < time_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void
spread_add(CsSpread *s, double value)
{
    if (isnan(value))
        return;
    s->mean = s->n > 0 ? s->mean + (value - s->mean) / (double) (s->n + 1)
                       : value;
    s->min = s->n > 0 ? fmin(s->min, value) : value;
    s->max = s->n > 0 ? fmax(s->max, value) : value;
    s->n++;
}

static void
join_frame(const Join *j, size_t frame, CsElectricalFrame *to)
{
    static const CsSpread none = { NAN, NAN, NAN, 0 };
    const CsClock *clock = &j->info->clock;
    double end_s = end_of(clock, frame) - rounding_s;

    to->bias_V = to->current_A = none;
    for (size_t i = sample_from(&j->log, clock->start_s[frame] - rounding_s);
         i < j->log.n && j->log.sample[i].time_s < end_s; i++) {
        spread_add(&to->bias_V, j->log.sample[i].bias_V);
        spread_add(&to->current_A, j->log.sample[i].current_A);
    }
}

static bool
join_frames(Join *j, GError **error)
{
    size_t n = j->info->clock.n_frames, n_with = 0;

    j->made.frame
        = cs_try_alloc(n, sizeof *j->made.frame, "the log's values", error);
    if (j->made.frame == NULL)
        return false;
    j->made.n_frames = n;
    for (size_t i = 0; i < n; i++) {
        join_frame(j, i, &j->made.frame[i]);
        n_with += j->made.frame[i].bias_V.n + j->made.frame[i].current_A.n > 0;
    }
    cs_recording_note(j->info, "bias and current are from %s (%s): %zu "
                               "samples from %.6g s to %.6g s; %zu of %zu "
                               "frames have samples within their exposure",
                      j->options->path, j->log.title, j->log.n, first_s(j),
                      last_s(j), n_with, n);
    return true;
}

static void
take(Join *j)
{
    for (guint i = 0; j->log.notes != NULL && i < j->log.notes->len; i++)
        cs_recording_note(j->info, "log: %s",
                          (const char *) j->log.notes->pdata[i]);
    j->made.source = g_strdup(j->options->path);
    j->made.format = g_strdup(j->log.title);
    j->made.n_samples = j->log.n;
    j->made.sample = g_steal_pointer(&j->log.sample);
    cs_electrical_find_events(&j->made);
    cs_electrical_clear(&j->info->electrical);
    j->info->electrical = j->made;
    j->made = (CsElectrical) CS_ELECTRICAL_INIT;
}

bool
cs_electrical_join(CsRecording *recording, CsRecordingInfo *info,
                   const CsLogOptions *options, const CsJob *job,
                   GError **error)
{
    g_auto(Join) j = { .recording = recording, .info = info,
                       .options = options, .made = CS_ELECTRICAL_INIT };

    if (!cs_log_read(options, &j.log, error) || !check_clock(&j, error)
        || !align(&j, job, error) || !join_frames(&j, error))
        return false;
    take(&j);
    return true;
}
