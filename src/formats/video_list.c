/* What ffprobe tells, line by line.
 *
 * Of most codecs every packet is a frame, and the packets are listed without
 * decoding; of the others the frames are decoded once to count them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/video_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/child.h"

enum {
    MAX_LINE = 4096, MAX_FRAMES = 10000000,
    CHUNK_HEAD_BYTES = 8, /* of AVI: between a packet's place and its bytes */
};

/* One packet, one frame: nothing hidden, no pairs of fields. */
static const char *const plain_codecs[] = {
    "av1", "dnxhd", "ffv1", "ffvhuff", "flv1", "h263", "hevc", "huffyuv",
    "jpeg2000", "magicyuv", "mjpeg", "mpeg1video", "mpeg4", "msmpeg4v2",
    "msmpeg4v3", "msrle", "msvideo1", "png", "prores", "qtrle", "rawvideo",
    "utvideo", "wmv1", "wmv2", NULL,
};

typedef struct {
    CsVideoList *list;
    bool         is_progressive;
    bool         has_stream;
    double       rate;       /* frames a second, by the header; NAN: unknown */
    double       duration_s;
    gint64       last_end; /* of the packet that ends last, in bytes */
    GArray      *decode_ticks;
} Parser;

void
cs_video_list_clear(CsVideoList *list)
{
    g_free(list->date);
    g_clear_pointer(&list->ticks, g_array_unref);
    *list = (CsVideoList) CS_VIDEO_LIST_INIT;
}

/* ---- Lines ---------------------------------------------------------------- */

/* What follows "key=" in one of the fields, or NULL. */
static const char *
value_of(char **fields, const char *key)
{
    size_t n = strlen(key);

    for (char **field = fields; *field != NULL; field++)
        if (strncmp(*field, key, n) == 0 && (*field)[n] == '='
            && strcmp(*field + n + 1, "N/A") != 0)
            return *field + n + 1;
    return NULL;
}

static gint64
whole_of(char **fields, const char *key, gint64 missing)
{
    const char *text = value_of(fields, key);
    gint64 value;

    if (text == NULL
        || !g_ascii_string_to_signed(text, 10, -(G_MAXINT64 / 4),
                                     G_MAXINT64 / 4, &value, NULL))
        return missing;
    return value;
}

static double
number_of(char **fields, const char *key)
{
    const char *text = value_of(fields, key);

    return text != NULL ? g_ascii_strtod(text, NULL) : NAN;
}

/* "1/24000" as a number. */
static double
parse_ratio(const char *text)
{
    char *slash;
    double above, below;

    if (text == NULL)
        return NAN;
    above = g_ascii_strtod(text, &slash);
    below = *slash == '/' ? g_ascii_strtod(slash + 1, NULL) : 1;
    return above > 0 && below > 0 ? above / below : NAN;
}

static bool
take_frame(Parser *parser, char **fields, const char *key, GError **error)
{
    const char *flags = value_of(fields, "flags");
    gint64 shown = whole_of(fields, key, G_MININT64);
    gint64 decoded = whole_of(fields, "dts", G_MININT64);
    gint64 end = whole_of(fields, "pos", -1)
                 + whole_of(fields, "size", 0);

    parser->last_end = MAX(parser->last_end, end);
    if (flags != NULL && strchr(flags, 'D') != NULL)
        return true; /* to be decoded, not to be shown */
    if (parser->list->ticks->len >= MAX_FRAMES)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "has more than %d frames; up to these are read",
                       MAX_FRAMES);
    g_array_append_val(parser->list->ticks, shown);
    g_array_append_val(parser->decode_ticks, decoded);
    return true;
}

static void
take_stream(Parser *parser, char **fields)
{
    CsVideoList *list = parser->list;
    const char *order = value_of(fields, "field_order");
    const char *codec = value_of(fields, "codec_name");
    const char *pixels = value_of(fields, "pix_fmt");

    parser->has_stream = true;
    parser->is_progressive
        = order == NULL || strcmp(order, "progressive") == 0
          || strcmp(order, "unknown") == 0;
    list->width = (size_t) CLAMP(whole_of(fields, "width", 0), 0, 1 << 20);
    list->height = (size_t) CLAMP(whole_of(fields, "height", 0), 0, 1 << 20);
    g_strlcpy(list->codec, codec != NULL ? codec : "", sizeof list->codec);
    g_strlcpy(list->pixel_format, pixels != NULL ? pixels : "",
              sizeof list->pixel_format);
    parser->rate = parse_ratio(value_of(fields, "avg_frame_rate"));
    list->tick_s = parse_ratio(value_of(fields, "time_base"));
    list->n_declared
        = (size_t) CLAMP(whole_of(fields, "nb_frames", 0), 0, MAX_FRAMES);
}

static bool
take_line(Parser *parser, const char *line, GError **error)
{
    g_auto(GStrv) fields = g_strsplit(line, "|", 64);

    if (fields[0] == NULL)
        return true;
    if (strcmp(fields[0], "packet") == 0)
        return take_frame(parser, fields, "pts", error);
    if (strcmp(fields[0], "frame") == 0)
        return take_frame(parser, fields, "best_effort_timestamp", error);
    if (strcmp(fields[0], "stream") == 0 && !parser->has_stream)
        take_stream(parser, fields);
    if (strcmp(fields[0], "format") == 0) {
        double begin_s = number_of(fields, "start_time");
        const char *date = value_of(fields, "tag:creation_time");

        parser->list->begin_s = isfinite(begin_s) ? begin_s : 0;
        parser->duration_s = number_of(fields, "duration");
        if (date != NULL && parser->list->date == NULL)
            parser->list->date = g_strdup(date);
    }
    return true;
}

