/* How fast recordings are read, beside `cat FILE > /dev/null` on the same file
 * in the same run, from page cache; and how long a folder of DM4 frames takes
 * to open.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <stdio.h>

#include "bench.h"
#include "coatscope/recording.h"

enum { SIDE = 1024, N_FRAMES = 200, N_RUNS = 3, N_DM4 = 2000 };

static bool
read_one(size_t i, unsigned worker, void *data, GError **error)
{
    CsFrame *frames = ((void **) data)[1];

    return cs_recording_read(((void **) data)[0], i, &frames[worker], error);
}

static double
read_all_s(void *path)
{
    double start_s = bench_now_s();
    g_autoptr(GError) error = NULL;
    CsRecordingOptions options = CS_RECORDING_OPTIONS_INIT;
    g_autoptr(CsRecording) recording
        = cs_recording_open(path, &options, NULL, &error);
    unsigned n_workers = cs_job_n_threads(NULL);
    g_autofree CsFrame *frames = g_new0(CsFrame, n_workers);
    void *data[] = { recording, frames };

    if (recording == NULL
        || !cs_parallel_for(NULL, cs_recording_info(recording)->n_frames,
                            read_one, data, &error))
        g_error("%s", error->message);
    for (unsigned w = 0; w < n_workers; w++)
        cs_frame_clear(&frames[w]);
    return bench_now_s() - start_s;
}

static double
cat_s(void *path)
{
    return bench_command_s((const char *[]) { "cat", path, NULL });
}

static void
bench_format(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    double n_mb = (double) SIDE * SIDE * 2 * N_FRAMES / 1e6;
    double ours_s, theirs_s;

    bench_write_recording(path, SIDE, N_FRAMES);
    theirs_s = bench_best_s(N_RUNS, cat_s, path);
    ours_s = bench_best_s(N_RUNS, read_all_s, path);
    printf("%-16s %8.0f MB/s   cat %8.0f MB/s   ratio %.2f   peak %.0f MiB\n",
           name, n_mb / ours_s, n_mb / theirs_s, theirs_s / ours_s,
           bench_peak_mib());
    g_unlink(path);
}

/* ---- A folder of frames ------------------------------------------------- */

/* A real DM4 file to make a folder of, NULL where there is none. */
static char *
find_dm4(void)
{
    static const char name[]
        = "dm4/openncem/dmTest_float32_nonSquare_diffPixelSize.dm4";
    const char *const folders[] = { g_getenv("COATSCOPE_TEST_DATA"),
                                    "../shared/data", "../../shared/data" };

    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path
            = g_build_filename(folders[i] != NULL ? folders[i] : ".", name,
                               NULL);

        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            return g_steal_pointer(&path);
    }
    return NULL;
}

static double
open_only_s(void *folder)
{
    double start_s = bench_now_s();
    g_autoptr(GError) error = NULL;
    CsRecordingOptions options = CS_RECORDING_OPTIONS_INIT;
    g_autoptr(CsRecording) recording = NULL;

    options.interval_s = 1;
    recording = cs_recording_open(folder, &options, NULL, &error);
    if (recording == NULL)
        g_error("%s", error->message);
    return bench_now_s() - start_s;
}

static void
for_each_dm4(const char *folder, const char *bytes, gsize n)
{
    for (int i = 0; i < N_DM4; i++) {
        g_autofree char *name = g_strdup_printf("frame_%04d.dm4", i);
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if (bytes == NULL)
            g_unlink(path);
        else if (!g_file_set_contents(path, bytes, (gssize) n, NULL))
            g_error("%s cannot be written", path);
    }
}

static void
bench_folder(const char *parent)
{
    g_autofree char *folder = g_build_filename(parent, "dm4", NULL);
    g_autofree char *origin = find_dm4();
    g_autofree char *bytes = NULL;
    gsize n;

    if (origin == NULL || !g_file_get_contents(origin, &bytes, &n, NULL)) {
        printf("no DM4 file beside the project: no folder is opened\n");
        return;
    }
    g_mkdir(folder, 0700);
    for_each_dm4(folder, bytes, n);
    printf("opening a folder of %d DM4 frames: %.2f s\n", N_DM4,
           bench_best_s(N_RUNS, open_only_s, folder));
    for_each_dm4(folder, NULL, 0);
    g_rmdir(folder);
}

int
main(void)
{
    g_autofree char *folder = g_dir_make_tmp("coatscope-bench-XXXXXX", NULL);

    printf("Reading %d frames of %d x %d, 16 bit, %u threads, best of %d\n",
           N_FRAMES, SIDE, SIDE, cs_job_n_threads(NULL), N_RUNS);
    bench_format(folder, "noise.tif");
    bench_format(folder, "noise.ome.tif");
    bench_format(folder, "noise.mrc");
    bench_format(folder, "noise.hspy");
    bench_folder(folder);
    g_rmdir(folder);
    return 0;
}
