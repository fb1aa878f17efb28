/* The simulated stage: where needle and particle are, whether they touch, what
 * the camera sees.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/bench_stage.h"

#include <math.h>

#include "coatscope/error.h"
#include "lab/bench_scene.h"

enum { MAX_MOVES = 256, N_PLAYS = 3 };

/* The needle sticks to the particle over this way back. */
static const double stick_nm = 15;
/* A piezo's hysteresis as play operators (Prandtl and Ishlinskii): how far it
 * must turn back before a part of the way follows. */
static const double play_nm[N_PLAYS] = { 20, 100, 400 };
static const double play_share[N_PLAYS] = { 0.04, 0.03, 0.03 };

typedef struct {
    double time_s, by_nm;
} Move;

/* One axis of the piezo. */
typedef struct {
    double   told_nm, play[N_PLAYS];
    unsigned n;
    Move     move[MAX_MOVES];
} Piezo;

struct CsStageBench {
    CsStageScene *scene;
    CsStageBenchSetting setting;
    CsLabClock *clock;
    GRand   *random;
    double   start_s, last_s;
    double   slider[CS_N_AXES];  /* of the needle's end, nm from the particle */
    Piezo    piezo[CS_N_AXES];
    double   grid_z, needle_z0;  /* above the tilt axis */
    double   drift[2], slip[2];  /* of the grid; of the needle on it */
    double   heading, slip_heading;
    bool     jumped, touches, touched;
    double   touch[2], pushed[2]; /* needle's place at touch; particle's way */
    double   snap_nm;
    double   tilt_deg, wander[2];
    double   overtravel_nm, least_gap_nm;
    guint64  noise;
};

/* ---- Where things are ---------------------------------------------------- */

static double
piezo_at(const CsStageBench *b, CsMotionAxis axis, double now_s)
{
    const Piezo *p = &b->piezo[axis];
    double at = 0.9 * p->told_nm;

    for (int i = 0; i < N_PLAYS; i++)
        at += play_share[i] * p->play[i];
    for (unsigned i = 0; i < p->n; i++)
        at += b->setting.creep * p->move[i].by_nm
              * log10(1 + MAX(now_s - p->move[i].time_s, 0) / 0.1);
    return at;
}

/* The needle's end in nm from where the particle's centre was, on the grid. */
static void
needle_at(const CsStageBench *b, double now_s, double at[CS_N_AXES])
{
    for (int i = 0; i < CS_N_AXES; i++)
        at[i] = b->slider[i] + piezo_at(b, (CsMotionAxis) i, now_s);
    at[0] += b->slip[0];
    at[1] += b->slip[1];
}

/* Between the surfaces; the needle's end is a ball that ends at `at`. */
static double
gap_of(const CsStageBench *b, const double at[CS_N_AXES])
{
    double x = at[0] - b->scene->tip_nm - b->pushed[0],
           y = at[1] - b->pushed[1], z = at[2] + b->needle_z0 - b->grid_z;

    return sqrt(x * x + y * y + z * z) - b->scene->tip_nm
           - b->scene->particle_nm;
}

/* ---- What time does ------------------------------------------------------ */

static double
normal(GRand *random)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += g_rand_double(random);
    return sum;
}

static void
drift_on(CsStageBench *b, double dt)
{
    const CsStageBenchSetting *s = &b->setting;
    double speed = s->drift_nm_per_s * dt, walk = 0.05 * sqrt(dt);

    b->drift[0] += speed * cos(b->heading) + walk * normal(b->random);
    b->drift[1] += speed * sin(b->heading) + walk * normal(b->random);
    if (!b->touches) {
        b->slip[0] += 0.3 * speed * cos(b->slip_heading);
        b->slip[1] += 0.3 * speed * sin(b->slip_heading);
    }
    if (!b->jumped && b->last_s - b->start_s >= s->jump_at_s) {
        b->jumped = true;
        b->drift[0] += s->jump_nm;
    }
}

static void
come_together(CsStageBench *b, const double at[CS_N_AXES], double gap_nm)
{
    b->touches = b->touched = true;
    /* where the surfaces met, on the way that ended gap_nm too far */
    b->touch[0] = at[0] + gap_nm;
    b->touch[1] = at[1];
}

static void
hold_together(CsStageBench *b, const double at[CS_N_AXES])
{
    double way[2] = { at[0] - b->touch[0], at[1] - b->touch[1] };

    b->overtravel_nm = MAX(b->overtravel_nm, way[0]);
    if (way[0] < -stick_nm || fabs(way[1]) > 60) {
        b->touches = false;
        return;
    }
    b->pushed[0] = b->setting.coupling * way[0] - b->snap_nm;
    b->pushed[1] = b->setting.coupling * way[1];
}

