/* The TIFF reader: what our writer wrote, and files drawn with libtiff or by
 * hand. That it keeps the contract of readers is the conformance suite's job.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <tiffio.h>

#include "coatscope/error.h"
#include "coatscope/reader.h"
#include "coatscope/writer.h"

typedef struct {
    char           *folder;
    char           *path;
    CsSource       *source;
    const CsReader *reader;
    CsSeriesInfo    info;
    void           *state;
    GError         *error;
} Case;

static Case
case_init(const char *name)
{
    Case c = { .info = CS_SERIES_INFO_INIT };

    c.folder = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    c.path = g_build_filename(c.folder, name, NULL);
    return c;
}

static bool
case_open(Case *c)
{
    c->source = cs_source_open(c->path, NULL);
    g_assert_nonnull(c->source);
    c->reader = cs_reader_named("tiff");
    return c->reader->open(c->source, &c->info, &c->state, &c->error);
}

static void
case_clear(Case *c)
{
    if (c->reader != NULL)
        c->reader->close(c->state);
    cs_series_info_clear(&c->info);
    cs_source_unref(c->source);
    g_clear_error(&c->error);
    g_unlink(c->path);
    g_assert_cmpint(g_rmdir(c->folder), ==, 0);
    g_free(c->path);
    g_free(c->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

static bool
has_note(const Case *c, const char *words)
{
    for (guint i = 0; c->info.notes != NULL && i < c->info.notes->len; i++)
        if (strstr(c->info.notes->pdata[i], words) != NULL)
            return true;
    return false;
}

/* ---- Our own files -------------------------------------------------------- */

static void
write_ours(const Case *c, const CsWriterInfo *info)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(CsOutput) output = NULL;
    GError *error = NULL;

    output = cs_output_open(NULL, c->path, info, &error);
    g_assert_no_error(error);
    g_assert_true(cs_frame_resize(&frame, info->width, info->height,
                                  info->n_channels, info->type, NULL));
    for (size_t i = 0; i < info->n_frames; i++) {
        memset(frame.px, (int) i, cs_frame_n_bytes(&frame));
        g_assert_true(cs_output_write(output, &frame, &error));
    }
    g_assert_true(cs_output_finish(output, &error));
}

static CsWriterInfo
small(size_t n_frames, const CsClock *clock)
{
    CsWriterInfo info = CS_WRITER_INFO_INIT;

    info.width = 5;
    info.height = 4;
    info.n_frames = n_frames;
    info.type = CS_PIXEL_U16;
    info.nm_per_px_x = 0.1234567890123;
    info.nm_per_px_y = 0.25;
    info.clock = clock;
    return info;
}

static void
check_ours(const char *name)
{
    static const double times[] = { 0, 0.5, 0.7000000001, 3 };
    g_auto(Case) c = case_init(name);
    g_auto(CsClock) clock = CS_CLOCK_INIT;
    g_auto(CsSeriesInfo) facts = CS_SERIES_INFO_INIT;
    CsWriterInfo info;

    g_assert_true(cs_clock_resize(&clock, 4, NULL));
    cs_clock_fill(&clock, 1, 0.125, CS_TIME_MEASURED);
    memcpy(clock.start_s, times, sizeof times);
    clock.source[2] = CS_TIME_INTERPOLATED;
    clock.source[3] = CS_TIME_ASSUMED;
    clock.start_unix_s = 1.7e9 + 0.25;
    facts.voltage_kV = 300;
    facts.camera = g_strdup("K3 <IS> & \"more\"");
    info = small(4, &clock);
    info.facts = &facts;
    info.value_offset = -32768;
    write_ours(&c, &info);

    g_assert_true(case_open(&c));
    g_assert_cmpuint(c.info.clock.n_frames, ==, 4);
    for (size_t i = 0; i < 4; i++) {
        g_assert_true(c.info.clock.start_s[i] == times[i]);
        g_assert_true(c.info.clock.duration_s[i] == 0.125);
        g_assert_cmpint(c.info.clock.source[i], ==, clock.source[i]);
    }
    g_assert_true(c.info.start_unix_s == clock.start_unix_s);
    g_assert_true(c.info.voltage_kV == 300);
    g_assert_cmpstr(c.info.camera, ==, facts.camera);
    g_assert_true(cs_axis_nm(&c.info.x) == info.nm_per_px_x);
    g_assert_true(cs_axis_nm(&c.info.y) == 0.25);
}

