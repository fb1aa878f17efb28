/* Zarr stores.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/zarr_store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "coatscope/error.h"
#include "core/alloc.h"

enum {
    MAX_NAMES = 4096,
    MAX_ENTRIES = 1 << 24,
    MAX_ZIPPED_SHARD = 64 << 20, /* it is read whole for each part */
};

struct CsZarrStore {
    char   *folder; /* NULL: a zip */
    GMutex  lock;   /* of the zip  */
    zip_t  *zip;
    GBytes *memory; /* of a zip that is no file */
};

/* ---- Opening -------------------------------------------------------------- */

static bool
is_zip(const CsSource *source)
{
    char head[4];

    return cs_source_peek(source, head, sizeof head) == sizeof head
           && memcmp(head, "PK\3\4", sizeof head) == 0;
}

/* libzip is given bytes, not a path, where the source is memory. */
static zip_source_t *
make_zip_source(CsZarrStore *store, const CsSource *source, GError **error)
{
    size_t n = (size_t) cs_source_size(source);
    guint8 *bytes;

    if (cs_source_path(source) != NULL)
        return zip_source_file_create(cs_source_path(source), 0, -1, NULL);
    bytes = cs_try_alloc(n, 1, "a zip file", error);
    if (bytes == NULL)
        return NULL;
    store->memory = g_bytes_new_with_free_func(bytes, n, g_free, bytes);
    if (!cs_source_read(source, 0, bytes, n, "the zip file", error))
        return NULL;
    return zip_source_buffer_create(bytes, n, 0, NULL);
}

static bool
open_zip(CsZarrStore *store, const CsSource *source, GError **error)
{
    g_autoptr(GError) why = NULL;
    zip_source_t *bytes = make_zip_source(store, source, &why);
    zip_error_t reason;

    if (why != NULL) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (bytes == NULL)
        return cs_fail(error, CS_ERROR_IO, "cannot be opened by libzip");
    zip_error_init(&reason);
    store->zip = zip_open_from_source(bytes, ZIP_RDONLY, &reason);
    if (store->zip == NULL) {
        cs_fail(error, CS_ERROR_FORMAT, "is no whole zip file: %s",
                zip_error_strerror(&reason));
        zip_source_free(bytes);
    }
    zip_error_fini(&reason);
    return store->zip != NULL;
}

CsZarrStore *
cs_zarr_store_open(CsSource *source, GError **error)
{
    g_autoptr(CsZarrStore) store = g_new0(CsZarrStore, 1);

    g_mutex_init(&store->lock);
    if (is_zip(source)) {
        if (!open_zip(store, source, error))
            return NULL;
        return g_steal_pointer(&store);
    }
    if (cs_source_path(source) == NULL) {
        cs_fail(error, CS_ERROR_FORMAT,
                "describes a Zarr array, without the folder it stands in");
        return NULL;
    }
    store->folder = g_path_get_dirname(cs_source_path(source));
    return g_steal_pointer(&store);
}

void
cs_zarr_store_free(CsZarrStore *store)
{
    if (store == NULL)
        return;
    if (store->zip != NULL)
        zip_discard(store->zip);
    g_clear_pointer(&store->memory, g_bytes_unref);
    g_mutex_clear(&store->lock);
    g_free(store->folder);
    g_free(store);
}

/* ---- Getting -------------------------------------------------------------- */

static bool
goes_down_only(const char *key)
{
    g_auto(GStrv) parts = g_strsplit(key, "/", -1);

    for (char **part = parts; *part != NULL; part++)
        if (strcmp(*part, "..") == 0 || strcmp(*part, ".") == 0)
            return false;
    return *key != '/';
}

static bool
make_room(guint64 size, size_t max_bytes, const char *key, guint8 **bytes,
          GError **error)
{
    if (size > max_bytes)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "%s takes %" PRIu64 " bytes; up to %zu are possible",
                       key, size, max_bytes);
    *bytes = cs_try_alloc((size_t) size + 1, 1, "a part of the store", error);
    return *bytes != NULL;
}

