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
    t->stored = (CsStored) { &t->drawn.seeds, &t->drawn.shifts,
                             &t->drawn.outlines, &t->drawn.measures };
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
    const CsStored got = { &seeds, &shifts, &outlines, &measures };
    g_autoptr(GError) error = NULL;
    bool found = false;

    cs_store_get(store, key, &got, &found, &error);
    g_assert_no_error(error);
    if (found)
        assert_same_stored(expected, &got);
    return found;
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
        g_assert_true(cs_store_put(store, "k1", &t->stored, NULL));
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
        cs_store_put(store, key, &t->stored, NULL);
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
    const CsStored got = { &seeds, &shifts, &outlines, &measures };
    static const char *const harm[] = {
        "UPDATE measures SET state = 77 WHERE row = 3",
        "UPDATE measures SET state = 1; DELETE FROM outlines WHERE row = 5",
        "UPDATE recordings SET n_particles = 99999999",
        "UPDATE recordings SET n_particles = -1",
    };
    sqlite3 *db;
    bool found;

    (void) unused;
    g_assert_true(cs_store_put(store, "k", &t->stored, NULL));
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
    return g_test_run();
}
