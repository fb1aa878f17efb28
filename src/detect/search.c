/* Searching a frame: a small, slightly blurred picture of it, its component
 * tree, the choice of particles in the tree, their growth to the edge, and
 * from there polygons and masks. No threshold on grey values is set anywhere;
 * the frame's own texture is the yardstick.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/image.h"
#include "core/alloc.h"
#include "detect/choose.h"
#include "detect/grow.h"
#include "detect/limits.h"
#include "image/tree.h"

enum {
    MAX_SIDE = CS_SEARCH_MAX_SIDE,
    N_LEVELS = 512,
    N_DIFFERENCES = 30000, /* looked at for the texture */
    N_RAYS = 64,      /* of a first outline */
    LEAST_DIAMETER = CS_SEARCH_LEAST_DIAMETER,
};

/* The most of the picture one particle may cover. */
#define MOST_SHARE 0.45
/* How much the picture is blurred: each is tried. */
static const double blurs_px[] = { 0.8, 1.5, 3, 6 };

/* What a particle has at least: shape, and contrast against that of the
 * typical particle of the frame and against noise; and at most, at the border
 * of the frame. */
#define LEAST_SHAPE 0.80
#define LEAST_CONTRAST_RATIO 0.2
#define LEAST_CONTRAST_TO_NOISE 5.0
#define MOST_CONTRAST_AT_BORDER 1.6
#define MOST_AREA_AT_BORDER 2.0
#define DARKER_THAN_ALL 0.6
enum { LEAST_TO_COMPARE = 2 };
/* A needle: dark, at the border, larger than most particles. */
#define LEAST_NEEDLE_SHARE 0.004

typedef struct {
    CsImage   image;    /* dark particles, blurred */
    size_t    bin;
    CsSearchPlan plan;
    double    noise;    /* sd of a pixel of the picture, texture included */
    double    noise_step;
    CsTree    tree;
    bool     *chosen;   /* of the tree's nodes */
    double    score;    /* of all chosen together */
    uint16_t *label;
    int       n_labels;
} Search;

