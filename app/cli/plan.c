/* coatscope plan: what a recording must be to show what is wanted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/verbs.h"
#include "coatscope/dose.h"
#include "coatscope/stats.h"

/* What is asked, one option each; shares are 0 to 1 here. */
typedef struct {
    double area_error, event_s, gap_nm, gap_contrast, gap_sd;
    double diameter_nm, coat_nm, blur_nm, contrast;
    double dqe, margin, duration_s, voltage_kV, dose_rate, other_dose;
    double rate_ratio, scatter, power, level;
} Wish;

static const struct {
    const char *name; /* of the option                                      */
    size_t      offset;
    double      standard;
    double      max;    /* of what is allowed; values are above 0           */
    bool        may_be_0;
    const char *unit;   /* "%": a share, given with the sign or as 0 to 1   */
    const char *arg;
    const char *meaning;
    const char *why; /* where the standard comes from                       */
} asked[] = {
#define ASK(field) offsetof(Wish, field)
    { "area-error", ASK(area_error), 0.01, 1, false, "%", "P",
      "sd wanted of A/A0 in each frame", "" },
    { "event-s", ASK(event_s), 4, 1e6, false, "s", "S",
      "time within which onset and breakage are to be told", "" },
    { "gap-nm", ASK(gap_nm), 5, 1e4, true, "nm", "NM",
      "shortest gap of the coat to be seen; 0: none", "" },
    { "diameter-nm", ASK(diameter_nm), 100, 1e5, false, "nm", "NM",
      "diameter of the particle", "the protocol's" },
    { "coat-nm", ASK(coat_nm), 5, 1e4, false, "nm", "NM",
      "thickness of the coat", "the protocol's thin one" },
    { "contrast", ASK(contrast), 0.2, 1, false, "", "C",
      "contrast of the particle", "as in the reference cases" },
    { "gap-contrast", ASK(gap_contrast), 0.1, 1, false, "", "C",
      "contrast of a gap against the coat", "as in the reference cases" },
    { "gap-sd", ASK(gap_sd), 5, 100, false, "", "K",
      "sd by which a gap must stand out", "Rose's criterion" },
    { "blur-nm", ASK(blur_nm), 1, 1e3, false, "nm", "NM",
      "blur of edges (sd of a Gaussian)", "as in the reference cases" },
    { "dqe", ASK(dqe), 0.3, 1, false, "", "Q",
      "share of electrons that the camera counts (DQE)",
      "a scintillator camera" },
    { "margin", ASK(margin), 3, 100, false, "", "F",
      "real sd over that of a perfect fit",
      "3 to 10 are usual; bench/accuracy measures ours" },
    { "duration-s", ASK(duration_s), 300, 1e7, false, "s", "S",
      "how long the beam is on the particle while recording",
      "one lithiation" },
    { "voltage-kV", ASK(voltage_kV), 200, 3e3, false, "kV", "KV",
      "acceleration voltage", "" },
    { "dose-rate", ASK(dose_rate), 10, 1e6, false, "e/Å²/s", "RATE",
      "rate that the plan is held against", "the protocol's" },
    { "other-dose", ASK(other_dose), 0, 1e9, true, "e/Å²", "DOSE",
      "dose beside the recording: search, focus, waiting",
      "it counts as well" },
    { "rate-ratio", ASK(rate_ratio), 2, 1e3, false, "", "R",
      "ratio of the rates of two coatings to be told apart", "" },
    { "scatter", ASK(scatter), 0.3, 10, false, "%", "P",
      "sd of rates from particle to particle of one coating",
      "no source: measure some" },
    { "power", ASK(power), 0.8, 1, false, "%", "P",
      "chance to tell them apart", "" },
    { "level", ASK(level), 0.05, 1, false, "%", "P",
      "chance to tell apart what is alike", "" },
};

static double *
value_of(Wish *wish, size_t i)
{
    return (double *) (void *) ((char *) wish + asked[i].offset);
}

/* ---- Options ------------------------------------------------------------- */

