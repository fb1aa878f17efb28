/* Wide: loops compiled for wider vectors as well, of which the processor's own
 * are chosen when the program starts. Results are the same: each element is
 * reckoned alike, sums keep their order, and nothing is fused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Before a function. Sanitizers do not get on with the choice at start. */
#if defined __x86_64__ && defined __GLIBC__ && defined __GNUC__ \
    && !defined __clang__ && !defined __SANITIZE_ADDRESS__ \
    && !defined __SANITIZE_THREAD__
#define CS_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define CS_WIDE
#endif
