/* Campaign files.
 *
 * Each map is a table of keys; the tables are all that is known about keys.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/campaign.h"

#include <libfyaml.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/materials.h"
#include "core/text.h"
#include "core/yaml.h"

enum { MAX_NAME_BYTES = 200, MAX_PATH_BYTES = 4095 };

typedef enum { NAME, PATH, POSITIVE, NUMBER, SIGNED, FLAG, RATE,
               BEAM, MATERIALS, LIST } Kind;

typedef struct {
    const char *name;
    Kind        kind;
    size_t      offset; /* into what the map fills                          */
    bool        needed;
    double      max;    /* of numbers; all but SIGNED are 0 or more         */
} Key;

#define IN(type, field) offsetof(type, field)

static const Key campaign_keys[] = {
    { "campaign", NAME, IN(CsCampaign, name), false, 0 },
    { "host", NAME, IN(CsCampaign, host), true, 0 },
    { "ion", NAME, IN(CsCampaign, ion), true, 0 },
    { "materials", MATERIALS, IN(CsCampaign, materials), false, 0 },
    { "coatings", LIST, 0, true, 0 },
    { 0 },
};

static const Key coating_keys[] = {
    { "name", NAME, IN(CsCampaignCoating, name), true, 0 },
    { "material", NAME, IN(CsCampaignCoating, material), false, 0 },
    { "thickness_nm", NUMBER, IN(CsCampaignCoating, thickness_nm), false,
      1e4 },
    { "recordings", LIST, 0, true, 0 },
    { 0 },
};

static const Key recording_keys[] = {
    { "path", PATH, IN(CsCampaignRecording, path), true, 0 },
    { "name", NAME, IN(CsCampaignRecording, name), false, 0 },
    { "scale_nm_per_px", POSITIVE, IN(CsCampaignRecording, scale_nm_per_px),
      false, 1e6 },
    { "scale_y_nm_per_px", POSITIVE,
      IN(CsCampaignRecording, scale_y_nm_per_px), false, 1e6 },
    { "interval_s", POSITIVE, IN(CsCampaignRecording, interval_s), false,
      1e7 },
    { "interval_per", NAME, IN(CsCampaignRecording, interval_per), false, 0 },
    { "times", PATH, IN(CsCampaignRecording, times), false, 0 },
    { "allow_gaps", FLAG, IN(CsCampaignRecording, allow_gaps), false, 0 },
    { "session", NAME, IN(CsCampaignRecording, session), false, 0 },
    { "dose_rate_e_per_A2_s", RATE,
      IN(CsCampaignRecording, beam.rate_e_per_A2_s), false, 0 },
    { "vacuum_counts", POSITIVE, IN(CsCampaignRecording, beam.vacuum_counts),
      false, 1e12 },
    { "counts_per_electron", POSITIVE,
      IN(CsCampaignRecording, beam.counts_per_electron), false, 1e9 },
    { "unrecorded_beam_s", BEAM, IN(CsCampaignRecording, beam), false, 0 },
    { "beam_blanked", FLAG, IN(CsCampaignRecording, beam.is_blanked), false,
      0 },
    { "bias_log", PATH, IN(CsCampaignRecording, bias_log), false, 0 },
    { "bias_log_offset_s", SIGNED, IN(CsCampaignRecording, bias_log_offset_s),
      false, 1e9 },
    { "bias_log_step", FLAG, IN(CsCampaignRecording, bias_log_step), false,
      0 },
    { "bias_log_zone", NAME, IN(CsCampaignRecording, bias_log_zone), false,
      0 },
    { "bias_log_time", NAME, IN(CsCampaignRecording, bias_log_columns[0]),
      false, 0 },
    { "bias_log_bias", NAME, IN(CsCampaignRecording, bias_log_columns[1]),
      false, 0 },
    { "bias_log_current", NAME, IN(CsCampaignRecording, bias_log_columns[2]),
      false, 0 },
    { "contact_s", NUMBER, IN(CsCampaignRecording, contact_s), false, 1e9 },
    { 0 },
};

typedef struct {
    const CsYaml *yaml;
    const char   *folder; /* paths start here                               */
    GHashTable   *names;  /* of recordings so far                           */
    size_t        n;      /* of recordings so far                           */
} Reading;

/* ---- One value --------------------------------------------------------- */

