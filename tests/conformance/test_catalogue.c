/* Real microscope files against the values that are known of them: one test
 * per row of the catalogue that lies beside them. Rows that are left out say
 * why; a row of a format we read that is not left out must agree.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/reader.h"

/* Which reader the catalogue's formats are for. Formats not named here are
 * of no reader's, planned or built. */
static const struct {
    const char *format;
    const char *reader;
} readers_of[] = {
    { "dm3", "dm" },   { "dm4", "dm" },       { "mrc", "mrc" },
    { "map", "mrc" },  { "tif", "tiff" },     { "ome-tiff", "tiff" },
    { "png", "png" },  { "jpg", "jpeg" },     { "ser", "ser" },
    { "emi", "emi" },  { "emd", "hdf5" },     { "hspy", "hdf5" },
    { "tvips", "tvips" }, { "mib", "mib" },     { "mov", "video" },
    { "map.bz2", "mrc-packed" },
};

/* Files that are refused, and by which words. */
static const struct {
    const char *path;
    const char *words;
} refused[] = {
    { "dm3/nion/ref_F_1_1.dm3", "spectrum image of EELS" },
    { "dm4/nion/ref_F_1_1.dm4", "spectrum image of EELS" },
    { "ser/rsciio/old/64x64_diffraction_acquire_1.ser", "diffraction" },
    { "tvips/rsciio/test_tvips_2345_split_001.tvips", "open that" },
    { "tvips/rsciio/test_tvips_2345_split_002.tvips", "open that" },
    { "dm4/rsciio/test_fft_packed_complex8.dm4", "packed Fourier transform" },
    { "emd/rsciio/example_bytes_string_metadata.emd", "a spectrum of 10" },
};

/* Files whose values in the catalogue passed through a program that changed
 * their shape or type. */
static const struct {
    const char *path;
    const char *shape;
    const char *type;
} stored_as[] = {
    /* Velox stores integers; HyperSpy 1.7 gives them as float64. */
    { "emd/openncem/Camera Ceta Imaging Micro.emd", "512x512", "int16" },
    { "emd/openncem/STEM HAADF Diffraction Micro.emd", "128x128", "uint16" },
    { "emd/rsciio/fei_example_tem_stack.emd", "2x3x3", "int16" },
    /* HyperSpy transposes NCEM EMD; stored are 44 rows of 22. */
    { "emd/rsciio/Si100_2x1x1_3D.emd", "44x22", "float32" },
    /* The catalogue names the program too. */
    { "video/pims/bulk-water.mov", "480x424x640", "uint8" },
};

/* Files of which we know better than the catalogue. */
static const struct {
    const char *path;
    double      x;
    double      y;
    const char *why;
} better[] = {
    { "mrc/mrcfile/EMD-3001.map", 33.03 / 72, 17.93 / 40,
      "its columns run along z and its rows along x; the catalogue divides"
      " the cell by the grid in x and y" },
    { "mrc/rsciio/20241021_00405_movie.mrc", 1, 2,
      "the header has none, the _info.txt file beside it 0.1 and 0.2 nm" },
};

typedef struct {
    char       *file; /* its place on this machine */
    GHashTable *cells;
} Row;

static const char *
cell(const Row *row, const char *column)
{
    const char *text = g_hash_table_lookup(row->cells, column);

    return text != NULL ? text : "";
}

static const char *
reader_name_of(const Row *row)
{
    for (size_t i = 0; i < G_N_ELEMENTS(readers_of); i++)
        if (strcmp(readers_of[i].format, cell(row, "format")) == 0)
            return readers_of[i].reader;
    return NULL;
}

/* NAN for an empty cell. "|2.5|" is the modulus of complex pixels. */
static double
number(const Row *row, const char *column)
{
    const char *text = cell(row, column);

    text += *text == '|';
    return *text != '\0' ? g_ascii_strtod(text, NULL) : NAN;
}

/* ---- Shape and type ------------------------------------------------------- */

/* The type's name; NumPy's short ones name the byte order in the file. */
static const char *
type_of(const char *name)
{
    if (strcmp(name, ">u1") == 0)
        return "uint8";
    return strcmp(name, ">u2") == 0 ? "uint16" : name;
}

/* "5x128x128 valid (200 declared)" to { 5, 128, 128 }. */
static size_t
parse_shape(const char *text, guint64 sizes[8])
{
    size_t n = 0;

    while (n < 8 && g_ascii_isdigit(*text)) {
        char *end;

        sizes[n++] = g_ascii_strtoull(text, &end, 10);
        if (*end != 'x')
            break;
        text = end + 1;
    }
    return n;
}

