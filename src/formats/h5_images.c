/* Images in HDF5: what a dataset is, and one frame of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/h5_images.h"

#include <inttypes.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/bytes.h"

enum {
    MAX_AXES = CS_H5_MAX_AXES,
    BLOCK_BYTES = 64 << 20, /* kept of frames that lie together */
};

#define MAX_FRAMES 1000000000.0

typedef struct {
    int     n_axes;
    hsize_t size[MAX_AXES];
    hsize_t chunk[MAX_AXES]; /* the sizes themselves if not chunked */
    bool    is_chunked;
    size_t  item_bytes;
} Layout;

/* ---- What a dataset is ---------------------------------------------------- */

static bool
find_sizes(hid_t data, Layout *layout, GError **error)
{
    hsize_t size[H5S_MAX_RANK];
    hid_t space = H5Dget_space(data);

    if (space < 0)
        return cs_fail(error, CS_ERROR_FORMAT, "pixels have no shape");
    layout->n_axes = H5Sget_simple_extent_dims(space, size, NULL);
    H5Sclose(space);
    if (layout->n_axes < 1)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds a single value, not an image");
    if (layout->n_axes == 1)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds a spectrum of %" PRIu64 " channels, not an"
                       " image", (uint64_t) size[0]);
    if (layout->n_axes > MAX_AXES)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds data of %d axes (a scan of diffraction patterns"
                       "?); an image has 2, a stack of images 3",
                       layout->n_axes);
    memcpy(layout->size, size, sizeof layout->size);
    return true;
}

static bool
find_number_type(hid_t type, CsPixelType *pixel)
{
    static const CsPixelType integers[2][3] = {
        { CS_PIXEL_U8, CS_PIXEL_U16, CS_PIXEL_U32 },
        { CS_PIXEL_I8, CS_PIXEL_I16, CS_PIXEL_I32 },
    };
    size_t n = H5Tget_size(type);
    H5T_class_t class = H5Tget_class(type);

    if (class == H5T_FLOAT && (n == 4 || n == 8))
        *pixel = n == 4 ? CS_PIXEL_F32 : CS_PIXEL_F64;
    else if (class == H5T_INTEGER && (n == 1 || n == 2 || n == 4))
        *pixel = integers[H5Tget_sign(type) == H5T_SGN_2][n / 2];
    else
        return false;
    return true;
}

static bool
find_type(hid_t data, CsPixelType *pixel, GError **error)
{
    hid_t type = H5Dget_type(data);
    size_t n = type >= 0 ? H5Tget_size(type) : 0;
    bool ok = type >= 0 && find_number_type(type, pixel);
    bool is_compound = type >= 0 && H5Tget_class(type) == H5T_COMPOUND;

    if (type >= 0)
        H5Tclose(type);
    if (ok)
        return true;
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "pixels are %s of %zu bytes; integers of 1, 2 and 4 and"
                   " floats of 4 and 8 bytes can be read",
                   is_compound ? "compounds" : "values", n);
}

/* Chunks reach us as the file holds them: in the order of this machine, or
 * else turned round; nothing packed or padded. */
static bool
find_order(hid_t data, CsH5Images *images, GError **error)
{
    hid_t type = H5Dget_type(data);
    hid_t other = H5Tcopy(cs_h5_native_type(images->type));
    bool is_native = H5Tequal(type, other) > 0;

    H5Tset_order(other, G_BYTE_ORDER == G_LITTLE_ENDIAN ? H5T_ORDER_BE
                                                        : H5T_ORDER_LE);
    images->is_swapped = !is_native && H5Tequal(type, other) > 0;
    H5Tclose(other);
    H5Tclose(type);
    if (is_native || images->is_swapped)
        return true;
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "pixels are numbers of an odd build; whole integers and"
                   " IEEE floats can be read");
}

static uint64_t
product(const hsize_t *sizes, int n, uint64_t factor)
{
    for (int i = 0; i < n; i++)
        if (__builtin_mul_overflow(factor, (uint64_t) sizes[i], &factor))
            return UINT64_MAX;
    return factor;
}

static bool
find_chunks(hid_t list, Layout *layout, GError **error)
{
    H5D_layout_t kind = H5Pget_layout(list);

    memcpy(layout->chunk, layout->size, sizeof layout->chunk);
    if (kind == H5D_VIRTUAL || kind == H5D_LAYOUT_ERROR
        || H5Pget_external_count(list) != 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "pixels lie in another file");
    layout->is_chunked = kind == H5D_CHUNKED;
    if (!layout->is_chunked)
        return true;
    if (H5Pget_chunk(list, MAX_AXES, layout->chunk) != layout->n_axes)
        return cs_fail(error, CS_ERROR_FORMAT, "pixels have odd chunks");
    return true;
}

