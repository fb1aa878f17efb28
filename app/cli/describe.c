/* A recording in words and in JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/describe.h"

#include <math.h>
#include <string.h>

static const double gap_factor = 1.5;

CsClockSummary
cs_clock_summary(const CsClock *clock)
{
    CsClockSummary sum = { .min_s = NAN, .max_s = NAN, .length_s = NAN };

    sum.median_s = cs_clock_median_interval(clock);
    for (size_t i = 0; i < clock->n_frames; i++) {
        double step_s = i > 0 ? clock->start_s[i] - clock->start_s[i - 1]
                              : NAN;

        sum.n_of[clock->source[i]]++;
        sum.min_s = fmin(sum.min_s, step_s);
        sum.max_s = fmax(sum.max_s, step_s);
        if (step_s > gap_factor * sum.median_s)
            sum.n_gaps++;
    }
    if (clock->n_frames > 1)
        sum.length_s = clock->start_s[clock->n_frames - 1] + sum.median_s;
    return sum;
}

/* Why the recording cannot be measured, without the path before it; NULL if it
 * can. */
static char *
why_not_measurable(const CsRecording *recording)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_autoptr(GError) error = NULL;
    const char *where = info->n_files == 1 ? info->files[0] : info->name;
    const char *message;

    if (cs_recording_check_measurable(recording, false, &error))
        return NULL;
    message = error->message;
    if (g_str_has_prefix(message, where)
        && g_str_has_prefix(message + strlen(where), ": "))
        message += strlen(where) + 2;
    return g_strdup(message);
}

/* ---- Text ------------------------------------------------------------------ */

