/* Objects of JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/json_in.h"

#include <math.h>
#include <string.h>

enum { MAX_DEPTH = 16 };

/* The parser calls itself for what is nested: so that is looked at first. */
static bool
is_too_deep(const char *text, size_t n)
{
    int depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < n; i++) {
        if (quoted && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '[' || text[i] == '{'))
            depth++;
        else if (!quoted && (text[i] == ']' || text[i] == '}'))
            depth--;
        if (depth > MAX_DEPTH)
            return true;
    }
    return false;
}

JsonNode *
cs_json_parse(const char *text, size_t n, CsRefusal *refusal)
{
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    JsonNode *root;

    if (n == 0 || memchr(text, '\0', n) != NULL
        || !g_utf8_validate(text, (gssize) n, NULL)) {
        cs_refuse(refusal, 400, "the body is not JSON in UTF-8");
        return NULL;
    }
    if (is_too_deep(text, n)) {
        cs_refuse(refusal, 400, "the body is nested deeper than %d",
                  MAX_DEPTH);
        return NULL;
    }
    if (!json_parser_load_from_data(parser, text, (gssize) n, NULL)) {
        cs_refuse(refusal, 400, "the body is not well-formed JSON");
        return NULL;
    }
    root = json_parser_get_root(parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root)) {
        cs_refuse(refusal, 400, "the body is no JSON object");
        return NULL;
    }
    return json_node_ref(root);
}

bool
cs_json_knows(JsonObject *object, const char *known, CsRefusal *refusal)
{
    g_auto(GStrv) keys = g_strsplit(known, " ", 0);
    JsonObjectIter iter;
    const char *key;

    json_object_iter_init(&iter, object);
    while (json_object_iter_next(&iter, &key, NULL))
        if (!g_strv_contains((const char *const *) keys, key))
            return cs_refuse(refusal, 400,
                             "the key %.40s is not known here; known are: %s",
                             key, known);
    return true;
}

static bool
is_missing(JsonObject *object, const char *key, bool needed,
           CsRefusal *refusal)
{
    if (json_object_has_member(object, key)
        && !json_object_get_null_member(object, key))
        return false;
    if (needed)
        cs_refuse(refusal, 400, "the key %s is missing", key);
    return true;
}

bool
cs_json_take_text(JsonObject *object, const char *key, size_t most, bool needed,
             char **value, CsRefusal *refusal)
{
    JsonNode *node;
    g_autofree char *text = NULL;

    if (is_missing(object, key, needed, refusal))
        return !needed;
    node = json_object_get_member(object, key);
    if (json_node_get_value_type(node) != G_TYPE_STRING)
        return cs_refuse(refusal, 400, "%s must be a text", key);
    text = g_strstrip(json_node_dup_string(node));
    if ((needed && text[0] == '\0')
        || (size_t) g_utf8_strlen(text, -1) > most)
        return cs_refuse(refusal, 400, "%s must be a text of %d to %zu "
                                       "characters", key, needed, most);
    g_free(*value);
    *value = g_steal_pointer(&text);
    return true;
}

bool
cs_json_take_size(JsonObject *object, const char *key, size_t most, bool needed,
             size_t *value, CsRefusal *refusal)
{
    JsonNode *node;
    gint64 number;

    if (is_missing(object, key, needed, refusal))
        return !needed;
    node = json_object_get_member(object, key);
    if (json_node_get_value_type(node) != G_TYPE_INT64)
        return cs_refuse(refusal, 400, "%s must be a whole number", key);
    number = json_node_get_int(node);
    if (number < 0 || (guint64) number > most)
        return cs_refuse(refusal, 400,
                         "%s is %" G_GINT64_FORMAT "; 0 to %zu are allowed",
                         key, number, most);
    *value = (size_t) number;
    return true;
}
