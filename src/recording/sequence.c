/* File names to a sequence.
 *
 * Names that are equal but for their digits belong together. Of the runs of
 * digits that vary, the one that is different in every file counts; where
 * there is none the names hold several series, or times of day.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/sequence.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/text.h"

enum { MAX_RUNS = 16, MAX_DIGITS = 18, MAX_LISTED = 5 };

typedef struct {
    const char *path;
    size_t      n_runs;
    uint64_t    run[MAX_RUNS];   /* the last MAX_RUNS numbers in the path    */
    unsigned    width[MAX_RUNS]; /* their digits                             */
} Name;

static void
note(CsListing *listing, const char *format, const char *a, const char *b)
{
    if (listing->notes == NULL)
        listing->notes = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(listing->notes, g_strdup_printf(format, a, b));
}

static const char *
base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static char *
suffix_of(const char *path)
{
    const char *dot = strrchr(base(path), '.');

    return g_ascii_strdown(dot != NULL ? dot : "", -1);
}

/* ---- Groups of names that differ only in their digits ---------------------- */

static void
add_run(Name *name, const char *digits, size_t n)
{
    if (name->n_runs == MAX_RUNS) {
        memmove(name->run, name->run + 1, sizeof name->run - sizeof *name->run);
        memmove(name->width, name->width + 1,
                sizeof name->width - sizeof *name->width);
        name->n_runs--;
    }
    name->run[name->n_runs] = g_ascii_strtoull(digits, NULL, 10);
    name->width[name->n_runs++] = (unsigned) n;
}

/* Fills *name and returns the key that its like share. */
static char *
split(const char *path, Name *name)
{
    GString *key = g_string_new(NULL);
    g_autofree char *suffix = suffix_of(path);
    size_t stem = strlen(path) - strlen(suffix);

    *name = (Name) { .path = path };
    for (size_t i = 0; i < stem;) {
        size_t n = strspn(path + i, "0123456789");

        n = MIN(n, stem - i);
        if (n > 0 && n <= MAX_DIGITS) {
            add_run(name, path + i, n);
            g_string_append_c(key, '#');
        } else {
            n = MAX(n, 1);
            g_string_append_len(key, path + i, (gssize) n);
        }
        i += n;
    }
    g_string_append(key, suffix);
    return g_string_free(key, FALSE);
}

static int
by_path(gconstpointer a, gconstpointer b)
{
    return cs_text_natural_order(((const Name *) a)->path,
                                 ((const Name *) b)->path);
}

static int
by_first_path(gconstpointer a, gconstpointer b)
{
    const GArray *x = *(GArray *const *) a;
    const GArray *y = *(GArray *const *) b;

    return by_path(&g_array_index(x, Name, 0), &g_array_index(y, Name, 0));
}

static GArray *
new_group(GPtrArray *groups)
{
    GArray *group = g_array_new(FALSE, TRUE, sizeof(Name));

    g_ptr_array_add(groups, group);
    return group;
}

static GPtrArray *
new_groups(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify) g_array_unref);
}

static void
sort_groups(GPtrArray *groups)
{
    for (guint i = 0; i < groups->len; i++)
        g_array_sort(groups->pdata[i], by_path);
    g_ptr_array_sort(groups, by_first_path);
}

/* GArray of Name, each sorted naturally, in the order of their first ones. */
static GPtrArray *
group_by_key(const GPtrArray *paths)
{
    GPtrArray *groups = new_groups();
    g_autoptr(GHashTable) known
        = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < paths->len; i++) {
        Name name;
        char *key = split(paths->pdata[i], &name);
        GArray *group = g_hash_table_lookup(known, key);

        if (group == NULL)
            group = new_group(groups);
        g_hash_table_insert(known, key, group);
        g_array_append_val(group, name);
    }
    sort_groups(groups);
    return groups;
}

/* ---- What does not count --------------------------------------------------- */

static bool
is_named_as_preview(const GArray *group)
{
    g_autofree char *name
        = g_ascii_strdown(base(g_array_index(group, Name, 0).path), -1);

    return strstr(name, "thumb") != NULL || strstr(name, "preview") != NULL;
}

