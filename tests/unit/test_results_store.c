/* The store: what is put comes back to the last bit, whole or not at all.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "coatscope/store.h"
#include "drawn_results.h"

static const DrawnRecipe recipe = {
    .name = "r", .coating = "c", .n_frames = 30, .n_particles = 2,
    .growth = 2, .tau_frames = 12,
};

typedef struct {
    char    *dir;
    Drawn    drawn;
    CsVerdict  verdict;
    CsVerdicts verdicts;
    CsStored stored;
} Fixture;

static void
set_up(Fixture *t, gconstpointer unused)
{
    CsSeed seed = { .id = 1, .key_frame = 3, .death_frame = 30,
                    .is_dark = true, .contrast = 0.1 };

    (void) unused;
    t->dir = g_dir_make_tmp("coatscope-store-XXXXXX", NULL);
    drawn_make(&recipe, &t->drawn);
    g_assert_true(cs_polygon_resize(&seed.outline, 3, NULL));
    seed.outline.points[1] = (CsPoint) { 1.0 / 3, -0.0 };
    cs_seeds_take(&t->drawn.seeds, &seed);
    t->drawn.seeds.mask_bin = 4;
    t->drawn.seeds.mask_width = 3;
    t->drawn.seeds.mask_height = 2;
    t->drawn.seeds.mask = g_memdup2("\0\1\2\3\4\0", 6);
    t->verdict = (CsVerdict) { .particle_id = 2, .kind = CS_VERDICT_BROKEN,
                               .break_lo_s = 1.0 / 3, .log_odds = NAN };
    t->verdict.adds[CS_EVIDENCE_BALANCE] = 0.25;
    t->verdicts = (CsVerdicts) { .n = 1, .verdict = &t->verdict };
    t->stored = (CsStored) { &t->drawn.seeds, &t->drawn.shifts,
                             &t->drawn.outlines, &t->drawn.measures,
                             &t->verdicts };
}

static void
tear_down(Fixture *t, gconstpointer unused)
{
    static const char *const names[]
        = { "results.db", "results.db-wal", "results.db-shm" };

    (void) unused;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(t->dir, names[i], NULL);

        g_unlink(path);
    }
    g_rmdir(t->dir);
    drawn_clear(&t->drawn);
    g_free(t->dir);
}

/* Equal numbers, where NAN equals NAN. */
static void
assert_same(double a, double b)
{
    if (isnan(a) && isnan(b))
        return;
    g_assert_cmpfloat(a, ==, b);
}

static void
assert_same_measure(const CsMeasure *a, const CsMeasure *b)
{
    const double *x = &a->area_nm2, *y = &b->area_nm2;
    size_t n = (offsetof(CsMeasure, state) - offsetof(CsMeasure, area_nm2))
               / sizeof(double);

    g_assert_cmpint(a->particle_id, ==, b->particle_id);
    g_assert_cmpuint(a->frame, ==, b->frame);
    assert_same(a->time_s, b->time_s);
    g_assert_cmpint(a->time_source, ==, b->time_source);
    for (size_t i = 0; i < n; i++)
        assert_same(x[i], y[i]);
    g_assert_cmpint(a->state, ==, b->state);
    g_assert_cmpint(a->broken, ==, b->broken);
    g_assert_cmpint(a->edited, ==, b->edited);
}

static void
assert_same_outline(const CsOutline *a, const CsOutline *b, size_t n_angles)
{
    const double *x = &a->centre_x_px, *y = &b->centre_x_px;
    size_t n = (offsetof(CsOutline, r_px) - offsetof(CsOutline, centre_x_px))
               / sizeof(double);

    g_assert_cmpint(a->state, ==, b->state);
    g_assert_cmpint(a->edited, ==, b->edited);
    for (size_t i = 0; i < n; i++)
        assert_same(x[i], y[i]);
    for (size_t k = 0; k < 5 * n_angles; k++) /* all five arrays */
        assert_same((double) a->r_px[k], (double) b->r_px[k]);
}

