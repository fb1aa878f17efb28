/* Bodies: shapes, swelling, coats that thin, breakage.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/body.h"

#include <math.h>
#include <string.h>

#include "coatscope/materials.h"
#include "simulator/random.h"

enum { N = CS_BODY_ANGLES };

static const double RIM_SOFT_NM = 1.5; /* how sharply a torn rim ends */

static double
angle_of(size_t k)
{
    return 2 * G_PI * (double) k / N;
}

/* Half the integral of the square: exact to rounding for smooth r. */
static double
area_of(const double *r)
{
    double sum = 0;

    for (size_t k = 0; k < N; k++)
        sum += r[k] * r[k];
    return sum * G_PI / N;
}

static double
wrapped(double angle)
{
    return remainder(angle, 2 * G_PI);
}

/* ---- Shape at first --------------------------------------------------- */

/* 1 plus harmonics first … last of random phase, of that relative rms. */
static void
fill_pattern(double *pattern, int first, int last, double rms, uint64_t seed)
{
    CsRandom random;
    double power = 0;

    for (size_t k = 0; k < N; k++)
        pattern[k] = 0;
    cs_random_seed(&random, seed, 11, (uint64_t) first);
    for (int m = first; m <= last; m++) {
        double size = cs_random_gauss(&random) / pow(m, 1.5);
        double phase = 2 * G_PI * cs_random_uniform(&random);

        power += size * size / 2;
        for (size_t k = 0; k < N; k++)
            pattern[k] += size * cos(m * angle_of(k) + phase);
    }
    for (size_t k = 0; k < N; k++)
        pattern[k] = MAX(1 + pattern[k] * rms / sqrt(power), 0.2);
}

static void
shape_core(CsBody *body, uint64_t seed)
{
    const CsParticleRecipe *p = &body->recipe;
    double radius = p->diameter_nm / 2, tilt = p->angle_deg * G_PI / 180;
    double a = radius * sqrt(p->aspect), b = radius / sqrt(p->aspect);
    double scale;

    fill_pattern(body->core0_nm, 3, 8, p->roughness, seed);
    for (size_t k = 0; k < N; k++) {
        double c = cos(angle_of(k) - tilt), s = sin(angle_of(k) - tilt);

        body->core0_nm[k] *= a * b / hypot(b * c, a * s);
    }
    scale = radius * sqrt(G_PI / area_of(body->core0_nm));
    for (size_t k = 0; k < N; k++)
        body->core0_nm[k] *= scale;
    body->half0_nm = radius;
}

/* ---- Layers ----------------------------------------------------------- */

/* Area of r + d * pattern as area + d * linear + d^2 * square. */
typedef struct {
    double area, linear, square;
} Growing;

static Growing
growing(const double *r, const double *pattern)
{
    Growing g = { .area = area_of(r), .square = area_of(pattern) };

    for (size_t k = 0; k < N; k++)
        g.linear += r[k] * pattern[k] * 2 * G_PI / N;
    return g;
}

static double
shell_volume(const Growing *g, double half, double d)
{
    double outer = (half + d) * (g->area + d * (g->linear + d * g->square));

    return 4 / 3.0 * (outer - half * g->area);
}

/* The thickness that gives a shell that volume (Newton; it is convex). */
static double
thickness_for(const Growing *g, double half, double volume)
{
    double d = volume / (4 / 3.0 * (g->area + half * g->linear));

    for (int i = 0; i < 50; i++) {
        double slope = 4 / 3.0
                       * (g->area + d * (g->linear + d * g->square)
                          + (half + d) * (g->linear + 2 * d * g->square));
        double change = (shell_volume(g, half, d) - volume) / slope;

        d -= change;
        if (fabs(change) < 1e-12)
            break;
    }
    return d;
}