/* ---- Running ffprobe ------------------------------------------------------ */

static bool
take_lines(Parser *parser, CsChild *child, GError **error)
{
    g_autoptr(GString) line = g_string_new(NULL);
    char bytes[MAX_LINE];
    size_t n = sizeof bytes;

    while (n == sizeof bytes) {
        if (!cs_child_read(child, bytes, sizeof bytes, &n, error))
            return false;
        for (size_t i = 0; i < n; i++) {
            if (bytes[i] != '\n') {
                if (line->len < MAX_LINE)
                    g_string_append_c(line, bytes[i]);
                continue;
            }
            if (!take_line(parser, line->str, error))
                return false;
            g_string_truncate(line, 0);
        }
    }
    return take_line(parser, line->str, error);
}

static bool
run(Parser *parser, const char *path, const char *demuxer,
    const char *entries, GError **error)
{
    g_autofree char *url = g_strconcat("file:", path, NULL);
    const char *argv[] = {
        "ffprobe", "-v", "error", "-protocol_whitelist", "file,pipe",
        "-max_alloc", "1073741824", "-f", demuxer, "-select_streams", "v:0",
        "-show_entries", entries, "-of", "compact", "-i", url, NULL,
    };
    g_autoptr(CsChild) child = cs_child_start(argv, CS_CHILD_GIVES, error);

    return child != NULL && take_lines(parser, child, error)
           && cs_child_finish(child, error);
}

static int
by_tick(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

    return (x > y) - (x < y);
}

static bool
has_all(const GArray *ticks)
{
    for (guint i = 0; i < ticks->len; i++)
        if (g_array_index(ticks, gint64, i) == G_MININT64)
            return false;
    return ticks->len > 0;
}

static bool
rises(const GArray *ticks)
{
    for (guint i = 1; i < ticks->len; i++)
        if (g_array_index(ticks, gint64, i)
            <= g_array_index(ticks, gint64, i - 1))
            return false;
    return has_all(ticks);
}

/* Frames come in the order they are shown. AVI knows only when each is
 * decoded, one after the other: the same steps. */
static void
settle_times(Parser *parser)
{
    GArray *ticks = parser->list->ticks;

    parser->list->can_seek = has_all(ticks);
    if (!parser->list->can_seek && has_all(parser->decode_ticks))
        memcpy(ticks->data, parser->decode_ticks->data,
               ticks->len * sizeof(gint64));
    g_array_sort(ticks, by_tick);
    if (rises(ticks) && parser->list->tick_s > 0)
        return;
    for (guint i = 0; i < ticks->len; i++)
        g_array_index(ticks, gint64, i) = G_MININT64;
}

static bool
is_plain(const Parser *parser)
{
    const char *codec = parser->list->codec;

    return g_strv_contains(plain_codecs, codec)
           || (strcmp(codec, "h264") == 0 && parser->is_progressive);
}

/* Where the header counts no frames, its duration tells how many there should
 * be, to one. */
static void
expect_frames(Parser *parser)
{
    double n = rint(parser->rate * parser->duration_s);

    if (n > parser->list->ticks->len + 1.0 && n < MAX_FRAMES)
        parser->list->n_declared = (size_t) n;
}

static bool
list_frames(Parser *parser, const char *path, const char *demuxer,
            uint64_t file_bytes, GError **error)
{
    CsVideoList *list = parser->list;

    if (!run(parser, path, demuxer,
             "stream=codec_name,width,height,pix_fmt,nb_frames,time_base,"
             "field_order,avg_frame_rate:format=start_time,duration:"
             "format_tags=creation_time", error))
        return false;
    if (!parser->has_stream || list->width < 1 || list->height < 1
        || list->pixel_format[0] == '\0')
        return cs_fail(error, CS_ERROR_FORMAT,
                       "holds no video that ffprobe understands");
    if (!run(parser, path, demuxer,
             is_plain(parser) ? "packet=pts,dts,flags,pos,size"
                              : "frame=best_effort_timestamp", error))
        return false;
    if (list->n_declared == 0)
        expect_frames(parser);
    list->is_cut = list->n_declared > 0
                   && list->ticks->len <= list->n_declared
                   && parser->last_end + CHUNK_HEAD_BYTES
                          >= (gint64) file_bytes;
    settle_times(parser);
    if (list->is_cut && list->ticks->len < list->n_declared
        && list->ticks->len > 0)
        g_array_set_size(list->ticks, list->ticks->len - 1);
    if (list->ticks->len > 0)
        return true;
    return cs_fail(error, CS_ERROR_FORMAT, "holds no whole frame of video");
}

bool
cs_video_list(const char *path, const char *demuxer, uint64_t file_bytes,
              CsVideoList *list, GError **error)
{
    g_auto(CsVideoList) fresh = CS_VIDEO_LIST_INIT;
    Parser parser = { .list = &fresh, .rate = NAN, .duration_s = NAN };
    bool ok;

    fresh.ticks = g_array_new(FALSE, FALSE, sizeof(gint64));
    parser.decode_ticks = g_array_new(FALSE, FALSE, sizeof(gint64));
    ok = list_frames(&parser, path, demuxer, file_bytes, error);
    g_array_unref(parser.decode_ticks);
    if (!ok)
        return false;
    *list = fresh;
    fresh = (CsVideoList) CS_VIDEO_LIST_INIT;
    return true;
}
