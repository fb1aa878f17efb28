/* Text: numbers as our files write them, CSV fields, natural order.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Appends the shortest decimal that reads back as the same double, in the C
 * locale; nothing at all for NAN. */
void cs_text_add_double(GString *text, double value);

/* Appends a CSV field after RFC 4180: quoted only where it must be. */
void cs_text_add_csv(GString *text, const char *field);

/* Appends a JSON string with its quotes, or null for NULL; a number, or null
 * where it is not finite. */
void cs_text_add_json(GString *text, const char *value);
void cs_text_add_json_double(GString *text, double value);

/* Appends text with & < > " ' escaped for HTML and SVG. */
void cs_text_add_html(GString *text, const char *value);

/* Orders strings with the numbers in them by value: frame_2 < frame_10. For
 * qsort-like calls on char * (not char **); ties are broken by strcmp. */
int cs_text_natural_order(const char *a, const char *b);

/* A file name made of any name: what is not a letter, digit, dot, dash or
 * underscore of ASCII becomes an underscore, as does a leading dot. A name that
 * had to be changed or cut gets a dash and 8 digits of its SHA-256 at the end,
 * so that two names never meet in one file. Free with g_free. */
char *cs_text_file_name(const char *name);

/* A whole string as a double in the C locale. False if it is not one. */
bool cs_text_to_double(const char *text, double *value);
