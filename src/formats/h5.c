/* HDF5 files read through a CsSource: a driver of our own, the lock, and the
 * ways in.
 *
 * A driver rather than H5Fopen by path: memory and files take the same way,
 * nothing is loaded whole (as the core driver would), a file that shrinks is an
 * error of ours, and links to other files end here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/h5.h"

#include <string.h>

#include "coatscope/error.h"

enum { MAX_TEXT = 1 << 16, MAX_OBJECTS = 1 << 16 };

typedef struct {
    H5FD_t    base; /* first: HDF5 hands us this */
    CsSource *source;
    haddr_t   end_of_used;
} Driver;

static GMutex lock;
static H5E_auto2_t printer;
static void *printer_data;
static CsSource *to_open; /* the one source the next open may take */
static CsSource *opened;  /* of the file opened last                */
static hsize_t opened_base;

void
cs_h5_lock(void)
{
    g_mutex_lock(&lock);
    H5Eget_auto2(H5E_DEFAULT, &printer, &printer_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void
cs_h5_unlock(void)
{
    H5Eset_auto2(H5E_DEFAULT, printer, printer_data);
    g_mutex_unlock(&lock);
}

/* ---- The driver ----------------------------------------------------------- */

/* Files that a file points to (external links, virtual datasets) come here
 * too, find no source and are not opened. */
static H5FD_t *
driver_open(const char *name, unsigned flags, hid_t list, haddr_t max)
{
    Driver *driver;

    (void) name;
    (void) list;
    (void) max;
    if (to_open == NULL || (flags & H5F_ACC_RDWR) != 0)
        return NULL;
    driver = g_new0(Driver, 1);
    driver->source = cs_source_ref(to_open);
    to_open = NULL;
    return &driver->base;
}

static herr_t
driver_close(H5FD_t *file)
{
    Driver *driver = (Driver *) file;

    cs_source_unref(driver->source);
    g_free(driver);
    return 0;
}

static herr_t
driver_query(const H5FD_t *file, unsigned long *flags)
{
    (void) file;
    *flags = H5FD_FEAT_DATA_SIEVE;
    return 0;
}

static haddr_t
driver_get_eoa(const H5FD_t *file, H5FD_mem_t type)
{
    (void) type;
    return ((const Driver *) file)->end_of_used;
}

static herr_t
driver_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t address)
{
    (void) type;
    ((Driver *) file)->end_of_used = address;
    return 0;
}

static haddr_t
driver_get_eof(const H5FD_t *file, H5FD_mem_t type)
{
    (void) type;
    return cs_source_size(((const Driver *) file)->source);
}

static herr_t
driver_read(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at, size_t n,
            void *to)
{
    (void) type;
    (void) list;
    return cs_source_read(((Driver *) file)->source, at, to, n, "HDF5", NULL)
               ? 0 : -1;
}

static herr_t
driver_write(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at, size_t n,
             const void *from)
{
    (void) file;
    (void) type;
    (void) list;
    (void) at;
    (void) n;
    (void) from;
    return -1;
}

static const H5FD_class_t driver_class = {
    .name = "coatscope-source",
    .maxaddr = (haddr_t) G_MAXINT64,
    .fc_degree = H5F_CLOSE_STRONG,
    .open = driver_open,
    .close = driver_close,
    .query = driver_query,
    .get_eoa = driver_get_eoa,
    .set_eoa = driver_set_eoa,
    .get_eof = driver_get_eof,
    .read = driver_read,
    .write = driver_write,
    .fl_map = H5FD_FLMAP_SINGLE,
};

/* ---- Texts of variable length --------------------------------------------- */

/* HDF5 1.10 trusts the place, number and size of such a text and writes past
 * its memory where a file is damaged. So we let it hand over the reference as
 * it lies in the file, by a conversion that changes nothing, and fetch the
 * text ourselves. */
static herr_t
leave_as_it_is(hid_t from, hid_t to, H5T_cdata_t *data, size_t n,
               size_t stride, size_t bkg_stride, void *bytes, void *bkg,
               hid_t list)
{
    (void) n;
    (void) stride;
    (void) bkg_stride;
    (void) bytes;
    (void) bkg;
    (void) list;
    data->need_bkg = H5T_BKG_NO;
    if (data->command == H5T_CONV_FREE)
        return 0;
    return H5Tget_size(from) == H5Tget_size(to)
                   || data->command == H5T_CONV_INIT
               ? 0 : -1;
}

static void
register_raw_texts(void)
{
    hid_t text = H5Tcopy(H5T_C_S1);
    hid_t raw = H5Tcreate(H5T_OPAQUE, CS_H5_REFERENCE_BYTES);

    H5Tset_size(text, H5T_VARIABLE);
    H5Tregister(H5T_PERS_SOFT, "text as it lies", text, raw, leave_as_it_is);
    H5Tclose(raw);
    H5Tclose(text);
}

static guint64
le(const guint8 *at, unsigned n)
{
    guint64 value = 0;

    while (n-- > 0)
        value = value << 8 | at[n];
    return value;
}

/* Where object number `wanted` of the heap at `at` begins, and its size;
 * false if it has none. Heap: magic, version, size in all at 8; from 16
 * objects of number (2), users (2), 4 free, size (8), bytes up to a multiple of
 * 8. Number 0 is the free rest. */
static bool
find_object(guint64 at, guint64 wanted, guint64 *begins, guint64 *size)
{
    guint8 head[16];
    guint64 end;

    if (!cs_source_read(opened, at, head, sizeof head, "a heap", NULL)
        || memcmp(head, "GCOL", 4) != 0)
        return false;
    end = le(head + 8, 8);
    if (end > cs_source_size(opened) - at)
        return false;
    end += at;
    at += sizeof head;
    for (int i = 0; i < MAX_OBJECTS && at < end && end - at >= 16; i++) {
        guint64 number;

        if (!cs_source_read(opened, at, head, sizeof head, "a heap", NULL))
            return false;
        number = le(head, 2);
        *size = le(head + 8, 8);
        *begins = at + sizeof head;
        if (number == 0 || *size > end - *begins)
            return false;
        if (number == wanted)
            return true;
        at = *begins + (*size + 7) / 8 * 8;
    }
    return false;
}

char *
cs_h5_heap_text(const guint8 *reference)
{
    guint64 n = le(reference, 4), at = le(reference + 4, 8), begins, size;
    char *text;

    if (n == 0 || at > cs_source_size(opened)
        || opened_base > cs_source_size(opened) - at
        || !find_object(opened_base + at, le(reference + 12, 4), &begins,
                        &size)
        || n > size || n > MAX_TEXT)
        return NULL;
    text = g_malloc0(n + 1);
    if (cs_source_read(opened, begins, text, n, "a text", NULL))
        return text;
    g_free(text);
    return NULL;
}

/* ---- Opening -------------------------------------------------------------- */

int
cs_h5_probe(const guint8 *head, size_t n)
{
    static const guint8 magic[]
        = { 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n' };

    for (size_t at = 0; at + sizeof magic <= n; at = at > 0 ? 2 * at : 512)
        if (memcmp(head + at, magic, sizeof magic) == 0)
            return 90;
    return 0;
}

static herr_t
keep_first(unsigned n, const H5E_error2_t *reason, void *text)
{
    if (n == 0 && reason->desc != NULL)
        *(char **) text = g_strndup(reason->desc, 200);
    return 0;
}

char *
cs_h5_reason(void)
{
    g_autofree char *text = NULL;

    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
    return g_utf8_make_valid(text != NULL ? text : "no reason given", -1);
}

static bool
has_usual_words(hid_t file)
{
    size_t of_address = 0, of_size = 0;
    hid_t list = H5Fget_create_plist(file);

    H5Pget_sizes(list, &of_address, &of_size);
    H5Pget_userblock(list, &opened_base);
    H5Pclose(list);
    return of_address == 8 && of_size == 8;
}

hid_t
cs_h5_open(CsSource *source, GError **error)
{
    static hid_t driver = -1;
    hid_t list, file;

    if (driver < 0) {
        H5dont_atexit(); /* all is read only, and closed; damaged files would
                            make it complain while the program ends */
        H5open();
        H5PLset_loading_state(0);
        driver = H5FDregister(&driver_class);
        register_raw_texts();
    }
    list = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_driver(list, driver, NULL);
    H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
    opened = source;
    to_open = source;
    file = H5Fopen("source", H5F_ACC_RDONLY, list);
    to_open = NULL;
    if (file < 0) {
        g_autofree char *reason = cs_h5_reason();

        cs_fail(error, CS_ERROR_FORMAT, "HDF5 cannot open it: %s%s", reason,
                strstr(reason, "truncated file") != NULL
                    ? "; its lists of what is where are missing: copy or"
                      " close it again" : "");
    }
    H5Pclose(list);
    if (file >= 0 && !has_usual_words(file)) {
        H5Fclose(file);
        cs_fail(error, CS_ERROR_UNSUPPORTED,
                "has addresses or sizes of other than 8 bytes");
        return -1;
    }
    return file;
}

hid_t
cs_h5_native_type(CsPixelType type)
{
    switch (type) {
    case CS_PIXEL_U8:
        return H5T_NATIVE_UINT8;
    case CS_PIXEL_I8:
        return H5T_NATIVE_INT8;
    case CS_PIXEL_U16:
        return H5T_NATIVE_UINT16;
    case CS_PIXEL_I16:
        return H5T_NATIVE_INT16;
    case CS_PIXEL_U32:
        return H5T_NATIVE_UINT32;
    case CS_PIXEL_I32:
        return H5T_NATIVE_INT32;
    case CS_PIXEL_F32:
        return H5T_NATIVE_FLOAT;
    case CS_PIXEL_F64:
        return H5T_NATIVE_DOUBLE;
    default:
        return -1;
    }
}