static void
search_clear(Search *s)
{
    cs_image_clear(&s->image);
    cs_tree_clear(&s->tree);
    g_free(s->chosen);
    g_free(s->label);
    *s = (Search) { 0 };
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

/* ---- The picture ------------------------------------------------------------ */

static int
by_value(const void *a, const void *b)
{
    const float *x = a;
    const float *y = b;

    return (*x > *y) - (*x < *y);
}

/* The median absolute difference of pixels `apart` columns from each other,
 * as an sd: what noise and texture do, edges being rare. */
static double
typical_difference(const CsImage *image, size_t apart)
{
    size_t n_px = image->width * image->height, n = 0;
    size_t stride = n_px / N_DIFFERENCES + 1;
    g_autofree float *d = g_new(float, n_px / stride + 1);

    for (size_t i = 0; i < n_px; i += stride)
        if (i % image->width + apart < image->width)
            d[n++] = fabsf(image->px[i + apart] - image->px[i]);
    if (n == 0)
        return 0;
    qsort(d, n, sizeof *d, by_value);
    return (double) d[n / 2] / 0.6745;
}

/* ---- Dark, or bright ---------------------------------------------------------- */

static bool
choose(Search *s, GError **error)
{
    double n = (double) (s->image.width * s->image.height);
    CsChoice choice;

    if (!cs_tree_build(&s->image, N_LEVELS, &s->tree, error))
        return false;
    s->chosen = cs_try_alloc(s->tree.n_nodes, sizeof(bool), "the tree", error);
    if (s->chosen == NULL)
        return false;
    s->noise_step = typical_difference(&s->image, 1);
    s->noise = typical_difference(&s->image, LEAST_DIAMETER) / sqrt(2);
    choice = (CsChoice) {
        .min_area_px = G_PI / 4 * LEAST_DIAMETER * LEAST_DIAMETER,
        .max_area_px = MOST_SHARE * n,
        .noise_step = s->noise_step,
    };
    s->score = cs_choose_nodes(&s->tree, &choice, s->chosen);
    if (s->noise_step > 0)
        s->score /= s->noise_step;
    return true;
}

static void
negate(CsImage *image)
{
    for (size_t i = 0; i < image->width * image->height; i++)
        image->px[i] = -image->px[i];
}

/* Searches the picture by a plan; s keeps what it has if that is better. */
static bool
try_search(const CsImage *picture, size_t bin, CsSearchPlan plan, Search *s,
           GError **error)
{
    g_auto(Search) other = { .bin = bin, .plan = plan };
    Search worse;

    if (!cs_image_blur(picture, plan.blur_px, &other.image, error))
        return false;
    if (!plan.is_dark)
        negate(&other.image);
    if (!choose(&other, error))
        return false;
    if (s->image.px != NULL && other.score <= s->score)
        return true;
    worse = *s;
    *s = other;
    other = worse;
    return true;
}

/* Blurred more, noise goes away faster than the edges of what is large: the
 * blur and the sign that show most area inside edges, against the step that
 * texture makes from pixel to pixel, are kept. */
static bool
search_all(const CsFrame *frame, const CsSearchPlan *plan, Search *s,
           GError **error)
{
    size_t side = MAX(frame->width, frame->height);
    size_t bin = (side + MAX_SIDE - 1) / MAX_SIDE;
    g_auto(CsImage) picture = CS_IMAGE_INIT;

    if (!cs_image_bin(frame, bin, &picture, error))
        return false;
    if (plan->blur_px > 0)
        return try_search(&picture, bin, *plan, s, error);
    for (size_t k = 0; k < G_N_ELEMENTS(blurs_px); k++) {
        CsSearchPlan dark = { blurs_px[k], true };
        CsSearchPlan bright = { blurs_px[k], false };

        if (!try_search(&picture, bin, dark, s, error)
            || !try_search(&picture, bin, bright, s, error))
            return false;
    }
    return true;
}

/* ---- From labels to polygons --------------------------------------------------- */

typedef struct {
    double area, x, y; /* of the label, centroid in corner coordinates */
    bool   at_border;  /* of the picture */
} Blob;

static Blob *
measure_blobs(const Search *s)
{
    Blob *blob = g_new0(Blob, s->n_labels + 1);

    for (size_t j = 0; j < s->image.height; j++)
        for (size_t i = 0; i < s->image.width; i++) {
            Blob *b = &blob[s->label[j * s->image.width + i]];

            b->area += 1;
            b->x += (double) i + 0.5;
            b->y += (double) j + 0.5;
            b->at_border |= i == 0 || j == 0 || i + 1 == s->image.width
                            || j + 1 == s->image.height;
        }
    for (int k = 0; k <= s->n_labels; k++) {
        blob[k].x /= fmax(blob[k].area, 1);
        blob[k].y /= fmax(blob[k].area, 1);
    }
    return blob;
}

static int
label_at(const Search *s, double x, double y)
{
    if (!(x >= 0 && y >= 0 && x < (double) s->image.width
          && y < (double) s->image.height))
        return -1;
    return s->label[(size_t) y * s->image.width + (size_t) x];
}

/* How far the label reaches from its centroid at an angle: to the end of the
 * last stretch of it. */
static double
reach_of(const Search *s, const Blob *b, int label, double angle)
{
    double farthest = 2 * sqrt(b->area) + 4, step = 0.25, last = step;

    for (double r = step; r < farthest; r += step)
        if (label_at(s, b->x + r * cos(angle), b->y + r * sin(angle))
            == label)
            last = r;
    return last + step / 2;
}

/* A median of five takes steps and needles off the rays. */
static void
smooth_rays(double *r)
{
    double rough[N_RAYS];

    memcpy(rough, r, sizeof rough);
    for (int k = 0; k < N_RAYS; k++) {
        float near[5];

        for (int d = -2; d <= 2; d++)
            near[d + 2] = (float) rough[(k + d + N_RAYS) % N_RAYS];
        qsort(near, 5, sizeof *near, by_value);
        r[k] = (double) near[2];
    }
}

/* The median of the picture on the ring at `scale` times the outline, where
 * no label lies if `outside`. NAN if there is too little of it. */
static double
ring_level(const Search *s, const Blob *b, const double *r, double scale,
           bool outside)
{
    float value[N_RAYS];
    size_t n = 0;

    for (int k = 0; k < N_RAYS; k++) {
        double angle = 2 * G_PI * k / N_RAYS, d = scale * r[k] + outside;
        double x = b->x + d * cos(angle), y = b->y + d * sin(angle);
        int label = label_at(s, x, y);

        if (label < 0 || (outside && label > 0))
            continue;
        value[n++] = cs_image_at(&s->image, x, y);
    }
    if (n < N_RAYS / 8)
        return NAN;
    qsort(value, n, sizeof *value, by_value);
    return (double) value[n / 2];
}

/* The level that a tenth of the inside is darker than. */
static double
darkest_level(const Search *s, const Blob *b, const double *r)
{
    static const double scales[] = { 0.3, 0.5, 0.7, 0.85 };
    float value[N_RAYS * G_N_ELEMENTS(scales)];
    size_t n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(scales); i++)
        for (int k = 0; k < N_RAYS; k++) {
            double angle = 2 * G_PI * k / N_RAYS, d = scales[i] * r[k];

            value[n++] = cs_image_at(&s->image, b->x + d * cos(angle),
                                     b->y + d * sin(angle));
        }
    qsort(value, n, sizeof *value, by_value);
    return (double) value[n / 10];
}

