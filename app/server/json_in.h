/* Objects of JSON from outside.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "server/request.h"

/* The object that text is, to be freed; NULL with 400: not JSON, not UTF-8, no
 * object, or nested deeper than 16. */
JsonNode *cs_json_parse(const char *text, size_t n, CsRefusal *refusal);

/* False with 400 where a key is not one of `known` (blanks between). */
bool cs_json_knows(JsonObject *object, const char *known, CsRefusal *refusal);

/* Members; what is not there leaves *value, unless it is needed. */
bool cs_json_take_text(JsonObject *object, const char *key, size_t most, bool needed,
                  char **value, CsRefusal *refusal);
bool cs_json_take_size(JsonObject *object, const char *key, size_t most,
                  bool needed, size_t *value, CsRefusal *refusal);
