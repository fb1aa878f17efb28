/* Detect: particles on key frames, joined into one list.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/detect.h"

#include <math.h>

#include "coatscope/error.h"
#include "detect/search.h"

/* Frames that are searched when the shifts are known. */
enum { MAX_KEY_FRAMES = 9 };

/* A particle that was not there at first must be seen on that many key frames
 * (or on all that are left), so that a flicker does not make one. */
enum { LEAST_SIGHTINGS = 2 };

/* Two outlines are the same particle if one's centroid lies in the other
 * stretched that much about its own. */
#define SAME_STRETCH 1.25

/* What lies that far in the needle on at least half of the later key frames is
 * the needle itself, seen when it had hardly come into the field. */
#define MOST_IN_NEEDLE 0.7

typedef struct {
    CsRecording    *recording;
    const CsShifts *shifts;   /* may be NULL */
    CsSearchPlan    plan;
    size_t          n_keys;
    size_t          key[MAX_KEY_FRAMES];
    CsSeeds         found[MAX_KEY_FRAMES];
} Survey;

static void
survey_clear(Survey *survey)
{
    for (size_t k = 0; k < MAX_KEY_FRAMES; k++)
        cs_seeds_clear(&survey->found[k]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Survey, survey_clear)

static bool
is_good(const Survey *survey, size_t frame)
{
    return survey->shifts == NULL || survey->shifts->shift[frame].flags == 0;
}

/* The good frame nearest to `frame`, later ones first; itself if none is. */
static size_t
good_frame_near(const Survey *survey, size_t frame, size_t n_frames)
{
    for (size_t d = 0; d < n_frames; d++) {
        if (frame + d < n_frames && is_good(survey, frame + d))
            return frame + d;
        if (d <= frame && is_good(survey, frame - d))
            return frame - d;
    }
    return frame;
}

static void
choose_keys(Survey *survey)
{
    size_t n_frames = cs_recording_info(survey->recording)->n_frames;
    size_t most = survey->shifts == NULL ? 1 : MAX_KEY_FRAMES;
    size_t n = MIN(most, n_frames);

    for (size_t k = 0; k < n; k++) {
        size_t wanted = n > 1 ? k * (n_frames - 1) / (n - 1) : 0;
        size_t key = good_frame_near(survey, wanted, n_frames);

        if (survey->n_keys == 0 || key > survey->key[survey->n_keys - 1])
            survey->key[survey->n_keys++] = key;
    }
}

static bool
search_key(size_t k, unsigned worker, void *data, GError **error)
{
    Survey *survey = data;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    CsSearchPlan plan = survey->plan;

    (void) worker;
    return cs_recording_read(survey->recording, survey->key[k], &frame, error)
           && cs_detect_search(&frame, &plan, &survey->found[k], error);
}

static bool
search_later_key(size_t k, unsigned worker, void *data, GError **error)
{
    return search_key(k + 1, worker, data, error);
}

/* The first key frame settles how the others are searched. */
static bool
search_keys(Survey *survey, const CsJob *job, GError **error)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    return cs_recording_read(survey->recording, survey->key[0], &frame, error)
           && cs_detect_search(&frame, &survey->plan, &survey->found[0],
                               error)
           && cs_parallel_for(job, survey->n_keys - 1, search_later_key,
                              survey, error);
}

/* ---- Joining ---------------------------------------------------------------- */

/* To the coordinates of the first frame. */
static void
move_to_first(CsSeeds *seeds, const CsShift *shift)
{
    for (size_t i = 0; i < seeds->n; i++)
        for (size_t p = 0; p < seeds->seed[i].outline.n; p++) {
            seeds->seed[i].outline.points[p].x += shift->dx_px;
            seeds->seed[i].outline.points[p].y += shift->dy_px;
        }
}

static bool
holds(const CsPolygon *outline, CsPoint point)
{
    CsPoint c = cs_polygon_centroid(outline);
    CsPoint nearer = { c.x + (point.x - c.x) / SAME_STRETCH,
                       c.y + (point.y - c.y) / SAME_STRETCH };

    return cs_polygon_contains(outline, nearer);
}

static bool
is_same(const CsSeed *a, const CsSeed *b)
{
    return holds(&a->outline, cs_polygon_centroid(&b->outline))
           || holds(&b->outline, cs_polygon_centroid(&a->outline));
}

/* On how many key frames from k on a seed of key frame k is seen. */
static size_t
count_sightings(const Survey *survey, size_t k, const CsSeed *seed)
{
    size_t n = 0;

    for (size_t l = k; l < survey->n_keys; l++)
        for (size_t i = 0; i < survey->found[l].n; i++)
            if (is_same(seed, &survey->found[l].seed[i])) {
                n++;
                break;
            }
    return n;
}

static bool
is_known(const Survey *survey, size_t k, const CsSeed *seed,
         const CsSeeds *seeds)
{
    for (size_t i = 0; i < seeds->n; i++)
        if (is_same(&seeds->seed[i], seed))
            return true;
    for (size_t l = 0; l < k; l++)
        for (size_t i = 0; i < survey->found[l].n; i++)
            if (is_same(&survey->found[l].seed[i], seed))
                return true;
    return false;
}

