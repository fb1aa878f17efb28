/* Materials: looking up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/materials.h"

#include <math.h>
#include <string.h>

#include "materials/tables.h"

/* ---- By name --------------------------------------------------------------- */

const CsMaterial *
cs_materials_material(const CsMaterials *materials, const char *name)
{
    for (guint i = 0; name != NULL && i < materials->material->len; i++) {
        const CsMaterial *m
            = &g_array_index(materials->material, CsMaterial, i);

        if (strcmp(m->name, name) == 0)
            return m;
    }
    return NULL;
}

const CsHost *
cs_materials_host(const CsMaterials *materials, const char *host,
                  const char *ion)
{
    for (guint i = 0; host != NULL && ion != NULL && i < materials->host->len;
         i++) {
        const CsHost *h = &g_array_index(materials->host, CsHost, i);

        if (strcmp(h->host, host) == 0 && strcmp(h->ion, ion) == 0)
            return h;
    }
    return NULL;
}

const CsCoatMaterial *
cs_materials_coat(const CsMaterials *materials, const char *name)
{
    for (guint i = 0; name != NULL && i < materials->coat->len; i++) {
        const CsCoatMaterial *c
            = &g_array_index(materials->coat, CsCoatMaterial, i);

        if (strcmp(c->name, name) == 0)
            return c;
    }
    return NULL;
}

const CsMaterial *
cs_materials_materials(const CsMaterials *materials, size_t *n)
{
    *n = materials->material->len;
    return (const CsMaterial *) (const void *) materials->material->data;
}

const CsHost *
cs_materials_hosts(const CsMaterials *materials, size_t *n)
{
    *n = materials->host->len;
    return (const CsHost *) (const void *) materials->host->data;
}

const CsCoatMaterial *
cs_materials_coats(const CsMaterials *materials, size_t *n)
{
    *n = materials->coat->len;
    return (const CsCoatMaterial *) (const void *) materials->coat->data;
}

const CsMaterial *
cs_material_named(const char *name)
{
    return cs_materials_material(cs_materials_builtin(), name);
}

const CsHost *
cs_host_named(const char *host, const char *ion)
{
    return cs_materials_host(cs_materials_builtin(), host, ion);
}

const CsCoatMaterial *
cs_coat_material_named(const char *name)
{
    return cs_materials_coat(cs_materials_builtin(), name);
}

/* ---- What follows ------------------------------------------------------------ */

double
cs_host_swelling(const CsHost *host)
{
    return host->volume_ratio;
}

double
cs_free_expansion(const CsHost *host, const CsCoatMaterial *coat,
                  double diameter_nm, double thickness_nm)
{
    double coat_ratio = coat != NULL ? coat->swelling : 1, share = 1;

    if (thickness_nm > 0) {
        if (!(2 * thickness_nm < diameter_nm))
            return NAN;
        share = pow(1 - 2 * thickness_nm / diameter_nm, 3);
    }
    if (isnan(coat_ratio))
        coat_ratio = 1;
    return pow(share * host->volume_ratio + (1 - share) * coat_ratio,
               2.0 / 3);
}
