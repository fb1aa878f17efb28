/* Choosing particles in a component tree: each region gets a score for how
 * much it looks like a particle, and of all sets of regions that do not
 * overlap the one with the greatest sum is taken, by dynamic programming from
 * the leaves up (after C. Arteta et al., MICCAI 2012, LNCS 7510, 348, but with
 * a score from geometry instead of a trained one). Two touching particles win
 * against the dumb-bell they make together; one particle wins against the
 * dark spots in it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/choose.h"

#include <math.h>
#include <string.h>

/* Powers of the parts of the score: how hard a dent, and contact with the
 * border, count against area and edge. A pair of touching discs has an
 * ellipticity of 0.895 and keeps about half of its area at the level where it
 * parts, so the sixth power lets the two win. */
enum { SHAPE_POWER = 6, BORDER_POWER = 4 };

/* What no particle is. */
#define LEAST_ELLIPTICITY 0.6
#define MOST_BORDER 0.35
#define LEAST_SIGNIFICANCE 2.0

/* How much of its area a choice may lose on the way to the sharpest edge. */
#define LEAST_AREA_LEFT 0.6

static double
score(const CsTreeNode *node, const CsChoice *choice)
{
    double shape, border, step;

    if (node->area < choice->min_area_px || node->area > choice->max_area_px)
        return 0;
    shape = cs_tree_node_ellipticity(node);
    border = cs_tree_node_border(node);
    step = cs_tree_node_step(node);
    if (shape < LEAST_ELLIPTICITY || border > MOST_BORDER
        || step < LEAST_SIGNIFICANCE * choice->noise_step)
        return 0;
    return node->area * step * pow(fmin(shape, 1), SHAPE_POWER)
           * pow(1 - border, BORDER_POWER);
}

/* The largest child of each node. */
static uint32_t *
main_children(const CsTree *tree)
{
    uint32_t *child = g_new(uint32_t, tree->n_nodes + 1);

    for (size_t k = 0; k < tree->n_nodes; k++)
        child[k] = CS_NO_NODE;
    for (uint32_t k = 0; k < tree->n_nodes; k++) {
        uint32_t p = tree->node[k].parent;

        if (p != CS_NO_NODE
            && (child[p] == CS_NO_NODE
                || tree->node[k].area > tree->node[child[p]].area))
            child[p] = k;
    }
    return child;
}

/* The score likes area, so that a blurred edge is taken a little too far out:
 * each choice moves down to where its edge is sharpest. */
static void
sharpen(const CsTree *tree, bool *chosen)
{
    g_autofree uint32_t *child = main_children(tree);
    g_autofree bool *sharp = g_new0(bool, tree->n_nodes + 1);

    for (uint32_t k = (uint32_t) tree->n_nodes; k-- > 0;) {
        uint32_t best = k;

        if (!chosen[k])
            continue;
        for (uint32_t c = child[k];
             c != CS_NO_NODE
             && tree->node[c].area >= LEAST_AREA_LEFT * tree->node[k].area;
             c = child[c])
            if (cs_tree_node_step(&tree->node[c])
                > cs_tree_node_step(&tree->node[best]))
                best = c;
        sharp[best] = true;
    }
    memcpy(chosen, sharp, tree->n_nodes * sizeof *chosen);
}

double
cs_choose_nodes(const CsTree *tree, const CsChoice *choice, bool *chosen)
{
    g_autofree double *below = g_new0(double, tree->n_nodes + 1);
    g_autofree bool *is_taken = g_new0(bool, tree->n_nodes + 1);
    double total = 0;

    /* Children come before their parents: sum up the best of each subtree. */
    for (size_t k = 0; k < tree->n_nodes; k++) {
        double own = score(&tree->node[k], choice);
        uint32_t parent = tree->node[k].parent;

        chosen[k] = own > 0 && own > below[k];
        below[k] = fmax(own, below[k]);
        if (parent != CS_NO_NODE)
            below[parent] += below[k];
        else
            total += below[k];
    }
    /* From the roots down: what lies in a chosen node is not chosen too. */
    for (size_t k = tree->n_nodes; k-- > 0;) {
        uint32_t parent = tree->node[k].parent;

        if (parent != CS_NO_NODE && is_taken[parent])
            chosen[k] = false;
        is_taken[k] = chosen[k] || (parent != CS_NO_NODE && is_taken[parent]);
    }
    sharpen(tree, chosen);
    return total;
}