static void
assert_same_stored(const CsStored *a, const CsStored *b)
{
    const CsOutlines *o = a->outlines;

    g_assert_cmpuint(a->measures->n, ==, b->measures->n);
    g_assert_cmpstr(a->measures->recording, ==, b->measures->recording);
    for (size_t i = 0; i < a->measures->n; i++)
        assert_same_measure(&a->measures->row[i], &b->measures->row[i]);
    g_assert_cmpuint(o->n_angles, ==, b->outlines->n_angles);
    for (size_t i = 0; i < o->n_frames * o->n_particles; i++)
        assert_same_outline(&o->outline[i], &b->outlines->outline[i],
                            o->n_angles);
    g_assert_cmpint(b->outlines->particle_id[1], ==, 2);
    g_assert_cmpuint(b->shifts->n_frames, ==, 30);
    g_assert_cmpfloat(b->shifts->shift[25].dx_px, ==,
                      a->shifts->shift[25].dx_px);
    g_assert_true(b->shifts->shift[20].jump);
    g_assert_cmpuint(b->verdicts->n, ==, 1);
    g_assert_cmpint(b->verdicts->verdict[0].kind, ==, CS_VERDICT_BROKEN);
    assert_same(b->verdicts->verdict[0].break_lo_s, 1.0 / 3);
    assert_same(b->verdicts->verdict[0].log_odds, NAN);
    assert_same(b->verdicts->verdict[0].adds[CS_EVIDENCE_BALANCE], 0.25);
    g_assert_cmpuint(b->seeds->n, ==, 1);
    g_assert_cmpmem(a->seeds->mask, 6, b->seeds->mask, 6);
    g_assert_cmpmem(a->seeds->seed[0].outline.points, 3 * sizeof(CsPoint),
                    b->seeds->seed[0].outline.points, 3 * sizeof(CsPoint));
    g_assert_cmpuint(b->seeds->seed[0].key_frame, ==, 3);
    g_assert_true(b->seeds->seed[0].is_dark);
}

static bool
get(CsStore *store, const char *key, const CsStored *expected)
{
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    g_auto(CsShifts) shifts = CS_SHIFTS_INIT;
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    g_auto(CsMeasures) measures = CS_MEASURES_INIT;
    g_auto(CsVerdicts) verdicts = CS_VERDICTS_INIT;
    const CsStored got
        = { &seeds, &shifts, &outlines, &measures, &verdicts };
    g_autoptr(GError) error = NULL;
    bool found = false;

    cs_store_get(store, key, &got, &found, &error);
    g_assert_no_error(error);
    if (found)
        assert_same_stored(expected, &got);
    return found;
}

static bool
put(CsStore *store, const char *key, const Fixture *t)
{
    char path[] = "r.mrc", sha[] = "00ff";
    CsInputFile file = { path, 3, sha };
    const CsInputs inputs = { 1, &file };

    return cs_store_put(store, key, cs_recording_info(t->drawn.recording),
                        &inputs, &t->stored, NULL);
}

static void
gives_back_what_was_put(Fixture *t, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    CsStore *store = cs_store_open(t->dir, false, &error);

    (void) unused;
    g_assert_no_error(error);
    g_assert_false(get(store, "k1", &t->stored));
    for (int i = 0; i < 2; i++) /* the second in place of the first */
        g_assert_true(put(store, "k1", t));
    g_assert_true(get(store, "k1", &t->stored));
    cs_store_close(store);
    g_assert_true(cs_store_is_at(t->dir));
    store = cs_store_open(t->dir, false, NULL);
    g_assert_true(get(store, "k1", &t->stored));
    g_assert_false(get(store, "k2", &t->stored));
    cs_store_close(store);
    store = cs_store_open(t->dir, true, NULL);
    g_assert_false(get(store, "k1", &t->stored));
    cs_store_close(store);
}

static void
has_one_writer(Fixture *t, gconstpointer unused)
{
    g_autoptr(CsStore) store = cs_store_open(t->dir, false, NULL);
    g_autoptr(GError) error = NULL;

    (void) unused;
    g_assert_nonnull(store);
    g_assert_null(cs_store_open(t->dir, false, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "another coatscope"));
}

static void
put_for_ever(const Fixture *t)
{
    CsStore *store = cs_store_open(t->dir, false, NULL);

    for (int i = 0; store != NULL && i < 20; i++) {
        char key[16];

        g_snprintf(key, sizeof key, "k%d", i);
        put(store, key, t);
    }
    _exit(0);
}

