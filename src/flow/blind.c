/* Codes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/blind.h"

#include <stdlib.h>
#include <string.h>

const char *
cs_run_setting(const CsRun *run, const char *name)
{
    for (size_t i = 0; run->settings != NULL && run->settings[i] != NULL;
         i += 2)
        if (strcmp(run->settings[i], name) == 0)
            return run->settings[i + 1];
    return NULL;
}

/* ---- An order that says nothing ---------------------------------------- */

/* What no one guesses who does not have the files. */
static char *
salt_of(const CsKeptAll *all)
{
    g_autoptr(GString) text = g_string_new("blind");

    for (size_t i = 0; i < all->n; i++)
        for (size_t f = 0; f < all->item[i].inputs.n; f++)
            g_string_append(text, all->item[i].inputs.file[f].sha256);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, -1);
}

/* A thing with a name, and its place. */
typedef struct {
    char  *order; /* a hash of the name                                      */
    char  *name;
    char  *code;
    CsKept kept; /* of recordings                                            */
} Coded;

static void
clear_coded(void *coded)
{
    g_free(((Coded *) coded)->order);
    g_free(((Coded *) coded)->name);
    g_free(((Coded *) coded)->code);
}

static Coded
code_later(const char *salt, const char *name)
{
    g_autofree char *both = g_strconcat(salt, "|", name, NULL);

    return (Coded) {
        .order = g_compute_checksum_for_string(G_CHECKSUM_SHA256, both, -1),
        .name = g_strdup(name),
    };
}

static int
by_order(const void *a, const void *b)
{
    return strcmp(((const Coded *) a)->order, ((const Coded *) b)->order);
}

/* A, B, …, Z, AA, AB, … */
static char *
letters(size_t i)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t k = i + 1; k > 0; k = (k - 1) / 26)
        g_string_prepend_c(text, (char) ('A' + (k - 1) % 26));
    return g_strdup(text->str);
}

static const char *
code_of(const GArray *coded, const char *name)
{
    for (guint i = 0; i < coded->len; i++)
        if (g_strcmp0(g_array_index(coded, Coded, i).name, name) == 0)
            return g_array_index(coded, Coded, i).code;
    return "";
}

static GArray *
code_coatings(const CsKeptAll *all, const char *salt)
{
    GArray *coded = g_array_new(FALSE, FALSE, sizeof(Coded));

    g_array_set_clear_func(coded, clear_coded);
    for (size_t i = 0; i < all->n; i++) {
        const char *name = all->item[i].measures.coating;
        bool is_new = true;

        for (guint k = 0; k < coded->len; k++)
            is_new &= strcmp(g_array_index(coded, Coded, k).name, name) != 0;
        if (is_new)
            g_array_append_vals(coded, (Coded[]) { code_later(salt, name) },
                                1);
    }
    g_array_sort(coded, by_order);
    for (guint i = 0; i < coded->len; i++)
        g_array_index(coded, Coded, i).code = letters(i);
    return coded;
}

/* ---- Names away -------------------------------------------------------- */

static void
rename_to(char **name, const char *code)
{
    g_free(*name);
    *name = g_strdup(code);
}

static void
blind_one(CsKept *k, const char *coating, const char *recording)
{
    const CsRecordingInfo *info = cs_recording_info(k->recording);

    rename_to(&k->measures.coating, coating);
    rename_to(&k->verdicts.coating, coating);
    rename_to(&k->fits.coating, coating);
    rename_to(&k->measures.recording, recording);
    rename_to(&k->verdicts.recording, recording);
    rename_to(&k->fits.recording, recording);
    g_clear_pointer(&k->session, g_free);
    for (size_t f = 0; f < k->inputs.n; f++)
        rename_to(&k->inputs.file[f].path, recording);
    if (info->notes != NULL)
        g_ptr_array_set_size(info->notes, 0);
}

static int
by_coating(const void *a, const void *b)
{
    const Coded *x = a;
    const Coded *y = b;
    int by_code = strcmp(x->code, y->code);

    return strlen(x->code) != strlen(y->code)
               ? (strlen(x->code) > strlen(y->code) ? 1 : -1)
           : by_code != 0 ? by_code
                          : by_order(a, b);
}

/* Sorted by coating's code, then at random; numbered in that order. */
static void
blind_recordings(CsKeptAll *all, const GArray *coatings, const char *salt)
{
    g_autoptr(GArray) coded = g_array_new(FALSE, FALSE, sizeof(Coded));
    size_t number = 0;

    g_array_set_clear_func(coded, clear_coded);
    for (size_t i = 0; i < all->n; i++) {
        Coded c = code_later(salt, all->item[i].measures.recording);

        c.code = g_strdup(code_of(coatings, all->item[i].measures.coating));
        c.kept = all->item[i];
        g_array_append_val(coded, c);
    }
    g_array_sort(coded, by_coating);
    for (guint i = 0; i < coded->len; i++) {
        const Coded *c = &g_array_index(coded, Coded, i);
        g_autofree char *coating = g_strconcat("coating ", c->code, NULL);
        g_autofree char *name = NULL;

        number = i > 0 && strcmp(g_array_index(coded, Coded, i - 1).code,
                                 c->code) == 0
                     ? number + 1
                     : 1;
        name = g_strdup_printf("%s%" G_GSIZE_FORMAT, c->code, number);
        all->item[i] = c->kept;
        blind_one(&all->item[i], coating, name);
    }
}

void
cs_blind(CsKeptAll *all, CsRanking *ranking)
{
    g_autofree char *salt = salt_of(all);
    g_autoptr(GArray) coatings = code_coatings(all, salt);

    for (size_t i = 0; i < ranking->n; i++) {
        g_autofree char *code
            = g_strconcat("coating ",
                          code_of(coatings, ranking->row[i].coating), NULL);

        rename_to(&ranking->row[i].coating, code);
    }
    blind_recordings(all, coatings, salt);
    g_strfreev(all->run.command);
    all->run.command = NULL;
}

/* ---- What was decided -------------------------------------------------- */

char *
cs_blind_hash(const CsKeptAll *all)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < all->n; i++)
        for (size_t k = 0; k < all->item[i].verdicts.n; k++) {
            const CsVerdict *v = &all->item[i].verdicts.verdict[k];

            g_string_append_printf(
                text,
                "%s|%d|%s|%" G_GSIZE_FORMAT "|%" G_GSIZE_FORMAT "\n",
                all->item[i].measures.recording, v->particle_id,
                cs_verdict_name(v->kind), v->break_frame_lo,
                v->break_frame_hi);
        }
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, -1);
}
