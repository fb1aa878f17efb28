/* XML, walked.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/xml.h"

#include <expat.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/text.h"

enum { MAX_DEPTH = 64, MAX_TEXT = 1 << 20, PIECE = 1 << 20 };

typedef struct {
    XML_Parser          parser;
    const CsXmlHandler *handler;
    void               *user;
    GPtrArray          *path; /* names of the open elements                 */
    GString            *text;
    const char         *refused;
} Walk;

static const char *
bare(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon != NULL ? colon + 1 : name;
}

static void
refuse(Walk *walk, const char *why)
{
    walk->refused = why;
    XML_StopParser(walk->parser, XML_FALSE);
}

static void XMLCALL
on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
    Walk *walk = data;

    if (walk->path->len >= MAX_DEPTH) {
        refuse(walk, "it is nested too deeply");
        return;
    }
    g_ptr_array_add(walk->path, g_strdup(bare(name)));
    g_string_truncate(walk->text, 0);
    if (walk->handler->start != NULL)
        walk->handler->start(bare(name), (const char *const *) attrs,
                             walk->user);
}

static void XMLCALL
on_end(void *data, const XML_Char *name)
{
    Walk *walk = data;
    guint n = walk->path->len;
    const char *parent = n > 1 ? walk->path->pdata[n - 2] : "";

    g_strstrip(walk->text->str);
    if (walk->handler->end != NULL)
        walk->handler->end(bare(name), parent, walk->text->str, walk->user);
    g_ptr_array_set_size(walk->path, (gint) n - 1);
    g_string_truncate(walk->text, 0);
}

static void XMLCALL
on_text(void *data, const XML_Char *text, int n)
{
    Walk *walk = data;

    if (walk->text->len + (size_t) n <= MAX_TEXT)
        g_string_append_len(walk->text, text, n);
}

/* Entities can only be declared in a subset of the document's own. */
static void XMLCALL
on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
           const XML_Char *public_id, int has_own_subset)
{
    (void) name, (void) system_id, (void) public_id;
    if (has_own_subset)
        refuse(data, "it declares entities");
}

static bool
parse(Walk *walk, const char *xml, size_t n, GError **error)
{
    for (size_t at = 0; at < n;) {
        size_t piece = MIN(n - at, (size_t) PIECE);

        if (XML_Parse(walk->parser, xml + at, (int) piece, at + piece == n)
            != XML_STATUS_OK)
            return cs_fail(
                error, CS_ERROR_FORMAT, "its XML cannot be read: %s (line %lu)",
                walk->refused != NULL
                    ? walk->refused
                    : XML_ErrorString(XML_GetErrorCode(walk->parser)),
                XML_GetCurrentLineNumber(walk->parser));
        at += piece;
    }
    return true;
}

bool
cs_xml_walk(const char *xml, size_t n, const CsXmlHandler *handler, void *user,
            GError **error)
{
    Walk walk = { .handler = handler, .user = user };
    bool ok;

    while (n > 0 && (xml[n - 1] == '\0' || g_ascii_isspace(xml[n - 1])))
        n--;
    if (n == 0)
        return cs_fail(error, CS_ERROR_FORMAT, "its XML is empty");
    walk.parser = XML_ParserCreate(NULL);
    walk.path = g_ptr_array_new_with_free_func(g_free);
    walk.text = g_string_new(NULL);
    XML_SetUserData(walk.parser, &walk);
    XML_SetElementHandler(walk.parser, on_start, on_end);
    XML_SetCharacterDataHandler(walk.parser, on_text);
    XML_SetStartDoctypeDeclHandler(walk.parser, on_doctype);
    ok = parse(&walk, xml, n, error);
    XML_ParserFree(walk.parser);
    g_ptr_array_unref(walk.path);
    g_string_free(walk.text, TRUE);
    return ok;
}

const char *
cs_xml_attr(const char *const *attrs, const char *name)
{
    for (size_t i = 0; attrs[i] != NULL; i += 2)
        if (strcmp(attrs[i], name) == 0)
            return attrs[i + 1];
    return NULL;
}

double
cs_xml_attr_number(const char *const *attrs, const char *name)
{
    const char *text = cs_xml_attr(attrs, name);
    double value;

    return text != NULL && cs_text_to_double(text, &value) ? value : NAN;
}
