/* CsListing: which files a recording is made of, in the order of its frames.
 *
 * A path names a file, a folder, a glob or a printf pattern, in this order: a
 * real file with % or * in its name wins. Only names are looked at here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    CS_LISTED_PLAIN,    /* one file, or an order without numbers           */
    CS_LISTED_NUMBERED, /* `number` counts, in steps of `step`             */
    CS_LISTED_IN_SITU,  /* Gatan's tree: hour, minute, second, frame       */
} CsListingKind;

typedef struct {
    char    *path;
    uint64_t number;   /* in the sequence                                   */
    uint64_t second_s; /* in situ: H * 3600 + M * 60 + S                    */
    uint64_t frame;    /* in situ: counted from 0 in each second            */
} CsListed;

typedef struct {
    CsListingKind kind;
    uint64_t      step; /* of numbers from file to file                     */
    size_t        n;
    CsListed     *file; /* n                                                */
    char         *name; /* what the recording may be called                 */
    GPtrArray    *notes;
} CsListing;

#define CS_LISTING_INIT { .step = 1 }

/* Errors: CS_ERROR_IO where nothing is there or a folder cannot be read;
 * CS_ERROR_FORMAT for an empty folder, two series in one folder, and, unless
 * gaps are allowed, a missing number; CS_ERROR_ARGUMENT for a pattern with
 * more than one number. */
bool cs_listing_make(const char *path, bool allow_gaps, CsListing *listing,
                     GError **error);

void cs_listing_clear(CsListing *listing);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsListing, cs_listing_clear)
