/* The results folder: its files, one after the other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "results/exports.h"
#include "results/folder.h"
#include "results/store_inner.h"

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

    if (strcmp(store, path) == 0 || link(store, path) == 0
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

struct CsResultsFolder {
    CsFolder folder;
    char    *dir; /* as the caller calls it                                 */
};

CsResultsFolder *
cs_results_begin(const char *dir, bool force, GError **error)
{
    g_autoptr(CsResultsFolder) f = g_new0(CsResultsFolder, 1);

    f->folder = (CsFolder) CS_FOLDER_INIT;
    f->dir = g_strdup(dir);
    return cs_folder_begin(&f->folder, dir, force, error)
               ? g_steal_pointer(&f) : NULL;
}

CsStore *
cs_results_store(CsResultsFolder *f, GError **error)
{
    CsStore *store = cs_store_open_held(f->folder.work, error);

    if (store == NULL)
        blame_target(f->folder.work, f->dir, error);
    return store;
}

static bool
write_and_show(CsResultsFolder *f, const CsResultsInput *input,
               const CsJob *job, GError **error)
{
    for (size_t i = 1; i < input->n; i++)
        g_return_val_if_fail(input->item[i].measures->in_pixels
                                 == input->item[0].measures->in_pixels,
                             false);
    if (!write_all(input, f->folder.work, job, error))
        return blame_target(f->folder.work, f->dir, error);
    return cs_folder_commit(&f->folder, error);
}

bool
cs_results_commit(CsResultsFolder *f, const CsResultsInput *input,
                  const CsJob *job, GError **error)
{
    g_autofree char *store
        = g_build_filename(f->folder.work, "results.db", NULL);
    CsResultsInput with_store = *input;

    with_store.store = g_file_test(store, G_FILE_TEST_EXISTS) ? store : NULL;
    return write_and_show(f, &with_store, job, error);
}

void
cs_results_folder_free(CsResultsFolder *f)
{
    if (f == NULL)
        return;
    cs_folder_clear(&f->folder);
    g_free(f->dir);
    g_free(f);
}

bool
cs_results_write(const CsResultsInput *input, const char *dir, bool force,
                 const CsJob *job, GError **error)
{
    g_autoptr(CsResultsFolder) f = cs_results_begin(dir, force, error);

    return f != NULL && write_and_show(f, input, job, error);
}
