/* Requests, as far as they can be understood without a network: pure
 * functions of bytes, fuzzed by fuzz/fuzz_requests.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    CS_MAX_TARGET = 8192, /* bytes of the address                           */
    CS_MAX_SEGMENTS = 16,
    CS_MAX_QUERY = 32,
    CS_MAX_PARAMS = 3,
};

typedef enum { CS_GET, CS_POST, CS_DELETE, CS_OTHER_METHOD } CsMethod;

CsMethod cs_method_of(const char *word);

/* Why a request is refused. */
typedef struct {
    unsigned status; /* of HTTP; 0: it is not                               */
    char    *message;
} CsRefusal;

#define CS_REFUSAL_INIT { 0 }
void cs_refusal_clear(CsRefusal *refusal);

/* Sets it, unless it is set; always false. */
bool cs_refuse(CsRefusal *refusal, unsigned status, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* "not-found", … for a status. */
const char *cs_refusal_code(unsigned status);

typedef struct {
    CsMethod method;
    size_t   n_segments;
    char    *segment[CS_MAX_SEGMENTS]; /* of the path, decoded; ours        */
    size_t   n_query;
    char    *key[CS_MAX_QUERY];   /* decoded; ours                          */
    char    *value[CS_MAX_QUERY];
    char    *param[CS_MAX_PARAMS]; /* {…} of the route; lent from segment   */
    char    *content_type;        /* lower case without parameters, or NULL */
    GBytes  *body;                /* or NULL                                */
    char    *if_none_match;
} CsRequest;

#define CS_REQUEST_INIT { 0 }
void cs_request_clear(CsRequest *request);

/* Takes "/a/b?c=d" apart. Refuses what is not a path from the root, "." and
 * ".." and "" as segments, "/" and NUL within one, what is not UTF-8. */
bool cs_request_parse_target(const char *target, CsRequest *request,
                             CsRefusal *refusal);

/* The value of a key, or NULL. */
const char *cs_request_query(const CsRequest *request, const char *key);

/* Whole numbers and numbers of the query; what is not there leaves *value. */
bool cs_request_size(const CsRequest *request, const char *key, size_t least,
                     size_t most, size_t *value, CsRefusal *refusal);
bool cs_request_double(const CsRequest *request, const char *key,
                       double least, double most, double *value,
                       CsRefusal *refusal);

/* Number i of the route's {…}: decimal digits up to 2^53. */
bool cs_request_param(const CsRequest *request, size_t i, gint64 *value,
                      CsRefusal *refusal);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsRefusal, cs_refusal_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsRequest, cs_request_clear)
