/* What each stage of measuring costs, on a recording given on the command
 * line: seconds of wall and of processors, a frame, and MB of pixels a second.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <stdio.h>
#include <sys/resource.h>

#include "bench.h"
#include "coatscope/detect.h"
#include "coatscope/drift.h"
#include "coatscope/inputs.h"
#include "coatscope/outline.h"

typedef struct {
    double wall_s;
    double cpu_s;
} Cost;

static Cost
now(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (Cost) { bench_now_s(),
                    (double) usage.ru_utime.tv_sec
                        + 1e-6 * (double) usage.ru_utime.tv_usec
                        + (double) usage.ru_stime.tv_sec
                        + 1e-6 * (double) usage.ru_stime.tv_usec };
}

static Cost
show(const char *what, Cost start, const CsRecordingInfo *info)
{
    Cost end = now();
    double wall_s = end.wall_s - start.wall_s;
    double cpu_s = end.cpu_s - start.cpu_s;
    double n = (double) info->n_frames;
    double mb = n * (double) (info->width * info->height) * 2e-6;

    printf("%-10s %8.2f s  %8.2f s of CPU  %8.3f ms of CPU a frame  %7.0f "
           "MB/s\n", what, wall_s, cpu_s, 1e3 * cpu_s / n, mb / wall_s);
    return end;
}

static bool
measure(CsRecording *recording, const CsJob *job, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_auto(CsInputs) inputs = CS_INPUTS_INIT;
    g_auto(CsSeeds) first = CS_SEEDS_INIT;
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    g_auto(CsShifts) shifts = CS_SHIFTS_INIT;
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    Cost at = now(), start = at;

    if (!cs_inputs_hash(info->files, info->n_files, job, &inputs, error))
        return false;
    at = show("hash", at, info);
    if (!cs_detect_particles(recording, NULL, job, &first, error))
        return false;
    at = show("detect", at, info);
    if (!cs_drift_measure(recording, &first, job, &shifts, error))
        return false;
    at = show("drift", at, info);
    if (!cs_detect_particles(recording, &shifts, job, &seeds, error))
        return false;
    at = show("detect 2", at, info);
    if (!cs_outline_trace(recording, &shifts, &seeds, job, &outlines, error))
        return false;
    at = show("outline", at, info);
    show("all", start, info);
    printf("%zu frames, %zu particles, peak %.0f MiB\n", info->n_frames,
           seeds.n, bench_peak_mib());
    return true;
}

int
main(int argc, char **argv)
{
    CsRecordingOptions options = CS_RECORDING_OPTIONS_INIT;
    g_autoptr(GError) error = NULL;
    g_autoptr(CsRecording) recording = NULL;
    CsJob job = CS_JOB_INIT;

    if (argc < 2) {
        printf("no recording given: nothing to measure\n");
        return 0;
    }
    job.n_threads = argc > 2 ? (unsigned) g_ascii_strtoull(argv[2], NULL, 10) : 0;
    recording = cs_recording_open(argv[1], &options, &job, &error);
    if (recording == NULL || !measure(recording, &job, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    return 0;
}
