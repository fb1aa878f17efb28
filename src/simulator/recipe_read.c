/* Recipes from YAML, by libfyaml, with line numbers in every complaint.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <libfyaml.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/text.h"
#include "core/yaml.h"
#include "simulator/presets.h"
#include "simulator/recipe_private.h"

enum { MAX_RECIPE_BYTES = 1 << 20 };

static char *
join_choices(const char *const *choices)
{
    return g_strjoinv(", ", (char **) choices);
}

static bool
read_number(const CsYaml *yaml, const CsRecipeKey *key, struct fy_node *node,
            char *at, GError **error)
{
    const char *text = cs_yaml_scalar(node);
    const char *gap = key->unit[0] != '\0' ? " " : "";
    double value;

    if (text != NULL && strcmp(text, "none") == 0 && isnan(key->fallback)) {
        value = NAN;
        memcpy(at, &value, sizeof value);
        return true;
    }
    if (text == NULL || !cs_text_to_double(text, &value) || !isfinite(value))
        return cs_yaml_fail(yaml, node, error,
                            "%s is %s, but must be a number from %g to %g%s%s",
                            key->name, text != NULL ? text : "no scalar",
                            key->min, key->max, gap, key->unit);
    if (value < key->min || value > key->max
        || (key->kind == CS_KEY_INTEGER && value != floor(value)))
        return cs_yaml_fail(
            yaml, node, error, "%s is %s, allowed is %s from %g to %g%s%s",
            key->name, text,
            key->kind == CS_KEY_INTEGER ? "a whole number" : "a number",
            key->min, key->max, gap, key->unit);
    if (key->kind == CS_KEY_INTEGER)
        *(int64_t *) at = (int64_t) value;
    else
        memcpy(at, &value, sizeof value);
    return true;
}

static bool
read_choice(const CsYaml *yaml, const CsRecipeKey *key, struct fy_node *node,
            char *at, GError **error)
{
    const char *text = cs_yaml_scalar(node);
    g_autofree char *allowed = NULL;

    for (int i = 0; text != NULL && key->choices[i] != NULL; i++)
        if (strcmp(text, key->choices[i]) == 0) {
            if (key->kind == CS_KEY_CHOICE)
                *(int64_t *) at = i;
            else
                g_strlcpy(at, text, CS_RECIPE_TEXT);
            return true;
        }
    allowed = join_choices(key->choices);
    return cs_yaml_fail(yaml, node, error, "%s is %s, allowed is one of %s",
                        key->name, text != NULL ? text : "no scalar", allowed);
}

static bool
read_flag(const CsYaml *yaml, const CsRecipeKey *key, struct fy_node *node,
          char *at, GError **error)
{
    const char *text = cs_yaml_scalar(node);

    if (g_strcmp0(text, "true") != 0 && g_strcmp0(text, "false") != 0)
        return cs_yaml_fail(yaml, node, error,
                            "%s is %s, allowed is true or false", key->name,
                            text != NULL ? text : "no scalar");
    *(bool *) at = text[0] == 't';
    return true;
}

static bool
read_text(const CsYaml *yaml, const CsRecipeKey *key, struct fy_node *node,
          char *at, GError **error)
{
    const char *text = cs_yaml_scalar(node);

    if (text == NULL || strlen(text) >= CS_RECIPE_TEXT
        || !g_utf8_validate(text, -1, NULL) || strpbrk(text, "\n\r\t") != NULL)
        return cs_yaml_fail(yaml, node, error,
                            "%s must be one line of at most %d bytes",
                            key->name, CS_RECIPE_TEXT - 1);
    g_strlcpy(at, text, CS_RECIPE_TEXT);
    return true;
}

static bool
read_value(const CsYaml *yaml, const CsRecipeKey *key, struct fy_node *node,
           void *section, GError **error)
{
    char *at = (char *) section + key->offset;

    switch (key->kind) {
    case CS_KEY_NUMBER:
    case CS_KEY_INTEGER: return read_number(yaml, key, node, at, error);
    case CS_KEY_CHOICE: return read_choice(yaml, key, node, at, error);
    case CS_KEY_FLAG: return read_flag(yaml, key, node, at, error);
    case CS_KEY_TEXT: break;
    }
    return key->choices != NULL ? read_choice(yaml, key, node, at, error)
                                : read_text(yaml, key, node, at, error);
}

static const CsRecipeKey *
key_named(const CsRecipeKey *keys, const char *name)
{
    for (; keys->name != NULL; keys++)
        if (g_strcmp0(keys->name, name) == 0)
            return keys;
    return NULL;
}

static bool
read_map(const CsYaml *yaml, const CsRecipeSection *section,
         struct fy_node *map, void *to, GError **error)
{
    struct fy_node_pair *pair;
    void *at = NULL;

    if (!fy_node_is_mapping(map))
        return cs_yaml_fail(yaml, map, error, "%s must be a map of keys",
                            section->name);
    while ((pair = fy_node_mapping_iterate(map, &at)) != NULL) {
        struct fy_node *k = fy_node_pair_key(pair);
        const CsRecipeKey *key = key_named(section->keys, cs_yaml_scalar(k));

        if (key == NULL)
            return cs_yaml_fail(yaml, k, error,
                                "%s has no key %s; `coatscope simulate "
                                "--list-keys` shows what there is",
                                section->name,
                                cs_yaml_scalar(k) != NULL ? cs_yaml_scalar(k)
                                                          : "like this");
        if (!read_value(yaml, key, fy_node_pair_value(pair), to, error))
            return false;
    }
    return true;
}

static bool
read_list(const CsYaml *yaml, const CsRecipeSection *section,
          struct fy_node *list, CsRecipe *recipe, GError **error)
{
    char **array = (char **) (void *) ((char *) recipe + section->offset);
    size_t *n = (size_t *) (void *) ((char *) recipe + section->n_offset);
    struct fy_node *item;
    void *at = NULL;

    if (!fy_node_is_sequence(list))
        return cs_yaml_fail(yaml, list, error, "%s must be a list",
                            section->name);
    while ((item = fy_node_sequence_iterate(list, &at)) != NULL) {
        char *element;

        if (*n >= section->max_items)
            return cs_yaml_fail(yaml, item, error,
                                "%s has more than the %zu items allowed",
                                section->name, section->max_items);
        *array = g_realloc(*array, (*n + 1) * section->size);
        element = *array + *n * section->size;
        cs_recipe_fill(section->keys, element);
        if (strcmp(section->name, "particles") == 0)
            memcpy(element, &recipe->particle, section->size);
        (*n)++;
        if (!read_map(yaml, section, item, element, error))
            return false;
    }
    return true;
}

static bool
has_section(const char *name)
{
    for (const CsRecipeSection *s = cs_recipe_sections; s->name != NULL; s++)
        if (g_strcmp0(s->name, name) == 0)
            return true;
    return false;
}

static bool
check_sections(const CsYaml *yaml, struct fy_node *root, GError **error)
{
    struct fy_node_pair *pair;
    void *at = NULL;

    if (root == NULL || !fy_node_is_mapping(root))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s is not a map of sections (recording:, "
                       "microscope:, …)",
                       yaml->name);
    while ((pair = fy_node_mapping_iterate(root, &at)) != NULL) {
        struct fy_node *key = fy_node_pair_key(pair);

        if (!has_section(cs_yaml_scalar(key)))
            return cs_yaml_fail(yaml, key, error, "there is no section %s",
                                cs_yaml_scalar(key) != NULL
                                    ? cs_yaml_scalar(key)
                                    : "like this");
    }
    return true;
}

/* Sections are read in the order of the table, so that `particle` is known
 * before `particles`, whatever the order in the file. */
