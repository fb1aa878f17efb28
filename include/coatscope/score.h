/* Score: how far results are from a known truth.
 *
 * Both sides are results folders (areas.csv, drift.csv, particles.csv,
 * outlines/): one measured, one written by the simulator.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/job.h"

G_BEGIN_DECLS

/* Median, 95th percentile and median signed value of errors, and how many
 * there were. NAN where there were none. */
typedef struct {
    size_t n;
    double median_abs;
    double p95_abs;
    double bias; /* median, with its sign */
} CsErrorSummary;

/* How many of the stated 95 % intervals (value ± 1.96 sd) hold the truth. */
typedef struct {
    size_t n;
    size_t n_holding;
} CsCoverage;

/* The error of one area, for the figure. */
typedef struct {
    double expansion;  /* true A/A0; NAN where it is not known */
    double area_error; /* relative */
    bool   is_hidden;
} CsScorePoint;

/* One recording, or all of them together. Relative errors are measured / true
 * - 1. Frames in which the particle is partly hidden (truth says overlap or
 * edge) count in area_hidden only.
 *
 * Frames are compared by number: the truth of a frame is that of the middle of
 * its exposure, whatever its time stamp (its start) says. Onset and breakage
 * are compared as times: those of the truth are the true moments, so results
 * that count time by the starts of frames come out early by half an
 * exposure. */
typedef struct {
    char  *recording; /* "total" for all together */
    size_t n_true;    /* particles */
    size_t n_found;
    size_t n_missed;
    size_t n_invented;
    size_t n_swaps;        /* frames in which another particle's outline
                              begins to lie on this one */
    size_t n_lost_frames;  /* a particle that is there has no outline */

    CsErrorSummary area;         /* relative                               */
    CsErrorSummary area_hidden;  /* relative                               */
    double         area_slope;   /* of the relative area error per unit of
                                    the true A/A0; NAN if it hardly grows   */
    CsErrorSummary core_area;    /* relative                               */
    CsErrorSummary thickness_nm;
    CsErrorSummary iou;          /* of 1 - IoU                              */
    CsErrorSummary expansion;    /* relative, of the last frame             */
    CsErrorSummary rate;         /* relative                               */
    CsErrorSummary onset_s;
    CsErrorSummary break_s;
    size_t         n_verdicts_right;
    size_t         n_verdicts_wrong;
    size_t         n_verdicts_open; /* "cannot tell", or none given         */
    double         drift_rms_px;    /* both components together             */

    CsCoverage area_coverage;
    CsCoverage core_area_coverage;
    CsCoverage expansion_coverage;

    size_t        n_points; /* every area, or every kth of many; none in
                               the total */
    CsScorePoint *point;
} CsScore;

typedef struct {
    size_t   n;
    CsScore *score; /* one a recording that was measured, then those of the
                       truth that were not, all missed; then the total */
} CsScores;

#define CS_SCORES_INIT { 0 }
void cs_scores_clear(CsScores *scores);

/* Compares the results folder `dir` with the truth folders (NULL-ended): each
 * holds areas.csv, or truth/areas.csv, or folders that do.
 *
 * A truth is that of a recording where the file that was measured, by its
 * SHA-256 in provenance.json, lies beside it. Where no such file is there to
 * compare, recordings are matched by name, or by the folder they and the truth
 * lie in, or because there is one on either side; never where the file beside
 * the truth is another or the number of frames differs.
 *
 * Errors: CS_ERROR_IO, CS_ERROR_FORMAT with file and line, CS_ERROR_ARGUMENT
 * where a recording has no truth, or was measured in pixels where the truth
 * is in nm. */
bool cs_score(const char *dir, const char *const *truth, CsScores *scores,
              GError **error);

/* Draws figures/score.svg and .png into the folder dir, which is made where
 * it is not there: area error against A/A0, a colour a recording, and the
 * shares of areas with less than an error. Errors: CS_ERROR_IO (also: no
 * gnuplot), CS_ERROR_ARGUMENT where there is nothing to draw. */
bool cs_scores_draw(const CsScores *scores, const char *dir, const CsJob *job,
                    GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsScores, cs_scores_clear)

G_END_DECLS
