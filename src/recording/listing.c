/* Paths to files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/listing.h"

#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "coatscope/error.h"
#include "coatscope/reader.h"
#include "recording/insitu.h"
#include "recording/sequence.h"

enum { MAX_DEPTH = 3, MAX_NAMED = 3 };

/* Files found, sorted into those that may be images and the others. */
typedef struct {
    GPtrArray *images; /* char * */
    GPtrArray *others;
} Found;

static void
found_clear(Found *found)
{
    g_clear_pointer(&found->images, g_ptr_array_unref);
    g_clear_pointer(&found->others, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Found, found_clear)

static Found
found_new(void)
{
    return (Found) { g_ptr_array_new_with_free_func(g_free),
                     g_ptr_array_new_with_free_func(g_free) };
}

static bool
has_image_suffix(const char *path)
{
    g_autofree char *lower = g_ascii_strdown(path, -1);

    for (size_t r = 0; cs_readers[r] != NULL; r++)
        for (size_t s = 0; cs_readers[r]->suffixes[s] != NULL; s++)
            if (g_str_has_suffix(lower, cs_readers[r]->suffixes[s]))
                return true;
    return false;
}

static bool
has_image_bytes(const char *path)
{
    g_autoptr(CsSource) source = cs_source_open(path, NULL);

    return source != NULL && cs_reader_for(source, NULL) != NULL;
}

static void
add_file(Found *found, char *path)
{
    g_ptr_array_add(has_image_suffix(path) ? found->images : found->others,
                    path);
}

/* Where no name tells, the bytes do: cameras write files without suffix. */
static void
look_inside(Found *found)
{
    if (found->images->len > 0)
        return;
    for (guint i = found->others->len; i-- > 0;)
        if (has_image_bytes(found->others->pdata[i]))
            g_ptr_array_add(found->images,
                            g_ptr_array_steal_index(found->others, i));
}

/* "log.txt, a.csv and 3 more" */
static char *
some_names(const GPtrArray *paths)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < MIN(paths->len, MAX_NAMED); i++) {
        g_autofree char *name = g_path_get_basename(paths->pdata[i]);

        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", name);
    }
    if (paths->len > MAX_NAMED)
        g_string_append_printf(text, " and %u more", paths->len - MAX_NAMED);
    return g_string_free(text, FALSE);
}

static int
by_string(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static void
note_others(GPtrArray *others, CsListing *listing)
{
    g_autofree char *names = NULL;

    if (others->len == 0)
        return;
    g_ptr_array_sort(others, by_string);
    names = some_names(others);
    if (listing->notes == NULL)
        listing->notes = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(listing->notes,
                    g_strdup_printf("%u %s left out, being of no image "
                                    "format: %s", others->len,
                                    others->len == 1 ? "file is" : "files are",
                                    names));
}

/* ---- Folders ---------------------------------------------------------------- */

static bool
is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool
is_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Hidden files are not looked at; folders only where they are of an in-situ
 * tree. */
static bool
search_folder(const char *path, int depth, Found *found, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) folder = g_dir_open(path, 0, &why);
    const char *name;

    if (folder == NULL)
        return cs_fail(error, CS_ERROR_IO, "%s: cannot be read: %s", path,
                       g_strerror(errno));
    while ((name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        if (name[0] == '.')
            continue;
        if (is_file(inside))
            add_file(found, g_steal_pointer(&inside));
        else if (depth < MAX_DEPTH && cs_insitu_is_folder(name)
                 && is_folder(inside)
                 && !search_folder(inside, depth + 1, found, error))
            return false;
    }
    return true;
}

static char *
some_folders(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        if (name[0] != '.' && is_folder(inside))
            g_ptr_array_add(names, g_strdup(name));
    }
    g_ptr_array_sort(names, by_string);
    return names->len > 0 ? some_names(names) : NULL;
}

static bool
refuse_empty(const char *path, GPtrArray *others, GError **error)
{
    g_autofree char *files = NULL;
    g_autofree char *folders = some_folders(path);

    if (others->len == 0 && folders == NULL)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s: the folder is empty; name one that holds images",
                       path);
    if (folders != NULL)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s: there are no images in the folder itself; name "
                       "one of the folders in it: %s", path, folders);
    g_ptr_array_sort(others, by_string);
    files = some_names(others);
    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s: there are no images in the folder, only %s", path,
                   files);
}