static void
gives_back_times_scale_and_facts(void)
{
    check_ours("a.tif");
    check_ours("a.ome.tif");
}

static void
gives_back_what_samples_mean(void)
{
    static const char *const names[] = { "a.tif", "a.ome.tif" };

    for (int i = 0; i < 2; i++) {
        g_auto(Case) c = case_init(names[i]);
        g_auto(CsFrame) frame = CS_FRAME_INIT;
        CsWriterInfo info = small(2, NULL);

        info.value_offset = -32768;
        info.value_gain = 0.5;
        write_ours(&c, &info);
        g_assert_true(case_open(&c));
        g_assert_true(c.reader->read(c.state, 1, &frame, NULL));
        g_assert_true(frame.value_offset == -32768);
        g_assert_true(frame.value_gain == 0.5);
        g_assert_cmpuint(*(guint16 *) frame.px, ==, 0x0101);
        g_assert_cmpuint(c.info.clock.n_frames, ==, 0);
        g_assert_true(isnan(c.info.interval_s));
    }
}

static void
what_a_broken_write_left_is_read(void)
{
    enum { N = 10, FRAME = 5 * 4 * 2 };
    g_auto(Case) c = case_init("a.tif");
    g_autofree char *bytes = NULL;
    CsWriterInfo info = small(N, NULL);
    gsize n;

    write_ours(&c, &info);
    g_assert_true(g_file_get_contents(c.path, &bytes, &n, NULL));
    /* The other directories and the last three frames and a half are lost. */
    for (n = 0; memcmp(bytes + n, "\6\6\6\6", 4) != 0; n++)
        ;
    g_assert_true(g_file_set_contents(c.path, bytes, (gssize) n + FRAME / 2,
                                      NULL));
    g_assert_true(case_open(&c));
    g_assert_cmpuint(c.info.n_frames, ==, 6);
    g_assert_cmpuint(c.info.n_frames_declared, ==, N);
    g_assert_true(has_note(&c, "of 10 frames 6 are complete"));
}

static void
opens_thousands_of_pages_at_once(void)
{
    enum { N = 5000 };
    g_auto(Case) c = case_init("a.tif");
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    CsWriterInfo info = small(N, NULL);
    gint64 start;

    write_ours(&c, &info);
    start = g_get_monotonic_time();
    g_assert_true(case_open(&c));
    /* It takes 10 ms; a second is for slow machines and sanitizers. */
    g_assert_cmpint(g_get_monotonic_time() - start, <, 1000000);
    g_assert_cmpuint(c.info.n_frames, ==, N);
    g_assert_true(c.reader->read(c.state, 4999, &frame, NULL));
    g_assert_cmpuint(*(guint8 *) frame.px, ==, 4999 % 256);
}

/* ---- Others' files -------------------------------------------------------- */

typedef struct {
    const char *description;
    uint16_t    photometric;
    float       resolution;
    uint16_t    resolution_unit;
    unsigned    n_pages;
} Kind;

static void
write_theirs(const Case *c, const Kind *kind)
{
    TIFF *tiff = TIFFOpen(c->path, "wb");

    for (unsigned page = 0; page < kind->n_pages; page++) {
        guint8 row[6] = { 0, 1, 2, 250, 251, (guint8) page };

        TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 6);
        TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1);
        TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
        TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
        TIFFSetField(tiff, TIFFTAG_XRESOLUTION, kind->resolution);
        TIFFSetField(tiff, TIFFTAG_YRESOLUTION, kind->resolution);
        TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, kind->resolution_unit);
        if (page == 0 && kind->description != NULL)
            TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, kind->description);
        TIFFWriteEncodedStrip(tiff, 0, row, sizeof row);
        TIFFWriteDirectory(tiff);
    }
    TIFFClose(tiff);
}

