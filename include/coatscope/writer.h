/* Writers: frames -> a file that others can read. One constant a format, in
 * one table; callers go through CsOutput.
 *
 * Frames are handed over one by one and forgotten, so memory does not grow
 * with the recording (but for a few bytes a frame: its time).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>

#include "coatscope/clock.h"
#include "coatscope/frame.h"
#include "coatscope/reader.h"

G_BEGIN_DECLS

/* What is going to be written. Everything pointed to is lent until the output
 * is freed. */
typedef struct {
    size_t      width;
    size_t      height;
    size_t      n_frames;
    unsigned    n_channels;
    CsPixelType type;

    /* What stored samples mean, as in CsFrame. */
    double value_offset;
    double value_gain;

    double         nm_per_px_x; /* NAN: unknown, nothing is invented        */
    double         nm_per_px_y;
    const CsClock *clock;       /* of n_frames, or NULL: no times           */

    /* Voltage, camera, date and so on; may be NULL. Of it only what follows
     * the clock is looked at. */
    const CsSeriesInfo *facts;

    /* GBytes *, a .roi file each, for ImageJ's overlay; only TIFF below 4 GB
     * keeps it. May be NULL. */
    const GPtrArray *overlay;
} CsWriterInfo;

#define CS_WRITER_INFO_INIT                                                   \
    {                                                                         \
        .n_channels = 1, .value_gain = 1, .nm_per_px_x = NAN,                 \
        .nm_per_px_y = NAN                                                    \
    }

typedef struct {
    const char *name;            /* "tiff"; unique, lower case              */
    const char *title;           /* "TIFF for ImageJ and DigitalMicrograph" */
    const char *const *suffixes; /* { ".tif", ".tiff", NULL }, lower case   */
    bool is_folder;  /* what is written is a folder, not a file             */
    bool is_picture; /* only 8 bits, grey or RGB, to look at: others have to
                        be drawn first                                      */

    /* Starts a new file at path, where there is none yet. The info was found
     * to be sane (CsOutput). On failure sets error, *state stays NULL. */
    bool (*open)(const char *path, const CsWriterInfo *info, void **state,
                 GError **error);

    /* Appends a frame of the announced shape and type. */
    bool (*write)(void *state, const CsFrame *frame, GError **error);

    /* Completes the file after n_frames frames. */
    bool (*finish)(void *state, GError **error);

    /* Frees; what is incomplete is the caller's to remove. Takes NULL. */
    void (*close)(void *state);
} CsWriter;

/* Every writer of this build, ending with NULL. */
extern const CsWriter *const cs_writers[];

/* The writer called name, or NULL. */
const CsWriter *cs_writer_named(const char *name);

/* The writer whose suffix the path has (the longest: ".ome.tif" goes before
 * ".tif"), or NULL with CS_ERROR_ARGUMENT naming the suffixes there are. */
const CsWriter *cs_writer_for(const char *path, GError **error);

/* A file being written. It appears under its name, replacing what was there,
 * only in cs_output_finish; until then it is PATH.part-… beside it. */
typedef struct CsOutput CsOutput;

/* A NULL writer means cs_writer_for(path).
 *
 * Errors: CS_ERROR_ARGUMENT (no frames, sides of 0, an unknown suffix),
 * CS_ERROR_UNSUPPORTED (this format cannot hold such samples), CS_ERROR_LIMIT,
 * CS_ERROR_IO. Messages name the path, here and below. */
CsOutput *cs_output_open(const CsWriter *writer, const char *path,
                         const CsWriterInfo *info, GError **error);

/* Appends the next frame; frame->index is not looked at.
 * Errors: CS_ERROR_ARGUMENT (another shape or type, one too many),
 * CS_ERROR_IO. After an error the output can only be freed. */
bool cs_output_write(CsOutput *output, const CsFrame *frame, GError **error);

/* Puts the file in its place, safely on disk. Errors: CS_ERROR_ARGUMENT when
 * frames are missing, CS_ERROR_IO. */
bool cs_output_finish(CsOutput *output, GError **error);

/* Takes NULL. What was not finished is removed. */
void cs_output_free(CsOutput *output);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsOutput, cs_output_free)

G_END_DECLS
