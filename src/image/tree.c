/* The component tree, built with union-find over the pixels from dark to
 * bright (L. Najman and M. Couprie, IEEE Trans. Image Process. 15, 3531,
 * 2006). Attributes grow with the regions, so each costs one addition a pixel.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/tree.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"

/* A pixel that no region has reached yet. */
#define NOT_YET UINT32_MAX

enum { MAX_LEVELS = 4096 };

typedef struct {
    const CsImage *image;
    size_t         n;      /* pixels */
    uint16_t      *level;  /* n, quantised */
    uint32_t      *order;  /* n pixels, dark first */
    uint32_t      *up;     /* n: union-find parent among pixels */
    uint32_t      *top;    /* n: for a union-find root, its node */
    CsTree         tree;   /* under construction */
    size_t         capacity;
} Builder;

static void
builder_clear(Builder *b)
{
    g_free(b->level);
    g_free(b->order);
    g_free(b->up);
    g_free(b->top);
    cs_tree_clear(&b->tree);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Builder, builder_clear)

void
cs_tree_clear(CsTree *tree)
{
    g_free(tree->node);
    g_free(tree->node_of);
    *tree = (CsTree) CS_TREE_INIT;
}

static bool
allocate(Builder *b, GError **error)
{
    b->level = cs_try_alloc(b->n, sizeof *b->level, "the levels", error);
    if (b->level == NULL)
        return false;
    b->order = cs_try_alloc(b->n, sizeof *b->order, "the levels", error);
    if (b->order == NULL)
        return false;
    b->up = cs_try_alloc(b->n, sizeof *b->up, "the tree", error);
    if (b->up == NULL)
        return false;
    b->top = cs_try_alloc(b->n, sizeof *b->top, "the tree", error);
    if (b->top == NULL)
        return false;
    b->tree.node_of
        = cs_try_alloc(b->n, sizeof *b->tree.node_of, "the tree", error);
    return b->tree.node_of != NULL;
}

static void
quantise(Builder *b, size_t n_levels)
{
    const float *px = b->image->px;
    float low, high, scale;

    cs_image_range(b->image, &low, &high);
    scale = high > low ? (float) (n_levels - 1) / (high - low) : 0;
    for (size_t i = 0; i < b->n; i++)
        b->level[i] = isfinite(px[i]) ? (uint16_t) ((px[i] - low) * scale)
                                      : (uint16_t) (n_levels - 1);
}

/* Counting sort: equal levels keep the order of pixels. */
static void
sort_pixels(Builder *b, size_t n_levels)
{
    g_autofree size_t *start = g_new0(size_t, n_levels + 1);

    for (size_t i = 0; i < b->n; i++)
        start[b->level[i] + 1]++;
    for (size_t l = 1; l <= n_levels; l++)
        start[l] += start[l - 1];
    for (size_t i = 0; i < b->n; i++)
        b->order[start[b->level[i]]++] = (uint32_t) i;
}

static uint32_t
find(uint32_t *up, uint32_t i)
{
    uint32_t root = i;

    while (up[root] != root)
        root = up[root];
    while (up[i] != root) {
        uint32_t next = up[i];

        up[i] = root;
        i = next;
    }
    return root;
}

static uint32_t
new_node(Builder *b, const CsTreeNode *node)
{
    if (b->tree.n_nodes == b->capacity) {
        b->capacity = MAX(2 * b->capacity, 1024);
        b->tree.node = g_renew(CsTreeNode, b->tree.node, b->capacity);
    }
    b->tree.node[b->tree.n_nodes] = *node;
    return (uint32_t) b->tree.n_nodes++;
}

static CsTreeNode
single_pixel(const CsImage *image, uint32_t i, uint16_t level)
{
    size_t x = i % image->width, y = i / image->width;
    double u = (double) x, v = (double) y;

    return (CsTreeNode) {
        .parent = CS_NO_NODE, .level = (float) level, .area = 1,
        .sum = (double) image->px[i],
        .x = u, .y = v, .xx = u * u, .yy = v * v, .xy = u * v,
        .left = (uint16_t) x, .right = (uint16_t) x,
        .top = (uint16_t) y, .bottom = (uint16_t) y,
    };
}

static void
absorb(CsTreeNode *to, const CsTreeNode *from)
{
    to->area += from->area;
    to->n_edges += from->n_edges;
    to->n_border += from->n_border;
    to->step_sum += from->step_sum;
    to->sum += from->sum;
    to->x += from->x;
    to->y += from->y;
    to->xx += from->xx;
    to->yy += from->yy;
    to->xy += from->xy;
    to->left = MIN(to->left, from->left);
    to->top = MIN(to->top, from->top);
    to->right = MAX(to->right, from->right);
    to->bottom = MAX(to->bottom, from->bottom);
}

/* Joins the region of pixel j to that of pixel i, which is not darker. A
 * region at the same level is the same node; a darker one becomes a child,
 * for which the region of i needs a node above it. */
