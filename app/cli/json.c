/* JSON out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/json.h"

#include <math.h>
#include <string.h>

static void
add_quoted(GString *text, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);

    g_string_append_c(text, '"');
    for (const char *c = valid; *c != '\0'; c++)
        if (*c == '"' || *c == '\\')
            g_string_append_printf(text, "\\%c", *c);
        else if ((unsigned char) *c < 0x20)
            g_string_append_printf(text, "\\u%04x", (unsigned) *c);
        else
            g_string_append_c(text, *c);
    g_string_append_c(text, '"');
}

/* Begins a line for the next member. */
static void
begin_member(CsJson *json, const char *key)
{
    if (json->needs_comma)
        g_string_append_c(json->text, ',');
    if (json->depth > 0 && !json->compact)
        g_string_append_printf(json->text, "\n%*s", 2 * json->depth, "");
    if (key != NULL) {
        add_quoted(json->text, key);
        g_string_append(json->text, ": ");
    }
    json->needs_comma = true;
}

void
cs_json_clear(CsJson *json)
{
    if (json->text != NULL)
        g_string_free(json->text, TRUE);
    *json = (CsJson) { 0 };
}

void
cs_json_begin(CsJson *json, const char *key, char bracket)
{
    begin_member(json, key);
    g_string_append_c(json->text, bracket);
    json->depth++;
    json->needs_comma = false;
}

void
cs_json_end(CsJson *json, char bracket)
{
    json->depth--;
    if (json->needs_comma && !json->compact)
        g_string_append_printf(json->text, "\n%*s", 2 * json->depth, "");
    g_string_append_c(json->text, bracket);
    json->needs_comma = true;
}

void
cs_json_string(CsJson *json, const char *key, const char *value)
{
    begin_member(json, key);
    if (value != NULL)
        add_quoted(json->text, value);
    else
        g_string_append(json->text, "null");
}

void
cs_json_double(CsJson *json, const char *key, double value)
{
    static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
    char digits[G_ASCII_DTOSTR_BUF_SIZE] = "null";

    begin_member(json, key);
    for (size_t i = 0; isfinite(value) && i < G_N_ELEMENTS(formats); i++) {
        double back;

        g_ascii_formatd(digits, sizeof digits, formats[i], value);
        back = g_ascii_strtod(digits, NULL);
        if (back <= value && back >= value)
            break;
    }
    g_string_append(json->text, digits);
}

void
cs_json_fixed(CsJson *json, const char *key, double value, int digits)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE] = "null", format[16];
    size_t n;

    begin_member(json, key);
    if (isfinite(value) && fabs(value) < 1e12) {
        g_snprintf(format, sizeof format, "%%.%df", CLAMP(digits, 1, 9));
        g_ascii_formatd(text, sizeof text, format, value);
        for (n = strlen(text); text[n - 1] == '0'; n--)
            text[n - 1] = '\0';
        if (text[n - 1] == '.')
            text[n - 1] = '\0';
    }
    g_string_append(json->text, text);
}

void
cs_json_count(CsJson *json, const char *key, size_t value)
{
    begin_member(json, key);
    g_string_append_printf(json->text, "%zu", value);
}

void
cs_json_bool(CsJson *json, const char *key, bool value)
{
    begin_member(json, key);
    g_string_append(json->text, value ? "true" : "false");
}
