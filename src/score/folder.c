/* Reading results folders for score.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "score/folder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/roi.h"
#include "core/alloc.h"
#include "core/csv.h"
#include "core/text.h"

/* No recording is longer: a hostile table must not fill the memory. */
enum { MAX_FRAMES = 10 * 1000 * 1000, MAX_SPOTS = 200 * 1000 * 1000 };

static void
clear_track(CsScoreTrack *track, size_t n_frames)
{
    for (size_t i = 0; track->spot != NULL && i < n_frames; i++)
        cs_polygon_clear(&track->spot[i].outline);
    g_free(track->spot);
    g_free(track->verdict);
}

static void
clear_recording(CsScoreRecording *r)
{
    for (size_t t = 0; t < r->n_tracks; t++)
        clear_track(&r->track[t], r->n_frames);
    g_free(r->track);
    g_free(r->name);
    g_free(r->origin.file);
    g_free(r->origin.sha256);
    g_free(r->folder);
    g_free(r->dx_px);
    g_free(r->dy_px);
}

void
cs_score_folder_clear(CsScoreFolder *folder)
{
    for (size_t i = 0; i < folder->n; i++)
        clear_recording(&folder->recording[i]);
    g_free(folder->recording);
    *folder = (CsScoreFolder) CS_SCORE_FOLDER_INIT;
}

static CsScoreRecording *
recording_named(const CsScoreFolder *folder, size_t first, const char *name)
{
    for (size_t i = first; i < folder->n; i++)
        if (strcmp(folder->recording[i].name, name) == 0)
            return &folder->recording[i];
    return NULL;
}

static CsScoreTrack *
track_with_id(const CsScoreRecording *r, int id)
{
    for (size_t t = 0; t < r->n_tracks; t++)
        if (r->track[t].id == id)
            return &r->track[t];
    return NULL;
}

/* ---- areas.csv ------------------------------------------------------------ */

/* The columns we use, by their number. */
typedef struct {
    int recording, id, frame, area, area_sd, core, core_sd, thickness;
    int expansion, expansion_sd, state;
} Columns;

static bool
find_columns(const CsCsv *csv, Columns *c, GError **error)
{
    const char *area = cs_csv_column(csv, "area_px2") >= 0 ? "area_px2"
                                                           : "area_nm2";

    c->area_sd = cs_csv_column(csv, "area_sd_nm2");
    c->core = cs_csv_column(csv, "core_area_nm2");
    c->core_sd = cs_csv_column(csv, "core_area_sd_nm2");
    c->thickness = cs_csv_column(csv, "coat_thickness_nm");
    c->expansion = cs_csv_column(csv, "expansion");
    c->expansion_sd = cs_csv_column(csv, "expansion_sd");
    return cs_csv_need_column(csv, "recording", &c->recording, error)
           && cs_csv_need_column(csv, "particle_id", &c->id, error)
           && cs_csv_need_column(csv, "frame", &c->frame, error)
           && cs_csv_need_column(csv, area, &c->area, error)
           && cs_csv_need_column(csv, "state", &c->state, error);
}

static bool
whole_number(const CsCsv *csv, size_t row, int column, double max,
             size_t *value, GError **error)
{
    double number;

    if (!cs_csv_number(csv, row, column, &number, error))
        return false;
    if (!(number >= 0 && number <= max) || floor(number) < number)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s, line %" G_GSIZE_FORMAT ": %s is “%s”, not a whole "
                       "number from 0 to %.0f", csv->name, csv->line[row],
                       csv->header[column], cs_csv_text(csv, row, column),
                       max);
    *value = (size_t) number;
    return true;
}

static CsScoreRecording *
add_recording(CsScoreFolder *folder, const char *name, const char *where)
{
    CsScoreRecording *r;

    folder->recording
        = g_renew(CsScoreRecording, folder->recording, folder->n + 1);
    r = &folder->recording[folder->n++];
    *r = (CsScoreRecording) {
        .name = g_strdup(name),
        .folder = where != NULL ? g_strdup(where) : g_path_get_dirname(name),
    };
    return r;
}

/* First pass: which recordings and particles there are, and how many frames. */
static bool
survey(CsScoreFolder *folder, size_t first, const CsCsv *csv,
       const Columns *c, const char *where, GError **error)
{
    for (size_t row = 0; row < csv->n_rows; row++) {
        const char *name = cs_csv_text(csv, row, c->recording);
        CsScoreRecording *r = recording_named(folder, first, name);
        size_t id, frame;

        if (!whole_number(csv, row, c->id, G_MAXINT, &id, error)
            || !whole_number(csv, row, c->frame, MAX_FRAMES, &frame, error))
            return false;
        if (r == NULL)
            r = add_recording(folder, name, where);
        r->n_frames = MAX(r->n_frames, frame + 1);
        if (track_with_id(r, (int) id) != NULL)
            continue;
        r->track = g_renew(CsScoreTrack, r->track, r->n_tracks + 1);
        r->track[r->n_tracks++] = (CsScoreTrack) {
            .id = (int) id, .rate_per_s = NAN, .onset_s = NAN,
            .break_lo_s = NAN, .break_hi_s = NAN, .verdict = g_strdup(""),
        };
    }
    return true;
}

