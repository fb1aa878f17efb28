/* Searching a frame: a small picture of it at many scales, spots that edges
 * point at, the closed edge around each, and of those the set that explains
 * most. No threshold on grey values is set anywhere; the frame's own noise and
 * its typical particle are the yardsticks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/search.h"

#include <math.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "detect/limits.h"
#include "detect/needle.h"
#include "detect/pick.h"

typedef struct {
    bool     is_dark;
    size_t   bin;
    CsLevels levels; /* of the picture, made so that particles are dark */
    size_t   n;
    CsRing  *ring;
    CsPick  *pick;
    uint8_t *needle;
    double   score;
} Search;

static void
search_clear(Search *s)
{
    cs_levels_clear(&s->levels);
    g_free(s->ring);
    g_free(s->pick);
    g_free(s->needle);
    *s = (Search) { 0 };
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

static bool
fit_rings(Search *s, GError **error)
{
    g_autoptr(GArray) spots = g_array_new(FALSE, FALSE, sizeof(CsSpot));

    if (!cs_spots_find(&s->levels, spots, error))
        return false;
    s->ring = g_new0(CsRing, spots->len + 1);
    s->pick = g_new0(CsPick, spots->len + 1);
    for (guint k = 0; k < spots->len; k++)
        if (cs_ring_fit(&s->levels, &g_array_index(spots, CsSpot, k),
                        &s->ring[s->n]))
            s->n++;
    return true;
}

/* Searches a picture in which particles are dark. */
static bool
search_picture(const CsImage *picture, Search *s, GError **error)
{
    CsField field = { &s->levels, NULL, !s->is_dark };

    if (!cs_levels_build(picture, &s->levels, error) || !fit_rings(s, error))
        return false;
    s->needle = cs_try_alloc(picture->width * picture->height, 1,
                                "the needle's mask", error);
    if (s->needle == NULL)
        return false;
    s->score = cs_pick_rings(s->ring, s->n, &field, s->pick);
    if (!cs_needle_find(&s->levels, s->ring, s->pick, s->n, s->needle,
                        error))
        return false;
    field.needle = s->needle;
    s->score = cs_pick_rings(s->ring, s->n, &field, s->pick);
    return true;
}

/* Searches for dark particles, then for bright ones unless the plan knows
 * better; s is the search that explains more. */
static bool
search_frame(const CsFrame *frame, const CsSearchPlan *plan, Search *s,
             GError **error)
{
    size_t side = MAX(frame->width, frame->height);
    g_auto(Search) bright = { 0 };
    g_auto(CsImage) picture = CS_IMAGE_INIT;
    Search worse;

    s->bin = bright.bin = (side + CS_SEARCH_MAX_SIDE - 1) / CS_SEARCH_MAX_SIDE;
    s->is_dark = !plan->is_known || plan->is_dark;
    if (!cs_image_bin(frame, s->bin, &picture, error))
        return false;
    if (s->is_dark && !search_picture(&picture, s, error))
        return false;
    if (plan->is_known && plan->is_dark)
        return true;
    for (size_t i = 0; i < picture.width * picture.height; i++)
        picture.px[i] = -picture.px[i];
    if (!search_picture(&picture, &bright, error))
        return false;
    if (s->is_dark && bright.score <= s->score)
        return true;
    worse = *s;
    *s = bright;
    bright = worse;
    return true;
}

/* ---- Seeds and masks --------------------------------------------------------- */

static double
level_on(const CsImage *image, const CsRing *ring, double scale)
{
    double sum = 0;

    for (int k = 0; k < CS_RING_RAYS; k++) {
        double angle = 2 * G_PI * k / CS_RING_RAYS, d = scale * ring->r[k];

        sum += (double) cs_image_at(image, ring->x + d * cos(angle),
                                    ring->y + d * sin(angle));
    }
    return sum / CS_RING_RAYS;
}

static bool
make_seed(const Search *s, const CsRing *ring, int id, CsSeed *seed,
          GError **error)
{
    const CsImage *image = &s->levels.level[0].image;
    double bin = (double) s->bin;

    *seed = (CsSeed) {
        .id = id,
        .is_dark = s->is_dark,
        .contrast = fabs(log(fmax(fabs(level_on(image, ring, 1.25)), 1e-9)
                             / fmax(fabs(level_on(image, ring, 0.6)), 1e-9))),
    };
    if (!cs_polygon_resize(&seed->outline, CS_RING_RAYS, error))
        return false;
    for (int k = 0; k < CS_RING_RAYS; k++) {
        double angle = 2 * G_PI * k / CS_RING_RAYS;

        seed->outline.points[k] = (CsPoint) {
            (ring->x + ring->r[k] * cos(angle)) * bin,
            (ring->y + ring->r[k] * sin(angle)) * bin,
        };
    }
    return true;
}

static bool
make_seeds(const Search *s, CsSeeds *seeds, GError **error)
{
    for (size_t i = 0; i < s->n; i++) {
        g_auto(CsSeed) seed = { 0 };

        if (s->pick[i] != CS_PICK_PARTICLE)
            continue;
        if (!make_seed(s, &s->ring[i], (int) seeds->n + 1, &seed, error))
            return false;
        cs_seeds_take(seeds, &seed);
    }
    return true;
}

static void
paint(const CsRing *ring, uint8_t class, CsSeeds *seeds)
{
    double reach = 0;
    size_t left, top, right, bottom;

    for (int k = 0; k < CS_RING_RAYS; k++)
        reach = fmax(reach, ring->r[k]);
    left = (size_t) fmax(ring->x - reach, 0);
    top = (size_t) fmax(ring->y - reach, 0);
    right = MIN((size_t) fmax(ring->x + reach + 1, 0), seeds->mask_width);
    bottom = MIN((size_t) fmax(ring->y + reach + 1, 0), seeds->mask_height);
    for (size_t j = top; j < bottom; j++)
        for (size_t i = left; i < right; i++)
            if (cs_ring_holds(ring, (double) i + 0.5, (double) j + 0.5))
                seeds->mask[j * seeds->mask_width + i] = class;
}

static bool
make_mask(const Search *s, CsSeeds *seeds, GError **error)
{
    const CsImage *image = &s->levels.level[0].image;
    size_t n = image->width * image->height;

    seeds->mask = cs_try_alloc(n, 1, "the mask", error);
    if (seeds->mask == NULL)
        return false;
    seeds->mask_bin = s->bin;
    seeds->mask_width = image->width;
    seeds->mask_height = image->height;
    for (size_t i = 0; i < s->n; i++)
        if (s->pick[i] == CS_PICK_DIRT)
            paint(&s->ring[i], CS_MASK_DIRT, seeds);
    for (size_t i = 0; i < s->n; i++)
        if (s->pick[i] == CS_PICK_PARTICLE)
            paint(&s->ring[i], CS_MASK_PARTICLE, seeds);
    for (size_t i = 0; i < n; i++)
        if (s->needle[i])
            seeds->mask[i] = CS_MASK_NEEDLE;
    return true;
}

bool
cs_detect_search(const CsFrame *frame, CsSearchPlan *plan, CsSeeds *seeds,
                 GError **error)
{
    g_auto(CsSeeds) fresh = CS_SEEDS_INIT;
    g_auto(Search) s = { 0 };
    CsSeeds old = *seeds;

    if (!search_frame(frame, plan, &s, error)
        || !make_seeds(&s, &fresh, error) || !make_mask(&s, &fresh, error))
        return false;
    if (fresh.n > 0)
        *plan = (CsSearchPlan) { .is_known = true, .is_dark = s.is_dark };
    *seeds = fresh;
    fresh = old;
    return true;
}