static void
add_layer(CsBody *body, const char *material, double thickness_nm,
          double take, double *r, double *half, uint64_t seed)
{
    const CsCoatMaterial *coat = cs_coat_material_named(material);
    size_t i = body->n_layers;
    Growing g;

    if (thickness_nm <= 0 || coat == NULL)
        return;
    fill_pattern(body->pattern[i], 1, 6, body->recipe.thickness_spread, seed);
    g = growing(r, body->pattern[i]);
    body->contrast.layer[i] = take;
    body->layer0_nm[i] = thickness_nm;
    body->layer_volume0_nm3[i] = shell_volume(&g, *half, thickness_nm);
    body->layer_swelling[i] = coat->swelling;
    for (size_t k = 0; k < N; k++)
        r[k] += thickness_nm * body->pattern[i][k];
    *half += thickness_nm;
    body->n_layers++;
}

static void
add_layers(CsBody *body, const CsBodyContrast *contrast, uint64_t seed)
{
    const CsParticleRecipe *p = &body->recipe;
    double r[N], half = body->half0_nm;

    memcpy(r, body->core0_nm, sizeof r);
    add_layer(body, "SiO2", p->oxide_nm, contrast->layer[0], r, &half,
              seed + 1);
    add_layer(body, p->coat, p->thickness_nm, contrast->layer[1], r, &half,
              seed + 2);
    add_layer(body, p->coat2, p->thickness2_nm, contrast->layer[2], r, &half,
              seed + 3);
}

/* ---- State ------------------------------------------------------------ */

/* Time that counts for growth: slower or faster after the break, none after
 * contact is lost. */
static double
growth_time(const CsBody *body, double time_s)
{
    double s = MIN(time_s, body->halt_s);

    if (s > body->break_s)
        s = body->break_s
            + (s - body->break_s) * body->recipe.rate_after_break;
    return s - body->recipe.onset_s;
}

static double
share_at(const CsBody *body, double time_s, double lag_s)
{
    const CsParticleRecipe *p = &body->recipe;
    CsGrowth out = body->growth;
    double in, gone, peak;

    in = MIN(cs_growth_share(&body->growth,
                             growth_time(body, time_s) - lag_s),
             p->conversion);
    if (isnan(p->extract_s) || time_s <= p->extract_s + lag_s)
        return in;
    peak = MIN(cs_growth_share(&body->growth,
                               growth_time(body, p->extract_s)),
               p->conversion);
    out.tau_s = p->tau_out_s;
    if (out.law == CS_LAW_STRESS || out.law == CS_LAW_SERIES)
        out.law = CS_LAW_RC;
    gone = cs_growth_share(&out, time_s - p->extract_s - lag_s);
    return peak - MAX(peak - p->remaining, 0) * gone;
}

/* Fresh core and core surfaces; returns the mean volume ratio. */
static void
swell_core(const CsBody *body, double time_s, CsBodyState *state)
{
    const CsParticleRecipe *p = &body->recipe;
    double sum = 0, weights = 0, same = share_at(body, time_s, 0), volume;
    double fresh = 1, swollen = 1;

    for (size_t k = 0; k < N; k++) {
        double away = (1 - cos(angle_of(k) - body->contact_angle)) / 2;
        double share = p->front_lag_s > 0
                           ? share_at(body, time_s, p->front_lag_s * away)
                           : same;
        double weight = body->core0_nm[k] * body->core0_nm[k];

        if (k == 0 || p->front_lag_s > 0) {
            fresh = cbrt(1 - share);
            swollen = pow(1 + (body->z - 1) * share,
                          1 / (2 * p->swelling_exponent));
        }
        state->r_nm[0][k] = body->core0_nm[k] * fresh;
        state->r_nm[1][k] = body->core0_nm[k] * swollen;
        sum += weight * share;
        weights += weight;
    }
    state->share = sum / weights;
    volume = 1 + (body->z - 1) * state->share;
    state->half_nm[0] = body->half0_nm * cbrt(1 - state->share);
    state->half_nm[1] = body->half0_nm * volume * area_of(body->core0_nm)
                        / area_of(state->r_nm[1]);
}

