/* What a TIFF file says about its frames: who wrote it decides.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/tiff_meta.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "formats/facts.h"

void
cs_tiff_meta_clear(CsTiffMeta *meta)
{
    g_clear_pointer(&meta->times, g_array_unref);
    g_clear_pointer(&meta->planes, g_array_unref);
    g_clear_pointer(&meta->time_source, g_free);
}

void
cs_tiff_meta_make_times(CsTiffMeta *meta, size_t n)
{
    if (meta->times != NULL)
        return;
    meta->times = g_array_sized_new(FALSE, FALSE, sizeof(CsPageTime),
                                    (guint) n);
    for (size_t i = 0; i < n; i++) {
        CsPageTime none = { NAN, NAN, CS_TIME_NONE };

        g_array_append_val(meta->times, none);
    }
}

void
cs_tiff_meta_take_fact(CsTiffMeta *meta, const char *key, const char *value)
{
    double number;

    if (strcmp(key, "time_source") == 0) {
        g_free(meta->time_source);
        meta->time_source = g_strdup(value);
    } else if (strcmp(key, "value_offset") == 0
               && cs_text_to_double(value, &number)) {
        meta->value_offset = number;
    } else if (strcmp(key, "value_gain") == 0
               && cs_text_to_double(value, &number)) {
        meta->value_gain = number;
    } else {
        cs_facts_take(meta->info, key, value);
    }
}

static bool
agree(double a, double b)
{
    return fabs(a - b) <= 1e-5 * fabs(a);
}

/* DigitalMicrograph keeps scales as doubles: better than ImageJ's fractions
 * where both are there. */
static void
read_gatan_axis(const CsTiffDir *dir, CsSeriesInfo *info, CsAxis *axis,
                const char *name, unsigned k)
{
    double step = cs_tiff_number(dir, (uint16_t) (TAG_GATAN_X_SCALE + k), 0);
    g_autofree char *unit = NULL;
    CsAxis got = { .step = NAN };
    double was = cs_axis_nm(axis);

    if (!isfinite(step))
        return;
    unit = cs_tiff_text(dir, (uint16_t) (TAG_GATAN_X_UNIT + k));
    cs_axis_set(&got, step, unit);
    if (!isnan(was) && !agree(was, cs_axis_nm(&got)))
        cs_series_info_note(info,
                            "the %s scale is %g nm a pixel for "
                            "DigitalMicrograph but %g nm for ImageJ; the "
                            "former is taken",
                            name, cs_axis_nm(&got), was);
    *axis = got;
}

static void
read_gatan(const CsTiffDir *dir, CsTiffMeta *meta)
{
    CsSeriesInfo *info = meta->info;
    double step = cs_tiff_number(dir, TAG_GATAN_Z_SCALE, 0);
    g_autofree char *unit = cs_tiff_text(dir, TAG_GATAN_Z_UNIT);
    double factor;

    read_gatan_axis(dir, info, &info->x, "x", 0);
    read_gatan_axis(dir, info, &info->y, "y", 1);
    if (step > 0 && unit != NULL && isnan(info->interval_s)
        && cs_unit_kind(unit, &factor) == CS_UNIT_TIME)
        info->interval_s = step * factor;
}

/* Resolutions for printers are in many files; they are no scale. */
static void
note_printer_resolution(const CsTiffDir *dir, CsSeriesInfo *info)
{
    double unit = cs_tiff_number(dir, TAG_RESOLUTION_UNIT, 0);
    double x = cs_tiff_number(dir, TAG_X_RESOLUTION, 0);

    if (isnan(info->x.step) && x > 0 && (unit > 1 || isnan(unit)))
        cs_series_info_note(info,
                            "the resolution of %g per %s is one for printers "
                            "and no scale",
                            x, unit > 2 ? "cm" : "inch");
}

/* A pixel larger than a tenth of a millimetre is no microscope's. */
static void
drop_absurd_scale(CsSeriesInfo *info)
{
    const CsAxis none = { .step = NAN };

    if (!(cs_axis_nm(&info->x) > 1e5) && strcmp(info->x.unit, "inch") != 0)
        return;
    cs_series_info_note(info,
                        "a scale of %g %s a pixel is no microscope's and was "
                        "left out",
                        info->x.step, info->x.unit);
    info->x = info->y = none;
}

void
cs_tiff_meta_read(const CsTiffDir *dir, CsTiffMeta *meta)
{
    g_autofree char *text = cs_tiff_text(dir, TAG_DESCRIPTION);
    const char *description = text != NULL ? text : "";

    if (cs_tiff_is_imagej(description))
        cs_tiff_read_imagej(dir, description, meta);
    else if (cs_tiff_is_ome(description))
        cs_tiff_read_ome(dir, description, meta);
    read_gatan(dir, meta);
    if (isnan(meta->info->x.step))
        cs_tiff_read_vendor(dir, description, meta);
    drop_absurd_scale(meta->info);
    note_printer_resolution(dir, meta->info);
    if (meta->info->date == NULL)
        meta->info->date = cs_tiff_text(dir, 306);
}
