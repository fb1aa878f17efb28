/* Follow: frames one by one -> where each lies. The first few are waited for
 * and placed together; each later one is placed among those before it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"
#include "coatscope/shifts.h"
#include "drift/facets.h"

enum { CS_DRIFT_N_FIRST = 16 };

/* What is known of a frame. */
typedef struct {
    double   dx; /* binned pixels; of unknown ones, that of the one before */
    double   dy;
    double   sd; /* INFINITY: not known */
    unsigned flags;
} CsDriftAt;

typedef struct {
    const CsDriftField *field;
    CsDriftCanvas       canvas;
    CsDriftFacets       facets[2]; /* the second for the first frames only */
    CsDriftBench        bench;
    CsDriftPlane        first[CS_DRIFT_N_FIRST]; /* first good frames */
    size_t              first_frame[CS_DRIFT_N_FIRST];
    size_t              n_first;
    bool                is_under_way; /* the first are placed */
    CsImage             before;       /* the last frame, to see doubles */
    double              light;        /* usual mean; 0 before the first */
    size_t              n_good;
    size_t              make_at; /* number of good frames for new facets */
    double              made_dx; /* where the facets were made */
    double              made_dy;
    double              faith;    /* slope seen over slope expected */
    double              faith_var; /* of a single frame */
    double              n_faith;
    CsDriftAt          *at; /* n_frames */
    size_t              n_frames;
    size_t              n_allocated;
} CsDriftFollower;

/* Errors: CS_ERROR_LIMIT. */
bool cs_drift_follower_init(CsDriftFollower *follower,
                            const CsDriftField *field, GError **error);
void cs_drift_follower_clear(CsDriftFollower *follower);

/* One more frame; takes the contents of the plane.
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_follow(CsDriftFollower *follower, CsDriftPlane *plane,
                     GError **error);

/* To be called when there are fewer frames than are waited for. */
bool cs_drift_follow_end(CsDriftFollower *follower, GError **error);

/* Whether the support tells shifts. */
bool cs_drift_follower_sees(const CsDriftFollower *follower);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsDriftFollower, cs_drift_follower_clear)
