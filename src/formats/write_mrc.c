/* The MRC writer: image stacks after MRC2014, with Thermo Fisher's extended
 * header (FEI1) for pixel sizes in full and for the time of every frame.
 *
 * Rows go out as they come in: top first, though many MRC programs draw row 0
 * at the bottom. Unsigned bytes become 16-bit numbers, since mode 0 means
 * signed to some readers and unsigned to others.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/facts.h"
#include "formats/mrc_header.h"
#include "formats/writers.h"

enum { HEADER = 1024, RECORD = 768, VERSION = 20141, IMAGE_STACK = 0 };

/* FEI1 counts days from 1899-12-30; without a wall clock from half a day on,
 * so that a time is never 0, which means none. */
#define DAYS_TO_1970 25569.0
#define SECONDS_A_DAY 86400.0

typedef struct {
    FILE        *file;
    CsWriterInfo info;
    bool         has_times; /* one for every frame                          */
    bool         has_records;
    double       interval_s; /* NAN: not uniform                            */
    double       least, most, sum, sum2; /* over all pixels                 */
    guint16     *wide; /* a row of bytes made 16 bits, or NULL              */
} Mrc;

/* ---- Bytes ---------------------------------------------------------------- */

static void
put_i32(guint8 *to, gint64 value)
{
    gint32 word = GINT32_TO_LE((gint32) value);

    memcpy(to, &word, sizeof word);
}

static void
put_f32(guint8 *to, double value)
{
    float narrow = (float) value;
    gint32 bits;

    memcpy(&bits, &narrow, sizeof bits);
    put_i32(to, bits);
}

static void
put_f64(guint8 *to, double value)
{
    guint64 bits;

    memcpy(&bits, &value, sizeof bits);
    bits = GUINT64_TO_LE(bits);
    memcpy(to, &bits, sizeof bits);
}

/* The MRC mode of a sample type, or -1. */
static int
mode_of(CsPixelType type)
{
    switch (type) {
    case CS_PIXEL_I8:
        return 0;
    case CS_PIXEL_I16:
        return 1;
    case CS_PIXEL_F32:
        return 2;
    case CS_PIXEL_U8:
    case CS_PIXEL_U16:
        return 6;
    default:
        return -1;
    }
}

static void
fill_sizes(const Mrc *mrc, guint8 *h)
{
    const CsWriterInfo *info = &mrc->info;
    const gint64 n[3] = { (gint64) info->width, (gint64) info->height,
                          (gint64) info->n_frames };
    const double step_nm[3] = { info->nm_per_px_x, info->nm_per_px_y,
                                info->nm_per_px_x };

    for (int i = 0; i < 3; i++) {
        put_i32(h + 4 * i, n[i]);
        /* A stack of images has a cell one image deep. */
        put_i32(h + 28 + 4 * i, i < 2 ? n[i] : 1);
        if (step_nm[i] > 0)
            put_f32(h + 40 + 4 * i,
                    10 * step_nm[i] * (i < 2 ? (double) n[i] : 1));
        put_f32(h + 52 + 4 * i, 90);
        put_i32(h + 64 + 4 * i, i + 1);
    }
}

static bool
has_times(const CsClock *clock)
{
    for (size_t i = 0; clock != NULL && i < clock->n_frames; i++)
        if (clock->source[i] == CS_TIME_NONE || !isfinite(clock->start_s[i]))
            return false;
    return clock != NULL;
}

/* Where the times come from; the least sure of them where the list of all is
 * too long for the labels. */
static char *
sources_text(const CsClock *clock)
{
    g_autofree char *all = cs_facts_list_sources(clock);
    CsTimeSource least = CS_TIME_MEASURED;

    if (strlen(all) + strlen(CS_MRC_TIMES_LABEL)
        <= (CS_MRC_N_LABELS - 1) * CS_MRC_LABEL)
        return g_steal_pointer(&all);
    for (size_t i = 0; i < clock->n_frames; i++)
        least = MIN(least, clock->source[i]);
    return g_strdup(cs_time_source_name(least));
}

