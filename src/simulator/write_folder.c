/* A simulation as a folder:
 *
 *     recording.tif            (campaign: RECORDING/recording.tif)
 *     bias.csv                 (campaign: RECORDING/bias.csv)
 *     campaign.yaml            ready for `screen`
 *     recipe.yaml              what was asked for, every key
 *     truth/areas.csv, particles.csv, events.csv, drift.csv
 *     truth/outlines/RECORDING.zip
 *     truth/RECORDING-outer.tif, -core.tif     label masks
 *     truth/RECORDING.yaml     the recipe of that recording, resolved
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/writer.h"
#include "core/text.h"
#include "results/folder.h"
#include "results/sink.h"
#include "simulator/simulation.h"
#include "simulator/write_truth.h"

enum { BATCH = 8 }; /* frames rendered at once, a thread */

/* ---- The recording ---------------------------------------------------- */

typedef struct {
    const CsSimulation *simulation;
    size_t              first;
    CsFrame            *frames;
} Batch;

static bool
render_one(size_t i, unsigned worker, void *data, GError **error)
{
    Batch *batch = data;

    (void) worker;
    return cs_simulation_render(batch->simulation, batch->first + i,
                                &batch->frames[i], error);
}

static bool
write_batches(const CsTruth *truth, CsOutput *output, CsFrame *frames,
              size_t n_batch, const CsJob *job, GError **error)
{
    size_t n = truth->simulation->n_frames;

    for (size_t first = 0; first < n; first += n_batch) {
        Batch batch = { truth->simulation, first, frames };
        size_t m = MIN(n_batch, n - first);

        cs_job_progress(job, truth->measures.recording,
                        (double) first / (double) n);
        if (!cs_parallel_for(job, m, render_one, &batch, error))
            return false;
        for (size_t i = 0; i < m; i++)
            if (!cs_output_write(output, &frames[i], error))
                return false;
    }
    return true;
}

static bool
write_recording(const CsTruth *truth, const char *path, const char *format,
                const CsJob *job, GError **error)
{
    static const CsPixelType types[]
        = { CS_PIXEL_U8, CS_PIXEL_U16, CS_PIXEL_F32 };
    const CsRecordingInfo *known = cs_recording_info(truth->recording);
    size_t n_batch = BATCH * cs_job_n_threads(job);
    g_autofree CsFrame *frames = g_new0(CsFrame, n_batch);
    g_autoptr(CsOutput) output = NULL;
    CsWriterInfo info = CS_WRITER_INFO_INIT;
    bool ok;

    info.width = known->width;
    info.height = known->height;
    info.n_frames = known->n_frames;
    info.type = types[truth->simulation->recipe.recording.type];
    info.nm_per_px_x = info.nm_per_px_y = known->nm_per_px_x;
    info.clock = &known->clock;
    info.facts = &known->series;
    output = cs_output_open(cs_writer_named(format), path, &info, error);
    if (output == NULL)
        return false;
    for (size_t i = 0; i < n_batch; i++)
        frames[i] = (CsFrame) CS_FRAME_INIT;
    ok = write_batches(truth, output, frames, n_batch, job, error)
         && cs_output_finish(output, error);
    for (size_t i = 0; i < n_batch; i++)
        cs_frame_clear(&frames[i]);
    return ok;
}

/* ---- Logs and texts --------------------------------------------------- */

static bool
write_text(const char *dir, const char *name, const char *text,
           GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;

    if (!cs_sink_open(&sink, dir, name, error))
        return false;
    g_string_append(sink.text, text);
    return cs_sink_close(&sink, error);
}

static bool
write_bias(const CsSimulation *s, const char *dir, GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;
    size_t n = cs_simulation_n_bias(s);

    if (n == 0)
        return true;
    if (!cs_sink_open(&sink, dir, "bias.csv", error))
        return false;
    g_string_append(sink.text, "time_s,bias_V,current_A\n");
    for (size_t i = 0; i < n; i++) {
        CsBiasSample sample = cs_simulation_bias(s, i);

        cs_text_add_double(sink.text, sample.time_s);
        g_string_append_c(sink.text, ',');
        cs_text_add_double(sink.text, sample.bias_V);
        g_string_append_c(sink.text, ',');
        cs_text_add_double(sink.text, sample.current_A);
        g_string_append_c(sink.text, '\n');
        if (!cs_sink_rest(&sink, error))
            return false;
    }
    return cs_sink_close(&sink, error);
}

/* ---- The campaign file ------------------------------------------------ */

static void
add_recording(GString *text, const CsRecipe *r, const char *folder,
              const char *suffix)
{
    g_string_append_printf(text, "      - path: %srecording%s\n        name: ",
                           folder, suffix);
    cs_text_add_json(text, r->recording.name);
    g_string_append(text, "\n        dose_rate_e_per_A2_s: ");
    cs_text_add_double(text, r->microscope.dose_rate_e_per_A2_s);
    if (r->bias.log)
        g_string_append_printf(text, "\n        bias_log: %sbias.csv", folder);
    if (r->needle.present) {
        g_string_append(text, "\n        contact_s: ");
        cs_text_add_double(text, r->needle.contact_s);
    }
    g_string_append_c(text, '\n');
}

