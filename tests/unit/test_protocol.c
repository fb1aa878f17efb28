/* Protocols, journals and streams of an experiment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/protocol.h"
#include "coatscope/recording.h"
#include "protocol/camera.h"
#include "protocol/journal.h"
#include "protocol/run.h"
#include "protocol/stream.h"

#define HEAD "protocol: 1\nname: n\nsteps:\n"

static bool
parse(const char *text, CsProtocol *p, GError **error)
{
    return cs_protocol_parse(text, strlen(text), "p.yaml", p, error);
}

static void
test_says_line_and_what_is_allowed(void)
{
    const struct { const char *text, *says; } bad[] = {
        { HEAD "  - { id: a, kind: dance, title: t }\n", "line 4: kind is dance"
          ", allowed are person, cure" },
        { HEAD "  - { id: a, kind: person, title: t, colour: red }\n",
          "line 4: a step has no key colour, allowed are id, kind" },
        { HEAD "  - { id: a, kind: person }\n", "lacks the key title" },
        { HEAD "  - { id: a, kind: person, title: t }\n"
               "  - { id: a, kind: person, title: t }\n",
          "line 5: id a is given twice" },
        { HEAD "  - id: a\n    kind: polish\n    title: t\n    parameters:\n"
               "      voltage: 40\n",
          "line 8: voltage is 40, allowed is a number from 0.5 to 6 V" },
        { HEAD "  - id: a\n    kind: polish\n    title: t\n    parameters:\n"
               "      voltage: { value: 4, unit: mV }\n", "in \"V\", not in" },
        { HEAD "  - id: a\n    kind: record\n    title: t\n    parameters:\n"
               "      flavour: 1\n", "has no parameter flavour" },
        { HEAD "  - id: a\n    kind: person\n    title: t\n    parameters:\n"
               "      x: { value: 1, least: 2 }\n", "outside its own range" },
        { HEAD "  - id: a\n    kind: person\n    title: t\n"
               "    timer: { least_s: 9, most_s: 5 }\n", "less than least_s" },
        { "protocol: 2\nname: n\nsteps:\n  - { id: a, kind: person, title: t "
          "}\n", "protocol is 2" },
        { "protocol: 1\nname: n\nsteps: []\n", "steps must be a list" },
        { "protocol: 1\nname: [\n", "p.yaml" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_auto(CsProtocol) p = CS_PROTOCOL_INIT;
        g_autoptr(GError) error = NULL;

        g_assert_false(parse(bad[i].text, &p, &error));
        g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
        if (strstr(error->message, bad[i].says) == NULL)
            g_error("not in: %s: %s", bad[i].says, error->message);
        g_assert_cmpuint(p.n, ==, 0);
    }
}

static void
test_fills_in_defaults(void)
{
    g_auto(CsProtocol) p = CS_PROTOCOL_INIT;
    const CsStepParameter *v;

    g_assert_true(parse(HEAD "  - id: a\n    kind: polish\n    title: t\n"
                             "    parameters: { voltage: { value: 4.1, most: "
                             "4.2 }, lamp: on }\n", &p, NULL));
    v = cs_step_parameter(&p.step[0], "voltage");
    g_assert_cmpfloat(v->value, ==, 4.1);
    g_assert_cmpfloat(v->least, ==, 0.5); /* of the kind */
    g_assert_cmpfloat(v->most, ==, 4.2);  /* of the file */
    g_assert_cmpfloat(cs_step_number(&p.step[0], "wire"), ==, 0.25);
    g_assert_cmpstr(cs_step_text(&p.step[0], "lamp"), ==, "on");
    g_assert_true(isnan(cs_step_number(&p.step[0], "nothing")));
}