static void line(GString *text, const char *label, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void
line(GString *text, const char *label, const char *format, ...)
{
    va_list args;

    g_string_append_printf(text, "  %-14s ", label);
    va_start(args, format);
    g_string_append_vprintf(text, format, args);
    va_end(args);
    g_string_append_c(text, '\n');
}

/* "1.25 µm": a length in the unit that suits it. */
static char *
length_text(double nm)
{
    if (nm >= 1e6)
        return g_strdup_printf("%.4g mm", nm / 1e6);
    if (nm >= 1e3)
        return g_strdup_printf("%.4g µm", nm / 1e3);
    return g_strdup_printf("%.4g nm", nm);
}

/* "2 min 05.3 s" */
static char *
duration_text(double s)
{
    if (s >= 3600)
        return g_strdup_printf("%.0f h %02.0f min %02.0f s", floor(s / 3600),
                               floor(fmod(s, 3600) / 60), floor(fmod(s, 60)));
    if (s >= 120)
        return g_strdup_printf("%.0f min %04.1f s", floor(s / 60),
                               fmod(s, 60));
    return g_strdup_printf("%.6g s", s);
}

static bool
same(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(a);
}

static void
text_axes(const CsSeriesInfo *series, GString *text)
{
    const CsAxis *x = &series->x, *y = &series->y;

    if (x->kind == CS_UNIT_NONE && y->kind == CS_UNIT_NONE)
        line(text, "in the file", "no scale");
    else if (same(x->step, y->step) && strcmp(x->unit, y->unit) == 0)
        line(text, "in the file", "%.9g %s a pixel", x->step, x->unit);
    else
        line(text, "in the file", "%.9g %s a pixel in x, %.9g %s in y",
             x->step, x->unit, y->step, y->unit);
}

static void
text_scale(const CsRecordingInfo *info, GString *text)
{
    const char *from = info->scale_source == CS_SCALE_USER
                           ? ", as given" : "";
    double x = info->nm_per_px_x, y = info->nm_per_px_y;
    g_autofree char *wide = length_text(x * (double) info->width);
    g_autofree char *high = length_text(y * (double) info->height);

    if (isfinite(x) && isfinite(y)) {
        if (same(x, y))
            line(text, "scale", "%.7g nm/px%s", x, from);
        else
            line(text, "scale", "%.7g nm/px in x, %.7g nm/px in y%s", x, y,
                 from);
        line(text, "field of view", "%s × %s", wide, high);
    } else {
        line(text, "scale", "none in nm");
    }
    text_axes(&info->series, text);
}

static char *
sources_text(const CsClockSummary *sum, size_t n_frames)
{
    GString *list = g_string_new(NULL);

    for (int s = CS_TIME_MEASURED; s >= CS_TIME_NONE; s--) {
        if (sum->n_of[s] == 0)
            continue;
        if (sum->n_of[s] == n_frames)
            g_string_append(list, cs_time_source_name((CsTimeSource) s));
        else
            g_string_append_printf(list, "%s%zu %s",
                                   list->len > 0 ? ", " : "", sum->n_of[s],
                                   cs_time_source_name((CsTimeSource) s));
    }
    return g_string_free(list, FALSE);
}

static void
text_clock(const CsRecordingInfo *info, GString *text)
{
    CsClockSummary sum = cs_clock_summary(&info->clock);
    g_autofree char *sources = sources_text(&sum, info->n_frames);
    g_autofree char *length = duration_text(sum.length_s);

    if (info->n_frames == 1)
        return;
    if (isnan(sum.median_s)) {
        line(text, "clock", "none: the frames have no times");
        return;
    }
    line(text, "clock", "%s", sources);
    if (same(sum.min_s, sum.max_s))
        line(text, "interval", "%.6g s", sum.median_s);
    else
        line(text, "interval", "%.6g s (median; %.6g to %.6g s)",
             sum.median_s, sum.min_s, sum.max_s);
    if (sum.n_gaps > 0)
        line(text, "gaps", "%zu", sum.n_gaps);
    line(text, "duration", "%s", length);
}

static void
text_number(GString *text, const char *label, double value, const char *unit)
{
    if (isfinite(value))
        line(text, label, "%.6g%s", value, unit);
}

static void
text_string(GString *text, const char *label, const char *value)
{
    if (value != NULL && value[0] != '\0')
        line(text, label, "%s", value);
}

static double
exposure_s(const CsRecordingInfo *info)
{
    if (isfinite(info->series.exposure_s) || info->clock.n_frames == 0)
        return info->series.exposure_s;
    return info->clock.duration_s[0];
}

static void
text_facts(const CsRecordingInfo *info, GString *text)
{
    const CsSeriesInfo *series = &info->series;

    text_number(text, "exposure", exposure_s(info), " s");
    text_number(text, "voltage", series->voltage_kV, " kV");
    text_number(text, "magnification", series->magnification, " ×");
    text_number(text, "dose rate", series->dose_rate_e_per_A2_s, " e/Å²/s");
    text_number(text, "sensitivity", series->counts_per_electron,
                " counts per electron");
    text_string(text, "date", series->date);
    text_string(text, "microscope", series->microscope);
    text_string(text, "camera", series->camera);
    text_string(text, "title", series->title);
}

static void
text_electrical(const CsElectrical *e, GString *text)
{
    if (e->source == NULL)
        return;
    line(text, "bias log", "%s (%s)", e->source, e->format);
    for (size_t i = 0; i < MIN(e->n_events, 20); i++)
        line(text, i == 0 ? "in the log" : "", "%s between %.6g s and %.6g s%s"
             "%s", e->event[i].event, e->event[i].time_lo_s,
             e->event[i].time_hi_s, e->event[i].detail[0] != '\0' ? ": " : "",
             e->event[i].detail);
    if (e->n_events > 20)
        line(text, "", "and %zu more", e->n_events - 20);
}

static void
text_size(const CsRecordingInfo *info, GString *text)
{
    static const char *const channels[]
        = { "", "", ", grey and alpha", ", RGB", ", RGB and alpha" };
    const CsReader *reader = cs_reader_named(info->format);

    if (info->series.layout != NULL)
        line(text, "format", "%s (%s)", info->series.layout, info->format);
    else
        line(text, "format", "%s",
             reader != NULL ? reader->title : info->format);
    if (info->n_files > 1)
        line(text, "files", "%zu, %s … %s", info->n_files, info->files[0],
             info->files[info->n_files - 1]);
    line(text, "size", "%zu × %zu px, %s%s", info->width, info->height,
         cs_pixel_name(info->series.type),
         channels[MIN(info->series.n_channels, 4)]);
    line(text, "frames", "%zu", info->n_frames);
}

static void
text_stats(const CsSampleStats *stats, GString *text)
{
    if (stats->n > 0)
        line(text, "samples", "%.9g to %.9g, mean %.9g, deviation %.9g",
             stats->min, stats->max, stats->mean, stats->std);
    if (stats->n_not > 0)
        line(text, "not finite", "%zu samples", stats->n_not);
}

/* Line breaks and control characters of a file's texts are not the
 * terminal's. */
static void
tame(GString *text, gsize from)
{
    for (gsize i = from; i < text->len; i++)
        if ((guchar) text->str[i] < 0x20 && text->str[i] != '\n')
            text->str[i] = ' ';
}

void
cs_describe_text(const char *path, const CsRecording *recording,
                 const CsSampleStats *stats, GString *text)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_autofree char *why_not = why_not_measurable(recording);
    gsize from = text->len;

    g_string_append_printf(text, "%s\n", path);
    text_size(info, text);
    text_scale(info, text);
    text_clock(info, text);
    text_facts(info, text);
    text_electrical(&info->electrical, text);
    if (stats != NULL)
        text_stats(stats, text);
    if (why_not != NULL)
        line(text, "measure", "will refuse it: %s", why_not);
    for (guint i = 0; info->notes != NULL && i < info->notes->len; i++)
        line(text, i == 0 ? "notes" : "", "%s",
             (const char *) info->notes->pdata[i]);
    tame(text, from);
}

