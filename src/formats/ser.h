/* What the .emi file beside a TIA series tells.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/reader.h"

/* Fills voltage, magnification, microscope, camera, date and exposure from
 * NAME.emi beside NAME_K.ser, from its Kth description of an object. Adds a
 * note where there is no such file. *is_diffraction becomes true where the
 * microscope was in diffraction mode without scanning. */
void cs_emi_read(const CsSource *source, CsSeriesInfo *info,
                 bool *is_diffraction);