/* ---- Patterns --------------------------------------------------------------- */

typedef struct {
    char    *before; /* of the number, in the file's name */
    char    *after;
    unsigned width;
    bool     zeros;
} Pattern;

static void
pattern_clear(Pattern *pattern)
{
    g_free(pattern->before);
    g_free(pattern->after);
    *pattern = (Pattern) { 0 };
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pattern, pattern_clear)

/* Reads "0*[1-9][0-9]*[diu]" after a %; NULL if it is something else. */
static const char *
parse_conversion(const char *at, Pattern *pattern)
{
    pattern->zeros = *at == '0';
    at += strspn(at, "0");
    pattern->width = (unsigned) MIN(g_ascii_strtoull(at, NULL, 10), 18);
    at += strspn(at, "0123456789");
    return strchr("diu", *at) != NULL && *at != '\0' ? at + 1 : NULL;
}

static bool
parse_pattern(const char *name, Pattern *pattern)
{
    GString *text = g_string_new(NULL);
    bool ok = true;

    for (const char *at = name; ok && *at != '\0';) {
        if (*at != '%') {
            g_string_append_c(text, *at++);
        } else if (at[1] == '%') {
            g_string_append_c(text, '%');
            at += 2;
        } else {
            at = parse_conversion(at + 1, pattern);
            ok = at != NULL && pattern->before == NULL;
            if (!ok)
                break;
            pattern->before = g_strdup(text->str);
            g_string_truncate(text, 0);
        }
    }
    pattern->after = g_string_free(text, FALSE);
    return ok && pattern->before != NULL;
}

/* Would printf have written this name? */
static bool
pattern_gives(const Pattern *pattern, const char *name)
{
    size_t n;

    if (!g_str_has_prefix(name, pattern->before))
        return false;
    name += strlen(pattern->before);
    n = strspn(name, "0123456789");
    if (n == 0 || n > 18 || strcmp(name + n, pattern->after) != 0)
        return false;
    if (name[0] == '0' && n > 1)
        return pattern->zeros && n == pattern->width;
    return n >= pattern->width || (!pattern->zeros && pattern->width <= 1);
}

static bool
search_pattern(const char *path, Found *found, GError **error)
{
    g_auto(Pattern) pattern = { 0 };
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    g_auto(Found) all = found_new();
    GPtrArray *lists[] = { all.images, all.others };

    if (!parse_pattern(name, &pattern))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: there is no such file, and as a pattern it needs "
                       "one number in the file's name, such as img_%%04d.tif",
                       path);
    if (!is_folder(folder))
        return cs_fail(error, CS_ERROR_IO, "%s: there is no folder %s", path,
                       folder);
    if (!search_folder(folder, MAX_DEPTH, &all, error))
        return false;
    for (size_t k = 0; k < G_N_ELEMENTS(lists); k++)
        for (guint i = 0; i < lists[k]->len; i++) {
            g_autofree char *one = g_path_get_basename(lists[k]->pdata[i]);

            if (pattern_gives(&pattern, one))
                g_ptr_array_add(found->images,
                                strcmp(folder, ".") == 0
                                    ? g_strdup(one)
                                    : g_strdup(lists[k]->pdata[i]));
        }
    if (found->images->len == 0)
        return cs_fail(error, CS_ERROR_IO,
                       "%s: no file in %s fits the pattern", path, folder);
    return true;
}

/* ---- Globs ------------------------------------------------------------------ */

static bool
search_glob(const char *path, Found *found, GError **error)
{
    glob_t hits = { 0 };
    int status = glob(path, GLOB_NOSORT | GLOB_BRACE, NULL, &hits);

    for (size_t i = 0; status == 0 && i < hits.gl_pathc; i++)
        if (is_file(hits.gl_pathv[i]))
            add_file(found, g_strdup(hits.gl_pathv[i]));
    globfree(&hits);
    if (status == GLOB_NOSPACE)
        return cs_fail(error, CS_ERROR_LIMIT, "%s: no memory for its files",
                       path);
    if (found->images->len == 0 && found->others->len == 0)
        return cs_fail(error, CS_ERROR_IO, "%s: no file fits", path);
    look_inside(found);
    if (found->images->len == 0) {
        g_autofree char *names = some_names(found->others);

        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s: none of the files is an image: %s", path, names);
    }
    return true;
}

