/* Reads recordings for the comparison with another program: a line of facts
 * for each path, and all its pixels, as they are stored, in OUT/NUMBER.raw.
 *
 *     read_frames OUT PATH…
 *
 * Prints, tab-separated: number, frames, height, width, channels, type, step
 * and unit of x, of y, mean interval in s (nan: none); or number and an error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "coatscope/recording.h"

static bool
write_pixels(CsRecording *recording, const char *path, GError **error)
{
    size_t n = cs_recording_info(recording)->n_frames;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    FILE *file = fopen(path, "wb");
    bool ok = file != NULL;

    for (size_t k = 0; k < n && ok; k++)
        ok = cs_recording_read(recording, k, &frame, error)
             && fwrite(frame.px, 1, cs_frame_n_bytes(&frame), file)
                    == cs_frame_n_bytes(&frame);
    if (file != NULL)
        fclose(file);
    return ok;
}

static double
mean_interval(const CsRecordingInfo *info)
{
    return info->n_frames > 1
               ? (info->clock.start_s[info->n_frames - 1]
                  - info->clock.start_s[0]) / (double) (info->n_frames - 1)
               : NAN;
}

static void
read_one(const char *folder, int number, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CsRecording) recording
        = cs_recording_open(path, NULL, NULL, &error);
    g_autofree char *raw = g_strdup_printf("%s/%d.raw", folder, number);
    const CsRecordingInfo *info;
    const CsSeriesInfo *series;

    if (recording == NULL || !write_pixels(recording, raw, &error)) {
        printf("%d\t%s\n", number,
               error != NULL ? error->message : "cannot be written");
        return;
    }
    info = cs_recording_info(recording);
    series = &info->series;
    printf("%d\t%zu\t%zu\t%zu\t%u\t%s\t%.9g\t%s\t%.9g\t%s\t%.9g\n", number,
           info->n_frames, info->height, info->width, series->n_channels,
           cs_pixel_name(series->type), series->x.step, series->x.unit,
           series->y.step, series->y.unit, mean_interval(info));
}

int
main(int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        read_one(argv[1], i - 2, argv[i]);
    return 0;
}
