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

static void
add_files(GString *text, const CsInputs *inputs)
{
    for (size_t i = 0; i < inputs->n; i++)
        g_string_append_printf(text, "\n%s", inputs->file[i].sha256);
}

/* Read through the kernel's link, not by the name behind it: that one may have
 * been replaced by a newer program since this one started. */
static bool
hash_program(const CsJob *job, CsInputs *program, GError **error)
{
    char path[] = "/proc/self/exe", *paths[] = { path };

    return cs_inputs_hash(paths, g_file_test(path, G_FILE_TEST_EXISTS), job,
                          program, error);
}

char *
cs_store_key(const CsRecordingInfo *info, const CsInputs *inputs,
             const char *how, const CsJob *job, GError **error)
{
    g_autoptr(GString) text = g_string_new("coatscope " COATSCOPE_VERSION);
    g_auto(CsInputs) program = CS_INPUTS_INIT;

    if (!hash_program(job, &program, error))
        return NULL;
    add_recording(text, info);
    add_electrical(text, &info->electrical);
    add_dose(text, &info->ledger);
    add_files(text, inputs);
    g_string_append(text, "\nhow ");
    cs_text_add_json(text, how);
    add_files(text, &program);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str,
                                         (gssize) text->len);
}

/* ---- Who measured, and when -------------------------------------------- */

static double
now(void)
{
    const char *told = g_getenv("SOURCE_DATE_EPOCH");
    guint64 value;

    if (told != NULL
        && g_ascii_string_to_unsigned(told, 10, 0, 253402300799, &value,
                                      NULL))
        return (double) value;
    return (double) (g_get_real_time() / G_USEC_PER_SEC);
}

bool
cs_run_sign(CsRun *run, const CsJob *job, GError **error)
{
    g_auto(CsInputs) program = CS_INPUTS_INIT;

    if (!hash_program(job, &program, error))
        return false;
    g_free(run->version);
    run->version = g_strdup(COATSCOPE_VERSION);
    g_free(run->program_sha256);
    run->program_sha256
        = g_strdup(program.n > 0 ? program.file[0].sha256 : "");
    run->date_unix_s = now();
    return true;
}