typedef struct {
    double r[N_RAYS];
    double inside;
    double outside;
    double darkest; /* level of its darkest part */
    double shape;  /* area over that of its hull */
} Look;

static bool
look_at(const Search *s, const Blob *b, int label, Look *look, GError **error)
{
    g_auto(CsPolygon) p = CS_POLYGON_INIT;

    for (int k = 0; k < N_RAYS; k++)
        look->r[k] = reach_of(s, b, label, 2 * G_PI * k / N_RAYS);
    smooth_rays(look->r);
    look->inside = ring_level(s, b, look->r, 0.6, false);
    look->outside = ring_level(s, b, look->r, 1.25, true);
    look->darkest = darkest_level(s, b, look->r);
    if (!cs_polygon_resize(&p, N_RAYS, error))
        return false;
    for (int k = 0; k < N_RAYS; k++) {
        double angle = 2 * G_PI * k / N_RAYS;

        p.points[k] = (CsPoint) { look->r[k] * cos(angle),
                                  look->r[k] * sin(angle) };
    }
    look->shape = cs_polygon_solidity(&p);
    return true;
}

static double
contrast_of(const Look *look)
{
    return look->outside - look->inside;
}

/* What the particles of this frame are like: the contrast that half of the
 * area of all candidates exceeds, and the largest area. At first of what lies
 * whole in the picture. */
typedef struct {
    int    n;       /* of them */
    double contrast;
    double max_area;
    double darkest; /* level */
} Kind;

static Kind
kind_of(const Look *look, const Blob *blob, int n)
{
    Kind kind = { .darkest = INFINITY };
    double total = 0;

    for (int k = 1; k <= n; k++) {
        if (blob[k].at_border || !(contrast_of(&look[k]) > 0))
            continue;
        total += blob[k].area;
        kind.n++;
        kind.darkest = fmin(kind.darkest, look[k].darkest);
        kind.max_area = fmax(kind.max_area, blob[k].area);
    }
    for (int k = 1; k <= n; k++) {
        double c = contrast_of(&look[k]), area = 0;

        for (int l = 1; l <= n && !blob[k].at_border; l++)
            if (!blob[l].at_border && contrast_of(&look[l]) >= c)
                area += blob[l].area;
        if (area > 0 && 2 * area >= total)
            kind.contrast = fmax(kind.contrast, c);
    }
    return kind;
}

/* Much darker than any particle that is seen whole: the needle's tungsten. */
static bool
is_too_dark(const Search *s, const Look *look, Kind kind)
{
    return s->plan.is_dark && kind.darkest > 0
           && look->darkest < DARKER_THAN_ALL * kind.darkest;
}

/* What is cut by the border might be anything, above all the needle: it must
 * look like the particles that are seen whole, of which there must be some to
 * compare with. */
static bool
is_particle(const Search *s, const Blob *b, const Look *look, Kind kind)
{
    double contrast = contrast_of(look);

    if (!isfinite(contrast) || look->shape < LEAST_SHAPE
        || contrast < LEAST_CONTRAST_RATIO * kind.contrast
        || contrast < LEAST_CONTRAST_TO_NOISE * s->noise)
        return false;
    return !b->at_border
           || (kind.n >= LEAST_TO_COMPARE && !is_too_dark(s, look, kind)
               && contrast <= MOST_CONTRAST_AT_BORDER * kind.contrast
               && b->area <= MOST_AREA_AT_BORDER * kind.max_area);
}