/* The labels of the header, blanks behind. */
static void
fill_labels(const Mrc *mrc, guint8 *h)
{
    static const char who[] = "Written by Coatscope";
    guint8 *at = h + CS_MRC_LABELS_AT;
    size_t n_labels = 1;

    memset(at, ' ', CS_MRC_LABEL);
    memcpy(at, who, strlen(who));
    if (mrc->has_times) {
        g_autofree char *sources = sources_text(mrc->info.clock);
        g_autofree char *text
            = g_strconcat(CS_MRC_TIMES_LABEL, sources, NULL);
        size_t n = (strlen(text) + CS_MRC_LABEL - 1) / CS_MRC_LABEL;

        memset(at + CS_MRC_LABEL, ' ', n * CS_MRC_LABEL);
        memcpy(at + CS_MRC_LABEL, text, strlen(text));
        n_labels += n;
    }
    put_i32(h + CS_MRC_LABELS_AT - 4, (gint64) n_labels);
}

static void
fill_header(const Mrc *mrc, guint8 *h)
{
    const CsWriterInfo *info = &mrc->info;
    double n = (double) info->width * (double) info->height
               * (double) info->n_frames;
    double mean = mrc->sum / n;

    memset(h, 0, HEADER);
    fill_sizes(mrc, h);
    put_i32(h + 12, mode_of(info->type));
    put_f32(h + 76, mrc->least);
    put_f32(h + 80, mrc->most);
    put_f32(h + 84, mean);
    put_i32(h + 88, IMAGE_STACK);
    if (mrc->has_records) {
        put_i32(h + 92, (gint64) info->n_frames * RECORD);
        memcpy(h + 104, "FEI1", 4);
    }
    put_i32(h + 108, VERSION);
    memcpy(h + 208, "MAP \x44\x44\0\0", 8);
    put_f32(h + 216, sqrt(fmax(mrc->sum2 / n - mean * mean, 0)));
    fill_labels(mrc, h);
}

/* The fields of FEI1 that we know, with the bits that say they are there. */
static void
fill_record(const Mrc *mrc, size_t i, guint8 *r)
{
    const CsWriterInfo *info = &mrc->info;
    guint32 mask1 = 0, mask2 = 0, mask3 = 0;
    double zero_days = 0.5;

    memset(r, 0, RECORD);
    put_i32(r, RECORD);
    if (mrc->has_times && isfinite(info->clock->start_unix_s))
        zero_days = info->clock->start_unix_s / SECONDS_A_DAY + DAYS_TO_1970;
    if (mrc->has_times) {
        put_f64(r + 12, zero_days + info->clock->start_s[i] / SECONDS_A_DAY);
        mask1 |= 1;
    }
    if (info->facts != NULL && info->facts->voltage_kV > 0) {
        put_f64(r + 84, info->facts->voltage_kV * 1e3);
        mask1 |= 1 << 5;
    }
    if (info->nm_per_px_x > 0 && info->nm_per_px_y > 0) {
        put_f64(r + 156, info->nm_per_px_x * 1e-9);
        put_f64(r + 164, info->nm_per_px_y * 1e-9);
        mask1 |= 3 << 14;
    }
    if (info->facts != NULL && info->facts->magnification > 0) {
        put_f64(r + 289, info->facts->magnification);
        mask1 |= 1u << 31;
    }
    if (info->clock != NULL && info->clock->duration_s[i] > 0) {
        put_f64(r + 419, info->clock->duration_s[i]);
        mask2 |= 1 << 16;
    }
    if (mrc->interval_s > 0) {
        put_f64(r + 579, mrc->interval_s);
        mask3 |= 1 << 16;
    }
    put_i32(r + 8, mask1);
    put_i32(r + 297, mask2);
    put_i32(r + 490, mask3);
}

/* ---- Writing -------------------------------------------------------------- */

static bool
put(const Mrc *mrc, const void *bytes, size_t n, GError **error)
{
    if (fwrite(bytes, 1, n, mrc->file) == n)
        return true;
    return cs_fail(error, CS_ERROR_IO, "cannot be written: %s",
                   g_strerror(errno));
}

static void
mrc_close(void *state)
{
    Mrc *mrc = state;

    if (mrc == NULL)
        return;
    if (mrc->file != NULL)
        fclose(mrc->file);
    g_free(mrc->wide);
    g_free(mrc);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mrc, mrc_close)

