/* The table of writers, and the file under a passing name they write to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/writers.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coatscope/error.h"

enum { MAX_DEPTH = 8 }; /* of the folders we write */

const CsWriter *const cs_writers[] = {
    &cs_writer_tiff,
    &cs_writer_ome_tiff,
    &cs_writer_mrc,
    &cs_writer_hspy,
    &cs_writer_ome_zarr,
    &cs_writer_mp4,
    &cs_writer_avi,
    &cs_writer_imagej,
    NULL,
};

const CsWriter *
cs_writer_named(const char *name)
{
    for (size_t i = 0; cs_writers[i] != NULL; i++)
        if (strcmp(cs_writers[i]->name, name) == 0)
            return cs_writers[i];
    return NULL;
}

/* Length of the longest suffix of the writer that the name has, or 0. */
static size_t
suffix_length(const CsWriter *writer, const char *lower_name)
{
    size_t longest = 0;

    for (size_t i = 0; writer->suffixes[i] != NULL; i++)
        if (g_str_has_suffix(lower_name, writer->suffixes[i]))
            longest = MAX(longest, strlen(writer->suffixes[i]));
    return longest;
}

static char *
list_of_suffixes(void)
{
    GString *list = g_string_new(NULL);

    for (size_t i = 0; cs_writers[i] != NULL; i++)
        for (size_t k = 0; cs_writers[i]->suffixes[k] != NULL; k++)
            g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "",
                                   cs_writers[i]->suffixes[k]);
    return g_string_free(list, FALSE);
}

const CsWriter *
cs_writer_for(const char *path, GError **error)
{
    g_autofree char *lower = g_ascii_strdown(path, -1);
    g_autofree char *suffixes = NULL;
    const CsWriter *best = NULL;
    size_t longest = 0;

    for (size_t i = 0; cs_writers[i] != NULL; i++) {
        size_t length = suffix_length(cs_writers[i], lower);

        if (length > longest) {
            best = cs_writers[i];
            longest = length;
        }
    }
    if (best != NULL)
        return best;
    suffixes = list_of_suffixes();
    cs_fail(error, CS_ERROR_ARGUMENT,
            "%s: its suffix is of no format we write, which are: %s", path,
            suffixes);
    return NULL;
}

double
cs_uniform_interval(const CsClock *clock)
{
    double interval;

    if (clock == NULL || clock->n_frames < 2)
        return NAN;
    interval = (clock->start_s[clock->n_frames - 1] - clock->start_s[0])
               / (double) (clock->n_frames - 1);
    if (!(interval > 0) || fabs(clock->start_s[0]) > 1e-6 * interval)
        return NAN;
    for (size_t i = 1; i < clock->n_frames; i++)
        if (!(fabs(clock->start_s[i] - (double) i * interval)
              <= 1e-6 * interval))
            return NAN;
    /* Prefer the number a person would have typed. */
    if (fabs(clock->start_s[1] - interval)
        <= 1e-12 * clock->start_s[clock->n_frames - 1])
        return clock->start_s[1];
    return interval;
}

/* ---- Output --------------------------------------------------------------- */

struct CsOutput {
    const CsWriter *writer;
    CsWriterInfo    info;
    char           *path;
    char           *part; /* the passing name; NULL once it is gone */
    void           *state;
    size_t          n_written;
    bool            failed;
};

static bool
check_info(const CsWriterInfo *info, GError **error)
{
    if (info->width == 0 || info->height == 0 || info->width > CS_MAX_SIDE
        || info->height > CS_MAX_SIDE)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "a frame of %zu x %zu pixels cannot be written (1 to "
                       "%d a side can)",
                       info->width, info->height, CS_MAX_SIDE);
    if (info->n_frames == 0)
        return cs_fail(error, CS_ERROR_ARGUMENT, "there are no frames");
    if (info->n_channels < 1 || info->n_channels > 4
        || (unsigned) info->type >= CS_N_PIXEL_TYPES)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%u channels of type %d are not a frame",
                       info->n_channels, (int) info->type);
    if (info->clock != NULL && info->clock->n_frames != info->n_frames)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "the clock has %zu times for %zu frames",
                       info->clock->n_frames, info->n_frames);
    return true;
}