static bool
parse(size_t i, const char *text, double *value, GError **error)
{
    char *end = NULL;
    double number = g_ascii_strtod(text, &end);

    if (end != text && strcmp(end, "%") == 0
        && strcmp(asked[i].unit, "%") == 0) {
        number /= 100;
        end++;
    }
    if (end == text || *end != '\0' || !isfinite(number) || number < 0
        || (number <= 0 && !asked[i].may_be_0) || number > asked[i].max) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--%s takes a number %s 0 and at most %g%s, not “%s”",
                    asked[i].name, asked[i].may_be_0 ? "from" : "above",
                    asked[i].max, strcmp(asked[i].unit, "%") == 0
                                      ? " or a percentage" : "", text);
        return false;
    }
    *value = number;
    return true;
}

static gboolean
take(const char *option, const char *text, gpointer user, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++)
        if (strcmp(option + 2, asked[i].name) == 0)
            return parse(i, text, value_of(user, i), error);
    g_return_val_if_reached(FALSE);
}

static void
add_number(GString *text, size_t i, double value)
{
    bool is_share = strcmp(asked[i].unit, "%") == 0;

    g_string_append_printf(text, "%.6g%s%s", is_share ? 100 * value : value,
                           asked[i].unit[0] != '\0' ? " " : "",
                           asked[i].unit);
}

/* The entries of the options; descriptions go into `words`. */
static GOptionGroup *
make_group(Wish *wish, GPtrArray *words)
{
    GOptionGroup *group = g_option_group_new(
        "wish", "What is wanted, and of what", "", wish, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
        GString *text = g_string_new(asked[i].meaning);
        GOptionEntry entry[2] = { { 0 } };

        g_string_append(text, " (");
        add_number(text, i, asked[i].standard);
        g_string_append_c(text, ')');
        entry[0] = (GOptionEntry) { asked[i].name, 0, 0,
                                    G_OPTION_ARG_CALLBACK, (gpointer) take,
                                    text->str, asked[i].arg };
        g_ptr_array_add(words, g_string_free(text, FALSE));
        g_option_group_add_entries(group, entry);
        *value_of(wish, i) = asked[i].standard;
    }
    return group;
}

/* ---- The plan ------------------------------------------------------------ */

typedef struct {
    CsDosePlan plan;
    double     area_e_per_nm2; /* incident, for the area alone               */
    double     gap_e_per_nm2;  /* for the gap alone; 0: none                 */
    double     rate_sd_per_s;  /* of the slope of A/A0 over the recording    */
    double     total_e_per_A2; /* with the other dose                        */
    double     reserve;        /* of --dose-rate over what the area needs    */
    double     area_error_at;  /* at --dose-rate                             */
    size_t     n_particles;    /* per coating; 0: more than can be           */
    size_t     n_frames;
} Answer;

static bool
answer(const Wish *w, Answer *a, GError **error)
{
    const CsDoseWish wish = {
        .disc = { w->diameter_nm / 2, w->blur_nm, w->contrast },
        .area_sd = w->area_error,
        .gap_nm2 = w->gap_nm * w->coat_nm,
        .gap_contrast = w->gap_contrast,
        .gap_k = w->gap_sd,
        .event_s = w->event_s,
        .duration_s = w->duration_s,
        .dqe = w->dqe,
        .margin = w->margin,
    };
    double at_rate;

    if (!cs_dose_plan(&wish, &a->plan, error))
        return false;
    a->area_e_per_nm2
        = cs_dose_fluence_for_area_e_per_nm2(&wish.disc, w->area_error)
          * w->margin * w->margin / w->dqe;
    a->gap_e_per_nm2
        = wish.gap_nm2 > 0 ? cs_dose_rose_e_per_nm2(
              w->gap_sd, w->gap_contrast, wish.gap_nm2) / w->dqe : 0;
    at_rate = w->dose_rate * 100 * a->plan.interval_s;
    a->reserve = at_rate / a->area_e_per_nm2;
    a->area_error_at
        = w->margin * cs_dose_area_sd(&wish.disc, at_rate * w->dqe);
    a->n_frames = (size_t) fmax(ceil(w->duration_s / a->plan.interval_s), 1);
    a->rate_sd_per_s = cs_dose_slope_sd_per_s(w->area_error, a->n_frames,
                                              w->duration_s);
    a->total_e_per_A2 = a->plan.total_e_per_A2 + w->other_dose;
    a->n_particles = cs_power_n_particles(
        fabs(log(w->rate_ratio)) / sqrt(log1p(w->scatter * w->scatter)),
        w->power, 1 - w->level);
    return true;
}