/* ---- JSON ------------------------------------------------------------------- */

static void
json_axis(CsJson *json, const char *key, const CsAxis *axis)
{
    static const char *const kinds[] = {
        [CS_UNIT_NONE] = "none",   [CS_UNIT_LENGTH] = "length",
        [CS_UNIT_RECIPROCAL] = "reciprocal",
        [CS_UNIT_ANGLE] = "angle", [CS_UNIT_TIME] = "time",
        [CS_UNIT_OTHER] = "other",
    };

    cs_json_begin(json, key, '{');
    cs_json_double(json, "step", axis->step);
    cs_json_string(json, "unit", axis->unit);
    cs_json_string(json, "kind", kinds[axis->kind]);
    cs_json_end(json, '}');
}

static void
json_scale(const CsRecordingInfo *info, CsJson *json)
{
    static const char *const sources[] = {
        [CS_SCALE_NONE] = "none",
        [CS_SCALE_FILE] = "file",
        [CS_SCALE_USER] = "user",
    };

    cs_json_begin(json, "scale", '{');
    cs_json_double(json, "nm_per_px_x", info->nm_per_px_x);
    cs_json_double(json, "nm_per_px_y", info->nm_per_px_y);
    cs_json_string(json, "source", sources[info->scale_source]);
    cs_json_double(json, "field_width_nm",
                   info->nm_per_px_x * (double) info->width);
    cs_json_double(json, "field_height_nm",
                   info->nm_per_px_y * (double) info->height);
    json_axis(json, "file_x", &info->series.x);
    json_axis(json, "file_y", &info->series.y);
    cs_json_end(json, '}');
}

static void
json_clock(const CsRecordingInfo *info, CsJson *json)
{
    CsClockSummary sum = cs_clock_summary(&info->clock);

    cs_json_begin(json, "clock", '{');
    cs_json_count(json, "n_measured", sum.n_of[CS_TIME_MEASURED]);
    cs_json_count(json, "n_interpolated", sum.n_of[CS_TIME_INTERPOLATED]);
    cs_json_count(json, "n_assumed", sum.n_of[CS_TIME_ASSUMED]);
    cs_json_count(json, "n_none", sum.n_of[CS_TIME_NONE]);
    cs_json_double(json, "interval_min_s", sum.min_s);
    cs_json_double(json, "interval_median_s", sum.median_s);
    cs_json_double(json, "interval_max_s", sum.max_s);
    cs_json_count(json, "n_gaps", sum.n_gaps);
    cs_json_double(json, "duration_s", sum.length_s);
    cs_json_double(json, "start_unix_s", info->clock.start_unix_s);
    cs_json_end(json, '}');
}