/* ---- Is it all there? ----------------------------------------------------- */

static uint64_t
chunks_needed(const Layout *layout)
{
    uint64_t n = 1;

    for (int i = 0; i < layout->n_axes; i++)
        if (__builtin_mul_overflow(
                n, (layout->size[i] - 1) / layout->chunk[i] + 1, &n))
            return UINT64_MAX;
    return n;
}

/* What is not stored reads as a fill value: allowed of one image only, as a
 * header must not call for more than the file holds. */
static bool
check_stored(hid_t data, const Layout *layout, size_t n_frames,
             GError **error)
{
    hid_t space = H5Dget_space(data);
    hsize_t n_chunks = 0;
    uint64_t needed = layout->is_chunked ? chunks_needed(layout)
        : product(layout->size, layout->n_axes, layout->item_bytes);
    uint64_t stored = H5Dget_storage_size(data);

    if (layout->is_chunked) {
        H5Dget_num_chunks(data, space, &n_chunks);
        stored = n_chunks;
    }
    H5Sclose(space);
    if (stored >= needed || (stored == 0 && n_frames == 1))
        return true;
    return cs_fail(error, CS_ERROR_FORMAT,
                   "has %" PRIu64 " of the %" PRIu64 " %s that its pixels"
                   " need", stored, needed,
                   layout->is_chunked ? "chunks" : "bytes");
}

/* ---- Taking --------------------------------------------------------------- */

static bool
find_shape(CsH5Images *images, const Layout *layout, int frame_axis,
           GError **error)
{
    bool has_frames = layout->n_axes == 3;
    int y = has_frames && frame_axis == 0 ? 1 : 0;
    hsize_t n_frames = has_frames ? layout->size[frame_axis] : 1;

    images->frame_axis = has_frames ? frame_axis : -1;
    if (layout->size[y] < 1 || layout->size[y] > CS_MAX_SIDE
        || layout->size[y + 1] < 1 || layout->size[y + 1] > CS_MAX_SIDE
        || n_frames < 1 || (double) n_frames > MAX_FRAMES)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "an image of %" PRIu64 " × %" PRIu64 " pixels and %"
                       PRIu64 " frames; sides are 1 to %d",
                       (uint64_t) layout->size[y + 1],
                       (uint64_t) layout->size[y], (uint64_t) n_frames,
                       CS_MAX_SIDE);
    images->height = layout->size[y];
    images->width = layout->size[y + 1];
    images->n_frames = n_frames;
    return true;
}

/* Frames that share chunks are read together, within a bound. */
static size_t
block_of(const CsH5Images *images, const Layout *layout)
{
    size_t frame_bytes = images->width * images->height * layout->item_bytes;
    size_t n_fit = MAX(BLOCK_BYTES / frame_bytes, 1);

    if (images->frame_axis < 0
        || (images->frame_axis == 0 && !layout->is_chunked))
        return 1;
    return MIN(MIN((size_t) layout->chunk[images->frame_axis],
                   images->n_frames), n_fit);
}

/* A handle of our own, and what decoding the chunks takes. */
static bool
keep(CsH5Images *images, hid_t data, const Layout *layout, GError **error)
{
    images->n_block = block_of(images, layout);
    images->is_chunked = layout->is_chunked
                         && H5Dget_storage_size(data) > 0;
    if (images->is_chunked
        && (!find_order(data, images, error)
            || !cs_h5_chunks_take(&images->chunks, data, error)))
        return false;
    images->data = H5Dopen2(data, ".", H5P_DEFAULT);
    if (images->data < 0)
        return cs_fail(error, CS_ERROR_FORMAT, "HDF5 cannot open the pixels");
    return true;
}

bool
cs_h5_images_take(CsH5Images *images, hid_t data, int frame_axis,
                  GError **error)
{
    CsH5Images fresh = CS_H5_IMAGES_INIT;
    Layout layout = { 0 };
    hid_t list;
    bool ok;

    if (!cs_h5_is_dataset(data))
        return cs_fail(error, CS_ERROR_FORMAT, "has a group for pixels");
    if (!find_sizes(data, &layout, error)
        || !find_type(data, &fresh.type, error)
        || !find_shape(&fresh, &layout, frame_axis, error))
        return false;
    layout.item_bytes = cs_pixel_size(fresh.type);
    list = H5Dget_create_plist(data);
    if (list < 0)
        return cs_fail(error, CS_ERROR_FORMAT, "pixels have no layout");
    ok = find_chunks(list, &layout, error);
    H5Pclose(list);
    if (!ok || !check_stored(data, &layout, fresh.n_frames, error)
        || !keep(&fresh, data, &layout, error))
        return false;
    *images = fresh;
    return true;
}