/* A single picture beside three or more files of another format. */
static bool
is_lone_picture(const GArray *group, const GArray *longest)
{
    g_autofree char *here = suffix_of(g_array_index(group, Name, 0).path);
    g_autofree char *there = suffix_of(g_array_index(longest, Name, 0).path);

    return group->len == 1 && longest->len >= 3 && strcmp(here, there) != 0;
}

static const GArray *
longest_of(const GPtrArray *groups)
{
    const GArray *longest = groups->pdata[0];

    for (guint i = 1; i < groups->len; i++) {
        const GArray *group = groups->pdata[i];

        if (group->len > longest->len)
            longest = group;
    }
    return longest;
}

static void
leave_out_pictures(GPtrArray *groups, CsListing *listing)
{
    const GArray *longest = longest_of(groups);

    for (guint i = groups->len; i-- > 0;) {
        const GArray *group = groups->pdata[i];

        if (group == longest
            || !(is_named_as_preview(group)
                 || is_lone_picture(group, longest)))
            continue;
        note(listing, "%s%s left out: beside the series it looks like a "
                      "picture for preview",
             base(g_array_index(group, Name, 0).path),
             group->len > 1 ? " and its like are" : " is");
        g_ptr_array_remove_index(groups, i);
    }
}

/* ---- Several series --------------------------------------------------------- */

static char *
describe_groups(const GPtrArray *groups)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < MIN(groups->len, MAX_LISTED); i++) {
        const GArray *group = groups->pdata[i];

        g_string_append_printf(
            text, "%s%s", i > 0 ? ", " : "",
            base(g_array_index(group, Name, 0).path));
        if (group->len > 1)
            g_string_append_printf(
                text, " … %s (%u files)",
                base(g_array_index(group, Name, group->len - 1).path),
                group->len);
    }
    if (groups->len > MAX_LISTED)
        g_string_append_printf(text, " and %u more", groups->len - MAX_LISTED);
    return g_string_free(text, FALSE);
}

static bool
refuse_several(const GPtrArray *groups, const char *where, GError **error)
{
    g_autofree char *list = describe_groups(groups);

    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s: holds %u series, not one: %s; name one of them with a "
                   "glob or a pattern such as img_%%04d.tif",
                   where, groups->len, list);
}

/* ---- The number that counts ------------------------------------------------- */

static bool
varies(const GArray *group, size_t run)
{
    for (guint i = 1; i < group->len; i++)
        if (g_array_index(group, Name, i).run[run]
            != g_array_index(group, Name, 0).run[run])
            return true;
    return false;
}

static int
by_number(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;

    return (*x > *y) - (*x < *y);
}

static bool
is_different_in_each(const GArray *group, size_t run, uint64_t *span)
{
    g_autofree uint64_t *number = g_new(uint64_t, group->len);

    for (guint i = 0; i < group->len; i++)
        number[i] = g_array_index(group, Name, i).run[run];
    qsort(number, group->len, sizeof *number, by_number);
    for (guint i = 1; i < group->len; i++)
        if (number[i] == number[i - 1])
            return false;
    *span = number[group->len - 1] - number[0];
    return true;
}

/* The run that numbers the files: of those different in each file, the one
 * that spans least; -1 if there is none. */
static int
counting_run(const GArray *group)
{
    uint64_t least = UINT64_MAX;
    int best = -1;

    for (size_t r = 0; r < g_array_index(group, Name, 0).n_runs; r++) {
        uint64_t span;

        if (is_different_in_each(group, r, &span) && span < least) {
            least = span;
            best = (int) r;
        }
    }
    return best;
}

/* Names that end in hour, minute and second, two digits each. */
static bool
ends_in_time_of_day(const GArray *group)
{
    static const uint64_t below[] = { 24, 60, 60 };
    size_t n_runs = g_array_index(group, Name, 0).n_runs;

    for (guint i = 0; i < group->len; i++) {
        const Name *name = &g_array_index(group, Name, i);

        if (n_runs < 3)
            return false;
        for (size_t k = 0; k < 3; k++)
            if (name->width[n_runs - 3 + k] != 2
                || name->run[n_runs - 3 + k] >= below[k])
                return false;
    }
    return true;
}

/* Parts a group whose names count in several places: all but the last number
 * that varies say which series a file belongs to. */
