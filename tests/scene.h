/* Scene: coated balls drawn as a microscope would see them, with the truth
 * known to the last digit. For tests of whatever looks at particles.
 *
 * Drawn by oversampling: chords through Beer-Lambert (or adding up, in dark
 * field), background, blur, pixels, shot noise.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "coatscope/recording.h"

enum { SCENE_MAX_BALLS = 8 };

typedef struct {
    double x, y;      /* px */
    double core_px;   /* radius of the core */
    double coat_px;   /* thickness */
    double mu_core;   /* optical depth per px */
    double mu_coat;
    double stretch;   /* of the ball along x, over 1; 0 for a ball */
    double wave;      /* relative amplitude of a five-fold wave in the radius */
} SceneBall;

typedef struct {
    size_t    side;       /* px */
    double    dose;       /* electrons a pixel */
    double    gain;       /* counts an electron */
    double    blur_px;    /* sd */
    double    gradient;   /* of the illumination, relative, across the field */
    double    carbon;     /* optical depth right of carbon_x */
    double    carbon_x;
    double    needle_y;   /* all above is needle; 0 for none */
    double    hot;        /* share of hot pixels */
    double    fringe;     /* weight of the curvature of the optical depth */
    gboolean  bright;     /* dark field */
    int       n_balls;
    SceneBall ball[SCENE_MAX_BALLS];
} Scene;

static inline double
scene_stretch(const SceneBall *b, double dx, double dy)
{
    double u = dx / (1 + b->stretch), v = dy * (1 + b->stretch);
    double wave = 1 + b->wave * cos(5 * atan2(v, u));

    return hypot(u, v) / wave;
}

static inline double
scene_chord(double R, double q)
{
    return q < R ? 2 * sqrt(R * R - q * q) : 0;
}

static inline double
scene_area(const SceneBall *b, double radius)
{
    return G_PI * radius * radius * (1 + b->wave * b->wave / 2);
}

static inline double
scene_depth(const Scene *s, double x, double y)
{
    double depth = 0;

    for (int i = 0; i < s->n_balls; i++) {
        const SceneBall *b = &s->ball[i];
        double q = scene_stretch(b, x - b->x, y - b->y);
        double core = scene_chord(b->core_px, q);
        double whole = scene_chord(b->core_px + b->coat_px, q);

        depth += b->mu_core * core + b->mu_coat * (whole - core);
    }
    return depth;
}

static inline void
scene_blur_lines(double *px, size_t n, double sigma)
{
    int half = (int) ceil(4.5 * sigma);
    g_autofree double *kernel = g_new(double, (size_t) half + 1);
    g_autofree double *line = g_new(double, n);
    g_autofree double *all = g_new(double, n * n);
    double sum = 0;

    for (int k = 0; k <= half; k++) {
        kernel[k] = exp(-k * k / (2 * sigma * sigma));
        sum += (k > 0 ? 2 : 1) * kernel[k];
    }
    for (size_t j = 0; j < n; j++) { /* along rows, written transposed */
        for (size_t i = 0; i < n; i++) {
            line[i] = kernel[0] * px[j * n + i];
            for (int k = 1; k <= half; k++) {
                size_t a = (size_t) MAX((int) i - k, 0);
                size_t b = MIN(i + (size_t) k, n - 1);

                line[i] += kernel[k] * (px[j * n + a] + px[j * n + b]);
            }
        }
        for (size_t i = 0; i < n; i++)
            all[i * n + j] = line[i] / sum;
    }
    memcpy(px, all, n * n * sizeof *px);
}

static inline void
scene_blur(double *px, size_t n, double sigma)
{
    scene_blur_lines(px, n, sigma);
    scene_blur_lines(px, n, sigma);
}

static inline double
scene_light(const Scene *s, double x, double y, double depth)
{
    double carbon = x > s->carbon_x ? s->carbon : 0;
    double all = depth + carbon + (y < s->needle_y ? 3 : 0);
    double light = s->bright ? 0.1 + all : exp(-all);

    return light * (1 + s->gradient * (x / (double) s->side - 0.5));
}

static inline double
scene_poisson(GRand *rand, double mean)
{
    double limit, product = 1;
    int    k = 0;

    if (mean > 60) { /* Gaussian from here on: skew 0.13 and falling */
        double u = g_rand_double_range(rand, 1e-12, 1);
        double v = g_rand_double(rand);

        return MAX(floor(mean + sqrt(mean * -2 * log(u)) * cos(2 * G_PI * v)
                         + 0.5), 0);
    }
    limit = exp(-mean);
    do {
        product *= g_rand_double(rand);
        k++;
    } while (product > limit);
    return k - 1;
}

/* Expected light of every pixel, without noise; side * side values. */
static inline double *
scene_expect(const Scene *s)
{
    enum { OVER = 3 };
    size_t n = s->side * OVER;
    g_autofree double *fine = g_new(double, n * n);
    g_autofree double *depth = g_new(double, n * n);
    double *px = g_new0(double, s->side * s->side);

    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            double sum = 0;

            for (int k = 0; k < 4; k++)
                sum += scene_depth(s, ((double) i + 0.25 + 0.5 * (k % 2)) / OVER,
                                   ((double) j + 0.25 + 0.5 * (k / 2)) / OVER);
            depth[j * n + i] = sum / 4;
            fine[j * n + i] = scene_light(s, ((double) i + 0.5) / OVER,
                                          ((double) j + 0.5) / OVER, sum / 4);
        }
    scene_blur(fine, n, s->blur_px * OVER);
    if (s->fringe != 0) {
        scene_blur(depth, n, s->blur_px * OVER);
        for (size_t j = 1; j + 1 < n; j++)
            for (size_t i = 1; i + 1 < n; i++)
                fine[j * n + i] *= 1 + s->fringe * OVER * OVER
                    * (depth[j * n + i - 1] + depth[j * n + i + 1]
                       + depth[(j - 1) * n + i] + depth[(j + 1) * n + i]
                       - 4 * depth[j * n + i]);
    }
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            px[j / OVER * s->side + i / OVER]
                += fine[j * n + i] / (OVER * OVER);
    return px;
}

/* One frame with shot noise, 16 bit. */
static inline void
scene_draw(const Scene *s, guint32 seed, CsFrame *frame)
{
    g_autofree double *light = scene_expect(s);
    GRand *rand = g_rand_new_with_seed(seed);
    uint16_t *px;

    g_assert_true(cs_frame_resize(frame, s->side, s->side, 1, CS_PIXEL_U16,
                                  NULL));
    px = frame->px;
    for (size_t i = 0; i < s->side * s->side; i++) {
        double e = scene_poisson(rand, s->dose * light[i]);

        if (s->hot > 0 && g_rand_double(rand) < s->hot)
            e *= 10;
        px[i] = (uint16_t) MIN(s->gain * e + 0.5, 65535);
    }
    g_rand_free(rand);
}
