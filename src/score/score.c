/* Score: matching particles with the truth, then taking differences.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/score.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "score/assign.h"
#include "score/folder.h"
#include "score/origin.h"
#include "score/summary.h"

enum {
    N_RAYS = 180,        /* of an overlap */
    N_MATCH_FRAMES = 40, /* looked at to match particles */
    MAX_POINTS = 4000,   /* of a recording in the figure */
    MAX_REASONS = 3,     /* given for a recording without truth */
};

/* Particles that overlap less are not the same. */
#define LEAST_OVERLAP 0.2

/* A normal 95 % interval reaches that many sd. */
#define SD_OF_95 1.959963984540054

void
cs_scores_clear(CsScores *scores)
{
    for (size_t i = 0; i < scores->n; i++) {
        g_free(scores->score[i].recording);
        g_free(scores->score[i].point);
    }
    g_free(scores->score);
    *scores = (CsScores) CS_SCORES_INIT;
}

/* ---- Overlap --------------------------------------------------------------- */

/* Intersection over union, seen along rays from the centroid of a: exact for
 * outlines that are star-shaped about it, 0 where it lies outside b. */
static double
overlap(const CsPolygon *a, const CsPolygon *b)
{
    double both = 0, either = 0;
    CsPoint centre;

    if (a->n < 3 || b->n < 3)
        return 0;
    centre = cs_polygon_centroid(a);
    if (!cs_polygon_contains(b, centre))
        return 0;
    for (size_t k = 0; k < N_RAYS; k++) {
        double angle = 2 * G_PI * (double) k / N_RAYS;
        double r = cs_polygon_ray(a, centre, angle);
        double s = cs_polygon_ray(b, centre, angle);

        if (isnan(r) || isnan(s))
            continue;
        both += fmin(r, s) * fmin(r, s);
        either += fmax(r, s) * fmax(r, s);
    }
    return either > 0 ? both / either : 0;
}

/* The mean overlap of two tracks over frames in which the true one is there. */
static double
track_overlap(const CsScoreTrack *truth, const CsScoreTrack *found,
              size_t n_frames)
{
    size_t step = MAX(n_frames / N_MATCH_FRAMES, 1), n = 0;
    double sum = 0;

    for (size_t i = 0; i < n_frames; i += step) {
        if (!truth->spot[i].is_there)
            continue;
        n++;
        if (found->spot[i].is_there)
            sum += overlap(&truth->spot[i].outline, &found->spot[i].outline);
    }
    return n > 0 ? sum / (double) n : 0;
}

/* For each true track the found one, or CS_UNASSIGNED. */
static size_t *
match_tracks(const CsScoreRecording *truth, const CsScoreRecording *found)
{
    size_t n_frames = MIN(truth->n_frames, found->n_frames);
    g_autofree double *gain
        = g_new0(double, truth->n_tracks * found->n_tracks + 1);
    size_t *match = g_new(size_t, truth->n_tracks + 1);

    for (size_t t = 0; t < truth->n_tracks; t++)
        for (size_t f = 0; f < found->n_tracks; f++) {
            double o = track_overlap(&truth->track[t], &found->track[f],
                                     n_frames);

            gain[t * found->n_tracks + f] = o >= LEAST_OVERLAP ? o : 0;
        }
    cs_assign(gain, truth->n_tracks, found->n_tracks, match);
    return match;
}

/* ---- One particle ----------------------------------------------------------- */

static void
add(GArray *list, double value)
{
    if (isfinite(value))
        g_array_append_val(list, value);
}

static void
cover(CsCoverage *coverage, double error, double sd)
{
    if (!isfinite(error) || !(sd > 0))
        return;
    coverage->n++;
    coverage->n_holding += fabs(error) <= SD_OF_95 * sd;
}