static GPtrArray *
part(const GArray *group)
{
    GPtrArray *parts = new_groups();
    g_autoptr(GHashTable) known
        = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    size_t last = 0;

    for (size_t r = 0; r < g_array_index(group, Name, 0).n_runs; r++)
        if (varies(group, r))
            last = r;
    for (guint i = 0; i < group->len; i++) {
        Name name = g_array_index(group, Name, i);
        GString *key = g_string_new(NULL);
        GArray *of_key;

        for (size_t r = 0; r < name.n_runs; r++)
            if (r != last)
                g_string_append_printf(key, "%" PRIu64 "#", name.run[r]);
        of_key = g_hash_table_lookup(known, key->str);
        if (of_key == NULL)
            of_key = new_group(parts);
        g_hash_table_insert(known, g_string_free(key, FALSE), of_key);
        g_array_append_val(of_key, name);
    }
    sort_groups(parts);
    return parts;
}

static int
by_listed_number(const void *a, const void *b)
{
    const CsListed *x = a;
    const CsListed *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

/* The step that all numbers keep, else 1. */
static uint64_t
step_of(const CsListing *listing)
{
    uint64_t least = UINT64_MAX;

    for (size_t i = 1; i < listing->n; i++)
        least = MIN(least, listing->file[i].number
                               - listing->file[i - 1].number);
    for (size_t i = 1; i < listing->n; i++)
        if ((listing->file[i].number - listing->file[i - 1].number) % least
            != 0)
            return 1;
    return listing->n > 1 ? least : 1;
}

static bool
check_gaps(CsListing *listing, const char *where, bool allow_gaps,
           GError **error)
{
    uint64_t n_missing = 0;
    size_t before = 0;

    for (size_t i = listing->n - 1; i > 0; i--) {
        uint64_t hop = listing->file[i].number - listing->file[i - 1].number;

        if (hop > listing->step)
            before = i;
        n_missing += hop / listing->step - 1;
    }
    if (n_missing > 0) {
        const char *a = base(listing->file[before - 1].path);
        const char *b = base(listing->file[before].path);
        g_autofree char *what = g_strdup_printf(
            "number %" PRIu64 " is missing between %s and %s",
            listing->file[before - 1].number + listing->step, a, b);
        g_autofree char *more = n_missing > 1
            ? g_strdup_printf(" (%" PRIu64 " are missing in all)", n_missing)
            : g_strdup("");

        if (!allow_gaps)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s: %s%s; --allow-gaps goes on without",
                           where, what, more);
        note(listing, "%s%s", what, more);
    }
    return true;
}

static void
fill(CsListing *listing, const GArray *group, int run)
{
    listing->n = group->len;
    listing->file = g_new0(CsListed, group->len);
    for (guint i = 0; i < group->len; i++) {
        const Name *name = &g_array_index(group, Name, i);

        listing->file[i].path = g_strdup(name->path);
        listing->file[i].number = run >= 0 ? name->run[run] : i;
    }
}

bool
cs_sequence_make(const GPtrArray *paths, const char *where, bool allow_gaps,
                 CsListing *listing, GError **error)
{
    g_autoptr(GPtrArray) groups = group_by_key(paths);
    const GArray *group;
    int run;

    if (groups->len > 1)
        leave_out_pictures(groups, listing);
    if (groups->len > 1)
        return refuse_several(groups, where, error);
    group = groups->pdata[0];
    run = counting_run(group);
    if (group->len > 1 && run < 0 && !ends_in_time_of_day(group)) {
        g_autoptr(GPtrArray) parts = part(group);

        if (parts->len > 1)
            return refuse_several(parts, where, error);
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s: %s and %s have the same number", where,
                       base(g_array_index(group, Name, 0).path),
                       base(g_array_index(group, Name, 1).path));
    }
    fill(listing, group, group->len > 1 ? run : -1);
    if (group->len == 1 || run < 0)
        return true;
    listing->kind = CS_LISTED_NUMBERED;
    qsort(listing->file, listing->n, sizeof *listing->file, by_listed_number);
    listing->step = step_of(listing);
    if (listing->step > 1)
        note(listing, "the numbers in the file names go up in steps, the first "
                      "files are %s and %s",
             base(listing->file[0].path), base(listing->file[1].path));
    return check_gaps(listing, where, allow_gaps, error);
}