static bool
read_sections(const CsYaml *yaml, struct fy_node *root, CsRecipe *recipe,
              GError **error)
{
    if (!check_sections(yaml, root, error))
        return false;
    for (const CsRecipeSection *s = cs_recipe_sections; s->name != NULL; s++) {
        struct fy_node *node
            = fy_node_mapping_lookup_by_string(root, s->name, FY_NT);

        if (node == NULL)
            continue;
        if (s->is_list ? !read_list(yaml, s, node, recipe, error)
                       : !read_map(yaml, s, node,
                                   (char *) recipe + s->offset, error))
            return false;
    }
    if (fy_node_mapping_lookup_by_string(root, "particles", FY_NT) == NULL
        && (recipe->scene.count == 0 || recipe->scene.layout == 0))
        cs_recipe_add_particle(recipe);
    return true;
}

bool
cs_recipe_parse(const char *yaml, const char *name, CsRecipe *recipe,
                GError **error)
{
    g_auto(CsRecipe) fresh = CS_RECIPE_INIT;
    g_auto(CsYaml) document = CS_YAML_INIT;

    cs_recipe_init(&fresh);
    if (!cs_yaml_parse(yaml, strlen(yaml), name, &document, error)
        || !read_sections(&document, document.root, &fresh, error))
        return false;
    cs_recipe_finish(&fresh);
    cs_recipe_lay_out(&fresh);
    if (!cs_recipe_check(&fresh, error))
        return cs_blame(error, "%s", name);
    cs_recipe_clear(recipe);
    *recipe = fresh;
    fresh = (CsRecipe) CS_RECIPE_INIT;
    return true;
}