static void
score_spot(const CsScoreSpot *truth, const CsScoreSpot *found,
           CsErrorLists *lists, CsScore *score)
{
    double area_error = found->area_nm2 - truth->area_nm2;
    double overlap_error = 1 - overlap(&truth->outline, &found->outline);

    if (truth->is_hidden) {
        add(lists->area_hidden, area_error / truth->area_nm2);
        return;
    }
    add(lists->area, area_error / truth->area_nm2);
    g_array_append_val(lists->expansion_true, truth->expansion);
    add(lists->core_area, found->core_area_nm2 / truth->core_area_nm2 - 1);
    add(lists->thickness_nm, found->thickness_nm - truth->thickness_nm);
    if (truth->outline.n > 0 && found->outline.n > 0)
        add(lists->iou, overlap_error);
    cover(&score->area_coverage, area_error, found->area_sd_nm2);
    cover(&score->core_area_coverage,
          found->core_area_nm2 - truth->core_area_nm2,
          found->core_area_sd_nm2);
    cover(&score->expansion_coverage, found->expansion - truth->expansion,
          found->expansion_sd);
}

/* The last frame both were seen in: A/A0 there is the final expansion. */
static void
score_expansion(const CsScoreTrack *truth, const CsScoreTrack *found,
                size_t n_frames, CsErrorLists *lists)
{
    for (size_t i = n_frames; i-- > 0;)
        if (isfinite(truth->spot[i].expansion)
            && isfinite(found->spot[i].expansion)) {
            add(lists->expansion,
                found->spot[i].expansion / truth->spot[i].expansion - 1);
            return;
        }
}

static void
score_verdict(const CsScoreTrack *truth, const CsScoreTrack *found,
              CsScore *score)
{
    bool has_truth = strcmp(truth->verdict, "intact") == 0
                     || strcmp(truth->verdict, "broken") == 0;
    bool has_verdict = strcmp(found->verdict, "intact") == 0
                       || strcmp(found->verdict, "broken") == 0;

    if (!has_truth)
        return;
    if (!has_verdict)
        score->n_verdicts_open++;
    else if (strcmp(truth->verdict, found->verdict) == 0)
        score->n_verdicts_right++;
    else
        score->n_verdicts_wrong++;
}

static void
score_track(const CsScoreTrack *truth, const CsScoreTrack *found,
            size_t n_frames, CsErrorLists *lists, CsScore *score)
{
    for (size_t i = 0; i < n_frames; i++) {
        if (!truth->spot[i].is_there)
            continue;
        if (found->spot[i].is_there)
            score_spot(&truth->spot[i], &found->spot[i], lists, score);
        else
            score->n_lost_frames++;
    }
    score_expansion(truth, found, n_frames, lists);
    score_verdict(truth, found, score);
    add(lists->rate, found->rate_per_s / truth->rate_per_s - 1);
    add(lists->onset_s, found->onset_s - truth->onset_s);
    add(lists->break_s, (found->break_lo_s + found->break_hi_s) / 2
                            - (truth->break_lo_s + truth->break_hi_s) / 2);
}

/* Which found track lies on the true one in a frame; itself if none does. */
static size_t
track_on(const CsScoreSpot *truth, const CsScoreRecording *found, size_t i,
         size_t otherwise)
{
    double most = LEAST_OVERLAP;
    size_t best = otherwise;

    for (size_t f = 0; f < found->n_tracks; f++) {
        double o = found->track[f].spot[i].is_there
                       ? overlap(&truth->outline,
                                 &found->track[f].spot[i].outline)
                       : 0;

        if (o > most) {
            most = o;
            best = f;
        }
    }
    return best;
}

static size_t
count_swaps(const CsScoreTrack *truth, const CsScoreRecording *found,
            size_t match, size_t n_frames)
{
    size_t n = 0, before = match;

    for (size_t i = 0; i < n_frames; i++) {
        size_t now = truth->spot[i].is_there
                         ? track_on(&truth->spot[i], found, i, before)
                         : before;

        n += now != before && now != match;
        before = now;
    }
    return n;
}