/* Brings everything to now. */
static void
advance(CsStageBench *b)
{
    double now_s = cs_lab_clock_now(b->clock), at[CS_N_AXES], gap;

    if (now_s > b->last_s)
        drift_on(b, now_s - b->last_s);
    b->last_s = MAX(now_s, b->last_s);
    needle_at(b, b->last_s, at);
    gap = gap_of(b, at);
    if (!b->touches && gap <= 0)
        come_together(b, at, gap);
    if (b->touches)
        hold_together(b, at);
    b->least_gap_nm = MIN(b->least_gap_nm, gap);
}

/* ---- Moves ---------------------------------------------------------------- */

void
cs_stage_bench_coarse(CsStageBench *b, CsMotionAxis axis, int steps)
{
    const CsStageBenchSetting *s = &b->setting;
    int n = ABS(steps);

    for (int i = 0; i < n; i++) {
        double way = s->step_nm
                     * CLAMP(1 + s->step_spread * normal(b->random),
                             1 - 2.5 * s->step_spread,
                             1 + 2.5 * s->step_spread);

        /* backwards it goes further than forwards */
        b->slider[axis] += steps > 0 ? way : -1.2 * way;
        advance(b);
    }
}

void
cs_stage_bench_fine(CsStageBench *b, CsMotionAxis axis, double to_nm)
{
    Piezo *p = &b->piezo[axis];

    advance(b);
    if (p->n == MAX_MOVES) { /* what is long ago has crept all it will */
        for (unsigned i = 1; i < p->n; i++)
            p->move[i - 1] = p->move[i];
        p->n--;
    }
    p->move[p->n++] = (Move) { b->last_s, to_nm - p->told_nm };
    p->told_nm = to_nm;
    for (int i = 0; i < N_PLAYS; i++)
        p->play[i] = CLAMP(p->play[i], to_nm - play_nm[i], to_nm + play_nm[i]);
    advance(b);
}

void
cs_stage_bench_tilt(CsStageBench *b, double to_deg)
{
    advance(b);
    b->tilt_deg = to_deg;
    for (int i = 0; i < 2; i++)
        b->wander[i] = b->setting.axis_wander_nm * normal(b->random);
}

void
cs_stage_bench_height(CsStageBench *b, double by_nm)
{
    advance(b);
    b->grid_z += by_nm;
    b->needle_z0 += by_nm;
}

void
cs_stage_bench_retract(CsStageBench *b)
{
    for (int i = 0; i < CS_N_AXES; i++)
        cs_stage_bench_fine(b, (CsMotionAxis) i, 0);
    cs_stage_bench_coarse(b, CS_AXIS_X, -40);
    b->tilt_deg = 0;
    advance(b);
}

/* ---- What is seen --------------------------------------------------------- */

/* Four of 16 bits each: near enough to normal for shot noise. */
static float
noise(guint64 *state)
{
    guint64 x = *state;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return ((float) (x & 0xffff) + (float) (x >> 16 & 0xffff)
            + (float) (x >> 32 & 0xffff) + (float) (x >> 48) - 131070.0f)
           * (1.7320508f / 65536);
}

/* Where a layer is looked at for a pixel of the view. */
typedef struct {
    const CsImage *image;
    double dx, dy, y0, stretch;
} Layer;

static Layer
layer(const CsStageBench *b, const CsSceneView *v, const CsImage *image,
      double x_nm, double y_nm, double z_nm)
{
    double angle = b->tilt_deg * G_PI / 180;
    double x = x_nm + b->wander[0] * (b->tilt_deg != 0),
           y = y_nm + b->wander[1] * (b->tilt_deg != 0) + z_nm * sin(angle);

    return (Layer) {
        .image = image,
        .dx = (double) v->margin - x / v->nm_per_px,
        .y0 = (double) v->height / 2 + y / v->nm_per_px,
        .dy = (double) v->margin + (double) v->height / 2,
        .stretch = cos(angle),
    };
}

static float
look(const Layer *l, double x, double y)
{
    return cs_image_at(l->image, x + l->dx, (y - l->y0) / l->stretch + l->dy);
}