static void
join(Builder *b, uint32_t i, uint32_t j)
{
    uint32_t a = find(b->up, i), c = find(b->up, j);
    CsTreeNode *mine, *other;

    if (a == c)
        return;
    mine = &b->tree.node[b->top[a]];
    other = &b->tree.node[b->top[c]];
    absorb(mine, other);
    other->parent = b->top[a];
    b->up[c] = a;
}

/* Adds the edge between pixel i, just reached, and its neighbour j. */
static void
meet(Builder *b, uint32_t i, uint32_t j)
{
    const float *px = b->image->px;
    double step = fabs((double) px[j] - (double) px[i]);
    CsTreeNode *node;

    if (b->up[j] == NOT_YET) {
        node = &b->tree.node[b->top[find(b->up, i)]];
        node->n_edges++;
        node->step_sum += step;
        return;
    }
    join(b, i, j);
    node = &b->tree.node[b->top[find(b->up, i)]];
    node->n_edges--;
    node->step_sum -= step;
}

static void
reach(Builder *b, uint32_t i)
{
    uint32_t w = (uint32_t) b->image->width;
    uint32_t h = (uint32_t) b->image->height;
    uint32_t x = i % w, y = i / w;
    CsTreeNode pixel = single_pixel(b->image, i, b->level[i]);

    pixel.n_border = (x == 0) + (x + 1 == w) + (y == 0) + (y + 1 == h);
    b->up[i] = i;
    b->top[i] = new_node(b, &pixel);
    b->tree.node_of[i] = b->top[i];
    if (x > 0)
        meet(b, i, i - 1);
    if (x + 1 < w)
        meet(b, i, i + 1);
    if (y > 0)
        meet(b, i, i - w);
    if (y + 1 < h)
        meet(b, i, i + w);
}

/* A chain of nodes at one level is one region, described by its last node:
 * keeps that one of each and numbers the nodes anew, children first. */
static void
keep_canonical(Builder *b)
{
    CsTree *t = &b->tree;
    g_autofree uint32_t *number = g_new(uint32_t, t->n_nodes + 1);
    uint32_t n = 0;

    for (uint32_t k = 0; k < t->n_nodes; k++) {
        uint32_t p = t->node[k].parent;
        bool is_kept = p == CS_NO_NODE || t->node[p].level > t->node[k].level;

        number[k] = is_kept ? n++ : CS_NO_NODE;
    }
    for (uint32_t k = (uint32_t) t->n_nodes; k-- > 0;)
        if (number[k] == CS_NO_NODE)
            number[k] = number[t->node[k].parent] | 1u << 31;
    for (uint32_t k = 0; k < t->n_nodes; k++) {
        CsTreeNode node = t->node[k];

        if ((number[k] & 1u << 31) != 0)
            continue;
        if (node.parent != CS_NO_NODE)
            node.parent = number[node.parent] & ~(1u << 31);
        t->node[number[k]] = node;
    }
    for (size_t i = 0; i < b->n; i++)
        t->node_of[i] = number[t->node_of[i]] & ~(1u << 31);
    t->n_nodes = n;
}

static void
restore_levels(Builder *b, size_t n_levels)
{
    float low, high, step;

    cs_image_range(b->image, &low, &high);
    step = (high - low) / (float) (n_levels - 1);
    for (size_t k = 0; k < b->tree.n_nodes; k++)
        b->tree.node[k].level = low + step * b->tree.node[k].level;
}

bool
cs_tree_build(const CsImage *image, size_t n_levels, CsTree *tree,
              GError **error)
{
    g_auto(Builder) b = { .image = image, .n = image->width * image->height };
    CsTree old;

    g_return_val_if_fail(n_levels >= 2 && n_levels <= MAX_LEVELS, false);
    if (b.n >= 1u << 31)
        return cs_fail(error, CS_ERROR_LIMIT, "an image too large to search");
    if (!allocate(&b, error))
        return false;
    b.tree.width = image->width;
    b.tree.height = image->height;
    quantise(&b, n_levels);
    sort_pixels(&b, n_levels);
    for (size_t i = 0; i < b.n; i++)
        b.up[i] = NOT_YET;
    for (size_t k = 0; k < b.n; k++)
        reach(&b, b.order[k]);
    keep_canonical(&b);
    restore_levels(&b, n_levels);

    old = *tree;
    *tree = b.tree;
    b.tree = old;
    return true;
}

double
cs_tree_node_ellipticity(const CsTreeNode *node)
{
    double n = node->area, mx = node->x / n, my = node->y / n;
    double xx = node->xx / n - mx * mx + 1.0 / 12; /* pixels are squares */
    double yy = node->yy / n - my * my + 1.0 / 12;
    double xy = node->xy / n - mx * my;

    return n / (4 * G_PI * sqrt(fmax(xx * yy - xy * xy, 1e-12)));
}

double
cs_tree_node_step(const CsTreeNode *node)
{
    return node->n_edges > 0 ? node->step_sum / node->n_edges : 0;
}

double
cs_tree_node_border(const CsTreeNode *node)
{
    double n = (double) node->n_edges + node->n_border;

    return n > 0 ? node->n_border / n : 0;
}
