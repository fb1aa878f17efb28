/* Correlation with a growing template, all in Fourier space: a shift is a
 * phase there, so the mean of all textures so far, each moved to where it
 * belongs, costs one multiplication a coefficient. The peak is refined on a
 * finer grid by evaluating the transform just there (M. Guizar-Sicairos, S. T.
 * Thurman, J. R. Fienup, Opt. Lett. 33, 156, 2008) and a parabola.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/correlate.h"

#include <complex.h>
#include <fftw3.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"

/* Until two textures have been seen, what is finer than this (sd of a
 * Gaussian, in pixels) is taken to be mostly noise. */
#define LOW_PASS_PX 4.0

/* Rings of equal frequency over which signal and noise are told apart. */
enum { N_RINGS = 96 };

/* How far the template looks back, in textures. */
#define MEMORY 50.0

struct CsCorrelator {
    size_t          width;
    size_t          height;
    size_t          half;     /* columns of a spectrum */
    float          *plane;
    float complex  *spectrum; /* of the texture matched last */
    float complex  *template; /* sum of spectra, 0 at first */
    float complex  *product;
    float          *filter;   /* half * height */
    double          n_learned; /* sum of the weights of the textures in it … */
    double          n_squares; /* … and of their squares                     */
    double          ring_power[N_RINGS]; /* of the textures, weighted alike */
    fftwf_plan      forward;
    fftwf_plan      backward;
};

/* FFTW's planner is the one part of it that threads must not share. */
static GMutex planner;

void
cs_correlator_free(CsCorrelator *c)
{
    if (c == NULL)
        return;
    g_mutex_lock(&planner);
    if (c->forward != NULL)
        fftwf_destroy_plan(c->forward);
    if (c->backward != NULL)
        fftwf_destroy_plan(c->backward);
    g_mutex_unlock(&planner);
    cs_free_aligned(c->plane);
    cs_free_aligned(c->spectrum);
    cs_free_aligned(c->template);
    cs_free_aligned(c->product);
    g_free(c->filter);
    g_free(c);
}

/* Cycles a pixel of index k out of n, signed. */
static double
frequency(size_t k, size_t n)
{
    double f = (double) k / (double) n;

    return f > 0.5 ? f - 1 : f;
}

static void
make_filter(CsCorrelator *c)
{
    for (size_t v = 0; v < c->height; v++)
        for (size_t u = 0; u < c->half; u++) {
            double fx = frequency(u, c->width), fy = frequency(v, c->height);
            double s = 2 * G_PI * LOW_PASS_PX;

            c->filter[v * c->half + u]
                = (float) exp(-s * s * (fx * fx + fy * fy) / 2);
        }
    c->filter[0] = 0; /* the mean is no texture */
}

static bool
allocate(CsCorrelator *c, GError **error)
{
    size_t n = c->half * c->height;

    c->plane = cs_try_alloc_aligned(c->width * c->height, sizeof *c->plane,
                                    "drift", error);
    if (c->plane == NULL)
        return false;
    c->spectrum
        = cs_try_alloc_aligned(n, sizeof *c->spectrum, "drift", error);
    if (c->spectrum == NULL)
        return false;
    c->template
        = cs_try_alloc_aligned(n, sizeof *c->template, "drift", error);
    if (c->template == NULL)
        return false;
    c->product = cs_try_alloc_aligned(n, sizeof *c->product, "drift", error);
    if (c->product == NULL)
        return false;
    c->filter = cs_try_alloc(n, sizeof *c->filter, "drift", error);
    return c->filter != NULL;
}

CsCorrelator *
cs_correlator_new(size_t width, size_t height, GError **error)
{
    g_autoptr(CsCorrelator) c = g_new0(CsCorrelator, 1);

    c->width = width;
    c->height = height;
    c->half = width / 2 + 1;
    if (!allocate(c, error))
        return NULL;
    memset(c->template, 0, c->half * height * sizeof *c->template);
    make_filter(c);
    g_mutex_lock(&planner);
    c->forward = fftwf_plan_dft_r2c_2d((int) height, (int) width, c->plane,
                                       c->spectrum, FFTW_ESTIMATE);
    c->backward = fftwf_plan_dft_c2r_2d((int) height, (int) width,
                                        c->product, c->plane, FFTW_ESTIMATE);
    g_mutex_unlock(&planner);
    if (c->forward == NULL || c->backward == NULL) {
        cs_fail(error, CS_ERROR_LIMIT, "no memory for a Fourier transform");
        return NULL;
    }
    return g_steal_pointer(&c);
}

