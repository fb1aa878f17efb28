/* The headers of all files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/scan.h"

#include <math.h>

#include "coatscope/error.h"
#include "recording/pool.h"

/* Scales of one recording may differ by this much of themselves: files keep
 * them in single precision, or as a rounded number in text. */
static const double scale_tolerance = 1e-3;

typedef struct {
    const CsListing *listing;
    CsScan          *scan;
    bool             ignore_scale;
    const CsJob     *job;
    gint             n_done; /* atomic */
} Loop;

static bool
check_shape(const CsSeriesInfo *info, const CsSeriesInfo *first,
            const char *first_path, GError **error)
{
    if (info->width != first->width || info->height != first->height)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "its frames have %zu × %zu pixels, those of %s "
                       "%zu × %zu; a recording has one size: keep each in "
                       "a folder of its own",
                       info->width, info->height, first_path, first->width,
                       first->height);
    if (info->n_channels != first->n_channels)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "it has %u channels, %s has %u; a recording has the "
                       "same in all files", info->n_channels, first_path,
                       first->n_channels);
    if (info->type != first->type)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "its pixels are %s, those of %s %s; a recording has "
                       "one type", cs_pixel_name(info->type), first_path,
                       cs_pixel_name(first->type));
    return true;
}

static bool
axes_agree(const CsAxis *a, const CsAxis *b)
{
    double x = cs_axis_nm(a), y = cs_axis_nm(b);

    return isnan(x) || isnan(y) || fabs(x - y) <= scale_tolerance * fabs(y);
}

static bool
check_scale(const CsSeriesInfo *info, const CsSeriesInfo *first,
            const char *first_path, GError **error)
{
    if (axes_agree(&info->x, &first->x) && axes_agree(&info->y, &first->y))
        return true;
    return cs_fail(error, CS_ERROR_FORMAT,
                   "its pixels measure %.6g × %.6g nm, those of %s "
                   "%.6g × %.6g nm; --scale says what holds for all",
                   cs_axis_nm(&info->x), cs_axis_nm(&info->y), first_path,
                   cs_axis_nm(&first->x), cs_axis_nm(&first->y));
}

static void
keep(CsScanned *scanned, CsSeriesInfo *info)
{
    scanned->n_frames = info->n_frames;
    scanned->n_frames_declared = info->n_frames_declared;
    scanned->start_unix_s = info->start_unix_s;
    scanned->interval_s = info->interval_s;
    scanned->exposure_s = info->exposure_s;
    scanned->nm_per_px_x = cs_axis_nm(&info->x);
    if (info->clock.n_frames == 0)
        return;
    if (isnan(scanned->start_unix_s))
        scanned->start_unix_s = info->clock.start_unix_s;
    if (info->clock.n_frames == 1 && isnan(scanned->exposure_s))
        scanned->exposure_s = info->clock.duration_s[0];
    scanned->clock = info->clock;
    info->clock = (CsClock) CS_CLOCK_INIT;
}

static bool
scan_one(size_t i, unsigned worker, void *data, GError **error)
{
    Loop *loop = data;
    CsScan *scan = loop->scan;
    const char *path = loop->listing->file[i + 1].path;
    const char *first_path = loop->listing->file[0].path;
    g_auto(CsOpenFile) file = CS_OPEN_FILE_INIT;
    g_auto(CsSeriesInfo) info = CS_SERIES_INFO_INIT;
    int n_done;

    if (!cs_open_file(path, &file, &info, error))
        return false;
    if (file.reader != scan->reader) {
        cs_fail(error, CS_ERROR_FORMAT, "is %s, but %s is %s; a recording "
                "has one format", file.reader->title, first_path,
                scan->reader->title);
        return cs_blame(error, "%s", path);
    }
    if (!check_shape(&info, &scan->first, first_path, error)
        || (!loop->ignore_scale
            && !check_scale(&info, &scan->first, first_path, error)))
        return cs_blame(error, "%s", path);
    keep(&scan->file[i + 1], &info);
    n_done = g_atomic_int_add(&loop->n_done, 1);
    if (worker == 0)
        cs_job_progress(loop->job, "looking at files",
                        (double) n_done / (double) scan->n_files);
    return true;
}

static bool
scan_first(const char *path, CsScan *scan, GError **error)
{
    g_auto(CsOpenFile) file = CS_OPEN_FILE_INIT;

    if (!cs_open_file(path, &file, &scan->first, error))
        return false;
    scan->reader = file.reader;
    keep(&scan->file[0], &scan->first);
    return true;
}

bool
cs_scan_files(const CsListing *listing, bool ignore_scale, const CsJob *job,
              CsScan *scan, GError **error)
{
    g_auto(CsScan) made = CS_SCAN_INIT;
    Loop loop = { .listing = listing, .scan = &made,
                  .ignore_scale = ignore_scale, .job = job };

    made.n_files = listing->n;
    made.file = g_new0(CsScanned, listing->n);
    if (!scan_first(listing->file[0].path, &made, error)
        || !cs_parallel_for(job, listing->n - 1, scan_one, &loop, error))
        return false;
    for (size_t i = 0; i < made.n_files; i++) {
        made.file[i].first_frame = made.n_frames;
        made.n_frames += made.file[i].n_frames;
    }
    cs_scan_clear(scan);
    *scan = made;
    made = (CsScan) CS_SCAN_INIT;
    return true;
}

void
cs_scan_clear(CsScan *scan)
{
    for (size_t i = 0; i < scan->n_files; i++)
        cs_clock_clear(&scan->file[i].clock);
    g_free(scan->file);
    cs_series_info_clear(&scan->first);
    *scan = (CsScan) CS_SCAN_INIT;
}
