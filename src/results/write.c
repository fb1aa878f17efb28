/* The results folder: its files, one after the other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "results/exports.h"
#include "results/folder.h"

static const struct {
    const char      *what;
    CsResultsWriter  write;
} exports[] = {
    { "areas", cs_export_areas },
    { "particles", cs_export_particles },
    { "events", cs_export_events },
    { "drift", cs_export_drift },
    { "electrical", cs_export_electrical },
    { "ranking", cs_export_ranking },
    { "outlines", cs_export_outlines },
};

/* The same file under one more name, so that it is never away; a copy where
 * the file system has no such thing. */
static bool
keep_store(const char *store, const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "results.db", NULL);
    g_autoptr(GFile) from = g_file_new_for_path(store);
    g_autoptr(GFile) to = g_file_new_for_path(path);
    g_autoptr(GError) why = NULL;

    if (link(store, path) == 0
        || g_file_copy(from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, &why))
        return true;
    return cs_fail(error, CS_ERROR_IO, "cannot copy %s: %s", store,
                   why->message);
}

static bool
write_all(const CsResultsInput *input, const char *dir, const CsJob *job,
          GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(exports); i++) {
        cs_job_progress(job, exports[i].what,
                        (double) i / G_N_ELEMENTS(exports));
        if (!cs_job_go_on(job, error)
            || !exports[i].write(input, dir, job, error))
            return false;
    }
    if (input->report != NULL && !input->report(input, dir, job, error))
        return false;
    if (input->store != NULL && !keep_store(input->store, dir, error))
        return false;
    cs_job_progress(job, "provenance", 1);
    return cs_export_provenance(input, dir, job, error);
}

bool
cs_results_check(const char *dir, bool force, GError **error)
{
    return cs_folder_check(dir, force, error);
}

/* Messages name files in the work folder, which nobody has heard of. */
static bool
blame_target(const char *work, const char *dir, GError **error)
{
    if (error != NULL && *error != NULL
        && strstr((*error)->message, work) != NULL) {
        g_auto(GStrv) parts = g_strsplit((*error)->message, work, -1);

        g_free((*error)->message);
        (*error)->message = g_strjoinv(dir, parts);
    }
    return false;
}

bool
cs_results_write(const CsResultsInput *input, const char *dir, bool force,
                 const CsJob *job, GError **error)
{
    g_auto(CsFolder) folder = CS_FOLDER_INIT;

    for (size_t i = 1; i < input->n; i++)
        g_return_val_if_fail(input->item[i].measures->in_pixels
                                 == input->item[0].measures->in_pixels,
                             false);
    if (!cs_folder_begin(&folder, dir, force, error))
        return false;
    if (!write_all(input, folder.work, job, error))
        return blame_target(folder.work, dir, error);
    return cs_folder_commit(&folder, error);
}
