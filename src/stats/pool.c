/* Pooling: DerSimonian & Laird, with the errors of Hartung & Knapp.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/stats.h"

typedef struct {
    double w, ww, wy, wrr; /* sums of w, w^2, w y, w (y - mean)^2 */
} Sums;

static bool
is_usable(double value, double se)
{
    return isfinite(value) && isfinite(se) && se > 0;
}

static Sums
add_up(const double *value, const double *se, size_t n, double tau2)
{
    Sums s = { 0 };

    for (size_t i = 0; i < n; i++) {
        double w = 1 / (se[i] * se[i] + tau2);

        if (!is_usable(value[i], se[i]))
            continue;
        s.w += w;
        s.ww += w * w;
        s.wy += w * value[i];
    }
    for (size_t i = 0; i < n; i++)
        if (is_usable(value[i], se[i]))
            s.wrr += pow(value[i] - s.wy / s.w, 2)
                     / (se[i] * se[i] + tau2);
    return s;
}

static CsInterval
around(double mean, double half)
{
    return (CsInterval) { mean - half, mean + half };
}

CsPooled
cs_pool(const double *value, const double *se, size_t n, double level)
{
    CsPooled p = {
        .mean = NAN, .se = NAN, .tau2 = NAN, .q = NAN, .hk_se = NAN,
        .normal = { NAN, NAN }, .student = { NAN, NAN },
    };
    double up = (1 + level) / 2, degrees;
    Sums s;

    for (size_t i = 0; i < n; i++)
        p.n += is_usable(value[i], se[i]);
    if (p.n == 0)
        return p;
    degrees = (double) p.n - 1;
    s = add_up(value, se, n, 0);
    p.q = s.wrr;
    p.tau2 = p.n > 1 ? MAX(0, (p.q - degrees) / (s.w - s.ww / s.w)) : 0;
    s = add_up(value, se, n, p.tau2);
    p.mean = s.wy / s.w;
    p.se = sqrt(1 / s.w);
    p.normal = around(p.mean, cs_normal_quantile(up) * p.se);
    if (p.n < 2)
        return p;
    p.hk_se = sqrt(s.wrr / (degrees * s.w));
    p.student = around(p.mean, cs_student_quantile(up, degrees) * p.hk_se);
    return p;
}
