/* How fast recordings are read, beside `cat FILE > /dev/null` on the same file
 * in the same run, from page cache.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <stdio.h>

#include "bench.h"
#include "coatscope/recording.h"

enum { SIDE = 1024, N_FRAMES = 200, N_RUNS = 3 };

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

int
main(void)
{
    g_autofree char *folder = g_dir_make_tmp("coatscope-bench-XXXXXX", NULL);

    printf("Reading %d frames of %d x %d, 16 bit, %u threads, best of %d\n",
           N_FRAMES, SIDE, SIDE, cs_job_n_threads(NULL), N_RUNS);
    bench_format(folder, "noise.tif");
    bench_format(folder, "noise.ome.tif");
    g_rmdir(folder);
    return 0;
}
