/* What benchmarks share: a clock, peak memory, recordings to work on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Seconds on a clock that only goes forwards. */
double bench_now_s(void);

/* The most memory this process has used so far. */
double bench_peak_mib(void);

/* Writes n_frames of side x side 16-bit noise about a level as a recording at
 * path (its suffix says the format); dies with a message if it cannot. */
void bench_write_recording(const char *path, size_t side, size_t n_frames);

/* Runs a program (argv ends with NULL), its output thrown away; the seconds it
 * took, or NAN if it failed. */
double bench_command_s(const char *const *argv);

/* The smallest of n runs of f(data). */
double bench_best_s(unsigned n, double (*f)(void *data), void *data);
