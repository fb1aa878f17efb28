/* Scales in the private tags of microscopes' and cameras' TIFF files.
 *
 * After the makers' files themselves and what tifffile and HyperSpy
 * understand of them. Everything here is read with an eye on the end of the
 * file; what is missing is left out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/cursor.h"
#include "core/text.h"
#include "formats/tiff_meta.h"
#include "formats/xml.h"

enum {
    TAG_SIS = 33560,
    TAG_SIS_INI = 33471,
    TAG_ZEISS = 34118,
    TAG_FEI_SFEG = 34680,
    TAG_FEI_HELIOS = 34682,
    TAG_FEI_TITAN = 34683,
    TAG_TVIPS = 37706,
};

static void
set_text(char **to, const char *text)
{
    if (*to == NULL && text != NULL && text[0] != '\0')
        *to = g_strdup(text);
}

/* ---- Lines of "key=value" ------------------------------------------------- */

/* The value of key in [section] (NULL: anywhere), or NULL. */
static char *
ini_value(const char *text, const char *section, const char *key)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    bool inside = section == NULL;

    for (size_t i = 0; lines[i] != NULL; i++) {
        char *line = g_strstrip(lines[i]);
        char *equals = strchr(line, '=');

        if (line[0] == '[' && section != NULL)
            inside = strncmp(line + 1, section, strlen(section)) == 0
                     && line[1 + strlen(section)] == ']';
        if (!inside || equals == NULL)
            continue;
        *equals = '\0';
        if (strcmp(g_strchomp(line), key) == 0)
            return g_strdup(g_strstrip(equals + 1));
    }
    return NULL;
}

static double
ini_number(const char *text, const char *section, const char *key)
{
    g_autofree char *value = ini_value(text, section, key);
    double number;

    return value != NULL && cs_text_to_double(value, &number) ? number : NAN;
}

/* ---- Olympus Soft Imaging Solutions --------------------------------------- */

typedef struct {
    double x_m, y_m, magnification;
    char   camera[35];
} SisScale;

static bool
sis_scale(CsCursor *c, uint64_t at, SisScale *scale)
{
    int exponent;

    cs_cursor_seek(c, at);
    cs_cursor_skip(c, 10);
    exponent = cs_cursor_i16(c);
    scale->x_m = cs_cursor_f64(c) * pow(10, exponent);
    scale->y_m = cs_cursor_f64(c) * pow(10, exponent);
    cs_cursor_skip(c, 8);
    scale->magnification = cs_cursor_f64(c);
    cs_cursor_skip(c, 2);
    cs_cursor_bytes(c, scale->camera, 34);
    scale->camera[34] = '\0';
    return cs_cursor_ok(c, NULL) && scale->x_m > 0 && scale->y_m > 0;
}

static void
take_sis_scale(CsSeriesInfo *info, const SisScale *scale)
{
    cs_axis_set(&info->x, scale->x_m, "m");
    cs_axis_set(&info->y, scale->y_m, "m");
    if (scale->magnification > 0)
        info->magnification = scale->magnification;
    if (g_utf8_validate(scale->camera, -1, NULL))
        set_text(&info->microscope, scale->camera);
}

/* The tag points to "SIS0", a date and a list of further places; the one of
 * kind 1 holds the scale. */
