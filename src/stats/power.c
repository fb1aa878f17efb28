/* How many particles it takes: the power of comparisons.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/stats.h"

enum { STEPS = 2000, MAX_N = 100000 };

static double
normal_below(double x)
{
    return 0.5 * erfc(-x / G_SQRT2);
}

/* The density of s = sqrt(chi squared / df). */
static double
chi_density(double s, double df)
{
    return exp(G_LN2 + 0.5 * df * log(0.5 * df) - lgamma(0.5 * df)
               + (df - 1) * log(s) - 0.5 * df * s * s);
}

/* P(|T| > t) of Student's t shifted by delta: given s it is a normal tail,
 * and s is integrated over (Simpson's rule, to 12 sd either way). */
static double
shifted_beyond(double t, double df, double delta)
{
    double width = 12 / sqrt(2 * df);
    double lo = fmax(1 - width, 1e-12), hi = 1 + width;
    double step = (hi - lo) / STEPS, sum = 0;

    for (int i = 0; i <= STEPS; i++) {
        double s = lo + step * i;
        double tails = normal_below(delta - t * s)
                       + normal_below(-delta - t * s);
        int weight = i == 0 || i == STEPS ? 1 : 2 + 2 * (i % 2);

        sum += weight * tails * chi_density(s, df);
    }
    return fmin(sum * step / 3, 1);
}

double
cs_power_two_means(double difference_sd, size_t n, double level)
{
    double df = 2 * (double) n - 2;

    if (n < 2 || !(level > 0 && level < 1) || !isfinite(difference_sd))
        return NAN;
    return shifted_beyond(cs_student_quantile(0.5 + level / 2, df), df,
                          difference_sd * sqrt((double) n / 2));
}

size_t
cs_power_n_particles(double difference_sd, double power, double level)
{
    double far, least;

    if (!(power > 0 && power < 1) || !(difference_sd > 0))
        return 0;
    /* were the sd known, so many would do; fewer never do */
    far = cs_normal_quantile(0.5 + level / 2) + cs_normal_quantile(power);
    least = 0.95 * 2 * pow(fmax(far, 0) / difference_sd, 2);
    for (size_t n = 2; n <= MAX_N; n += n < 200 ? 1 : n / 100) {
        bool exact_can = 2 / cs_choose(2 * n, n) <= 1 - level;

        if ((double) n >= least && exact_can
            && cs_power_two_means(difference_sd, n, level) >= power)
            return n;
    }
    return 0;
}