/* The shape or dtype of what is in the file. */
static const char *
stored(const Row *row, const char *column)
{
    for (size_t i = 0; i < G_N_ELEMENTS(stored_as); i++)
        if (strcmp(stored_as[i].path, cell(row, "path")) == 0)
            return strcmp(column, "shape") == 0 ? stored_as[i].shape
                                                : stored_as[i].type;
    return cell(row, column);
}

static void
check_shape(const Row *row, const CsSeriesInfo *info)
{
    guint64 sizes[8], n_frames = 1;
    size_t n = parse_shape(stored(row, "shape"), sizes);
    bool is_colour = g_str_has_prefix(cell(row, "dtype"), "R:uint8+G:uint8");

    if (is_colour)
        g_assert_cmpuint(info->n_channels, ==, 4);
    else if (n > 2 && info->n_channels > 1)
        g_assert_cmpuint(sizes[--n], ==, info->n_channels);
    else
        g_assert_cmpuint(info->n_channels, ==, 1);
    g_assert_cmpuint(n, >=, 2);
    g_assert_cmpuint(info->width, ==, sizes[n - 1]);
    g_assert_cmpuint(info->height, ==, sizes[n - 2]);
    for (size_t i = 0; i + 2 < n; i++)
        n_frames *= sizes[i];
    g_assert_cmpuint(info->n_frames, ==, n_frames);
    if (*cell(row, "frames") != '\0')
        g_assert_cmpuint(info->n_frames, ==,
                         g_ascii_strtoull(cell(row, "frames"), NULL, 10));
    g_assert_cmpstr(cs_pixel_name(info->type), ==,
                    is_colour ? "uint8" : type_of(stored(row, "dtype")));
}

/* ---- Pixel size ----------------------------------------------------------- */

/* The unit of an axis from "nm" or "nm(y),pm(x)". */
static char *
unit_of(const Row *row, char axis)
{
    char mark[] = { '(', axis, ')', '\0' };
    g_auto(GStrv) parts = g_strsplit(cell(row, "unit"), ",", -1);

    for (char **part = parts; *part != NULL; part++)
        if (g_str_has_suffix(*part, mark))
            return g_strndup(*part, strlen(*part) - strlen(mark));
    return g_strdup(cell(row, "unit"));
}

static void
assert_near(double value, double expected, double scale)
{
    g_assert_cmpfloat(fabs(value - expected), <=,
                      1e-6 * MAX(fabs(expected), scale));
}

/* Lengths are compared as lengths, else number and unit as they stand. What
 * was measured in the picture, and a size below 0, the file cannot tell. */
static void
check_axis(const CsAxis *axis, double size, const char *unit)
{
    double factor, ours;
    CsUnitKind kind = cs_unit_kind(unit, &factor);

    if (isnan(size) || size <= 0 || strstr(unit, "(measured") != NULL) {
        g_assert_true(isnan(cs_axis_nm(axis)));
        return;
    }
    if (*unit == '\0') {
        assert_near(axis->step, size, 0);
        return;
    }
    g_assert_cmpint(axis->kind, ==, kind);
    if (kind == CS_UNIT_OTHER) {
        g_assert_cmpstr(axis->unit, ==, unit);
        assert_near(axis->step, size, 0);
        return;
    }
    cs_unit_kind(axis->unit, &ours);
    assert_near(axis->step * ours, size * factor, 0);
}

static void
check_pixel_size(const Row *row, const CsSeriesInfo *info)
{
    g_autofree char *unit_x = unit_of(row, 'x');
    g_autofree char *unit_y = unit_of(row, 'y');
    double x = number(row, "pixel_size_x"), y = number(row, "pixel_size_y");

    for (size_t i = 0; i < G_N_ELEMENTS(better); i++)
        if (strcmp(better[i].path, cell(row, "path")) == 0) {
            g_test_message("%s", better[i].why);
            x = better[i].x;
            y = better[i].y;
        }
    check_axis(&info->x, x, unit_x);
    check_axis(&info->y, y, unit_y);
}

/* ---- Pixels --------------------------------------------------------------- */

typedef struct {
    double lowest;
    double highest;
    double sum;
    double n;
} Values;

/* Takes every sample of every channel as it is stored. */
static void
take_frame(Values *values, const CsFrame *frame)
{
    CsFrame samples = *frame;

    samples.width *= frame->n_channels;
    samples.n_channels = 1;
    samples.value_offset = 0;
    samples.value_gain = 1;
    for (size_t j = 0; j < samples.height; j++)
        for (size_t i = 0; i < samples.width; i++) {
            double value = cs_frame_value(&samples, i, j);

            values->lowest = MIN(values->lowest, value);
            values->highest = MAX(values->highest, value);
            values->sum += value;
            values->n++;
        }
}