/* What the table of kinds promises, of each. */
static void
test_every_kind_is_whole(void)
{
    for (const CsStepKind *k = cs_step_kinds(); k->name != NULL; k++) {
        g_autofree char *yaml = g_strdup_printf(
            HEAD "  - { id: a, kind: %s, title: t }\n", k->name);
        g_auto(CsProtocol) p = CS_PROTOCOL_INIT;

        g_assert_cmpstr(k->help, !=, "");
        g_assert_nonnull((gpointer) cs_step_run_of(k));
        g_assert_true(parse(yaml, &p, NULL)); /* its defaults are enough */
        g_assert_true(p.step[0].kind == k);
        for (const CsStepKey *key = k->keys; key->name != NULL; key++) {
            g_assert_cmpstr(key->help, !=, "");
            g_assert_nonnull(cs_step_parameter(&p.step[0], key->name));
            if (key->text != NULL)
                continue;
            g_assert_cmpfloat(key->fallback, >=, key->least);
            g_assert_cmpfloat(key->fallback, <=, key->most);
        }
    }
}

/* ---- Journal --------------------------------------------------------------- */

static char *
make_dir(void)
{
    g_autoptr(GError) error = NULL;
    char *dir = g_dir_make_tmp("coatscope-XXXXXX", &error);
    g_autofree char *inner = g_build_filename(dir, "recordings", NULL);

    g_assert_no_error(error);
    g_assert_cmpint(g_mkdir(inner, 0755), ==, 0);
    return dir;
}

static void
remove_dir(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *inner = g_build_filename(path, name, NULL);

        remove_dir(inner);
    }
    g_remove(path);
}

/* A crash in the middle of a line loses that line and nothing else. */
static void
test_journal_survives_half_a_line(void)
{
    g_autofree char *dir = make_dir();
    g_autofree char *path = g_build_filename(dir, "journal.jsonl", NULL);
    CsJournalEntry e = { .time_s = 5, .event = (char *) "value",
                         .step = (char *) "a", .name = (char *) "x",
                         .value = 1.5, .text = (char *) "\"µ\"\n" };

    for (int round = 0; round < 3; round++) {
        g_auto(CsJournal) j = CS_JOURNAL_INIT;
        g_autoptr(GError) error = NULL;
        FILE *file;

        g_assert_true(cs_journal_open(dir, &j, &error));
        g_assert_no_error(error);
        g_assert_cmpuint(j.entries->len, ==, round);
        g_assert_true(cs_journal_add(&j, &e, &error));
        file = g_fopen(path, "a");
        g_assert_cmpint(fputs("{\"time_s\":6,\"eve", file), >=, 0);
        fclose(file);
        g_assert_cmpfloat(cs_journal_last(&j, "value", "a", "x")->value, ==,
                          1.5);
        g_assert_cmpstr(cs_journal_at(&j, 0)->text, ==, "\"µ\"\n");
        g_assert_null(cs_journal_last(&j, "value", "b", NULL));
    }
    remove_dir(dir);
}

