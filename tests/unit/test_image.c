/* Images: binning, cropping, sampling, blurring.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdint.h>

#include "coatscope/image.h"

/* value(i, j) = 10 j + i, in 16 bit */
static void
make_ramp(CsFrame *frame, size_t width, size_t height)
{
    uint16_t *px;

    g_assert_true(
        cs_frame_resize(frame, width, height, 1, CS_PIXEL_U16, NULL));
    px = frame->px;
    for (size_t j = 0; j < height; j++)
        for (size_t i = 0; i < width; i++)
            px[j * width + i] = (uint16_t) (10 * j + i);
}

static void
bins_to_means(void)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsImage) image = CS_IMAGE_INIT;

    make_ramp(&frame, 5, 4);
    g_assert_true(cs_image_bin(&frame, 2, &image, NULL));
    g_assert_cmpuint(image.width, ==, 2);
    g_assert_cmpuint(image.height, ==, 2);
    g_assert_cmpfloat(image.px[0], ==, 5.5f);
    g_assert_cmpfloat(image.px[3], ==, 27.5f);
}

static void
crops_beyond_the_border(void)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsImage) image = CS_IMAGE_INIT;

    make_ramp(&frame, 5, 4);
    g_assert_true(cs_image_crop(&frame, -2, -1, 9, 6, &image, NULL));
    g_assert_cmpfloat(image.px[0], ==, 0);
    g_assert_cmpfloat(image.px[1 * 9 + 3], ==, 1);
    g_assert_cmpfloat(image.px[5 * 9 + 8], ==, 34);
    g_assert_true(cs_image_crop(&frame, 10, 10, 2, 2, &image, NULL));
    g_assert_cmpfloat(image.px[0], ==, 34);
}

static void
samples_between_pixel_centres(void)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsImage) image = CS_IMAGE_INIT;

    make_ramp(&frame, 5, 4);
    g_assert_true(cs_image_bin(&frame, 1, &image, NULL));
    g_assert_cmpfloat(cs_image_at(&image, 0.5, 0.5), ==, 0);
    g_assert_cmpfloat(cs_image_at(&image, 2, 1), ==, 6.5f);
    g_assert_cmpfloat(cs_image_at(&image, 99, 99), ==, 34);
}

static void
averages_colours_and_applies_the_calibration(void)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsImage) image = CS_IMAGE_INIT;
    const uint8_t rgba[] = { 10, 20, 60, 255 };

    g_assert_true(cs_frame_resize(&frame, 1, 1, 4, CS_PIXEL_U8, NULL));
    for (size_t k = 0; k < 4; k++)
        ((uint8_t *) frame.px)[k] = rgba[k];
    frame.value_offset = -5;
    frame.value_gain = 2;
    g_assert_true(cs_image_bin(&frame, 1, &image, NULL));
    g_assert_cmpfloat(image.px[0], ==, 55);
}

static void
blur_keeps_the_sum_and_spreads_as_a_gaussian(void)
{
    g_auto(CsImage) image = CS_IMAGE_INIT;
    double sum = 0, spread = 0;

    g_assert_true(cs_image_resize(&image, 41, 41, NULL));
    for (size_t k = 0; k < 41 * 41; k++)
        image.px[k] = 0;
    image.px[20 * 41 + 20] = 1;
    g_assert_true(cs_image_blur(&image, 2, &image, NULL));
    for (size_t j = 0; j < 41; j++)
        for (size_t i = 0; i < 41; i++) {
            double v = (double) image.px[j * 41 + i], d = (double) i - 20;

            sum += v;
            spread += v * d * d;
        }
    g_assert_cmpfloat_with_epsilon(sum, 1, 1e-5);
    g_assert_cmpfloat_with_epsilon(spread, 4, 0.05); /* cut at 4 sigma */
}

static void
quantile_skips_what_is_not_a_number(void)
{
    g_auto(CsImage) image = CS_IMAGE_INIT;

    g_assert_true(cs_image_resize(&image, 5, 1, NULL));
    for (size_t k = 0; k < 5; k++)
        image.px[k] = k == 2 ? NAN : (float) k;
    g_assert_cmpfloat(cs_image_quantile(&image, 0), ==, 0);
    g_assert_cmpfloat(cs_image_quantile(&image, 1), ==, 4);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image/bin", bins_to_means);
    g_test_add_func("/image/crop", crops_beyond_the_border);
    g_test_add_func("/image/at", samples_between_pixel_centres);
    g_test_add_func("/image/colours",
                    averages_colours_and_applies_the_calibration);
    g_test_add_func("/image/blur",
                    blur_keeps_the_sum_and_spreads_as_a_gaussian);
    g_test_add_func("/image/quantile", quantile_skips_what_is_not_a_number);
    return g_test_run();
}
