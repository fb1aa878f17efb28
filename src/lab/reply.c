/* Replies of SCPI instruments.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/reply.h"

#include <math.h>
#include <string.h>

#include "core/text.h"

static CsReplyState
frame_line(const guint8 *bytes, size_t n, size_t limit, size_t begin,
           CsReplySpan *span)
{
    const guint8 *end = memchr(bytes, '\n', MIN(n, limit));
    size_t length;

    if (end == NULL)
        return n >= limit ? CS_REPLY_BAD : CS_REPLY_MORE;
    length = (size_t) (end - bytes);
    span->used = length + 1;
    while (length > begin && bytes[length - 1] == '\r')
        length--;
    span->begin = begin;
    span->length = length - begin;
    span->is_block = begin > 0;
    return CS_REPLY_WHOLE;
}

/* Nine digits at most, so the sum cannot overflow. */
static bool
digits(const guint8 *bytes, size_t n, size_t *value)
{
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        if (!g_ascii_isdigit(bytes[i]))
            return false;
        *value = 10 * *value + (size_t) (bytes[i] - '0');
    }
    return true;
}

static CsReplyState
frame_block(const guint8 *bytes, size_t n, size_t limit, CsReplySpan *span)
{
    size_t n_digits = (size_t) (bytes[1] - '0'), length, end;

    if (n < 2 + n_digits)
        return CS_REPLY_MORE;
    if (!digits(bytes + 2, n_digits, &length))
        return CS_REPLY_BAD;
    end = 2 + n_digits + length;
    if (end >= limit)
        return CS_REPLY_BAD;
    if (n > end && bytes[end] == '\r')
        end++;
    if (n <= end)
        return CS_REPLY_MORE;
    if (bytes[end] != '\n')
        return CS_REPLY_BAD;
    *span = (CsReplySpan) {
        .begin = 2 + n_digits, .length = length, .used = end + 1,
        .is_block = true,
    };
    return CS_REPLY_WHOLE;
}

CsReplyState
cs_reply_frame(const guint8 *bytes, size_t n, size_t limit,
               CsReplySpan *span)
{
    if (n == 0 || (n == 1 && bytes[0] == '#'))
        return limit > n ? CS_REPLY_MORE : CS_REPLY_BAD;
    if (bytes[0] == '#' && bytes[1] == '0')
        return frame_line(bytes, n, limit, 2, span);
    if (bytes[0] == '#' && g_ascii_isdigit(bytes[1]))
        return frame_block(bytes, n, limit, span);
    return frame_line(bytes, n, limit, 0, span);
}

/* SCPI 1999 vol. 1, 7.2.1: 9.9e37 is infinity, 9.91e37 not a number. */
static double
without_signals(double value)
{
    return fabs(value) >= 9.8e37 ? NAN : value;
}

bool
cs_reply_number(const char **text, double *value)
{
    const char *comma = strchr(*text, ',');
    size_t length = comma != NULL ? (size_t) (comma - *text) : strlen(*text);
    g_autofree char *field = g_strstrip(g_strndup(*text, length));
    char *end = NULL;
    double v = g_ascii_strtod(field, &end);

    if (*field == '\0')
        v = NAN;
    else if (end == field)
        return false;
    else
        for (; *end != '\0'; end++)
            if (!g_ascii_isalpha(*end) && *end != ' ')
                return false;
    *text += length + (comma != NULL);
    *value = without_signals(v);
    return true;
}

bool
cs_reply_numbers(const char *text, double *value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (*text == '\0' || !cs_reply_number(&text, &value[i]))
            return false;
    return true;
}

bool
cs_reply_error(const char *text, int *code, int *kind, char **message)
{
    char *end = NULL;
    gint64 number = g_ascii_strtoll(text, &end, 10);
    g_autofree char *words = NULL;
    char *more;

    if (end == text || number < G_MININT16 || number > G_MAXUINT16)
        return false;
    words = g_strstrip(g_strdup(*end == ',' ? end + 1 : end));
    g_strdelimit(words, "\"", ' ');
    g_strstrip(words);
    more = strchr(words, ';');
    *code = (int) number;
    *kind = 1;
    if (more != NULL) {
        if (more[1] == '2' || more[1] == '4')
            *kind = more[1] - '0';
        *more = '\0';
    }
    *message = g_steal_pointer(&words);
    return true;
}
