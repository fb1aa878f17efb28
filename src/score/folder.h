/* Folder: a results folder as score sees it: tracks of particles.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/polygon.h"

/* One particle in one frame. NAN where the table says nothing. */
typedef struct {
    bool      is_there; /* a row with an area */
    bool      is_hidden; /* state edge or overlap */
    double    area_nm2;
    double    area_sd_nm2;
    double    core_area_nm2;
    double    core_area_sd_nm2;
    double    thickness_nm;
    double    expansion;
    double    expansion_sd;
    CsPolygon outline; /* in frame pixels; empty if none was kept */
} CsScoreSpot;

/* One particle: its row of particles.csv and a spot for every frame. */
typedef struct {
    int          id;
    double       rate_per_s;
    double       onset_s;
    double       break_lo_s;
    double       break_hi_s;
    char        *verdict; /* "intact", "broken", …; "" if none */
    CsScoreSpot *spot;    /* n_frames of the recording */
} CsScoreTrack;

/* What the results say they were made from. */
typedef struct {
    size_t n_frames; /* of the recording; 0: not told                       */
    char  *file;     /* the first, as it was called then; NULL: not told    */
    char  *sha256;   /* of that file                                        */
} CsScoreOrigin;

typedef struct {
    char         *name;
    CsScoreOrigin origin; /* of what was measured                           */
    char         *folder; /* the one its truth or recording lies in */
    bool          in_pixels; /* areas in px², for there was no scale */
    size_t        n_frames;
    size_t        n_tracks;
    CsScoreTrack *track;
    double       *dx_px; /* n_frames, NAN where not told */
    double       *dy_px;
} CsScoreRecording;

typedef struct {
    size_t            n;
    CsScoreRecording *recording;
} CsScoreFolder;

#define CS_SCORE_FOLDER_INIT { 0 }

/* Adds what a results folder holds: areas.csv must be there; particles.csv,
 * drift.csv and outlines are taken where they are. is_truth says that the
 * recordings lie in the folder above dir, not where their names say.
 *
 * Errors: CS_ERROR_IO, CS_ERROR_FORMAT, CS_ERROR_LIMIT. */
bool cs_score_folder_add(CsScoreFolder *folder, const char *dir,
                         bool is_truth, GError **error);
void cs_score_folder_clear(CsScoreFolder *folder);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsScoreFolder, cs_score_folder_clear)
