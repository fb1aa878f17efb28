/* Gatan DigitalMicrograph, DM3 and DM4: images and stacks of images.
 *
 * Magic: u32 3 or 4, big-endian. The third dimension of a stack counts
 * frames. Of several images the one that is shown is read. Spectra and
 * spectrum images are refused by name.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/bytes.h"
#include "formats/dm_document.h"
#include "formats/opening.h"
#include "formats/raw_frames.h"
#include "formats/readers.h"

#define UNIX_EPOCH_IN_1601_S 11644473600.0

/* How Gatan's data types map to ours. */
static const struct {
    int         type;
    CsPixelType pixel;
    unsigned    n_channels;
    unsigned    swap; /* bytes of a number, for files of the other order */
} data_types[] = {
    { 1, CS_PIXEL_I16, 1, 2 },  { 2, CS_PIXEL_F32, 1, 4 },
    { 3, CS_PIXEL_C64, 1, 4 },  { 6, CS_PIXEL_U8, 1, 1 },
    { 7, CS_PIXEL_I32, 1, 4 },  { 8, CS_PIXEL_U8, 4, 4 },
    { 9, CS_PIXEL_I8, 1, 1 },   { 10, CS_PIXEL_U16, 1, 2 },
    { 11, CS_PIXEL_U32, 1, 4 }, { 12, CS_PIXEL_F64, 1, 8 },
    { 13, CS_PIXEL_C128, 1, 8 }, { 14, CS_PIXEL_U8, 1, 1 },
    { 23, CS_PIXEL_U8, 4, 4 },
};

typedef struct {
    CsSource   *source;
    uint64_t    data_at;
    size_t      width;
    size_t      height;
    CsPixelType type;
    unsigned    n_channels;
    unsigned    swap; /* 1 if the bytes lie as this machine wants them */
    CsRawFrames raw;  /* beside a director; n is 0 for all other files  */
} State;

/* ---- Shape ---------------------------------------------------------------- */

static bool
is_size(double number)
{
    return number >= 1 && number <= CS_MAX_SIDE && number <= floor(number);
}

static unsigned
n_axes(const CsDmImage *image)
{
    unsigned n = 0;

    while (n < CS_DM_MAX_AXES && !isnan(image->size[n]))
        n++;
    return n;
}

static bool
is_energy(const char *unit)
{
    return g_str_has_suffix(unit, "eV");
}

/* Says what an image is that has no pixels in x and y. */
static bool
check_is_image(const CsDmImage *image, GError **error)
{
    unsigned n = n_axes(image), n_long = 0, n_energy = 0;

    for (unsigned i = 0; i < n; i++) {
        n_long += image->size[i] > 1;
        n_energy += is_energy(image->unit[i]) && image->size[i] > 1;
    }
    if (g_str_has_prefix(image->format, "Spectrum i")
        || (n_energy > 0 && n_long > 1))
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds a spectrum image%s%s (%u axes), not images",
                       *image->signal != '\0' ? " of " : "", image->signal,
                       n);
    if (n == 1 || n_energy > 0 || g_str_has_prefix(image->format, "Spectrum"))
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds a spectrum of %.0f channels, not an image",
                       image->size[0]);
    if (n > 3)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds data of %u axes (a scan of diffraction patterns"
                       "?); an image has 2, a stack of images 3", n);
    return true;
}

static bool
find_type(const CsDmImage *image, State *state, bool swaps, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(data_types); i++)
        if (fabs(image->data_type - data_types[i].type) < 0.5) {
            state->type = data_types[i].pixel;
            state->n_channels = data_types[i].n_channels;
            state->swap = swaps ? data_types[i].swap : 1;
            return true;
        }
    if (fabs(image->data_type - 5) < 0.5
        || fabs(image->data_type - 27.5) < 1)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds a packed Fourier transform, not an image");
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "pixels are of DigitalMicrograph's data type %g; those of 1"
                   " to 3, 6 to 14 and 23 can be read", image->data_type);
}

