/* Pictures.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/pictures.h"

void
cs_pictures_clear(CsPictures *pictures)
{
    for (size_t i = 0; i < pictures->n; i++)
        g_bytes_unref(pictures->picture[i].jpeg);
    g_free(pictures->picture);
    *pictures = (CsPictures) CS_PICTURES_INIT;
}
