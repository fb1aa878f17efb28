/* When each frame was taken.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/timing.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "recording/insitu.h"
#include "recording/notes.h"
#include "recording/times_table.h"

/* What the user says may differ from the file by this much without a note. */
static const double contradiction = 0.02;

typedef struct {
    const CsListing *listing;
    const CsScan    *scan;
    CsRecordingInfo *info;
    CsClock         *clock; /* of info */
    const CsJob     *job;
} Timing;

static bool
is_whole(double value, double unit)
{
    double part = fabs(remainder(value, unit));

    return part < 1e-4;
}

/* ---- One stamp a file -------------------------------------------------------- */

static bool
all_single(const CsScan *scan)
{
    return scan->n_frames == scan->n_files;
}

static bool
all_stamped(const CsScan *scan)
{
    bool differ = false;

    for (size_t i = 0; i < scan->n_files; i++) {
        if (!isfinite(scan->file[i].start_unix_s))
            return false;
        differ = differ
                 || fabs(scan->file[i].start_unix_s
                         - scan->file[0].start_unix_s) > 1e-6;
    }
    return differ;
}

/* The coarsest of minute and second that all stamps are whole numbers of, or
 * 0 where they are finer. */
static double
stamp_resolution_s(const CsScan *scan)
{
    double resolution_s = 60;

    for (size_t i = 0; i < scan->n_files; i++) {
        double stamp_s = scan->file[i].start_unix_s;

        if (!is_whole(stamp_s, 60))
            resolution_s = 1;
        if (!is_whole(stamp_s, 1))
            return 0;
    }
    return resolution_s;
}

static size_t
end_of_equal(const CsScan *scan, size_t first)
{
    size_t end = first + 1;

    while (end < scan->n_files
           && fabs(scan->file[end].start_unix_s
                   - scan->file[first].start_unix_s) < 1e-4)
        end++;
    return end;
}

static int
by_size(gconstpointer a, gconstpointer b)
{
    const size_t *x = a;
    const size_t *y = b;

    return (*x > *y) - (*x < *y);
}

static size_t
usual_run(const CsScan *scan)
{
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(size_t));

    for (size_t i = 0; i < scan->n_files;) {
        size_t end = end_of_equal(scan, i), n = end - i;

        g_array_append_val(runs, n);
        i = end;
    }
    g_array_sort(runs, by_size);
    return g_array_index(runs, size_t, runs->len / 2);
}

/* Spreads files with the same coarse stamp evenly over it. The first such run
 * may have begun late and the last ended early: they go by the usual one. */
static void
spread_stamps(const Timing *t, double resolution_s)
{
    const CsScan *scan = t->scan;
    size_t usual = usual_run(scan);

    for (size_t i = 0; i < scan->n_files;) {
        size_t first = i, end = end_of_equal(scan, i), n = end - i;
        size_t skipped = first == 0 && n < usual ? usual - n : 0;
        size_t places = first == 0 || end == scan->n_files ? MAX(n, usual) : n;

        for (; i < end; i++)
            t->clock->start_s[i]
                = scan->file[i].start_unix_s
                  + resolution_s * (double) (i - first + skipped)
                        / (double) places;
    }
}

static void
from_stamps(const Timing *t)
{
    double resolution_s = stamp_resolution_s(t->scan);

    if (resolution_s > 0)
        spread_stamps(t, resolution_s);
    for (size_t i = 0; i < t->scan->n_files; i++) {
        if (!(resolution_s > 0))
            t->clock->start_s[i] = t->scan->file[i].start_unix_s;
        t->clock->source[i] = resolution_s > 0 ? CS_TIME_INTERPOLATED
                                               : CS_TIME_MEASURED;
    }
    if (resolution_s > 0)
        cs_recording_note(t->info,
                          "the files' time stamps are whole %s: times between "
                          "them are interpolated",
                          resolution_s > 1 ? "minutes" : "seconds");
}

static void
from_tree(const Timing *t)
{
    cs_insitu_times(t->listing, t->clock->start_s);
    for (size_t i = 0; i < t->scan->n_files; i++)
        t->clock->source[i] = CS_TIME_INTERPOLATED;
    cs_recording_note(t->info, "times are interpolated from the hour, minute, "
                               "second and frame in the files' names");
}

/* ---- Intervals ----------------------------------------------------------------- */

/* Do the files' names number the frames? */
static bool
counts(const Timing *t)
{
    return t->listing->kind == CS_LISTED_NUMBERED && all_single(t->scan);
}