/* ---- Signal and noise -------------------------------------------------------------- */

static size_t
ring_of(const CsCorrelator *c, size_t u, size_t v)
{
    double fx = frequency(u, c->width), fy = frequency(v, c->height);

    return MIN((size_t) (hypot(fx, fy) * 2 * N_RINGS), N_RINGS - 1);
}

/* The Wiener filter of the template: the mean of n textures has the power
 * S + r N, a texture S + N, where r is the sum of the squared weights over
 * the square of their sum; the filter is S / (S + r N), ring by ring. */
static void
tune_filter(CsCorrelator *c)
{
    double r = c->n_squares / (c->n_learned * c->n_learned);
    double sum[N_RINGS] = { 0 }, count[N_RINGS] = { 0 }, pass[N_RINGS];

    for (size_t v = 0; v < c->height; v++)
        for (size_t u = 0; u < c->half; u++) {
            float complex t = c->template[v * c->half + u];
            size_t ring = ring_of(c, u, v);

            sum[ring] += (double) (crealf(t) * crealf(t)
                                   + cimagf(t) * cimagf(t));
            count[ring] += 1;
        }
    for (size_t k = 0; k < N_RINGS; k++) {
        double n = fmax(count[k], 1);
        double mean = sum[k] / n / (c->n_learned * c->n_learned);
        double one = c->ring_power[k] / n / c->n_learned;
        double signal = (mean - r * one) / (1 - r);

        /* a ring's power is known to one part in the root of its size */
        if (signal < 2 * r * one / sqrt(n))
            signal = 0;
        pass[k] = signal > 0 ? signal / (signal + r * (one - signal)) : 0;
    }
    for (size_t v = 0; v < c->height; v++)
        for (size_t u = 0; u < c->half; u++)
            c->filter[v * c->half + u]
                = (float) CLAMP(pass[ring_of(c, u, v)], 0, 1);
    c->filter[0] = 0;
}

/* ---- The peak ------------------------------------------------------------------- */

/* The correlation at (dx, dy), which need not be whole: a column sum, then a
 * row sum, each with its phases. */
static double
correlation_at(const CsCorrelator *c, double dx, double dy)
{
    double total = 0;

    for (size_t v = 0; v < c->height; v++) {
        const float complex *row = c->product + v * c->half;
        double turn_y = 2 * G_PI * frequency(v, c->height) * dy;
        double step = 2 * G_PI * dx / (double) c->width;
        double complex phase = cexp(I * turn_y), rotate = cexp(I * step);
        double sum = 0;

        for (size_t u = 0; u < c->half; u++) {
            double part = creal(row[u]) * creal(phase)
                          - cimag(row[u]) * cimag(phase);
            bool is_twice = u > 0 && 2 * u < c->width;

            sum += is_twice ? 2 * part : part;
            phase *= rotate;
        }
        total += sum;
    }
    return total;
}

/* The top of a parabola through three equidistant values, in steps. */
static double
vertex(double before, double at, double after)
{
    double curvature = before - 2 * at + after;

    return curvature < 0 ? CLAMP((before - after) / (2 * curvature), -1, 1)
                         : 0;
}

static void
refine(const CsCorrelator *c, double *dx, double *dy)
{
    static const double steps_px[] = { 1, 1, 0.5, 0.25 };

    for (size_t round = 0; round < G_N_ELEMENTS(steps_px); round++) {
        double h = steps_px[round];
        double at = correlation_at(c, *dx, *dy);
        double x = vertex(correlation_at(c, *dx - h, *dy), at,
                          correlation_at(c, *dx + h, *dy));
        double y = vertex(correlation_at(c, *dx, *dy - h), at,
                          correlation_at(c, *dx, *dy + h));

        *dx += h * x;
        *dy += h * y;
    }
}

