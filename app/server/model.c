/* The model.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/model.h"

#include <math.h>

#include "coatscope/recording.h"
#include "coatscope/screen.h"

static bool
rank(CsModel *model, GError **error)
{
    g_autofree CsScreenItem *item = g_new0(CsScreenItem, model->all.n + 1);

    for (size_t i = 0; i < model->all.n; i++)
        item[i] = (CsScreenItem) {
            .coating = model->all.item[i].measures.coating,
            .session = model->all.item[i].session,
            .fits = &model->all.item[i].fits,
            .verdicts = &model->all.item[i].verdicts,
        };
    return !model->all.run.is_ranked || model->all.n == 0
           || cs_screen_rank(item, model->all.n, model->all.run.seed,
                             &model->ranking, error);
}

/* The dose is the same for all particles of a frame; the store has it with
 * what was measured. */
static bool
load_dose(CsStore *store, CsModel *model, size_t r, GError **error)
{
    const CsKept *kept = &model->all.item[r];
    g_auto(CsMeasures) measures = CS_MEASURES_INIT;
    size_t n = cs_recording_info(kept->recording)->n_frames;
    double *dose = g_try_new(double, n + 1);

    model->dose_e_per_A2[r] = dose;
    for (size_t i = 0; dose != NULL && i < n; i++)
        dose[i] = NAN;
    if (dose == NULL || kept->outlines.n_particles == 0)
        return dose != NULL;
    if (!cs_store_particle_measures(store, kept, 0, &measures, error))
        return false;
    for (size_t i = 0; i < n && i < measures.n; i++)
        dose[i] = measures.row[i].dose_e_per_A2;
    return true;
}

static const CsFit *
fit_of(const CsFits *fits, int particle_id)
{
    for (size_t i = 0; i < fits->n; i++)
        if (fits->fit[i].particle_id == particle_id)
            return &fits->fit[i];
    return NULL;
}

static void
list_particles(CsModel *model, size_t r)
{
    const CsKept *kept = &model->all.item[r];
    CsParticles *of = &model->of[r];

    of->n = kept->outlines.n_particles;
    of->particle = g_new0(CsParticle, of->n + 1);
    for (size_t p = 0; p < of->n; p++) {
        int id = kept->outlines.particle_id[p];
        g_autofree char *name = g_strdup_printf("p%02d", id);

        of->particle[p] = (CsParticle) {
            .particle_id = id,
            .base = p,
            .name = g_string_chunk_insert(model->texts, name),
            .status = "automatic",
            .fit = fit_of(&kept->fits, id),
            .verdict = cs_verdicts_of(&kept->verdicts, id),
        };
    }
}

CsModel *
cs_model_load(CsStore *store, guint64 revision, GError **error)
{
    g_autoptr(CsModel) model = g_new0(CsModel, 1);

    model->n_refs = 1;
    model->revision = revision;
    model->all = (CsKeptAll) CS_KEPT_ALL_INIT;
    if (!cs_store_survey(store, &model->all, error))
        return NULL;
    model->dose_e_per_A2 = g_new0(double *, model->all.n + 1);
    model->of = g_new0(CsParticles, model->all.n + 1);
    model->texts = g_string_chunk_new(256);
    for (size_t r = 0; r < model->all.n; r++) {
        if (!load_dose(store, model, r, error))
            return NULL;
        list_particles(model, r);
    }
    return rank(model, error) ? g_steal_pointer(&model) : NULL;
}

CsModel *
cs_model_ref(CsModel *model)
{
    g_atomic_int_inc(&model->n_refs);
    return model;
}

void
cs_model_unref(CsModel *model)
{
    if (model == NULL || !g_atomic_int_dec_and_test(&model->n_refs))
        return;
    for (size_t r = 0; model->dose_e_per_A2 != NULL && r < model->all.n; r++)
        g_free(model->dose_e_per_A2[r]);
    for (size_t r = 0; model->of != NULL && r < model->all.n; r++)
        g_free(model->of[r].particle);
    g_free(model->of);
    g_clear_pointer(&model->texts, g_string_chunk_free);
    g_free(model->dose_e_per_A2);
    cs_ranking_clear(&model->ranking);
    cs_kept_all_clear(&model->all);
    g_free(model);
}

bool
cs_model_recording(const CsModel *model, const CsRequest *request, size_t *r,
                   CsRefusal *refusal)
{
    gint64 id;

    if (!cs_request_param(request, 0, &id, refusal))
        return false;
    for (size_t i = 0; i < model->all.n; i++)
        if (model->all.item[i].id == id) {
            *r = i;
            return true;
        }
    return cs_refuse(refusal, 404,
                     "there is no recording %" G_GINT64_FORMAT, id);
}

const CsParticle *
cs_model_particle(const CsModel *model, size_t r, const CsRequest *request,
                  size_t i, CsRefusal *refusal)
{
    const CsParticles *of = &model->of[r];
    gint64 id;

    if (!cs_request_param(request, i, &id, refusal))
        return NULL;
    for (size_t k = 0; k < of->n; k++)
        if (of->particle[k].particle_id == id)
            return &of->particle[k];
    cs_refuse(refusal, 404, "%s has no particle %" G_GINT64_FORMAT,
              model->all.item[r].measures.recording, id);
    return NULL;
}

size_t
cs_model_n_edits(const CsModel *model, size_t r)
{
    size_t n = 0;

    for (size_t p = 0; p < model->of[r].n; p++)
        n += model->of[r].particle[p].n_edits;
    return n;
}

bool
cs_model_frame(const CsKept *kept, const CsRequest *request, size_t i,
               size_t *frame, CsRefusal *refusal)
{
    gint64 n;

    if (!cs_request_param(request, i, &n, refusal))
        return false;
    if ((size_t) n >= kept->outlines.n_frames)
        return cs_refuse(refusal, 404,
                         "%s has no frame %" G_GINT64_FORMAT "; it has %zu",
                         kept->measures.recording, n,
                         kept->outlines.n_frames);
    *frame = (size_t) n;
    return true;
}