static bool
make_seed(const Search *s, const Blob *b, const Look *look, int id,
          CsSeed *seed, GError **error)
{
    double sign = s->plan.is_dark ? 1 : -1;

    *seed = (CsSeed) {
        .id = id,
        .is_dark = s->plan.is_dark,
        .contrast = fabs(log(fmax(sign * look->outside, 1e-9)
                             / fmax(sign * look->inside, 1e-9))),
    };
    if (!cs_polygon_resize(&seed->outline, N_RAYS, error))
        return false;
    for (int k = 0; k < N_RAYS; k++) {
        double angle = 2 * G_PI * k / N_RAYS;

        seed->outline.points[k] = (CsPoint) {
            (b->x + look->r[k] * cos(angle)) * (double) s->bin,
            (b->y + look->r[k] * sin(angle)) * (double) s->bin,
        };
    }
    return true;
}

static bool
make_seeds(const Search *s, bool *is_kept, CsSeeds *seeds, GError **error)
{
    g_autofree Blob *blob = measure_blobs(s);
    g_autofree Look *look = g_new0(Look, s->n_labels + 1);
    Kind kind;

    for (int k = 1; k <= s->n_labels; k++)
        if (!look_at(s, &blob[k], k, &look[k], error))
            return false;
    kind = kind_of(look, blob, s->n_labels);
    for (int k = 1; k <= s->n_labels; k++) {
        g_auto(CsSeed) seed = { 0 };

        is_kept[k] = is_particle(s, &blob[k], &look[k], kind);
        if (!is_kept[k])
            continue;
        if (!make_seed(s, &blob[k], &look[k], (int) seeds->n + 1, &seed,
                       error))
            return false;
        cs_seeds_take(seeds, &seed);
    }
    return true;
}

/* ---- Masks ----------------------------------------------------------------------- */

/* The large region at the border with the sharpest edge, if any: the needle. */
static uint32_t
find_needle(const Search *s)
{
    double n = (double) (s->image.width * s->image.height);
    uint32_t best = CS_NO_NODE;
    double sharpest = 4 * s->noise_step;

    for (uint32_t k = 0; k < s->tree.n_nodes; k++) {
        const CsTreeNode *node = &s->tree.node[k];
        double step = cs_tree_node_step(node);

        if (node->n_border < 8 || node->area < LEAST_NEEDLE_SHARE * n
            || node->area > MOST_SHARE * n || step <= sharpest)
            continue;
        sharpest = step;
        best = k;
    }
    return best;
}

static bool
is_inside(const CsTree *tree, uint32_t k, uint32_t region)
{
    while (k != CS_NO_NODE && k < region)
        k = tree->node[k].parent;
    return k == region;
}

static bool
make_mask(const Search *s, const bool *is_kept, CsSeeds *seeds, GError **error)
{
    size_t n = s->image.width * s->image.height;
    uint32_t needle = s->plan.is_dark ? find_needle(s) : CS_NO_NODE;

    seeds->mask = cs_try_alloc(n, 1, "the mask", error);
    if (seeds->mask == NULL)
        return false;
    seeds->mask_bin = s->bin;
    seeds->mask_width = s->image.width;
    seeds->mask_height = s->image.height;
    for (size_t i = 0; i < n; i++) {
        if (s->label[i] > 0 && is_kept[s->label[i]])
            seeds->mask[i] = CS_MASK_PARTICLE;
        else if (needle != CS_NO_NODE
                 && is_inside(&s->tree, s->tree.node_of[i], needle))
            seeds->mask[i] = CS_MASK_NEEDLE;
        else if (s->label[i] > 0)
            seeds->mask[i] = CS_MASK_DIRT;
    }
    return true;
}

bool
cs_detect_search(const CsFrame *frame, CsSearchPlan *plan, CsSeeds *seeds,
                 GError **error)
{
    g_auto(CsSeeds) fresh = CS_SEEDS_INIT;
    g_auto(Search) s = { 0 };
    g_autofree bool *is_kept = NULL;
    CsSeeds old = *seeds;

    if (!search_all(frame, plan, &s, error))
        return false;
    s.label = cs_try_alloc(s.image.width * s.image.height, sizeof *s.label,
                           "the labels", error);
    if (s.label == NULL)
        return false;
    s.n_labels
        = cs_grow_labels(&s.image, &s.tree, s.chosen, s.label, error);
    if (s.n_labels < 0)
        return false;
    is_kept = g_new0(bool, s.n_labels + 1);
    if (!make_seeds(&s, is_kept, &fresh, error)
        || !make_mask(&s, is_kept, &fresh, error))
        return false;
    *plan = s.plan;
    *seeds = fresh;
    fresh = old;
    return true;
}
