/* The model.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/model.h"

#include <math.h>
#include <string.h>

#include "coatscope/recording.h"
#include "coatscope/screen.h"
#include "server/decide.h"

/* Fits and verdicts of the particles that count, with all edits. */
typedef struct {
    CsFits     fits;
    CsVerdicts verdicts;
} Counting;

static void
gather(const CsSnapshot *model, size_t r, Counting *counting)
{
    const CsParticles *of = &model->of[r];
    CsFits *f = &counting->fits;
    CsVerdicts *v = &counting->verdicts;

    f->fit = g_new0(CsFit, of->n + 1);
    v->verdict = g_new0(CsVerdict, of->n + 1);
    for (size_t p = 0; p < of->n; p++) {
        const CsParticle *one = &of->particle[p];

        if (strcmp(one->status, "rejected") == 0)
            continue;
        if (one->fit != NULL)
            f->fit[f->n++] = *one->fit;
        if (one->verdict != NULL)
            v->verdict[v->n++] = *one->verdict;
    }
}

static bool
rank(CsSnapshot *model, GError **error)
{
    g_autofree CsScreenItem *item = g_new0(CsScreenItem, model->all.n + 1);
    g_autofree Counting *counting = g_new0(Counting, model->all.n + 1);
    bool ok;

    if (!model->all.run.is_ranked || model->all.n == 0)
        return true;
    for (size_t i = 0; i < model->all.n; i++) {
        gather(model, i, &counting[i]);
        item[i] = (CsScreenItem) {
            .coating = model->all.item[i].measures.coating,
            .session = model->all.item[i].session,
            .fits = &counting[i].fits,
            .verdicts = &counting[i].verdicts,
        };
    }
    ok = cs_screen_rank(item, model->all.n, model->all.run.seed,
                        &model->ranking, error);
    for (size_t i = 0; i < model->all.n; i++) {
        cs_fits_clear(&counting[i].fits);
        cs_verdicts_clear(&counting[i].verdicts);
    }
    return ok;
}

/* The dose is the same for all particles of a frame; the store has it with
 * what was measured. */
static bool
load_dose(CsStore *store, CsSnapshot *model, size_t r, GError **error)
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
list_particles(CsSnapshot *model, size_t r)
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

static void
free_polygon(void *polygon)
{
    cs_polygon_clear(polygon);
    g_free(polygon);
}

CsSnapshot *
cs_model_load(CsStore *store, struct CsSolver *solver, guint64 revision,
              GError **error)
{
    g_autoptr(CsSnapshot) model = g_new0(CsSnapshot, 1);

    model->n_refs = 1;
    model->revision = revision;
    model->all = (CsKeptAll) CS_KEPT_ALL_INIT;
    model->owned = g_ptr_array_new_with_free_func(g_free);
    model->polygons = g_ptr_array_new_with_free_func(free_polygon);
    if (!cs_store_survey(store, &model->all, error)
        || !cs_store_edits(store, &model->edits, error))
        return NULL;
    model->dose_e_per_A2 = g_new0(double *, model->all.n + 1);
    model->of = g_new0(CsParticles, model->all.n + 1);
    model->texts = g_string_chunk_new(256);
    for (size_t r = 0; r < model->all.n; r++) {
        if (!load_dose(store, model, r, error))
            return NULL;
        list_particles(model, r);
    }
    cs_decide(model, solver);
    return rank(model, error) ? g_steal_pointer(&model) : NULL;
}

CsSnapshot *
cs_model_ref(CsSnapshot *model)
{
    g_atomic_int_inc(&model->n_refs);
    return model;
}

static void
clear_particles(CsParticles *of)
{
    for (size_t p = 0; p < of->n; p++) {
        g_free(of->particle[p].drawn);
        cs_solved_unref(of->particle[p].solved);
    }
    g_free(of->particle);
}

void
cs_model_unref(CsSnapshot *model)
{
    if (model == NULL || !g_atomic_int_dec_and_test(&model->n_refs))
        return;
    for (size_t r = 0; model->dose_e_per_A2 != NULL && r < model->all.n; r++)
        g_free(model->dose_e_per_A2[r]);
    for (size_t r = 0; model->of != NULL && r < model->all.n; r++)
        clear_particles(&model->of[r]);
    cs_edits_clear(&model->edits);
    g_ptr_array_unref(model->owned);
    g_ptr_array_unref(model->polygons);
    g_free(model->of);
    g_clear_pointer(&model->texts, g_string_chunk_free);
    g_free(model->dose_e_per_A2);
    cs_ranking_clear(&model->ranking);
    cs_kept_all_clear(&model->all);
    g_free(model);
}

bool
cs_model_recording(const CsSnapshot *model, const CsRequest *request, size_t *r,
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
cs_model_particle(const CsSnapshot *model, size_t r, const CsRequest *request,
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
cs_model_n_edits(const CsSnapshot *model, size_t r)
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