/* ---- One recording ---------------------------------------------------------- */

static void
score_drift(const CsScoreRecording *truth, const CsScoreRecording *found,
            size_t n_frames, CsErrorLists *lists)
{
    for (size_t i = 0; i < n_frames; i++) {
        add(lists->drift_px, found->dx_px[i] - truth->dx_px[i]);
        add(lists->drift_px, found->dy_px[i] - truth->dy_px[i]);
    }
}

/* Keeps the areas of a track for the figure, every kth where there are many. */
static void
add_points(const CsScoreTrack *truth, const CsScoreTrack *found,
           size_t n_frames, size_t stride, CsScore *score)
{
    for (size_t i = 0; i < n_frames; i += stride) {
        const CsScoreSpot *t = &truth->spot[i], *f = &found->spot[i];

        if (t->is_there && f->is_there)
            score->point[score->n_points++] = (CsScorePoint) {
                .expansion = t->expansion,
                .area_error = f->area_nm2 / t->area_nm2 - 1,
                .is_hidden = t->is_hidden,
            };
    }
}

static void
keep_points(const CsScoreRecording *truth, const CsScoreRecording *found,
            const size_t *match, size_t n_frames, CsScore *score)
{
    size_t n = n_frames * score->n_found;
    size_t stride = 1 + n / MAX_POINTS;

    score->point = g_new(CsScorePoint,
                         (n_frames / stride + 1) * score->n_found + 1);
    for (size_t t = 0; t < truth->n_tracks; t++)
        if (match[t] != CS_UNASSIGNED)
            add_points(&truth->track[t], &found->track[match[t]], n_frames,
                       stride, score);
}

static void
score_recording(const CsScoreRecording *truth, const CsScoreRecording *found,
                CsErrorLists *lists, CsScore *score)
{
    size_t n_frames = MIN(truth->n_frames, found->n_frames);
    g_autofree size_t *match = match_tracks(truth, found);

    for (size_t t = 0; t < truth->n_tracks; t++) {
        if (match[t] == CS_UNASSIGNED)
            continue;
        score->n_found++;
        score_track(&truth->track[t], &found->track[match[t]], n_frames,
                    lists, score);
        score->n_swaps
            += count_swaps(&truth->track[t], found, match[t], n_frames);
    }
    score->n_true = truth->n_tracks;
    score->n_missed = score->n_true - score->n_found;
    score->n_invented = found->n_tracks - score->n_found;
    score_drift(truth, found, n_frames, lists);
    keep_points(truth, found, match, n_frames, score);
    cs_error_lists_sum_up(lists, score);
}

static void
add_coverage(CsCoverage *to, const CsCoverage *from)
{
    to->n += from->n;
    to->n_holding += from->n_holding;
}

static void
add_counts(CsScore *to, const CsScore *from)
{
    to->n_true += from->n_true;
    to->n_found += from->n_found;
    to->n_missed += from->n_missed;
    to->n_invented += from->n_invented;
    to->n_swaps += from->n_swaps;
    to->n_lost_frames += from->n_lost_frames;
    to->n_verdicts_right += from->n_verdicts_right;
    to->n_verdicts_wrong += from->n_verdicts_wrong;
    to->n_verdicts_open += from->n_verdicts_open;
    add_coverage(&to->area_coverage, &from->area_coverage);
    add_coverage(&to->core_area_coverage, &from->core_area_coverage);
    add_coverage(&to->expansion_coverage, &from->expansion_coverage);
}

/* ---- All of them ------------------------------------------------------------ */

static bool
is_same_folder(const char *a, const char *b)
{
    g_autofree char *x = g_canonicalize_filename(a, NULL);
    g_autofree char *y = g_canonicalize_filename(b, NULL);

    return strcmp(x, y) == 0;
}

