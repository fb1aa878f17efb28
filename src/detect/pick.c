/* Picking: each ring is scored by its area, by how much of it is an edge and
 * by its shape; the best go first, and what overlaps them is dropped. A ring
 * around several that together explain more (touching balls) gives way to
 * them. Where a ring runs behind the needle, out of the picture or into a
 * neighbour, no edge is asked for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/pick.h"

#include <math.h>
#include <stdlib.h>

#include "detect/limits.h"

enum { N_RAYS = CS_RING_RAYS, N_ROUNDS = 3, MAX_NEAR = 16 };

/* The most of the picture a particle covers. */
#define MOST_SHARE 0.6
/* Of its rays with nothing in the way, the share that meet an edge; and of
 * all its rays. */
#define LEAST_SUPPORT 0.72
#define LEAST_SUPPORT_KNOWN 0.85 /* with what is in the way known */
#define LEAST_SEEN 0.4
#define LEAST_SHAPE 0.85
/* The step over the edge, against noise; what the inside is darker, against
 * it: least, most that counts, and more than an edge can explain. */
#define LEAST_STEP_TO_NOISE 1.9
#define LEAST_DEPTH 0.4
#define MOST_DEPTH 3.0
#define MOST_DEPTH_AT_ALL 7.0
/* A hole's level, from its middle to its rim and against the film. */
#define FLAT 0.3
#define HOLE_RATIO 1.5
#define SURE_HOLE_RATIO 1.15
#define LEAST_FILL 0.78
/* Against the typical particle of the field; tighter for what is seen only in
 * part: where more rays are hidden than that, or outside the picture. */
#define LEAST_CONTRAST_RATIO 0.25
#define MOST_HIDDEN 0.25
#define LEAST_CONTRAST_OF_PART 0.5
#define MOST_CONTRAST_OF_PART 1.6
#define LEAST_AREA_OF_PART 0.3
#define MOST_AREA_OF_PART 2.0
/* Where no particle is seen whole, a part must be rounder and surer. */
#define LEAST_SHAPE_ALONE 0.97
#define LEAST_SUPPORT_ALONE 0.9
/* Rings that share more than that of the smaller one are one particle. */
#define MOST_SHARED 0.4
#define MOST_OF_WHOLE 0.75
/* Several closed edges at once hardly come about by chance: parts count more
 * than a whole. */
#define PARTS_COUNT 1.33
/* Where a waist is looked for, in radii of the smaller across, on the level on which
 * that is the most the radius is, in pixels. */
#define WAIST 0.9
#define WAIST_RADIUS 16.0
#define MOST_IN_METAL 0.5
#define MOST_IN_NEEDLE 0.65
enum { SHAPE_POWER = 6, FILL_POWER = 3 };

/* What the particles seen whole are like: the step that half of them exceed,
 * by area and step, and the largest area. */
typedef struct {
    size_t n;
    double step;
    double max_area;
} Kind;

/* How much of a ring meets an edge, and how much cannot. */
typedef struct {
    double seen;    /* of all rays, those with an edge          */
    double support; /* of those with nothing in the way, alike  */
    double hidden;  /* of all rays, by the needle or the border */
    double behind;  /* of all rays, by the needle               */
    double shape;
} View;

typedef struct {
    const CsRing  *ring;
    size_t         n;
    const CsField *field;
    CsPick        *pick;
    View          *view;
    double        *score;
    size_t        *order; /* by score, best first */
    Kind           kind;  /* of the round before */
    double         least_support;
} Picker;

/* 0 outside the needle, 1 in its skin, 2 in its metal. */
static int
needle_at(const CsField *field, double x, double y)
{
    const CsImage *image = &field->levels->level[0].image;

    if (field->needle == NULL || !(x >= 0 && y >= 0)
        || x >= (double) image->width || y >= (double) image->height)
        return 0;
    return field->needle[(size_t) y * image->width + (size_t) x];
}

