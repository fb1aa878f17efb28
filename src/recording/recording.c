/* Recordings.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/recording.h"

#include <math.h>

#include "coatscope/error.h"
#include "recording/beam.h"
#include "recording/electrical.h"
#include "recording/listing.h"
#include "recording/log_tvips.h"
#include "recording/notes.h"
#include "recording/pool.h"
#include "recording/scan.h"
#include "recording/series_table.h"
#include "recording/timing.h"

struct CsRecording {
    gint            n_refs; /* atomic */
    CsRecordingInfo info;

    CsFrameSource source; /* of frames that do not come from files */
    void         *state;

    CsPool *pool;         /* NULL if they do not                             */
    size_t *first_frame;  /* of each file, and one past the last            */
};

void
cs_recording_note(CsRecordingInfo *info, const char *format, ...)
{
    va_list args;

    if (info->notes == NULL)
        info->notes = g_ptr_array_new_with_free_func(g_free);
    va_start(args, format);
    g_ptr_array_add(info->notes, g_strdup_vprintf(format, args));
    va_end(args);
}

static void
add_notes(CsRecordingInfo *info, const GPtrArray *notes)
{
    for (guint i = 0; notes != NULL && i < notes->len; i++)
        cs_recording_note(info, "%s", (const char *) notes->pdata[i]);
}

void
cs_recording_info_clear(CsRecordingInfo *info)
{
    for (size_t i = 0; i < info->n_files; i++)
        g_free(info->files[i]);
    g_free(info->files);
    g_free(info->name);
    cs_clock_clear(&info->clock);
    cs_series_info_clear(&info->series);
    cs_electrical_clear(&info->electrical);
    cs_ledger_clear(&info->ledger);
    g_clear_pointer(&info->notes, g_ptr_array_unref);
    *info = (CsRecordingInfo) CS_RECORDING_INFO_INIT;
}

/* ---- Opening ---------------------------------------------------------------- */

static void
note_contradiction(CsRecordingInfo *info, const char *axis, double said,
                   double found)
{
    if (isfinite(found) && fabs(said - found) > 0.02 * found)
        cs_recording_note(info, "the scale given, %.6g nm a pixel in %s, is "
                                "used; the file says %.6g nm", said, axis,
                          found);
}

/* Each axis by itself: the user's number, else the file's. */
static void
fill_scale(const CsSeriesInfo *series, const CsRecordingOptions *options,
           CsRecordingInfo *info)
{
    double x = cs_axis_nm(&series->x), y = cs_axis_nm(&series->y);
    double said_x = options->nm_per_px_x;
    double said_y = isfinite(options->nm_per_px_y) ? options->nm_per_px_y
                                                   : said_x;

    if (isfinite(said_x))
        note_contradiction(info, "x", said_x, x);
    if (isfinite(said_y))
        note_contradiction(info, "y", said_y, y);
    info->nm_per_px_x = isfinite(said_x) ? said_x : x;
    info->nm_per_px_y = isfinite(said_y) ? said_y : y;
    if (isfinite(info->nm_per_px_x) && isnan(info->nm_per_px_y)
        && series->y.kind == CS_UNIT_NONE) {
        info->nm_per_px_y = info->nm_per_px_x;
        cs_recording_note(info, "pixels are assumed to be square: the file "
                                "has a scale for x only");
    }
    info->scale_source = isfinite(said_x) || isfinite(said_y)
                             ? CS_SCALE_USER
                         : isfinite(info->nm_per_px_x)
                             ? CS_SCALE_FILE : CS_SCALE_NONE;
}

static void
note_truncation(const CsScan *scan, CsRecordingInfo *info)
{
    for (size_t i = 0; i < scan->n_files; i++)
        if (scan->file[i].n_frames_declared > scan->file[i].n_frames)
            cs_recording_note(info, "%s declares %zu frames but holds %zu: "
                                    "only those are used", info->files[i],
                              scan->file[i].n_frames_declared,
                              scan->file[i].n_frames);
}

static void
note_scales(const CsScan *scan, CsRecordingInfo *info)
{
    size_t n = 0;

    for (size_t i = 0; i < scan->n_files; i++)
        if (isnan(scan->file[i].nm_per_px_x)
            != isnan(scan->file[0].nm_per_px_x))
            n++;
    if (n > 0 && info->scale_source == CS_SCALE_FILE)
        cs_recording_note(info, "%zu of %zu files have no scale; that of the "
                                "first file is used for all", n,
                          scan->n_files);
}

static void
take_files(CsListing *listing, const CsScan *scan, CsRecording *recording)
{
    CsRecordingInfo *info = &recording->info;

    info->n_files = listing->n;
    info->files = g_new0(char *, listing->n + 1);
    recording->first_frame = g_new0(size_t, listing->n + 1);
    for (size_t i = 0; i < listing->n; i++) {
        info->files[i] = g_strdup(listing->file[i].path);
        recording->first_frame[i] = scan->file[i].first_frame;
    }
    recording->first_frame[listing->n] = scan->n_frames;
    recording->pool = cs_pool_new(info->files, info->n_files);
}

bool
cs_recording_join_log(CsRecording *recording, const CsLogOptions *options,
                      const CsJob *job, GError **error)
{
    return cs_electrical_join(recording, &recording->info, options, job,
                              error);
}

/* The log that the user names; else what the frames' own headers have, if
 * they do: most TVIPS streams were taken without a biasing holder. */
