/* Origin: which file a measured recording came from, and whether a truth is
 * that file's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

#include "score/folder.h"

typedef enum {
    CS_ORIGIN_OTHER,   /* the truth of another recording                     */
    CS_ORIGIN_UNKNOWN, /* nothing speaks against it                          */
    CS_ORIGIN_SAME,    /* beside the truth lies the very file measured       */
} CsOriginFit;

/* Fills the origins of the recordings of a folder from first on by the
 * provenance.json in dir, where it is and can be read. */
void cs_origin_read(CsScoreFolder *folder, size_t first, const char *dir);

/* Whether truth is of the recording that was measured. *why (may be NULL) is
 * set to a clause that says why not; free with g_free. */
CsOriginFit cs_origin_fit(const CsScoreRecording *measured,
                          const CsScoreRecording *truth, char **why);

/* The folder beside the measured file that seems to hold its truth, or NULL. */
char *cs_origin_guess_truth(const CsScoreRecording *measured);
