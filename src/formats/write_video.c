/* The video writers: MP4 (H.264) and AVI (Motion JPEG), through ffmpeg.
 *
 * They are pictures to look at, with loss: 8 bits, grey or RGB.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "coatscope/error.h"
#include "formats/child.h"
#include "formats/writers.h"

enum { DEFAULT_RATE = 10, MAX_ARGUMENTS = 48 };

typedef struct {
    CsChild *child;
} Video;

static void
video_close(void *state)
{
    Video *video = state;

    if (video == NULL)
        return;
    cs_child_free(video->child);
    g_free(video);
}

static bool
check(const CsWriterInfo *info, GError **error)
{
    if (info->type == CS_PIXEL_U8
        && (info->n_channels == 1 || info->n_channels == 3))
        return true;
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "%u channels of %s are not written as video (1 or 3 of"
                   " uint8 are)", info->n_channels,
                   cs_pixel_name(info->type));
}

/* `codec` are further arguments, ending with NULL. */
static bool
start(const char *path, const CsWriterInfo *info, const char *const *codec,
      void **state, GError **error)
{
    g_autofree char *url = g_strconcat("file:", path, NULL);
    g_autofree char *size
        = g_strdup_printf("%zux%zu", info->width, info->height);
    g_autofree char *rate = g_strdup_printf("%d", DEFAULT_RATE);
    const char *const begin[] = {
        "ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo",
        "-pixel_format", info->n_channels == 3 ? "rgb24" : "gray",
        "-video_size", size, "-framerate", rate, "-i", "pipe:0", "-threads",
        "2", NULL,
    };
    const char *argv[MAX_ARGUMENTS];
    size_t n = 0;
    CsChild *child;

    if (!check(info, error))
        return false;
    for (size_t i = 0; begin[i] != NULL; i++)
        argv[n++] = begin[i];
    for (size_t i = 0; codec[i] != NULL; i++)
        argv[n++] = codec[i];
    argv[n++] = url;
    argv[n] = NULL;
    child = cs_child_start(argv, CS_CHILD_TAKES, error);
    if (child == NULL)
        return false;
    *state = g_new0(Video, 1);
    ((Video *) *state)->child = child;
    return true;
}

/* Sides become even, as H.264 wants: by a black row or column. */
static bool
mp4_open(const char *path, const CsWriterInfo *info, void **state,
         GError **error)
{
    static const char *const codec[] = {
        "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-crf",
        "18", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-movflags",
        "+faststart", "-f", "mp4", NULL,
    };

    return start(path, info, codec, state, error);
}

static bool
avi_open(const char *path, const CsWriterInfo *info, void **state,
         GError **error)
{
    static const char *const codec[] = {
        "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj444p", "-f", "avi",
        NULL,
    };

    return start(path, info, codec, state, error);
}

static bool
video_write(void *state, const CsFrame *frame, GError **error)
{
    Video *video = state;

    return cs_child_write(video->child, frame->px, cs_frame_n_bytes(frame),
                          error);
}

static bool
video_finish(void *state, GError **error)
{
    Video *video = state;

    return cs_child_finish(video->child, error);
}

const CsWriter cs_writer_mp4 = {
    .name = "mp4",
    .title = "MP4 video (H.264), to look at",
    .suffixes = (const char *const[]) { ".mp4", NULL },
    .is_picture = true,
    .open = mp4_open,
    .write = video_write,
    .finish = video_finish,
    .close = video_close,
};

const CsWriter cs_writer_avi = {
    .name = "avi",
    .title = "AVI video (Motion JPEG), to look at",
    .suffixes = (const char *const[]) { ".avi", NULL },
    .is_picture = true,
    .open = avi_open,
    .write = video_write,
    .finish = video_finish,
    .close = video_close,
};
