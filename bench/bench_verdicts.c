/* How often the verdict on a coating is right: simulated recordings of one
 * particle each, drawn from a seed, whole or broken, measured from the pixels
 * on.
 *
 *     bench_verdicts FIRST_SEED N [STORE_DIR] > verdicts.csv
 *
 * Seeds below 5000 are for calibration, those from 5000 on for judging: what
 * was tuned on a recording says nothing by being right about it. With
 * STORE_DIR outlines are kept in a results.db there, and the next run with the
 * same seeds judges those again without looking at a pixel. A table is printed
 * to standard error at the end. docs/methods/breakage.md says what is drawn.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/flow.h"
#include "coatscope/simulator.h"
#include "coatscope/stats.h"
#include "coatscope/store.h"

enum { N_FRAMES = 40, N_DOSES = 3, N_GAPS = 5 };

static const double doses[N_DOSES] = { 60, 180, 540 }; /* e a pixel, frame */
static const double gaps_nm[N_GAPS] = { 5, 8, 10, 15, 25 };
static const double nm_per_px = 0.8;

/* What was drawn. */
typedef struct {
    int         seed;
    double      dose;
    const char *coat;
    double      thickness_nm, diameter_nm, tau_s, conversion, needle_deg;
    const char *law;
    double      gap_nm, break_s, angle_deg; /* gap_nm is 0 for a whole one */
} Drawn;

/* ---- Drawing --------------------------------------------------------------- */

static double
between(CsDice *dice, double low, double high)
{
    return low + cs_dice_uniform(dice) * (high - low);
}

static Drawn
draw(int seed)
{
    static const char *const coats[]
        = { "TiO2", "Al2O3", "ZnO", "LiNbO3", "SiO2", "C" };
    static const char *const laws[] = { "current", "interface", "diffusion" };
    Drawn d = { .seed = seed };
    CsDice dice;

    cs_dice_seed(&dice, (guint64) seed, 77);
    /* half of all at the dose that the bars are set for */
    d.dose = cs_dice_below(&dice, 2) ? 180 : doses[cs_dice_below(&dice, 3)];
    d.coat = cs_dice_below(&dice, 2) ? "TiO2" : coats[cs_dice_below(&dice, 6)];
    d.thickness_nm = between(&dice, 4, 12);
    d.diameter_nm = between(&dice, 65, 90);
    d.law = laws[cs_dice_below(&dice, 3)];
    d.tau_s = between(&dice, 100, 500);
    d.conversion = between(&dice, 0.2, 0.7);
    d.needle_deg = between(&dice, 0, 360);
    d.angle_deg = d.needle_deg + between(&dice, 70, 290);
    d.break_s = between(&dice, 30, 66);
    if (cs_dice_below(&dice, 2))
        d.gap_nm = gaps_nm[cs_dice_below(&dice, N_GAPS)];
    return d;
}

static char *
recipe_of(const Drawn *d)
{
    char  breaks[160] = "";

    if (d->gap_nm > 0)
        g_snprintf(breaks, sizeof breaks,
                   ", breaks: at, break_s: %.3f, break_angle_deg: %.2f, "
                   "gap_nm: %g, gap_nm_per_s: 8",
                   d->break_s, fmod(d->angle_deg, 360), d->gap_nm);
    return g_strdup_printf(
        "recording: {name: s%d, seed: %d, width: 208, height: 208, "
        "frames: %d, interval_s: 2, exposure_s: 1, nm_per_px: %g}\n"
        "microscope: {dose_rate_e_per_A2_s: %.6g}\n"
        "support: {hole_nm: 140, strand_nm: 26, dirt: 1}\n"
        "needle: {angle_deg: %.2f, contact_s: 10, tip_radius_nm: 16, "
        "skin_nm: 10, start_gap_nm: 40}\n"
        "bias: {on_s: 14, log: false}\n"
        "particle: {diameter_nm: %.3f, coat: %s, thickness_nm: %.3f, "
        "law: %s, tau_s: %.2f, conversion: %.3f, onset_s: 16%s}\n",
        d->seed, d->seed, N_FRAMES, nm_per_px,
        d->dose / (100 * nm_per_px * nm_per_px), d->needle_deg,
        d->diameter_nm, d->coat, d->thickness_nm, d->law, d->tau_s,
        d->conversion, breaks);
}

/* ---- Measuring ------------------------------------------------------------- */

static bool
measure(const Drawn *d, CsStore *store, CsMeasured *m, GError **error)
{
    const CsFlowOptions options = { .mode = CS_FLOW_AUTOMATIC };
    const CsStored stored = { &m->seeds, &m->shifts, &m->outlines,
                              &m->measures, &m->verdicts };
    const CsJob job = { .n_threads = 1 };
    g_autofree char *yaml = recipe_of(d);
    g_autofree char *key
        = g_compute_checksum_for_string(G_CHECKSUM_SHA256, yaml, -1);
    g_auto(CsRecipe) recipe = CS_RECIPE_INIT;
    g_autoptr(CsSimulation) simulation = NULL;
    g_auto(CsInputs) inputs = CS_INPUTS_INIT;
    CsRecording *recording;
    bool found = false, ok;

    if (store != NULL && !cs_store_get(store, key, &stored, &found, error))
        return false;
    if (found)
        return cs_flow_judge(&job, m, error);
    if (!cs_recipe_parse(yaml, "drawn", &recipe, error))
        return false;
    simulation = cs_simulation_new(&recipe, &job, error);
    recording = simulation != NULL ? cs_simulation_record(simulation, error)
                                   : NULL;
    if (recording == NULL)
        return false;
    ok = cs_flow_measure(recording, &options, &job, m, error)
         && (store == NULL
             || cs_store_put(store, key, cs_recording_info(recording),
                             &inputs, &stored, error));
    cs_recording_unref(recording);
    return ok;
}