/* Fills the shape in state and info from sizes that fit in the data. */
static bool
find_shape(const CsDmImage *image, State *state, CsSeriesInfo *info,
           GError **error)
{
    bool is_director = image->n_recorded > 0; /* the data: one frame at least */
    double n_frames = n_axes(image) >= 3 && !is_director ? image->size[2] : 1;
    uint64_t frame_bytes;

    if (!is_size(image->size[0]) || !is_size(image->size[1])
        || !(n_frames >= 1 && n_frames <= 1e9))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "an image of %g × %g pixels and %g frames; sides are 1"
                       " to %d", image->size[0], image->size[1], n_frames,
                       CS_MAX_SIDE);
    state->width = (size_t) image->size[0];
    state->height = (size_t) image->size[1];
    frame_bytes = (uint64_t) state->width * state->height * state->n_channels
                  * cs_pixel_size(state->type);
    if (image->data_n_bytes / frame_bytes < (uint64_t) n_frames)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "has %" PRIu64 " bytes of pixels; %zu × %zu pixels and"
                       " %.0f frames of %s need %.0f",
                       image->data_n_bytes, state->width, state->height,
                       n_frames, cs_pixel_name(state->type),
                       n_frames * (double) frame_bytes);
    state->data_at = image->data_at;
    info->width = state->width;
    info->height = state->height;
    info->n_frames = info->n_frames_declared = (size_t) n_frames;
    info->type = state->type;
    info->n_channels = state->n_channels;
    return true;
}

/* ---- What else the file says ---------------------------------------------- */

static double
first_positive(const double *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (numbers[i] > 0 && isfinite(numbers[i]))
            return numbers[i];
    return NAN;
}

static char *
first_word(const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (*words[i] != '\0')
            return g_strdup(words[i]);
    return NULL;
}

/* Do these seconds since 1970 show the minutes and seconds of the text
 * ("6:48:25 PM")? Time zones differ by quarters of an hour. */
static bool
agrees_with_words(double unix_s, const char *time)
{
    int hours, minutes, seconds;
    double off;

    if (sscanf(time, "%d:%d:%d", &hours, &minutes, &seconds) != 3)
        return false;
    off = fmod(unix_s - (60.0 * (minutes % 15) + seconds), 900);
    return off < 3 || off > 897;
}

/* Windows' time of day in seconds since 1970, or NAN if it cannot be. */
static double
unix_from_1601(double ticks)
{
    double unix_s = ticks / 1e7 - UNIX_EPOCH_IN_1601_S;

    return unix_s > 0 && unix_s < 1e10 ? unix_s : NAN;
}

static double
start_of(const CsDmImage *image)
{
    double later_s = image->exposure_start_ns / 1e9;
    double old_s = unix_from_1601(image->system_info);

    if (image->epoch_ms > 0 && image->epoch_ms < 1e13)
        return image->epoch_ms / 1e3
               + (later_s >= 0 && later_s < 1e6 ? later_s : 0);
    if (!isnan(unix_from_1601(image->os_time)))
        return unix_from_1601(image->os_time);
    return agrees_with_words(old_s, image->time) ? old_s : NAN;
}

