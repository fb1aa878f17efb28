/* Files of materials.
 *
 * Each kind of entry is a table of keys, as in campaign files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <libfyaml.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/text.h"
#include "core/yaml.h"
#include "materials-resources.h"
#include "materials/tables.h"

enum { MAX_ENTRIES = 10000, MAX_TEXT = 1000 };

typedef enum { TEXT, FORMULA, NUMBER } Kind;

typedef struct {
    const char *name;
    Kind        kind;
    bool        needed;
    size_t      offset;
    size_t      origin;   /* of a NUMBER: its CsOrigin; 0: it has none      */
    double      low, high; /* allowed, both included                        */
} Key;

#define IN(type, field) offsetof(type, field)

static const Key material_keys[] = {
    { "name", TEXT, true, IN(CsMaterial, name), 0, 0, 0 },
    { "formula", FORMULA, true, IN(CsMaterial, atoms), 0, 0, 0 },
    { "density_g_per_cm3", NUMBER, true, IN(CsMaterial, density_g_per_cm3),
      IN(CsMaterial, density_origin), 0.01, 30 },
    { 0 },
};

static const Key host_keys[] = {
    { "host", TEXT, true, IN(CsHost, host), 0, 0, 0 },
    { "ion", TEXT, true, IN(CsHost, ion), 0, 0, 0 },
    { "product", TEXT, true, IN(CsHost, product), 0, 0, 0 },
    { "ions_per_host", NUMBER, true, IN(CsHost, x_full), 0, 1e-3, 100 },
    { "v_host_cm3_per_mol", NUMBER, true, IN(CsHost, v_host_cm3_per_mol),
      IN(CsHost, v_host_origin), 0.1, 1e4 },
    { "volume_ratio", NUMBER, true, IN(CsHost, volume_ratio),
      IN(CsHost, ratio_origin), 0.1, 20 },
    { 0 },
};

static const Key coat_keys[] = {
    { "name", TEXT, true, IN(CsCoatMaterial, name), 0, 0, 0 },
    { "young_GPa", NUMBER, false, IN(CsCoatMaterial, young_GPa),
      IN(CsCoatMaterial, young_origin), 1e-3, 2000 },
    { "poisson", NUMBER, false, IN(CsCoatMaterial, poisson),
      IN(CsCoatMaterial, poisson_origin), -1, 0.5 },
    { "toughness_MPa_m05", NUMBER, false,
      IN(CsCoatMaterial, toughness_MPa_m05),
      IN(CsCoatMaterial, toughness_origin), 1e-3, 1000 },
    { "volume_ratio", NUMBER, false, IN(CsCoatMaterial, swelling),
      IN(CsCoatMaterial, swelling_origin), 0.1, 20 },
    { 0 },
};

typedef struct {
    const CsYaml *yaml;
    CsMaterials  *to;
} Reading;

/* ---- One value ------------------------------------------------------- */

static bool
read_text(const Reading *r, const char *name, struct fy_node *node,
          const char **to, GError **error)
{
    const char *text = cs_yaml_scalar(node);

    if (text == NULL || text[0] == '\0' || strlen(text) > MAX_TEXT
        || strpbrk(text, "\n\r\t") != NULL)
        return cs_yaml_fail(r->yaml, node, error,
                            "%s must be one line of 1 to %d bytes", name,
                            MAX_TEXT);
    *to = g_string_chunk_insert_const(r->to->text, text);
    return true;
}

static bool
read_plain(const Reading *r, const Key *key, struct fy_node *node, double *to,
           GError **error)
{
    const char *text = cs_yaml_scalar(node);
    double value;

    if (text == NULL || !cs_text_to_double(text, &value)
        || !(value >= key->low && value <= key->high))
        return cs_yaml_fail(r->yaml, node, error,
                            "%s is %.40s, allowed is a number from %g to %g",
                            key->name, text != NULL ? text : "no number",
                            key->low, key->high);
    *to = value;
    return true;
}

static bool
read_range(const Reading *r, const Key *key, struct fy_node *node,
           CsOrigin *origin, GError **error)
{
    if (!fy_node_is_sequence(node) || fy_node_sequence_item_count(node) != 2)
        return cs_yaml_fail(r->yaml, node, error,
                            "the range of %s must be [LOW, HIGH]", key->name);
    if (!read_plain(r, key, fy_node_sequence_get_by_index(node, 0),
                    &origin->low, error)
        || !read_plain(r, key, fy_node_sequence_get_by_index(node, 1),
                       &origin->high, error))
        return false;
    return origin->low <= origin->high
           || cs_yaml_fail(r->yaml, node, error,
                           "the range of %s goes from %g down to %g",
                           key->name, origin->low, origin->high);
}

/* One of value, range, source. */
static bool
read_part(const Reading *r, const Key *key, struct fy_node_pair *pair,
          double *to, CsOrigin *origin, GError **error)
{
    struct fy_node *name = fy_node_pair_key(pair);
    struct fy_node *node = fy_node_pair_value(pair);
    const char *word = cs_yaml_scalar(name);

    if (g_strcmp0(word, "value") == 0)
        return read_plain(r, key, node, to, error);
    if (g_strcmp0(word, "range") == 0)
        return read_range(r, key, node, origin, error);
    if (g_strcmp0(word, "source") == 0)
        return read_text(r, "source", node, &origin->source, error);
    return cs_yaml_fail(r->yaml, name, error,
                        "%s has no key %.40s, allowed are value, range, "
                        "source", key->name, word != NULL ? word : "like this");
}

