/* Information: what a parameter must earn.
 *
 * Burnham & Anderson, Model Selection and Multimodel Inference (2002).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/stats.h"

double
cs_aic(double n, double rss, double k)
{
    return n * log(rss / n) + 2 * k;
}

double
cs_aicc(double n, double rss, double k)
{
    if (n <= k + 1)
        return INFINITY;
    return cs_aic(n, rss, k) + 2 * k * (k + 1) / (n - k - 1);
}

double
cs_bic(double n, double rss, double k)
{
    return n * log(rss / n) + k * log(n);
}

double
cs_autocorrelation(const double *residual, size_t n)
{
    double next = 0, all = 0;

    for (size_t i = 0; i < n; i++) {
        all += residual[i] * residual[i];
        if (i > 0)
            next += residual[i] * residual[i - 1];
    }
    return n >= 3 && all > 0 ? next / all : 0;
}

double
cs_effective_n(size_t n, double rho)
{
    double worth = (double) n * (1 - rho) / (1 + rho);

    return CLAMP(worth, MIN(1, (double) n), (double) n);
}
