/* HDF5 behind our sources: opening, links, attributes and vectors.
 *
 * All of it under one lock, held by the caller: builds of HDF5 without
 * thread safety exist. While it is held HDF5 prints nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <hdf5.h>

#include "coatscope/frame.h"
#include "coatscope/source.h"

/* Not recursive. Everything below, and every call of HDF5, between these. */
void cs_h5_lock(void);
void cs_h5_unlock(void);

/* How sure are we that these bytes start an HDF5 file? 0 or 90. */
int cs_h5_probe(const guint8 *head, size_t n);

/* The source as an HDF5 file, read only; it can open no file but this one
 * and loads no filter plugin. Keeps a reference until H5Fclose. -1 with
 * CS_ERROR_FORMAT and HDF5's own reason. */
hid_t cs_h5_open(CsSource *source, GError **error);

/* What an attribute holds of a text of variable length, and the text of the
 * file opened last that it points to: NULL if there is none, or it is longer
 * than 64 KiB. */
enum { CS_H5_REFERENCE_BYTES = 16 };
char *cs_h5_heap_text(const guint8 *reference);

/* HDF5's innermost reason for its last failure, free with g_free. */
char *cs_h5_reason(void);

/* HDF5's own name of a type of pixels, not to be closed; -1 if it has none. */
hid_t cs_h5_native_type(CsPixelType type);

/* The group or dataset at a path of hard links ("Data/Image"), or -1; close
 * with H5Oclose. Soft and external links are not followed. */
hid_t cs_h5_child(hid_t parent, const char *path);

/* Names of all hard links of a group, sorted by name; no more than 4096. Elements
 * are owned. Empty if it is no group. */
GPtrArray *cs_h5_names(hid_t group);

bool cs_h5_is_dataset(hid_t object);

/* An attribute with one value: a number (NAN if there is none, or no number)
 * or text in UTF-8 (NULL if there is none; free with g_free). */
double cs_h5_number(hid_t object, const char *name);
char  *cs_h5_text(hid_t object, const char *name);

/* The same of the object at a path below. */
double cs_h5_number_at(hid_t parent, const char *path, const char *name);
char  *cs_h5_text_at(hid_t parent, const char *path, const char *name);

/* The numbers of a dataset with one axis (or of a single number), *n of them, up to
 * max; free with g_free. NULL without error if it is no such dataset or
 * longer; NULL with CS_ERROR_LIMIT where memory is short. */
double *cs_h5_vector(hid_t data, size_t max, size_t *n, GError **error);
