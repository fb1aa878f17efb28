/* Extended headers of MRC files: FEI1 and FEI2 of Thermo Fisher, SERI of
 * SerialEM, and the 128 bytes a section of older FEI software. Offsets after
 * the published layouts; fields of FEI1 and FEI2 are packed, and little-endian
 * masks say which of them are there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/cursor.h"
#include "formats/facts.h"
#include "formats/mrc_header.h"

enum {
    FEI_RECORD = 768,  /* bytes; FEI2 has more                              */
    OLD_RECORD = 128,  /* of old FEI headers, always 1024 of them           */
    N_OLD_RECORDS = 1024,
    TEM = 1,           /* instrument modes                                  */
    DIFFRACTION = 1,   /* projection modes                                  */
};

#define SECONDS_A_DAY 86400.0
#define OLE_DAYS_TO_1970 25569.0

/* Where a field is, and the mask and bit that say it is there. */
typedef struct {
    unsigned at;
    unsigned mask_at;
    unsigned bit;
} Field;

static const Field timestamp_days = { 12, 8, 0 };
static const Field microscope = { 20, 8, 1 };
static const Field voltage_V = { 84, 8, 5 };
static const Field dose_e_per_m2 = { 92, 8, 6 };
static const Field pixel_x_m = { 156, 8, 14 };
static const Field pixel_y_m = { 164, 8, 15 };
static const Field instrument_mode = { 244, 8, 25 };
static const Field projection_mode = { 248, 8, 26 };
static const Field magnification = { 289, 8, 31 };
static const Field integration_s = { 419, 297, 16 };
static const Field camera = { 435, 297, 19 };
static const Field frame_s = { 579, 490, 16 };
static const Field acquisition_time = { 796, 748, 6 };

typedef struct {
    CsCursor cursor;
    bool     big_endian;
    uint64_t at;     /* of the record */
    uint32_t stride; /* its bytes */
} Record;

static bool
has(Record *r, Field field)
{
    uint32_t mask;

    if (field.at + 8 > r->stride)
        return false;
    r->cursor.big_endian = false;
    cs_cursor_seek(&r->cursor, r->at + field.mask_at);
    mask = cs_cursor_u32(&r->cursor);
    r->cursor.big_endian = r->big_endian;
    cs_cursor_seek(&r->cursor, r->at + field.at);
    return (mask >> field.bit & 1) != 0;
}

static double
real(Record *r, Field field)
{
    return has(r, field) ? cs_cursor_f64(&r->cursor) : NAN;
}

static double
positive(Record *r, Field field)
{
    double value = real(r, field);

    return value > 0 && isfinite(value) ? value : NAN;
}

static int
whole(Record *r, Field field)
{
    return has(r, field) ? cs_cursor_i32(&r->cursor) : 0;
}

static char *
words(Record *r, Field field)
{
    char text[17] = "";

    if (has(r, field))
        cs_cursor_bytes(&r->cursor, text, 16);
    g_strstrip(text);
    return *text != '\0' ? g_utf8_make_valid(text, -1) : NULL;
}

/* Seconds of a record's time stamp, on a clock of its own if not *is_unix. */
static double
seconds_of(Record *r, bool *is_unix)
{
    *is_unix = has(r, acquisition_time);
    if (*is_unix) {
        /* Counts since 1970: whether seconds or fractions of them, only the
         * size tells. */
        double value = (double) cs_cursor_i64(&r->cursor);

        for (int i = 0; i < 3 && value > 1e11; i++)
            value /= 1e3;
        if (value > 1e8)
            return value;
        *is_unix = false;
    }
    return (positive(r, timestamp_days) - OLE_DAYS_TO_1970) * SECONDS_A_DAY;
}

/* Takes the frames' times if each has one and they go forward. */
static bool
fill_clock(Record *r, CsSeriesInfo *info, GError **error)
{
    g_auto(CsClock) clock = CS_CLOCK_INIT;
    bool is_unix, goes_forward = true;
    uint64_t first_at = r->at;
    double start_s = seconds_of(r, &is_unix), before_s = -INFINITY;

    if (is_unix)
        info->start_unix_s = start_s;
    if (isnan(start_s) || info->n_frames < 2)
        return true;
    if (!cs_clock_resize(&clock, info->n_frames, error))
        return false;
    for (size_t i = 0; i < info->n_frames && goes_forward; i++) {
        bool is_this_unix;
        double now_s;

        r->at = first_at + (uint64_t) i * r->stride;
        now_s = seconds_of(r, &is_this_unix);
        goes_forward = now_s > before_s && is_this_unix == is_unix;
        before_s = now_s;
        clock.start_s[i] = now_s - start_s;
        clock.duration_s[i] = positive(r, integration_s);
        clock.source[i] = CS_TIME_MEASURED;
    }
    r->at = first_at;
    if (!goes_forward) {
        cs_series_info_note(info, "the time stamps of the frames do not go"
                            " forward; they are not used");
        return true;
    }
    clock.start_unix_s = is_unix ? start_s : NAN;
    info->clock = clock;
    clock = (CsClock) CS_CLOCK_INIT;
    return true;
}

static void
fill_fei_date(Record *r, CsSeriesInfo *info)
{
    double days = positive(r, timestamp_days);
    g_autoptr(GDateTime) date = NULL;

    if (!(days > 1 && days < 1e5))
        return;
    date = g_date_time_new_from_unix_utc(
        (gint64) floor((days - OLE_DAYS_TO_1970) * SECONDS_A_DAY + 0.5));
    if (date != NULL) /* the zone is not told */
        info->date = g_date_time_format(date, "%Y-%m-%d %H:%M:%S");
}

