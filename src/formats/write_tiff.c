/* The TIFF writers: "tiff" for ImageJ, DigitalMicrograph, HyperSpy and
 * whatever reads plain TIFF; "ome-tiff" with the time of every plane.
 *
 * Layout: header, first directory with all texts, the frames without a gap,
 * then the other directories. So those who follow directories and those who
 * compute offsets (ImageJ beyond some sizes, ourselves) both find the frames.
 * Everything has a place from the start, so the file is written in one go.
 *
 * Above 4 GB a "tiff" becomes a BigTIFF with OME-XML: ImageJ's own way there
 * is to leave out directories, and most readers then see a single frame:
 * "imagej-tiff" writes that, for those who ask for it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "formats/bytes.h"
#include "formats/tiff_ifd.h"
#include "formats/tiff_text.h"
#include "formats/writers.h"

typedef struct {
    int          fd;
    CsWriterInfo info;
    bool         is_big;
    bool         is_lone;   /* one directory for all frames, as of ImageJ   */
    uint64_t     frame_bytes;
    uint64_t     data_at;   /* the first frame                              */
    uint64_t     ifds_at;   /* the second directory                         */
    uint64_t     ifd_bytes; /* of each from the second on                   */
} Tiff;

static uint16_t
sample_format(CsPixelType type)
{
    switch (type) {
    case CS_PIXEL_I8:
    case CS_PIXEL_I16:
    case CS_PIXEL_I32:
        return 2;
    case CS_PIXEL_F32:
    case CS_PIXEL_F64:
        return 3;
    default:
        return 1;
    }
}

static void
add_image_tags(CsIfd *ifd, const Tiff *tiff, const char *description,
               uint64_t data_at)
{
    const CsWriterInfo *info = &tiff->info;
    unsigned n = info->n_channels;

    cs_ifd_add_long(ifd, TAG_WIDTH, (uint32_t) info->width);
    cs_ifd_add_long(ifd, TAG_HEIGHT, (uint32_t) info->height);
    cs_ifd_add_shorts(ifd, TAG_BITS,
                      (uint16_t) (8 * cs_pixel_size(info->type)), n);
    cs_ifd_add_short(ifd, TAG_COMPRESSION, 1);
    cs_ifd_add_short(ifd, TAG_PHOTOMETRIC, n >= 3 ? 2 : 1);
    if (description != NULL)
        cs_ifd_add_ascii(ifd, TAG_DESCRIPTION, description);
    cs_ifd_add_offset(ifd, TAG_STRIP_OFFSETS, data_at);
    cs_ifd_add_short(ifd, TAG_SAMPLES, (uint16_t) n);
    cs_ifd_add_long(ifd, TAG_ROWS_PER_STRIP, (uint32_t) info->height);
    cs_ifd_add_offset(ifd, TAG_STRIP_BYTES, tiff->frame_bytes);
}

static void
add_resolution_tags(CsIfd *ifd, const Tiff *tiff)
{
    const CsWriterInfo *info = &tiff->info;
    bool has_scale = info->nm_per_px_x > 0 && info->nm_per_px_y > 0;

    /* Pixels per nm: "unit" of the description says so, and
     * ResolutionUnit 1 that it is no printer's resolution. */
    cs_ifd_add_rational(ifd, TAG_X_RESOLUTION,
                        has_scale ? 1 / info->nm_per_px_x : 1);
    cs_ifd_add_rational(ifd, TAG_Y_RESOLUTION,
                        has_scale ? 1 / info->nm_per_px_y : 1);
    cs_ifd_add_short(ifd, TAG_PLANAR, 1);
    cs_ifd_add_short(ifd, TAG_RESOLUTION_UNIT, 1);
    cs_ifd_add_ascii(ifd, TAG_SOFTWARE, "Coatscope");
    if (info->n_channels == 2 || info->n_channels == 4)
        cs_ifd_add_short(ifd, TAG_EXTRA_SAMPLES, 2);
    cs_ifd_add_shorts(ifd, TAG_SAMPLE_FORMAT, sample_format(info->type),
                      info->n_channels);
}

static void
add_imagej_tags(CsIfd *ifd, const CsWriterInfo *info)
{
    g_autoptr(GArray) counts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autoptr(GByteArray) bytes = cs_tiff_imagej_metadata(info, counts);

    cs_ifd_add_longs(ifd, TAG_IMAGEJ_COUNTS, (const uint32_t *) counts->data,
                     counts->len);
    cs_ifd_add_bytes(ifd, TAG_IMAGEJ_DATA, bytes->data, bytes->len);
}

