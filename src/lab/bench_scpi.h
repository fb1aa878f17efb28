/* The side of SCPI that instruments are on: headers, arguments, error queue.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/bench.h"

enum { CS_BENCH_MAX_ERRORS = 10 };

/* What an instrument is set to. One thread at a time. */
typedef struct {
    CsBenchSetting setting;
    gint64   start_us;
    GRand   *random;
    bool     on;
    double   voltage_V;
    double   limit_A;
    int      error[CS_BENCH_MAX_ERRORS];
    unsigned n_errors;
} CsBenchState;

typedef struct {
    const char *header; /* "SOURce:VOLTage?": capitals are the short form    */
    void (*act)(CsBenchState *state, const char *arguments, GString *reply);
} CsBenchCommand;

typedef struct {
    const char *name;
    const char *identity;
    bool        on_bridge; /* behind a bridge to GPIB */
    const CsBenchCommand *command; /* ends with a NULL header */
} CsBenchModel;

extern const CsBenchModel cs_bench_models[];
extern const size_t cs_bench_n_models;

/* Does a header as sent fit one as documented? Each word in its short or its
 * long form, in either case; a leading colon is let pass. */
bool cs_bench_fits(const char *documented, const char *sent);

/* Carries out one line (commands with ; between them); appends the replies,
 * with ; between them too, and no newline. Unknown ones go to the queue. */
void cs_bench_line(CsBenchState *state, const CsBenchModel *model,
                   const char *line, GString *reply);

void cs_bench_error(CsBenchState *state, int code);

/* The nth argument (from 0) as a number; false, with an error in the queue,
 * where it isn't one. */
bool cs_bench_argument(CsBenchState *state, const char *arguments, size_t n,
                       double *value);
/* "ON" or "1" anywhere among the arguments. */
bool cs_bench_says_on(const char *arguments);

typedef struct {
    double voltage_V;
    double current_A;
    bool   limited;
} CsBenchTerminals;

/* What is at the terminals now, as it measures it. */
CsBenchTerminals cs_bench_measure(CsBenchState *state);
