/* CsStore: results.db, what was measured so far, in SQLite.
 *
 * One row a recording, under a key of all that shapes its numbers; what
 * belongs to it in tables beside it. A recording is there with all of it or
 * not at all, whenever the program or the machine stops. One program writes,
 * others may read meanwhile. Several threads may use one store. It holds all
 * that the results folder is written from, so that this can be done again. The
 * schema: docs/results-db.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/fits.h"
#include "coatscope/inputs.h"
#include "coatscope/job.h"
#include "coatscope/measures.h"
#include "coatscope/pictures.h"
#include "coatscope/recording.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"
#include "coatscope/verdicts.h"

G_BEGIN_DECLS

typedef struct CsStore CsStore;

/* Whether the folder dir holds a store of ours (perhaps an empty one). */
bool cs_store_is_at(const char *dir);

/* Opens results.db in dir, making both where they are not; `fresh` forgets
 * what is in it. Errors: CS_ERROR_IO, also where another program works on it;
 * CS_ERROR_FORMAT where it is damaged or of another version. */
CsStore *cs_store_open(const char *dir, bool fresh, GError **error);
void     cs_store_close(CsStore *store); /* takes NULL */

/* The path of results.db; lent. */
const char *cs_store_path(const CsStore *store);

/* ---- One recording ------------------------------------------------------- */

/* What is kept of a recording; lent to put, filled by get. */
typedef struct {
    CsSeeds    *seeds;
    CsShifts   *shifts; /* of no frames where drift was not measured        */
    CsOutlines *outlines;
    CsMeasures *measures; /* whose coating is not kept with the rest        */
    CsVerdicts *verdicts;
} CsStored;

/* What shapes the numbers of a recording, as a SHA-256 to be freed with
 * g_free: its files, its name, scale and times as they are used, how it is
 * measured (any text), and this build of the program. Errors: CS_ERROR_IO,
 * CS_ERROR_CANCELLED. */
char *cs_store_key(const CsRecordingInfo *info, const CsInputs *inputs,
                   const char *how, const CsJob *job, GError **error);

/* Keeps a recording under its key, in one transaction, in place of what was
 * there. Errors: CS_ERROR_IO. */
bool cs_store_put(CsStore *store, const char *key,
                  const CsRecordingInfo *info, const CsInputs *inputs,
                  const CsStored *stored, GError **error);

/* Fills stored with exactly what was put, if *found. Errors: CS_ERROR_IO;
 * CS_ERROR_FORMAT where it does not fit together; CS_ERROR_LIMIT. */
bool cs_store_get(CsStore *store, const char *key, const CsStored *stored,
                  bool *found, GError **error);

/* Keep what was made of a recording that is there, in place of what was;
 * `how` is any text that tells with what it was made. Errors: CS_ERROR_IO. */
bool cs_store_put_fits(CsStore *store, const char *key, const char *how,
                       const CsFits *fits, GError **error);
bool cs_store_put_pictures(CsStore *store, const char *key, const char *how,
                           const CsPictures *pictures, GError **error);

/* Fills fits, if *found: if they were made with the same `how`. Errors as
 * cs_store_get. */
bool cs_store_get_fits(CsStore *store, const char *key, const char *how,
                       CsFits *fits, bool *found, GError **error);
bool cs_store_has_pictures(CsStore *store, const char *key, const char *how,
                           bool *found, GError **error);

/* ---- The results as a whole ---------------------------------------------- */

/* What they are besides their recordings. */
typedef struct {
    char   *title;        /* of the report; NULL: none                      */
    char  **command;      /* as typed; NULL-ended, or NULL                  */
    char  **settings;     /* name, value, name, value, …, NULL; or NULL     */
    char   *version;      /* of the program that measured                   */
    char   *program_sha256;
    double  date_unix_s;
    bool    is_ranked;    /* the coatings are compared                      */
    guint64 seed;         /* of what is drawn for that                      */
} CsRun;

#define CS_RUN_INIT { .date_unix_s = NAN }

void cs_run_clear(CsRun *run);

/* This program and this moment, or that of SOURCE_DATE_EPOCH where the
 * environment has it. Errors: CS_ERROR_IO, CS_ERROR_CANCELLED. */
bool cs_run_sign(CsRun *run, const CsJob *job, GError **error);

/* A recording of the results. */
typedef struct {
    const char *key;
    const char *coating; /* "" or NULL: not told                            */
    const char *session; /* NULL: of its own                                */
} CsStorePlace;

/* Says which recordings, in which order and of which coatings, the results
 * beside the store are made of; the others stay for another time. Errors:
 * CS_ERROR_IO. */
bool cs_store_arrange(CsStore *store, const CsStorePlace *place, size_t n,
                      const CsRun *run, GError **error);

/* Changes what is said of the results as a whole, and nothing else. Errors as
 * cs_store_put. */
bool cs_store_set_run(CsStore *store, const CsRun *run, GError **error);

/* What was last arranged; its fields stay NULL where nothing was. Errors as
 * cs_store_get. */
bool cs_store_get_run(CsStore *store, CsRun *run, GError **error);

/* A recording of the results as the store has it. */
typedef struct {
    gint64       id;        /* in the store, as long as it is there         */
    CsRecording *recording; /* what is known of it; gives no frame          */
    char        *session;
    char        *fits_how;  /* NULL where nothing was fitted                */
    CsSeeds      seeds;
    CsShifts     shifts;
    CsOutlines   outlines;
    CsMeasures   measures;
    CsVerdicts   verdicts;
    CsFits       fits; /* of no recording where nothing was fitted          */
    CsInputs     inputs;
    CsPictures   pictures;
} CsKept;

typedef struct {
    CsRun   run;
    size_t  n;
    CsKept *item;
} CsKeptAll;

#define CS_KEPT_ALL_INIT { .run = CS_RUN_INIT }

void cs_kept_all_clear(CsKeptAll *all);

/* Loads all that was arranged. Errors as cs_store_get, and CS_ERROR_ARGUMENT
 * where nothing was. */
bool cs_store_load(CsStore *store, CsKeptAll *all, GError **error);

/* ---- A part at a time ----------------------------------------------------- */

/* The same without what grows with particles times frames: outlines have only
 * their numbers and ids, measures only their names, and there are no pictures.
 * Nothing being arranged is no error. Errors as cs_store_load. */
bool cs_store_survey(CsStore *store, CsKeptAll *all, GError **error);

/* The outlines of one frame of a recording (as outlines of one frame), and the
 * measures of particle number p (an index) in all frames; `kept` is from a
 * survey. Errors: CS_ERROR_ARGUMENT: no such frame or particle; those of
 * cs_store_get. */
bool cs_store_frame_outlines(CsStore *store, const CsKept *kept, size_t frame,
                             CsOutlines *outlines, GError **error);
bool cs_store_particle_measures(CsStore *store, const CsKept *kept, size_t p,
                                CsMeasures *measures, GError **error);

/* The outlines of that particle alone, in all frames. */
bool cs_store_particle_outlines(CsStore *store, const CsKept *kept, size_t p,
                                CsOutlines *outlines, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsStore, cs_store_close)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsRun, cs_run_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsKeptAll, cs_kept_all_clear)

G_END_DECLS
