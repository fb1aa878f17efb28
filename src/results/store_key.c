/* The key of a recording in the store.
 *
 * Text with all that shapes the numbers, hashed. The program stands for
 * itself by its own bytes: a version may be built from changed sources.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "coatscope/store.h"
#include "config.h"
#include "core/text.h"
#include "results/hash.h"

static void
add_number(GString *text, double value)
{
    g_string_append_c(text, ' ');
    cs_text_add_double(text, value);
}

static void
add_recording(GString *text, const CsRecordingInfo *info)
{
    const CsClock *c = &info->clock;

    g_string_append(text, "\nname ");
    cs_text_add_json(text, info->name);
    g_string_append_printf(text, "\nformat %s\nsize %" G_GSIZE_FORMAT
                           " %" G_GSIZE_FORMAT " %" G_GSIZE_FORMAT "\nscale",
                           info->format, info->width, info->height,
                           info->n_frames);
    add_number(text, info->nm_per_px_x);
    add_number(text, info->nm_per_px_y);
    g_string_append(text, "\nclock");
    for (size_t i = 0; i < c->n_frames; i++) {
        add_number(text, c->start_s[i]);
        add_number(text, c->duration_s[i]);
        g_string_append_printf(text, " %d", (int) c->source[i]);
    }
}

static void
add_electrical(GString *text, const CsElectrical *e)
{
    g_string_append(text, "\nelectrical");
    for (size_t i = 0; i < e->n_frames; i++) {
        add_number(text, e->frame[i].bias_V.mean);
        add_number(text, e->frame[i].current_A.mean);
    }
}

static void
add_dose(GString *text, const CsLedger *ledger)
{
    g_string_append(text, "\ndose");
    for (size_t i = 0; i < ledger->n_frames; i++)
        add_number(text, ledger->dose_e_per_A2[i]);
}

static bool
add_files(GString *text, const CsRecordingInfo *info, const char *program,
          const CsJob *job, GError **error)
{
    g_autofree CsHashed *file = g_new0(CsHashed, info->n_files + 1);
    size_t n = info->n_files + (program != NULL);
    bool ok;

    for (size_t i = 0; i < info->n_files; i++)
        file[i].path = info->files[i];
    file[info->n_files].path = program;
    ok = cs_hash_files(file, n, job, error);
    for (size_t i = 0; i < n; i++) {
        if (ok)
            g_string_append_printf(text, "\n%s", file[i].sha256);
        cs_hashed_clear(&file[i]);
    }
    return ok;
}

char *
cs_store_key(const CsRecordingInfo *info, const CsJob *job, GError **error)
{
    g_autoptr(GString) text = g_string_new("coatscope " COATSCOPE_VERSION);
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);

    add_recording(text, info);
    add_electrical(text, &info->electrical);
    add_dose(text, &info->ledger);
    if (!add_files(text, info, program, job, error))
        return NULL;
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str,
                                         (gssize) text->len);
}