static bool
read_all(int fd, off_t at, guint8 *to, size_t n, const char *key,
         GError **error)
{
    while (n > 0) {
        ssize_t got = pread(fd, to, n, at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return cs_fail(error, CS_ERROR_IO, "%s cannot be read: %s", key,
                           got < 0 ? g_strerror(errno) : "it became shorter");
        to += got;
        at += got;
        n -= (size_t) got;
    }
    return true;
}

/* *fd is -1, without an error, where the key is no regular file. */
static bool
open_file(const CsZarrStore *store, const char *key, int *fd, guint64 *size,
          GError **error)
{
    g_autofree char *path = g_build_filename(store->folder, key, NULL);
    struct stat status;

    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (*fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
               || errno == ENAMETOOLONG
               || cs_fail(error, CS_ERROR_IO, "%s cannot be opened: %s", key,
                          g_strerror(errno));
    if (fstat(*fd, &status) == 0 && S_ISREG(status.st_mode)) {
        *size = (guint64) status.st_size;
        return true;
    }
    close(*fd);
    *fd = -1;
    return true;
}

static bool
get_file(const CsZarrStore *store, const char *key, size_t max_bytes,
         guint8 **bytes, size_t *n, GError **error)
{
    g_autofree guint8 *got = NULL;
    guint64 size;
    int fd;
    bool ok;

    if (!open_file(store, key, &fd, &size, error))
        return false;
    if (fd < 0)
        return true;
    ok = make_room(size, max_bytes, key, &got, error)
         && read_all(fd, 0, got, (size_t) size, key, error);
    close(fd);
    if (!ok)
        return false;
    *bytes = g_steal_pointer(&got);
    *n = (size_t) size;
    return true;
}

/* Where the part begins in a key of `size` bytes. */
static bool
find_part(guint64 size, gint64 at, size_t n, const char *key, guint64 *begins,
          GError **error)
{
    guint64 behind = at < 0 ? (guint64) -(at + 1) + 1 : 0;

    if (behind > size || (at >= 0 && (guint64) at > size)) {
        behind = 0;
        *begins = size + 1;
    } else {
        *begins = at < 0 ? size - behind : (guint64) at;
    }
    if (*begins <= size && n <= size - *begins)
        return true;
    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s has %" PRIu64 " bytes and ends before what it should"
                   " hold", key, size);
}

static bool
part_of_file(const CsZarrStore *store, const char *key, gint64 at, size_t n,
             guint8 **bytes, GError **error)
{
    g_autofree guint8 *got = NULL;
    guint64 size, begins;
    int fd;
    bool ok;

    if (!open_file(store, key, &fd, &size, error))
        return false;
    if (fd < 0)
        return true;
    ok = find_part(size, at, n, key, &begins, error)
         && make_room(n, n, key, &got, error)
         && read_all(fd, (off_t) begins, got, n, key, error);
    close(fd);
    if (ok)
        *bytes = g_steal_pointer(&got);
    return ok;
}

static bool
read_entry(zip_t *zip, zip_uint64_t entry, guint8 *to, size_t n,
           const char *key, GError **error)
{
    zip_file_t *file = zip_fopen_index(zip, entry, 0);
    size_t at = 0;

    while (file != NULL && at < n) {
        zip_int64_t got = zip_fread(file, to + at, n - at);

        if (got <= 0)
            break;
        at += (size_t) got;
    }
    if (file != NULL)
        zip_fclose(file);
    return at == n
           || cs_fail(error, CS_ERROR_FORMAT,
                      "%s cannot be unpacked from the zip file", key);
}

static bool
get_entry(CsZarrStore *store, const char *key, size_t max_bytes,
          guint8 **bytes, size_t *n, GError **error)
{
    zip_int64_t entry = zip_name_locate(store->zip, key, 0);
    g_autofree guint8 *got = NULL;
    zip_stat_t status;

    if (entry < 0)
        return true;
    if (zip_stat_index(store->zip, (zip_uint64_t) entry, 0, &status) < 0
        || !(status.valid & ZIP_STAT_SIZE))
        return cs_fail(error, CS_ERROR_FORMAT, "%s has no size", key);
    if (!make_room(status.size, max_bytes, key, &got, error)
        || !read_entry(store->zip, (zip_uint64_t) entry, got,
                       (size_t) status.size, key, error))
        return false;
    *bytes = g_steal_pointer(&got);
    *n = (size_t) status.size;
    return true;
}

bool
cs_zarr_store_get(CsZarrStore *store, const char *key, size_t max_bytes,
                  guint8 **bytes, size_t *n, GError **error)
{
    bool ok;

    *bytes = NULL;
    *n = 0;
    if (!goes_down_only(key))
        return true;
    if (store->folder != NULL)
        return get_file(store, key, max_bytes, bytes, n, error);
    g_mutex_lock(&store->lock);
    ok = get_entry(store, key, max_bytes, bytes, n, error);
    g_mutex_unlock(&store->lock);
    return ok;
}

/* What is packed in a zip can only be read from its start. */
static bool
part_of_entry(CsZarrStore *store, const char *key, gint64 at, size_t n,
              guint8 **bytes, GError **error)
{
    g_autofree guint8 *whole = NULL;
    guint64 begins;
    size_t size;

    if (!get_entry(store, key, MAX_ZIPPED_SHARD, &whole, &size, error))
        return false;
    if (whole == NULL)
        return true;
    if (!find_part(size, at, n, key, &begins, error)
        || !make_room(n, n, key, bytes, error))
        return false;
    memcpy(*bytes, whole + begins, n);
    return true;
}

bool
cs_zarr_store_part(CsZarrStore *store, const char *key, gint64 at, size_t n,
                   guint8 **bytes, GError **error)
{
    bool ok;

    *bytes = NULL;
    if (!goes_down_only(key))
        return true;
    if (store->folder != NULL)
        return part_of_file(store, key, at, n, bytes, error);
    g_mutex_lock(&store->lock);
    ok = part_of_entry(store, key, at, n, bytes, error);
    g_mutex_unlock(&store->lock);
    return ok;
}

/* ---- Listing -------------------------------------------------------------- */

static int
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static void
list_folder(const CsZarrStore *store, const char *key, GPtrArray *names)
{
    g_autofree char *path = g_build_filename(store->folder, key, NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder != NULL && names->len < MAX_NAMES
           && (name = g_dir_read_name(folder)) != NULL)
        g_ptr_array_add(names, g_strdup(name));
}

static void
list_zip(const CsZarrStore *store, const char *key, GPtrArray *names)
{
    g_autofree char *prefix = g_strdup_printf("%s%s", key, *key ? "/" : "");
    g_autoptr(GHashTable) seen
        = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    zip_int64_t n = zip_get_num_entries(store->zip, 0);

    for (zip_int64_t i = 0;
         i < MIN(n, MAX_ENTRIES) && names->len < MAX_NAMES; i++) {
        const char *name = zip_get_name(store->zip, (zip_uint64_t) i, 0);
        g_autofree char *first = NULL;

        if (name == NULL || !g_str_has_prefix(name, prefix))
            continue;
        name += strlen(prefix);
        first = g_strndup(name, strcspn(name, "/"));
        if (*first != '\0' && g_hash_table_add(seen, g_strdup(first)))
            g_ptr_array_add(names, g_steal_pointer(&first));
    }
}

GPtrArray *
cs_zarr_store_list(CsZarrStore *store, const char *key)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    if (store->folder != NULL) {
        list_folder(store, key, names);
    } else {
        g_mutex_lock(&store->lock);
        list_zip(store, key, names);
        g_mutex_unlock(&store->lock);
    }
    g_ptr_array_sort(names, by_name);
    return names;
}
