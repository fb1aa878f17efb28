/* Reopening.
 *
 * The store lists the files of the frames in their order, and the log last. A
 * file each is opened when its frame is wanted; files of many frames stay open.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/reopen.h"

#include <string.h>
#include <sys/stat.h>

#include "coatscope/error.h"
#include "coatscope/recording.h"

enum { MAX_OPEN = 64 };

struct CsReopened {
    gint          n_refs; /* atomic */
    size_t        width, height, n_frames;
    size_t        n_files;
    char        **path;
    size_t       *first;   /* frame of each file, and one past the last     */
    CsRecording **open;    /* of each file; NULL: opened when wanted        */
};

static bool
is_file_of(const char *path, size_t size)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode)
           && (size_t) status.st_size == size;
}

/* Where a file is now, or NULL. */
static char *
find(const CsInputFile *file, const char *dir)
{
    g_autofree char *above = g_path_get_dirname(dir);
    const char *const places[] = { NULL, dir, above };

    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path
            = places[i] == NULL ? g_strdup(file->path)
                                : g_build_filename(places[i], file->path, NULL);

        if (is_file_of(path, file->size))
            return g_steal_pointer(&path);
        if (g_path_is_absolute(file->path))
            break;
    }
    return NULL;
}

/* All inputs but the log, which holds no frame: where there is one, it comes
 * last. */
static size_t
n_frame_files(const CsKept *kept)
{
    size_t n = kept->inputs.n;
    bool has_log = cs_recording_info(kept->recording)->electrical.n_frames > 0;

    return has_log && n > 1 ? n - 1 : n;
}

char *
cs_reopen_missing(const CsKept *kept, const char *dir)
{
    size_t n = n_frame_files(kept);

    if (n == 0)
        return g_strdup("its files are not known");
    for (size_t i = 0; i < n; i++) {
        g_autofree char *path = find(&kept->inputs.file[i], dir);

        if (path == NULL)
            return g_strdup_printf("%s is not there, or has another size "
                                   "than when it was measured",
                                   kept->inputs.file[i].path);
    }
    return NULL;
}

/* ---- Opening --------------------------------------------------------------- */

/* Only pixels are wanted: scale and times are in the store. */
static CsRecording *
open_one(const CsReopened *r, const char *path, GError **error)
{
    CsRecordingOptions options = CS_RECORDING_OPTIONS_INIT;
    const CsJob job = { .n_threads = 1 };
    g_autoptr(CsRecording) recording = NULL;
    const CsRecordingInfo *info;

    options.nm_per_px_x = 1;
    options.allow_gaps = true;
    recording = cs_recording_open(path, &options, &job, error);
    if (recording == NULL)
        return NULL;
    info = cs_recording_info(recording);
    if (info->width == r->width && info->height == r->height)
        return g_steal_pointer(&recording);
    cs_fail(error, CS_ERROR_FORMAT,
            "%s has frames of %zu × %zu pixels, not %zu × %zu as when it was "
            "measured", path, info->width, info->height, r->width, r->height);
    return NULL;
}

static bool
open_stacks(CsReopened *r, GError **error)
{
    size_t n = 0;

    if (r->n_files > MAX_OPEN)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "more than %d files of several frames", MAX_OPEN);
    for (size_t i = 0; i < r->n_files; i++) {
        r->open[i] = open_one(r, r->path[i], error);
        if (r->open[i] == NULL)
            return false;
        r->first[i] = n;
        n += cs_recording_info(r->open[i])->n_frames;
    }
    r->first[r->n_files] = n;
    return n == r->n_frames
           || cs_fail(error, CS_ERROR_FORMAT,
                      "%s holds %zu frames, not %zu as when it was measured",
                      r->path[0], n, r->n_frames);
}

static CsReopened *
reopened_new(const CsKept *kept)
{
    const CsRecordingInfo *info = cs_recording_info(kept->recording);
    CsReopened *r = g_new0(CsReopened, 1);

    r->n_refs = 1;
    r->width = info->width;
    r->height = info->height;
    r->n_frames = info->n_frames;
    r->n_files = n_frame_files(kept);
    r->path = g_new0(char *, r->n_files + 1);
    r->first = g_new0(size_t, r->n_files + 1);
    r->open = g_new0(CsRecording *, r->n_files + 1);
    return r;
}

CsReopened *
cs_reopen(const CsKept *kept, const char *dir, GError **error)
{
    g_autofree char *missing = cs_reopen_missing(kept, dir);
    g_autoptr(CsReopened) r = NULL;

    if (missing != NULL) {
        cs_fail(error, CS_ERROR_IO, "%s", missing);
        return NULL;
    }
    r = reopened_new(kept);
    for (size_t i = 0; i < r->n_files; i++) {
        r->path[i] = find(&kept->inputs.file[i], dir);
        r->first[i] = i;
        if (r->path[i] == NULL) {
            cs_fail(error, CS_ERROR_IO, "%s is gone",
                    kept->inputs.file[i].path);
            return NULL;
        }
    }
    r->first[r->n_files] = r->n_files;
    if ((r->n_files != r->n_frames || r->n_files == 1)
        && !open_stacks(r, error))
        return NULL;
    return g_steal_pointer(&r);
}

CsReopened *
cs_reopened_ref(CsReopened *r)
{
    g_atomic_int_inc(&r->n_refs);
    return r;
}

void
cs_reopened_unref(CsReopened *r)
{
    if (r == NULL || !g_atomic_int_dec_and_test(&r->n_refs))
        return;
    for (size_t i = 0; i < r->n_files; i++)
        cs_recording_unref(r->open[i]);
    g_strfreev(r->path);
    g_free(r->first);
    g_free(r->open);
    g_free(r);
}

bool
cs_reopened_read(CsReopened *r, size_t n, CsFrame *frame, GError **error)
{
    g_autoptr(CsRecording) once = NULL;
    size_t file = 0;

    if (n >= r->n_frames)
        return cs_fail(error, CS_ERROR_ARGUMENT, "there is no frame %zu", n);
    if (r->n_files == r->n_frames)
        file = n;
    while (r->first[file + 1] <= n)
        file++;
    if (r->open[file] != NULL)
        return cs_recording_read(r->open[file], n - r->first[file], frame,
                                 error);
    once = open_one(r, r->path[file], error);
    return once != NULL && cs_recording_read(once, 0, frame, error);
}
