/* The needle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/needle.h"

#include <math.h>

#include "simulator/random.h"

typedef struct {
    const CsPaint        *paint;
    const CsNeedleRecipe *recipe;
    double                take_metal, take_skin;
    uint64_t              seed;
    double                c, s;     /* axis, from the tip into the needle    */
    double                slope;    /* tan of the half angle                 */
} Needle;

double
cs_needle_gap_nm(const CsNeedleRecipe *r, double t)
{
    if (t < r->contact_s)
        return r->start_gap_nm * (1 - t / r->contact_s);
    if (t > r->retreat_s)
        return (t - r->retreat_s) * r->retreat_nm_per_s;
    return 0;
}

/* Radius of a round-ended cone u nm behind the end of its cap. */
static double
cone_radius(const Needle *n, double radius, double u)
{
    double sine = n->slope / sqrt(1 + n->slope * n->slope);
    double join = radius * (1 - sine); /* where sphere and cone touch */

    if (u <= 0)
        return 0;
    if (u < join)
        return sqrt(u * (2 * radius - u));
    return radius * sqrt(1 - sine * sine) + (u - join) * n->slope;
}

/* Radius of the tungsten u nm behind the end of the skin, on the given side:
 * etching leaves it uneven, but not at the very end, so that contact is where
 * it was asked for. */
static double
metal_radius(const Needle *n, double u, double side)
{
    const CsNeedleRecipe *r = n->recipe;
    uint64_t seed = n->seed + 11 + (side > 0);
    double radius = cone_radius(n, r->tip_radius_nm, u - r->skin_nm);
    double noise;

    if (r->metal_roughness <= 0 || radius <= 0)
        return radius;
    noise = 0.7 * cs_random_slopes(seed, u / 95, 0.3)
            + 0.3 * cs_random_slopes(seed + 2, u / 24, 0.6)
            + 0.12 * cs_random_slopes(seed + 4, u / 7, 0.8);
    noise *= CLAMP((u - r->skin_nm) / (r->tip_radius_nm + 1), 0, 1);
    return radius * MAX(1 + r->metal_roughness * noise, 0.2);
}

static double
skin_thickness(const Needle *n, double u, double side)
{
    const CsNeedleRecipe *r = n->recipe;
    uint64_t seed = n->seed + (side > 0);
    double noise
        = r->noise == CS_NOISE_SLOPES
              ? 0.60 * cs_random_slopes(seed, u / 52, 0.3)
                    + 0.35 * cs_random_slopes(seed + 2, u / 21, 0.4)
                    + 0.18 * cs_random_slopes(seed + 4, u / 9, 0.5)
              : 0.8 * cs_random_field(seed, u / 35, 0.5)
                    + 0.6 * cs_random_field(seed + 2, u / 9, 0.5);

    /* none at the very end, so that contact is where it was asked for */
    noise *= CLAMP(u / (2 * r->skin_nm + 1), 0, 1);
    return r->skin_nm * MAX(1 + r->skin_roughness * noise, 0.05);
}

/* Depth at u nm behind the end of the skin, v nm beside the axis. */
static double
depth_at(const Needle *n, double u, double v)
{
    const CsNeedleRecipe *r = n->recipe;
    double skin = skin_thickness(n, u, v);
    double metal = metal_radius(n, u, v);
    double outer = cone_radius(n, r->tip_radius_nm + r->skin_nm, u) - r->skin_nm
                   + skin;
    double through_metal, through_all;

    outer = u < r->skin_nm ? MIN(outer, cone_radius(n, r->tip_radius_nm
                                                           + r->skin_nm, u))
                           : outer;
    through_all = outer > fabs(v) ? 2 * sqrt(outer * outer - v * v) : 0;
    through_metal = metal > fabs(v) ? 2 * sqrt(metal * metal - v * v) : 0;
    if (through_all > through_metal)
        through_all += 0.12 * (through_all - through_metal)
                       * (r->noise == CS_NOISE_SLOPES
                              ? cs_random_slopes(n->seed + 7, u / 7, v / 7)
                              : cs_random_field(n->seed + 5, u / 5, v / 5));
    return n->take_metal * through_metal
           + n->take_skin * MAX(through_all - through_metal, 0);
}

static double
integrate(const Needle *n, double u, double v)
{
    double half = n->paint->nm_per_px / 4, sum = 0;

    for (int k = 0; k < 4; k++) {
        double d = depth_at(n, u + (k % 2 ? half : -half),
                            v + (k / 2 ? half : -half));

        sum += n->paint->mode == CS_MODE_HAADF ? MIN(d, 0.9) : exp(-d);
    }
    return sum / 4;
}

/* Opaque all through: no need to look closer. */
static bool
is_black(const Needle *n, double u, double v)
{
    double metal = metal_radius(n, u, v);
    double through = metal > fabs(v) ? 2 * sqrt(metal * metal - v * v) : 0;

    return n->paint->mode != CS_MODE_HAADF && n->take_metal * through > 12;
}

static void
paint_at(const Needle *n, double u, double v, float *px)
{
    const CsNeedleRecipe *r = n->recipe;
    double reach = cone_radius(n, r->tip_radius_nm + r->skin_nm,
                               u + n->paint->nm_per_px)
                       * (1 + 3 * r->metal_roughness)
                   + 3 * r->skin_nm + 2 * n->paint->nm_per_px;

    if (u < -n->paint->nm_per_px || fabs(v) > reach)
        return;
    cs_paint_pixel(n->paint->mode, px,
                   is_black(n, u, v) ? 0 : integrate(n, u, v));
}

void
cs_needle_paint(const CsPaint *paint, const CsNeedleRecipe *recipe,
                double take_metal, double take_skin, uint64_t seed,
                CsPoint tip, CsImage *map)
{
    double angle = recipe->angle_deg * G_PI / 180;
    Needle n = {
        .paint = paint, .recipe = recipe, .take_metal = take_metal,
        .take_skin = take_skin, .seed = seed, .c = cos(angle),
        .s = sin(angle), .slope = tan(recipe->half_angle_deg * G_PI / 180),
    };

    for (size_t j = 0; j < map->height; j++)
        for (size_t i = 0; i < map->width; i++) {
            double x = ((double) i + 0.5 - tip.x) * paint->nm_per_px;
            double y = ((double) j + 0.5 - tip.y) * paint->nm_per_px;

            paint_at(&n, x * n.c + y * n.s, y * n.c - x * n.s,
                     &map->px[j * map->width + i]);
        }
}
