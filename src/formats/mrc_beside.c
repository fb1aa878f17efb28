/* Text files beside MRC files: NAME_info.txt of Direct Electron's server, with
 * lines "key = value", and NAME.mrc.mdoc of SerialEM, with the same and a
 * section "[ZValue = N]" for each frame.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/mrc_beside.h"

#include <stdlib.h>
#include <string.h>

#include "formats/beside.h"
#include "formats/stamps.h"

enum { MAX_TEXT_BYTES = 64 << 20 };

/* The value behind "key = ", or NULL; lines are stripped on the way. */
static const char *
value_of(const char *line, const char *key)
{
    size_t n = strlen(key);

    if (strncmp(line, key, n) != 0)
        return NULL;
    line += n + strspn(line + n, " \t");
    if (*line != '=')
        return NULL;
    return line + 1 + strspn(line + 1, " \t");
}

static void
take_positive(double *to, const char *value, double factor)
{
    double number = value != NULL ? g_ascii_strtod(value, NULL) : NAN;

    if (number > 0 && number < 1e30)
        *to = number * factor;
}

static void
take_text(char **to, const char *value)
{
    if (value != NULL && *value != '\0' && *to == NULL
        && g_utf8_validate(value, -1, NULL))
        *to = g_strdup(value);
}

static char **
lines_beside(const CsSource *source, const char *name)
{
    size_t n = 0;
    g_autofree char *text = cs_beside_text(source, name, MAX_TEXT_BYTES, &n);
    char **lines = text != NULL ? g_strsplit(text, "\n", -1) : NULL;

    for (char **line = lines; line != NULL && *line != NULL; line++)
        g_strstrip(*line);
    return lines;
}

/* ---- Direct Electron ------------------------------------------------------ */

typedef struct {
    double pixel_x_nm;
    double pixel_y_nm;
    double frames_per_s;
    double frame_exposure_s;
    double n_summed;
} Movie;

static void
take_info_line(Movie *m, CsSeriesInfo *info, const char *line)
{
    take_positive(&m->pixel_x_nm,
                  value_of(line, "Specimen Pixel Size X (nanometers)"), 1);
    take_positive(&m->pixel_y_nm,
                  value_of(line, "Specimen Pixel Size Y (nanometers)"), 1);
    take_positive(&m->frames_per_s, value_of(line, "Frames Per Second"), 1);
    take_positive(&m->frame_exposure_s,
                  value_of(line, "Frame Exposure Time (nanoseconds)"), 1e-9);
    take_positive(&m->n_summed, value_of(line, "Autosave Movie Sum Count"), 1);
    take_positive(&info->voltage_kV,
                  value_of(line, "Instrument Accelerating Voltage (V)"), 1e-3);
    take_positive(&info->magnification,
                  value_of(line, "Instrument Project Magnification"), 1);
    take_text(&info->camera, value_of(line, "Camera Model"));
    take_text(&info->date, value_of(line, "Local time"));
}

/* A saved frame is the sum of some of the camera's. */
static void
use_movie(const Movie *m, CsSeriesInfo *info)
{
    info->interval_s = m->n_summed / m->frames_per_s;
    info->exposure_s = m->n_summed * m->frame_exposure_s;
    if (isnan(m->pixel_x_nm) || isnan(m->pixel_y_nm))
        return;
    cs_axis_set(&info->x, m->pixel_x_nm, "nm");
    cs_axis_set(&info->y, m->pixel_y_nm, "nm");
    cs_series_info_note(info, "the pixel size is that of the _info.txt file"
                        " beside it");
}

static void
read_info(const CsSource *source, CsSeriesInfo *info)
{
    static const char tail[] = "_movie.mrc";
    Movie m = { NAN, NAN, NAN, NAN, NAN };
    g_autofree char *base = cs_beside_base(source);
    g_autofree char *name = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_str_has_suffix(base, tail))
        return;
    base[strlen(base) - strlen(tail)] = '\0';
    name = g_strconcat(base, "_info.txt", NULL);
    lines = lines_beside(source, name);
    if (lines == NULL)
        return;
    for (char **line = lines; *line != NULL; line++)
        take_info_line(&m, info, *line);
    use_movie(&m, info);
}

