/* Videos, made by ffmpeg: a moving test picture.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "samples.h"

static const struct {
    const char *container;
    const char *codec;
    const char *pixels;
} variants[] = {
    { "mp4", "libx264", "yuv420p" }, /* frames that refer forwards */
    { "avi", "mjpeg", "yuvj422p" },
    { "avi", "rawvideo", "bgr24" },
    { "matroska", "ffv1", "gray16le" },
};

static GBytes *
load(const char *path)
{
    char *data;
    gsize n;

    if (!g_file_get_contents(path, &data, &n, NULL) || n == 0)
        return NULL;
    return g_bytes_new_take(data, n);
}

GBytes *
cs_sample_video(int variant)
{
    g_autofree char *program = g_find_program_in_path("ffmpeg");
    g_autofree char *path = NULL;
    GBytes *bytes = NULL;
    int fd;

    if (variant >= (int) G_N_ELEMENTS(variants) || program == NULL)
        return NULL;
    fd = g_file_open_tmp("coatscope-sample-XXXXXX", &path, NULL);
    if (fd >= 0) {
        const char *argv[] = {
            program, "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i",
            "nullsrc=s=32x24:r=10:d=0.5,"
            "geq=lum=mod(40*N+4*X+3*Y\\,220):cb=128:cr=128", "-c:v",
            variants[variant].codec, "-pix_fmt", variants[variant].pixels,
            "-f", variants[variant].container, path, NULL,
        };

        close(fd);
        if (g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL,
                         NULL, NULL, NULL, NULL, NULL))
            bytes = load(path);
        unlink(path);
    }
    return bytes;
}