static bool
snap(CsStageBench *b, const CsSceneView *v, CsImage *image, GError **error)
{
    double at[CS_N_AXES], dose, tip_nm;
    Layer carbon, particle, needle;

    cs_lab_clock_wait(b->clock, 1, NULL, NULL); /* the exposure */
    advance(b);
    if (!cs_image_resize(image, v->width, v->height, error))
        return false;
    needle_at(b, b->last_s, at);
    tip_nm = (v->tip_x_px - v->target_x_px) * v->nm_per_px;
    dose = b->setting.rate_e_per_A2_s * 100 * v->nm_per_px * v->nm_per_px;
    carbon = layer(b, v, &v->carbon, b->drift[0], b->drift[1], b->grid_z);
    particle = layer(b, v, &v->particle, b->drift[0] + b->pushed[0],
                     b->drift[1] + b->pushed[1], b->grid_z);
    needle = layer(b, v, &v->needle, b->drift[0] + at[0] - tip_nm,
                   b->drift[1] + at[1], b->needle_z0 + at[2]);
    for (size_t j = 0; j < v->height; j++)
        for (size_t i = 0; i < v->width; i++) {
            double x = (double) i + 0.5, y = (double) j + 0.5;
            float p = look(&particle, x, y), n;

            if (b->touches) /* charge leaves it: a little darker */
                p *= 0.97f + 0.03f * p;
            n = (float) dose * look(&carbon, x, y) * p * look(&needle, x, y);
            image->px[j * v->width + i]
                = MAX(n + sqrtf(n) * noise(&b->noise), 0);
        }
    return true;
}

static bool
snap_near(void *user, CsImage *image, GError **error)
{
    CsStageBench *b = user;

    return snap(b, &b->scene->near_view, image, error);
}

static bool
snap_wide(void *user, CsImage *image, GError **error)
{
    CsStageBench *b = user;

    return snap(b, &b->scene->wide_view, image, error);
}

static bool
wait_a_while(void *user, double seconds, GError **error)
{
    CsStageBench *b = user;

    if (!cs_lab_clock_wait(b->clock, seconds, NULL, error))
        return false;
    advance(b);
    return true;
}

static bool
feel_current(void *user, double *current_A, GError **error)
{
    CsStageBench *b = user;

    (void) error;
    advance(b);
    *current_A = b->setting.noise_A * normal(b->random)
                 + (b->touches ? b->setting.contact_A : 0);
    return true;
}

CsEyes
cs_stage_bench_eyes(CsStageBench *b, bool is_wide)
{
    return (CsEyes) {
        .snap = is_wide ? snap_wide : snap_near,
        .wait = wait_a_while, .current = feel_current, .user = b,
        .nm_per_px = is_wide ? b->scene->wide_view.nm_per_px
                             : b->scene->near_view.nm_per_px,
    };
}

/* ---- Beginning, end, truth ------------------------------------------------ */

CsStageBench *
cs_stage_bench_new(CsStageScene *scene, const CsStageBenchSetting *s,
                   CsLabClock *clock)
{
    CsStageBench *b = g_new0(CsStageBench, 1);

    b->scene = cs_stage_scene_ref(scene);
    b->setting = *s;
    b->clock = clock;
    b->random = g_rand_new_with_seed(s->seed);
    b->noise = 0x9e3779b97f4a7c15u * (s->seed + 1u) | 1u;
    b->start_s = b->last_s = cs_lab_clock_now(clock);
    b->slider[CS_AXIS_X] = -scene->particle_nm - s->start_gap_nm;
    b->slider[CS_AXIS_Y] = s->start_side_nm;
    b->grid_z = s->grid_height_nm;
    b->needle_z0 = s->needle_height_nm;
    b->heading = 2 * G_PI * g_rand_double(b->random);
    b->slip_heading = 2 * G_PI * g_rand_double(b->random);
    b->snap_nm = 1.5 + 2 * g_rand_double(b->random);
    b->least_gap_nm = INFINITY;
    return b;
}

void
cs_stage_bench_free(CsStageBench *b)
{
    if (b == NULL)
        return;
    cs_stage_scene_unref(b->scene);
    g_rand_free(b->random);
    g_free(b);
}

void
cs_stage_bench_set_rate(CsStageBench *b, double rate_e_per_A2_s)
{
    b->setting.rate_e_per_A2_s = rate_e_per_A2_s;
}

const CsStageBenchSetting *
cs_stage_bench_setting(const CsStageBench *b)
{
    return &b->setting;
}

CsStageTruth
cs_stage_bench_truth(CsStageBench *b)
{
    const CsSceneView *v = &b->scene->near_view;
    double at[CS_N_AXES];

    advance(b);
    needle_at(b, b->last_s, at);
    return (CsStageTruth) {
        .touches = b->touches, .touched = b->touched,
        .gap_nm = gap_of(b, at), .overtravel_nm = b->overtravel_nm,
        .grid_height_nm = b->grid_z,
        .needle_height_nm = b->needle_z0 + at[2],
        .target_x_px = v->target_x_px - (double) v->margin
                       + (b->drift[0] + b->pushed[0]) / v->nm_per_px,
        .target_y_px = v->target_y_px - (double) v->margin
                       + (b->drift[1] + b->pushed[1]) / v->nm_per_px,
    };
}