static char *
date_of(const CsDmDocument *document, const CsDmImage *image)
{
    const char *date = *image->date != '\0' ? image->date : document->date;
    const char *time = *image->time != '\0' ? image->time : document->time;
    char *text;

    if (*image->time_stamp != '\0')
        return g_strdup(image->time_stamp);
    text = g_strstrip(g_strdup_printf("%s %s", date, time));
    if (*text == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

static void
fill_times(const CsDmDocument *document, const CsDmImage *image,
           CsSeriesInfo *info)
{
    const double exposures[] = {
        image->exposure_s, image->high_level_exposure_s,
        image->detector_exposure_s, image->exposure_ns / 1e9,
    };
    double factor;

    info->exposure_s = first_positive(exposures, G_N_ELEMENTS(exposures));
    info->start_unix_s = start_of(image);
    info->date = date_of(document, image);
    if (info->n_frames < 2 && !(image->n_recorded > 0 && n_axes(image) > 2))
        return;
    if (cs_unit_kind(image->unit[2], &factor) == CS_UNIT_TIME
        && image->scale[2] > 0)
        info->interval_s = image->scale[2] * factor;
    else
        cs_series_info_note(info, "the third axis (step %g%s%s) is not a time:"
                            " its planes are read as frames without times",
                            image->scale[2],
                            *image->unit[2] != '\0' ? " " : "",
                            image->unit[2]);
}

static void
fill_instrument(const CsDmImage *image, CsSeriesInfo *info)
{
    const char *const cameras[] = { image->camera, image->device };
    const char *const microscopes[] = {
        image->session_microscope, image->microscope, image->microscope_name,
    };
    const char *const titles[] = { image->name };

    info->camera = first_word(cameras, G_N_ELEMENTS(cameras));
    info->microscope = first_word(microscopes, G_N_ELEMENTS(microscopes));
    info->title = first_word(titles, G_N_ELEMENTS(titles));
    if (image->voltage_V > 0)
        info->voltage_kV = image->voltage_V / 1e3;
    if (image->magnification > 0)
        info->magnification = image->magnification;
    if (g_str_has_prefix(image->value_unit, "e-") && image->value_scale > 0)
        info->counts_per_electron = 1 / image->value_scale;
}

static void
note_oddities(const CsDmDocument *document, size_t n_others,
              const CsSource *source, CsSeriesInfo *info)
{
    static const char end[8] = "";
    char tail[8];

    if (n_others > 0)
        cs_series_info_note(info, "the file holds %zu more images; the one"
                            " that it shows is read", n_others);
    if (!cs_source_read(source, document->header.end, tail, sizeof tail,
                        "the end", NULL)
        || memcmp(tail, end, sizeof tail) != 0)
        cs_series_info_note(info, "the file does not end as DigitalMicrograph"
                            " ends files: was it written completely?");
}

/* ---- The reader ----------------------------------------------------------- */

static bool
is_k2(const CsSource *source)
{
    return g_str_has_suffix(cs_source_name(source), ".gtg");
}

static bool
fill(const CsDmDocument *document, CsSource *source, State *state,
     CsSeriesInfo *info, GError **error)
{
    size_t n_others;
    const CsDmImage *image = cs_dm_document_image(document, &n_others);
    bool swaps = document->header.big_endian
                 != (G_BYTE_ORDER == G_BIG_ENDIAN);

    if (image == NULL && is_k2(source))
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "is the director of a recording of the K2 IS, whose"
                       " .bin files are not read: export it as DM4 or MRC in"
                       " DigitalMicrograph and open that");
    if (image == NULL)
        return cs_fail(error, CS_ERROR_FORMAT, "holds no image");
    if (!check_is_image(image, error)
        || !find_type(image, state, swaps, error)
        || !find_shape(image, state, info, error))
        return false;
    cs_axis_set(&info->x, image->scale[0], image->unit[0]);
    cs_axis_set(&info->y, image->scale[1], image->unit[1]);
    fill_times(document, image, info);
    fill_instrument(image, info);
    note_oddities(document, n_others, source, info);
    return !(image->n_recorded > 0)
           || cs_raw_frames_find(source, image->n_recorded, info,
                                 &state->raw, error);
}

static void
close_dm(void *opened)
{
    State *state = opened;

    if (state == NULL)
        return;
    cs_raw_frames_clear(&state->raw);
    cs_source_unref(state->source);
    g_free(state);
}

static bool
fill_dm(void *fresh, CsSource *source, CsSeriesInfo *info, GError **error)
{
    g_auto(CsDmDocument) document = CS_DM_DOCUMENT_INIT;
    State *state = fresh;

    state->source = cs_source_ref(source);
    return cs_dm_document_read(&document, source, error)
           && fill(&document, source, state, info, error);
}

static bool
open_dm(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    return cs_open_filled(g_new0(State, 1), source, fill_dm, close_dm, info,
                          state, error);
}

/* Blue, green, red, alpha to red, green, blue, alpha. */
static void
swap_red_and_blue(uint8_t *px, size_t n_bytes)
{
    for (uint8_t *end = px + n_bytes; px < end; px += 4) {
        uint8_t blue = px[0];

        px[0] = px[2];
        px[2] = blue;
    }
}

static bool
read_dm(void *opened, size_t index, CsFrame *frame, GError **error)
{
    const State *state = opened;
    size_t n_bytes;

    if (state->raw.n > 0)
        return cs_raw_frames_read(&state->raw, index, frame, state->swap > 1,
                                  error);
    if (!cs_frame_resize(frame, state->width, state->height,
                         state->n_channels, state->type, error))
        return false;
    n_bytes = cs_frame_n_bytes(frame);
    if (!cs_source_read(state->source,
                        state->data_at + (uint64_t) index * n_bytes,
                        frame->px, n_bytes, "a frame", error))
        return false;
    cs_bytes_swap(frame->px, n_bytes, state->swap);
    if (state->n_channels == 4)
        swap_red_and_blue(frame->px, n_bytes);
    return true;
}

static const char *const suffixes[] = { ".dm3", ".dm4", NULL };

const CsReader cs_reader_dm = {
    .name = "dm",
    .title = "Gatan DigitalMicrograph DM3 and DM4",
    .suffixes = suffixes,
    .probe = cs_dm_probe,
    .open = open_dm,
    .read = read_dm,
    .close = close_dm,
};