static bool
read_text(const Reading *r, const Key *key, struct fy_node *node, char **at,
          GError **error)
{
    const char *text = cs_yaml_scalar(node);
    size_t max = key->kind == PATH ? MAX_PATH_BYTES : MAX_NAME_BYTES;

    for (const char *c = text; c != NULL && *c != '\0'; c++)
        if ((unsigned char) *c < 0x20 || *c == 0x7f)
            text = NULL;
    if (text == NULL || text[0] == '\0' || strlen(text) > max)
        return cs_yaml_fail(r->yaml, node, error,
                            "%s must be one line of 1 to %" G_GSIZE_FORMAT
                            " bytes", key->name, max);
    *at = key->kind == PATH && !g_path_is_absolute(text)
              ? g_build_filename(r->folder, text, NULL)
              : g_strdup(text);
    return true;
}

static bool
read_number(const Reading *r, const Key *key, struct fy_node *node,
            double *at, GError **error)
{
    const char *text = cs_yaml_scalar(node);
    double value, least = key->kind == SIGNED ? -key->max : 0;

    if (text == NULL || !cs_text_to_double(text, &value) || !isfinite(value)
        || value < least || value > key->max
        || (key->kind == POSITIVE && value == 0))
        return cs_yaml_fail(r->yaml, node, error,
                            "%s is %s, allowed is a number %s %g, up to %g",
                            key->name, text != NULL ? text : "no number",
                            key->kind == POSITIVE ? "above" : "from", least,
                            key->max);
    *at = value;
    return true;
}

static bool
read_flag(const Reading *r, const Key *key, struct fy_node *node, bool *at,
          GError **error)
{
    const char *text = cs_yaml_scalar(node);

    if (g_strcmp0(text, "true") != 0 && g_strcmp0(text, "false") != 0)
        return cs_yaml_fail(r->yaml, node, error,
                            "%s is %s, allowed is true or false", key->name,
                            text != NULL ? text : "no scalar");
    *at = text[0] == 't';
    return true;
}

/* What the library cannot take is said with file and line. */
static bool
blame_line(const Reading *r, struct fy_node *node, bool ok, GError *cause,
           GError **error)
{
    if (!ok) {
        cs_yaml_fail(r->yaml, node, error, "%s", cause->message);
        g_error_free(cause);
    }
    return ok;
}

static bool
read_words(const Reading *r, const Key *key, struct fy_node *node, void *at,
           GError **error)
{
    const char *text = cs_yaml_scalar(node);
    CsBeamOptions *beam = at;
    GError *cause = NULL;
    bool ok;

    if (text == NULL)
        return cs_yaml_fail(r->yaml, node, error, "%s must be one line",
                            key->name);
    if (key->kind == RATE)
        ok = cs_dose_rate_parse(text, at, &cause);
    else
        ok = cs_beam_times_parse(text, &beam->before, &beam->n_before,
                                 &cause);
    return blame_line(r, node, ok, cause, error);
}

static bool
read_materials(const Reading *r, const Key *key, struct fy_node *node,
               CsMaterials **at, GError **error)
{
    const Key as_path = { key->name, PATH, 0, false, 0 };
    g_autofree char *path = NULL;

    if (!read_text(r, &as_path, node, &path, error))
        return false;
    if (*at != NULL) /* the user named another file */
        return true;
    *at = cs_materials_read(path, error);
    if (*at == NULL)
        g_prefix_error(error, "%s, line %d: ", r->yaml->name,
                       cs_yaml_line(node));
    return *at != NULL;
}

static bool
read_value(const Reading *r, const Key *key, struct fy_node *node, char *to,
           GError **error)
{
    void *at = to + key->offset;

    switch (key->kind) {
    case NAME:
    case PATH: return read_text(r, key, node, at, error);
    case POSITIVE:
    case SIGNED:
    case NUMBER: return read_number(r, key, node, at, error);
    case FLAG: return read_flag(r, key, node, at, error);
    case RATE:
    case BEAM: return read_words(r, key, node, at, error);
    case MATERIALS: return read_materials(r, key, node, at, error);
    case LIST: break;
    }
    return true;
}

/* ---- One map ----------------------------------------------------------- */

static const Key *
key_named(const Key *keys, const char *name)
{
    for (; keys->name != NULL; keys++)
        if (g_strcmp0(keys->name, name) == 0)
            return keys;
    return NULL;
}

static bool
fail_key(const Reading *r, const char *what, const Key *keys,
         struct fy_node *node, GError **error)
{
    g_autoptr(GString) allowed = g_string_new(NULL);
    const char *name = cs_yaml_scalar(node);

    for (const Key *k = keys; k->name != NULL; k++)
        g_string_append_printf(allowed, "%s%s", k == keys ? "" : ", ",
                               k->name);
    return cs_yaml_fail(r->yaml, node, error,
                        "%s has no key %s, allowed are %s", what,
                        name != NULL ? name : "like this", allowed->str);
}

static bool
is_no_list(struct fy_node *node)
{
    return !fy_node_is_sequence(node) || fy_node_sequence_is_empty(node);
}

