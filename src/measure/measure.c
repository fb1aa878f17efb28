/* Measure: from outlines to the table of areas.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/measure.h"

#include <math.h>

#include "core/alloc.h"
#include "stats/baseline.h"

/* Share of an area's uncertainty that is the same in every frame (what the
 * model of the edge gets wrong) and so cancels in A/A0. */
static const double shared_share = 0.5;

typedef struct {
    const CsOutlines      *outlines;
    const CsRecordingInfo *info;
    bool                   in_pixels;
    double                 nm_x;
    double                 nm_y;
} Scale;

static bool
is_measured(const CsMeasure *row)
{
    return row->state != CS_OUTLINE_LOST && isfinite(row->area_nm2)
           && row->area_nm2 > 0;
}

/* Dose up to the end of the frame's exposure. */
static double
dose_until(const Scale *s, size_t frame)
{
    const CsLedger *ledger = &s->info->ledger;

    return s->in_pixels || frame >= ledger->n_frames
               ? NAN : ledger->dose_e_per_A2[frame];
}

static void
fill_electrical(const Scale *s, size_t frame, CsMeasure *row)
{
    const CsElectrical *e = &s->info->electrical;
    bool known = frame < e->n_frames;

    row->bias_V = known ? e->frame[frame].bias_V.mean : NAN;
    row->current_A = known ? e->frame[frame].current_A.mean : NAN;
}

static bool
fill_shape(const Scale *s, const CsOutline *o, CsPolygon *polygon,
           CsMeasure *row, GError **error)
{
    CsPoint c;

    if (o->state == CS_OUTLINE_LOST || isnan(o->area_px2))
        return true;
    if (!cs_outline_polygon(o, s->outlines->n_angles, false, polygon, error))
        return false;
    if (polygon->n < 3)
        return true;
    c = cs_polygon_centroid(polygon);
    row->centroid_x_px = c.x;
    row->centroid_y_px = c.y;
    row->solidity = cs_polygon_solidity(polygon);
    return true;
}

static void
fill_row(const Scale *s, const CsOutline *o, size_t frame, CsMeasure *row)
{
    double px2 = s->nm_x * s->nm_y, px = sqrt(px2);
    bool   timed = !s->in_pixels && frame < s->info->clock.n_frames;

    row->frame = frame;
    row->time_s = timed ? s->info->clock.start_s[frame] : NAN;
    row->time_source = timed ? s->info->clock.source[frame] : CS_TIME_NONE;
    row->area_nm2 = o->area_px2 * px2;
    row->area_sd_nm2 = o->area_sd_px2 * px2;
    row->core_area_nm2 = o->core_area_px2 * px2;
    row->core_area_sd_nm2 = o->core_area_sd_px2 * px2;
    row->coat_thickness_nm = o->coat_thickness_px * px;
    row->coat_thickness_sd_nm = o->coat_thickness_sd_px * px;
    row->expansion = row->expansion_sd = NAN;
    row->volume_ratio = row->x = NAN;
    row->centroid_x_px = row->centroid_y_px = row->solidity = NAN;
    row->rim_gap_fraction = o->rim_gap_fraction;
    row->intensity = o->intensity;
    fill_electrical(s, frame, row);
    row->dose_e_per_A2 = dose_until(s, frame);
    row->state = o->state;
    row->broken = -1;
    row->edited = o->edited;
}

/* The frames whose areas may define A0: measured whole where there are such. */
static size_t
collect(const CsMeasure *row, size_t n, bool whole, size_t offset,
        double *value)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        const double *v = (const double *) ((const char *) &row[i] + offset);

        if (is_measured(&row[i]) && isfinite(*v)
            && (!whole || row[i].state == CS_OUTLINE_OK))
            value[m++] = *v;
    }
    return m;
}

typedef struct {
    double a0;
    double sd;
} Baseline;

/* Where the column of values (and, for the sd, that of their sds) is. */
typedef struct {
    size_t value;
    size_t sd;
} Column;

static const Column outer_area
    = { G_STRUCT_OFFSET(CsMeasure, area_nm2),
        G_STRUCT_OFFSET(CsMeasure, area_sd_nm2) };
static const Column core_area
    = { G_STRUCT_OFFSET(CsMeasure, core_area_nm2),
        G_STRUCT_OFFSET(CsMeasure, core_area_sd_nm2) };

/* The share of a median area's sd over n frames that the areas' own sds
 * explain: few frames may lie close together by chance. */
