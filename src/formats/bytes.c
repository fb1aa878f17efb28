/* Bytes of pixels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/bytes.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

enum { UNPACKED_FLOOR = 64 << 20, MAX_RATIO = 1032 };

size_t
cs_bytes_most_unpacked(size_t n_stored)
{
    return UNPACKED_FLOOR
           + MIN(n_stored, SIZE_MAX / 4 / MAX_RATIO) * MAX_RATIO;
}

static void
swap_pairs(uint8_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t number;

        memcpy(&number, at + 2 * i, sizeof number);
        number = GUINT16_SWAP_LE_BE(number);
        memcpy(at + 2 * i, &number, sizeof number);
    }
}

static void
swap_fours(uint8_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t number;

        memcpy(&number, at + 4 * i, sizeof number);
        number = GUINT32_SWAP_LE_BE(number);
        memcpy(at + 4 * i, &number, sizeof number);
    }
}

static void
swap_eights(uint8_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t number;

        memcpy(&number, at + 8 * i, sizeof number);
        number = GUINT64_SWAP_LE_BE(number);
        memcpy(at + 8 * i, &number, sizeof number);
    }
}

void
cs_bytes_swap(void *numbers, size_t n_bytes, size_t size)
{
    if (size == 2)
        swap_pairs(numbers, n_bytes / 2);
    else if (size == 4)
        swap_fours(numbers, n_bytes / 4);
    else if (size == 8)
        swap_eights(numbers, n_bytes / 8);
}