static bool
read_map(const Reading *r, const char *what, const Key *keys,
         struct fy_node *map, void *to, GError **error)
{
    struct fy_node_pair *pair;
    void *at = NULL;

    if (!fy_node_is_mapping(map))
        return cs_yaml_fail(r->yaml, map, error, "%s must be a map of keys",
                            what);
    while ((pair = fy_node_mapping_iterate(map, &at)) != NULL) {
        struct fy_node *k = fy_node_pair_key(pair);
        const Key *key = key_named(keys, cs_yaml_scalar(k));

        if (key == NULL)
            return fail_key(r, what, keys, k, error);
        if (fy_node_pair_value(pair) == NULL)
            return cs_yaml_fail(r->yaml, k, error, "%s has no value",
                                key->name);
        if (key->kind == LIST && is_no_list(fy_node_pair_value(pair)))
            return cs_yaml_fail(r->yaml, k, error,
                                "%s must be a list of at least one",
                                key->name);
        if (!read_value(r, key, fy_node_pair_value(pair), to, error))
            return false;
    }
    for (const Key *k = keys; k->name != NULL; k++)
        if (k->needed
            && fy_node_mapping_lookup_by_string(map, k->name, FY_NT) == NULL)
            return cs_yaml_fail(r->yaml, map, error, "%s lacks the key %s",
                                what, k->name);
    return true;
}

static struct fy_node *
list_of(struct fy_node *map, const char *name)
{
    return fy_node_mapping_lookup_by_string(map, name, FY_NT);
}

/* ---- Recordings, coatings, all ----------------------------------------- */

static bool
name_recording(Reading *r, struct fy_node *map, CsCampaignRecording *to,
               GError **error)
{
    struct fy_node *path
        = fy_node_mapping_lookup_by_string(map, "path", FY_NT);

    if (to->name == NULL)
        to->name = g_strdup(cs_yaml_scalar(path));
    if (strlen(to->name) > MAX_NAME_BYTES)
        return cs_yaml_fail(r->yaml, path, error,
                            "a path this long needs a name beside it");
    if (!g_hash_table_add(r->names, to->name))
        return cs_yaml_fail(r->yaml, map, error,
                            "there are two recordings called %s; give them "
                            "different names", to->name);
    return true;
}

static bool
check_per(const Reading *r, struct fy_node *map, const char *per,
          GError **error)
{
    return per == NULL || strcmp(per, "file") == 0
           || strcmp(per, "number") == 0
           || cs_yaml_fail(r->yaml, map, error,
                           "interval_per is %s, allowed is file or number",
                           per);
}

static bool
read_recordings(Reading *r, struct fy_node *list, CsCampaignCoating *coating,
                GError **error)
{
    struct fy_node *node;
    void *at = NULL;

    while ((node = fy_node_sequence_iterate(list, &at)) != NULL) {
        CsCampaignRecording *to;

        if (++r->n > CS_CAMPAIGN_MAX_RECORDINGS)
            return cs_yaml_fail(r->yaml, node, error,
                                "more than the %d recordings allowed",
                                CS_CAMPAIGN_MAX_RECORDINGS);
        coating->recording = g_renew(CsCampaignRecording, coating->recording,
                                     coating->n + 1);
        to = &coating->recording[coating->n++];
        *to = (CsCampaignRecording) {
            .line = cs_yaml_line(node),
            .scale_nm_per_px = NAN, .scale_y_nm_per_px = NAN,
            .interval_s = NAN, .contact_s = NAN, .bias_log_offset_s = NAN,
            .beam = CS_BEAM_OPTIONS_INIT,
        };
        if (!read_map(r, "a recording", recording_keys, node, to, error)
            || !check_per(r, node, to->interval_per, error)
            || !name_recording(r, node, to, error))
            return false;
    }
    return true;
}

static bool
check_coating_name(const Reading *r, struct fy_node *node,
                   const CsCampaign *campaign, GError **error)
{
    const char *name = campaign->coating[campaign->n - 1].name;

    for (size_t i = 0; i + 1 < campaign->n; i++)
        if (strcmp(campaign->coating[i].name, name) == 0)
            return cs_yaml_fail(r->yaml, node, error,
                                "there are two coatings called %s; put their "
                                "recordings into one", name);
    return true;
}