static void
read_sis(const CsTiffDir *dir, CsSeriesInfo *info)
{
    double at = cs_tiff_number(dir, TAG_SIS, 0);
    char magic[4], name[33] = "";
    int date[5];
    uint16_t n;
    g_auto(CsCursor) c;

    cs_cursor_init(&c, dir->source, false);
    if (!(at >= 8))
        return;
    cs_cursor_seek(&c, (uint64_t) at);
    cs_cursor_bytes(&c, magic, sizeof magic);
    cs_cursor_skip(&c, 6);
    for (int i = 0; i < 5; i++)
        date[i] = cs_cursor_i16(&c); /* minute, hour, day, month from 0, year */
    cs_cursor_skip(&c, 6);
    cs_cursor_bytes(&c, name, 32);
    n = cs_cursor_u16(&c);
    if (memcmp(magic, "SIS0", 4) != 0 || !cs_cursor_ok(&c, NULL))
        return;
    if (info->date == NULL && date[2] > 0)
        info->date = g_strdup_printf("%d-%02d-%02d %02d:%02d", 1900 + date[4],
                                     date[3] + 1, date[2], date[1], date[0]);
    for (uint16_t i = 0; i < n && cs_cursor_ok(&c, NULL); i++) {
        uint16_t kind = cs_cursor_u16(&c);
        uint32_t place;
        uint64_t back;
        SisScale scale;

        cs_cursor_skip(&c, 2);
        place = cs_cursor_u32(&c);
        back = c.at;
        if (kind == 1 && sis_scale(&c, place, &scale)) {
            take_sis_scale(info, &scale);
            return;
        }
        cs_cursor_seek(&c, back);
    }
}

/* Newer files hold the same as text: pixel sizes in metres. */
static void
read_sis_ini(const CsTiffDir *dir, CsSeriesInfo *info)
{
    g_autofree char *text = cs_tiff_text(dir, TAG_SIS_INI);
    double x, y;

    if (text == NULL)
        return;
    x = ini_number(text, NULL, "PixelSizeX");
    y = ini_number(text, NULL, "PixelSizeY");
    if (!(x > 0))
        x = ini_number(text, NULL, "XCalibration");
    if (!(y > 0))
        y = ini_number(text, NULL, "YCalibration");
    if (!(x > 0))
        return;
    cs_axis_set(&info->x, x, "m");
    cs_axis_set(&info->y, y > 0 ? y : x, "m");
}

/* ---- FEI, Thermo ---------------------------------------------------------- */

static void
read_fei(const CsTiffDir *dir, uint16_t tag, CsSeriesInfo *info)
{
    g_autofree char *text = cs_tiff_text(dir, tag);
    g_autofree char *date = NULL, *time = NULL;
    double x, y, voltage;

    if (text == NULL)
        return;
    x = ini_number(text, "Scan", "PixelWidth");
    y = ini_number(text, "Scan", "PixelHeight");
    if (!(x > 0)) /* ion images of some versions */
        x = y = ini_number(text, "IRBeam", "HFW")
                / ini_number(text, "Image", "ResolutionX");
    if (!(x > 0))
        return;
    cs_axis_set(&info->x, x, "m");
    cs_axis_set(&info->y, y > 0 ? y : x, "m");
    voltage = ini_number(text, "Beam", "HV");
    if (voltage > 0 && isnan(info->voltage_kV))
        info->voltage_kV = voltage / 1e3;
    date = ini_value(text, "User", "Date");
    time = ini_value(text, "User", "Time");
    if (date != NULL && info->date == NULL)
        info->date = g_strjoin(" ", date, time, NULL);
    if (isnan(info->exposure_s))
        info->exposure_s = ini_number(text, "Scan", "FrameTime");
}

typedef struct {
    CsSeriesInfo *info;
    char          unit[24];
} TitanXml;

static void
titan_start(const char *name, const char *const *attrs, void *user)
{
    TitanXml *titan = user;
    const char *unit = cs_xml_attr(attrs, "unit");

    if (strcmp(name, "X") == 0 || strcmp(name, "Y") == 0)
        g_strlcpy(titan->unit, unit != NULL ? unit : "m",
                  sizeof titan->unit);
}

static void
titan_end(const char *name, const char *parent, const char *text, void *user)
{
    TitanXml *titan = user;
    double step;

    if (strcmp(parent, "PixelSize") != 0 || !cs_text_to_double(text, &step)
        || !(step > 0))
        return;
    if (strcmp(name, "X") == 0)
        cs_axis_set(&titan->info->x, step, titan->unit);
    if (strcmp(name, "Y") == 0)
        cs_axis_set(&titan->info->y, step, titan->unit);
}

