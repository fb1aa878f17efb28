/* Lacey carbon: strands along the borders of irregular cells, rounded in
 * section, of uneven width, with the grain of amorphous carbon.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "simulator/support.h"

#include <math.h>

#include "simulator/random.h"

static CsRandomField
noise_of(const CsSupportRecipe *r)
{
    return r->noise == CS_NOISE_SLOPES ? cs_random_slopes : cs_random_field;
}

/* One scale of texture, turned so that no two lattices line up. */
static double
turned(uint64_t seed, double x, double y, double angle, double size)
{
    double c = cos(angle) / size, s = sin(angle) / size;

    return cs_random_slopes(seed, c * x + s * y + 0.37, c * y - s * x + 0.71);
}

/* Texture over some scales, of about unit variance. */
static double
grain(const CsSupportRecipe *r, uint64_t seed, double x, double y)
{
    x /= 1.5 * r->grain_nm;
    y /= 1.5 * r->grain_nm;
    if (r->noise == CS_NOISE_SLOPES)
        return 0.60 * turned(seed + 1, x, y, 0.4, 1)
               + 0.50 * turned(seed + 9, x, y, 1.0, 1.6)
               + 0.47 * turned(seed + 2, x, y, 1.7, 2.9)
               + 0.41 * turned(seed + 3, x, y, 2.3, 9);
    return 0.75 * cs_random_field(seed + 1, x, y)
           + 0.53 * cs_random_field(seed + 2, x / 2.3, y / 2.3)
           + 0.40 * cs_random_field(seed + 3, x / 9, y / 9);
}

/* Soft distance to the border between the two nearest cell centres: a soft
 * minimum rounds the corners where three strands meet, as surface tension
 * does. x, y in cells. */
static double
border_distance(uint64_t seed, double x, double y)
{
    int64_t i0 = (int64_t) floor(x), j0 = (int64_t) floor(y);
    double cx[25], cy[25], d2[25], soft = 0;
    int nearest = 0, n = 0;

    for (int64_t j = j0 - 2; j <= j0 + 2; j++)
        for (int64_t i = i0 - 2; i <= i0 + 2; i++) {
            cx[n] = (double) i + 0.1 + 0.8 * cs_random_hash(seed + 4, i, j);
            cy[n] = (double) j + 0.1 + 0.8 * cs_random_hash(seed + 5, i, j);
            d2[n] = pow(cx[n] - x, 2) + pow(cy[n] - y, 2);
            if (d2[n] < d2[nearest])
                nearest = n;
            n++;
        }
    for (int k = 0; k < n; k++) {
        double apart, border;

        if (k == nearest)
            continue;
        apart = hypot(cx[k] - cx[nearest], cy[k] - cy[nearest]);
        border = (d2[k] - d2[nearest]) / (2 * MAX(apart, 1e-6));
        soft += exp(-border * 14);
    }
    return -log(soft) / 14;
}

/* Height of a strand's section at distance d from its middle line. */
static double
section(double d, double half_width)
{
    double u = d / half_width;

    return u >= 1 ? 0 : u <= -1 ? 1 : 1 - pow(MAX(u, 0), 4);
}

double
cs_support_thickness_nm(const CsSupportRecipe *r, uint64_t seed, double x,
                        double y)
{
    CsRandomField noise = noise_of(r);
    double texture, cell = r->hole_nm, warp_x, warp_y, width, d, height;

    if (r->kind == CS_SUPPORT_NONE || r->thickness_nm <= 0)
        return 0;
    if (r->kind == CS_SUPPORT_FILM) {
        texture = 1 + r->texture * grain(r, seed, x, y);
        return r->thickness_nm * MAX(texture, 0.05);
    }
    warp_x = 0.13 * cell * noise(seed + 6, x / cell * 1.7,
                                           y / cell * 1.7);
    warp_y = 0.13 * cell * noise(seed + 7, x / cell * 1.7,
                                           y / cell * 1.7);
    d = cell * border_distance(seed, (x + warp_x) / cell,
                               (y + warp_y) / cell);
    width = r->strand_nm / 2
            * exp(0.45 * noise(seed + 8, x / cell * 2.2,
                                         y / cell * 2.2));
    height = section(d, width);
    if (height <= 0)
        return 0;
    texture = 1 + r->texture * grain(r, seed, x, y);
    return r->thickness_nm * height * MAX(texture, 0.05);
}

typedef struct {
    const CsSupportView *view;
    CsImage             *map;
} Rows;

static bool
paint_row(size_t j, unsigned worker, void *data, GError **error)
{
    const Rows *rows = data;
    double size = rows->view->paint.nm_per_px;
    float *row = rows->map->px + j * rows->map->width;

    (void) worker;
    (void) error;
    for (size_t i = 0; i < rows->map->width; i++) {
        double x = ((double) rows->view->x0 + (double) i + 0.5) * size;
        double y = ((double) rows->view->y0 + (double) j + 0.5) * size;
        double depth
            = rows->view->take
              * cs_support_thickness_nm(rows->view->recipe, rows->view->seed, x, y);

        row[i] = (float) (rows->view->paint.mode == CS_MODE_HAADF ? depth
                                                             : exp(-depth));
    }
    return true;
}

/* Dirt lies where carbon is, as far as a few draws find some. */
static void
add_dirt(const Rows *rows, double width_nm, double height_nm)
{
    const CsSupportRecipe *r = rows->view->recipe;
    double size = rows->view->paint.nm_per_px;

    for (int64_t n = 0; n < r->dirt; n++) {
        CsRandom random;
        double x = 0, y = 0;
        double radius;

        cs_random_seed(&random, rows->view->seed, 31, (uint64_t) n);
        for (int attempt = 0; attempt < 8; attempt++) {
            x = width_nm * cs_random_uniform(&random);
            y = height_nm * cs_random_uniform(&random);
            if (cs_support_thickness_nm(r, rows->view->seed, x, y) > 0)
                break;
        }
        radius = r->dirt_nm / 2 * exp(0.4 * cs_random_gauss(&random));
        for (int part = 0; part < 3; part++) {
            CsPoint at = {
                (x + radius * cs_random_gauss(&random)) / size
                    - (double) rows->view->x0,
                (y + radius * cs_random_gauss(&random)) / size
                    - (double) rows->view->y0,
            };

            cs_paint_blob(&rows->view->paint, at, MAX(radius / size, 0.7),
                          2 * rows->view->take * radius, rows->map);
        }
    }
}

bool
cs_support_paint(const CsSupportView *view, const CsJob *job, CsImage *map,
                 GError **error)
{
    Rows rows = { view, map };
    double size = view->paint.nm_per_px;

    if (!cs_parallel_for(job, map->height, paint_row, &rows, error))
        return false;
    add_dirt(&rows, ((double) map->width + 2 * (double) view->x0) * size,
             ((double) map->height + 2 * (double) view->y0) * size);
    return true;
}
