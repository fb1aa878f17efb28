/* The header of MRC files, and what extended headers add to it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "coatscope/reader.h"

enum {
    CS_MRC_HEADER_BYTES = 1024,
    CS_MRC_LABELS_AT = 224, /* their number is before them                  */
    CS_MRC_LABEL = 80,      /* bytes of one                                 */
    CS_MRC_N_LABELS = 10,
};

/* How our labels on the sources of times begin; they go on in the next ones
 * (facts.h). */
#define CS_MRC_TIMES_LABEL "Times: "

typedef struct {
    bool    big_endian;
    bool    is_other_order; /* than the machine stamp says                  */
    int32_t size[3];        /* columns, rows, sections                      */
    int32_t mode;
    int32_t grid[3];        /* cells along x, y, z                          */
    float   cell_A[3];
    int     axis[3];        /* of columns, rows, sections: 0 x, 1 y, 2 z    */
    float   lowest;
    float   highest;
    int32_t space_group;
    int32_t n_extended;     /* bytes of the extended header                 */
    char    extended[5];    /* its kind, "FEI1", …                          */
    int     serial_em_bytes; /* a section's, and which fields there are     */
    int     serial_em_fields;
    bool    has_imod_flags;
    int32_t imod_flags;
    char    labels[CS_MRC_N_LABELS * CS_MRC_LABEL + 1]; /* one after another */
} CsMrcHeader;

/* How sure are these bytes an MRC header (as CsReader.probe)? */
int cs_mrc_probe(const uint8_t *head, size_t n);

/* Errors: CS_ERROR_FORMAT if no byte order makes sense; CS_ERROR_IO. */
bool cs_mrc_header_read(CsMrcHeader *header, const CsSource *source,
                        GError **error);

/* Fills what the extended header of info->n_frames frames says: pixel size,
 * times, exposure, voltage, dose. Errors: CS_ERROR_LIMIT, CS_ERROR_IO. */
bool cs_mrc_extended_read(const CsMrcHeader *header, const CsSource *source,
                          CsSeriesInfo *info, GError **error);
