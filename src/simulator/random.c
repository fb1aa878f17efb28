/* Random numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/random.h"

#include <glib.h>
#include <math.h>

/* The finaliser of SplitMix64. */
static uint64_t
mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

void
cs_random_seed(CsRandom *random, uint64_t seed, uint64_t a, uint64_t b)
{
    uint64_t z = mix(seed + 0x9e3779b97f4a7c15ULL);

    z = mix(z ^ (a + 0x632be59bd9b4e019ULL));
    z = mix(z ^ (b + 0xd1b54a32d192ed03ULL));
    for (int i = 0; i < 4; i++)
        random->s[i] = mix(z += 0x9e3779b97f4a7c15ULL);
}

static inline uint64_t
rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static inline uint64_t
next(CsRandom *random)
{
    uint64_t *s = random->s;
    uint64_t result = rotate(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t
cs_random_next(CsRandom *random)
{
    return next(random);
}

static inline double
uniform(CsRandom *random)
{
    return ((double) (next(random) >> 11) + 0.5) * 0x1p-53;
}

double
cs_random_uniform(CsRandom *random)
{
    return uniform(random);
}

/* Marsaglia's polar method; the second number is thrown away so that a
 * stream has no memory beyond its state. */
double
cs_random_gauss(CsRandom *random)
{
    double u, v, s;

    do {
        u = 2 * uniform(random) - 1;
        v = 2 * uniform(random) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);
    return u * sqrt(-2 * log(s) / s);
}

/* ln k!, by Stirling's series from 10 on (better than 1e-11 there). */
static double
log_factorial(double k)
{
    static const double table[] = {
        0, 0, 0.693147180559945, 1.791759469228055, 3.178053830347946,
        4.787491742782046, 6.579251212010101, 8.525161361065415,
        10.604602902745251, 12.801827480081469,
    };
    double n = k + 1;

    if (k < 10)
        return table[(int) k];
    return (n - 0.5) * log(n) - n + 0.918938533204672742
           + (1 / 12.0 - (1 / 360.0 - 1 / (1260 * n * n)) / (n * n)) / n;
}

static unsigned
poisson_small(CsRandom *random, double mean)
{
    double p = exp(-mean), u = uniform(random);
    unsigned k = 0;

    while (u > p && k < 1000) {
        u -= p;
        k++;
        p *= mean / k;
    }
    return k;
}

static unsigned
poisson_large(CsRandom *random, double mean)
{
    double b = 0.931 + 2.53 * sqrt(mean);
    double a = -0.059 + 0.02483 * b;
    double v_r = 0.9277 - 3.6224 / (b - 2);

    for (;;) {
        double u = uniform(random) - 0.5, v = uniform(random);
        double us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + mean + 0.43);
        double inverse_alpha;

        if (us >= 0.07 && v <= v_r)
            return (unsigned) k;
        if (k < 0 || (us < 0.013 && v > us))
            continue;
        inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        if (log(v) + log(inverse_alpha) - log(a / (us * us) + b)
            <= -mean + k * log(mean) - log_factorial(k))
            return (unsigned) k;
    }
}

unsigned
cs_random_poisson(CsRandom *random, double mean)
{
    if (!(mean > 0))
        return 0;
    return mean < 10 ? poisson_small(random, mean)
                     : poisson_large(random, mean);
}

double
cs_random_hash(uint64_t seed, int64_t i, int64_t j)
{
    uint64_t z = mix(seed + 0x9e3779b97f4a7c15ULL * (uint64_t) i);

    z = mix(z + 0xd1b54a32d192ed03ULL * (uint64_t) j);
    return (double) (z >> 11) * 0x1p-53;
}

/* Values at lattice points, joined by quintics (Perlin 2002). The factor
 * makes the mean variance over the cell 1. */
double
cs_random_field(uint64_t seed, double x, double y)
{
    double fx = floor(x), fy = floor(y);
    double u = x - fx, v = y - fy;
    int64_t i = (int64_t) fx, j = (int64_t) fy;
    double top, bottom;

    u = u * u * u * (u * (6 * u - 15) + 10);
    v = v * v * v * (v * (6 * v - 15) + 10);
    top = (1 - u) * cs_random_hash(seed, i, j)
          + u * cs_random_hash(seed, i + 1, j);
    bottom = (1 - u) * cs_random_hash(seed, i, j + 1)
             + u * cs_random_hash(seed, i + 1, j + 1);
    return ((1 - v) * top + v * bottom - 0.5) * 4.421035762965864;
}

/* Slopes at lattice points, joined by quintics (Perlin 2002). */
static double
ramp(uint64_t seed, int64_t i, int64_t j, double u, double v)
{
    uint64_t z = mix(seed + 0x9e3779b97f4a7c15ULL * (uint64_t) i);

    z = mix(z + 0xd1b54a32d192ed03ULL * (uint64_t) j);
    return ((double) (z >> 32) * 0x1p-31 - 1) * u
           + ((double) (z & 0xffffffff) * 0x1p-31 - 1) * v;
}

double
cs_random_slopes(uint64_t seed, double x, double y)
{
    static const double TO_UNIT_VARIANCE = 5.677716904866614; /* mean over a cell */
    double fx = floor(x), fy = floor(y);
    double u = x - fx, v = y - fy;
    int64_t i = (int64_t) fx, j = (int64_t) fy;
    double s = u * u * u * (u * (6 * u - 15) + 10);
    double t = v * v * v * (v * (6 * v - 15) + 10);
    double top = (1 - s) * ramp(seed, i, j, u, v)
                 + s * ramp(seed, i + 1, j, u - 1, v);
    double bottom = (1 - s) * ramp(seed, i, j + 1, u, v - 1)
                    + s * ramp(seed, i + 1, j + 1, u - 1, v - 1);

    return ((1 - t) * top + t * bottom) * TO_UNIT_VARIANCE;
}
