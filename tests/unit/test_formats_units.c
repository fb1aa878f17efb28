/* Units as files spell them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/reader.h"

static void
check(const char *unit, CsUnitKind kind, double factor)
{
    double got;

    g_assert_cmpint(cs_unit_kind(unit, &got), ==, kind);
    if (isnan(factor))
        g_assert_true(isnan(got));
    else
        g_assert_cmpfloat_with_epsilon(got, factor, 1e-12 * factor);
}

static void
knows_lengths_reciprocals_and_times(void)
{
    check("nm", CS_UNIT_LENGTH, 1);
    check(" [n_m] ", CS_UNIT_LENGTH, 1);
    check("µm", CS_UNIT_LENGTH, 1e3);
    check("μm", CS_UNIT_LENGTH, 1e3);
    check("Å", CS_UNIT_LENGTH, 0.1);
    check("1/nm", CS_UNIT_RECIPROCAL, 1);
    check("nm^-1", CS_UNIT_RECIPROCAL, 1);
    check("1/m", CS_UNIT_RECIPROCAL, 1e-9);
    check("ms", CS_UNIT_TIME, 1e-3);
    check("mrad", CS_UNIT_ANGLE, 1e-3);
    check("", CS_UNIT_NONE, NAN);
    check("pixel", CS_UNIT_NONE, NAN);
    check("eV", CS_UNIT_OTHER, NAN);
}

static void
gives_nm_only_for_lengths_above_zero(void)
{
    CsAxis axis = { 0 };

    cs_axis_set(&axis, 2, "Å");
    g_assert_cmpfloat_with_epsilon(cs_axis_nm(&axis), 0.2, 1e-15);
    cs_axis_set(&axis, -10, "A");
    g_assert_true(isnan(cs_axis_nm(&axis)));
    cs_axis_set(&axis, 1, "1/nm");
    g_assert_true(isnan(cs_axis_nm(&axis)));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/formats/units/kinds",
                    knows_lengths_reciprocals_and_times);
    g_test_add_func("/formats/units/axis",
                    gives_nm_only_for_lengths_above_zero);
    return g_test_run();
}
