/* Tables of hosts, ions and coatings.
 *
 * Volumes of final phases from cell constants and densities; the literature
 * differs by up to 15 %. Obrovac, Christensen, Le & Dahn, J. Electrochem.
 * Soc. 154, A849 (2007) for 8.9 cm3 per mol of lithium in alloys.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/materials.h"

#include <math.h>
#include <string.h>

const CsMaterial cs_materials[] = {
    { "Si", 2.329, { { 14, 28.0855, 1 } }, "crystal" },
    { "Li15Si4", 1.191, { { 3, 6.94, 3.75 }, { 14, 28.0855, 1 } },
      "8.9 cm3/mol Li (Obrovac 2007)" },
    { "Ge", 5.323, { { 32, 72.63, 1 } }, "crystal" },
    { "Li15Ge4", 2.090, { { 3, 6.94, 3.75 }, { 32, 72.63, 1 } },
      "a = 1.0783 nm" },
    { "Sn", 7.287, { { 50, 118.71, 1 } }, "crystal (beta)" },
    { "Li4.4Sn", 2.692, { { 3, 6.94, 4.4 }, { 50, 118.71, 1 } },
      "8.9 cm3/mol Li" },
    { "Na15Sn4", 2.400, { { 11, 22.99, 3.75 }, { 50, 118.71, 1 } },
      "a = 1.314 nm" },
    { "Al", 2.700, { { 13, 26.982, 1 } }, "crystal" },
    { "LiAl", 1.743, { { 3, 6.94, 1 }, { 13, 26.982, 1 } }, "a = 0.637 nm" },
    { "Sb", 6.697, { { 51, 121.76, 1 } }, "crystal" },
    { "Li3Sb", 3.337, { { 3, 6.94, 3 }, { 51, 121.76, 1 } }, "a = 0.6572 nm" },
    { "Na3Sb", 2.670, { { 11, 22.99, 3 }, { 51, 121.76, 1 } }, "crystal" },
    { "SiO2", 2.20, { { 14, 28.0855, 1 }, { 8, 15.999, 2 } }, "amorphous" },
    { "TiO2", 3.80, { { 22, 47.867, 1 }, { 8, 15.999, 2 } },
      "amorphous ALD, 3.6-3.9" },
    { "Al2O3", 3.20, { { 13, 26.982, 2 }, { 8, 15.999, 3 } },
      "amorphous ALD, 3.1-3.3 (Rontu 2018)" },
    { "ZnO", 5.60, { { 30, 65.38, 1 }, { 8, 15.999, 1 } }, "crystal" },
    { "LiNbO3", 4.50,
      { { 3, 6.94, 1 }, { 41, 92.906, 1 }, { 8, 15.999, 3 } }, "amorphous" },
    { "Li3PO4", 2.40,
      { { 3, 6.94, 3 }, { 15, 30.974, 1 }, { 8, 15.999, 4 } }, "amorphous" },
    { "C", 1.90, { { 6, 12.011, 1 } }, "amorphous" },
    { "Li2O", 2.013, { { 3, 6.94, 2 }, { 8, 15.999, 1 } }, "crystal" },
    { "Na2O", 2.27, { { 11, 22.99, 2 }, { 8, 15.999, 1 } }, "crystal" },
    { "Li", 0.534, { { 3, 6.94, 1 } }, "crystal" },
    { "W", 19.25, { { 74, 183.84, 1 } }, "crystal" },
    { 0 },
};

const CsHost cs_hosts[] = {
    { "Si", "Li", 12.06, 12.06 + 3.75 * 8.9, 3.75, "Li15Si4",
      "Obrovac 2007; A/A0 2.42" },
    { "Ge", "Li", 13.65, 13.65 * 3.4584077, 3.75, "Li15Ge4", "a = 1.0783 nm" },
    { "Sn", "Li", 16.29, 16.29 * 3.4039288, 4.4, "Li4.4Sn", "8.9 cm3/mol Li" },
    { "Al", "Li", 9.99, 9.99 * 1.9470779, 1, "LiAl", "a = 0.637 nm" },
    { "Sb", "Li", 18.18, 18.18 * 2.3506593, 3, "Li3Sb", "a = 0.6572 nm" },
    { "Sn", "Na", 16.29, 16.29 * 5.2419869, 3.75, "Na15Sn4", "a = 1.314 nm" },
    { "Sb", "Na", 18.18, 18.18 * 3.9297759, 3, "Na3Sb", "crystal" },
    { 0 },
};

const CsCoatMaterial cs_coat_materials[] = {
    { "TiO2", 150, 0.27, 1.0, 1.04, "K 0.5-2 from memory of the literature" },
    { "Al2O3", 165, 0.24, 2.0, 1.0, "K 1.89-2.30 (Jen); E 115-170 (Rontu)" },
    { "ZnO", 125, 0.30, 1.0, 1.0, "from memory" },
    { "LiNbO3", 185, 0.25, 1.0, 1.0, "from memory" },
    { "Li3PO4", 90, 0.26, 0.75, 1.0, "ductile creep reported; from memory" },
    { "C", 85, 0.20, 2.0, 1.05, "9 nm survive on SnO2 wires (Li 2014)" },
    { "SiO2", 72, 0.17, 0.75, 1.14, "2SiO2 + 4Li -> Li4SiO4 + Si" },
    { 0 },
};

const CsMaterial *
cs_material_named(const char *name)
{
    for (const CsMaterial *m = cs_materials; m->name != NULL; m++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

const CsHost *
cs_host_named(const char *host, const char *ion)
{
    for (const CsHost *h = cs_hosts; h->host != NULL; h++)
        if (strcmp(h->host, host) == 0 && strcmp(h->ion, ion) == 0)
            return h;
    return NULL;
}

double
cs_host_swelling(const CsHost *host)
{
    return host->v_full_cm3_per_mol / host->v_host_cm3_per_mol;
}

const CsCoatMaterial *
cs_coat_material_named(const char *name)
{
    for (const CsCoatMaterial *c = cs_coat_materials; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}
