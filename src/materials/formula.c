/* Formulas of compounds.
 *
 * Standard atomic weights, rounded to what matters here (IUPAC 2021).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "materials/tables.h"

static const struct {
    const char *symbol;
    int         z;
    double      mass_u;
} elements[] = {
    { "H", 1, 1.008 },      { "Li", 3, 6.94 },      { "Be", 4, 9.012 },
    { "B", 5, 10.81 },      { "C", 6, 12.011 },     { "N", 7, 14.007 },
    { "O", 8, 15.999 },     { "F", 9, 18.998 },     { "Na", 11, 22.99 },
    { "Mg", 12, 24.305 },   { "Al", 13, 26.982 },   { "Si", 14, 28.0855 },
    { "P", 15, 30.974 },    { "S", 16, 32.06 },     { "Cl", 17, 35.45 },
    { "K", 19, 39.098 },    { "Ca", 20, 40.078 },   { "Ti", 22, 47.867 },
    { "V", 23, 50.942 },    { "Cr", 24, 51.996 },   { "Mn", 25, 54.938 },
    { "Fe", 26, 55.845 },   { "Co", 27, 58.933 },   { "Ni", 28, 58.693 },
    { "Cu", 29, 63.546 },   { "Zn", 30, 65.38 },    { "Ga", 31, 69.723 },
    { "Ge", 32, 72.63 },    { "As", 33, 74.922 },   { "Se", 34, 78.971 },
    { "Sr", 38, 87.62 },    { "Y", 39, 88.906 },    { "Zr", 40, 91.224 },
    { "Nb", 41, 92.906 },   { "Mo", 42, 95.95 },    { "Ag", 47, 107.868 },
    { "In", 49, 114.818 },  { "Sn", 50, 118.71 },   { "Sb", 51, 121.76 },
    { "Te", 52, 127.6 },    { "I", 53, 126.904 },   { "Ba", 56, 137.327 },
    { "La", 57, 138.905 },  { "Hf", 72, 178.486 },  { "Ta", 73, 180.948 },
    { "W", 74, 183.84 },    { "Pt", 78, 195.084 },  { "Au", 79, 196.967 },
    { "Pb", 82, 207.2 },    { "Bi", 83, 208.98 },
};

static bool
take_element(const char **at, CsAtoms *atoms)
{
    size_t n = g_ascii_isupper(**at) ? 1 : 0;

    while (n > 0 && n < 3 && g_ascii_islower((*at)[n]))
        n++;
    for (size_t i = 0; i < G_N_ELEMENTS(elements); i++)
        if (n > 0 && strlen(elements[i].symbol) == n
            && strncmp(*at, elements[i].symbol, n) == 0) {
            *atoms = (CsAtoms) { elements[i].z, elements[i].mass_u, 1 };
            *at += n;
            return true;
        }
    return false;
}

bool
cs_formula_parse(const char *text, CsAtoms atoms[CS_MAX_ATOMS])
{
    size_t n = 0;

    memset(atoms, 0, CS_MAX_ATOMS * sizeof *atoms);
    while (*text != '\0') {
        if (n >= CS_MAX_ATOMS - 1 || !take_element(&text, &atoms[n]))
            return false;
        if (g_ascii_isdigit(*text)) {
            char *end = NULL;

            atoms[n].n = g_ascii_strtod(text, &end);
            if (!(atoms[n].n > 0 && atoms[n].n < 1000))
                return false;
            text = end;
        }
        n++;
    }
    return n > 0;
}