/* Whether a ring is the needle's own: its metal or its skin. */
static bool
is_of_needle(const CsField *field, const CsRing *ring)
{
    int n_any = 0, n_metal = 0;

    for (int k = 0; k < CS_RING_POINTS; k++) {
        double x, y;

        cs_ring_point(ring, k, &x, &y);
        n_any += needle_at(field, x, y) > 0;
        n_metal += needle_at(field, x, y) == 2;
    }
    return n_metal > MOST_IN_METAL * CS_RING_POINTS
           || n_any > MOST_IN_NEEDLE * CS_RING_POINTS;
}

double
cs_pick_share_in(const CsRing *a, const CsRing *b)
{
    double reach = sqrt(a->area / G_PI) + sqrt(b->area / G_PI);
    int n = 0;

    if (hypot(a->x - b->x, a->y - b->y) > 1.6 * reach)
        return 0;
    for (int k = 0; k < CS_RING_POINTS; k++) {
        double x, y;

        cs_ring_point(a, k, &x, &y);
        n += cs_ring_holds(b, x, y);
    }
    return (double) n / CS_RING_POINTS;
}

static bool
overlaps(const CsRing *a, const CsRing *b)
{
    return a->area < b->area ? cs_pick_share_in(a, b) > MOST_SHARED
                             : cs_pick_share_in(b, a) > MOST_SHARED;
}

/* Whether the picture is as bright as around the ring at (x, y). */
static bool
is_open_at(const Picker *p, const CsRing *ring, double x, double y)
{
    const CsLevels *levels = p->field->levels;
    double radius = sqrt(ring->area / G_PI);
    size_t k = 0;
    double value;

    while (k + 1 < levels->n && radius / levels->level[k].scale > WAIST_RADIUS)
        k++;
    value = (double) cs_image_at(&levels->level[k].image,
                                 x / levels->level[k].scale,
                                 y / levels->level[k].scale);
    return value > (ring->inside + ring->outside) / 2;
}

/* Whether there is a waist between two rings, on one side at least: two pieces
 * cut out of a strand have none. */
static bool
has_waist(const Picker *p, const CsRing *a, const CsRing *b)
{
    double dx = b->x - a->x, dy = b->y - a->y, d = hypot(dx, dy);
    double along = (d * d + (a->area - b->area) / G_PI) / (2 * d);
    double x = a->x + along * dx / d, y = a->y + along * dy / d;

    for (int side = -1; side <= 1; side += 2) {
        double angle = atan2(dy, dx) + side * G_PI / 2;
        double across = WAIST * fmin(cs_ring_reach(a, angle),
                                     cs_ring_reach(b, angle));

        if (is_open_at(p, a, x + across * cos(angle), y + across * sin(angle)))
            return true;
    }
    return false;
}

/* The particles picked so far that may hide rays of ring i. */
static size_t
find_neighbours(const Picker *p, size_t i, const CsRing *near[MAX_NEAR])
{
    const CsRing *ring = &p->ring[i];
    size_t n = 0;

    for (size_t j = 0; j < p->n && n < MAX_NEAR; j++) {
        const CsRing *other = &p->ring[j];
        double reach = sqrt(ring->area / G_PI) + sqrt(other->area / G_PI);

        if (j != i && p->pick[j] == CS_PICK_PARTICLE
            && hypot(ring->x - other->x, ring->y - other->y) < 1.6 * reach
            && !overlaps(other, ring) && has_waist(p, ring, other))
            near[n++] = other;
    }
    return n;
}

static bool
is_in_any(const CsRing *const *ring, size_t n, double x, double y)
{
    for (size_t k = 0; k < n; k++)
        if (cs_ring_holds(ring[k], x, y))
            return true;
    return false;
}

