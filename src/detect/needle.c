/* The needle: the region at the border with the sharpest edge, darker than the
 * particles (tungsten stops nearly everything); then its skin of metal and
 * oxide, grown outwards over what is clearly darker than the background.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/needle.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "image/tree.h"

enum {
    MOST_SIDE = 256, /* of the level it is looked for on */
    N_LEVELS = 256,
    LEAST_BORDER = 4, /* pixels on the border */
    MOST_SKIN = 30,   /* pixels of the level */
    BLURRED = 3,      /* pixels from the metal that its edge is blurred over */
};

#define LEAST_SHARE 0.002
#define MOST_SHARE 0.6
/* Its contact with the border, against the root of its area. */
#define LEAST_CONTACT 0.3
/* Its edge against noise, its depth against that of the deepest particle. */
#define LEAST_STEP_TO_NOISE 4.0
#define LEAST_DEPTH_RATIO 1.3
/* Without particles: its level against the background's where metal is dark,
 * and where it is bright its depth against what else there is in the field. */
#define MOST_LEVEL 0.85
#define LEAST_DEPTH_ALONE 4.0
/* The skin goes to where it has that share of its darkness beside the metal. */
#define SKIN_EDGE 0.6
/* A ring with more of it in the metal may be the skin itself. */
#define MOST_BEHIND 0.05
#define BACKGROUND_QUANTILE 0.8
#define COMMON_QUANTILE 0.4

typedef struct {
    const CsLevel *level;
    const CsRing  *ring;
    const CsPick  *pick;
    size_t         n_rings;
    uint8_t       *is_free;  /* of particles */
    uint8_t       *distance; /* from the metal, 1 on it; 0: not reached */
    uint32_t      *queue;
    size_t         n_queue;
    float          background; /* level of most of the field */
    float          common;     /* level of most that is not as empty */
} Search;

