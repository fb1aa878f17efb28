/* Distributions: quantiles by bisection of what is monotone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "coatscope/stats.h"

enum { BISECTIONS = 200, FRACTIONS = 500 };

double
cs_choose(size_t n, size_t k)
{
    double product = 1;

    if (k > n)
        return 0;
    k = MIN(k, n - k);
    for (size_t i = 1; i <= k; i++)
        product = product * (double) (n - k + i) / (double) i;
    return product < 0x1p53 ? round(product) : product;
}

/* Away from 0, as the modified Lentz method wants it. */
static double
nonzero(double x)
{
    return fabs(x) < 1e-300 ? 1e-300 : x;
}

/* The continued fraction of the incomplete beta function (Abramowitz & Stegun
 * 26.5.8), evaluated by the modified Lentz method. */
static double
beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 / nonzero(1 - (a + b) * x / (a + 1)), h = d;

    for (int m = 1; m <= FRACTIONS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x
                     / ((a + 2 * m) * (a + 2 * m + 1));
        double change;

        d = 1 / nonzero(1 + even * d);
        c = nonzero(1 + even / c);
        h *= d * c;
        d = 1 / nonzero(1 + odd * d);
        c = nonzero(1 + odd / c);
        change = d * c;
        h *= change;
        if (fabs(change - 1) < 1e-15)
            break;
    }
    return h;
}

/* The share of the beta distribution below x. */
static double
beta_below(double a, double b, double x)
{
    double front;

    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x)
                + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

static double
beta_quantile(double p, double a, double b)
{
    double lo = 0, hi = 1;

    for (int i = 0; i < BISECTIONS && lo < hi; i++) {
        double middle = (lo + hi) / 2;

        if (beta_below(a, b, middle) < p)
            lo = middle;
        else
            hi = middle;
    }
    return (lo + hi) / 2;
}

double
cs_normal_quantile(double p)
{
    double lo = -40, hi = 40;

    if (!(p > 0 && p < 1))
        return NAN;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (lo + hi) / 2;

        if (erfc(-middle / G_SQRT2) / 2 < p)
            lo = middle;
        else
            hi = middle;
    }
    return (lo + hi) / 2;
}

double
cs_student_p(double t, double df)
{
    return beta_below(df / 2, 0.5, df / (df + t * t));
}

double
cs_student_quantile(double p, double df)
{
    double tail = p < 0.5 ? 2 * p : 2 * (1 - p), x;

    if (!(p > 0 && p < 1) || !(df > 0))
        return NAN;
    x = beta_quantile(tail, df / 2, 0.5);
    return (p < 0.5 ? -1 : 1) * sqrt(df * (1 - x) / x);
}

double
cs_chi2_p(double x)
{
    return x > 0 ? erfc(sqrt(x / 2)) : isnan(x) ? NAN : 1;
}

CsInterval
cs_binomial_interval(size_t k, size_t n, double level)
{
    double tail = (1 - level) / 2, yes = (double) k, no = (double) (n - k);
    CsInterval i = { 0, 1 };

    if (k > 0)
        i.lo = beta_quantile(tail, yes, no + 1);
    if (k < n)
        i.hi = beta_quantile(1 - tail, yes + 1, no);
    return i;
}

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

double
cs_quantile(double *value, size_t n, double p)
{
    double at = p * ((double) n - 1);
    size_t i;

    if (n == 0 || isnan(p))
        return NAN;
    qsort(value, n, sizeof *value, by_value);
    i = (size_t) CLAMP(at, 0, (double) (n - 1));
    if (i + 1 >= n)
        return value[n - 1];
    return value[i] + (MAX(at, 0) - (double) i) * (value[i + 1] - value[i]);
}
