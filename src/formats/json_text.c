/* JSON, looked at before the parser sees it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/json_text.h"

#include <math.h>
#include <stdbool.h>

enum { MAX_DEPTH = 64 };

/* The parser calls itself for each level: text that nests deeper than real
 * files by far is not given to it. */
static bool
is_shallow(const char *json, size_t n)
{
    int depth = 0;
    bool in_text = false;

    for (size_t i = 0; i < n; i++) {
        if (in_text && json[i] == '\\')
            i++;
        else if (json[i] == '"')
            in_text = !in_text;
        else if (!in_text && (json[i] == '{' || json[i] == '['))
            depth++;
        else if (!in_text && (json[i] == '}' || json[i] == ']'))
            depth--;
        if (depth > MAX_DEPTH)
            return false;
    }
    return true;
}

JsonObject *
cs_json_object(const char *text, size_t n)
{
    g_autoptr(JsonParser) parser = NULL;
    JsonNode *root;

    if (!is_shallow(text, n) || !g_utf8_validate(text, (gssize) n, NULL))
        return NULL;
    parser = json_parser_new();
    if (!json_parser_load_from_data(parser, text, (gssize) n, NULL))
        return NULL;
    root = json_parser_get_root(parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
        return NULL;
    return json_object_ref(json_node_get_object(root));
}

static JsonNode *
member(JsonObject *object, const char *name)
{
    return object != NULL ? json_object_get_member(object, name) : NULL;
}

JsonObject *
cs_json_member(JsonObject *object, const char *name)
{
    JsonNode *node = member(object, name);

    return node != NULL && JSON_NODE_HOLDS_OBJECT(node)
               ? json_node_get_object(node) : NULL;
}

JsonArray *
cs_json_list(JsonObject *object, const char *name)
{
    JsonNode *node = member(object, name);

    return node != NULL && JSON_NODE_HOLDS_ARRAY(node)
               ? json_node_get_array(node) : NULL;
}

const char *
cs_json_text(JsonObject *object, const char *name)
{
    JsonNode *node = member(object, name);

    return node != NULL && JSON_NODE_HOLDS_VALUE(node)
                   && json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node) : NULL;
}

static double
number_of_node(JsonNode *node)
{
    if (node == NULL || !JSON_NODE_HOLDS_VALUE(node))
        return NAN;
    if (json_node_get_value_type(node) == G_TYPE_INT64)
        return (double) json_node_get_int(node);
    if (json_node_get_value_type(node) == G_TYPE_BOOLEAN)
        return json_node_get_boolean(node);
    return json_node_get_value_type(node) == G_TYPE_DOUBLE
               ? json_node_get_double(node) : NAN;
}

double
cs_json_number(JsonObject *object, const char *name)
{
    return number_of_node(member(object, name));
}

guint
cs_json_length(JsonArray *list)
{
    return list != NULL ? json_array_get_length(list) : 0;
}

double
cs_json_number_of(JsonArray *list, guint i)
{
    return i < cs_json_length(list)
               ? number_of_node(json_array_get_element(list, i)) : NAN;
}

JsonObject *
cs_json_object_of(JsonArray *list, guint i)
{
    JsonNode *node = i < cs_json_length(list)
                         ? json_array_get_element(list, i) : NULL;

    return node != NULL && JSON_NODE_HOLDS_OBJECT(node)
               ? json_node_get_object(node) : NULL;
}