/* The particle in the middle of the field, where there is only one. */
static const CsVerdict *
verdict_on_the_one(const CsMeasured *m)
{
    const CsVerdict *best = NULL;
    double least = 30;

    for (size_t i = 0; i < m->measures.n; i++) {
        const CsMeasure *row = &m->measures.row[i];
        double off = hypot(row->centroid_x_px - 104, row->centroid_y_px - 104);

        if (off < least) {
            least = off;
            best = cs_verdicts_of(&m->verdicts, row->particle_id);
        }
    }
    return best;
}

/* ---- Counting -------------------------------------------------------------- */

/* One dose: whole ones, gaps below 10 nm, gaps of 10 nm and more, by
 * verdict; the last column counts particles that were not found. */
typedef struct {
    int n[N_DOSES][3][4];
    int n_broken, n_in_time;
} Counts;

static int
bar_of(const Drawn *d)
{
    return d->gap_nm > 0 ? 1 + (d->gap_nm >= 10) : 0;
}

static void
count(const Drawn *d, const CsVerdict *v, Counts *c)
{
    int dose = 0;

    while (dose < N_DOSES - 1 && doses[dose] < d->dose)
        dose++;
    c->n[dose][bar_of(d)][v != NULL ? (int) v->kind : 3]++;
    if (v == NULL || v->kind != CS_VERDICT_BROKEN || d->gap_nm <= 0)
        return;
    c->n_broken++;
    /* two frames of 2 s */
    c->n_in_time += v->break_lo_s - 4 <= d->break_s
                    && d->break_s <= v->break_hi_s + 4;
}

static void
print_counts(const Counts *c)
{
    static const char *const bars[]
        = { "whole", "gap below 10 nm", "gap from 10 nm" };

    fprintf(stderr, "%8s  %-16s %8s %8s %12s %10s\n", "e/px", "truth",
            "intact", "broken", "cannot tell", "not found");
    for (int dose = 0; dose < N_DOSES; dose++)
        for (int bar = 0; bar < 3; bar++) {
            const int *n = c->n[dose][bar];

            fprintf(stderr, "%8g  %-16s %8d %8d %12d %10d\n", doses[dose],
                    bars[bar], n[CS_VERDICT_INTACT], n[CS_VERDICT_BROKEN],
                    n[CS_VERDICT_CANNOT_TELL], n[3]);
        }
    fprintf(stderr, "breaks called: %d, of these within two frames: %d\n",
            c->n_broken, c->n_in_time);
}

static void
print_row(const Drawn *d, const CsVerdict *v)
{
    printf("%d,%g,%s,%.2f,%.2f,%s,%.0f,%.2f,%g,%.2f,%.1f", d->seed, d->dose,
           d->coat, d->thickness_nm, d->diameter_nm, d->law, d->tau_s,
           d->conversion, d->gap_nm, d->break_s, fmod(d->angle_deg, 360));
    if (v == NULL) {
        printf(",not found\n");
        return;
    }
    printf(",%s,%s,%" G_GSIZE_FORMAT ",%.3f,%.2f,%g,%g,%.1f,%.2f",
           cs_verdict_name(v->kind), cs_verdict_doubt_name(v->doubt),
           v->n_frames, v->ring_seen, v->smallest_visible_gap_nm,
           v->break_lo_s, v->break_hi_s, v->break_angle_deg, v->log_odds);
    for (int e = 0; e < CS_N_EVIDENCE; e++)
        printf(",%.3f,%.3f", v->evidence[e], v->adds[e]);
    printf("\n");
    fflush(stdout);
}

static void
print_header(void)
{
    printf("seed,dose,coat,thickness_nm,diameter_nm,law,tau_s,conversion,"
           "gap_nm,break_s,angle_deg,verdict,doubt,n_frames,ring_seen,"
           "visible_nm,lo_s,hi_s,found_deg,log_odds");
    for (int e = 0; e < CS_N_EVIDENCE; e++)
        printf(",%s,%s_adds", cs_evidence_name((CsEvidence) e),
               cs_evidence_name((CsEvidence) e));
    printf("\n");
}

int
main(int argc, char **argv)
{
    int first = argc > 1 ? (int) g_ascii_strtoll(argv[1], NULL, 10) : 1;
    int n = argc > 2 ? (int) g_ascii_strtoll(argv[2], NULL, 10) : 20;
    g_autoptr(GError) error = NULL;
    g_autoptr(CsStore) store
        = argc > 3 ? cs_store_open(argv[3], false, &error) : NULL;
    Counts counts = { 0 };

    print_header();
    for (int seed = first; seed < first + n && error == NULL; seed++) {
        g_auto(CsMeasured) m = CS_MEASURED_INIT;
        Drawn d = draw(seed);
        const CsVerdict *v;

        if (!measure(&d, store, &m, &error))
            break;
        v = verdict_on_the_one(&m);
        count(&d, v, &counts);
        print_row(&d, v);
    }
    if (error != NULL) {
        fprintf(stderr, "bench_verdicts: %s\n", error->message);
        return 1;
    }
    print_counts(&counts);
    return 0;
}