static void
printer_resolutions_are_no_scale(void)
{
    static const Kind kinds[] = {
        { NULL, 1, 72, RESUNIT_INCH, 1 },
        { NULL, 1, 300, RESUNIT_INCH, 1 },
        { NULL, 1, 118.11f, RESUNIT_CENTIMETER, 1 },
        { "ImageJ=1.53t\nunit=inch\n", 1, 72, RESUNIT_INCH, 1 },
        { "ImageJ=1.53t\n", 1, 72, RESUNIT_NONE, 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_auto(Case) c = case_init("a.tif");

        write_theirs(&c, &kinds[i]);
        g_assert_true(case_open(&c));
        g_assert_true(isnan(c.info.x.step));
        g_assert_true(isnan(cs_axis_nm(&c.info.y)));
    }
}

static void
white_is_zero_where_the_file_says_so(void)
{
    static const Kind kind = { NULL, PHOTOMETRIC_MINISWHITE, 1, 1, 1 };
    g_auto(Case) c = case_init("a.tif");
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    write_theirs(&c, &kind);
    g_assert_true(case_open(&c));
    g_assert_true(has_note(&c, "MINISWHITE"));
    g_assert_true(c.reader->read(c.state, 0, &frame, NULL));
    g_assert_cmpuint(((guint8 *) frame.px)[3], ==, 250); /* as stored */
    g_assert_true(cs_frame_value(&frame, 3, 0) == 5);
    g_assert_true(cs_frame_value(&frame, 0, 0) == 255);
}

static void
a_player_speed_is_no_interval(void)
{
    static const Kind kinds[] = {
        { "ImageJ=1.53t\nimages=3\nslices=3\nfps=7.0\n", 1, 1, 1, 3 },
        { "ImageJ=1.53t\nimages=3\nframes=3\nfinterval=250\ntunit=ms\n"
          "fps=7.0\n", 1, 1, 1, 3 },
    };

    for (int i = 0; i < 2; i++) {
        g_auto(Case) c = case_init("a.tif");

        write_theirs(&c, &kinds[i]);
        g_assert_true(case_open(&c));
        g_assert_cmpuint(c.info.n_frames, ==, 3);
        g_assert_true(i == 0 ? isnan(c.info.interval_s)
                             : fabs(c.info.interval_s - 0.25) < 1e-12);
    }
}

static void
pages_of_a_hyperstack_share_the_time_of_their_frame(void)
{
    static const Kind kind
        = { "ImageJ=1.53t\nimages=6\nchannels=3\nframes=2\nhyperstack=true\n"
            "finterval=0.5\n", 1, 1, 1, 6 };
    g_auto(Case) c = case_init("a.tif");

    write_theirs(&c, &kind);
    g_assert_true(case_open(&c));
    g_assert_cmpuint(c.info.n_frames, ==, 6);
    g_assert_cmpuint(c.info.clock.n_frames, ==, 6);
    g_assert_true(c.info.clock.start_s[2] == 0);
    g_assert_true(c.info.clock.start_s[3] == 0.5);
    g_assert_true(has_note(&c, "3 channels x 1 slices x 2 frames"));
}

#define OME(inside) \
    "<?xml version=\"1.0\"?><OME><Image ID=\"Image:0\"><Pixels " inside       \
    "</Pixels></Image></OME>"

static void
ome_planes_are_put_in_order(void)
{
    static const Kind kind
        = { OME("DimensionOrder=\"XYZCT\" SizeZ=\"1\" SizeC=\"1\" "
                "SizeT=\"3\" PhysicalSizeX=\"0.5\" PhysicalSizeY=\"0.5\">"
                "<TiffData IFD=\"0\" FirstT=\"2\"/>"
                "<TiffData IFD=\"1\" FirstT=\"0\"/>"
                "<TiffData IFD=\"2\" FirstT=\"1\"/>"
                "<Plane TheZ=\"0\" TheC=\"0\" TheT=\"0\" DeltaT=\"100\" "
                "DeltaTUnit=\"ms\"/>"
                "<Plane TheZ=\"0\" TheC=\"0\" TheT=\"1\" DeltaT=\"350\" "
                "DeltaTUnit=\"ms\" ExposureTime=\"0.2\"/>"
                "<Plane TheZ=\"0\" TheC=\"0\" TheT=\"2\" DeltaT=\"1.1\"/>"),
            1, 1, 1, 3 };
    static const guint8 pages[] = { 1, 2, 0 };
    g_auto(Case) c = case_init("a.ome.tif");
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    write_theirs(&c, &kind);
    g_assert_true(case_open(&c));
    g_assert_cmpfloat_with_epsilon(cs_axis_nm(&c.info.x), 500, 1e-9);
    for (size_t i = 0; i < 3; i++) {
        g_assert_true(c.reader->read(c.state, i, &frame, NULL));
        g_assert_cmpuint(((guint8 *) frame.px)[5], ==, pages[i]);
        g_assert_cmpint(c.info.clock.source[i], ==, CS_TIME_MEASURED);
    }
    g_assert_cmpfloat_with_epsilon(c.info.clock.start_s[1], 0.25, 1e-12);
    g_assert_cmpfloat_with_epsilon(c.info.clock.start_s[2], 1.0, 1e-12);
    g_assert_cmpfloat_with_epsilon(c.info.clock.duration_s[1], 0.2, 1e-12);
}

static void
entities_are_refused_and_pixels_read(void)
{
    static const Kind kind
        = { "<?xml version=\"1.0\"?><!DOCTYPE OME [<!ENTITY a \"b\">]><OME>"
            "<Image ID=\"&a;\"/></OME>", 1, 1, 1, 2 };
    g_auto(Case) c = case_init("a.ome.tif");

    write_theirs(&c, &kind);
    g_assert_true(case_open(&c));
    g_assert_cmpuint(c.info.n_frames, ==, 2);
    g_assert_true(has_note(&c, "declares entities"));
}

/* ---- By hand -------------------------------------------------------------- */

static void
a_chain_that_bites_its_tail_ends(void)
{
    g_auto(Case) c = case_init("a.tif");
    /* One directory, 1 x 1 pixel at byte 4, whose next one is itself. */
    static const guint8 bytes[] = {
        'I', 'I', 42, 0, 8, 0, 0, 0, 3, 0,
        0, 1, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0,
        1, 1, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0,
        17, 1, 4, 0, 1, 0, 0, 0, 4, 0, 0, 0,
        8, 0, 0, 0,
    };

    g_assert_true(g_file_set_contents(c.path, (const char *) bytes,
                                      sizeof bytes, NULL));
    g_assert_true(case_open(&c));
    g_assert_cmpuint(c.info.n_frames, ==, 1);
    g_assert_true(has_note(&c, "circle"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TIFFSetWarningHandler(NULL);
#define ADD(test) g_test_add_func("/formats/tiff/" #test, test)
    ADD(gives_back_times_scale_and_facts);
    ADD(gives_back_what_samples_mean);
    ADD(what_a_broken_write_left_is_read);
    ADD(opens_thousands_of_pages_at_once);
    ADD(printer_resolutions_are_no_scale);
    ADD(white_is_zero_where_the_file_says_so);
    ADD(a_player_speed_is_no_interval);
    ADD(pages_of_a_hyperstack_share_the_time_of_their_frame);
    ADD(ome_planes_are_put_in_order);
    ADD(entities_are_refused_and_pixels_read);
    ADD(a_chain_that_bites_its_tail_ends);
    return g_test_run();
}
