/* XML from strangers, walked with expat: no entities of its own, no depth
 * without end, nothing fetched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    /* At each start tag; names come without their namespace prefix, attrs as
     * name, value, …, NULL. May be NULL. */
    void (*start)(const char *name, const char *const *attrs, void *user);

    /* At each end tag, with the text since the last start tag (stripped) and
     * the name of the element around it ("" for none). May be NULL. */
    void (*end)(const char *name, const char *parent, const char *text,
                void *user);
} CsXmlHandler;

/* Walks n bytes (trailing zeros are left out). False with CS_ERROR_FORMAT
 * where it is not well formed; what was told until then stands. */
bool cs_xml_walk(const char *xml, size_t n, const CsXmlHandler *handler,
                 void *user, GError **error);

/* The value of an attribute, or NULL. */
const char *cs_xml_attr(const char *const *attrs, const char *name);

/* As a number, or NAN. */
double cs_xml_attr_number(const char *const *attrs, const char *name);