/* A number alone, or a map with its range and source. */
static bool
read_number(const Reading *r, const Key *key, struct fy_node *node,
            char *to, GError **error)
{
    CsOrigin origin = { NAN, NAN, "" };
    struct fy_node_pair *pair;
    double *value = (double *) (void *) (to + key->offset);
    void *at = NULL;

    origin.source = g_string_chunk_insert_const(r->to->text, r->yaml->name);
    *value = NAN;
    if (key->origin == 0 || !fy_node_is_mapping(node)) {
        if (!read_plain(r, key, node, value, error))
            return false;
    } else
        while ((pair = fy_node_mapping_iterate(node, &at)) != NULL)
            if (!read_part(r, key, pair, value, &origin, error))
                return false;
    if (isnan(*value))
        return cs_yaml_fail(r->yaml, node, error, "%s has no value",
                            key->name);
    if (*value < origin.low || *value > origin.high)
        return cs_yaml_fail(r->yaml, node, error,
                            "%s is %g, outside its range of %g to %g",
                            key->name, *value, origin.low, origin.high);
    if (key->origin > 0)
        *(CsOrigin *) (void *) (to + key->origin) = origin;
    return true;
}

static bool
read_value(const Reading *r, const Key *key, struct fy_node *node, char *to,
           GError **error)
{
    void *at = to + key->offset;
    const char *text = NULL;

    switch (key->kind) {
    case TEXT: return read_text(r, key->name, node, at, error);
    case NUMBER: return read_number(r, key, node, to, error);
    case FORMULA: break;
    }
    if (!read_text(r, key->name, node, &text, error))
        return false;
    return cs_formula_parse(text, at)
           || cs_yaml_fail(r->yaml, node, error,
                           "the formula is %.40s, allowed are up to %d "
                           "elements with numbers, as in Li3.75Si", text,
                           CS_MAX_ATOMS - 1);
}

/* ---- One entry ------------------------------------------------------- */

static const Key *
key_named(const Key *keys, const char *name)
{
    for (; keys->name != NULL; keys++)
        if (g_strcmp0(keys->name, name) == 0)
            return keys;
    return NULL;
}

static bool
fail_key(const Reading *r, const Key *keys, struct fy_node *node,
         GError **error)
{
    g_autoptr(GString) allowed = g_string_new(NULL);
    const char *name = cs_yaml_scalar(node);

    for (const Key *k = keys; k->name != NULL; k++)
        g_string_append_printf(allowed, "%s%s", k == keys ? "" : ", ",
                               k->name);
    return cs_yaml_fail(r->yaml, node, error,
                        "there is no key %.40s, allowed are %s",
                        name != NULL ? name : "like this", allowed->str);
}

static bool
read_entry(const Reading *r, const Key *keys, struct fy_node *map, char *to,
           GError **error)
{
    struct fy_node_pair *pair;
    void *at = NULL;

    if (!fy_node_is_mapping(map))
        return cs_yaml_fail(r->yaml, map, error,
                            "an entry must be a map of keys");
    while ((pair = fy_node_mapping_iterate(map, &at)) != NULL) {
        struct fy_node *k = fy_node_pair_key(pair);
        const Key *key = key_named(keys, cs_yaml_scalar(k));

        if (key == NULL)
            return fail_key(r, keys, k, error);
        if (fy_node_pair_value(pair) == NULL)
            return cs_yaml_fail(r->yaml, k, error, "%s has no value",
                                key->name);
        if (!read_value(r, key, fy_node_pair_value(pair), to, error))
            return false;
    }
    for (const Key *k = keys; k->name != NULL; k++)
        if (k->needed
            && fy_node_mapping_lookup_by_string(map, k->name, FY_NT) == NULL)
            return cs_yaml_fail(r->yaml, map, error,
                                "this entry lacks the key %s", k->name);
    return true;
}

/* Puts an entry in the place of the one of its name, or at the end. */
static void
put(GArray *all, const void *entry, const void *old)
{
    guint size = g_array_get_element_size(all);

    if (old != NULL)
        memcpy(all->data + ((const char *) old - all->data), entry, size);
    else
        g_array_append_vals(all, entry, 1);
}

static bool
check_material(const Reading *r, struct fy_node *map, const char *name,
               GError **error)
{
    return cs_materials_material(r->to, name) != NULL
           || cs_yaml_fail(r->yaml, map, error,
                           "%.60s is no material; add it under materials",
                           name);
}

static bool
read_material(const Reading *r, struct fy_node *map, GError **error)
{
    CsMaterial m = { .density_origin = { NAN, NAN, "" } };

    if (!read_entry(r, material_keys, map, (char *) &m, error))
        return false;
    put(r->to->material, &m, cs_materials_material(r->to, m.name));
    return true;
}

