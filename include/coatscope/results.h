/* Results: what was measured -> the results folder.
 *
 *     areas.csv particles.csv events.csv drift.csv
 *     outlines/RECORDING.zip    every contour, an ImageJ RoiSet
 *     figures/…, report.html    made by the report room
 *     provenance.json           from what, with what and how
 *
 * The folder appears under its name only when it is complete; until then it
 * is a hidden one beside it, which is removed on failure. Columns and rules:
 * README.md, and the tables of columns in src/results/.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/fits.h"
#include "coatscope/job.h"
#include "coatscope/measures.h"
#include "coatscope/ranking.h"
#include "coatscope/recording.h"
#include "coatscope/roi.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"
#include "coatscope/store.h"
#include "coatscope/verdicts.h"

G_BEGIN_DECLS

/* Measured frames from which on a final expansion is given where no growth is
 * seen: of fewer, all may be those that A0 was taken from. */
enum { CS_LEAST_FOR_FINAL = 10 };

/* The final expansion of one particle, whose rows these are: the median of the
 * last (up to five) measured, none of them before growth began, and of their
 * sd (parts of it are shared between frames, so it is not divided). NAN where
 * no growth is seen in fewer than CS_LEAST_FOR_FINAL frames. */
void cs_final_expansion(const CsMeasure *row, size_t n_rows,
                        double *expansion, double *expansion_sd);

/* One recording and what came of it; all lent for the call. */
typedef struct {
    CsRecording      *recording; /* what is known of it; no frame is read   */
    const CsSeeds    *seeds;     /* may be NULL                             */
    const CsShifts   *shifts;    /* may be NULL: drift was not measured     */
    const CsOutlines *outlines;  /* of the recording's frames               */
    const CsMeasures *measures;  /* holds the names used in all tables      */
    const CsFits     *fits;      /* may be NULL: nothing was fitted         */
    const CsVerdicts *verdicts;  /* may be NULL: coatings were not judged   */
    const CsPictures *pictures;  /* may be NULL: none are shown             */
    const CsInputs   *inputs;    /* may be NULL: no files are listed        */
} CsResultsItem;

/* One setting that shaped the numbers, for provenance and methods text. */
typedef struct {
    const char *name;  /* "edge"; as on the command line, without dashes    */
    const char *value; /* as text in the C locale, with its unit            */
} CsResultsSetting;

typedef struct CsResultsInput CsResultsInput;

/* Writes more into the unfinished folder dir (a path that exists). */
typedef bool (*CsResultsWriter)(const CsResultsInput *input, const char *dir,
                                const CsJob *job, GError **error);

struct CsResultsInput {
    size_t                  n;    /* recordings                             */
    const CsResultsItem    *item; /* all in pixels or none                  */

    const char             *title;      /* of the report; NULL: "Areas
                                           against time"                    */
    const char *const      *command;    /* NULL-ended, as typed; or NULL    */
    size_t                  n_settings;
    const CsResultsSetting *setting;
    double                  date_unix_s; /* NAN: now                        */

    /* The program that measured; NULL: this one, of no known hash. */
    const char             *version;
    const char             *program_sha256;

    const CsRanking        *ranking; /* of the coatings; NULL: none         */

    /* The closed store the results were made from (its path), which goes
       into the folder; or NULL for none.                                   */
    const char             *store;

    /* Figures and page: cs_report_write of report.h, or NULL for none. */
    CsResultsWriter         report;
};

#define CS_RESULTS_INPUT_INIT { .date_unix_s = NAN }

/* True if results could be written to dir as things are: it is not there, is
 * empty, or (with force) is a results folder with nothing else in it. To be
 * asked before hours of work; cs_results_write asks again.
 *
 * Errors: CS_ERROR_ARGUMENT where dir holds something that must stay,
 * CS_ERROR_IO where it cannot be made. */
bool cs_results_check(const char *dir, bool force, GError **error);

/* Writes the results folder dir. With force, a results folder that is there
 * is replaced, but kept until the new one is complete. The same input gives
 * the same bytes but for a date that is NAN.
 *
 * Errors: those of cs_results_check, CS_ERROR_IO (disk full, …),
 * CS_ERROR_LIMIT, CS_ERROR_CANCELLED; then dir is as it was. */
bool cs_results_write(const CsResultsInput *input, const char *dir,
                      bool force, const CsJob *job, GError **error);

/* The same in steps, for results whose store is not to be seen before they are
 * complete. Free, before commit, leaves no trace. */
typedef struct CsResultsFolder CsResultsFolder;

/* Makes the hidden folder. Errors: those of cs_results_check. */
CsResultsFolder *cs_results_begin(const char *dir, bool force, GError **error);
void cs_results_folder_free(CsResultsFolder *folder); /* takes NULL */

/* Opens results.db in it, to be closed before commit. Errors: CS_ERROR_IO. */
CsStore *cs_results_store(CsResultsFolder *folder, GError **error);

/* Writes the rest and shows the folder; the input's own `store` does not
 * count. Errors: those of cs_results_write. */
bool cs_results_commit(CsResultsFolder *folder, const CsResultsInput *input,
                       const CsJob *job, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsResultsFolder, cs_results_folder_free)

/* ---- Reading back --------------------------------------------------------- */

/* The outlines of one recording, and what is known of its frames. */
typedef struct {
    char  *recording;
    char  *input;  /* the path of its file; NULL where there are several    */
    size_t width, height, n_frames;
    double nm_per_px_x, nm_per_px_y; /* NAN: measured in pixels             */
    CsRois rois;
} CsResultsOutlines;

#define CS_RESULTS_OUTLINES_INIT { .nm_per_px_x = NAN, .nm_per_px_y = NAN }

/* Whether dir is a results folder. */
bool cs_results_are_at(const char *dir);

/* Reads the outlines of a recording as it is called in the tables; NULL: the
 * only one. Errors: CS_ERROR_IO; CS_ERROR_FORMAT where files of the folder are
 * damaged; CS_ERROR_ARGUMENT: no such recording, or several (with their
 * names). */
bool cs_results_read_outlines(const char *dir, const char *recording,
                              CsResultsOutlines *outlines, GError **error);

void cs_results_outlines_clear(CsResultsOutlines *outlines);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsResultsOutlines, cs_results_outlines_clear)

G_END_DECLS