/* Cells of a mask, ends excluded. */
typedef struct {
    size_t i0, i1, j0, j1;
} Cells;

static size_t
cell_at(double at, double bin, size_t n)
{
    return (size_t) fmax(fmin(floor(at / bin), (double) n), 0);
}

/* The cells whose middles an outline can hold, where the frame is shifted. */
static Cells
cells_of(const CsPolygon *outline, const CsShift *shift, const CsSeeds *mask)
{
    double left = INFINITY, top = INFINITY, right = 0, bottom = 0;
    double bin = (double) mask->mask_bin;

    for (size_t k = 0; k < outline->n; k++) {
        left = fmin(left, outline->points[k].x - shift->dx_px);
        right = fmax(right, outline->points[k].x - shift->dx_px);
        top = fmin(top, outline->points[k].y - shift->dy_px);
        bottom = fmax(bottom, outline->points[k].y - shift->dy_px);
    }
    return (Cells) { cell_at(left, bin, mask->mask_width),
                     cell_at(right + bin, bin, mask->mask_width),
                     cell_at(top, bin, mask->mask_height),
                     cell_at(bottom + bin, bin, mask->mask_height) };
}

/* The share of a seed that the needle covers on key frame l. */
static double
share_in_needle(const Survey *survey, size_t l, const CsPolygon *outline)
{
    const CsSeeds *found = &survey->found[l];
    const CsShift still = { 0 };
    const CsShift *shift = survey->shifts != NULL
                               ? &survey->shifts->shift[survey->key[l]]
                               : &still;
    double bin = (double) found->mask_bin, n = 0, n_needle = 0;
    Cells cells;

    if (found->mask == NULL)
        return 0;
    cells = cells_of(outline, shift, found);
    for (size_t j = cells.j0; j < cells.j1; j++)
        for (size_t i = cells.i0; i < cells.i1; i++) {
            CsPoint middle = { ((double) i + 0.5) * bin + shift->dx_px,
                               ((double) j + 0.5) * bin + shift->dy_px };

            if (!cs_polygon_contains(outline, middle))
                continue;
            n += 1;
            n_needle += found->mask[j * found->mask_width + i]
                        == CS_MASK_NEEDLE;
        }
    return n > 0 ? n_needle / n : 0;
}

static bool
becomes_needle(const Survey *survey, size_t k, const CsSeed *seed)
{
    size_t n_later = survey->n_keys - k - 1, n = 0;

    for (size_t l = k + 1; l < survey->n_keys; l++)
        n += share_in_needle(survey, l, &seed->outline) >= MOST_IN_NEEDLE;
    return n_later > 0 && 2 * n >= n_later;
}

/* Adds what is first seen on key frame k. */
static void
add_new(Survey *survey, size_t k, CsSeeds *seeds)
{
    size_t n_frames = cs_recording_info(survey->recording)->n_frames;
    size_t needed = MIN((size_t) LEAST_SIGHTINGS, survey->n_keys - k);

    for (size_t i = 0; i < survey->found[k].n; i++) {
        CsSeed *seed = &survey->found[k].seed[i];
        g_auto(CsSeed) copy = { 0 };

        if (becomes_needle(survey, k, seed))
            continue;
        if (k > 0
            && (is_known(survey, k, seed, seeds)
                || count_sightings(survey, k, seed) < needed))
            continue;
        copy = *seed;
        copy.outline = (CsPolygon) CS_POLYGON_INIT;
        if (!cs_polygon_copy(&seed->outline, &copy.outline, NULL))
            continue;
        copy.id = (int) seeds->n + 1;
        copy.key_frame = survey->key[k];
        copy.birth_frame = k > 0 ? survey->key[k - 1] + 1 : 0;
        copy.death_frame = n_frames;
        cs_seeds_take(seeds, &copy);
    }
}

static void
take_mask(CsSeeds *from, CsSeeds *to)
{
    to->mask_bin = from->mask_bin;
    to->mask_width = from->mask_width;
    to->mask_height = from->mask_height;
    to->mask = g_steal_pointer(&from->mask);
}

bool
cs_detect_particles(CsRecording *recording, const CsShifts *shifts,
                    const CsJob *job, CsSeeds *seeds, GError **error)
{
    g_auto(Survey) survey = { .recording = recording, .shifts = shifts };
    g_auto(CsSeeds) fresh = CS_SEEDS_INIT;
    CsSeeds old = *seeds;

    choose_keys(&survey);
    cs_job_progress(job, "finding particles", 0);
    if (!search_keys(&survey, job, error))
        return cs_blame(error, "detect");
    for (size_t k = 0; k < survey.n_keys; k++) {
        if (shifts != NULL)
            move_to_first(&survey.found[k], &shifts->shift[survey.key[k]]);
    }
    for (size_t k = 0; k < survey.n_keys; k++)
        add_new(&survey, k, &fresh);
    take_mask(&survey.found[0], &fresh);
    cs_job_progress(job, "finding particles", 1);
    *seeds = fresh;
    fresh = old;
    return true;
}