static bool
join_log(CsRecording *recording, const CsLogOptions *log, const CsJob *job,
         GError **error)
{
    const CsRecordingInfo *info = &recording->info;
    const CsLogOptions own = { .path = info->files[0], .offset_s = 0 };

    if (log != NULL && log->path != NULL)
        return cs_recording_join_log(recording, log, job, error);
    if (info->n_files == 1 && cs_log_is_tvips(info->files[0]))
        (void) cs_recording_join_log(recording, &own, job, NULL);
    return true;
}

CsRecording *
cs_recording_open(const char *path, const CsRecordingOptions *options,
                  const CsJob *job, GError **error)
{
    static const CsRecordingOptions nothing = CS_RECORDING_OPTIONS_INIT;
    g_auto(CsListing) listing = CS_LISTING_INIT;
    g_auto(CsScan) scan = CS_SCAN_INIT;
    g_autoptr(CsRecording) made = g_new0(CsRecording, 1);
    CsRecordingInfo *info = &made->info;

    made->n_refs = 1;
    *info = (CsRecordingInfo) CS_RECORDING_INFO_INIT;
    options = options != NULL ? options : &nothing;
    if (!cs_listing_make(path, options->allow_gaps, &listing, error)
        || !cs_scan_files(&listing, isfinite(options->nm_per_px_x), job,
                          &scan, error)
        || !cs_series_table_take(&listing, &scan, error))
        return NULL;
    take_files(&listing, &scan, made);
    info->name = g_strdup(options->name != NULL ? options->name
                                                : listing.name);
    info->format = scan.reader->name;
    info->width = scan.first.width;
    info->height = scan.first.height;
    info->n_frames = scan.n_frames;
    add_notes(info, listing.notes);
    add_notes(info, scan.first.notes);
    note_truncation(&scan, info);
    fill_scale(&scan.first, options, info);
    note_scales(&scan, info);
    if (!cs_timing_fill(&listing, &scan, options, job, info, error))
        return NULL;
    info->series = scan.first;
    scan.first = (CsSeriesInfo) CS_SERIES_INFO_INIT;
    if (!cs_beam_fill(made, info, options->beam, job, error)
        || !join_log(made, options->log, job, error))
        return NULL;
    return g_steal_pointer(&made);
}

/* The ledger of a recording without files: what its facts say. */
static void
take_dose(CsRecordingInfo *info)
{
    CsLedger *ledger = &info->ledger;

    if (ledger->source != NULL || isnan(info->series.dose_rate_e_per_A2_s))
        return;
    ledger->rate_e_per_A2_s = info->series.dose_rate_e_per_A2_s;
    ledger->source = g_strdup("as the recording says");
    (void) cs_ledger_fill(ledger, NULL, &info->clock, NULL);
}

CsRecording *
cs_recording_take(CsRecordingInfo *info, const CsFrameSource *source,
                  void *state)
{
    CsRecording *recording = g_new0(CsRecording, 1);

    recording->n_refs = 1;
    recording->info = *info;
    *info = (CsRecordingInfo) CS_RECORDING_INFO_INIT;
    take_dose(&recording->info);
    recording->source = *source;
    recording->state = state;
    return recording;
}

CsRecording *
cs_recording_ref(CsRecording *recording)
{
    g_atomic_int_inc(&recording->n_refs);
    return recording;
}

void
cs_recording_unref(CsRecording *recording)
{
    if (recording == NULL || !g_atomic_int_dec_and_test(&recording->n_refs))
        return;
    if (recording->source.close != NULL)
        recording->source.close(recording->state);
    cs_pool_free(recording->pool);
    g_free(recording->first_frame);
    cs_recording_info_clear(&recording->info);
    g_free(recording);
}

const CsRecordingInfo *
cs_recording_info(const CsRecording *recording)
{
    return &recording->info;
}

/* ---- Reading ---------------------------------------------------------------- */

/* The file that frame `index` is in. */
static size_t
file_of(const CsRecording *recording, size_t index)
{
    size_t low = 0, high = recording->info.n_files;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (recording->first_frame[middle] <= index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool
check_frame(const CsRecordingInfo *info, const CsFrame *frame, GError **error)
{
    if (frame->width == info->width && frame->height == info->height)
        return true;
    return cs_fail(error, CS_ERROR_FORMAT,
                   "has %zu × %zu pixels, not %zu × %zu as when the recording "
                   "was opened", frame->width, frame->height, info->width,
                   info->height);
}

static bool
read_file(CsRecording *recording, size_t index, CsFrame *frame,
          GError **error)
{
    size_t i = file_of(recording, index);
    size_t inside = index - recording->first_frame[i];
    const CsOpenFile *file = cs_pool_borrow(recording->pool, i, error);
    bool ok;

    if (file == NULL)
        return false;
    ok = file->reader->read(file->state, inside, frame, error)
         && check_frame(&recording->info, frame, error);
    cs_pool_give_back(recording->pool, i);
    if (!ok && recording->first_frame[i + 1] - recording->first_frame[i] > 1)
        cs_blame(error, "frame %zu", inside);
    return ok || cs_blame(error, "%s", recording->info.files[i]);
}

bool
cs_recording_read(CsRecording *recording, size_t index, CsFrame *frame,
                  GError **error)
{
    if (index >= recording->info.n_frames)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: there is no frame %zu, the last one is %zu",
                       recording->info.name, index,
                       recording->info.n_frames - 1);
    if (recording->pool == NULL) {
        if (!recording->source.read(recording->state, index, frame, error))
            return false;
    } else if (!read_file(recording, index, frame, error)) {
        return false;
    }
    frame->index = index;
    return true;
}
