/* The camera: electrons arrive at random, each spreads its signal, the
 * amplifier adds its own noise, samples are rounded.
 *
 * Counting noise is drawn before the spread, so that it comes out coloured,
 * as in a scintillator camera (SCIENCE 7.5). The spread is a narrow and a
 * wide Gaussian: a Lorentzian tail of the MTF is a mixture of Gaussians.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/camera.h"

#include <math.h>
#include <stdint.h>

#include "simulator/random.h"

enum { STREAM_COUNTS = 1 << 20, STREAM_READ = 2 << 20, STREAM_PIXELS = 41 };

static void
count_electrons(uint64_t seed, size_t draw, CsImage *image)
{
    for (size_t j = 0; j < image->height; j++) {
        float *row = image->px + j * image->width;
        CsRandom random;

        cs_random_seed(&random, seed, draw, STREAM_COUNTS + j);
        for (size_t i = 0; i < image->width; i++)
            row[i] = (float) cs_random_poisson(&random, (double) row[i]);
    }
}

static bool
spread(const CsCameraRecipe *c, CsImage *image, GError **error)
{
    g_auto(CsImage) wide = CS_IMAGE_INIT;
    float weight = (float) c->mtf_tail_weight;

    if (weight > 0 && !cs_image_blur(image, c->mtf_tail_px, &wide, error))
        return false;
    if (c->mtf_core_px > 0
        && !cs_image_blur(image, c->mtf_core_px, image, error))
        return false;
    if (weight > 0)
        for (size_t k = 0; k < image->width * image->height; k++)
            image->px[k] += weight * (wide.px[k] - image->px[k]);
    return true;
}

/* Gain left over from flat-fielding, dead and hot pixels: the same in every
 * frame. */
static double
pixel_gain(const CsRecipe *recipe, size_t i, size_t j, double *extra)
{
    const CsCameraRecipe *c = &recipe->camera;
    uint64_t seed = (uint64_t) recipe->recording.seed + STREAM_PIXELS;
    double u = cs_random_hash(seed, (int64_t) i, (int64_t) j);
    double hot = c->hot_per_million * 1e-6, dead = c->dead_per_million * 1e-6;

    *extra = u < hot ? 4000 * (0.2 + u / hot) : 0;
    if (u > 1 - dead)
        return 0;
    if (c->gain_spread <= 0)
        return 1;
    /* the sum of four uniforms is round enough for a fixed pattern */
    for (int k = 1; k < 4; k++)
        u += cs_random_hash(seed + (uint64_t) k, (int64_t) i, (int64_t) j);
    return 1 + c->gain_spread * (u - 2) * sqrt(3);
}

static void
read_out(const CsRecipe *recipe, size_t draw, CsImage *image)
{
    const CsCameraRecipe *c = &recipe->camera;
    bool uneven = c->gain_spread > 0 || c->hot_per_million > 0
                  || c->dead_per_million > 0;
    bool noisy = c->noise && c->read_noise_counts > 0;

    for (size_t j = 0; j < image->height; j++) {
        float *row = image->px + j * image->width;
        CsRandom random;

        cs_random_seed(&random, (uint64_t) recipe->recording.seed, draw,
                       STREAM_READ + j);
        for (size_t i = 0; i < image->width; i++) {
            double extra = 0, gain = c->gain_counts_per_e, value;

            if (uneven)
                gain *= pixel_gain(recipe, i, j, &extra);
            value = gain * (double) row[i] + c->dark_counts + extra;
            if (noisy)
                value += c->read_noise_counts * cs_random_gauss(&random);
            row[i] = (float) value;
        }
    }
}

static void
store(const CsImage *image, CsFrame *frame)
{
    size_t n = image->width * image->height;
    uint8_t *bytes = frame->px;
    uint16_t *words = frame->px;
    float *floats = frame->px;

    for (size_t k = 0; k < n; k++) {
        float value = image->px[k];

        if (frame->type == CS_PIXEL_F32)
            floats[k] = value;
        else if (frame->type == CS_PIXEL_U16)
            words[k] = (uint16_t) CLAMP(value + 0.5f, 0, 65535);
        else
            bytes[k] = (uint8_t) CLAMP(value + 0.5f, 0, 255);
    }
}

bool
cs_camera_expose(const CsRecipe *recipe, size_t draw, CsImage *electrons,
                 CsFrame *frame, GError **error)
{
    static const CsPixelType types[]
        = { CS_PIXEL_U8, CS_PIXEL_U16, CS_PIXEL_F32 };

    if (recipe->camera.noise)
        count_electrons((uint64_t) recipe->recording.seed, draw, electrons);
    if (!spread(&recipe->camera, electrons, error))
        return false;
    if (!cs_frame_resize(frame, electrons->width, electrons->height, 1,
                         types[recipe->recording.type], error))
        return false;
    read_out(recipe, draw, electrons);
    store(electrons, frame);
    frame->index = draw;
    return true;
}
