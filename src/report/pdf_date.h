/* The date inside a PDF.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Sets the date of making in every NAME.pdf of the folder figures in dir,
 * which cairo takes from the clock, so that the same results give the same
 * bytes; left as it is for NAN. Errors: CS_ERROR_IO. */
bool cs_pdf_set_dates(const char *dir, double unix_s, GError **error);
