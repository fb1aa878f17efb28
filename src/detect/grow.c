/* Growing: particles that touch were told apart at a darker level than their
 * edge's. They grow by a watershed (from dark to bright) inside the region
 * around them with the sharpest edge.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/grow.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"

/* A region around particles may be that much larger than they are at the
 * level where they part: more would be the support, not the particles. */
#define MOST_GROWTH 2.5

enum { MAX_LABELS = 65535, N_BUCKETS = 512 };

/* For each node: the area of chosen nodes in it. */
static void
sum_chosen_areas(const CsTree *tree, const bool *chosen, double *area)
{
    for (size_t k = 0; k < tree->n_nodes; k++) {
        uint32_t parent = tree->node[k].parent;

        if (chosen[k])
            area[k] = tree->node[k].area;
        if (parent != CS_NO_NODE)
            area[parent] += area[k];
    }
}

/* The node a chosen one may grow to: the one of its forebears with the
 * sharpest edge among those that its kin fill well. */
static uint32_t
limit_of(const CsTree *tree, const double *chosen_area, uint32_t k)
{
    uint32_t best = k;
    double sharpest = cs_tree_node_step(&tree->node[k]);

    for (uint32_t p = tree->node[k].parent; p != CS_NO_NODE;
         p = tree->node[p].parent) {
        const CsTreeNode *node = &tree->node[p];

        if (node->area > MOST_GROWTH * chosen_area[p])
            break;
        if (cs_tree_node_step(node) > sharpest) {
            sharpest = cs_tree_node_step(node);
            best = p;
        }
    }
    return best;
}

/* Which limit each pixel lies in, as a node, and the first labels. */
static int
seed_labels(const CsTree *tree, const bool *chosen, uint32_t *limit,
            uint16_t *label)
{
    g_autofree double *area = g_new0(double, tree->n_nodes + 1);
    g_autofree uint16_t *number = g_new0(uint16_t, tree->n_nodes + 1);
    g_autofree bool *is_limit = g_new0(bool, tree->n_nodes + 1);
    g_autofree uint32_t *inside = g_new(uint32_t, tree->n_nodes + 1);
    int n = 0;

    sum_chosen_areas(tree, chosen, area);
    for (uint32_t k = 0; k < tree->n_nodes; k++)
        if (chosen[k] && n < MAX_LABELS) {
            number[k] = (uint16_t) ++n;
            is_limit[limit_of(tree, area, k)] = true;
        }
    for (uint32_t k = (uint32_t) tree->n_nodes; k-- > 0;) {
        uint32_t parent = tree->node[k].parent;

        inside[k] = is_limit[k] ? k : CS_NO_NODE;
        if (parent != CS_NO_NODE) {
            if (inside[parent] != CS_NO_NODE)
                inside[k] = inside[parent];
            if (number[parent] > 0)
                number[k] = number[parent];
        }
    }
    for (size_t i = 0; i < tree->width * tree->height; i++) {
        limit[i] = inside[tree->node_of[i]];
        label[i] = number[tree->node_of[i]];
    }
    return n;
}

/* ---- Watershed with buckets for levels -------------------------------------- */

typedef struct {
    uint32_t *next;              /* of each pixel in its queue */
    uint32_t  first[N_BUCKETS];
    uint32_t  last[N_BUCKETS];
    float     low;
    float     scale;
    size_t    at;                /* the bucket being emptied */
} Flood;

#define NO_PIXEL UINT32_MAX

static void
push(Flood *f, const CsImage *image, uint32_t i)
{
    float value = (image->px[i] - f->low) * f->scale;
    size_t bucket
        = isfinite(value) ? (size_t) CLAMP(value, 0, N_BUCKETS - 1)
                          : N_BUCKETS - 1;

    bucket = MAX(bucket, f->at);
    f->next[i] = NO_PIXEL;
    if (f->first[bucket] == NO_PIXEL)
        f->first[bucket] = i;
    else
        f->next[f->last[bucket]] = i;
    f->last[bucket] = i;
}

static bool
pop(Flood *f, uint32_t *i)
{
    while (f->at < N_BUCKETS && f->first[f->at] == NO_PIXEL)
        f->at++;
    if (f->at == N_BUCKETS)
        return false;
    *i = f->first[f->at];
    f->first[f->at] = f->next[*i];
    return true;
}

static void
flood_from(Flood *f, const CsImage *image, const uint32_t *limit,
           uint16_t *label, uint32_t i)
{
    uint32_t w = (uint32_t) image->width, x = i % w, y = i / w;
    const uint32_t neighbour[4] = {
        x > 0 ? i - 1 : i,
        x + 1 < w ? i + 1 : i,
        y > 0 ? i - w : i,
        y + 1 < image->height ? i + w : i,
    };

    for (size_t k = 0; k < 4; k++) {
        uint32_t j = neighbour[k];

        if (label[j] != 0 || limit[j] == CS_NO_NODE || limit[j] != limit[i])
            continue;
        label[j] = label[i];
        push(f, image, j);
    }
}

int
cs_grow_labels(const CsImage *image, const CsTree *tree, const bool *chosen,
               uint16_t *label, GError **error)
{
    size_t n_px = image->width * image->height;
    g_autofree uint32_t *limit
        = cs_try_alloc(n_px, sizeof *limit, "the labels", error);
    g_autofree Flood *f = g_new0(Flood, 1);
    g_autofree uint32_t *next = NULL;
    float low, high;
    uint32_t i;
    int n;

    if (limit == NULL)
        return -1;
    next = cs_try_alloc(n_px, sizeof *next, "the labels", error);
    if (next == NULL)
        return -1;
    n = seed_labels(tree, chosen, limit, label);
    cs_image_range(image, &low, &high);
    f->next = next;
    f->low = low;
    f->scale = high > low ? N_BUCKETS / (high - low) : 0;
    for (size_t k = 0; k < N_BUCKETS; k++)
        f->first[k] = NO_PIXEL;
    for (i = 0; i < n_px; i++)
        if (label[i] != 0)
            push(f, image, i);
    while (pop(f, &i))
        flood_from(f, image, limit, label, i);
    return n;
}