/* Masses and displacement energies of what is hit (SCIENCE 6.3). */
static const struct {
    const char *element;
    double      mass_u;
    const char *threshold;
} targets[] = {
    { "Li", 6.94, "10 to 20 eV" },
    { "O", 15.999, "at most 60 eV in TiO2" },
    { "Si", 28.0855, "13 to 20 eV" },
    { "Ti", 47.867, "40 eV in TiO2" },
};

static const char *const assumptions[] = {
    "Edges are found as well as the margin says beside the Cramér-Rao bound "
    "of a disc with a blurred edge; counting noise only, no drift, no "
    "neighbours, no model error.",
    "A gap is one patch, as long as asked and as wide as the coat is thick; "
    "the coat above and below it, grain of the support and looking at many "
    "places ask for 5 to 10 times as much.",
    "A pixel is at most the blur and a 150th of the diameter; read noise must "
    "stay well below the electrons a pixel.",
    "The beam is on all the time. Where it can be blanked between frames, the "
    "rate is higher and the dose the same.",
    "Rates are compared by a t test of their logarithms, particles are "
    "independent, and scatter between particles is all there is; recordings "
    "of one needle or one day are not independent.",
    "Limits are those that were reported at their own dose rate; none is "
    "known for lithiated silicon, lithium oxide or lithiated TiO2.",
};

/* ---- As text ------------------------------------------------------------- */

static void
print_wish(Wish *w)
{
    printf("Wanted, and assumed\n");
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
        g_autoptr(GString) text = g_string_new(NULL);

        add_number(text, i, *value_of(w, i));
        printf("  %-12s %-10s %s%s%s%s\n", asked[i].name, text->str,
               asked[i].meaning, asked[i].why[0] != '\0' ? " (" : "",
               asked[i].why, asked[i].why[0] != '\0' ? ")" : "");
    }
}

static void
print_plan(const Wish *w, const Answer *a)
{
    const CsDosePlan *p = &a->plan;

    printf("\nA recording that shows it\n"
           "  electrons a frame  %.4g e/nm² (the area needs %.4g, the gap "
           "%.4g)\n", p->frame_e_per_nm2, a->area_e_per_nm2,
           a->gap_e_per_nm2);
    printf("  dose rate          at least %.4g e/Å²/s (%.4g A/cm²)\n",
           p->rate_e_per_A2_s, cs_dose_rate_A_per_cm2(p->rate_e_per_A2_s));
    printf("  pixel              at most %.4g nm: then %.4g electrons a "
           "pixel and frame\n", p->nm_per_px,
           p->frame_e_per_nm2 * p->nm_per_px * p->nm_per_px);
    printf("  frame interval     at most %.4g s: %zu frames in %.4g s\n",
           p->interval_s, a->n_frames, w->duration_s);
    printf("  sd of the rate     %.3g /s, of A/A0 over the whole recording\n",
           a->rate_sd_per_s);
    printf("  at %g e/Å²/s       the area has %.3g times what it needs, and "
           "an sd of %.3g %%\n", w->dose_rate, a->reserve,
           100 * a->area_error_at);
}

static void
print_dose(const Wish *w, const Answer *a)
{
    printf("\nDose\n  total              %.4g e/Å² (%.4g while recording, "
           "%.4g beside)\n", a->total_e_per_A2, a->plan.total_e_per_A2,
           w->other_dose);
    for (const CsDoseLimit *l = cs_dose_limits; l->material != NULL; l++)
        printf("  %-18s changes at %.4g e/Å² (%g kV, %s): the plan takes "
               "%.3g %% of that\n", l->material, l->dose_e_per_A2,
               l->voltage_kV, l->source,
               100 * a->total_e_per_A2 / l->dose_e_per_A2);
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++)
        printf("  knock-on, %-8s up to %.4g eV at %g kV; displaced from %s "
               "on\n", targets[i].element,
               cs_dose_knock_on_eV(w->voltage_kV, targets[i].mass_u),
               w->voltage_kV, targets[i].threshold);
}

static void
print_particles(const Wish *w, const Answer *a)
{
    printf("\nParticles\n");
    if (a->n_particles == 0)
        printf("  more than 100000 for each coating\n");
    else
        printf("  %zu for each coating, to tell rates that differ by a "
               "factor of %g with a chance of %g %%\n", a->n_particles,
               w->rate_ratio, 100 * w->power);
    printf("\nAssumed\n");
    for (size_t i = 0; i < G_N_ELEMENTS(assumptions); i++)
        printf("  - %s\n", assumptions[i]);
}