static bool
lie_together(const CsScoreRecording *truth, const CsScoreRecording *measured)
{
    g_autofree char *folder
        = measured->origin.file != NULL
              ? g_path_get_dirname(measured->origin.file)
              : g_strdup(measured->folder);

    return is_same_folder(truth->folder, folder);
}

/* How well a truth suits a measured recording; 0: not at all. */
static int
suits(const CsScoreRecording *truth, const CsScoreRecording *measured,
      bool are_alone)
{
    switch (cs_origin_fit(measured, truth, NULL)) {
    case CS_ORIGIN_OTHER:
        return 0;
    case CS_ORIGIN_SAME:
        return 4;
    case CS_ORIGIN_UNKNOWN:
        break;
    }
    if (strcmp(truth->name, measured->name) == 0)
        return 3;
    return lie_together(truth, measured) ? 2 : are_alone ? 1 : 0;
}

/* The truth of a measured recording, or NULL. */
static const CsScoreRecording *
truth_of(const CsScoreFolder *truth, const CsScoreFolder *found,
         const CsScoreRecording *measured)
{
    const CsScoreRecording *best = NULL;
    int most = 0;

    for (size_t i = 0; i < truth->n && most < 4; i++) {
        int how = suits(&truth->recording[i], measured,
                        truth->n == 1 && found->n == 1);

        if (how > most) {
            most = how;
            best = &truth->recording[i];
        }
    }
    return best;
}

static bool
refuse(const CsScoreRecording *r, const CsScoreFolder *truth, GError **error)
{
    g_autofree char *guess = cs_origin_guess_truth(r);
    g_autofree char *hint
        = guess != NULL ? g_strdup_printf("; try --truth %s", guess)
                        : g_strdup("");
    GString *list = g_string_new(NULL);

    for (size_t i = 0; i < MIN(truth->n, MAX_REASONS); i++) {
        g_autofree char *why = NULL;

        cs_origin_fit(r, &truth->recording[i], &why);
        g_string_append_printf(list, "%s%s", i > 0 ? ", " : "",
                               why != NULL ? why : truth->recording[i].name);
    }
    if (truth->n > MAX_REASONS)
        g_string_append_printf(list, " and %" G_GSIZE_FORMAT " more",
                               truth->n - MAX_REASONS);
    cs_fail(error, CS_ERROR_ARGUMENT,
            "%s: no truth given is that of this recording (%s)%s", r->name,
            list->str, hint);
    g_string_free(list, TRUE);
    return false;
}

/* Can a recording be held against that truth? */
static bool
is_a_pair(const CsScoreRecording *r, const CsScoreRecording *truth,
          GError **error)
{
    if (truth->in_pixels != r->in_pixels)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: areas are in %s, those of the truth in %s; measure "
                       "with the scale to score", r->name,
                       r->in_pixels ? "pixels" : "nm",
                       truth->in_pixels ? "pixels" : "nm");
    return true;
}

/* Was that truth, or the same one given twice, held against a recording? */
static bool
is_used(const CsScoreFolder *truth, const bool *used, size_t i)
{
    const CsScoreRecording *t = &truth->recording[i];

    for (size_t k = 0; k < truth->n; k++) {
        const CsScoreRecording *other = &truth->recording[k];

        if (k == i ? used[k]
                   : (used[k] || k < i) && strcmp(other->name, t->name) == 0
                         && is_same_folder(other->folder, t->folder))
            return true;
    }
    return false;
}

/* Recordings that were not measured: all their particles are missed. */
static void
score_unmeasured(const CsScoreFolder *truth, const bool *used,
                 CsScores *scores)
{
    for (size_t i = 0; i < truth->n; i++) {
        const CsScoreRecording *t = &truth->recording[i];
        CsScore *score = &scores->score[scores->n];
        CsErrorLists none;

        if (is_used(truth, used, i))
            continue;
        cs_error_lists_init(&none);
        cs_error_lists_sum_up(&none, score);
        cs_error_lists_clear(&none);
        score->recording = g_strdup(t->name);
        score->n_true = score->n_missed = t->n_tracks;
        scores->n++;
    }
}

