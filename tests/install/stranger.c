/* A program that knows Coatscope from its installed headers only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <coatscope/frame.h>
#include <coatscope/polygon.h>
#include <coatscope/reader.h>
#include <stdio.h>

int
main(void)
{
    CsPoint corners[] = { { 0, 0 }, { 10, 0 }, { 10, 10 }, { 5, 4 }, { 0, 10 } };
    CsPolygon polygon = { 5, corners };
    CsFrame frame = CS_FRAME_INIT;
    GError *error = NULL;

    if (!cs_frame_resize(&frame, 4, 4, 1, CS_PIXEL_U16, &error))
        return 1;
    cs_frame_clear(&frame);
    printf("%g %s\n", cs_polygon_area(&polygon),
           cs_readers[0] != NULL ? "reads" : "reads nothing");
    return 0;
}
