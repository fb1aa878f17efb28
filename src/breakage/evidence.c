/* Gathering and weighing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "breakage/evidence.h"

#include <math.h>

#include "core/alloc.h"

/* By hand, near what logistic regression gives on simulated recordings
 * (docs/methods/breakage.md). */
static const double offset = -7.6;
static const double weight[CS_N_EVIDENCE] = {
    [CS_EVIDENCE_RING] = 2.5,
    [CS_EVIDENCE_DEPTH] = 2.8,
};

/* ---- Gathering ----------------------------------------------------------- */

typedef double (*Column)(const CsRing *ring, const CsMeasure *row, size_t i);

static double
log_growth(const CsRing *ring, const CsMeasure *row, size_t i)
{
    if (i == 0)
        return NAN;
    return log(row[ring->frame[i]].area_nm2 / row[ring->frame[i - 1]].area_nm2)
           / (double) (ring->frame[i] - ring->frame[i - 1]);
}

static double
solidity(const CsRing *ring, const CsMeasure *row, size_t i)
{
    return row[ring->frame[i]].solidity;
}

/* All of the coating that is seen, over what a coating that keeps its volume
 * shows: its chord at the rim goes with the root of radius times thickness,
 * and thickness with radius to the power of -2. */
static double
balance(const CsRing *ring, const CsMeasure *row, size_t i)
{
    double sum = 0, n = 0;

    (void) row;
    for (size_t k = 0; k < ring->n_angles; k++) {
        double depth = ring->depth[i * ring->n_angles + k];

        if (isfinite(depth)) {
            sum += depth;
            n += 1;
        }
    }
    return sum / n * ring->level[i]
           * sqrt(ring->radius_px[i] / ring->radius_px[0]);
}

/* How much a quantity of the whole particle falls at that moment, over its
 * sd. */
static bool
fall_of(Column column, const CsRing *ring, const CsMeasure *row,
        const CsFall *where, double *z, GError **error)
{
    g_autofree double *value = cs_try_alloc(ring->n_frames, sizeof *value,
                                            "the evidence", error);
    CsTable table = { ring->n_frames, 1, value };
    CsFall at = *where, fall;

    if (value == NULL)
        return false;
    for (size_t i = 0; i < ring->n_frames; i++)
        value[i] = column(ring, row, i);
    at.angle = 0;
    at.width = 1;
    if (!cs_scan_same(&table, &at, &fall, error))
        return false;
    *z = isfinite(fall.z) ? fall.z : 0;
    return true;
}

/* The share of the fall that is left in all later frames. */
static double
share_left(const CsTable *depth, const CsFall *fall)
{
    double sum = 0, n = 0;

    for (size_t i = fall->at; i < depth->n_frames; i++) {
        double mean = cs_arc_mean(depth, i, fall->angle, fall->width);

        if (isfinite(mean)) {
            sum += fall->before - mean;
            n += 1;
        }
    }
    return n > 0 ? sum / n / fall->fall : 0;
}

static bool
gather(const CsRing *ring, const CsMeasure *row, const CsFall *fall,
       double *evidence, GError **error)
{
    CsTable depth = { ring->n_frames, ring->n_angles, ring->depth };
    CsTable bump = { ring->n_frames, ring->n_angles, ring->bump_px };
    CsFall  bulge;

    if (!cs_scan_same(&bump, fall, &bulge, error)
        || !fall_of(solidity, ring, row, fall,
                    &evidence[CS_EVIDENCE_SOLIDITY], error)
        || !fall_of(log_growth, ring, row, fall,
                    &evidence[CS_EVIDENCE_RATE], error)
        || !fall_of(balance, ring, row, fall,
                    &evidence[CS_EVIDENCE_BALANCE], error))
        return false;
    evidence[CS_EVIDENCE_RING] = fall->z;
    evidence[CS_EVIDENCE_DEPTH] = fall->fall;
    evidence[CS_EVIDENCE_STAYS] = share_left(&depth, fall);
    evidence[CS_EVIDENCE_CONTOUR] = isfinite(bulge.z) ? -bulge.z : 0;
    return true;
}

/* ---- Weighing ------------------------------------------------------------ */

/* What is multiplied by the weight: bounded, so that no single one decides
 * by being absurd. */
static double
score_of(CsEvidence which, double value, const CsFall *fall)
{
    switch (which) {
    case CS_EVIDENCE_RING:
        return CLAMP(log2(fall->z / fall->needed), -2, 3);
    case CS_EVIDENCE_DEPTH: return CLAMP(10 * value, 0, 3);
    case CS_EVIDENCE_STAYS: return CLAMP(value, 0, 1);
    case CS_EVIDENCE_CONTOUR:
    case CS_EVIDENCE_SOLIDITY:
    case CS_EVIDENCE_RATE: return CLAMP(log2(1 + fabs(value)), 0, 4);
    case CS_EVIDENCE_BALANCE: return CLAMP(log2(1 + MAX(value, 0)), 0, 4);
    case CS_N_EVIDENCE: break;
    }
    g_return_val_if_reached(0);
}

void
cs_evidence_in_words(GString *text)
{
    g_string_append_printf(text, "%g", offset);
    for (int e = 0; e < CS_N_EVIDENCE; e++)
        if (weight[e] > 0)
            g_string_append_printf(text, " + %g %s", weight[e],
                                   cs_evidence_name((CsEvidence) e));
}

double
cs_evidence_of_fall(double depth, double sd, double needed)
{
    const CsFall fall = { .z = depth / sd, .needed = needed };

    return offset
           + weight[CS_EVIDENCE_RING]
                 * score_of(CS_EVIDENCE_RING, fall.z, &fall)
           + weight[CS_EVIDENCE_DEPTH]
                 * score_of(CS_EVIDENCE_DEPTH, depth, &fall);
}

bool
cs_evidence_weigh(const CsRing *ring, const CsMeasure *row,
                  const CsFall *fall, CsVerdict *verdict, GError **error)
{
    if (!gather(ring, row, fall, verdict->evidence, error))
        return false;
    verdict->log_odds = offset;
    for (int e = 0; e < CS_N_EVIDENCE; e++) {
        verdict->adds[e]
            = weight[e]
              * score_of((CsEvidence) e, verdict->evidence[e], fall);
        verdict->log_odds += verdict->adds[e];
    }
    return true;
}