static void
swell_layers(const CsBody *body, CsBodyState *state)
{
    state->n_surfaces = 2 + body->n_layers;
    for (size_t i = 0; i < body->n_layers; i++) {
        const double *inner = state->r_nm[i + 1];
        double *outer = state->r_nm[i + 2];
        double half = state->half_nm[i + 1];
        double swelling = 1 + (body->layer_swelling[i] - 1) * state->share;
        Growing g = growing(inner, body->pattern[i]);
        double d = thickness_for(&g, half,
                                 body->layer_volume0_nm3[i] * swelling);

        for (size_t k = 0; k < N; k++)
            outer[k] = inner[k] + d * body->pattern[i][k];
        state->half_nm[i + 2] = half + d;
    }
}

/* 1 inside the gap, 0 outside, soft over the torn rim. */
static double
openness(double away, double half_gap, double soft)
{
    double u = CLAMP((half_gap + soft - fabs(away)) / (2 * soft), 0, 1);

    return u * u * (3 - 2 * u);
}

/* Layers vanish in the gap and the core bulges through. */
static void
tear(const CsBody *body, double time_s, CsBodyState *state)
{
    const CsParticleRecipe *p = &body->recipe;
    double centre = p->break_angle_deg * G_PI / 180;
    double radius = sqrt(area_of(state->r_nm[1]) / G_PI);
    double gap = MIN(p->gap_nm, (time_s - body->break_s) * p->gap_nm_per_s);
    double half = gap / (2 * radius), soft = RIM_SOFT_NM / radius;

    if (time_s < body->break_s || body->n_layers == 0 || gap <= 0)
        return;
    state->gap_nm = gap;
    state->gap_fraction = MIN(gap / (2 * G_PI * radius), 1);
    for (size_t k = 0; k < N; k++) {
        double away = wrapped(angle_of(k) - centre);
        double open = openness(away, half, soft);
        double wide = CLAMP(fabs(away) / (1.4 * half + soft), 0, 1);
        double bulge = p->bulge_nm * gap / MAX(p->gap_nm, 1e-9)
                       * pow(cos(G_PI / 2 * wide), 2);
        double core = state->r_nm[1][k];

        state->r_nm[1][k] += bulge;
        for (size_t i = 2; i < state->n_surfaces; i++) {
            double whole = state->r_nm[i][k] - core;

            state->r_nm[i][k] = state->r_nm[1][k]
                                + MAX(whole * (1 - open), 0);
        }
    }
}

static void
finish(const CsBody *body, CsBodyState *state)
{
    const CsParticleRecipe *p = &body->recipe;
    const double *outer = state->r_nm[state->n_surfaces - 1];
    const CsBodyContrast *c = &body->contrast;
    double omega = 1 + (body->z - 1) * state->share;

    state->take[0] = c->host;
    state->take[1] = c->product;
    for (size_t i = 0; i < body->n_layers; i++)
        state->take[2 + i] = c->layer[i];
    state->crystal = p->diffraction;
    if (!p->sharp_front) {
        state->take[1] = (c->host * (1 - state->share)
                          + c->product * body->z * state->share) / omega;
        state->half_nm[0] = 0;
        for (size_t k = 0; k < N; k++)
            state->r_nm[0][k] = 0;
    }
    for (size_t i = 0; i < state->n_surfaces; i++)
        state->r_nm[i][N] = state->r_nm[i][0];
    state->core_area_nm2 = area_of(state->r_nm[1]);
    state->area_nm2 = area_of(outer);
    for (size_t k = 0; k < N; k++)
        state->coat_nm += (outer[k] - state->r_nm[1][k]) / N;
}

