/* Frames to the disk as they come. MRC2014: mode 6, little endian.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "protocol/log.h"

enum { HEADER = 1024, UNSIGNED_16 = 6, VERSION = 20141 };

void
cs_stream_clear(CsStream *s)
{
    if (s->fd >= 0)
        close(s->fd);
    if (s->table != NULL)
        fclose(s->table);
    g_free(s->path);
    g_free(s->times);
    g_free(s->full_path);
    *s = (CsStream) CS_STREAM_INIT;
}

static bool
fail(const CsStream *s, int code, GError **error)
{
    return cs_fail(error, CS_ERROR_IO, "%s, frame %zu: %s", s->path, s->n + 1,
                   g_strerror(code));
}

static bool
put_at(const CsStream *s, const void *bytes, size_t n, guint64 at,
       GError **error)
{
    const char *from = bytes;

    if (s->full_after > 0 && at + n > s->full_after)
        return fail(s, ENOSPC, error);
    while (n > 0) {
        ssize_t now = pwrite(s->fd, from, n, (off_t) at);

        if (now < 0 && errno == EINTR)
            continue;
        if (now <= 0)
            return fail(s, now < 0 ? errno : ENOSPC, error);
        from += now;
        at += (guint64) now;
        n -= (size_t) now;
    }
    return true;
}

static void
put_i32(guint8 *to, gint32 value)
{
    guint32 word = GUINT32_TO_LE((guint32) value);

    memcpy(to, &word, sizeof word);
}

static void
put_f32(guint8 *to, float value)
{
    gint32 bits;

    memcpy(&bits, &value, sizeof bits);
    put_i32(to, bits);
}

/* A stack of n images, whose cell is as large as they are, in angstrom. */
static bool
write_header(const CsStream *s, double nm_per_px, GError **error)
{
    guint8 h[HEADER] = { 0 };
    const gint32 size[3] = { (gint32) s->width, (gint32) s->height, 0 };

    for (int i = 0; i < 3; i++) {
        put_i32(h + 4 * i, size[i]);
        put_i32(h + 28 + 4 * i, MAX(size[i], 1));
        put_f32(h + 40 + 4 * i,
                (float) (10 * nm_per_px * MAX(size[i], 1)));
        put_f32(h + 52 + 4 * i, 90);
        put_i32(h + 64 + 4 * i, i + 1);
    }
    put_i32(h + 12, UNSIGNED_16);
    put_f32(h + 80, -1); /* least above most: not determined */
    put_f32(h + 76, 0);
    put_f32(h + 84, -2);
    put_f32(h + 216, -1);
    put_i32(h + 108, VERSION);
    memcpy(h + 208, "MAP DD\0\0", 8);
    return put_at(s, h, sizeof h, 0, error);
}

/* The number of images, for whoever opens it now. */
static bool
tell_n(const CsStream *s, size_t n, GError **error)
{
    guint8 word[4];

    put_i32(word, (gint32) n);
    return put_at(s, word, 4, 8, error) && put_at(s, word, 4, 36, error);
}

bool
cs_stream_open(const char *dir, const char *name, double nm_per_px,
               const CsFrame *first, CsStream *stream, GError **error)
{
    g_auto(CsStream) s = CS_STREAM_INIT;
    g_autofree char *table = NULL;

    if (first->type != CS_PIXEL_U16 || first->n_channels != 1)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "frames of %s; streamed are those of uint16",
                       cs_pixel_name(first->type));
    s.width = first->width;
    s.height = first->height;
    s.path = cs_run_free_name(dir, name, ".mrc");
    s.full_path = g_build_filename(dir, s.path, NULL);
    s.times = g_strdup_printf("%.*s.times.csv", (int) strlen(s.path) - 4,
                              s.path);
    s.fd = open(s.full_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    table = g_build_filename(dir, s.times, NULL);
    s.table = s.fd >= 0 ? g_fopen(table, "wxe") : NULL;
    if (s.table == NULL
        || fputs("frame,time_s,computer_s\n", s.table) < 0)
        return fail(&s, errno, error);
    if (!write_header(&s, nm_per_px, error))
        return false;
    *stream = s;
    s = (CsStream) CS_STREAM_INIT;
    return true;
}

bool
cs_stream_add(CsStream *s, const CsFrame *frame, double time_s,
              double computer_s, GError **error)
{
    size_t n = s->width * s->height * 2;
    char t[2][G_ASCII_DTOSTR_BUF_SIZE];

    if (frame->width != s->width || frame->height != s->height
        || frame->type != CS_PIXEL_U16 || frame->n_channels != 1)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: frame %zu is of another shape than the first",
                       s->path, s->n + 1);
    g_ascii_formatd(t[0], sizeof t[0], "%.9g", time_s);
    g_ascii_formatd(t[1], sizeof t[1], "%.6f", computer_s);
    /* its time first: a frame that is counted has one */
    if (!put_at(s, frame->px, n, HEADER + (guint64) s->n * n, error))
        return false;
    if (fprintf(s->table, "%zu,%s,%s\n", s->n, t[0], t[1]) < 0
        || fflush(s->table) != 0)
        return fail(s, errno, error);
    if (!tell_n(s, s->n + 1, error))
        return false;
    s->n++;
    return true;
}

bool
cs_stream_sync(CsStream *s, GError **error)
{
    return (fsync(s->fd) == 0 && fsync(fileno(s->table)) == 0)
           || fail(s, errno, error);
}
