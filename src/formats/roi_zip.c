/* RoiSet.zip: many regions in one file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <zip.h>

#include "coatscope/error.h"
#include "coatscope/source.h"
#include "core/alloc.h"
#include "formats/roi.h"

enum {
    MAX_ROI_BYTES = 16 << 20, /* of one region, unpacked                    */
    MAX_ALL_BYTES = 1 << 29,  /* of all                                     */
    MAX_REGIONS = 1 << 20,
    DOS_DATE = 0x21, /* 1980-01-01: the same bytes on any day               */
};

/* ---- Reading -------------------------------------------------------------- */

static void
take(GArray *to, CsRoi *roi, const char *name)
{
    g_autofree char *base = g_path_get_basename(name);

    if (roi->name == NULL) {
        if (g_str_has_suffix(base, ".roi"))
            base[strlen(base) - strlen(".roi")] = '\0';
        roi->name = g_utf8_make_valid(base, -1);
    }
    g_array_append_val(to, *roi);
    *roi = (CsRoi) CS_ROI_INIT;
}

/* A message of libzip for an entry or the whole. */
static bool
complain(zip_t *zip, CsError code, const char *what, GError **error)
{
    return cs_fail(error, code, "%s: %s", what, zip_strerror(zip));
}

static GBytes *
unpack(zip_t *zip, zip_uint64_t i, const zip_stat_t *stat, GError **error)
{
    zip_file_t *file;
    char *bytes;
    zip_int64_t n;

    if (stat->size > MAX_ROI_BYTES) {
        cs_fail(error, CS_ERROR_LIMIT,
                "%s: %" G_GUINT64_FORMAT " bytes (%d are the limit)",
                stat->name, (guint64) stat->size, MAX_ROI_BYTES);
        return NULL;
    }
    file = zip_fopen_index(zip, i, 0);
    if (file == NULL) {
        complain(zip, CS_ERROR_FORMAT, stat->name, error);
        return NULL;
    }
    bytes = cs_try_alloc(stat->size, 1, "a region", error);
    n = bytes != NULL ? zip_fread(file, bytes, stat->size) : -1;
    zip_fclose(file);
    if (bytes != NULL && n == (zip_int64_t) stat->size)
        return g_bytes_new_take(bytes, stat->size);
    if (bytes != NULL)
        cs_fail(error, CS_ERROR_FORMAT, "%s: cannot be unpacked", stat->name);
    g_free(bytes);
    return NULL;
}

static bool
read_entry(zip_t *zip, zip_uint64_t i, GArray *to, uint64_t *n_all,
           GError **error)
{
    zip_stat_t stat;
    g_autoptr(GBytes) bytes = NULL;
    g_auto(CsRoi) roi = CS_ROI_INIT;

    if (zip_stat_index(zip, i, 0, &stat) < 0)
        return complain(zip, CS_ERROR_FORMAT, "an entry", error);
    if (!g_str_has_suffix(stat.name, ".roi"))
        return true;
    bytes = unpack(zip, i, &stat, error);
    if (bytes == NULL)
        return false;
    *n_all += stat.size;
    if (*n_all > MAX_ALL_BYTES)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "its regions have more than %d bytes", MAX_ALL_BYTES);
    if (!cs_roi_decode(bytes, &roi, error))
        return cs_blame(error, "%s", stat.name);
    take(to, &roi, stat.name);
    return true;
}

static bool
read_entries(zip_t *zip, GArray *to, GError **error)
{
    zip_int64_t n = zip_get_num_entries(zip, 0);
    uint64_t n_all = 0;

    if (n > MAX_REGIONS)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "%" G_GINT64_FORMAT " entries (%d are the limit)",
                       (gint64) n, MAX_REGIONS);
    for (zip_int64_t i = 0; i < n; i++)
        if (!read_entry(zip, (zip_uint64_t) i, to, &n_all, error))
            return false;
    if (to->len == 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "there is no region (.roi) in it");
    return true;
}