/* Each round ends a little later, so that all moments are met. */
static void
is_whole_after_a_kill(Fixture *t, gconstpointer unused)
{
    int n_before = 0;

    (void) unused;
    for (int round = 0; round < 12; round++) {
        pid_t pid = fork();
        CsStore *store;
        GError *error = NULL;
        int n = 0;

        if (pid == 0)
            put_for_ever(t);
        g_usleep(3000 * (gulong) round + 500);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        store = cs_store_open(t->dir, false, &error);
        g_assert_no_error(error);
        for (int i = 0; i < 20; i++) {
            char key[16];

            g_snprintf(key, sizeof key, "k%d", i);
            n += get(store, key, &t->stored);
        }
        cs_store_close(store);
        g_assert_cmpint(n, >=, n_before);
        n_before = n;
    }
}

static void
damage_is_one_error(Fixture *t, gconstpointer unused)
{
    g_autofree char *path = g_build_filename(t->dir, "results.db", NULL);
    CsStore *store = cs_store_open(t->dir, false, NULL);
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    g_auto(CsShifts) shifts = CS_SHIFTS_INIT;
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    g_auto(CsMeasures) measures = CS_MEASURES_INIT;
    g_auto(CsVerdicts) verdicts = CS_VERDICTS_INIT;
    const CsStored got
        = { &seeds, &shifts, &outlines, &measures, &verdicts };
    static const char *const harm[] = {
        "UPDATE measures SET state = 77 WHERE row = 3",
        "UPDATE measures SET state = 1; DELETE FROM outlines WHERE row = 5",
        "UPDATE recordings SET n_particles = 99999999",
        "UPDATE recordings SET n_particles = -1",
    };
    sqlite3 *db;
    bool found;

    (void) unused;
    g_assert_true(put(store, "k", t));
    for (size_t i = 0; i < G_N_ELEMENTS(harm); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
        g_assert_cmpint(sqlite3_exec(db, harm[i], NULL, NULL, NULL), ==,
                        SQLITE_OK);
        sqlite3_close(db);
        g_assert_false(cs_store_get(store, "k", &got, &found, &error));
        g_assert_error(error, CS_ERROR, CS_ERROR_FORMAT);
        g_assert_null(measures.row);
    }
    cs_store_close(store);
}