CsOutput *
cs_output_open(const CsWriter *writer, const char *path,
               const CsWriterInfo *info, GError **error)
{
    g_autoptr(CsOutput) output = g_new0(CsOutput, 1);

    output->writer = writer != NULL ? writer : cs_writer_for(path, error);
    if (output->writer == NULL)
        return NULL;
    output->info = *info;
    output->path = g_strdup(path);
    output->part = g_strdup_printf("%s.part-%08x", path, g_random_int());
    if (!check_info(info, error)
        || !output->writer->open(output->part, &output->info, &output->state,
                                 error)) {
        cs_blame(error, "%s", path);
        return NULL;
    }
    return g_steal_pointer(&output);
}

static bool
check_frame(const CsOutput *output, const CsFrame *frame, GError **error)
{
    const CsWriterInfo *info = &output->info;

    if (output->failed)
        return cs_fail(error, CS_ERROR_ARGUMENT, "writing failed before");
    if (output->n_written == info->n_frames)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "one frame more than the %zu announced",
                       info->n_frames);
    if (frame->width != info->width || frame->height != info->height
        || frame->n_channels != info->n_channels || frame->type != info->type)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "frame %zu has %zu x %zu x %u %s, announced were %zu x "
                       "%zu x %u %s",
                       output->n_written, frame->width, frame->height,
                       frame->n_channels, cs_pixel_name(frame->type),
                       info->width, info->height, info->n_channels,
                       cs_pixel_name(info->type));
    return true;
}

bool
cs_output_write(CsOutput *output, const CsFrame *frame, GError **error)
{
    if (!check_frame(output, frame, error)
        || !output->writer->write(output->state, frame, error)) {
        output->failed = true;
        return cs_blame(error, "%s", output->path);
    }
    output->n_written++;
    return true;
}

/* Flushes the file, or all in the folder, at path to the disk. */
static bool
settle(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    bool ok = fd >= 0 && fstat(fd, &status) == 0
              && (S_ISDIR(status.st_mode) ? syncfs(fd) : fsync(fd)) == 0;

    if (!ok)
        cs_fail(error, CS_ERROR_IO, "cannot be put on disk: %s",
                g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Removes a folder and all in it; links are removed, not followed. */
static void
remove_folder(const char *path, int depth)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        if (!g_file_test(inside, G_FILE_TEST_IS_SYMLINK)
            && g_file_test(inside, G_FILE_TEST_IS_DIR) && depth > 0)
            remove_folder(inside, depth - 1);
        else
            g_unlink(inside);
    }
    g_rmdir(path);
}

/* A folder that is there already goes to a passing name first: one of the two
 * is whole at any time. */
static bool
replace_folder(const char *part, const char *path)
{
    g_autofree char *old = g_strdup_printf("%s.old-%08x", path,
                                           g_random_int());
    bool was_there = g_file_test(path, G_FILE_TEST_IS_DIR);

    if (was_there && g_rename(path, old) < 0)
        return false;
    if (g_rename(part, path) < 0) {
        int why = errno;

        if (was_there)
            g_rename(old, path);
        errno = why;
        return false;
    }
    if (was_there)
        remove_folder(old, MAX_DEPTH);
    return true;
}

static bool
finish(CsOutput *output, GError **error)
{
    if (output->failed || output->n_written != output->info.n_frames)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%zu of %zu frames were written", output->n_written,
                       output->info.n_frames);
    if (!output->writer->finish(output->state, error))
        return false;
    output->writer->close(output->state);
    output->state = NULL;
    if (!settle(output->part, error))
        return false;
    if (output->writer->is_folder
            ? !replace_folder(output->part, output->path)
            : g_rename(output->part, output->path) < 0)
        return cs_fail(error, CS_ERROR_IO, "cannot be put in its place: %s",
                       g_strerror(errno));
    g_clear_pointer(&output->part, g_free);
    return true;
}

bool
cs_output_finish(CsOutput *output, GError **error)
{
    if (finish(output, error))
        return true;
    output->failed = true;
    return cs_blame(error, "%s", output->path);
}

void
cs_output_free(CsOutput *output)
{
    if (output == NULL)
        return;
    if (output->writer != NULL)
        output->writer->close(output->state);
    if (output->part != NULL && output->writer != NULL
        && output->writer->is_folder)
        remove_folder(output->part, MAX_DEPTH);
    else if (output->part != NULL)
        g_unlink(output->part);
    g_free(output->part);
    g_free(output->path);
    g_free(output);
}
