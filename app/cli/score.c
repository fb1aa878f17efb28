/* coatscope score: how far results are from a known truth.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/score.h"

/* A line of the table: a name, how to print it, where it is. */
typedef struct {
    const char *title;
    const char *key; /* in JSON */
    size_t      offset;
    double      factor; /* 100 for percent */
    const char *unit;
} SummaryRow;

static const SummaryRow summary_rows[] = {
    { "area, not hidden", "area_error", offsetof(CsScore, area), 100, "%" },
    { "area, hidden", "area_hidden_error", offsetof(CsScore, area_hidden),
      100, "%" },
    { "core area", "core_area_error", offsetof(CsScore, core_area), 100,
      "%" },
    { "coat thickness", "coat_thickness_error_nm",
      offsetof(CsScore, thickness_nm), 1, "nm" },
    { "1 - IoU", "one_minus_iou", offsetof(CsScore, iou), 100, "%" },
    { "final A/A0", "expansion_error", offsetof(CsScore, expansion), 100,
      "%" },
    { "rate", "rate_error", offsetof(CsScore, rate), 100, "%" },
    { "onset", "onset_error_s", offsetof(CsScore, onset_s), 1, "s" },
    { "breakage", "break_error_s", offsetof(CsScore, break_s), 1, "s" },
};

typedef struct {
    const char *title;
    const char *key;
    size_t      offset;
} CountRow;

static const CountRow count_rows[] = {
    { "true", "n_true", offsetof(CsScore, n_true) },
    { "found", "n_found", offsetof(CsScore, n_found) },
    { "missed", "n_missed", offsetof(CsScore, n_missed) },
    { "invented", "n_invented", offsetof(CsScore, n_invented) },
    { "swaps", "n_swaps", offsetof(CsScore, n_swaps) },
    { "lost frames", "n_lost_frames", offsetof(CsScore, n_lost_frames) },
    { "verdicts right", "n_verdicts_right",
      offsetof(CsScore, n_verdicts_right) },
    { "wrong", "n_verdicts_wrong", offsetof(CsScore, n_verdicts_wrong) },
    { "open", "n_verdicts_open", offsetof(CsScore, n_verdicts_open) },
};

static const CountRow coverage_rows[] = {
    { "area", "area_coverage", offsetof(CsScore, area_coverage) },
    { "core area", "core_area_coverage",
      offsetof(CsScore, core_area_coverage) },
    { "A/A0", "expansion_coverage", offsetof(CsScore, expansion_coverage) },
};

static const void *
field(const CsScore *score, size_t offset)
{
    return (const char *) score + offset;
}

/* ---- As a table ---------------------------------------------------------------- */

static void
print_score(const CsScore *score)
{
    printf("%s\n  particles:", score->recording);
    for (size_t i = 0; i < G_N_ELEMENTS(count_rows); i++)
        printf(" %" G_GSIZE_FORMAT " %s%s",
               *(const size_t *) field(score, count_rows[i].offset),
               count_rows[i].title,
               i + 1 < G_N_ELEMENTS(count_rows) ? "," : "\n");
    printf("  %-18s %12s %12s %12s %8s\n", "error of", "median |.|",
           "95th pct", "bias", "n");
    for (size_t i = 0; i < G_N_ELEMENTS(summary_rows); i++) {
        const SummaryRow *row = &summary_rows[i];
        const CsErrorSummary *s = field(score, row->offset);

        if (s->n > 0)
            printf("  %-18s %9.3f %-2s %9.3f %-2s %+9.3f %-2s %8"
                   G_GSIZE_FORMAT "\n", row->title,
                   row->factor * s->median_abs, row->unit,
                   row->factor * s->p95_abs, row->unit,
                   row->factor * s->bias, row->unit, s->n);
    }
    if (isfinite(score->area_slope))
        printf("  area error against A/A0: %+.3f %% per unit\n",
               100 * score->area_slope);
    if (isfinite(score->drift_rms_px))
        printf("  drift: %.3f px RMS\n", score->drift_rms_px);
    for (size_t i = 0; i < G_N_ELEMENTS(coverage_rows); i++) {
        const CsCoverage *c = field(score, coverage_rows[i].offset);

        if (c->n > 0)
            printf("  95 %% intervals of %s that hold the truth: %.1f %%\n",
                   coverage_rows[i].title,
                   100 * (double) c->n_holding / (double) c->n);
    }
}