static void
from_interval(const Timing *t, double interval_s, CsIntervalPer per,
              CsTimeSource source)
{
    const CsListing *listing = t->listing;
    uint64_t step = per == CS_PER_NUMBER ? 1 : listing->step;
    bool by_number = counts(t) && per != CS_PER_FILE;

    for (size_t i = 0; i < t->clock->n_frames; i++) {
        uint64_t n = by_number ? (listing->file[i].number
                                  - listing->file[0].number) / step
                               : i;

        t->clock->start_s[i] = (double) n * interval_s;
        t->clock->source[i] = source;
    }
}

/* The interval all files give, NAN if one gives none or another. */
static double
common_interval_s(const CsScan *scan)
{
    double interval_s = scan->file[0].interval_s;

    for (size_t i = 0; i < scan->n_files; i++)
        if (!(scan->file[i].interval_s > 0)
            || fabs(scan->file[i].interval_s - interval_s)
                   > 1e-6 * interval_s)
            return NAN;
    return interval_s;
}

/* ---- Files with several frames -------------------------------------------------- */

/* Times inside one file from its own start, at the place of its frames. */
static bool
times_inside(const Timing *t, const CsScanned *file)
{
    double *start_s = t->clock->start_s + file->first_frame;
    CsTimeSource *source = t->clock->source + file->first_frame;

    for (size_t k = 0; k < file->n_frames; k++) {
        if (file->clock.n_frames > 0) {
            start_s[k] = file->clock.start_s[k] - file->clock.start_s[0];
            source[k] = file->clock.source[k];
        } else if (file->interval_s > 0 || file->n_frames == 1) {
            start_s[k] = k > 0 ? (double) k * file->interval_s : 0;
            source[k] = CS_TIME_INTERPOLATED;
        }
        if (!isfinite(start_s[k]))
            return false;
    }
    return true;
}

/* From the start of a file to that of its successor, were there no pause. */
static double
length_s(const Timing *t, const CsScanned *file)
{
    const double *start_s = t->clock->start_s + file->first_frame;
    size_t n = file->n_frames;

    if (n > 1)
        return start_s[n - 1] * (double) n / (double) (n - 1);
    return file->interval_s > 0 ? file->interval_s : NAN;
}

static bool
join_files(const Timing *t)
{
    const CsScan *scan = t->scan;
    bool stamped = all_stamped(scan);
    CsTimeSource most = stamped && !(stamp_resolution_s(scan) > 0)
                            ? CS_TIME_MEASURED
                        : stamped ? CS_TIME_INTERPOLATED
                                  : CS_TIME_ASSUMED;
    double at_s = 0;

    for (size_t i = 0; i < scan->n_files; i++) {
        const CsScanned *file = &scan->file[i];
        double next_s;

        if (!times_inside(t, file))
            return false;
        next_s = at_s + length_s(t, file);
        if (stamped)
            at_s = file->start_unix_s - scan->file[0].start_unix_s;
        for (size_t f = file->first_frame;
             f < file->first_frame + file->n_frames; f++) {
            t->clock->start_s[f] += at_s;
            if (i > 0)
                t->clock->source[f] = MIN(t->clock->source[f], most);
        }
        at_s = next_s;
    }
    if (!stamped)
        cs_recording_note(t->info, "no time is assumed to have passed between "
                                   "the end of a file and the next one");
    else if (most == CS_TIME_INTERPOLATED)
        cs_recording_note(t->info, "the files begin at whole seconds by their "
                                   "stamps: times may be off by one");
    return true;
}

static void
forget_times(CsClock *clock)
{
    for (size_t i = 0; i < clock->n_frames; i++) {
        clock->start_s[i] = NAN;
        clock->source[i] = CS_TIME_NONE;
    }
}

/* ---- What the files say ---------------------------------------------------------- */

static void
from_one_file(const Timing *t)
{
    const CsScanned *file = &t->scan->file[0];
    CsClock *clock = t->clock;

    if (file->n_frames == 1) {
        clock->start_s[0] = 0;
        clock->source[0] = CS_TIME_ASSUMED; /* whatever the stamp: it is 0 */
        return;
    }
    if (file->clock.n_frames > 0)
        for (size_t i = 0; i < clock->n_frames; i++) {
            clock->start_s[i] = file->clock.start_s[i];
            clock->source[i] = file->clock.source[i];
        }
    else if (file->interval_s > 0) {
        from_interval(t, file->interval_s, CS_PER_FILE,
                      CS_TIME_INTERPOLATED);
        cs_recording_note(t->info, "the file has one mean interval, %.6g s, "
                                   "and no time stamp of its own for a frame",
                          file->interval_s);
    }
}

