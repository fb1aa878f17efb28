/* Simulator: recipe -> recording with known truth.
 *
 *     recipe ─▶ CsSimulation ─▶ CsRecording (frames on demand)
 *                            └▶ truth: outlines, shifts, measures, events
 *
 * The same recipe gives the same bytes, whichever thread asks for whichever
 * frame first. Memory does not grow with the number of frames but for about
 * 200 bytes each. Physics: SCIENCE 3, 4, 7.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/frame.h"
#include "coatscope/image.h"
#include "coatscope/job.h"
#include "coatscope/measures.h"
#include "coatscope/outlines.h"
#include "coatscope/recipe.h"
#include "coatscope/recording.h"
#include "coatscope/shifts.h"

G_BEGIN_DECLS

typedef struct CsSimulation CsSimulation;

/* Prepares scene, motion and clock. The recipe is copied; it must be that of
 * one recording (cs_recipe_recording). Errors: CS_ERROR_ARGUMENT as of
 * cs_recipe_check, CS_ERROR_LIMIT. */
CsSimulation *cs_simulation_new(const CsRecipe *recipe, const CsJob *job,
                                GError **error);
CsSimulation *cs_simulation_ref(CsSimulation *simulation);
void          cs_simulation_unref(CsSimulation *simulation); /* takes NULL */

/* What it was made from; lives as long as the simulation. */
const CsRecipe *cs_simulation_recipe(const CsSimulation *simulation);

/* Fills frame number index. Several threads may call it at once. */
bool cs_simulation_render(const CsSimulation *simulation, size_t index,
                          CsFrame *frame, GError **error);

/* Expected electrons a pixel at the camera, before counting noise. */
bool cs_simulation_expect(const CsSimulation *simulation, size_t index,
                          CsImage *electrons, GError **error);

/* The same as a recording, with scale, times and dose rate. */
CsRecording *cs_simulation_record(CsSimulation *simulation, GError **error);

/* ---- Truth ---------------------------------------------------------------- */

/* What the name of an event says of a particle (0: of the recording). */
typedef struct {
    int         particle_id;
    const char *event;      /* "contact", "onset", "break", "bias-on", …     */
    double      time_lo_s, time_hi_s;
    size_t      frame_lo, frame_hi;
    char        detail[96];
} CsTruthEvent;

typedef struct {
    size_t        n;
    CsTruthEvent *event;
} CsTruthEvents;

#define CS_TRUTH_EVENTS_INIT { 0 }
void cs_truth_events_clear(CsTruthEvents *events);

/* Outer and core contours, exact, about each particle's centre. Where a
 * particle is cut by the field, its outline is marked so; areas are those of
 * the whole. rim is the optical depth of the coats at the core's edge. */
bool cs_simulation_outlines(const CsSimulation *simulation, size_t n_angles,
                            CsOutlines *outlines, GError **error);

/* The true shifts, with jumps and spoilt frames flagged. */
bool cs_simulation_shifts(const CsSimulation *simulation, CsShifts *shifts,
                          GError **error);

/* Rows as in areas.csv; sd are 0, expansion against the first frame. */
bool cs_simulation_measures(const CsSimulation *simulation,
                            CsMeasures *measures, GError **error);

/* What happens when. events is initialised and empty. */
void cs_simulation_events(const CsSimulation *simulation,
                          CsTruthEvents *events);

/* Labels of frame index: 0, or the id of the particle (the last where some
 * overlap) whose outer (core: core) outline holds the pixel's centre. uint8. */
bool cs_simulation_labels(const CsSimulation *simulation, size_t index,
                          bool core, CsFrame *labels, GError **error);

/* Bias and current at the log's own rate. */
typedef struct {
    double time_s, bias_V, current_A;
} CsBiasSample;

/* Number of samples; 0 where no log is asked for. */
size_t       cs_simulation_n_bias(const CsSimulation *simulation);
CsBiasSample cs_simulation_bias(const CsSimulation *simulation, size_t i);

/* Writes recording.FORMAT, bias.csv, campaign.yaml, recipe.yaml and truth/
 * into dir, which must not exist or be empty. `format` is the name of a
 * writer. Campaigns get a folder a recording.
 *
 * Errors: CS_ERROR_ARGUMENT, CS_ERROR_IO, CS_ERROR_CANCELLED, … */
bool cs_simulate_to_folder(const CsRecipe *recipe, const char *dir,
                           const char *format, const CsJob *job,
                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsSimulation, cs_simulation_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsTruthEvents, cs_truth_events_clear)

G_END_DECLS
