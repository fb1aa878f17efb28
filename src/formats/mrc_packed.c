/* MRC files packed with gzip or bzip2.
 *
 * Packed data can only be read from the start on, frames are wanted in any
 * order: so they are unpacked once, to a temporary file without a name, and
 * read from there. Memory stays small whatever the file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <bzlib.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zlib.h>

#include "coatscope/error.h"
#include "formats/mrc_header.h"
#include "formats/readers.h"

enum {
    CHUNK = 1 << 16,
    MAX_RATIO = 2000, /* of gzip about 1030; of bzip2 only empty images have
                         more, or files made to fill a disk */
    SPARE_BYTES = 1 << 20, /* behind what the header declares */
    MAX_PIXEL_BYTES = 8,
};

typedef struct {
    const CsSource *packed;
    uint64_t        at;         /* next packed byte                         */
    int             fd;         /* of the unpacked file                     */
    uint64_t        n_unpacked;
    uint64_t        limit;      /* of it, by the header */
    uint8_t         in[CHUNK];
    uint8_t         out[CHUNK];
} Unpacker;

typedef struct {
    CsSource *unpacked;
    void     *mrc; /* the state of the MRC reader */
} State;

static bool
is_gzip(const guint8 *head, size_t n)
{
    return n >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8;
}

static bool
is_bzip2(const guint8 *head, size_t n)
{
    return n >= 4 && head[0] == 'B' && head[1] == 'Z' && head[2] == 'h'
           && head[3] >= '1' && head[3] <= '9';
}

static int
probe_packed(const guint8 *head, size_t n)
{
    return is_gzip(head, n) || is_bzip2(head, n) ? 50 : 0;
}

/* ---- Unpacking ------------------------------------------------------------ */

/* The next packed bytes; 0 in *n at the end. */
static bool
fill_in(Unpacker *u, size_t *n, GError **error)
{
    uint64_t left = cs_source_size(u->packed) - u->at;

    *n = (size_t) MIN(left, sizeof u->in);
    if (!cs_source_read(u->packed, u->at, u->in, *n, "the packed data", error))
        return false;
    u->at += *n;
    return true;
}

static bool
write_all(int fd, const uint8_t *bytes, size_t n, GError **error)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return cs_fail(error, CS_ERROR_IO,
                           "cannot be unpacked to a temporary file: %s",
                           g_strerror(errno));
        bytes += done;
        n -= (size_t) done;
    }
    return true;
}

/* Bytes of a pixel at most, by the mode; a mode we do not know is refused
 * later. */
static uint64_t
pixel_bytes(int32_t mode)
{
    static const uint64_t bytes[] = { 1, 2, 4, 4, 8, 2, 2 };

    if (mode == 101)
        return 1;
    if (mode == 12)
        return 2;
    return mode >= 0 && mode < (int32_t) G_N_ELEMENTS(bytes)
               ? bytes[mode] : MAX_PIXEL_BYTES;
}

/* Limits what is unpacked to what the header (the first bytes) declares, and
 * to the room there is. */
static bool
set_limit(Unpacker *u, size_t n, GError **error)
{
    g_autoptr(GBytes) head = g_bytes_new(u->out, n);
    g_autoptr(CsSource) source = cs_source_from_bytes(head, "header");
    uint64_t most = (cs_source_size(u->packed) + 1024) * MAX_RATIO, declared;
    struct statvfs disk;
    CsMrcHeader h;

    if (!cs_mrc_header_read(&h, source, error))
        return false;
    declared = pixel_bytes(h.mode);
    for (int i = 0; i < 3; i++)
        if (__builtin_mul_overflow(declared, (uint64_t) MAX(h.size[i], 0),
                                   &declared))
            declared = most;
    declared = MIN(declared, most) + CS_MRC_HEADER_BYTES
               + (uint64_t) MAX(h.n_extended, 0);
    if (fstatvfs(u->fd, &disk) == 0
        && declared / MAX(disk.f_frsize, 1) >= disk.f_bavail)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "unpacks to %" PRIu64 " bytes, for which there is no"
                       " room in the folder of temporary files: set TMPDIR",
                       declared);
    u->limit = MIN(declared + SPARE_BYTES, most);
    return true;
}

/* Takes n unpacked bytes; the first of all must look like MRC. */
static bool
take_out(Unpacker *u, size_t n, GError **error)
{
    if (u->n_unpacked == 0 && n > 0 && cs_mrc_probe(u->out, n) == 0)
        return cs_fail(error,
                       n < CS_MRC_HEADER_BYTES ? CS_ERROR_FORMAT
                                               : CS_ERROR_UNSUPPORTED,
                       "is packed, but what is in it is no MRC file");
    if (u->n_unpacked == 0 && n > 0 && !set_limit(u, n, error))
        return false;
    u->n_unpacked += n;
    if (u->n_unpacked > u->limit)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "unpacks to more than the %" PRIu64 " bytes that its"
                       " header declares or %d times its size hold; unpack it"
                       " yourself if it is sound", u->limit, MAX_RATIO);
    return write_all(u->fd, u->out, n, error);
}

/* As inflate() and BZ2_bzDecompress() are one: unpacks from in to out,
 * telling how much of both was used. */
typedef enum { STEP_GOES_ON, STEP_MEMBER_ENDS, STEP_IS_BAD } Step;

typedef struct {
    bool      is_gzip;
    z_stream  z;
    bz_stream b;
} Stream;

static bool
start_stream(Stream *s)
{
    if (s->is_gzip)
        return inflateInit2(&s->z, 15 + 16) == Z_OK;
    return BZ2_bzDecompressInit(&s->b, 0, 0) == BZ_OK;
}

