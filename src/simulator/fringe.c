/* Fringes, by the contrast transfer of a phase object (Guigay, Optik 49, 121,
 * 1977).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/fringe.h"

#include <fftw3.h>
#include <math.h>

#include "core/alloc.h"

enum { MARGIN = 32 };

/* Planning is not thread-safe in FFTW; plans by estimate are alike in every
 * run. */
static GMutex planning;

static size_t
mirror(ptrdiff_t i, size_t n)
{
    ptrdiff_t m = (ptrdiff_t) n;

    i = i < 0 ? -i - 1 : i >= m ? 2 * m - 1 - i : i;
    return (size_t) CLAMP(i, 0, m - 1);
}

static void
transfer(const CsFringe *f, size_t width, size_t height, fftwf_complex *at)
{
    size_t half = width / 2 + 1;
    double scale = 2 / ((double) width * (double) height);

    for (size_t j = 0; j < height; j++)
        for (size_t i = 0; i < half; i++) {
            double kx = (double) i / ((double) width * f->nm_per_px);
            double ky = (j <= height / 2 ? (double) j
                                         : (double) j - (double) height)
                        / ((double) height * f->nm_per_px);
            double k2 = kx * kx + ky * ky;
            double w = scale
                       * sin(G_PI * f->wavelength_nm * f->defocus_nm * k2)
                       * exp(-2 * G_PI * G_PI * f->damping_nm * f->damping_nm
                             * k2);

            at[j * half + i][0] *= (float) w;
            at[j * half + i][1] *= (float) w;
        }
}

static void
filter(const CsFringe *f, size_t width, size_t height, float *real,
       fftwf_complex *spectrum)
{
    fftwf_plan there, back;

    g_mutex_lock(&planning);
    there = fftwf_plan_dft_r2c_2d((int) height, (int) width, real, spectrum,
                                  FFTW_ESTIMATE);
    back = fftwf_plan_dft_c2r_2d((int) height, (int) width, spectrum, real,
                                 FFTW_ESTIMATE);
    g_mutex_unlock(&planning);
    fftwf_execute(there);
    transfer(f, width, height, spectrum);
    fftwf_execute(back);
    g_mutex_lock(&planning);
    fftwf_destroy_plan(there);
    fftwf_destroy_plan(back);
    g_mutex_unlock(&planning);
}

bool
cs_fringe_apply(const CsFringe *fringe, const CsImage *phase,
                CsImage *intensity, GError **error)
{
    size_t width = phase->width + 2 * MARGIN;
    size_t height = phase->height + 2 * MARGIN;
    float *real = cs_try_alloc_aligned(width * height, sizeof *real,
                                       "fringes", error);
    fftwf_complex *spectrum
        = real == NULL ? NULL
                       : cs_try_alloc_aligned(height * (width / 2 + 1),
                                              sizeof *spectrum, "fringes",
                                              error);

    if (spectrum == NULL) {
        cs_free_aligned(real);
        return false;
    }
    for (size_t j = 0; j < height; j++)
        for (size_t i = 0; i < width; i++)
            real[j * width + i]
                = phase->px[mirror((ptrdiff_t) j - MARGIN, phase->height)
                                * phase->width
                            + mirror((ptrdiff_t) i - MARGIN, phase->width)];
    filter(fringe, width, height, real, spectrum);
    for (size_t j = 0; j < phase->height; j++)
        for (size_t i = 0; i < phase->width; i++)
            intensity->px[j * phase->width + i]
                *= MAX(1 + real[(j + MARGIN) * width + i + MARGIN], 0.05f);
    cs_free_aligned(real);
    cs_free_aligned(spectrum);
    return true;
}