static bool
check_info(const CsWriterInfo *info, GError **error)
{
    if (info->n_channels != 1 || mode_of(info->type) < 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "MRC holds no %s with %u channels (8 and 16 bit "
                       "numbers and float32 in grey it does)",
                       cs_pixel_name(info->type), info->n_channels);
    if (info->n_frames > G_MAXINT32 / RECORD)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "%zu frames are more than an MRC file holds (%d)",
                       info->n_frames, G_MAXINT32 / RECORD);
    return true;
}

static bool
write_start(Mrc *mrc, GError **error)
{
    guint8 header[HEADER], record[RECORD];

    fill_header(mrc, header);
    if (!put(mrc, header, sizeof header, error))
        return false;
    for (size_t i = 0; mrc->has_records && i < mrc->info.n_frames; i++) {
        fill_record(mrc, i, record);
        if (!put(mrc, record, sizeof record, error))
            return false;
    }
    return true;
}

static bool
mrc_open(const char *path, const CsWriterInfo *info, void **state,
         GError **error)
{
    g_autoptr(Mrc) mrc = g_new0(Mrc, 1);

    if (!check_info(info, error))
        return false;
    mrc->info = *info;
    mrc->has_times = has_times(info->clock);
    mrc->interval_s = cs_uniform_interval(info->clock);
    mrc->has_records = info->clock != NULL || info->nm_per_px_x > 0;
    mrc->least = INFINITY;
    mrc->most = -INFINITY;
    if (info->type == CS_PIXEL_U8)
        mrc->wide = g_new(guint16, info->width);
    mrc->file = g_fopen(path, "wbxe");
    if (mrc->file == NULL)
        return cs_fail(error, CS_ERROR_IO, "cannot be created: %s",
                       g_strerror(errno));
    if (!write_start(mrc, error))
        return false;
    *state = g_steal_pointer(&mrc);
    return true;
}

static double
sample(const CsFrame *frame, size_t i)
{
    switch (frame->type) {
    case CS_PIXEL_I8:
        return ((const gint8 *) frame->px)[i];
    case CS_PIXEL_U8:
        return ((const guint8 *) frame->px)[i];
    case CS_PIXEL_I16:
        return ((const gint16 *) frame->px)[i];
    case CS_PIXEL_U16:
        return ((const guint16 *) frame->px)[i];
    default:
        return ((const float *) frame->px)[i];
    }
}

static void
take_statistics(Mrc *mrc, const CsFrame *frame)
{
    for (size_t i = 0; i < frame->width * frame->height; i++) {
        double value = sample(frame, i);

        mrc->least = fmin(mrc->least, value);
        mrc->most = fmax(mrc->most, value);
        mrc->sum += value;
        mrc->sum2 += value * value;
    }
}

static bool
write_wide(const Mrc *mrc, const CsFrame *frame, GError **error)
{
    const guint8 *from = frame->px;

    for (size_t j = 0; j < frame->height; j++) {
        for (size_t i = 0; i < frame->width; i++)
            mrc->wide[i] = GUINT16_TO_LE(from[j * frame->width + i]);
        if (!put(mrc, mrc->wide, 2 * frame->width, error))
            return false;
    }
    return true;
}

static bool
mrc_write(void *state, const CsFrame *frame, GError **error)
{
    Mrc *mrc = state;

    take_statistics(mrc, frame);
    if (mrc->wide != NULL)
        return write_wide(mrc, frame, error);
    /* Big-endian machines would have to swap; there are none we know of. */
    G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);
    return put(mrc, frame->px, cs_frame_n_bytes(frame), error);
}

/* Writes the header again, now with the statistics. */
static bool
mrc_finish(void *state, GError **error)
{
    Mrc *mrc = state;
    guint8 header[HEADER];
    FILE *file = mrc->file;

    fill_header(mrc, header);
    if (fseek(file, 0, SEEK_SET) != 0)
        return cs_fail(error, CS_ERROR_IO, "cannot be written: %s",
                       g_strerror(errno));
    if (!put(mrc, header, sizeof header, error))
        return false;
    mrc->file = NULL;
    if (fclose(file) == 0)
        return true;
    return cs_fail(error, CS_ERROR_IO, "cannot be written: %s",
                   g_strerror(errno));
}

const CsWriter cs_writer_mrc = {
    .name = "mrc",
    .title = "MRC 2014 image stack",
    .suffixes = (const char *const[]) { ".mrc", ".mrcs", NULL },
    .open = mrc_open,
    .write = mrc_write,
    .finish = mrc_finish,
    .close = mrc_close,
};