static bool
read_coatings(Reading *r, struct fy_node *list, CsCampaign *campaign,
              GError **error)
{
    struct fy_node *node;
    void *at = NULL;

    while ((node = fy_node_sequence_iterate(list, &at)) != NULL) {
        CsCampaignCoating *to;

        if (campaign->n >= CS_CAMPAIGN_MAX_COATINGS)
            return cs_yaml_fail(r->yaml, node, error,
                                "more than the %d coatings allowed",
                                CS_CAMPAIGN_MAX_COATINGS);
        campaign->coating = g_renew(CsCampaignCoating, campaign->coating,
                                    campaign->n + 1);
        to = &campaign->coating[campaign->n++];
        *to = (CsCampaignCoating) { .thickness_nm = NAN };
        if (!read_map(r, "a coating", coating_keys, node, to, error)
            || !check_coating_name(r, node, campaign, error)
            || !read_recordings(r, list_of(node, "recordings"), to, error))
            return false;
    }
    return true;
}

static bool
check_host(const Reading *r, const CsCampaign *campaign, GError **error)
{
    g_autoptr(GString) allowed = g_string_new(NULL);
    const CsMaterials *known = cs_campaign_materials(campaign);
    const CsHost *h;
    size_t n;

    if (cs_materials_host(known, campaign->host, campaign->ion) != NULL)
        return true;
    h = cs_materials_hosts(known, &n);
    for (size_t i = 0; i < n; i++)
        g_string_append_printf(allowed, "%s%s with %s", i == 0 ? "" : ", ",
                               h[i].host, h[i].ion);
    return cs_yaml_fail(r->yaml, list_of(r->yaml->root, "host"), error,
                        "the host is %s and the ion %s, allowed are %s",
                        campaign->host, campaign->ion, allowed->str);
}

static bool
read_campaign(const CsYaml *yaml, const char *folder, CsCampaign *campaign,
              GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    Reading r = { yaml, folder, names, 0 };

    return read_map(&r, "a campaign", campaign_keys, yaml->root, campaign,
                    error)
           && check_host(&r, campaign, error)
           && read_coatings(&r, list_of(yaml->root, "coatings"), campaign,
                            error);
}

static bool
take_campaign(const CsYaml *yaml, const char *folder, const char *materials,
              CsCampaign *campaign, GError **error)
{
    g_auto(CsCampaign) fresh = CS_CAMPAIGN_INIT;
    CsCampaign old = *campaign;

    if (materials != NULL)
        fresh.materials = cs_materials_read(materials, error);
    if (materials != NULL && fresh.materials == NULL)
        return false;
    if (!read_campaign(yaml, folder, &fresh, error))
        return false;
    *campaign = fresh;
    fresh = old;
    return true;
}

bool
cs_campaign_parse(const char *text, size_t n, const char *name,
                  const char *folder, CsCampaign *campaign, GError **error)
{
    g_auto(CsYaml) yaml = CS_YAML_INIT;

    return cs_yaml_parse(text, n, name, &yaml, error)
           && take_campaign(&yaml, folder, NULL, campaign, error);
}

bool
cs_campaign_read(const char *path, CsCampaign *campaign, GError **error)
{
    return cs_campaign_read_with(path, NULL, campaign, error);
}

bool
cs_campaign_read_with(const char *path, const char *materials,
                      CsCampaign *campaign, GError **error)
{
    g_auto(CsYaml) yaml = CS_YAML_INIT;
    g_autofree char *folder = g_path_get_dirname(path);

    return cs_yaml_read(path, &yaml, error)
           && take_campaign(&yaml, folder, materials, campaign, error);
}

const CsMaterials *
cs_campaign_materials(const CsCampaign *campaign)
{
    return campaign->materials != NULL ? campaign->materials
                                       : cs_materials_builtin();
}

size_t
cs_campaign_n_recordings(const CsCampaign *campaign)
{
    size_t n = 0;

    for (size_t i = 0; i < campaign->n; i++)
        n += campaign->coating[i].n;
    return n;
}

/* ---- Clearing ---------------------------------------------------------- */

static void
clear_recording(CsCampaignRecording *r)
{
    g_free(r->path);
    g_free(r->name);
    g_free(r->interval_per);
    g_free(r->times);
    g_free(r->session);
    g_free(r->bias_log);
    g_free(r->bias_log_zone);
    cs_beam_options_clear(&r->beam);
    for (size_t i = 0; i < G_N_ELEMENTS(r->bias_log_columns); i++)
        g_free(r->bias_log_columns[i]);
}

void
cs_campaign_clear(CsCampaign *campaign)
{
    for (size_t i = 0; i < campaign->n; i++) {
        CsCampaignCoating *c = &campaign->coating[i];

        for (size_t k = 0; k < c->n; k++)
            clear_recording(&c->recording[k]);
        g_free(c->recording);
        g_free(c->name);
        g_free(c->material);
    }
    g_free(campaign->coating);
    g_free(campaign->name);
    g_free(campaign->host);
    g_free(campaign->ion);
    cs_materials_free(campaign->materials);
    *campaign = (CsCampaign) CS_CAMPAIGN_INIT;
}
