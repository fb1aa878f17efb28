/* A first go at something hostile in a process of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Runs `work` in a copy of this process and throws the copy away, with all it
 * did in memory. False where the copy died of it, or ran on and on: then
 * it would be so here. What `work` finds is not told: do it again.
 *
 * `work` must start no thread and need no lock that another thread may hold,
 * but for those the caller holds itself.
 *
 * Errors: CS_ERROR_FORMAT, with `what` ("the HDF5 library"); CS_ERROR_IO. */
bool cs_trial_run(void (*work)(void *data), void *data, const char *what,
                  GError **error);
