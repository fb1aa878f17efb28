/* The results at one moment, as the store has them: never changed, given away
 * by reference, replaced as a whole.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/edits.h"
#include "coatscope/ranking.h"
#include "coatscope/resolve.h"
#include "coatscope/store.h"
#include "server/request.h"

/* A particle with all that was decided about it; texts and lists are the
 * model's. */
typedef struct {
    int         particle_id;
    size_t      base; /* its index in the survey; SIZE_MAX: made by an edit */
    const char *name;
    const char *status; /* "automatic", … as in docs/api.md                 */
    const int  *replaced_by;
    size_t      n_replaced_by;
    bool        is_edited;
    bool        is_pending; /* not solved since its last edit               */
    size_t      n_edits;
    const char *note;
    const CsFit     *fit;     /* or NULL                                    */
    const CsVerdict *verdict; /* or NULL                                    */
    const char      *automatic; /* where the verdict is a person's: ours    */
    const CsVerdict *by_hand;   /* that of a person, or NULL                */
    size_t           n_drawn;   /* polygons, in the order they were drawn   */
    CsDrawnOutline  *drawn;
    const char      *key;       /* the edits that drew them                 */
    struct CsSolved *solved;    /* what was traced from them, or NULL       */
} CsParticle;

struct CsSolver;

typedef struct {
    size_t      n;
    CsParticle *particle; /* in the order of their ids                      */
} CsParticles;

typedef struct {
    gint      n_refs; /* atomic */
    guint64   revision;
    CsKeptAll all;     /* a survey                                          */
    double  **dose_e_per_A2; /* of each recording, of each frame            */
    CsParticles *of;   /* each recording                                    */
    CsEdits    edits;  /* all, withdrawn ones too                           */
    GPtrArray *owned;  /* what particles lend: verdicts by hand             */
    GPtrArray *polygons;
    GStringChunk *texts;
    CsRanking ranking; /* of no row where coatings are not compared         */
} CsSnapshot;

/* With what the solver (may be NULL) has solved. Errors: those of
 * cs_store_survey. */
CsSnapshot *cs_model_load(CsStore *store, struct CsSolver *solver,
                       guint64 revision, GError **error);
CsSnapshot *cs_model_ref(CsSnapshot *model);
void     cs_model_unref(CsSnapshot *model); /* takes NULL */

/* The recording of a request's first param, by its number; false with 404. */
bool cs_model_recording(const CsSnapshot *model, const CsRequest *request,
                        size_t *r, CsRefusal *refusal);

/* The particle of recording number r in param i; NULL with 404. */
const CsParticle *cs_model_particle(const CsSnapshot *model, size_t r,
                                    const CsRequest *request, size_t i,
                                    CsRefusal *refusal);
size_t cs_model_n_edits(const CsSnapshot *model, size_t r);

/* The number of frame in param i; false with 404. */
bool cs_model_frame(const CsKept *kept, const CsRequest *request, size_t i,
                    size_t *frame, CsRefusal *refusal);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsSnapshot, cs_model_unref)