static View
view_of(const Picker *p, size_t i)
{
    const CsRing *ring = &p->ring[i];
    View view = { .shape = fmin(ring->shape, fmin(ring->roundness, 1)) };
    const CsRing *near[MAX_NEAR];
    size_t n_near = find_neighbours(p, i, near);
    double n_asked = 0;

    for (int k = 0; k < N_RAYS; k++) {
        double angle = 2 * G_PI * k / N_RAYS, out = 1.08 * ring->r[k];
        double x = ring->x + out * cos(angle), y = ring->y + out * sin(angle);
        bool has_edge = cs_ring_has_edge(ring, (size_t) k);
        bool is_behind = needle_at(p->field, x, y) > 0;
        bool is_hidden = is_behind || !isfinite(ring->edge[k]);

        view.behind += is_behind;
        view.hidden += is_hidden;
        view.seen += has_edge && !is_hidden;
        n_asked += !is_hidden
                   && (has_edge || !is_in_any(near, n_near, x, y));
    }
    view.support = view.seen / fmax(n_asked, 1);
    view.seen /= N_RAYS;
    view.hidden /= N_RAYS;
    view.behind /= N_RAYS;
    return view;
}

/* A hole in a film is bright, but hardly so, and flat. */
static bool
is_hole(const CsRing *ring)
{
    double ratio = fabs(ring->inside) / fmax(fabs(ring->outside), 1e-9);

    return (fabs(ring->dome) < FLAT && ratio < HOLE_RATIO)
           || ratio < SURE_HOLE_RATIO;
}

/* What is seen only in part might be anything: it must look like the particles
 * seen whole. */
static bool
is_like_the_others(const Picker *p, size_t i)
{
    const CsRing *ring = &p->ring[i];
    const View *view = &p->view[i];
    Kind kind = p->kind;

    if (ring->step < LEAST_CONTRAST_RATIO * kind.step)
        return false;
    if (view->hidden <= MOST_HIDDEN)
        return true;
    if (kind.n == 0)
        return view->behind <= MOST_HIDDEN
               && view->shape >= LEAST_SHAPE_ALONE
               && view->support >= LEAST_SUPPORT_ALONE;
    return ring->step >= LEAST_CONTRAST_OF_PART * kind.step
           && ring->step <= MOST_CONTRAST_OF_PART * kind.step
           && ring->area >= LEAST_AREA_OF_PART * kind.max_area
           && ring->area <= MOST_AREA_OF_PART * kind.max_area;
}

static bool
is_closed_edge(const Picker *p, const CsRing *ring, const View *view)
{
    const CsImage *image = &p->field->levels->level[0].image;
    double picture = (double) (image->width * image->height);
    double least = CS_SEARCH_LEAST_DIAMETER;

    return ring->area >= least * least * G_PI / 4
           && ring->area <= MOST_SHARE * picture
           && view->shape >= LEAST_SHAPE && view->support >= p->least_support
           && view->seen >= LEAST_SEEN && ring->fill >= LEAST_FILL
           && ring->step >= LEAST_STEP_TO_NOISE * ring->noise
           && ring->outside - ring->inside >= LEAST_DEPTH * ring->step
           && ring->outside - ring->inside <= MOST_DEPTH_AT_ALL * ring->step;
}

/* 0 for what is no particle in any company. */
static double
score_of(const Picker *p, size_t i)
{
    const CsRing *ring = &p->ring[i];
    const View *view = &p->view[i];
    double depth;

    if (!is_closed_edge(p, ring, view)
        || (p->field->is_bright && is_hole(ring))
        || is_of_needle(p->field, ring))
        return 0;
    depth = fmin(ring->outside - ring->inside, MOST_DEPTH * ring->step);
    return ring->area * depth * pow(view->support, 2)
           * pow(ring->fill, FILL_POWER) * pow(view->shape, SHAPE_POWER);
}

/* Insertion sort: few rings, and equals keep their order. */
static void
sort_by_score(Picker *p)
{
    for (size_t i = 0; i < p->n; i++) {
        size_t k = i;

        for (; k > 0 && p->score[p->order[k - 1]] < p->score[i]; k--)
            p->order[k] = p->order[k - 1];
        p->order[k] = i;
    }
}

static bool
meets_a_particle(const Picker *p, size_t i)
{
    for (size_t j = 0; j < p->n; j++)
        if (j != i && p->pick[j] == CS_PICK_PARTICLE
            && overlaps(&p->ring[i], &p->ring[j]))
            return true;
    return false;
}

