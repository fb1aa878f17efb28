/* What a DM3 or DM4 file says about its images: the tags we use, as numbers
 * and words, and which of its images is the one that is shown.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "formats/dm_tags.h"

enum { CS_DM_MAX_AXES = 5, CS_DM_TEXT = 128 };

/* An image. Numbers are NAN and words "" where the file does not say. */
typedef struct {
    double data_type;
    double pixel_depth;
    double size[CS_DM_MAX_AXES];
    double scale[CS_DM_MAX_AXES];
    char   unit[CS_DM_MAX_AXES][CS_DM_TEXT];
    double value_scale; /* the brightness calibration */
    char   value_unit[CS_DM_TEXT];
    char   name[CS_DM_TEXT];
    char   format[CS_DM_TEXT]; /* "Image", "Spectrum", "Spectrum image", … */
    char   signal[CS_DM_TEXT]; /* "EELS", … */

    char   date[CS_DM_TEXT];   /* in the words of the computer's locale */
    char   time[CS_DM_TEXT];
    char   time_stamp[CS_DM_TEXT];
    double os_time;            /* 100 ns since 1601, UTC */
    double system_info;        /* the same, in older files */
    double epoch_ms;           /* since 1970, of the acquisition */
    double exposure_start_ns;  /* after that */

    double exposure_s;         /* in several places */
    double high_level_exposure_s;
    double detector_exposure_s;
    double exposure_ns;

    double n_recorded;         /* frames in raw files beside it */
    double voltage_V;
    double magnification;
    char   device[CS_DM_TEXT];
    char   camera[CS_DM_TEXT];
    char   microscope[CS_DM_TEXT];
    char   session_microscope[CS_DM_TEXT];
    char   microscope_name[CS_DM_TEXT];

    bool     has_data;
    bool     is_thumbnail;
    uint64_t data_at;
    uint64_t data_n_bytes;
} CsDmImage;

typedef struct {
    GArray    *images;       /* of CsDmImage */
    GArray    *refs;         /* of double: the image of each image source */
    GArray    *thumbnails;   /* of double: images that are small copies */
    double     shown_source; /* of the first document object; NAN if none */
    char       date[CS_DM_TEXT]; /* of files that keep them at the root */
    char       time[CS_DM_TEXT];
    CsDmHeader header;
} CsDmDocument;

#define CS_DM_DOCUMENT_INIT { .shown_source = NAN }

/* Reads the tags. document must be INIT. Errors: as cs_dm_walk(). */
bool cs_dm_document_read(CsDmDocument *document, const CsSource *source,
                         GError **error);
void cs_dm_document_clear(CsDmDocument *document);

/* The image that is shown, else the first with pixels that is no thumbnail;
 * *n_others counts further ones that are no thumbnails. NULL if there is no
 * image at all. */
const CsDmImage *cs_dm_document_image(const CsDmDocument *document,
                                      size_t *n_others);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsDmDocument, cs_dm_document_clear)
