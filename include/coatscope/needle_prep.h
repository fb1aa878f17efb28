/* What is reckoned on the way to a needle: cure of the glue, dissolved
 * tungsten, air left after purges, oxide on lithium. SCIENCE 5.5, 5.6.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Seconds at a temperature that cure as 4 h at 23 °C or 10 min at 100 °C do:
 * Arrhenius between these two. NAN outside 15 to 120 °C, where they say
 * nothing. */
double cs_cure_time_s(double celsius);

/* Share of a full cure that so many seconds at a temperature are. */
double cs_cure_share(double celsius, double seconds);

/* Tungsten dissolved by a charge, six electrons an atom, in mm of wire. */
double cs_etched_mm(double charge_C, double wire_mm);

/* O2 in ppm left of air after n purges that each leave a share. */
double cs_purged_ppm(double share_left, unsigned n);

/* Where lithium was, for how long. */
typedef struct {
    double seconds;
    double o2_ppm;  /* at atmospheric pressure                              */
    double h2o_ppm;
} CsExposure;

/* Thickness of LixO in nm: what is on it from the start to at most what could
 * grow. */
typedef struct {
    double least_nm;
    double most_nm;
    double ppm_hours; /* of both gases: to compare needles by               */
    bool   is_limited; /* most_nm is the supply of gas, not a growth law    */
} CsLithiumOxide;

#define CS_OXIDE_INIT { 0 }

/* An honest range: at least what polished glove-box lithium carries if nothing
 * sticks (5 nm), at most what it may carry (30 nm) and all gas that strikes the
 * surface with unit sticking, but never faster than room air was seen to (24
 * nm/min at 50 % humidity), in proportion to the gas. Several decades wide: it
 * compares needles, it measures none. */
CsLithiumOxide cs_lithium_oxide(const CsExposure *exposure, size_t n);

G_END_DECLS
