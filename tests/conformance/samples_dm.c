/* DM3 and DM4 files: a thumbnail and an image or a stack.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "samples.h"

enum {
    GROUP = 0x14, VALUE = 0x15,
    I32 = 3, U16 = 4, U32 = 5, F32 = 6, F64 = 7, STRUCT = 15, ARRAY = 20,
};

typedef struct {
    GByteArray *bytes;
    unsigned    version;
    gboolean    values_big_endian;
    struct {
        guint   size_at;  /* 0: has none */
        guint   count_at;
        guint64 n;
    } open[16];
    unsigned depth;
} Tree;

static void
length(Tree *t, guint64 value)
{
    cs_sample_uint(t->bytes, value, t->version == 4 ? 8 : 4, TRUE);
}

static void
set_length(Tree *t, guint at, guint64 value)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    cs_sample_uint(bytes, value, t->version == 4 ? 8 : 4, TRUE);
    memcpy(t->bytes->data + at, bytes->data, bytes->len);
}

/* The head of an entry; gives where its size goes. */
static guint
entry(Tree *t, unsigned kind, const char *name)
{
    guint size_at = 0;

    t->open[t->depth].n++;
    cs_sample_uint(t->bytes, kind, 1, TRUE);
    cs_sample_uint(t->bytes, strlen(name), 2, TRUE);
    cs_sample_text(t->bytes, name, strlen(name));
    if (t->version == 4) {
        size_at = t->bytes->len;
        length(t, 0);
    }
    return size_at;
}

static void
set_size(Tree *t, guint size_at)
{
    if (size_at > 0)
        set_length(t, size_at, t->bytes->len - size_at - 8);
}

static void
open_root(Tree *t)
{
    cs_sample_uint(t->bytes, t->version, 4, TRUE);
    length(t, 0);
    cs_sample_uint(t->bytes, !t->values_big_endian, 4, TRUE);
    cs_sample_uint(t->bytes, 1, 2, TRUE);
    t->open[0].count_at = t->bytes->len;
    length(t, 0);
}

static void
open_group(Tree *t, const char *name)
{
    guint size_at = entry(t, GROUP, name);

    t->depth++;
    t->open[t->depth].size_at = size_at;
    t->open[t->depth].n = 0;
    cs_sample_uint(t->bytes, 1, 2, TRUE);
    t->open[t->depth].count_at = t->bytes->len;
    length(t, 0);
}

static void
close_group(Tree *t)
{
    set_length(t, t->open[t->depth].count_at, t->open[t->depth].n);
    set_size(t, t->open[t->depth].size_at);
    t->depth--;
}

/* A value's mark and definition of n words, of which the caller writes all
 * but the first. */
static guint
value(Tree *t, const char *name, unsigned n_words, unsigned type)
{
    guint size_at = entry(t, VALUE, name);

    cs_sample_text(t->bytes, "%%%%", 4);
    length(t, n_words);
    length(t, type);
    return size_at;
}

static void
number(Tree *t, const char *name, guint32 n)
{
    guint size_at = value(t, name, 1, U32);

    cs_sample_uint(t->bytes, n, 4, t->values_big_endian);
    set_size(t, size_at);
}

static void
real(Tree *t, const char *name, double x)
{
    guint size_at = value(t, name, 1, F64);

    cs_sample_double(t->bytes, x, t->values_big_endian);
    set_size(t, size_at);
}

static void
text(Tree *t, const char *name, const char *words)
{
    guint size_at = value(t, name, 3, ARRAY);

    length(t, U16);
    length(t, strlen(words));
    for (; *words != '\0'; words++)
        cs_sample_uint(t->bytes, (guint8) *words, 2, t->values_big_endian);
    set_size(t, size_at);
}

/* n samples of a type, or of pairs of it, that count up. */
static void
pixels(Tree *t, unsigned type, gboolean is_pair, unsigned n)
{
    guint size_at = value(t, "Data", 3, ARRAY);

    length(t, is_pair ? STRUCT : type);
    if (is_pair) {
        length(t, 0);
        length(t, 2);
        for (int i = 0; i < 2; i++) {
            length(t, 0);
            length(t, type);
        }
    }
    length(t, n);
    for (unsigned i = 0; i < n * (is_pair ? 2 : 1); i++)
        if (type == F32)
            cs_sample_float(t->bytes, (float) i, t->values_big_endian);
        else
            cs_sample_uint(t->bytes, i, type == U16 ? 2 : 4,
                           t->values_big_endian);
    set_size(t, size_at);
}