/* The scores of the best set of smaller rings that exclude ring number `at` of
 * the order, if there are two at least. */
static double
score_of_parts(const Picker *p, size_t at)
{
    size_t part[32], n = 0;
    const CsRing *whole = &p->ring[p->order[at]];
    double sum = 0;

    for (size_t k = at + 1; k < p->n && n < G_N_ELEMENTS(part); k++) {
        size_t j = p->order[k];
        bool is_free = p->score[j] > 0 && p->pick[j] == CS_PICK_OPEN
                       && p->ring[j].area < MOST_OF_WHOLE * whole->area
                       && overlaps(&p->ring[j], whole);

        for (size_t m = 0; is_free && m < n; m++)
            is_free = !overlaps(&p->ring[j], &p->ring[part[m]]);
        if (!is_free || meets_a_particle(p, j))
            continue;
        part[n++] = j;
        sum += p->score[j];
    }
    return n >= 2 ? sum : 0;
}

static void
pick_best(Picker *p)
{
    for (size_t k = 0; k < p->n; k++) {
        size_t i = p->order[k];
        bool is_one = p->pick[i] == CS_PICK_OPEN && p->score[i] > 0
                      && !meets_a_particle(p, i)
                      && p->score[i] >= PARTS_COUNT * score_of_parts(p, k);

        if (p->pick[i] == CS_PICK_OPEN)
            p->pick[i] = is_one ? CS_PICK_PARTICLE : CS_PICK_NO;
    }
}

static bool
is_whole(const Picker *p, size_t i)
{
    return p->pick[i] == CS_PICK_PARTICLE && p->view[i].hidden <= MOST_HIDDEN;
}

static double
weight_of(const CsRing *ring)
{
    return ring->area * ring->step;
}

static Kind
kind_of(const Picker *p)
{
    Kind kind = { 0 };
    double total = 0;

    for (size_t i = 0; i < p->n; i++)
        if (is_whole(p, i))
            total += weight_of(&p->ring[i]);
    for (size_t i = 0; i < p->n; i++) {
        double above = 0;

        for (size_t j = 0; j < p->n && is_whole(p, i); j++)
            if (is_whole(p, j) && p->ring[j].step >= p->ring[i].step)
                above += weight_of(&p->ring[j]);
        if (above > 0 && 2 * above >= total)
            kind.step = fmax(kind.step, p->ring[i].step);
    }
    for (size_t i = 0; i < p->n; i++)
        if (is_whole(p, i)
            && p->ring[i].step >= LEAST_CONTRAST_RATIO * kind.step) {
            kind.n++;
            kind.max_area = fmax(kind.max_area, p->ring[i].area);
        }
    return kind;
}

double
cs_pick_rings(const CsRing *ring, size_t n, const CsField *field, CsPick *pick)
{
    g_autofree double *score = g_new0(double, n + 1);
    g_autofree size_t *order = g_new0(size_t, n + 1);
    g_autofree View *view = g_new0(View, n + 1);
    Picker p = { ring, n, field, pick, view, score, order, { 0 }, 0 };
    double total = 0;

    for (size_t i = 0; i < n; i++)
        pick[i] = CS_PICK_OPEN;
    for (int round = 0; round < N_ROUNDS; round++) {
        p.least_support = round > 0 ? LEAST_SUPPORT_KNOWN : LEAST_SUPPORT;
        for (size_t i = 0; i < n; i++)
            view[i] = view_of(&p, i);
        for (size_t i = 0; i < n; i++)
            score[i] = score_of(&p, i);
        for (size_t i = 0; i < n; i++)
            pick[i] = score[i] > 0 && round > 0 && !is_like_the_others(&p, i)
                          ? CS_PICK_DIRT
                          : CS_PICK_OPEN;
        sort_by_score(&p);
        pick_best(&p);
        p.kind = kind_of(&p);
    }
    for (size_t i = 0; i < n; i++)
        if (pick[i] == CS_PICK_PARTICLE)
            total += score[i];
    return total;
}
