/* Velox's metadata: one JSON object a frame, all values as text.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/h5_velox_json.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "core/text.h"

enum { MAX_DEPTH = 64 };

#define PATH(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* The parser calls itself for each level: text that nests deeper than real
 * files by far is not given to it. */
static bool
is_shallow(const char *json)
{
    int depth = 0;
    bool in_text = false;

    for (; *json != '\0'; json++) {
        if (in_text && *json == '\\' && json[1] != '\0')
            json++;
        else if (*json == '"')
            in_text = !in_text;
        else if (!in_text && (*json == '{' || *json == '['))
            depth++;
        else if (!in_text && (*json == '}' || *json == ']'))
            depth--;
        if (depth > MAX_DEPTH)
            return false;
    }
    return true;
}

/* The text at a path of names, or NULL. */
static const char *
text_at(JsonObject *object, const char *const *path)
{
    for (; path[1] != NULL; path++) {
        JsonNode *node = json_object_get_member(object, path[0]);

        if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node))
            return NULL;
        object = json_node_get_object(node);
    }
    return json_object_has_member(object, path[0])
               ? json_node_get_string(json_object_get_member(object, path[0]))
               : NULL;
}

static double
number_at(JsonObject *object, const char *const *path)
{
    const char *text = text_at(object, path);
    double value;

    return text != NULL && cs_text_to_double(text, &value) ? value : NAN;
}

static double
positive(double value)
{
    return value > 0 ? value : NAN;
}

static void
copy_text(char *to, size_t n, const char *text)
{
    const char *end;

    g_strlcpy(to, text != NULL ? text : "", n);
    if (!g_utf8_validate(to, -1, &end)) /* cut within a letter */
        to[end - to] = '\0';
}

static void
read_detector(JsonObject *root, CsVeloxFrame *frame)
{
    const char *index = text_at(root, PATH("BinaryResult", "DetectorIndex"));
    g_autofree char *key
        = g_strconcat("Detector-", index != NULL ? index : "", NULL);
    g_autofree char *stamp
        = g_strdup_printf("Detectors[%s].TimeStamp", frame->detector);
    const char *type = text_at(root, PATH("Detectors", key, "DetectorType"));
    const char *us = text_at(root, PATH("CustomProperties", stamp, "value"));

    frame->is_scanned = type != NULL && strcmp(type, "ScanningDetector") == 0;
    frame->exposure_s
        = positive(number_at(root, PATH("Detectors", key, "ExposureTime")));
    if (us != NULL)
        g_ascii_string_to_signed(us, 10, 0, G_MAXINT64, &frame->stamp_us,
                                 NULL);
}

static void
read_optics(JsonObject *root, CsVeloxFrame *frame)
{
    double volts = number_at(root, PATH("Optics", "AccelerationVoltage"));

    frame->voltage_kV = positive(volts / 1e3);
    frame->magnification = positive(
        frame->is_scanned
            ? number_at(root, PATH("CustomProperties", "StemMagnification",
                                   "value"))
            : number_at(root, PATH("Optics", "NominalMagnification")));
    copy_text(frame->microscope, sizeof frame->microscope,
              text_at(root, PATH("Instrument", "InstrumentModel")));
}

static void
read_object(JsonObject *root, CsVeloxFrame *frame)
{
    frame->pixel_x
        = number_at(root, PATH("BinaryResult", "PixelSize", "width"));
    frame->pixel_y
        = number_at(root, PATH("BinaryResult", "PixelSize", "height"));
    copy_text(frame->unit_x, sizeof frame->unit_x,
              text_at(root, PATH("BinaryResult", "PixelUnitX")));
    copy_text(frame->unit_y, sizeof frame->unit_y,
              text_at(root, PATH("BinaryResult", "PixelUnitY")));
    copy_text(frame->detector, sizeof frame->detector,
              text_at(root, PATH("BinaryResult", "Detector")));
    frame->frame_time_s
        = positive(number_at(root, PATH("Scan", "FrameTime")));
    frame->start_unix_s
        = positive(number_at(root, PATH("Acquisition",
                                        "AcquisitionStartDatetime",
                                        "DateTime")));
    read_detector(root, frame);
    read_optics(root, frame);
}

bool
cs_velox_frame_parse(CsVeloxFrame *frame, const char *json, size_t n)
{
    g_autofree char *text = g_strndup(json, n);
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root;

    *frame = (CsVeloxFrame) {
        .pixel_x = NAN, .pixel_y = NAN, .start_unix_s = NAN,
        .frame_time_s = NAN, .exposure_s = NAN, .voltage_kV = NAN,
        .magnification = NAN,
    };
    if (!g_utf8_validate(text, -1, NULL) || !is_shallow(text)
        || !json_parser_load_from_data(parser, text, -1, NULL))
        return false;
    root = json_parser_get_root(parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
        return false;
    read_object(json_node_get_object(root), frame);
    return true;
}
