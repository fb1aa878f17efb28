/* TVIPS streams as logs.
 *
 * Version 2 has, in the header before each frame, the bias and the current of
 * a biasing holder (LiberTEM, src/libertem/io/dataset/tvips.py).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/log_tvips.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/cursor.h"

enum {
    FILE_HEADER = 256, BIAS_AT = 80, CURRENT_AT = 88, LEAST_HEADER = 92,
    MOST_HEADER = 1 << 20, MAX_PARTS = 1000,
};

typedef struct {
    uint64_t header_bytes; /* of a frame */
    uint64_t stride;
    GArray  *samples;
} Stream;

bool
cs_log_is_tvips(const char *path)
{
    g_autofree char *lower = g_ascii_strdown(path, -1);

    return g_str_has_suffix(lower, ".tvips");
}

static bool
read_header(const CsSource *source, Stream *s, GError **error)
{
    g_auto(CsCursor) c = { 0 };
    uint32_t word[13];

    cs_cursor_init(&c, source, false);
    for (size_t i = 0; i < G_N_ELEMENTS(word); i++)
        word[i] = cs_cursor_u32(&c);
    if (!cs_cursor_ok(&c, error))
        return false;
    s->header_bytes = word[12];
    s->stride = word[12] + (uint64_t) word[2] * word[3] * (word[4] / 8);
    if (word[0] != FILE_HEADER || word[1] != 2 || word[2] > 65536
        || word[3] > 65536 || s->header_bytes < LEAST_HEADER
        || s->header_bytes > MOST_HEADER)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "its frames have no bias: that needs a stream of "
                       "version 2 with %d bytes or more before a frame, and "
                       "this is version %u with %u", LEAST_HEADER, word[1],
                       word[12]);
    return true;
}

static bool
read_part(const CsSource *source, uint64_t first_at, Stream *s,
          GError **error)
{
    g_auto(CsCursor) c = { 0 };
    uint64_t size = cs_source_size(source);

    cs_cursor_init(&c, source, false);
    for (uint64_t at = first_at;
         at + s->stride <= size && s->samples->len < CS_LOG_MAX_SAMPLES;
         at += s->stride) {
        CsElectricalSample sample;

        cs_cursor_seek(&c, at + 4);
        sample.time_s = cs_cursor_u32(&c);
        sample.time_s += cs_cursor_u32(&c) / 1e3;
        cs_cursor_seek(&c, at + BIAS_AT);
        sample.bias_V = (double) cs_cursor_f32(&c);
        cs_cursor_seek(&c, at + CURRENT_AT);
        sample.current_A = (double) cs_cursor_f32(&c);
        g_array_append_val(s->samples, sample);
    }
    return cs_cursor_ok(&c, error);
}

static bool
read_other_parts(const char *path, Stream *s, GError **error)
{
    size_t n = strlen(path), n_tail = strlen("_000.tvips");

    if (n < n_tail || g_ascii_strcasecmp(path + n - n_tail, "_000.tvips") != 0)
        return true;
    for (unsigned k = 1; k < MAX_PARTS; k++) {
        g_autofree char *name
            = g_strdup_printf("%.*s_%03u%s", (int) (n - n_tail), path, k,
                              path + n - strlen(".tvips"));
        g_autoptr(CsSource) source = NULL;

        if (!g_file_test(name, G_FILE_TEST_EXISTS))
            return true;
        source = cs_source_open(name, error);
        if (source == NULL || !read_part(source, 0, s, error))
            return false;
    }
    return true;
}

/* No biasing holder leaves zeros. */
static bool
check(const GArray *samples, GError **error)
{
    bool any = false;
    double before_s = -INFINITY;

    for (guint i = 0; i < samples->len; i++) {
        const CsElectricalSample *s
            = &g_array_index(samples, CsElectricalSample, i);

        any = any || fabs(s->bias_V) > 0 || fabs(s->current_A) > 0;
        if (s->time_s < before_s)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "the time stamp of frame %u is before that of "
                           "the frame before it", i);
        before_s = s->time_s;
    }
    return any || cs_fail(error, CS_ERROR_FORMAT,
                          "bias and current are zero in all %u frames: no "
                          "biasing holder was connected", samples->len);
}

bool
cs_log_read_tvips(const char *path, CsLog *log, GError **error)
{
    g_autoptr(GArray) samples
        = g_array_new(FALSE, FALSE, sizeof(CsElectricalSample));
    Stream s = { .samples = samples };
    g_autoptr(CsSource) source = cs_source_open(path, error);

    if (source == NULL)
        return false;
    if (!read_header(source, &s, error)
        || !read_part(source, FILE_HEADER, &s, error)
        || !read_other_parts(path, &s, error) || !check(samples, error))
        return cs_blame(error, "%s", path);
    log->title = "TVIPS frame headers";
    log->clock = CS_LOG_WALL;
    log->has_zone = true;
    log->n = samples->len;
    log->sample = (CsElectricalSample *) (void *) g_array_free(
        g_steal_pointer(&samples), FALSE);
    log->notes = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(log->notes,
                    g_strdup("the stream's format does not name the units of "
                             "bias and current: V and A are assumed"));
    return true;
}
