/* CsSummary: one particle of a recording in a line, from its measures alone.
 *
 * What particles.csv and the report say about a particle is said here once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/measures.h"
#include "coatscope/results.h"

enum { CS_N_OUTLINE_STATES = CS_OUTLINE_FAINT + 1 };

typedef struct {
    int    particle_id;
    size_t first;      /* its rows are first … first + n_rows - 1           */
    size_t n_rows;
    size_t n_measured; /* rows with an area                                 */
    size_t n_state[CS_N_OUTLINE_STATES];
    double area0_nm2;      /* A0, what expansion refers to; or px2          */
    double diameter0_nm;   /* of the circle with that area                  */
    double expansion_final;    /* cs_final_expansion                        */
    double expansion_final_sd;
} CsSummary;

/* How many particles the table has; *summaries (that many) is to be freed
 * with g_free. */
size_t cs_summarise(const CsMeasures *measures, CsSummary **summaries);
