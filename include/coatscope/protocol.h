/* CsProtocol: what is done in an experiment, step by step.
 *
 * Read from YAML; docs/protocol.md lists every key. What a step can do is its
 * kind, of which there is one table (src/protocol/kinds.c): each declares its
 * parameters with unit, range and default. Unknown keys are refused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* A parameter that a kind of step declares. */
typedef struct {
    const char *name;
    const char *unit;     /* "" for none                                    */
    double      least, most;
    double      fallback; /* of numbers                                     */
    const char *text;     /* its default, where it is a text; else NULL     */
    const char *help;
} CsStepKey;

typedef struct {
    const char *name;
    const char *help;
    bool        is_open;  /* takes any other parameter: what a person enters */
    const CsStepKey *keys; /* ending with a NULL name                       */
} CsStepKind;

/* Every kind, ending with a NULL name. */
const CsStepKind *cs_step_kinds(void);

/* A parameter of a step as the file has it. */
typedef struct {
    char  *name;
    char  *unit;
    char  *text;          /* NULL: a number                                 */
    double value;
    double least, most;   /* of numbers: outside is a deviation             */
} CsStepParameter;

typedef struct {
    char  *id;            /* unique                                         */
    char  *title;
    char  *words;         /* what a person does; may be NULL                */
    char  *note;          /* why, what to look at; may be NULL              */
    char  *gate;          /* a question to be answered with yes; or NULL    */
    const CsStepKind *kind;
    bool   is_optional;
    double timer_least_s; /* 0: none                                        */
    double timer_most_s;  /* INFINITY: none; longer is a deviation          */
    double remind_s;
    size_t n;
    CsStepParameter *parameter;
} CsProtocolStep;

typedef struct {
    char  *name;
    char  *source;        /* where it is published; may be NULL             */
    char  *text;          /* the file as it is                              */
    char  *sha256;        /* of that                                        */
    size_t n;
    CsProtocolStep *step;
} CsProtocol;

#define CS_PROTOCOL_INIT { 0 }
void cs_protocol_clear(CsProtocol *protocol);

/* Most steps, and most parameters of one. */
enum { CS_PROTOCOL_MAX_STEPS = 500, CS_PROTOCOL_MAX_PARAMETERS = 40 };

/* Reads a file of at most 1 MiB. Errors: CS_ERROR_IO; CS_ERROR_LIMIT;
 * CS_ERROR_ARGUMENT with file and line: not YAML, an unknown key or kind (with
 * those there are), a value outside what its kind allows, an id given twice. */
bool cs_protocol_read(const char *path, CsProtocol *protocol, GError **error);

/* The same for text in memory; name is for messages. */
bool cs_protocol_parse(const char *text, size_t n, const char *name,
                       CsProtocol *protocol, GError **error);

/* A parameter of a step, or NULL. */
const CsStepParameter *cs_step_parameter(const CsProtocolStep *step,
                                         const char *name);
/* Its number; all that a kind declares are there. NAN for a text. */
double cs_step_number(const CsProtocolStep *step, const char *name);
/* Its text; "" for a number. */
const char *cs_step_text(const CsProtocolStep *step, const char *name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsProtocol, cs_protocol_clear)

G_END_DECLS
