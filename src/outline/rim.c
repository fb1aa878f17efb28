/* Grey values about a contour.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/rim.h"

#include <math.h>
#include <string.h>

#include "core/wide.h"

enum { S = CS_CONTOUR_SECTORS, K = CS_CONTOUR_ANGLES };

typedef struct {
    CsRim       *rim;
    const float *r;
    float        cosine[K];
    float        reference; /* subtracted before squaring */
    float        square[S][CS_RIM_MAX_BINS];
} Collector;

/* Pixels on their way into cells, some at a time. */
enum { BATCH = 128 };

typedef struct {
    size_t n;
    float  dx[BATCH];
    float  value[BATCH];
    float  rho[BATCH];
    float  angle[BATCH];
} Batch;

static inline void
take_pixel(Collector *c, float rho, float angle, float value)
{
    float r = cs_contour_between(c->r, angle);
    float depth = (r - rho) * cs_contour_between(c->cosine, angle);
    float bin = (depth - c->rim->first_px) / c->rim->bin_px;
    unsigned s = (unsigned) (angle / 2 + 0.5f) % S;
    CsRimCell *cell;

    if (bin < 0 || bin >= (float) c->rim->n_bins)
        return;
    cell = &c->rim->cell[s][(int) bin];
    value -= c->reference;
    cell->n += 1;
    cell->value += value;
    cell->depth += depth;
    cell->out += rho / r;
    c->square[s][(int) bin] += value * value;
}

CS_WIDE static void
take_batch(Collector *c, Batch *b, float dy)
{
    for (size_t i = 0; i < b->n; i++) {
        b->rho[i] = sqrtf(b->dx[i] * b->dx[i] + dy * dy);
        b->angle[i] = cs_contour_angle(b->dx[i], dy);
    }
    for (size_t i = 0; i < b->n; i++)
        take_pixel(c, b->rho[i], b->angle[i], b->value[i]);
    b->n = 0;
}

/* The spread of pixels about the means of their cells, outside (bins below
 * `rim_bin`) or inside. */
static double
noise_of(const Collector *c, int first, int end)
{
    double sum = 0, n = 0;

    for (int s = 0; s < S; s++)
        for (int b = first; b < end; b++) {
            const CsRimCell *cell = &c->rim->cell[s][b];

            if (cell->n < 2)
                continue;
            sum += (double) (c->square[s][b]
                             - cell->value * cell->value / cell->n);
            n += (double) cell->n - 1;
        }
    return n < 50 ? NAN : sum / n;
}

static void
finish(Collector *c)
{
    CsRim *rim = c->rim;
    int    edge = (int) (-rim->first_px / rim->bin_px);
    int    gap = (int) (4 / rim->bin_px);

    rim->noise_out = noise_of(c, 0, MAX(edge - gap, 0));
    rim->noise_in = noise_of(c, edge + 2 * gap, rim->n_bins);
    for (int s = 0; s < S; s++)
        for (int b = 0; b < rim->n_bins; b++) {
            CsRimCell *cell = &rim->cell[s][b];

            if (cell->n == 0)
                continue;
            cell->value = c->reference + cell->value / cell->n;
            cell->depth /= cell->n;
            cell->out /= cell->n;
        }
}

/* Takes the pixels of row j whose distance from the pole is between the two
 * given. */
static void
take_row(Collector *c, const CsPatch *patch, size_t j, double cx, float dy,
         const float *limits)
{
    const float *row = patch->image.px + j * patch->image.width;
    const uint8_t *hidden = patch->hidden + j * patch->image.width;
    Batch batch;

    batch.n = 0;
    for (size_t i = 0; i < patch->image.width; i++) {
        float dx = (float) ((double) i + 0.5 - cx);
        float rr = dx * dx + dy * dy;

        batch.dx[batch.n] = dx;
        batch.value[batch.n] = row[i];
        batch.n += rr > limits[0] && rr < limits[1] && !hidden[i];
        if (batch.n == BATCH)
            take_batch(c, &batch, dy);
    }
    take_batch(c, &batch, dy);
}

void
cs_rim_collect(const CsPatch *patch, const CsContour *contour,
               double outside_px, double inside_px, CsRim *rim)
{
    Collector c = { .rim = rim, .r = contour->r };
    float least = INFINITY, least_cosine = 1, far, limits[2];
    double cx = contour->x - patch->x0, cy = contour->y - patch->y0;

    rim->bin_px = (float) MAX((outside_px + inside_px) / CS_RIM_MAX_BINS, 0.5);
    rim->first_px = (float) -outside_px;
    rim->n_bins = (int) ((outside_px + inside_px) / (double) rim->bin_px);
    rim->n_bins = MIN(rim->n_bins, CS_RIM_MAX_BINS);
    memset(rim->cell, 0, sizeof rim->cell);
    cs_contour_cosines(contour, c.cosine);
    for (int k = 0; k < K; k++) {
        least = MIN(least, contour->r[k] - (float) inside_px / c.cosine[k]);
        least_cosine = MIN(least_cosine, c.cosine[k]);
    }
    far = cs_contour_largest(contour)
          + (float) outside_px / MAX(least_cosine, 0.5f) + 0.1f;
    limits[0] = least > 0 ? least * least : -1;
    limits[1] = far * far;
    c.reference = cs_image_at(&patch->image, 0, 0);
    for (size_t j = 0; j < patch->image.height; j++)
        take_row(&c, patch, j, cx, (float) ((double) j + 0.5 - cy), limits);
    finish(&c);
}