/* The highest point of the plane, as a signed shift; and how far it stands
 * out of the rest. */
static void
find_peak(const CsCorrelator *c, CsMatch *match)
{
    size_t n = c->width * c->height, best = 0;
    double sum = 0, squares = 0, mean;

    for (size_t i = 0; i < n; i++) {
        double value = (double) c->plane[i];

        sum += value;
        squares += value * value;
        if (c->plane[i] > c->plane[best])
            best = i;
    }
    mean = sum / (double) n;
    match->dx = frequency(best % c->width, c->width) * (double) c->width;
    match->dy = frequency(best / c->width, c->height) * (double) c->height;
    match->strength = ((double) c->plane[best] - mean)
                      / sqrt(fmax(squares / (double) n - mean * mean, 1e-30));
}

/* Noise over slope: the sd of a shift when a texture t is seen with noise n of
 * power N a coefficient is sqrt(N / sum (2 pi f |t|)^2), with filters on both. */
static double
shift_sd(const CsCorrelator *c, double dx, double dy)
{
    double slope = 0, noise = 0, n = fmax(c->n_learned, 1);

    for (size_t v = 0; v < c->height; v++)
        for (size_t u = 0; u < c->half; u++) {
            size_t k = v * c->half + u;
            double fx = frequency(u, c->width), fy = frequency(v, c->height);
            double f2 = 2 * G_PI * G_PI * (fx * fx + fy * fy);
            double complex phase
                = cexp(I * 2 * G_PI * (fx * dx + fy * dy));
            double complex mean = c->template[k] / n;
            double complex rest = c->spectrum[k] - mean * phase;
            double w = (double) c->filter[k];

            slope += w * f2 * pow(cabs(mean), 2);
            noise += w * w * f2 * pow(cabs(rest), 2) * pow(cabs(mean), 2);
        }
    return slope > 0 ? sqrt(noise / 2) / slope : INFINITY;
}

void
cs_correlator_match(CsCorrelator *c, const CsImage *texture, CsMatch *match)
{
    size_t n = c->half * c->height;

    memcpy(c->plane, texture->px,
           c->width * c->height * sizeof *c->plane);
    fftwf_execute(c->forward);
    *match = (CsMatch) { 0, 0, 0, INFINITY };
    if (!(c->n_learned > 0))
        return;
    for (size_t k = 0; k < n; k++)
        c->product[k]
            = c->template[k] * conjf(c->spectrum[k]) * c->filter[k];
    fftwf_execute(c->backward);
    /* the transform back has spent its input */
    for (size_t k = 0; k < n; k++)
        c->product[k]
            = c->template[k] * conjf(c->spectrum[k]) * c->filter[k];
    find_peak(c, match);
    refine(c, &match->dx, &match->dy);
    match->sd = shift_sd(c, match->dx, match->dy);
}

void
cs_correlator_learn(CsCorrelator *c, double dx, double dy)
{
    float keep = (float) (1 - 1 / MEMORY);

    for (size_t k = 0; k < N_RINGS; k++)
        c->ring_power[k] *= (double) keep;
    for (size_t v = 0; v < c->height; v++) {
        double turn_y = -2 * G_PI * frequency(v, c->height) * dy;
        double complex phase = cexp(I * turn_y);
        double complex rotate
            = cexp(-I * 2 * G_PI * dx / (double) c->width);

        for (size_t u = 0; u < c->half; u++) {
            size_t k = v * c->half + u;

            c->ring_power[ring_of(c, u, v)]
                += pow((double) cabsf(c->spectrum[k]), 2);
            c->template[k] = keep * c->template[k]
                             + c->spectrum[k] * (float complex) phase;
            phase *= rotate;
        }
    }
    c->n_learned = (double) keep * c->n_learned + 1;
    c->n_squares = (double) (keep * keep) * c->n_squares + 1;
    if (c->n_learned > 1.5)
        tune_filter(c);
}