void
cs_body_at(const CsBody *body, double time_s, CsBodyState *state)
{
    state->coat_nm = state->gap_nm = state->gap_fraction = 0;
    swell_core(body, time_s, state);
    swell_layers(body, state);
    tear(body, time_s, state);
    finish(body, state);
}

double
cs_body_radius(const CsBodyState *state, size_t surface, double theta)
{
    double at = theta * (N / (2 * G_PI));
    double turn = at < 0 ? at + N : at;
    size_t k;

    turn -= turn >= N ? N : 0;
    k = (size_t) turn;
    turn -= (double) k;
    return (1 - turn) * state->r_nm[surface][k]
           + turn * state->r_nm[surface][k + 1];
}

/* ---- Breakage --------------------------------------------------------- */

/* SCIENCE 4.3: a channel crack runs when the hoop stress, at most the flow
 * stress, reaches K / sqrt(Z h); Z = 1.976 for matched stiffness. */
static bool
is_overstrained(const CsBody *body, double strain)
{
    const CsParticleRecipe *p = &body->recipe;
    const CsCoatMaterial *coat = cs_coat_material_named(p->coat);
    double toughness, stress_GPa, limit_GPa;

    if (coat == NULL || p->thickness_nm <= 0)
        return false;
    toughness = isnan(p->toughness_MPa_m05) ? coat->toughness_MPa_m05
                                            : p->toughness_MPa_m05;
    stress_GPa = coat->young_GPa / (1 - coat->poisson) * strain;
    if (!isnan(p->flow_GPa))
        stress_GPa = MIN(stress_GPa, p->flow_GPa);
    limit_GPa = toughness * 1e-3 / sqrt(1.976 * p->thickness_nm * 1e-9);
    return stress_GPa >= limit_GPa;
}

static double
hoop_strain(const CsBody *body, double time_s, CsBodyState *state)
{
    cs_body_at(body, time_s, state);
    return sqrt(state->core_area_nm2 / area_of(body->core0_nm)) - 1;
}

/* The first moment of too much strain, by halving. */
static double
find_break(CsBody *body, double until_s)
{
    g_autofree CsBodyState *state = g_new0(CsBodyState, 1);
    double low = 0, high = until_s;

    body->break_s = INFINITY;
    if (!is_overstrained(body, hoop_strain(body, until_s, state)))
        return INFINITY;
    for (int i = 0; i < 50; i++) {
        double mid = (low + high) / 2;

        if (is_overstrained(body, hoop_strain(body, mid, state)))
            high = mid;
        else
            low = mid;
    }
    return high;
}

/* ---- Init ------------------------------------------------------------- */

void
cs_body_init(CsBody *body, const CsParticleRecipe *recipe,
             const CsBodyContrast *contrast, double needle_angle,
             double halt_s, double until_s, uint64_t seed)
{
    const CsHost *host = cs_host_named(recipe->host, recipe->ion);
    double rise;

    *body = (CsBody) {
        .recipe = *recipe, .contrast = *contrast, .halt_s = halt_s,
        .z = cs_host_swelling(host), .break_s = INFINITY,
    };
    body->contact_angle = isnan(recipe->contact_angle_deg)
                              ? needle_angle
                              : recipe->contact_angle_deg * G_PI / 180;
    rise = pow(body->z, 1 - 1 / recipe->swelling_exponent);
    if (!isnan(recipe->pale_to))
        body->contrast.product = recipe->pale_to * contrast->host / rise;
    cs_growth_init(&body->growth, recipe, body->z,
                   until_s * MAX(1, recipe->rate_after_break));
    shape_core(body, seed);
    add_layers(body, contrast, seed);
    if (recipe->breaks == CS_BREAK_AT)
        body->break_s = recipe->break_s;
    else if (recipe->breaks == CS_BREAK_MECHANICS)
        body->break_s = find_break(body, until_s);
}

void
cs_body_clear(CsBody *body)
{
    cs_growth_clear(&body->growth);
    *body = (CsBody) { 0 };
}
