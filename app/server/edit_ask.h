/* An edit as it is asked for in JSON: docs/api.md. Pure; fuzzed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "coatscope/polygon.h"
#include "server/request.h"

typedef enum {
    CS_EDIT_POLYGON, CS_EDIT_ACCEPT, CS_EDIT_REJECT, CS_EDIT_RENAME,
    CS_EDIT_VERDICT, CS_EDIT_SCORE, CS_N_EDIT_KINDS,
} CsEditKind;

typedef struct {
    CsEditKind kind;
    int        particle_id;
    size_t     frame;       /* of a polygon                                 */
    size_t     from, to;    /* for frames; SIZE_MAX: to the end             */
    bool       is_core;
    CsPolygon  polygon;
    int        verdict;     /* CsVerdictKind                                */
    size_t     break_frame; /* SIZE_MAX: not told                           */
    char      *name;
    char      *note;
    char      *author;
    char      *reason;
} CsEditAsk;

#define CS_EDIT_ASK_INIT { .to = SIZE_MAX, .break_frame = SIZE_MAX }
void cs_edit_ask_clear(CsEditAsk *ask);

const char *cs_edit_kind_name(CsEditKind kind);

/* Understands an object of JSON. Refuses (400) what is not one, is nested
 * deeper than 16, has a key that the kind does not know or lacks one that it
 * needs, or a value out of range, naming it. */
bool cs_edit_ask_parse(const char *text, size_t n, CsEditAsk *ask,
                       CsRefusal *refusal);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsEditAsk, cs_edit_ask_clear)