/* ---- Names ------------------------------------------------------------------ */

static char *
without_image_suffix(const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    size_t longest = 0;

    for (size_t r = 0; cs_readers[r] != NULL; r++)
        for (size_t s = 0; cs_readers[r]->suffixes[s] != NULL; s++)
            if (g_str_has_suffix(lower, cs_readers[r]->suffixes[s]))
                longest = MAX(longest, strlen(cs_readers[r]->suffixes[s]));
    if (longest == strlen(name))
        longest = 0;
    return g_strndup(name, strlen(name) - longest);
}

static char *
folder_name(const char *path)
{
    g_autofree char *full = g_canonicalize_filename(path, NULL);

    return g_path_get_basename(full);
}

/* What comes before the first wildcard in the file's name, or else the name
 * of the folder: img_%04d.tif is "img", run1/ *.tif is "run1". */
static char *
name_of_many(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *folder = g_path_get_dirname(path);
    size_t n = strcspn(name, "*?[{%");

    while (n > 0 && strchr("_-. ", name[n - 1]) != NULL)
        n--;
    if (n > 0)
        return g_strndup(name, n);
    return folder_name(folder);
}

/* ---- All together ----------------------------------------------------------- */

static bool
all_in_situ(const GPtrArray *paths)
{
    uint64_t second_s, frame;

    for (guint i = 0; i < paths->len; i++)
        if (!cs_insitu_parse(paths->pdata[i], &second_s, &frame))
            return false;
    return true;
}

static bool
arrange(Found *found, const char *where, bool allow_gaps, CsListing *listing,
        GError **error)
{
    note_others(found->others, listing);
    if (found->images->len > 1 && all_in_situ(found->images))
        return cs_insitu_make(found->images, where, listing, error);
    return cs_sequence_make(found->images, where, allow_gaps, listing, error);
}

static bool
search(const char *path, Found *found, char **name, GError **error)
{
    if (is_folder(path)) {
        *name = folder_name(path);
        if (!search_folder(path, 0, found, error))
            return false;
        look_inside(found);
        return found->images->len > 0
               || refuse_empty(path, found->others, error);
    }
    *name = name_of_many(path);
    if (strchr(path, '%') != NULL)
        return search_pattern(path, found, error);
    if (strpbrk(path, "*?[{") != NULL)
        return search_glob(path, found, error);
    return cs_fail(error, CS_ERROR_IO, "%s: there is no such file or folder",
                   path);
}

/* The file by which a folder that is a Zarr store is opened, or NULL. */
static char *
store_entry(const char *path)
{
    static const char *const names[] = { "zarr.json", ".zarray", ".zgroup" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *entry = g_build_filename(path, names[i], NULL);

        if (is_folder(path) && is_file(entry))
            return g_steal_pointer(&entry);
    }
    return NULL;
}

static void
take_one(CsListing *listing, const char *path, const char *file)
{
    g_autofree char *name = folder_name(path);

    listing->name = without_image_suffix(name);
    listing->n = 1;
    listing->file = g_new0(CsListed, 1);
    listing->file[0].path = g_strdup(file);
}

bool
cs_listing_make(const char *path, bool allow_gaps, CsListing *listing,
                GError **error)
{
    g_auto(CsListing) made = CS_LISTING_INIT;
    g_auto(Found) found = found_new();
    g_autofree char *entry = store_entry(path);

    if (entry != NULL) {
        take_one(&made, path, entry);
    } else if (g_file_test(path, G_FILE_TEST_EXISTS) && !is_folder(path)) {
        take_one(&made, path, path);
    } else if (!search(path, &found, &made.name, error)
               || !arrange(&found, path, allow_gaps, &made, error)) {
        return false;
    }
    cs_listing_clear(listing);
    *listing = made;
    made = (CsListing) CS_LISTING_INIT;
    return true;
}

void
cs_listing_clear(CsListing *listing)
{
    for (size_t i = 0; i < listing->n; i++)
        g_free(listing->file[i].path);
    g_free(listing->file);
    g_free(listing->name);
    g_clear_pointer(&listing->notes, g_ptr_array_unref);
    *listing = (CsListing) CS_LISTING_INIT;
}
