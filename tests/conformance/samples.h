/* Small files of each format we read, drawn byte by byte for the tests.
 *
 * To add a format: a samples_FORMAT.c with one maker, one line in samples.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Sample number `variant`, from 0, for the reader of that name; NULL if there
 * are no more. Each is whole and must be read without an error. Variants
 * should differ in what the reader treats differently (versions, byte orders,
 * pixel types, stacks), and the frames of one file in their pixels. */
GBytes *cs_sample(const char *reader_name, int variant);

/* What a maker does with memory it writes to: numbers in the byte order asked
 * for, `n` bytes of the value. */
void cs_sample_uint(GByteArray *to, guint64 value, unsigned n,
                    gboolean big_endian);
void cs_sample_float(GByteArray *to, float value, gboolean big_endian);
void cs_sample_double(GByteArray *to, double value, gboolean big_endian);
void cs_sample_text(GByteArray *to, const char *text, size_t n_padded);

/* The makers. */
GBytes *cs_sample_dm(int variant);
GBytes *cs_sample_mrc(int variant);
GBytes *cs_sample_tiff(int variant);
GBytes *cs_sample_png(int variant);
GBytes *cs_sample_jpeg(int variant);
GBytes *cs_sample_ser(int variant);
GBytes *cs_sample_tvips(int variant);
GBytes *cs_sample_mib(int variant);
GBytes *cs_sample_mrc_packed(int variant);
GBytes *cs_sample_seq(int variant);
GBytes *cs_sample_hdf5(int variant);
GBytes *cs_sample_video(int variant); /* NULL without ffmpeg */
GBytes *cs_sample_zarr(int variant);