static double
expected_sd(const CsMeasure *row, size_t n, size_t offset, size_t n_used,
            double *value)
{
    double unused;
    size_t m = collect(row, n, false, offset, value);

    if (m == 0 || n_used == 0)
        return 0;
    m = MIN(m, n_used); /* sds grow with the particle */
    return sqrt(1 - shared_share * shared_share)
           * cs_baseline_median(value, m, &unused)
           * (n_used > 2 ? 1.2533 : 1) / sqrt((double) n_used);
}

static Baseline
find_baseline(const CsMeasure *row, size_t n, Column column, double *value)
{
    Baseline b = { NAN, NAN };
    size_t m = collect(row, n, true, column.value, value), length;

    if (m < 10)
        m = collect(row, n, false, column.value, value);
    if (m == 0)
        return b;
    length = cs_baseline_length(value, m);
    b.a0 = cs_baseline_median(value, length, &b.sd);
    b.sd = MAX(b.sd, expected_sd(row, n, column.sd, length, value));
    return b;
}

/* u(r)/r of r = A/A0: what is shared by both cancels. */
static double
ratio_sd(double ratio, double sd, double area, const Baseline *b)
{
    double own = sqrt(1 - shared_share * shared_share) * sd / area;

    return ratio * hypot(own, b->sd / b->a0);
}

/* The volume by isotropic growth, from the core where it is seen: the outer
 * area tells of the coating too, and would say too little. */
static void
fill_ratios(CsMeasure *row, size_t n, double *value)
{
    Baseline outer = find_baseline(row, n, outer_area, value);
    Baseline core = find_baseline(row, n, core_area, value);

    if (n < 2)
        return; /* a single picture has nothing to compare */
    for (size_t i = 0; i < n; i++) {
        if (!is_measured(&row[i]))
            continue;
        row[i].expansion = row[i].area_nm2 / outer.a0;
        row[i].expansion_sd = ratio_sd(row[i].expansion, row[i].area_sd_nm2,
                                       row[i].area_nm2, &outer);
        row[i].volume_ratio = pow(row[i].core_area_nm2 / core.a0, 1.5);
    }
}

static bool
fill_particle(const Scale *s, size_t p, CsPolygon *polygon, CsMeasure *row,
              GError **error)
{
    for (size_t i = 0; i < s->outlines->n_frames; i++) {
        const CsOutline *o = cs_outlines_at(s->outlines, i, p);

        row[i].particle_id = s->outlines->particle_id[p];
        fill_row(s, o, i, &row[i]);
        if (!fill_shape(s, o, polygon, &row[i], error))
            return false;
    }
    return true;
}

static int
by_particle(const void *a, const void *b)
{
    const CsMeasure *x = a;
    const CsMeasure *y = b;

    if (x->particle_id != y->particle_id)
        return x->particle_id < y->particle_id ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

static bool
fill_table(const Scale *s, CsMeasure *row, GError **error)
{
    size_t n = s->outlines->n_frames;
    g_auto(CsPolygon) polygon = CS_POLYGON_INIT;
    g_autofree double *value
        = cs_try_alloc(n, sizeof *value, "the measures", error);

    if (value == NULL)
        return false;
    for (size_t p = 0; p < s->outlines->n_particles; p++) {
        if (!fill_particle(s, p, &polygon, row + p * n, error))
            return false;
        fill_ratios(row + p * n, n, value);
    }
    return true;
}

bool
cs_measure_outlines(const CsOutlines *outlines, const CsRecordingInfo *info,
                    bool in_pixels, CsMeasures *measures, GError **error)
{
    Scale s = {
        .outlines = outlines, .info = info, .in_pixels = in_pixels,
        .nm_x = in_pixels ? 1 : info->nm_per_px_x,
        .nm_y = in_pixels ? 1 : info->nm_per_px_y,
    };
    size_t n = outlines->n_frames * outlines->n_particles;
    g_auto(CsMeasures) fresh = CS_MEASURES_INIT;
    CsMeasures old = *measures;

    fresh.row = cs_try_alloc(n, sizeof *fresh.row, "the measures", error);
    if (fresh.row == NULL || !fill_table(&s, fresh.row, error))
        return false;
    qsort(fresh.row, n, sizeof *fresh.row, by_particle);
    fresh.recording = g_strdup(info->name != NULL ? info->name : "");
    fresh.coating = g_strdup("");
    fresh.in_pixels = in_pixels;
    fresh.n = n;
    *measures = fresh;
    fresh = old;
    return true;
}
