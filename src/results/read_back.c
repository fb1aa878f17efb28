/* Outlines of a results folder, read back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "results/exports.h"
#include "results/names.h"

enum { MAX_RECORDINGS = 100000 };

void
cs_results_outlines_clear(CsResultsOutlines *outlines)
{
    g_free(outlines->recording);
    g_free(outlines->input);
    cs_rois_clear(&outlines->rois);
    *outlines = (CsResultsOutlines) CS_RESULTS_OUTLINES_INIT;
}

static char *
provenance_of(const char *dir)
{
    return g_build_filename(dir, "provenance.json", NULL);
}

bool
cs_results_are_at(const char *dir)
{
    g_autofree char *path = provenance_of(dir);

    return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* ---- Provenance ------------------------------------------------------------- */

static JsonNode *
member(JsonObject *object, const char *name)
{
    return json_object_has_member(object, name)
               ? json_object_get_member(object, name) : NULL;
}

static const char *
text_of(JsonObject *object, const char *name)
{
    JsonNode *node = member(object, name);

    return node != NULL && JSON_NODE_HOLDS_VALUE(node)
                   && json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node) : NULL;
}

static double
number_of(JsonObject *object, const char *name)
{
    JsonNode *node = member(object, name);
    GType type = node != NULL && JSON_NODE_HOLDS_VALUE(node)
                     ? json_node_get_value_type(node) : G_TYPE_INVALID;

    return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE
               ? json_node_get_double(node) : NAN;
}

static size_t
count_of(JsonObject *object, const char *name)
{
    double value = number_of(object, name);

    return value >= 0 && value < 1e9 ? (size_t) value : 0;
}

static JsonArray *
list_of(JsonObject *object, const char *name)
{
    JsonNode *node = member(object, name);

    return node != NULL && JSON_NODE_HOLDS_ARRAY(node)
               ? json_node_get_array(node) : NULL;
}

/* Objects with a name only. */
static JsonObject *
recording_at(JsonArray *recordings, guint i)
{
    JsonNode *node = json_array_get_element(recordings, i);
    JsonObject *object
        = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;

    return object != NULL && text_of(object, "recording") != NULL ? object
                                                                  : NULL;
}

static JsonArray *
load(JsonParser *parser, const char *dir, GError **error)
{
    g_autofree char *path = provenance_of(dir);
    JsonNode *root = NULL;
    JsonArray *recordings = NULL;

    if (json_parser_load_from_file(parser, path, NULL))
        root = json_parser_get_root(parser);
    if (root != NULL && JSON_NODE_HOLDS_OBJECT(root))
        recordings = list_of(json_node_get_object(root), "recordings");
    if (recordings == NULL || json_array_get_length(recordings) == 0
        || json_array_get_length(recordings) > MAX_RECORDINGS) {
        cs_fail(error, CS_ERROR_FORMAT, "%s: is damaged, or names no recording",
                path);
        return NULL;
    }
    for (guint i = 0; i < json_array_get_length(recordings); i++)
        if (recording_at(recordings, i) == NULL) {
            cs_fail(error, CS_ERROR_FORMAT, "%s: is damaged: a recording has "
                    "no name", path);
            return NULL;
        }
    return recordings;
}

/* ---- The recording wanted ---------------------------------------------------- */

/* Its place, or the number of recordings with an error. */
static size_t
find(const char *const *names, size_t n, const char *wanted,
     const char *dir, GError **error)
{
    g_autoptr(GString) list = g_string_new(NULL);

    for (size_t i = 0; i < n; i++) {
        if (wanted != NULL ? strcmp(names[i], wanted) == 0 : n == 1)
            return i;
        if (i < 20)
            g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    cs_fail(error, CS_ERROR_ARGUMENT,
            "%s: holds %s; --recording NAME says which of them: %s", dir,
            wanted != NULL ? "no such recording" : "several recordings",
            list->str);
    return n;
}

static void
take_facts(JsonObject *from, CsResultsOutlines *to)
{
    JsonArray *inputs = list_of(from, "inputs");
    JsonNode *first = inputs != NULL && json_array_get_length(inputs) == 1
                          ? json_array_get_element(inputs, 0) : NULL;

    to->recording = g_strdup(text_of(from, "recording"));
    to->width = count_of(from, "width_px");
    to->height = count_of(from, "height_px");
    to->n_frames = count_of(from, "n_frames");
    to->nm_per_px_x = number_of(from, "nm_per_px_x");
    to->nm_per_px_y = number_of(from, "nm_per_px_y");
    if (first != NULL && JSON_NODE_HOLDS_OBJECT(first))
        to->input = g_strdup(text_of(json_node_get_object(first), "path"));
}

bool
cs_results_read_outlines(const char *dir, const char *recording,
                         CsResultsOutlines *outlines, GError **error)
{
    g_auto(CsResultsOutlines) fresh = CS_RESULTS_OUTLINES_INIT;
    CsResultsOutlines old = *outlines;
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonArray *recordings = load(parser, dir, error);
    guint n = recordings != NULL ? json_array_get_length(recordings) : 0;
    g_autofree const char **names = g_new0(const char *, n + 1);
    g_auto(GStrv) files = NULL;
    g_autofree char *file = NULL;
    g_autofree char *path = NULL;
    size_t at;

    for (guint i = 0; i < n; i++)
        names[i] = text_of(recording_at(recordings, i), "recording");
    if (recordings == NULL)
        return false;
    at = find(names, n, recording, dir, error);
    if (at >= n)
        return false;
    files = cs_results_names_of(names, n);
    file = g_strconcat(files[at], ".zip", NULL);
    path = g_build_filename(dir, "outlines", file, NULL);
    take_facts(recording_at(recordings, (guint) at), &fresh);
    if (!cs_rois_read(path, &fresh.rois, error))
        return false;
    *outlines = fresh;
    fresh = old;
    return true;
}
