/* Particles traced again after edits, by a thread that works on one at a time;
 * what it found is kept in memory and made again when the server starts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "cli/json.h"
#include "coatscope/fits.h"
#include "coatscope/flow.h"
#include "server/routes.h"

/* What came of it: of one particle. */
typedef struct CsSolved {
    gint       n_refs; /* atomic */
    gint64     recording;
    int        particle_id;
    char      *key; /* the edits it was made from                           */
    CsMeasured measured;
    CsFits     fits;
} CsSolved;

CsSolved *cs_solved_ref(CsSolved *solved);
void      cs_solved_unref(CsSolved *solved); /* takes NULL */

typedef struct CsSolver CsSolver;

CsSolver *cs_solver_new(CsServer *server);
void      cs_solver_free(CsSolver *solver); /* takes NULL */

/* What was found for a particle from those edits, or NULL; to be unrefed. */
CsSolved *cs_solver_find(CsSolver *solver, gint64 recording, int particle_id,
                         const char *key);

/* Sees to it that every particle that waits for it is solved. Gives the number
 * of the job for that particle, or 0. */
size_t cs_solver_look(CsSolver *solver, gint64 recording, int particle_id);

/* Members of an object, of an array that is begun. False: no such job. */
bool cs_solver_write_job(CsSolver *solver, size_t id, CsJson *json);
void cs_solver_write_jobs(CsSolver *solver, CsJson *json);
bool cs_solver_cancel(CsSolver *solver, size_t id);