static void
add_coating(GString *text, const CsRecipe *r)
{
    const CsParticleRecipe *p = r->n_particles > 0 ? &r->particles[0]
                                                   : &r->particle;

    g_string_append(text, "  - name: ");
    cs_text_add_json(text, r->recording.coating);
    if (strcmp(p->coat, "none") != 0) {
        g_string_append(text, "\n    material: ");
        cs_text_add_json(text, p->coat);
    }
    g_string_append(text, "\n    thickness_nm: ");
    cs_text_add_double(text, p->thickness_nm);
    g_string_append(text, "\n    recordings:\n");
}

static char *
campaign_yaml(const CsRecipe *whole, const CsTruth *truth, size_t n,
              const char *suffix)
{
    GString *text = g_string_new("campaign: ");
    const char *before = NULL;

    cs_text_add_json(text, n > 1 ? whole->campaign.name
                                 : whole->recording.name);
    g_string_append(text, "\nhost: ");
    cs_text_add_json(text, whole->particle.host);
    g_string_append(text, "\nion: ");
    cs_text_add_json(text, whole->particle.ion);
    g_string_append(text, "\ncoatings:\n");
    for (size_t i = 0; i < n; i++) {
        const CsRecipe *r = &truth[i].simulation->recipe;
        g_autofree char *folder
            = n > 1 ? g_strconcat(r->recording.name, "/", NULL) : g_strdup("");

        if (g_strcmp0(before, r->recording.coating) != 0)
            add_coating(text, r);
        add_recording(text, r, folder, suffix);
        before = r->recording.coating;
    }
    return g_string_free(text, FALSE);
}

/* ---- All of it -------------------------------------------------------- */

static bool
make_folder(const char *path, GError **error)
{
    if (g_mkdir(path, 0777) == 0)
        return true;
    return cs_fail(error, CS_ERROR_IO, "cannot make the folder %s: %s", path,
                   g_strerror(errno));
}

static bool
write_masks(const CsTruth *truth, const char *dir, const CsJob *job,
            GError **error)
{
    const char *name = truth->measures.recording;
    g_autofree char *yaml = cs_recipe_to_yaml(&truth->simulation->recipe);
    g_autofree char *yaml_name = g_strconcat(name, ".yaml", NULL);

    for (int core = 0; core < 2; core++) {
        g_autofree char *path = g_strdup_printf(
            "%s/%s-%s.tif", dir, name, core == 1 ? "core" : "outer");

        if (!cs_truth_write_labels(truth->simulation, core == 1, path, job,
                                   error))
            return false;
    }
    return write_text(dir, yaml_name, yaml, error);
}

static bool
write_one(const CsTruth *truth, bool is_campaign, const char *dir,
          const CsWriter *writer, const CsJob *job, GError **error)
{
    g_autofree char *folder
        = is_campaign
              ? g_build_filename(dir, truth->measures.recording, NULL)
              : g_strdup(dir);
    g_autofree char *file
        = g_strconcat("recording", writer->suffixes[0], NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_autofree char *truth_dir = g_build_filename(dir, "truth", NULL);

    return (!is_campaign || make_folder(folder, error))
           && write_recording(truth, path, writer->name, job, error)
           && write_bias(truth->simulation, folder, error)
           && write_masks(truth, truth_dir, job, error);
}

static bool
write_all(const CsRecipe *recipe, CsTruth *truth, size_t n, const char *dir,
          const CsWriter *writer, const CsJob *job, GError **error)
{
    g_autofree char *truth_dir = g_build_filename(dir, "truth", NULL);
    g_autofree char *recipe_yaml = cs_recipe_to_yaml(recipe);
    g_autofree char *campaign = NULL;

    if (!make_folder(truth_dir, error))
        return false;
    for (size_t i = 0; i < n; i++) {
        g_auto(CsRecipe) one = CS_RECIPE_INIT;
        g_autoptr(CsSimulation) simulation = NULL;

        cs_recipe_recording(recipe, i, &one);
        simulation = cs_simulation_new(&one, job, error);
        if (simulation == NULL || !cs_truth_init(&truth[i], simulation, error)
            || !write_one(&truth[i], n > 1, dir, writer, job, error))
            return false;
    }
    campaign = campaign_yaml(recipe, truth, n, writer->suffixes[0]);
    return cs_truth_write(truth, n, truth_dir, job, error)
           && write_text(dir, "recipe.yaml", recipe_yaml, error)
           && write_text(dir, "campaign.yaml", campaign, error);
}

bool
cs_simulate_to_folder(const CsRecipe *recipe, const char *dir,
                      const char *format, const CsJob *job, GError **error)
{
    const CsWriter *writer = cs_writer_named(format);
    size_t n = cs_recipe_n_recordings(recipe);
    g_autofree CsTruth *truth = NULL;
    g_auto(CsFolder) folder = CS_FOLDER_INIT;
    bool ok;

    if (writer == NULL)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "there is no format %s to write", format);
    if (!cs_folder_begin(&folder, dir, false, error))
        return false;
    truth = g_new0(CsTruth, n);
    ok = write_all(recipe, truth, n, folder.work, writer, job, error);
    for (size_t i = 0; i < n; i++)
        cs_truth_clear(&truth[i]);
    return ok && cs_folder_commit(&folder, error);
}
