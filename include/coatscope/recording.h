/* CsRecording: the frames of one experiment, with clock and scale.
 *
 * One file, a folder, a glob or a printf pattern
 * ("img_%04d.tif") of files, in numeric order, plus what the user says about
 * it. Frames are read on demand; memory does not grow with their number.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "coatscope/clock.h"
#include "coatscope/electrical.h"
#include "coatscope/frame.h"
#include "coatscope/job.h"
#include "coatscope/ledger.h"
#include "coatscope/log.h"
#include "coatscope/reader.h"

G_BEGIN_DECLS

typedef enum {
    CS_SCALE_NONE, /* unknown: only pixels                                  */
    CS_SCALE_FILE,
    CS_SCALE_USER,
} CsScaleSource;

/* From what to what an interval is, where the numbers in the names of files go
 * up by more than one. */
typedef enum {
    CS_PER_UNSAID, /* every number counts, missing ones too; refused where
                      all go up by the same step above 1                    */
    CS_PER_FILE,
    CS_PER_NUMBER,
} CsIntervalPer;

/* What the user says. */
typedef struct {
    const char *name;          /* of the recording; NULL: from the path     */
    double      nm_per_px_x;   /* NAN: as in the file                       */
    double      nm_per_px_y;   /* NAN: as nm_per_px_x                       */
    double      interval_s;    /* NAN: as in the file                       */
    CsIntervalPer interval_per;
    const char *times_csv;     /* a file with columns frame,time_s, or NULL */
    bool        allow_gaps;    /* go on where numbers are missing           */
    const CsLogOptions *log;   /* of bias and current; NULL: the frames' own
                                  headers, where they have them             */
    const CsBeamOptions *beam; /* NULL: what the file says                  */
} CsRecordingOptions;

#define CS_RECORDING_OPTIONS_INIT                                             \
    { .nm_per_px_x = NAN, .nm_per_px_y = NAN, .interval_s = NAN }

/* What is known of a recording. Lives as long as the recording. */
typedef struct {
    char         *name;
    const char   *format;      /* name of the reader, "" for none           */
    size_t        n_files;
    char        **files;       /* n_files, in the order of frames           */
    size_t        width;
    size_t        height;
    size_t        n_frames;
    double        nm_per_px_x; /* NAN if unknown                            */
    double        nm_per_px_y;
    CsScaleSource scale_source;
    CsClock       clock;       /* n_frames                                  */
    CsSeriesInfo  series;      /* of the first file                         */
    CsElectrical  electrical;  /* bias and current, where there is a log    */
    CsLedger      ledger;      /* dose, where its rate is known             */
    GPtrArray    *notes;       /* char *: what was assumed, gaps, oddities  */
} CsRecordingInfo;

typedef struct CsRecording CsRecording;

/* Opens path (file, folder, glob, printf pattern).
 *
 * Errors: in one clause, with the file, what was found and how to go on:
 * nothing there, a missing number in a sequence, mixed frame sizes, a format
 * we do not read, a truncated file, … */
CsRecording *cs_recording_open(const char *path,
                               const CsRecordingOptions *options,
                               const CsJob *job, GError **error);

/* Reads frames from anywhere else: tests, the simulator, a live camera. Takes
 * over the contents of *info (left INIT) and state. */
typedef struct {
    bool (*read)(void *state, size_t index, CsFrame *frame, GError **error);
    void (*close)(void *state);
} CsFrameSource;
CsRecording *cs_recording_take(CsRecordingInfo *info,
                               const CsFrameSource *source, void *state);

CsRecording *cs_recording_ref(CsRecording *recording);
void         cs_recording_unref(CsRecording *recording); /* takes NULL */

/* What is known; lent, as long as the recording lives. */
const CsRecordingInfo *cs_recording_info(const CsRecording *recording);

/* Joins a log of bias and current by time, in place of one that is there;
 * not while other threads use the recording. Errors: those of cs_log_read;
 * CS_ERROR_ARGUMENT where frames have no times, the log does not overlap the
 * recording or no step can be told; of reading frames (find_step). */
bool cs_recording_join_log(CsRecording *recording,
                           const CsLogOptions *options, const CsJob *job,
                           GError **error);

/* Fills frame with image number index. Several threads may call it at once. */
bool cs_recording_read(CsRecording *recording, size_t index, CsFrame *frame,
                       GError **error);

/* True if the recording can be measured: an image in real space (not a
 * diffraction pattern or a spectrum), with a scale unless `in_pixels`, and
 * with a time for every frame unless it has only one or `in_pixels`. The
 * error says what is missing and which option gives it. */
bool cs_recording_check_measurable(const CsRecording *recording,
                                   bool in_pixels, GError **error);

#define CS_RECORDING_INFO_INIT                                                \
    {                                                                         \
        .format = "", .nm_per_px_x = NAN, .nm_per_px_y = NAN,                 \
        .clock = CS_CLOCK_INIT, .series = CS_SERIES_INFO_INIT,                \
        .electrical = CS_ELECTRICAL_INIT, .ledger = CS_LEDGER_INIT            \
    }
void cs_recording_info_clear(CsRecordingInfo *info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsRecording, cs_recording_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsRecordingInfo, cs_recording_info_clear)

G_END_DECLS
