/* An experiment under way, as its steps see it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/bench.h"
#include "coatscope/experiment.h"
#include "coatscope/lab_clock.h"
#include "coatscope/motion.h"
#include "coatscope/stage_bench.h"
#include "coatscope/supply.h"
#include "coatscope/wire_bench.h"
#include "protocol/journal.h"

typedef struct {
    const CsExperimentOptions *options;
    const CsJob *job;
    const char  *dir;
    CsProtocol   protocol;
    CsJournal    journal;
    CsLabClock  *clock;
    /* Opened when first needed; NULL before. */
    CsSupply    *supply, *source_meter;
    CsMotion    *motion;
    bool         has_eyes;    /* images to see with: simulated only         */
    /* The bench. */
    CsBench     *supply_bench, *source_bench;
    CsWireBench  wire;
    CsStageScene *scene;
    CsStageBench *stage;
    struct {
        gint      is_short, is_limited, is_lost; /* atomic; by the recording */
    } contact;
} CsExperiment;

/* What a step does. Errors are put after its id by the caller. */
typedef bool (*CsStepRun)(CsExperiment *x, const CsProtocolStep *step,
                          GError **error);
CsStepRun cs_step_run_of(const CsStepKind *kind);

/* Each in a file of its own. */
bool cs_step_person(CsExperiment *x, const CsProtocolStep *s, GError **error);
bool cs_step_cure(CsExperiment *x, const CsProtocolStep *s, GError **error);
bool cs_step_expose(CsExperiment *x, const CsProtocolStep *s, GError **error);
bool cs_step_purge(CsExperiment *x, const CsProtocolStep *s, GError **error);
bool cs_step_polish(CsExperiment *x, const CsProtocolStep *s, GError **error);
bool cs_step_height(CsExperiment *x, const CsProtocolStep *s, GError **error);
bool cs_step_approach(CsExperiment *x, const CsProtocolStep *s,
                      GError **error);
bool cs_step_dose(CsExperiment *x, const CsProtocolStep *s, GError **error);
bool cs_step_record(CsExperiment *x, const CsProtocolStep *s, GError **error);
bool cs_step_measure(CsExperiment *x, const CsProtocolStep *s, GError **error);
bool cs_step_report(CsExperiment *x, const CsProtocolStep *s, GError **error);
bool cs_step_retract(CsExperiment *x, const CsProtocolStep *s, GError **error);

/* ---- Journal and talk ------------------------------------------------------ */

/* Adds an entry at the experiment's own time. */
bool cs_run_note(CsExperiment *x, const CsProtocolStep *s, const char *event,
                 const char *text, GError **error);
bool cs_run_value(CsExperiment *x, const CsProtocolStep *s, const char *name,
                  double value, const char *unit, GError **error);
bool cs_run_text(CsExperiment *x, const CsProtocolStep *s, const char *name,
                 const char *text, GError **error);

void cs_run_tell(const CsExperiment *x, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/* Asks; the fallback where defaults are taken. */
bool cs_run_ask(CsExperiment *x, const char *question, const char *fallback,
                char **answer, GError **error);
bool cs_run_confirm(CsExperiment *x, const char *question, bool *yes,
                    GError **error);

/* Asks for a number until it is one; outside the parameter's range it is a
 * deviation, with the reason. Keeps it in the journal. */
bool cs_run_number(CsExperiment *x, const CsProtocolStep *s,
                   const CsStepParameter *p, double *value, GError **error);

/* Something is not as the protocol wants it: asked why, kept. */
bool cs_run_deviation(CsExperiment *x, const CsProtocolStep *s,
                      const char *what, GError **error);

/* Lets time pass with a reminder now and then; *waited_s is less where the
 * person cut it short. */
bool cs_run_wait(CsExperiment *x, const CsProtocolStep *s, double seconds,
                 double *waited_s, GError **error);

/* ---- Instruments ------------------------------------------------------------ */

/* Whether the experiment was asked for that fault. */
bool cs_run_has_fault(const CsExperiment *x, const char *name);

/* Opens what a step needs, real or on the bench; *has false: there is none, a
 * person has to do it. */
bool cs_run_open_supply(CsExperiment *x, bool *has, GError **error);
bool cs_run_open_source(CsExperiment *x, bool *has, GError **error);
bool cs_run_open_stage(CsExperiment *x, bool *has, GError **error);

/* Outputs off, needle back; says what could not be confirmed. */
bool cs_run_make_safe(CsExperiment *x, GError **error);
void cs_run_close(CsExperiment *x);

/* Writes DIR/report.html. */
bool cs_run_report(CsExperiment *x, GError **error);
