/* Requests.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/request.h"

#include <math.h>
#include <string.h>

static const gint64 most_param = (gint64) 1 << 53;

CsMethod
cs_method_of(const char *word)
{
    static const char *const words[] = { "GET", "POST", "DELETE" };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(word, words[i]) == 0)
            return (CsMethod) i;
    return CS_OTHER_METHOD;
}

/* ---- Refusing ------------------------------------------------------------- */

void
cs_refusal_clear(CsRefusal *refusal)
{
    g_free(refusal->message);
    *refusal = (CsRefusal) CS_REFUSAL_INIT;
}

bool
cs_refuse(CsRefusal *refusal, unsigned status, const char *format, ...)
{
    va_list args;

    if (refusal->status != 0)
        return false;
    refusal->status = status;
    va_start(args, format);
    refusal->message = g_strdup_vprintf(format, args);
    va_end(args);
    return false;
}

const char *
cs_refusal_code(unsigned status)
{
    static const struct {
        unsigned    status;
        const char *code;
    } codes[] = {
        { 400, "bad-request" }, { 401, "no-token" },  { 403, "forbidden" },
        { 404, "not-found" },   { 405, "method" },    { 409, "conflict" },
        { 413, "too-large" },   { 415, "type" },      { 416, "range" },
        { 429, "too-many" },    { 503, "unavailable" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (codes[i].status == status)
            return codes[i].code;
    return "failed";
}

/* ---- Taking apart --------------------------------------------------------- */

void
cs_request_clear(CsRequest *request)
{
    for (size_t i = 0; i < request->n_segments; i++)
        g_free(request->segment[i]);
    for (size_t i = 0; i < request->n_query; i++) {
        g_free(request->key[i]);
        g_free(request->value[i]);
    }
    g_free(request->content_type);
    g_free(request->if_none_match);
    g_clear_pointer(&request->body, g_bytes_unref);
    *request = (CsRequest) CS_REQUEST_INIT;
}

/* Text between two points with %XX decoded (in a query "+" is a blank), or
 * NULL where that is not text. */
static char *
decode(const char *from, const char *to, bool is_query)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (const char *at = from; at < to; at++) {
        if (*at == '%') {
            if (to - at < 3 || !g_ascii_isxdigit(at[1])
                || !g_ascii_isxdigit(at[2]))
                return NULL;
            g_string_append_c(text,
                              (char) (g_ascii_xdigit_value(at[1]) * 16
                                      + g_ascii_xdigit_value(at[2])));
            at += 2;
        } else {
            g_string_append_c(text, is_query && *at == '+' ? ' ' : *at);
        }
    }
    if (strlen(text->str) != text->len
        || !g_utf8_validate(text->str, (gssize) text->len, NULL))
        return NULL;
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool
add_segment(const char *from, const char *to, CsRequest *request,
            CsRefusal *refusal)
{
    g_autofree char *text = decode(from, to, false);

    if (text == NULL)
        return cs_refuse(refusal, 400, "the address is not well written");
    if (text[0] == '\0' || strcmp(text, ".") == 0 || strcmp(text, "..") == 0
        || strchr(text, '/') != NULL || strchr(text, '\\') != NULL)
        return cs_refuse(refusal, 404, "there is nothing at this address");
    if (request->n_segments == CS_MAX_SEGMENTS)
        return cs_refuse(refusal, 404, "there is nothing at this address");
    request->segment[request->n_segments++] = g_steal_pointer(&text);
    return true;
}

static bool
add_query(const char *from, const char *to, CsRequest *request,
          CsRefusal *refusal)
{
    const char *equals = memchr(from, '=', (size_t) (to - from));
    g_autofree char *key = decode(from, equals != NULL ? equals : to, true);
    g_autofree char *value
        = equals != NULL ? decode(equals + 1, to, true) : g_strdup("");

    if (key == NULL || value == NULL)
        return cs_refuse(refusal, 400, "the address is not well written");
    if (request->n_query == CS_MAX_QUERY)
        return cs_refuse(refusal, 400, "more than %d parameters",
                         CS_MAX_QUERY);
    if (cs_request_query(request, key) != NULL)
        return cs_refuse(refusal, 400, "the parameter %s is given twice",
                         key);
    request->key[request->n_query] = g_steal_pointer(&key);
    request->value[request->n_query++] = g_steal_pointer(&value);
    return true;
}

bool
cs_request_parse_target(const char *target, CsRequest *request,
                        CsRefusal *refusal)
{
    const char *query = strchr(target, '?');
    const char *end = query != NULL ? query : target + strlen(target);

    if (strlen(target) > CS_MAX_TARGET)
        return cs_refuse(refusal, 400, "the address is longer than %d bytes",
                         CS_MAX_TARGET);
    if (target[0] != '/')
        return cs_refuse(refusal, 400, "the address does not begin with /");
    for (const char *at = target + 1; at < end;) {
        const char *next = memchr(at, '/', (size_t) (end - at));

        next = next != NULL ? next : end;
        if (!add_segment(at, next, request, refusal))
            return false;
        at = next + 1;
    }
    while (query != NULL && query[0] != '\0' && query[1] != '\0') {
        const char *next = query + 1 + strcspn(query + 1, "&");

        if (next > query + 1
            && !add_query(query + 1, next, request, refusal))
            return false;
        query = next;
    }
    return true;
}

/* ---- Values ---------------------------------------------------------------- */

const char *
cs_request_query(const CsRequest *request, const char *key)
{
    for (size_t i = 0; i < request->n_query; i++)
        if (strcmp(request->key[i], key) == 0)
            return request->value[i];
    return NULL;
}

static bool
is_digits(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

bool
cs_request_size(const CsRequest *request, const char *key, size_t least,
                size_t most, size_t *value, CsRefusal *refusal)
{
    const char *text = cs_request_query(request, key);
    guint64 number;

    if (text == NULL)
        return true;
    if (!is_digits(text)
        || !g_ascii_string_to_unsigned(text, 10, least, most, &number, NULL))
        return cs_refuse(refusal, 400,
                         "%s is %.40s; it must be a whole number from %zu to "
                         "%zu", key, text, least, most);
    *value = (size_t) number;
    return true;
}

bool
cs_request_double(const CsRequest *request, const char *key, double least,
                  double most, double *value, CsRefusal *refusal)
{
    const char *text = cs_request_query(request, key);
    char *end;
    double number;

    if (text == NULL)
        return true;
    number = g_ascii_strtod(text, &end);
    if (text[0] == '\0' || g_ascii_isspace(text[0]) || *end != '\0'
        || !(number >= least) || !(number <= most))
        return cs_refuse(refusal, 400,
                         "%s is %.40s; it must be a number from %g to %g",
                         key, text, least, most);
    *value = number;
    return true;
}

bool
cs_request_param(const CsRequest *request, size_t i, gint64 *value,
                 CsRefusal *refusal)
{
    const char *text = i < CS_MAX_PARAMS ? request->param[i] : NULL;

    if (text == NULL || !is_digits(text)
        || !g_ascii_string_to_signed(text, 10, 0, most_param, value, NULL))
        return cs_refuse(refusal, 404, "there is nothing at this address");
    return true;
}