static void
from_many_files(const Timing *t)
{
    double interval_s = common_interval_s(t->scan);
    bool stamped = all_stamped(t->scan);
    bool fine = stamped && !(stamp_resolution_s(t->scan) > 0);

    if (!all_single(t->scan)) {
        if (!join_files(t))
            forget_times(t->clock);
    } else if (fine) {
        from_stamps(t);
    } else if (t->listing->kind == CS_LISTED_IN_SITU) {
        from_tree(t);
    } else if (stamped) {
        from_stamps(t);
    } else if (isfinite(interval_s)) {
        from_interval(t, interval_s, CS_PER_UNSAID, CS_TIME_INTERPOLATED);
        cs_recording_note(t->info, "the files have one mean interval, %.6g s, "
                                   "and no time stamps", interval_s);
    } else if (isfinite(t->scan->file[0].start_unix_s)
               && isfinite(t->scan->file[t->scan->n_files - 1].start_unix_s)) {
        cs_recording_note(t->info, "the files' time stamps are all the same, "
                                   "or missing in some: they are not used");
    }
}

static void
fill_durations(const Timing *t)
{
    for (size_t i = 0; i < t->scan->n_files; i++) {
        const CsScanned *file = &t->scan->file[i];

        for (size_t k = 0; k < file->n_frames; k++)
            t->clock->duration_s[file->first_frame + k]
                = file->clock.n_frames > 0
                          && isfinite(file->clock.duration_s[k])
                      ? file->clock.duration_s[k]
                      : file->exposure_s;
    }
}

static void
count_from_first(CsClock *clock)
{
    double first_s = clock->n_frames > 0 ? clock->start_s[0] : NAN;

    if (isfinite(first_s))
        for (size_t i = 0; i < clock->n_frames; i++)
            clock->start_s[i] -= first_s;
}

/* ---- What the user says ---------------------------------------------------------- */

static void
note_contradiction(const Timing *t, double interval_s, double said_s)
{
    if (isfinite(interval_s) && interval_s > 0
        && fabs(said_s - interval_s) > contradiction * interval_s)
        cs_recording_note(t->info,
                          "the interval given, %.6g s, is used; by the %s it "
                          "is %.6g s", said_s,
                          t->scan->n_files > 1 ? "files" : "file", interval_s);
}

/* The first file after a gap in the numbers; 0: there is none. */
static size_t
first_after_gap(const CsListing *listing)
{
    for (size_t i = 1; i < listing->n; i++)
        if (listing->file[i].number - listing->file[i - 1].number
            != listing->step)
            return i;
    return 0;
}

/* A step kept by all numbers may be that of the camera's counter or of
 * somebody who kept every tenth file: only the user knows. */
static bool
check_per(const Timing *t, const CsRecordingOptions *options, GError **error)
{
    const CsListing *listing = t->listing;

    if (!counts(t) || options->interval_per != CS_PER_UNSAID
        || listing->step <= 1)
        return true;
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "the numbers in the files' names go up by %" PRIu64
                   " (%" PRIu64 ", %" PRIu64 ", …): is the interval of %.6g s "
                   "from file to file or from number to number? Say "
                   "--interval-per file or --interval-per number",
                   listing->step, listing->file[0].number,
                   listing->file[1].number, options->interval_s);
}

static void
say_what_counts(const Timing *t, const CsRecordingOptions *options)
{
    const CsListing *listing = t->listing;
    size_t i = counts(t) ? first_after_gap(listing) : 0;
    bool by_number = counts(t) && options->interval_per != CS_PER_FILE;

    if (t->clock->n_frames > 1)
        cs_recording_note(t->info, "times are assumed: %.6g s from %s, as "
                                   "given%s", options->interval_s,
                          options->interval_per == CS_PER_NUMBER
                              ? "number to number in the files' names"
                              : "frame to frame",
                          by_number ? ", and as much for each missing number"
                                    : "");
    if (i > 0 && options->interval_per == CS_PER_UNSAID)
        cs_job_warn(t->job,
                    "%s: numbers are missing in the files' names, and the "
                    "interval counts for them too: from number %" PRIu64
                    " to %" PRIu64 " it is %.6g s. Say --interval-per file if "
                    "it is from file to file, or --interval-per number if "
                    "this is right", t->info->name,
                    listing->file[i - 1].number, listing->file[i].number,
                    t->clock->start_s[i] - t->clock->start_s[i - 1]);
}