static void
search_clear(Search *s)
{
    g_free(s->is_free);
    g_free(s->distance);
    g_free(s->queue);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

static bool
allocate(Search *s, GError **error)
{
    size_t n = s->level->image.width * s->level->image.height;

    s->is_free = cs_try_alloc(n, 1, "the needle's mask", error);
    if (s->is_free == NULL)
        return false;
    s->distance = cs_try_alloc(n, 1, "the needle's mask", error);
    if (s->distance == NULL)
        return false;
    s->queue = cs_try_alloc(n, sizeof *s->queue, "the needle's mask", error);
    return s->queue != NULL;
}

static bool
is_in_region(const CsTree *tree, size_t pixel, uint32_t region)
{
    uint32_t k = tree->node_of[pixel];

    while (k != CS_NO_NODE && k < region)
        k = tree->node[k].parent;
    return k == region;
}

static double
share_in_region(const Search *s, const CsTree *tree, const CsRing *ring,
                uint32_t region)
{
    int n = 0;

    for (int k = 0; k < CS_RING_POINTS; k++) {
        double x, y;

        cs_ring_point(ring, k, &x, &y);
        x = CLAMP(x / s->level->scale, 0, (double) tree->width - 1);
        y = CLAMP(y / s->level->scale, 0, (double) tree->height - 1);
        n += is_in_region(tree, (size_t) y * tree->width + (size_t) x, region);
    }
    return (double) n / CS_RING_POINTS;
}

/* The depth of the deepest particle that is not in the region itself. */
static double
deepest_beside(const Search *s, const CsTree *tree, uint32_t region)
{
    double depth = 0;

    for (size_t i = 0; i < s->n_rings; i++) {
        const CsRing *ring = &s->ring[i];

        if (s->pick[i] == CS_PICK_PARTICLE
            && ring->outside - ring->inside > depth
            && share_in_region(s, tree, ring, region) < 0.5)
            depth = ring->outside - ring->inside;
    }
    return depth;
}

static bool
is_deep(const Search *s, const CsTree *tree, uint32_t region)
{
    double mean = tree->node[region].sum / tree->node[region].area;
    double depth = (double) s->background - mean;
    double beside = deepest_beside(s, tree, region);

    if (beside > 0)
        return depth >= LEAST_DEPTH_RATIO * beside;
    if (s->background > 0)
        return mean <= MOST_LEVEL * (double) s->background;
    return depth >= LEAST_DEPTH_ALONE
                        * (double) (s->background - s->common);
}

/* The region that is the metal, or CS_NO_NODE. */
static uint32_t
find_metal(const Search *s, const CsTree *tree)
{
    double n = (double) (tree->width * tree->height);
    uint32_t best = CS_NO_NODE;
    double sharpest = LEAST_STEP_TO_NOISE * s->level->noise_slope;

    for (uint32_t k = 0; k < tree->n_nodes; k++) {
        const CsTreeNode *node = &tree->node[k];
        double step = cs_tree_node_step(node);

        if (node->n_border < LEAST_BORDER
            || node->n_border < LEAST_CONTACT * sqrt(node->area)
            || node->area < LEAST_SHARE * n
            || node->area > MOST_SHARE * n || step <= sharpest
            || !is_deep(s, tree, k))
            continue;
        sharpest = step;
        best = k;
    }
    return best;
}

/* Pixels of particles are free of the needle, unless they lie behind it. */
static void
mark_free(Search *s, const CsTree *tree, uint32_t metal)
{
    size_t w = s->level->image.width, h = s->level->image.height;
    double scale = s->level->scale;

    memset(s->is_free, 1, w * h);
    for (size_t i = 0; i < s->n_rings; i++) {
        if (s->pick[i] != CS_PICK_PARTICLE
            || share_in_region(s, tree, &s->ring[i], metal) > MOST_BEHIND)
            continue;
        for (size_t k = 0; k < w * h; k++)
            if (cs_ring_holds(&s->ring[i], ((double) (k % w) + 0.5) * scale,
                              ((double) (k / w) + 0.5) * scale))
                s->is_free[k] = 0;
    }
}

static void
start_at_metal(Search *s, const CsTree *tree, uint32_t metal)
{
    for (size_t i = 0; i < tree->width * tree->height; i++) {
        if (!is_in_region(tree, i, metal))
            continue;
        s->distance[i] = 1;
        s->queue[s->n_queue++] = (uint32_t) i;
    }
}

/* Grows the mask over free pixels darker than `limit`, up to `most` pixels
 * from the metal. */
static void
grow(Search *s, float limit, unsigned most)
{
    size_t w = s->level->image.width, h = s->level->image.height;

    for (size_t at = 0; at < s->n_queue; at++) {
        size_t i = s->queue[at], x = i % w, y = i / w;
        const size_t next[4] = { x > 0 ? i - 1 : i, x + 1 < w ? i + 1 : i,
                                 y > 0 ? i - w : i, y + 1 < h ? i + w : i };

        if (s->distance[i] > most)
            break;
        for (int d = 0; d < 4; d++) {
            size_t j = next[d];

            if (s->distance[j] != 0 || !s->is_free[j]
                || !(s->level->image.px[j] < limit))
                continue;
            s->distance[j] = (uint8_t) (s->distance[i] + 1);
            s->queue[s->n_queue++] = (uint32_t) j;
        }
    }
}

/* The median of the pixels reached at distances from `least` to `most`; NAN of
 * none. */
static bool
level_between(const Search *s, unsigned least, unsigned most, double *level,
              GError **error)
{
    g_auto(CsImage) beside = CS_IMAGE_INIT;
    size_t n = 0;

    if (!cs_image_resize(&beside, s->n_queue + 1, 1, error))
        return false;
    for (size_t at = 0; at < s->n_queue; at++) {
        unsigned d = s->distance[s->queue[at]];

        if (d >= least && d <= most)
            beside.px[n++] = s->level->image.px[s->queue[at]];
    }
    beside.width = n;
    *level = n > 0 ? (double) cs_image_quantile(&beside, 0.5) : NAN;
    return true;
}

/* The distance up to which more than half of all pixels are darker than
 * `limit`: the skin's, of which a particle that touches it covers little. */
static unsigned
thickness_of_skin(const Search *s, double limit)
{
    size_t n[2 * MOST_SKIN + 3] = { 0 }, n_dark[2 * MOST_SKIN + 3] = { 0 };
    unsigned d = BLURRED;

    for (size_t at = 0; at < s->n_queue; at++) {
        uint32_t i = s->queue[at];

        n[s->distance[i]]++;
        n_dark[s->distance[i]] += (double) s->level->image.px[i] < limit;
    }
    while (d + 1 < MOST_SKIN && 2 * n_dark[d + 1] > n[d + 1])
        d++;
    return d;
}

/* Grows over what is nearer to the level beside the metal than to that of the
 * surroundings, about as far as it does in most places. */
static bool
grow_skin(Search *s, GError **error)
{
    size_t n_metal = s->n_queue;
    unsigned thickness;
    double skin, beyond, limit;

    grow(s, INFINITY, 2 * MOST_SKIN);
    if (!level_between(s, BLURRED + 1, BLURRED + 3, &skin, error)
        || !level_between(s, MOST_SKIN, 2 * MOST_SKIN, &beyond, error))
        return false;
    limit = beyond - SKIN_EDGE * (beyond - skin);
    thickness = thickness_of_skin(s, limit);
    for (size_t at = n_metal; at < s->n_queue; at++)
        s->distance[s->queue[at]] = 0;
    s->n_queue = n_metal;
    grow(s, INFINITY, BLURRED);
    if (beyond - skin > LEAST_STEP_TO_NOISE * s->level->noise_slope)
        grow(s, (float) limit, thickness * 3 / 2 + 1);
    return true;
}

static void
fill_mask(const Search *s, const CsLevels *levels, uint8_t *mask)
{
    const CsImage *full = &levels->level[0].image;
    size_t w = s->level->image.width, h = s->level->image.height;
    size_t cell = (size_t) s->level->scale;

    for (size_t j = 0; j < full->height; j++)
        for (size_t i = 0; i < full->width; i++) {
            uint8_t d = s->distance[MIN(j / cell, h - 1) * w
                                    + MIN(i / cell, w - 1)];

            mask[j * full->width + i] = d == 0   ? CS_NEEDLE_NONE
                                        : d == 1 ? CS_NEEDLE_METAL
                                                 : CS_NEEDLE_SKIN;
        }
}

bool
cs_needle_find(const CsLevels *levels, const CsRing *ring, const CsPick *pick,
               size_t n_rings, uint8_t *mask, GError **error)
{
    const CsImage *full = &levels->level[0].image;
    g_auto(Search) s = { &levels->level[0], ring, pick, n_rings, NULL, NULL,
                         NULL, 0, 0, 0 };
    g_auto(CsTree) tree = CS_TREE_INIT;
    uint32_t metal;

    memset(mask, 0, full->width * full->height);
    for (size_t k = 1; k < levels->n
         && MAX(s.level->image.width, s.level->image.height) > MOST_SIDE; k++)
        s.level = &levels->level[k];
    if (!allocate(&s, error)
        || !cs_tree_build(&s.level->image, N_LEVELS, &tree, error))
        return false;
    s.background = cs_image_quantile(&s.level->image, BACKGROUND_QUANTILE);
    s.common = cs_image_quantile(&s.level->image, COMMON_QUANTILE);
    metal = find_metal(&s, &tree);
    if (metal == CS_NO_NODE)
        return true;
    mark_free(&s, &tree, metal);
    start_at_metal(&s, &tree, metal);
    if (!grow_skin(&s, error))
        return false;
    fill_mask(&s, levels, mask);
    return true;
}
