/* Video: AVI, MP4, MOV, MKV and their like, through the programs ffprobe and
 * ffmpeg.
 *
 * They run as processes of their own, are told which container to expect (so
 * that a playlist in disguise opens nothing else) and may open files and
 * pipes only, no network. Frames come one after the other; another place is
 * reached by starting again there. What is grey stays as stored: of YUV the
 * luma, untouched; of RGB all three.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/bytes.h"
#include "formats/child.h"
#include "formats/readers.h"
#include "formats/video_list.h"

enum {
    MAX_KEPT = 32,
    KEPT_BYTES = 64 << 20,
    FAR_FRAMES = 100, /* ahead: it is quicker to start again there */
    MIN_DEPTH = 9, MAX_DEPTH = 16,
};

/* Containers, by what their bytes begin with. */
static const struct {
    size_t      at;
    size_t      n;
    const char *bytes;
    const char *demuxer;
    int         score;
} containers[] = {
    { 8, 4, "AVI ", "avi", 95 },
    { 4, 4, "ftyp", "mov", 95 },
    { 4, 4, "moov", "mov", 80 },
    { 4, 4, "mdat", "mov", 60 },
    { 4, 4, "wide", "mov", 60 },
    { 4, 4, "free", "mov", 60 },
    { 4, 4, "skip", "mov", 60 },
    { 0, 4, "\x1a\x45\xdf\xa3", "matroska", 95 },
    { 0, 4, "\0\0\1\xba", "mpeg", 70 },
    { 0, 8, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf", 95 },
    { 0, 4, "FLV\1", "flv", 90 },
};

/* A frame decoded before. */
typedef struct {
    size_t index; /* SIZE_MAX: none */
    void  *px;
} Kept;

typedef struct {
    GMutex      lock;
    char       *path;
    bool        is_ours;   /* the file: to be removed */
    const char *demuxer;
    char       *filter;
    size_t      width;
    size_t      height;
    unsigned    n_channels;
    CsPixelType type;
    size_t      frame_bytes;
    CsVideoList list;

    CsChild *child;        /* NULL: none runs                  */
    size_t   next;         /* frame that it gives next         */
    Kept     kept[MAX_KEPT];
    size_t   n_kept;       /* that may be kept                 */
    size_t   oldest;
} State;

static int
container_of(const guint8 *head, size_t n)
{
    for (size_t i = 0; i < G_N_ELEMENTS(containers); i++)
        if (n >= containers[i].at + containers[i].n
            && memcmp(head + containers[i].at, containers[i].bytes,
                      containers[i].n) == 0)
            return (int) i;
    return -1;
}

static int
probe_video(const guint8 *head, size_t n)
{
    int i = container_of(head, n);

    return i >= 0 ? containers[i].score : 0;
}

/* ---- Pixels as they are stored -------------------------------------------- */

/* Packed YUV, and the planar form that holds the same numbers. */
static const struct {
    const char *packed;
    const char *planar;
} packings[] = {
    { "yuyv422", "yuv422p" }, { "uyvy422", "yuv422p" },
    { "yvyu422", "yuv422p" }, { "nv12", "yuv420p" },
    { "nv21", "yuv420p" },    { "nv16", "yuv422p" },
    { "uyyvyy411", "yuv411p" },
};

/* Bits of a sample in "yuv420p10le", 8 where nothing is said. */
static int
depth_of(const char *format)
{
    size_t n = strlen(format);
    int depth = 0;

    if (n < 3 || (strcmp(format + n - 2, "le") != 0
                  && strcmp(format + n - 2, "be") != 0))
        return 8;
    for (n -= 2; n > 0 && g_ascii_isdigit(format[n - 1]); n--)
        ;
    depth = (int) g_ascii_strtoull(format + n, NULL, 10);
    return depth >= MIN_DEPTH && depth <= MAX_DEPTH ? depth : MAX_DEPTH;
}

static void
choose_pixels(State *s)
{
    const char *format = s->list.pixel_format;
    int depth = depth_of(format);
    bool is_wide = depth > 8;
    g_autofree char *grey = is_wide ? g_strdup_printf("gray%dle", depth)
                                    : g_strdup("gray");

    s->type = is_wide ? CS_PIXEL_U16 : CS_PIXEL_U8;
    s->n_channels = 1;
    for (size_t i = 0; i < G_N_ELEMENTS(packings); i++)
        if (strcmp(packings[i].packed, format) == 0) {
            s->filter = g_strdup_printf("format=%s,extractplanes=y,format=%s",
                                        packings[i].planar, grey);
            return;
        }
    if (g_str_has_prefix(format, "gray")) {
        s->filter = g_strdup_printf("format=%s", grey);
    } else if (g_str_has_prefix(format, "yuv")
               || g_str_has_prefix(format, "ya")) {
        s->filter = g_strdup_printf("extractplanes=y,format=%s", grey);
    } else {
        bool is_deep = is_wide && strstr(format, "rgb555") == NULL
                       && strstr(format, "565") == NULL;

        is_deep = is_deep && (strstr(format, "48") != NULL
                              || strstr(format, "64") != NULL
                              || g_str_has_prefix(format, "gbr"));
        s->filter = g_strdup(is_deep ? "format=rgb48le" : "format=rgb24");
        s->type = is_deep ? CS_PIXEL_U16 : CS_PIXEL_U8;
        s->n_channels = 3;
    }
}

/* ---- The decoder ---------------------------------------------------------- */

static gint64
tick_of(const State *s, size_t index)
{
    return g_array_index(s->list.ticks, gint64, index);
}

/* Starts decoding so that frame `index` comes first: half a frame before it,
 * as seconds from the file's beginning. Damage ends it, rather than being
 * painted over; but of a file that is cut the rest is wanted. */
static bool
start(State *s, size_t index, GError **error)
{
    g_autofree char *url = g_strconcat("file:", s->path, NULL);
    char at[G_ASCII_DTOSTR_BUF_SIZE] = "0";
    const char *argv[] = {
        "ffmpeg", "-nostdin", "-v", "error", "-xerror", "-max_alloc",
        "1073741824", "-protocol_whitelist", "file,pipe", "-err_detect",
        "explode", "-threads", "2", "-noautorotate", "-reinit_filter", "0",
        "-fflags", s->list.is_cut ? "discardcorrupt" : "0",
        "-f", s->demuxer, "-ss", at, "-i", url, "-map", "0:v:0", "-an", "-sn",
        "-dn", "-vf", s->filter, "-fps_mode", "passthrough", "-f", "rawvideo",
        "pipe:1", NULL,
    };

    if (index > 0) {
        double half = ((double) tick_of(s, index - 1)
                       + (double) tick_of(s, index)) / 2;

        g_ascii_formatd(at, sizeof at, "%.9f",
                        half * s->list.tick_s - s->list.begin_s);
    } else {
        for (size_t i = 0; argv[i] != NULL; i++)
            if (strcmp(argv[i], "-ss") == 0)
                memmove(argv + i, argv + i + 2,
                        sizeof argv - (i + 2) * sizeof *argv);
    }
    g_clear_pointer(&s->child, cs_child_free);
    s->child = cs_child_start(argv, CS_CHILD_GIVES, error);
    s->next = index;
    return s->child != NULL;
}

static Kept *
find_kept(State *s, size_t index)
{
    for (size_t i = 0; i < s->n_kept; i++)
        if (s->kept[i].px != NULL && s->kept[i].index == index)
            return &s->kept[i];
    return NULL;
}

/* The decoder ended before a frame: why? */
static bool
tell_end(State *s, size_t got, GError **error)
{
    if (!cs_child_finish(s->child, error))
        return cs_blame(error, "cannot be decoded");
    return cs_fail(error, CS_ERROR_FORMAT,
                   "the video ends %s this frame; its header tells of %u",
                   got > 0 ? "inside" : "before", s->list.ticks->len);
}

/* Takes the next frame into the place of the oldest one kept. */
static bool
decode_next(State *s, GError **error)
{
    Kept *kept = &s->kept[s->oldest];
    size_t got;

    if (kept->px == NULL)
        kept->px = cs_try_alloc(s->frame_bytes, 1, "a frame", error);
    if (kept->px == NULL)
        return false;
    kept->index = SIZE_MAX;
    if (!cs_child_read(s->child, kept->px, s->frame_bytes, &got, error))
        return false;
    if (got < s->frame_bytes)
        return tell_end(s, got, error);
    kept->index = s->next++;
    s->oldest = (s->oldest + 1) % s->n_kept;
    return true;
}

static bool
decode_until(State *s, size_t index, GError **error)
{
    while (s->next <= index)
        if (!decode_next(s, error)) {
            g_clear_pointer(&s->child, cs_child_free);
            return false;
        }
    return true;
}

static bool
can_seek(const State *s, size_t index)
{
    return index > FAR_FRAMES / 4 && s->list.can_seek
           && tick_of(s, index) != G_MININT64;
}

/* By the shortest way: on from here, or from another place. Where decoding
 * cannot begin there, it begins at the beginning. */
static bool
reach(State *s, size_t index, GError **error)
{
    if (s->child != NULL && s->next <= index
        && index - s->next <= FAR_FRAMES)
        return decode_until(s, index, error);
    if (can_seek(s, index)
        && start(s, index, NULL) && decode_until(s, index, NULL))
        return true;
    return start(s, 0, error) && decode_until(s, index, error);
}

/* ---- Times ---------------------------------------------------------------- */

/* Even but for the rounding to ticks: then the file tells one interval. */
static bool
is_even(const State *s)
{
    size_t n = s->list.ticks->len;
    double begin = (double) tick_of(s, 0);
    double step = ((double) tick_of(s, n - 1) - begin) / (double) (n - 1);

    for (size_t i = 1; i < n; i++)
        if (fabs((double) tick_of(s, i) - begin - (double) i * step) > 1.5)
            return false;
    return true;
}

static bool
fill_clock(const State *s, CsSeriesInfo *info, GError **error)
{
    size_t n = s->list.ticks->len;
    CsTimeSource source;

    if (n < 2 || tick_of(s, 0) == G_MININT64) {
        if (n > 1)
            cs_series_info_note(info, "the video has no times that rise");
        return true;
    }
    if (!cs_clock_resize(&info->clock, n, error))
        return false;
    source = is_even(s) ? CS_TIME_INTERPOLATED : CS_TIME_MEASURED;
    for (size_t i = 0; i < n; i++) {
        info->clock.start_s[i]
            = (double) (tick_of(s, i) - tick_of(s, 0)) * s->list.tick_s;
        info->clock.source[i] = source;
    }
    cs_series_info_note(info, "times are those of the video: if it was sped up"
                        " or slowed down when it was made, say --interval");
    return true;
}

/* ---- The reader ----------------------------------------------------------- */

static void
close_video(void *opened)
{
    State *s = opened;

    if (s == NULL)
        return;
    cs_child_free(s->child);
    for (size_t i = 0; i < MAX_KEPT; i++)
        g_free(s->kept[i].px);
    if (s->is_ours)
        unlink(s->path);
    cs_video_list_clear(&s->list);
    g_mutex_clear(&s->lock);
    g_free(s->filter);
    g_free(s->path);
    g_free(s);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(State, close_video)

/* ffmpeg insists on a file: memory is written to one. */
static bool
write_copy(const CsSource *source, int fd, GError **error)
{
    uint64_t size = cs_source_size(source);
    char bytes[1 << 14];

    for (uint64_t at = 0; at < size;) {
        size_t n = (size_t) MIN(size - at, sizeof bytes);

        if (!cs_source_read(source, at, bytes, n, "the video", error))
            return false;
        if (write(fd, bytes, n) != (ssize_t) n)
            return cs_fail(error, CS_ERROR_IO,
                           "cannot be written to a temporary file");
        at += n;
    }
    return true;
}

static bool
find_file(State *s, const CsSource *source, GError **error)
{
    g_autoptr(GError) why = NULL;
    bool ok;
    int fd;

    if (cs_source_path(source) != NULL) {
        s->path = g_canonicalize_filename(cs_source_path(source), NULL);
        return true;
    }
    fd = g_file_open_tmp("coatscope-XXXXXX", &s->path, &why);
    if (fd < 0)
        return cs_fail(error, CS_ERROR_IO, "no temporary file: %s",
                       why->message);
    s->is_ours = true;
    ok = write_copy(source, fd, error);
    close(fd);
    return ok;
}

static bool
find_shape(State *s, GError **error)
{
    if (s->list.width > CS_MAX_SIDE || s->list.height > CS_MAX_SIDE)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "has frames of %zu × %zu pixels; sides up to %d are"
                       " read", s->list.width, s->list.height, CS_MAX_SIDE);
    choose_pixels(s);
    s->width = s->list.width;
    s->height = s->list.height;
    s->frame_bytes = s->width * s->height * s->n_channels
                     * cs_pixel_size(s->type);
    s->n_kept = CLAMP(KEPT_BYTES / s->frame_bytes, 1, MAX_KEPT);
    return true;
}

static bool
tell(const State *s, CsSeriesInfo *info, GError **error)
{
    info->width = s->width;
    info->height = s->height;
    info->n_channels = s->n_channels;
    info->type = s->type;
    info->n_frames = s->list.ticks->len;
    info->n_frames_declared = MAX(info->n_frames, s->list.n_declared);
    info->date = g_strdup(s->list.date);
    if (info->n_frames < info->n_frames_declared)
        cs_series_info_note(info, "the header tells of %zu frames, the file"
                            " holds %zu%s", s->list.n_declared,
                            info->n_frames,
                            s->list.is_cut ? ": its end is missing" : "");
    return fill_clock(s, info, error);
}

static bool
open_video(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    g_auto(CsSeriesInfo) found = CS_SERIES_INFO_INIT;
    g_autoptr(State) s = g_new0(State, 1);
    guint8 head[16];
    int container = container_of(head, cs_source_peek(source, head,
                                                      sizeof head));

    g_mutex_init(&s->lock);
    s->list = (CsVideoList) CS_VIDEO_LIST_INIT;
    if (container < 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "does not begin as a video we know");
    s->demuxer = containers[container].demuxer;
    if (!find_file(s, source, error)
        || !cs_video_list(s->path, s->demuxer, cs_source_size(source),
                          &s->list, error)
        || !find_shape(s, error) || !tell(s, &found, error))
        return false;
    *state = g_steal_pointer(&s);
    *info = found;
    found = (CsSeriesInfo) CS_SERIES_INFO_INIT;
    return true;
}

static bool
read_video(void *opened, size_t index, CsFrame *frame, GError **error)
{
    State *s = opened;
    const Kept *kept;
    bool ok;

    if (!cs_frame_resize(frame, s->width, s->height, s->n_channels, s->type,
                         error))
        return false;
    g_mutex_lock(&s->lock);
    kept = find_kept(s, index);
    ok = kept != NULL || reach(s, index, error);
    if (ok && kept == NULL)
        kept = find_kept(s, index);
    if (kept != NULL)
        memcpy(frame->px, kept->px, s->frame_bytes);
    g_mutex_unlock(&s->lock);
    if (ok && G_BYTE_ORDER == G_BIG_ENDIAN)
        cs_bytes_swap(frame->px, s->frame_bytes, cs_pixel_size(s->type));
    return ok;
}

static const char *const suffixes[]
    = { ".avi", ".mp4", ".mov", ".m4v", ".mkv", ".webm", ".wmv", ".mpg",
        ".mpeg", ".flv", NULL };

const CsReader cs_reader_video = {
    .name = "video",
    .title = "video (AVI, MP4, MOV, MKV, …, through ffmpeg)",
    .suffixes = suffixes,
    .probe = probe_video,
    .open = open_video,
    .read = read_video,
    .close = close_video,
};
