/* Experiment: a protocol carried out, in a folder that keeps all of it.
 *
 *     DIR/protocol.yaml   as it was when it began
 *     DIR/journal.jsonl   all that happened, synced line by line
 *     DIR/recordings/     frames (MRC), their times, the bias log
 *     DIR/results/        what was measured of them
 *     DIR/report.html     the whole on one page
 *
 * Stopped at any moment, by a fault, Ctrl-C or a dead terminal, it goes on at
 * the step where it was.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"
#include "coatscope/protocol.h"

G_BEGIN_DECLS

/* How it talks with the person at the instrument. */
typedef struct {
    /* Asks; *answer (to be freed) is what was typed, without the line's end.
     * Only where answers by defaults were not asked for. */
    bool (*ask)(const char *question, const char *fallback, char **answer,
                void *user, GError **error);
    void (*tell)(const char *line, void *user);
    /* Whether a wait is to be cut short (a key was pressed). May be NULL. */
    bool (*is_impatient)(void *user);
    void *user;
} CsExperimentTalk;

typedef struct {
    bool               is_simulated; /* the bench on loopback, its own clock */
    bool               says_yes;     /* answers by defaults                 */
    const char *const *faults;       /* names of cs_experiment_faults, or NULL;
                                        simulated only                      */
    const char        *supply;       /* addresses; NULL: none, by hand      */
    const char        *source_meter;
    CsExperimentTalk   talk;
} CsExperimentOptions;

/* A fault of the bench, and what it is. */
typedef struct {
    const char *name;
    const char *help;
} CsExperimentFault;

/* All of them, ending with a NULL name. */
const CsExperimentFault *cs_experiment_faults(void);

/* Carries out the protocol in dir, or goes on with it. However it ends, outputs
 * are off and the needle is back, or the error says which could not be
 * confirmed; the report is written.
 *
 * Errors: those of cs_protocol_read; CS_ERROR_ARGUMENT (dir belongs to another
 * protocol, an unknown fault, a gate that was not passed); those of steps, with
 * the step's id. */
bool cs_experiment_run(const char *protocol, const char *dir,
                       const CsExperimentOptions *options, const CsJob *job,
                       GError **error);

G_END_DECLS
