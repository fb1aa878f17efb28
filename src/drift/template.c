/* The template: what is usual. A mean of the middle half of many frames does
 * not see the needle that passes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "drift/refine.h"

/* A pixel that less of the frames have seen is not known. */
#define LEAST_SHARE 0.25

/* A place where that many keys are that many sd off is no support: it grows,
 * or something was in front of it at some time. One key alone may be blurred. */
enum { MANY_KEYS = 2 };
#define FAR_SD 4.0f

typedef struct {
    const CsDriftField *field;
    const CsDriftKey   *keys;
    size_t              n_keys;
    size_t              first;
    CsDriftTemplate    *template;
} Build;

static int
by_value(const void *a, const void *b)
{
    const float *x = a;
    const float *y = b;

    return (*x > *y) - (*x < *y);
}

static float
middle_mean(float *value, size_t n)
{
    size_t skip = n / 4;
    float sum = 0;

    if (n >= 4)
        qsort(value, n, sizeof *value, by_value);
    for (size_t k = skip; k < n - skip; k++)
        sum += value[k];
    return sum / (float) (n - 2 * skip);
}

/* The plane of a key at (x, y) of the first frame; NAN outside. */
static float
key_at(const CsDriftKey *key, double x, double y)
{
    double u = x - key->dx, v = y - key->dy;

    if (u < 0.5 || v < 0.5 || u > (double) key->plane.width - 0.5
        || v > (double) key->plane.height - 0.5)
        return NAN;
    return cs_image_at(&key->plane, u, v);
}

/* Whether keys agree there with what was usual so far. */
static bool
is_steady(const Build *b, double x, double y)
{
    int n = 0;

    for (size_t k = 0; k < b->n_keys && n < MANY_KEYS; k++) {
        const CsImage *far = &b->keys[k].far;
        double u = (x - b->keys[k].dx) / CS_DRIFT_STRIDE;
        double v = (y - b->keys[k].dy) / CS_DRIFT_STRIDE;

        if (far->px != NULL && u >= 0 && v >= 0 && u < (double) far->width
            && v < (double) far->height)
            n += far->px[(size_t) v * far->width + (size_t) u] > FAR_SD;
    }
    return n < MANY_KEYS;
}

static bool
build_row(size_t j, unsigned worker, void *data, GError **error)
{
    const Build *b = data;
    CsImage *image = &b->template->image;
    g_autofree float *value = g_new(float, b->n_keys + 1);
    size_t n_all = (b->n_keys - b->first + 1) / 2;
    ptrdiff_t y = (ptrdiff_t) j + b->template->y0;

    (void) worker;
    (void) error;
    for (size_t i = 0; i < image->width; i++) {
        ptrdiff_t x = (ptrdiff_t) i + b->template->x0;
        size_t n = 0, at;

        if (cs_drift_field_allows(b->field, x, y)
            && is_steady(b, (double) x + 0.5, (double) y + 0.5))
            for (size_t k = b->first; k < b->n_keys; k += 2) {
                float one = key_at(&b->keys[k], (double) x + 0.5,
                                   (double) y + 0.5);

                if (!isnan(one))
                    value[n++] = one;
            }
        at = j * image->width + i;
        image->px[at] = NAN;
        if (n == 0 || (double) n < LEAST_SHARE * (double) n_all)
            continue;
        image->px[at] = middle_mean(value, n);
    }
    return true;
}

bool
cs_drift_template_build(const CsDriftField *field, const CsDriftKey *keys,
                        size_t n_keys, size_t first, const CsJob *job,
                        CsDriftTemplate *t, GError **error)
{
    Build build = { field, keys, n_keys, first, t };

    return cs_parallel_for(job, t->image.height, build_row, &build, error);
}
