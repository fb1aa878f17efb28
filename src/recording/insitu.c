/* Gatan's in-situ tree.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/insitu.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"

static const char *const levels[] = { "hour_", "minute_", "second_" };

/* The number behind the last `word` in `lower`. */
static bool
number_behind(const char *lower, const char *word, uint64_t *number)
{
    const char *at = g_strrstr(lower, word);
    size_t n;

    if (at == NULL)
        return false;
    at += strlen(word);
    n = strspn(at, "0123456789");
    if (n == 0 || n > 9)
        return false;
    *number = g_ascii_strtoull(at, NULL, 10);
    return true;
}

bool
cs_insitu_is_folder(const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    uint64_t number;

    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++)
        if (g_str_has_prefix(lower, levels[i])
            && number_behind(lower, levels[i], &number))
            return true;
    return false;
}

bool
cs_insitu_parse(const char *path, uint64_t *second_s, uint64_t *frame)
{
    g_autofree char *lower = g_ascii_strdown(path, -1);
    uint64_t h, m, s, f;

    if (!number_behind(lower, levels[0], &h)
        || !number_behind(lower, levels[1], &m)
        || !number_behind(lower, levels[2], &s)
        || !number_behind(lower, "frame_", &f))
        return false;
    *second_s = h * 3600 + m * 60 + s;
    *frame = f;
    return true;
}

static int
by_time(const void *a, const void *b)
{
    const CsListed *x = a;
    const CsListed *y = b;

    if (x->second_s != y->second_s)
        return x->second_s < y->second_s ? -1 : 1;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* One past the last file of the second that file `first` is in. */
static size_t
end_of_second(const CsListing *listing, size_t first)
{
    size_t end = first + 1;

    while (end < listing->n
           && listing->file[end].second_s == listing->file[first].second_s)
        end++;
    return end;
}

/* How many frames a second had: as many as there are, or as its last number
 * says. */
static uint64_t
frames_in(const CsListing *listing, size_t first, size_t end)
{
    return MAX((uint64_t) (end - first), listing->file[end - 1].frame + 1);
}

static int
by_count(gconstpointer a, gconstpointer b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;

    return (*x > *y) - (*x < *y);
}

static uint64_t
usual_rate(const CsListing *listing)
{
    g_autoptr(GArray) counts = g_array_new(FALSE, FALSE, sizeof(uint64_t));

    for (size_t i = 0; i < listing->n;) {
        size_t end = end_of_second(listing, i);
        uint64_t n = frames_in(listing, i, end);

        g_array_append_val(counts, n);
        i = end;
    }
    g_array_sort(counts, by_count);
    return g_array_index(counts, uint64_t, counts->len / 2);
}

void
cs_insitu_times(const CsListing *listing, double *start_s)
{
    uint64_t usual = usual_rate(listing);

    for (size_t i = 0; i < listing->n;) {
        size_t end = end_of_second(listing, i);
        uint64_t n = frames_in(listing, i, end);

        if (end == listing->n)
            n = MAX(n, usual);
        for (; i < end; i++)
            start_s[i] = (double) listing->file[i].second_s
                         + (double) listing->file[i].frame / (double) n;
    }
    for (size_t i = listing->n; i-- > 0;)
        start_s[i] -= start_s[0];
}

/* ---- Gaps ------------------------------------------------------------------- */

typedef struct {
    uint64_t n;
    uint64_t first_s;
} Tally;

static void
count(Tally *tally, uint64_t second_s, uint64_t n)
{
    if (tally->n == 0)
        tally->first_s = second_s;
    tally->n += n;
}

static void
note_tally(CsListing *listing, const Tally *tally, const char *one,
           const char *many)
{
    char when[64];

    if (tally->n == 0)
        return;
    g_snprintf(when, sizeof when,
               "%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
               tally->first_s / 3600, tally->first_s / 60 % 60,
               tally->first_s % 60);
    if (listing->notes == NULL)
        listing->notes = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(listing->notes,
                    g_strdup_printf("gap: %" PRIu64 " %s, first at %s",
                                    tally->n, tally->n == 1 ? one : many,
                                    when));
}

static void
note_gaps(CsListing *listing)
{
    uint64_t usual = usual_rate(listing);
    Tally empty = { 0 }, brief = { 0 }, lost = { 0 };

    for (size_t i = 0; i < listing->n;) {
        size_t end = end_of_second(listing, i);
        uint64_t second_s = listing->file[i].second_s;
        uint64_t n = frames_in(listing, i, end);

        if (i > 0 && second_s > listing->file[i - 1].second_s + 1)
            count(&empty, listing->file[i - 1].second_s + 1,
                  second_s - listing->file[i - 1].second_s - 1);
        if (n > end - i)
            count(&lost, second_s, n - (end - i));
        if (n + 1 < usual && end < listing->n)
            count(&brief, second_s, 1);
        i = end;
    }
    note_tally(listing, &empty, "second without any frame",
               "seconds without any frame");
    note_tally(listing, &lost, "frame number missing inside a second",
               "frame numbers missing inside their seconds");
    note_tally(listing, &brief, "second with fewer frames than usual",
               "seconds with fewer frames than usual");
}

/* What the names of one recording share: all before _Hour_, and the suffix. */
static char *
stem_of(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *lower = g_ascii_strdown(name, -1);
    const char *at = g_strrstr(lower, "hour_");
    const char *dot = strrchr(lower, '.');

    if (at == NULL)
        at = g_strrstr(lower, "frame_");
    return g_strdup_printf("%.*s*%s", at != NULL ? (int) (at - lower) : 0,
                           name, dot != NULL ? dot : "");
}

static bool
check_one_series(const CsListing *listing, const char *where, GError **error)
{
    g_autofree char *first = stem_of(listing->file[0].path);

    for (size_t i = 1; i < listing->n; i++) {
        g_autofree char *stem = stem_of(listing->file[i].path);
        const CsListed *a = &listing->file[i - 1], *b = a + 1;

        if (strcmp(first, stem) != 0)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s: holds several series, not one: %s, %s; keep "
                           "each in a tree of its own", where, first, stem);
        if (a->second_s == b->second_s && a->frame == b->frame)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s and %s have the same hour, minute, second and "
                           "frame", a->path, b->path);
    }
    return true;
}

bool
cs_insitu_make(const GPtrArray *paths, const char *where, CsListing *listing,
               GError **error)
{
    listing->kind = CS_LISTED_IN_SITU;
    listing->n = paths->len;
    listing->file = g_new0(CsListed, paths->len);
    for (guint i = 0; i < paths->len; i++) {
        CsListed *file = &listing->file[i];

        file->path = g_strdup(paths->pdata[i]);
        cs_insitu_parse(file->path, &file->second_s, &file->frame);
    }
    qsort(listing->file, listing->n, sizeof *listing->file, by_time);
    for (size_t i = 0; i < listing->n; i++)
        listing->file[i].number = i;
    if (!check_one_series(listing, where, error))
        return false;
    note_gaps(listing);
    return true;
}