static bool
read_zip(const char *path, GArray *to, GError **error)
{
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
    zip_error_t why;
    bool ok;

    if (zip == NULL) {
        zip_error_init_with_code(&why, code);
        cs_fail(error, CS_ERROR_FORMAT, "cannot be opened as a zip: %s",
                zip_error_strerror(&why));
        zip_error_fini(&why);
        return false;
    }
    ok = read_entries(zip, to, error);
    zip_discard(zip);
    return ok;
}

static bool
read_one(const CsSource *source, GArray *to, GError **error)
{
    uint64_t n = cs_source_size(source);
    g_autoptr(GBytes) bytes = NULL;
    g_auto(CsRoi) roi = CS_ROI_INIT;
    char *data;

    if (n > MAX_ROI_BYTES)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "%" G_GUINT64_FORMAT
                       " bytes are no region (%d are the limit)",
                       n, MAX_ROI_BYTES);
    data = cs_try_alloc((size_t) n, 1, "the region", error);
    if (data == NULL)
        return false;
    bytes = g_bytes_new_take(data, (gsize) n);
    if (!cs_source_read(source, 0, data, (size_t) n, "the region", error)
        || !cs_roi_decode(bytes, &roi, error))
        return false;
    take(to, &roi, cs_source_name(source));
    return true;
}

static void
clear_roi(gpointer roi)
{
    cs_roi_clear(roi);
}

bool
cs_rois_read(const char *path, CsRois *rois, GError **error)
{
    g_autoptr(CsSource) source = cs_source_open(path, error);
    g_autoptr(GArray) got = g_array_new(FALSE, FALSE, sizeof(CsRoi));
    char magic[2] = "";
    bool ok;

    if (source == NULL)
        return false;
    g_array_set_clear_func(got, clear_roi);
    cs_source_peek(source, magic, sizeof magic);
    ok = memcmp(magic, "PK", 2) == 0 ? read_zip(path, got, error)
                                     : read_one(source, got, error);
    if (!ok)
        return cs_blame(error, "%s", path);
    cs_rois_clear(rois);
    g_array_set_clear_func(got, NULL);
    rois->n = got->len;
    rois->roi = (CsRoi *) g_array_steal(got, NULL);
    return true;
}

/* ---- Writing -------------------------------------------------------------- */

/* A name for a file in the zip that is not there yet. */
static char *
entry_name(const CsRoi *roi, GHashTable *names)
{
    g_autofree char *name = roi->name != NULL && roi->name[0] != '\0'
                                ? g_utf8_make_valid(roi->name, -1)
                                : cs_roi_default_name(roi);
    g_autofree char *unique = NULL;

    g_strdelimit(name, "/\\:*?\"<>|\r\n\t", '_');
    unique = g_strdup(name);
    for (int i = 1; !g_hash_table_add(names, g_strdup(unique)); i++) {
        g_free(unique);
        unique = g_strdup_printf("%s-%d", name, i);
    }
    return g_strconcat(unique, ".roi", NULL);
}

/* An entry of the zip. libzip asks for its bytes when it writes the whole;
 * until then only their number is kept. */
typedef struct {
    const CsRoiLender *lender;
    size_t             i;
    size_t             n_bytes;
    GBytes            *bytes; /* while it is open */
    size_t             at;
    zip_error_t        why;
} Entry;

static bool
open_entry(Entry *e)
{
    g_autoptr(GError) error = NULL;
    const CsRoi *roi = e->lender->lend(e->i, e->lender->data, &error);

    e->bytes = roi != NULL ? cs_roi_encode(roi) : NULL;
    e->at = 0;
    if (e->bytes != NULL && g_bytes_get_size(e->bytes) == e->n_bytes)
        return true;
    zip_error_set(&e->why, roi == NULL ? ZIP_ER_MEMORY : ZIP_ER_CHANGED, 0);
    return false;
}