/* <PixelSize><X unit="m">…</X><Y unit="m">…</Y></PixelSize> */
static void
read_titan(const CsTiffDir *dir, CsSeriesInfo *info)
{
    static const CsXmlHandler handler = { titan_start, titan_end };
    g_autofree char *text = cs_tiff_text(dir, TAG_FEI_TITAN);
    TitanXml titan = { .info = info };

    if (text != NULL)
        cs_xml_walk(text, strlen(text), &handler, &titan, NULL);
}

/* ---- TVIPS ---------------------------------------------------------------- */

static double
f32_at(CsCursor *c, uint64_t at)
{
    cs_cursor_seek(c, at);
    return cs_cursor_f32(c);
}

static uint32_t
u32_at(CsCursor *c, uint64_t at)
{
    cs_cursor_seek(c, at);
    return cs_cursor_u32(c);
}

static void
take_tvips_date(CsSeriesInfo *info, uint32_t date, uint32_t second)
{
    if (info->date == NULL && date > 0)
        info->date = g_strdup_printf(
            "%u-%02u-%02u %02u:%02u:%02u", date >> 16, date >> 8 & 255,
            date & 255, second / 3600, second / 60 % 60, second % 60);
}

/* The tag holds the place of EMMENU's data; sizes in nm, times in ms. */
static void
read_tvips(const CsTiffDir *dir, CsSeriesInfo *info)
{
    double tag = cs_tiff_number(dir, TAG_TVIPS, 0);
    uint64_t at = tag >= 8 ? (uint64_t) tag : 0;
    double x, y, voltage, magnification, exposure;
    g_auto(CsCursor) c;

    cs_cursor_init(&c, dir->source, dir->big_endian);
    if (at == 0 || u32_at(&c, at) != 2 || u32_at(&c, at + 6308) != 0xaaaaaaaa)
        return;
    x = f32_at(&c, at + 2968);
    y = f32_at(&c, at + 2972);
    voltage = f32_at(&c, at + 3272);
    magnification = f32_at(&c, at + 3536);
    exposure = f32_at(&c, at + 3952);
    take_tvips_date(info, u32_at(&c, at + 584), u32_at(&c, at + 588));
    if (!cs_cursor_ok(&c, NULL))
        return;
    if (x > 0 && y > 0) {
        cs_axis_set(&info->x, x, "nm");
        cs_axis_set(&info->y, y, "nm");
    }
    if (voltage > 0)
        info->voltage_kV = voltage / 1e3;
    if (magnification > 0)
        info->magnification = magnification;
    if (exposure > 0)
        info->exposure_s = exposure / 1e3;
}

/* ---- Zeiss ---------------------------------------------------------------- */

/* Lines "AP_IMAGE_PIXEL_SIZE" and then "Image Pixel Size = 6.2 nm"; in older
 * files only the fourth line, metres a pixel of an image 1024 wide. */
static void
read_zeiss(const CsTiffDir *dir, CsSeriesInfo *info)
{
    g_autofree char *text = cs_tiff_text(dir, TAG_ZEISS);
    g_autofree char *value = NULL;
    g_auto(GStrv) lines = NULL;
    double width = cs_tiff_number(dir, TAG_WIDTH, 0), step;
    char *unit = NULL;

    if (text == NULL)
        return;
    value = ini_value(text, NULL, "Image Pixel Size");
    if (value != NULL)
        step = g_ascii_strtod(value, &unit);
    if (unit != NULL && unit != value && step > 0) {
        cs_axis_set(&info->x, step, g_strstrip(unit));
        info->y = info->x;
        return;
    }
    lines = g_strsplit(text, "\n", 5);
    if (g_strv_length(lines) >= 4
        && cs_text_to_double(g_strstrip(lines[3]), &step) && step > 0) {
        cs_axis_set(&info->x, step * 1024 / width, "m");
        info->y = info->x;
    }
}