/* ---- As JSON ------------------------------------------------------------------- */

static void
add_number(JsonBuilder *json, const char *key, double value)
{
    json_builder_set_member_name(json, key);
    if (isfinite(value))
        json_builder_add_double_value(json, value);
    else
        json_builder_add_null_value(json);
}

static void
add_count(JsonBuilder *json, const char *key, size_t value)
{
    json_builder_set_member_name(json, key);
    json_builder_add_int_value(json, (gint64) value);
}

static void
add_summary(JsonBuilder *json, const SummaryRow *row, const CsScore *score)
{
    const CsErrorSummary *s = field(score, row->offset);

    json_builder_set_member_name(json, row->key);
    json_builder_begin_object(json);
    add_count(json, "n", s->n);
    add_number(json, "median_abs", s->median_abs);
    add_number(json, "p95_abs", s->p95_abs);
    add_number(json, "bias", s->bias);
    json_builder_end_object(json);
}

static void
add_score(JsonBuilder *json, const CsScore *score)
{
    json_builder_begin_object(json);
    json_builder_set_member_name(json, "recording");
    json_builder_add_string_value(json, score->recording);
    for (size_t i = 0; i < G_N_ELEMENTS(count_rows); i++)
        add_count(json, count_rows[i].key,
                  *(const size_t *) field(score, count_rows[i].offset));
    for (size_t i = 0; i < G_N_ELEMENTS(summary_rows); i++)
        add_summary(json, &summary_rows[i], score);
    add_number(json, "area_error_slope", score->area_slope);
    add_number(json, "drift_rms_px", score->drift_rms_px);
    for (size_t i = 0; i < G_N_ELEMENTS(coverage_rows); i++) {
        const CsCoverage *c = field(score, coverage_rows[i].offset);

        add_number(json, coverage_rows[i].key,
                   c->n > 0 ? (double) c->n_holding / (double) c->n : NAN);
    }
    json_builder_end_object(json);
}

static void
print_json(const CsScores *scores)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;

    json_builder_begin_object(json);
    json_builder_set_member_name(json, "scores");
    json_builder_begin_array(json);
    for (size_t i = 0; i < scores->n; i++)
        add_score(json, &scores->score[i]);
    json_builder_end_array(json);
    json_builder_end_object(json);
    root = json_builder_get_root(json);
    text = json_to_string(root, TRUE);
    printf("%s\n", text);
}

/* ---- The verb ------------------------------------------------------------------- */

int
cs_cli_score(int argc, char **argv)
{
    g_auto(GStrv) truth = NULL;
    g_auto(GStrv) dirs = NULL;
    g_autofree char *figure = NULL;
    gboolean as_json = FALSE;
    const GOptionEntry entries[] = {
        { "truth", 't', 0, G_OPTION_ARG_FILENAME_ARRAY, &truth,
          "Folder with the truth that simulate wrote (may be given again)",
          "DIR" },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &figure,
          "Draw figures/score.svg and .png into this folder", "DIR" },
        { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &dirs, NULL,
          NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context
        = g_option_context_new("RESULTS --truth DIR");
    g_auto(CsScores) scores = CS_SCORES_INIT;
    g_autoptr(GError) error = NULL;
    int status;

    g_option_context_set_summary(
        context, "Compares a results folder with the known truth of "
                 "simulated recordings.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (dirs == NULL || g_strv_length(dirs) != 1)
        return cs_cli_wrong_usage("score: give one results folder");
    if (truth == NULL)
        return cs_cli_wrong_usage("score: give the truth with --truth DIR");
    if (!cs_score(dirs[0], (const char *const *) truth, &scores, &error))
        return cs_cli_failed(error);
    if (figure != NULL && !cs_scores_draw(&scores, figure, NULL, &error))
        return cs_cli_failed(error);
    if (as_json)
        print_json(&scores);
    else
        for (size_t i = 0; i < scores.n; i++)
            if (scores.n > 2 || i == 0)
                print_score(&scores.score[i]);
    return cs_cli_end(status);
}