/* ---- SerialEM ------------------------------------------------------------- */

/* "26-Feb-16  15:10:29" or "26-Feb-2016 …" as if in UTC; NAN if it is not. */
static double
parse_date(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char *end, name[4] = "";
    int day = (int) strtol(text, &end, 10), year, hour, minute;
    const char *month;
    g_autoptr(GDateTime) date = NULL;

    if (end == text || *end != '-' || strlen(end) < 5 || end[4] != '-')
        return NAN;
    memcpy(name, end + 1, 3);
    month = strstr(months, name);
    text = end + 5;
    year = (int) strtol(text, &end, 10);
    if (month == NULL || (month - months) % 3 != 0 || end == text)
        return NAN;
    text = end;
    hour = (int) strtol(text, &end, 10);
    if (*end != ':')
        return NAN;
    minute = (int) strtol(end + 1, &end, 10);
    if (*end != ':')
        return NAN;
    date = g_date_time_new_utc(year < 100 ? 2000 + year : year,
                               (int) (month - months) / 3 + 1, day, hour,
                               minute, g_ascii_strtod(end + 1, NULL));
    return date != NULL ? (double) g_date_time_to_unix(date) : NAN;
}

/* dose_e_per_A2 is that of one exposure. */
static void
take_mdoc_line(CsSeriesInfo *info, double *pixel_A, double *dose_e_per_A2,
               const char *line)
{
    take_positive(pixel_A, value_of(line, "PixelSpacing"), 1);
    take_positive(dose_e_per_A2, value_of(line, "ExposureDose"), 1);
    take_positive(&info->voltage_kV, value_of(line, "Voltage"), 1);
    take_positive(&info->magnification, value_of(line, "Magnification"), 1);
    take_positive(&info->exposure_s, value_of(line, "ExposureTime"), 1);
    take_text(&info->date, value_of(line, "DateTime"));
}

/* Sections may come in any order; each says which frame it is of. */
static bool
fill_mdoc_clock(char **lines, CsSeriesInfo *info, GError **error)
{
    g_auto(CsClock) stamps = CS_CLOCK_INIT;
    size_t frame = SIZE_MAX, n_found = 0;

    if (!cs_clock_resize(&stamps, info->n_frames, error))
        return false;
    for (char **line = lines; *line != NULL; line++) {
        const char *section = value_of(*line, "[ZValue");
        const char *date = value_of(*line, "DateTime");

        if (section != NULL)
            frame = (size_t) g_ascii_strtoull(section, NULL, 10);
        if (date != NULL && frame < info->n_frames) {
            stamps.start_s[frame] = parse_date(date);
            n_found += !isnan(stamps.start_s[frame]);
        }
    }
    if (n_found > 1 && info->clock.n_frames == 0)
        cs_stamps_take(info, &stamps, false);
    return true;
}

static bool
read_mdoc(const CsSource *source, CsSeriesInfo *info, GError **error)
{
    g_autofree char *base = cs_beside_base(source);
    g_autofree char *name = g_strconcat(base, ".mdoc", NULL);
    g_auto(GStrv) lines = lines_beside(source, name);
    double pixel_A = NAN, dose_e_per_A2 = NAN;

    if (lines == NULL)
        return true;
    for (char **line = lines; *line != NULL; line++)
        take_mdoc_line(info, &pixel_A, &dose_e_per_A2, *line);
    if (isnan(info->dose_rate_e_per_A2_s))
        info->dose_rate_e_per_A2_s = dose_e_per_A2 / info->exposure_s;
    if (pixel_A > 0 && isnan(cs_axis_nm(&info->x))) {
        cs_axis_set(&info->x, pixel_A, "Å");
        cs_axis_set(&info->y, pixel_A, "Å");
        cs_series_info_note(info, "the pixel size is that of the .mdoc file"
                            " beside it");
    }
    return fill_mdoc_clock(lines, info, error);
}

bool
cs_mrc_beside_read(const CsSource *source, CsSeriesInfo *info, GError **error)
{
    if (cs_source_path(source) == NULL)
        return true;
    read_info(source, info);
    return read_mdoc(source, info, error);
}
