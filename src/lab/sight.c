/* What an image says of carbon, particle and needle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/sight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "coatscope/error.h"
#include "lab/shift.h"

/* Optical depth above which something new is the needle; pixels that it must
 * have; the one that counts as nearest, since the first few may be noise. */
static const double needle_depth = 0.05;
enum { NEEDLE_PIXELS = 40, NEAREST = 6, GROW = 5 };

void
cs_sight_clear(CsSight *s)
{
    cs_image_clear(&s->clear);
    g_free(s->needle);
    *s = (CsSight) CS_SIGHT_INIT;
}

/* ---- The particle's rim ---------------------------------------------------- */

/* The radius of the steepest rise outwards between two radii. */
static double
steepest(const CsImage *image, const CsSight *s, int k, double from,
         double to)
{
    double c = cos(2 * G_PI * k / CS_SIGHT_ANGLES),
           n = sin(2 * G_PI * k / CS_SIGHT_ANGLES), best = 0, at = NAN;

    for (double r = from; r <= to; r += 0.5) {
        double x = s->x_px + r * c, y = s->y_px + r * n, rise;

        if (x < 2 || y < 2 || x > (double) image->width - 2
            || y > (double) image->height - 2)
            break;
        rise = cs_image_at(image, x + c, y + n)
               - cs_image_at(image, x - c, y - n);
        if (rise > best) {
            best = rise;
            at = r;
        }
    }
    return at;
}

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

static double
median_of(const double *value, size_t n)
{
    double sorted[CS_SIGHT_ANGLES];
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i]))
            sorted[m++] = value[i];
    if (m < n / 2)
        return NAN;
    qsort(sorted, m, sizeof *sorted, by_value);
    return sorted[m / 2];
}

static bool
find_rim(const CsImage *smooth, CsSight *s)
{
    double from = 6, to = (double) smooth->height / 2, mx = 0, my = 0;

    for (int round = 0; round < 3; round++) {
        for (int k = 0; k < CS_SIGHT_ANGLES; k++)
            s->r_px[k] = steepest(smooth, s, k, from, to);
        s->mean_r_px = median_of(s->r_px, CS_SIGHT_ANGLES);
        if (!(s->mean_r_px > 6))
            return false;
        from = 0.75 * s->mean_r_px;
        to = 1.3 * s->mean_r_px;
        mx = my = 0;
        for (int k = 0; k < CS_SIGHT_ANGLES; k++) {
            double a = 2 * G_PI * k / CS_SIGHT_ANGLES;

            if (!(s->r_px[k] > from && s->r_px[k] < to))
                s->r_px[k] = s->mean_r_px;
            mx += 2 * s->r_px[k] * cos(a) / CS_SIGHT_ANGLES;
            my += 2 * s->r_px[k] * sin(a) / CS_SIGHT_ANGLES;
        }
        if (round < 2) {
            s->x_px += mx;
            s->y_px += my;
        }
    }
    return true;
}

/* Darker inside than around? */
static bool
is_dark(const CsImage *smooth, const CsSight *s)
{
    double in = 0, out = 0;

    for (int k = 0; k < CS_SIGHT_ANGLES; k++) {
        double a = 2 * G_PI * k / CS_SIGHT_ANGLES;

        in += cs_image_at(smooth, s->x_px + 0.6 * s->r_px[k] * cos(a),
                          s->y_px + 0.6 * s->r_px[k] * sin(a));
        out += cs_image_at(smooth, s->x_px + 1.25 * s->r_px[k] * cos(a),
                           s->y_px + 1.25 * s->r_px[k] * sin(a));
    }
    return in < 0.93 * out;
}

bool
cs_sight_begin(const CsImage *clear, double x_px, double y_px, CsSight *sight,
               GError **error)
{
    g_auto(CsSight) s = CS_SIGHT_INIT;
    g_auto(CsImage) smooth = CS_IMAGE_INIT;

    if (!cs_image_resize(&s.clear, clear->width, clear->height, error)
        || !cs_image_blur(clear, 1.5, &smooth, error))
        return false;
    memcpy(s.clear.px, clear->px,
           clear->width * clear->height * sizeof *clear->px);
    s.x_px = x_px;
    s.y_px = y_px;
    if (!isfinite(x_px + y_px) || !find_rim(&smooth, &s)
        || !is_dark(&smooth, &s))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "there is no particle at (%.0f, %.0f) of the %zu x %zu "
                       "pixels", x_px, y_px, clear->width, clear->height);
    cs_sight_clear(sight);
    *sight = s;
    s = (CsSight) CS_SIGHT_INIT;
    return true;
}

