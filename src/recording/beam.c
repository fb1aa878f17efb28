/* The beam of a recording.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/beam.h"

#include <math.h>
#include <stdlib.h>

#include "coatscope/error.h"
#include "coatscope/image.h"
#include "recording/notes.h"

/* Frames in which the counts of the vacuum are looked at, evenly spread. */
enum { MAX_LOOKED_AT = 50 };

/* Rates may differ from the file's by this much without a note. */
static const double tolerance = 0.1;

typedef struct {
    CsRecording         *recording;
    CsRecordingInfo     *info;
    const CsBeamOptions *options;
    const CsJob         *job;
} Beam;

/* ---- From counts ----------------------------------------------------- */

typedef struct {
    const Beam *beam;
    size_t      n;
    double      mean[MAX_LOOKED_AT];
} Vacuum;

static bool
read_vacuum(size_t i, unsigned worker, void *data, GError **error)
{
    Vacuum *v = data;
    const size_t *r = v->beam->options->vacuum_px;
    size_t n_frames = v->beam->info->n_frames;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsImage) part = CS_IMAGE_INIT;
    double sum = 0;

    (void) worker;
    if (!cs_recording_read(v->beam->recording, i * n_frames / v->n, &frame,
                           error)
        || !cs_image_crop(&frame, (ptrdiff_t) r[0], (ptrdiff_t) r[1], r[2],
                          r[3], &part, error))
        return false;
    for (size_t k = 0; k < r[2] * r[3]; k++)
        sum += (double) part.px[k];
    v->mean[i] = sum / (double) (r[2] * r[3]);
    return true;
}

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

static bool
check_vacuum(const Beam *b, GError **error)
{
    const size_t *r = b->options->vacuum_px;
    size_t width = b->info->width, height = b->info->height;

    if (r[2] > 0 && r[3] > 0 && r[2] <= width && r[3] <= height
        && r[0] <= width - r[2] && r[1] <= height - r[3])
        return true;
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "%s: the vacuum is %zu × %zu pixels from %zu, %zu on, but "
                   "the frames have %zu × %zu", b->info->name, r[2], r[3],
                   r[0], r[1], width, height);
}

/* The median over frames of the mean of the part; its sd over frames. */
static bool
measure_vacuum(const Beam *b, double *counts, double *sd, GError **error)
{
    Vacuum v = { b, MIN(b->info->n_frames, MAX_LOOKED_AT), { 0 } };

    if (!check_vacuum(b, error)
        || !cs_parallel_for(b->job, v.n, read_vacuum, &v, error))
        return false;
    qsort(v.mean, v.n, sizeof *v.mean, by_value);
    *counts = v.mean[v.n / 2];
    for (size_t i = 0; i < v.n; i++)
        v.mean[i] = fabs(v.mean[i] - *counts);
    qsort(v.mean, v.n, sizeof *v.mean, by_value);
    *sd = v.n > 1 ? 1.4826 * v.mean[v.n / 2] : NAN;
    return true;
}

static double
exposure_s(const CsRecordingInfo *info)
{
    return info->clock.n_frames > 0 && info->clock.duration_s[0] > 0
               ? info->clock.duration_s[0] : info->series.exposure_s;
}

static bool
from_counts(const Beam *b, double counts, double sd, GError **error)
{
    CsRecordingInfo *info = b->info;
    double gain = isfinite(b->options->counts_per_electron)
                      ? b->options->counts_per_electron
                      : info->series.counts_per_electron;
    double t = exposure_s(info);
    double nm2 = info->nm_per_px_x * info->nm_per_px_y;
    const char *lacks = !(gain > 0)  ? "the counts an electron gives "
                                       "(--counts-per-electron)"
                        : !(t > 0)   ? "the exposure"
                        : !(nm2 > 0) ? "the scale (--scale)"
                                     : NULL;

    if (lacks != NULL)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: a dose rate from counts in vacuum needs %s",
                       info->name, lacks);
    info->ledger.rate_e_per_A2_s
        = cs_dose_rate_from_counts(counts, gain, t, nm2);
    info->ledger.rate_sd_e_per_A2_s
        = cs_dose_rate_from_counts(sd, gain, t, nm2);
    info->ledger.source = g_strdup_printf(
        "from %.6g counts a pixel in vacuum, %.4g counts an electron, %.4g s "
        "and %.4g nm² a pixel", counts, gain, t, nm2);
    return true;
}

/* ---- The rate -------------------------------------------------------- */

static bool
find_rate(const Beam *b, GError **error)
{
    CsLedger *ledger = &b->info->ledger;
    double counts, sd, in_file = b->info->series.dose_rate_e_per_A2_s;

    if (isfinite(b->options->rate_e_per_A2_s)) {
        ledger->rate_e_per_A2_s = b->options->rate_e_per_A2_s;
        ledger->source = g_strdup("as given");
    } else if (b->options->vacuum_px[2] > 0) {
        if (!measure_vacuum(b, &counts, &sd, error)
            || !from_counts(b, counts, sd, error))
            return false;
    } else if (isfinite(b->options->vacuum_counts)) {
        if (!from_counts(b, b->options->vacuum_counts, NAN, error))
            return false;
    } else if (isfinite(in_file)) {
        ledger->rate_e_per_A2_s = in_file;
        ledger->source = g_strdup("as the file says");
    }
    if (isfinite(in_file)
        && fabs(in_file - ledger->rate_e_per_A2_s) > tolerance * in_file)
        cs_recording_note(b->info, "the file says %.4g e/Å²/s, which is not "
                                   "used", in_file);
    return true;
}

static void
note_rate(const Beam *b)
{
    CsLedger *ledger = &b->info->ledger;
    g_autofree char *sd
        = isfinite(ledger->rate_sd_e_per_A2_s)
              ? g_strdup_printf(" ± %.2g", ledger->rate_sd_e_per_A2_s)
              : g_strdup("");

    cs_recording_note(b->info, "the dose rate is %.4g%s e/Å²/s, %s",
                      ledger->rate_e_per_A2_s, sd, ledger->source);
    if (b->info->n_frames < 2)
        return;
    cs_recording_note(b->info, b->options->is_blanked
                                   ? "the beam is taken to be on during "
                                     "exposures only, as given"
                                   : "the beam is assumed to be on from the "
                                     "first frame to the last, between "
                                     "exposures too");
    if (b->options->n_before > 0)
        cs_recording_note(b->info, "%.4g e/Å² before the first frame are "
                                   "counted, as given",
                          ledger->before_e_per_A2);
    else
        cs_recording_note(b->info, "doses count from the first frame: beam "
                                   "time before it is not known "
                                   "(--unrecorded-beam-s adds it)");
}

bool
cs_beam_fill(CsRecording *recording, CsRecordingInfo *info,
             const CsBeamOptions *options, const CsJob *job, GError **error)
{
    static const CsBeamOptions nothing = CS_BEAM_OPTIONS_INIT;
    Beam b = { recording, info, options != NULL ? options : &nothing, job };

    cs_ledger_clear(&info->ledger);
    if (!find_rate(&b, error))
        return false;
    if (isnan(info->ledger.rate_e_per_A2_s)) {
        if (b.options->n_before > 0)
            cs_recording_note(info, "beam time before the first frame is "
                                    "given, but no dose rate: there are no "
                                    "doses");
        return true;
    }
    if (!cs_ledger_fill(&info->ledger, b.options, &info->clock, error))
        return false;
    note_rate(&b);
    return true;
}