static bool
make_room(CsScoreRecording *r, GError **error)
{
    if (r->n_frames * r->n_tracks > MAX_SPOTS)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "%s: %" G_GSIZE_FORMAT " frames of %" G_GSIZE_FORMAT
                       " particles are too many to score", r->name,
                       r->n_frames, r->n_tracks);
    for (size_t t = 0; t < r->n_tracks; t++) {
        r->track[t].spot = cs_try_alloc(r->n_frames, sizeof(CsScoreSpot),
                                        "a track", error);
        if (r->track[t].spot == NULL)
            return false;
    }
    r->dx_px = cs_try_alloc(r->n_frames, sizeof(double), "drift", error);
    if (r->dx_px == NULL)
        return false;
    r->dy_px = cs_try_alloc(r->n_frames, sizeof(double), "drift", error);
    if (r->dy_px == NULL)
        return false;
    for (size_t i = 0; i < r->n_frames; i++)
        r->dx_px[i] = r->dy_px[i] = NAN;
    return true;
}

static bool
fill_spot(const CsCsv *csv, const Columns *c, size_t row, CsScoreSpot *spot,
          GError **error)
{
    const char *state = cs_csv_text(csv, row, c->state);

    spot->is_hidden
        = strcmp(state, "edge") == 0 || strcmp(state, "overlap") == 0;
    if (!cs_csv_number(csv, row, c->area, &spot->area_nm2, error)
        || !cs_csv_number(csv, row, c->area_sd, &spot->area_sd_nm2, error)
        || !cs_csv_number(csv, row, c->core, &spot->core_area_nm2, error)
        || !cs_csv_number(csv, row, c->core_sd, &spot->core_area_sd_nm2,
                          error)
        || !cs_csv_number(csv, row, c->thickness, &spot->thickness_nm, error)
        || !cs_csv_number(csv, row, c->expansion, &spot->expansion, error)
        || !cs_csv_number(csv, row, c->expansion_sd, &spot->expansion_sd,
                          error))
        return false;
    spot->is_there = spot->area_nm2 > 0 && strcmp(state, "lost") != 0;
    return true;
}

static bool
add_areas(CsScoreFolder *folder, const char *dir, const char *where,
          GError **error)
{
    g_autofree char *path = g_build_filename(dir, "areas.csv", NULL);
    g_auto(CsCsv) csv = CS_CSV_INIT;
    size_t first = folder->n;
    Columns c;

    if (!cs_csv_read(path, &csv, error) || !find_columns(&csv, &c, error)
        || !survey(folder, first, &csv, &c, where, error))
        return false;
    for (size_t i = first; i < folder->n; i++) {
        folder->recording[i].in_pixels
            = strcmp(csv.header[c.area], "area_px2") == 0;
        if (!make_room(&folder->recording[i], error))
            return false;
    }
    for (size_t row = 0; row < csv.n_rows; row++) {
        CsScoreRecording *r = recording_named(
            folder, first, cs_csv_text(&csv, row, c.recording));
        size_t id, frame;

        if (!whole_number(&csv, row, c.id, G_MAXINT, &id, error)
            || !whole_number(&csv, row, c.frame, MAX_FRAMES, &frame, error)
            || !fill_spot(&csv, &c, row,
                          &track_with_id(r, (int) id)->spot[frame], error))
            return false;
    }
    return true;
}

/* ---- particles.csv and drift.csv ------------------------------------------ */

/* Opens dir/name if it is there; *found says whether. */
static bool
read_optional(const char *dir, const char *name, CsCsv *csv, bool *found,
              GError **error)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    *found = g_file_test(path, G_FILE_TEST_EXISTS);
    return !*found || cs_csv_read(path, csv, error);
}

static bool
fill_particle(const CsCsv *csv, size_t row, CsScoreTrack *track,
              GError **error)
{
    g_free(track->verdict);
    track->verdict = g_strdup(
        cs_csv_text(csv, row, cs_csv_column(csv, "verdict")));
    return cs_csv_number(csv, row, cs_csv_column(csv, "rate_per_s"),
                         &track->rate_per_s, error)
           && cs_csv_number(csv, row, cs_csv_column(csv, "onset_s"),
                            &track->onset_s, error)
           && cs_csv_number(csv, row, cs_csv_column(csv, "break_lo_s"),
                            &track->break_lo_s, error)
           && cs_csv_number(csv, row, cs_csv_column(csv, "break_hi_s"),
                            &track->break_hi_s, error);
}

