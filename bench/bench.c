/* What benchmarks share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

#include <gio/gio.h>
#include <math.h>
#include <sys/resource.h>

#include "coatscope/writer.h"

double
bench_now_s(void)
{
    return (double) g_get_monotonic_time() * 1e-6;
}

double
bench_peak_mib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double) usage.ru_maxrss / 1024;
}

static void
fill_with_noise(CsFrame *frame, guint32 seed)
{
    guint16 *px = frame->px;

    for (size_t i = 0; i < frame->width * frame->height; i++) {
        seed = seed * 1664525u + 1013904223u;
        px[i] = (guint16) (1000 + (seed >> 24));
    }
}

void
bench_write_recording(const char *path, size_t side, size_t n_frames)
{
    g_auto(CsClock) clock = CS_CLOCK_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(GError) error = NULL;
    CsWriterInfo info = CS_WRITER_INFO_INIT;
    g_autoptr(CsOutput) output = NULL;

    info.width = info.height = side;
    info.n_frames = n_frames;
    info.type = CS_PIXEL_U16;
    info.nm_per_px_x = info.nm_per_px_y = 0.5;
    if (!cs_clock_resize(&clock, n_frames, &error)
        || !cs_frame_resize(&frame, side, side, 1, CS_PIXEL_U16, &error))
        g_error("%s", error->message);
    cs_clock_fill(&clock, 0.5, 0.5, CS_TIME_MEASURED);
    info.clock = &clock;
    output = cs_output_open(NULL, path, &info, &error);
    for (size_t i = 0; output != NULL && i < n_frames; i++) {
        frame.index = i;
        fill_with_noise(&frame, (guint32) i + 1);
        if (!cs_output_write(output, &frame, &error))
            break;
    }
    if (error != NULL || !cs_output_finish(output, &error))
        g_error("%s: %s", path, error->message);
}

double
bench_command_s(const char *const *argv)
{
    double start_s = bench_now_s();
    g_autoptr(GSubprocess) process = g_subprocess_newv(
        argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE, NULL);

    if (process == NULL || !g_subprocess_wait_check(process, NULL, NULL))
        return NAN;
    return bench_now_s() - start_s;
}

double
bench_best_s(unsigned n, double (*f)(void *data), void *data)
{
    double best_s = INFINITY;

    for (unsigned i = 0; i < n; i++)
        best_s = fmin(best_s, f(data));
    return best_s;
}
