/* Tables as JSON, a column at a time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/recording.h"
#include "server/write.h"

/* ---- Frames of a recording ------------------------------------------------- */

typedef struct {
    const CsRecordingInfo *info;
    const CsShifts        *shifts;
    const double          *dose;
} Timeline;

typedef enum {
    TIME, DURATION, BIAS, CURRENT, DOSE, DX, DY, SHIFT_SD, JUMP, FLAGS, N_OF,
} Which;

static double
of_shift(const Timeline *t, Which which, size_t i)
{
    const CsShift *shift;

    if (i >= t->shifts->n_frames)
        return NAN;
    shift = &t->shifts->shift[i];
    switch (which) {
    case DX: return shift->dx_px;
    case DY: return shift->dy_px;
    case SHIFT_SD: return shift->sd_px;
    case JUMP: return shift->jump ? 1 : 0;
    default: return shift->flags;
    }
}

static double
of_frame(const Timeline *t, Which which, size_t i)
{
    const CsElectrical *e = &t->info->electrical;
    const CsClock *clock = &t->info->clock;

    if (which >= DX)
        return of_shift(t, which, i);
    if (which == DOSE)
        return t->dose[i];
    if (which == BIAS || which == CURRENT) {
        if (i >= e->n_frames)
            return NAN;
        return which == BIAS ? e->frame[i].bias_V.mean
                             : e->frame[i].current_A.mean;
    }
    if (i >= clock->n_frames)
        return NAN;
    return which == TIME ? clock->start_s[i] : clock->duration_s[i];
}

void
cs_write_timeline(CsJson *json, const CsSnapshot *model, size_t r)
{
    static const char *const names[N_OF] = {
        "time_s", "duration_s", "bias_V", "current_A", "dose_e_per_A2",
        "dx_px", "dy_px", "shift_sd_px", "jump", "flags",
    };
    const CsKept *kept = &model->all.item[r];
    const Timeline t = { cs_recording_info(kept->recording), &kept->shifts,
                         model->dose_e_per_A2[r] };
    size_t n = t.info->n_frames;

    cs_json_begin(json, NULL, '{');
    cs_json_count(json, "n", n);
    cs_json_begin(json, "columns", '{');
    cs_json_begin(json, "frame", '[');
    for (size_t i = 0; i < n; i++)
        cs_json_count(json, NULL, i);
    cs_json_end(json, ']');
    cs_json_begin(json, "time_source", '[');
    for (size_t i = 0; i < n; i++)
        cs_json_string(json, NULL,
                       cs_time_source_name(i < t.info->clock.n_frames
                                               ? t.info->clock.source[i]
                                               : CS_TIME_NONE));
    cs_json_end(json, ']');
    for (int k = 0; k < N_OF; k++) {
        cs_json_begin(json, names[k], '[');
        for (size_t i = 0; i < n; i++)
            cs_json_double(json, NULL, of_frame(&t, (Which) k, i));
        cs_json_end(json, ']');
    }
    cs_json_end(json, '}');
    cs_json_end(json, '}');
}

/* ---- A particle's curve ---------------------------------------------------- */

typedef struct {
    const char *name;
    size_t      offset;
} Column;

#define MEASURE(name) { #name, offsetof(CsMeasure, name) }

static const Column measures_of[] = {
    MEASURE(time_s), MEASURE(area_nm2), MEASURE(area_sd_nm2),
    MEASURE(core_area_nm2), MEASURE(core_area_sd_nm2),
    MEASURE(coat_thickness_nm), MEASURE(coat_thickness_sd_nm),
    MEASURE(expansion), MEASURE(expansion_sd), MEASURE(volume_ratio),
    MEASURE(x), MEASURE(centroid_x_px), MEASURE(centroid_y_px),
    MEASURE(solidity), MEASURE(rim_gap_fraction), MEASURE(intensity),
    MEASURE(bias_V), MEASURE(current_A), MEASURE(dose_e_per_A2),
};

/* What is a word or a whole number in a row. */
static void
add_word(CsJson *json, const CsMeasure *row, const char *column)
{
    switch (column[0]) {
    case 'f': cs_json_count(json, NULL, row->frame); break;
    case 't':
        cs_json_string(json, NULL, cs_time_source_name(row->time_source));
        break;
    case 's':
        cs_json_string(json, NULL, cs_outline_state_name(row->state));
        break;
    case 'b':
        cs_json_double(json, NULL, row->broken < 0 ? NAN : row->broken);
        break;
    default: cs_json_count(json, NULL, row->edited ? 1 : 0);
    }
}