static void
check_values(const Row *row, const CsReader *reader, void *state,
             const CsSeriesInfo *info)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(GError) error = NULL;
    Values values = { INFINITY, -INFINITY, 0, 0 };
    double scale;

    for (size_t k = 0; k < info->n_frames; k++) {
        reader->read(state, k, &frame, &error);
        g_assert_no_error(error);
        if (error != NULL)
            return;
        take_frame(&values, &frame);
    }
    scale = MAX(fabs(values.lowest), fabs(values.highest));
    if (isnan(number(row, "min")))
        return;
    assert_near(values.lowest, number(row, "min"), 0);
    assert_near(values.highest, number(row, "max"), 0);
    assert_near(values.sum / values.n, number(row, "mean"), scale);
}

/* ---- Instrument ----------------------------------------------------------- */

/* The number behind "beam_energy=" in what another reader found. */
static double
other_readers(const Row *row, const char *key)
{
    const char *text = strstr(cell(row, "independent_metadata"), key);

    return text != NULL ? g_ascii_strtod(text + strlen(key), NULL) : NAN;
}

/* Not every reader finds all of these; what it finds must be right. */
static void
check_instrument(const Row *row, const CsSeriesInfo *info)
{
    double kV = other_readers(row, "beam_energy=");
    double magnification = other_readers(row, "magnification=");
    double exposure_s = other_readers(row, "{'exposure': ");
    bool is_dm = strcmp(reader_name_of(row), "dm") == 0;

    if (kV > 0 && (is_dm || !isnan(info->voltage_kV)))
        assert_near(info->voltage_kV, kV, 0);
    if (magnification > 0 && (is_dm || !isnan(info->magnification)))
        assert_near(info->magnification, magnification, 0);
    if (exposure_s > 0 && (is_dm || !isnan(info->exposure_s)))
        assert_near(info->exposure_s, exposure_s, 0);
}

/* ---- Rows ----------------------------------------------------------------- */

static bool
open_row(const Row *row, CsSource **source, const CsReader **reader,
         CsSeriesInfo *info, void **state, GError **error)
{
    *source = cs_source_open(row->file, error);
    if (*source == NULL)
        return false;
    *reader = cs_reader_for(*source, error);
    return *reader != NULL && (*reader)->open(*source, info, state, error);
}

static const char *
words_of_refusal(const Row *row)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++)
        if (strcmp(refused[i].path, cell(row, "path")) == 0)
            return refused[i].words;
    return NULL;
}

static void
agrees_with_its_row(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(CsSource) source = NULL;
    g_auto(CsSeriesInfo) info = CS_SERIES_INFO_INIT;
    g_autoptr(GError) error = NULL;
    const CsReader *reader = NULL;
    void *state = NULL;

    if (cs_reader_named(reader_name_of(row)) == NULL) {
        g_test_skip("there is no reader for this format yet");
        return;
    }
    open_row(row, &source, &reader, &info, &state, &error);
    if (words_of_refusal(row) != NULL) {
        g_assert_error(error, CS_ERROR, CS_ERROR_UNSUPPORTED);
        g_assert_nonnull(strstr(error->message, words_of_refusal(row)));
        return;
    }
    g_assert_no_error(error);
    if (error != NULL)
        return;
    g_assert_cmpstr(reader->name, ==, reader_name_of(row));
    if (*cell(row, "shape") != '\0') /* else the catalogue could not read it */
        check_shape(row, &info);
    check_pixel_size(row, &info);
    check_instrument(row, &info);
    check_values(row, reader, state, &info);
    reader->close(state);
}

static void
is_refused_in_one_clear_sentence(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(CsSource) source = NULL;
    g_auto(CsSeriesInfo) info = CS_SERIES_INFO_INIT;
    g_autoptr(GError) error = NULL;
    const CsReader *reader = NULL;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    void *state = NULL;

    if (open_row(row, &source, &reader, &info, &state, &error)) {
        reader->read(state, 0, &frame, &error);
        reader->close(state);
    }
    g_assert_nonnull(error);
    if (error == NULL)
        return;
    g_assert_true(error->domain == CS_ERROR);
    g_assert_cmpint((int) strlen(error->message), >, 10);
    g_assert_null(strchr(error->message, '\n'));
    g_test_message("%s", error->message);
}

/* A name deceives nobody: the bytes decide. */
static void
is_read_as_what_it_is(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(CsSource) source = NULL;
    g_auto(CsSeriesInfo) info = CS_SERIES_INFO_INIT;
    g_autoptr(GError) error = NULL;
    const CsReader *reader = NULL;
    void *state = NULL;

    g_assert_true(open_row(row, &source, &reader, &info, &state, &error));
    g_assert_cmpstr(reader->name, ==, "png");
    reader->close(state);
}

