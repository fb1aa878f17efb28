/* Hostile bytes for every reader: whatever they are, opening and reading end
 * soon, in bounds and without much memory. COATSCOPE_FUZZ_READER=NAME looks
 * at one reader only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "coatscope/reader.h"

enum { MAX_FRAMES = 3, MAX_PIXELS = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libhdf5 forgets some hundred bytes in damaged files; asked for by name by
 * LeakSanitizer. */
const char *
__lsan_default_suppressions(void)
{
    return "leak:libhdf5\n";
}

static void
read_some(const CsReader *reader, void *state, const CsSeriesInfo *info)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    /* A few bytes of a compressed picture may rightly mean many pixels. */
    if (info->width * info->height > MAX_PIXELS)
        return;
    for (size_t i = 0; i < MIN(info->n_frames, MAX_FRAMES); i++)
        if (!reader->read(state, i, &frame, NULL))
            return;
}

static void
try_reader(const CsReader *reader, GBytes *bytes)
{
    g_autoptr(CsSource) source
        = cs_source_from_bytes(bytes, reader->suffixes[0]);
    g_auto(CsSeriesInfo) info = CS_SERIES_INFO_INIT;
    void *state = NULL;

    if (reader->open(source, &info, &state, NULL))
        read_some(reader, state, &info);
    reader->close(state);
}

/* Not that of videos: it starts other programs, far too slow for this. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
    const char *only = g_getenv("COATSCOPE_FUZZ_READER");

    for (size_t i = 0; cs_readers[i] != NULL; i++)
        if ((only == NULL || strcmp(cs_readers[i]->name, only) == 0)
            && strcmp(cs_readers[i]->name, "video") != 0)
            try_reader(cs_readers[i], bytes);
    return 0;
}