static bool
from_user(const Timing *t, const CsRecordingOptions *options, GError **error)
{
    double interval_s = cs_clock_median_interval(t->clock);
    double first_s;

    if (options->times_csv != NULL && isfinite(options->interval_s))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "times are given twice, by --times and --interval");
    if (isfinite(options->interval_s)) {
        note_contradiction(t, interval_s, options->interval_s);
        if (!check_per(t, options, error))
            return false;
        from_interval(t, options->interval_s, options->interval_per,
                      CS_TIME_ASSUMED);
        say_what_counts(t, options);
    }
    if (options->times_csv == NULL)
        return true;
    if (!cs_times_table_read(options->times_csv, t->clock, &first_s, error))
        return false;
    note_contradiction(t, interval_s, cs_clock_median_interval(t->clock));
    cs_recording_note(t->info, "times are those of %s; its first, %.9g s, "
                               "counts as 0", options->times_csv, first_s);
    return true;
}

/* ---- Oddities ------------------------------------------------------------- */

static const struct {
    CsClockOddity what;
    const char   *words;
} oddities[] = {
    { CS_CLOCK_BACK, "time runs backwards" },
    { CS_CLOCK_STILL, "time stands still (a doubled frame or stamp)" },
    { CS_CLOCK_LATE, "late" },
    { CS_CLOCK_DROPPED, "gap, frames are missing" },
    { CS_CLOCK_GAP, "gap" },
};

/* One sentence for each kind, with the longest step of that kind. */
static void
note_steps(const Timing *t)
{
    size_t n;
    g_autofree CsClockOdd *odd = cs_clock_look(t->clock, &n);

    for (size_t k = 0; k < G_N_ELEMENTS(oddities); k++) {
        const CsClockOdd *worst = NULL;
        size_t n_such = 0;

        for (size_t i = 0; i < n; i++) {
            if (odd[i].what != oddities[k].what)
                continue;
            n_such++;
            if (worst == NULL
                || fabs(odd[i].step_s) > fabs(worst->step_s))
                worst = &odd[i];
        }
        if (n_such > 0)
            cs_recording_note(t->info, "%s: %zu frame%s; the longest step, "
                                       "%.6g s where %.6g s are usual, is "
                                       "before frame %zu", oddities[k].words,
                              n_such, n_such > 1 ? "s" : "", worst->step_s,
                              worst->usual_s, worst->frame);
    }
}

/* The time stamps of frames are trusted before a mean interval, and both
 * before an exposure: one that is longer than the step to the next frame
 * cannot be, and is cut to it. */
static void
settle_exposures(const Timing *t)
{
    CsClock *clock = t->clock;
    double usual_s = cs_clock_median_interval(clock), first_s = NAN;
    size_t n_cut = 0;

    for (size_t i = 0; i < clock->n_frames; i++) {
        double step_s = i + 1 < clock->n_frames
                            ? clock->start_s[i + 1] - clock->start_s[i]
                            : usual_s;

        if (!(step_s > 0)
            || !(clock->duration_s[i] > (1 + contradiction) * step_s))
            continue;
        first_s = n_cut++ == 0 ? clock->duration_s[i] : first_s;
        clock->duration_s[i] = step_s;
    }
    if (n_cut > 0)
        cs_recording_note(t->info, "the exposure of %zu frame%s, %.6g s, is "
                                   "longer than the time to the next frame, "
                                   "usually %.6g s: the times of frames are "
                                   "trusted, and exposures end where the "
                                   "next one begins", n_cut,
                          n_cut > 1 ? "s" : "", first_s, usual_s);
}

/* The mean interval in a file's header against its frames' own stamps. */
static void
note_interval(const Timing *t)
{
    double mean_s = common_interval_s(t->scan);
    double usual_s = cs_clock_median_interval(t->clock);

    if (mean_s > 0 && usual_s > 0
        && fabs(mean_s - usual_s) > contradiction * usual_s
        && t->clock->source[t->clock->n_frames - 1] == CS_TIME_MEASURED)
        cs_recording_note(t->info, "the header says %.6g s from frame to "
                                   "frame, their time stamps %.6g s: the "
                                   "stamps are used", mean_s, usual_s);
}

bool
cs_timing_fill(const CsListing *listing, const CsScan *scan,
               const CsRecordingOptions *options, const CsJob *job,
               CsRecordingInfo *info, GError **error)
{
    Timing t = { listing, scan, info, &info->clock, job };

    if (!cs_clock_resize(&info->clock, scan->n_frames, error))
        return false;
    info->clock.start_unix_s
        = scan->is_relative ? NAN : scan->file[0].start_unix_s;
    fill_durations(&t);
    if (scan->n_files == 1)
        from_one_file(&t);
    else
        from_many_files(&t);
    count_from_first(t.clock);
    if (!from_user(&t, options, error))
        return false;
    note_interval(&t);
    settle_exposures(&t);
    note_steps(&t);
    return true;
}