/* ---- As JSON ------------------------------------------------------------- */

static void
add_limits(CsJson *json, const Wish *w, const Answer *a)
{
    cs_json_begin(json, "limits", '[');
    for (const CsDoseLimit *l = cs_dose_limits; l->material != NULL; l++) {
        cs_json_begin(json, NULL, '{');
        cs_json_string(json, "material", l->material);
        cs_json_double(json, "dose_e_per_A2", l->dose_e_per_A2);
        cs_json_double(json, "voltage_kV", l->voltage_kV);
        cs_json_string(json, "source", l->source);
        cs_json_double(json, "share_taken",
                       a->total_e_per_A2 / l->dose_e_per_A2);
        cs_json_end(json, '}');
    }
    cs_json_end(json, ']');
    cs_json_begin(json, "knock_on_eV", '{');
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++)
        cs_json_double(json, targets[i].element,
                       cs_dose_knock_on_eV(w->voltage_kV, targets[i].mass_u));
    cs_json_end(json, '}');
}

static void
add_numbers(CsJson *json, const Answer *a)
{
    const struct {
        const char *name;
        double      value;
    } numbers[] = {
        { "frame_e_per_nm2", a->plan.frame_e_per_nm2 },
        { "area_e_per_nm2", a->area_e_per_nm2 },
        { "gap_e_per_nm2", a->gap_e_per_nm2 },
        { "rate_e_per_A2_s", a->plan.rate_e_per_A2_s },
        { "rate_A_per_cm2", cs_dose_rate_A_per_cm2(a->plan.rate_e_per_A2_s) },
        { "nm_per_px_max", a->plan.nm_per_px },
        { "interval_s_max", a->plan.interval_s },
        { "rate_sd_per_s", a->rate_sd_per_s },
        { "reserve_at_dose_rate", a->reserve },
        { "area_error_at_dose_rate", a->area_error_at },
        { "recording_e_per_A2", a->plan.total_e_per_A2 },
        { "total_e_per_A2", a->total_e_per_A2 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        cs_json_double(json, numbers[i].name, numbers[i].value);
    cs_json_count(json, "n_frames", a->n_frames);
    if (a->n_particles > 0)
        cs_json_count(json, "n_particles_per_coating", a->n_particles);
    else
        cs_json_double(json, "n_particles_per_coating", NAN);
}

static void
print_json(Wish *w, const Answer *a)
{
    g_auto(CsJson) json = CS_JSON_INIT;

    cs_json_begin(&json, NULL, '{');
    cs_json_begin(&json, "wanted", '{');
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++)
        cs_json_double(&json, asked[i].name, *value_of(w, i));
    cs_json_end(&json, '}');
    add_numbers(&json, a);
    add_limits(&json, w, a);
    cs_json_begin(&json, "assumptions", '[');
    for (size_t i = 0; i < G_N_ELEMENTS(assumptions); i++)
        cs_json_string(&json, NULL, assumptions[i]);
    cs_json_end(&json, ']');
    cs_json_end(&json, '}');
    printf("%s\n", json.text->str);
}

int
cs_cli_plan(int argc, char **argv)
{
    gboolean as_json = FALSE;
    const GOptionEntry entries[] = {
        { "json", 0, 0, G_OPTION_ARG_NONE, &as_json,
          "Print JSON, for programs", NULL },
        { 0 },
    };
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    Wish wish;
    Answer a;
    int status;

    g_option_context_set_summary(
        context, "Says which dose rate, pixel and frame interval show what "
                 "is wanted, what dose that\nis beside known limits, and how "
                 "many particles it takes. Equations: docs/plan.md.");
    g_option_context_set_main_group(context, make_group(&wish, words));
    g_option_context_add_main_entries(context, entries, NULL);
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (!answer(&wish, &a, &error))
        return cs_cli_end(cs_cli_failed(error));
    if (as_json) {
        print_json(&wish, &a);
        return cs_cli_end(CS_CLI_OK);
    }
    print_wish(&wish);
    print_plan(&wish, &a);
    print_dose(&wish, &a);
    print_particles(&wish, &a);
    return cs_cli_end(CS_CLI_OK);
}