static void
add_gatan_tags(CsIfd *ifd, const CsWriterInfo *info)
{
    double interval = cs_uniform_interval(info->clock);
    bool has_scale = info->nm_per_px_x > 0 && info->nm_per_px_y > 0;

    if (has_scale) {
        cs_ifd_add_ascii(ifd, TAG_GATAN_X_UNIT, "nm");
        cs_ifd_add_ascii(ifd, TAG_GATAN_Y_UNIT, "nm");
    }
    if (interval > 0)
        cs_ifd_add_ascii(ifd, TAG_GATAN_Z_UNIT, "s");
    if (has_scale) {
        cs_ifd_add_double(ifd, TAG_GATAN_X_ORIGIN, 0);
        cs_ifd_add_double(ifd, TAG_GATAN_Y_ORIGIN, 0);
    }
    if (interval > 0)
        cs_ifd_add_double(ifd, TAG_GATAN_Z_ORIGIN, 0);
    if (has_scale) {
        cs_ifd_add_double(ifd, TAG_GATAN_X_SCALE, info->nm_per_px_x);
        cs_ifd_add_double(ifd, TAG_GATAN_Y_SCALE, info->nm_per_px_y);
    }
    if (interval > 0)
        cs_ifd_add_double(ifd, TAG_GATAN_Z_SCALE, interval);
}

static GByteArray *
first_directory(const Tiff *tiff, const char *description, bool is_ome,
                uint64_t at)
{
    g_auto(CsIfd) ifd = { 0 };

    cs_ifd_init(&ifd, tiff->is_big);
    add_image_tags(&ifd, tiff, description, tiff->data_at);
    add_resolution_tags(&ifd, tiff);
    if (!is_ome) {
        add_imagej_tags(&ifd, &tiff->info);
        add_gatan_tags(&ifd, &tiff->info);
    }
    return cs_ifd_bytes(&ifd, at,
                        tiff->info.n_frames > 1 && !tiff->is_lone
                            ? tiff->ifds_at : 0);
}

/* The directory of frame i > 0 at its place. */
static GByteArray *
other_directory(const Tiff *tiff, size_t i)
{
    uint64_t at = tiff->ifds_at + (i - 1) * tiff->ifd_bytes;
    g_auto(CsIfd) ifd = { 0 };

    cs_ifd_init(&ifd, tiff->is_big);
    add_image_tags(&ifd, tiff, NULL, tiff->data_at + i * tiff->frame_bytes);
    add_resolution_tags(&ifd, tiff);
    return cs_ifd_bytes(&ifd, at,
                        i + 1 < tiff->info.n_frames ? at + tiff->ifd_bytes
                                                    : 0);
}

/* ---- Writing -------------------------------------------------------------- */