static void
axis(Tree *t, double scale, const char *unit)
{
    open_group(t, "");
    real(t, "Origin", 0);
    real(t, "Scale", scale);
    text(t, "Units", unit);
    close_group(t);
}

typedef struct {
    unsigned version;
    gboolean values_big_endian;
    unsigned data_type; /* Gatan's */
    unsigned type;      /* of the array */
    gboolean is_pair;
    unsigned n_bytes;   /* of a pixel */
    unsigned width, height, n_frames;
    unsigned n_recorded; /* in raw files; 0: none */
} Plan;

static void
image(Tree *t, const Plan *plan)
{
    open_group(t, "");
    open_group(t, "ImageData");
    open_group(t, "Calibrations");
    open_group(t, "Dimension");
    axis(t, 0.25, "nm");
    axis(t, 0.5, "nm");
    if (plan->n_frames > 1)
        axis(t, 0.125, "s");
    close_group(t);
    close_group(t);
    pixels(t, plan->type, plan->is_pair,
           plan->width * plan->height * plan->n_frames);
    number(t, "DataType", plan->data_type);
    open_group(t, "Dimensions");
    number(t, "", plan->width);
    number(t, "", plan->height);
    if (plan->n_frames > 1)
        number(t, "", plan->n_frames);
    close_group(t);
    number(t, "PixelDepth", plan->n_bytes);
    close_group(t);
    open_group(t, "ImageTags");
    open_group(t, "DataBar");
    text(t, "Acquisition Date", "27.08.2016");
    text(t, "Acquisition Time", "20:54:33");
    real(t, "Acquisition Time (OS)", 1.311680127385445e+17);
    real(t, "Exposure Time (s)", 0.1);
    close_group(t);
    open_group(t, "Microscope Info");
    real(t, "Voltage", 300000);
    close_group(t);
    if (plan->n_recorded > 0) {
        open_group(t, "In-situ");
        open_group(t, "Recorded");
        number(t, "# Frames", plan->n_recorded);
        close_group(t);
        close_group(t);
    }
    close_group(t);
    text(t, "Name", "sample");
    close_group(t);
}

static GBytes *
draw(const Plan *plan)
{
    static const Plan thumbnail = { 0, FALSE, 23, I32, FALSE, 4, 3, 2, 1, 0 };
    Tree t = {
        .bytes = g_byte_array_new(), .version = plan->version,
        .values_big_endian = plan->values_big_endian,
    };

    open_root(&t);
    open_group(&t, "DocumentObjectList");
    open_group(&t, "");
    number(&t, "ImageSource", 0);
    close_group(&t);
    close_group(&t);
    open_group(&t, "ImageList");
    image(&t, &thumbnail);
    image(&t, plan);
    close_group(&t);
    open_group(&t, "ImageSourceList");
    open_group(&t, "");
    number(&t, "ImageRef", 1);
    close_group(&t);
    close_group(&t);
    open_group(&t, "Thumbnails");
    open_group(&t, "");
    number(&t, "ImageIndex", 0);
    close_group(&t);
    close_group(&t);
    set_length(&t, t.open[0].count_at, t.open[0].n);
    cs_sample_uint(t.bytes, 0, 8, TRUE);
    return g_byte_array_free_to_bytes(t.bytes);
}

GBytes *
cs_sample_dm(int variant)
{
    static const Plan plans[] = {
        { 3, FALSE, 10, U16, FALSE, 2, 8, 5, 1, 0 },
        { 4, FALSE, 10, U16, FALSE, 2, 8, 5, 4, 0 },
        { 3, TRUE, 2, F32, FALSE, 4, 4, 3, 2, 0 },
        { 4, FALSE, 23, I32, FALSE, 4, 5, 3, 1, 0 },
        { 3, TRUE, 23, I32, FALSE, 4, 5, 3, 1, 0 },
        { 4, FALSE, 3, F32, TRUE, 8, 3, 3, 1, 0 },
        { 4, FALSE, 10, U16, FALSE, 2, 7, 5, 1, 5 },
    };

    return variant >= 0 && variant < (int) G_N_ELEMENTS(plans)
               ? draw(&plans[variant])
               : NULL;
}