static void
json_facts(const CsRecordingInfo *info, CsJson *json)
{
    const CsSeriesInfo *series = &info->series;

    cs_json_double(json, "exposure_s", exposure_s(info));
    cs_json_double(json, "dose_rate_e_per_A2_s",
                   series->dose_rate_e_per_A2_s);
    cs_json_double(json, "counts_per_electron", series->counts_per_electron);
    cs_json_double(json, "voltage_kV", series->voltage_kV);
    cs_json_double(json, "magnification", series->magnification);
    cs_json_string(json, "camera", series->camera);
    cs_json_string(json, "microscope", series->microscope);
    cs_json_string(json, "title", series->title);
    cs_json_string(json, "date", series->date);
}

static void
json_electrical(const CsElectrical *e, CsJson *json)
{
    if (e->source == NULL)
        return;
    cs_json_begin(json, "bias_log", '{');
    cs_json_string(json, "path", e->source);
    cs_json_string(json, "format", e->format);
    cs_json_count(json, "n_samples", e->n_samples);
    cs_json_double(json, "offset_s", e->offset_s);
    cs_json_double(json, "offset_sd_s", e->offset_sd_s);
    cs_json_begin(json, "events", '[');
    for (size_t i = 0; i < e->n_events; i++) {
        cs_json_begin(json, NULL, '{');
        cs_json_string(json, "event", e->event[i].event);
        cs_json_double(json, "time_lo_s", e->event[i].time_lo_s);
        cs_json_double(json, "time_hi_s", e->event[i].time_hi_s);
        cs_json_string(json, "detail", e->event[i].detail);
        cs_json_end(json, '}');
    }
    cs_json_end(json, ']');
    cs_json_end(json, '}');
}

static void
json_stats(const CsSampleStats *stats, CsJson *json)
{
    cs_json_begin(json, "samples", '{');
    cs_json_count(json, "n", stats->n);
    cs_json_count(json, "n_not_finite", stats->n_not);
    cs_json_double(json, "min", stats->min);
    cs_json_double(json, "max", stats->max);
    cs_json_double(json, "mean", stats->mean);
    cs_json_double(json, "std", stats->std);
    cs_json_end(json, '}');
}

void
cs_describe_json(const char *path, const CsRecording *recording,
                 const CsSampleStats *stats, CsJson *json)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_autofree char *why_not = why_not_measurable(recording);

    cs_json_begin(json, NULL, '{');
    cs_json_string(json, "path", path);
    cs_json_string(json, "name", info->name);
    cs_json_string(json, "format", info->format);
    cs_json_count(json, "n_files", info->n_files);
    cs_json_string(json, "first_file", info->files[0]);
    cs_json_string(json, "last_file", info->files[info->n_files - 1]);
    cs_json_count(json, "width", info->width);
    cs_json_count(json, "height", info->height);
    cs_json_count(json, "n_frames", info->n_frames);
    cs_json_count(json, "n_channels", info->series.n_channels);
    cs_json_string(json, "type", cs_pixel_name(info->series.type));
    json_scale(info, json);
    json_clock(info, json);
    json_facts(info, json);
    json_electrical(&info->electrical, json);
    if (stats != NULL)
        json_stats(stats, json);
    cs_json_bool(json, "measurable", why_not == NULL);
    cs_json_string(json, "why_not_measurable", why_not);
    cs_json_begin(json, "notes", '[');
    for (guint i = 0; info->notes != NULL && i < info->notes->len; i++)
        cs_json_string(json, NULL, info->notes->pdata[i]);
    cs_json_end(json, ']');
    cs_json_string(json, "layout", info->series.layout);
    cs_json_end(json, '}');
}

void
cs_describe_json_error(const char *path, const GError *error, CsJson *json)
{
    cs_json_begin(json, NULL, '{');
    cs_json_string(json, "path", path);
    cs_json_string(json, "error", error->message);
    cs_json_end(json, '}');
}
