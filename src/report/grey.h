/* CsGrey: the pixels of a JPEG picture.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    size_t  width;
    size_t  height;
    guint8 *level; /* width * height, 0 black                               */
} CsGrey;

#define CS_GREY_INIT { 0 }

/* Errors: CS_ERROR_FORMAT for what is no grey JPEG of at most 4096 pixels
 * either way; CS_ERROR_LIMIT. */
bool cs_grey_decode(GBytes *jpeg, CsGrey *grey, GError **error);
void cs_grey_clear(CsGrey *grey);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsGrey, cs_grey_clear)
