/* Text.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
cs_text_add_double(GString *text, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    if (isnan(value))
        return;
    for (int precision = 15; precision <= 17; precision++) {
        char format[8];

        g_snprintf(format, sizeof format, "%%.%dg", precision);
        g_ascii_formatd(digits, sizeof digits, format, value);
        if (!(g_ascii_strtod(digits, NULL) < value)
            && !(g_ascii_strtod(digits, NULL) > value))
            break;
    }
    g_string_append(text, digits);
}

void
cs_text_add_csv(GString *text, const char *field)
{
    if (strpbrk(field, ",\"\r\n") == NULL) {
        g_string_append(text, field);
        return;
    }
    g_string_append_c(text, '"');
    for (const char *c = field; *c != '\0'; c++) {
        if (*c == '"')
            g_string_append_c(text, '"');
        g_string_append_c(text, *c);
    }
    g_string_append_c(text, '"');
}

void
cs_text_add_json(GString *text, const char *value)
{
    g_autofree char *valid = NULL;

    if (value == NULL) {
        g_string_append(text, "null");
        return;
    }
    valid = g_utf8_make_valid(value, -1);
    g_string_append_c(text, '"');
    for (const char *c = valid; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            g_string_append_printf(text, "\\%c", *c);
        else if ((unsigned char) *c < 0x20)
            g_string_append_printf(text, "\\u%04x", (unsigned) *c);
        else
            g_string_append_c(text, *c);
    }
    g_string_append_c(text, '"');
}

void
cs_text_add_json_double(GString *text, double value)
{
    if (isfinite(value))
        cs_text_add_double(text, value);
    else
        g_string_append(text, "null");
}

void
cs_text_add_html(GString *text, const char *value)
{
    for (const char *c = value; *c != '\0'; c++)
        switch (*c) {
        case '&': g_string_append(text, "&amp;"); break;
        case '<': g_string_append(text, "&lt;"); break;
        case '>': g_string_append(text, "&gt;"); break;
        case '"': g_string_append(text, "&quot;"); break;
        case '\'': g_string_append(text, "&#39;"); break;
        default: g_string_append_c(text, *c);
        }
}

/* Compares two runs of digits by value and moves both pointers behind. */
static int
compare_numbers(const char **a, const char **b)
{
    size_t na, nb;
    int order;

    while (**a == '0')
        (*a)++;
    while (**b == '0')
        (*b)++;
    na = strspn(*a, "0123456789");
    nb = strspn(*b, "0123456789");
    order = na != nb ? (na > nb) - (na < nb) : strncmp(*a, *b, na);
    *a += na;
    *b += nb;
    return order;
}

int
cs_text_natural_order(const char *a, const char *b)
{
    const char *p = a, *q = b;

    while (*p != '\0' && *q != '\0') {
        int order;

        if (g_ascii_isdigit(*p) && g_ascii_isdigit(*q)) {
            order = compare_numbers(&p, &q);
        } else {
            order = (int) (unsigned char) *p - (int) (unsigned char) *q;
            p++;
            q++;
        }
        if (order != 0)
            return order;
    }
    if (*p != *q)
        return *p == '\0' ? -1 : 1;
    return strcmp(a, b);
}

enum { MAX_FILE_NAME = 100 };

char *
cs_text_file_name(const char *name)
{
    g_autofree char *safe = g_strndup(name, MAX_FILE_NAME);
    g_autofree char *sum = NULL;

    for (char *c = safe; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr("._-", *c) == NULL)
            *c = '_';
    if (safe[0] == '.')
        safe[0] = '_';
    if (safe[0] != '\0' && strcmp(safe, name) == 0)
        return g_steal_pointer(&safe);
    sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);
    return g_strdup_printf("%s-%.8s", safe, sum);
}

bool
cs_text_to_double(const char *text, double *value)
{
    char *end = NULL;
    double number = g_ascii_strtod(text, &end);

    while (end != text && g_ascii_isspace(*end))
        end++;
    if (end == text || *end != '\0')
        return false;
    *value = number;
    return true;
}