bool
cs_recipe_load(const char *file_or_preset, CsRecipe *recipe, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autofree char *text = cs_preset_yaml(file_or_preset);
    gsize n;

    if (text != NULL)
        return cs_recipe_parse(text, file_or_preset, recipe, error);
    if (!g_file_get_contents(file_or_preset, &text, &n, &local))
        return cs_fail(error, CS_ERROR_IO,
                       "%s is neither a preset (`coatscope simulate --list`) "
                       "nor a file that can be read: %s", file_or_preset,
                       local->message);
    if (n > MAX_RECIPE_BYTES || strlen(text) != n)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s is no recipe: more than %d bytes, or binary",
                       file_or_preset, MAX_RECIPE_BYTES);
    return cs_recipe_parse(text, file_or_preset, recipe, error);
}

/* ---- Writing ---------------------------------------------------------- */

static void
add_value(GString *to, const CsRecipeKey *key, const void *section)
{
    const char *at = (const char *) section + key->offset;
    double value;

    switch (key->kind) {
    case CS_KEY_NUMBER:
        memcpy(&value, at, sizeof value);
        if (isnan(value))
            g_string_append(to, "none");
        else
            cs_text_add_double(to, value);
        return;
    case CS_KEY_INTEGER:
        g_string_append_printf(to, "%" G_GINT64_FORMAT,
                               (gint64) * (const int64_t *) at);
        return;
    case CS_KEY_FLAG:
        g_string_append(to, *(const bool *) at ? "true" : "false");
        return;
    case CS_KEY_CHOICE:
        g_string_append(to, key->choices[*(const int64_t *) at]);
        return;
    case CS_KEY_TEXT: cs_text_add_json(to, at);
    }
}

static void
add_map(GString *to, const CsRecipeSection *section, const void *from,
        const char *first)
{
    for (const CsRecipeKey *k = section->keys; k->name != NULL; k++) {
        g_string_append_printf(to, "%s%s: ",
                               k == section->keys ? first : "    ", k->name);
        add_value(to, k, from);
        g_string_append_c(to, '\n');
    }
}

char *
cs_recipe_to_yaml(const CsRecipe *recipe)
{
    GString *to = g_string_new(NULL);

    for (const CsRecipeSection *s = cs_recipe_sections; s->name != NULL; s++) {
        const char *at = (const char *) recipe + s->offset;
        size_t n;

        g_string_append_printf(to, "%s:", s->name);
        if (!s->is_list) {
            g_string_append_c(to, '\n');
            add_map(to, s, at, "    ");
            continue;
        }
        memcpy(&n, (const char *) recipe + s->n_offset, sizeof n);
        memcpy(&at, (const void *) at, sizeof at);
        g_string_append(to, n == 0 ? " []\n" : "\n");
        for (size_t i = 0; i < n; i++)
            add_map(to, s, at + i * s->size, "  - ");
    }
    return g_string_free(to, FALSE);
}
