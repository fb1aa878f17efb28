/* The table of readers, and what they share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/readers.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"

const CsReader *const cs_readers[] = {
    &cs_reader_dm,
    &cs_reader_mrc,
    &cs_reader_tiff,
    &cs_reader_png,
    &cs_reader_jpeg,
    &cs_reader_ser,
    &cs_reader_tvips,
    &cs_reader_mib,
    &cs_reader_mrc_packed,
    &cs_reader_seq,
    &cs_reader_hdf5,
    &cs_reader_video,
    &cs_reader_zarr,
    NULL,
};

const CsReader *
cs_reader_named(const char *name)
{
    for (size_t i = 0; cs_readers[i] != NULL; i++)
        if (strcmp(cs_readers[i]->name, name) == 0)
            return cs_readers[i];
    return NULL;
}

static bool
has_suffix(const CsReader *reader, const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);

    for (size_t i = 0; reader->suffixes[i] != NULL; i++)
        if (g_str_has_suffix(lower, reader->suffixes[i]))
            return true;
    return false;
}

static char *
list_of_formats(void)
{
    GString *list = g_string_new(NULL);

    for (size_t i = 0; cs_readers[i] != NULL; i++)
        g_string_append_printf(list, "%s%s", i > 0 ? ", " : "",
                               cs_readers[i]->title);
    return g_string_free(list, FALSE);
}

/* Files that we know by their first bytes and do not read, and what to do
 * with them. */
static const struct {
    const char *bytes;
    size_t      n;
    const char *advice;
} left_out[] = {
#define LEFT_OUT(bytes, advice) { bytes, sizeof(bytes) - 1, advice }
    LEFT_OUT("version https://git-lfs",
             "it is a Git LFS pointer: fetch the real file with git lfs pull"),
    LEFT_OUT("JK\0\2",
             "it is an .emi file of TIA, which describes images that lie in"
             " .ser files beside it (NAME_1.ser, …): open those"),
    LEFT_OUT("HDR,",
             "it is the header of a Merlin recording: open the .mib file"
             " beside it"),
    LEFT_OUT("Iout",
             "it holds an outline of ImageJ and no image: give it to"
             " measure --roi"),
    LEFT_OUT("\x93NUMPY",
             "it is an array of NumPy, which keeps no scale and no times:"
             " save it as TIFF, HSPY or MRC"),
    LEFT_OUT("\xff\xff\0\x55",
             "it is one sector of a K2 IS recording: export the recording as"
             " DM4 or MRC in DigitalMicrograph and open that"),
    LEFT_OUT("IMGBLO",
             "it is a block file of NanoMEGAS, a scan of diffraction patterns"
             " and no series of images: HyperSpy or LiberTEM read it"),
    LEFT_OUT("AAMVHFSS",
             "it is a spectrum image of Bruker (BCF), not a series of images:"
             " HyperSpy reads it"),
    LEFT_OUT("#FORMAT", "it is a spectrum (EMSA), not an image"),
    LEFT_OUT("DCIMG",
             "it is a DCIMG file of Hamamatsu: export it as TIFF in HCImage"),
    LEFT_OUT("ZISRAWFILE",
             "it is a CZI file of Zeiss: export it as OME-TIFF in ZEN"),
    LEFT_OUT("\xda\xce\xbe\x0a",
             "it is an ND2 file of Nikon: export it as OME-TIFF"),
    LEFT_OUT("PK\3\4",
             "it is a zip archive without images in Zarr: unpack it and open"
             " the files in it"),
    LEFT_OUT("\x1f\x8b", "it is packed by gzip: unpack it"),
};

/* What it is and what to do, where we know that. */
static const char *
advice_on(const char *name, const guint8 *head, size_t n)
{
    for (size_t i = 0; i < G_N_ELEMENTS(left_out); i++)
        if (n >= left_out[i].n
            && memcmp(head, left_out[i].bytes, left_out[i].n) == 0)
            return left_out[i].advice;
    if (n > 0 && g_str_has_suffix(name, ".tvips"))
        return "it has no header of a TVIPS stream: only the first file of a"
               " set (_000.tvips) has one, open that";
    return NULL;
}

/* What the bytes look like, for a person who wonders what went wrong. */
static const char *
looks_like(const guint8 *head, size_t n)
{
    if (n == 0)
        return "it is empty";
    if (memchr(head, '\0', n) == NULL
        && g_utf8_validate((const char *) head, (gssize) n, NULL))
        return "it looks like text (a log goes with its recording: --bias-log)";
    return "its first bytes are of no format we read";
}

static void
refuse_unknown(const char *name, const guint8 *head, size_t n, GError **error)
{
    g_autofree char *formats = list_of_formats();

    cs_fail(error, n == 0 ? CS_ERROR_FORMAT : CS_ERROR_UNSUPPORTED,
            "%s: %s; what can be read: %s", name, looks_like(head, n),
            formats);
}

const CsReader *
cs_reader_for(const CsSource *source, GError **error)
{
    guint8 head[CS_PROBE_BYTES];
    size_t n = cs_source_peek(source, head, sizeof head);
    const CsReader *best = NULL;
    const char *advice;
    int best_score = 0;

    for (size_t i = 0; cs_readers[i] != NULL; i++) {
        int score = 2 * cs_readers[i]->probe(head, n);

        if (score > 0 && has_suffix(cs_readers[i], cs_source_name(source)))
            score++;
        if (score > best_score) {
            best = cs_readers[i];
            best_score = score;
        }
    }
    if (best != NULL)
        return best;
    advice = advice_on(cs_source_name(source), head, n);
    if (advice != NULL)
        cs_fail(error, CS_ERROR_UNSUPPORTED, "%s: %s", cs_source_name(source),
                advice);
    else
        refuse_unknown(cs_source_name(source), head, n, error);
    return NULL;
}

/* ---- Series information --------------------------------------------------- */

void
cs_series_info_clear(CsSeriesInfo *info)
{
    cs_clock_clear(&info->clock);
    g_free(info->date);
    g_free(info->camera);
    g_free(info->microscope);
    g_free(info->title);
    g_clear_pointer(&info->notes, g_ptr_array_unref);
    *info = (CsSeriesInfo) CS_SERIES_INFO_INIT;
}

void
cs_series_info_note(CsSeriesInfo *info, const char *format, ...)
{
    va_list args;

    if (info->notes == NULL)
        info->notes = g_ptr_array_new_with_free_func(g_free);
    va_start(args, format);
    g_ptr_array_add(info->notes, g_strdup_vprintf(format, args));
    va_end(args);
}

void
cs_axis_set(CsAxis *axis, double step, const char *unit)
{
    axis->step = step;
    g_strlcpy(axis->unit, unit != NULL ? unit : "", sizeof axis->unit);
    axis->kind = cs_unit_kind(axis->unit, NULL);
}

double
cs_axis_nm(const CsAxis *axis)
{
    double factor;

    if (cs_unit_kind(axis->unit, &factor) != CS_UNIT_LENGTH
        || !(axis->step > 0) || !isfinite(axis->step))
        return NAN;
    return axis->step * factor;
}