static void
add_total(const CsErrorLists *lists, CsScores *scores)
{
    CsScore *sum = &scores->score[scores->n];

    sum->recording = g_strdup("total");
    for (size_t i = 0; i < scores->n; i++)
        add_counts(sum, &scores->score[i]);
    cs_error_lists_sum_up(lists, sum);
    scores->n++;
}

static bool
score_all(const CsScoreFolder *truth, const CsScoreFolder *found,
          CsScores *scores, GError **error)
{
    g_autofree bool *used = g_new0(bool, truth->n + 1);
    CsErrorLists total;
    bool ok = true;

    scores->score = g_new0(CsScore, found->n + truth->n + 1);
    scores->n = found->n;
    cs_error_lists_init(&total);
    for (size_t i = 0; ok && i < found->n; i++) {
        const CsScoreRecording *r = &found->recording[i];
        const CsScoreRecording *t = truth_of(truth, found, r);
        CsErrorLists lists;

        ok = t != NULL ? is_a_pair(r, t, error) : refuse(r, truth, error);
        if (!ok)
            break;
        used[t - truth->recording] = true;
        cs_error_lists_init(&lists);
        scores->score[i].recording = g_strdup(r->name);
        score_recording(t, r, &lists, &scores->score[i]);
        cs_error_lists_add(&total, &lists);
        cs_error_lists_clear(&lists);
    }
    if (ok) {
        score_unmeasured(truth, used, scores);
        add_total(&total, scores);
    }
    cs_error_lists_clear(&total);
    return ok;
}

/* ---- Finding truth folders --------------------------------------------------- */

/* How deep below a given folder truth is looked for. */
enum { MAX_DEPTH = 4 };

static bool
holds_areas(const char *dir)
{
    g_autofree char *path = g_build_filename(dir, "areas.csv", NULL);

    return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static GPtrArray *
subfolders(const char *dir)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
    const char *name;

    while (open != NULL && (name = g_dir_read_name(open)) != NULL) {
        g_autofree char *path = g_build_filename(dir, name, NULL);

        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            g_ptr_array_add(names, g_steal_pointer(&path));
    }
    g_ptr_array_sort(names, by_name);
    return names;
}

static bool
add_truth(CsScoreFolder *folder, const char *dir, int depth, GError **error)
{
    g_autofree char *inside = g_build_filename(dir, "truth", NULL);
    g_autoptr(GPtrArray) below = NULL;

    if (holds_areas(inside))
        return cs_score_folder_add(folder, inside, true, error);
    if (depth == MAX_DEPTH && holds_areas(dir))
        return cs_score_folder_add(folder, dir, true, error);
    if (depth == 0)
        return true;
    below = subfolders(dir);
    for (guint i = 0; i < below->len; i++)
        if (!add_truth(folder, below->pdata[i], depth - 1, error))
            return false;
    return true;
}

bool
cs_score(const char *dir, const char *const *truth, CsScores *scores,
         GError **error)
{
    g_auto(CsScoreFolder) found = CS_SCORE_FOLDER_INIT;
    g_auto(CsScoreFolder) known = CS_SCORE_FOLDER_INIT;
    g_auto(CsScores) fresh = CS_SCORES_INIT;
    CsScores old = *scores;

    if (!cs_score_folder_add(&found, dir, false, error))
        return false;
    cs_origin_read(&found, 0, dir);
    for (size_t i = 0; truth[i] != NULL; i++) {
        size_t before = known.n;

        if (!add_truth(&known, truth[i], MAX_DEPTH, error))
            return false;
        if (known.n == before)
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "%s: holds no truth (no areas.csv in it or in a "
                           "folder truth below it)", truth[i]);
    }
    if (!score_all(&known, &found, &fresh, error))
        return false;
    *scores = fresh;
    fresh = old;
    return true;
}
