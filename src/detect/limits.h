/* Limits: how fine a frame is searched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

enum {
    CS_SEARCH_MAX_SIDE = 768, /* of the picture of a frame that is searched  */
    CS_SEARCH_LEAST_DIAMETER = 7, /* of a particle, in that picture's pixels */
};
