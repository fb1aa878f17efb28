/* A Kalman filter there and a smoother back, for place and speed. x and y have
 * the same variances, so that one covariance does for both.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/smooth.h"

#include <math.h>

#include "core/alloc.h"

/* A step that is that many sd from what is expected is none of a walk. */
#define JUMP_SD 6.0

/* As many tell how drift goes. */
enum { MANY_STEPS = 4096 };

/* What is not known at first. */
#define FAR 1e4

typedef struct {
    double x[2], v[2];    /* place and speed along both axes */
    double xx, xv, vv;    /* their covariance */
} State;

typedef struct {
    State before; /* expected of the step */
    State after;  /* with the step's own measurement */
} Node;

/* How far errors are larger than said, in variances: what made them scatter
 * more than parts of a frame do is seen between frames only. And variances a
 * step. */
typedef struct {
    double error; /* at least 1 */
    double walk;
    double turn; /* of the speed */
} Model;

static void
expect(const State *s, const Model *m, State *next)
{
    for (int k = 0; k < 2; k++) {
        next->x[k] = s->x[k] + s->v[k];
        next->v[k] = s->v[k];
    }
    next->xx = s->xx + 2 * s->xv + s->vv + m->walk + m->turn / 3;
    next->xv = s->xv + s->vv + m->turn / 2;
    next->vv = s->vv + m->turn;
}

static void
correct(State *s, const CsDriftStep *step, const Model *m)
{
    double all = s->xx + m->error * step->sd * step->sd;
    double gain_x = s->xx / all, gain_v = s->xv / all;
    const double at[2] = { step->x, step->y };

    for (int k = 0; k < 2; k++) {
        double off = at[k] - s->x[k];

        s->x[k] += gain_x * off;
        s->v[k] += gain_v * off;
    }
    s->vv -= gain_v * s->xv;
    s->xv -= gain_v * s->xx;
    s->xx -= gain_x * s->xx;
}

/* Squared distance of the step from what is expected, in variances. */
static double
surprise(const State *s, const CsDriftStep *step, const Model *m)
{
    return (pow(step->x - s->x[0], 2) + pow(step->y - s->x[1], 2))
           / (s->xx + m->error * step->sd * step->sd);
}

/* Filters all; -2 log likelihood, in which no step counts more than one at the
 * edge of a jump. node may be NULL. */
static double
filter(CsDriftStep *steps, size_t n, const Model *m, double least_jump,
       Node *node)
{
    State s = { .xx = FAR * FAR, .vv = 1 };
    double unlikely = 0;

    for (size_t k = 0; k < n; k++) {
        double far;

        if (k > 0) {
            State next;

            expect(&s, m, &next);
            s = next;
        }
        steps[k].jump = false;
        if (isfinite(steps[k].sd)) {
            far = surprise(&s, &steps[k], m);
            if (s.xx < FAR * FAR / 4)
                unlikely += fmin(far, JUMP_SD * JUMP_SD)
                            + 2 * log(s.xx + m->error * steps[k].sd
                                              * steps[k].sd);
            if (far > JUMP_SD * JUMP_SD
                && hypot(steps[k].x - s.x[0], steps[k].y - s.x[1])
                       > least_jump) {
                steps[k].jump = true;
                s.xx += FAR * FAR;
            }
        }
        if (node != NULL)
            node[k].before = s;
        if (isfinite(steps[k].sd))
            correct(&s, &steps[k], m);
        if (node != NULL)
            node[k].after = s;
    }
    return unlikely;
}

/* The mean variance of a measurement that is known. */
static double
usual_variance(const CsDriftStep *steps, size_t n)
{
    double sum = 0;
    size_t known = 0;

    for (size_t k = 0; k < n; k++)
        if (isfinite(steps[k].sd)) {
            sum += steps[k].sd * steps[k].sd;
            known++;
        }
    return known > 0 ? fmax(sum / (double) known, 1e-12) : 1;
}

/* The likeliest of a grid of models, in units of the usual measurement. A long
 * series is told by its beginning. */
static Model
choose_model(CsDriftStep *steps, size_t n, double least_jump)
{
    Model best = { 1, 1, 0 };
    double least = INFINITY, unit = usual_variance(steps, n);

    n = MIN(n, (size_t) MANY_STEPS);
    for (int error = 0; error < 4; error++)
        for (int walk = -4; walk <= 8; walk += 2)
            for (int turn = -12; turn <= 0; turn += 3) {
                Model m = { pow(2, 0.5 * error), unit * pow(2, walk),
                            unit * pow(2, turn) };
                double unlikely = filter(steps, n, &m, least_jump, NULL);

                if (unlikely < least) {
                    least = unlikely;
                    best = m;
                }
            }
    return best;
}

/* s: the smoothed state of the next step, becomes that of this one. */
static void
step_back(const State *after, const State *before_next, State *s)
{
    /* covariance of this state and the next: after * transition transposed */
    double a = after->xx + after->xv, b = after->xv;
    double c = after->xv + after->vv, d = after->vv;
    double det = before_next->xx * before_next->vv
                 - before_next->xv * before_next->xv;
    double g[2][2], p[3];
    State out = *after;

    if (!(det > 0))
        return;
    g[0][0] = (a * before_next->vv - b * before_next->xv) / det;
    g[0][1] = (b * before_next->xx - a * before_next->xv) / det;
    g[1][0] = (c * before_next->vv - d * before_next->xv) / det;
    g[1][1] = (d * before_next->xx - c * before_next->xv) / det;
    for (int k = 0; k < 2; k++) {
        double x = s->x[k] - before_next->x[k], v = s->v[k] - before_next->v[k];

        out.x[k] += g[0][0] * x + g[0][1] * v;
        out.v[k] += g[1][0] * x + g[1][1] * v;
    }
    p[0] = s->xx - before_next->xx;
    p[1] = s->xv - before_next->xv;
    p[2] = s->vv - before_next->vv;
    out.xx += g[0][0] * (g[0][0] * p[0] + g[0][1] * p[1])
              + g[0][1] * (g[0][0] * p[1] + g[0][1] * p[2]);
    out.xv += g[1][0] * (g[0][0] * p[0] + g[0][1] * p[1])
              + g[1][1] * (g[0][0] * p[1] + g[0][1] * p[2]);
    out.vv += g[1][0] * (g[1][0] * p[0] + g[1][1] * p[1])
              + g[1][1] * (g[1][0] * p[1] + g[1][1] * p[2]);
    *s = out;
}

bool
cs_drift_smooth(CsDriftStep *steps, size_t n, double least_jump,
                GError **error)
{
    g_autofree Node *node = cs_try_alloc(n, sizeof *node, "drift", error);
    Model model;
    State s;

    if (node == NULL)
        return false;
    if (n == 0)
        return true;
    model = choose_model(steps, n, least_jump);
    filter(steps, n, &model, least_jump, node);
    s = node[n - 1].after;
    for (size_t k = n; k-- > 0;) {
        if (k + 1 < n)
            step_back(&node[k].after, &node[k + 1].before, &s);
        if (!isfinite(steps[k].sd))
            continue;
        steps[k].x = s.x[0];
        steps[k].y = s.x[1];
        steps[k].sd = sqrt(fmax(s.xx, 0));
    }
    return true;
}
