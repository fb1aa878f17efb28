/* What the texts and private tags of a TIFF file say about its frames.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/reader.h"
#include "formats/tiff_dir.h"

typedef struct {
    double       start_s;
    double       duration_s;
    CsTimeSource source;
} CsPageTime;

/* Collects while the file is opened. Pages are counted as stored. */
typedef struct {
    CsSeriesInfo *info;       /* lent; scale, interval and facts go here    */
    double        value_offset;
    double        value_gain;
    size_t        n_images;   /* that ImageJ's description counts, or 0     */
    GArray       *times;      /* CsPageTime by page, or NULL                */
    GArray       *planes;     /* size_t: which plane of the OME order each
                                 page is, SIZE_MAX for none; or NULL        */
    char         *time_source; /* as in facts.h, or NULL                    */
} CsTiffMeta;

#define CS_TIFF_META_INIT { .value_gain = 1 }

void cs_tiff_meta_clear(CsTiffMeta *meta);

/* Looks for each of the known writers in turn. Texts that cannot be read are
 * noted, never an error. */
void cs_tiff_meta_read(const CsTiffDir *dir, CsTiffMeta *meta);

/* The parts, each for one kind of file. */
bool cs_tiff_is_imagej(const char *description);
void cs_tiff_read_imagej(const CsTiffDir *dir, const char *description,
                         CsTiffMeta *meta);
/* The regions of ImageJ's overlay, GBytes of a .roi file each; none where
 * there is no overlay. Errors: those of cs_tiff_dir_read. */
GPtrArray *cs_tiff_overlay(const CsSource *source, GError **error);
bool cs_tiff_is_ome(const char *description);
void cs_tiff_read_ome(const CsTiffDir *dir, const char *description,
                      CsTiffMeta *meta);
void cs_tiff_read_vendor(const CsTiffDir *dir, const char *description,
                         CsTiffMeta *meta);

/* Room for the times of n pages, NAN each. */
void cs_tiff_meta_make_times(CsTiffMeta *meta, size_t n);

/* A value_offset, value_gain or time_source of facts.h, or what
 * cs_facts_take takes. */
void cs_tiff_meta_take_fact(CsTiffMeta *meta, const char *key,
                            const char *value);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsTiffMeta, cs_tiff_meta_clear)
