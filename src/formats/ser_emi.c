/* EMI: what TIA wrote of the microscope, as XML amid other bytes.
 *
 * One <ObjectInfo> for each .ser file of the set, in their order.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "formats/beside.h"
#include "formats/ser.h"
#include "formats/xml.h"

enum { MAX_EMI_BYTES = 256 << 20 };

typedef struct {
    CsSeriesInfo *info;
    char         *label; /* of the value that follows */
    bool          is_stem;
    bool          is_diffraction;
    bool          has_camera;
    double        dwell_s; /* a camera's exposure or a scan's time a pixel */
    double        frame_s; /* a scan's */
} Emi;

/* The number a text begins with ("19500 X"), above 0, or NAN. */
static double
leading_number(const char *text)
{
    char *end;
    double number = g_ascii_strtod(text, &end);

    return end != text && number > 0 && number < 1e30 ? number : NAN;
}

static void
set_text(char **to, const char *text)
{
    if (*to == NULL && *text != '\0')
        *to = g_strdup(text);
}

static void
take_labelled(Emi *emi, const char *value)
{
    const char *label = emi->label != NULL ? emi->label : "";

    if (strcmp(label, "Microscope") == 0)
        set_text(&emi->info->microscope,
                 g_str_has_prefix(value, "Microscope ") ? value + 11 : value);
    else if (strcmp(label, "Magnification") == 0)
        emi->info->magnification = leading_number(value);
    else if (strcmp(label, "Mode") == 0) {
        emi->is_stem = strstr(value, "STEM") != NULL;
        emi->is_diffraction = strstr(value, "Diffraction") != NULL;
    }
}

static void
take_element(const char *name, const char *parent, const char *text,
             void *user)
{
    Emi *emi = user;

    if (strcmp(parent, "Data") == 0) {
        if (strcmp(name, "Value") == 0)
            take_labelled(emi, text);
        if (strcmp(name, "Label") == 0) {
            g_free(emi->label);
            emi->label = g_strdup(text);
        }
    } else if (strcmp(name, "AcceleratingVoltage") == 0)
        emi->info->voltage_kV = leading_number(text) / 1e3;
    else if (strcmp(name, "AcquireDate") == 0)
        set_text(&emi->info->date, text);
    else if (strcmp(name, "CameraNamePath") == 0) {
        set_text(&emi->info->camera, text);
        emi->has_camera = *text != '\0';
    } else if (strcmp(name, "DwellTimePath") == 0)
        emi->dwell_s = leading_number(text);
    else if (strcmp(name, "FrameTime") == 0)
        emi->frame_s = leading_number(text);
}

/* The name without "_K.ser", and K; NULL if it is not of this form. */
static char *
name_of_set(const CsSource *source, unsigned *k)
{
    g_autofree char *base = cs_beside_base(source);
    char *bar = strrchr(base, '_'), *end;
    unsigned long number;

    if (bar == NULL || !g_ascii_isdigit(bar[1]))
        return NULL;
    number = strtoul(bar + 1, &end, 10);
    if (g_ascii_strcasecmp(end, ".ser") != 0 || number < 1 || number > 9999)
        return NULL;
    *k = (unsigned) number;
    return g_strndup(base, (gsize) (bar - base));
}

/* The kth description of an object, from 1; NULL if there is none. */
static const char *
find_object(const char *text, size_t n, unsigned k, size_t *n_object)
{
    static const char from[] = "<ObjectInfo>", to[] = "</ObjectInfo>";
    const char *end = text + n, *at = text, *last;

    for (;; at = last) {
        at = memmem(at, (size_t) (end - at), from, sizeof from - 1);
        if (at == NULL)
            return NULL;
        last = memmem(at, (size_t) (end - at), to, sizeof to - 1);
        if (last == NULL)
            return NULL;
        last += sizeof to - 1;
        if (--k == 0)
            break;
    }
    *n_object = (size_t) (last - at);
    return at;
}

static void
read_object(Emi *emi, const char *xml, size_t n)
{
    static const CsXmlHandler handler = { .end = take_element };

    if (!cs_xml_walk(xml, n, &handler, emi, NULL))
        cs_series_info_note(emi->info, "the .emi file beside it is not well"
                            " formed; not all of it is used");
    emi->info->exposure_s = emi->has_camera ? emi->dwell_s : emi->frame_s;
    g_free(emi->label);
}

void
cs_emi_read(const CsSource *source, CsSeriesInfo *info, bool *is_diffraction)
{
    Emi emi = { .info = info, .dwell_s = NAN, .frame_s = NAN };
    unsigned k = 0;
    g_autofree char *set = name_of_set(source, &k);
    g_autofree char *name
        = set != NULL ? g_strconcat(set, ".emi", NULL) : NULL;
    size_t n = 0, n_object = 0;
    g_autofree char *text
        = name != NULL ? cs_beside_text(source, name, MAX_EMI_BYTES, &n)
                       : NULL;
    const char *object
        = text != NULL ? find_object(text, n, k, &n_object) : NULL;

    if (object == NULL) {
        cs_series_info_note(info, text == NULL
            ? "there is no .emi file beside it, which has the voltage and"
              " the exposure"
            : "the .emi file beside it does not describe this series");
        return;
    }
    read_object(&emi, object, n_object);
    *is_diffraction = emi.is_diffraction && !emi.is_stem;
}
