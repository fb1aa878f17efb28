/* Selection by partition (C. A. R. Hoare, algorithm 65, 1961).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/select.h"

static void
swap(float *a, float *b)
{
    float old = *a;

    *a = *b;
    *b = old;
}

/* Parts value[low … high] into what is not greater, up to the place returned,
 * and what is not less, after it. */
static size_t
part(float *value, size_t low, size_t high)
{
    float pivot = value[low + (high - low) / 2];
    size_t i = low, j = high;

    for (;;) {
        while (value[i] < pivot)
            i++;
        while (value[j] > pivot)
            j--;
        if (i >= j)
            return j;
        swap(&value[i++], &value[j--]);
    }
}

float
cs_select(float *value, size_t n, size_t wanted)
{
    size_t low = 0, high = n - 1;

    while (low < high) {
        size_t last = part(value, low, high);

        if (wanted <= last)
            high = last;
        else
            low = last + 1;
    }
    return value[wanted];
}