static zip_int64_t
read_bytes(Entry *e, void *to, zip_uint64_t n)
{
    gsize n_all;
    const char *bytes = g_bytes_get_data(e->bytes, &n_all);

    n = MIN(n, n_all - e->at);
    memcpy(to, bytes + e->at, n);
    e->at += n;
    return (zip_int64_t) n;
}

static void
close_entry(Entry *e)
{
    g_clear_pointer(&e->bytes, g_bytes_unref);
}

static zip_int64_t
tell_size(const Entry *e, void *to)
{
    zip_stat_t *stat = to;

    zip_stat_init(stat);
    stat->size = e->n_bytes;
    stat->valid = ZIP_STAT_SIZE;
    return sizeof *stat;
}

static zip_int64_t
entry_source(void *entry, void *data, zip_uint64_t n, zip_source_cmd_t command)
{
    Entry *e = entry;

    switch (command) {
    case ZIP_SOURCE_OPEN: return open_entry(e) ? 0 : -1;
    case ZIP_SOURCE_READ: return read_bytes(e, data, n);
    case ZIP_SOURCE_CLOSE: close_entry(e); return 0;
    case ZIP_SOURCE_STAT: return tell_size(e, data);
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&e->why, data, n);
    case ZIP_SOURCE_FREE:
        close_entry(e);
        g_free(e);
        return 0;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(
            ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
            ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    default: zip_error_set(&e->why, ZIP_ER_OPNOTSUPP, 0); return -1;
    }
}

static bool
add_entry(zip_t *zip, const CsRoiLender *lender, size_t i, GHashTable *names,
          GError **error)
{
    const CsRoi *roi = lender->lend(i, lender->data, error);
    g_autofree char *name = roi != NULL ? entry_name(roi, names) : NULL;
    g_autoptr(GBytes) bytes = roi != NULL ? cs_roi_encode(roi) : NULL;
    zip_source_t *source;
    zip_int64_t at;
    Entry *e;

    if (roi == NULL)
        return false;
    e = g_new0(Entry, 1);
    *e = (Entry) { lender, i, g_bytes_get_size(bytes), NULL, 0, { 0 } };
    source = zip_source_function(zip, entry_source, e);
    if (source == NULL) {
        g_free(e);
        return complain(zip, CS_ERROR_IO, name, error);
    }
    at = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
    if (at < 0) {
        zip_source_free(source);
        return complain(zip, CS_ERROR_IO, name, error);
    }
    zip_file_set_dostime(zip, (zip_uint64_t) at, 0, DOS_DATE, 0);
    return true;
}

static bool
add_all(zip_t *zip, const CsRoiLender *lender, GError **error)
{
    g_autoptr(GHashTable) names
        = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < lender->n; i++)
        if (!add_entry(zip, lender, i, names, error))
            return false;
    return true;
}

static const CsRoi *
lend_kept(size_t i, void *rois, GError **error)
{
    (void) error;
    return &((const CsRois *) rois)->roi[i];
}

bool
cs_rois_write(const CsRois *rois, const char *path, GError **error)
{
    CsRoiLender lender = { rois->n, lend_kept, (void *) rois };

    return cs_rois_write_lent(&lender, path, error);
}

bool
cs_rois_write_lent(const CsRoiLender *lender, const char *path, GError **error)
{
    zip_error_t why;
    int code = 0;
    zip_t *zip;

    if (lender->n == 0)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: there are no regions to write", path);
    zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (zip == NULL) {
        zip_error_init_with_code(&why, code);
        cs_fail(error, CS_ERROR_IO, "%s: cannot be written: %s", path,
                zip_error_strerror(&why));
        zip_error_fini(&why);
        return false;
    }
    if (!add_all(zip, lender, error)) {
        zip_discard(zip);
        return cs_blame(error, "%s", path);
    }
    /* libzip writes beside the file and renames. */
    if (zip_close(zip) == 0)
        return true;
    complain(zip, CS_ERROR_IO, path, error);
    zip_discard(zip);
    return false;
}
