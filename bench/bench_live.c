/* How long a frame takes live, from its pixels to the areas of all particles,
 * on a recording given on the command line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "coatscope/live.h"

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

static bool
push_all(CsRecording *recording, CsLive *live, double *ms, size_t *n_particles,
         GError **error)
{
    size_t n = cs_recording_info(recording)->n_frames;
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    for (size_t i = 0; i < n; i++) {
        CsLiveFrame now;
        double start_s;

        if (!cs_recording_read(recording, i, &frame, error))
            return false;
        start_s = bench_now_s();
        if (!cs_live_push(live, &frame, &now, error))
            return false;
        ms[i] = 1e3 * (bench_now_s() - start_s);
        *n_particles = now.n_particles;
    }
    return true;
}

int
main(int argc, char **argv)
{
    CsRecordingOptions options = CS_RECORDING_OPTIONS_INIT;
    g_autoptr(GError) error = NULL;
    g_autoptr(CsRecording) recording = NULL;
    g_autoptr(CsLive) live = NULL;
    g_autofree double *ms = NULL;
    CsJob job = CS_JOB_INIT;
    size_t n, n_particles = 0;

    if (argc < 2) {
        printf("no recording given: nothing is pushed\n");
        return 0;
    }
    job.n_threads
        = argc > 2 ? (unsigned) g_ascii_strtoull(argv[2], NULL, 10) : 0;
    recording = cs_recording_open(argv[1], &options, &job, &error);
    if (recording != NULL)
        live = cs_live_open(cs_recording_info(recording), &job, &error);
    if (live == NULL) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    n = cs_recording_info(recording)->n_frames;
    ms = g_new0(double, n);
    if (!push_all(recording, live, ms, &n_particles, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    printf("first frame %.0f ms", ms[0]);
    qsort(ms, n, sizeof *ms, by_value);
    printf(", median %.1f ms, 95th percentile %.1f ms, %zu particles, %zu "
           "frames, peak %.0f MiB\n", ms[n / 2], ms[n * 95 / 100],
           n_particles, n, bench_peak_mib());
    return 0;
}
