/* Bytes of pixels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stddef.h>

/* Turns round the bytes of each number of `size` bytes in n_bytes. */
void cs_bytes_swap(void *numbers, size_t n_bytes, size_t size);