static void
test_journal_is_one_programs(void)
{
    g_autofree char *dir = make_dir();
    g_auto(CsJournal) one = CS_JOURNAL_INIT, other = CS_JOURNAL_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_true(cs_journal_open(dir, &one, NULL));
    g_assert_false(cs_journal_open(dir, &other, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
    remove_dir(dir);
}

static void
test_journal_refuses_what_is_none(void)
{
    g_autofree char *dir = make_dir();
    g_autofree char *path = g_build_filename(dir, "journal.jsonl", NULL);
    g_auto(CsJournal) j = CS_JOURNAL_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_true(g_file_set_contents(path, "[1]\n", -1, NULL));
    g_assert_false(cs_journal_open(dir, &j, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_FORMAT);
    remove_dir(dir);
}

/* ---- Stream ------------------------------------------------------------------ */

static void
fill(CsFrame *frame, size_t i)
{
    guint16 *px;

    g_assert_true(cs_frame_resize(frame, 24, 16, 1, CS_PIXEL_U16, NULL));
    px = frame->px;
    for (size_t k = 0; k < 24 * 16; k++)
        px[k] = (guint16) (1000 * i + k);
}

static void
check_readable(const char *dir, const CsStream *s, size_t n)
{
    g_autofree char *path = g_build_filename(dir, s->path, NULL);
    g_autofree char *times = g_build_filename(dir, s->times, NULL);
    CsRecordingOptions o = CS_RECORDING_OPTIONS_INIT;
    g_autoptr(CsRecording) r = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    const CsRecordingInfo *info;

    o.times_csv = times;
    r = cs_recording_open(path, &o, NULL, &error);
    g_assert_no_error(error);
    info = cs_recording_info(r);
    g_assert_cmpuint(info->n_frames, ==, n);
    g_assert_cmpfloat_with_epsilon(info->nm_per_px_x, 0.6, 1e-6); /* float */
    g_assert_cmpfloat(info->clock.start_s[n - 1], ==, 2.0 * (double) (n - 1));
    g_assert_true(cs_recording_read(r, n - 1, &frame, NULL));
    g_assert_cmpfloat(cs_frame_value(&frame, 5, 1), ==,
                      1000.0 * (double) (n - 1) + 29);
}

/* Whenever the program stops, what was written can be read; a full disk takes
 * nothing with it. */
static void
test_stream_can_be_read_at_any_time(void)
{
    g_autofree char *dir = make_dir();
    g_auto(CsStream) s = CS_STREAM_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(GError) error = NULL;

    fill(&frame, 0);
    g_assert_true(cs_stream_open(dir, "a", 0.6, &frame, &s, &error));
    g_assert_no_error(error);
    for (size_t i = 0; i < 3; i++) {
        fill(&frame, i);
        g_assert_true(cs_stream_add(&s, &frame, 2.0 * (double) i, 1e9,
                                    &error));
        check_readable(dir, &s, i + 1);
    }
    s.full_after = 1024 + 3 * 24 * 16 * 2 + 100;
    fill(&frame, 3);
    g_assert_false(cs_stream_add(&s, &frame, 6, 1e9, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
    check_readable(dir, &s, 3);
    remove_dir(dir);
}

static void
test_stream_never_writes_over(void)
{
    g_autofree char *dir = make_dir();
    g_auto(CsStream) a = CS_STREAM_INIT, b = CS_STREAM_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    fill(&frame, 0);
    g_assert_true(cs_stream_open(dir, "../x", 0.6, &frame, &a, NULL));
    g_assert_true(cs_stream_open(dir, "../x", 0.6, &frame, &b, NULL));
    g_assert_cmpstr(a.path, !=, b.path);
    g_assert_null(strstr(a.path, ".."));
    remove_dir(dir);
}

/* ---- Clocks ------------------------------------------------------------------- */

static void
test_clocks_are_related(void)
{
    double ours[50], theirs[50];
    CsClockRelation r;

    for (int i = 0; i < 50; i++) {
        ours[i] = 1e6 + 2 * i;
        theirs[i] = ours[i] + 0.37 + 40e-6 * 2 * i + (i % 2 ? 1e-3 : -1e-3);
    }
    r = cs_clock_relate(theirs, ours, 50);
    g_assert_cmpfloat_with_epsilon(r.offset_s, 0.37, 3 * r.offset_sd_s);
    g_assert_cmpfloat_with_epsilon(r.drift_ppm, 40, 3 * r.drift_sd_ppm);
    g_assert_cmpfloat(r.offset_sd_s, <, 1e-3);
    g_assert_true(isnan(cs_clock_relate(theirs, ours, 2).offset_s));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/protocol/says_line_and_what_is_allowed",
                    test_says_line_and_what_is_allowed);
    g_test_add_func("/protocol/fills_in_defaults", test_fills_in_defaults);
    g_test_add_func("/protocol/every_kind_is_whole", test_every_kind_is_whole);
    g_test_add_func("/journal/survives_half_a_line",
                    test_journal_survives_half_a_line);
    g_test_add_func("/journal/is_one_programs", test_journal_is_one_programs);
    g_test_add_func("/journal/refuses_what_is_none",
                    test_journal_refuses_what_is_none);
    g_test_add_func("/stream/can_be_read_at_any_time",
                    test_stream_can_be_read_at_any_time);
    g_test_add_func("/stream/never_writes_over",
                    test_stream_never_writes_over);
    g_test_add_func("/clocks/are_related", test_clocks_are_related);
    return g_test_run();
}
