/* JSON from a file nobody vouches for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <json-glib/json-glib.h>

/* The object that n bytes of text are, or NULL where they are none or nest
 * deeper than 64 levels. Free with json_object_unref. */
JsonObject *cs_json_object(const char *text, size_t n);

/* Members of an object that may be NULL: NULL, or NAN, where there is none of
 * that kind. What is returned is lent. */
JsonObject *cs_json_member(JsonObject *object, const char *name);
JsonArray  *cs_json_list(JsonObject *object, const char *name);
const char *cs_json_text(JsonObject *object, const char *name);
double      cs_json_number(JsonObject *object, const char *name);

/* The same of an element of a list that may be NULL or too short. */
JsonObject *cs_json_object_of(JsonArray *list, guint i);
double      cs_json_number_of(JsonArray *list, guint i);

/* Elements of a list that may be NULL. */
guint cs_json_length(JsonArray *list);
