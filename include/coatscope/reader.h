/* CsReader: how a file format plugs in. One constant a format, in one table.
 *
 * To add a format: one file in src/formats/ with one such constant, one line
 * in src/formats/readers.c. The conformance suite then runs over it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "coatscope/clock.h"
#include "coatscope/frame.h"
#include "coatscope/source.h"

G_BEGIN_DECLS

/* What a step of one axis is. */
typedef enum {
    CS_UNIT_NONE,       /* no calibration, or only "pixel"                  */
    CS_UNIT_LENGTH,     /* nm, µm, Å, m, …                                  */
    CS_UNIT_RECIPROCAL, /* 1/nm, 1/Å, …: a diffraction pattern or an FFT    */
    CS_UNIT_ANGLE,      /* rad, mrad                                        */
    CS_UNIT_TIME,       /* s, ms, …                                         */
    CS_UNIT_OTHER,      /* eV, an unknown word, …                           */
} CsUnitKind;

/* What kind of unit a word is ("µm", "n_m", "1/nm", "Angstrom", "[nm]", …;
 * blanks at its ends do not count), and in *factor (may be NULL) how many nm,
 * 1/nm, rad or s it is; NAN for the other kinds. */
CsUnitKind cs_unit_kind(const char *unit, double *factor);

/* One axis of the image, as the file says it. */
typedef struct {
    double     step;     /* per pixel, in unit, as stored; NAN if unknown   */
    char       unit[24]; /* as in the file, "" if none                      */
    CsUnitKind kind;
} CsAxis;

/* What a file holds. INIT means: nothing known. */
typedef struct {
    size_t      width;
    size_t      height;
    size_t      n_frames;            /* that can be read                    */
    size_t      n_frames_declared;   /* by the header; more if truncated    */
    unsigned    n_channels;
    CsPixelType type;

    CsAxis x;
    CsAxis y;

    /* Times. clock.n_frames is 0 or n_frames; where it is 0, interval_s and
     * exposure_s (NAN if unknown) are all the file tells. */
    CsClock clock;
    double  interval_s;
    double  exposure_s;
    double  start_unix_s; /* of the first frame, NAN if unknown             */
    char   *date;         /* and time as text in the file's own words       */
    const char *layout;   /* whose way of using a format that many programs
                             use ("Velox EMD"), NULL: there is one only     */

    double voltage_kV;    /* NAN if unknown, as all below                   */
    double magnification;
    double dose_rate_e_per_A2_s;
    double counts_per_electron;
    char  *camera;        /* NULL if unknown                                */
    char  *microscope;
    char  *title;

    /* Sentences about what was assumed, contradicts itself or was left out;
     * may be NULL. Elements are char *, owned. */
    GPtrArray *notes;
} CsSeriesInfo;

#define CS_SERIES_INFO_INIT                                                   \
    {                                                                         \
        .n_channels = 1, .x = { .step = NAN }, .y = { .step = NAN },          \
        .clock = CS_CLOCK_INIT, .interval_s = NAN, .exposure_s = NAN,         \
        .start_unix_s = NAN, .voltage_kV = NAN, .magnification = NAN,         \
        .dose_rate_e_per_A2_s = NAN, .counts_per_electron = NAN               \
    }

void cs_series_info_clear(CsSeriesInfo *info);

/* Adds a formatted sentence to the notes: what was assumed, or is odd. */
void cs_series_info_note(CsSeriesInfo *info, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/* Sets step, unit and kind together. */
void cs_axis_set(CsAxis *axis, double step, const char *unit);

/* nm a pixel, or NAN where the axis is not a length with a step above 0. */
double cs_axis_nm(const CsAxis *axis);

typedef struct {
    const char *name;            /* "mrc"; unique, lower case               */
    const char *title;           /* "MRC 2014 image stack"                  */
    const char *const *suffixes; /* { ".mrc", ".mrcs", NULL }, lower case   */

    /* How sure are we, from the first n bytes (up to CS_PROBE_BYTES)?
     * 0 no, 100 certain; about 20 is what a suffix alone would be worth. Must
     * not fail and not allocate. */
    int (*probe)(const guint8 *head, size_t n);

    /* Checks the header and fills info (given as INIT); *state is ours until
     * close(). On failure sets error; info and *state stay as they were. Does
     * not read pixels. Checks every size against the source. Messages leave
     * the file's name out: the caller puts it before. */
    bool (*open)(CsSource *source, CsSeriesInfo *info, void **state,
                 GError **error);

    /* Fills frame with image number index, which is below n_frames; the
     * caller sets frame->index. Several threads may call it at once with the
     * same state and frames of their own: what cannot do that, locks. */
    bool (*read)(void *state, size_t index, CsFrame *frame, GError **error);

    /* Takes NULL. */
    void (*close)(void *state);
} CsReader;

enum { CS_PROBE_BYTES = 4096 };

/* Every reader of this build, ending with NULL. */
extern const CsReader *const cs_readers[];

/* The reader that claims the source with most certainty (the suffix decides
 * among equals), or NULL with CS_ERROR_UNSUPPORTED in words that say what the
 * file looks like and what can be read. */
const CsReader *cs_reader_for(const CsSource *source, GError **error);

/* The reader called name, or NULL. */
const CsReader *cs_reader_named(const char *name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsSeriesInfo, cs_series_info_clear)

G_END_DECLS