static bool
add_particles(CsScoreFolder *folder, size_t first, const char *dir,
              GError **error)
{
    g_auto(CsCsv) csv = CS_CSV_INIT;
    int recording, id_column;
    bool found;

    if (!read_optional(dir, "particles.csv", &csv, &found, error))
        return false;
    if (!found)
        return true;
    if (!cs_csv_need_column(&csv, "recording", &recording, error)
        || !cs_csv_need_column(&csv, "particle_id", &id_column, error))
        return false;
    for (size_t row = 0; row < csv.n_rows; row++) {
        CsScoreRecording *r = recording_named(
            folder, first, cs_csv_text(&csv, row, recording));
        CsScoreTrack *track;
        size_t id;

        if (!whole_number(&csv, row, id_column, G_MAXINT, &id, error))
            return false;
        track = r != NULL ? track_with_id(r, (int) id) : NULL;
        if (track != NULL && !fill_particle(&csv, row, track, error))
            return false;
    }
    return true;
}

static bool
add_drift(CsScoreFolder *folder, size_t first, const char *dir,
          GError **error)
{
    g_auto(CsCsv) csv = CS_CSV_INIT;
    int recording, frame_column, dx, dy;
    bool found;

    if (!read_optional(dir, "drift.csv", &csv, &found, error))
        return false;
    if (!found)
        return true;
    if (!cs_csv_need_column(&csv, "recording", &recording, error)
        || !cs_csv_need_column(&csv, "frame", &frame_column, error)
        || !cs_csv_need_column(&csv, "dx_px", &dx, error)
        || !cs_csv_need_column(&csv, "dy_px", &dy, error))
        return false;
    for (size_t row = 0; row < csv.n_rows; row++) {
        CsScoreRecording *r = recording_named(
            folder, first, cs_csv_text(&csv, row, recording));
        size_t frame;

        if (!whole_number(&csv, row, frame_column, MAX_FRAMES, &frame, error))
            return false;
        if (r == NULL || frame >= r->n_frames)
            continue;
        if (!cs_csv_number(&csv, row, dx, &r->dx_px[frame], error)
            || !cs_csv_number(&csv, row, dy, &r->dy_px[frame], error))
            return false;
    }
    return true;
}

/* ---- outlines/ ------------------------------------------------------------- */

/* Regions are called p<id>_f<frame> (outer contours; core contours end in
 * _core and are not looked at). */
static void
take_outlines(CsScoreRecording *r, CsRois *rois)
{
    for (size_t i = 0; i < rois->n; i++) {
        CsRoi *roi = &rois->roi[i];
        CsScoreTrack *track;
        int id, frame, end = 0;

        if (roi->name == NULL
            || sscanf(roi->name, "p%d_f%d%n", &id, &frame, &end) < 2
            || roi->name[end] != '\0')
            continue;
        track = track_with_id(r, id);
        if (track == NULL || frame < 0 || (size_t) frame >= r->n_frames)
            continue;
        cs_polygon_clear(&track->spot[frame].outline);
        track->spot[frame].outline = roi->outline;
        roi->outline = (CsPolygon) CS_POLYGON_INIT;
    }
}

static bool
add_outlines(CsScoreFolder *folder, size_t first, const char *dir,
             GError **error)
{
    for (size_t i = first; i < folder->n; i++) {
        CsScoreRecording *r = &folder->recording[i];
        g_autofree char *safe = cs_text_file_name(r->name);
        g_autofree char *file = g_strconcat(safe, ".zip", NULL);
        g_autofree char *path = g_build_filename(dir, "outlines", file, NULL);
        g_auto(CsRois) rois = CS_ROIS_INIT;

        if (!g_file_test(path, G_FILE_TEST_EXISTS))
            continue;
        if (!cs_rois_read(path, &rois, error))
            return false;
        take_outlines(r, &rois);
    }
    return true;
}

bool
cs_score_folder_add(CsScoreFolder *folder, const char *dir, bool is_truth,
                    GError **error)
{
    g_autofree char *where = is_truth ? g_path_get_dirname(dir) : NULL;
    size_t first = folder->n;

    return add_areas(folder, dir, where, error)
           && add_particles(folder, first, dir, error)
           && add_drift(folder, first, dir, error)
           && add_outlines(folder, first, dir, error);
}