/* ---- Masks ------------------------------------------------------------------ */

/* How far outside the particle's rim a place in the clear image is. */
static double
outside(const CsSight *s, double x, double y)
{
    double dx = x - s->x_px, dy = y - s->y_px;
    double k = atan2(dy, dx) / (2 * G_PI) * CS_SIGHT_ANGLES;
    int i = (int) lround(k < 0 ? k + CS_SIGHT_ANGLES : k) % CS_SIGHT_ANGLES;

    return hypot(dx, dy) - s->r_px[i];
}

/* Grows what is set by `by` pixels, a square at a time. */
static void
grow(guint8 *mask, guint8 *room, size_t w, size_t h, size_t by)
{
    for (size_t j = 0; j < h; j++) {
        memset(room, 0, w);
        for (size_t i = 0; i < w; i++)
            if (mask[j * w + i])
                for (size_t k = i > by ? i - by : 0; k < MIN(w, i + by + 1);
                     k++)
                    room[k] = 1;
        memcpy(mask + j * w, room, w);
    }
    for (size_t i = 0; i < w; i++) {
        memset(room, 0, h);
        for (size_t j = 0; j < h; j++)
            if (mask[j * w + i])
                for (size_t k = j > by ? j - by : 0; k < MIN(h, j + by + 1);
                     k++)
                    room[k] = 1;
        for (size_t j = 0; j < h; j++)
            mask[j * w + i] = room[j];
    }
}

/* Where the needle was, grown, in coordinates of the clear image. */
static bool
needle_was(const CsSight *s, guint8 **mask, GError **error)
{
    size_t w = s->clear.width, h = s->clear.height;
    ptrdiff_t gx = lround(s->grid_x_px), gy = lround(s->grid_y_px);
    g_autofree guint8 *room = NULL;

    *mask = cs_try_alloc(w * h, 1, "a mask", error);
    room = cs_try_alloc(MAX(w, h), 1, "a mask", error);
    if (*mask == NULL || room == NULL)
        return false;
    for (size_t j = 0; s->needle != NULL && j < h; j++)
        for (size_t i = 0; i < w; i++) {
            ptrdiff_t x = (ptrdiff_t) i + gx, y = (ptrdiff_t) j + gy;

            if (x >= 0 && y >= 0 && x < (ptrdiff_t) w && y < (ptrdiff_t) h)
                (*mask)[j * w + i] = s->needle[(size_t) y * w + (size_t) x];
        }
    grow(*mask, room, w, h, GROW);
    return true;
}

/* ---- Carbon ------------------------------------------------------------------ */

/* Pixels of the clear image that are carbon or nothing: neither the particle
 * nor the needle, and nothing left of `from_px`. */
static bool
choose_grid(const CsSight *s, double from_px, guint8 **use, GError **error)
{
    size_t w = s->clear.width, h = s->clear.height;

    if (!needle_was(s, use, error))
        return false;
    for (size_t j = 0; j < h; j++)
        for (size_t i = 0; i < w; i++)
            (*use)[j * w + i] = !(*use)[j * w + i] && (double) i > from_px
                                && outside(s, (double) i + 0.5,
                                           (double) j + 0.5) > 6;
    return true;
}

static bool
match_grid(CsSight *s, const CsImage *image, double from_px, double reach_px,
           CsSeen *seen, GError **error)
{
    g_autofree guint8 *use = NULL;
    CsShiftPlan plan = { .near_x_px = s->grid_x_px, .near_y_px = s->grid_y_px,
                         .reach_px = reach_px };
    CsShiftFound found;

    if (!choose_grid(s, from_px, &use, error))
        return false;
    plan.use = use;
    if (!cs_shift_find(&s->clear, image, &plan, &found, error))
        return false;
    if (found.score < 0.5 && reach_px > 2) { /* a jump? */
        plan.reach_px = 60;
        if (!cs_shift_find(&s->clear, image, &plan, &found, error))
            return false;
    }
    seen->grid_x_px = s->grid_x_px = found.dx_px;
    seen->grid_y_px = s->grid_y_px = found.dy_px;
    seen->grid_sd_px = found.sd_px;
    seen->score = found.score;
    return true;
}

/* ---- Needle ------------------------------------------------------------------ */

