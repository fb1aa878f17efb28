/* Bytes of pixels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stddef.h>

/* How many bytes n stored ones may at most unpack to, whatever packed them:
 * 64 MiB and 1032 times as many, which deflate cannot beat. */
size_t cs_bytes_most_unpacked(size_t n_stored);

/* Turns round the bytes of each number of `size` bytes in n_bytes. */
void cs_bytes_swap(void *numbers, size_t n_bytes, size_t size);
