/* Where a measured recording came from.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "score/origin.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <stdint.h>
#include <string.h>

enum { CHUNK = 1 << 18 };

/* ---- provenance.json --------------------------------------------------------- */

static JsonArray *
array_in(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node != NULL && JSON_NODE_HOLDS_ARRAY(node)
               ? json_node_get_array(node) : NULL;
}

static JsonObject *
object_at(JsonArray *array, guint i)
{
    JsonNode *node = json_array_get_element(array, i);

    return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static const char *
text_in(JsonObject *object, const char *name)
{
    const char *text
        = json_object_get_string_member_with_default(object, name, "");

    return text != NULL ? text : "";
}

static void
take_origin(JsonObject *said, CsScoreRecording *r)
{
    JsonArray *inputs = array_in(said, "inputs");
    JsonObject *first = inputs != NULL && json_array_get_length(inputs) > 0
                            ? object_at(inputs, 0) : NULL;
    gint64 n_frames
        = json_object_get_int_member_with_default(said, "n_frames", 0);

    r->origin.n_frames = n_frames > 0 ? (size_t) n_frames : 0;
    if (first == NULL)
        return;
    g_free(r->origin.file);
    g_free(r->origin.sha256);
    r->origin.file = g_strdup(text_in(first, "path"));
    r->origin.sha256 = g_strdup(text_in(first, "sha256"));
}

void
cs_origin_read(CsScoreFolder *folder, size_t first, const char *dir)
{
    g_autofree char *path = g_build_filename(dir, "provenance.json", NULL);
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root;
    JsonArray *all;

    if (!json_parser_load_from_file(parser, path, NULL))
        return;
    root = json_parser_get_root(parser);
    all = root != NULL && JSON_NODE_HOLDS_OBJECT(root)
              ? array_in(json_node_get_object(root), "recordings") : NULL;
    for (guint k = 0; all != NULL && k < json_array_get_length(all); k++) {
        JsonObject *said = object_at(all, k);

        for (size_t i = first; said != NULL && i < folder->n; i++)
            if (strcmp(folder->recording[i].name,
                       text_in(said, "recording")) == 0)
                take_origin(said, &folder->recording[i]);
    }
}

/* ---- Beside the truth ---------------------------------------------------------- */

/* The SHA-256 of a file, or NULL. */
static char *
hash_of(const char *path)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    g_autoptr(GFileInputStream) stream = g_file_read(file, NULL, NULL);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree uint8_t *chunk = g_malloc(CHUNK);
    gssize n = -1;

    while (stream != NULL
           && (n = g_input_stream_read(G_INPUT_STREAM(stream), chunk, CHUNK,
                                       NULL, NULL)) > 0)
        g_checksum_update(sum, chunk, n);
    return n == 0 ? g_strdup(g_checksum_get_string(sum)) : NULL;
}

/* The file of that name that the truth would be of, or NULL: in the folder
 * above the truth, or in that folder's one of the recording's name. */
static char *
file_beside(const CsScoreRecording *truth, const char *file)
{
    g_autofree char *name = g_path_get_basename(file);
    g_autofree char *own
        = g_build_filename(truth->folder, truth->name, name, NULL);
    g_autofree char *plain = g_build_filename(truth->folder, name, NULL);

    if (g_file_test(own, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&own);
    return g_file_test(plain, G_FILE_TEST_IS_REGULAR)
               ? g_steal_pointer(&plain) : NULL;
}

static CsOriginFit
refuse(char **why, char *words)
{
    if (why != NULL)
        *why = words;
    else
        g_free(words);
    return CS_ORIGIN_OTHER;
}

CsOriginFit
cs_origin_fit(const CsScoreRecording *measured, const CsScoreRecording *truth,
              char **why)
{
    const CsScoreOrigin *o = &measured->origin;
    size_t n_frames = MAX(o->n_frames, measured->n_frames);
    bool has_hash = o->file != NULL && o->sha256 != NULL
                    && o->sha256[0] != '\0';
    g_autofree char *beside = has_hash ? file_beside(truth, o->file) : NULL;
    g_autofree char *hash = beside != NULL ? hash_of(beside) : NULL;

    if (hash != NULL && strcmp(hash, o->sha256) == 0)
        return CS_ORIGIN_SAME;
    if (hash != NULL)
        return refuse(why, g_strdup_printf("%s is not the file measured",
                                           beside));
    if (o->n_frames > 0 ? n_frames != truth->n_frames
                        : n_frames > truth->n_frames)
        return refuse(why, g_strdup_printf(
            "that of %s has %" G_GSIZE_FORMAT " frames, measured were %"
            G_GSIZE_FORMAT, truth->name, truth->n_frames, n_frames));
    return CS_ORIGIN_UNKNOWN;
}

char *
cs_origin_guess_truth(const CsScoreRecording *measured)
{
    g_autofree char *dir = g_path_get_dirname(
        measured->origin.file != NULL ? measured->origin.file : "");

    for (int up = 0; up < 2; up++) {
        g_autofree char *areas
            = g_build_filename(dir, "truth", "areas.csv", NULL);
        char *above = g_path_get_dirname(dir);

        if (g_file_test(areas, G_FILE_TEST_IS_REGULAR)) {
            g_free(above);
            return g_steal_pointer(&dir);
        }
        g_free(dir);
        dir = above;
    }
    return NULL;
}
