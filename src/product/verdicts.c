/* Verdicts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/verdicts.h"

const char *
cs_verdict_name(CsVerdictKind kind)
{
    static const char *const names[] = {
        [CS_VERDICT_CANNOT_TELL] = "cannot tell",
        [CS_VERDICT_INTACT] = "intact",
        [CS_VERDICT_BROKEN] = "broken",
    };

    return names[kind];
}

const char *
cs_verdict_doubt_name(CsVerdictDoubt doubt)
{
    static const char *const names[] = {
        [CS_DOUBT_NONE] = "",
        [CS_DOUBT_NO_RIM] = "no-rim-seen",
        [CS_DOUBT_FEW_FRAMES] = "few-frames",
        [CS_DOUBT_HIDDEN] = "rim-hidden",
        [CS_DOUBT_NOISE] = "noisy",
        [CS_DOUBT_UNSTEADY] = "unsteady",
        [CS_DOUBT_EVIDENCE] = "weak-evidence",
        [CS_DOUBT_EARLY] = "before-growth",
        [CS_DOUBT_NO_SCALE] = "no-scale",
    };

    return names[doubt];
}

const char *
cs_evidence_name(CsEvidence evidence)
{
    static const char *const names[CS_N_EVIDENCE] = {
        [CS_EVIDENCE_RING] = "ring",
        [CS_EVIDENCE_DEPTH] = "depth",
        [CS_EVIDENCE_STAYS] = "stays",
        [CS_EVIDENCE_CONTOUR] = "contour",
        [CS_EVIDENCE_SOLIDITY] = "solidity",
        [CS_EVIDENCE_RATE] = "rate",
        [CS_EVIDENCE_BALANCE] = "balance",
    };

    return names[evidence];
}

void
cs_verdicts_clear(CsVerdicts *verdicts)
{
    g_free(verdicts->recording);
    g_free(verdicts->coating);
    g_free(verdicts->verdict);
    *verdicts = (CsVerdicts) CS_VERDICTS_INIT;
}

const CsVerdict *
cs_verdicts_of(const CsVerdicts *verdicts, int particle_id)
{
    for (size_t i = 0; i < verdicts->n; i++)
        if (verdicts->verdict[i].particle_id == particle_id)
            return &verdicts->verdict[i];
    return NULL;
}

static int
known_at(const CsVerdict *v, size_t frame)
{
    if (v == NULL || v->kind == CS_VERDICT_CANNOT_TELL)
        return -1;
    if (v->kind == CS_VERDICT_BROKEN)
        return frame >= v->break_frame_hi;
    return frame <= v->last_frame ? 0 : -1;
}

void
cs_verdicts_mark(const CsVerdicts *verdicts, CsMeasures *measures)
{
    const CsVerdict *v = NULL;

    for (size_t i = 0; i < measures->n; i++) {
        CsMeasure *row = &measures->row[i];

        if (v == NULL || v->particle_id != row->particle_id)
            v = cs_verdicts_of(verdicts, row->particle_id);
        row->broken = known_at(v, row->frame);
    }
}