/* ---- JEOL ----------------------------------------------------------------- */

typedef struct {
    bool   is_tem, is_mag;
    double selector;
    char  *date, *instrument;
} Jeol;

static void
jeol_end(const char *name, const char *parent, const char *text, void *user)
{
    Jeol *jeol = user;

    if (strcmp(name, "EosMode") == 0)
        jeol->is_tem = strcmp(text, "eosTEM") == 0;
    if (strcmp(parent, "ImageFormingSystem") == 0
        && strcmp(name, "ModeString") == 0)
        jeol->is_mag = strcmp(text, "MAG") == 0;
    if (strcmp(parent, "ImageFormingSystem") == 0
        && strcmp(name, "SelectorValue") == 0)
        cs_text_to_double(text, &jeol->selector);
    if (strcmp(parent, "TemReporter") == 0) {
        if (strcmp(name, "DateTime") == 0)
            set_text(&jeol->date, text);
        if (strcmp(name, "Instruments") == 0)
            set_text(&jeol->instrument, text);
    }
}

/* The camera's resolution over the magnification, in plain TEM imaging only:
 * in the other modes the selector is a camera length. */
static void
read_jeol(const CsTiffDir *dir, const char *description, CsSeriesInfo *info)
{
    static const CsXmlHandler handler = { NULL, jeol_end };
    Jeol jeol = { .selector = NAN };
    double unit_nm
        = cs_tiff_number(dir, TAG_RESOLUTION_UNIT, 0) > 2 ? 1e7 : 2.54e7;
    double x = cs_tiff_number(dir, TAG_X_RESOLUTION, 0);
    double y = cs_tiff_number(dir, TAG_Y_RESOLUTION, 0);

    cs_xml_walk(description, strlen(description), &handler, &jeol, NULL);
    if (info->date == NULL)
        info->date = g_steal_pointer(&jeol.date);
    if (info->microscope == NULL)
        info->microscope = g_steal_pointer(&jeol.instrument);
    g_free(jeol.date);
    g_free(jeol.instrument);
    if (!jeol.is_tem || !jeol.is_mag || !(jeol.selector > 0) || !(x > 0)
        || !(y > 0)) {
        cs_series_info_note(info, "JEOL's description gives no scale (the "
                                  "mode is not TEM imaging)");
        return;
    }
    info->magnification = jeol.selector;
    cs_axis_set(&info->x, unit_nm / x / jeol.selector, "nm");
    cs_axis_set(&info->y, unit_nm / y / jeol.selector, "nm");
}

void
cs_tiff_read_vendor(const CsTiffDir *dir, const char *description,
                    CsTiffMeta *meta)
{
    CsSeriesInfo *info = meta->info;

    if (cs_tiff_tag(dir, TAG_SIS) != NULL)
        read_sis(dir, info);
    else if (cs_tiff_tag(dir, TAG_SIS_INI) != NULL)
        read_sis_ini(dir, info);
    else if (cs_tiff_tag(dir, TAG_FEI_SFEG) != NULL)
        read_fei(dir, TAG_FEI_SFEG, info);
    else if (cs_tiff_tag(dir, TAG_FEI_HELIOS) != NULL)
        read_fei(dir, TAG_FEI_HELIOS, info);
    else if (cs_tiff_tag(dir, TAG_FEI_TITAN) != NULL)
        read_titan(dir, info);
    else if (cs_tiff_tag(dir, TAG_TVIPS) != NULL)
        read_tvips(dir, info);
    else if (cs_tiff_tag(dir, TAG_ZEISS) != NULL)
        read_zeiss(dir, info);
    else if (strstr(description, "<TemReporter") != NULL)
        read_jeol(dir, description, info);
}