void
cs_write_series(CsJson *json, const CsMeasures *m)
{
    static const char *const words[]
        = { "frame", "time_source", "state", "broken", "edited" };

    cs_json_begin(json, NULL, '{');
    cs_json_count(json, "n", m->n);
    cs_json_bool(json, "in_pixels", m->in_pixels);
    cs_json_begin(json, "columns", '{');
    for (size_t k = 0; k < G_N_ELEMENTS(words); k++) {
        cs_json_begin(json, words[k], '[');
        for (size_t i = 0; i < m->n; i++)
            add_word(json, &m->row[i], words[k]);
        cs_json_end(json, ']');
    }
    for (size_t k = 0; k < G_N_ELEMENTS(measures_of); k++) {
        cs_json_begin(json, measures_of[k].name, '[');
        for (size_t i = 0; i < m->n; i++)
            cs_json_double(json, NULL,
                           *(const double *) ((const char *) &m->row[i]
                                              + measures_of[k].offset));
        cs_json_end(json, ']');
    }
    cs_json_end(json, '}');
    cs_json_end(json, '}');
}

/* ---- Outlines -------------------------------------------------------------- */

/* One contour: vertices with an edge, at most so many. */
static void
add_contour(CsJson *json, const char *key, const CsOutline *o, bool core,
            const size_t counts[2])
{
    const float *r = core ? o->core_px : o->r_px;
    const float *sd = core ? o->core_sd_px : o->r_sd_px;
    static const char *const names[] = { "x", "y", "sd" };
    size_t n = counts[0], step = MAX(1, (n + counts[1] - 1) / counts[1]);

    cs_json_begin(json, key, '{');
    for (size_t k = 0; k < G_N_ELEMENTS(names); k++) {
        cs_json_begin(json, names[k], '[');
        for (size_t i = 0; i < n; i += step) {
            double theta = 2 * G_PI * (double) i / (double) n;
            const double at[] = {
                o->centre_x_px + (double) r[i] * cos(theta),
                o->centre_y_px + (double) r[i] * sin(theta), (double) sd[i],
            };

            if (isfinite(r[i]))
                cs_json_fixed(json, NULL, at[k], 3);
        }
        cs_json_end(json, ']');
    }
    cs_json_end(json, '}');
}

static void
add_outline(CsJson *json, const CsOutline *o, int particle_id,
            const size_t counts[2])
{
    cs_json_begin(json, NULL, '{');
    cs_json_count(json, "particle_id", (size_t) particle_id);
    cs_json_string(json, "state", cs_outline_state_name(o->state));
    cs_json_bool(json, "edited", o->edited);
    cs_json_begin(json, "centre_px", '[');
    cs_json_fixed(json, NULL, o->centre_x_px, 3);
    cs_json_fixed(json, NULL, o->centre_y_px, 3);
    cs_json_end(json, ']');
    cs_json_double(json, "area_px2", o->area_px2);
    cs_json_double(json, "area_sd_px2", o->area_sd_px2);
    cs_json_double(json, "core_area_px2", o->core_area_px2);
    cs_json_double(json, "core_area_sd_px2", o->core_area_sd_px2);
    add_contour(json, "outer", o, false, counts);
    add_contour(json, "core", o, true, counts);
    cs_json_end(json, '}');
}

void
cs_write_outlines(CsJson *json, const CsOutlines *outlines, size_t frame,
                  int particle_id, size_t max_points)
{
    const size_t counts[2] = { outlines->n_angles, max_points };

    cs_json_begin(json, NULL, '{');
    cs_json_count(json, "frame", frame);
    cs_json_count(json, "n_angles", outlines->n_angles);
    cs_json_begin(json, "outlines", '[');
    for (size_t p = 0; p < outlines->n_particles; p++)
        if (particle_id == 0 || outlines->particle_id[p] == particle_id)
            add_outline(json, cs_outlines_at(outlines, 0, p),
                        outlines->particle_id[p], counts);
    cs_json_end(json, ']');
    cs_json_end(json, '}');
}
