/* CsTree: every connected dark region of an image, at every threshold.
 *
 * A node is a connected set of pixels (by edges) not brighter than a level;
 * its parent is the set it grows into at a brighter level (the component tree
 * of P. Salembier et al., IEEE Trans. Image Process. 7, 555, 1998). So no
 * threshold has to be chosen before the shapes are known.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "coatscope/image.h"

#define CS_NO_NODE UINT32_MAX

/* One region. Lengths in pixels, levels in those of the image. */
typedef struct {
    uint32_t parent;      /* CS_NO_NODE for a root */
    float    level;       /* its brightest pixel */
    uint32_t area;
    uint32_t n_edges;     /* pixel edges on its boundary, not on the border */
    uint32_t n_border;    /* pixel edges on the border of the image */
    double   step_sum;    /* over n_edges: value outside minus inside */
    double   sum;         /* of values inside */
    double   x, y;        /* sums of pixel coordinates (0 for the first) … */
    double   xx, yy, xy;  /* … and of their products */
    uint16_t left, top, right, bottom; /* bounding box, inclusive */
} CsTreeNode;

typedef struct {
    size_t      width;
    size_t      height;
    size_t      n_nodes;  /* parents come after their children */
    CsTreeNode *node;
    uint32_t   *node_of;  /* of each pixel: the smallest node it is in */
} CsTree;

#define CS_TREE_INIT { 0 }

/* Builds the tree of dark regions of an image quantised to n_levels (2 to
 * 4096) between its smallest and greatest value. NAN counts as greatest.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_tree_build(const CsImage *image, size_t n_levels, CsTree *tree,
                   GError **error);
void cs_tree_clear(CsTree *tree);

/* Area over that of the ellipse with the same second moments: 1 for an
 * ellipse, less for anything branched, notched or angular. */
double cs_tree_node_ellipticity(const CsTreeNode *node);

/* The mean step to the outside along the boundary (not the border). */
double cs_tree_node_step(const CsTreeNode *node);

/* The share of the boundary that lies on the border of the image. */
double cs_tree_node_border(const CsTreeNode *node);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsTree, cs_tree_clear)
