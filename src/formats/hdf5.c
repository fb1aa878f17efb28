/* HDF5 files: Velox EMD, NCEM (Berkeley) EMD, HyperSpy and Gatan DM5.
 *
 * One reader for all, since their first bytes are the same: what lies
 * inside decides, not the name.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/error.h"
#include "formats/h5_images.h"
#include "formats/raw_frames.h"
#include "formats/readers.h"
#include "formats/trial.h"

typedef struct {
    hid_t      file;
    CsH5Images images;
    CsRawFrames raw; /* of a director; n is 0 for all other files */
} State;

static const CsH5Layout *const layouts[]
    = { &cs_h5_velox, &cs_h5_hspy, &cs_h5_dm5, &cs_h5_ncem };

static void
close_hdf5(void *opened)
{
    State *state = opened;

    if (state == NULL)
        return;
    cs_h5_lock();
    cs_h5_images_clear(&state->images);
    if (state->file >= 0)
        H5Fclose(state->file);
    cs_h5_unlock();
    cs_raw_frames_clear(&state->raw);
    g_free(state);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(State, close_hdf5)

static const CsH5Layout *
layout_of(hid_t file)
{
    for (size_t i = 0; i < G_N_ELEMENTS(layouts); i++)
        if (layouts[i]->is(file))
            return layouts[i];
    return NULL;
}

static bool
fill(CsSource *source, State *state, CsSeriesInfo *info, GError **error)
{
    const CsH5Layout *layout;

    state->file = cs_h5_open(source, error);
    if (state->file < 0)
        return false;
    layout = layout_of(state->file);
    if (layout == NULL)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "is an HDF5 file in which nothing is where Velox, NCEM"
                       " EMD or HyperSpy put images, or Gatan's DM5");
    if (!layout->open(state->file, &state->images, info, error))
        return false;
    cs_h5_images_tell(&state->images, info);
    info->layout = layout->name;
    return !(state->images.n_recorded > 0)
           || cs_raw_frames_find(source, state->images.n_recorded, info,
                                 &state->raw, error);
}

static State *
new_state(void)
{
    State *state = g_new0(State, 1);

    state->file = -1;
    state->images = (CsH5Images) CS_H5_IMAGES_INIT;
    return state;
}

/* All that opening looks at, and the first and last frame. Chunks were
 * counted on the way, so every node of their tree was seen. */
static void
try_out(void *source)
{
    CsSeriesInfo info = CS_SERIES_INFO_INIT;
    CsFrame frame = CS_FRAME_INIT;
    State *state = new_state();

    if (!fill(source, state, &info, NULL) || state->raw.n > 0)
        return;
    cs_h5_images_read(&state->images, 0, &frame, NULL);
    cs_h5_images_read(&state->images, info.n_frames - 1, &frame, NULL);
}

static bool
open_hdf5(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    g_auto(CsSeriesInfo) found = CS_SERIES_INFO_INIT;
    g_autoptr(State) fresh = new_state();
    bool ok;

    cs_h5_lock();
    ok = cs_trial_run(try_out, source, "the HDF5 library", error)
         && fill(source, fresh, &found, error);
    cs_h5_unlock();
    if (!ok)
        return false;
    *state = g_steal_pointer(&fresh);
    *info = found;
    found = (CsSeriesInfo) CS_SERIES_INFO_INIT;
    return true;
}

static bool
read_hdf5(void *opened, size_t index, CsFrame *frame, GError **error)
{
    State *state = opened;
    bool ok;

    if (state->raw.n > 0)
        return cs_raw_frames_read(&state->raw, index, frame,
                                  state->images.is_swapped, error);
    cs_h5_lock();
    ok = cs_h5_images_read(&state->images, index, frame, error);
    cs_h5_unlock();
    return ok;
}

static const char *const suffixes[]
    = { ".emd", ".hspy", ".h5", ".hdf5", ".dm5", NULL };

const CsReader cs_reader_hdf5 = {
    .name = "hdf5",
    .title = "HDF5 (Velox EMD, NCEM EMD, HyperSpy, DM5)",
    .suffixes = suffixes,
    .probe = cs_h5_probe,
    .open = open_hdf5,
    .read = read_hdf5,
    .close = close_hdf5,
};
