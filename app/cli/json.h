/* Writes JSON, indented, key by key, in the order of the calls.
 *
 * A key of NULL is for members of arrays. What is not a finite number is
 * null, as is a NULL string; text that is not UTF-8 is made so.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    GString *text;
    int      depth;
    bool     needs_comma;
    bool     compact; /* on one line                                        */
} CsJson;

#define CS_JSON_INIT { .text = g_string_new(NULL) }

void cs_json_clear(CsJson *json);

void cs_json_begin(CsJson *json, const char *key, char bracket); /* { or [ */
void cs_json_end(CsJson *json, char bracket);                    /* } or ] */
void cs_json_string(CsJson *json, const char *key, const char *value);
void cs_json_double(CsJson *json, const char *key, double value);
/* With so many digits after the point, without zeros at the end. */
void cs_json_fixed(CsJson *json, const char *key, double value, int digits);
void cs_json_count(CsJson *json, const char *key, size_t value);
void cs_json_bool(CsJson *json, const char *key, bool value);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsJson, cs_json_clear)