static void
fill_fei_pixel_size(Record *r, CsSeriesInfo *info)
{
    double x = positive(r, pixel_x_m), y = positive(r, pixel_y_m);
    bool is_diffraction = whole(r, instrument_mode) == TEM
                          && whole(r, projection_mode) == DIFFRACTION;
    double before_nm = cs_axis_nm(&info->x);

    if (isnan(x))
        return;
    cs_axis_set(&info->x, x, is_diffraction ? "1/m" : "m");
    cs_axis_set(&info->y, isnan(y) ? x : y, is_diffraction ? "1/m" : "m");
    if (fabs(before_nm / cs_axis_nm(&info->x) - 1) > 0.01)
        cs_series_info_note(info, "the pixel size of the extended header,"
                            " %g nm, is used; the header has %g nm",
                            cs_axis_nm(&info->x), before_nm);
}

/* Our own files say in their second label where the times come from. */
static bool
take_sources(const CsMrcHeader *h, CsSeriesInfo *info, GError **error)
{
    const char *label = h->labels + CS_MRC_LABEL;
    g_autofree char *text = NULL;

    if (!g_str_has_prefix(label, CS_MRC_TIMES_LABEL))
        return true;
    text = g_strchomp(g_strdup(label + strlen(CS_MRC_TIMES_LABEL)));
    return cs_facts_take_sources(info, text, error);
}

static bool
read_fei(const CsMrcHeader *h, const CsSource *source, CsSeriesInfo *info,
         GError **error)
{
    Record r = { .big_endian = h->big_endian, .at = CS_MRC_HEADER_BYTES };
    bool is_ok = true;

    cs_cursor_init(&r.cursor, source, h->big_endian);
    cs_cursor_seek(&r.cursor, r.at);
    r.stride = cs_cursor_u32(&r.cursor);
    if (r.stride < FEI_RECORD || r.stride > (uint32_t) h->n_extended) {
        cs_series_info_note(info, "the %s header has records of %u bytes,"
                            " which cannot be; it is not used", h->extended,
                            r.stride);
        cs_cursor_clear(&r.cursor);
        return true;
    }
    fill_fei_pixel_size(&r, info);
    info->voltage_kV = positive(&r, voltage_V) / 1e3;
    info->magnification = positive(&r, magnification);
    info->exposure_s = positive(&r, integration_s);
    info->interval_s = positive(&r, frame_s);
    info->dose_rate_e_per_A2_s
        = positive(&r, dose_e_per_m2) / 1e20 / info->exposure_s;
    info->camera = words(&r, camera);
    info->microscope = words(&r, microscope);
    fill_fei_date(&r, info);
    if ((uint64_t) r.stride * info->n_frames <= (uint64_t) h->n_extended)
        is_ok = fill_clock(&r, info, error)
                && take_sources(h, info, error);
    return is_ok && cs_cursor_ok(&r.cursor, error);
}

static double
in_range(float value, double low, double high)
{
    return (double) value >= low && (double) value <= high ? (double) value
                                                           : NAN;
}

/* Sixteen floats a section; the first section's are taken. */
static bool
read_old_fei(const CsMrcHeader *h, const CsSource *source,
             CsSeriesInfo *info, GError **error)
{
    g_auto(CsCursor) c = { 0 };
    float field[16];
    double pixel_m;

    cs_cursor_init(&c, source, h->big_endian);
    cs_cursor_seek(&c, CS_MRC_HEADER_BYTES);
    for (size_t i = 0; i < G_N_ELEMENTS(field); i++)
        field[i] = cs_cursor_f32(&c);
    if (!cs_cursor_ok(&c, error))
        return false;
    pixel_m = in_range(field[11], 1e-13, 1e-5);
    if (isnan(pixel_m))
        return true;
    cs_axis_set(&info->x, pixel_m, "m");
    cs_axis_set(&info->y, pixel_m, "m");
    info->exposure_s = in_range(field[8], 1e-6, 1e5);
    info->magnification = in_range(field[12], 10, 1e8);
    info->voltage_kV = in_range(field[13], 1e3, 2e6) / 1e3;
    return true;
}

/* A section's fields lie one after the other, those whose bit is set. */
static bool
read_serial_em(const CsMrcHeader *h, const CsSource *source,
               CsSeriesInfo *info, GError **error)
{
    static const int n_bytes[] = { 2, 6, 4 }; /* tilt, piece, stage */
    enum { MAGNIFICATION = 3 };
    g_auto(CsCursor) c = { 0 };
    int at = CS_MRC_HEADER_BYTES;

    if ((h->serial_em_fields >> MAGNIFICATION & 1) == 0
        || h->serial_em_bytes < 2 || h->serial_em_bytes > h->n_extended)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(n_bytes); i++)
        at += (h->serial_em_fields >> i & 1) != 0 ? n_bytes[i] : 0;
    cs_cursor_init(&c, source, h->big_endian);
    cs_cursor_seek(&c, (uint64_t) at);
    info->magnification = in_range((float) cs_cursor_i16(&c) * 100, 10, 1e8);
    return cs_cursor_ok(&c, error);
}

bool
cs_mrc_extended_read(const CsMrcHeader *header, const CsSource *source,
                     CsSeriesInfo *info, GError **error)
{
    if (header->n_extended < OLD_RECORD)
        return true;
    if (g_str_has_prefix(header->extended, "FEI"))
        return read_fei(header, source, info, error);
    if (strcmp(header->extended, "SERI") == 0)
        return read_serial_em(header, source, info, error);
    if (header->n_extended == N_OLD_RECORDS * OLD_RECORD)
        return read_old_fei(header, source, info, error);
    return true;
}