/* ln(clear / image): what has come into the beam. */
static bool
new_depth(const CsSight *s, const CsImage *image, CsImage *depth,
          GError **error)
{
    size_t w = image->width, h = image->height;
    double gain = 0;
    size_t n = 0;

    if (!cs_image_resize(depth, w, h, error))
        return false;
    for (size_t j = 0; j < h; j++)
        for (size_t i = 0; i < w; i++) {
            double a = cs_image_at(&s->clear, (double) i + 0.5 - s->grid_x_px,
                                   (double) j + 0.5 - s->grid_y_px);
            double d = log(MAX(a, 1) / MAX(image->px[j * w + i], 1));

            depth->px[j * w + i] = (float) d;
            if (2 * i > w && fabs(d) < 0.3) { /* the needle is on the left */
                gain += d;
                n++;
            }
        }
    gain /= (double) MAX(n, 1); /* the beam may have changed */
    for (size_t k = 0; k < w * h; k++)
        depth->px[k] -= (float) gain;
    return cs_image_blur(depth, 1.2, depth, error);
}

/* What is deep and hangs together with the left border. */
static size_t
flood(const CsImage *depth, guint8 *needle, guint32 *stack)
{
    size_t w = depth->width, h = depth->height, top = 0, n = 0;

    for (size_t j = 0; j < h; j++)
        if (depth->px[j * w + 1] > needle_depth) {
            needle[j * w + 1] = 1;
            stack[top++] = (guint32) (j * w + 1);
        }
    while (top > 0) {
        size_t at = stack[--top], x = at % w, y = at / w;
        size_t near[4] = { x > 0 ? at - 1 : at, x + 1 < w ? at + 1 : at,
                           y > 0 ? at - w : at, y + 1 < h ? at + w : at };

        n++;
        for (int k = 0; k < 4; k++)
            if (!needle[near[k]] && depth->px[near[k]] > needle_depth) {
                needle[near[k]] = 1;
                stack[top++] = (guint32) near[k];
            }
    }
    return n;
}

/* Its end: the middle of the last columns that hold a few pixels of it. */
static void
find_tip(const guint8 *needle, size_t w, size_t h, CsSeen *seen)
{
    double sum = 0, weight = 0;
    size_t last = 0;

    for (size_t i = 0; i < w; i++) {
        size_t n = 0;

        for (size_t j = 0; j < h; j++)
            n += needle[j * w + i];
        if (n >= 3)
            last = i;
    }
    for (size_t i = last > 24 ? last - 24 : 0; i <= last; i++)
        for (size_t j = 0; j < h; j++)
            if (needle[j * w + i]) {
                sum += (double) j + 0.5;
                weight++;
            }
    seen->tip_x_px = (double) last + 1;
    seen->tip_y_px = weight > 0 ? sum / weight : NAN;
}

static void
find_gap(const CsSight *s, const guint8 *needle, CsSeen *seen)
{
    double near[NEAREST];
    size_t w = s->clear.width, h = s->clear.height, n = 0;
    double sx = seen->grid_x_px, sy = seen->grid_y_px;

    if (isfinite(seen->step_x_px)) {
        sx += seen->step_x_px;
        sy += seen->step_y_px;
    }
    for (size_t k = 0; k < w * h; k++) {
        double d;
        size_t i;

        if (!needle[k])
            continue;
        d = outside(s, (double) (k % w) + 0.5 - sx,
                    (double) (k / w) + 0.5 - sy);
        for (i = n; i > 0 && near[i - 1] > d; i--)
            if (i < NEAREST)
                near[i] = near[i - 1];
        if (i < NEAREST)
            near[i] = d;
        n = MIN(n + 1, NEAREST);
    }
    seen->gap_px = n == NEAREST ? near[NEAREST - 1] - 0.5 : (double) NAN;
}

static bool
see_needle(CsSight *s, const CsImage *image, CsSeen *seen, GError **error)
{
    size_t n = image->width * image->height;
    g_auto(CsImage) depth = CS_IMAGE_INIT;
    g_autofree guint8 *needle = cs_try_alloc(n, 1, "a mask", error);
    g_autofree guint32 *stack
        = needle != NULL ? cs_try_alloc(n, sizeof *stack, "a mask", error)
                         : NULL;

    if (stack == NULL || !new_depth(s, image, &depth, error))
        return false;
    seen->has_needle = flood(&depth, needle, stack) >= NEEDLE_PIXELS;
    g_free(s->needle);
    s->needle = g_steal_pointer(&needle);
    if (seen->has_needle)
        find_tip(s->needle, image->width, image->height, seen);
    return true;
}

/* ---- Particle ---------------------------------------------------------------- */

typedef struct {
    ptrdiff_t x0, y0;
    size_t    width, height;
} Box;

