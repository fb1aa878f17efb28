/* Campaign files: every key, and one clear complaint for all else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/campaign.h"
#include "coatscope/error.h"

#define HEAD "host: Si\nion: Li\n"
#define ONE HEAD "coatings:\n  - name: a\n    recordings:\n      - path: x.tif\n"

static bool
parse(const char *text, CsCampaign *campaign, GError **error)
{
    return cs_campaign_parse(text, strlen(text), "c.yaml", "/data", campaign,
                             error);
}

static void
reads_every_key(void)
{
    g_auto(CsCampaign) c = CS_CAMPAIGN_INIT;
    g_autoptr(GError) error = NULL;
    const CsCampaignRecording *r;

    parse("campaign: TiO2 thickness\nhost: Si\nion: Li\ncoatings:\n"
          "  - name: \"TiO2 5 nm\"\n    material: TiO2\n    thickness_nm: 5\n"
          "    recordings:\n"
          "      - path: 5nm/*.dm4\n        name: first\n"
          "        scale_nm_per_px: 0.5\n        scale_y_nm_per_px: 0.51\n"
          "        interval_s: 2\n        times: t.csv\n"
          "        allow_gaps: true\n        session: needle 3\n"
          "        dose_rate_e_per_A2_s: 10\n"
          "        bias_log: /else/smu.csv\n        contact_s: 3.2\n"
          "      - {path: b.tif}\n"
          "  - {name: bare, thickness_nm: 0, recordings: [{path: c.tif}]}\n",
          &c, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(c.name, ==, "TiO2 thickness");
    g_assert_cmpstr(c.host, ==, "Si");
    g_assert_cmpstr(c.ion, ==, "Li");
    g_assert_cmpuint(c.n, ==, 2);
    g_assert_cmpuint(cs_campaign_n_recordings(&c), ==, 3);
    g_assert_cmpstr(c.coating[0].material, ==, "TiO2");
    g_assert_cmpfloat(c.coating[0].thickness_nm, ==, 5);
    g_assert_null(c.coating[1].material);
    r = &c.coating[0].recording[0];
    g_assert_cmpstr(r->path, ==, "/data/5nm/*.dm4");
    g_assert_cmpstr(r->name, ==, "first");
    g_assert_cmpfloat(r->scale_nm_per_px, ==, 0.5);
    g_assert_cmpfloat(r->scale_y_nm_per_px, ==, 0.51);
    g_assert_cmpfloat(r->interval_s, ==, 2);
    g_assert_cmpstr(r->times, ==, "/data/t.csv");
    g_assert_true(r->allow_gaps);
    g_assert_cmpstr(r->session, ==, "needle 3");
    g_assert_cmpfloat(r->beam.rate_e_per_A2_s, ==, 10);
    g_assert_cmpstr(r->bias_log, ==, "/else/smu.csv");
    g_assert_cmpfloat(r->contact_s, ==, 3.2);
}

static void
leaves_empty_what_is_not_told(void)
{
    g_auto(CsCampaign) c = CS_CAMPAIGN_INIT;
    const CsCampaignRecording *r;

    g_assert_true(parse(ONE, &c, NULL));
    r = &c.coating[0].recording[0];
    g_assert_cmpstr(r->name, ==, "x.tif");
    g_assert_true(isnan(r->scale_nm_per_px) && isnan(r->interval_s));
    g_assert_true(isnan(r->beam.rate_e_per_A2_s) && isnan(r->contact_s));
    g_assert_true(isnan(c.coating[0].thickness_nm));
    g_assert_null(r->session);
    g_assert_null(r->times);
    g_assert_false(r->allow_gaps);
}

static void
refuse(const char *text, const char *words)
{
    g_auto(CsCampaign) c = CS_CAMPAIGN_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_false(parse(text, &c, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    if (strstr(error->message, words) == NULL)
        g_error("“%s” lacks “%s”", error->message, words);
    g_assert_null(c.coating);
}

static void
names_the_line_and_what_is_allowed(void)
{
    refuse("host: Si\nions: Li\n", "c.yaml, line 2: a campaign has no key ions, "
                                   "allowed are campaign, host, ion, materials, "
                                   "coatings");
    refuse(ONE "        scale: 2\n",
           "line 7: a recording has no key scale, allowed are path, name, "
           "scale_nm_per_px");
    refuse(HEAD "coatings:\n  - name: a\n    thick: 2\n",
           "line 5: a coating has no key thick");
    refuse(ONE "        interval_s: 0\n",
           "line 7: interval_s is 0, allowed is a number above 0");
    refuse(ONE "        contact_s: soon\n", "line 7: contact_s is soon");
    refuse(ONE "        contact_s: nan\n", "line 7: contact_s is nan");
    refuse(ONE "        allow_gaps: maybe\n", "allowed is true or false");
    refuse("host: Mg\nion: Li\ncoatings: [{name: a}]\n",
           "line 1: the host is Mg and the ion Li, allowed are Si with Li");
    refuse(HEAD, "line 1: a campaign lacks the key coatings");
    refuse(HEAD "coatings: []\n", "coatings must be a list");
    refuse(HEAD "coatings:\n  - name: a\n", "lacks the key recordings");
}

static void
refuses_names_given_twice(void)
{
    refuse(ONE "      - path: x.tif\n", "two recordings called x.tif");
    refuse(ONE "  - name: a\n    recordings: [{path: y}]\n",
           "line 7: there are two coatings called a");
    refuse("host: Si\nhost: Ge\n", "line 2");
}

static void
bounds_hostile_files(void)
{
    g_autofree char *deep = g_strnfill(100000, '[');
    g_autofree char *large = g_strnfill((2 << 20), '#');
    g_autofree char *name = g_strnfill(300, 'n');
    g_autofree char *long_name = g_strconcat(ONE "        name: ", name, NULL);
    g_auto(CsCampaign) c = CS_CAMPAIGN_INIT;
    g_autoptr(GError) error = NULL;

    refuse(deep, "c.yaml");
    refuse("", "c.yaml");
    refuse("just words\n", "must be a map");
    refuse("host: &a Si\nion: *a\n", "line 2: ion must be one line");
    refuse("a: &a [x,x]\nb: &b [*a,*a]\nhost: *b\n", "no key a");
    refuse("host: \"S\\0i\"\n", "host must be one line");
    refuse("host: \"S\\ni\"\n", "host must be one line");
    refuse("host: Si\n\tion: Li", "c.yaml, line 1");
    refuse("host: \xff\xfe\n", "not text in UTF-8");
    refuse("host: [Si]\n", "host must be one line");
    refuse("host:\n", "host");
    refuse("? [a, b]\n: c\n", "no key like this");
    refuse(long_name, "line 7: name must be one line of 1 to 200 bytes");
    g_assert_false(parse(large, &c, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_LIMIT);
}

static void
starts_paths_at_the_folder_of_the_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("coatscope-campaign-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "c.yaml", NULL);
    g_autofree char *expected = g_build_filename(dir, "x.tif", NULL);
    g_auto(CsCampaign) c = CS_CAMPAIGN_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_true(g_file_set_contents(path, ONE, -1, NULL));
    g_assert_true(cs_campaign_read(path, &c, NULL));
    g_assert_cmpstr(c.coating[0].recording[0].path, ==, expected);
    g_assert_cmpint(g_remove(path), ==, 0);
    g_assert_false(cs_campaign_read(path, &c, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
    g_assert_nonnull(c.coating); /* as it was */
    g_rmdir(dir);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/campaign/reads_every_key", reads_every_key);
    g_test_add_func("/campaign/leaves_empty_what_is_not_told",
                    leaves_empty_what_is_not_told);
    g_test_add_func("/campaign/names_the_line_and_what_is_allowed",
                    names_the_line_and_what_is_allowed);
    g_test_add_func("/campaign/refuses_names_given_twice",
                    refuses_names_given_twice);
    g_test_add_func("/campaign/bounds_hostile_files", bounds_hostile_files);
    g_test_add_func("/campaign/starts_paths_at_the_folder_of_the_file",
                    starts_paths_at_the_folder_of_the_file);
    return g_test_run();
}