void
cs_h5_images_tell(const CsH5Images *images, CsSeriesInfo *info)
{
    info->width = images->width;
    info->height = images->height;
    info->n_frames = info->n_frames_declared = images->n_frames;
    info->type = images->type;
    if (H5Dget_storage_size(images->data) == 0)
        cs_series_info_note(info, "the pixels were never written to the file;"
                            " they are read as HDF5 fills them");
}

/* ---- Pixels --------------------------------------------------------------- */

/* HDF5 itself copies: nothing is to be decoded. */
static bool
read_plain(const CsH5Images *images, const hsize_t *start,
           const hsize_t *count, void *to, GError **error)
{
    hid_t from_space = H5Dget_space(images->data);
    hid_t to_space = H5Screate_simple(images->frame_axis < 0 ? 2 : 3, count,
                                      NULL);
    bool ok = H5Sselect_hyperslab(from_space, H5S_SELECT_SET, start, NULL,
                                  count, NULL) >= 0
              && H5Dread(images->data, cs_h5_native_type(images->type), to_space,
                         from_space, H5P_DEFAULT, to) >= 0;

    if (!ok) {
        g_autofree char *reason = cs_h5_reason();

        cs_fail(error, CS_ERROR_FORMAT, "HDF5 cannot read pixels: %s",
                reason);
    }
    H5Sclose(to_space);
    H5Sclose(from_space);
    return ok;
}

/* Frames first … first + n - 1, as they lie. */
static bool
read_frames(CsH5Images *images, size_t first, size_t n, void *to,
            GError **error)
{
    size_t size = cs_pixel_size(images->type);
    hsize_t start[MAX_AXES] = { 0 };
    hsize_t count[MAX_AXES] = { images->height, images->width, n };

    if (images->frame_axis >= 0)
        start[images->frame_axis] = first;
    if (images->frame_axis == 0) {
        count[0] = n;
        count[1] = images->height;
        count[2] = images->width;
    }
    if (!(images->is_chunked
              ? cs_h5_chunks_read(&images->chunks, images->data, start, count,
                                  to, error)
              : read_plain(images, start, count, to, error))) {
        g_prefix_error(error, "from frame %zu on: ", first + 1);
        return false;
    }
    if (images->is_swapped)
        cs_bytes_swap(to, n * images->width * images->height * size, size);
    return true;
}

static bool
load_block(CsH5Images *images, size_t index, GError **error)
{
    size_t first = index / images->n_block * images->n_block;
    size_t n = MIN(images->n_block, images->n_frames - first);

    if (images->block_n > 0 && images->block_first == first)
        return true;
    if (images->block == NULL)
        images->block = cs_try_alloc(
            images->n_block * images->width * images->height,
            cs_pixel_size(images->type), "frames that lie together", error);
    if (images->block == NULL)
        return false;
    images->block_n = 0;
    if (!read_frames(images, first, n, images->block, error))
        return false;
    images->block_first = first;
    images->block_n = n;
    return true;
}

/* Every n-th number of `size` bytes. */
static void
gather(uint8_t *to, const uint8_t *from, size_t n_pixels, size_t size,
       size_t step)
{
    for (size_t i = 0; i < n_pixels; i++)
        memcpy(to + i * size, from + i * step * size, size);
}

/* Frame k of the block. */
static void
pick(const CsH5Images *images, size_t k, void *to)
{
    const uint8_t *block = images->block;
    size_t size = cs_pixel_size(images->type);
    size_t n = images->width * images->height;

    if (images->frame_axis == 0)
        memcpy(to, block + k * n * size, n * size);
    else
        gather(to, block + k * size, n, size, images->block_n);
}

bool
cs_h5_images_read(CsH5Images *images, size_t index, CsFrame *frame,
                  GError **error)
{
    if (!cs_frame_resize(frame, images->width, images->height, 1,
                         images->type, error))
        return false;
    if (images->n_block <= 1)
        return read_frames(images, index, 1, frame->px, error);
    if (!load_block(images, index, error))
        return false;
    pick(images, index - images->block_first, frame->px);
    return true;
}

void
cs_h5_images_clear(CsH5Images *images)
{
    if (images->data >= 0)
        H5Dclose(images->data);
    cs_h5_chunks_clear(&images->chunks);
    g_free(images->block);
    *images = (CsH5Images) CS_H5_IMAGES_INIT;
}
