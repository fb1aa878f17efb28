/* Random numbers that depend on what they are for, not on who asks first.
 *
 * A stream is named by a seed and two numbers (say frame and row), so any
 * thread can draw any row of any frame: the same bytes on any number of
 * threads.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdint.h>

/* xoshiro256++ (Blackman & Vigna 2019). */
typedef struct {
    uint64_t s[4];
} CsRandom;

void     cs_random_seed(CsRandom *random, uint64_t seed, uint64_t a,
                        uint64_t b);
uint64_t cs_random_next(CsRandom *random);

/* Uniform in (0, 1). */
double cs_random_uniform(CsRandom *random);
double cs_random_gauss(CsRandom *random);

/* Exact for every mean from 0 up: inversion below 10, above it Hoermann's
 * transformed rejection (Insurance: Math. and Econ. 12, 39, 1993). */
unsigned cs_random_poisson(CsRandom *random, double mean);

/* A hash of up to three numbers in [0, 1). */
double cs_random_hash(uint64_t seed, int64_t i, int64_t j);

/* Smooth noise of mean 0 and about unit variance, correlated over 1, at any
 * point of the plane: between values at the points of a lattice, or between
 * slopes there, which is finer and shows less of the lattice. */
typedef double (*CsRandomField)(uint64_t seed, double x, double y);
double cs_random_field(uint64_t seed, double x, double y);
double cs_random_slopes(uint64_t seed, double x, double y);
