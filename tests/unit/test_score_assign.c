/* Assignment: the best pairs, against brute force.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <math.h>

#include "score/assign.h"

enum { MOST = 6 };

/* The best total by trying everything; columns used are bits of `used`. */
static double
brute_force(const double *gain, size_t n_rows, size_t n_columns, size_t row,
            unsigned used)
{
    double best;

    if (row == n_rows)
        return 0;
    best = brute_force(gain, n_rows, n_columns, row + 1, used);
    for (size_t j = 0; j < n_columns; j++)
        if ((used & 1u << j) == 0)
            best = fmax(best, gain[row * n_columns + j]
                                  + brute_force(gain, n_rows, n_columns,
                                                row + 1, used | 1u << j));
    return best;
}

static void
finds_the_best_sum_of_random_tables(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    for (int trial = 0; trial < 300; trial++) {
        size_t n_rows = (size_t) g_rand_int_range(rand, 0, MOST + 1);
        size_t n_columns = (size_t) g_rand_int_range(rand, 0, MOST + 1);
        double gain[MOST * MOST] = { 0 }, sum = 0;
        size_t column_of[MOST + 1];
        unsigned used = 0;

        for (size_t k = 0; k < n_rows * n_columns; k++)
            gain[k] = g_rand_boolean(rand) ? g_rand_double(rand) : 0;
        cs_assign(gain, n_rows, n_columns, column_of);
        for (size_t i = 0; i < n_rows; i++) {
            size_t j = column_of[i];

            if (j == CS_UNASSIGNED)
                continue;
            g_assert_cmpuint(j, <, n_columns);
            g_assert_cmphex(used & 1u << j, ==, 0);
            g_assert_cmpfloat(gain[i * n_columns + j], >, 0);
            used |= 1u << j;
            sum += gain[i * n_columns + j];
        }
        g_assert_cmpfloat_with_epsilon(
            sum, brute_force(gain, n_rows, n_columns, 0, 0), 1e-12);
    }
}

static void
gives_up_a_good_pair_for_two_better_ones(void)
{
    const double gain[] = { 0.9, 0.8, 0.7, 0.1 };
    size_t column_of[2];

    cs_assign(gain, 2, 2, column_of);
    g_assert_cmpuint(column_of[0], ==, 1);
    g_assert_cmpuint(column_of[1], ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/score/assign/best",
                    finds_the_best_sum_of_random_tables);
    g_test_add_func("/score/assign/trade",
                    gives_up_a_good_pair_for_two_better_ones);
    return g_test_run();
}
