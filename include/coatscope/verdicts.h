/* CsVerdicts: whether the coating of each particle broke; the verdict columns
 * of particles.csv.
 *
 * What is meant by each number, and what it is worth: docs/methods/breakage.md.
 * NAN where there is nothing to say. In a recording that is measured in
 * pixels, "nm" stands for pixels and all times are NAN.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/measures.h"

G_BEGIN_DECLS

typedef enum {
    CS_VERDICT_CANNOT_TELL,
    CS_VERDICT_INTACT, /* no gap as wide as smallest_visible_gap_nm          */
    CS_VERDICT_BROKEN,
} CsVerdictKind;

/* "cannot tell", "intact", "broken", as in particles.csv. */
const char *cs_verdict_name(CsVerdictKind kind);

/* Why it cannot be told. */
typedef enum {
    CS_DOUBT_NONE,
    CS_DOUBT_NO_RIM,     /* no coating was seen on the rim                   */
    CS_DOUBT_FEW_FRAMES, /* too few, or too small a part of the recording    */
    CS_DOUBT_HIDDEN,     /* too much of the rim is hidden                    */
    CS_DOUBT_NOISE,      /* a gap of the wanted size could be missed         */
    CS_DOUBT_UNSTEADY,   /* the outline jumps                                */
    CS_DOUBT_EVIDENCE,   /* some, but not enough                             */
    CS_DOUBT_EARLY,      /* the rim changed before the particle swelled      */
    CS_DOUBT_NO_SCALE,   /* measured in pixels: no gap's size is known       */
} CsVerdictDoubt;

/* "", "no-rim-seen", "few-frames", "rim-hidden", "noisy", "unsteady",
 * "weak-evidence", "before-growth", "no-scale", as in the flags of particles.csv. */
const char *cs_verdict_doubt_name(CsVerdictDoubt doubt);

/* What is weighed, about the moment and arc where the rim lost most. */
typedef enum {
    CS_EVIDENCE_RING,     /* fall of the arc's depth, over its sd            */
    CS_EVIDENCE_DEPTH,    /* that fall as a share of the coating             */
    CS_EVIDENCE_STAYS,    /* share of the fall that is left in later frames  */
    CS_EVIDENCE_CONTOUR,  /* bulge or notch at the arc, over its sd          */
    CS_EVIDENCE_SOLIDITY, /* change of the contour's solidity, over its sd   */
    CS_EVIDENCE_RATE,     /* change of the rate of growth, over its sd       */
    CS_EVIDENCE_BALANCE,  /* coating missing from the whole rim, over its sd */
    CS_N_EVIDENCE
} CsEvidence;

/* "ring", "depth", …: one word each, for tables. */
const char *cs_evidence_name(CsEvidence evidence);

typedef struct {
    int            particle_id;
    CsVerdictKind  kind;
    CsVerdictDoubt doubt; /* NONE unless it cannot be told                   */

    size_t n_frames;    /* in which the rim was seen                         */
    size_t last_frame;  /* the last of them: an intact coating is so till then */
    double last_s;      /* its time                                          */
    double ring_seen;   /* share of the rim that is seen in most of them     */
    double smallest_visible_gap_nm;

    /* Of a broken coating: the last frame without and the first with the
     * gap, and their times. */
    size_t break_frame_lo;
    size_t break_frame_hi;
    double break_lo_s;
    double break_hi_s;
    double break_angle_deg;  /* middle of the gap, from +x towards +y        */
    double break_extent_deg; /* of the rim, once it is open                  */
    double gap_nm;           /* that arc of the contour                      */
    double strain_at_break;  /* hoop strain in the frame before              */
    bool   strain_is_outer;  /* of the outer contour: the core was not seen  */
    double dose_at_break_e_per_A2;

    /* Log-odds that it is broken, and what each evidence adds to them; the
     * rest is the offset. All NAN where nothing was weighed. */
    double log_odds;
    double evidence[CS_N_EVIDENCE]; /* as observed                           */
    double adds[CS_N_EVIDENCE];     /* to the log-odds                       */
} CsVerdict;

typedef struct {
    char      *recording;
    char      *coating; /* "" where not told */
    size_t     n;
    CsVerdict *verdict; /* one per particle, sorted by particle_id */
} CsVerdicts;

#define CS_VERDICTS_INIT { 0 }

void cs_verdicts_clear(CsVerdicts *verdicts);

/* The verdict on a particle, or NULL. */
const CsVerdict *cs_verdicts_of(const CsVerdicts *verdicts, int particle_id);

/* Fills `broken` of each row: 1 from break_frame_hi on, 0 before; of intact
 * particles 0 up to last_frame; -1 where nothing is known. */
void cs_verdicts_mark(const CsVerdicts *verdicts, CsMeasures *measures);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsVerdicts, cs_verdicts_clear)

G_END_DECLS
