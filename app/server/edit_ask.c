/* Asking for an edit.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/edit_ask.h"

#include <math.h>
#include <string.h>

#include "coatscope/frame.h"
#include "coatscope/verdicts.h"
#include "server/json_in.h"

enum { MOST_POINTS = 10000, NAME = 100, WORDS = 1000 };

#define ALL "kind particle_id author reason "

static const struct {
    const char *name;
    const char *keys;
} kinds[CS_N_EDIT_KINDS] = {
    [CS_EDIT_POLYGON]
    = { "polygon", ALL "frame surface polygon from_frame to_frame" },
    [CS_EDIT_ACCEPT] = { "accept", ALL "note" },
    [CS_EDIT_REJECT] = { "reject", ALL "note" },
    [CS_EDIT_RENAME] = { "rename", ALL "name" },
    [CS_EDIT_VERDICT] = { "verdict", ALL "verdict break_frame note" },
    [CS_EDIT_SCORE] = { "score", ALL "verdict note" },
};

const char *
cs_edit_kind_name(CsEditKind kind)
{
    return kinds[kind].name;
}

void
cs_edit_ask_clear(CsEditAsk *ask)
{
    cs_polygon_clear(&ask->polygon);
    g_free(ask->name);
    g_free(ask->note);
    g_free(ask->author);
    g_free(ask->reason);
    *ask = (CsEditAsk) CS_EDIT_ASK_INIT;
}

static bool
take_kind(JsonObject *object, CsEditAsk *ask, CsRefusal *refusal)
{
    g_autofree char *word = NULL;

    if (!cs_json_take_text(object, "kind", NAME, true, &word, refusal))
        return false;
    for (int k = 0; k < CS_N_EDIT_KINDS; k++)
        if (strcmp(kinds[k].name, word) == 0) {
            ask->kind = (CsEditKind) k;
            return cs_json_knows(object, kinds[k].keys, refusal);
        }
    return cs_refuse(refusal, 400,
                     "kind is %.40s; polygon, accept, reject, rename, verdict "
                     "and score are known", word);
}

/* ---- Polygons -------------------------------------------------------------- */

static bool
take_point(JsonNode *node, CsPoint *point)
{
    JsonArray *pair;
    double v[2];

    if (!JSON_NODE_HOLDS_ARRAY(node))
        return false;
    pair = json_node_get_array(node);
    if (json_array_get_length(pair) != 2)
        return false;
    for (guint i = 0; i < 2; i++) {
        JsonNode *one = json_array_get_element(pair, i);
        GType type = JSON_NODE_HOLDS_VALUE(one)
                         ? json_node_get_value_type(one) : G_TYPE_INVALID;

        if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
            return false;
        v[i] = json_node_get_double(one);
        if (!(fabs(v[i]) <= 2.0 * CS_MAX_SIDE))
            return false;
    }
    *point = (CsPoint) { v[0], v[1] };
    return true;
}

static bool
take_polygon(JsonObject *object, CsEditAsk *ask, CsRefusal *refusal)
{
    JsonNode *node = json_object_get_member(object, "polygon");
    JsonArray *list;
    guint n;

    if (node == NULL || !JSON_NODE_HOLDS_ARRAY(node))
        return cs_refuse(refusal, 400, "polygon must be a list of [x, y]");
    list = json_node_get_array(node);
    n = json_array_get_length(list);
    if (n < 3 || n > MOST_POINTS)
        return cs_refuse(refusal, 400,
                         "polygon has %u points; 3 to %d are allowed", n,
                         MOST_POINTS);
    if (!cs_polygon_resize(&ask->polygon, n, NULL))
        return cs_refuse(refusal, 413, "no memory for the polygon");
    for (guint i = 0; i < n; i++)
        if (!take_point(json_array_get_element(list, i),
                        &ask->polygon.points[i]))
            return cs_refuse(refusal, 400,
                             "point %u of the polygon is no [x, y] in pixels",
                             i);
    return cs_polygon_area(&ask->polygon) > 0
           || cs_refuse(refusal, 400, "the polygon encloses nothing");
}

static bool
take_surface(JsonObject *object, CsEditAsk *ask, CsRefusal *refusal)
{
    g_autofree char *word = NULL;

    if (!cs_json_take_text(object, "surface", NAME, true, &word, refusal))
        return false;
    ask->is_core = strcmp(word, "core") == 0;
    return ask->is_core || strcmp(word, "outer") == 0
           || cs_refuse(refusal, 400, "surface is %.40s; outer or core are",
                        word);
}

static bool
take_drawing(JsonObject *object, CsEditAsk *ask, CsRefusal *refusal)
{
    if (!cs_json_take_size(object, "frame", G_MAXINT, true, &ask->frame, refusal)
        || !cs_json_take_size(object, "from_frame", G_MAXINT, false, &ask->from,
                         refusal)
        || !cs_json_take_size(object, "to_frame", G_MAXINT, false, &ask->to,
                         refusal)
        || !take_surface(object, ask, refusal)
        || !take_polygon(object, ask, refusal))
        return false;
    return (ask->from <= ask->frame && ask->frame <= ask->to)
           || cs_refuse(refusal, 400,
                        "frame %zu is not within from_frame … to_frame",
                        ask->frame);
}

/* ---- Words ----------------------------------------------------------------- */

static bool
take_verdict(JsonObject *object, CsEditAsk *ask, CsRefusal *refusal)
{
    g_autofree char *word = NULL;

    if (!cs_json_take_text(object, "verdict", NAME, true, &word, refusal)
        || !cs_json_take_size(object, "break_frame", G_MAXINT, false,
                         &ask->break_frame, refusal))
        return false;
    for (int k = CS_VERDICT_CANNOT_TELL; k <= CS_VERDICT_BROKEN; k++)
        if (strcmp(cs_verdict_name((CsVerdictKind) k), word) == 0) {
            ask->verdict = k;
            return true;
        }
    return cs_refuse(refusal, 400,
                     "verdict is %.40s; intact, broken and cannot tell are "
                     "known", word);
}

static bool
take_members(JsonObject *object, CsEditAsk *ask, CsRefusal *refusal)
{
    size_t id = 0;

    if (!take_kind(object, ask, refusal)
        || !cs_json_take_size(object, "particle_id", G_MAXINT, true, &id, refusal)
        || !cs_json_take_text(object, "author", NAME, true, &ask->author, refusal)
        || !cs_json_take_text(object, "reason", WORDS, false, &ask->reason,
                         refusal)
        || !cs_json_take_text(object, "note", WORDS, false, &ask->note, refusal))
        return false;
    ask->particle_id = (int) id;
    switch (ask->kind) {
    case CS_EDIT_POLYGON: return take_drawing(object, ask, refusal);
    case CS_EDIT_RENAME:
        return cs_json_take_text(object, "name", NAME, true, &ask->name, refusal);
    case CS_EDIT_VERDICT:
    case CS_EDIT_SCORE: return take_verdict(object, ask, refusal);
    default: return true;
    }
}

bool
cs_edit_ask_parse(const char *text, size_t n, CsEditAsk *ask,
                  CsRefusal *refusal)
{
    g_auto(CsEditAsk) fresh = CS_EDIT_ASK_INIT;
    g_autoptr(JsonNode) root = cs_json_parse(text, n, refusal);

    if (root == NULL
        || !take_members(json_node_get_object(root), &fresh, refusal))
        return false;
    cs_edit_ask_clear(ask);
    *ask = fresh;
    fresh = (CsEditAsk) CS_EDIT_ASK_INIT;
    return true;
}
