/* Images and stacks of images in a dataset of HDF5. Lock before: h5.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/reader.h"
#include "formats/h5_chunks.h"

typedef struct {
    hid_t       data; /* ours */
    CsPixelType type;
    size_t      width;
    size_t      height;
    size_t      n_frames;
    int         frame_axis; /* of the dataset: 0 or 2; -1 if it has 2 axes */
    size_t      n_block;    /* frames read together                        */
    bool        is_chunked; /* then we decode; else HDF5 copies            */
    bool        is_swapped; /* in chunks: bytes to be turned round         */
    CsH5Chunks  chunks;

    void  *block;           /* n_block frames as they lie in the file      */
    size_t block_first;
    double n_recorded;      /* frames in raw files beside it, says the file;
                               0 or NAN: none                           */
    size_t block_n;         /* 0: nothing is there                         */
} CsH5Images;

#define CS_H5_IMAGES_INIT { .data = -1 }

/* Looks at a dataset of 2 axes, or of 3 of which frame_axis (0 or 2) counts
 * frames. Keeps a handle of its own. Refuses what is no image, what is
 * compressed by filters we do not allow, and what is not stored in this file,
 * with a reason. */
bool cs_h5_images_take(CsH5Images *images, hid_t data, int frame_axis,
                       GError **error);

/* Fills shape and type of info, and a note where nothing was ever written. */
void cs_h5_images_tell(const CsH5Images *images, CsSeriesInfo *info);

/* Reads one frame: thread after thread, under the lock. */
bool cs_h5_images_read(CsH5Images *images, size_t index, CsFrame *frame,
                       GError **error);

void cs_h5_images_clear(CsH5Images *images);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsH5Images, cs_h5_images_clear)

/* A way of laying out a recording in HDF5, as one program does. */
typedef struct {
    const char *name; /* for messages */
    bool (*is)(hid_t file);
    bool (*open)(hid_t file, CsH5Images *images, CsSeriesInfo *info,
                 GError **error);
} CsH5Layout;

extern const CsH5Layout cs_h5_velox;
extern const CsH5Layout cs_h5_hspy;
extern const CsH5Layout cs_h5_ncem;
extern const CsH5Layout cs_h5_dm5;