/* The first frame of a row's file, and nm a pixel. */
static double
read_first(const Row *row, CsFrame *frame)
{
    g_autoptr(CsSource) source = NULL;
    g_auto(CsSeriesInfo) info = CS_SERIES_INFO_INIT;
    g_autoptr(GError) error = NULL;
    const CsReader *reader = NULL;
    void *state = NULL;

    if (open_row(row, &source, &reader, &info, &state, &error)) {
        reader->read(state, 0, frame, &error);
        reader->close(state);
    }
    g_assert_no_error(error);
    return cs_axis_nm(&info.x);
}

/* One image in several containers: its upper left 512 x 512 pixels and their
 * size must be the same. */
static void
equals_its_origin(gconstpointer data)
{
    const Row *row = data;
    g_autofree char *folder = g_path_get_dirname(row->file);
    g_autofree char *file
        = g_build_filename(folder, "..", "dm3", "nanoparticles",
                           "clumpedAgX.dm3", NULL);
    const Row origin_row = { file, row->cells };
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsFrame) origin = CS_FRAME_INIT;
    size_t n_different = 0;

    if (cs_reader_named(reader_name_of(row)) == NULL) {
        g_test_skip("there is no reader for this format yet");
        return;
    }
    assert_near(read_first(row, &frame), read_first(&origin_row, &origin), 0);
    g_assert_cmpuint(frame.width, ==, 512);
    g_assert_cmpuint(frame.height, ==, 512);
    g_assert_cmpuint(origin.width, ==, 1024);
    for (size_t j = 0; j < frame.height; j++)
        for (size_t i = 0; i < frame.width; i++)
            n_different += fabs(cs_frame_value(&frame, i, j)
                                - cs_frame_value(&origin, i, j)) > 0;
    g_assert_cmpuint(n_different, ==, 0);
}

static void
has_no_reader(gconstpointer data)
{
    const Row *row = data;
    g_autofree char *why = g_strdup_printf(
        "format %s (%s) is not for a reader of images",
        cell(row, "format"), cell(row, "kind"));

    g_test_skip(why);
}

static void
has_no_catalogue(void)
{
    g_test_skip("no folder of real files");
}

/* ---- The catalogue -------------------------------------------------------- */

static void
free_row(gpointer data)
{
    Row *row = data;

    g_free(row->file);
    g_hash_table_unref(row->cells);
    g_free(row);
}

static GPtrArray *
load_rows(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "CATALOGUE.tsv", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL, columns = NULL;
    GPtrArray *rows = g_ptr_array_new_with_free_func(free_row);

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return rows;
    lines = g_strsplit(text, "\n", -1);
    columns = g_strsplit(lines[0], "\t", -1);
    for (char **line = lines + 1; *line != NULL && **line != '\0'; line++) {
        g_auto(GStrv) cells = g_strsplit(*line, "\t", -1);
        Row *row = g_new0(Row, 1);

        row->cells = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                           g_free);
        for (size_t i = 0; columns[i] != NULL && cells[i] != NULL; i++)
            g_hash_table_insert(row->cells, g_strdup(columns[i]),
                                g_strdup(cells[i]));
        row->file = g_build_filename(folder, cell(row, "path"), NULL);
        g_ptr_array_add(rows, row);
    }
    return rows;
}

static void
add_row(const char *group, const Row *row, GTestDataFunc check)
{
    g_autofree char *name
        = g_strdup_printf("/catalogue/%s/%s", group, cell(row, "path"));

    g_test_add_data_func(name, row, check);
}

static void
add_rows(const GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = rows->pdata[i];

        if (g_str_has_suffix(cell(row, "path"), "/png_named.dm3"))
            add_row("named-otherwise", row, is_read_as_what_it_is);
        else if (g_str_has_prefix(cell(row, "path"), "negative/"))
            add_row("refused", row, is_refused_in_one_clear_sentence);
        else if (reader_name_of(row) == NULL)
            add_row("other", row, has_no_reader);
        else
            add_row("agrees", row, agrees_with_its_row);
        if (g_str_has_prefix(cell(row, "path"), "derived/"))
            add_row("equal", row, equals_its_origin);
    }
}

int
main(int argc, char **argv)
{
    const char *folder = g_getenv("COATSCOPE_TEST_DATA");
    g_autoptr(GPtrArray) rows = NULL;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    rows = load_rows(folder != NULL ? folder : ".");
    if (rows->len == 0)
        g_test_add_func("/catalogue", has_no_catalogue);
    add_rows(rows);
    return g_test_run();
}