static void
leaves_other_databases_alone(Fixture *t, gconstpointer unused)
{
    g_autofree char *path = g_build_filename(t->dir, "results.db", NULL);
    g_autoptr(GError) error = NULL;
    sqlite3 *db;

    (void) unused;
    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    sqlite3_exec(db, "CREATE TABLE mine (x)", NULL, NULL, NULL);
    sqlite3_close(db);
    g_assert_false(cs_store_is_at(t->dir));
    g_assert_null(cs_store_open(t->dir, false, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_FORMAT);
}

/* ---- The whole --------------------------------------------------------- */

static const CsFit a_fit = {
    .particle_id = 1, .n_frames = 30, .diameter0_nm = 1.0 / 3,
    .onset_s = NAN, .rate_per_s = 0.25, .initial_rate_per_s = 0.5,
    .t50_full_s = NAN, .model = "not identifiable", .best_model = "stress",
    .rho1 = -0.125,
};

static void
put_the_rest(CsStore *store, const char *key)
{
    CsFit fit = a_fit;
    CsFits fits = { .n = 1, .fit = &fit };
    CsPicture picture = { 7, 64, 48, g_bytes_new("jpeg\0!", 6) };
    const CsPictures pictures = { 1, &picture };

    g_assert_true(cs_store_put_fits(store, key, "Si", &fits, NULL));
    g_assert_true(cs_store_put_pictures(store, key, "25", &pictures, NULL));
    g_bytes_unref(picture.jpeg);
}

static void
arrange(CsStore *store)
{
    const CsStorePlace places[]
        = { { "k2", "thick", NULL }, { "k1", "thin", "needle 1" } };
    char *command[] = { "screen", "a b", NULL };
    char *settings[] = { "unit", "nm", NULL };
    const CsRun run = { .title = "T", .command = command,
                        .settings = settings, .version = "9",
                        .program_sha256 = "ab", .date_unix_s = 1.5e9,
                        .is_ranked = true, .seed = G_MAXUINT64 };

    g_assert_true(cs_store_arrange(store, places, 2, &run, NULL));
}

static void
assert_same_run(const CsRun *run)
{
    g_assert_cmpstr(run->title, ==, "T");
    g_assert_cmpstr(run->command[1], ==, "a b");
    g_assert_cmpuint(g_strv_length(run->command), ==, 2);
    g_assert_cmpstr(run->settings[1], ==, "nm");
    g_assert_cmpstr(run->version, ==, "9");
    g_assert_cmpstr(run->program_sha256, ==, "ab");
    g_assert_cmpfloat(run->date_unix_s, ==, 1.5e9);
    g_assert_true(run->is_ranked);
    g_assert_cmpuint(run->seed, ==, G_MAXUINT64);
}

static void
assert_same_about(const CsKept *kept, const Fixture *t)
{
    const CsRecordingInfo *a = cs_recording_info(kept->recording);
    const CsRecordingInfo *b = cs_recording_info(t->drawn.recording);
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_cmpstr(a->name, ==, b->name);
    g_assert_cmpstr(a->format, ==, b->format);
    g_assert_cmpuint(a->width, ==, b->width);
    g_assert_cmpfloat(a->nm_per_px_y, ==, b->nm_per_px_y);
    g_assert_cmpint(a->scale_source, ==, CS_SCALE_USER);
    g_assert_cmpuint(a->clock.n_frames, ==, 30);
    g_assert_cmpfloat(a->clock.start_s[29], ==, 58);
    g_assert_cmpfloat(a->clock.duration_s[3], ==, 0.5);
    g_assert_cmpint(a->clock.source[3], ==, CS_TIME_ASSUMED);
    g_assert_cmpuint(a->notes->len, ==, 1);
    g_assert_cmpstr(a->notes->pdata[0], ==, b->notes->pdata[0]);
    g_assert_false(cs_recording_read(kept->recording, 0, &frame, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
}

static void
assert_same_rest(const CsKept *kept)
{
    gsize n;
    const void *jpeg = g_bytes_get_data(kept->pictures.picture[0].jpeg, &n);

    g_assert_cmpstr(kept->measures.coating, ==, "thin");
    g_assert_cmpstr(kept->session, ==, "needle 1");
    g_assert_cmpuint(kept->inputs.n, ==, 1);
    g_assert_cmpstr(kept->inputs.file[0].path, ==, "r.mrc");
    g_assert_cmpuint(kept->inputs.file[0].size, ==, 3);
    g_assert_cmpstr(kept->inputs.file[0].sha256, ==, "00ff");
    g_assert_cmpuint(kept->pictures.picture[0].frame, ==, 7);
    g_assert_cmpmem(jpeg, n, "jpeg\0!", 6);
    g_assert_cmpuint(kept->fits.n, ==, 1);
    assert_same(kept->fits.fit[0].diameter0_nm, a_fit.diameter0_nm);
    assert_same(kept->fits.fit[0].onset_s, a_fit.onset_s);
    assert_same(kept->fits.fit[0].initial_rate_per_s, 0.5);
    assert_same(kept->fits.fit[0].rho1, a_fit.rho1);
    g_assert_cmpstr(kept->fits.fit[0].model, ==, a_fit.model);
    g_assert_cmpstr(kept->fits.fit[0].best_model, ==, "stress");
}

static void
loads_all_that_was_arranged(Fixture *t, gconstpointer unused)
{
    g_autoptr(CsStore) store = cs_store_open(t->dir, false, NULL);
    g_auto(CsKeptAll) all = CS_KEPT_ALL_INIT;
    g_autoptr(GError) error = NULL;

    (void) unused;
    for (const char *k = "123"; *k != '\0'; k++) {
        const char key[] = { 'k', *k, '\0' };

        g_assert_true(put(store, key, t));
    }
    put_the_rest(store, "k1");
    g_assert_false(cs_store_load(store, &all, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT); /* not arranged */
    g_clear_error(&error);
    arrange(store);
    cs_store_load(store, &all, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(all.n, ==, 2);
    assert_same_run(&all.run);
    g_assert_cmpstr(all.item[0].measures.coating, ==, "thick");
    g_assert_cmpuint(all.item[0].fits.n, ==, 0);
    assert_same_about(&all.item[1], t);
    assert_same_rest(&all.item[1]);
    g_assert_cmpuint(all.item[1].measures.n, ==, t->drawn.measures.n);
}

/* What was made another way is made again, and nothing else. */
static void
knows_how_things_were_made(Fixture *t, gconstpointer unused)
{
    g_autoptr(CsStore) store = cs_store_open(t->dir, false, NULL);
    g_auto(CsFits) fits = CS_FITS_INIT;
    bool found = true;

    (void) unused;
    g_assert_true(put(store, "k", t));
    g_assert_true(cs_store_get_fits(store, "k", "Si", &fits, &found, NULL));
    g_assert_false(found);
    put_the_rest(store, "k");
    g_assert_true(cs_store_get_fits(store, "k", "Ge", &fits, &found, NULL));
    g_assert_false(found);
    g_assert_true(cs_store_get_fits(store, "k", "Si", &fits, &found, NULL));
    g_assert_true(found);
    g_assert_cmpuint(fits.n, ==, 1);
    g_assert_true(cs_store_has_pictures(store, "k", "25", &found, NULL));
    g_assert_true(found);
    g_assert_true(cs_store_has_pictures(store, "k", "4", &found, NULL));
    g_assert_false(found);
}

static void
damage_of_the_whole_is_one_error(Fixture *t, gconstpointer unused)
{
    static const char *const harm[] = {
        "UPDATE pictures SET frame = 30",
        "UPDATE pictures SET frame = 3, width_px = -1",
        "UPDATE pictures SET width_px = 4; DELETE FROM clock WHERE row = 3",
        "UPDATE recordings SET scale_source = 9",
        "UPDATE recordings SET scale_source = 0, format = NULL",
        "UPDATE recordings SET format = '', width = -1",
        "UPDATE recordings SET width = 1; UPDATE inputs SET sha256 = NULL",
        "UPDATE run SET value = 'x' WHERE name = 'date_unix_s'",
        "UPDATE run SET value = '1e300' WHERE name = 'date_unix_s'",
        "UPDATE run SET value = '1' WHERE name = 'date_unix_s'; "
        "UPDATE run SET value = '-1' WHERE name = 'seed'",
        "UPDATE run SET value = '1' WHERE name = 'seed'; "
        "DELETE FROM run WHERE name = 'setting' AND row = 1",
        "DROP TABLE notes",
    };
    g_autofree char *path = g_build_filename(t->dir, "results.db", NULL);
    g_autoptr(CsStore) store = cs_store_open(t->dir, false, NULL);
    sqlite3 *db;

    (void) unused;
    g_assert_true(put(store, "k1", t));
    g_assert_true(put(store, "k2", t));
    put_the_rest(store, "k1");
    arrange(store);
    for (size_t i = 0; i < G_N_ELEMENTS(harm); i++) {
        g_auto(CsKeptAll) all = CS_KEPT_ALL_INIT;
        g_autoptr(GError) error = NULL;

        g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
        g_assert_cmpint(sqlite3_exec(db, harm[i], NULL, NULL, NULL), ==,
                        SQLITE_OK);
        sqlite3_close(db);
        g_assert_false(cs_store_load(store, &all, &error));
        g_assert_nonnull(error);
        g_assert_nonnull(strstr(error->message, path));
        g_assert_cmpuint(all.n, ==, 0);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test)                                                             \
    g_test_add("/store/" #test, Fixture, NULL, set_up, test, tear_down)
    ADD(gives_back_what_was_put);
    ADD(has_one_writer);
    ADD(is_whole_after_a_kill);
    ADD(damage_is_one_error);
    ADD(leaves_other_databases_alone);
    ADD(loads_all_that_was_arranged);
    ADD(knows_how_things_were_made);
    ADD(damage_of_the_whole_is_one_error);
    return g_test_run();
}
