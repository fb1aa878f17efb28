/* Replies of SCPI instruments: where one ends, and what it says.
 *
 * A stream has no message boundary but the newline, or the length in front of
 * an IEEE 488.2 block: #, a digit n, n digits of length, the bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
    CS_REPLY_MORE,  /* not whole yet                                        */
    CS_REPLY_WHOLE,
    CS_REPLY_BAD,   /* longer than the limit, or a block that isn't one     */
} CsReplyState;

typedef struct {
    size_t begin;    /* of what it says, without framing                    */
    size_t length;
    size_t used;     /* bytes that belong to the reply, framing and all     */
    bool   is_block;
} CsReplySpan;

/* Looks for a whole reply of at most limit bytes at the head of bytes. The span
 * is set where the state is CS_REPLY_WHOLE. A text reply is without its
 * newline and the carriage return before it. A block of unknown length (#0)
 * ends at the newline, as on a socket nothing else can end it. */
CsReplyState cs_reply_frame(const guint8 *bytes, size_t n, size_t limit,
                            CsReplySpan *span);

/* The number at the head of text, up to a comma or the end; its unit, if any,
 * is left out. SCPI's overflow (±9.9e37) and not-a-number (9.91e37) give true
 * and NAN, as does an empty field. False where there is no number. Moves *text
 * past the comma, or to the end. */
bool cs_reply_number(const char **text, double *value);

/* n numbers with commas between them; more are let pass. */
bool cs_reply_numbers(const char *text, double *value, size_t n);

/* `-113,"Undefined header;1;2015/05/06 12:55:33"` → -113, with the text without
 * quotes, kind and time stamp in message (to be freed), and what Keithley's
 * newer instruments add: 1 error, 2 warning, 4 information (1 where nothing
 * is said). False where it does not begin with an integer. */
bool cs_reply_error(const char *text, int *code, int *kind, char **message);