static bool
read_host(const Reading *r, struct fy_node *map, GError **error)
{
    CsHost h = { 0 };

    if (!read_entry(r, host_keys, map, (char *) &h, error)
        || !check_material(r, map, h.host, error)
        || !check_material(r, map, h.product, error))
        return false;
    put(r->to->host, &h, cs_materials_host(r->to, h.host, h.ion));
    return true;
}

static bool
read_coat(const Reading *r, struct fy_node *map, GError **error)
{
    static const CsOrigin none = { NAN, NAN, "not known" };
    CsCoatMaterial c = {
        .young_GPa = NAN, .poisson = NAN, .toughness_MPa_m05 = NAN,
        .swelling = NAN, .young_origin = none, .poisson_origin = none,
        .toughness_origin = none, .swelling_origin = none,
    };

    if (!read_entry(r, coat_keys, map, (char *) &c, error)
        || !check_material(r, map, c.name, error))
        return false;
    put(r->to->coat, &c, cs_materials_coat(r->to, c.name));
    return true;
}

/* ---- A whole file ---------------------------------------------------- */

static const struct {
    const char *name;
    bool (*read)(const Reading *r, struct fy_node *map, GError **error);
} sections[] = {
    { "materials", read_material },
    { "hosts", read_host },
    { "coats", read_coat },
};

static bool
check_sections(const CsYaml *yaml, GError **error)
{
    struct fy_node_pair *pair;
    void *at = NULL;

    if (!fy_node_is_mapping(yaml->root))
        return cs_yaml_fail(yaml, yaml->root, error,
                            "a file of materials must be a map of keys");
    while ((pair = fy_node_mapping_iterate(yaml->root, &at)) != NULL) {
        const char *name = cs_yaml_scalar(fy_node_pair_key(pair));
        bool known = false;

        for (size_t i = 0; i < G_N_ELEMENTS(sections); i++)
            known = known || g_strcmp0(name, sections[i].name) == 0;
        if (!known)
            return cs_yaml_fail(yaml, fy_node_pair_key(pair), error,
                                "there is no key %.40s, allowed are "
                                "materials, hosts, coats",
                                name != NULL ? name : "like this");
    }
    return true;
}

static bool
add_file(const CsYaml *yaml, CsMaterials *to, GError **error)
{
    const Reading r = { yaml, to };

    if (!check_sections(yaml, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
        struct fy_node *list = fy_node_mapping_lookup_by_string(
            yaml->root, sections[i].name, FY_NT);
        struct fy_node *map;
        void *at = NULL;
        int n = 0;

        if (list == NULL)
            continue;
        if (!fy_node_is_sequence(list))
            return cs_yaml_fail(yaml, list, error, "%s must be a list",
                                sections[i].name);
        while ((map = fy_node_sequence_iterate(list, &at)) != NULL)
            if (++n > MAX_ENTRIES || !sections[i].read(&r, map, error))
                return n <= MAX_ENTRIES
                           ? false
                           : cs_yaml_fail(yaml, map, error,
                                          "more than the %d entries allowed",
                                          MAX_ENTRIES);
    }
    return true;
}

static CsMaterials *
read_builtin(GError **error)
{
    g_autoptr(CsMaterials) made = g_new0(CsMaterials, 1);
    g_autoptr(GBytes) bytes = g_resource_lookup_data(
        cs_materials_get_resource(), "/coatscope/materials/materials.yaml",
        G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    g_auto(CsYaml) yaml = CS_YAML_INIT;
    gsize n = 0;
    const char *text = g_bytes_get_data(bytes, &n);

    made->text = g_string_chunk_new(4096);
    made->material = g_array_new(FALSE, FALSE, sizeof(CsMaterial));
    made->host = g_array_new(FALSE, FALSE, sizeof(CsHost));
    made->coat = g_array_new(FALSE, FALSE, sizeof(CsCoatMaterial));
    if (!cs_yaml_parse(text, n, "materials.yaml", &yaml, error)
        || !add_file(&yaml, made, error))
        return NULL;
    return g_steal_pointer(&made);
}

const CsMaterials *
cs_materials_builtin(void)
{
    static gsize made = 0;

    if (g_once_init_enter(&made)) {
        g_autoptr(GError) error = NULL;
        CsMaterials *builtin = read_builtin(&error);

        g_assert_no_error(error);
        g_once_init_leave(&made, (gsize) builtin);
    }
    return (const CsMaterials *) made;
}

CsMaterials *
cs_materials_read(const char *path, GError **error)
{
    g_autoptr(CsMaterials) made = read_builtin(error);
    g_auto(CsYaml) yaml = CS_YAML_INIT;

    if (made == NULL || !cs_yaml_read(path, &yaml, error)
        || !add_file(&yaml, made, error))
        return NULL;
    return g_steal_pointer(&made);
}

void
cs_materials_free(CsMaterials *materials)
{
    if (materials == NULL)
        return;
    g_string_chunk_free(materials->text);
    g_array_unref(materials->material);
    g_array_unref(materials->host);
    g_array_unref(materials->coat);
    g_free(materials);
}
