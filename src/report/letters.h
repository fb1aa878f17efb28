/* Letters of five by seven dots: what times and lengths are written with.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

enum { CS_LETTER_COLUMNS = 5, CS_LETTER_ROWS = 7 };

/* Digits, "nmus", ".", "-", "+" and "e"; anything else is blank. */
bool cs_letter_has_dot(char letter, int column, int row);