static Box
box_about(const CsSight *s)
{
    double r = s->mean_r_px + 16;
    ptrdiff_t w = (ptrdiff_t) s->clear.width, h = (ptrdiff_t) s->clear.height;
    ptrdiff_t x0 = CLAMP((ptrdiff_t) (s->x_px - r), 0, w - 17);
    ptrdiff_t y0 = CLAMP((ptrdiff_t) (s->y_px - r), 0, h - 17);
    ptrdiff_t x1 = CLAMP((ptrdiff_t) (s->x_px + r), x0 + 16, w);
    ptrdiff_t y1 = CLAMP((ptrdiff_t) (s->y_px + r), y0 + 16, h);

    return (Box) { x0, y0, (size_t) (x1 - x0), (size_t) (y1 - y0) };
}

static bool
cut_out(const CsImage *from, const Box *b, CsImage *to, GError **error)
{
    if (!cs_image_resize(to, b->width, b->height, error))
        return false;
    for (size_t j = 0; j < b->height; j++)
        memcpy(to->px + j * b->width,
               from->px + ((size_t) b->y0 + j) * from->width + (size_t) b->x0,
               b->width * sizeof *to->px);
    return true;
}

/* How much darker it is, from all pixels inside that the needle leaves. */
static void
darkening(const CsSight *s, const CsImage *image, const guint8 *hidden,
          CsSeen *seen)
{
    double was = 0, is = 0;
    size_t w = s->clear.width, h = s->clear.height;

    for (size_t j = 0; j < h; j++)
        for (size_t i = 0; i < w; i++) {
            double x = (double) i + 0.5, y = (double) j + 0.5;

            if (hidden[j * w + i] || fabs(x - s->x_px) > s->mean_r_px
                || fabs(y - s->y_px) > s->mean_r_px || outside(s, x, y) > -6)
                continue;
            was += s->clear.px[j * w + i];
            is += cs_image_at(image, x + seen->grid_x_px,
                              y + seen->grid_y_px);
        }
    if (was > 0 && is > 0) {
        seen->darkening = log(was / is);
        seen->darkening_sd = sqrt(1.25 / is + 1e-7);
    }
}

static bool
see_particle(const CsSight *s, const CsImage *image, CsSeen *seen,
             GError **error)
{
    const Box box = box_about(s);
    size_t w = s->clear.width, n = 0;
    g_auto(CsImage) was = CS_IMAGE_INIT, is = CS_IMAGE_INIT;
    g_autofree guint8 *hidden = NULL, *use = NULL;
    CsShiftPlan plan = { .near_x_px = seen->grid_x_px,
                         .near_y_px = seen->grid_y_px, .reach_px = 10 };
    CsShiftFound found;

    use = cs_try_alloc(box.width * box.height, 1, "a mask", error);
    if (use == NULL || !needle_was(s, &hidden, error)
        || !cut_out(&s->clear, &box, &was, error)
        || !cut_out(image, &box, &is, error))
        return false;
    for (size_t j = 0; j < box.height; j++)
        for (size_t i = 0; i < box.width; i++) {
            size_t x = i + (size_t) box.x0, y = j + (size_t) box.y0;

            use[j * box.width + i]
                = !hidden[y * w + x]
                  && outside(s, (double) x + 0.5, (double) y + 0.5) < 3;
            n += use[j * box.width + i];
        }
    darkening(s, image, hidden, seen);
    if (n < 200)
        return true; /* hidden */
    plan.use = use;
    if (!cs_shift_find(&was, &is, &plan, &found, error))
        return false;
    seen->step_x_px = found.dx_px - seen->grid_x_px;
    seen->step_y_px = found.dy_px - seen->grid_y_px;
    seen->step_sd_px = hypot(found.sd_px, seen->grid_sd_px);
    return true;
}

bool
cs_sight_look(CsSight *s, const CsImage *image, CsSeen *seen, GError **error)
{
    CsSeen fresh = {
        .step_x_px = NAN, .step_y_px = NAN, .step_sd_px = NAN,
        .tip_x_px = NAN, .tip_y_px = NAN, .gap_px = NAN, .darkening = NAN,
        .darkening_sd = NAN,
    };

    /* first by what is right of where the needle can be, then by all of it */
    if (!match_grid(s, image, s->x_px - s->mean_r_px, 12, &fresh, error)
        || !see_needle(s, image, &fresh, error)
        || !match_grid(s, image, 0, 2, &fresh, error)
        || !see_particle(s, image, &fresh, error))
        return false;
    if (fresh.has_needle)
        find_gap(s, s->needle, &fresh);
    *seen = fresh;
    return true;
}