static bool
write_all(const Tiff *tiff, const void *bytes, size_t n, GError **error)
{
    const char *at = bytes;

    while (n > 0) {
        ssize_t done = write(tiff->fd, at, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return cs_fail(error, CS_ERROR_IO, "cannot be written: %s",
                           g_strerror(errno));
        at += done;
        n -= (size_t) done;
    }
    return true;
}

/* Brings the file to a multiple of 16 bytes. */
static bool
write_padding(const Tiff *tiff, uint64_t at, GError **error)
{
    static const char zeros[16] = { 0 };

    return write_all(tiff, zeros, (size_t) ((16 - at % 16) % 16), error);
}

/* Gives everything its place, after the size of the first directory. */
static void
plan(Tiff *tiff, const char *description, bool is_ome)
{
    g_autoptr(GByteArray) first = NULL;
    g_autoptr(GByteArray) other = NULL;

    first = first_directory(tiff, description, is_ome, 16);
    other = other_directory(tiff, 1);
    tiff->data_at = 16 + first->len;
    tiff->ifds_at = tiff->data_at + tiff->info.n_frames * tiff->frame_bytes;
    tiff->ifds_at = (tiff->ifds_at + 15) / 16 * 16;
    tiff->ifd_bytes = other->len;
}

static uint64_t
planned_size(const Tiff *tiff)
{
    return tiff->ifds_at + (tiff->info.n_frames - 1) * tiff->ifd_bytes;
}

static bool
write_start(Tiff *tiff, bool is_ome, const char *description, GError **error)
{
    static const guint8 classic[16] = { 'I', 'I', 42, 0, 16 };
    static const guint8 big[16] = { 'I', 'I', 43, 0, 8, 0, 0, 0, 16 };
    g_autoptr(GByteArray) first = NULL;

    first = first_directory(tiff, description, is_ome, 16);
    return write_all(tiff, tiff->is_big ? big : classic, 16, error)
           && write_all(tiff, first->data, first->len, error);
}

static bool
begin(Tiff *tiff, bool is_ome, GError **error)
{
    g_autofree char *description = NULL;

    description = is_ome ? cs_tiff_ome_xml(&tiff->info)
                         : cs_tiff_imagej_description(&tiff->info);
    plan(tiff, description, is_ome);
    if (!tiff->is_big && !tiff->is_lone
        && planned_size(tiff) > G_MAXUINT32) {
        tiff->is_big = true;
        return begin(tiff, true, error);
    }
    return write_start(tiff, is_ome, description, error);
}

static void
tiff_close(void *state)
{
    Tiff *tiff = state;

    if (tiff == NULL)
        return;
    if (tiff->fd >= 0)
        close(tiff->fd);
    g_free(tiff);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tiff, tiff_close)

typedef enum { KIND_TIFF, KIND_OME, KIND_IMAGEJ } Kind;

static bool
tiff_open(const char *path, const CsWriterInfo *info, Kind kind,
          void **state, GError **error)
{
    g_autoptr(Tiff) tiff = g_new0(Tiff, 1);

    tiff->fd = -1;
    tiff->info = *info;
    tiff->is_lone = kind == KIND_IMAGEJ;
    tiff->frame_bytes = (uint64_t) info->width * info->height
                        * info->n_channels * cs_pixel_size(info->type);
    if (info->type == CS_PIXEL_C64 || info->type == CS_PIXEL_C128)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "complex samples (%s) are not written to TIFF",
                       cs_pixel_name(info->type));
    if (info->n_frames > G_MAXUINT64 / 2 / tiff->frame_bytes
        || info->n_frames > G_MAXINT32
        || (tiff->is_lone && tiff->frame_bytes > G_MAXUINT32))
        return cs_fail(error, CS_ERROR_LIMIT,
                       "%zu frames are more than a TIFF can hold",
                       info->n_frames);
    tiff->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (tiff->fd < 0)
        return cs_fail(error, CS_ERROR_IO, "cannot be created: %s",
                       g_strerror(errno));
    if (!begin(tiff, kind == KIND_OME, error))
        return false;
    *state = g_steal_pointer(&tiff);
    return true;
}

static bool
plain_open(const char *path, const CsWriterInfo *info, void **state,
            GError **error)
{
    return tiff_open(path, info, KIND_TIFF, state, error);
}

static bool
imagej_open(const char *path, const CsWriterInfo *info, void **state,
          GError **error)
{
    return tiff_open(path, info, KIND_IMAGEJ, state, error);
}

static bool
ome_open(const char *path, const CsWriterInfo *info, void **state,
         GError **error)
{
    return tiff_open(path, info, KIND_OME, state, error);
}

static bool
tiff_write(void *state, const CsFrame *frame, GError **error)
{
    Tiff *tiff = state;
    size_t n = cs_frame_n_bytes(frame);
    g_autofree guint8 *swapped = NULL;

    if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
        return write_all(tiff, frame->px, n, error);
    swapped = g_memdup2(frame->px, n);
    cs_bytes_swap(swapped, n, cs_pixel_size(frame->type));
    return write_all(tiff, swapped, n, error);
}

static bool
tiff_finish(void *state, GError **error)
{
    Tiff *tiff = state;
    uint64_t end = tiff->data_at + tiff->info.n_frames * tiff->frame_bytes;

    if (tiff->is_lone)
        return true;
    if (!write_padding(tiff, end, error))
        return false;
    for (size_t i = 1; i < tiff->info.n_frames; i++) {
        g_autoptr(GByteArray) bytes = other_directory(tiff, i);

        if (!write_all(tiff, bytes->data, bytes->len, error))
            return false;
    }
    return true;
}

const CsWriter cs_writer_tiff = {
    .name = "tiff",
    .title = "TIFF for ImageJ and DigitalMicrograph",
    .suffixes = (const char *const[]) { ".tif", ".tiff", NULL },
    .open = plain_open,
    .write = tiff_write,
    .finish = tiff_finish,
    .close = tiff_close,
};

const CsWriter cs_writer_ome_tiff = {
    .name = "ome-tiff",
    .title = "OME-TIFF",
    .suffixes = (const char *const[]) { ".ome.tif", ".ome.tiff", NULL },
    .open = ome_open,
    .write = tiff_write,
    .finish = tiff_finish,
    .close = tiff_close,
};

/* No suffix: only those who name it get it. */
const CsWriter cs_writer_imagej = {
    .name = "imagej-tiff",
    .title = "TIFF as ImageJ writes it above 4 GB: one directory",
    .suffixes = (const char *const[]) { NULL },
    .open = imagej_open,
    .write = tiff_write,
    .finish = tiff_finish,
    .close = tiff_close,
};