static void
end_stream(Stream *s)
{
    if (s->is_gzip)
        inflateEnd(&s->z);
    else
        BZ2_bzDecompressEnd(&s->b);
}

static Step
step_gzip(z_stream *z, const Unpacker *u, size_t *n_in, size_t *n_out)
{
    int result;

    z->next_in = (Bytef *) u->in + *n_in;
    z->next_out = (Bytef *) u->out;
    z->avail_out = CHUNK;
    result = inflate(z, Z_NO_FLUSH);
    *n_out = CHUNK - z->avail_out;
    *n_in = (size_t) (z->next_in - u->in);
    if (result == Z_STREAM_END)
        return STEP_MEMBER_ENDS;
    return result == Z_OK || result == Z_BUF_ERROR ? STEP_GOES_ON
                                                   : STEP_IS_BAD;
}

static Step
step_bzip2(bz_stream *b, const Unpacker *u, size_t *n_in, size_t *n_out)
{
    int result;

    b->next_in = (char *) u->in + *n_in;
    b->next_out = (char *) u->out;
    b->avail_out = CHUNK;
    result = BZ2_bzDecompress(b);
    *n_out = CHUNK - b->avail_out;
    *n_in = (size_t) (b->next_in - (char *) u->in);
    if (result == BZ_STREAM_END)
        return STEP_MEMBER_ENDS;
    return result == BZ_OK ? STEP_GOES_ON : STEP_IS_BAD;
}

static Step
step(Stream *s, const Unpacker *u, size_t *at, size_t n, size_t *n_out)
{
    s->z.avail_in = s->b.avail_in = (unsigned) (n - *at);
    return s->is_gzip ? step_gzip(&s->z, u, at, n_out)
                      : step_bzip2(&s->b, u, at, n_out);
}

/* Unpacks one member from in[*at …] on; *is_whole: it came to its end. */
static bool
unpack_member(Unpacker *u, Stream *s, size_t *at, size_t *n, bool *is_whole,
              GError **error)
{
    for (;;) {
        size_t n_out;
        Step result;

        if (*at == *n) {
            *at = 0;
            if (!fill_in(u, n, error))
                return false;
        }
        result = step(s, u, at, *n, &n_out);
        if (result == STEP_IS_BAD)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "the packed data are damaged before byte %" PRIu64,
                           u->at - *n + *at);
        if (!take_out(u, n_out, error))
            return false;
        *is_whole = result == STEP_MEMBER_ENDS;
        if (*is_whole || (*n == 0 && n_out == 0))
            return true;
    }
}

/* A file may be several packed files one after the other. */
static bool
unpack_all(Unpacker *u, bool gzip, bool *is_whole, GError **error)
{
    size_t at = 0, n = 0;

    do {
        Stream stream = { .is_gzip = gzip };
        bool is_ok;

        if (!start_stream(&stream))
            return cs_fail(error, CS_ERROR_LIMIT, "no memory to unpack it");
        is_ok = unpack_member(u, &stream, &at, &n, is_whole, error);
        end_stream(&stream);
        if (!is_ok || !*is_whole)
            return is_ok;
    } while (at < n || u->at < cs_source_size(u->packed));
    return true;
}

/* Gives the unpacked file as a source; its name is gone at once. */
static CsSource *
unpack(const CsSource *packed, bool *is_whole, GError **error)
{
    g_autofree Unpacker *u = g_new(Unpacker, 1);
    g_autofree char *path = NULL;
    CsSource *source = NULL;
    guint8 head[4];
    size_t n = cs_source_peek(packed, head, sizeof head);

    if (probe_packed(head, n) == 0) {
        cs_fail(error, CS_ERROR_FORMAT,
                "does not begin as a file of gzip or bzip2");
        return NULL;
    }
    u->packed = packed;
    u->at = u->n_unpacked = 0;
    u->fd = g_file_open_tmp("coatscope-XXXXXX", &path, NULL);
    if (u->fd < 0) {
        cs_fail(error, CS_ERROR_IO, "no temporary file to unpack it to: %s",
                g_strerror(errno));
        return NULL;
    }
    if (unpack_all(u, is_gzip(head, n), is_whole, error))
        source = cs_source_open(path, error);
    close(u->fd);
    g_unlink(path);
    return source;
}

/* ---- The reader ----------------------------------------------------------- */

static void
close_packed(void *opened)
{
    State *s = opened;

    if (s == NULL)
        return;
    cs_reader_mrc.close(s->mrc);
    cs_source_unref(s->unpacked);
    g_free(s);
}

static bool
open_packed(CsSource *source, CsSeriesInfo *info, void **state,
            GError **error)
{
    bool is_whole = false;
    State *fresh = g_new0(State, 1);

    fresh->unpacked = unpack(source, &is_whole, error);
    if (fresh->unpacked == NULL
        || !cs_reader_mrc.open(fresh->unpacked, info, &fresh->mrc, error)) {
        close_packed(fresh);
        return false;
    }
    if (!is_whole)
        cs_series_info_note(info, "the packed data end early");
    *state = fresh;
    return true;
}

static bool
read_packed(void *opened, size_t index, CsFrame *frame, GError **error)
{
    const State *s = opened;

    return cs_reader_mrc.read(s->mrc, index, frame, error);
}

static const char *const suffixes[] = {
    ".mrc.gz", ".mrcs.gz", ".map.gz", ".mrc.bz2", ".mrcs.bz2", ".map.bz2",
    ".gz", ".bz2", NULL
};

const CsReader cs_reader_mrc_packed = {
    .name = "mrc-packed",
    .title = "MRC packed with gzip or bzip2",
    .suffixes = suffixes,
    .probe = probe_packed,
    .open = open_packed,
    .read = read_packed,
    .close = close_packed,
};
