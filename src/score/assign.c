/* The assignment problem by shortest augmenting paths with potentials
 * (H. W. Kuhn, Naval Res. Logist. Q. 2, 83, 1955; in the form of R. Jonker and
 * A. Volgenant, Computing 38, 325, 1987). The matrix is made square with
 * pairs of no gain.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "score/assign.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Rows and columns count from 1; 0 is the root of the search. */
typedef struct {
    size_t  n;
    double *row_price;    /* n + 1 */
    double *column_price;
    size_t *row_of;       /* of a column, 0 while free */
    size_t *from;         /* column before this one on the path */
    double *slack;        /* least reduced cost to reach a column */
    bool   *seen;
} Search;

static double
cost(const double *gain, size_t n_rows, size_t n_columns, size_t row,
     size_t column)
{
    if (row > n_rows || column > n_columns)
        return 0;
    return -gain[(row - 1) * n_columns + column - 1];
}

/* The unseen column that is cheapest to reach next. */
static size_t
nearest_column(const Search *s)
{
    size_t best = 0;

    for (size_t j = 1; j <= s->n; j++)
        if (!s->seen[j] && (best == 0 || s->slack[j] < s->slack[best]))
            best = j;
    return best;
}

static void
relax(Search *s, size_t column, const double *gain, size_t n_rows,
      size_t n_columns)
{
    size_t row = s->row_of[column];

    for (size_t j = 1; j <= s->n; j++) {
        double reduced;

        if (s->seen[j])
            continue;
        reduced = cost(gain, n_rows, n_columns, row, j) - s->row_price[row]
                  - s->column_price[j];
        if (reduced < s->slack[j]) {
            s->slack[j] = reduced;
            s->from[j] = column;
        }
    }
}

static void
raise_prices(Search *s, double by)
{
    for (size_t j = 0; j <= s->n; j++) {
        if (s->seen[j]) {
            s->row_price[s->row_of[j]] += by;
            s->column_price[j] -= by;
        } else {
            s->slack[j] -= by;
        }
    }
}

/* Finds a column for one more row, moving others along the cheapest path. */
static void
place_row(Search *s, size_t row, const double *gain, size_t n_rows,
          size_t n_columns)
{
    size_t column = 0;

    s->row_of[0] = row;
    memset(s->seen, 0, (s->n + 1) * sizeof *s->seen);
    for (size_t j = 0; j <= s->n; j++)
        s->slack[j] = INFINITY;
    do {
        size_t next;

        s->seen[column] = true;
        relax(s, column, gain, n_rows, n_columns);
        next = nearest_column(s);
        raise_prices(s, s->slack[next]);
        column = next;
    } while (s->row_of[column] != 0);
    while (column != 0) {
        size_t before = s->from[column];

        s->row_of[column] = s->row_of[before];
        column = before;
    }
}

void
cs_assign(const double *gain, size_t n_rows, size_t n_columns,
          size_t *column_of)
{
    size_t n = MAX(n_rows, n_columns);
    g_autofree double *numbers = g_new0(double, 3 * (n + 1));
    g_autofree size_t *indices = g_new0(size_t, 2 * (n + 1));
    g_autofree bool *seen = g_new0(bool, n + 1);
    Search s = {
        .n = n,
        .row_price = numbers,
        .column_price = numbers + n + 1,
        .slack = numbers + 2 * (n + 1),
        .row_of = indices,
        .from = indices + n + 1,
        .seen = seen,
    };

    for (size_t i = 0; i < n_rows; i++)
        column_of[i] = CS_UNASSIGNED;
    for (size_t row = 1; row <= n; row++)
        place_row(&s, row, gain, n_rows, n_columns);
    for (size_t j = 1; j <= n_columns; j++)
        if (s.row_of[j] <= n_rows
            && gain[(s.row_of[j] - 1) * n_columns + j - 1] > 0)
            column_of[s.row_of[j] - 1] = j - 1;
}
